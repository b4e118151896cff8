"""What a Linux kernel tells of this computer's devices: drives that are mounted, and the four hardware ids.

A device is a flash drive when the kernel calls it removable, or when it is an SD card, and a removable hard disk when
it hangs on USB, FireWire or Thunderbolt. Whatever is not known to be either, encrypted and looped devices included, is
a system disk: a doubt never makes a disk removable. What a device claims of itself is believed.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from softcert.ports import DriveKind, Hardware

LONGEST_ID = 128
"""Longest hardware id that is reported, characters."""
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "davfs", "fuse.sshfs", "fuse.rclone"})
"""File systems that stand on another computer."""
SERIALS = ("device/serial", "serial", "device/wwid", "wwid", "device/cid")
"""Where, below a disk, kinds of disks keep the id that their maker gave them."""


def find_drive(name: str, sys_root: Path, mounts: Path) -> tuple[Path, DriveKind] | None:
    """Mount point and kind of the device with that mount point, or with that last part of one.

    None when there is no such device, or more than one. Raises OSError when `mounts` cannot be read.
    """
    mounted = {point: (device, file_system) for device, point, file_system in _read_mounts(mounts)}
    full = str(PurePosixPath(name)) if name else ""
    points = [full] if full in mounted else [point for point in mounted if PurePosixPath(point).name == full]
    if len(points) != 1 or not full:
        return None
    return Path(points[0]), _kind_of_mount(*mounted[points[0]], sys_root)


def _kind_of_mount(device: str, file_system: str, sys_root: Path) -> DriveKind:
    if file_system in NETWORK or device.startswith("//"):
        return "network-share"
    block, name = PurePosixPath(device).parent, PurePosixPath(device).name
    for disk in _disks(sys_root) if block == PurePosixPath("/dev") else ():
        if name == disk.name or (disk / name / "partition").exists():
            return _kind_of(disk)
    return "system-disk"


def _read_mounts(mounts: Path) -> Iterator[tuple[str, str, str]]:
    """Device, mount point and file system of each line; a later line covers an earlier one (fstab(5) for escapes)."""
    for line in mounts.read_text("utf-8", "surrogateescape").split("\n"):
        if line.count(" ") >= 2:
            device, point, file_system = line.split(" ")[:3]
            yield _unescaped(device), _unescaped(point), file_system


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def _disks(sys_root: Path) -> list[Path]:
    try:
        return sorted((sys_root / "block").iterdir())
    except OSError:
        return []


def _kind_of(disk: Path) -> DriveKind:
    if _line(disk / "removable") == "1" or _line(disk / "device" / "type") == "SD":
        return "flash-drive"
    if re.search(r"/(usb|fw|firewire|thunderbolt)[0-9]", os.path.realpath(disk)):
        return "removable-disk"
    return "system-disk"


def read_hardware(
    sys_root: Path = Path("/sys"),
    cpuinfo: Path = Path("/proc/cpuinfo"),
    machine_id: Path = Path("/etc/machine-id"),
) -> Hardware:
    """The four hardware ids, as the machine reports them; empty where it shows none. Never raises.

    Only root may read a board's serial number, so for other users the system's own id (machine-id(5)) stands for it.
    """
    dmi = sys_root / "class" / "dmi" / "id"
    board = (dmi / "board_serial", dmi / "product_uuid", sys_root / "firmware/devicetree/base/serial-number")
    return Hardware(
        board=_first_line(*board, machine_id),
        processor=_processor(cpuinfo),
        disk=_disk_serial(sys_root),
        network=_network_card(sys_root),
    )


def _processor(cpuinfo: Path) -> str:
    """Model and id of the first processor; speeds and microcode change, so they are not in it."""
    known: dict[str, str] = {}
    for line in _text(cpuinfo).splitlines():
        key, _, value = line.partition(":")
        known.setdefault(key.strip(), value.strip())
    parts = ("vendor_id", "cpu family", "model", "stepping", "model name", "Hardware", "CPU part", "Serial")
    return " ".join(known[part] for part in parts if known.get(part))[:LONGEST_ID]


def _disk_serial(sys_root: Path) -> str:
    """The serial number of the first built-in disk that has one, by name."""
    for disk in _disks(sys_root):
        if _kind_of(disk) == "system-disk":
            serial = _first_line(*(disk / name for name in SERIALS))
            if serial:
                return serial
    return ""


def _network_card(sys_root: Path) -> str:
    """The address of the first card by name, but of a virtual one only when there is no other."""
    try:
        cards = sorted((sys_root / "class" / "net").iterdir(), key=lambda card: (not (card / "device").exists(), card))
    except OSError:
        return ""
    addresses = [_line(card / "address") for card in cards if card.name != "lo"]
    return next((address for address in addresses if address.strip("0:")), "")


def _first_line(*paths: Path) -> str:
    return next((line for line in map(_line, paths) if line), "")


def _line(path: Path) -> str:
    return _text(path).strip("\0 \t\r\n")[:LONGEST_ID]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
