"""The rules room: catalogue, lists of checks, verdicts, PIN policy and life cycles fit together."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, asdict, dataclass, fields, replace
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softcert.rules import checks
from softcert.rules.catalogue import CLAUSES, INITIAL_PIN, RULES
from softcert.rules.checks import ACTS, FORM_FIELDS, PIN_FAULTS, faults_of_pin
from softcert.rules.facts import (
    ActivateFacts,
    ApplyFacts,
    BackupFacts,
    ChangePinFacts,
    ConfirmFacts,
    DownloadFacts,
    DriverFacts,
    FileFacts,
    FormFacts,
    KeyFacts,
    NewCodeFacts,
    RecoverFacts,
    ReleaseFacts,
    RestoreFacts,
    UseFacts,
    WithdrawFacts,
)
from softcert.rules.lifecycles import LIFECYCLES, state_after, states_before
from softcert.rules.policy import ASSUMPTIONS, RANGES, Policy
from softcert.rules.verdict import Act, Check, decide

POLICY = Policy()
GATES = {rule.id: rule for rule in RULES.values() if rule.kind == "gate"}
ALL_CHECKS = [(act, check) for act in ACTS for check in act.checks]
LISTS: dict[str, Act[Any]] = {name: value for name, value in vars(checks).items() if isinstance(value, Act)}

# --- The catalogue ----------------------------------------------------------------------------------------------------


def test_the_catalogue_has_28_clauses_and_23_rules() -> None:
    assert list(CLAUSES) == [f"c{number:02}" for number in range(1, 29)]
    assert len(RULES) == 23
    assert sorted(rule.id for rule in RULES.values() if rule.kind == "duty") == [
        "accountable", "code-once", "code-secret", "result-by-mail",
    ]  # fmt: skip


def test_every_clause_is_read_by_a_rule_and_no_rule_cites_another() -> None:
    cited = {clause for rule in RULES.values() for clause in rule.clauses}
    assert cited == set(CLAUSES)


def test_a_rule_without_a_clause_is_one_that_the_source_takes_for_granted() -> None:
    assert [rule.id for rule in RULES.values() if not rule.clauses] == ["valid-certificate", "accountable"]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_every_rule_says_what_it_is_and_what_it_does_not_stop(rule: Any) -> None:
    assert rule.reading.endswith(".")
    assert rule.does_not_stop.endswith(".")
    assert rule.enforcer
    assert set(rule.assumptions) <= set(ASSUMPTIONS)
    assert bool(rule.reasons) is (rule.kind == "gate")
    assert len(rule.reasons) == len(set(rule.reasons))


def test_assumptions_are_the_fields_of_the_policy_and_say_why() -> None:
    assert set(ASSUMPTIONS) == {field.name.replace("_", "-") for field in fields(Policy)}
    assert all(ASSUMPTIONS.values())


def test_each_assumption_has_its_usual_value_and_its_bounds() -> None:
    minute, day, year = 60, 86_400, 31_536_000
    assert asdict(Policy()) == {
        "activation_code": 10, "activation_tries": 5, "link_lifetime": 7 * day, "link_reissue": True, "link_visit": "page",
        "wrong_computer": "keep", "repeat_until_acknowledged": True, "pin": (8, 32), "pin_tries": 10, "same_computer": 3,
        "backup_password": 8, "recovery_proof": "activation-code", "recovery": "move", "session_lifetime": 30 * minute,
        "certificate_lifetime": 5 * year, "review_time": 3 * day, "lost_computer": "revoke", "flood_limit": 5,
        "guess_limit": 20,
    }  # fmt: skip
    bounds = {
        "activation-code": (4, 50), "link-lifetime": (1, 100 * year), "same-computer": (1, 4),
        "session-lifetime": (1, year), "certificate-lifetime": (1, 100 * year), "review-time": (0, year),
    }  # fmt: skip
    assert {name: bounds.get(name, (1, 1_000)) for name in RANGES} == RANGES
    assert set(RANGES) == set(ASSUMPTIONS)


# --- The lists of checks ----------------------------------------------------------------------------------------------


def test_each_gate_and_each_reason_stands_in_a_list_and_nothing_else_does() -> None:
    listed = {(check.rule, check.reason) for _, check in ALL_CHECKS}
    assert listed == {(rule.id, reason) for rule in GATES.values() for reason in rule.reasons}


def test_every_list_of_the_module_is_published() -> None:
    assert len(ACTS) == len(LISTS)
    assert all(any(act is published for published in ACTS) for act in LISTS.values())
    assert len({(act.side, act.name) for act in ACTS}) == len(ACTS)


def test_a_check_shows_facts_that_its_act_has_and_assumptions() -> None:
    hints = get_type_hints(checks)
    assumptions = {field.name for field in fields(Policy)}
    for name, act in LISTS.items():
        known = {field.name for field in fields(get_args(hints[name])[0])} | assumptions
        for check in act.checks:
            assert check.because.split(), f"{name}: {check.reason}"
            assert set(check.because.split()) <= known


def numbers_in_source() -> dict[str, dict[int, bool]]:
    """For each list the numbers written beside its checks, and whether each bears the mark *."""
    found: dict[str, dict[int, bool]] = {}
    for part in re.split(r"(?m)^(?=[A-Z_]+: Act\[)", inspect.getsource(checks))[1:]:
        body = part[: part.index("\n))")]
        rows = re.findall(r"#\s+(\d+)(?:…(\d+))?(\*?)$", body, re.MULTILINE)
        found[part[: part.index(":")]] = {
            number: mark == "*" for first, last, mark in rows for number in range(int(first), int(last or first) + 1)
        }
    return found


@pytest.mark.parametrize("name", LISTS)
def test_the_numbers_beside_the_checks_count_them(name: str) -> None:
    assert list(numbers_in_source()[name]) == list(range(1, len(LISTS[name].checks) + 1))


@pytest.mark.parametrize("name", LISTS)
def test_lists_follow_the_catalogue_except_where_marked(name: str) -> None:
    order, marked = list(RULES), numbers_in_source()[name]
    unmarked = [order.index(check.rule) for n, check in enumerate(LISTS[name].checks, 1) if not marked[n]]
    assert unmarked == sorted(unmarked)


def test_only_lists_that_are_out_of_order_bear_marks() -> None:
    order = list(RULES)
    marked = {name for name, numbers in numbers_in_source().items() if any(numbers.values())}
    places = {name: [order.index(check.rule) for check in act.checks] for name, act in LISTS.items()}
    assert marked == {name for name, given in places.items() if given != sorted(given)}


def test_form_fields_and_pin_faults_are_the_reasons_of_their_rules() -> None:
    assert (*FORM_FIELDS, "not-reviewed") == RULES["form-checked"].reasons
    assert ("initial", *PIN_FAULTS) == RULES["change-initial-pin"].reasons


# --- Each check refuses for its own reason: one bad fact in an act that is otherwise in order -------------------------

CERTIFICATE: dict[str, Any] = {
    "known": True, "issuer_ok": True, "usage_ok": True, "not_before": 100, "not_after": 200, "now": 150,
    "revoked": False, "revoked_at": None, "bound_devices": ("here",), "bound_at": 120,
}  # fmt: skip
BOUND: dict[str, Any] = {
    **CERTIFICATE, "device": "here", "retired_devices": ("old",), "ids_matching": 4,
}  # fmt: skip
SESSION: dict[str, Any] = {**BOUND, "session": "live", "session_expires": 300, "session_device": "here"}
VERSION: dict[str, Any] = {"driver_version": (1, 0, 0), "driver_needed": (1, 0, 0)}

IN_ORDER: Mapping[str, Any] = {
    "INSTALL": ReleaseFacts(signed=True, intact=True, version=(1, 0), newest_seen=(1, 0)),
    "USE_DRIVER": DriverFacts(driver="whole"),
    "SEND_FORM": FormFacts(driver="whole", bad_fields=(), reviewed=True),
    "CHANGE_PIN": ChangePinFacts(driver="whole", pin="untried", new_pin_faults=(), certificate_here=True),
    "USE_KEY": KeyFacts(driver="whole", pin="opened", pin_is_initial=False, certificate_here=True),
    "WRITE_BACKUP": BackupFacts("whole", "opened", False, True, "flash-drive", path_stays=True, password_length=8),
    "READ_BACKUP": RestoreFacts("whole", (), "removable-disk", "whole", opens=True),
    "CONFIRM": ConfirmFacts(use_this_computer=True),
    "APPLY": ApplyFacts(
        holds_e_licence=False, confirmed="yes", confirmed_by="here", device="here", **VERSION, notice_digest="now",
        notice_current="now", notice_other=("other",), notice_known=("old", "now"), notice_from="register-now",
        notice_to_the_end=True, notice_accepted=True, bad_fields=(), reviewed=True,
        ids_present=3,
    ),
    "WITHDRAW": WithdrawFacts(device="here", applied_on="here"),
    "DOWNLOAD": DownloadFacts(
        **VERSION, application="approved", address="live", address_sent_at=100, address_expires=200,
        address_used_at=None, address_used_by="", now=200, device="here", applied_on="here", ids_matching=3,
        key_present=True,
    ),
    "USE_CERTIFICATE": UseFacts(**BOUND, **VERSION),
    "ACTIVATE": ActivateFacts(**SESSION, certificate="issued", tries=4, code_matches=True),
    "NEW_CODE": NewCodeFacts(
        device="here", bound_devices=("here",), ids_matching=3, application="certified", reissue_granted=True,
    ),
    "FILE": FileFacts(**SESSION, certificate="active", signed_by_session_certificate=True),
    "RECOVER": RecoverFacts(
        **CERTIFICATE, **VERSION, backup="registered", backup_generation=1, generation=1, tries=4, proof_matches=True,
        ids_present=3,
    ),
}  # fmt: skip

PINS: dict[str, dict[str, Any]] = {
    f"pin-guards-key/{result}": {"pin": result} for result in ("old-keystore", "locked", "wrong-pin")
}
NEW_PINS: dict[str, dict[str, Any]] = {f"change-initial-pin/{it}": {"new_pin_faults": (it,)} for it in PIN_FAULTS}
FIELDS: dict[str, dict[str, Any]] = {f"form-checked/{it}": {"bad_fields": (it,)} for it in FORM_FIELDS}
MISSING: dict[str, dict[str, Any]] = {f"driver-first/{it}": {"driver": it} for it in ("missing", "altered")}
OLD: dict[str, dict[str, Any]] = {
    "driver-first/missing": {"driver_version": ()}, "driver-first/outdated": {"driver_version": (0, 9, 9)},
}  # fmt: skip
HERE: dict[str, dict[str, Any]] = {
    "same-computer-use/other-computer": {"device": "there"}, "same-computer-use/other-hardware": {"ids_matching": 2},
}  # fmt: skip
VALID: dict[str, dict[str, Any]] = {
    "valid-certificate/wrong-issuer": {"issuer_ok": False}, "valid-certificate/wrong-usage": {"usage_ok": False},
    "valid-certificate/not-yet-valid": {"now": 99},
    "valid-certificate/expired": {"now": 201}, "valid-certificate/revoked": {"revoked": True},
}  # fmt: skip
NO_CERTIFICATE: dict[str, dict[str, Any]] = {"valid-certificate/no-certificate": {"certificate_here": False}}

ONE_BAD_FACT: dict[str, dict[str, dict[str, Any]]] = {
    "INSTALL": {
        "driver-first/unsigned": {"signed": False}, "driver-first/altered": {"intact": False},
        "driver-first/older": {"version": (0, 9)},
    },
    "USE_DRIVER": MISSING,
    "SEND_FORM": {**MISSING, **FIELDS, "form-checked/not-reviewed": {"reviewed": False}},
    "CHANGE_PIN": {**MISSING, **NEW_PINS, **PINS, **NO_CERTIFICATE},
    "USE_KEY": {**MISSING, "change-initial-pin/initial": {"pin_is_initial": True}, **PINS, **NO_CERTIFICATE},
    "WRITE_BACKUP": {
        **MISSING, "change-initial-pin/initial": {"pin_is_initial": True}, **PINS,
        "backup-to-removable/no-drive": {"drive": "none"},
        "backup-to-removable/not-removable": {"drive": "system-disk"},
        "backup-to-removable/leaves-the-drive": {"path_stays": False},
        "backup-sealed/weak-password": {"password_length": 7}, **NO_CERTIFICATE,
    },
    "READ_BACKUP": {
        **MISSING, **NEW_PINS,
        "recover-from-removable/no-drive": {"drive": "none"},
        "recover-from-removable/not-removable": {"drive": "network-share"},
        "recover-from-removable/no-backup": {"backup": "none"},
        **{f"backup-sealed/{it}": {"backup": it} for it in ("newer-format", "unregistered", "foreign", "altered")},
        "backup-sealed/wrong-password": {"opens": False},
    },
    "CONFIRM": {"confirm-computer/said-no": {"use_this_computer": False}},
    "APPLY": {
        "no-e-licence/holder": {"holds_e_licence": True},
        "confirm-computer/not-confirmed": {"confirmed": "nothing"},
        "confirm-computer/forged": {"confirmed": "forged"},
        "confirm-computer/other-computer": {"confirmed_by": "there"}, **OLD,
        "read-notice/not-read": {"notice_digest": "none"}, "read-notice/other-notice": {"notice_digest": "other"},
        "read-notice/changed": {"notice_digest": "old"},
        "read-notice/not-from-register-now": {"notice_from": "search"},
        "read-notice/not-to-the-end": {"notice_to_the_end": False},
        "read-notice/not-accepted": {"notice_accepted": False}, **FIELDS,
        "form-checked/not-reviewed": {"reviewed": False}, "same-computer-use/too-few-ids": {"ids_present": 2},
    },
    "WITHDRAW": {"same-computer-use/other-computer": {"device": "there"}},
    "DOWNLOAD": {
        **OLD,
        "approved-only/undecided": {"application": "submitted"},
        **{f"approved-only/{it}": {"application": it} for it in ("disapproved", "withdrawn", "revoked")},
        "unique-address/unknown": {"address": "unknown"},
        "one-time-link/used": {"address": "used"}, "one-time-link/replaced": {"address": "replaced"},
        "one-time-link/expired": {"now": 201},
        "same-computer-download/other-computer": {"device": "there"},
        "same-computer-download/other-hardware": {"ids_matching": 2},
        "same-computer-download/no-key": {"key_present": False},
    },
    "USE_CERTIFICATE": {
        **OLD, **HERE, "one-computer/retired": {"device": "old"}, **VALID,
    },
    "ACTIVATE": {
        "activate-first/no-session": {"session": "none"}, "activate-first/session-ended": {"session": "ended"},
        **HERE, **VALID, "activate-first/already-active": {"certificate": "active"},
        "activate-first/locked": {"tries": 5}, "activate-first/wrong-code": {"code_matches": False},
    },
    "NEW_CODE": {
        **HERE, **{f"approved-only/{it}": {"application": it} for it in ("disapproved", "withdrawn", "revoked")},
        "activate-first/no-reissue": {"reissue_granted": False},
    },
    "FILE": {
        "business-after-activation/no-session": {"session": "none"},
        "business-after-activation/session-ended": {"session": "ended"},
        "business-after-activation/other-certificate": {"signed_by_session_certificate": False},
        "business-after-activation/not-activated": {"certificate": "issued"}, **HERE, **VALID,
    },
    "RECOVER": {
        **OLD, "same-computer-use/too-few-ids": {"ids_present": 2},
        "backup-sealed/unregistered": {"backup": "unknown"}, "one-computer/spent": {"backup": "spent"},
        "one-computer/old-generation": {"backup_generation": 0}, **VALID,
        "recover-from-removable/locked": {"tries": 5}, "recover-from-removable/wrong-proof": {"proof_matches": False},
    },
}  # fmt: skip
BAD_FACTS = [(name, said, facts) for name, table in ONE_BAD_FACT.items() for said, facts in table.items()]


@pytest.mark.parametrize("name", LISTS)
def test_an_act_in_order_is_allowed_and_asks_all_its_rules(name: str) -> None:
    verdict = decide(LISTS[name], IN_ORDER[name], POLICY)
    assert (str(verdict), verdict.allowed, verdict.reason) == ("allowed", True, None)
    assert set(verdict.asked) == {check.rule for check in LISTS[name].checks}


@pytest.mark.parametrize(("name", "said", "facts"), BAD_FACTS, ids=[f"{name}-{said}" for name, said, _ in BAD_FACTS])
def test_one_bad_fact_is_refused_by_its_rule_and_shown(name: str, said: str, facts: dict[str, Any]) -> None:
    verdict = decide(LISTS[name], replace(IN_ORDER[name], **facts), POLICY)
    assert str(verdict) == said
    assert not verdict.allowed
    assert verdict.asked[-1] == verdict.rule
    changed = set(facts) & {fact for fact, _ in verdict.facts}
    assert changed


JUST_SUFFICES: list[tuple[str, dict[str, Any]]] = [
    ("INSTALL", {"version": (1, 1)}),
    ("WRITE_BACKUP", {"password_length": 9}), ("WRITE_BACKUP", {"drive": "removable-disk"}),
    ("READ_BACKUP", {"drive": "flash-drive"}), ("CHANGE_PIN", {"pin": "opened"}), ("USE_KEY", {"pin": "untried"}),
    *((name, {"driver_version": (1, 0, 1)}) for name in ("APPLY", "DOWNLOAD", "USE_CERTIFICATE", "RECOVER")),
    *((name, {"ids_matching": ids})
      for name in ("DOWNLOAD", "USE_CERTIFICATE", "ACTIVATE", "NEW_CODE", "FILE") for ids in (3, 4)),
    *((name, {"ids_present": 4}) for name in ("APPLY", "RECOVER")),
    *((name, {"now": now}) for name in ("USE_CERTIFICATE", "ACTIVATE", "FILE", "RECOVER") for now in (100, 101, 199, 200)),
    ("DOWNLOAD", {"now": 199}), ("DOWNLOAD", {"now": 100}), ("FILE", {"now": 150, "session_expires": 151}),
    ("NEW_CODE", {"application": "submitted"}), ("NEW_CODE", {"application": "approved"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "facts"), JUST_SUFFICES)
def test_what_just_suffices_and_what_is_more_are_allowed(name: str, facts: dict[str, Any]) -> None:
    assert str(decide(LISTS[name], replace(IN_ORDER[name], **facts), POLICY)) == "allowed"


@pytest.mark.parametrize("kind", ["", "~"], ids=["first-of-all", "last-of-all"])
@pytest.mark.parametrize(
    ("name", "fact", "said"),
    [
        *((name, "driver", "driver-first/altered")
          for name in ("USE_DRIVER", "SEND_FORM", "CHANGE_PIN", "USE_KEY", "WRITE_BACKUP", "READ_BACKUP")),
        ("WRITE_BACKUP", "drive", "backup-to-removable/not-removable"),
        ("READ_BACKUP", "drive", "recover-from-removable/not-removable"),
        ("APPLY", "confirmed", "confirm-computer/forged"), ("APPLY", "device", "confirm-computer/other-computer"),
        ("APPLY", "notice_current", "read-notice/changed"),
        ("APPLY", "notice_from", "read-notice/not-from-register-now"),
        ("WITHDRAW", "device", "same-computer-use/other-computer"),
        ("DOWNLOAD", "address", "unique-address/unknown"), ("DOWNLOAD", "device", "same-computer-download/other-computer"),
        ("USE_CERTIFICATE", "device", "same-computer-use/other-computer"),
        *((name, fact, said) for name, gate in (("ACTIVATE", "activate-first"), ("FILE", "business-after-activation"))
          for fact, said in (("session", f"{gate}/session-ended"), ("device", "same-computer-use/other-computer"),
                             ("session_device", "same-computer-use/other-computer"))),
        ("ACTIVATE", "certificate", "activate-first/already-active"),
        ("FILE", "certificate", "business-after-activation/not-activated"),
        ("NEW_CODE", "device", "same-computer-use/other-computer"),
        ("RECOVER", "backup", "backup-sealed/unregistered"),
    ],
)  # fmt: skip
def test_what_no_list_knows_is_not_what_is_asked_for(name: str, fact: str, said: str, kind: str) -> None:
    """Whether it stands before or after the known ones in the alphabet."""
    assert str(decide(LISTS[name], replace(IN_ORDER[name], **{fact: kind}), POLICY)) == said


@pytest.mark.parametrize(
    ("name", "facts", "said"),
    [
        ("RECOVER", {"backup_generation": 2}, "one-computer/old-generation"),
        ("RECOVER", {"tries": 6}, "recover-from-removable/locked"),
        ("ACTIVATE", {"tries": 6}, "activate-first/locked"),
        ("USE_CERTIFICATE", {"bound_devices": (), "ids_matching": 0}, "same-computer-use/other-computer"),
        ("USE_CERTIFICATE", {"device": "old", "ids_matching": 0}, "one-computer/retired"),
        ("USE_CERTIFICATE", {"known": False, "device": "there", "ids_matching": 0}, "valid-certificate/wrong-issuer"),
        *((name, {"session": "ended", "session_expires": 99}, f"{gate}/session-ended")
          for name, gate in (("ACTIVATE", "activate-first"), ("FILE", "business-after-activation"))),
        *((name, {"known": False, "issuer_ok": False}, "valid-certificate/wrong-issuer")
          for name in ("USE_CERTIFICATE", "ACTIVATE", "FILE", "RECOVER")),
        *((name, {"now": now}, said) for name in ("USE_CERTIFICATE", "ACTIVATE", "FILE", "RECOVER")
          for now, said in ((0, "valid-certificate/not-yet-valid"), (202, "valid-certificate/expired"))),
        ("DOWNLOAD", {"now": 202}, "one-time-link/expired"),
        *((name, {"ids_matching": 0}, said) for name, said in (
            ("DOWNLOAD", "same-computer-download/other-hardware"), ("USE_CERTIFICATE", "same-computer-use/other-hardware"),
            ("ACTIVATE", "same-computer-use/other-hardware"), ("NEW_CODE", "same-computer-use/other-hardware"),
            ("FILE", "same-computer-use/other-hardware"))),
    ],
)  # fmt: skip
def test_what_is_worse_than_just_too_bad_is_refused_as_well(name: str, facts: dict[str, Any], said: str) -> None:
    assert str(decide(LISTS[name], replace(IN_ORDER[name], **facts), POLICY)) == said


@pytest.mark.parametrize("name", ["SEND_FORM", "APPLY"])
def test_the_first_of_several_bad_fields_is_named(name: str) -> None:
    facts = replace(IN_ORDER[name], bad_fields=("mobile", "name"))
    assert str(decide(LISTS[name], facts, POLICY)) == "form-checked/mobile"


@pytest.mark.parametrize("name", LISTS)
def test_what_is_equal_is_the_same_whichever_object_it_is(name: str) -> None:
    """Facts come out of databases and messages: no two of them are one object."""
    facts = IN_ORDER[name]
    copied = {field.name: getattr(facts, field.name) for field in fields(facts)}
    texts = {fact: "".join(list(value)) for fact, value in copied.items() if isinstance(value, str) and len(value) > 1}
    numbers = {fact: int("1000000") for fact in copied if fact in ("backup_generation", "generation")}
    assert str(decide(LISTS[name], replace(facts, **texts, **numbers), POLICY)) == "allowed"


def test_a_retired_backup_is_old_unless_its_certificate_is_revoked() -> None:
    retired = replace(IN_ORDER["RECOVER"], backup="retired")
    assert decide(LISTS["RECOVER"], retired, POLICY).reason == "old-generation"
    assert decide(LISTS["RECOVER"], replace(retired, revoked=True), POLICY).reason == "revoked"


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("ACTIVATE", {"session": "of a new kind"}), ("ACTIVATE", {"certificate": "none"}),
        ("FILE", {"session": "of a new kind"}), ("FILE", {"certificate": "none"}), ("FILE", {"known": False}),
        ("RECOVER", {"backup": "of a new kind"}), ("RECOVER", {"backup": "retired"}), ("RECOVER", {"known": False}),
        ("DOWNLOAD", {"application": "none"}), ("DOWNLOAD", {"address": "of a new kind"}),
        ("USE_CERTIFICATE", {"known": False}),
    ],
)  # fmt: skip
def test_a_state_that_no_list_knows_is_refused(name: str, facts: dict[str, Any]) -> None:
    assert not decide(LISTS[name], replace(IN_ORDER[name], **facts), POLICY).allowed


@pytest.mark.parametrize("name", LISTS)
def test_every_check_was_tried(name: str) -> None:
    assert list(ONE_BAD_FACT[name]) == [f"{check.rule}/{check.reason}" for check in LISTS[name].checks]


@pytest.mark.parametrize("name", ["ACTIVATE", "FILE"])
def test_a_session_lives_to_its_last_second_and_on_the_computer_that_opened_it(name: str) -> None:
    at_the_end = replace(IN_ORDER[name], now=150, session_expires=150)
    assert decide(LISTS[name], at_the_end, POLICY).allowed
    assert decide(LISTS[name], replace(at_the_end, now=151), POLICY).reason == "session-ended"
    both = replace(at_the_end, bound_devices=("here", "copy"))
    assert decide(LISTS[name], both, POLICY).allowed
    assert decide(LISTS[name], replace(both, device="copy"), POLICY).reason == "other-computer"
    assert decide(LISTS[name], replace(both, session_device="copy"), POLICY).reason == "other-computer"


def test_a_list_names_the_first_of_two_reasons() -> None:
    facts = replace(IN_ORDER["DOWNLOAD"], device="there", address="used", driver_version=())
    assert str(decide(LISTS["DOWNLOAD"], facts, POLICY)) == "driver-first/missing"
    facts = replace(facts, driver_version=(1, 0, 0))
    assert str(decide(LISTS["DOWNLOAD"], facts, POLICY)) == "one-time-link/used"


def test_times_are_good_to_their_last_second() -> None:
    for name in ("USE_CERTIFICATE", "ACTIVATE", "FILE", "RECOVER"):
        assert decide(LISTS[name], replace(IN_ORDER[name], now=200), POLICY).allowed
    assert decide(LISTS["USE_CERTIFICATE"], replace(IN_ORDER["USE_CERTIFICATE"], now=100), POLICY).allowed


def test_nobody_from_elsewhere_can_use_up_tries() -> None:
    thief = replace(IN_ORDER["ACTIVATE"], device="there", code_matches=False, tries=5)
    assert str(decide(LISTS["ACTIVATE"], thief, POLICY)) == "same-computer-use/other-computer"


def test_without_a_recovery_proof_neither_proof_nor_tries_count() -> None:
    facts = replace(IN_ORDER["RECOVER"], proof_matches=False, tries=99)
    assert decide(LISTS["RECOVER"], facts, Policy(recovery_proof="none")).allowed


@pytest.mark.parametrize("tries", range(7))
def test_the_policy_says_how_many_tries_there_are(tries: int) -> None:
    for name in ("ACTIVATE", "RECOVER"):
        verdict = decide(LISTS[name], replace(IN_ORDER[name], tries=tries), Policy(activation_tries=3))
        assert verdict.allowed is (tries < 3)


# --- decide() itself --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Guest:
    """Facts of an invented act."""

    age: int
    invited: bool
    secret: str = "not to be shown"


ENTER: Act[Guest] = Act("enter", "door", (
    Check("invited", "not-invited", lambda f, p: not f.invited, "invited"),
    Check("adult", "too-young", lambda f, p: f.age < 18, "age"),
    Check("adult", "too-old", lambda f, p: f.age > 99, "age invited"),
    Check("invited", "never", lambda f, p: False, "age"),
))  # fmt: skip


def test_a_verdict_tells_act_side_rule_reason_and_the_facts_that_decided() -> None:
    verdict = decide(ENTER, Guest(100, True), POLICY)
    assert (verdict.act, verdict.side, verdict.rule, verdict.reason) == ("enter", "door", "adult", "too-old")
    assert verdict.facts == (("age", 100), ("invited", True))
    assert verdict.asked == ("invited", "adult")


def test_no_check_is_put_after_the_one_that_refuses() -> None:
    verdict = decide(ENTER, Guest(0, False), POLICY)
    assert (str(verdict), verdict.asked, verdict.facts) == (
        "invited/not-invited", ("invited",), (("invited", False),),
    )  # fmt: skip


def test_an_allowed_act_shows_the_facts_that_any_check_names_and_no_others() -> None:
    verdict = decide(ENTER, Guest(18, True), POLICY)
    assert verdict.facts == (("invited", True), ("age", 18))
    assert verdict.asked == ("invited", "adult")


def test_before_stops_ahead_of_a_rule() -> None:
    assert decide(ENTER, Guest(0, True), POLICY, before="adult").allowed
    assert decide(ENTER, Guest(0, True), POLICY, before="adult").asked == ("invited",)
    assert not decide(ENTER, Guest(0, False), POLICY, before="adult").allowed
    assert str(decide(ENTER, Guest(0, True), POLICY, before="another")) == "adult/too-young"


def test_before_stops_and_does_not_pass_over() -> None:
    """What stands behind that rule is not asked either; a rule's name is compared, not the object."""
    rooms: Act[Guest] = Act("enter", "door", (*ENTER.checks[:2], Check("ticket", "none", lambda f, p: True, "age")))
    assert decide(rooms, Guest(18, True), POLICY).reason == "none"
    stopped = decide(rooms, Guest(18, True), POLICY, before="".join(["ad", "ult"]))
    assert (stopped.allowed, stopped.asked) == (True, ("invited",))


