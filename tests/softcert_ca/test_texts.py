"""Every refusal of the office has a text that says what to do, and tells a stranger nothing."""

import re

import pytest

from softcert.rules.checks import ACTS
from softcert_ca.texts import TEXTS

REASONS = sorted({(check.rule, check.reason) for act in ACTS if act.side == "office" for check in act.checks})


@pytest.mark.parametrize("key", REASONS, ids="/".join)
def test_each_office_reason_has_a_text(key):
    assert len(TEXTS[key]) > 20
    assert not re.search(r"[0-9{}%]", TEXTS[key]), "a text holds no time and no value"


def test_no_text_is_left_over():
    assert sorted(TEXTS) == REASONS
