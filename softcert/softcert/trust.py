"""Whom the driver believes: certificates that the office's root issued, and messages signed by them (RFC 7515 §4.1.6).

Chains are verified once for each certificate's bytes and remembered.
"""

from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from softcert.certificate import load_certificate
from softcert.errors import Rejected
from softcert.protocol import Json, decode, from_bytes, jwk_of, protected_of, verify


@dataclass(frozen=True, slots=True)
class Signatory:
    """A certificate that the root issued directly. Dates are seconds since 1970, UTC, both still inside."""

    key: tuple[tuple[str, str], ...]
    not_before: int
    not_after: int
    signs_code: bool
    signs_answers: bool

    def valid_at(self, at: int) -> bool:
        """Whether the certificate was valid at that second."""
        return self.not_before <= at <= self.not_after


@lru_cache(maxsize=512)
def signatory(certificate: bytes, root: bytes) -> Signatory | None:
    """What a certificate (DER) may sign, or None when `root` (DER) did not issue it for signing."""
    try:
        read = load_certificate(certificate)
        read.verify_directly_issued_by(load_certificate(root))
        usage = read.extensions.get_extension_for_class(x509.KeyUsage).value
        key = read.public_key()
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return None
    if not usage.digital_signature or usage.key_cert_sign:
        return None
    purposes = _purposes(read)
    return Signatory(
        tuple(jwk_of(key).items()),
        int(read.not_valid_before_utc.timestamp()),
        int(read.not_valid_after_utc.timestamp()),
        signs_code=ExtendedKeyUsageOID.CODE_SIGNING in purposes,
        signs_answers=not purposes,
    )


def _purposes(certificate: x509.Certificate) -> tuple[x509.ObjectIdentifier, ...]:
    try:
        return tuple(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return ()


def signatory_of(message: Json, root: bytes) -> Signatory | None:
    """Who says to have signed a message (`x5c`), or None when the root knows nobody of that kind.

    Raises Rejected (malformed, badSignatureAlgorithm) for something that is no signed message.
    """
    chain: object = protected_of(message).get("x5c")
    if not isinstance(chain, list) or not chain or not isinstance(chain[0], str):
        return None
    return signatory(decode(chain[0]), root)


def read_signed(message: Json, signer: Signatory) -> Json:
    """The payload of a message, its signature verified. Raises Rejected (badSignature, malformed)."""
    return from_bytes(verify(message, dict(signer.key)))


def read_answer(message: Json, root: bytes, at: str = "at") -> Json:
    """The payload of a receipt or manifest that the office signed, at a time at which its certificate was valid.

    `at` names the field with that time; the computer's own clock is not asked, it may be wrong.
    Raises Rejected (badSignature, malformed).
    """
    signer = signatory_of(message, root)
    if signer is None or not signer.signs_answers:
        raise Rejected("badSignature", "This was not signed by the Trademark Office. Do not rely on it.")
    payload = read_signed(message, signer)
    time = payload.get(at)
    if not isinstance(time, int) or not signer.valid_at(time):
        raise Rejected("badSignature", "The office's signature was not valid at the time that it states.")
    return payload


def fits_key(certificate: bytes, jwk: dict[str, str]) -> bool:
    """Whether a certificate (DER) was made for this public key."""
    try:
        key = load_certificate(certificate).public_key()
    except ValueError:
        return False
    return isinstance(key, ec.EllipticCurvePublicKey) and jwk_of(key) == jwk


@lru_cache(maxsize=512)
def chain_fits(certificate: bytes, chain: tuple[bytes, ...], root: bytes) -> bool:
    """Whether a certificate was issued by the first of `chain`, and that one by `root`, which ends the chain (all DER).

    Dates and revocation are for the office, at each use (rule `valid-certificate`).
    """
    if len(chain) != 2 or chain[1] != root:
        return False
    try:
        issuing = load_certificate(chain[0])
        issuing.verify_directly_issued_by(load_certificate(root))
        load_certificate(certificate).verify_directly_issued_by(issuing)
        return issuing.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False


def serial_of(certificate: bytes) -> str:
    """The serial number of a certificate (DER), lower-case hexadecimal. Raises ValueError."""
    return format(load_certificate(certificate).serial_number, "x")
