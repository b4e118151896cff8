"""Slips of the pen in YAML, in plain words: what the parser says of them, what is wrong, where, and what to do."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Slip(NamedTuple):
    """What stands wrong at a place (from 1), and what should."""

    line: int
    column: int
    message: str
    expected: str


_SAME_BLANKS = "as many blanks before it as before the lines to which it belongs"
_QUOTES = "quotes around the whole text"
_SLIPS = {
    "could not find expected ':'": ("this line has no `: `", "`key: value`, with a blank after the colon"),
    "found unexpected end of stream": ("the quote that opens here is not closed", "the same quote at the end of the text"),
    "did not find expected ',' or '}'": ("a `,` or the closing `}` is missing", "`{a: b, c: d}`, closed"),
    "did not find expected ',' or ']'": ("a `,` or the closing `]` is missing", "`[a, b]`, closed"),
    "did not find expected '-'": (
        "this line is indented unlike the list above it", f"`- ` for its next item, or {_SAME_BLANKS}",
    ),
    "did not find expected key": ("this line is indented unlike the lines above it", _SAME_BLANKS),
    "did not find expected node content": (
        "a closing sign or a comma stands where a value should", "a value, or quotes around the text",
    ),
    "cannot start any token": ("text cannot begin with this sign", _QUOTES),
    "expected alphabetic or numeric": ("text cannot begin with this sign", _QUOTES),
    "expected comment or line break": ("text cannot begin with `|` or `>`", _QUOTES),
    "unknown escape character": ("a backslash does not stand before this sign", "two backslashes, or single quotes"),
    "hexdecimal number": ("after this backslash a number is cut short", "hexadecimal digits as in `\\x41` or `\\u0041`"),
    "sequence entries are not allowed": ("a list cannot begin in the line of its key", "each `- ` in a line of its own"),
    "mapping keys are not allowed": ("text cannot begin with `? `", _QUOTES),
    "<document start>": ("the file goes on after its end", "nothing after a line of `...`"),
}  # fmt: skip
"""By a part of the parser's own words (libyaml's; those of its Python twin are alike)."""


_OPENED = ("end of stream", "expected ':'", "expected ',' or")
"""What is wrong where it began, not where the parser noticed."""


def slip(error: Any, lines: Sequence[str]) -> Slip:
    """What a parser's error with a mark means. `lines` are the file's."""
    problem, mark, began = str(error.problem or ""), error.problem_mark, error.context_mark
    before = str(lines[mark.line])[: mark.column] if mark.line < len(lines) else ""
    if "mapping values are not allowed" in problem:
        said = _second_colon(before)
    elif "did not find expected key" in problem and before.rstrip().endswith(("'", '"')):
        said = "text goes on behind its closing quote", f"{_QUOTES}, or none"
    else:
        said = next((words for part, words in _SLIPS.items() if part in problem), (f"this is not YAML: {problem}", ""))
    if began is not None and began.line != mark.line and any(part in problem for part in _OPENED):
        mark = began
    return Slip(mark.line + 1, mark.column + 1, *said)


def _second_colon(before: str) -> tuple[str, str]:
    if ": " in before:
        return "a second `: ` stands in this line", "quotes around text in which `: ` stands"
    return "the line above has its value already, and this one is indented as if it belonged to it", _SAME_BLANKS
