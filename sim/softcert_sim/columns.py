"""Text in the columns of a terminal, where a Chinese character takes two."""

import re
import shutil
import sys
from collections.abc import Iterator

from rich.cells import cell_len, chop_cells

WIDTH = 110
"""Columns that can be read in one line, and those of what goes into a file or a pipe."""
_WIDE = "\u2e80-\u2fff\u3040-\u9fff\uf900-\ufaff"
_OPENING, _CLOSING = "“（《「", "”）》」，。、；：！？…"
_PIECE = re.compile(
    rf"[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}{_OPENING}{_CLOSING}]+)[{_CLOSING}]*|[{_OPENING}{_CLOSING}]+|\s+"
)


def width() -> int:
    """Columns to use: those of the terminal, and not more than can be read."""
    return max(40, min(WIDTH, shutil.get_terminal_size().columns - 1)) if sys.stdout.isatty() else WIDTH


def wrap(text: str, width: int, first: str = "", then: str = "") -> list[str]:
    """Lines of at most `width` columns, broken at blanks and between Chinese characters, never before a closing sign.

    `first` stands before the first line, `then` before each other. No line for no text.
    """
    return list(_lines(text, width, first, then))


def pad(text: str, width: int, *, right: bool = False) -> str:
    """The text with blanks behind it, or before it, to fill so many columns."""
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks


def count(number: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def _lines(text: str, width: int, first: str, then: str) -> Iterator[str]:
    line, begun = first, ""
    for piece in _pieces(text, width - cell_len(then)):
        if begun.strip() and cell_len(line + begun + piece.rstrip()) > width:
            yield (line + begun).rstrip()
            line, begun = then, piece.lstrip()
        else:
            begun += piece
    if begun.strip():
        yield (line + begun).rstrip()


def _pieces(text: str, width: int) -> Iterator[str]:
    """What a line may not break, and blanks; a piece wider than a line is cut."""
    for piece in _PIECE.findall(" ".join(text.split())):
        yield from chop_cells(piece, width) if cell_len(piece) > width else (piece,)
