"""Certificates and their kin in plain words."""

import base64
import binascii
from collections.abc import Callable, Iterator

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_USES = {
    "1.3.6.1.5.5.7.3.1": "servers", "1.3.6.1.5.5.7.3.2": "clients", "1.3.6.1.5.5.7.3.3": "signing code",
    "1.3.6.1.5.5.7.3.9": "signing OCSP answers",
}  # fmt: skip
Lines = list[list[str]]


def in_words(text: str) -> Lines:
    """(what, words) of what base64, base64url or PEM holds; empty for what cannot be read."""
    try:
        data = _bytes(text)
    except (ValueError, binascii.Error):
        return []
    readers: tuple[Callable[[bytes], Iterator[list[str]]], ...] = (_certificate, _request, _list)
    for read in readers:
        try:
            return list(read(data))
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
    return []


def _bytes(text: str) -> bytes:
    if text.startswith("-----"):
        text = "".join(line for line in text.replace("\\n", "\n").splitlines() if "-----" not in line)
    text = "".join(text.split()).rstrip("=").replace("+", "-").replace("/", "_")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _certificate(data: bytes) -> Iterator[list[str]]:
    certificate = x509.load_der_x509_certificate(data)
    yield ["kind", f"certificate of {_common_name(certificate.subject)}"]
    yield ["subject", _name(certificate.subject)]
    yield ["issuer", _name(certificate.issuer)]
    yield ["serial", f"{certificate.serial_number:032x}"]
    yield ["valid", f"{certificate.not_valid_before_utc:%Y-%m-%d %H:%M:%S} – "
                    f"{certificate.not_valid_after_utc:%Y-%m-%d %H:%M:%S} UTC"]  # fmt: skip
    yield ["key", _key(certificate.public_key())]
    yield from _extensions(certificate.extensions)
    yield ["SHA-256", certificate.fingerprint(hashes.SHA256()).hex()]


def _request(data: bytes) -> Iterator[list[str]]:
    request = x509.load_der_x509_csr(data)
    yield ["kind", f"certificate request of {_common_name(request.subject)}"]
    yield ["subject", _name(request.subject) or "empty"]
    yield ["key", _key(request.public_key())]
    yield from _extensions(request.extensions)
    yield ["signed by its key", "yes" if request.is_signature_valid else "no"]


def _list(data: bytes) -> Iterator[list[str]]:
    crl = x509.load_der_x509_crl(data)
    yield ["kind", f"revocation list of {_common_name(crl.issuer)}"]
    yield ["issuer", _name(crl.issuer)]
    yield ["revoked", ", ".join(f"{one.serial_number:032x}" for one in crl) or "none"]


def _name(name: x509.Name) -> str:
    return name.rfc4514_string({NameOID.SERIAL_NUMBER: "serialNumber"})


def _common_name(name: x509.Name) -> str:
    return ", ".join(str(one.value) for one in name.get_attributes_for_oid(NameOID.COMMON_NAME)) or "nobody named"


def _key(key: object) -> str:
    return f"{key.curve.name}" if isinstance(key, ec.EllipticCurvePublicKey) else type(key).__name__


def _extensions(extensions: x509.Extensions) -> Iterator[list[str]]:
    for extension in extensions:
        value = extension.value
        if isinstance(value, x509.BasicConstraints):
            yield ["certificate authority", "yes" if value.ca else "no"]
        elif isinstance(value, x509.KeyUsage):
            names = ("digital_signature", "content_commitment", "key_cert_sign", "crl_sign")
            yield ["key usage", ", ".join(name.replace("_", " ") for name in names if getattr(value, name))]
        elif isinstance(value, x509.ExtendedKeyUsage):
            uses = [str(use.dotted_string) for use in value]
            yield ["for", ", ".join(_USES.get(use, use) for use in uses)]
