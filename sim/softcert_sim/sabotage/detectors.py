"""Who looks for sabotage. Each detector is run under the sabotage and tells whatever it finds wrong.

A detector is found here by its name; `look` must give the same for the same seed, and tells only what it found: nothing
at all where everything seems well.
"""

from collections.abc import Generator, Iterator, Sequence
from functools import partial

from softcert.rules.catalogue import RuleId
from softcert_sim.product import product
from softcert_sim.results import ScenarioResult, StepResult
from softcert_sim.runner import names_rule
from softcert_sim.sabotage import engines
from softcert_sim.sabotage.engines import shipped_scenarios
from softcert_sim.sabotage.properties import KNOWN, LIVES, properties
from softcert_sim.sabotage.sighting import Detector, OutOfTime, Sighting, in_time, time_out
from softcert_sim.scenario.model import Scenario, Step
from softcert_sim.stage import Setting, Stage

_PATIENCE = 3
"""After so many time-outs the detector gives up: a saboteur who hangs one scenario hangs most."""


def scenarios(seed: int, rule: RuleId) -> Generator[Sighting]:
    """Every shipped scenario, whatever rules it names."""
    return _red(seed, shipped_scenarios())


def those_about(seed: int, rule: RuleId) -> Generator[Sighting]:
    """The shipped scenarios that name this rule, its refusals first."""
    return _red(seed, _naming(rule))


def _red(seed: int, chosen: Sequence[Scenario]) -> Generator[Sighting]:
    stage, hung = Stage(product(), Setting(seed=seed)), 0
    try:
        for scenario in chosen:
            try:
                result = in_time(partial(stage.run, scenario))
            except OutOfTime:
                hung += 1
                yield time_out(f"{scenario.path}:{scenario.steps[0].line}", scenario.title)
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
    """What a red step points at: the rule that should have refused by author or oracle, the one that did, invariants, a
    check."""
    if red.violated:
        yield from red.violated
        return
    if step.expected.kind == "refused":
        yield step.expected.detail.partition("/")[0]
    if red.opinion is not None and red.opinion.kind == "refused":
        yield red.opinion.detail.partition("/")[0]
    if red.outcome.kind == "refused":
        yield red.outcome.detail.partition("/")[0]
    if red.outcome.kind == "failed":
        yield red.verb


def _naming(rule: str) -> list[Scenario]:
    named = [scenario for scenario in shipped_scenarios() if names_rule(scenario, rule)]
    return sorted(named, key=lambda it: not any(step.expected.detail.startswith(f"{rule}/") for step in it.steps))


DETECTORS: tuple[Detector, ...] = (
    Detector("scenarios", "every shipped scenario, with all invariants", scenarios),
    Detector("explore", "every state that four acts of scope tiny reach", engines.exploration,
             engines.in_scope),
    Detector("crashes", "short scenarios about the rule, struck at every moment", engines.crashes),
    Detector("races", "what happens at once in scenarios about the rule, in every interleaving", engines.races,
             engines.happens_at_once),
    *([Detector("properties", f"{LIVES} lives that Hypothesis draws", properties)] if KNOWN else []),
)  # fmt: skip
"""In the order in which they look; without Hypothesis, but for its lives."""
