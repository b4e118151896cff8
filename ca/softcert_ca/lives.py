"""The records that have a life: applications, addresses, certificates, bindings, sessions, backups (rule `accountable`).

Laws: a record begins, moves on and changes through here alone. From which states an event leads on stands in
`softcert.rules.lifecycles` and nowhere else: each change is one conditional update made from that table. The audit entry of
the case keeps, for every record that it touched, the state and a digest of the whole row; so `verify` finds whatever an
insider changed, added or removed in these tables behind the office's back. It also keeps the event that moved a record.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from softcert.errors import Impossible
from softcert.protocol import encode, sha256, to_bytes
from softcert.rules.lifecycles import state_after, states_before
from softcert_ca import audit, tables
from softcert_ca.case import Case
from softcert_ca.records import time
from softcert_ca.statements import Record, Statement, given_columns

DETAIL = "records"
"""Name of the detail in the audit log that holds the records' last words: by kind, then by key."""
EVENTS = "events"
"""Name of the detail that holds the events which began records or moved them on: by kind, then by key."""

KINDS = {
    "application": tables.applications,
    "address": tables.addresses,
    "certificate": tables.certificates,
    "binding": tables.bindings,
    "session": tables.sessions,
    "backup": tables.backups,
}


def begin(case: Case, kind: str, event: str, columns: Mapping[str, Any]) -> None:
    """Record a new thing, in the state with which its life begins."""
    assert states_before(kind, event) == ("none",)
    _note(case, kind, event, _begin(kind), {"state": state_after(kind, event), **columns})


def move(case: Case, kind: str, event: str, where: Mapping[str, Any], **also: Any) -> int:
    """Take every such record in a state from which the event leads on to the state after it; `also` sets columns.

    Returns how many there were; records in other states stay as they are.
    """
    statement = _move(kind, event, tuple(where), tuple(also))
    return _note(case, kind, event, statement, {**{f"of_{name}": value for name, value in where.items()}, **also})


def move_on(case: Case, kind: str, event: str, row: Record, **also: Any) -> str:
    """Move that one record; returns its new state. Raises `Impossible` where the event does not lead on."""
    key = _key(kind)
    if not move(case, kind, event, {key: getattr(row, key)}, **also):
        raise Impossible(kind, row.state, event)
    return state_after(kind, event)


def change(case: Case, kind: str, key: str, **columns: Any) -> None:
    """Set columns of one record, whose state stays."""
    _note(case, kind, "", _change(kind, tuple(columns)), {f"of_{_key(kind)}": key, **columns})


def verify(connection: Connection) -> list[str]:
    """A sentence for each record that is not as the audit log's last word says, and for a time set back."""
    logged, last = _logged(connection)
    present = {(kind, str(getattr(row, _key(kind)))): row for kind in KINDS for row in _all(kind).all(connection)}
    findings = [
        _altered(kind, key, present.get((kind, key)), known=(kind, key) in logged)
        for kind, key in sorted({*logged, *present})
        if (kind, key) not in present or logged.get((kind, key)) != _word(present[kind, key])
    ]
    if time.at(connection, 0) < last:
        findings.append("The office's time was set back: the audit log has entries of a later time.")
    return findings


def _altered(kind: str, key: str, row: Record | None, *, known: bool) -> str:
    if row is None:
        return f"The {kind} {key} was removed: the audit log knows of it."
    owner = f" of certificate {row.serial}" if kind in ("binding", "session", "backup") else ""
    if not known:
        return f"The {kind} {key}{owner} was inserted: the audit log does not know of it."
    return f"The {kind} {key}{owner} was altered: it is {row.state} now, and not as the audit log's last word says."


def _note(case: Case, kind: str, event: str, statement: Statement, values: Mapping[str, Any]) -> int:
    """Run the statement; the audit entry of the case keeps what became of the rows, and by which event, if any."""
    rows = statement.all(case.connection, values)
    if rows:
        words: dict[str, str] = case.details.setdefault(DETAIL, {}).setdefault(kind, {})
        words.update((str(getattr(row, _key(kind))), _word(row)) for row in rows)
        if event:
            events: dict[str, str] = case.details.setdefault(EVENTS, {}).setdefault(kind, {})
            events.update((str(getattr(row, _key(kind))), event) for row in rows)
    return len(rows)


def _word(row: Record) -> str:
    """The state, a blank, and SHA-256 of the whole row in canonical JSON, bytes as base64url."""
    columns = {name: encode(value) if isinstance(value, bytes) else value for name, value in row._asdict().items()}
    return f"{row.state} {sha256(to_bytes(columns))}"


def _logged(connection: Connection) -> tuple[dict[tuple[str, str], str], int]:
    """The log's last word about each record, and its latest time."""
    found: dict[tuple[str, str], str] = {}
    latest = 0
    for entry in audit.entries(connection):
        latest = max(latest, entry.at)
        for kind, words in json.loads(entry.details).get(DETAIL, {}).items():
            found.update({(kind, key): word for key, word in words.items()})
    return found, latest


def _key(kind: str) -> str:
    [column] = KINDS[kind].primary_key
    return column.name


@lru_cache
def _begin(kind: str) -> Statement:
    table = KINDS[kind]
    values: dict[str, Any] = {name: bindparam(name) for name in given_columns(table)}
    return Statement(insert(table).values(values).returning(*table.columns))


@lru_cache
def _move(kind: str, event: str, where: tuple[str, ...], also: tuple[str, ...]) -> Statement:
    table = KINDS[kind]
    before = or_(*(table.c.state == state for state in states_before(kind, event)))
    named = (table.c[name] == bindparam(f"of_{name}") for name in where)
    values: dict[str, Any] = {"state": state_after(kind, event), **{name: bindparam(name) for name in also}}
    return Statement(update(table).where(*named, before).values(values).returning(*table.columns))


@lru_cache
def _change(kind: str, columns: tuple[str, ...]) -> Statement:
    table, key = KINDS[kind], _key(kind)
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    return Statement(update(table).where(table.c[key] == bindparam(f"of_{key}")).values(values).returning(*table.columns))


@lru_cache
def _all(kind: str) -> Statement:
    return Statement(select(KINDS[kind]))
