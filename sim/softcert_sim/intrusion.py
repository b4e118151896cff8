"""What attackers do: read, copy, guess, replay, forge. They have what their scenario gave them, and no more."""

import email.message
import email.policy
from dataclasses import replace
from typing import Any

from softcert.backup import unpack
from softcert.driver import Driver
from softcert.errors import Refused, Rejected
from softcert.exchange import Inner
from softcert.form import credit_code_check_digit
from softcert.ports import Request, Response
from softcert.protocol import DIRECTORY, encode, from_bytes, signer_of, to_bytes
from softcert_mailbox.scanner import scan_address
from softcert_sim import knowing
from softcert_sim.forgery import header_in, own_key, payload_in, put_certificate
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
    """The first signed request of a step under its id, made anew at a computer, or the acknowledgement of its answer.
    Raises what the answer says."""
    captured, driver = _captured(world, label), world.places[at].driver
    said = payload_of(captured)
    if content == "acknowledgement":
        meant = {"act": said["act"], "request_id": said["request_id"]}
        return Response(200, body=to_bytes(driver.signed("acknowledge", DIRECTORY["acknowledge"], {"acknowledges": meant})))
    asked = {name: value for name, value in said.items() if name not in _OWN}
    inner = None
    if message := asked.pop("inner", None):
        meant = from_bytes(payload_in(message))
        inner = Inner(signer_of(own_key(world)), header_in(message)["serial"], meant["content"])
    if content == "other":
        asked["reviewed"] = "otherwise"
    nonce = fresh_nonce(driver)
    made = driver.payload(said["act"], captured.target, asked, nonce, said["request_id"], inner)
    return world.checked(driver.computer.wire.send(driver.envelope(captured.target, made, nonce)))


_OWN = ("act", "request_id", "driver", "hardware", "acknowledges")
"""What a driver writes into every payload by itself."""


def fresh_nonce(driver: Driver) -> str:
    """One that the office just gave."""
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
    driver.download(f"{world.origin}/download/{knowing.application_of(world, of)}.{encode(random)}")


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
