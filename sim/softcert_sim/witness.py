"""What invariants and checks ask of a world: who has which key, and where a secret stands in clear."""

import base64
import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import OCSPRequestBuilder, load_der_ocsp_response

from softcert.errors import Rejected
from softcert.ports import Request
from softcert.protocol import DIRECTORY, decode, from_bytes, thumbprint
from softcert.release import installed
from softcert.rules.catalogue import INITIAL_PIN
from softcert.trust import read_answer
from softcert_ca.keys import OfficeKeys
from softcert_mailbox.message import Message
from softcert_sim import knowing, opened
from softcert_sim.heard import HEARD
from softcert_sim.people import Topic
from softcert_sim.scenario.registry import CheckFailed
from softcert_sim.wire import Exchange
from softcert_sim.world import Place, World

CODE_SENT = ("/activate", "/recover")
"""Where a request may carry the activation code: inside TLS, to the office that made it."""
CODE_SHOWN = ("/apply", "/new-code")
"""Where an answer may carry it: at its one showing."""
_KEYS = "softcert/keys/"


def device_of(place: Place) -> str:
    """The thumbprint of a computer's device key, or an empty string."""
    key = place.machine.element.public_key("device")
    return thumbprint(key) if key else ""


def computers_of(world: World, device: str) -> list[str]:
    """The computers that can sign with this device key: one, unless an element was copied."""
    return [name for name, place in world.places.items() if device_of(place) == device]


def bound_computers(world: World, serial: str) -> list[str]:
    """The computers to which a certificate is bound."""
    return [name for device in world.records.bound(serial) for name in computers_of(world, device)]


def has_key(world: World, device: str, serial: str) -> bool:
    """Whether a computer with this device key holds the certificate's key on its disk (or lost its disk on purpose)."""
    key = world.records.certificate_key(serial)
    places = [world.places[name] for name in computers_of(world, device)]
    return not places or any(place.wiped or key in public_keys_on(place) for place in places)


def public_keys_on(place: Place) -> list[str]:
    """The public keys of all key stores on a disk, as thumbprints."""
    stores = (data for path, data in place.machine.disk.files().items() if path.startswith(_KEYS))
    return [thumbprint(store["public_key"]) for store in map(_json, stores) if "public_key" in store]


def _json(data: bytes) -> dict[str, Any]:
    try:
        return json.loads(data)
    except ValueError:
        return {}


class Looks:
    """How something looks in clear, in one way or another; `before` has more, which most was looked at for already.
    Known by its identity, so that asking again costs little."""

    def __init__(self, *looks: bytes, before: "Looks | None" = None) -> None:
        self.all, self.before = looks, before


@lru_cache(maxsize=4096)
def patterns(secret: str) -> Looks:
    """How a text looks in clear: as it is, in hexadecimal, and inside base64 at each of three offsets.

    A code is also looked for without its hyphen and in small letters, as people type it.
    """
    return Looks(*(look for spelling in _spellings(secret) for look in _in_clear(spelling.encode())))


