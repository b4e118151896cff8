"""Every state of a small world is visited, the same on each run; goals that are out of reach are told."""

from dataclasses import replace

import pytest

from softcert_sim.explorer.scopes import SCOPES
from softcert_sim.explorer.search import explore
from softcert_sim.explorer.told import green, stuck, tell, unreached

SHALLOW = replace(SCOPES["tiny"], depth=3, goals=("a certificate is active", "a certificate is revoked"))


@pytest.fixture(scope="module")
def found():
    return explore(SHALLOW, seed=1)


def test_nothing_is_wrong_and_the_oracle_has_an_opinion_of_all(found):
    assert green(found), tell(found, 1)
    assert found.silent == 0


def test_the_same_seed_finds_the_same(found):
    again = explore(SHALLOW, seed=1)
    assert (again.came, again.edges, again.outcomes) == (found.came, found.edges, found.outcomes)


def test_states_that_were_not_expanded_are_told_and_decide_nothing(found):
    assert f"cut off: {len(found.border)} states at depth 3 were not expanded." in tell(found, 1)
    assert stuck(found, "li-wei")[1] == []


def test_a_goal_out_of_reach_is_red():
    found = explore(replace(SHALLOW, depth=1, goals=("business is filed",)), seed=1)
    assert unreached(found) == ["business is filed"]
    assert not green(found)
    assert "business is filed: NEVER" in tell(found, 1)


def test_who_has_no_way_back_is_stuck():
    without = replace(SHALLOW, acts=("login", "revoke"), goals=(), depth=9)
    found = explore(without, seed=1)
    [revoked] = [state for state in range(found.states) if [step.verb for step in found.path(state)] == ["revoke"]]
    assert revoked in stuck(found, "li-wei")[1]
    assert not green(found)
    assert "scenario: Found in tiny" in tell(found, 1)
