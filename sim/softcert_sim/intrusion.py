"""What attackers do: read, copy, guess, alter, replay, forge. They have what their scenario gave them, and no more."""

import email.message
import email.policy
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from softcert.backup import unpack
from softcert.driver import Driver
from softcert.element import Element
from softcert.errors import Refused, Rejected
from softcert.exchange import Inner
from softcert.form import credit_code_check_digit
from softcert.ports import Request, Response
from softcert.protocol import DIRECTORY, JOSE, Json, decode, encode, from_bytes, jwk_of, sign, signer_of, to_bytes
from softcert_ca.pki import office_sign
from softcert_mailbox.scanner import scan_address
from softcert_sim import knowing
from softcert_sim.forgery import put_certificate
from softcert_sim.people import Topic
from softcert_sim.scenario.registry import CheckFailed
from softcert_sim.wire import Exchange
from softcert_sim.witness import device_of
from softcert_sim.world import World, office_keys

STRANGER = "https://sbj-office.example"
"""Where a forged mail leads."""
TOPICS: dict[str, tuple[Topic, ...]] = {
    "everything": ("address", "activation-code", "pin", "password", "application", "session", "backup"),
}


# Stealing


def steal(world: World, by: str, what: str, of: str) -> None:
    """Learn what another knows; the mailbox is read as its owner would read it."""
    if what in ("mailbox", "everything"):
        for mail in knowing.mails_of(world, of):
            for address in mail.addresses():
                if "/download/" in address:
                    world.people.learn(by, "address", of, address)
    for topic in TOPICS.get(what, (what,) if what != "mailbox" else ()):
        for value in world.people.knows(of, topic, of):  # type: ignore[arg-type]
            world.people.learn(by, topic, of, value)  # type: ignore[arg-type]


# Requests


def replay(world: World, sender: str, label: str) -> Response:
    """Send the first signed request of a step again, byte for byte. Raises what the answer says."""
    return world.checked(world.wire(sender).replay(_captured(world, label)))


def _captured(world: World, label: str) -> Exchange:
    begin, end = world.trace.labelled(label).exchanges
    for exchange in world.recorder.exchanges[begin:end]:
        if exchange.method == "POST" and exchange.target != DIRECTORY["acknowledge"]:
            return exchange
    raise CheckFailed(f"a signed request in step '{label}'", "none")


def scan(world: World, by: str, of: str) -> list[int]:
    """Every status that a mail scanner got."""
    steal(world, by, "mailbox", of)
    wire = world.wire(by)

    def send(method: str, url: str, headers: Any, body: bytes) -> tuple[int, bytes]:
        response = wire.send(Request(method, url.removeprefix(world.origin), tuple(headers.items()), body))
        return response.status, response.body

    mails = knowing.mails_of(world, of)
    addresses = [address for mail in mails for address in mail.addresses() if address.startswith(world.origin)]
    if not addresses:
        raise CheckFailed("an address in a mail", knowing.mails_in_words(world, of))
    return [visit.status for address in addresses for visit in scan_address(address, send)]


def forge_jws(world: World, by: str, at: str, how: str, act: str, of: str) -> Response:
    """One signed request that is wrong in one way. Raises what the answer says."""
    driver, target = world.places[at].driver, DIRECTORY[act]
    nonce = driver.computer.wire.send(Request("HEAD", DIRECTORY["newNonce"])).header("replay-nonce")
    if how in _INNER and act == "withdraw":
        raise CheckFailed(f"`act: login` or `act: file`: only these have an inner message for {how}", act)
    inner = None
    content: Json = {"application": world.people.recall(by, "application", of)} if act == "withdraw" else {}
    if act != "withdraw":
        store, key = _open_key(world, by, at, of)
        said: Json = {"certificate": encode(store.certificate)}
        if act == "file":
            content = {"session": world.people.recall(by, "session", of)}
            said = {**content, "filing": {"kind": "registration", "text": "Trademark 影子, class 35: shells"}}
        signer = signer_of(_key(world)) if how == "inner-by-another-key" else key.signer
        inner = Inner(signer, world.people.recall(by, "serial", of), said)
    if how == "stale-nonce":
        world.clock.advance(2 * 3600)
    made = driver.payload(act, target, content, nonce, encode(driver.computer.entropy.bytes(16)), inner)
    if how == "swapped-inner":
        made["inner"] = driver.payload("file", DIRECTORY["file"], {}, nonce, "x" * 22, inner)["inner"]
    request = driver.envelope(target, made, nonce)
    wrong = _WRONG.get(how, lambda message, world: message)(json.loads(request.body), world)
    body = wrong if isinstance(wrong, bytes) else to_bytes(wrong)
    return world.checked(driver.computer.wire.send(Request("POST", target, (("content-type", JOSE),), body)))


