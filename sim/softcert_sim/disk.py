"""Virtual disks and drives: pyfakefs volumes under a journal that knows what is not yet durable.

`journal.py` says what a power cut may leave. A `SimDisk` keeps that journal, and shows it to readers through a pyfakefs
volume that is brought in line by difference when it is looked at. So a snapshot is a handful of references, and a
restored disk on which nothing happened costs nothing.
"""

import errno
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from pyfakefs.fake_filesystem import FakeFilesystem

from softcert_sim.ailments import CHANGING, Ailments, Fault, FaultKind, Moment, Operation
from softcert_sim.disklog import DiskOperation, Log, listed
from softcert_sim.journal import EMPTY, Journal, Link, folder_of
from softcert_sim.paths import (
    MOST_LINKS,
    NONE,
    Place,
    check_rename,
    entry_of,
    failed,
    locate,
    parts_of,
    with_file,
    with_folders,
)
from softcert_sim.power import Power, PowerCut
from softcert_sim.volume import Volume

__all__ = ["DiskOperation", "DiskState", "FaultKind", "Operation", "PowerCut", "SimDisk"]


class DiskState(NamedTuple):
    """A snapshot of a disk."""

    journal: Journal
    ailments: Ailments
    log: Log


class SimDisk:
    """One volume (`ports.Disk`). Standing alone it has its own `power`; in a computer it has the computer's.

    `capacity` in bytes of file content. `watch` is told every operation before it happens.
    """

    def __init__(
        self,
        name: str,
        capacity: int = 1 << 30,
        *,
        write_protected: bool = False,
        power: Power | None = None,
        watch: Callable[[DiskOperation], None] | None = None,
    ) -> None:
        self.name = name
        self.capacity = capacity
        self.power = power or Power()
        self.watch = watch
        self._journal = EMPTY
        self._listed = (EMPTY, EMPTY.files())
        self._ailments = Ailments(write_protected=write_protected)
        self._log: Log = None
        self._volume = Volume()

    # What a program may do (ports.Disk)

    def read(self, path: str) -> bytes:
        """The file's bytes. Raises FileNotFoundError, IsADirectoryError, OSError."""
        self._begin("read", path)
        disk, place = self._existing(path)
        if disk is not self:
            return disk.read(place.path)
        if isinstance(self._journal.live[place.node], dict):
            raise failed(errno.EISDIR, path)
        if place.path in self._ailments.bad:
            raise failed(errno.EIO, path)
        return self._shown().read(place.node)

    def write(self, path: str, data: bytes) -> None:
        """Make or overwrite a file, with the folders above it. Raises OSError; then nothing has changed."""
        late = self._begin("write", path, len(data))
        try:
            disk, place = self._locate(path)
            if disk is not self:
                disk.write(place.path, data)
            else:
                self._write(place, bytes(data))
        finally:
            self._end(late)

    def sync(self, path: str) -> None:
        """Make the file's bytes durable, not its name. Raises FileNotFoundError, OSError."""
        self._begin("sync", path)
        disk, place = self._existing(path)
        if disk is not self:
            disk.sync(place.path)
        else:
            self._journal = self._journal.sync(place.node)

    def rename(self, old: str, new: str) -> None:
        """Rename as POSIX does: a file or an empty folder that stands at `new` is replaced. Raises OSError."""
        late = self._begin("rename", old)
        try:
            (disk, source), (other, target) = self._existing(old, follow=False), self._locate(new, follow=False)
            if disk is not other:
                raise failed(errno.EXDEV, new)
            if disk is not self:
                disk.rename(source.path, target.path)
            elif source.parts != target.parts:
                check_rename(self._journal.live, source, target)
                ends = (entry_of(self._journal.live, place) for place in (source, target))
                self._journal = self._journal.rename(*ends)
        finally:
            self._end(late)

    def sync_folder(self, path: str) -> None:
        """Make the folder's names durable, not its own name. Raises FileNotFoundError, NotADirectoryError, OSError."""
        self._begin("sync-folder", path)
        disk, place = self._existing(path)
        if disk is not self:
            disk.sync_folder(place.path)
        elif not isinstance(self._journal.live[place.node], dict):
            raise failed(errno.ENOTDIR, path)
        else:
            self._journal = self._journal.sync_folder(place.node)

    def list(self, path: str) -> Sequence[str]:
        """Names in a folder, sorted; empty when there is no such folder. Raises OSError."""
        self._begin("list", path)
        try:
            disk, place = self._existing(path)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return disk.list(place.path) if disk is not self else sorted(folder_of(self._journal.live, place.node))

    def remove(self, path: str) -> None:
        """Remove a file, a link, or a folder with all in it; nothing to do when it is not there. Raises OSError."""
        late = self._begin("remove", path)
        try:
            disk, place = self._locate(path, follow=False)
            if disk is not self:
                disk.remove(place.path)
            elif place.node != NONE:
                self._journal = self._journal.remove(*entry_of(self._journal.live, place))
        finally:
            self._end(late)

    def contains(self, path: str) -> bool:
        """Whether the path, links followed, ends on this volume. Raises OSError."""
        self._begin("contains", path)
        try:
            return self._locate(path)[0] is self
        except OSError as error:
            if error.errno in (errno.EXDEV, errno.ELOOP):
                return False
            raise

    # What happens to a disk

    def power_cut(self, choice: int = 0) -> None:
        """The power goes: of what is unsynced, `choice` says what stays (`Journal.outcome`: 0 nothing, -1 all)."""
        self._journal = self._journal.outcome(choice)

    def outcomes(self) -> int:
        """How many choices a power cut has now."""
        return self._journal.outcomes()

    def settle(self) -> None:
        """Write everything out, as before a drive is ejected."""
        self._journal = self._journal.settle()

    def arm(
        self,
        kind: FaultKind,
        operation: Moment = "any",
        nth: int = 1,
        *,
        choice: int = 0,
        other: "SimDisk | None" = None,
    ) -> None:
        """Let a fault strike at the `nth` operation of that name from now, the first being 1. Raises ValueError.

        `power-cut` raises `PowerCut` in the midst of it; `pull` is `pull(choice)` in the midst of it; `disk-full`,
        `write-protect`, and `read-error` for the path being read, last until `mend`; `swap` exchanges the files for
        those that `other` has now, just before the operation.
        """
        files = None if other is None else other._journal.settle()
        self._ailments = self._ailments.arm(Fault(kind, operation, nth, choice, files))

    def pull(self, choice: int = 0) -> None:
        """Out of the socket without a warning: unsynced operations suffer as in a power cut, all later ones fail."""
        self.power_cut(choice)
        self._ailments = replace(self._ailments, pulled=True)

    def armed(self) -> tuple[FaultKind, ...]:
        """The faults that wait for their moment."""
        return tuple(fault.kind for fault in self._ailments.armed)

    def put_back(self) -> None:
        """Into a socket again, after `pull`."""
        self._ailments = replace(self._ailments, pulled=False)

    def spoil(self, path: str) -> None:
        """Reading this file fails (EIO) until `mend`."""
        self._ailments = self._ailments.spoil(path)

    def protect(self, protected: bool = True) -> None:
        """Move the switch against writing."""
        self._ailments = replace(self._ailments, write_protected=protected)

    def fill(self, full: bool = True) -> None:
        """Let there be no room for one more byte, whatever the capacity; or let there be room again."""
        self._ailments = replace(self._ailments, full=full)

    def disarm(self) -> None:
        """No fault waits any more; those that struck last on."""
        self._ailments = replace(self._ailments, armed=())

    def mend(self) -> None:
        """No fault waits or lasts any more. Files and the switch stay as they are, and a pulled drive stays out."""
        self._ailments = self._ailments.mended()

    def link(self, path: str, target: str, volume: "SimDisk | None" = None) -> None:
        """Plant a symbolic link, durable at once, to `target` counted from the root of `volume` (default: this one)."""
        journal, folder, name = with_folders(self._journal, parts_of(path))
        link = Link(parts_of(target), None if volume is self else volume)
        self._journal = journal.create(folder, name, link).settle()

    def copy_from(self, other: "SimDisk") -> None:
        """Become a copy of the other disk's files, durable at once."""
        self._journal = other._journal.settle()

    def put(self, files: Mapping[str, bytes]) -> None:
        """Put files onto the disk, durable at once."""
        for path, data in files.items():
            self._write(self._locate(path)[1], data)
        self.settle()

    def wipe(self) -> None:
        """Remove everything, durable at once."""
        self._journal = EMPTY

    # What can be seen of it

    @property
    def pulled(self) -> bool:
        """Whether it was pulled and not plugged in again."""
        return self._ailments.pulled

    @property
    def write_protected(self) -> bool:
        """Whether the switch against writing is on."""
        return self._ailments.write_protected

    def files(self) -> Mapping[str, bytes]:
        """Every file by path, as programs see it now."""
        if self._listed[0] is not self._journal:
            self._listed = (self._journal, self._journal.files())
        return self._listed[1]

    def used(self) -> int:
        """Bytes in files."""
        return sum(len(node) for node in self._journal.live.values() if isinstance(node, bytes))

    def operations(self) -> Sequence[DiskOperation]:
        """Every operation so far, the first first."""
        return listed(self._log)

    @property
    def filesystem(self) -> FakeFilesystem:
        """The volume as pyfakefs shows it, for its own tools. To look at only: writes to it are not journaled."""
        return self._shown().system

    def snapshot(self) -> DiskState:
        """The whole disk as a value; costs three references."""
        return DiskState(self._journal, self._ailments, self._log)

    def restore(self, saved: DiskState) -> None:
        """Exactly as it was at `snapshot`."""
        self._journal, self._ailments, self._log = saved

    # Within

    def _begin(self, operation: Operation, path: str, size: int = 0) -> Fault | None:
        """Log it and let faults strike. What strikes in the midst of a change is returned for `_end`."""
        self.power.check()
        self._log = (self._log, self.name, operation, path, size)
        if self.watch is not None:
            self.watch(DiskOperation(self.name, operation, path, size))
        late = self._strike(operation, path) if self._ailments.armed else None
        if self.power.strikes("disk", operation):
            late = Fault("power-cut", "any", 0)
        if late is not None and (operation not in CHANGING or self.write_protected):
            self._end(late)
        self._ailments.check(operation, path)
        return late

    def _strike(self, operation: Operation, path: str) -> Fault | None:
        self._ailments, striking = self._ailments.strike(operation, path)
        late = None
        for fault in striking:
            if fault.files is not None:
                self._journal = fault.files
            else:
                late = fault
        return late

    def _end(self, late: Fault | None) -> None:
        if late is None:
            return
        if late.kind == "power-cut":
            self.power.cut()
        self.pull(late.choice)
        raise failed(errno.ENODEV, self.name)

    def _locate(self, path: str, *, follow: bool = True) -> tuple["SimDisk", Place]:
        disk, place = self, locate(self._journal.live, path, follow=follow)
        for _ in range(MOST_LINKS):
            if not isinstance(place.volume, SimDisk):
                return disk, place
            disk = place.volume
            place = locate(disk._journal.live, place.path, follow=follow)
        raise failed(errno.ELOOP, path)

    def _existing(self, path: str, *, follow: bool = True) -> tuple["SimDisk", Place]:
        disk, place = self._locate(path, follow=follow)
        if place.node == NONE:
            raise failed(errno.ENOENT, path)
        return disk, place

    def _write(self, place: Place, data: bytes) -> None:
        old = self._journal.live.get(place.node, b"")
        if isinstance(old, dict):
            raise failed(errno.EISDIR, place.path)
        growth = len(data) - (len(old) if isinstance(old, bytes) else 0)
        if growth > 0 and (self._ailments.full or self.used() + growth > self.capacity):
            raise failed(errno.ENOSPC, place.path)
        self._journal = with_file(self._journal, place, data)

    def _shown(self) -> Volume:
        self._volume.show(self._journal.live)
        return self._volume
