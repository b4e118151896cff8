"""What a step did, as a value: messages, mails, verdicts, changes of disks and records, and what people learned.

A world is watched only when a report or step mode asks for it. `watch(world)` gives a function; each call of it gives
what happened since the call before, the first one what happened since the world was made. Scenes are the same on every
run with the same seed: what PKCS#12 salts stands in them by a stable name (see `pieces`).
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from softcert.backup import PACKAGE
from softcert.protocol import PROBLEM, REFUSED
from softcert.rules.verdict import Verdict
from softcert_mailbox.message import Message
from softcert_sim import naming, trace
from softcert_sim.people import Topic
from softcert_sim.pieces import Pieces, in_pieces
from softcert_sim.records import KEPT
from softcert_sim.wire import Exchange
from softcert_sim.world import DESK, START, World

How = Literal["added", "changed", "removed"]
TABLES = {**dict.fromkeys(KEPT, 1), "guesses": 1, "repeats": 3}
"""Tables that are watched, and of how many columns the key consists. Of nonces and marks there is nothing to read."""
UNSTABLE = {("repeats", "digest")}
"""Columns over salted bytes."""
TIMES = 1_000_000_000
"""A whole number of that size in a record is a time."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request and what came back. `told` is a refusal's `rule/reason` or the protocol error, `to` office or desk."""

    number: int
    at: int
    by: str
    to: Literal["office", "desk"]
    method: str
    target: str
    request: Pieces
    answer: Pieces | None
    status: int
    told: str
    fault: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that reached a mailbox; `to` is the person whose mailbox it is, or the address of nobody's."""

    to: str
    sender: str
    subject: str
    purpose: str
    at: int
    text: str
    raw: Pieces


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that is there now or no longer is, or has other bytes; sizes in bytes."""

    on: str
    path: str
    how: How
    size: int
    now: Pieces


@dataclass(frozen=True, slots=True)
class RowChange:
    """A record of the office. `columns` are (name, before, now); of a new or removed one all, else what changed."""

    table: str
    key: str
    how: How
    columns: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """What somebody knows since this step."""

    who: str
    topic: Topic
    about: str
    value: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the audit log, without its hashes."""

    number: int
    act: str
    actor: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Scene:
    """All that one step did. Times are seconds since 1970, UTC; `names` says whose the values are that came up in it, and
    `cast` who plays: (name, `person`, `computer` or `drive`), in the cast's order."""

    began: int
    ended: int
    sent: tuple[Sent, ...] = ()
    letters: tuple[Letter, ...] = ()
    files: tuple[FileChange, ...] = ()
    rows: tuple[RowChange, ...] = ()
    learned: tuple[Learned, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    entries: tuple[Entry, ...] = ()
    plugged: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    cast: tuple[tuple[str, str], ...] = ()


Row = Mapping[str, str]


class Sight(NamedTuple):
    """How a world stands."""

    at: int
    sent: int
    verdicts: int
    mails: tuple[Message, ...]
    files: Mapping[tuple[str, str], bytes]
    rows: Mapping[tuple[str, str], Row]
    minds: Mapping[str, Mapping[tuple[Topic, str], tuple[str, ...]]]
    entries: int
    plugged: Mapping[str, str]
    names: Mapping[str, str]


def watch(world: World) -> Callable[[], Scene]:
    """Begin to watch a world."""
    before = Sight(START, 0, 0, (), {}, {}, {}, 0, {}, {})

    def next_scene() -> Scene:
        nonlocal before
        now = _sight(world)
        scene = _scene(world, before, now)
        before = now
        return scene

    return next_scene


def _sight(world: World) -> Sight:
    return Sight(
        world.clock.now(),
        len(world.recorder.exchanges),
        len(world.verdicts),
        tuple(world.inbox.messages()),
        dict(_files(world)),
        {(table, key): row for table in TABLES for key, row in _rows(world, table)},
        {who: mind for who, mind in world.people.minds.items() if who},  # type: ignore[dict-item]
        world.records.audit_end(),
        {
            name: drive.plugged_into.name if drive.plugged_into else ""
            for name, drive in world.drives.items()
        },
        _names(world),
    )


def _scene(world: World, before: Sight, now: Sight) -> Scene:
    salted = _salted(world, now)
    return Scene(
        before.at,
        now.at,
        tuple(_sent(one, salted) for one in world.recorder.exchanges[before.sent :]),
        tuple(_letter(world, mail) for mail in now.mails if mail not in before.mails),
        tuple(_file_changes(before, now, salted)),
        tuple(_row_changes(before, now, salted)),
        tuple(_learned(before, now)),
        tuple(world.verdicts[before.verdicts :]),
        tuple(_entries(world, before.entries + 1)),
        tuple((drive, at) for drive, at in now.plugged.items() if at != before.plugged.get(drive, "")),
        tuple((value, name) for value, name in now.names.items() if value not in before.names),
        tuple(_cast(world)),
    )


def _cast(world: World) -> Iterator[tuple[str, str]]:
    kinds = (("person", world.people.everybody), ("computer", world.places), ("drive", world.drives))
    return ((name, kind) for kind, names in kinds for name in names)


def _salted(world: World, now: Sight) -> dict[str, str]:
    """SHA-256 values of PKCS#12 files, by messages and by files."""
    files = {
        hashlib.sha256(data).hexdigest(): f"PKCS#12 in {path.rpartition('/')[0].rpartition('-')[2]}"
        for (_, path), data in now.files.items()
        if path.endswith(PACKAGE)
    }
    return files | dict(trace.salted(world))


# Messages and mails


def _sent(exchange: Exchange, salted: Mapping[str, str]) -> Sent:
    answer = exchange.response
    return Sent(
        exchange.number,
        exchange.at,
        exchange.computer,
        "desk" if exchange.origin == DESK else "office",
        exchange.method,
        exchange.target,
        in_pieces(exchange.request, salted),
        None if answer is None else in_pieces(answer, salted),
        exchange.status,
        exchange.error or _refused(answer or b""),
        exchange.fault,
    )


def _refused(answer: bytes) -> str:
    if PROBLEM.encode() not in answer:
        return ""
    try:
        problem = json.loads(answer.partition(b"\r\n\r\n")[2])
    except ValueError:
        return ""
    rule = str(problem.get("type", "")).removeprefix(REFUSED)
    return f"{rule}/{problem.get('reason', '')}".rstrip("/")


def _letter(world: World, mail: Message) -> Letter:
    owners = (name for name, person in world.people.everybody.items() if person.mailbox == mail.recipient)
    to = next(owners, mail.recipient)
    return Letter(to, mail.sender, mail.subject, mail.purpose, mail.received_at, mail.text, in_pieces(mail.raw, {}))


# Disks and records


def _files(world: World) -> Iterator[tuple[tuple[str, str], bytes]]:
    disks = {name: place.machine.disk for name, place in world.places.items()}
    disks |= {name: drive.disk for name, drive in world.drives.items()}
    disks |= {f"network share at {name}": share.disk for name, share in world.shares.items()}
    for name, disk in disks.items():
        yield from (((name, path), data) for path, data in disk.files().items())


def _file_changes(before: Sight, now: Sight, salted: Mapping[str, str]) -> Iterator[FileChange]:
    for place in sorted({*before.files, *now.files}):
        old, new = before.files.get(place), now.files.get(place)
        if old != new:
            how = "added" if old is None else "removed" if new is None else "changed"
            sealed = place[1].endswith(PACKAGE)
            now_there = () if new is None or sealed else in_pieces(new, salted)
            yield FileChange(*place, how, len(new or b""), now_there)


def _rows(world: World, table: str) -> Iterator[tuple[str, Row]]:
    names, rows = world.records.whole(table)
    for row in rows:
        key = " ".join(map(str, row[: TABLES[table]]))
        yield key, {name: _column(name, value) for name, value in zip(names, row, strict=True)}


def _column(name: str, value: Any) -> str:
    """A value of a record as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, int) and value > TIMES:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return str(value)


def _row_changes(before: Sight, now: Sight, salted: Mapping[str, str]) -> Iterator[RowChange]:
    for place in sorted({*before.rows, *now.rows}):
        old, new = before.rows.get(place), now.rows.get(place)
        if old != new:
            how = "added" if old is None else "removed" if new is None else "changed"
            columns = tuple(_columns(place[0], old or {}, new or {}, salted))
            yield RowChange(*place, how, columns)


def _columns(table: str, old: Row, new: Row, salted: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name in new or old:
        was, is_ = old.get(name, ""), new.get(name, "")
        if was != is_ and (table, name) not in UNSTABLE:
            yield name, _short(was, salted), _short(is_, salted)


def _short(text: str, salted: Mapping[str, str]) -> str:
    """Signed statements are read in the messages that bring them."""
    for value, name in salted.items():
        text = text.replace(value, name)
    return text if len(text) <= 400 else f"{len(text)} characters"


# Knowledge, audit, names


def _learned(before: Sight, now: Sight) -> Iterator[Learned]:
    for who, mind in now.minds.items():
        for (topic, about), values in mind.items():
            known = before.minds.get(who, {}).get((topic, about), ())
            yield from (Learned(who, topic, about, value) for value in values if value not in known)


def _entries(world: World, since: int) -> Iterator[Entry]:
    for entry in world.records.audit_after(since):
        error = json.loads(entry["details"]).get("error", "") if entry["outcome"] == "rejected" else ""
        said = f"{entry['rule']}/{entry['reason']}" if entry["rule"] else error
        yield Entry(entry["seq"], entry["act"], entry["actor"], f"{entry['outcome']} {said}".strip())


def _names(world: World) -> dict[str, str]:
    """What the long values are that stand in messages: devices, applications, serials."""
    names = {naming.device_of(place): name for name, place in world.places.items()}
    for who, topic in (("application", "application"), ("serial", "certificate")):
        for mind in world.people.minds.values():
            for (known, about), values in mind.items():
                if known == who:
                    names.update((value, f"{topic} of {about}") for value in values)
    names.pop("", None)
    return names