@pytest.mark.parametrize("record", [ENTER, ENTER.checks[0], decide(ENTER, Guest(18, True), POLICY), *IN_ORDER.values()])
def test_what_was_decided_and_what_it_was_decided_by_cannot_be_changed(record: Any) -> None:
    name = fields(record)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(record, name, getattr(record, name))


@given(st.integers(0, 120), st.booleans())
def test_a_decision_depends_on_facts_alone(age: int, invited: bool) -> None:
    verdict = decide(ENTER, Guest(age, invited), POLICY)
    assert verdict == decide(ENTER, Guest(age, invited, "other"), POLICY)
    assert verdict.allowed is (invited and 18 <= age <= 99)


# --- PIN policy -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pin", "faults"),
    [
        ("a good Pin 7", ()),
        ("~" * 7 + "x", ()),
        ("12345679", ()),
        ("x1" * 16, ()),
        (INITIAL_PIN, ("same-as-initial", "running")),
        ("", ("too-short",)),
        ("short-7", ("too-short",)),
        ("1234567", ("too-short", "running")),
        ("x1" * 16 + "x", ("too-long",)),
        ("密码密码密码密码", ("characters",)),
        ("tab\tinside", ("characters",)),
        ("11111111", ("repeated",)),
        ("abcdefgh", ("running",)),
        ("87654321", ("running",)),
        ("\n" * 40, ("too-long", "characters", "repeated")),
    ],
)
def test_faults_of_a_pin(pin: str, faults: tuple[str, ...]) -> None:
    assert faults_of_pin(pin, POLICY) == faults


