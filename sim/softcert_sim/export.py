"""A world as files: what other tools are to read, and the commands with which stock OpenSSL reads it.

CRL and OCSP answers are asked from the office itself, past the recorder, so that an export adds nothing to the story.
Names are the same on every run. `MANIFEST.txt` says what each file is.
"""

import base64
import hashlib
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import OCSPRequestBuilder

from softcert.backup import BACKUP_ROUNDS, PACKAGE, unpack
from softcert.errors import SoftcertError
from softcert.ports import Request
from softcert.protocol import DIRECTORY
from softcert_ca import pki
from softcert_sim import opened
from softcert_sim.machine import SYSTEM_DISK
from softcert_sim.wire import Exchange
from softcert_sim.world import ORIGIN, ROUNDS, World

MANIFEST = "MANIFEST.txt"
FOLDERS = ("certificates", "ocsp", "mails", "exchanges", "disks")
"""What an export makes besides the files at the top."""
LONGEST_NAME = 120
"""Longest name of a file or folder, in characters; a longer one is cut and made unique by a digest."""
LEEWAY = 3_153_600_000
"""Seconds, a century: `openssl ocsp` compares an answer's times with the machine's clock and not with `-attime`."""
_LEEWAY_WHY = "-validity_period is a century, because the answer's times are compared with this machine's clock"
_ROUNDS = (
    f"A backup, key included (its key derivation has {ROUNDS} rounds because the simulation is to be quick; "
    f"a driver takes {BACKUP_ROUNDS} unless told otherwise)"
)

_FIRST_LINE = "softcert artifacts"
_UNSAFE = re.compile(rb"[^A-Za-z0-9._@+=,-]")


def export(world: World, folder: Path) -> None:
    """Write the world into a folder, made if missing; what an earlier export left there goes. Raises OSError."""
    _clear(folder)
    files = _Files(folder)
    _publish(world, files)
    for serial, *_ in world.records.certificates():
        _certificate(world, files, serial)
    _mails(world, files)
    for exchange in world.recorder.exchanges:
        files.add(f"exchanges/{_name_of(exchange)}.txt", told(exchange), _about(exchange))
    _disks(world, files)
    entries = (json.dumps(entry, ensure_ascii=False) + "\n" for entry in world.records.audit_after(0))
    files.add("audit.jsonl", "".join(entries).encode(), "the office's audit log, one entry a line")
    files.write_manifest(_heading(world))


def safe(path: str) -> str:
    """A path of the simulation as a relative path that no operating system reads otherwise: odd bytes as `%XX`."""
    return "/".join(map(_safe_name, filter(None, path.split("/"))))


def told(exchange: Exchange) -> bytes:
    """An exchange as a text: the bytes as they were sent, then header and payload of every signed message in them."""
    parts = [f"# {_about(exchange)}\n\n# request, as sent\n".encode(), _as_sent(exchange.request)]
    if exchange.response is not None:
        parts += [b"\n\n# answer, as sent\n", _as_sent(exchange.response)]
    for whose, data in (("request", exchange.request), ("answer", exchange.response or b"")):
        messages = list(opened.signed_parts(data))
        for number, (header, payload) in enumerate(zip(messages[::2], messages[1::2], strict=True), 1):
            parts += [f"\n\n# signed message {number} of the {whose}: protected header\n".encode(), _spread(header)]
            parts += [b"\n# its payload\n", _spread(payload)]
    return b"".join(parts) + b"\n"


class _Files:
    """The files of one export, with what each is and the commands that go with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._entries: dict[str, str] = {}
        self._commands: list[tuple[str, str]] = []

    def add(self, path: str, data: bytes, what: str) -> None:
        """Write one file."""
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        self._entries[path] = what

    def note(self, what: str, *command: str | int) -> None:
        """A command, and what it is for."""
        self._commands.append((what, shlex.join(map(str, command))))

    def write_manifest(self, heading: list[str]) -> None:
        """Write what all this is."""
        lines = [_FIRST_LINE, "", *heading, "", "Files", ""]
        lines += (f"{path}\n    {what}" for path, what in sorted(self._entries.items()))
        lines += ["", "Commands, to be run in this folder (OpenSSL 3); -attime is the simulation's time", ""]
        lines += (f"{what}:\n    {command}" for what, command in self._commands)
        (self._folder / MANIFEST).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _clear(folder: Path) -> None:
    """Remove an earlier export, and nothing that is none."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / MANIFEST
    if manifest.is_file() and manifest.read_bytes().startswith(_FIRST_LINE.encode()):
        for name in FOLDERS:
            shutil.rmtree(folder / name, ignore_errors=True)
        for name in ("crl.der", "crl.pem"):
            (folder / name).unlink(missing_ok=True)


def _heading(world: World) -> list[str]:
    now = world.clock.now()
    serving = world.net.serves(ORIGIN)
    return [
        f"scenario   {world.entropy.scenario}",
        f"seed       {world.seed}",
        f"transport  {world.transport}",
        f"time       {datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M:%S} UTC ({now})",
        f"steps      {len(world.trace.marks)}",
        f"office     {'answers' if serving else 'is down: there is no CRL and no OCSP answer'}",
    ]


# What the office publishes


def _publish(world: World, files: _Files) -> None:
    files.add("root.pem", world.keys.root.public_bytes(Encoding.PEM), "the root CA, which everybody trusts")
    files.add("chain.pem", pki.chain_pem(world.keys), "the issuing CA, then the root")
    der = _asked(world, Request("GET", DIRECTORY["crl"]))
    if der is None:
        return
    crl = x509.load_der_x509_crl(der)
    files.add("crl.der", der, f"the revocation list, {len(crl)} certificates in it")
    files.add("crl.pem", crl.public_bytes(Encoding.PEM), "the same as PEM")
    files.note("The CRL's signature", "openssl", "crl", "-in", "crl.pem", "-verify", "-CAfile", "chain.pem", "-noout")
    files.note("The CRL in words", "openssl", "crl", "-in", "crl.pem", "-noout", "-text")


