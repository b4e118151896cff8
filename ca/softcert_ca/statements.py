"""Statements that are compiled once, when their module is imported, and then given to SQLite as they are.

SQLAlchemy Core writes the SQL; running it through Core's own `execute` costs five times what SQLite itself needs, and
an act has ten statements. They run on the driver's connection under the transaction of `Store.begin`, and listeners of
`before_cursor_execute` are told of each, as by Core.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.selectable import ReturnsRows

Record = Any
"""A row; its columns are attributes, named as in `tables`."""

_namedtuple: Any = namedtuple
_DIALECT = SQLiteDialect_pysqlite(paramstyle="named")


class Statement:
    """One compiled statement; its parameters are given by name. Columns are texts, bytes and whole numbers only."""

    def __init__(self, clause: ClauseElement) -> None:
        """Compile a Core statement whose variable parts are `bindparam`s."""
        compiled = clause.compile(dialect=_DIALECT)
        self._sql = str(compiled)
        self._constants = {name: value for name, value in (compiled.params or {}).items() if value is not None}
        self._row: Callable[[Any, tuple[Any, ...]], Any] | None = None
        if isinstance(clause, ReturnsRows) and clause.exported_columns:
            self._row = _row_maker([column.key or "value" for column in clause.exported_columns])

    def run(self, connection: Connection, values: Mapping[str, Any] | None = None) -> int:
        """How many rows were changed."""
        with closing(self._execute(connection, values)) as cursor:
            return cursor.rowcount

    def first(self, connection: Connection, values: Mapping[str, Any] | None = None) -> Record | None:
        """The first row, or None."""
        # Closed at once: an open cursor would keep SQLite from being copied or replaced.
        with closing(self._execute(connection, values)) as cursor:
            return cursor.fetchone()

    def all(self, connection: Connection, values: Mapping[str, Any] | None = None) -> Sequence[Record]:
        """All rows."""
        with closing(self._execute(connection, values)) as cursor:
            return cursor.fetchall()

    def value(self, connection: Connection, values: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        row = self.first(connection, values)
        return None if row is None else row[0]

    def _execute(self, connection: Connection, values: Mapping[str, Any] | None) -> Any:
        given = {**self._constants, **(values or {})}
        dispatch: Any = connection.dispatch
        cursor: Any = connection.connection.cursor()
        for listener in dispatch.before_cursor_execute:
            listener(connection, cursor, self._sql, given, None, False)
        cursor.row_factory = self._row
        cursor.execute(self._sql, given)
        return cursor


def _row_maker(columns: Sequence[str]) -> Callable[[Any, tuple[Any, ...]], Any]:
    """Builds rows with the columns as attributes."""
    make: Any = _namedtuple("Row", columns)._make
    return lambda _, values: make(values)


def given_columns(table: Table) -> list[str]:
    """What must be given for a new row: every column but those that begin as NULL and a number that the database gives."""
    number = table.autoincrement_column
    return [column.name for column in table.columns if not column.nullable and column is not number]


def insert_into(table: Table) -> Statement:
    """Insert one row."""
    return Statement(insert(table).values({name: bindparam(name) for name in given_columns(table)}))
