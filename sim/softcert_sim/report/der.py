"""Certificates and their kin in plain words."""

import base64
import binascii
from collections.abc import Callable, Iterator
from functools import partial

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from softcert_sim.words.language import Language

Lines = list[list[str]]
Found = Iterator[tuple[str, str]]
Say = Callable[..., str]


def in_words(text: str, words: Language) -> Lines:
    """(what, words) of what base64, base64url or PEM holds; empty for what cannot be read."""
    try:
        data = _bytes(text)
    except (ValueError, binascii.Error):
        return []
    readers: tuple[Callable[[bytes, Say], Found], ...] = (_certificate, _request, _list)
    for read in readers:
        try:
            said = partial(_said, words)
            return [[said(label), value] for label, value in read(data, said)]
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
    return []


def _bytes(text: str) -> bytes:
    if text.startswith("-----"):
        text = "".join(line for line in text.replace("\\n", "\n").splitlines() if "-----" not in line)
    text = "".join(text.split()).rstrip("=").replace("+", "-").replace("/", "_")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _said(words: Language, key: str, **slots: str) -> str:
    """A word of certificates; what has none, such as a use nobody knows, stands as it is."""
    return words.report.get(f"x509 {key}", key).format(**slots)


def _certificate(data: bytes, said: Say) -> Found:
    certificate = x509.load_der_x509_certificate(data)
    yield "", said("certificate", name=_common_name(certificate.subject, said))
    yield "subject", _name(certificate.subject)
    yield "issuer", _name(certificate.issuer)
    yield "serial", f"{certificate.serial_number:032x}"
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    yield "valid", f"{since:%Y-%m-%d %H:%M:%S} – {until:%Y-%m-%d %H:%M:%S} UTC"
    yield "key", _key(certificate.public_key())
    yield from _extensions(certificate.extensions, said)
    yield "SHA-256", certificate.fingerprint(hashes.SHA256()).hex()


def _request(data: bytes, said: Say) -> Found:
    request = x509.load_der_x509_csr(data)
    yield "", said("request", name=_common_name(request.subject, said))
    yield "subject", _name(request.subject) or said("empty")
    yield "key", _key(request.public_key())
    yield from _extensions(request.extensions, said)
    yield "proven", said("yes" if request.is_signature_valid else "no")


def _list(data: bytes, said: Say) -> Found:
    crl = x509.load_der_x509_crl(data)
    yield "", said("list", name=_common_name(crl.issuer, said))
    yield "issuer", _name(crl.issuer)
    yield "revoked", ", ".join(f"{one.serial_number:032x}" for one in crl) or said("none")


def _name(name: x509.Name) -> str:
    return name.rfc4514_string({NameOID.SERIAL_NUMBER: "serialNumber"})


def _common_name(name: x509.Name, said: Say) -> str:
    return ", ".join(str(one.value) for one in name.get_attributes_for_oid(NameOID.COMMON_NAME)) or said("nobody")


def _key(key: object) -> str:
    return f"{key.curve.name}" if isinstance(key, ec.EllipticCurvePublicKey) else type(key).__name__


def _extensions(extensions: x509.Extensions, said: Say) -> Found:
    for extension in extensions:
        value = extension.value
        if isinstance(value, x509.BasicConstraints):
            yield "authority", said("yes" if value.ca else "no")
        elif isinstance(value, x509.KeyUsage):
            names = ("digital_signature", "content_commitment", "key_cert_sign", "crl_sign")
            yield "usage", ", ".join(said(name) for name in names if getattr(value, name))
        elif isinstance(value, x509.ExtendedKeyUsage):
            yield "for", ", ".join(said(str(use.dotted_string)) for use in value)
