"""Why: every reason and every rule of every act is told, of the facts that decided and of no others."""

from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from softcert.rules import checks
from softcert.rules.catalogue import RULES
from softcert.rules.checks import ACTS, FORM_FIELDS
from softcert.rules.lifecycles import LIFECYCLES
from softcert.rules.verdict import Act, Verdict
from softcert_sim.naming import Holder
from softcert_sim.product import product
from softcert_sim.runner import Options, run
from softcert_sim.scenario.files import shipped
from softcert_sim.why import explained, parts_of, sentence
from softcert_sim.words import LANGUAGES, language

EVERY = [pytest.param(lang, act, id=f"{lang}-{act.side}-{act.name}") for lang in LANGUAGES for act in ACTS]
TEN = 1_767_837_600
"""8 January 2026, 02:00 UTC: ten o'clock at the office."""
UNSAID = {"backup": {"none", "whole", "altered", "foreign", "newer-format", "unregistered"}}
"""How a backup on a drive stands: each has a reason of its own, and no template says it as a word."""


def names(device: str) -> Holder:
    return Holder({"t1": "office-pc", "t2": "home-pc", "t3": "home-pc"}.get(device, ""), now=device != "t3")


def slots(template: str) -> set[tuple[str, str]]:
    return {(name, said) for _, name, said in parts_of(template) if name}


def facts_of(act: Act[Any]) -> set[str]:
    return {name for check in act.checks for name in check.because.split()}


def verdict(act: str, rule: str | None, reason: str | None, side: str = "office", **facts: Any) -> Verdict:
    return Verdict(act, side, rule, reason, tuple(facts.items()), tuple(RULES))


# --- Completeness -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_of_the_catalogue_has_a_template_and_no_other_has(lang: str) -> None:
    reasons = {f"{rule.id}/{reason}" for rule in RULES.values() for reason in rule.reasons}
    told = language(lang).refused
    assert {key for key in told if " " not in key} == reasons
    own = {f"{act.name} {check.rule}/{check.reason}" for act in ACTS for check in act.checks}
    assert {key for key in told if " " in key} <= own


@pytest.mark.parametrize(("lang", "act"), EVERY)
def test_every_slot_of_a_refusal_names_a_fact_that_its_check_gives(lang: str, act: Act[Any]) -> None:
    told = language(lang).refused
    for check in act.checks:
        reason = f"{check.rule}/{check.reason}"
        template = told.get(f"{act.name} {reason}") or told[reason]
        assert {name for name, _ in slots(template)} <= set(check.because.split()), reason


@pytest.mark.parametrize(("lang", "act"), EVERY)
def test_every_rule_that_an_act_asks_has_a_word_when_it_allows(lang: str, act: Act[Any]) -> None:
    told = language(lang).allowed[f"{act.side} {act.name}"]
    assert set(told) == {check.rule for check in act.checks}
    for rule, template in told.items():
        given = {name for check in act.checks if check.rule == rule for name in check.because.split()}
        assert {name for name, _ in slots(template)} <= given, rule


def test_every_language_has_the_same_slots_as_english() -> None:
    english = language("en")
    for other in LANGUAGES.values():
        assert {key: slots(text) for key, text in other.refused.items()} == {
            key: slots(text) for key, text in english.refused.items()
        }
        assert {act: {rule: slots(text) for rule, text in found.items()} for act, found in other.allowed.items()} == {
            act: {rule: slots(text) for rule, text in found.items()} for act, found in english.allowed.items()
        }


def said_as_words() -> list[str]:
    words = language("en")
    every = [*words.refused.values(), *(text for found in words.allowed.values() for text in found.values())]
    return sorted({name for text in every for name, said in slots(text) if said == "word"})


def values_of(fact: str) -> set[str]:
    """The values that the rules room knows for a fact: of its type, and of the records' life cycles."""
    hints = [get_args(hint)[0] for name, hint in get_type_hints(checks).items() if name.isupper() and get_args(hint)]
    found = set(LIFECYCLES[fact].values()) if fact in LIFECYCLES else set[str]()
    for facts_class in hints:
        if fact in {field.name for field in fields(facts_class)}:
            said = get_type_hints(facts_class)[fact]
            found |= set(get_args(said)) if get_origin(said) is Literal else set()
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("fact", said_as_words())
def test_every_value_that_is_said_as_a_word_has_one(lang: str, fact: str) -> None:
    words = language(lang).values
    assert set(words) == set(said_as_words())
    assert values_of(fact) - UNSAID.get(fact, set()) <= set(words[fact])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_field_of_the_form_has_a_name(lang: str) -> None:
    assert set(language(lang).fields) == set(FORM_FIELDS)


# --- Sentences --------------------------------------------------------------------------------------------------------


def test_who_used_an_address_and_when_by_the_office_clock() -> None:
    used = verdict("download", "one-time-link", "used", address="used", address_used_at=TEN, address_used_by="t1")
    assert sentence(used, names) == (
        "Refused by one-time-link (used): office-pc used this address on 8 January 2026 at 10:00 (UTC+8)."
    )
    visited = verdict("download", "one-time-link", "used", address_used_at=TEN + 1, address_used_by="")
    assert "somebody who only opened the page used this address on 8 January 2026 at 10:00:01" in sentence(
        visited, names
    )


