"""One act on a world: its faults are armed, its verb is called, and what came of it is said in the language's words."""

from dataclasses import dataclass
from typing import Any

from softcert.errors import Refused, Rejected
from softcert.rules.verdict import Verdict
from softcert_sim.judge import hidden, outcome_of
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
    verb = registry.verbs[step.verb]
    before = len(world.verdicts)
    world.begin(step)
    result: Any = None
    try:
        for fault in step.faults:
            registry.faults[fault.name].call(world, fault.arguments)
        result = verb.call(world, step.arguments)
    except Exception as error:  # noqa: BLE001  (every outcome but `allowed` is an exception)
        result = error
    world.end(step, result)
    verdicts = tuple(world.verdicts[before:])
    verdict = verdicts[-1] if verdicts else None
    if isinstance(result, Refused) and result.verdict is not None and (verdict is None or verdict.allowed):
        verdict = result.verdict
    if isinstance(result, Rejected) and not hidden(step.expected):
        verdict = None
    return Acted(result, verdicts, verdict, outcome_of(result, verdict))
