"""Every state of a small world is visited, the same on each run; goals that are out of reach are told."""

from dataclasses import replace

import pytest

from softcert_sim import oracle
from softcert_sim.explorer.scopes import DEFAULT as POLICY
from softcert_sim.explorer.scopes import SCOPES
from softcert_sim.explorer.search import explore
from softcert_sim.explorer.told import counterexamples, green, stuck, tell, unreached
from softcert_sim.product import product
from softcert_sim.sabotage.hand import broken
from softcert_sim.scenario.loader import Loader
from softcert_sim.stage import Setting, Stage

SHALLOW = replace(SCOPES["tiny"], depth=3, goals=("a certificate is active", "a certificate is revoked"))


TRIES = replace(
    SCOPES["tiny"], acts=("login", "activate", "wrong-code"), depth=5, goals=(), policy=replace(POLICY, activation_tries=2)
)


def played(tmp_path, text):
    """What `softcert run` makes of a file."""
    (tmp_path / "found.scenario.yaml").write_text(text, encoding="utf-8")
    [scenario] = Loader(product().registry).load([tmp_path / "found.scenario.yaml"])
    stage = Stage(product(), Setting())
    try:
        return stage.run(scenario)
    finally:
        stage.close()


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
    assert tell(found, 1).splitlines()[-1] == (
        "Never came to pass within depth 1 (the scope goes to 99): business is filed."
    )


def test_who_has_no_way_back_is_stuck(tmp_path):
    without = replace(SHALLOW, acts=("login", "revoke"), goals=(), depth=9)
    found = explore(without, seed=1)
    [revoked] = [state for state in range(found.states) if [step.verb for step in found.path(state)] == ["revoke"]]
    assert revoked in stuck(found, "li-wei")[1]
    assert not green(found)
    [text] = counterexamples(found, 1)
    assert "# li-wei can get no working certificate any more" in text
    assert played(tmp_path, text).red is None


def test_what_is_wrong_becomes_a_small_file_that_is_red_at_the_wrong_step_and_green_once_it_is_mended(tmp_path):
    with broken(lambda hand: hand.drop("activate-first/locked", "office activate")):
        found = explore(TRIES, seed=1)
        assert found.wrong
        [text] = counterexamples(found, 1)
        result = played(tmp_path, text)
    assert [(step.verb, step.expected) for step in result.steps] == [
        ("login", "allowed"),
        ("activate", "refused activate-first/wrong-code"),
        ("activate", "refused activate-first/wrong-code"),
        ("login", "allowed"),
        ("activate", "refused activate-first/locked"),
    ]
    assert result.red is result.steps[-1]
    assert (result.red.seen, result.red.differs) == ("allowed", "system alone")
    mended = played(tmp_path, text)
    assert mended.red is None
    assert len(mended.steps) == 5


def test_an_oracle_that_stumbles_is_a_find_with_its_path(monkeypatch):
    monkeypatch.setitem(oracle.ACTS, "file", lambda *_: {}["nothing"])
    found = explore(SHALLOW, seed=1)
    assert found.wrong
    assert "a judge failed: KeyError: 'nothing'" in found.wrong[1]
    assert "a judge failed: KeyError" in tell(found, 1)
    [text] = counterexamples(found, 1)
    assert "seen where it happened, and not in this file" in text
