"""A judge's view of the office's database: plain SQL on the tables, none of the office's own code.

It reads what stands there, so that a check does not repeat the office's mistake.
"""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence, Set
from contextlib import closing
from functools import cached_property
from itertools import chain, repeat
from typing import Any, Literal, cast

from softcert_ca.store import Store

KEPT = (
    "applications", "addresses", "certificates", "bindings", "sessions", "backups", "filings", "notices", "releases",
    "outbox", "repeats", "code_marks",
)  # fmt: skip
"""The tables that a refused act must not change. The time that the office saw may rise, and only that."""
AUDITED = ("seq", "at", "act", "actor", "outcome", "rule", "reason", "details", "previous", "hash")
"""What an audit entry consists of."""
Columns = Mapping[str, tuple[str, ...]]
"""Columns of tables; with `EVERY`, all of them."""
EVERY = ("*",)
POSTED: Columns = {"outbox": ("tries", "next_at", "state", "error")}
"""What is noted when mail goes out, whatever act came before."""
COUNTED: Columns = {**POSTED, "applications": ("activation_tries", "recovery_tries"), "repeats": EVERY}
"""What `check-unchanged` leaves aside: besides, wrong tries, and answers that were acknowledged meanwhile."""


PAGE = 4096
"""Bytes of a page of SQLite's: a row of a few hundred bytes stands in one."""


