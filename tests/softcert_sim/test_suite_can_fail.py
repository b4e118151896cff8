"""The shipped scenarios can fail: whichever rule is taken out of the product, a scenario goes red and names that rule.

A gate is taken out of the lists of checks, as a careless developer would do it; of a duty, one thing that holds it is
left undone. The product's files stay as they are, and everything is put back.
"""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager

import pytest
from sqlalchemy import delete

from softcert import disk
from softcert.driver import Driver, Submitted
from softcert.rules.catalogue import RULES
from softcert.rules.checks import ACTS
from softcert_ca import letters, lives
from softcert_ca.case import Case
from softcert_ca.records import Record
from softcert_ca.tables import repeats, time
from softcert_sim.product import product
from softcert_sim.results import ScenarioResult, StepResult
from softcert_sim.runner import Options, load
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.stage import Setting, Stage

GATES = tuple(rule.id for rule in RULES.values() if rule.kind == "gate")
DUTIES = tuple(rule.id for rule in RULES.values() if rule.kind == "duty")

NOTICED_BY = {
    "no-e-licence": ("1-before-you-start/e-licence-holder",),
    "confirm-computer": ("1-before-you-start/not-confirmed", "1-before-you-start/said-no"),
    "driver-first": ("1-before-you-start/driver-missing", "9-attacks/claims-about-the-driver"),
    "read-notice": ("2-applying/notice-not-read", "2-applying/notice-changed"),
    "form-checked": ("2-applying/not-reviewed", "2-applying/identity-number"),
    "code-once": ("5-first-login/code-collected-twice",),
    "code-secret": ("2-applying/acknowledgement-lost",),
    "result-by-mail": ("3-the-decision/approved",),
    "approved-only": ("3-the-decision/too-early",),
    "unique-address": ("4-downloading/guessing",),
    "one-time-link": ("4-downloading/used-address", "4-downloading/expired"),
    "same-computer-download": ("4-downloading/stolen-mailbox", "4-downloading/parts-replaced"),
    "change-initial-pin": ("5-first-login/initial-pin", "5-first-login/weak-pin"),
    "pin-guards-key": ("6-doing-business/wrong-pin", "5-first-login/restored-disk"),
    "activate-first": ("5-first-login/activation", "5-first-login/code-locked"),
    "business-after-activation": ("6-doing-business/before-activation", "6-doing-business/session-ends"),
    "same-computer-use": ("2-applying/withdraw", "5-first-login/hardware-in-a-session"),
    "backup-to-removable": ("7-replacing-the-computer/not-removable",),
    "backup-sealed": ("7-replacing-the-computer/altered-backup", "7-replacing-the-computer/foreign-manifest"),
    "recover-from-removable": ("7-replacing-the-computer/recover-needs", "7-replacing-the-computer/stolen-backup"),
    "one-computer": ("7-replacing-the-computer/move", "7-replacing-the-computer/recovered-twice"),
    "valid-certificate": ("6-doing-business/revoked", "5-first-login/no-certificate"),
    "accountable": ("4-downloading/used-address",),
}
"""For each rule a few scenarios, each of which alone must notice that it is gone."""

ONE_SIDE = (
    ("driver-first", "driver", "1-before-you-start/driver-missing"),
    ("driver-first", "office", "9-attacks/claims-about-the-driver"),
    ("form-checked", "driver", "2-applying/bad-field"),
    ("form-checked", "office", "2-applying/office-checks-the-form-itself"),
    ("valid-certificate", "driver", "5-first-login/no-certificate"),
    ("valid-certificate", "office", "6-doing-business/expired"),
    ("recover-from-removable", "driver", "7-replacing-the-computer/recover-needs"),
    ("recover-from-removable", "office", "7-replacing-the-computer/stolen-backup"),
    ("backup-sealed", "driver", "7-replacing-the-computer/altered-backup"),
    ("backup-sealed", "office", "7-replacing-the-computer/number-never-registered"),
    ("approved-only", "office", "5-first-login/code-of-a-withdrawn-application"),
    ("approved-only", "office", "5-first-login/code-of-a-disapproved-application"),
)
"""Rules of which one side, or one list, could forget its checks: none may lean on the others."""


@contextmanager
def without(rule: str, sides: Iterable[str] = ("driver", "office")) -> Generator[None]:
    """The product with every check of a rule taken out of the lists of these sides."""
    lists = [(act, act.checks) for act in ACTS if act.side in sides]
    try:
        for act, checks in lists:
            # The lists are frozen, for everybody but a saboteur.
            object.__setattr__(act, "checks", tuple(check for check in checks if check.rule != rule))
        yield
    finally:
        for act, checks in lists:
            object.__setattr__(act, "checks", checks)


