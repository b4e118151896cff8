"""What others hand in as proof: certificate requests and certificates. Nothing here trusts their content.

Names inside of them are compared as bytes and not parsed: an attacker writes them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from softcert.certificate import ends_with_signature, load_certificate
from softcert.errors import Rejected
from softcert.protocol import Jwk, Thumbprint, jwk_of, thumbprint
from softcert_ca.keys import OfficeKeys
from softcert_ca.profiles import seconds, subject_of

CERTIFICATE_LIMIT = 8192
"""Longest certificate that is looked at, bytes; the office's own have some 700."""

_VERSION = bytes.fromhex("020100")
_NO_ATTRIBUTES = bytes.fromhex("a000")
_UNREADABLE = (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm, InvalidSignature)


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate as anybody may present it. `serial` is lower-case hex; times are seconds since 1970, UTC.

    `usage_ok`: an end entity's, for digital signatures and client authentication.
    """

    der: bytes
    serial: str
    jwk: dict[str, str]
    usage_ok: bool
    not_before: int
    not_after: int


def check_csr(der: bytes, *, used: Callable[[Thumbprint], bool], device: Jwk, common_name: str) -> dict[str, str]:
    """The public key of a certificate request (PKCS#10, DER), proven to be its sender's. Its content is never copied.

    `used` tells whether a key, by thumbprint, was certified or asked for before; `device` is the device key;
    `common_name` is the name in the form. The subject is empty or that name (as `subject_of` cuts it).

    Raises `Rejected` badCSR: unreadable, no proof of possession, another subject, anything else asked for;
    badPublicKey: not P-256, the device key, a key used before.
    """
    request, key = _request(der)
    if not _proven(request):
        raise Rejected("badCSR", "The certificate request is not signed by its own key. Make a new one.")
    _check_content(request.tbs_certrequest_bytes, key, common_name)
    jwk = jwk_of(key)
    if thumbprint(jwk) == thumbprint(device):
        raise Rejected("badPublicKey", "The certificate key is the computer's device key. Make one of its own.")
    if used(thumbprint(jwk)):
        raise Rejected("badPublicKey", "This key was used for another application. Make a new key for each.")
    return jwk


@lru_cache(maxsize=1024)
def read_certificate(der: bytes) -> CertificateView:
    """A certificate, not yet believed. Raises `Rejected`: malformed, or badPublicKey for a key that is not P-256."""
    if len(der) > CERTIFICATE_LIMIT:
        raise Rejected("malformed", "The certificate is too long.")
    try:
        certificate = load_certificate(der)
        key = certificate.public_key()
        times = seconds(certificate.not_valid_before_utc), seconds(certificate.not_valid_after_utc)
        serial = f"{certificate.serial_number:x}"
    except _UNREADABLE:
        raise Rejected("malformed", "The certificate cannot be read.") from None
    return CertificateView(der, serial, jwk_of(_p256(key)), _usage_ok(certificate), *times)


def issued_here(keys: OfficeKeys, view: CertificateView) -> bool:
    """Whether the issuing CA's key signed it; that it bears the CA's name proves nothing."""
    return _issued(keys.issuing.public_bytes(Encoding.DER), view.der)


@lru_cache(maxsize=1024)
def _issued(issuer: bytes, der: bytes) -> bool:
    certificate, above = load_certificate(der), load_certificate(issuer)
    try:
        certificate.verify_directly_issued_by(above)
    except _UNREADABLE:
        return False
    return True


def _usage_ok(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions
        constraints = found.get_extension_for_class(x509.BasicConstraints).value
        usage = found.get_extension_for_class(x509.KeyUsage).value
        purposes = found.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (*_UNREADABLE, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False
    strange = any(one.critical and isinstance(one.value, x509.UnrecognizedExtension) for one in found)
    signs_only = usage.digital_signature and not usage.key_cert_sign
    return signs_only and not constraints.ca and ExtendedKeyUsageOID.CLIENT_AUTH in purposes and not strange


def _request(der: bytes) -> tuple[x509.CertificateSigningRequest, ec.EllipticCurvePublicKey]:
    try:
        request = x509.load_der_x509_csr(der)
        if not ends_with_signature(der, request.signature):
            raise ValueError("a signature in another spelling")
        key = request.public_key()
    except _UNREADABLE:
        raise Rejected("badCSR", "The certificate request cannot be read. Make a new one.") from None
    return request, _p256(key)


def _p256(key: object) -> ec.EllipticCurvePublicKey:
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Rejected("badPublicKey", "Only P-256 keys are certified.")
    return key


def _proven(request: x509.CertificateSigningRequest) -> bool:
    if request.signature_algorithm_oid != SignatureAlgorithmOID.ECDSA_WITH_SHA256:
        return False
    try:
        return request.is_signature_valid
    except _UNREADABLE:
        return False


def _check_content(info: bytes, key: ec.EllipticCurvePublicKey, common_name: str) -> None:
    """CertificationRequestInfo (RFC 2986 §4.1) is version, subject, key and no attributes; compared to the byte."""
    content = info[2:] if info[1] < 0x80 else info[2 + (info[1] & 0x7F) :]
    allowed = [name.public_bytes() for name in (x509.Name([]), subject_of(common_name))]
    subject = next((name for name in allowed if content.startswith(_VERSION + name)), None)
    if subject is None:
        raise Rejected("badCSR", "The certificate request names somebody else than the form does.")
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if content != _VERSION + subject + spki + _NO_ATTRIBUTES:
        raise Rejected("badCSR", "The certificate request asks for more than a certificate. Make a plain one.")
