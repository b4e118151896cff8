"""Whatever fault an author writes beside a step, and at whatever moment: the oracle never says what does not come."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from softcert_sim.crashes import can_be_struck
from softcert_sim.crashpoints import watching
from softcert_sim.product import product
from softcert_sim.runner import Options, load
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.model import Scenario
from softcert_sim.stage import Setting, Stage
from softcert_sim.world import World

STORIES = ("0-the-whole-process/the-whole-process", "1-before-you-start/driver-changed-afterwards")


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
        for point in watched.points():
            play.put_back(before)
            result = play.anyhow(replace(step, label="", faults=(point.fault,)))
            differs = f"{result.opinion}, and it was {result.outcome}" if result.differs == "oracle" else ""
            wrong = play.opinion.stumbled or differs
            yield result.opinion is not None, wrong and f"{step.line}: {step.verb} under {point.fault}: {wrong}"
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
    assert opinions * 5 > len(points) * 2
