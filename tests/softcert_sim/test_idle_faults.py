"""No fault passes unseen: one that met nothing makes its step red, and without a line nothing is sent."""

import pytest
import real

from softcert_sim.results import StepResult
from softcert_sim.scenario.marks import BadFile
from softcert_sim.words.zh import CHINESE

WRONG_PIN = "login: {by: li-wei, at: office-pc, pin: Wrong-4711}\n    refused: pin-guards-key/wrong-pin"
"""Refused by the secure element, before anything is sent."""
LOGIN = "login: {by: li-wei, at: office-pc}"


def played(step: str, fault: str, given: str = "active") -> StepResult:
    return real.play(real.written(f"  - {step}\n    fault: {fault}\n", f"given: {{li-wei: {given}}}\n")).steps[-1]


@pytest.mark.parametrize(
    "fault",
    [
        "cut-request", "cut-answer", "duplicate-request", "{slow-line: 1 minute}", "{write-protect: red-usb}",
        "{power-cut: disk-rename 99}", "{disk-full: drive-write 1}", "{read-error: drive-read 1}",
        "{pull-drive: drive-write 1}", "{swap-drive: {to: blue-usb}}", "{office-crash: database-commit 1}",
        "{mail-down: 1 hour}", "mail-reject", "mail-cut", "{mail-delay: 1 hour}", "mail-drop", "mail-duplicate",
        "mail-reorder",
    ],
)  # fmt: skip
def test_a_fault_that_met_nothing_is_told_on_a_refused_step_too(fault: str) -> None:
    step = played(WRONG_PIN, fault)
    name = fault.strip("{}").partition(":")[0]
    assert step.differs == "author"
    assert step.seen.startswith(f"fault: {name} met nothing")


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("restart-computer: {at: office-pc}", "{power-cut: disk-any 1}"),
        ("restart:", "{office-crash: database-statement 1}"),
    ],
)
def test_what_starts_anew_is_not_struck(step: str, fault: str) -> None:
    assert played(step, fault).seen.startswith(f"fault: {fault.strip('{}').partition(':')[0]} met nothing")


@pytest.mark.parametrize("fault", ["{cut-request: x}", "{cut-answer: 0}", "{mail-drop: -1}", "{mail-reject: ''}"])
def test_what_counts_a_fault_is_a_number_from_1_on(fault: str) -> None:
    with pytest.raises(BadFile, match="cannot be"):
        played(LOGIN, fault)


def test_a_fault_that_met_nothing_is_told_where_the_outcome_is_another_for_its_want() -> None:
    step = played(f"{LOGIN}\n    broken: unknown", "{power-cut: disk-write 99}")
    assert (step.differs, step.expected) == ("author", "broken unknown")
    assert step.seen.startswith("allowed; fault: power-cut met nothing")
    assert "没有遇到任何东西" in CHINESE.checks(step.seen)


def test_a_beginning_that_the_policy_refuses_is_the_author_s() -> None:
    [step] = real.play(real.written("  - restart:\n", "policy: {pin: 20 to 30}\ngiven: {li-wei: active}\n")).steps
    assert (step.differs, step.seen) == ("author", "refused change-initial-pin/too-short")


def test_one_idle_fault_of_two_is_told() -> None:
    step = played(LOGIN, "{slow-line: 1 second, duplicate-request: 7}")
    assert step.seen.startswith("fault: duplicate-request met nothing")


def test_a_switch_against_writing_is_met_by_a_write_alone() -> None:
    refused = played(
        "backup: {by: li-wei, at: office-pc, to: blue-usb}\n    broken: definite", "{write-protect: red-usb}"
    )
    assert not refused.green
    plugged = "backup: {by: li-wei, at: office-pc}\n    refused: backup-to-removable/no-drive"
    assert "write-protect met nothing" in played(plugged, "{write-protect: red-usb}").seen


def test_without_a_line_what_needs_one_breaks_and_the_rest_shows_that_it_does_not() -> None:
    assert played(f"{LOGIN}\n    broken: definite", "no-line").green
    assert played(WRONG_PIN, "no-line").green
    wrong_code = "activate: {by: li-wei, at: office-pc, code: 00000-00000}\n    refused: activate-first/wrong-code"
    asked = played(wrong_code, "no-line", "pin-changed")
    assert (asked.differs, asked.outcome.kind) == ("author alone", "broken")


def test_what_reaches_the_office_around_a_missing_line_is_told() -> None:
    step = played("scan: {by: scanner, of: li-wei}", "no-line", "approved")
    assert step.seen.startswith("no-line: a message passed all the same"), step
