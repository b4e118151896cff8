"""A counterexample made as small as it goes, and written as a scenario file.

Whatever finds a violation (an example, an exploration, a crash at every point) hands its steps over; what comes back fails
in the same way, and no step, fault or argument of it can be left out. Own code, because it is a page: of the libraries,
picire's last release is of 2021 and brings three others along, and Hypothesis' shrinker works on its own choices.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

from softcert.rules.catalogue import RULES, RuleId
from softcert.rules.policy import Policy
from softcert_sim.results import ScenarioResult, StepResult
from softcert_sim.scenario.files import UsageError, shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.marks import BadFile
from softcert_sim.scenario.model import Cast, Fault, Scenario, Step
from softcert_sim.scenario.registry import Registry, Verb
from softcert_sim.scenario.writing import scenario_text
from softcert_sim.stage import DEFAULT_SEED, Setting, Stage, seed_of
from softcert_sim.worlds import Suite

T = TypeVar("T")

MADE = "Found by softcert:"
"""The first comment of each file that is written here."""
Keeps = Callable[[Stage, Scenario], bool]
_DRAWN = re.compile(r"\b(?=[\w-]*\d)[\w-]{6,}\b")
"""Serials, numbers and the like, which another run draws otherwise."""


def shrink(steps: Sequence[T], still_fails: Callable[[Sequence[T]], bool]) -> list[T]:
    """The steps of which none can be left out: delta debugging, with ever smaller pieces left out.

    `still_fails` says whether fewer steps fail in the same way; it is not asked about none.
    """
    kept, size = list(steps), max(1, len(steps) // 2)
    while True:
        before, at = len(kept), 0
        while at < len(kept):
            fewer = kept[:at] + kept[at + size :]
            if fewer and still_fails(fewer):
                kept = fewer
            else:
                at += size
        if size == 1 and len(kept) == before:
            return kept
        size = max(1, size // 2)


def as_file(scenario: Scenario, registry: Registry, found: str) -> str:
    """A file that `softcert run` reproduces and `softcert lint` passes; `found` is what was wrong, in one line or several.
    Of the cast it holds what is not the shipped one's."""
    return _text(scenario, registry, found, Loader(registry).shared(shipped()).cast)


def complaint(red: StepResult) -> str:
    """What is wrong with a red step, in words that stay the same while it is made smaller: the first invariant that
    does not hold, or who acted, what was expected and what came instead."""
    inner = next((part for part in red.inner if not part.green), None)
    if inner is not None:
        return complaint(inner)
    if red.differs == "invariant":
        return f"invariant {_steady(red.seen.partition('; ')[0])}"
    if red.inner:
        succeeded = sum(part.outcome.kind == "allowed" for part in red.inner)
        return f"together: {'fewer' if succeeded < int(red.expected.partition(' ')[0]) else 'more'} than expected succeed"
    return f"{red.differs}: {red.verb}: expected {_steady(red.expected)}, seen {_steady(red.seen)}"


def broken_rule(red: StepResult, scenario: Scenario) -> tuple[RuleId, ...]:
    """The rule whose invariant does not hold, or that refuses wrongly; else those that the scenario names."""
    said = " ".join(complaint(part) for part in (red, *red.inner))
    named = tuple(rule for rule in RULES if re.search(rf"(?<![\w-]){rule}(?![\w-])", said))
    return named or scenario.rules