def _open_key(world: World, by: str, at: str, of: str) -> Any:
    keys = world.places[at].driver.keys
    store = next((store for store in keys.all() if store.certificate), None)
    if store is None:
        raise CheckFailed(f"a certificate at {at}", "none")
    _, key = keys.open(store, knowing.known_pin(world, by, of))
    if key is None:
        raise CheckFailed("a PIN that opens the key", "it does not")
    return store, key


def _header(message: Json) -> Json:
    return json.loads(decode(message["protected"]))


def _with_header(changes: Json, *, signed_by: str = "other") -> Callable[[Json, World], Json]:
    """The header changed, and the whole signed anew by a key of the attacker's."""

    def forge(message: Json, world: World) -> Json:
        key = _key(world)
        header = {**_header(message), **changes}
        if signed_by == "own":
            header["jwk"] = jwk_of(key.public_key())
        payload = _payload(message)
        made = sign({name: value for name, value in header.items() if name != "alg"}, payload, signer_of(key))
        if "alg" in changes:
            made["protected"] = encode(to_bytes(header))
        return made

    return forge


def _payload(message: Json) -> bytes:
    return decode(message["payload"])


def _key(world: World) -> ec.EllipticCurvePrivateKey:
    seed = int.from_bytes(world.entropy.stream("attacker").bytes(31), "big")
    return ec.derive_private_key(seed + 1, ec.SECP256R1())


_INNER = ("swapped-inner", "inner-by-another-key")
_WRONG: dict[str, Callable[[Json, World], Json | bytes]] = {
    "alg-none": _with_header({"alg": "none"}),
    "wrong-key": _with_header({}),
    "foreign-key": _with_header({}, signed_by="own"),
    "unprotected-header": lambda message, world: {**message, "header": {"kid": "1"}},
    "other-url": _with_header({"url": "https://elsewhere.example/login"}, signed_by="own"),
    "invented-nonce": _with_header({"nonce": "A" * 43}, signed_by="own"),
    "no-nonce": _with_header({"nonce": ""}, signed_by="own"),
    "extra-header": _with_header({"crit": ["x"], "x": 1}, signed_by="own"),
    "changed-body": lambda message, world: {**message, "payload": encode(_payload(message).replace(b'"act"', b'"Act"'))},
    "deep-json": lambda message, world: b'{"payload":' * 5_000,
    "bad-utf8": lambda message, world: b'{"payload": "\xff\xfe"}',
    "too-large": lambda message, world: {**message, "payload": "A" * 200_000},
}


# Guessing


def guess(world: World, by: str, what: str, of: str, at: str, times: int) -> None:
    """Guess through the driver; the outcome of the last guess is raised."""
    entropy = world.entropy.stream("attacker")
    for left in reversed(range(times)):
        try:
            with world.using(at) as driver:
                _GUESSES[what](world, at, driver, by, of, entropy.bytes(32))
        except (Refused, Rejected):
            if left == 0:
                raise


def _guess_address(world: World, at: str, driver: Driver, by: str, of: str, random: bytes) -> None:
    driver.download(f"{world.origin}/download/{encode(random[:16])}.{encode(random)}")


def _guess_code(world: World, at: str, driver: Driver, by: str, of: str, random: bytes) -> None:
    driver.activate(random.hex()[:10].upper())


def _guess_pin(world: World, at: str, driver: Driver, by: str, of: str, random: bytes) -> None:
    driver.login(f"x{random.hex()[:9]}", name=knowing.applicant_name(world, of))


def _guess_password(world: World, at: str, driver: Driver, by: str, of: str, random: bytes) -> None:
    drive = knowing.plugged_at(world, at)
    driver.recover(drive, random.hex()[:12], "", world.people[by].pin, name=knowing.applicant_name(world, of))


def _guess_proof(world: World, at: str, driver: Driver, by: str, of: str, random: bytes) -> None:
    drive = knowing.plugged_at(world, at)
    password = world.people.recall(by, "password", of)
    proof = random.hex()[:10].upper()
    driver.recover(drive, password, proof, world.people[by].pin, name=knowing.applicant_name(world, of))


_GUESSES = {
    "address": _guess_address,
    "activation-code": _guess_code,
    "pin": _guess_pin,
    "password": _guess_password,
    "recovery-code": _guess_proof,
}


def flood(world: World, by: str, at: str, times: int, mailbox: str) -> None:
    """Send applications in ever new names; the outcome of the last one is raised."""
    for number in range(times):
        base = f"9133010{number:010d}"
        changes = {
            "applicant-type": "company", "name": f"Shell company {number}", "contact": "nobody",
            "credit-code": base + credit_code_check_digit(base), "identity-number": "",
            **({"mailbox": mailbox} if mailbox else {}),
        }  # fmt: skip
        try:
            with world.using(at) as driver:
                driver.apply(world.people[by].form(changes), reviewed=True)
        except (Refused, Rejected):
            if number == times - 1:
                raise


# Forging and altering


