"""What is changed behind somebody's back: files, what a line brings, a secure element, the office's database."""

import json
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
    possible = _POSSIBLE.get(what, ("removed", "renamed", *_BYTES, *_SIGNED))
    if how not in possible:
        raise CheckFailed(f"one of {', '.join(possible)} for {what}", how)
    if what == "element":
        place = world.places[on]
        for store in place.driver.keys.all():
            _CALLED[how](place.machine.element, store.slot)
    elif what.endswith("-download"):
        _alter_download(world, world.places[on].line, what, how)
    else:
        _alter_files(world, what, on, how)


def _alter_files(world: World, what: str, on: str, how: str) -> None:
    disk = world.places[on].machine.disk if on in world.places else world.drives[on].disk
    found = [path for path in disk.files() if _FILES[what] in path]
    if not found:
        raise CheckFailed(f"a {what} on {on}", ", ".join(disk.files()) or "nothing")
    for path in found:
        data = disk.files()[path]
        if how == "removed":
            disk.remove(path)
            disk.settle()
        elif how == "renamed":
            _rename(disk, path.rpartition("/")[0])
        elif how in _BYTES:
            disk.put({path: _BYTES[how](data)})
        else:
            disk.put({path: to_bytes(_SIGNED[how](json.loads(data), world))})


def _rename(disk: SimDisk, folder: str) -> None:
    """Give a backup's folder, which bears its number, another number."""
    number = folder.rpartition("-")[2]
    for path, data in disk.files().items():
        if path.startswith(f"{folder}/"):
            disk.put({path.replace(number, number[::-1]): data})
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
_POSSIBLE = {
    "driver-download": ("genuine", "one-byte", "older", *_SIGNED),
    "receipt-download": ("genuine", *_SIGNED, *_RECEIPTS),
    "element": tuple(_CALLED),
}


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
