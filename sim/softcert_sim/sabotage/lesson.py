"""One broken rule in one scenario, for a class: what was expected, what happened instead, and who noticed.

The scenario is played twice, whole and under the rule's first saboteur; told is where the two part.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from softcert.rules.catalogue import RULES
from softcert_sim.columns import width
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
        under = _play(scenarios, setting)
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
    saboteur, at = lesson.saboteur, lesson.parting
    title = f"{lesson.whole.title}, with {saboteur.rule} broken"
    yield from (title, "═" * len(title))
    yield from _said("the rule", RULES[saboteur.rule].reading)
    yield from _said("broken", f"{saboteur.breaks} ({saboteur.id}, {saboteur.kind})")
    yield ""
    if at is None:
        yield from textwrap.wrap(
            "Every step comes out as before: this story never needed the rule. "
            f"`softcert run --rule {saboteur.rule}` runs those that do.",
            width(),
        )
        return
    number = sum(bool(step.verb) for step in lesson.whole.steps[:at])
    if number:
        yield f"Up to step {number} nothing is different. The last of them:"
        before = max(index for index, step in enumerate(lesson.broken.steps[:at]) if step.verb)
        yield from teller.step(lesson.broken.steps[before], number)
    else:
        yield "The first step is different already."
    yield ""
    yield from teller.step(lesson.broken.steps[at], number + 1)
    yield ""
    yield from _said("expected", came(lesson.whole.steps[at], teller.words))
    yield from _said("instead", _instead(lesson.broken.steps[at], teller))
    yield from _said("noticed by", _noticed(lesson))


def _instead(step: StepResult, teller: Teller) -> str:
    return step.seen or came(step, teller.words)


def _noticed(lesson: Lesson) -> str:
    red = lesson.broken.red
    if red is None:
        return "nobody: the story comes to a good end all the same."
    if red.violated:
        rules = ", ".join(rule for rule in red.violated)
        return f"what must hold at every moment by {rules}: {red.seen}."
    who = f"the story's author, who says at line {red.line}: {red.expected}."
    return who if red.differs != "system" else f"nobody: something broke down ({red.seen})."


def _said(label: str, text: str) -> Iterator[str]:
    head = f"{label:<11} "
    yield from textwrap.wrap(text, width(), initial_indent=head, subsequent_indent=" " * len(head))