def shrink_file(path: Path, suite: Suite, setting: Setting) -> "Shrunk":
    """The first red scenario of a file, made smaller. Raises `BadFile`, and `UsageError` where all come out as expected."""
    for scenario in Loader(suite.registry).load([path]):
        if shrunk := shrink_scenario(scenario, suite, setting):
            return shrunk
    raise UsageError(f"{path}: all comes out as expected; there is nothing to make smaller.")


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The smallest scenario that fails in the same way, and the file that says it. `before` counts the acts that there
    were, `trials` the runs that were made."""

    scenario: Scenario
    complaint: str
    text: str
    before: int
    trials: int


def shrink_scenario(scenario: Scenario, suite: Suite, setting: Setting, keeps: Keeps | None = None) -> Shrunk | None:
    """Make a red scenario smaller; None where it is green. Each trial is a file, read and run as `softcert run` does.

    `keeps` says of one that fails in the same way whether it still shows what it is to show. Raises `UsageError` for one
    that fails no more once it stands in a file of its own.
    """
    scenario = replace(scenario, seed=seed_of(scenario, setting))
    stage = Stage(suite, replace(setting, seed=None, scenes=False, artifacts=None))
    try:
        result = stage.run(scenario)
        if result.red is None:
            return None
        trial = _Trial(stage, suite.registry, result.red, keeps, f"in {scenario.path}, {scenario.title!r}")
        case = _begin(scenario, result, suite.registry)
        if not trial.fails(case):
            raise UsageError(f"{scenario.path}: it fails, but not as a file of its own: nothing can be left out.")
        small = _smallest(case, trial)
        text = trial.text(small)
        acts = sum(bool(step.verb) for step in scenario.steps)
        return Shrunk(small, complaint(result.red), text, acts, trial.count)
    finally:
        stage.close()


def counterexample(scenario: Scenario, found: str, suite: Suite, setting: Setting, keeps: Keeps | None = None) -> str:
    """The file for what an engine found, made smaller. Where it cannot be seen in a file, it says so and stays as it is."""
    with suppress(UsageError):
        if shrunk := shrink_scenario(scenario, suite, setting, keeps):
            return shrunk.text
    return as_file(scenario, suite.registry, f"{found}\nseen where it happened, and not in this file")


def _begin(scenario: Scenario, result: ScenarioResult, registry: Registry) -> Scenario:
    """What is made smaller: the acts up to the red one, those of a suite's own preludes before them, and no words."""
    assert result.red is not None
    own = tuple(step for link in scenario.links for step in link.steps)
    products = {link.person: link.prelude for link in scenario.links if link.prelude in registry.preludes}
    played = (step for step in (*own, *scenario.steps[: len(result.steps)]) if step.verb)
    return replace(
        scenario,
        title=f"{scenario.title}, made small",
        rules=broken_rule(result.red, scenario),
        given=tuple(products.items()),
        steps=tuple(replace(step, part="", quote="", quoted=(), note="") for step in played),
    )


class _Trial:
    """Tries smaller scenarios: whether each, as a file, fails in the same way as the first."""

    def __init__(self, stage: Stage, registry: Registry, red: StepResult, keeps: Keeps | None, where: str) -> None:
        self.registry, self._stage, self._keeps = registry, stage, keeps
        self._complaint, self._found = complaint(red), f"{complaint(red)}\n{where}"
        self._shared = Loader(registry).shared(shipped()).cast
        self._run = lru_cache(maxsize=None)(self._run_anew)

    @property
    def count(self) -> int:
        """How many were run."""
        return self._run.cache_info().misses

    def text(self, case: Scenario) -> str:
        """The file for it."""
        return _text(case, self.registry, self._found, self._shared)

    def fails(self, case: Scenario) -> bool:
        """Whether it fails in the same way."""
        run = self._run(self.text(case))
        if run is None or run[1] is None or complaint(run[1]) != self._complaint:
            return False
        return self._keeps is None or self._keeps(self._stage, run[0])

    def _run_anew(self, text: str) -> tuple[Scenario, StepResult | None] | None:
        """The scenario that stands in a file, and its red step; None where there is none in it."""
        try:
            [case] = Loader(self.registry).load_text("shrunk.yaml", text, self._shared)
        except BadFile:
            return None
        return case, self._stage.run(case).red


def _text(scenario: Scenario, registry: Registry, found: str, shared: Cast) -> str:
    seed = DEFAULT_SEED if scenario.seed is None else scenario.seed
    comment = "\n".join((MADE, *found.splitlines(), f"seed {seed}"))
    return scenario_text(scenario, registry, comment=comment, shared=shared)


