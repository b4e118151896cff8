"""Electric power: what everything in one computer stops with, at the same moment."""

from collections.abc import Callable
from typing import Literal, NamedTuple, NoReturn

Part = Literal["disk", "element", "any"]


class PowerCut(BaseException):
    """The power went. No error: nothing that the driver could catch, and nothing it does afterwards has an effect."""


class Cut(NamedTuple):
    """A cut armed for the `left`-th operation of a part from now."""

    part: Part
    operation: str
    left: int

    def counts(self, part: Part, operation: str) -> bool:
        """Whether it counts this operation."""
        return self.part in ("any", part) and self.operation in ("any", operation)


class PowerState(NamedTuple):
    """A snapshot of the power."""

    on: bool
    armed: tuple[Cut, ...]
    operations: int


class Power:
    """The power of one computer, or of a disk that stands alone.

    Each part asks `check` before and `strikes` at every operation. `operations` counts what asked, so that a test can
    learn from one run where the power could go in the next.
    """

    def __init__(self) -> None:
        self.on = True
        self.operations = 0
        self.watch: Callable[[Part, str], None] | None = None
        """Told every operation before it happens."""
        self._armed: tuple[Cut, ...] = ()

    def arm(self, nth: int, part: Part = "any", operation: str = "any") -> None:
        """Let the power go at the `nth` operation of that kind from now, the first being 1. Raises ValueError.

        Disk operations are those of `ports.Disk`; the element has `save` (the power goes before) and `saved` (after).
        """
        if nth < 1:
            raise ValueError(f"The first operation is 1, not {nth}.")
        self._armed = (*self._armed, Cut(part, operation, nth))

    def disarm(self) -> None:
        """No cut is armed any more."""
        self._armed = ()

    def check(self) -> None:
        """Raises PowerCut when there is no power."""
        if not self.on:
            raise PowerCut

    def strikes(self, part: Part, operation: str) -> bool:
        """Count an operation; whether the power goes in the midst of it. The part then calls `cut`."""
        self.operations += 1
        if self.watch is not None:
            self.watch(part, operation)
        if not self._armed:
            return False
        counted = [cut._replace(left=cut.left - cut.counts(part, operation)) for cut in self._armed]
        self._armed = tuple(cut for cut in counted if cut.left > 0)
        return len(self._armed) < len(counted)

    def cut(self) -> NoReturn:
        """The power goes now: raises PowerCut."""
        self.on = False
        raise PowerCut

    def snapshot(self) -> PowerState:
        """The power as a value."""
        return PowerState(self.on, self._armed, self.operations)

    def restore(self, saved: PowerState) -> None:
        """As it was at `snapshot`."""
        self.on, self._armed, self.operations = saved
