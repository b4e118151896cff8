"""Every state of a small world is visited, the same on each run; goals that are out of reach are told."""

from collections import Counter
from dataclasses import replace

import pytest
from alike import differing

from softcert_sim import oracle
from softcert_sim.explorer import key
from softcert_sim.explorer.expand import Expander
from softcert_sim.explorer.scopes import DEFAULT as POLICY
from softcert_sim.explorer.scopes import SCOPES
from softcert_sim.explorer.search import explore
from softcert_sim.explorer.told import counterexamples, green, outlook, tell, unreached
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


@pytest.fixture(scope="module")
def tiny():
    return explore(SCOPES["tiny"], seed=1)


def test_nothing_is_wrong_and_the_oracle_has_an_opinion_of_all(found):
    assert green(found), tell(found, 1)
    assert found.silent == 0


def test_several_workers_find_the_same_and_nothing_else(found):
    again = explore(SHALLOW, seed=1, workers=2)
    assert replace(again, elapsed=0) == replace(found, elapsed=0)


def test_the_whole_of_tiny(tiny):
    assert green(tiny), tell(tiny, 1)
    # As many as there were when this was written: others mean that the process, the scope or the key changed.
    assert (tiny.states, tiny.transitions, tiny.depth, tiny.silent) == (401, 4_835, 13, 0)
    assert outlook(tiny, "li-wei") == (
        229, 0, {"the certificate is revoked, and the scope allows no other application": 172}, []
    )  # fmt: skip


def test_from_states_with_the_same_key_the_same_acts_have_the_same_outcomes(tiny):
    looked_at, wrong = differing(tiny, 1, samples=25)
    assert looked_at == 25
    assert wrong == []


def test_a_key_that_says_too_little_is_found_out(found, monkeypatch):
    monkeypatch.setattr(key, "_COUNTS", key._COUNTS | {"session", "memory"})
    merged = explore(SHALLOW, seed=1)
    assert merged.states < found.states
    assert differing(merged, 1, samples=25)[1] != []


@pytest.mark.parametrize(
    ("given", "seats"),
    [
        ((("li-wei", "driver-installed"),), (("li-wei", "office-pc"), ("li-wei", "home-pc"))),
        ((), (("li-wei", "office-pc"), ("zhang-min", "studio-pc"))),
    ],
    ids=["of computers", "of applicants with their computers"],
)
def test_what_an_exchange_saves_are_states_that_differ_by_one(given, seats):
    scope = replace(SHALLOW, given=given, seats=seats, acts=("confirm", "install", "read-notice", "apply"), depth=5)
    found, whole = explore(scope, seed=1), explore(replace(scope, exchange=False), seed=1)
    expander, keys = Expander(scope, 1), key.Keys()
    orbits = Counter(keys.of(expander.at(whole.path(state)).oracle) for state in range(whole.states))
    assert orbits.keys() == {keys.of(expander.at(found.path(state)).oracle) for state in range(found.states)}
    assert set(orbits.values()) == {1, 2}
    assert whole.wrong is found.wrong is None
    expander.close()


def test_states_that_were_not_expanded_are_told_and_decide_nothing(found):
    assert f"cut off: {len(found.border)} states at depth 3 were not expanded." in tell(found, 1)
    assert outlook(found, "li-wei").lost == []


def test_a_goal_out_of_reach_is_red():
    found = explore(replace(SHALLOW, depth=1, goals=("business is filed",)), seed=1)
    assert unreached(found) == ["business is filed"]
    assert not green(found)
    assert "business is filed: NEVER" in tell(found, 1)
    assert tell(found, 1).splitlines()[-1] == (
        "Never came to pass within depth 1 (the scope goes to 99): business is filed."
    )


def test_whatever_is_struck_the_oracle_knows_what_comes_of_it():
    found = explore(replace(SCOPES["struck"], depth=2, goals=()), seed=1)
    assert green(found), tell(found, 1)
    assert {fault.name for act in found.ways[1::3] for fault in found.steps[act].faults} >= {"cut-answer", "office-crash"}


def test_what_is_no_scope_or_no_act_of_it_is_said(softcert):
    ended = softcert("explore", "--scope", "tinny")
    assert ended.code == 2
    assert "--scope tinny: there is no such scope. Known: tiny, small, struck, large." in ended.err
    ended = softcert("explore", "--without", "fly")
    assert ended.code == 2
    assert "--without fly: the scope has no such act. It has install, apply," in ended.err


def test_who_has_no_way_back_is_stuck(tmp_path):
    without = replace(SHALLOW, acts=("login", "revoke"), goals=(), depth=9)
    found = explore(without, seed=1)
    [revoked] = [state for state in range(found.states) if [step.verb for step in found.story(state)] == ["revoke"]]
    assert revoked in outlook(found, "li-wei").lost
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


LIFE = ("apply", "approve", "read-mail", "download", "change-pin", "login")


@pytest.mark.parametrize(
    ("acts", "reason"),
    [
        ("withdraw", "the application is withdrawn"),
        ("disapprove", "the application is disapproved"),
        ("revoke", "the certificate is revoked"),
        ("wrong-pin", "the PIN is locked where the certificate is bound"),
    ],
)
def test_who_can_get_no_certificate_any_more_is_counted_by_the_reason(acts, reason):
    scope = replace(
        SHALLOW, given=(("li-wei", "applied"),), seats=(("li-wei", "office-pc"),), drives=(), acts=(*LIFE, acts),
        depth=9, goals=(), policy=replace(POLICY, pin_tries=2),
    )  # fmt: skip
    found = explore(scope, seed=1)
    hope = outlook(found, "li-wei")
    assert set(hope.hindered) == {f"{reason}, and the scope allows no other application"}
    assert (hope.open, hope.lost) == (0, [])
    assert f"not from {hope.hindered.popitem()[1]}: {reason}" in tell(found, 1)
