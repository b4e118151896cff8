"""Addresses, codes, nonces and tickets: what is genuine, for how long, and what is worth nothing elsewhere."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softcert_ca.tokens import (
    NONCE_LIFETIME,
    TICKET_LIFETIME,
    Nonces,
    activation_code,
    address_token,
    application_of,
    code_mark,
    normalise_code,
    same,
    same_code,
)

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NOW = 1_700_000_000


class Counting:
    """Entropy that never repeats."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = iter(range(1, 1_000_000))

    def bytes(self, count: int) -> bytes:
        return next(self._numbers).to_bytes(count, "big")


def test_an_address_names_its_application_and_hides_256_bits():
    token = address_token(KEY, "app-1", "salt")
    assert re.fullmatch(r"app-1\.[A-Za-z0-9_-]{43}", token)
    assert application_of(token) == "app-1"
    assert token == address_token(KEY, "app-1", "salt")


def test_every_part_of_an_address_matters():
    tokens = {
        address_token(KEY, "app-1", "salt"),
        address_token(OTHER_KEY, "app-1", "salt"),
        address_token(KEY, "app-1", "salt2"),
        "app-1." + address_token(KEY, "app-2", "salt").partition(".")[2],
        "app-1." + address_token(KEY, "app-", "1salt").partition(".")[2],
    }
    assert len(tokens) == 5


TOKEN = address_token(KEY, "app-1", "salt")


@pytest.mark.parametrize(
    "text",
    [
        TOKEN[:-1], TOKEN + "=", TOKEN + "A", TOKEN.replace(".", "%2e"), " " + TOKEN, TOKEN + "\n",
        TOKEN.partition(".")[2], "", TOKEN.replace("app", "äpp"),
    ],
)  # fmt: skip
def test_what_is_not_spelt_like_an_address_names_no_application(text: str):
    assert application_of(text) is None


def test_addresses_are_compared_to_the_byte():
    token = address_token(KEY, "app-1", "salt")
    assert same(token, token)
    assert not same(token, token.swapcase())
    assert not same(token, "\udcff")


def test_a_code_has_two_groups_of_crockford_symbols():
    code = activation_code(KEY, "app-1", "salt")
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", code)
    assert code == activation_code(KEY, "app-1", "salt")
    codes = {activation_code(KEY, "app-1", str(number)) for number in range(500)}
    assert len(codes) == 500
    assert set("".join(codes)) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")


@pytest.mark.parametrize("symbols", [8, 12, 16])
def test_the_length_of_a_code_is_an_assumption(symbols: int):
    first, second = activation_code(KEY, "app-1", "salt", symbols).split("-")
    assert len(first) == len(second) == symbols // 2


@pytest.mark.parametrize("typed", ["01ABC-DEF1Z", "0iabc-def1z", "OLABCDEFIZ", " o1abc def L z ", "0-1-ABC-DEF-1-Z"])
def test_a_code_is_forgiven_case_hyphen_blanks_and_look_alikes(typed: str):
    assert normalise_code(typed) == "01ABCDEF1Z"
    assert same_code("01ABC-DEF1Z", typed)


@pytest.mark.parametrize("typed", ["", "01ABC-DEF12", "01ABC-DEF1", "01ABC-DEF1ZZ", "O1ABC_DEF1Z", "\udcff"])
def test_another_code_is_not_forgiven(typed: str):
    assert not same_code("01ABC-DEF1Z", typed)


def test_a_mark_tells_equal_codes_and_no_code():
    assert code_mark(KEY, "01ABC-DEF1Z") == code_mark(KEY, "olabc defiz")
    marks = {code_mark(KEY, "01ABC-DEF1Z"), code_mark(OTHER_KEY, "01ABC-DEF1Z"), code_mark(KEY, "01ABC-DEF12")}
    assert len(marks) == 3


def test_a_nonce_is_good_for_an_hour_to_the_second():
    nonces = Nonces(KEY)
    nonce = nonces.issue(NOW, Counting())
    assert [nonces.check(nonce, NOW + age) for age in (0, NONCE_LIFETIME, NONCE_LIFETIME + 1)] == [True, True, False]


def test_a_nonce_from_before_the_clock_was_set_back_is_refused():
    nonces = Nonces(KEY)
    assert not nonces.check(nonces.issue(NOW, Counting()), NOW - 1)


def test_a_ticket_is_good_for_thirty_days_to_the_second():
    nonces = Nonces(KEY)
    ticket = nonces.issue_ticket(NOW, Counting())
    ages = (0, TICKET_LIFETIME, TICKET_LIFETIME + 1)
    assert [nonces.check_ticket(ticket, NOW + age) for age in ages] == [True, True, False]


def test_nonces_differ_and_are_base64url():
    nonces, entropy = Nonces(KEY), Counting()
    issued = {nonces.issue(NOW, entropy) for _ in range(100)}
    assert len(issued) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22,}", nonce) for nonce in issued)


def test_a_nonce_is_no_ticket_and_a_foreign_nonce_none_of_ours():
    ours, entropy = Nonces(KEY), Counting()
    assert not ours.check_ticket(ours.issue(NOW, entropy), NOW)
    assert not ours.check(ours.issue_ticket(NOW, entropy), NOW)
    assert not ours.check(Nonces(OTHER_KEY).issue(NOW, entropy), NOW)


@given(place=st.integers(0, 52), symbol=st.sampled_from("AZaz09-_=. \n\u00e9"))
def test_a_nonce_with_any_symbol_changed_is_refused(place: int, symbol: str):
    nonces = Nonces(KEY)
    nonce = nonces.issue(NOW, Counting())
    changed = nonce[:place] + symbol + nonce[place + 1 :]
    assert nonces.check(changed, NOW) == (changed == nonce)


@given(st.text(max_size=80))
def test_any_other_text_is_no_nonce(text: str):
    assert not Nonces(KEY).check(text, NOW)
    assert not Nonces(KEY).check_ticket(text, NOW)
