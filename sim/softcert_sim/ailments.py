"""What can be wrong with a disk: faults that wait for the n-th operation, and those that last."""

import errno
from dataclasses import dataclass, replace
from typing import Literal

from softcert_sim.journal import Journal
from softcert_sim.paths import failed, parts_of

Operation = Literal["read", "write", "sync", "rename", "sync-folder", "list", "remove", "contains"]
Moment = Operation | Literal["any", "change"]
"""What a fault counts: operations of that name, any, or those that change what programs see."""
FaultKind = Literal["power-cut", "disk-full", "write-protect", "read-error", "pull", "swap"]

CHANGING = ("write", "rename", "remove")
"""Operations that change what programs see."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that strikes at the `left`-th operation of that name from now.

    `choice` is what a pulled drive keeps of what is unsynced; `files` are those that a `swap` brings in.
    """

    kind: FaultKind
    operation: Moment
    left: int
    choice: int = 0
    files: Journal | None = None

    def counts(self, operation: Operation) -> bool:
        """Whether it counts this operation."""
        return self.operation in ("any", operation) or (self.operation == "change" and operation in CHANGING)


@dataclass(frozen=True, slots=True)
class Ailments:
    """Everything that is wrong with a disk, or waits to be. `bad` holds the paths that cannot be read."""

    armed: tuple[Fault, ...] = ()
    bad: frozenset[str] = frozenset()
    write_protected: bool = False
    full: bool = False
    pulled: bool = False

    def arm(self, fault: Fault) -> "Ailments":
        """With one more fault waiting. Raises ValueError for one that cannot be."""
        if fault.left < 1:
            raise ValueError(f"The first operation is 1, not {fault.left}.")
        if (fault.kind == "swap") != (fault.files is not None):
            raise ValueError("A swap, and nothing else, needs the other disk.")
        return replace(self, armed=(*self.armed, fault))

    def mended(self) -> "Ailments":
        """Nothing waits or lasts, but for the switch against writing, and a pulled drive stays out."""
        if not (self.armed or self.bad or self.full):
            return self
        return Ailments(write_protected=self.write_protected, pulled=self.pulled)

    def spoil(self, path: str) -> "Ailments":
        """With a file that cannot be read."""
        return replace(self, bad=self.bad | {"/".join(parts_of(path))})

    def strike(self, operation: Operation, path: str) -> tuple["Ailments", list[Fault]]:
        """Count one operation: what is wrong from now on, and the faults that strike it and are not in that."""
        counted = [replace(fault, left=fault.left - fault.counts(operation)) for fault in self.armed]
        after = replace(self, armed=tuple(fault for fault in counted if fault.left > 0))
        striking: list[Fault] = []
        for fault in counted:
            if fault.left > 0:
                continue
            if fault.kind == "disk-full":
                after = replace(after, full=True)
            elif fault.kind == "write-protect":
                after = replace(after, write_protected=True)
            elif fault.kind == "read-error":
                after = after.spoil(path)
            else:
                striking.append(fault)
        return after, striking

    def check(self, operation: Operation, path: str) -> None:
        """Whether the operation can work at all. Raises OSError: ENODEV when pulled, EROFS when write-protected."""
        if self.pulled:
            raise failed(errno.ENODEV, path)
        if self.write_protected and operation in CHANGING:
            raise failed(errno.EROFS, path)
