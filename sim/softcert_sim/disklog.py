"""What programs asked of a disk: a list that only grows and shares its past, so that a snapshot is one reference."""

from collections.abc import Sequence
from typing import NamedTuple

from softcert_sim.ailments import Operation


class DiskOperation(NamedTuple):
    """One operation that a program asked for, whether or not it succeeded. `size` in bytes, of writes only."""

    disk: str
    operation: Operation
    path: str
    size: int


class Log(NamedTuple):
    """The last operation, and the log before it."""

    before: "Log | None"
    last: DiskOperation


def listed(log: Log | None) -> Sequence[DiskOperation]:
    """The operations, the first first."""
    found: list[DiskOperation] = []
    while log is not None:
        found.append(log.last)
        log = log.before
    return found[::-1]
