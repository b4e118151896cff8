"""Plans as values, and addresses that are the same."""

from typing import get_args

import pytest

from softcert_mailbox import KINDS, Plan
from softcert_mailbox.misbehaviour import KindName, normalised, take


def test_the_table_has_every_kind_and_says_what_it_does() -> None:
    assert set(KINDS) == set(get_args(KindName))
    assert all(kind.about for kind in KINDS.values())


@pytest.mark.parametrize(
    ("plan", "text"),
    [
        ({"kind": "explode"}, "no misbehaviour is called 'explode'"),
        ({"kind": "drop", "count": 0}, "count must be 1 or more"),
        ({"kind": "refuse-message", "code": 250}, "code must be 400 to 599"),
        ({"kind": "delay"}, "say until which time"),
    ],
)
def test_a_plan_without_sense_is_refused(plan: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Plan(**plan)  # type: ignore[arg-type]


def test_plans_strike_in_the_order_of_asking_and_are_used_up() -> None:
    plans = (Plan("drop", 2), Plan("duplicate"))
    struck: list[str] = []
    while plans:
        plan, plans = take(plans, "message", ("a@b.example",))
        assert plan is not None
        struck.append(plan.kind)
    assert struck == ["drop", "drop", "duplicate"]
    assert take(plans, "message", ("a@b.example",)) == (None, ())


def test_a_plan_for_one_recipient_leaves_others_alone() -> None:
    plans = (Plan("drop", recipient="a@B.Example"),)
    assert take(plans, "message", ("c@b.example",)) == (None, plans)
    assert take(plans, "recipient", ("a@b.example",)) == (None, plans)
    assert take(plans, "message", ("a@b.example",))[1] == ()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Li.Wei@Mail.EXAMPLE", "Li.Wei@mail.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
        ("李@邮件.example", "李@xn--5nq051n.example"),
        ('"odd@local"@A.example', '"odd@local"@a.example'),
        ("postmaster", "postmaster"),
        ("a@" + "ü" * 70 + ".example", "a@" + "ü" * 70 + ".example"),
    ],
)
def test_an_address_is_normalised_on_its_domain_only(written: str, kept: str) -> None:
    assert normalised(written) == kept
    assert normalised(kept) == kept
