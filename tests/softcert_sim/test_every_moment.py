"""Whatever fault an author writes beside a step, and at whatever moment: the oracle never says what does not come."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from softcert_sim.crashes import can_be_struck
from softcert_sim.crashpoints import Watched, watching
from softcert_sim.product import product
from softcert_sim.runner import Options, load
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.model import Fault, Scenario
from softcert_sim.stage import Setting, Stage
from softcert_sim.world import World

STORIES = ("0-the-whole-process/the-whole-process", "1-before-you-start/driver-changed-afterwards")


def faults(watched: Watched) -> Iterator[Fault]:
    """Whatever can fail at a step that was seen."""
    yield from (point.fault for point in watched.points())
    for seen in watched.computers.values():
        operations = sum(one.part == "disk" for one in seen)
        yield from media("disk", operations)
    for drive, seen in watched.drives.items():
        yield Fault("write-protect", {"drive": drive})
        yield from media("drive", len(seen) - 1)


def media(what: str, operations: int) -> Iterator[Fault]:
    """Each operation finds no room, or cannot read."""
    for nth in range(1, operations + 1):
        yield from (Fault(name, {"at": f"{what}-any {nth}"}) for name in ("disk-full", "read-error"))


def struck(stage: Stage, scenario: Scenario) -> Iterator[tuple[bool, str]]:
    """Every moment of every step: whether the oracle had an opinion, and what was wrong with it."""
    play = stage.open(scenario)
    assert isinstance(play.world, World)
    for step in scenario.steps:
        if not can_be_struck(step):
            play.step(step)
            continue
        before = play.take()
        with watching(play.world) as watched:
            play.anyhow(step)
        after = play.take()
        for fault in faults(watched):
            play.put_back(before)
            result = play.anyhow(replace(step, label="", faults=(fault,)))
            differs = f"{result.opinion}, and it was {result.outcome}" if result.differs == "oracle" else ""
            wrong = play.opinion.stumbled or differs
            yield result.opinion is not None, wrong and f"{step.line}: {step.verb} under {fault}: {wrong}"
        play.put_back(after)
    stage.done(play)


@pytest.mark.parametrize("story", STORIES)
def test_the_oracle_is_never_wrong_about_a_fault_at_any_moment(story: str) -> None:
    stage = Stage(product(), Setting())
    scenarios = load([shipped() / f"{story}.scenario.yaml"], Options(), product())
    points = [point for scenario in scenarios for point in struck(stage, scenario)]
    stage.close()
    assert [told for _, told in points if told] == []
    opinions = sum(has for has, _ in points)
    assert len(points) > 100
    assert opinions * 10 > len(points)
