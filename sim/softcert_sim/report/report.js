"use strict";
// The page's behaviour: filters of the index, the story of a scenario with its stepper, and what each step did.
// Whatever comes from a scenario or a message becomes text (textContent), never markup.

const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const packed = new Map([...document.querySelectorAll("script.packed")].flatMap((script) =>
  script.dataset.ids.split(" ").map((id, line) => [id, { script, line }])));
const index = document.getElementById("index");
const page = document.getElementById("scenario");
const wide = matchMedia("(min-width: 70rem)");
const SECTIONS = ["scenarios", "rules", "clauses", "attacks"];

// --- Elements ---------------------------------------------------------------------------------------------------------

function make(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function draw(name, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== false && value !== "") element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== ""));
  return element;
}

function pairs(rows, name) {
  return make("dl", { class: name }, rows.filter(([, text]) => text !== undefined && text !== "").map(([label, text]) =>
    [make("dt", {}, label), make("dd", {}, text)]));
}

// A text of the table with its slots filled.
function say(name, slots) {
  return words[name].replace(/\{(\w+)\}/g, (whole, slot) => slots[slot] ?? whole);
}

// What a lane is called: office and inbox in the reader's language.
function called(name) {
  return words[`lane ${name}`] || name;
}

function folded(title, open, ...children) {
  return make("details", { open }, make("summary", {}, title), children);
}

// --- What is packed ---------------------------------------------------------------------------------------------------

