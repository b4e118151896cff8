"""Certificates on this computer's disk: for each a folder with the sealed key, and the certificate once it is here.

A change of the PIN has one commit point, the element's `advance_epoch`:

1. write {current, next}    the old PIN opens; `next` waits for the epoch that comes
2. advance_epoch            from here the new PIN opens, and nothing else
3. write {current = next}   tidying up

Opening takes the seal whose epoch is the element's, so that after a power cut anywhere exactly one PIN works. A
restored disk brings back files, but not epochs (rules `pin-guards-key`, `change-initial-pin`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from softcert.certificate import load_certificate
from softcert.disk import exists
from softcert.disk import remove as remove_durably
from softcert.disk import replace as replace_file
from softcert.element import new_scalar, private_key
from softcert.errors import Damaged, Rejected
from softcert.ports import Disk, Element, Entropy
from softcert.protocol import Json, Signer, decode, encode, from_bytes, jwk_of, signer_of, to_bytes
from softcert.rules.catalogue import INITIAL_PIN
from softcert.rules.facts import PinResult

FOLDER = "softcert/keys"
FILE = "keystore.json"
_SLOT = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Seal:
    """A sealed key. `initial` says that it opens with the initial PIN; the sealed content says so too, and decides."""

    blob: bytes
    initial: bool


@dataclass(frozen=True, slots=True)
class KeyStore:
    """One certificate slot. `number` grows with each one made here. `staged` belongs to a recovery without an answer
    yet, from a backup of the binding's `generation`; `replaces` names the slots that a recovery made worthless."""

    slot: str
    number: int
    name: str
    public_key: Mapping[str, str]
    current: Seal
    next: Seal | None = None
    application: str = ""
    certificate: bytes = b""
    chain: tuple[bytes, ...] = ()
    staged: bool = False
    generation: int = 0
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenKey:
    """A certificate key while it is in use."""

    scalar: bytes
    initial: bool

    @property
    def signer(self) -> Signer:
        """Signs with the certificate key."""
        return signer_of(private_key(self.scalar))


