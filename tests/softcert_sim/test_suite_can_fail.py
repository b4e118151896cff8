"""The shipped scenarios can fail: in whatever way a rule is broken, a scenario goes red and names that rule.

Who breaks it stands in `softcert_sim.sabotage`. The product's files stay as they are, and everything is put back.
"""

from collections.abc import Callable

import pytest
from sqlalchemy import delete

from softcert.rules.catalogue import RULES
from softcert_ca.case import Case
from softcert_ca.tables import repeats, time
from softcert_sim.product import product
from softcert_sim.results import ScenarioResult, StepResult
from softcert_sim.runner import Options, load
from softcert_sim.sabotage.detectors import scenarios
from softcert_sim.sabotage.hand import broken
from softcert_sim.sabotage.saboteur import CONTROL, by_rule, every
from softcert_sim.sabotage.trial import kills
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.stage import Setting, Stage

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
        seen = scenarios(1, about=saboteur.rule)
        killed = next((one for one in seen if kills(one, saboteur)), None)
        seen.close()
        assert not hand.wrapped or len(hand.untouched) < hand.wrapped
    assert (killed is not None) != bool(saboteur.survives)


def test_nobody_sees_the_one_who_breaks_nothing() -> None:
    for rule in ("one-time-link", "code-once"):
        with broken(every()[CONTROL].act):
            assert list(scenarios(1, about=rule)) == []


def play(*names: str) -> list[ScenarioResult]:
    """These scenarios on worlds of their own."""
    suite = product()
    stage = Stage(suite, Setting())
    try:
        paths = [shipped() / f"{name}.scenario.yaml" for name in names]
        return [stage.run(scenario) for scenario in load(paths, Options(), suite)]
    finally:
        stage.close()


# --- What the judge sees ----------------------------------------------------------------------------------------------


def forget_answers_at_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The office forgets, whenever it refuses, what it would have to say again."""
    write_down = Case.write_down

    def forgetful(self: Case) -> None:
        write_down(self)
        if self.verdict is not None and not self.verdict.allowed:
            self.connection.execute(delete(repeats))

    monkeypatch.setattr(Case, "write_down", forgetful)


def set_time_back_at_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The office forgets, whenever it refuses, how late it was."""
    write_down = Case.write_down

    def forgetful(self: Case) -> None:
        write_down(self)
        if self.verdict is not None and not self.verdict.allowed:
            self.connection.execute(time.update().values(latest=0))

    monkeypatch.setattr(Case, "write_down", forgetful)


@pytest.mark.parametrize(
    ("neglect", "scenario"),
    [
        (forget_answers_at_a_refusal, "6-doing-business/filing"),
        (forget_answers_at_a_refusal, "8-mistakes/code-mistyped"),
        (set_time_back_at_a_refusal, "4-downloading/stolen-mailbox"),
    ],
)
def test_a_refusal_that_changes_more_than_it_may_is_seen(
    neglect: Callable[[pytest.MonkeyPatch], None], scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not any(result.red for result in play(scenario))
    neglect(monkeypatch)
    (red,) = [result.red for result in play(scenario)]
    assert red is not None
    assert "the act was refused, and yet the office's records changed" in red.seen


def told(steps: str, head: str = "") -> StepResult:
    """The last step of a story played for real."""
    suite = product()
    loader = Loader(suite.registry)
    (usual,) = loader.load_file(shipped() / "4-downloading" / "used-address.scenario.yaml")
    stage = Stage(suite, Setting())
    try:
        text = f"softcert: 1\nscenario: Real\n{head}steps:\n{steps}"
        return stage.run(loader.load_text("real.yaml", text, usual.cast)[0]).steps[-1]
    finally:
        stage.close()


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("check-mail: {of: zhang-min}", "something to compare: count, says"),
        ("check-mail: {of: zhang-min, purpose: result, held: 0}", "something to compare: count, says"),
        ("check-computer: {at: cafe-pc}", "something to compare: driver or certificates"),
        ("check-code: {of: li-wei}", "something to compare: tries, symbols or right"),
        ("check-nowhere: {what: password, of: zhang-min}", "a secret to look for: password of zhang-min"),
        ("check-nowhere: {what: address, of: zhang-min}", "a secret to look for: address of zhang-min"),
        ("check-audit: {refused: one-time-link/used}", "`entries`, for either"),
        ("check-audit: {entries: 0, refused: one-time-link/used, rejected: badNonce}", "`entries`, for either"),
        ("check-audit: {entries: 0, refused: one-time-link/usd}", "a rule, rule/reason or protocol error"),
        ("check-audit: {entries: 0, rejected: badnonce}", "a rule, rule/reason or protocol error"),
    ],
)
def test_a_check_that_compares_nothing_fails(check: str, expected: str) -> None:
    step = told(f"  - {check}\n", "given: {li-wei: approved}\n")
    assert (step.differs, step.expected[: len(expected)]) == ("author and system", expected)
