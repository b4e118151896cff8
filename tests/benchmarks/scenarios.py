"""The shipped scenarios in one process, as `softcert run` runs them; reading the files is not counted.

The first round builds every prelude and finds no cache filled, as each call of `softcert run` does. The second round is
the same once more, on the same worlds.
"""

import gc
import time
from dataclasses import dataclass

from measure import Figure

from softcert_sim.product import product
from softcert_sim.runner import Options, load
from softcert_sim.scenario.model import Scenario
from softcert_sim.stage import Setting, Stage

SLOWEST = 10


@dataclass(frozen=True, slots=True)
class Round:
    """Processor time, in seconds: of all scenarios together, and of each with its number of steps."""

    seconds: float
    each: tuple[tuple[float, str, int], ...]


def one_round(stage: Stage, scenarios: list[Scenario]) -> Round:
    """Run them all."""
    took: list[tuple[float, str, int]] = []
    began = time.process_time()
    for scenario in scenarios:
        before = time.process_time()
        result = stage.run(scenario)
        took.append((time.process_time() - before, f"{scenario.path}: {scenario.title}", len(result.steps)))
    return Round(time.process_time() - began, tuple(took))


def measure(quick: bool) -> list[Figure]:
    """Scenarios a second, in the first round and in a later one; the slowest."""
    suite = product()
    scenarios = load([], Options(), suite)
    gc.freeze()  # as the runner does
    stage = Stage(suite, Setting())
    first = one_round(stage, scenarios)
    later = [one_round(stage, scenarios) for _ in range(1 if quick else 3)]
    stage.close()
    best = min(later, key=lambda one: one.seconds)
    steps = sum(count for _, _, count in best.each)
    slowest = sorted(best.each, reverse=True)[:SLOWEST]
    count = len(scenarios)
    return [
        Figure("scenarios", "shipped scenarios, preludes included", count / first.seconds, "/s", 150, "at least",
               f"{count} scenarios, {first.seconds:.2f} s"),
        Figure("scenarios-again", "shipped scenarios, preludes kept", count / best.seconds, "/s", None, "at least",
               f"{best.seconds / steps * 1e3:.2f} ms a step, {steps} steps"),
        *(
            Figure(f"slow-scenario-{place}", f"slow scenario {place}", cost * 1e3, "ms", note=f"{name}, {many} steps")
            for place, (cost, name, many) in enumerate(slowest, 1)
        ),
    ]  # fmt: skip
