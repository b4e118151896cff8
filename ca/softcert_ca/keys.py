"""The office's keys and secrets, and where they rest. None of them is ever in the database."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from softcert.errors import Damaged, Rejected
from softcert.ports import Entropy
from softcert.protocol import decode, encode
from softcert_ca import profiles
from softcert_ca.profiles import Authority, new_key, new_serial

ORIGIN = "https://office.example"
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
_ROLES = ("root", "issuing", "ocsp", "release", "office")
_SECRETS = "office.json"
_SECRET_KEYS = ("token_key", "nonce_key", "code_key", "desk_key")


@dataclass(frozen=True, eq=False, slots=True)
class TlsIdentity:
    """Key and chain of a TLS server, PEM, as `ssl` and uvicorn read them from files."""

    key_pem: bytes
    chain_pem: bytes


@dataclass(frozen=True, eq=False, repr=False)
class OfficeKeys:
    """Everything that makes this office this office. Its text shows no secret.

    `token_key`, `nonce_key`, `code_key` and `desk_key` are 32 bytes each, for `tokens`. The OCSP
    responder has an Ed25519 key, because the library signs OCSP answers with ECDSA only at random.
    """

    origin: str
    root_key: ec.EllipticCurvePrivateKey
    root: x509.Certificate
    issuing_key: ec.EllipticCurvePrivateKey
    issuing: x509.Certificate
    ocsp_key: ed25519.Ed25519PrivateKey
    ocsp: x509.Certificate
    release_key: ec.EllipticCurvePrivateKey
    release: x509.Certificate
    office_key: ec.EllipticCurvePrivateKey
    office: x509.Certificate
    token_key: bytes
    nonce_key: bytes
    code_key: bytes
    desk_key: bytes

    @classmethod
    def generate(cls, entropy: Entropy, now: int, *, origin: str = ORIGIN) -> Self:
        """New keys and certificates, valid from `now`. The same entropy gives the same bytes."""
        root = profiles.root(new_key(entropy), new_serial(entropy), now)
        issuing = profiles.issuing(root, new_key(entropy), new_serial(entropy), now)
        ocsp_key = ed25519.Ed25519PrivateKey.from_private_bytes(entropy.bytes(32))
        release_key, office_key = new_key(entropy), new_key(entropy)
        return cls(
            origin=origin,
            root_key=root.key,
            root=root.certificate,
            issuing_key=issuing.key,
            issuing=issuing.certificate,
            ocsp_key=ocsp_key,
            ocsp=profiles.responder(issuing, ocsp_key.public_key(), new_serial(entropy), now),
            release_key=release_key,
            release=profiles.release(root, release_key.public_key(), new_serial(entropy), now),
            office_key=office_key,
            office=profiles.office_signature(root, office_key.public_key(), new_serial(entropy), now),
            token_key=entropy.bytes(32),
            nonce_key=entropy.bytes(32),
            code_key=entropy.bytes(32),
            desk_key=entropy.bytes(32),
        )

    def tls_certificate(
        self,
        entropy: Entropy,
        now: int,
        hosts: tuple[str, ...] = ("localhost",),
        addresses: tuple[str, ...] = ("127.0.0.1", "::1"),
    ) -> TlsIdentity:
        """A TLS server's key and certificate by the root, for a year."""
        key = new_key(entropy)
        root = Authority(self.root, self.root_key)
        certificate = profiles.tls_server(root, key.public_key(), new_serial(entropy), now, hosts, addresses)
        return TlsIdentity(_key_pem(key), certificate.public_bytes(Encoding.PEM))

    def save(self, folder: Path) -> None:
        """Write a new folder, all of it or nothing: 0700, with PEM files and one of secrets, 0600.

        Raises FileExistsError where something stands already: keys are never overwritten.
        """
        draft = folder.with_name(f"{folder.name}.new")
        if folder.exists():
            raise FileExistsError(f"{folder} exists: the office's keys are never overwritten. Name another folder.")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        for file, data in self._files().items():
            _write(draft / file, data)
        _sync(draft)
        draft.rename(folder)
        _sync(folder.parent)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote. Raises `Damaged`, naming the file, when one is missing, unreadable or of other keys."""
        values: dict[str, Any] = {}
        for role in _ROLES:
            key = _key_of(folder / f"{role}.key.pem")
            certificate = _certificate_of(folder / f"{role}.pem")
            if key.public_key() != certificate.public_key():
                raise Damaged(f"{folder / role}.pem certifies another key. Restore the folder from its copy.")
            values |= {f"{role}_key": key, role: certificate}
        return cls(**values, **_secrets_of(folder / _SECRETS))

    def _files(self) -> dict[str, bytes]:
        files: dict[str, bytes] = {}
        for role in _ROLES:
            files[f"{role}.key.pem"] = _key_pem(getattr(self, f"{role}_key"))
            files[f"{role}.pem"] = getattr(self, role).public_bytes(Encoding.PEM)
        secrets = {name: encode(getattr(self, name)) for name in _SECRET_KEYS}
        content = {**secrets, "origin": self.origin}
        return files | {_SECRETS: json.dumps(content, indent=2).encode()}


def _key_of(path: Path) -> PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise _damaged(path) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise _damaged(path)
    return key


def _certificate_of(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _damaged(path) from error


def _secrets_of(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
        secrets = {name: decode(content[name]) for name in _SECRET_KEYS}
        return {**secrets, "origin": str(content["origin"])}
    except (OSError, ValueError, KeyError, TypeError, Rejected) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> Damaged:
    return Damaged(f"{path} is missing or cannot be read as the office's keys. Restore the folder from its copy.")


def _key_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, data: bytes) -> None:
    # Created with its mode: at no moment can anybody else open it.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
