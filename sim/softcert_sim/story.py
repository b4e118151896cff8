"""A scenario told step by step, in plain text: what each does, what came of it, by which rule, and what they read."""

from collections.abc import Iterator

from rich.cells import cell_len

from softcert.rules.catalogue import RULES
from softcert_sim.columns import pad, width, wrap
from softcert_sim.results import ScenarioResult, StepResult
from softcert_sim.words import language
from softcert_sim.words.language import Language

MARKS = {"allowed": "✓", "refused": "⊘", "rejected": "⊘", "broken": "⚡", "failed": "✗", "crashed": "✗"}
LIMIT = "!"
"""Beside an attack that succeeds."""


def tell(scenario: ScenarioResult, lang: str = "en") -> str:
    """The whole story, ending with its outcome."""
    return "\n".join(_lines(scenario, Teller(language(lang), width()))) + "\n"


def tell_red(scenario: ScenarioResult, lang: str = "en") -> str:
    """What went otherwise than expected, in which step, and the command that shows it again; empty when nothing did."""
    return "\n".join(Teller(language(lang), width()).red(scenario))


class Teller:
    """Tells in one language and width. A clause is told in its words once, and by its number from then on."""

    def __init__(self, words: Language, width: int) -> None:
        self.words, self.width = words, width
        self._told: set[str] = set()

    def step(self, step: StepResult, number: int) -> Iterator[str]:
        """One step under its number, or what stands between: a heading, a quotation, a note."""
        if step.part:
            yield from ("", step.part, "─" * min(cell_len(step.part), self.width))
        yield from wrap(f"“{step.quote}”" if step.quote else "", self.width, "  ", "   ")
        if step.verb:
            yield from self._act(step, f"{number:3}. ")
            yield from self._clauses(step)
        else:
            yield from wrap(step.note, self.width, "  ", "  ")

    def red(self, scenario: ScenarioResult) -> Iterator[str]:
        """What went otherwise than expected; nothing when nothing did."""
        red = scenario.red
        if red is None:
            return
        yield f"{scenario.path}:{red.line}: {scenario.title}"
        yield f"    {red.sentence or red.verb}"
        yield from self._labelled("expected", self.words.checks(red.expected))
        yield from self._labelled("seen", self.words.checks(red.seen or str(red.outcome)))
        yield from self._labelled("differs", self.words.differs.get(red.differs, red.differs))
        yield from self._labelled("oracle", str(red.opinion) if red.opinion else "")
        yield from self._labelled("text", red.outcome.text)
        for side, sentence in red.why:
            yield from self._labelled(side, sentence)
        yield from self._labelled("again", scenario.reproduce)
        yield from self._labelled("known", scenario.expected_failure)

    def _act(self, step: StepResult, head: str) -> Iterator[str]:
        yield from wrap(step.sentence or step.verb, self.width, head, " " * len(head))
        yield f"     {mark(step)} {came(step, self.words)}"
        for side, sentence in step.why:
            yield from self._labelled(side, sentence)
        rule = step.outcome.detail.partition("/")[0] if step.outcome.kind == "refused" else ""
        yield from self._labelled("rule", self.words.readings[rule] if rule in RULES else "")
        yield from self._labelled("reads", step.outcome.text)
        yield from self._labelled("limit", step.limit)
        yield from self._labelled("note", step.note)
        for number, inner in enumerate(step.inner, 1):
            yield from self._act(inner, f"  {number}) ")

    def _clauses(self, step: StepResult) -> Iterator[str]:
        yield from self._labelled("clauses", " ".join(clause for clause in step.clauses if clause in self._told))
        for clause in step.clauses:
            if clause not in self._told:
                yield from self._labelled(clause, f"“{self.words.clauses[clause]}”")
        self._told.update(step.clauses)

    def _labelled(self, label: str, text: str) -> Iterator[str]:
        """`label  text`, wrapped under itself; nothing for no text."""
        head = f"       {pad(self.words.labels.get(label, label), 8)} "
        for part in text.splitlines():
            yield from wrap(part, self.width, head, " " * 16)
            head = " " * 16


def _lines(scenario: ScenarioResult, teller: Teller) -> Iterator[str]:
    words = teller.words
    yield scenario.title
    yield "═" * min(cell_len(scenario.title), teller.width)
    yield from wrap(scenario.about, teller.width)
    yield from wrap(words.remark, teller.width)
    number = 0
    for step in scenario.steps:
        number += bool(step.verb)
        yield from teller.step(step, number)
    yield ""
    if scenario.red:
        yield from teller.red(scenario)
    else:
        said = words.as_expected_one if number == 1 else words.as_expected
        yield said.format(count=number, limit=words.limit if scenario.outcome == "limit" else "")


def mark(step: StepResult) -> str:
    """The sign beside a step: how it came out, and whether that is as expected."""
    if not step.green:
        return MARKS["failed"]
    return LIMIT if step.limit else MARKS[step.outcome.kind]


def came(step: StepResult, words: Language) -> str:
    """What came of it: a check holds, of several acts some succeed."""
    outcome = step.outcome
    if step.green and step.verb.startswith("check-"):
        return words.outcomes["holds"]
    if step.green and step.limit:
        return words.succeeds
    detail = words.checks(outcome.detail) if outcome.kind == "failed" else outcome.detail
    said = f"{words.outcomes[outcome.kind]} {words.outcomes.get(detail, detail)}".strip()
    if outcome.told not in ("", outcome.detail):
        said += words.told.format(told=outcome.told)
    said = step.seen if step.inner else said
    if step.green or step.differs == "invariant":
        return said
    return words.not_as_expected.format(came=said, expected=words.checks(step.expected))