async function unpacked(script) {
  const bytes = Uint8Array.from(atob(script.textContent), (symbol) => symbol.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return (await new Response(stream).text()).split("\n");
}

let common;
const opened = new Map();

async function story(id) {
  common ||= JSON.parse(await unpacked(document.getElementById("shared")));
  const { script, line } = packed.get(id);
  if (!opened.has(script)) opened.set(script, await unpacked(script));
  return JSON.parse(opened.get(script)[line].replace(/[\ue000-\uf8ff]/g, (symbol) => common.texts[symbol.charCodeAt(0) - 0xe000]));
}

function item(value) {
  return value && Object.keys(value).length === 1 && typeof value.at === "number" ? common.items[value.at] : value || {};
}

function items(scene, name) {
  return (scene[name] || []).map(item);
}

// The scenes of the story up to a step, or up to so many of the acts that happen at once in it; the preludes' first.
function scenesUntil(number, acts = Infinity) {
  const told = shown.steps.slice(0, number).map((step) => step.inner || [step]);
  if (told.length) told.push(told.pop().slice(0, acts));
  return [item(shown.told.before), ...told.flat().map((act) => item(act.scene))];
}

// --- Bytes in pieces ----------------------------------------------------------------------------------------------------

function asSent(pieces) {
  return pieces.map((piece) => {
    if (typeof piece === "string") return piece;
    if (Array.isArray(piece)) return base64url(asSent(piece));
    if (piece.der !== undefined) return common.ders[piece.der][0];
    if (piece.raw !== undefined) return hexadecimal(piece);
    if (piece.cut !== undefined) return `⟨${say("cut", { size: piece.cut })}⟩`;
    return `⟨${piece.salted ? say("salted", { what: piece.salted }) : words["salted-over"]}⟩`;
  }).join("");
}

function base64url(text) {
  const bytes = new TextEncoder().encode(text);
  let symbols = "";
  for (const byte of bytes) symbols += String.fromCharCode(byte);
  return btoa(symbols).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function hexadecimal(piece) {
  const bytes = [...atob(piece.raw)].map((symbol) => symbol.charCodeAt(0).toString(16).padStart(2, "0"));
  const left = piece.size - bytes.length;
  return bytes.join(" ") + (left > 0 ? ` ⟨${say("cut-bytes", { size: left })}⟩` : "");
}

// The same for reading: JSON as a tree, in which what hides in base64url or DER is opened; null where there is no JSON.
function read(pieces, names) {
  const inner = new Map();
  const text = pieces.map((piece) => {
    if (typeof piece === "string") return piece;
    const mark = `\u{F0000}${inner.size}\u{F0001}`;
    inner.set(mark, piece);
    return mark;
  }).join("");
  const blank = text.indexOf("\r\n\r\n");
  let value;
  try {
    value = JSON.parse(text.slice(blank < 0 ? 0 : blank + 4));
  } catch {
    return null;
  }
  const head = blank < 0 ? "" : make("p", { class: "line" }, text.slice(0, text.indexOf("\r\n")));
  return make("div", { class: "read" }, head, tree(value, inner, names));
}

const SIGNED = ["payload", "protected", "signature"];

function tree(value, inner, names) {
  if (Array.isArray(value)) {
    if (!value.length) return make("span", { class: "value" }, "[ ]");
    return make("ul", {}, value.map((part) => make("li", {}, tree(part, inner, names))));
  }
  if (value && typeof value === "object") {
    const signed = SIGNED.every((key) => key in value);
    const keys = signed ? SIGNED : Object.keys(value);
    const list = make("dl", {}, keys.map((key) => entry(signed ? words[key] : key, tree(value[key], inner, names))));
    return signed ? make("div", { class: "envelope" }, make("p", { class: "label" }, words.signed), list) : list;
  }
  const piece = inner.get(value);
  if (Array.isArray(piece)) return read(piece, names) || make("span", { class: "value" }, asSent(piece));
  if (piece && piece.der !== undefined) return der(piece);
  return leaf(value, inner, names);
}

// What has parts of its own stands under its name, anything else beside it.
function entry(key, shape) {
  const name = shape.tagName === "SPAN" ? "" : "below";
  return [make("dt", { class: name }, key), make("dd", { class: name }, shape)];
}

function leaf(value, inner, names) {
  let text = typeof value === "string" ? value : JSON.stringify(value);
  for (const [mark, piece] of inner) text = text.replaceAll(mark, asSent([piece]));
  const name = names.get(text);
  return make("span", { class: "value" }, text, name ? make("span", { class: "name" }, ` = ${name}`) : "");
}

function der(piece) {
  const [text, said] = common.ders[piece.der];
  if (!said.length) return make("span", { class: "value" }, text);
  return folded(said[0][1], false, pairs(said.slice(1)));
}

// --- The drawing --------------------------------------------------------------------------------------------------------

const ROW = 30;

function place(lanes, name) {
  const at = lanes.findIndex(([lane]) => lane === name);
  return at < 0 ? null : (at + 0.5) * (100 / lanes.length);
}

function drawing(arrows, lanes) {
  const rows = arrows.filter(([from, to, , kind]) => ["fault", "time", "more"].includes(kind) || place(lanes, from) !== null || place(lanes, to) !== null);
  if (!rows.length) return "";
  const told = rows.map(([from, to, label]) => [called(from), to && `→ ${called(to)}`, label && `: ${label}`].filter(Boolean).join(" ")).join("; ");
  const picture = draw("svg", { class: "strip", role: "img", "aria-label": `${words.drawing}: ${told}`, height: rows.length * ROW });
  rows.forEach((arrow, number) => picture.append(...row(arrow, lanes, number * ROW + 20)));
  return picture;
}

function row([from, to, label, kind], lanes, y) {
  const start = place(lanes, from);
  const end = place(lanes, to);
  if (start === null && end === null) {
    const line = draw("line", { class: `across ${kind}`, x1: "0", x2: "100%", y1: y, y2: y });
    const sign = kind === "fault" ? "⚡ " : "";
    return [line, draw("text", { class: `label ${kind}`, x: "50%", y: y - 6, "text-anchor": "middle" }, sign + label)];
  }
  if (start === null || end === null) return mark(start ?? end, label, kind, y);
  const stop = kind === "cut" ? (start + end) / 2 : end;
  const parts = [draw("line", { class: kind, x1: `${start}%`, x2: `${stop}%`, y1: y, y2: y })];
  parts.push(kind === "cut" ? cross(stop, y) : head(end, end > start, kind, y));
  return [...parts, caption(Math.min(start, end), Math.max(start, end), label, kind, y)];
}

function mark(at, label, kind, y) {
  const sign = kind === "refused" ? draw("circle", { class: kind, cx: `${at}%`, cy: y - 6, r: 5 }) : kind === "cut" ? cross(at, y - 6) :
    draw("circle", { class: "dot", cx: `${at}%`, cy: y - 6, r: 3 });
  const left = at > 55;
  const text = draw("text", { class: `label ${kind}`, x: `${at}%`, dx: left ? -10 : 10, y: y - 2, "text-anchor": left ? "end" : "start" }, label);
  return [sign, text];
}

function head(at, right, kind, y) {
  // An own coordinate system at the tip: lengths in per cent have no place in a path.
  const tip = draw("svg", { x: `${at}%`, y, overflow: "visible" });
  tip.append(draw("path", { class: `head ${kind}`, d: right ? "M-9 -4.5 L-1 0 L-9 4.5" : "M9 -4.5 L1 0 L9 4.5" }));
  return tip;
}

function cross(at, y) {
  const middle = draw("svg", { x: `${at}%`, y, overflow: "visible" });
  middle.append(draw("path", { class: "cross", d: "M-5 -5 L5 5 M-5 5 L5 -5" }));
  return middle;
}

function caption(left, right, label, kind, y) {
  const middle = (left + right) / 2;
  const [x, dx, anchor] = middle < 40 ? [left, 8, "start"] : middle > 60 ? [right, -8, "end"] : [middle, 0, "middle"];
  return draw("text", { class: `label ${kind}`, x: `${x}%`, dx, y: y - 6, "text-anchor": anchor }, label);
}

// --- A scenario ---------------------------------------------------------------------------------------------------------

let shown = { id: "", step: 0, count: 0 };

async function showScenario(id, number) {
  if (shown.id !== id) {
    const told = await story(id);
    const steps = told.steps.filter((step) => step.verb);
    page.replaceChildren(...scenarioPage(id, told));
    shown = { id, step: -1, count: steps.length, steps, told };
    index.hidden = true;
    page.hidden = false;
    document.title = `${told.title} – ${words.title}`;
    window.scrollTo(0, 0);
  }
  const first = shown.steps.findIndex((step) => step.kind === "red") + 1 || 1;
  showStep(Math.min(Math.max(number ?? first, 0), shown.count), number !== null);
}

function scenarioPage(id, told) {
  const badge = { limit: ["badge limit", words.limit], "not-as-expected": ["badge bad", words["not-as-expected"]],
    "expected-failure": ["badge limit", words["expected-failure"]] }[told.outcome];
  const top = make("header", { class: "top" },
    make("p", { class: "back" }, make("a", { href: "#" }, `← ${words["all-scenarios"]}`)),
    make("h1", {}, told.title, badge ? [" ", make("span", { class: badge[0] }, badge[1])] : ""),
    told.about ? make("p", { class: "about" }, told.about) : "",
    data.remark ? make("p", { class: "quiet" }, data.remark) : "",
    make("p", { class: "meta" },
      told.rules.map((rule) => [make("a", { href: `#?rule=${rule}` }, rule), " "]),
      told.tags.map((tag) => [make("a", { class: "tag", href: `#?tag=${tag}` }, tag), " "])),
    make("p", { class: "meta" }, make("code", { class: "command" }, told.again)));
  const lanes = told.lanes;
  const names = make("div", { class: "lanes", "aria-hidden": "true" }, lanes.map(([name, kind]) => make("span", { class: kind }, called(name))));
  const lifelines = make("div", { class: "lifelines", "aria-hidden": "true" }, lanes.map(() => make("span")));
  const list = make("ol", { class: "story" });
  if (told.given.length) list.append(givenItem(id, told));
  let number = 0;
  const clausesTold = new Set();
  for (const step of told.steps) {
    list.append(...between(step));
    if (step.verb) list.append(stepItem(id, step, ++number, lanes, clausesTold));
  }
  const stage = make("div", { class: "stage" }, lanes.length ? names : "", make("div", { class: "timeline" }, lifelines, list));
  const detail = make("section", { class: "detail", "aria-label": words.step });
  const keys = make("p", { class: "keys quiet" }, words.keys);
  return [top, make("div", { class: "columns" }, stage, make("aside", { tabindex: "0", "aria-label": words.step }, detail)), keys];
}

function between(step) {
  const found = [];
  if (step.part) found.push(make("li", { class: "part" }, make("h2", {}, step.part)));
  if (step.quote) found.push(make("li", { class: "quote" }, make("q", {}, step.quote)));
  if (step.note && !step.verb) found.push(make("li", { class: "quote" }, step.note));
  return found;
}

function givenItem(id, told) {
  const said = told.given.map(([person, prelude]) => `${person}${words.colon}${prelude}`).join(words.comma);
  return make("li", { class: "step", id: "step-0" }, make("div", { class: "says" },
    make("a", { href: `#${id}/0` }, make("span", { class: "number" }, "0"), make("span", {}, `${words.given}${words.colon}${said}`))));
}

function stepItem(id, step, number, lanes, clausesTold) {
  const says = make("div", { class: "says" },
    make("a", { href: `#${id}/${number}` }, make("span", { class: "number" }, String(number)), make("span", {}, step.sentence || step.verb)),
    outcome(step));
  const arrows = [...(step.arrows || []), ...(step.inner || []).flatMap((inner) => inner.arrows || [])];
  return make("li", { class: `step ${step.kind}`, id: `step-${number}` }, says, drawing(arrows, lanes), handout(step, clausesTold));
}

function outcome(step) {
  if (step.kind === "allowed" && !step.limit) return make("span", { class: "came quiet" }, "✓ ", step.came);
  const sign = { refused: "⊘ ", rejected: "⊘ ", broken: "⚡ ", red: "✗ ", allowed: "! " }[step.kind] || "";
  return make("span", { class: `came ${step.kind}` }, sign, step.came);
}

// Who decided and why, the rule as we read it, what the user reads, and what the author says to it.
function reasons(step) {
  return [...(step.why || []), [words.rule, step.reading], [words.reads, step.reads], [words["why-limit"], step.limit], [words.note, step.note]];
}

// Only in print: what a step shows, in words.
function handout(step, told) {
  const fresh = (step.clauses || []).filter((clause) => !told.has(clause));
  fresh.forEach((clause) => told.add(clause));
  const said = (step.clauses || []).filter((clause) => !fresh.includes(clause)).join(" ");
  return make("div", { class: "handout" }, pairs([
    ...reasons(step), ...fresh.map((clause) => [clause, `“${data.clauses[clause]}”`]), [words.clauses, said],
  ]));
}

// --- A step -------------------------------------------------------------------------------------------------------------

function showStep(number, follow) {
  shown.step = number;
  const chosen = document.getElementById(`step-${number}`) || document.getElementById("step-1");
  for (const current of page.querySelectorAll("[aria-current]")) current.removeAttribute("aria-current");
  const link = chosen?.querySelector("a");
  link?.setAttribute("aria-current", "step");
  const detail = page.querySelector(".detail");
  detail.replaceChildren(...(number ? stepDetail(shown.steps[number - 1], number) : givenDetail()));
  put(detail, chosen);
  if (follow && link) {
    if (page.contains(document.activeElement)) link.focus({ preventScroll: true });
    const names = page.querySelector(".lanes");  // they stay above, however many lines they take
    document.documentElement.style.scrollPaddingTop = `${(names?.offsetHeight ?? 0) + 8}px`;
    chosen.scrollIntoView({ block: "nearest" });
  }
  page.querySelector("aside").scrollTop = 0;
}

// Beside the story where there is room, else under the step that it tells about.
function put(detail, chosen) {
  if (wide.matches) page.querySelector("aside").append(detail);
  else chosen?.append(detail);
}

wide.addEventListener("change", () => {
  const detail = page.querySelector(".detail");
  if (detail) put(detail, document.getElementById(`step-${shown.step}`));
});

function stepDetail(step, number) {
  const acts = step.inner ? step.inner : [step];
  return [
    make("header", {},
      make("p", { class: "walk" },
        make("a", { class: "button", href: `#${shown.id}/${Math.max(number - 1, 1)}`, rel: "prev", "aria-label": words.previous }, "←"),
        make("span", { "aria-live": "polite" }, say("step-of", { number, count: shown.count })),
        make("a", { class: "button", href: `#${shown.id}/${Math.min(number + 1, shown.count)}`, rel: "next", "aria-label": words.next }, "→")),
      make("h2", {}, step.sentence || step.verb),
      make("p", {}, outcome(step))),
    step.red ? pairs([[words.expected, step.red.expected], [words.seen, step.red.seen], [words.differs, step.red.differs],
      [words["run-again"], make("code", { class: "command" }, shown.told.again)]], "redbox") : "",
    pairs(reasons(step)),
    step.clauses ? make("ul", { class: "clauses" }, step.clauses.map((clause) =>
      make("li", {}, make("a", { href: `#?clause=${clause}` }, clause), " ", make("q", {}, data.clauses[clause])))) : "",
    acts.map((act, which) => [acts.length > 1 ? make("h3", { class: "act" }, act.sentence, " ", outcome(act)) : "", sceneDetail(item(act.scene), number, which + 1)]),
  ].flat(Infinity).filter(Boolean);
}

function givenDetail() {
  return [make("header", {}, make("h2", {}, words.given), make("p", {}, words["given-words"])), ...sceneDetail(item(shown.told.before), 0)];
}

function sceneDetail(scene, number, acts) {
  const names = new Map(scenesUntil(number).flatMap((before) => before.names || []));
  const posts = items(scene, "sent").filter((sent) => sent.method === "POST").length;
  const stands = sheetsAt(number, acts);
  const sent = items(scene, "sent").map((one) => message(one, names, number > 0 && one.method === "POST" && posts < 4));
  const files = items(scene, "files").map((file) => fileChange(file, names));
  const records = items(scene, "rows").map((change) => rowChange(change, names));
  const found = [
    part("messages", sent),
    part("computers", sheets(stands, "computers", number), bytes("files", files)),
    part("inbox", items(scene, "letters").map(mail), sheets(stands, "inbox", number)),
    part("office", sheets(stands, "office", number), bytes("records", records)),
    part("verdicts", (scene.verdicts || []).map(verdictLine)),
    part("knows", sheets(stands, "knows", number)),
  ].filter(Boolean);
  const nothing = found.length ? "" : make("p", { class: "quiet" }, words.nothing);
  return [nothing, found.length > 1 ? jumps(found) : "", found, unchanged(stands)].flat().filter(Boolean);
}

// A step may have much to show: buttons that lead to each part of it.
function jumps(parts) {
  return make("p", { class: "jumps" }, parts.map((target) => {
    const title = target.querySelector("h3");
    const button = make("button", { type: "button" }, title.textContent);
    title.tabIndex = -1;
    button.addEventListener("click", () => { target.scrollIntoView({ block: "start" }); title.focus({ preventScroll: true }); });
    return button;
  }));
}

function part(name, ...children) {
  const inside = children.flat(Infinity);
  return inside.length ? make("section", { class: "part" }, make("h3", {}, words[name]), inside) : "";
}

// What stands below the words: files and records as they are, each folded.
function bytes(name, children) {
  return children.length ? [make("h4", {}, words[name]), children] : [];
}

function message(sent, names, open) {
  const came = sent.answer ? sent.told || String(sent.status) : "";
  const bad = sent.status >= 400 || !sent.answer;
  const title = [make("strong", {}, `${sent.by} → ${called(sent.to)}`), ` ${sent.method} ${short(sent.target)} `,
    make("span", { class: bad ? "refusal" : "quiet" }, came),
    sent.fault ? make("span", { class: sent.fault === "replay" ? "quiet" : "fault" }, sent.fault === "replay" ? ` ${words.again}` : ` ⚡ ${sent.fault}`) : ""];
  const answer = !sent.answer ? make("p", { class: "quiet" }, words["no-answer"]) : beside(words.answer, sent.answer, names);
  return folded(title, open, beside(words.request, sent.request, names),
    sent.fault === "cut-answer" ? make("p", { class: "fault" }, words["answer-lost"]) : "", answer);
}

function short(target) {
  return target.length > 48 ? `${target.slice(0, 44)}…` : target;
}

// What a message says beside its bytes; only the bytes where there is nothing to open.
function beside(title, pieces, names) {
  const bytes = make("div", {}, make("h4", {}, say("as-sent", { what: title })), make("pre", { tabindex: "0" }, asSent(pieces)));
  const said = read(pieces, names);
  return said ? make("div", { class: "beside" }, make("div", {}, make("h4", {}, say("opened", { what: title })), said), bytes) : bytes;
}

function mail(letter) {
  const [subject, lines] = letter.sheet;
  return make("article", { class: "mail" }, make("h4", {}, subject || "–"), pairs(lines, "letter"),
    folded(words["raw-mail"], false, make("pre", { tabindex: "0" }, asSent(letter.raw || []))));
}

function fileChange(file, names) {
  const title = [make("strong", {}, file.on), ` ${file.path} `, make("span", { class: `how ${file.how}` }, words[file.how]),
    file.how === "removed" ? "" : make("span", { class: "quiet" }, ` ${say("bytes", { size: file.size || 0 })}`)];
  return file.now ? folded(title, false, read(file.now, names) || make("pre", { tabindex: "0" }, asSent(file.now))) : make("p", { class: "flat" }, title);
}

function rowChange(change, names) {
  const title = [make("strong", {}, change.table), ` ${short(change.key)} `, make("span", { class: `how ${change.how}` }, words[change.how])];
  const value = (text) => make("span", { class: "value" }, text || "–", names.has(text) ? make("span", { class: "name" }, ` = ${names.get(text)}`) : "");
  const rows = (change.columns || []).map(([name, was, now]) => make("tr", {}, make("th", { scope: "row" }, name),
    change.how === "changed" ? make("td", {}, make("del", {}, value(was)), " → ", value(now)) : make("td", {}, value(change.how === "removed" ? was : now))));
  return folded(title, change.how === "changed", make("table", { class: "record" }, make("tbody", {}, rows)));
}

function verdictLine(verdict) {
  return make("p", { class: "flat" }, make("strong", {}, verdict.where + words.colon),
    make("span", { class: verdict.allowed ? "" : "refusal" }, verdict.said),
    verdict.asked ? make("span", { class: "quiet" }, ` – ${say("asked", { rules: verdict.asked })}`) : "");
}

// --- How things stand ---------------------------------------------------------------------------------------------------

// Every sheet as it reads after a step, with what it said before where the step changed it.
function sheetsAt(number, acts) {
  const found = new Map();
  for (const scene of scenesUntil(number, acts)) {
    for (const sheet of found.values()) delete sheet.was;
    for (const { part, title, head = 0, tail = 0, lines = [] } of items(scene, "sheets")) {
      const was = found.get(part + title)?.lines || [];
      const now = [...was.slice(0, head), ...lines, ...was.slice(was.length - tail)];
      found.set(part + title, { part, title, lines: now, head, fresh: lines, was: was.slice(head, was.length - tail) });
    }
  }
  return [...found.values()];
}

// Those of a part that the step changed.
function sheets(stands, name, number) {
  const here = stands.filter((sheet) => sheet.part === name && sheet.was);
  return here.map((sheet) => (number ? sheetOf(sheet, sheet.fresh, sheet.was) : sheetOf(sheet, [], [])));
}

// All others, folded.
function unchanged(stands) {
  const others = ["computers", "inbox", "office", "knows"].map((name) => {
    const here = stands.filter((sheet) => sheet.part === name && !sheet.was && sheet.lines.length);
    return here.length ? folded(words[name], false, here.map((sheet) => sheetOf(sheet, [], []))) : "";
  }).filter(Boolean);
  return part("as-before", others);
}

const LONG_SHEET = 12;

function sheetOf({ title, lines, head }, fresh, was) {
  const before = lines.slice(0, head);
  const shown = fresh.length && before.length > LONG_SHEET ? before.slice(-2) : before;
  const left = before.slice(0, before.length - shown.length);
  const gone = was.filter(([label], at) => nth(was, at) >= fresh.filter(([other]) => other === label).length);
  return make("div", { class: "sheet" }, make("h4", {}, title),
    left.length ? folded(words.earlier, false, sheetLines(left)) : "",
    sheetLines([...shown, ...lines.slice(head)], fresh, was, gone));
}

function sheetLines(lines, fresh = [], was = [], gone = []) {
  return make("dl", {}, lines.map((line) => [make("dt", {}, line[0]), make("dd", {}, fresh.includes(line) ? changedLine(line, fresh, was) : line[1])]),
    gone.map(([label, text]) => [make("dt", {}, label), make("dd", {}, make("del", {}, text), make("span", { class: "how removed" }, words.removed))]));
}

// The line that stood where this one stands: of those with its label the first for the first, and so on.
function changedLine(line, fresh, was) {
  const [label, text] = line;
  const old = was.find(([other], at) => other === label && nth(was, at) === nth(fresh, fresh.indexOf(line)));
  if (!old) return [text, make("span", { class: "how added" }, words.new)];
  if (old[1] === text) return text;
  return [text, make("span", { class: "how added" }, words.changed), make("span", { class: "was quiet" }, say("was", { what: old[1] }))];
}

// How many lines with the same label stand before a line.
function nth(lines, at) {
  return lines.slice(0, at).filter(([label]) => label === lines[at][0]).length;
}

// --- The index ------------------------------------------------------------------------------------------------------------

const filters = index.querySelector(".filters");
const entries = [...index.querySelectorAll(".list > li")].map((element) => ({
  element,
  text: `${element.textContent} ${element.dataset.file} ${element.dataset.tags}`.toLowerCase(),
  rule: element.dataset.rules.split(" "),
  clause: element.dataset.clauses.split(" "),
  tag: element.dataset.tags.split(" "),
  outcome: [element.dataset.outcome],
}));

function applyFilters() {
  const wanted = new FormData(filters);
  const sought = String(wanted.get("q")).toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const entry of entries) {
    const fits = sought.every((word) => entry.text.includes(word)) &&
      ["rule", "clause", "tag", "outcome"].every((name) => !wanted.get(name) || entry[name].includes(wanted.get(name)));
    entry.element.hidden = !fits;
    count += fits;
  }
  for (const chapter of index.querySelectorAll(".chapter")) chapter.hidden = !chapter.querySelector("li:not([hidden])");
  index.querySelector(".none").hidden = count > 0;
  filters.elements.count.value = say("shown", { count, all: entries.length });
}

function showIndex(hash) {
  page.hidden = true;
  index.hidden = false;
  document.title = words.title;
  shown = { id: "", step: 0, count: 0 };
  if (hash.startsWith("?")) {
    const asked = new URLSearchParams(hash);
    for (const field of filters.elements) if (field.name && field.name !== "count") field.value = asked.get(field.name) || "";
    applyFilters();
    document.getElementById("scenarios").scrollIntoView();
  } else if (SECTIONS.includes(hash)) document.getElementById(hash).scrollIntoView();
}

function remember() {
  applyFilters();
  const asked = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value));
  history.replaceState(null, "", asked.size ? `#?${asked}` : "#");
}