def show_the_code_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """`code-once`: the office does not write down that a re-issued code was shown."""
    change = lives.change

    def forgetful(case: Case, kind: str, key: str, **columns: object) -> None:
        if columns != {"code_granted": 0}:
            change(case, kind, key, **columns)

    monkeypatch.setattr(lives, "change", forgetful)


def log_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """`code-secret`: the driver writes the activation code into a log on the disk."""
    apply = Driver.apply

    def logging(self: Driver, form: Mapping[str, str], reviewed: bool = True) -> Submitted:
        submitted = apply(self, form, reviewed)
        disk.replace(self.computer.disk, "softcert/log.txt", f"got {submitted.activation_code}".encode())
        return submitted

    monkeypatch.setattr(Driver, "apply", logging)


def mail_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """`result-by-mail`: two result mails for one approval."""
    approval = letters.approval

    def twice(case: Case, application: Record) -> None:
        approval(case, application)
        approval(case, application)

    monkeypatch.setattr(letters, "approval", twice)


def keep_refusals_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """`accountable`: what was refused is not entered into the audit log."""
    write_down = Case.write_down

    def unless_refused(self: Case) -> None:
        if self.verdict is None or self.verdict.allowed:
            write_down(self)

    monkeypatch.setattr(Case, "write_down", unless_refused)


NEGLECT: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "code-once": show_the_code_again,
    "code-secret": log_the_code,
    "result-by-mail": mail_twice,
    "accountable": keep_refusals_quiet,
}


def play(*names: str) -> list[ScenarioResult]:
    """These scenarios on worlds of their own."""
    suite = product()
    stage = Stage(suite, Setting())
    try:
        paths = [shipped() / f"{name}.scenario.yaml" for name in names]
        return [stage.run(scenario) for scenario in load(paths, Options(), suite)]
    finally:
        stage.close()


def names(result: ScenarioResult, rule: str) -> bool:
    """Whether the first thing that a red scenario says names the rule: the refusal that was expected, or an invariant."""
    red = result.red
    assert red is not None, f"{result.title} did not notice that {rule} is gone"
    first = red.seen.partition(";")[0]
    return f"refused {rule}/" in red.expected or (red.differs == "invariant" and f"{rule}: " in first)


def test_every_rule_has_scenarios_that_notice_its_absence() -> None:
    assert set(NOTICED_BY) == set(RULES)
    assert set(NEGLECT) == set(DUTIES)


@pytest.mark.parametrize("rule", NOTICED_BY)
def test_unbroken_they_are_green(rule: str) -> None:
    assert [result.title for result in play(*NOTICED_BY[rule]) if result.red] == []


@pytest.mark.parametrize("rule", GATES)
def test_without_a_gate_scenarios_go_red_and_name_it(rule: str) -> None:
    with without(rule):
        results = play(*NOTICED_BY[rule])
    red = [result for result in results if result.red]
    assert {result.path for result in red} == {result.path for result in results}
    assert [result.title for result in red if not names(result, rule)] == []


@pytest.mark.parametrize(("rule", "side", "scenario"), ONE_SIDE)
def test_a_gate_that_one_side_forgets_is_missed_although_the_other_asks(rule: str, side: str, scenario: str) -> None:
    assert not any(result.red for result in play(scenario))
    with without(rule, [side]):
        results = play(scenario)
    assert any(result.red and names(result, rule) for result in results)


@pytest.mark.parametrize("rule", DUTIES)
def test_a_duty_neglected_turns_scenarios_red_that_name_it(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    NEGLECT[rule](monkeypatch)
    for result in play(*NOTICED_BY[rule]):
        assert names(result, rule), (result.title, result.red)


# --- What the judge sees ----------------------------------------------------------------------------------------------


def rename_at_a_wrong_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """The office counts a wrong activation code, and writes down another name."""
    change = lives.change

    def careless(case: Case, kind: str, key: str, **columns: object) -> None:
        change(case, kind, key, **columns, **({"name": "Mallory"} if columns.get("activation_tries") else {}))

    monkeypatch.setattr(lives, "change", careless)


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
        (rename_at_a_wrong_code, "5-first-login/code-locked"),
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
        ("check-code: {of: li-wei}", "something to compare: tries or symbols"),
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