def test_the_policy_says_how_long_a_pin_is() -> None:
    policy = Policy(pin=(4, 6))
    assert faults_of_pin("9x7y", policy) == ()
    assert faults_of_pin("9x7", policy) == ("too-short",)
    assert faults_of_pin("9x7y5z1", policy) == ("too-long",)


@given(st.text(st.characters()))
def test_faults_come_in_the_order_of_the_list_for_any_text(pin: str) -> None:
    faults = faults_of_pin(pin, POLICY)
    assert list(faults) == [fault for fault in PIN_FAULTS if fault in faults]
    if not faults:
        assert pin != INITIAL_PIN
        assert pin.isascii()
        assert 8 <= len(pin) <= 32


# --- Life cycles ------------------------------------------------------------------------------------------------------

ENDS = {
    "application": {"disapproved", "withdrawn", "revoked"},
    "address": {"used", "replaced"},
    "certificate": {"revoked"},
    "binding": {"retired"},
    "session": {"ended"},
    "backup": {"spent", "retired"},
}


@pytest.mark.parametrize("kind", LIFECYCLES)
def test_every_state_can_be_reached_from_none_and_nothing_leads_back(kind: str) -> None:
    table = LIFECYCLES[kind]
    reached = {"none"}
    while more := {after for (before, _), after in table.items() if before in reached} - reached:
        reached |= more
    assert reached == {"none", *table.values(), *(before for before, _ in table)}
    assert "none" not in table.values()


