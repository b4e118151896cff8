"""Backups on a removable device: a PKCS#12 file (RFC 7292) and the manifest with which the office registered it.

    softcert-backup-<id>/backup.p12       key, certificate and chain; AES-256 (PBES2), MAC with SHA-256
    softcert-backup-<id>/manifest.json    JWS by the office: id, applicant, serial, generation, SHA-256 of the file

The manifest is checked before a byte of the PKCS#12 file is parsed (rule `backup-sealed`). The PIN is in neither. What
shows without the password is the label: the applicant's name, in the manifest and as the file's friendly name, which
PKCS#12 leaves in clear. Stock OpenSSL reads the file; its MAC is computed at 2,048 rounds, so the password is all that
slows a guesser down.
"""

import posixpath
import re
from dataclasses import dataclass, field
from typing import Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, pkcs12

from softcert.certificate import load_certificate
from softcert.element import private_key
from softcert.errors import Rejected
from softcert.ports import Disk
from softcert.protocol import Json, decode, from_bytes, sha256
from softcert.trust import read_answer, signatory_of

PACKAGE, MANIFEST = "backup.p12", "manifest.json"
FORMAT = 1
BACKUP_ROUNDS = 600_000
"""Cost of a backup's key derivation in rounds of PBKDF2-HMAC-SHA256, unless a driver is told otherwise."""
Status = Literal["whole", "altered", "foreign", "newer-format", "unregistered"]

_NAME = re.compile("softcert-backup-([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds: private scalar, certificate and chain (DER)."""

    scalar: bytes = field(repr=False)
    certificate: bytes
    chain: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A backup on a drive. `name`, `at` and `generation` (of the binding from which it was made) are what its manifest
    says, verified only if the status is `whole`."""

    id: str
    status: Status
    name: str
    at: int
    generation: int
    package: bytes = field(repr=False)


def path_of(backup: str, folder: str = "") -> str:
    """Where the backup of that id stands on its drive."""
    return posixpath.join(folder, f"softcert-backup-{backup}")


def pack(contents: Contents, name: str, password: str, rounds: int) -> bytes:
    """A PKCS#12 file under `password`. `rounds` is the cost of the key derivation (PBKDF2).

    Raises UnicodeEncodeError for a password that is no text (`length_of`)."""
    encryption = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(rounds)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(password.encode())
    )
    certificate, *chain = (load_certificate(one) for one in (contents.certificate, *contents.chain))
    return pkcs12.serialize_key_and_certificates(
        name.encode(), private_key(contents.scalar), certificate, chain, encryption
    )


def unpack(package: bytes, password: str) -> Contents | None:
    """What a whole backup holds, or None when the password is wrong."""
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(package, password.encode())
    except ValueError:  # also of a password that is no text
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate is None:
        return None
    scalar = key.private_numbers().private_value.to_bytes(32, "big")
    links = tuple(one.public_bytes(Encoding.DER) for one in chain)
    return Contents(scalar, certificate.public_bytes(Encoding.DER), links)


def length_of(password: str) -> int:
    """The characters of a password; 0 for one that is no text, such as a terminal makes of bytes that it cannot read:
    another password would open its backup too."""
    try:
        password.encode()
    except UnicodeEncodeError:
        return 0
    return len(password)


def find(disk: Disk, root: bytes, folder: str = "") -> tuple[Found, ...]:
    """Every backup in a folder of the drive, by id. `root` is the office's root certificate (DER). Raises OSError."""
    ids = [match[1] for name in disk.list(folder) if (match := _NAME.fullmatch(name))]
    return tuple(_found(disk, root, backup, path_of(backup, folder)) for backup in ids)


def choose(found: tuple[Found, ...], backup: str = "", name: str = "") -> Found | None:
    """The backup of that id, or of that applicant, or any; among several the newest whole one."""
    wanted = [one for one in found if backup in ("", one.id) and (not name or one.name in ("", name))]
    return max(wanted, key=lambda one: (one.status == "whole", one.at), default=None)


def _found(disk: Disk, root: bytes, backup: str, path: str) -> Found:
    package = read(disk, f"{path}/{PACKAGE}") or b""
    signed = read(disk, f"{path}/{MANIFEST}")
    if signed is None:
        return Found(backup, "unregistered", "", 0, 0, package)
    said = _said(signed)
    name, at, generation = said.get("name"), said.get("at"), said.get("generation")
    return Found(
        backup,
        judge(backup, package, signed, root),
        name if isinstance(name, str) else "",
        at if isinstance(at, int) else 0,
        generation if isinstance(generation, int) else 0,
        package,
    )


def read(disk: Disk, path: str) -> bytes | None:
    """A file of a backup, or None where there is none. Raises OSError."""
    try:
        return disk.read(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _said(signed: bytes) -> Json:
    """The payload of a manifest, not verified; empty when it cannot be read."""
    try:
        return from_bytes(decode(from_bytes(signed)["payload"]))
    except (Rejected, KeyError, TypeError):
        return {}


def judge(backup: str, package: bytes, signed: bytes, root: bytes) -> Status:
    """Rule `backup-sealed`: what a manifest says of its PKCS#12 file, which is hashed and not parsed.

    1. A format that this driver does not know: `newer-format`, signed or not, since nothing else can be read.
    2. Not signed by the office: `foreign`. 3. Signature, id or SHA-256 do not fit: `altered`.
    """
    version = _said(signed).get("format")
    if isinstance(version, int) and version > FORMAT:
        return "newer-format"
    try:
        message = from_bytes(signed)
        signer = signatory_of(message, root)
        if signer is None or not signer.signs_answers:
            return "foreign"
        manifest = read_answer(message, root)
    except Rejected:
        return "altered"
    return "whole" if fits(manifest, backup, sha256(package)) else "altered"


def fits(manifest: Json, backup: str, digest: str) -> bool:
    """Whether a verified manifest registers this backup with this SHA-256."""
    said = (manifest.get("format"), manifest.get("backup"), manifest.get("sha256"))
    return said == (FORMAT, backup, digest)
