"""What is done with a certificate: sessions, filings, backups."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select

from softcert_ca.statements import Record, Statement, insert_into
from softcert_ca.tables import backups, filings, sessions

_SESSION = Statement(select(sessions).where(sessions.c.id == bindparam("key")))
_FILE = insert_into(filings)
_BACKUP = Statement(select(backups).where(backups.c.id == bindparam("key")))


def session_of(connection: Connection, id: str) -> Record | None:
    """The session."""
    return _SESSION.first(connection, {"key": id})


def add_filing(connection: Connection, columns: Mapping[str, Any]) -> None:
    """Record a filing."""
    _FILE.run(connection, dict(columns))


def backup_of(connection: Connection, id: str) -> Record | None:
    """The backup."""
    return _BACKUP.first(connection, {"key": id})
