"""What a benchmark gives: figures, each with a unit, a goal and a note; and how time is taken.

Time is processor time, the least of several runs: on a machine that others use too, it is what comes closest to the
cost of the code itself.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `goal` is none, or what the value should be `at least` or `at most`."""

    id: str
    name: str
    value: float
    unit: str
    goal: float | None = None
    better: Literal["at least", "at most"] = "at most"
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.better == "at least" else self.value <= self.goal


def cpu_seconds(action: Callable[[], object]) -> float:
    """Processor time of one call, all threads of this process together."""
    began = time.process_time()
    action()
    return time.process_time() - began


def least(action: Callable[[], object], runs: int) -> float:
    """The least processor time of several calls, in seconds."""
    return min(cpu_seconds(action) for _ in range(runs))


def each(action: Callable[[], object], seconds: float = 0.05, runs: int = 5) -> float:
    """Processor time of one call of something short: the least average of several runs of about `seconds` each."""
    once = max(cpu_seconds(action), 1e-7)
    count = max(1, int(seconds / once))

    def many() -> None:
        for _ in range(count):
            action()

    return least(many, runs) / count


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows of text in columns."""
    rows = list(rows)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
