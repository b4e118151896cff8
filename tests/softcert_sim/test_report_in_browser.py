"""The report in a real browser, opened as a file: what a reader sees and does. Needs Chromium and playwright."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import toy

from softcert_sim.product import product
from softcert_sim.report.page import to_html
from softcert_sim.results import Results
from softcert_sim.runner import Options, run
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.stage import Setting, Stage

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed (`pip install -e '.[test]'`)"
)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    pytest.skip("Chromium is not installed", allow_module_level=True)

USED = "4-downloading-used-address"
MOVE = "7-replacing-the-computer-move"
HOSTILE = """\
softcert: 1
scenario: "<script>alert(1)</script>"
about: "<img src=x onerror=alert(2)>"
tags: ["<b>"]
steps:
  - part: "<h1 onclick=alert(3)>"
  - download: {by: li-wei, at: office-pc}
    note: "</script><svg onload=alert(4)>"
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses of reports: of two chapters, in English and in Chinese, and of a hostile scenario."""
    folder = tmp_path_factory.mktemp("report")
    chapters = [shipped() / "4-downloading", shipped() / "7-replacing-the-computer"]
    stage = Stage(toy.suite(), Setting(scenes=True))
    [hostile] = Loader(toy.REGISTRY).load_text("hostile.yaml", HOSTILE, toy.CAST)
    written = {
        "chapters": run(chapters, Options(setting=Setting(scenes=True)), product),
        "hostile": Results(1, [stage.run(hostile)]),
    }
    pages = {name: to_html(results) for name, results in written.items()}
    pages["chinese"] = to_html(run(chapters, Options(setting=Setting(scenes=True, lang="zh")), product), "zh")
    for name, html in pages.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in pages}


@pytest.fixture(scope="module")
def browser() -> "Iterator[playwright.Browser]":
    with playwright.sync_playwright() as control:
        chromium = control.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: "playwright.Browser", files: dict[str, str]):
    """Opens a report; at the end no error was heard, and nothing was asked for but the file itself."""
    wrong: list[str] = []
    contexts = []

    def open_(where: str = "", report: str = "chapters", **how) -> "playwright.Page":
        context = browser.new_context(**{"viewport": {"width": 1400, "height": 900}, **how})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.on(
            "request", lambda asked: wrong.append(asked.url) if asked.url.partition("#")[0] != files[report] else None
        )
        page.goto(files[report] + where)
        if where and "?" not in where:
            page.wait_for_selector(".detail h2")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []


def visible_titles(page) -> list[str]:
    return page.locator(".list > li:visible > a").all_inner_texts()


def test_the_index_shows_all_and_opens_a_story(opened) -> None:
    page = opened()
    assert len(visible_titles(page)) == page.locator(".list > li").count() > 50
    page.get_by_role("link", name="A used download address is dead").click()
    page.wait_for_selector(".detail h2")
    assert page.locator("h1:visible").inner_text() == "A used download address is dead"
    assert "#" + USED in page.url


def test_search_and_filters_narrow_the_list_and_stand_in_the_address(opened) -> None:
    page = opened()
    page.keyboard.press("/")
    page.keyboard.type("stolen backup")
    assert all("stolen backup" in title.lower() for title in visible_titles(page))
    assert visible_titles(page)
    page.locator("[name=q]").fill("")
    page.locator("[name=rule]").select_option("one-time-link")
    page.locator("[name=tag]").select_option("attack")
    titles = visible_titles(page)
    assert "A used download address is dead" in titles
    assert page.locator("output").inner_text().startswith(f"{len(titles)} of ")
    again = opened(page.evaluate("location.hash"))
    assert visible_titles(again) == titles
    again.get_by_role("button", name="Show all").click()
    assert again.locator(".list > li:visible").count() == again.locator(".list > li").count()


@pytest.mark.parametrize("words", ["a & b", "C+", "50%", "#one?"])
def test_whatever_is_searched_for_stands_in_the_address(opened, words: str) -> None:
    page = opened()
    page.locator("[name=q]").fill(words)
    assert opened(page.evaluate("location.hash")).locator("[name=q]").input_value() == words


@pytest.mark.parametrize("where", ["#%", "#%E4%A", "#no-such-scenario?/3"])
def test_an_address_of_nothing_shows_the_index(opened, where: str) -> None:
    page = opened(where + "?")
    assert len(visible_titles(page)) == page.locator(".list > li").count() > 50


def test_a_search_without_a_find_says_so(opened) -> None:
    page = opened()
    page.locator("[name=q]").fill("no such words anywhere")
    assert page.locator(".none").is_visible()
    assert visible_titles(page) == []


@pytest.mark.parametrize("where", ["#?outcome=limit", "#?clause=c18", "#?tag=line-1"])
def test_a_filter_has_an_address(opened, where: str) -> None:
    page = opened(where)
    assert 0 < len(visible_titles(page)) < page.locator(".list > li").count()


def test_the_stepper_goes_by_keyboard_and_has_an_address_for_each_step(opened) -> None:
    page = opened(f"#{USED}/1")
    playwright.expect(page.locator(".detail h2")).to_have_text("li-wei reads the mailbox at office-pc")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**#{USED}/3")
    playwright.expect(page.locator(".detail h2")).to_have_text("li-wei downloads the certificate at office-pc")
    chosen = page.locator("[aria-current=step]")
    playwright.expect(chosen).to_contain_text("li-wei downloads the certificate at office-pc")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(f"**#{USED}/2")
    page.keyboard.press("End")
    page.wait_for_url(f"**#{USED}/7")
    page.keyboard.press("ArrowRight")
    playwright.expect(page.locator(".walk span")).to_have_text("Step 7 of 7")
    page.keyboard.press("Home")
    page.wait_for_url(f"**#{USED}/1")
    page.keyboard.press("Escape")
    page.wait_for_selector("#index:not([hidden])")


def test_every_step_can_be_reached_with_tab_and_enter(opened) -> None:
    page = opened(f"#{USED}/1")
    page.locator("#step-2 a").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**#{USED}/3")
    playwright.expect(page.locator("#step-3 a")).to_have_attribute("aria-current", "step")
    playwright.expect(page.locator("#step-3 a")).to_be_focused()


def test_a_button_leads_to_a_part_of_a_step_and_the_keyboard_with_it(opened) -> None:
    page = opened(f"#{MOVE}/8")
    button = page.locator(".jumps button", has_text="The office")
    button.focus()
    page.keyboard.press("Enter")
    playwright.expect(page.locator(".detail .part > h3", has_text="The office")).to_be_focused()


def test_a_refusal_says_rule_reason_facts_clause_and_what_the_user_reads(opened) -> None:
    page = opened(f"#{USED}/3")
    told = page.locator(".detail").inner_text()
    for words in (
        "refused one-time-link/used", "The first accepted request claims the address",
        "This address has been used and is invalid now:", "c18", "once downloaded, the address will be invalid",
    ):  # fmt: skip
        assert words in told
    assert page.locator("#step-3 svg text.refused").text_content() == "one-time-link/used"


def test_messages_stand_opened_beside_their_bytes(opened) -> None:
    page = opened(f"#{MOVE}/3")
    message = page.locator(".detail details", has_text="POST /backup").first
    assert message.locator(".envelope .envelope").first.is_visible()
    said = message.locator(".read").first.inner_text()
    certificate = message.locator(".envelope .envelope details").first
    assert certificate.locator("summary").inner_text() == "certificate of 杭州西溪茶业有限公司"
    certificate.locator("summary").click()
    assert "serialNumber=" in certificate.inner_text()
    assert "= office-pc" in said, "the computer's thumbprint has a name"
    left, right = (
        message.locator(".beside > div").nth(0).bounding_box(),
        message.locator(".beside > div").nth(1).bounding_box(),
    )
    assert left["x"] + left["width"] <= right["x"]
    assert '"payload":"ey' in message.locator("pre").first.inner_text()


def test_bytes_are_put_together_again_as_they_were_sent(opened, files) -> None:
    page = opened(f"#{USED}/2")
    heads = [text.partition("\r\n\r\n") for text in page.locator(".detail details[open] pre").all_text_contents()]
    lengths = [(len(body.encode()), int(re.findall(r"content-length: (\d+)", head)[0])) for head, _, body in heads]
    assert len(lengths) == 2
    assert all(length == said for length, said in lengths)


def test_mails_disks_records_and_knowledge_are_shown(opened) -> None:
    before = opened(f"#{MOVE}/0").locator(".detail").inner_text()
    assert "Your registration was successful" in before
    told = opened(f"#{MOVE}/3").locator(".detail").inner_text()
    for words in ("red-usb", "backup.p12", "backups", "Who knows what", "green tea in spring", "Audit log"):
        assert words in told


def test_faults_are_visible(opened) -> None:
    page = opened("#7-replacing-the-computer-recovery-answer-lost/3")
    assert "the line is cut before answer 1 comes back" in page.locator("#step-3 svg text.fault").text_content()
    assert page.locator("#step-3 svg path.cross").count() == 1
    assert "This answer left the office and did not arrive." in page.locator(".detail").inner_text()


def test_what_a_scenario_says_is_shown_as_text(opened) -> None:
    page = opened("", report="hostile")
    page.get_by_role("link", name="<script>alert(1)</script>").click()
    page.wait_for_selector(".detail h2")
    assert page.locator("h1:visible").inner_text() == "<script>alert(1)</script>"
    assert page.locator(".about").inner_text() == "<img src=x onerror=alert(2)>"
    assert page.locator(".story h2").inner_text() == "<h1 onclick=alert(3)>"
    assert "</script><svg onload=alert(4)>" in page.locator(".detail").inner_text()


OWN_WORDS = """() => {
  const own = "h2, h3, h4, thead th, label, button, option, .came, .badge, .sum, .quiet, .detail dt, summary, .how, .label";
  const named = [...document.querySelectorAll("[aria-label], [placeholder]")].flatMap((element) =>
    [element.getAttribute("aria-label"), element.getAttribute("placeholder")].filter(Boolean));
  const authors = "select[name=tag] option:not([value='']), .meta, .story .part, .which, .place, .detail h4";
  const shown = [...document.querySelectorAll(own)].filter((element) =>
    element.checkVisibility() && !element.closest(".read") && !element.matches(authors));
  const texts = shown.map((element) => element.textContent.trim()).filter(Boolean);
  return [...new Set([...texts, ...named])].filter((text) => !/[\\u4e00-\\u9fff]/.test(text));
}"""
"""What the report itself says that is not Chinese: headings, labels, buttons, outcomes, hints."""
NAMES = re.compile(
    r"[a-z][a-z0-9]*(-[a-z0-9]+)+(/[a-z-]+)?|badNonce|c\d\d|\d+|[0-9a-f]{8}…?|(GET|POST|HEAD) /.*|tests/.*"
)
"""Names of the field, which stay: rules, computers, numbers, requests; and the author's headings."""


