"""What is changed behind somebody's back: files, what a line brings, a secure element, the office's database."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from softcert.element import Element
from softcert.ports import Request
from softcert.protocol import DIRECTORY, Json, decode, encode, from_bytes, sha256, to_bytes
from softcert_ca.pki import office_sign, release_sign
from softcert_sim import knowing
from softcert_sim.disk import SimDisk
from softcert_sim.forgery import payload_in, signed_anew
from softcert_sim.lines import Line
from softcert_sim.naming import device_of
from softcert_sim.scenario.registry import CheckFailed
from softcert_sim.world import World, office_keys


def alter(world: World, what: str, on: str, how: str) -> None:
    """Change stored bytes, what the line to a computer brings, or a secure element. Raises CheckFailed when there is
    nothing to change."""
    if what == "element":
        place = world.places[on]
        for store in place.driver.keys.all():
            _CALLED[how](place.machine.element, store.slot)
    elif what.endswith("-download"):
        _alter_download(world, world.places[on].line, what, how)
    else:
        _alter_files(world, what, on, how)


def _alter_files(world: World, what: str, on: str, how: str) -> None:
    place = world.places.get(on)
    disk = place.machine.disk if place else world.drives[on].disk
    found = [path for path in disk.files() if _FILES[what] in path]
    if not found:
        raise CheckFailed(f"a {what} on {on}", ", ".join(disk.files()) or "nothing")
    if place and what == "keystore" and how != "one-byte":
        place.destroying()
    if how == "renamed":
        for folder in dict.fromkeys(path.rpartition("/")[0] for path in found):
            _rename(disk, folder)
    elif how == "removed":
        for path in found:
            disk.remove(path)
        disk.settle()
    else:
        disk.put({path: _changed(world, what, how, disk.files()[path]) for path in found})


def _changed(world: World, what: str, how: str, data: bytes) -> bytes:
    if how in _BYTES and not (how == "one-byte" and what in _ONE_BYTE):
        return _BYTES[how](data)
    try:
        said = json.loads(data)
    except ValueError:
        raise CheckFailed(f"a {what} that can be read", "one that was altered before") from None
    return to_bytes(_ONE_BYTE[what](said) if how == "one-byte" else _SIGNED[how](said, world))


def _rename(disk: SimDisk, folder: str) -> None:
    """Give a folder, which may bear a number, another name or number."""
    number = re.split("[-/]", folder)[-1]
    for path, data in disk.files().items():
        if path.startswith(f"{folder}/"):
            disk.put({f"{folder.removesuffix(number)}{number[::-1]}{path.removeprefix(folder)}": data})
            disk.remove(path)
    disk.settle()


def _alter_download(world: World, line: Line, what: str, how: str) -> None:
    """From now on the line brings another driver, or other receipts, than the office gives."""
    name, part = ("driver", "manifest") if what == "driver-download" else ("file", "receipt")
    target = DIRECTORY[name]
    if how == "older":
        line.kept = line.kept or line.wire.send(Request("GET", target)).body
    kept = line.kept

    def changed(body: bytes) -> bytes:
        if how in ("older", "genuine"):
            return kept if how == "older" else body
        answer = from_bytes(body)
        if how == "one-byte":
            return to_bytes({**answer, "package": encode(_one_byte(decode(answer["package"])))})
        return to_bytes({**answer, part: {**_SIGNED, **_RECEIPTS}[how](answer[part], world)})

    line.changes = {**line.changes, target: changed}


def _one_byte(data: bytes) -> bytes:
    changed = bytearray(data)
    changed[len(changed) // 2] ^= 1
    return bytes(changed)


def _signature_changed(message: Json) -> Json:
    """What the office signed says all that it said, and its signature does not fit."""
    return {**message, "signature": encode(_one_byte(decode(message["signature"])))}


def _seals_changed(store: Json) -> Json:
    """A key store's sealed key changed: it opens with no PIN."""
    seals = {which: {**seal, "blob": encode(_one_byte(decode(seal["blob"])))} for which, seal in store["seals"].items()}
    return {**store, "seals": seals}


def _said(message: Json) -> Json:
    return from_bytes(payload_in(message))


def _other_purpose(message: Json, world: World) -> Json:
    """The same words, signed by the office with its other key: a release as receipts are, all else as releases are."""
    signed = release_sign(world.keys, _said(message))
    return office_sign(world.keys, _said(message)) if signed["protected"] == message["protected"] else signed


