"""Tables for the documentation, read off the rules room and the constants of the code."""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from softcert import backup, element, form, protocol
from softcert import texts as driver_texts
from softcert.errors import Refused
from softcert.rules import checks as room
from softcert.rules.catalogue import CLAUSES, INITIAL_PIN, RULES, Rule
from softcert.rules.checks import ACTS
from softcert.rules.lifecycles import LIFECYCLES, Table
from softcert.rules.policy import ASSUMPTIONS
from softcert_ca import audit, decisions, hardware, outbox, problems, publication, tokens, use
from softcert_ca import texts as office_texts
from softcert_sim.rulebook import default_of
from softcert_sim.scenario.registry import duration_in_words
from softcert_sim.words import source_zh
from softcert_sim.words.zh import GLOSSARY

_NUMBERED = re.compile(r"# (\d+)(?:…(\d+))?(\*?)\s*$")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def clauses() -> str:
    """Clause, words, rules."""
    return table(
        ("clause", "the source says", "rules"),
        ((clause, f"“{words}”", _rules_of(clause)) for clause, words in CLAUSES.items()),
    )


def _rules_of(clause: str) -> str:
    return ", ".join(f"`{rule.id}`" for rule in RULES.values() if clause in rule.clauses)


def rules() -> str:
    """Every rule: reading, enforcer, what it does not stop; reasons and assumptions."""
    return "\n\n".join(_rule(number, rule) for number, rule in enumerate(RULES.values(), 1))


def _rule(number: int, rule: Rule) -> str:
    lines = [
        f"**{number}. `{rule.id}`** ({rule.kind}; {' '.join(rule.clauses) or 'no clause'}). {rule.reading}",
        f"Enforced by: {rule.enforcer}. Does not stop: {rule.does_not_stop}",
    ]
    if rule.reasons:
        lines.append(f"Reasons: {_ticked(rule.reasons)}.")
    if rule.assumptions:
        lines.append(f"Assumptions: {_ticked(rule.assumptions)}.")
    return "<br>\n".join(lines)


def _ticked(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def assumptions() -> str:
    """Every field of `Policy` with its default."""
    rows = ((f"`{name}`", default_of(name), why) for name, why in ASSUMPTIONS.items())
    return table(("assumption", "default", "what it means, and why"), rows)


def texts() -> str:
    """What the user reads for each reason."""
    rows: list[tuple[str, str, str]] = []
    for rule in RULES.values():
        for reason in rule.reasons:
            key = (rule.id, reason)
            for side, known in (("driver", driver_texts.TEXTS), ("office", office_texts.TEXTS)):
                if key in known:
                    rows.append((f"`{rule.id}/{reason}`", side, known[key]))
    return table(("refusal", "told by", "text"), rows)


def glossary() -> str:
    """The terms in both languages."""
    return table(("English", "中文"), GLOSSARY.items())


def clauses_in_chinese() -> str:
    """Each clause in the source's words and in this project's translation."""
    rows = ((clause, f"“{words}”", source_zh.CLAUSES[clause]) for clause, words in CLAUSES.items())
    return table(("clause", "the source says", "this project's translation"), rows)


# --- The lists of checks ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Line:
    """One check as it stands in the source: when it refuses, and whether it is marked as out of catalogue order."""

    refuses: str
    marked: bool


def checks() -> str:
    """The list of each act."""
    read = _read_source()
    return "\n\n".join(_list_of(act.name, act.side, index, *read[index]) for index, act in enumerate(ACTS))


def marked() -> set[tuple[str, str, int]]:
    """(act, side, number) of every check that is out of the catalogue's order and is marked so."""
    read = _read_source()
    return {
        (act.name, act.side, number)
        for act, (_, lines) in zip(ACTS, read, strict=True)
        for number, line in enumerate(lines, 1)
        if line.marked
    }


def _list_of(name: str, side: str, index: int, facts: str, lines: Sequence[_Line]) -> str:
    rows = [
        (f"{number}{'*' if line.marked else ''}", f"`{check.rule}/{check.reason}`", f"`{line.refuses}`",
         _ticked(check.because.split()))
        for number, (check, line) in enumerate(zip(ACTS[index].checks, lines, strict=True), 1)
    ]  # fmt: skip
    return f"#### {name} ({side})\n\nFacts: `{facts}`.\n\n" + table(("no.", "refused", "when", "shown"), rows)


def _read_source() -> list[tuple[str, list[_Line]]]:
    """For each of `ACTS` the class of its facts and its lines, read off the source of the rules room."""
    text = inspect.getsource(room)
    marks = _marks(text.splitlines())
    found: dict[str, tuple[str, list[_Line]]] = {}
    order: list[str] = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call) and isinstance(node.target, ast.Name):
            assert isinstance(node.annotation, ast.Subscript)
            lines = [line for entry in _entries(node.value.args[2]) for line in _lines(entry, marks)]
            found[node.target.id] = (ast.unparse(node.annotation.slice), lines)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ACTS":
            order = [ast.unparse(entry) for entry in _entries(node.value)]
    return [found[name] for name in order]


