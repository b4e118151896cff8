"""The office's database: SQLAlchemy Core on SQLite, in memory or in a file.

Laws: every change is one BEGIN IMMEDIATE transaction (no transaction starts as a reader and finds out later that it may
not write); what must follow a commit is run after it, by `after_commit`; a memory store is a value (`snapshot`,
`restore`).

Write each statement as a `Statement` at the top of its module (see `statements`): it is compiled once, and run without
the cost of Core's own `execute`.
"""

import sqlite3
import threading
from collections.abc import Callable, Generator, Hashable
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Self

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool, QueuePool

from softcert.errors import Damaged

SCHEMA = 1
"""Version of the tables, kept in SQLite's `user_version`."""
BUSY = 30
"""Seconds that a transaction waits for another process's."""

metadata = MetaData()
"""Every table of the office; a module that owns tables adds them here when it is imported."""

_MAGIC = b"SQLite format 3\0"
_USER_VERSION = slice(60, 64)
"""Where a database file keeps its `user_version`, big-endian (SQLite file format §1.3)."""
_AFTER = "softcert after commit"


class Store:
    """One database. Open it with `Store.open`."""

    def __init__(self, engine: Engine, shared: Connection | None) -> None:
        """For `open`. A memory database lives in the one connection `shared`."""
        self._engine = engine
        self._shared = shared
        self._turn = threading.RLock()

    @classmethod
    def open(cls, url: str) -> Self:
        """Open `sqlite://` (memory, usable from any thread, one transaction at a time) or `sqlite:///FILE`.

        Tables are made where they are missing. Raises `Damaged` for a database of a newer version or of somebody else,
        ValueError for another kind of URL.
        """
        parts = make_url(url)
        if parts.get_backend_name() != "sqlite":
            raise ValueError(f"The office keeps its records in SQLite: sqlite:///FILE, not {parts.drivername}.")
        if parts.database in (None, "", ":memory:"):
            store = cls(_memory_engine(), _memory_engine().connect())
            store.restore(_blank(tuple(sorted(metadata.tables))))
            return store
        store = cls(_file_engine(url), None)
        try:
            store._prepare_file()
        except Damaged:
            store.close()
            raise
        return store

    @contextmanager
    def begin(self) -> Generator[Connection, None, None]:
        """A transaction that may write: commits at the end, rolls back when an exception leaves it."""
        with self._connection() as connection, _transaction(connection, "BEGIN IMMEDIATE"):
            actions: dict[Hashable, Callable[[], None]] = {}
            connection.info[_AFTER] = actions
            try:
                yield connection
                connection.commit()
            except BaseException:
                # Where the commit itself failed, SQLAlchemy neither rolls back nor lets go of the transaction.
                _driver(connection).rollback()
                connection.rollback()
                raise
            finally:
                del connection.info[_AFTER]
            for action in actions.values():
                action()

    @contextmanager
    def read(self) -> Generator[Connection, None, None]:
        """A transaction that sees one state of the database; whatever it writes is undone."""
        with self._connection() as connection:
            driver = _driver(connection)
            _begin(driver, "BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()
                driver.rollback()

    def snapshot(self) -> bytes:
        """The whole memory database as bytes. Raises RuntimeError inside a transaction, and for a file database."""
        with self._turn:
            return self._idle().serialize()

    def restore(self, image: bytes) -> None:
        """Become exactly what `snapshot` returned once. Raises like `snapshot`, and `Damaged` for other bytes."""
        with self._turn:
            if not image.startswith(_MAGIC):
                raise Damaged("These bytes are not a snapshot of the office's database.")
            _check_version(int.from_bytes(image[_USER_VERSION], "big"))
            self._idle().deserialize(image)

    def close(self) -> None:
        """Let go of the database; a memory database is gone with it."""
        if self._shared is None:
            self._engine.dispose()
        else:
            self._shared.close()

    def __enter__(self) -> Self:
        """The store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _prepare_file(self) -> None:
        try:
            with self.read() as connection:
                _check(connection)
        except DatabaseError as error:
            raise Damaged(f"{self._engine.url.database}: {error.orig}. Name another file, or restore a copy.") from None
        # The journal's mode stands in the file, and cannot change inside a transaction.
        with self._engine.connect() as connection:
            _driver(connection).execute("PRAGMA journal_mode = WAL")
        with self.begin() as connection:
            _prepare(connection)

    @contextmanager
    def _connection(self) -> Generator[Connection, None, None]:
        if self._shared is None:
            with self._engine.connect() as connection:
                yield connection
        else:
            with self._turn:
                yield self._shared

    def _idle(self) -> sqlite3.Connection:
        if self._shared is None:
            raise RuntimeError("Only a memory database has snapshots; copy the file of this one while it is closed.")
        driver = _driver(self._shared)
        # SQLite would copy or swap the pages under an open transaction without a word.
        if driver.in_transaction:
            raise RuntimeError("A snapshot cannot be taken or restored inside a transaction.")
        return driver


def after_commit(connection: Connection, key: Hashable, action: Callable[[], None]) -> None:
    """Have `action` run once the transaction of `connection` is committed; never when it is rolled back.

    A later action with the same key takes the place of the earlier. An action that raises does so after the commit:
    it must be one whose loss is noticed and mended later. Raises LookupError outside of `Store.begin`.
    """
    if _AFTER not in connection.info:
        raise LookupError("Only a transaction of Store.begin has something after its commit.")
    connection.info[_AFTER][key] = action


@contextmanager
def _transaction(connection: Connection, begin: str) -> Generator[None, None, None]:
    with connection.begin() as transaction:
        _begin(_driver(connection), begin)
        yield
        if transaction.is_active:
            transaction.rollback()


def _begin(driver: sqlite3.Connection, begin: str) -> None:
    if driver.in_transaction:
        raise RuntimeError("The office opened a transaction inside a transaction.")
    driver.execute(begin)


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: Any = connection.connection.driver_connection
    return driver


@lru_cache(maxsize=1)
def _memory_engine() -> Engine:
    """One engine for all memory stores, which need not set up one each. Each connection is a new database."""
    engine = create_engine("sqlite://", poolclass=NullPool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _set_up)
    return engine


def _file_engine(url: str) -> Engine:
    engine = create_engine(url, poolclass=QueuePool, connect_args={"check_same_thread": False, "timeout": BUSY})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "connect", _make_durable)
    return engine


def _set_up(driver: Any, _: object) -> None:
    # sqlite3 begins no transaction of its own accord: `_transaction` does.
    driver.isolation_level = None
    driver.execute("PRAGMA foreign_keys = ON")


def _make_durable(driver: Any, _: object) -> None:
    driver.execute("PRAGMA synchronous = FULL")


@lru_cache(maxsize=8)
def _blank(tables: tuple[str, ...]) -> bytes:
    """A database with those tables and nothing in them."""
    with _memory_engine().connect() as connection:
        with _transaction(connection, "BEGIN IMMEDIATE"):
            _prepare(connection, tables)
            connection.commit()
        return _driver(connection).serialize()


def _prepare(connection: Connection, tables: tuple[str, ...] = ()) -> None:
    """Make missing tables and write the version."""
    _check(connection)
    metadata.create_all(connection, tables=[metadata.tables[name] for name in tables] or None)
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA}")


def _check(connection: Connection) -> None:
    version: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if connection.exec_driver_sql("SELECT count(*) FROM sqlite_schema").scalar_one():
        _check_version(version)


def _check_version(version: int) -> None:
    if version == 0:
        raise Damaged("This database was not made by the office: it bears no version. Name another file.")
    if version > SCHEMA:
        raise Damaged(
            f"This database has version {version} of the office's tables, this program knows up to {SCHEMA}. "
            "Start the newer program, or restore a copy made by this one."
        )
