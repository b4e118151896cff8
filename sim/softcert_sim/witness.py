"""What invariants and checks ask of a world: who has which key, what was shown, signed and kept."""

import json
from collections.abc import Iterator, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import OCSPRequestBuilder, load_der_ocsp_response

from softcert.errors import Rejected
from softcert.keystore import KeyStore
from softcert.ports import Request
from softcert.protocol import DIRECTORY, from_bytes
from softcert.release import installed
from softcert.rules.catalogue import INITIAL_PIN
from softcert.trust import read_answer
from softcert_ca.tokens import activation_code
from softcert_mailbox.message import Message
from softcert_sim import clear, knowing
from softcert_sim.keyfiles import json_in, public_keys_on, stores_on
from softcert_sim.naming import acknowledged, computers_of, payload_of
from softcert_sim.scenario.registry import CheckFailed
from softcert_sim.world import World


def bound_computers(world: World, serial: str) -> list[str]:
    """The computers to which a certificate is bound."""
    return [name for device in world.records.bound(serial) for name in computers_of(world, device)]


def has_key(world: World, device: str, serial: str) -> bool:
    """Whether a computer with this device key holds the certificate's key on its disk (or lost it on purpose).

    What a recovery staged counts once the office bound the computer by it: of a later generation than the backup's.
    """
    key = world.records.certificate_key(serial)
    generation = world.records.value("SELECT generation FROM certificates WHERE serial = :serial", serial=serial)
    places = [world.places[name] for name in computers_of(world, device)]
    return not places or any(
        key in place.destroyed or key in public_keys_on(place.machine.disk, generation) for place in places
    )


def showings(world: World, since: int = 0) -> Iterator[tuple[str, str, str]]:
    """(activation code, request id, application) for each answer that showed one, from exchange `since` on."""
    for exchange in world.recorder.exchanges[since:]:
        if exchange.target in clear.CODE_SHOWN and exchange.response is not None:
            answer, asked = json_in(exchange.response.partition(b"\r\n\r\n")[2]), payload_of(exchange)
            if answer.get("activation_code"):
                application = answer.get("application") or asked.get("application")
                yield str(answer["activation_code"]), str(asked.get("request_id")), str(application)


def still_kept(world: World) -> Iterator[tuple[str, str]]:
    """(act, request id) of each answer that was acknowledged in the last step, and that the office would repeat."""
    for exchange in world.recorder.exchanges[slice(*world.trace.last.exchanges)]:
        meant = acknowledged(exchange)
        if meant is None or exchange.response is None or exchange.error:
            continue
        device, act, number = meant
        query = "SELECT 1 FROM repeats WHERE request_id = :id AND act = :act AND device = :device"
        if world.records.value(query, id=number, act=act, device=device):
            yield act, number


def shown_at_the_desk(world: World, application: str) -> str:
    """What the examiner sees of an application."""
    return json.dumps(world.desk("GET", f"/applications/{application}"), ensure_ascii=False)


def office_mails(world: World) -> Sequence[Message]:
    """Every mail that the office really sent, whatever mailbox it is in."""
    return [mail for mail in world.inbox.messages() if mail.sender.endswith(f"@{world.origin.partition('//')[2]}")]


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


def code_is_right(world: World, of: str, code: str) -> bool:
    """Whether a code is that of a person's latest application."""
    application = knowing.application_of(world, of)
    salt = world.records.value("SELECT code_salt FROM applications WHERE id = :id", id=application)
    return code == activation_code(world.keys.code_key, application, salt, world.policy.activation_code)


def certificates_at(world: World, at: str) -> int:
    """How many certificates are on a computer."""
    return sum(bool(store.get("certificate")) for store in stores_on(world.places[at].machine.disk))


def driver_at(world: World, at: str) -> bool:
    """Whether the driver is installed on a computer."""
    return installed(world.places[at].machine.disk, world.trust).state == "whole"


def working_pins(world: World, at: str, of: str | None) -> list[str]:
    """Which of all PINs that anybody ever chose, and the initial one, open the key at a computer. Costs no try."""
    place, store = world.places[at], _meant(world, at, of)
    if store is None:
        return []
    known = [INITIAL_PIN, *(value for value, _ in knowing.ever_chosen(world, "pin"))]
    opening: list[str] = []
    for pin in dict.fromkeys(known):
        before = place.machine.snapshot()
        if place.driver.keys.open(store, pin)[0] == "opened":
            opening.append(pin)
        place.machine.restore(before)
    return opening


def tries_left(world: World, at: str, of: str | None) -> int:
    """How many wrong PINs the element at a computer still bears."""
    store = _meant(world, at, of)
    if store is None:
        raise CheckFailed(f"a key store at {at}", "none")
    return world.places[at].machine.element.tries_left(store.slot)


def _meant(world: World, at: str, of: str | None) -> KeyStore | None:
    """The key store that a check looks at: a person's, the newest with a certificate. Raises CheckFailed where it is not
    said whose, and there are several people's."""
    name = knowing.applicant_name(world, of) if of else None
    found = [store for store in world.places[at].driver.keys.all() if name in (None, store.name)]
    found = [store for store in found if store.certificate] or found
    names = list(dict.fromkeys(store.name for store in found))
    if len(names) > 1:
        raise CheckFailed("`of`: whose key is meant", f"keys of {' and '.join(names)} at {at}")
    return found[-1] if found else None


def backups_on(world: World, drive: str) -> tuple[int, int]:
    """(whole backups, half-written ones) on a drive."""
    folders: dict[str, set[str]] = {}
    for path in world.drives[drive].disk.files():
        folder, _, name = path.rpartition("/")
        if "softcert-backup-" in folder:
            folders.setdefault(folder, set()).add(name)
    whole = sum(names >= {"backup.p12", "manifest.json"} and "." not in folder for folder, names in folders.items())
    return whole, len(folders) - whole


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
