"""What a detector is and what it sees; how long it may take."""

import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Literal, NamedTuple, TypeVar

from softcert.rules.catalogue import RULES, RuleId
from softcert_sim.scenario.registry import DEFAULT

T = TypeVar("T")
TIME = 20.0
"""Seconds of processor time that one scenario or exploration may take; the longest takes a third of it."""


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


def _always(rule: RuleId) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Detector:
    """`look` examines the product as it is now, under a seed: as far as it `concerns` a rule, or all of it without one."""

    name: str
    about: str
    look: Callable[[int, RuleId], Iterator[Sighting]]
    concerns: Callable[[RuleId], bool] = _always


class OutOfTime(BaseException):
    """It took longer than `TIME`. No `Exception`: the stage would take it for a scenario's own."""


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


def time_out(where: str, title: str) -> Sighting:
    """It did not come to an end."""
    return Sighting("time-out", where, title, "", "an end", f"none after {TIME:.0f} s of work")


def broke_down(where: str, title: str, error: Exception) -> Sighting:
    """It failed in a way that nobody foresaw."""
    return Sighting("error", where, title, "", "an answer", f"{type(error).__name__}: {error}")


def named_in(text: str) -> tuple[str, ...]:
    """The rules and checks that a sentence names."""
    checks = (verb.name for verb in DEFAULT.verbs.values() if verb.group == "check")
    return tuple(name for name in (*RULES, *checks) if re.search(rf"(?<![\w-]){name}(?![\w-])", text))