@pytest.mark.parametrize("where", ["", f"#{USED}/3", f"#{MOVE}/8", f"#{MOVE}/0"])
def test_the_report_speaks_chinese_where_it_speaks_itself(opened, where: str) -> None:
    page = opened(where, report="chinese")
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.title().endswith("softcert 报告")
    for folded in page.locator(".detail details").all():
        folded.evaluate("element => { element.open = true; }")
    assert [text for text in page.evaluate(OWN_WORDS) if not NAMES.fullmatch(text)] == []


def test_on_paper_a_story_is_chinese_too(opened) -> None:
    page = opened(f"#{USED}/3", report="chinese")
    page.emulate_media(media="print")
    paper = page.locator("#scenario").inner_text()
    for words in ("li-wei在office-pc上下载证书", "拒绝 one-time-link/used", "“一经下载，该地址即失效”", "用户看到的文字"):
        assert words in paper


def test_how_things_stand_is_told_as_step_mode_tells_it(opened) -> None:
    page = opened(f"#{MOVE}/8")
    sheet = page.locator(".sheet", has=page.get_by_role("heading", name="office-pc", exact=True))
    told = sheet.inner_text()
    assert "home-pc, so it is of no use here" in told
    assert "was this computer" in told
    assert "belongs to" in told, "what did not change stands there too"
    bindings = page.locator(".sheet", has=page.get_by_role("heading", name="Bindings, by certificate")).locator("dd")
    assert [re.search("(changed|new)", line)[0] for line in bindings.all_inner_texts()] == ["changed", "new"]
    before = opened(f"#{MOVE}/2").locator(".detail")
    before.locator("details", has_text="Who knows what").last.evaluate("element => { element.open = true; }")
    assert "activation code" in before.inner_text()


