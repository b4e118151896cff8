"""The adapters of the computer it runs on, against real files, a made-up /sys, and a real socket."""

import contextlib
import datetime
import errno
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import BinaryIO

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from softcert.disk import commit_tree, prepare_tree, replace
from softcert.errors import MaybeDone, NotDone
from softcert.host import HostDisk, HostDrives, HttpWire, SystemClock, SystemEntropy, this_computer, tls_context
from softcert.host_devices import read_hardware
from softcert.ports import Computer, DriveKind, Hardware, Request, Response

# --- Clock and randomness ---------------------------------------------------------------------------------------------


def test_the_clock_counts_whole_seconds_since_1970() -> None:
    now = SystemClock().now()
    assert isinstance(now, int)
    assert now > datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC).timestamp()


def test_randomness_has_the_length_asked_for_and_does_not_repeat() -> None:
    entropy = SystemEntropy()
    assert len({entropy.bytes(16) for _ in range(100)}) == 100
    assert {len(entropy.bytes(16)), len(entropy.bytes(0))} == {16, 0}


# --- Disk -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    root = tmp_path / "volume"
    root.mkdir()
    return root


def test_what_is_written_can_be_read_listed_renamed_and_removed(volume: Path) -> None:
    disk = HostDisk(volume)
    disk.write("a/b/c.txt", b"one")
    disk.write("a/b/c.txt", b"two")
    disk.sync("a/b/c.txt")
    for folder in ("a/b", "a", ""):
        disk.sync_folder(folder)
    disk.write("a/a.txt", b"")
    assert disk.read("a/b/c.txt") == b"two"
    assert (disk.list(""), disk.list("a"), disk.list("a/b/c.txt"), disk.list("none")) == (["a"], ["a.txt", "b"], [], [])
    disk.rename("a/b/c.txt", "a/a.txt")
    assert disk.read("a/a.txt") == b"two"
    disk.rename("a", "z")
    disk.remove("z")
    disk.remove("z")
    assert disk.list("") == []


def test_files_and_folders_are_for_their_owner_alone(volume: Path) -> None:
    HostDisk(volume).write("softcert/keys/element.json", b"secret")
    modes = [oct((volume / name).stat().st_mode & 0o077) for name in ("softcert", "softcert/keys/element.json")]
    assert modes == ["0o0", "0o0"]


def test_the_driver_s_durable_writes_work_on_it(volume: Path) -> None:
    disk = HostDisk(volume)
    replace(disk, "softcert/state.json", b"1")
    replace(disk, "softcert/state.json", b"2")
    prepare_tree(disk, "softcert-backup", {"manifest": b"m", "key.p12": b"k"})
    commit_tree(disk, "softcert-backup")
    assert disk.read("softcert/state.json") == b"2"
    assert disk.list("softcert-backup") == ["key.p12", "manifest"]


def test_errors_of_the_system_pass(volume: Path) -> None:
    disk = HostDisk(volume)
    disk.write("file", b"")
    with pytest.raises(FileNotFoundError):
        disk.read("none")
    with pytest.raises((NotADirectoryError, FileExistsError)):
        disk.write("file/below", b"")
    disk.write("full/x", b"")
    disk.write("folder/x", b"")
    with pytest.raises(OSError, match="not empty"):
        disk.rename("folder", "full")


def off_the_volume(volume: Path) -> list[str]:
    outside = volume.parent / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"theirs")
    (volume / "link").symlink_to(outside)
    (volume / "file-link").symlink_to(outside / "file")
    paths = ["../outside/file", str(outside / "file"), "link/file", "file-link", "x/../../outside/file"]
    return [*paths, "a\0b", "\ud800"]


