"""The office's process dies at a statement or commit: from outside, through SQLAlchemy's events."""

from typing import Any

from sqlalchemy import Connection, event

from softcert_ca.store import Store
from softcert_sim.transport import Killed


class OfficeCrash:
    """Kills the office before the n-th statement or commit on its database, once armed."""

    def __init__(self, store: Store) -> None:
        with store.read() as connection:
            self._engine = connection.engine
        self._left = 0
        self._what = ""

    def arm(self, what: str, nth: int) -> None:
        """`what` is `statement` or `commit`; the first is 1."""
        self.disarm()
        self._what, self._left = what, nth
        if what == "commit":
            event.listen(self._engine, "commit", self._commit)
        else:
            event.listen(self._engine, "before_cursor_execute", self._statement)

    @property
    def armed(self) -> bool:
        """Whether it waits for its moment."""
        return self._left > 0

    def disarm(self) -> None:
        """The office lives."""
        if self._what == "commit":
            event.remove(self._engine, "commit", self._commit)
        elif self._what:
            event.remove(self._engine, "before_cursor_execute", self._statement)
        self._what, self._left = "", 0

    def _statement(self, *_: Any) -> None:
        self._strike()

    def _strike(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise Killed

    def _commit(self, _: Connection) -> None:
        self._strike()
