"""The audit log (rule `accountable`): append-only, each entry chained to the one before it by SHA-256.

An entry's hash covers its number, its content and the hash before it, written as canonical JSON. The chain alone cannot
show that its end was cut off, or that all of it was written anew: for that the *head*, count and last hash, is kept
outside of the database.

The head follows the log: it is set after the commit, because a head set before would accuse an honest office of having
lost an entry whenever the power fails in between. So a head may lag a few entries behind (`LAG`); it is accepted and
mended where those entries chain onto it. A head ahead of the log never comes from a crash: somebody restored an older
database, and the office must not start (used addresses would be live again).

What this does not stop: an insider who writes up to `LAG` well-chained entries at the very end while the office is
down, or who replaces log and head together.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, cast

from sqlalchemy import Column, Connection, Integer, String, Table, Text, bindparam, insert, select

from softcert.errors import Damaged
from softcert.protocol import sha256, to_bytes
from softcert.rules.verdict import Verdict
from softcert_ca.statements import Statement
from softcert_ca.store import after_commit, metadata

LAG = 8
"""Entries that the head may be behind: one transaction's, and those of a few office processes at the same moment."""

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("act", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("rule", String),
    Column("reason", String),
    Column("details", Text, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
)

_COLUMNS = [column.name for column in audit.columns]
_APPEND = Statement(insert(audit).values({name: bindparam(name) for name in _COLUMNS}))
_LAST = Statement(select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1))
_HASH_AT = Statement(select(audit.c.hash).where(audit.c.seq == bindparam("number")))
_AFTER = select(audit).where(audit.c.seq > bindparam("number")).order_by(audit.c.seq)


class AuditHead(Protocol):
    """Number of entries and hash of the last one, `(0, "")` at first. Kept where the database's keeper cannot write."""

    def get(self) -> tuple[int, str]:
        """The head. Raises `Damaged` when it cannot be read."""
        ...

    def set(self, count: int, hash: str) -> None:
        """Move the head forward, durably; a count not above the present one changes nothing."""
        ...


@dataclass
class MemoryHead:
    """A head in memory. It is a value: keep `value` and put it back to restore it."""

    value: tuple[int, str] = (0, "")

    def get(self) -> tuple[int, str]:
        """The head."""
        return self.value

    def set(self, count: int, hash: str) -> None:
        """Move the head forward."""
        if count > self.value[0]:
            self.value = (count, hash)