@pytest.mark.parametrize("where", ["", f"#{USED}/3", f"#{MOVE}/3", f"#{MOVE}/0"])
@pytest.mark.parametrize(("width", "report"), [(320, "chapters"), (390, "chapters"), (320, "chinese")])
def test_nothing_sticks_out_at_the_width_of_a_telephone(opened, where: str, width: int, report: str) -> None:
    page = opened(where, report=report, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_on_a_telephone_a_step_unfolds_under_its_sentence(opened) -> None:
    page = opened(f"#{USED}/3", viewport={"width": 390, "height": 800})
    assert page.locator("#step-3 .detail").is_visible()


CONTRAST = """() => {
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number);
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  };
  const ground = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return /, 0\\)$/.test(color) ? ground(element.parentElement) : color;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    if (!text || !element.checkVisibility() || element.closest("script, style, noscript")) continue;
    const style = getComputedStyle(element);
    const ink = element.closest("svg") ? style.fill : style.color;
    const [one, two] = [light(ink), light(ground(element))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (two + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(2)} ${element.tagName}: ${text.slice(0, 30)}`);
  }
  return found;
}"""
"""Texts with less contrast than WCAG 2.1 AA asks of text of ordinary size."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("where", ["", f"#{USED}/3", "#7-replacing-the-computer-recovery-answer-lost/3"])
def test_text_has_contrast_by_day_and_by_night(opened, scheme: str, where: str) -> None:
    page = opened(where, color_scheme=scheme)
    assert page.evaluate(CONTRAST) == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
    assert dark == (scheme == "dark")


def test_on_paper_stands_the_story_with_clauses_and_without_controls(opened) -> None:
    page = opened(f"#{USED}/3")
    page.emulate_media(media="print")
    paper = page.locator("#scenario").inner_text()
    for words in (
        "A used download address is dead", "li-wei downloads the certificate at office-pc", "refused one-time-link/used",
        "once downloaded, the address will be invalid", "The first accepted request claims the address",
    ):  # fmt: skip
        assert words in paper
    for selector in (".detail", ".walk", ".back", ".keys", "aside"):
        assert not page.locator(selector).first.is_visible(), selector


def test_a_damaged_part_says_what_to_do(opened, files, tmp_path: Path, browser) -> None:
    whole = Path(files["chapters"].removeprefix("file://")).read_text(encoding="utf-8")
    (tmp_path / "cut.html").write_text(
        re.sub(f'(data-ids="[^"]*{USED}[^"]*">)[^<]*', r"\1AAAA", whole), encoding="utf-8"
    )
    page = browser.new_page()
    page.goto((tmp_path / "cut.html").as_uri() + f"#{USED}")
    assert page.get_by_role("alert").inner_text() == "This part of the report cannot be read; make the report again."
    page.close()
