"""Questions to the database and small changes to it.

Each question or change is one statement, compiled once. Nothing is decided here: callers put what they learn into
facts, and the rules decide.
"""

from softcert_ca.hardware import PARTS
from softcert_ca.statements import Record

__all__ = ["Record", "ids_of"]


def ids_of(row: Record) -> dict[str, str]:
    """The four hardware ids of an application or binding."""
    return {part: getattr(row, part) for part in PARTS}
