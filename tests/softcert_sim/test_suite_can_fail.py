"""The shipped scenarios can fail: in whatever way a rule is broken, a scenario goes red and names that rule.

Who breaks it stands in `softcert_sim.sabotage`. The product's files stay as they are, and everything is put back.
"""

from collections.abc import Callable
from typing import Any

import pytest
import real
from sqlalchemy import Executable, delete

from softcert.rules.catalogue import RULES
from softcert_ca.case import Case
from softcert_ca.tables import repeats, time
from softcert_sim.sabotage.detectors import those_about
from softcert_sim.sabotage.hand import Hand, broken
from softcert_sim.sabotage.saboteur import CONTROL, by_rule, every
from softcert_sim.sabotage.trial import kills

SABOTEURS = [one.id for one in every().values() if one.rule]


def test_each_rule_has_three_saboteurs_of_two_kinds_at_least() -> None:
    few = {rule: [one.kind for one in own] for rule, own in by_rule(every()).items()}
    assert {rule: kinds for rule, kinds in few.items() if len(kinds) < 3 or len(set(kinds)) < 2} == {}
    assert list(few) == list(RULES)


@pytest.mark.parametrize("name", SABOTEURS)
def test_each_saboteur_is_killed_by_a_scenario_through_what_he_declared(name: str) -> None:
    """`softcert sabotage` runs all scenarios past each; here it is enough that one kills him, of those about his rule."""
    saboteur = every()[name]
    with broken(saboteur.act) as hand:
        seen = those_about(1, saboteur.rule)
        killed = next((one for one in seen if kills(one, saboteur)), None)
        seen.close()
        assert not hand.wrapped or len(hand.untouched) < hand.wrapped
    assert (killed is not None) != bool(saboteur.survives)


def test_nobody_sees_the_one_who_breaks_nothing() -> None:
    for rule in ("one-time-link", "code-once"):
        with broken(every()[CONTROL].act):
            assert list(those_about(1, rule)) == []


# --- What the judge sees ----------------------------------------------------------------------------------------------


def at_a_refusal(statement: Executable) -> Callable[[Hand], None]:
    """The office does this besides, whenever it refuses."""

    def besides(write_down: Any, case: Case) -> None:
        write_down(case)
        if case.verdict is not None and not case.verdict.allowed:
            case.connection.execute(statement)

    return lambda hand: hand.wrap("softcert_ca.case.Case.write_down", besides)


FORGET_ANSWERS, FORGET_TIME = at_a_refusal(delete(repeats)), at_a_refusal(time.update().values(latest=0))


@pytest.mark.parametrize(
    ("neglect", "scenario"),
    [
        (FORGET_ANSWERS, "6-doing-business/filing"),
        (FORGET_ANSWERS, "8-mistakes/code-mistyped"),
        (FORGET_TIME, "4-downloading/stolen-mailbox"),
    ],
)
def test_a_refusal_that_changes_more_than_it_may_is_seen(neglect: Callable[[Hand], None], scenario: str) -> None:
    assert real.play(real.named(scenario)).red is None
    with broken(neglect):
        red = real.play(real.named(scenario)).red
    assert red is not None
    assert "the act was refused, and yet the office's records changed" in red.seen


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("check-mail: {of: zhang-min}", "something to compare: count, says"),
        ("check-mail: {of: zhang-min, purpose: result, held: 0}", "something to compare: count, says"),
        ("check-computer: {at: cafe-pc}", "something to compare: driver or certificates"),
        ("check-code: {of: li-wei}", "something to compare: tries, recovery-tries, symbols or right"),
        ("check-nowhere: {what: password, of: zhang-min}", "a secret to look for: password of zhang-min"),
        ("check-nowhere: {what: address, of: zhang-min}", "a secret to look for: address of zhang-min"),
        ("check-audit: {refused: one-time-link/used}", "`entries`, for either"),
        ("check-audit: {entries: 0, refused: one-time-link/used, rejected: badNonce}", "`entries`, for either"),
        ("check-audit: {entries: 0, refused: one-time-link/usd}", "a rule, rule/reason or protocol error"),
        ("check-audit: {entries: 0, rejected: badnonce}", "a rule, rule/reason or protocol error"),
    ],
)
def test_a_check_that_compares_nothing_fails(check: str, expected: str) -> None:
    step = real.play(real.written(f"  - {check}\n", "given: {li-wei: approved}\n")).steps[-1]
    assert (step.differs, step.expected[: len(expected)]) == ("author and system", expected)