class Records:
    """Questions to the database of one office."""

    def __init__(self, store: Store) -> None:
        with store.read() as connection:
            # Straight to SQLite: a judge asks a dozen questions after every step.
            self._database: sqlite3.Connection = cast(Any, connection.connection.driver_connection)
        # To read images with; it knows the statements from one image to the next.
        self._before = sqlite3.connect(":memory:", check_same_thread=False)
        self._image, self._pages = b"", ()

    def close(self) -> None:
        """No image is read any more; the office's own database is not ours to close."""
        self._before.close()

    def rows(self, sql: str, **values: Any) -> Sequence[tuple[Any, ...]]:
        """All rows that a query gives."""
        return self._database.execute(sql, values).fetchall()

    def value(self, sql: str, **values: Any) -> Any:
        """The first column of the first row, or None."""
        rows = self.rows(sql, **values)
        return rows[0][0] if rows else None

    def pages(self) -> tuple[bytes, ...]:
        """The whole database, page by page. A page that is as it was when last asked for is the same object."""
        image = self._database.serialize()
        if image == self._image:
            return self._pages
        self._image = image
        pages = (image[start : start + PAGE] for start in range(0, len(image), PAGE))
        before = chain(self._pages, repeat(b""))
        self._pages = tuple(old if old == new else new for new, old in zip(pages, before, strict=False))
        return self._pages

    def latest(self) -> int:
        """The latest time at which the office ever acted."""
        return self.value("SELECT max(latest) FROM time") or 0

    def whole(self, table: str) -> tuple[tuple[str, ...], Sequence[tuple[Any, ...]]]:
        """The names of a table's columns, the key first, and every row."""
        with closing(self._database.execute(f"SELECT * FROM {table}")) as cursor:  # noqa: S608
            return tuple(column[0] for column in cursor.description), cursor.fetchall()

    def application_state(self, application: str) -> str:
        """Its state, or `none`."""
        return self.value("SELECT state FROM applications WHERE id = :id", id=application) or "none"

    def applications_for(self, mailbox: str) -> int:
        """How many applications were ever made with this mailbox."""
        return self.value("SELECT count(*) FROM applications WHERE mailbox = :mailbox", mailbox=mailbox)

    def address_state(self, application: str, now: int) -> str:
        """The state of the latest address, expiry included, or `none`."""
        rows = self.rows(
            "SELECT state, expires_at FROM addresses WHERE application = :id ORDER BY id DESC", id=application
        )
        if not rows:
            return "none"
        state, expires = rows[0]
        return "expired" if state == "live" and now > expires else state

    def address_expires(self, application: str) -> int:
        """The last second at which the latest address works."""
        return self.value("SELECT expires_at FROM addresses WHERE application = :id ORDER BY id DESC", id=application)

    def serials_of(self, applications: Sequence[str]) -> list[str]:
        """Serials of every certificate issued for these applications, oldest first."""
        rows = self.rows("SELECT serial, application FROM certificates ORDER BY issued_at, serial")
        return [serial for serial, application in rows if application in applications]

    def certificate_state(self, serial: str) -> str:
        """Its state, or `none`."""
        return self.value("SELECT state FROM certificates WHERE serial = :serial", serial=serial) or "none"

    def certificate(self, serial: str) -> bytes:
        """The certificate, DER."""
        return self.value("SELECT der FROM certificates WHERE serial = :serial", serial=serial)

    def certificates(self) -> Sequence[tuple[str, str, str, str, int]]:
        """(serial, application, state, computer that applied, generation) of every certificate."""
        return self.rows(  # type: ignore[return-value]
            "SELECT c.serial, c.application, c.state, a.device, c.generation FROM certificates c"
            " JOIN applications a ON a.id = c.application ORDER BY c.serial"
        )

    def certificate_expires(self, serial: str) -> int:
        """The last second at which it is valid."""
        return self.value("SELECT not_after FROM certificates WHERE serial = :serial", serial=serial)

    def bound(self, serial: str) -> list[str]:
        """Thumbprints of the devices to which it is bound now."""
        rows = self.rows("SELECT device FROM bindings WHERE serial = :serial AND state = 'bound'", serial=serial)
        return [device for (device,) in rows]

    def generation(self, serial: str) -> int:
        """How often it was bound."""
        return self.value("SELECT generation FROM certificates WHERE serial = :serial", serial=serial)

    def wrong_codes(self, application: str, at: Literal["activation", "recovery"] = "activation") -> int:
        """Wrong activation codes counted."""
        return self.value(f"SELECT {at}_tries FROM applications WHERE id = :id", id=application)  # noqa: S608

    def locked(self, limit: int) -> bool:
        """Whether so many wrong activation codes were counted for anybody."""
        return bool(self.value("SELECT 1 FROM applications WHERE activation_tries >= :limit LIMIT 1", limit=limit))

    def session_state(self, serial: str, now: int, device: str | None = None) -> str:
        """The state of the certificate's latest session, of those with this device key if one is given, or `none`."""
        rows = self.rows(
            "SELECT state, expires_at FROM sessions WHERE serial = :serial AND device = coalesce(:device, device)"
            " ORDER BY started_at DESC, rowid DESC",
            serial=serial,
            device=device,
        )
        if not rows:
            return "none"
        return "ended" if rows[0][0] == "live" and now > rows[0][1] else rows[0][0]

    def live_sessions(self, now: int) -> Sequence[tuple[str, str]]:
        """(serial, device) of each session that lives now."""
        return self.rows("SELECT serial, device FROM sessions WHERE state = 'live' AND expires_at >= :now", now=now)  # type: ignore[return-value]

    def backup_state(self, backup: str) -> str:
        """Its state, or `none`."""
        return self.value("SELECT state FROM backups WHERE id = :id", id=backup) or "none"

    def filings_under(self, serial: str) -> int:
        """How many filings a certificate signed."""
        return self.value("SELECT count(*) FROM filings WHERE serial = :serial", serial=serial)

    def mails_waiting(self) -> int:
        """Mails in the outbox that have not left."""
        return self.value("SELECT count(*) FROM outbox WHERE state = 'waiting'")

    def mail_is_due(self, now: int) -> bool:
        """Whether a mail may be tried now."""
        return bool(self.value("SELECT 1 FROM outbox WHERE state = 'waiting' AND next_at <= :now LIMIT 1", now=now))

    def next_mail_due(self, now: int) -> int | None:
        """When the next waiting mail will be tried, if later than now."""
        return self.value("SELECT min(next_at) FROM outbox WHERE state = 'waiting' AND next_at > :now", now=now)

    def certificate_key(self, serial: str) -> str:
        """The thumbprint of a certificate's key."""
        return self.value(
            "SELECT a.csr_key FROM certificates c JOIN applications a ON a.id = c.application WHERE c.serial = :serial",
            serial=serial,
        )

    def outbox(self) -> Sequence[tuple[str, str, str, str]]:
        """(recipient, purpose, application, state) of every mail ever put into the outbox."""
        return self.rows("SELECT recipient, purpose, application, state FROM outbox ORDER BY id")  # type: ignore[return-value]

    def decisions(self) -> Sequence[tuple[str, str, str]]:
        """(application, mailbox, approved or disapproved) of every application on which the office decided."""
        return self.rows(  # type: ignore[return-value]
            "SELECT id, mailbox, CASE WHEN state = 'disapproved' THEN 'disapproved' ELSE 'approved' END"
            " FROM applications WHERE decided_at IS NOT NULL ORDER BY id"
        )

    def audit_count(self, rule: str = "") -> int:
        """Entries of the audit log, or of those that name a rule (or `rule/reason`) only."""
        if not rule:
            return self.value("SELECT count(*) FROM audit")
        name, _, reason = rule.partition("/")
        return self.value(
            "SELECT count(*) FROM audit WHERE rule = :rule AND (:reason = '' OR reason = :reason)",
            rule=name, reason=reason,
        )  # fmt: skip

    def rejected_count(self, error: str) -> int:
        """Entries of the audit log about acts that were rejected with that protocol error."""
        return self.value(
            "SELECT count(*) FROM audit WHERE outcome = 'rejected' AND json_extract(details, '$.error') = :error",
            error=error,
        )

    def decided_by(self, application: str) -> str:
        """Who approved or disapproved the application, as the audit log says; empty for nobody."""
        return self.value(
            "SELECT actor FROM audit WHERE act IN ('approve', 'disapprove') AND outcome = 'done'"
            " AND json_extract(details, '$.application') = :id",
            id=application,
        ) or ""  # fmt: skip

    def audit_end(self) -> int:
        """The number of the last entry."""
        return self.value("SELECT max(seq) FROM audit") or 0

    def repeated(self, first: int, last: int) -> bool:
        """Whether an entry of the audit log after one number, up to another, tells of an earlier answer given again."""
        said = "SELECT count(*) FROM audit WHERE seq > :first AND seq <= :last AND outcome = 'repeated'"
        return first < last and bool(self.value(said, first=first, last=last))

    def audit_after(self, seq: int) -> Sequence[dict[str, Any]]:
        """The entries from this number on, it included."""
        rows = self.rows(
            "SELECT seq, at, act, actor, outcome, rule, reason, details, previous, hash FROM audit"
            " WHERE seq >= :seq ORDER BY seq",
            seq=seq,
        )
        return [dict(zip(AUDITED, row, strict=True)) for row in rows]

    def lives(self) -> Sequence[tuple[int, str]]:
        """(number, details) of every entry of the audit log that tells of records, in order."""
        return self.rows("SELECT seq, details FROM audit WHERE details LIKE '%\"records\":%' ORDER BY seq")  # type: ignore[return-value]

    def fingerprint(self) -> str:
        """A digest over all that `check-unchanged` compares."""
        kept = [sorted(map(repr, rows)) for rows in self._kept(self._database, COUNTED)]
        return hashlib.sha256(repr(kept).encode()).hexdigest()

    def changed_since(self, image: bytes, may: Columns, acknowledged: Set[tuple[str, str, str]]) -> bool:
        """Whether the database differs from an image of it in what a refused act must leave as it is.

        `may` are columns that this one may change; answers (device, act, request id) that were acknowledged may go.
        """
        if image == self._database.serialize():
            return False
        self._before.deserialize(image)
        (earlier,) = self._before.execute("SELECT coalesce(max(latest), 0) FROM time").fetchone()
        aside = {**POSTED, **may}
        kept = self._kept(self._before, aside, acknowledged)
        return self.latest() < earlier or kept != self._kept(self._database, aside, acknowledged)

    def _kept(
        self, database: sqlite3.Connection, aside: Columns, acknowledged: Set[tuple[str, str, str]] = frozenset()
    ) -> list[set[tuple[Any, ...]]]:
        """The rows of all tables in `KEPT`, without what is left aside; no key is, so no two rows are alike."""
        found: list[set[tuple[Any, ...]]] = []
        for table in KEPT:
            left = aside.get(table, ())
            names = ", ".join(name for name in self._columns[table] if name not in left)
            rows = [] if left == EVERY else database.execute(f"SELECT {names} FROM {table}").fetchall()  # noqa: S608
            found.append({row for row in rows if table != "repeats" or row[:3] not in acknowledged})
        return found

    @cached_property
    def _columns(self) -> dict[str, tuple[str, ...]]:
        return {table: self.whole(table)[0] for table in KEPT}