def _smallest(case: Scenario, trial: _Trial) -> Scenario:
    """Fewer steps first; then whatever else makes it simpler, until nothing does."""
    while True:
        steps = shrink(case.steps, lambda fewer: trial.fails(replace(case, steps=tuple(fewer))))  # noqa: B023
        case = replace(case, steps=tuple(steps))
        simpler = next((other for other in _simpler(case, trial.registry) if trial.fails(other)), None)
        if simpler is None:
            return case
        case = simpler


def _simpler(case: Scenario, registry: Registry) -> Iterator[Scenario]:
    """The same scenario with one thing less in it, what helps most first."""
    yield from _begun_later(case, registry)
    yield from _begun_earlier(case, registry)
    if case.seed is not None:
        yield replace(case, seed=None)
    for name in case.policy.__slots__:
        if getattr(case.policy, name) != getattr(Policy(), name):
            yield replace(case, policy=replace(case.policy, **{name: getattr(Policy(), name)}))
    for at, step in enumerate(case.steps):
        for simpler in _simpler_step(step, registry):
            yield replace(case, steps=(*case.steps[:at], simpler, *case.steps[at + 1 :]))


def _begun_later(case: Scenario, registry: Registry) -> Iterator[Scenario]:
    """A prelude in the place of the first steps, the fewest steps first."""
    acting = {step.arguments.get("by") for step in case.steps}
    people = [name for name, data in case.cast.people.items() if data.get("kind") == "applicant" and name in acting]
    for left in range(1, len(case.steps)):
        for person in people:
            for prelude in registry.preludes:
                given = {**dict(case.given), person: prelude}
                yield replace(case, given=tuple(given.items()), steps=case.steps[-left:])


def _begun_earlier(case: Scenario, registry: Registry) -> Iterator[Scenario]:
    """Each person with no prelude, or with an earlier one."""
    for person, prelude in case.given:
        others = {name: other for name, other in case.given if name != person}
        yield replace(case, given=tuple(others.items()))
        for earlier in registry.chain(prelude)[:-1]:
            yield replace(case, given=tuple({**others, person: earlier.name}.items()))


def _simpler_step(step: Step, registry: Registry) -> Iterator[Step]:
    for at in range(len(step.together)):
        rest = (*step.together[:at], *step.together[at + 1 :])
        turns = tuple(turn - (turn > at + 1) for turn in step.turns if turn != at + 1)
        for succeed in (step.succeed, step.succeed - 1):
            yield replace(step, together=rest, succeed=succeed, turns=turns)
    for at in range(len(step.turns)):
        yield replace(step, turns=(*step.turns[:at], *step.turns[at + 1 :]))
    for at, fault in enumerate(step.faults):
        before, after = step.faults[:at], step.faults[at + 1 :]
        yield replace(step, faults=(*before, *after))
        for arguments in _simpler_arguments(registry.faults[fault.name], fault.arguments):
            yield replace(step, faults=(*before, Fault(fault.name, arguments), *after))
    if step.label:
        yield replace(step, label="")
    if step.verb in registry.verbs:
        for arguments in _simpler_arguments(registry.verbs[step.verb], step.arguments):
            yield replace(step, arguments=arguments)


def _simpler_arguments(verb: Verb, arguments: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """An argument less where it may be left out, an item less in one, or a smaller number."""
    for parameter in verb.parameters:
        value = arguments.get(parameter.name)
        if value is None:
            continue
        rest = {name: other for name, other in arguments.items() if name != parameter.name}
        if not parameter.required:
            yield rest
        yield from ({**rest, parameter.name: smaller} for smaller in _smaller(value))


def _smaller(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        form = cast(dict[str, Any], value)
        yield from ({name: item for name, item in form.items() if name != left} for left in form)
    elif isinstance(value, list):
        items = cast(list[Any], value)
        yield from (items[:at] + items[at + 1 :] for at in range(len(items)))
    elif type(value) is int and value > 0:
        yield from dict.fromkeys((0, value // 2, value - 1))


def _steady(text: str) -> str:
    """Without what another run draws otherwise."""
    return _DRAWN.sub("…", text)