def test_no_path_leaves_the_volume(volume: Path) -> None:
    disk, paths = HostDisk(volume), off_the_volume(volume)
    acts: list[Callable[[str], object]] = [disk.read, disk.list, disk.sync, lambda path: disk.write(path, b"ours")]
    for path in paths:
        assert not disk.contains(path)
        for act in acts:
            with pytest.raises(PermissionError):
                act(path)
    for path in ("../outside/file", "link/file", "", ".", ".."):
        with pytest.raises(PermissionError):
            disk.remove(path)
        with pytest.raises(PermissionError):
            disk.rename("file-link", path)
    assert (volume.parent / "outside" / "file").read_bytes() == b"theirs"


def test_a_link_is_removed_and_not_what_it_points_to(volume: Path) -> None:
    disk = HostDisk(volume)
    off_the_volume(volume)
    disk.remove("link")
    disk.remove("file-link")
    assert disk.list("") == []
    assert (volume.parent / "outside" / "file").exists()


def test_contains_follows_links_that_stay(volume: Path) -> None:
    disk = HostDisk(volume)
    disk.write("folder/file", b"")
    (volume / "shortcut").symlink_to("folder")
    assert [disk.contains(path) for path in ("", "new", "folder/file", "shortcut/file", "folder/..")] == [True] * 5