def forge(world: World, by: str, what: str, of: str, at: str | None) -> None:
    """A false mail of the office, or a false certificate in a key store."""
    if what == "mail":
        world.post.send(f"no-reply@{STRANGER[8:]}", world.people[of].mailbox, _false_mail(world, of))
        world.people.learn(of, "address", of, f"{STRANGER}/download/{'A' * 22}.{'B' * 43}")
        return
    if at is None:
        raise CheckFailed("`at`: the computer with the key store", "nothing")
    put_certificate(world, at, what.removeprefix("certificate-"), _key(world))


def _false_mail(world: World, of: str) -> bytes:
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"] = f"no-reply@{STRANGER[8:]}", world.people[of].mailbox
    mail["Subject"] = "Your soft certificate is ready"
    mail["Message-ID"] = f"<forged@{STRANGER[8:]}>"
    mail["X-Softcert-Purpose"] = "result"
    mail.set_content(f"Download it at once:\n{STRANGER}/download/{'A' * 22}.{'B' * 43}\n")
    return bytes(mail)


def extract(world: World, by: str, at: str, of: str, password: str) -> None:
    """Put the key of a backup into the key stores of a computer. Raises CheckFailed where nothing opens."""
    driver = world.places[at].driver
    found = driver.backups(knowing.plugged_at(world, at))
    contents = unpack(found[0].package, password or world.people.recall(by, "password", of)) if found else None
    if contents is None:
        raise CheckFailed("a backup that the password opens", "none")
    pin = world.people[by].pin
    store = driver.keys.create(found[0].name, pin, contents.scalar)
    driver.keys.save(replace(store, certificate=contents.certificate, chain=contents.chain))
    world.people.learn(by, "pin", of, pin)


def alter(world: World, what: str, on: str, how: str) -> None:
    """Change stored bytes, or what the line to a computer brings. Raises CheckFailed when there is nothing to change."""
    possible = {"driver-download": _DOWNLOADED, "element": tuple(_CALLED)}.get(what, ("removed", *_ALTERED))
    if how not in possible:
        raise CheckFailed(f"one of {', '.join(possible)} for {what}", how)
    if what == "element":
        for store in world.places[on].driver.keys.all():
            _CALLED[how](world.places[on].machine.element, store.slot)
        return
    if what == "driver-download":
        line = world.places[on].line
        if how == "older":
            line.kept = line.kept or line.wire.send(Request("GET", DIRECTORY["driver"])).body
        line.package = "" if how == "genuine" else how
        return
    disk = world.places[on].machine.disk if on in world.places else world.drives[on].disk
    found = [path for path in disk.files() if _FILES[what] in path]
    if not found:
        raise CheckFailed(f"a {what} on {on}", ", ".join(disk.files()) or "nothing")
    for path in found:
        data = disk.files()[path]
        if how == "removed":
            disk.remove(path)
            disk.settle()
        else:
            disk.put({path: _ALTERED[how](data, world)})


def _one_byte(data: bytes, world: World) -> bytes:
    changed = bytearray(data)
    changed[len(changed) // 2] ^= 1
    return bytes(changed)


def _signed_by_another(data: bytes, world: World) -> bytes:
    """A manifest with every word and certificate in its place, and a signature that is not the office's."""
    return to_bytes(_with_header({})(json.loads(data), world))


def _another_office(data: bytes, world: World) -> bytes:
    """A manifest of the same words, well signed by an office that this computer does not trust."""
    return to_bytes(office_sign(office_keys(world.seed + 1), from_bytes(_payload(json.loads(data)))))


def _newer_format(data: bytes, world: World) -> bytes:
    """A manifest as a later office would sign it, with the office's own key."""
    said = from_bytes(_payload(json.loads(data)))
    return to_bytes(office_sign(world.keys, {**said, "format": said["format"] + 1}))


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
_FILES = {
    "backup": "backup.p12", "manifest": "manifest.json", "keystore": "keystore.json", "receipt": "/receipts/",
    "driver": "driver/package", "driver-manifest": "driver/installed.json",
}  # fmt: skip
_DOWNLOADED = ("one-byte", "unsigned", "older", "genuine")
_ALTERED: dict[str, Callable[[bytes, World], bytes]] = {
    "one-byte": _one_byte,
    "cut": lambda data, world: data[: len(data) // 2],
    "empty": lambda data, world: b"",
    "newer-format": _newer_format,
    "signed-by-another": _signed_by_another,
    "another-office": _another_office,
}


# An insider at the office


def tamper(world: World, what: str, of: str, to: str) -> None:
    """Change the database behind the office's back."""
    values: dict[str, Any] = {}
    if of:
        values = {"application": knowing.application_of(world, of), "serial": knowing.serial_if_any(world, of)}
    if to:
        values["device"] = device_of(world.places[to])
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
    "backup-unspent": ["UPDATE backups SET state = 'registered' WHERE serial = :serial AND state = 'spent'"],
    "session-live": ["UPDATE sessions SET state = 'live' WHERE serial = :serial"],
    "tries": ["UPDATE applications SET activation_tries = 0 WHERE id = :application"],
    "time": ["UPDATE time SET latest = 0"],
}
