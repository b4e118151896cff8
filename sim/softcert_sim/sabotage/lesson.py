"""One broken rule in one scenario, for a class: what was expected, what happened instead, and who noticed.

The scenario is played twice, whole and under the rule's first saboteur; told is where the two part.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.cells import cell_len

from softcert.rules.catalogue import RULES
from softcert_sim.columns import pad, width, wrap
from softcert_sim.opinion import without_reasons
from softcert_sim.product import product
from softcert_sim.results import ScenarioResult, StepResult
from softcert_sim.runner import Options, load
from softcert_sim.sabotage.hand import broken
from softcert_sim.sabotage.saboteur import Saboteur, by_rule, every
from softcert_sim.scenario.files import UsageError
from softcert_sim.scenario.marks import meant
from softcert_sim.scenario.model import Scenario
from softcert_sim.stage import Setting, Stage
from softcert_sim.story import Teller, came
from softcert_sim.words import language
from softcert_sim.words.language import Language


@dataclass(frozen=True, slots=True)
class Lesson:
    """A scenario as it comes out, and as it comes out under a saboteur."""

    saboteur: Saboteur
    whole: ScenarioResult
    broken: ScenarioResult

    @property
    def parting(self) -> int | None:
        """The first step that comes out otherwise, or None where all come out as before."""
        pairs = zip(self.whole.steps, self.broken.steps, strict=False)
        return next((at for at, (one, other) in enumerate(pairs) if _came(one) != _came(other)), None)


def lessons(paths: Sequence[Path], rule: str, setting: Setting) -> list[Lesson]:
    """Each scenario of one file, twice. Raises `BadFile`, `UsageError`."""
    if rule not in RULES:
        raise UsageError(f"--break {rule}: there is no such rule.{meant(rule, RULES)} `softcert rules` lists them.")
    scenarios = load(paths, Options(setting=setting), product())
    if not paths or len({scenario.path for scenario in scenarios}) > 1:
        raise UsageError("--break shows one file under one broken rule: name the file.")
    saboteur = by_rule(every())[rule][0]
    whole = _play(scenarios, setting)
    with broken(saboteur.act):
        under = _play(scenarios, replace(setting, untold=rule))
    return [Lesson(saboteur, *pair) for pair in zip(whole, under, strict=True)]


def _play(scenarios: Sequence[Scenario], setting: Setting) -> list[ScenarioResult]:
    stage = Stage(product(), setting)
    try:
        return [stage.run(scenario) for scenario in scenarios]
    finally:
        stage.close()


def _came(step: StepResult) -> tuple[str, str, str, str]:
    return str(step.outcome), step.outcome.told, step.seen, step.differs


def tell(lesson: Lesson, lang: str = "en") -> str:
    """The lesson as a story."""
    return "\n".join(_lines(lesson, Teller(language(lang), width()))) + "\n"


def _lines(lesson: Lesson, teller: Teller) -> Iterator[str]:
    saboteur, at, words = lesson.saboteur, lesson.parting, teller.words
    say = words.lesson
    title = say["title"].format(title=lesson.whole.title, rule=saboteur.rule)
    breaks = words.breaks.get(saboteur.id, saboteur.breaks)
    yield from (title, "═" * min(cell_len(title), teller.width))
    yield from _said(teller, "the rule", words.readings[saboteur.rule])
    yield from _said(teller, "broken", say["by"].format(breaks=breaks, id=saboteur.id, kind=say[f"kind {saboteur.kind}"]))
    yield from wrap(words.remark, teller.width)
    yield ""
    if at is None:
        yield from wrap(say["never needed"].format(command=f"`softcert run --rule {saboteur.rule}`"), teller.width)
        return
    number = sum(bool(step.verb) for step in lesson.whole.steps[:at])
    if number:
        yield say["up to"].format(number=number)
        before = max(index for index, step in enumerate(lesson.broken.steps[:at]) if step.verb)
        yield from teller.step(lesson.broken.steps[before], number)
    else:
        yield say["at once"]
    yield ""
    yield from teller.step(lesson.broken.steps[at], number + 1)
    yield ""
    yield from _said(teller, "expected", came(lesson.whole.steps[at], words))
    yield from _said(teller, "instead", _instead(lesson.broken.steps[at], teller))
    yield from _said(teller, "noticed by", _noticed(lesson, words))


def _instead(step: StepResult, teller: Teller) -> str:
    return teller.words.checks(step.seen) if step.seen else came(step, teller.words)


def _noticed(lesson: Lesson, words: Language) -> str:
    say, red = words.lesson, lesson.broken.red
    if red is None:
        return say["nobody"]
    seen = words.checks(red.seen)
    if red.violated:
        return say["invariant"].format(rules=words.comma.join(red.violated), seen=seen)
    if red.differs == "oracle":
        return say["oracle"].format(opinion=words.checks(str(without_reasons(red.opinion, red=False))))
    if red.differs == "system":
        return say["breakdown"].format(seen=seen)
    return say["author"].format(line=red.line, expected=words.checks(red.expected))


def _said(teller: Teller, label: str, text: str) -> Iterator[str]:
    head = f"{pad(teller.words.lesson[label], 11)} "
    yield from wrap(text, teller.width, head, " " * 12)
