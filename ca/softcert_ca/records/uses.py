"""What is done with a certificate: sessions, filings, backups."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from softcert.protocol import Thumbprint
from softcert_ca.statements import Record, Statement, insert_into
from softcert_ca.tables import backups, filings, sessions

_LOGIN = insert_into(sessions)
_SESSION = Statement(select(sessions).where(sessions.c.id == bindparam("key")))
_END = Statement(
    update(sessions).where(sessions.c.id == bindparam("key"), sessions.c.state == "live").values(state="ended")
)
_END_OF = Statement(
    update(sessions).where(sessions.c.serial == bindparam("key"), sessions.c.state == "live").values(state="ended")
)
_END_ON = Statement(
    update(sessions)
    .where(
        sessions.c.serial == bindparam("key"), sessions.c.state == "live", sessions.c.device == bindparam("computer")
    )
    .values(state="ended")
)
_FILE = insert_into(filings)
_REGISTER = insert_into(backups)
_BACKUP = Statement(select(backups).where(backups.c.id == bindparam("key")))
_SPEND_BACKUP = Statement(
    update(backups).where(backups.c.id == bindparam("key"), backups.c.state == "registered").values(state="spent")
)
_RETIRE_BACKUPS = Statement(
    update(backups).where(backups.c.serial == bindparam("key"), backups.c.state == "registered").values(state="retired")
)


def add_session(connection: Connection, columns: Mapping[str, Any]) -> None:
    """Record a login."""
    _LOGIN.run(connection, dict(columns))


def session_of(connection: Connection, id: str) -> Record | None:
    """The session."""
    return _SESSION.first(connection, {"key": id})


def end_session(connection: Connection, id: str) -> None:
    """End one session."""
    _END.run(connection, {"key": id})


def end_sessions(connection: Connection, serial: str, device: Thumbprint | None = None) -> None:
    """End all sessions of the certificate, or those on one computer."""
    if device is None:
        _END_OF.run(connection, {"key": serial})
    else:
        _END_ON.run(connection, {"key": serial, "computer": device})


def add_filing(connection: Connection, columns: Mapping[str, Any]) -> None:
    """Record a filing."""
    _FILE.run(connection, dict(columns))


def add_backup(connection: Connection, columns: Mapping[str, Any]) -> None:
    """Record a backup."""
    _REGISTER.run(connection, dict(columns))


def backup_of(connection: Connection, id: str) -> Record | None:
    """The backup."""
    return _BACKUP.first(connection, {"key": id})


def spend_backup(connection: Connection, id: str) -> bool:
    """Use a backup for a recovery; False when somebody was faster."""
    return _SPEND_BACKUP.run(connection, {"key": id}) == 1


def retire_backups(connection: Connection, serial: str) -> None:
    """No unspent backup of the certificate can be used any more."""
    _RETIRE_BACKUPS.run(connection, {"key": serial})
