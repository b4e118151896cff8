"""Who looks for sabotage. Each detector is run under the sabotage and tells whatever it finds wrong.

A detector is found here by its name; `look` must give the same for the same seed, and tells only what it found: nothing
at all where everything seems well.
"""

import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from types import FrameType
from typing import Literal, NamedTuple, TypeVar

from softcert_sim.product import product
from softcert_sim.results import ScenarioResult, StepResult
from softcert_sim.runner import Options, load, names_rule
from softcert_sim.scenario.model import Scenario, Step
from softcert_sim.stage import Setting, Stage

T = TypeVar("T")
TIME = 20.0
"""Seconds of processor time that one scenario may take; the longest takes a fiftieth of it."""
_PATIENCE = 3
"""After so many time-outs the detector gives up: a saboteur who hangs one scenario hangs most."""


class Sighting(NamedTuple):
    """What a detector found. `names` are the rules (by the expectation, by what came, or by an invariant) and the check
    that it points at, `about` the rules of the scenario; `kind` says whether it is a judgement or only a breakdown."""

    kind: Literal["red", "error", "time-out"]
    where: str
    title: str
    step: str
    expected: str
    seen: str
    names: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Detector:
    """`look` examines the product as it is now, under a seed."""

    name: str
    about: str
    look: Callable[[int], Iterator[Sighting]]


class OutOfTime(BaseException):
    """A scenario took longer than `TIME`. No `Exception`: the stage would take it for a scenario's own."""


def scenarios(seed: int, about: str = "") -> Generator[Sighting]:
    """Every shipped scenario, whatever rules it names; with `about`, those that name this rule, its refusals first."""
    stage, hung = Stage(product(), Setting(seed=seed)), 0
    try:
        for scenario in _naming(about) if about else _shipped():
            try:
                result = in_time(partial(stage.run, scenario))
            except OutOfTime:
                hung += 1
                where = f"{scenario.path}:{scenario.steps[0].line}"
                yield Sighting("time-out", where, scenario.title, "", "an end", f"none after {TIME:.0f} s of work")
                stage.close()
                stage = Stage(product(), Setting(seed=seed))
                if hung == _PATIENCE:
                    return
            else:
                yield from sighted(scenario, result)
    finally:
        stage.close()


def sighted(scenario: Scenario, result: ScenarioResult) -> Iterator[Sighting]:
    """The first red step of a scenario, if there is one."""
    red = result.red
    if red is None:
        return
    crashed = red.differs == "system" or red.outside
    step = None if red.outside else scenario.steps[result.steps.index(red)]
    yield Sighting(
        "error" if crashed else "red",
        f"{result.path}:{red.line}",
        result.title,
        red.sentence or red.verb,
        red.expected,
        red.seen or str(red.outcome),
        tuple(dict.fromkeys(_names(step, red))) if step else (),
        scenario.rules,
    )


def _names(step: Step, red: StepResult) -> Iterator[str]:
    """What a red step points at: the rule that should have refused, the one that did, invariants, a check."""
    if red.violated:
        yield from red.violated
        return
    if step.expected.kind == "refused":
        yield step.expected.detail.partition("/")[0]
    if red.outcome.kind == "refused":
        yield red.outcome.detail.partition("/")[0]
    if red.outcome.kind == "failed":
        yield red.verb


def _naming(rule: str) -> list[Scenario]:
    named = [scenario for scenario in _shipped() if names_rule(scenario, rule)]
    return sorted(named, key=lambda it: not any(step.expected.detail.startswith(f"{rule}/") for step in it.steps))


@lru_cache(maxsize=1)
def _shipped() -> Sequence[Scenario]:
    return load([], Options(), product())


def in_time(work: Callable[[], T]) -> T:
    """What comes of the work. Raises `OutOfTime` in the middle of it, and then only. Counts this process's own work, so
    that a busy machine makes no difference."""
    over = False

    def stop(number: int, frame: FrameType | None) -> None:
        if not over:
            raise OutOfTime

    before = signal.signal(signal.SIGVTALRM, stop)
    try:
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, TIME)
            return work()
        finally:
            over = True  # the timer strikes once: before this, or to no effect
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


DETECTORS: tuple[Detector, ...] = (Detector("scenarios", "every shipped scenario, with all invariants", scenarios),)
"""In the order in which they look."""