def test_the_zone_is_said_once_and_seconds_where_there_are_some() -> None:
    late = verdict("download", "one-time-link", "expired", now=TEN + 1, address_expires=TEN)
    assert sentence(late, names) == (
        "Refused by one-time-link (expired): it is 8 January 2026 at 10:00:01 (UTC+8), "
        "and the address was good until 8 January 2026 at 10:00."
    )


def test_computers_that_nobody_knows_several_and_none() -> None:
    def bound(*devices: str) -> str:
        facts = {"device": "t9", "bound_devices": devices}
        return sentence(verdict("use-certificate", "same-computer-use", "other-computer", **facts), names)

    assert "an unknown computer asks, and the certificate is bound to office-pc and home-pc." in bound("t1", "t2")
    assert "is bound to no computer." in bound()
    assert "is bound to home-pc with an earlier key." in bound("t3")


def test_an_act_has_its_own_template_where_its_facts_are_others() -> None:
    asked = verdict("withdraw", "same-computer-use", "other-computer", device="t2", applied_on="t1")
    assert "home-pc asks, and office-pc is the computer that applied." in sentence(asked, names)


def test_the_assumption_that_decided_is_said_with_the_fact() -> None:
    few = verdict("download", "same-computer-download", "other-hardware", ids_matching=2, same_computer=4)
    assert "2 of the 4 hardware ids are as they were, and 4 must be." in sentence(few, names)


def test_only_what_was_asked_is_told_of_a_changed_driver() -> None:
    facts = {"drive": "system-disk", "password_length": 3, "backup_password": 8}
    skipped = Verdict("backup", "driver", None, None, tuple(facts.items()), ("backup-sealed",))
    assert sentence(skipped, names) == "Allowed: the password has 3 characters of at least 8."
    assert sentence(Verdict("use-key", "driver", None, None, (), ()), names) == "Allowed: nothing was asked."


def test_each_side_is_told_and_nothing_twice() -> None:
    driver = Verdict("use-driver", "driver", None, None, (), ("driver-first",))
    office = verdict("confirm", "confirm-computer", "said-no", use_this_computer=False)
    assert [why.side for why in explained([driver, office, office], names)] == ["driver", "office"]


# --- In real runs: who, when, how many, as the office and the element recorded it -------------------------------------


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("4-downloading/used-address", "(used): office-pc used this address on 8 January 2026 at 09:00"),
        ("4-downloading/wrong-computer-burns", "(used): cafe-pc used this address on 8 January 2026 at 09:00"),
        ("4-downloading/scanner-burns", "(used): somebody who only opened the page used this address on 8 January"),
        ("4-downloading/old-address-after-reissue", "this address was sent on 8 January 2026 at 09:00 (UTC+8), and"),
        ("7-replacing-the-computer/move", "the certificate left office-pc; since 8 January 2026 at 09:00:07 (UTC+8) it"),
        ("7-replacing-the-computer/move", "been bound to home-pc."),
        ("5-first-login/initial-pin", "does not open the key; tries left before it locks: 9."),
        ("5-first-login/wrong-code", "not that of this certificate; wrong ones before it: 0 of 5."),
        ("5-first-login/wrong-code", "not that of this certificate; wrong ones before it: 4 of 5."),
        ("6-doing-business/short-session", "has ended; it could last until 8 January 2026 at 09:05 (UTC+8)."),
        ("9-attacks/cloned-software-element", "old-pc/twin-pc is the computer to which the certificate is bound"),
    ],
)
def test_a_run_says_what_was_recorded(file: str, said: str) -> None:
    results = run([shipped() / f"{file}.scenario.yaml"], Options(), product)
    told = [why.sentence for one in results.scenarios for step in one.steps for why in step.why]
    assert [sentence for sentence in told if said in sentence]


def test_a_key_that_its_computer_has_no_more_is_told_from_the_one_that_it_has(tmp_path: Path) -> None:
    file = tmp_path / "reinstalled.yaml"
    file.write_text(
        """\
softcert: 1
scenario: The device key is gone
about: On a computer without a secure element the key is a file, and the system was installed anew.
steps:
  - confirm: {by: li-wei, at: old-pc}
  - install: {by: li-wei, at: old-pc}
  - read-notice: {by: li-wei, at: old-pc}
  - apply: {by: li-wei, at: old-pc}
  - reinstall: {at: old-pc}
  - install: {by: li-wei, at: old-pc}
  - withdraw: {by: li-wei, at: old-pc}
    refused: same-computer-use/other-computer
""",
        encoding="utf-8",
    )
    (scenario,) = run([file], Options(), product).scenarios
    assert scenario.outcome == "as-expected"
    why = scenario.steps[-1].why[-1].sentence
    assert why.endswith("old-pc asks, and old-pc with an earlier key is the computer that applied.")
