"""The product's own suite: its verbs, and the worlds on which they act. Worker processes import it by name."""

import softcert_sim.verbs as verbs
from softcert_sim.scenario.registry import DEFAULT
from softcert_sim.world import make_world
from softcert_sim.worlds import Suite


def product() -> Suite:
    """Every verb is registered once `softcert_sim.verbs` is imported."""
    assert verbs.__all__
    return Suite(DEFAULT, make_world, oracle=True)
