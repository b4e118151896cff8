"""A scenario told step by step, in plain text: what each does, what came of it, by which rule, and what they read."""

import textwrap
from collections.abc import Iterator

from softcert.rules.catalogue import CLAUSES, RULES
from softcert_sim.results import ScenarioResult, StepResult

_WIDTH = 110
_MARKS = {"allowed": "✓", "refused": "⊘", "rejected": "⊘", "broken": "⚡", "failed": "✗", "crashed": "✗"}
WHO = {
    "author": "The scenario asks for what cannot be done in it.",
    "system": "The system failed in a way that no outcome describes.",
    "author and system": "Author and system differ.",
    "invariant": "An invariant does not hold.",
}


def tell(scenario: ScenarioResult) -> str:
    """The whole story, ending with its outcome."""
    return "\n".join(_lines(scenario)) + "\n"


def tell_red(scenario: ScenarioResult) -> str:
    """What went otherwise than expected, in which step, and the command that shows it again; empty when nothing did."""
    red = scenario.red
    if red is None:
        return ""
    lines = [
        f"{scenario.path}:{red.line}: {scenario.title}",
        f"    {red.sentence or red.verb}",
        *_labelled("expected", red.expected),
        *_labelled("seen", red.seen or str(red.outcome)),
        *_labelled("differs", WHO.get(red.differs, red.differs)),
        *_labelled("text", red.outcome.text),
        *(line for side, sentence in red.why for line in _labelled(side, sentence)),
        *_labelled("again", scenario.reproduce),
    ]
    return "\n".join(lines)


def _lines(scenario: ScenarioResult) -> Iterator[str]:
    yield scenario.title
    yield "═" * min(len(scenario.title), _WIDTH)
    if scenario.about:
        yield from textwrap.wrap(scenario.about, _WIDTH)
    number = 0
    told: set[str] = set()
    for step in scenario.steps:
        yield from _words(step)
        if step.verb:
            number += 1
            yield from _step(step, f"{number:3}. ")
            yield from _clauses(step, told)
    yield ""
    if scenario.red:
        yield tell_red(scenario)
    else:
        limit = ", and an attack succeeds that nothing of this kind can stop" if scenario.outcome == "limit" else ""
        yield f"{number} {'step' if number == 1 else 'steps'}, all as expected{limit}."


def _words(step: StepResult) -> Iterator[str]:
    if step.part:
        yield from ("", step.part, "─" * min(len(step.part), _WIDTH))
    if step.quote:
        yield from textwrap.wrap(f"“{step.quote}”", _WIDTH, initial_indent="  ", subsequent_indent="   ")
    if step.note and not step.verb:
        yield from textwrap.wrap(step.note, _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _step(step: StepResult, head: str) -> Iterator[str]:
    yield from textwrap.wrap(step.sentence or step.verb, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head))
    yield f"     {_MARKS[step.outcome.kind] if step.green else '✗'} {came(step)}"
    for side, sentence in step.why:
        yield from _labelled(side, sentence)
    rule = step.outcome.detail.partition("/")[0] if step.outcome.kind == "refused" else ""
    if rule in RULES:
        yield from _labelled("rule", RULES[rule].reading)
    yield from _labelled("reads", step.outcome.text)
    yield from _labelled("limit", step.limit)
    yield from _labelled("note", step.note)
    for number, inner in enumerate(step.inner, 1):
        yield from _step(inner, f"  {number}) ")


def came(step: StepResult) -> str:
    """What came of it: a check holds, of several acts some succeed."""
    if step.green and step.verb.startswith("check-"):
        return "holds"
    came = step.seen if step.inner else str(step.outcome)
    return came if step.green or step.differs == "invariant" else f"{came}, expected {step.expected}"


def _clauses(step: StepResult, told: set[str]) -> Iterator[str]:
    """A clause is told in its words when it first comes up, and by its number from then on."""
    yield from _labelled("clauses", " ".join(clause for clause in step.clauses if clause in told))
    for clause in step.clauses:
        if clause not in told:
            yield from _labelled(clause, f"“{CLAUSES[clause]}”")
    told.update(step.clauses)


def _labelled(label: str, text: str) -> Iterator[str]:
    """`label  text`, wrapped under itself; nothing for no text."""
    if text:
        lines = [line for part in text.splitlines() for line in textwrap.wrap(part, _WIDTH - 16) or [""]]
        yield f"       {label:<8} {lines[0] if lines else ''}"
        yield from (f"                {line}" for line in lines[1:])
