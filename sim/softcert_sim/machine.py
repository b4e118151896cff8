"""Virtual computers and the drives that are plugged into them.

A `SimComputer` has a system disk, a secure element or a software one, hardware ids, a clock of its own and one power
supply: when that fails, everything in it stops at the same moment, and what is plugged in too.
"""

import hashlib
from dataclasses import replace
from math import prod
from typing import Literal, NamedTuple

from softcert.element import Element, ElementState, FileStore
from softcert.ports import Computer, Drive, DriveKind, Hardware, Request, Response, Wire
from softcert_sim.clock import SimClock, SkewedClock
from softcert_sim.disk import DiskState, SimDisk
from softcert_sim.entropy import Entropy
from softcert_sim.power import Power, PowerState

Part = Literal["board", "processor", "disk", "network"]

SYSTEM_DISK = "system-disk"
"""The name under which every computer finds its own disk among the drives."""
GIGABYTE = 1 << 30


class SimDrive:
    """A device with a name on it: a flash drive, a removable hard disk, or a network share."""

    def __init__(
        self,
        name: str,
        kind: DriveKind = "flash-drive",
        *,
        capacity: int = 8 * GIGABYTE,
        write_protected: bool = False,
    ) -> None:
        self.name = name
        self.kind: DriveKind = kind
        self.disk = SimDisk(name, capacity, write_protected=write_protected)
        self._alone = self.disk.power
        self.holder: SimComputer | None = None

    @property
    def plugged_into(self) -> "SimComputer | None":
        """The computer that it is in; None for a pulled one, and for shares, which are in none."""
        return None if self.disk.pulled else self.holder

    def attach(self, holder: "SimComputer", power: Power) -> None:
        """Only for `SimComputer`: it is in there now, and lives on its power."""
        self.holder, self.disk.power = holder, power

    def detach(self, holder: "SimComputer") -> None:
        """Only for `SimComputer`: it is no longer in there; nothing to do when it is elsewhere by now."""
        if self.holder is holder:
            self.holder, self.disk.power = None, self._alone

    def snapshot(self) -> DiskState:
        """Its disk; where it is plugged in belongs to the computer's snapshot."""
        return self.disk.snapshot()

    def restore(self, saved: DiskState) -> None:
        """Its disk as it was at `snapshot`."""
        self.disk.restore(saved)


class ComputerState(NamedTuple):
    """A snapshot of a computer; drives that are plugged in are only named in it, and have snapshots of their own."""

    disk: DiskState
    element: ElementState
    hardware: Hardware
    replaced: int
    offset: int
    power: PowerState
    drives: tuple[SimDrive, ...]


class ChipStore:
    """The memory of a secure element (`ElementStore`): atomic, durable, and out of reach of whoever has the disk."""

    def __init__(self, power: Power) -> None:
        self.state = ElementState()
        self._power = power

    def load(self) -> ElementState:
        """The state last saved."""
        self._power.check()
        return self.state

    def save(self, state: ElementState) -> None:
        """Keep the state. A power cut armed for `save` strikes before it, one for `saved` after it."""
        self._power.check()
        if self._power.strikes("element", "save"):
            self._power.cut()
        self.state = state
        if self._power.strikes("element", "saved"):
            self._power.cut()


class PoweredWire:
    """A line that is dead while its computer has no power."""

    def __init__(self, wire: Wire, power: Power) -> None:
        self.origin = wire.origin
        self._wire, self._power = wire, power

    def send(self, request: Request) -> Response:
        """As the line itself; raises PowerCut without power."""
        self._power.check()
        return self._wire.send(request)