_FILES = {
    "backup": "backup.p12", "manifest": "manifest.json", "keystore": "keystore.json", "receipt": "/receipts/",
    "driver": "driver/package", "driver-manifest": "driver/installed.json",
}  # fmt: skip
_BYTES: dict[str, Callable[[bytes], bytes]] = {
    "one-byte": _one_byte,
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
}
_ONE_BYTE: dict[str, Callable[[Json], Json]] = {
    "keystore": _seals_changed,
    **dict.fromkeys(("manifest", "driver-manifest", "receipt"), _signature_changed),
}
"""Files in which the byte is not just any one; in the others it is the one in the middle."""
_SIGNED: dict[str, Callable[[Json, World], Json]] = {
    "unsigned": lambda message, world: {**message, "signature": encode(bytes(64))},
    # Every word and certificate in its place, and a signature that is not the office's.
    "signed-by-another": signed_anew({}),
    # The same words, well signed by an office that this computer does not trust.
    "another-office": lambda message, world: office_sign(office_keys(world.seed + 1), _said(message)),
    "other-purpose": _other_purpose,
    # As a later office would sign it, with the office's own key.
    "newer-format": lambda message, world: office_sign(world.keys, {**_said(message), "format": 2}),
}
_RECEIPTS: dict[str, Callable[[Json, World], Json]] = {
    # As a faulty office would sign it, with its own key: for something else, or in somebody else's name.
    "other-content": lambda message, world: office_sign(world.keys, {**_said(message), "sha256": sha256(b"other")}),
    "other-serial": lambda message, world: office_sign(world.keys, {**_said(message), "serial": "4711"}),
}


def _seal_anew(element: Element, slot: str) -> None:
    """Seal something with a PIN of one's own, and open it: a success clears a count."""
    with suppress(ValueError):  # an epoch has one seal
        element.unseal(slot, "malware!", element.seal(slot, "malware!", b"malware"))


_CALLED: dict[str, Callable[[Element, str], None]] = {
    "sealed-anew": _seal_anew,
    "epoch-advanced": lambda element, slot: element.advance_epoch(slot),
    "slot-forgotten": lambda element, slot: element.forget(slot),
}
"""What malware on a computer may ask of its secure element without knowing a PIN."""
_FILE = (*_BYTES, "removed", "renamed")
_BY_ANOTHER = tuple(how for how in _SIGNED if how != "newer-format")
HOWS: dict[str, tuple[str, ...]] = {
    "backup": _FILE,
    "manifest": (*_FILE, *_SIGNED),
    "keystore": _FILE,
    "driver": _FILE,
    "driver-manifest": (*_FILE, *_BY_ANOTHER),
    "driver-download": ("genuine", "one-byte", "older", *_BY_ANOTHER),
    "receipt": (*_FILE, *_BY_ANOTHER),
    "receipt-download": ("genuine", *_BY_ANOTHER, *_RECEIPTS),
    "element": tuple(_CALLED),
}
"""How each thing can be altered. Of what the office signs only a backup's manifest states a format."""


# An insider at the office


def tamper(world: World, what: str, of: str, to: str) -> None:
    """Change the database behind the office's back."""
    values: dict[str, Any] = {}
    if of:
        values = {"application": knowing.application_of(world, of), "serial": knowing.serial_if_any(world, of)}
    if to:
        values["device"] = device_of(world.places[to])
        values["der"] = next((store.certificate for store in world.places[to].driver.keys.all()), b"")
    with world.store.begin() as connection:
        for statement in _TAMPERED[what]:
            connection.exec_driver_sql(statement, values)


_TAMPERED = {
    "rebind": ["UPDATE bindings SET device = :device WHERE serial = :serial AND state = 'bound'"],
    "audit-removed": ["DELETE FROM audit WHERE seq = 3"],
    "audit-changed": ["UPDATE audit SET at = at + 1 WHERE seq = 3"],
    "audit-reordered": [
        "UPDATE audit SET seq = -1 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 4",
        "UPDATE audit SET seq = 4 WHERE seq = -1",
    ],
    "address-live": ["UPDATE addresses SET state = 'live', used_at = NULL WHERE application = :application"],
    "address-longer": ["UPDATE addresses SET expires_at = expires_at + 86400 WHERE application = :application"],
    "certificate-unrevoked": [
        "UPDATE certificates SET state = 'active', revoked_at = NULL, revocation_reason = '' WHERE serial = :serial",
        "UPDATE applications SET state = 'certified' WHERE id = :application",
    ],
    "certificate-exchanged": ["UPDATE certificates SET der = :der WHERE serial = :serial"],
    "backup-unspent": ["UPDATE backups SET state = 'registered' WHERE serial = :serial AND state = 'spent'"],
    "session-live": ["UPDATE sessions SET state = 'live' WHERE serial = :serial"],
    "tries": ["UPDATE applications SET activation_tries = 0 WHERE id = :application"],
    "time": ["UPDATE time SET latest = 0"],
}
