"""Lines in the columns of a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from softcert_sim.columns import pad, wrap

TEXTS = st.text(st.sampled_from("ab -“”（）。，汉字Ａ１\u3000…"), max_size=60)


def test_english_is_broken_at_blanks() -> None:
    assert wrap("a bc def", 4) == ["a bc", "def"]
    assert wrap("one two", 8, "1. ", "   ") == ["1. one", "   two"]
    assert wrap("", 10, "> ") == []


def test_chinese_is_broken_between_characters_that_take_two_columns() -> None:
    assert wrap("一二三四五", 6) == ["一二三", "四五"]


def test_a_line_begins_with_no_closing_sign_and_ends_with_no_opening_one() -> None:
    assert wrap("一二三。四", 6) == ["一二", "三。四"]
    assert wrap("一二“三”四", 6) == ["一二", "“三”四"]


def test_a_word_within_chinese_stays_whole() -> None:
    assert wrap("在office-pc上", 10) == ["在", "office-pc", "上"] or wrap("在office-pc上", 11) == ["在office-pc", "上"]


def test_a_word_longer_than_a_line_is_cut() -> None:
    assert wrap("abcdef", 4) == ["abcd", "ef"]


@given(TEXTS, st.integers(8, 30))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = wrap(text, width, "> ", "  ")
    assert "".join("".join(line[2:].split()) for line in lines) == "".join(text.split())
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.parametrize(("text", "padded"), [("ab", "ab  "), ("汉", "汉  "), ("汉字汉", "汉字汉")])
def test_padding_fills_columns(text: str, padded: str) -> None:
    assert pad(text, 4) == padded
