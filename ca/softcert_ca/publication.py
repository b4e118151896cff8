"""What the homepage offers: notices and driver releases. A newer one takes the place of the older at once."""

from typing import Any

from sqlalchemy import Connection

from softcert.errors import Rejected
from softcert.protocol import Json, encode, sha256
from softcert_ca import pki, release
from softcert_ca.case import Case
from softcert_ca.decisions import clean_text
from softcert_ca.notices import NOTICES
from softcert_ca.problems import BadField
from softcert_ca.records import Record, certificates, published
from softcert_ca.services import Services
from softcert_ca.signed import version_of

FIRST_VERSION = "1.0.0"
"""The driver release with which an office opens."""
LONGEST_NOTICE = 50_000
"""Longest text of a notice, characters."""


def is_published(connection: Connection) -> bool:
    """Whether the office has ever opened."""
    return published.newest_release(connection) is not None


def publish_first(case: Case) -> None:
    """The notices and the release with which an office opens."""
    for kind, (_, text) in NOTICES.items():
        publish_notice(case, kind, text)
    publish_release(case, FIRST_VERSION)


def notices(connection: Connection) -> list[Json]:
    """The present notices, as they are sent."""
    shown = ("id", "title", "text", "digest", "published")
    return [{name: getattr(row, name) for name in shown} for row in published.notices_now(connection)]


def driver(services: Services, connection: Connection) -> Json:
    """The newest release: signed manifest and package, which are made anew each time and are the same each time."""
    row = published.newest_release(connection)
    assert row is not None, "an office publishes its first release when it opens"
    made = release.build(services.keys, row.version, row.released)
    return {"manifest": made.manifest, "package": encode(made.package)}


def revoked(row: Record) -> pki.Revoked:
    """A revoked certificate, for the CRL."""
    return pki.Revoked(int(row.serial, 16), row.revoked_at, row.revocation_reason)


def standing(connection: Connection, serial: int) -> pki.Standing:
    """What OCSP tells about a serial number."""
    row = certificates.certificate_of(connection, format(serial, "x"))
    if row is None:
        return None
    return revoked(row) if row.state == "revoked" else "good"


def publish_notice(case: Case, kind: str, text: str) -> Json:
    """Publish a newer text of a notice; whoever read the older one must read again."""
    if kind not in NOTICES:
        raise BadField("id", f"A notice is one of {', '.join(NOTICES)}.")
    text = clean_text("text", text, LONGEST_NOTICE)
    digest = sha256(text.encode())
    row: dict[str, Any] = {"id": kind, "title": NOTICES[kind][0], "text": text, "digest": digest, "published": case.now}
    published.publish_notice(case.connection, row)
    case.note({"notice": kind, "digest": digest})
    return {"id": kind, "digest": digest, "published": case.now}


def publish_release(case: Case, version: str) -> Json:
    """Publish a newer driver; older ones are outdated from now on. Raises `Rejected` (conflict) unless it is newer."""
    newest = published.newest_release(case.connection)
    if not _is_newer(version, newest):
        raise Rejected("conflict", "A new release must have a higher version than the newest one.")
    # Before it stands in the database: what cannot be built must not become the newest.
    release.build(case.services.keys, version, case.now)
    published.publish_release(case.connection, {"version": version, "released": case.now})
    case.note({"version": version})
    return {"version": version, "released": case.now}


def _is_newer(version: str, newest: Record | None) -> bool:
    try:
        wanted = version_of(version)
    except Rejected as error:
        raise BadField("version", error.text) from None
    return bool(wanted) and (newest is None or wanted > version_of(newest.version))