@dataclass(frozen=True)
class FileHead:
    """A head in a small file, replaced atomically. Put it on another disk than the database."""

    path: Path

    def get(self) -> tuple[int, str]:
        """The head. Raises `Damaged` for a file that no `FileHead` wrote."""
        try:
            content = json.loads(self.path.read_bytes())
            return int(content["count"]), str(content["hash"])
        except FileNotFoundError:
            return 0, ""
        except (ValueError, KeyError, TypeError):
            raise Damaged(f"{self.path} is not an audit head. Restore it from where it is kept twice.") from None

    def set(self, count: int, hash: str) -> None:
        """Move the head forward; of several processes at once, the highest count stays."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)  # let go when the folder is closed
            if count <= self.get()[0]:
                return
            draft = self.path.with_name(f"{self.path.name}.draft")
            with draft.open("wb") as file:
                file.write(to_bytes({"count": count, "hash": hash}))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
            os.fsync(folder)
        finally:
            os.close(folder)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it stands in the log; `details` is canonical JSON text. `at` is in seconds since 1970, UTC."""

    seq: int
    at: int
    act: str
    actor: str
    outcome: str
    rule: str | None
    reason: str | None
    details: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the log: the first entry concerned, and a sentence about it."""

    kind: Literal["removed", "changed", "reordered", "inserted"]
    entry: int
    text: str


def append(
    connection: Connection,
    head: AuditHead,
    *,
    at: int,
    act: str,
    actor: str,
    outcome: Verdict | str,
    details: Mapping[str, Any] | None = None,
) -> int:
    """Write one entry in the transaction of `connection`; the head follows after its commit. Returns its number.

    `outcome` is a verdict, whose facts join the details, or a word such as `rejected` or `done`. `actor` is who acts: a
    device's thumbprint, `examiner`, `office`. Secrets have no place in `details`. Raises `Damaged` when the head is
    ahead of the log.
    """
    seq, previous = _end(connection)
    if head.get()[0] > seq:
        raise Damaged(_ahead(seq, head.get()[0]))
    content: dict[str, Any] = {
        "seq": seq + 1,
        "at": at,
        "act": act,
        "actor": actor,
        **_outcome(outcome, details or {}),
        "previous": previous,
    }
    digest = sha256(to_bytes(content))
    _APPEND.run(connection, {**content, "hash": digest})
    after_commit(connection, ("audit head", id(head)), lambda: head.set(seq + 1, digest))
    return seq + 1


def entries(connection: Connection, after: int = 0) -> Iterator[Entry]:
    """The entries numbered above `after`, in their order."""
    for row in connection.execute(_AFTER, {"number": after}):
        yield Entry(*row)


def mend(connection: Connection, head: AuditHead) -> None:
    """For the start of the office: bring a lagging head up to the log.

    Raises `Damaged`, saying why, when head and log contradict each other: then the office must not start. Looks at the
    end of the log only, whatever its length; `verify` reads all of it.
    """
    count, digest = head.get()
    last, _ = _end(connection)
    if count > last:
        raise Damaged(_ahead(last, count))
    if count and _HASH_AT.value(connection, {"number": count}) != digest:
        raise Damaged(_rewritten(count))
    newer = list(entries(connection, count)) if last - count <= LAG else []
    if len(newer) != last - count:
        raise Damaged(_too_many(count, last))
    for number, entry in enumerate(newer, count + 1):
        if not _fits(entry, number, digest):
            raise Damaged(f"Audit entry {number} does not chain onto the head. Verify the whole log.")
        digest = entry.hash
    head.set(last, digest)


def verify(connection: Connection, head: AuditHead) -> list[Finding]:
    """Read the whole log and compare it with the head; empty when all is well (a head at most `LAG` behind is).

    Names the first place where the chain breaks; behind a break nothing can be relied on, so it stops there.
    """
    count, number, digest, at_count = head.get()[0], 0, "", ""
    for number, entry in enumerate(entries(connection), 1):
        if not _fits(entry, number, digest):
            return [_explain(list(entries(connection)), number, digest)]
        digest = entry.hash
        at_count = digest if number == count else at_count
    if count > number:
        return [Finding("removed", number + 1, _ahead(number, count))]
    if at_count != head.get()[1]:
        return [Finding("changed", count, _rewritten(count))]
    if number > count + LAG:
        return [Finding("inserted", count + 1, _too_many(count, number))]
    return []


def _end(connection: Connection) -> tuple[int, str]:
    row = _LAST.first(connection)
    return (0, "") if row is None else (cast(int, row[0]), cast(str, row[1]))


def _outcome(outcome: Verdict | str, details: Mapping[str, Any]) -> dict[str, str | None]:
    """The columns outcome, rule, reason and details."""
    if isinstance(outcome, str):
        return {"outcome": outcome, "rule": None, "reason": None, "details": to_bytes(dict(details)).decode()}
    told = {"facts": dict(outcome.facts), "asked": outcome.asked, **details}
    return {
        "outcome": "allowed" if outcome.allowed else "refused",
        "rule": outcome.rule,
        "reason": outcome.reason,
        "details": to_bytes(told).decode(),
    }


def _hash(entry: Entry, seq: int) -> str:
    """The hash that the entry would have as number `seq`."""
    content = {name: getattr(entry, name) for name in _COLUMNS if name not in ("seq", "hash")}
    return sha256(to_bytes({**content, "seq": seq}))


def _fits(entry: Entry, seq: int, previous: str) -> bool:
    """Whether it stands as number `seq` and is what was written there, after an entry with the hash `previous`."""
    return entry.seq == seq and _was(entry, seq, previous)


def _was(entry: Entry, seq: int, previous: str) -> bool:
    return entry.previous == previous and _hash(entry, seq) == entry.hash


def _explain(log: Sequence[Entry], number: int, previous: str) -> Finding:
    """Why entry `number` of the log, the first to do so, does not follow `previous`.

    An entry's hash tells the number under which it was written (`origin`): no other number gives that hash.
    """
    found = log[number - 1]
    origin = next((seq for seq in range(1, len(log) + LAG + found.seq) if _hash(found, seq) == found.hash), None)
    if any(_was(entry, number, previous) for entry in log[number:]):
        if origin is None or origin < number:
            return Finding("inserted", number, f"Entry {number} was inserted: the one written there stands further on.")
        return Finding("reordered", number, f"Entry {number} stands further on: the log was put in another order.")
    if origin is None and found.seq == number:
        return Finding("changed", number, f"Entry {number} was changed: its hash does not fit its content.")
    if origin is None or origin > number:
        return Finding("removed", number, f"Entry {number} was removed.")
    if origin == number:
        changed = max(1, number - 1)
        return Finding("changed", changed, f"Entry {changed} was changed: the next one was written after another hash.")
    inserted = number if log[origin - 1].hash == found.hash else origin
    return Finding("inserted", inserted, f"Entry {inserted} was inserted: it moved the ones written after it.")


def _ahead(last: int, count: int) -> str:
    return (
        f"The audit head knows {count} entries, the log ends with {last}: the database was restored from an older "
        "copy, or entries were cut off. Used addresses would be live again. Restore the newest copy of the database."
    )


def _rewritten(count: int) -> str:
    return f"The log up to entry {count} is not the one of which the audit head was kept: it was written anew."


def _too_many(count: int, last: int) -> str:
    return f"The log has entries up to {last}, the audit head knows {count}: more than an interruption leaves behind."