filters.addEventListener("input", remember);
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("reset", (event) => {
  event.preventDefault();
  for (const field of filters.elements) if (field.name) field.value = "";
  remember();
});

// --- Where we are -----------------------------------------------------------------------------------------------------------

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;  // no address of this page
  }
}

async function route() {
  const hash = location.hash.slice(1);
  const [, name, number] = /^(.*?)(?:\/(\d+))?$/.exec(hash);
  const id = decoded(name);
  if (!packed.has(id)) {
    showIndex(hash);
    return;
  }
  try {
    await showScenario(id, number === undefined ? null : Number(number));
  } catch (error) {
    console.error(error);
    const old = typeof DecompressionStream === "undefined";
    page.replaceChildren(make("p", { role: "alert" }, old ? words["no-decompression"] : words["broken-file"]));
    page.hidden = false;
    index.hidden = true;
  }
}

function onKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  if (page.hidden) {
    if (event.key !== "/") return;
    filters.elements.q.focus();
  } else if (event.key === "Escape") location.hash = "";
  else {
    const now = Number(/\/(\d+)$/.exec(location.hash)?.[1] ?? shown.step);  // the address knows of keys not yet shown
    const steps = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 1, End: shown.count };
    if (!(event.key in steps)) return;
    location.hash = `${shown.id}/${Math.min(Math.max(steps[event.key], 1), shown.count)}`;
  }
  event.preventDefault();
}

addEventListener("hashchange", route);
addEventListener("keydown", onKey);
applyFilters();
route();