class SimComputer:
    """One computer. `rounds` is the cost of one PIN try (`softcert.element.Element`).

    With `software_element` the element's state is a file on the system disk, with all that follows from it.
    `hardware` overrides the ids that are made up from the name: for computers that came from the factory identical.
    """

    def __init__(
        self,
        name: str,
        clock: SimClock,
        entropy: Entropy,
        *,
        rounds: int,
        pin_tries: int = 10,
        software_element: bool = False,
        hardware: Hardware | None = None,
        skew: int = 0,
        capacity: int = 256 * GIGABYTE,
    ) -> None:
        self.name = name
        self.power = Power()
        self.disk = SimDisk(f"{name}/{SYSTEM_DISK}", capacity, power=self.power)
        self.clock = SkewedClock(clock, skew)
        self.hardware = hardware or hardware_of(name)
        self.software_element = software_element
        self.entropy = entropy.stream(f"computer/{name}")
        self.chip = ChipStore(self.power)
        store = FileStore(self.disk) if software_element else self.chip
        self.element = Element(store, entropy.stream(f"element/{name}"), rounds=rounds, pin_tries=pin_tries)
        self._drives: tuple[SimDrive, ...] = ()
        self._replaced = 0

    def ports(self, wire: Wire, trust: bytes) -> Computer:
        """What the driver gets. `trust` is the office's root certificate (DER)."""
        return Computer(
            clock=self.clock,
            entropy=self.entropy,
            disk=self.disk,
            drives=self,
            element=self.element,
            hardware=self.hardware,
            wire=PoweredWire(wire, self.power),
            trust=trust,
        )

    # Drives (ports.Drives)

    def find(self, name: str) -> Drive | None:
        """The device of that name that is plugged in now, or None; the system disk is always there."""
        self.power.check()
        if name == SYSTEM_DISK:
            return Drive(name, "system-disk", self.disk)
        found = next((drive for drive in self.drives if drive.name == name), None)
        return found and Drive(found.name, found.kind, found.disk)

    @property
    def drives(self) -> tuple[SimDrive, ...]:
        """What is plugged in or mounted now; a pulled drive is not."""
        return tuple(drive for drive in self._drives if not drive.disk.pulled)

    def plug(self, drive: SimDrive) -> None:
        """Plug a drive in, or mount a share. Raises ValueError for a drive that is in a computer, or a second name."""
        if drive.plugged_into is not None or drive in self.drives:
            where = (drive.plugged_into or self).name
            raise ValueError(f"{drive.name} is plugged into {where}: unplug it there first.")
        if drive.name == SYSTEM_DISK or any(other.name == drive.name for other in self.drives):
            raise ValueError(f"{self.name} already has a drive named {drive.name}.")
        if drive.holder is not None:
            drive.holder.release(drive)
        drive.disk.put_back()
        self._drives = (*self._drives, drive)
        if drive.kind != "network-share":
            drive.attach(self, self.power)

    def unplug(self, drive: SimDrive) -> None:
        """Eject a drive: first everything is written out. Raises ValueError for one that is not here.

        To pull it without a warning, use `drive.disk.pull`.
        """
        if drive not in self.drives:
            raise ValueError(f"{drive.name} is not plugged into {self.name}.")
        drive.disk.settle()
        self.release(drive)

    def release(self, drive: SimDrive) -> None:
        """The drive is no longer here, however it left."""
        self._drives = tuple(other for other in self._drives if other is not drive)
        drive.detach(self)

    # What happens to a computer

    def outcomes(self) -> int:
        """How many choices a power cut has now, over all disks that it strikes."""
        return prod(disk.outcomes() for disk in self.powered())

    def power_cut(self, choice: int = 0) -> None:
        """The power goes and comes back; every disk suffers. 0: all that is unsynced is lost, -1: all is kept.

        To be called after a `PowerCut`, or without one. No cut stays armed. Drop the driver that was running: its
        memory is gone.
        """
        choice %= self.outcomes()
        for disk in self.powered():
            count = disk.outcomes()
            disk.power_cut(choice % count)
            choice //= count
        self.power.on = True
        self.power.disarm()

    def replace_part(self, part: Part) -> None:
        """A new part with a new serial; a new disk gets the old one's files, as technicians do it."""
        self._replaced += 1
        fresh = hardware_of(f"{self.name}, replacement {self._replaced}")
        changes: dict[Part, str] = {part: getattr(fresh, part)}
        self.hardware = replace(self.hardware, **changes)

    def reinstall(self) -> None:
        """The system anew: the disk is empty; a secure element keeps its keys, a software one is gone."""
        self.disk.wipe()

    def clone_disk_to(self, other: "SimComputer") -> None:
        """Copy the whole system disk over the other's."""
        other.disk.copy_from(self.disk)

    def clone_element_to(self, other: "SimComputer") -> None:
        """Copy a virtual machine's element along: a limit, no chip allows it. Raises ValueError for software ones."""
        if self.software_element or other.software_element:
            raise ValueError("A software element is a file: clone the disk.")
        other.chip.state = self.chip.state

    def imitate(self, other: "SimComputer | Hardware") -> None:
        """Report the other's hardware ids from now on."""
        self.hardware = other if isinstance(other, Hardware) else other.hardware

    def snapshot(self) -> ComputerState:
        """The computer as a value, without the drives' contents and the streams of randomness."""
        return ComputerState(
            self.disk.snapshot(),
            self.chip.state,
            self.hardware,
            self._replaced,
            self.clock.offset,
            self.power.snapshot(),
            self._drives,
        )

    def restore(self, saved: ComputerState) -> None:
        """Exactly as it was at `snapshot`. Restore every computer and every drive of a world together."""
        self.disk.restore(saved.disk)
        self.chip.state, self.hardware, self._replaced = saved.element, saved.hardware, saved.replaced
        self.clock.offset = saved.offset
        self.power.restore(saved.power)
        if saved.drives == self._drives:
            return
        for drive in self._drives:
            drive.detach(self)
        self._drives = saved.drives
        for drive in self._drives:
            if drive.kind != "network-share":
                drive.attach(self, self.power)

    def powered(self) -> list[SimDisk]:
        """The disks that a power cut strikes: its own, then those of the drives that are plugged in."""
        return [self.disk, *(drive.disk for drive in self.drives if drive.kind != "network-share")]


def hardware_of(name: str) -> Hardware:
    """Ids as a computer of that name would report them: made up, the same on every run."""
    digest = hashlib.blake2b(name.encode(), digest_size=20).hexdigest().upper()
    return Hardware(
        board=f"MB-{digest[:10]}",
        processor=f"BFEBFBFF{digest[10:18]}",
        disk=f"S{digest[18:30]}",
        network="02:" + ":".join(digest[index : index + 2] for index in range(30, 40, 2)),
    )