@pytest.mark.parametrize("kind", LIFECYCLES)
def test_states_without_a_way_on_are_the_ends_that_are_meant(kind: str) -> None:
    table = LIFECYCLES[kind]
    assert set(table.values()) - {before for before, _ in table} == ENDS[kind]


@pytest.mark.parametrize("kind", LIFECYCLES)
def test_an_event_leads_to_one_state_from_those_that_the_table_names(kind: str) -> None:
    for (before, event), after in LIFECYCLES[kind].items():
        assert before in states_before(kind, event)
        assert state_after(kind, event) == after


def test_an_event_leads_from_nowhere_else() -> None:
    assert states_before("application", "approve") == ("submitted",)
    assert states_before("application", "withdraw") == ("submitted", "approved")
    assert states_before("address", "claim") == ("live",)
    assert states_before("backup", "recover") == ("registered",)
    assert states_before("session", "revive") == ()


def test_facts_know_the_states_of_the_life_cycles() -> None:
    hints = get_type_hints(DownloadFacts)
    assert {*LIFECYCLES["address"].values(), "unknown"} == set(get_args(hints["address"]))
    assert {*LIFECYCLES["session"].values(), "none"} == set(get_args(get_type_hints(FileFacts)["session"]))
    assert {*LIFECYCLES["backup"].values(), "unknown"} == set(get_args(get_type_hints(RecoverFacts)["backup"]))


def test_an_event_is_known_by_its_name_whichever_object_it_is() -> None:
    revoke = "".join(["rev", "oke"])
    assert states_before("certificate", revoke) == ("issued", "active")
    assert state_after("certificate", revoke) == "revoked"
