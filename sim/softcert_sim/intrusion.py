"""What attackers do: read, copy, guess, replay, forge. They have what their scenario gave them, and no more."""

import email.message
import email.policy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from softcert.backup import unpack
from softcert.driver import Driver
from softcert.errors import Refused, Rejected
from softcert.exchange import Inner
from softcert.form import credit_code_check_digit
from softcert.keystore import KeyStore
from softcert.ports import Request, Response
from softcert.protocol import DIRECTORY, JOSE, Json, Signer, encode, from_bytes, signer_of, to_bytes
from softcert.trust import serial_of
from softcert_mailbox.scanner import scan_address
from softcert_sim import knowing
from softcert_sim.forgery import header_in, own_key, payload_in, put_certificate, signed_anew
from softcert_sim.naming import payload_of
from softcert_sim.people import Topic
from softcert_sim.scenario.registry import CheckFailed
from softcert_sim.wire import Exchange
from softcert_sim.world import World

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


def ask_again(world: World, at: str, label: str, content: str) -> Response:
    """The first signed request of a step under its id, made anew at a computer. Raises what the answer says."""
    captured, driver = _captured(world, label), world.places[at].driver
    said = payload_of(captured)
    asked = {name: value for name, value in said.items() if name not in _OWN}
    inner = None
    if message := asked.pop("inner", None):
        meant = from_bytes(payload_in(message))
        inner = Inner(signer_of(own_key(world)), header_in(message)["serial"], meant["content"])
    if content == "other":
        asked["reviewed"] = "otherwise"
    nonce = _fresh_nonce(driver)
    made = driver.payload(said["act"], captured.target, asked, nonce, said["request_id"], inner)
    return world.checked(driver.computer.wire.send(driver.envelope(captured.target, made, nonce)))


_OWN = ("act", "request_id", "driver", "hardware", "acknowledges")
"""What a driver writes into every payload by itself."""


def _fresh_nonce(driver: Driver) -> str:
    return driver.computer.wire.send(Request("HEAD", DIRECTORY["newNonce"])).header("replay-nonce")


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
    driver = world.places[at].driver
    nonce = _fresh_nonce(driver)
    if act not in _INNER.get(how, (act,)):
        raise CheckFailed(f"`act: {' or '.join(_INNER[how])}`: only there is an inner message for {how}", act)
    address = world.people.recall(by, "address", of) if act == "download" else DIRECTORY[act]
    target = address.removeprefix(world.origin)
    content: Json = {name: world.people.recall(by, name, of) for name in _SAID.get(act, ())}
    inner = None if act == "withdraw" else _inner(world, by, at, of, act, content)
    if inner and how == "inner-by-another-key":
        inner = replace(inner, signer=signer_of(own_key(world)))
    if how == "stale-nonce":
        world.clock.advance(2 * 3600)
    made = driver.payload(act, target, content, nonce, encode(driver.computer.entropy.bytes(16)), inner)
    if how == "swapped-inner":
        made["inner"] = driver.payload("file", DIRECTORY["file"], {}, nonce, "x" * 22, inner)["inner"]
    if how == "filing-changed":
        meant = from_bytes(payload_in(made["inner"]))
        meant["content"]["filing"]["text"] = "Trademark 影子, all classes"
        made["inner"] = {**made["inner"], "payload": encode(to_bytes(meant))}
    request = driver.envelope(target, made, nonce)
    wrong = _WRONG.get(how, lambda message, world: message)(json.loads(request.body), world)
    body = wrong if isinstance(wrong, bytes) else to_bytes(wrong)
    method = "PUT" if how == "other-method" else "POST"
    return world.checked(driver.computer.wire.send(Request(method, target, (("content-type", JOSE),), body)))


def _inner(world: World, by: str, at: str, of: str, act: str, content: Json) -> Inner:
    """What the key in the key store at a computer signs for an act; before the download there is no certificate."""
    store, signer = _open_key(world, by, at, of, certified=act != "download")
    if act == "download":
        return Inner(signer, "", {})
    said: Json = {"certificate": encode(store.certificate)}
    if act == "file":
        said = {**content, "filing": {"kind": "registration", "text": "Trademark 影子, class 35: shells"}}
    if act == "recover":
        said["backup"] = world.people.recall(by, "backup", of)
        said["proof"] = world.people.recall(by, "activation-code", of)
    return Inner(signer, serial_of(store.certificate), said)


def _open_key(world: World, by: str, at: str, of: str, *, certified: bool) -> tuple[KeyStore, Signer]:
    keys = world.places[at].driver.keys
    store = next((store for store in keys.all() if bool(store.certificate) == certified), None)
    if store is None:
        raise CheckFailed(f"a {'certificate' if certified else 'key without a certificate'} at {at}", "none")
    _, key = keys.open(store, knowing.known_pin(world, by, of))
    if key is None:
        raise CheckFailed("a PIN that opens the key", "it does not")
    return store, key.signer


_SAID: dict[str, tuple[Topic, ...]] = {"withdraw": ("application",), "file": ("session",)}
"""What an act says outside the inner message."""
_INNER = {
    "swapped-inner": ("login", "file"), "inner-by-another-key": ("login", "file", "download"),
    "filing-changed": ("file",),
}  # fmt: skip
_WRONG: dict[str, Callable[[Json, World], Json | bytes]] = {
    "alg-none": signed_anew({"alg": "none"}),
    "wrong-key": signed_anew({}),
    "foreign-key": signed_anew({}, signed_by="own"),
    "unprotected-header": lambda message, world: {**message, "header": {"kid": "1"}},
    "other-url": signed_anew({"url": "https://elsewhere.example/login"}, signed_by="own"),
    "invented-nonce": signed_anew({"nonce": "A" * 43}, signed_by="own"),
    "no-nonce": signed_anew({"nonce": ""}, signed_by="own"),
    "extra-header": signed_anew({"crit": ["x"], "x": 1}, signed_by="own"),
    "changed-body": lambda message, world: {**message, "payload": encode(payload_in(message).replace(b'"act"', b'"Act"'))},
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


# Forging


def forge(world: World, what: str, of: str, at: str | None) -> None:
    """A false mail of the office, or a false certificate in a key store."""
    if what == "mail":
        world.post.send(f"no-reply@{STRANGER[8:]}", world.people[of].mailbox, _false_mail(world, of))
        world.people.learn(of, "address", of, f"{STRANGER}/download/{'A' * 22}.{'B' * 43}")
        return
    if at is None:
        raise CheckFailed("`at`: the computer with the key store", "nothing")
    put_certificate(world, at, what.removeprefix("certificate-"), own_key(world))


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
