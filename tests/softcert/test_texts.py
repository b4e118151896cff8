"""What the driver says when it refuses: always something, and always what to do now."""

import pytest

from softcert.rules.checks import ACTS, FORM_FIELDS
from softcert.texts import TEXTS

DRIVERS = {
    (check.rule, check.reason)
    for act in ACTS
    if act.side == "driver"
    for check in act.checks
    if check.rule != "form-checked" or check.reason not in FORM_FIELDS
}


def test_each_reason_of_the_driver_has_a_text_and_no_text_is_left_over():
    assert set(TEXTS) == DRIVERS


@pytest.mark.parametrize("text", TEXTS.values(), ids=[f"{rule}/{reason}" for rule, reason in TEXTS])
def test_a_text_is_a_sentence_or_two(text):
    assert 30 < len(text) < 300
    assert text[0].isupper()
    assert text.endswith(".")
    assert "  " not in text
