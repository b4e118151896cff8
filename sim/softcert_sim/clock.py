"""Clocks: the simulated one, and a computer's own that may be wrong. UTC, whole seconds since 1970."""

from softcert.ports import Clock


class SimClock:
    """Time that passes only when somebody says so."""

    def __init__(self, start: int) -> None:
        self._now = start

    def now(self) -> int:
        """Seconds since 1970."""
        return self._now

    def advance(self, seconds: int) -> None:
        """Let time pass. Raises ValueError for a step back: that is `set`."""
        if seconds < 0:
            raise ValueError(f"Time passes forwards; {seconds} seconds is backwards. Use set() for a clock set back.")
        self._now += seconds

    def set(self, now: int) -> None:
        """Set the clock, back too."""
        self._now = now

    def snapshot(self) -> int:
        """The time now."""
        return self._now

    def restore(self, saved: int) -> None:
        """Back to the time of `snapshot`."""
        self._now = saved


class SkewedClock:
    """A computer's own clock: `offset` seconds ahead of `base`, or behind it when negative."""

    def __init__(self, base: Clock, offset: int = 0) -> None:
        self.base = base
        self.offset = offset

    def now(self) -> int:
        """What this clock shows."""
        return self.base.now() + self.offset

    def set(self, offset: int) -> None:
        """Make it wrong by `offset` seconds; 0 puts it right."""
        self.offset = offset