def test_a_pulled_volume_is_gone_for_reads_and_writes_alike(volume: Path) -> None:
    disk = HostDisk(volume)
    disk.write("file", b"")
    volume.rename(volume.parent / "elsewhere")
    acts: list[Callable[[], object]] = [
        lambda: disk.read("file"), lambda: disk.list(""), lambda: disk.write("file", b""), lambda: disk.remove("file"),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(OSError, match="no longer there") as caught:
            act()
        assert caught.value.errno == errno.ENODEV
        assert not isinstance(caught.value, FileNotFoundError), "a file must not seem to be merely missing"
    with pytest.raises(FileNotFoundError):
        HostDisk(volume)


# --- Drives and hardware ids ------------------------------------------------------------------------------------------

DISKS = {
    "sda": ("devices/pci0000:00/ata1/host0/block/sda", "0", "sda1 sda2"),
    "sdb": ("devices/pci0000:00/usb1/1-1/host6/block/sdb", "1", "sdb1"),
    "sdc": ("devices/pci0000:00/usb2/2-1/host7/block/sdc", "0", "sdc1"),
    "mmcblk0": ("devices/platform/mmc0/block/mmcblk0", "0", "mmcblk0p1"),
    "loop0": ("devices/virtual/block/loop0", "0", ""),
}


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A /sys with a built-in disk, a flash drive, a USB hard disk, an SD card and a loop device."""
    (tmp_path / "sys" / "block").mkdir(parents=True)
    for name, (place, removable, partitions) in DISKS.items():
        real = tmp_path / "sys" / place
        (real / "device").mkdir(parents=True)
        (real / "removable").write_text(f"{removable}\n")
        for partition in partitions.split():
            (real / partition).mkdir()
            (real / partition / "partition").write_text("1\n")
        (tmp_path / "sys" / "block" / name).symlink_to(real)
    (tmp_path / "sys" / DISKS["mmcblk0"][0] / "device" / "type").write_text("SD\n")
    return tmp_path


def mount(machine: Path, *lines: tuple[str, str, str]) -> HostDrives:
    """Mounts (device, name, file system) below `machine`/media."""
    written = ""
    for device, name, file_system in lines:
        point = machine / "media" / name
        point.mkdir(parents=True, exist_ok=True)
        written += f"{device} {str(point).replace(' ', chr(92) + '040')} {file_system} rw,relatime 0 0\n"
    (machine / "mounts").write_text(written)
    return HostDrives(machine / "sys", machine / "mounts")


@pytest.mark.parametrize(
    ("device", "file_system", "kind"),
    [
        ("/dev/sdb1", "vfat", "flash-drive"),
        ("/dev/sdb", "vfat", "flash-drive"),
        ("/dev/mmcblk0p1", "exfat", "flash-drive"),
        ("/dev/sdc1", "ext4", "removable-disk"),
        ("/dev/sda2", "ext4", "system-disk"),
        ("/dev/loop0", "ext4", "system-disk"),
        ("/dev/mapper/secret", "ext4", "system-disk"),
        ("/dev/device", "ext4", "system-disk"),
        ("tmpfs", "tmpfs", "system-disk"),
        ("/", "fuse", "system-disk"),
        ("//nas/share", "cifs", "network-share"),
        ("nas:/export", "nfs4", "network-share"),
        ("li@nas:", "fuse.sshfs", "network-share"),
    ],
)
def test_the_kind_of_a_drive(machine: Path, device: str, file_system: str, kind: DriveKind) -> None:
    drive = mount(machine, (device, "RED-USB", file_system)).find("RED-USB")
    assert drive is not None
    assert (drive.name, drive.kind) == ("RED-USB", kind)


def test_a_drive_is_found_by_mount_point_or_its_last_part(machine: Path) -> None:
    drives = mount(machine, ("/dev/sda2", "home", "ext4"), ("/dev/sdb1", "li/MY DRIVE", "vfat"))
    for name in ("MY DRIVE", str(machine / "media/li/MY DRIVE"), str(machine / "media/li/MY DRIVE") + "/"):
        drive = drives.find(name)
        assert drive is not None
        assert drive.kind == "flash-drive"
        drive.disk.write("file", name.encode())
        assert (machine / "media/li/MY DRIVE/file").read_bytes() == name.encode()


def test_a_drive_that_is_not_there_or_not_the_only_one_is_not_found(machine: Path) -> None:
    drives = mount(machine, ("/dev/sdb1", "li/USB", "vfat"), ("/dev/sdc1", "zhang/USB", "vfat"))
    assert drives.find("USB") is None, "two of that name"
    assert drives.find("usb") is None
    assert drives.find("") is None
    drive = drives.find(str(machine / "media/zhang/USB"))
    assert drive is not None
    assert drive.kind == "removable-disk"


def test_of_two_mounts_on_one_point_the_later_counts(machine: Path) -> None:
    drive = mount(machine, ("/dev/sda2", "USB", "ext4"), ("/dev/sdb1", "USB", "vfat")).find("USB")
    assert drive is not None
    assert drive.kind == "flash-drive"


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


CPUINFO = """\
processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 158
model name\t: Intel(R) Core(TM) i7
stepping\t: 10
microcode\t: 0xf0
cpu MHz\t\t: 2600.000

processor\t: 1
model name\t: another
"""


def ids(machine: Path) -> Hardware:
    return read_hardware(machine / "sys", machine / "cpuinfo", machine / "machine-id")


def test_the_four_hardware_ids_are_read(machine: Path) -> None:
    put(machine / "sys/class/dmi/id/board_serial", "PF1ABC23\n")
    put(machine / "cpuinfo", CPUINFO)
    put(machine / "sys/block/sda/device/serial", "S4EVNX0M  \n")
    put(machine / "sys/block/sdb/device/serial", "of-the-flash-drive\n")
    put(machine / "sys/class/net/lo/address", "00:00:00:00:00:00\n")
    put(machine / "sys/class/net/docker0/address", "02:42:00:00:00:01\n")
    put(machine / "sys/class/net/wlan0/address", "3c:22:fb:00:00:02\n")
    (machine / "sys/class/net/wlan0/device").mkdir()
    assert ids(machine) == Hardware(
        board="PF1ABC23",
        processor="GenuineIntel 6 158 10 Intel(R) Core(TM) i7",
        disk="S4EVNX0M",
        network="3c:22:fb:00:00:02",
    )


def test_ids_that_cannot_be_read_are_empty(tmp_path: Path) -> None:
    assert ids(tmp_path) == Hardware("", "", "", "")


def test_what_users_may_read_stands_in_for_a_board_s_serial_number(machine: Path) -> None:
    put(machine / "machine-id", "3d1219c7c4c5404aaa1f6d2a48adfda4\n")
    assert ids(machine).board == "3d1219c7c4c5404aaa1f6d2a48adfda4"
    put(machine / "sys/firmware/devicetree/base/serial-number", "10000000abcdef\0")
    assert ids(machine).board == "10000000abcdef"


def test_a_drive_that_is_plugged_in_changes_no_id(machine: Path) -> None:
    for disk in ("sdb", "sdc", "mmcblk0"):
        put(machine / f"sys/block/{disk}/device/serial", "plugged in\n")
    assert ids(machine).disk == ""
    put(machine / "sys/block/sda/device/wwid", "naa.5000c500a1b2c3d4\n")
    assert ids(machine).disk == "naa.5000c500a1b2c3d4"


def test_ids_are_cut_at_128_characters(machine: Path) -> None:
    put(machine / "machine-id", "x" * 1000)
    assert len(ids(machine).board) == 128


# --- Wire -------------------------------------------------------------------------------------------------------------

OK = b"HTTP/1.1 200 OK\r\nReplay-Nonce: abc\r\ncontent-length: 2\r\n\r\nhi"


class Server:
    """A server on loopback with the same bytes for every request; it remembers requests and counts connections."""

    def __init__(self, answer: bytes, context: ssl.SSLContext | None, *, hangs_up: bool) -> None:
        self.answer, self.context, self.hangs_up = answer, context, hangs_up
        self.received: list[bytes] = []
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"{'https' if context else 'http'}://127.0.0.1:{self.listener.getsockname()[1]}"
        self.farewell = socket.socket()
        self.farewell.bind(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.accept)
        self.thread.start()

    def accept(self) -> None:
        with self.listener:
            while True:
                line, peer = self.listener.accept()
                if peer == self.farewell.getsockname():
                    line.close()
                    return
                self.connections += 1
                with contextlib.suppress(OSError), line:
                    line.settimeout(10)
                    self.serve(self.context.wrap_socket(line, server_side=True) if self.context else line)

    def serve(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as reader:
            while request := self.read(reader):
                self.received.append(request)
                line.sendall(self.answer)
                if self.hangs_up:
                    return

    def read(self, reader: BinaryIO) -> bytes:
        head = b""
        while (row := reader.readline()) not in (b"\r\n", b""):
            head += row
        length = re.search(rb"content-length: *([0-9]+)", head, re.IGNORECASE)
        return head and head + b"\r\n" + reader.read(int(length[1]) if length else 0)

    def stop(self) -> None:
        """Ends once all that came before is received: connections are taken in their order, and this is the last."""
        with self.farewell:
            self.farewell.connect(self.listener.getsockname())
            self.thread.join()


@contextlib.contextmanager
def serving(answer: bytes, context: ssl.SSLContext | None = None, *, hangs_up: bool = False) -> Generator[Server]:
    server = Server(answer, context, hangs_up=hangs_up)
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def wire_to(origin: str, trust: ssl.SSLContext | None = None, timeout: float = 10) -> Generator[HttpWire]:
    wire = HttpWire(origin, trust, timeout=timeout)
    try:
        yield wire
    finally:
        wire.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_a_request_goes_out_as_it_is_and_the_answer_comes_back() -> None:
    with serving(OK) as server, wire_to(server.origin) as wire:
        request = Request("POST", "/a/%2e%2e/../b?c=%41", (("content-type", "application/jose+json"),), b"{}")
        answer = wire.send(request)
        again = wire.send(Request("HEAD", "/nonce"))
    assert (answer.status, answer.body, answer.header("replay-nonce")) == (200, b"hi", "abc")
    assert again.status == 200
    assert server.received[0].startswith(b"POST /a/%2e%2e/../b?c=%41 HTTP/1.1\r\n")
    assert b"content-type: application/jose+json\r\n" in server.received[0].lower()
    assert server.received[0].endswith(b"\r\n\r\n{}")


def test_the_connection_is_kept() -> None:
    with serving(OK) as server, wire_to(server.origin) as wire:
        for _ in range(3):
            wire.send(Request("GET", "/directory"))
    assert (len(server.received), server.connections) == (3, 1)


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"
    with serving(moved) as server, wire_to(server.origin) as wire:
        assert wire.send(Request("GET", "/")) == Response(302, (("location", "/elsewhere"), ("content-length", "0")))
    assert len(server.received) == 1


def test_a_refused_connection_means_that_nothing_happened() -> None:
    with wire_to(f"http://127.0.0.1:{free_port()}") as wire, pytest.raises(NotDone, match="Nothing was sent"):
        wire.send(Request("POST", "/apply", (), b"{}"))


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncut", b"no HTTP at all\r\n\r\n"],
    ids=["nothing", "cut", "nonsense"],
)
def test_a_line_that_breaks_after_sending_means_that_it_may_have_happened(answer: bytes) -> None:
    with serving(answer, hangs_up=True) as server, wire_to(server.origin) as wire:
        with pytest.raises(MaybeDone, match="send the same request again") as caught:
            wire.send(Request("POST", "/apply", (), b"{}"))
        assert not caught.value.definite
    assert len(server.received) == 1, "the wire itself repeats nothing"


def test_an_answer_that_never_comes_means_that_it_may_have_happened() -> None:
    with serving(b"") as server, wire_to(server.origin, timeout=0.2) as wire, pytest.raises(MaybeDone):
        wire.send(Request("POST", "/apply", (), b"{}"))
    assert len(server.received) == 1


@pytest.mark.parametrize("target", ["", "http://evil.example/", "@evil.example/", "/a b", "/a\r\nx: y", "/树"])
def test_no_target_leads_to_another_origin(target: str) -> None:
    with serving(OK) as server, wire_to(server.origin) as wire, pytest.raises(NotDone):
        wire.send(Request("GET", target))
    assert server.received == []


@pytest.mark.parametrize(
    "origin",
    ["", "office.example", "ftp://office.example", "https://office.example/", "https://a@b", "https://[", "http://a b"],
)
def test_an_origin_is_scheme_host_and_port(origin: str) -> None:
    with pytest.raises(ValueError, match="an origin is"):
        HttpWire(origin, None)


def self_signed(folder: Path) -> tuple[ssl.SSLContext, bytes]:
    """A TLS server's context for 127.0.0.1 and its certificate (DER)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "server.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, certificate.public_bytes(serialization.Encoding.DER)


def test_a_server_is_trusted_through_the_office_s_root_and_not_otherwise(tmp_path: Path) -> None:
    context, root = self_signed(tmp_path)
    with serving(OK, context) as server:
        with wire_to(server.origin, tls_context(root)) as wire:
            assert wire.send(Request("GET", "/")).status == 200
        with wire_to(server.origin, None) as wire, pytest.raises(NotDone, match="certificate"):
            wire.send(Request("GET", "/"))
    assert len(server.received) == 1


@pytest.mark.parametrize("trust", [b"", b"nonsense"])
def test_a_root_that_is_no_certificate_is_said_so(trust: bytes) -> None:
    with pytest.raises(ValueError, match="certificate"):
        tls_context(trust)


# --- All together -----------------------------------------------------------------------------------------------------


def test_this_computer_keeps_its_device_key_in_its_folder(tmp_path: Path) -> None:
    _, root = self_signed(tmp_path)
    first = this_computer(tmp_path / "new" / "folder", "https://127.0.0.1:1", root)
    assert isinstance(first, Computer)
    first.element.create_key("device")
    second = this_computer(tmp_path / "new" / "folder", "https://127.0.0.1:1", root)
    assert second.element.public_key("device") == first.element.public_key("device") is not None
    assert (first.wire.origin, first.trust) == ("https://127.0.0.1:1", root)
    assert first.disk.list("") == ["softcert"]
