"""The source's own words: where a quotation stands in them, and which clauses it covers."""

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from softcert.rules.catalogue import CLAUSES, ClauseId

Span = tuple[int, int]

_QUOTES = str.maketrans({"“": "'", "”": "'", '"': "'", "‘": "'", "’": "'"})
_SENTENCE = re.compile(r"(?<=[.:]) ")


def _even(text: str) -> str:
    """Blanks, marks of quotation and capitals made even, nothing else."""
    return " ".join(text.translate(_QUOTES).split()).casefold()


@lru_cache(maxsize=1)
def source() -> str:
    """The source, made even."""
    return _even(Path(__file__).with_name("source.txt").read_text(encoding="utf-8"))


@lru_cache(maxsize=1024)
def find(quote: str) -> tuple[Span, ...]:
    """Every place where the quotation stands, `…` for words left out; empty when it does not.

    A quotation has two words or more: a single one says nothing.
    """
    pieces = [_even(piece) for piece in quote.split("…")]
    pieces = [piece for piece in pieces if piece]
    if sum(len(piece.split()) for piece in pieces) < 2:
        return ()
    places: list[Span] = []
    place = _from(pieces, 0)
    while place:
        places.append(place)
        place = _from(pieces, place[0] + 1)
    return tuple(places)


def _from(pieces: Iterable[str], begin: int) -> Span | None:
    """The next place at which the pieces stand one after the other."""
    at, start = begin, -1
    for piece in pieces:
        found = source().find(piece, at)
        if found < 0:
            return None
        start = found if start < 0 else start
        at = found + len(piece)
    return (start, at) if start >= 0 else None


@lru_cache(maxsize=1)
def clause_places() -> dict[ClauseId, Span]:
    """Where each clause stands. The catalogue lists them in the source's order, so each is sought after the last."""
    places: dict[ClauseId, Span] = {}
    begin = 0
    for clause, words in CLAUSES.items():
        span = _from([_even(piece) for piece in words.split("…")], begin)
        if span is None:
            raise LookupError(f"Clause {clause} does not stand in the source.")
        places[clause] = span
        begin = span[0] + 1
    return places


@lru_cache(maxsize=1024)
def clauses_of(places: tuple[Span, ...]) -> tuple[ClauseId, ...]:
    """The clauses that a quotation holds whole, or in which it stands."""
    return tuple(
        clause
        for clause, (begin, end) in clause_places().items()
        if any((start <= begin and end <= stop) or (begin <= start and stop <= end) for start, stop in places)
    )


def nearest_words(quote: str) -> str:
    """The source's sentence or clause that comes closest, ready to be shown; empty when none is close."""
    sentences = [*(_even(words) for words in CLAUSES.values()), *_SENTENCE.split(source())]
    close = difflib.get_close_matches(_even(quote), sentences, n=1, cutoff=0.5)
    return f"`{close[0]}`" if close else ""
