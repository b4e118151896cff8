"""A secure element in software: P-256 keys that do not leave it, and seals that only it and the right PIN open.

What makes an old disk worthless is that each epoch of a slot has a secret of its own. `advance_epoch` forgets the old
secret, so a blob of an older epoch is not only refused: nobody can open it any more (rule `pin-guards-key`). A seal
made one epoch ahead gets a fresh secret that replaces the one of any earlier such seal: of several PIN changes that
were begun, only the last can be finished.

How good the element is depends on its `ElementStore` alone: a chip keeps state where nobody copies or restores it;
`FileStore` does not.
"""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from softcert.disk import replace as replace_file
from softcert.errors import Damaged, Rejected
from softcert.ports import Disk, Entropy
from softcert.protocol import from_bytes, jwk_of, signer_of, to_bytes
from softcert.rules.facts import PinResult

DEVICE = "device"
"""The slot of the key that names the computer and signs every request."""

SCALAR_DRAW = 40
"""Random bytes that are drawn for a private scalar; for nothing else so many are drawn."""

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_HEADER = struct.Struct(">4sI12s")
_MAGIC = b"SCS\x01"


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot: a private scalar, the secrets of the present and the next epoch, the epoch, the wrong PINs so far."""

    key: bytes = b""
    secret: bytes = b""
    next_secret: bytes = b""
    epoch: int = 0
    tries: int = 0


@dataclass(frozen=True, slots=True)
class ElementState:
    """All that an element remembers, as a value: to keep a copy of it, keep the reference."""

    slots: tuple[tuple[str, Slot], ...] = ()

    def slot(self, name: str) -> Slot:
        """The slot, empty when it was never used."""
        return next((slot for key, slot in self.slots if key == name), Slot())

    def with_slot(self, name: str, slot: Slot | None) -> "ElementState":
        """This state with one slot set, or removed."""
        others = {key: value for key, value in self.slots if key != name}
        return ElementState(tuple(sorted((others if slot is None else {**others, name: slot}).items(), key=_name)))

    def to_bytes(self) -> bytes:
        """The state as JSON; secret."""
        slots = {
            name: {
                "key": slot.key.hex(),
                "secret": slot.secret.hex(),
                "next_secret": slot.next_secret.hex(),
                "epoch": slot.epoch,
                "tries": slot.tries,
            }
            for name, slot in self.slots
        }
        return to_bytes({"format": 1, "slots": slots})

    @classmethod
    def from_bytes(cls, data: bytes) -> "ElementState":
        """The inverse of `to_bytes`. Raises Damaged."""
        try:
            record = from_bytes(data)
            if record["format"] != 1:
                raise Damaged("The element's state has a newer format. Install the newest driver.")
            return cls(tuple((name, _slot_of(value)) for name, value in record["slots"].items()))
        except (Rejected, KeyError, TypeError, ValueError, AttributeError):
            raise Damaged("The element's state cannot be read. Recover the certificate from a backup.") from None


def _name(pair: tuple[str, Slot]) -> str:
    return pair[0]


class ElementStore(Protocol):
    """Where an element keeps its state."""

    def load(self) -> ElementState:
        """The state last saved. Raises OSError, Damaged."""
        ...

    def save(self, state: ElementState) -> None:
        """Keep the state, atomically, and durably on return. Raises OSError."""
        ...


def _slot_of(value: dict[str, Any]) -> Slot:
    secrets = (bytes.fromhex(value[name]) for name in ("key", "secret", "next_secret"))
    return Slot(*secrets, epoch=int(value["epoch"]), tries=int(value["tries"]))


class FileStore:
    """The state of a software element in a file on the disk, for computers without a chip.

    Whoever reads the disk has the keys, and may try PINs without a count. Whoever restores the disk restores the tries
    and old PINs too, and whoever copies it has a second computer. The rules that lean on the element say so.
    """

    def __init__(self, disk: Disk, path: str = "softcert/element.json") -> None:
        self._disk, self._path = disk, path

    def load(self) -> ElementState:
        """The state in the file; that of a new element when there is none. Raises OSError, Damaged."""
        try:
            return ElementState.from_bytes(self._disk.read(self._path))
        except FileNotFoundError:
            return ElementState()

    def save(self, state: ElementState) -> None:
        """Replace the file. Raises OSError."""
        replace_file(self._disk, self._path, state.to_bytes())


class Element:
    """Implements `softcert.ports.Element`. `rounds` is the cost of one PIN try in rounds of PBKDF2-HMAC-SHA256."""

    def __init__(self, store: ElementStore, entropy: Entropy, *, rounds: int, pin_tries: int = 10) -> None:
        self._store, self._entropy = store, entropy
        self._rounds, self._pin_tries = rounds, pin_tries

    def create_key(self, slot: str) -> None:
        """Make a P-256 key that cannot be exported; does nothing when the slot has one."""
        state = self._store.load()
        if not state.slot(slot).key:
            self._save(state, slot, replace(state.slot(slot), key=new_scalar(self._entropy)))

    def public_key(self, slot: str) -> dict[str, str] | None:
        """The public key as a JWK, or None."""
        scalar = self._store.load().slot(slot).key
        return dict(_public_of(scalar)) if scalar else None

    def sign(self, slot: str, data: bytes) -> bytes:
        """ES256 over `data`, deterministic (RFC 6979). Raises KeyError for a slot without a key."""
        scalar = self._store.load().slot(slot).key
        if not scalar:
            raise KeyError(slot)
        return signer_of(private_key(scalar))(data)

    def seal(self, slot: str, pin: str, secret: bytes, *, ahead: int = 0) -> bytes:
        """A blob that opens with `pin` in the present epoch, or in the next (`ahead=1`). Each has one such blob: the
        present one the first, since a second, opened with a PIN of its own, would clear the count of the first; the
        next one the last. Raises ValueError for a second, and for another `ahead`."""
        if ahead not in (0, 1):
            raise ValueError("a seal is for the present epoch or the next")
        state = self._store.load()
        held = state.slot(slot)
        if held.secret and not ahead:
            raise ValueError("the present epoch has its seal")
        fresh = self._entropy.bytes(32)
        held = replace(held, next_secret=fresh) if ahead else replace(held, secret=fresh)
        self._save(state, slot, held)
        header = _HEADER.pack(_MAGIC, held.epoch + ahead, self._entropy.bytes(12))
        key = self._key(slot, pin, held.next_secret if ahead else held.secret, header)
        return header + AESGCM(key).encrypt(header[-12:], secret, _bound(slot, header))

    def unseal(self, slot: str, pin: str, blob: bytes) -> tuple[PinResult, bytes]:
        """Rule `pin-guards-key`: ("opened", secret), or another result with empty bytes.

        1. A blob of another epoch, or of a slot that this element does not hold: `old-keystore`, nothing counted.
        2. No tries left: `locked`. 3. The try is counted and saved. 4. Only then is the PIN tried.
        """
        state = self._store.load()
        held = state.slot(slot)
        if not held.secret or self.epoch_of(blob) != held.epoch:
            return "old-keystore", b""
        if held.tries >= self._pin_tries:
            return "locked", b""
        self._save(state, slot, replace(held, tries=held.tries + 1))
        header, sealed = blob[: _HEADER.size], blob[_HEADER.size :]
        try:
            secret = AESGCM(self._key(slot, pin, held.secret, header)).decrypt(
                header[-12:], sealed, _bound(slot, header)
            )
        except InvalidTag:
            return "wrong-pin", b""
        self._save(state, slot, replace(held, tries=0))
        return "opened", secret

    def epoch_of(self, blob: bytes) -> int:
        """The epoch for which a blob was sealed; -1 when it is no blob of this format."""
        if len(blob) < _HEADER.size or not blob.startswith(_MAGIC):
            return -1
        return _HEADER.unpack_from(blob)[1]

    def epoch(self, slot: str) -> int:
        """The slot's present epoch; 0 for a slot never used."""
        return self._store.load().slot(slot).epoch

    def tries_left(self, slot: str) -> int:
        """How many wrong PINs this slot still bears."""
        return self._pin_tries - self._store.load().slot(slot).tries

    def advance_epoch(self, slot: str) -> None:
        """Add one to the slot's epoch and forget the old secret, in one step. No PIN is asked, so the count stays."""
        state = self._store.load()
        held = state.slot(slot)
        secret = held.next_secret or self._entropy.bytes(32)
        self._save(state, slot, replace(held, epoch=held.epoch + 1, secret=secret, next_secret=b""))

    def forget(self, slot: str) -> None:
        """Destroy the slot: its seals never open again."""
        state = self._store.load()
        if state.slot(slot) != Slot():
            self._save(state, slot, None)

    def _save(self, state: ElementState, name: str, slot: Slot | None) -> None:
        self._store.save(state.with_slot(name, slot))

    def _key(self, slot: str, pin: str, secret: bytes, header: bytes) -> bytes:
        salt = secret + _bound(slot, header)
        return hashlib.pbkdf2_hmac("sha256", pin.encode("utf-8", "surrogatepass"), salt, self._rounds)


def _bound(slot: str, header: bytes) -> bytes:
    """What a seal is bound to besides its key: format, epoch, nonce and slot."""
    return header + slot.encode()


def new_scalar(entropy: Entropy) -> bytes:
    """A private scalar for P-256, 32 bytes, by extra random bits (FIPS 186-5 A.2.1)."""
    return scalar_of(entropy.bytes(SCALAR_DRAW))


def scalar_of(drawn: bytes) -> bytes:
    """The private scalar that `SCALAR_DRAW` random bytes become."""
    return (int.from_bytes(drawn, "big") % (_ORDER - 1) + 1).to_bytes(32, "big")


@lru_cache(maxsize=1024)
def private_key(scalar: bytes) -> ec.EllipticCurvePrivateKey:
    """The P-256 key of a private scalar."""
    return ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())


@lru_cache(maxsize=1024)
def _public_of(scalar: bytes) -> Mapping[str, str]:
    return MappingProxyType(jwk_of(private_key(scalar).public_key()))
