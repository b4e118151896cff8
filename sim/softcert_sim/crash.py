"""The office's process dies at a statement or commit: from outside, through SQLAlchemy's events."""

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from softcert_ca.store import Store
from softcert_sim.transport import Killed


class OfficeCrash:
    """Kills the office before the n-th statement or commit on its database, or after a commit, once armed.

    After a statement that is not the last is before the next one, or before the commit.
    """

    def __init__(self, store: Store) -> None:
        with store.read() as connection:
            self._engine = connection.engine
        self._left = 0
        self._what = ""
        self.untold = 0
        """How often it died between a commit and the word of it, since somebody last set this to 0."""

    def arm(self, what: str, nth: int) -> None:
        """`what` is `statement`, `commit`, or `committed` (after it); the first is 1."""
        self.disarm()
        self._what, self._left = what, nth
        event.listen(self._engine, *self._listener)

    @property
    def armed(self) -> bool:
        """Whether it waits for its moment."""
        return self._left > 0

    def disarm(self) -> None:
        """The office lives."""
        if self._what:
            event.remove(self._engine, *self._listener)
        self._what, self._left = "", 0

    @contextmanager
    def spared(self) -> Generator[None]:
        """The office lives in here; what waits for its moment goes on waiting afterwards."""
        what, left = self._what, self._left
        self.disarm()
        try:
            yield
        finally:
            if left:
                self.arm(what, left)

    @contextmanager
    def counting(self) -> Generator[Counter[str]]:
        """How many moments of each kind come by in here."""
        counted: Counter[str] = Counter()

        def statement(*_: Any) -> None:
            counted["statement"] += 1

        def commit(_: Connection) -> None:
            counted.update(("commit", "committed"))

        event.listen(self._engine, "before_cursor_execute", statement)
        event.listen(self._engine, "commit", commit)
        try:
            yield counted
        finally:
            event.remove(self._engine, "before_cursor_execute", statement)
            event.remove(self._engine, "commit", commit)

    @property
    def _listener(self) -> tuple[str, Callable[..., None]]:
        if self._what == "statement":
            return "before_cursor_execute", self._strike
        return "commit", self._strike if self._what == "commit" else self._strike_after

    def _strike(self, *_: Any) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed

    def _strike_after(self, connection: Connection) -> None:
        """SQLAlchemy tells of a commit before it happens: when it is to be the last, it happens here."""
        if self._left == 1:
            driver: Any = connection.connection.driver_connection
            driver.commit()
            self.untold += 1
        self._strike()
