"""Bytes in pieces: plain text, and within it what base64url, DER or a long body hides.

A reader who joins the pieces has the bytes as they were sent; who opens them sees what they mean. A piece is

    str                    text as it stands
    tuple                  the pieces of a text that stands here in base64url
    Der(text)              base64 or PEM of a certificate, a request for one or another DER structure
    Raw(base64, size)      bytes that are no text: the first of them, in base64, and how many there are
    Cut(size)              so many characters left out
    Salted(name)           a value that a library salts by itself, by a name that is the same on every run

Messages with salted values in signed parts have a signature that differs on every run; it is `Salted` too.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, Union

from softcert.errors import Rejected
from softcert.protocol import decode

LONGEST = 12_000
"""Characters of one text that are kept; the middle of a longer one is left out."""
KEPT_OF_A_RUN = 60
"""Characters that are kept at each end of a long run without blanks: nobody reads those."""
RAW_KEPT = 256
"""Bytes that are kept of what is no text."""


class Der(NamedTuple):
    """DER in base64, as it stands in the text."""

    der: str


class Raw(NamedTuple):
    """The first bytes of something that is no text, in base64."""

    raw: str
    size: int


class Cut(NamedTuple):
    """Characters left out."""

    cut: int


class Salted(NamedTuple):
    """What differs on every run, by its stable name; without one, what is computed over such."""

    salted: str


Piece = Union[str, Der, Raw, Cut, Salted, "Pieces"]
Pieces = tuple[Piece, ...]

_HIDDEN = re.compile(
    r'(?<="payload":")[A-Za-z0-9_-]+|(?<="protected":")[A-Za-z0-9_-]+'
    r"|-----BEGIN [A-Z ]+-----[A-Za-z0-9+/=\s\\n]+?-----END [A-Z ]+-----|(?<=\")MI[A-Za-z0-9_+/-]{200,4000}={0,2}(?=\")"
)
_RUN = re.compile(r"[A-Za-z0-9_+/=%-]{500,}")
_OVER_IT = re.compile(r'(?<="signature":")[A-Za-z0-9_-]+|(?<="sent":\[)[^\]]+')
"""Signatures, and digests that a driver keeps of what it sent."""


def in_pieces(data: bytes, salted: Mapping[str, str]) -> Pieces:
    """The bytes in pieces; `salted` are (value, stable name) of what a library drew by itself."""
    return _in_pieces(data, tuple(salted.items()))


@lru_cache(maxsize=4096)
def _in_pieces(data: bytes, salted: tuple[tuple[str, str], ...]) -> Pieces:
    try:
        return tuple(_opened(data.decode(), salted))
    except UnicodeDecodeError:
        head, blank, body = data.partition(b"\r\n\r\n")
        if not (blank and head.isascii()):
            return (_raw(data),)
        return (*_opened(f"{head.decode()}\r\n\r\n", salted), _raw(body))


def _raw(data: bytes) -> Raw:
    return Raw(base64.b64encode(data[:RAW_KEPT]).decode(), len(data))


def _opened(text: str, salted: tuple[tuple[str, str], ...]) -> Iterator[Piece]:
    pieces = list(_found(text, salted))
    if any(_is_salted(piece) for piece in pieces if isinstance(piece, tuple)):
        pieces = [part for piece in pieces for part in (_unsigned(piece) if isinstance(piece, str) else (piece,))]
    yield from pieces


def _found(text: str, salted: tuple[tuple[str, str], ...]) -> Iterator[Piece]:
    """Text and what hides in it, in order."""
    end = 0
    for found in _HIDDEN.finditer(text):
        inner = _inner(found[0], salted)
        if inner is not None:
            yield from _named(text[end : found.start()], salted)
            yield inner
            end = found.end()
    yield from _named(text[end:], salted)


def _inner(hidden: str, salted: tuple[tuple[str, str], ...]) -> Piece | None:
    if hidden.startswith(("MI", "-----")):
        return Der(hidden)
    try:
        text = decode(hidden).decode()
    except (Rejected, UnicodeDecodeError):
        return None
    return tuple(_opened(text, salted))


def _named(text: str, salted: tuple[tuple[str, str], ...]) -> Iterator[Piece]:
    """Text with salted values under their stable names, and its middle left out where it is long."""
    for value, name in salted:
        before, found, after = text.partition(value)
        if found:
            yield from _named(before, salted)
            yield Salted(name)
            yield from _named(after, salted)
            return
    run = _RUN.search(text)
    if run is not None:
        start, end = run.start() + KEPT_OF_A_RUN, run.end() - KEPT_OF_A_RUN
    elif len(text) > LONGEST:
        start, end = LONGEST // 2, len(text) - LONGEST // 2
    else:
        if text:
            yield text
        return
    yield text[:start]
    yield Cut(end - start)
    yield from _named(text[end:], ())


def _is_salted(piece: Piece) -> bool:
    return isinstance(piece, Salted) or (type(piece) is tuple and any(map(_is_salted, piece)))


def _unsigned(text: str) -> Iterator[Piece]:
    """Text without what is computed over salted values."""
    end = 0
    for found in _OVER_IT.finditer(text):
        yield text[end : found.start()]
        yield Salted("")
        end = found.end()
    yield text[end:]