class KeyStores:
    """All certificate slots of one computer."""

    def __init__(self, disk: Disk, element: Element, entropy: Entropy) -> None:
        self._disk, self._element, self._entropy = disk, element, entropy

    def all(self) -> tuple[KeyStore, ...]:
        """Every slot that can be read and was not replaced, the oldest first. Raises OSError."""
        read = self.with_replaced()
        replaced = {slot for store in read if not store.staged for slot in store.replaces}
        return tuple(store for store in read if store.slot not in replaced)

    def with_replaced(self) -> tuple[KeyStore, ...]:
        """The same with those that a recovery replaced and had no time to remove. Raises OSError."""
        read = (self._read(slot) for slot in self._disk.list(FOLDER))
        return tuple(sorted((store for store in read if store), key=_number))

    def find(self, application: str) -> KeyStore | None:
        """The slot whose key was made for an application, or None. Raises OSError."""
        return next((store for store in self.all() if application and store.application == application), None)

    def create(
        self,
        name: str,
        pin: str,
        scalar: bytes = b"",
        *,
        certificate: bytes = b"",
        chain: tuple[bytes, ...] = (),
        staged: bool = False,
        generation: int = 0,
    ) -> KeyStore:
        """Make a slot and seal a key in it: a new one, or `scalar`. Unfinished slots are removed. Raises OSError."""
        self._sweep()
        scalar = scalar or new_scalar(self._entropy)
        slot = self._entropy.bytes(16).hex()
        number = max((store.number for store in self.with_replaced()), default=0) + 1
        public = jwk_of(private_key(scalar).public_key())
        seal = self._seal(slot, scalar, pin, ahead=0)
        made = KeyStore(
            slot, number, name, public, seal,
            certificate=certificate, chain=chain, staged=staged, generation=generation,
        )  # fmt: skip
        return self.save(made)

    def save(self, store: KeyStore) -> KeyStore:
        """Keep the slot's file, durably and in one step. Raises OSError."""
        replace_file(self._disk, f"{FOLDER}/{store.slot}/{FILE}", to_bytes(_record_of(store)))
        return store

    def remove(self, slot: str) -> None:
        """Remove a slot's files, then its place in the element: no copy of the files opens again. Raises OSError."""
        remove_durably(self._disk, f"{FOLDER}/{slot}")
        self._element.forget(slot)

    def _sweep(self) -> None:
        """Remove slots that were never finished: their names do not come again, so no later write takes their place."""
        for slot in self._disk.list(FOLDER):
            if _SLOT.fullmatch(slot) and not exists(self._disk, f"{FOLDER}/{slot}/{FILE}"):
                self.remove(slot)

    def open(self, store: KeyStore, pin: str) -> tuple[PinResult, OpenKey | None]:
        """Rule `pin-guards-key`: what the element says of the PIN, and the key if it opened.

        Raises Damaged when the key inside is not the one that the file names.
        """
        result, secret = self._element.unseal(store.slot, pin, self.seal_of(store).blob)
        if result != "opened":
            return result, None
        key = OpenKey(secret[1:], initial=secret[:1] == b"\x01")
        if jwk_of(private_key(key.scalar).public_key()) != store.public_key:
            raise Damaged("The key store was changed by somebody. Recover the certificate from your backup.")
        return result, key

    def tries_left(self, store: KeyStore) -> int:
        """How many wrong PINs the element still bears."""
        return self._element.tries_left(store.slot)

    def seal_of(self, store: KeyStore) -> Seal:
        """The seal of the element's present epoch; where none is of it, the current one, which will not open."""
        epoch = self._element.epoch(store.slot)
        seals = [seal for seal in (store.current, store.next) if seal]
        return next((seal for seal in seals if self._element.epoch_of(seal.blob) == epoch), store.current)

    def change_pin(self, store: KeyStore, key: OpenKey, new: str) -> KeyStore:
        """Seal an opened key with a new PIN; the old one dies at the commit point. Raises OSError."""
        current = self.seal_of(store)
        ahead = self._seal(store.slot, key.scalar, new, ahead=1)
        self.save(replace(store, current=current, next=ahead))
        self._element.advance_epoch(store.slot)
        return self.save(replace(store, current=ahead, next=None))

    def _seal(self, slot: str, scalar: bytes, pin: str, *, ahead: int) -> Seal:
        initial = pin == INITIAL_PIN
        secret = (b"\x01" if initial else b"\x00") + scalar
        return Seal(self._element.seal(slot, pin, secret, ahead=ahead), initial)

    def _read(self, slot: str) -> KeyStore | None:
        """A slot, or None where there is none to read: to the user no certificate is there, and a backup helps."""
        try:
            store = _sound(self._disk.read(f"{FOLDER}/{slot}/{FILE}"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        return store if store and store.slot == slot else None


@lru_cache(maxsize=64)
def _sound(data: bytes) -> KeyStore | None:
    """What a slot's file says, or None unless all of it is of its kind: somebody may have changed it.

    Remembered, as every act reads the same files several times.
    """
    try:
        store = _store_of(from_bytes(data))
    except (Rejected, KeyError, TypeError, AttributeError):
        return None
    name: Any = store.name
    return store if isinstance(name, str) and (not store.certificate or _is_certificate(store.certificate)) else None


def _is_certificate(der: bytes) -> bool:
    try:
        load_certificate(der)
    except ValueError:
        return False
    return True


def _number(store: KeyStore) -> int:
    return store.number


def _record_of(store: KeyStore) -> Json:
    seals = {"current": store.current, "next": store.next}
    return {
        "format": 1,
        "slot": store.slot,
        "number": store.number,
        "name": store.name,
        "public_key": dict(store.public_key),
        "seals": {
            which: {"blob": encode(seal.blob), "pin_is_initial": seal.initial} for which, seal in seals.items() if seal
        },
        "application": store.application,
        "certificate": encode(store.certificate),
        "chain": [encode(link) for link in store.chain],
        "staged": store.staged,
        "generation": store.generation,
        "replaces": list(store.replaces),
    }


def _store_of(record: Json) -> KeyStore:
    seals: dict[str, Any] = record["seals"]
    return KeyStore(
        slot=record["slot"],
        number=record["number"],
        name=record["name"],
        public_key=record["public_key"],
        current=_seal_of(seals["current"]),
        next=_seal_of(seals["next"]) if "next" in seals else None,
        application=record["application"],
        certificate=decode(record["certificate"]),
        chain=tuple(decode(link) for link in record["chain"]),
        staged=record["staged"],
        generation=record["generation"],
        replaces=tuple(record["replaces"]),
    )


def _seal_of(record: Json) -> Seal:
    return Seal(decode(record["blob"]), record["pin_is_initial"])
