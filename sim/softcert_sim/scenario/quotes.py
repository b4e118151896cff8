"""The source's own words: where a quotation stands in them, and which clauses it covers."""

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from softcert.rules.catalogue import CLAUSES, ClauseId

Span = tuple[int, int]
Place = tuple[Span, ...]
"""Where words stand, piece by piece; between the pieces words were left out."""

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
def find(quote: str) -> tuple[Place, ...]:
    """Every place where the quotation stands, `…` for words left out; empty when it does not.

    A quotation has two words or more: a single one says nothing.
    """
    pieces = [_even(piece) for piece in quote.split("…")]
    pieces = [piece for piece in pieces if piece]
    if sum(len(piece.split()) for piece in pieces) < 2:
        return ()
    places: list[Place] = []
    place = _from(pieces, 0)
    while place:
        places.append(place)
        place = _from(pieces, place[0][0] + 1)
    return tuple(places)


def _from(pieces: Iterable[str], begin: int) -> Place:
    """The next place at which the pieces stand one after the other; empty when there is none."""
    at, place = begin, list[Span]()
    for piece in pieces:
        found = source().find(piece, at)
        if found < 0:
            return ()
        at = found + len(piece)
        place.append((found, at))
    return tuple(place)


@lru_cache(maxsize=1)
def clause_places() -> dict[ClauseId, Place]:
    """Where each clause stands. The catalogue lists them in the source's order, so each is sought after the last."""
    places: dict[ClauseId, Place] = {}
    begin = 0
    for clause, words in CLAUSES.items():
        place = _from([_even(piece) for piece in words.split("…")], begin)
        if not place:
            raise LookupError(f"Clause {clause} does not stand in the source.")
        places[clause] = place
        begin = place[0][0] + 1
    return places


@lru_cache(maxsize=1024)
def clauses_of(places: tuple[Place, ...]) -> tuple[ClauseId, ...]:
    """The clauses of whose words a quotation has more than half."""
    return tuple(
        clause
        for clause, own in clause_places().items()
        if any(2 * _shared(own, place) > sum(end - begin for begin, end in own) for place in places)
    )


def _shared(one: Place, other: Place) -> int:
    """How many symbols stand in both."""
    return sum(max(0, min(end, stop) - max(begin, start)) for begin, end in one for start, stop in other)


def nearest_words(quote: str) -> str:
    """The source's sentence or clause that comes closest, ready to be shown; empty when none is close."""
    sentences = [*(_even(words) for words in CLAUSES.values()), *_SENTENCE.split(source())]
    close = difflib.get_close_matches(_even(quote), sentences, n=1, cutoff=0.5)
    return f"`{close[0]}`" if close else ""
