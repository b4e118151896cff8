"""What programs asked of a disk: a list that only grows and shares its past, so that a snapshot is one reference."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from softcert_sim.ailments import Operation


class DiskOperation(NamedTuple):
    """One operation that a program asked for, whether or not it succeeded. `size` in bytes, of writes only."""

    disk: str
    operation: Operation
    path: str
    size: int


Log: TypeAlias = "tuple[Log, str, Operation, str, int] | None"
"""None, or the log before and the fields of the last operation. Plain tuples: the garbage collector lets them be."""


def listed(log: Log) -> Sequence[DiskOperation]:
    """The operations, the first first."""
    found: list[DiskOperation] = []
    while log is not None:
        found.append(DiskOperation(*log[1:]))
        log = log[0]
    return found[::-1]