def _in_clear(raw: bytes) -> Iterator[bytes]:
    yield raw
    yield raw.hex().encode()
    for offset in range(3):
        text = base64.urlsafe_b64encode(b"\0" * offset + raw).rstrip(b"=")
        # Symbols that a neighbouring byte would change are cut off at both ends.
        yield text[(offset * 8 + 5) // 6 : len(text) - ((len(raw) + offset) % 3 != 0)]


def _spellings(secret: str) -> list[str]:
    if not secret.isupper():
        return [secret]
    bare = secret.replace("-", "")
    return [secret, bare, secret.lower(), bare.lower()]


class Piece(NamedTuple):
    """Bytes that stand somewhere. `path` is that of a message's request, `way` its direction; both empty otherwise."""

    place: str
    data: bytes
    path: str = ""
    way: Literal["", "request", "answer"] = ""


def places_of(world: World, secret: str, *, requests: bool = False, every_message: bool = False) -> Iterator[str]:
    """Where a secret stands in clear that must stand nowhere. `requests`: nor in any request."""
    looks = patterns(secret)
    for piece in (*_kept(world), *_said(world, every_message=every_message)):
        if piece.path in CODE_SHOWN and piece.way == "answer":
            continue
        if piece.path in CODE_SENT and piece.way == "request" and not requests:
            continue
        if _shows(piece.data, looks):
            yield piece.place


@lru_cache(maxsize=32768)
def _shows(data: bytes, looks: Looks) -> bool:
    """Whether one of these stands in it. Most of what there is was looked at after the step before."""
    if looks.before is not None and _shows(data, looks.before):
        return True
    for look in looks.all:  # noqa: SIM110 (asked a million times; `any` takes twice as long)
        if look in data:
            return True
    return False


def _said(world: World, *, every_message: bool) -> Iterator[Piece]:
    """Messages with their signed payloads laid open: those of the latest step (of the first also what came before it),
    or every one.
    """
    marks = world.trace.marks
    begin = 0 if every_message or len(marks) < 2 else marks[-1].exchanges[0]
    for exchange in world.recorder.exchanges[begin:]:
        path = exchange.target.partition("?")[0]
        yield Piece(f"the answer to {exchange.method} {path}", exchange.response or b"", path, "answer")
        for data in (exchange.request, *opened.signed_parts(exchange.request)):
            yield Piece(f"a request to {path}", data, path, "request")


def _kept(world: World) -> Sequence[Piece]:
    """All that is kept anywhere; gathered once after each step."""
    if world.gathered[0] is not world.trace:
        world.gathered = (world.trace, [Piece(*it) for it in _everything(world)])
    return world.gathered[1]


def _everything(world: World) -> Iterator[tuple[str, bytes]]:
    yield from (("the office's database", page) for page in world.records.pages())
    for mail in world.inbox.messages():
        yield f"a mail to {mail.recipient}", mail.raw
        yield f"a mail to {mail.recipient}", mail.text.encode()
    for name, disk in world.volumes():
        for path, data in disk.files().items():
            yield f"{path} on {name}", data
    for line in HEARD.lines:
        yield "the log", line.encode()


def payload_of(exchange: Exchange) -> dict[str, Any]:
    """What a signed request says; empty for any other."""
    try:
        return from_bytes(decode(str(from_bytes(exchange.request.partition(b"\r\n\r\n")[2]).get("payload", ""))))
    except Rejected:
        return {}


def showings(world: World, since: int = 0) -> Iterator[tuple[str, str, str]]:
    """(activation code, request id, application) for each answer that showed one, from exchange `since` on."""
    for exchange in world.recorder.exchanges[since:]:
        if exchange.target in CODE_SHOWN and exchange.response is not None:
            answer, asked = _json(exchange.response.partition(b"\r\n\r\n")[2]), payload_of(exchange)
            if answer.get("activation_code"):
                application = answer.get("application") or asked.get("application")
                yield str(answer["activation_code"]), str(asked.get("request_id")), str(application)


def still_kept(world: World) -> Iterator[tuple[str, str]]:
    """(act, request id) of each answer that was acknowledged in the last step, and that the office would repeat."""
    for exchange in world.recorder.exchanges[slice(*world.trace.last.exchanges)]:
        if exchange.target == DIRECTORY["acknowledge"] and (exchange.response or b"").startswith(b"HTTP/1.1 200"):
            meant: dict[str, str] = payload_of(exchange).get("acknowledges", {})
            number, act = meant.get("request_id"), str(meant.get("act"))
            if world.records.value("SELECT 1 FROM repeats WHERE request_id = :id AND act = :act", id=number, act=act):
                yield act, str(number)


def shown_at_the_desk(world: World, application: str) -> str:
    """What the examiner sees of an application."""
    return json.dumps(world.desk("GET", f"/applications/{application}"), ensure_ascii=False)


def chosen(world: World, topic: Topic) -> list[tuple[str, str]]:
    """Every secret of a kind that anybody chose or got, with its owner."""
    return [
        (value, about)
        for (known, about), values in world.people.minds.get("", {}).items()
        if known == topic
        for value in values
    ]


def office_mails(world: World) -> Sequence[Message]:
    """Every mail that the office really sent, whatever mailbox it is in."""
    return [mail for mail in world.inbox.messages() if mail.sender.endswith(f"@{world.origin.partition('//')[2]}")]


_IN_PKCS8 = bytes.fromhex("06082a8648ce3d030107046d306b0201010420")
_MARKS = (
    b"BEGIN PRIVATE KEY-----", b"BEGIN EC PRIVATE KEY-----",
    _IN_PKCS8[-5:], b"MHcCAQEEI", *list(_in_clear(_IN_PKCS8))[2:],
)  # fmt: skip
"""How anybody's unprotected P-256 key looks, in PEM and in DER (RFC 5915, as it is and inside of PKCS#8): an
ECPrivateKey has version 1 and 32 bytes. The same in base64; long marks are found faster than short ones."""
_ELEMENT_FILE = "softcert/element.json on "
"""A software element's own file; that its device key stands there in clear is a stated limit."""


@lru_cache(maxsize=1024)
def _keys_in_clear(office: OfficeKeys, scalars: tuple[bytes, ...]) -> Looks:
    if scalars:
        return Looks(*_in_clear(scalars[-1]), before=_keys_in_clear(office, scalars[:-1]))
    keys = (office.root_key, office.issuing_key, office.release_key, office.office_key)
    own = [key.private_numbers().private_value.to_bytes(32, "big") for key in keys]
    own += [office.ocsp_key.private_bytes_raw(), office.token_key, office.nonce_key, office.code_key]
    return Looks(*_MARKS, *(look for secret in own for look in _in_clear(secret)))


def bare_keys(world: World) -> Iterator[str]:
    """Places with a private key, or a secret key of the office, that no seal and no password protects: every key that
    was made in this world, and whatever has the form of a private key."""
    looks = _keys_in_clear(world.keys, world.scalars)
    for piece in (*_kept(world), *_said(world, every_message=False)):
        if _shows(piece.data, looks) and not piece.place.startswith(_ELEMENT_FILE):
            yield piece.place


def besides(world: World) -> Iterator[str]:
    """Files in a backup's folder that are no part of a backup."""
    for name, drive in world.drives.items():
        for path in drive.disk.files():
            if path.startswith("softcert-backup-") and not path.endswith(("/backup.p12", "/manifest.json")):
                yield f"{path} on {name}"


# For checks


def on_crl(world: World, serial: str) -> bool:
    """Whether the published CRL names the certificate."""
    response = world.raw("witness", Request("GET", DIRECTORY["crl"]))
    crl = x509.load_der_x509_crl(response.body)
    return crl.get_revoked_certificate_by_serial_number(int(serial, 16)) is not None


def ocsp(world: World, serial: str) -> str:
    """What the OCSP responder says of the certificate: `good`, `revoked` or `unknown`."""
    certificate = x509.load_der_x509_certificate(world.records.certificate(serial))
    request = OCSPRequestBuilder().add_certificate(certificate, world.keys.issuing, hashes.SHA256()).build()
    body = request.public_bytes(Encoding.DER)
    sent = Request("POST", DIRECTORY["ocsp"], (("content-type", "application/ocsp-request"),), body)
    return load_der_ocsp_response(world.raw("witness", sent).body).certificate_status.name.lower()


def certificates_at(world: World, at: str) -> int:
    """How many certificates are on a computer."""
    files = world.places[at].machine.disk.files()
    return sum(bool(_json(data).get("certificate")) for path, data in files.items() if path.startswith(_KEYS))


def driver_at(world: World, at: str) -> bool:
    """Whether the driver is installed on a computer."""
    return installed(world.places[at].machine.disk, world.trust).state == "whole"


def working_pins(world: World, at: str, of: str | None) -> list[str]:
    """Which of all PINs that anybody ever chose, and the initial one, open the key at a computer. Costs no try."""
    place = world.places[at]
    name = knowing.applicant_name(world, of) if of else None
    stores = [store for store in place.driver.keys.all() if name in (None, store.name)]
    if not stores:
        return []
    known = [INITIAL_PIN, *(value for value, _ in chosen(world, "pin"))]
    opening: list[str] = []
    for pin in dict.fromkeys(known):
        before = place.machine.snapshot()
        if place.driver.keys.open(stores[-1], pin)[0] == "opened":
            opening.append(pin)
        place.machine.restore(before)
    return opening


def tries_left(world: World, at: str, of: str | None) -> int:
    """How many wrong PINs the element at a computer still bears."""
    place = world.places[at]
    name = knowing.applicant_name(world, of) if of else None
    stores = [store for store in place.driver.keys.all() if name in (None, store.name)]
    if not stores:
        raise CheckFailed(f"a key store at {at}", "none")
    return place.machine.element.tries_left(stores[-1].slot)


def backups_on(world: World, drive: str) -> tuple[int, int]:
    """(whole backups, half-written ones) on a drive."""
    folders: dict[str, set[str]] = {}
    for path in world.drives[drive].disk.files():
        folder, _, name = path.rpartition("/")
        if "softcert-backup-" in folder:
            folders.setdefault(folder, set()).add(name)
    whole = sum(names >= {"backup.p12", "manifest.json"} and "." not in folder for folder, names in folders.items())
    return whole, len(folders) - whole


def where_in_clear(world: World, what: Topic, of: str) -> list[str]:
    """Where a person's secret stands in clear that must not, in every message so far too; an address stands in its own
    mail, and in requests to it."""
    if what != "address":
        secrets = [value for value, about in chosen(world, what) if about == of]
        elsewhere = what != "activation-code"
        return [it for value in secrets for it in places_of(world, value, requests=elsewhere, every_message=True)]
    known = {value for mind in world.people.minds.values() for value in mind.get((what, of), ())}
    places = (place for address in known for place in places_of(world, address.rpartition("/")[2]))
    return [place for place in places if not place.startswith(("a mail", "a request to /download"))]


def answer_bytes(world: World, label: str) -> bytes:
    """The body of the first answer in a step."""
    begin, end = world.trace.labelled(label).exchanges
    for exchange in world.recorder.exchanges[begin:end]:
        if exchange.method == "POST" and exchange.response is not None:
            return exchange.response.partition(b"\r\n\r\n")[2]
    raise CheckFailed(f"an answer in step '{label}'", "none")


def records_at(world: World, label: str) -> str:
    """The office's records at the end of a step."""
    return world.trace.labelled(label).records


def receipt_is_genuine(world: World, label: str) -> bool:
    """Whether the receipt kept for a filing is signed by the office over what the office filed."""
    filing = str(world.result(label))
    for place in world.places.values():
        for path, data in place.machine.disk.files().items():
            if path.startswith("softcert/receipts") and _receipt_of(world, data, filing):
                return True
    return False


def _receipt_of(world: World, data: bytes, filing: str) -> bool:
    try:
        said = read_answer(from_bytes(data), world.trust)
    except Rejected:
        return False
    row = world.records.rows("SELECT sha256, serial FROM filings WHERE id = :id", id=filing)
    return said.get("filing") == filing and row == [(said.get("sha256"), said.get("serial"))]


def audit_findings(world: World) -> list[str]:
    """Everything that is wrong with the audit log, in words."""
    return world.office.verify()


def is_lost(world: World, device: str) -> bool:
    """Whether the computers with this device key are lost."""
    return all(world.places[name].lost for name in computers_of(world, device))
