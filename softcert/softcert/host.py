"""The computer it runs on, as the ports want it: clock, randomness, disk and wire; `host_devices` has the rest.

Works on any POSIX system. Nothing here decides anything.
"""

import errno
import os
import re
import shutil
import ssl
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import httpcore

from softcert.element import Element, FileStore
from softcert.errors import MaybeDone, NotDone
from softcert.host_devices import find_drive, read_hardware
from softcert.ports import Computer, Drive, Request, Response
from softcert.rules.policy import Policy

PIN_ROUNDS = 600_000
"""Cost of one PIN try in rounds of PBKDF2-HMAC-SHA256, about 0.2 s."""
TIMEOUT = 30.0
"""How long the wire waits for a connection, and for each next piece of an answer, in seconds."""
_NOT_SENT = (
    httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout, httpcore.UnsupportedProtocol,
    httpcore.LocalProtocolError,
)  # fmt: skip
_NO_ANSWER = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


def this_computer(folder: Path, origin: str, trust: bytes) -> Computer:
    """This computer for a driver that keeps its files in `folder` and talks to `origin` (scheme, host, port).

    `trust` is the office's root certificate (DER): a TLS server may show a certificate from it, or from an authority
    that the operating system knows. The element is software: rules that lean on a chip are as weak as this disk.
    Raises OSError where the folder cannot be made, ValueError for a bad certificate or origin.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    disk, entropy = HostDisk(folder), SystemEntropy()
    return Computer(
        clock=SystemClock(),
        entropy=entropy,
        disk=disk,
        drives=HostDrives(),
        element=Element(FileStore(disk), entropy, rounds=PIN_ROUNDS, pin_tries=Policy().pin_tries),
        hardware=read_hardware(),
        wire=HttpWire(origin, tls_context(trust)),
        trust=trust,
    )


def tls_context(trust: bytes) -> ssl.SSLContext:
    """Verifies servers against `trust` (DER) and the system's authorities. Raises ValueError for a bad certificate."""
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cadata=trust)
    except ssl.SSLError:
        raise ValueError("the office's root certificate is no certificate (DER)") from None
    return context


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Seconds since 1970, UTC, whole."""
        return int(time.time())


class SystemEntropy:
    """The operating system's secure randomness."""

    def bytes(self, count: int) -> bytes:
        """`count` random bytes."""
        return os.urandom(count)


class HostDisk:
    """The tree under one folder. Every path stays in it, links included; one that does not is a PermissionError.

    When the volume is pulled, every call raises OSError (ENODEV), so that nothing lands in the empty mount point and
    no file seems merely missing. Files and folders are made for their owner alone. Raises OSError without the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._device = root, root.stat().st_dev

    def read(self, path: str) -> bytes:
        """The file's bytes."""
        return self._inside(path).read_bytes()

    def write(self, path: str, data: bytes) -> None:
        """Make or overwrite a file, with the folders above it."""
        target = self._inside(path)
        for folder in reversed(PurePosixPath(path).parents):
            (self._root / folder).mkdir(mode=0o700, exist_ok=True)
        with open(target, "wb", opener=_for_owner) as file:
            file.write(data)

    def sync(self, path: str) -> None:
        """Make the file's bytes durable."""
        _sync(self._inside(path))

    def rename(self, old: str, new: str) -> None:
        """Rename a file or folder, replacing a file that stands there; a link is renamed itself."""
        self._name(old).replace(self._name(new))

    def sync_folder(self, path: str) -> None:
        """Make the folder's names durable."""
        _sync(self._inside(path))

    def list(self, path: str) -> Sequence[str]:
        """Names in a folder, sorted; empty when there is no such folder."""
        try:
            return sorted(entry.name for entry in self._inside(path).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def remove(self, path: str) -> None:
        """Remove a file, a link, or a folder with all in it; nothing to do when it is not there."""
        target = self._name(path)
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)

    def contains(self, path: str) -> bool:
        """Whether the path, links followed, ends on this volume."""
        try:
            self._inside(path)
        except PermissionError:
            return False
        return True

    def _inside(self, path: str) -> Path:
        self._check_volume()
        target = self._root / path
        if not _is_below(target, self._root):
            raise PermissionError(errno.EPERM, "the path leaves the volume", path)
        return target

    def _check_volume(self) -> None:
        try:
            present = self._root.stat().st_dev
        except FileNotFoundError:
            present = None
        if present != self._device:
            raise OSError(errno.ENODEV, "the volume is no longer there", str(self._root))

    def _name(self, path: str) -> Path:
        """Where a name stands, which a last link does not move."""
        name = PurePosixPath(path).name
        if name in ("", ".."):
            raise PermissionError(errno.EPERM, "the path names no file of the volume", path)
        return self._inside(str(PurePosixPath(path).parent)) / name


