"""Where a step can be struck: every moment at which power, drive, office or line may fail, found by watching it once.

A power cut is told by what it leaves behind: of two moments with the same files to lose, the same secure element and the
same messages sent, one stands for both. Whatever a step had in memory is gone in either case.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from math import prod
from typing import Any, Literal, NamedTuple

from softcert_sim.ailments import CHANGING
from softcert_sim.disklog import DiskOperation
from softcert_sim.journal import Journal
from softcert_sim.machine import SimComputer
from softcert_sim.scenario.model import Fault
from softcert_sim.world import World

Kind = Literal["power cut", "drive pulled", "office killed", "line cut"]
KINDS: tuple[Kind, ...] = ("power cut", "drive pulled", "office killed", "line cut")


class Point(NamedTuple):
    """A moment, as the fault that strikes there."""

    kind: Kind
    fault: Fault


class _Seen(NamedTuple):
    """A computer just before an operation of its disks or its element; at the end of the step there is none."""

    part: str
    operation: str
    disk: str
    journals: tuple[Journal, ...]
    element: Any
    sent: int


@dataclass(slots=True)
class Watched:
    """What was seen of a step."""

    computers: dict[str, list[_Seen]] = field(default_factory=dict[str, list[_Seen]])
    drives: dict[str, list[tuple[str, Journal]]] = field(default_factory=dict[str, list[tuple[str, Journal]]])
    office: Counter[str] = field(default_factory=Counter[str])
    requests: int = 0

    def points(self) -> Iterator[Point]:
        """Every moment, in order: those of each computer, of the drives, of the office, of the line."""
        for seen in self.computers.values():
            yield from _cuts(seen)
        for seen in self.drives.values():
            yield from _pulls(seen)
        for what, count in sorted(self.office.items()):
            for nth in range(1, count + 1):
                yield Point("office killed", Fault("office-crash", {"at": f"database-{what} {nth}"}))
        for nth in range(1, self.requests + 1):
            for name in ("cut-request", "cut-answer"):
                yield Point("line cut", Fault(name, {"number": nth, "of": "any"}))


@contextmanager
def watching(world: World) -> Generator[Watched]:
    """What is done in here is watched; it can be asked for its points afterwards."""
    watched = Watched()
    exchanges = len(world.recorder.exchanges)
    with world.crash.counting() as counted, _watching_disks(world, watched):
        yield watched
    watched.office = counted
    for name, place in world.places.items():
        if name in watched.computers:
            watched.computers[name].append(_seen(world, place.machine))
    for name, seen in watched.drives.items():
        seen.append(("", world.drives[name].disk.snapshot().journal))
    senders = Counter(
        exchange.computer if exchange.computer in world.places else "" for exchange in world.recorder.exchanges[exchanges:]
    )
    watched.requests = max(senders.values(), default=0)


@contextmanager
def _watching_disks(world: World, watched: Watched) -> Generator[None]:
    disks = [place.machine.disk for place in world.places.values()] + [drive.disk for drive in world.drives.values()]
    for name, place in world.places.items():
        place.machine.disk.watch = _disk_watcher(world, watched, lambda name=name: name)
        place.machine.power.watch = _element_watcher(world, watched, name)
    for drive in world.drives.values():
        drive.disk.watch = _disk_watcher(world, watched, lambda drive=drive: drive.holder.name if drive.holder else "")
    try:
        yield
    finally:
        for disk in disks:
            disk.watch = None
        for place in world.places.values():
            place.machine.power.watch = None


def _disk_watcher(world: World, watched: Watched, holder: Callable[[], str]) -> Callable[[DiskOperation], None]:
    def watch(done: DiskOperation) -> None:
        if (name := holder()) in world.places:
            machine = world.places[name].machine
            watched.computers.setdefault(name, []).append(_seen(world, machine, "disk", done.operation, done.disk))
        if done.disk in world.drives:
            journal = world.drives[done.disk].disk.snapshot().journal
            watched.drives.setdefault(done.disk, []).append((done.operation, journal))

    return watch


def _element_watcher(world: World, watched: Watched, name: str) -> Callable[[str, str], None]:
    def watch(part: str, operation: str) -> None:
        if part == "element":
            seen = _seen(world, world.places[name].machine, part, operation)
            watched.computers.setdefault(name, []).append(seen)

    return watch


def _seen(world: World, machine: SimComputer, part: str = "", operation: str = "", disk: str = "") -> _Seen:
    journals = tuple(disk.snapshot().journal for disk in machine.powered())
    return _Seen(part, operation, disk, journals, machine.chip.state, len(world.recorder.exchanges))


def _cuts(seen: Sequence[_Seen]) -> Iterator[Point]:
    """A power cut at each operation, for each state of the disks that it may leave and that was not there before."""
    left: set[Any] = set()
    counted: Counter[str] = Counter()
    for before, after in pairwise(seen):
        counted[before.part] += 1
        struck = after if before.operation in CHANGING else before
        for keeps in range(prod(journal.outcomes() for journal in struck.journals)):
            state = (_files(struck.journals, keeps), before.element, before.sent)
            if state not in left:
                left.add(state)
                at = f"{before.part}-any {counted[before.part]}"
                yield Point("power cut", _fault("power-cut", at, keeps))


def _pulls(seen: Sequence[tuple[str, Journal]]) -> Iterator[Point]:
    """The drive is pulled at each operation, for each state that it may be left in. The computer goes on."""
    for nth, ((operation, before), (_, after)) in enumerate(pairwise(seen), 1):
        journal = after if operation in CHANGING else before
        left: set[Any] = set()
        for keeps in range(journal.outcomes()):
            state = _files((journal,), keeps)
            if state not in left:
                left.add(state)
                yield Point("drive pulled", _fault("pull-drive", f"drive-any {nth}", keeps))


def _fault(name: str, at: str, keeps: int) -> Fault:
    return Fault(name, {"at": at, "keeps": keeps} if keeps else {"at": at})


def _files(journals: Sequence[Journal], keeps: int) -> tuple[tuple[tuple[str, bytes], ...], ...]:
    """The files on each disk after a power cut, as `SimComputer.power_cut` shares the choice out."""
    disks: list[tuple[tuple[str, bytes], ...]] = []
    for journal in journals:
        keeps, choice = divmod(keeps, journal.outcomes())
        disks.append(tuple(journal.outcome(choice).files().items()))
    return tuple(disks)
