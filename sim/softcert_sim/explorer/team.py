"""Who expands: one expander in this process, or several, each in a process of its own with its own snapshots.

A state is expanded where it was found, so that no snapshot travels. Where somebody found more than his share, others take
the last of his states and reach them by their paths. What comes of it is in the order of the states, whoever expanded.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import Protocol

from softcert_sim.explorer.expand import Expander, Expansion, Kept, Task
from softcert_sim.explorer.scopes import Scope
from softcert_sim.workers import Ask, asked_apart

CHUNK = 8
"""States that are handed over at once."""


class Team(Protocol):
    """Whoever expands."""

    def first(self) -> bytes:
        """The key of the state in which all begins."""
        ...

    def expand(self, level: Sequence[Task]) -> Iterator[Expansion]:
        """What follows from each of these states, in their order."""
        ...

    def keep(self, kept: Sequence[Kept]) -> None:
        """These states are new; they are the next level."""
        ...


@contextmanager
def team(scope: Scope, seed: int, workers: int) -> Generator[Team]:
    """As many expanders."""
    if workers > 1:
        with asked_apart(workers, partial(_start, scope, seed)) as several:
            yield _Several(several)
        return
    alone = Expander(scope, seed)
    try:
        yield alone
    finally:
        alone.close()


class _Several:
    """Expanders in processes of their own."""

    def __init__(self, asks: Sequence[Ask]) -> None:
        self._asks = asks
        self._owners: dict[int, int] = {}

    def first(self) -> bytes:
        """As `Team` says."""
        started = [ask(_first, None) for ask in self._asks]
        return started[0].result()

    def expand(self, level: Sequence[Task]) -> Iterator[Expansion]:
        """As `Team` says."""
        shares: list[list[Task]] = [[] for _ in self._asks]
        most = -(-len(level) // len(shares))
        owners: dict[int, int] = {}
        for task in level:
            owner = self._owners.get(task[0], 0)
            if len(shares[owner]) >= most:
                owner = min(range(len(shares)), key=lambda at: len(shares[at]))
            shares[owner].append(task)
            owners[task[0]] = owner
        self._owners = owners
        coming = [self._coming(at, share) for at, share in enumerate(shares)]
        return (next(coming[owners[number]]) for number, _ in level)

    def _coming(self, at: int, share: Sequence[Task]) -> Iterator[Expansion]:
        chunks = (share[start : start + CHUNK] for start in range(0, len(share), CHUNK))
        futures = [self._asks[at](_expand, chunk) for chunk in chunks]
        return chain.from_iterable(future.result() for future in futures)

    def keep(self, kept: Sequence[Kept]) -> None:
        """As `Team` says."""
        found_by = {number: self._owners[state] for number, state, _ in kept}
        for at, ask in enumerate(self._asks):
            ask(_keep, [one for one in kept if found_by[one[0]] == at])
        self._owners = found_by


_own: list[Expander] = []
"""That of this process."""


def _start(scope: Scope, seed: int) -> None:
    _own.append(Expander(scope, seed))


def _first(_: None) -> bytes:
    return _own[0].first()


def _expand(tasks: Sequence[Task]) -> list[Expansion]:
    return list(_own[0].expand(tasks))


def _keep(kept: Sequence[Kept]) -> None:
    _own[0].keep(kept)
