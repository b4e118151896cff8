"""What a step did, as a value: messages, mails, verdicts, changes of files and records, and what `look` now says otherwise.

A world is watched only when a report asks for it. `watch(world)` gives a function; each call of it gives what happened
since the call before, the first one what happened since the world was made. Scenes are the same on every run with the
same seed: what PKCS#12 salts stands in them by a stable name (see `pieces`).
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, Literal, NamedTuple

from softcert.backup import PACKAGE
from softcert.protocol import PROBLEM, REFUSED
from softcert.rules.verdict import Verdict
from softcert_mailbox.message import Message
from softcert_sim import naming, trace
from softcert_sim.look import Look, Part, Sheet
from softcert_sim.lookwords import Words
from softcert_sim.pieces import Pieces, in_pieces
from softcert_sim.records import KEPT
from softcert_sim.wire import Exchange
from softcert_sim.world import DESK, START, World

How = Literal["added", "changed", "removed"]
Lines = tuple[tuple[str, str], ...]
TABLES = {**dict.fromkeys(KEPT, 1), "guesses": 1, "repeats": 3}
"""Tables that are watched, and of how many columns the key consists. Of nonces and marks there is nothing to read."""
UNSTABLE = {("repeats", "digest")}
"""Columns over salted bytes."""
LONGEST = 400
"""Characters of a record's value that are shown."""
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
    """A mail that reached a mailbox: as `look` describes it, and as it was sent."""

    sender: str
    purpose: str
    sheet: Sheet
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
class SheetChange:
    """A sheet of `look` that says something else than before: of its earlier lines the first `head` and the last `tail`
    stand as they stood, and between them `lines`."""

    part: Part
    title: str
    head: int
    tail: int
    lines: Lines


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
    sheets: tuple[SheetChange, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
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
    sheets: Mapping[tuple[Part, str], Lines]
    plugged: Mapping[str, str]
    names: Mapping[str, str]


def watch(world: World, lang: str) -> Callable[[], Scene]:
    """Begin to watch a world, described in this language."""
    before, look = Sight(START, 0, 0, (), {}, {}, {}, {}, {}), Look(world, lang)

    def next_scene() -> Scene:
        nonlocal before
        now = _sight(world, look)
        scene = _scene(world, look, before, now)
        before = now
        return scene

    return next_scene


def _sight(world: World, look: Look) -> Sight:
    return Sight(
        world.clock.now(),
        len(world.recorder.exchanges),
        len(world.verdicts),
        tuple(world.inbox.messages()),
        dict(_files(world, look.words)),
        {(table, key): row for table in TABLES for key, row in _rows(world, table, look.words)},
        {(part, sheet.title): sheet.lines for part, sheets in look.around().items() for sheet in sheets},
        {
            name: drive.plugged_into.name if drive.plugged_into else ""
            for name, drive in world.drives.items()
        },
        _names(world, look.words),
    )


def _scene(world: World, look: Look, before: Sight, now: Sight) -> Scene:
    salted = _salted(world, now)
    return Scene(
        before.at,
        now.at,
        tuple(_sent(one, salted) for one in world.recorder.exchanges[before.sent :]),
        tuple(_letter(look, mail) for mail in now.mails if mail not in before.mails),
        tuple(_file_changes(before, now, salted)),
        tuple(_row_changes(before, now, salted)),
        tuple(_sheet_changes(before, now)),
        tuple(world.verdicts[before.verdicts :]),
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


def _letter(look: Look, mail: Message) -> Letter:
    sheet = look.mail(mail.id)
    assert sheet is not None, "it is in the inbox now"
    return Letter(mail.sender, mail.purpose, sheet, in_pieces(mail.raw, {}))


# Disks and records


def _files(world: World, words: Words) -> Iterator[tuple[tuple[str, str], bytes]]:
    disks = {name: place.machine.disk for name, place in world.places.items()}
    disks |= {name: drive.disk for name, drive in world.drives.items()}
    disks |= {words.language.report["share"].format(at=name): share.disk for name, share in world.shares.items()}
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


def _rows(world: World, table: str, words: Words) -> Iterator[tuple[str, Row]]:
    names, rows = world.records.whole(table)
    for row in rows:
        key = " ".join(map(str, row[: TABLES[table]]))
        yield key, {name: _column(value, words.language.report) for name, value in zip(names, row, strict=True)}


def _column(value: Any, say: Mapping[str, str]) -> str:
    """A value of a record as a person reads it. Long texts are signed statements, read in the messages that bring them."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return say["bytes"].format(size=len(value))
    if isinstance(value, int) and value > TIMES:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    text = str(value)
    return text if len(text) <= LONGEST else say["cut"].format(size=len(text))


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
            yield name, _named(was, salted), _named(is_, salted)


def _named(text: str, salted: Mapping[str, str]) -> str:
    for value, name in salted.items():
        text = text.replace(value, name)
    return text


# What is said of them, and names


def _sheet_changes(before: Sight, now: Sight) -> Iterator[SheetChange]:
    for (part, title), lines in now.sheets.items():
        was = before.sheets.get((part, title), ())
        if lines != was:
            head = _alike(was, lines)
            tail = _alike(was[head:][::-1], lines[head:][::-1])
            yield SheetChange(part, title, head, tail, lines[head : len(lines) - tail])


def _alike(one: Lines, other: Lines) -> int:
    """With how many of the same lines both begin."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in alike)


def _names(world: World, words: Words) -> dict[str, str]:
    """What the long values are that stand in messages: devices, applications, serials."""
    names = {naming.device_of(place): name for name, place in world.places.items()}
    for mind in world.people.minds.values():
        for (topic, about), values in mind.items():
            if topic in ("application", "serial"):
                called = words.say("topic of", topic=words.word("topic", topic), about=about)
                names.update((value, called) for value in values)
    names.pop("", None)
    return names