def _marks(lines: Sequence[str]) -> dict[int, bool]:
    """For each line of source that ends in a check's number, whether a star follows."""
    numbered = ((at, _NUMBERED.search(line)) for at, line in enumerate(lines, 1))
    return {at: match[3] == "*" for at, match in numbered if match}


def _entries(node: ast.expr) -> Sequence[ast.expr]:
    assert isinstance(node, ast.Tuple)
    return node.elts


def _lines(entry: ast.expr, marks: dict[int, bool]) -> Iterator[_Line]:
    """One line, or one for each name where a list is spread."""
    end = entry.end_lineno or 0
    is_marked = next(marks[at] for at in range(entry.lineno, end + 2) if at in marks)
    if isinstance(entry, ast.Starred):
        assert isinstance(entry.value, ast.GeneratorExp)
        loop = entry.value.generators[0]
        names: Sequence[str] = getattr(room, ast.unparse(loop.iter))
        variable, condition = ast.unparse(loop.target), _condition(entry.value.elt)
        for name in names:
            yield _Line(re.sub(rf"\b{variable}\b", repr(name), condition), is_marked)
    else:
        yield _Line(_condition(entry), is_marked)


def _condition(call: ast.expr) -> str:
    """The condition under which a check refuses; `policy.` marks what comes from the assumptions."""
    assert isinstance(call, ast.Call)
    function = call.args[2]
    assert isinstance(function, ast.Lambda)
    text = ast.unparse(function.body)
    return re.sub(r"\bp\.", "policy.", re.sub(r"\bf\.", "", text))


# --- Life cycles ------------------------------------------------------------------------------------------------------


def lifecycles() -> str:
    """A diagram and a table for each kind of record."""
    return "\n\n".join(_lifecycle(kind, lines) for kind, lines in LIFECYCLES.items())


def _lifecycle(kind: str, lines: Table) -> str:
    arrows = [f"    {_state(before)} --> {after}: {event}" for (before, event), after in lines.items()]
    ends = sorted(set(lines.values()) - {before for before, _ in lines})
    arrows += [f"    {state} --> [*]" for state in ends]
    rows = ((f"`{before}`", f"`{event}`", f"`{after}`") for (before, event), after in lines.items())
    drawn = "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])
    return f"#### {kind}\n\n{drawn}\n\n" + table(("state", "event", "next state"), rows)


def _state(name: str) -> str:
    return "[*]" if name == "none" else name


# --- Protocol ---------------------------------------------------------------------------------------------------------


def errors() -> str:
    """Status of each protocol error and of each rule's refusals."""
    rows = [(f"`{protocol.ACME}{name}`", str(status)) for name, status in problems.STATUS.items()]
    asked = {check.rule for act in ACTS for check in act.checks if act.side == "office"}
    for rule in (rule for rule in RULES if rule in asked):
        rows.append((f"`{protocol.REFUSED}{rule}`", str(problems.of(Refused(rule, "", "")).status)))
    return table(("type", "status"), rows)


def numbers() -> str:
    """Limits and lifetimes that are no assumptions."""
    rows = (
        ("a request's body", f"at most {protocol.BODY_LIMIT} bytes"),
        ("a nonce is good for", duration_in_words(tokens.NONCE_LIFETIME)),
        ("a confirmation's ticket is good for", duration_in_words(tokens.TICKET_LIFETIME)),
        ("the initial PIN", f"`{INITIAL_PIN}`"),
        ("a hardware id", f"at most {hardware.LONGEST} characters"),
        ("a filing's text", f"at most {use.LONGEST_FILING} characters"),
        ("a reason written by the examiner", f"1 to {decisions.LONGEST_REASON} characters"),
        ("a notice", f"1 to {publication.LONGEST_NOTICE} characters"),
        ("names and contacts in the form", f"at most {form.NAME_WIDTH} width units; a wide character counts two"),
        ("postal address in the form", f"at most {form.ADDRESS_WIDTH} width units"),
        ("mailbox", f"at most {form.LOCAL_LIMIT} characters before the @, {form.MAILBOX_LIMIT} in all"),
        ("first pause of a mail that was not taken", duration_in_words(outbox.FIRST_PAUSE)),
        ("longest pause of such a mail", f"{duration_in_words(outbox.LONGEST_PAUSE)}; there is no last try"),
        ("entries that the audit head may lag behind", str(audit.LAG)),
        ("format of a backup's manifest", str(backup.FORMAT)),
        ("slot of the device key in the secure element", f"`{element.DEVICE}`"),
    )
    return table(("what", "value"), rows)
