"""Notices and driver releases."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from softcert_ca.statements import Record, Statement, insert_into
from softcert_ca.tables import notices, releases

_NOTICES = Statement(select(notices).order_by(notices.c.number))
_DIGESTS = Statement(select(notices.c.id, notices.c.digest).order_by(notices.c.number))
_PUBLISH = insert_into(notices)
_RELEASE = insert_into(releases)
_NEWEST = Statement(select(releases).order_by(releases.c.number.desc()).limit(1))
_NEEDED = Statement(select(releases.c.version).order_by(releases.c.number.desc()).limit(1))


def notices_now(connection: Connection) -> list[Record]:
    """The present notice of each kind, in the order of the first publication."""
    present: dict[str, Record] = {}
    for row in _NOTICES.all(connection):
        present[row.id] = row
    return list(present.values())


def notice_digests(connection: Connection) -> dict[str, tuple[str, ...]]:
    """For each kind of notice the digests ever published, the present one last."""
    digests: dict[str, tuple[str, ...]] = {}
    for kind, digest in _DIGESTS.all(connection):
        digests[kind] = (*digests.get(kind, ()), digest)
    return digests


def publish_notice(connection: Connection, columns: Mapping[str, Any]) -> None:
    """Add a notice; it is the present one of its kind from now on."""
    _PUBLISH.run(connection, dict(columns))


def publish_release(connection: Connection, columns: Mapping[str, Any]) -> None:
    """Add a driver release; it is the newest from now on."""
    _RELEASE.run(connection, dict(columns))


def newest_release(connection: Connection) -> Record | None:
    """The newest driver release."""
    return _NEWEST.first(connection)


def version_needed(connection: Connection) -> str:
    """The version of the newest driver release, `a.b.c`."""
    return _NEEDED.value(connection)
