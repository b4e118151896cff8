"""What a computer gives to the driver. `host` and the simulator each fill these in; logic never differs.

Disk errors are `OSError`s, as the operating system raises them. A power cut is no error: the driver simply stops there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from softcert.rules.facts import PinResult

DriveKind = Literal["flash-drive", "removable-disk", "system-disk", "network-share"]


class Clock(Protocol):
    """The clock on the wall of one machine."""

    def now(self) -> int:
        """Seconds since 1970, UTC, whole."""
        ...


class Entropy(Protocol):
    """Secure randomness."""

    def bytes(self, count: int) -> bytes:
        """`count` random bytes."""
        ...


class Disk(Protocol):
    """One volume. Paths are relative, with slashes. Nothing is durable before `sync` (files) and `sync_folder` (names).

    Use `replace`, or `prepare_tree` and `commit_tree`, of `softcert.disk` for anything that must survive a power cut.
    """

    def read(self, path: str) -> bytes:
        """The file's bytes. Raises FileNotFoundError, OSError."""
        ...

    def write(self, path: str, data: bytes) -> None:
        """Make or overwrite a file, with the folders above it."""
        ...

    def sync(self, path: str) -> None:
        """Make the file's bytes durable."""
        ...

    def rename(self, old: str, new: str) -> None:
        """Rename a file or folder, replacing a file that stands there."""
        ...

    def sync_folder(self, path: str) -> None:
        """Make the folder's names durable."""
        ...

    def list(self, path: str) -> Sequence[str]:
        """Names in a folder, sorted; empty when there is no such folder."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all in it; nothing to do when it is not there."""
        ...

    def contains(self, path: str) -> bool:
        """Whether the path, links followed, ends on this volume."""
        ...


@dataclass(frozen=True, slots=True)
class Drive:
    """A device that is plugged in now. `name` is what its owner calls it."""

    name: str
    kind: DriveKind
    disk: Disk


class Drives(Protocol):
    """What is plugged into this computer, the system disk included."""

    def find(self, name: str) -> Drive | None:
        """The device of that name, or None."""
        ...


class Element(Protocol):
    """A secure element: keys that never leave it, and seals that only it opens, with a PIN that it counts itself.

    Each call is atomic and durable on return. A *slot* names a key or a sealed secret. A seal belongs to one epoch of
    its slot; `advance_epoch` makes every seal of an older epoch worthless, so that no restored disk brings an old PIN
    back. Tries are counted before the PIN is compared.
    """

    def create_key(self, slot: str) -> None:
        """Make a P-256 key that cannot be exported; does nothing when the slot has one."""
        ...

    def public_key(self, slot: str) -> dict[str, str] | None:
        """The public key as a JWK (`crv`, `kty`, `x`, `y`), or None."""
        ...

    def sign(self, slot: str, data: bytes) -> bytes:
        """ES256 over `data`: r and s, 64 bytes (RFC 7518 §3.4)."""
        ...

    def seal(self, slot: str, pin: str, secret: bytes, *, ahead: int = 0) -> bytes:
        """A blob that opens with `pin` while the slot's epoch is the present one plus `ahead` (0, once in an epoch; or
        1). Raises ValueError."""
        ...

    def unseal(self, slot: str, pin: str, blob: bytes) -> tuple[PinResult, bytes]:
        """`("opened", secret)`, or another result with empty bytes. Counts a try first; a success clears the count."""
        ...

    def epoch_of(self, blob: bytes) -> int:
        """The epoch for which a blob was sealed."""
        ...

    def epoch(self, slot: str) -> int:
        """The slot's present epoch; 0 for a slot never used."""
        ...

    def tries_left(self, slot: str) -> int:
        """How many wrong PINs this slot still bears."""
        ...

    def advance_epoch(self, slot: str) -> None:
        """Add one to the slot's epoch; its count stays."""
        ...

    def forget(self, slot: str) -> None:
        """Destroy the slot: its seals never open again."""
        ...


@dataclass(frozen=True, slots=True)
class Hardware:
    """The four hardware ids as the machine reports them; vendor blanks such as `To be filled by O.E.M.` occur."""

    board: str
    processor: str
    disk: str
    network: str


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request. `target` is path and query; header names are lower-case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response; header names are lower-case."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """The header's value, or an empty string."""
        return next((value for key, value in self.headers if key == name), "")


class Wire(Protocol):
    """The line to one origin."""

    origin: str

    def send(self, request: Request) -> Response:
        """Raises `NotDone` when the request surely did not arrive, `MaybeDone` when no answer came."""
        ...


@dataclass(frozen=True, slots=True)
class Computer:
    """Everything that the driver has. `trust` is the office's root certificate (DER), known before any contact."""

    clock: Clock
    entropy: Entropy
    disk: Disk
    drives: Drives
    element: Element
    hardware: Hardware
    wire: Wire
    trust: bytes
