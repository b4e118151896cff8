"""Hardware ids: normalised once, compared as evidence (assumption `same-computer`). Proof is the device key alone.

Vendor blanks ("To be filled by O.E.M.", zeros) are worth nothing: they become empty, and an empty id never matches.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from softcert.errors import Rejected

PARTS = ("board", "processor", "disk", "network")
LONGEST = 128
"""Longest id that a computer may report, characters."""

_LOOK_ALIKES = str.maketrans(
    {
        # Greek and Cyrillic capitals that look like Latin ones; NFKC leaves them as they are.
        **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
        **dict(zip("АВЕЅІЈКМНОРСТУХ", "ABESIJKMHOPCTYX", strict=True)),
        # Read off a sticker, O and 0, I, L and 1 are the same sign.
        "O": "0", "I": "1", "L": "1", "Ο": "0", "О": "0", "І": "1", "Ι": "1",
    }
)  # fmt: skip
_SEPARATORS = re.compile(r"[\W_]+")


def _plain(text: str) -> str:
    capitals = unicodedata.normalize("NFKC", text).upper()
    once = _SEPARATORS.sub("", capitals).translate(_LOOK_ALIKES)
    return once.translate(_LOOK_ALIKES)


_BLANKS = frozenset(
    _plain(text)
    for text in (
        "To be filled by O.E.M.", "To be filled", "Default string", "System Serial Number", "Base Board Serial Number",
        "Chassis Serial Number", "Not Applicable", "Not Specified", "Not Available", "Not Present", "N/A", "NA", "None",
        "Null", "Unknown", "OEM", "O.E.M.", "Empty", "Invalid", "INVALID", "Serial Number", "SerNum", "S/N", "Default",
        "0123456789", "123456789", "1234567890", "12345678", "03000200-0400-0500-0006-000700080009", "BSN1234567890",
    )
)  # fmt: skip


@lru_cache(maxsize=4096)
def normal_id(text: str) -> str:
    """One spelling of an id: no blanks, no signs, capitals, look-alikes as one; empty for a vendor blank."""
    plain = _plain(text)
    if plain in _BLANKS or len(set(plain)) <= 1:
        return ""
    return plain


def read_hardware(value: object) -> dict[str, str]:
    """The four ids, normalised. Raises `Rejected` (malformed) unless exactly four texts of bearable length come."""
    if not isinstance(value, dict):
        raise Rejected("malformed", "hardware must be an object.")
    given = cast("dict[str, object]", value)
    if set(given) != set(PARTS):
        raise Rejected("malformed", "hardware has board, processor, disk and network, and nothing else.")
    ids: dict[str, str] = {}
    for part in PARTS:
        text = given[part]
        if not isinstance(text, str) or len(text) > LONGEST:
            raise Rejected("malformed", "Each hardware id is a short text, empty where the computer has none.")
        ids[part] = normal_id(text)
    return ids


def ids_present(now: Mapping[str, str]) -> int:
    """How many ids a computer has; vendor blanks are none."""
    return sum(1 for part in PARTS if now[part])


def ids_matching(baseline: Mapping[str, str], now: Mapping[str, str]) -> int:
    """How many of the four ids are the same as at binding; a missing id matches nothing."""
    return sum(1 for part in PARTS if baseline[part] and baseline[part] == now[part])