def _certificate(world: World, files: _Files, serial: str) -> None:
    certificate = x509.load_der_x509_certificate(world.records.certificate(serial))
    name, path = _safe_name(serial), f"certificates/{_safe_name(serial)}.pem"
    about = f"certificate, {world.records.certificate_state(serial)}: {certificate.subject.rfc4514_string()}"
    files.add(path, certificate.public_bytes(Encoding.PEM), about)
    request = OCSPRequestBuilder().add_certificate(certificate, world.keys.issuing, hashes.SHA256()).build()
    body = request.public_bytes(Encoding.DER)
    headers = (("content-type", "application/ocsp-request"),)
    answer = _asked(world, Request("POST", DIRECTORY["ocsp"], headers, body))
    now = world.clock.now()
    if answer is None:
        files.note(f"Certificate {name}, its chain", *_verify(now), path)
        return
    files.add(f"ocsp/{name}.request.der", body, "the question about this certificate (RFC 6960)")
    files.add(f"ocsp/{name}.der", answer, "the office's answer")
    files.note(f"Certificate {name}, against the CRL", *_verify(now), "-crl_check", "-CRLfile", "crl.pem", path)
    files.note(f"Certificate {name}, the OCSP answer ({_LEEWAY_WHY})",
               "openssl", "ocsp", "-attime", now, "-validity_period", LEEWAY,
               "-CAfile", "root.pem", "-verify_other", "chain.pem", "-issuer", "chain.pem", "-sha256", "-cert", path,
               "-respin", f"ocsp/{name}.der")  # fmt: skip


def _verify(now: int) -> tuple[str | int, ...]:
    return "openssl", "verify", "-attime", now, "-CAfile", "root.pem", "-untrusted", "chain.pem"


def _asked(world: World, request: Request) -> bytes | None:
    """The office's answer, or None where nobody answers; the recorder does not hear of it."""
    try:
        response = world.net.send(ORIGIN, request)
    except SoftcertError:
        return None
    return response.body if response.status == 200 else None


# Mails, messages, disks


def _mails(world: World, files: _Files) -> None:
    for mail in world.inbox.messages():
        path = f"mails/{_safe_name(mail.recipient)}/{mail.id:04}-{_safe_name(mail.purpose or 'other')}.eml"
        files.add(path, mail.raw, f"from {mail.sender or 'nobody'}: {' '.join(mail.subject.split())}")


def _name_of(exchange: Exchange) -> str:
    first = exchange.target.partition("?")[0].strip("/").partition("/")[0]
    words = (f"{exchange.number:04}", exchange.computer, exchange.method, first or "homepage")
    return _safe_name("-".join(words))


def _about(exchange: Exchange) -> str:
    """One line about an exchange."""
    came = f"answered {exchange.status}" if exchange.status else "no answer"
    how = f", {exchange.fault}" if exchange.fault else ""
    return f"{exchange.number}. {exchange.computer} at {exchange.at}: {exchange.method} {exchange.target}, {came}{how}"


def _as_sent(data: bytes) -> bytes:
    """An HTTP message as it stands; a body that is no text in base64, said so."""
    head, blank, body = data.partition(b"\r\n\r\n")
    try:
        body.decode()
    except UnicodeDecodeError:
        return head + blank + b"# body, in base64\n" + base64.encodebytes(body).rstrip()
    return data


def _spread(part: bytes) -> bytes:
    """JSON spread over lines; anything else as it is."""
    try:
        return json.dumps(json.loads(part), indent=2, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return part


def _disks(world: World, files: _Files) -> None:
    disks = {name: (place.machine.disk, SYSTEM_DISK) for name, place in world.places.items()}
    disks |= {name: (drive.disk, drive.kind) for name, drive in world.drives.items()}
    for name, (disk, kind) in disks.items():
        for path, data in disk.files().items():
            target = f"disks/{_safe_name(name)}/{safe(path)}"
            opening = _opening(world, files, target, data) if path.rpartition("/")[2] == PACKAGE else ""
            files.add(target, data, f"on {name} ({kind}): {path}{opening}")


def _opening(world: World, files: _Files, path: str, package: bytes) -> str:
    """Which password opens a backup; if any does, the command too."""
    password = next((known for known in _passwords(world) if unpack(package, known)), None)
    if password is None:
        return "; no password that anybody chose opens it"
    files.note(_ROUNDS, "openssl", "pkcs12", "-info", "-in", path, "-noenc", "-passin",
               f"pass:{password}")  # fmt: skip
    return f"; opens with `{password}`"


def _passwords(world: World) -> Iterator[str]:
    """Every password that the cast has or that anybody used."""
    known = [person.password for person in world.people.everybody.values()]
    for mind in world.people.minds.values():
        known += [value for (topic, _), values in mind.items() if topic == "password" for value in values]
    return iter(dict.fromkeys(filter(None, known)))


def _safe_name(name: str) -> str:
    """One name of a path."""
    odd = name in ("", ".", "..")
    text = "%2E" * len(name) if odd else _UNSAFE.sub(_percent, name.encode("utf-8", "surrogatepass")).decode("ascii")
    if len(text) > LONGEST_NAME:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return f"{text[: LONGEST_NAME - 17]}-{digest}"
    return text


def _percent(found: re.Match[bytes]) -> bytes:
    return b"%%%02X" % found[0][0]
