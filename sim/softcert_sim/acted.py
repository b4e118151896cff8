"""One act on a world, or several at once: faults are armed, verbs called, and outcomes said in the language's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from softcert.errors import Refused, Rejected
from softcert.rules.verdict import Verdict
from softcert_sim.judge import hidden, outcome_of
from softcert_sim.orders import Choose
from softcert_sim.results import Outcome
from softcert_sim.scenario.model import Step, World
from softcert_sim.scenario.registry import Registry


@dataclass(frozen=True, slots=True)
class Acted:
    """What an act gave or raised, every verdict in it, the one that decided, and its outcome."""

    result: Any
    verdicts: tuple[Verdict, ...]
    verdict: Verdict | None
    outcome: Outcome


def act(world: World, registry: Registry, step: Step) -> Acted:
    """Do what the step says, whatever comes of it. The verdict is the last one of the act."""
    before = len(world.verdicts)
    world.begin(step)
    result = _done(world, registry, step)
    world.end(step, result)
    return _acted(step, result, tuple(world.verdicts[before:]))


def act_at_once(world: World, registry: Registry, steps: Sequence[Step], choose: Choose) -> list[Acted]:
    """Do what all these steps say, by turns."""
    calls = [partial(_done, world, registry, step) for step in steps]
    return [_acted(step, *came) for step, came in zip(steps, world.at_once(steps, calls, choose), strict=True)]


def _done(world: World, registry: Registry, step: Step) -> Any:
    """What the verb gives or raises, with its faults armed."""
    try:
        for fault in step.faults:
            registry.faults[fault.name].call(world, fault.arguments)
        return registry.verbs[step.verb].call(world, step.arguments)
    except Exception as error:  # noqa: BLE001  (every outcome but `allowed` is an exception)
        return error


def _acted(step: Step, result: Any, verdicts: tuple[Verdict, ...]) -> Acted:
    verdict = verdicts[-1] if verdicts else None
    if isinstance(result, Refused) and result.verdict is not None and (verdict is None or verdict.allowed):
        verdict = result.verdict
    if isinstance(result, Rejected) and not hidden(step.expected):
        verdict = None
    return Acted(result, verdicts, verdict, outcome_of(result, verdict))