def _is_below(target: Path, root: Path) -> bool:
    try:
        return Path(os.path.realpath(target)).is_relative_to(os.path.realpath(root))
    except ValueError:  # NUL, or half a surrogate pair: no name of any file
        return False


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class HostDrives:
    """What is mounted on this computer. A drive's name is its mount point, or the last part of it: `RED-USB`."""

    def __init__(self, sys_root: Path = Path("/sys"), mounts: Path = Path("/proc/mounts")) -> None:
        self._sys, self._mounts = sys_root, mounts

    def find(self, name: str) -> Drive | None:
        """The device of that name; None when there is none, or two of them. Raises OSError."""
        found = find_drive(name, self._sys, self._mounts)
        return Drive(name, found[1], HostDisk(found[0])) if found else None


class HttpWire:
    """HTTP to one origin over connections that are kept. Redirects are answers like others: never followed.

    `verify` judges the server's TLS certificate; None means: as the operating system does. Proxies and other settings of
    the environment are not looked at. httpcore's pool is used as it is: what httpx adds to it costs as much again.
    """

    def __init__(self, origin: str, verify: ssl.SSLContext | None, *, timeout: float = TIMEOUT) -> None:
        found = re.fullmatch(r"(https?)://(?:([a-z0-9.-]+)|\[([0-9a-f:]+)\])(?::([0-9]{1,5}))?", origin)
        if not found:
            raise ValueError(f"an origin is scheme, host and port, as in https://office.example, not {origin!r}")
        self.origin = origin
        self._place = (found[1], found[2] or found[3], int(found[4]) if found[4] else None)
        self._headers = (("host", origin.partition("//")[2]), ("user-agent", "softcert"))
        self._timeouts = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
        self._pool = httpcore.ConnectionPool(verify or ssl.create_default_context())

    def send(self, request: Request) -> Response:
        """The answer, whatever its status. Raises `NotDone` when nothing was sent, `MaybeDone` when no answer came."""
        if not re.fullmatch(r"/[!-~]*", request.target):
            raise NotDone(f"{request.target!r} is no address at {self.origin}. Nothing was sent.")
        scheme, host, port = self._place
        try:
            answer = self._pool.request(
                request.method,
                # To the byte: no library tidies the target up.
                httpcore.URL(scheme=scheme, host=host, port=port, target=request.target),
                headers=[*self._headers, *request.headers],
                content=request.body if request.body or request.method == "POST" else None,
                extensions={"timeout": self._timeouts},
            )
        except _NOT_SENT as error:
            raise NotDone(
                f"{self.origin} cannot be reached ({_reason(error)}). Nothing was sent: check the line and try again."
            ) from error
        except _NO_ANSWER as error:
            raise MaybeDone(
                f"{self.origin} did not answer ({_reason(error)}). It may have happened: send the same request again."
            ) from error
        headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in answer.headers)
        return Response(answer.status, headers, answer.content)

    def close(self) -> None:
        """Close the kept connections."""
        self._pool.close()


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
