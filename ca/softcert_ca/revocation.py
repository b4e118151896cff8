"""Which certificates are revoked: the CRL (RFC 5280 §5) and the OCSP responder (RFC 6960)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from softcert_ca.keys import OfficeKeys
from softcert_ca.profiles import moment

CRL_LIFETIME = 86400
"""Seconds until a CRL is too old to be believed."""
OCSP_LIFETIME = 3600
"""Seconds until an OCSP answer is too old to be believed."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """A revoked certificate. `at` is in seconds since 1970; `reason` one of RFC 5280's names, else none is told."""

    serial: int
    at: int
    reason: str = "unspecified"


Standing = Revoked | Literal["good"] | None
"""What the office knows about a serial number; None: it issued no such certificate."""


def crl(keys: OfficeKeys, revoked: Iterable[Revoked], number: int, now: int) -> bytes:
    """The list of revoked certificates, DER. `number` rises with each list (RFC 5280 §5.2.3)."""
    identifier = keys.issuing.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(keys.issuing.subject)
        .last_update(moment(now))
        .next_update(moment(now + CRL_LIFETIME))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
    )
    for one in sorted(revoked, key=lambda one: (one.at, one.serial)):
        builder = builder.add_revoked_certificate(_entry(one))
    return builder.sign(keys.issuing_key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)


def ocsp_answer(keys: OfficeKeys, request: bytes, lookup: Callable[[int], Standing], now: int) -> bytes:
    """The DER answer to a DER request about one certificate; a nonce is repeated (RFC 9654).

    Answers without a signature: `malformedRequest` to what cannot be read, `unauthorized` about another CA's
    certificates.
    """
    try:
        asked = ocsp.load_der_ocsp_request(request)
        algorithm, nonce = asked.hash_algorithm, _nonce(asked)
    except (ValueError, TypeError, NotImplementedError, UnsupportedAlgorithm, x509.DuplicateExtension):
        return _unsigned(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
    if not _about_us(keys, asked, algorithm):
        return _unsigned(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    builder = _single(ocsp.OCSPResponseBuilder(), asked, algorithm, lookup(asked.serial_number), now)
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, keys.ocsp).certificates([keys.ocsp])
    if nonce is not None:
        builder = builder.add_extension(nonce, critical=False)
    return _produced_at(builder.sign(keys.ocsp_key, None), keys, now)


def _entry(revoked: Revoked) -> x509.RevokedCertificate:
    entry = x509.RevokedCertificateBuilder().serial_number(revoked.serial).revocation_date(moment(revoked.at))
    reason = _reason(revoked.reason)
    if reason is not None:
        entry = entry.add_extension(x509.CRLReason(reason), critical=False)
    return entry.build()


def _reason(text: str) -> x509.ReasonFlags | None:
    """RFC 5280 §5.3.1: none is better than `unspecified`; `removeFromCRL` is for delta CRLs only."""
    silent = (x509.ReasonFlags.unspecified, x509.ReasonFlags.remove_from_crl)
    return next((flag for flag in x509.ReasonFlags if flag.value == text and flag not in silent), None)


def _nonce(asked: ocsp.OCSPRequest) -> x509.OCSPNonce | None:
    try:
        return asked.extensions.get_extension_for_class(x509.OCSPNonce).value
    except x509.ExtensionNotFound:
        return None


def _about_us(keys: OfficeKeys, asked: ocsp.OCSPRequest, algorithm: hashes.HashAlgorithm) -> bool:
    """Whether the request names the issuing CA, by its name and key."""
    ours = ocsp.OCSPRequestBuilder().add_certificate(keys.ocsp, keys.issuing, algorithm).build()
    return (ours.issuer_name_hash, ours.issuer_key_hash) == (asked.issuer_name_hash, asked.issuer_key_hash)


def _single(
    builder: ocsp.OCSPResponseBuilder,
    asked: ocsp.OCSPRequest,
    algorithm: hashes.HashAlgorithm,
    standing: Standing,
    now: int,
) -> ocsp.OCSPResponseBuilder:
    status = ocsp.OCSPCertStatus.UNKNOWN if standing is None else ocsp.OCSPCertStatus.GOOD
    revoked = standing if isinstance(standing, Revoked) else None
    return builder.add_response_by_hash(
        issuer_name_hash=asked.issuer_name_hash,
        issuer_key_hash=asked.issuer_key_hash,
        serial_number=asked.serial_number,
        algorithm=algorithm,
        cert_status=status if revoked is None else ocsp.OCSPCertStatus.REVOKED,
        this_update=moment(now),
        next_update=moment(now + OCSP_LIFETIME),
        revocation_time=None if revoked is None else moment(revoked.at),
        revocation_reason=None if revoked is None else _reason(revoked.reason),
    )


def _produced_at(answer: ocsp.OCSPResponse, keys: OfficeKeys, now: int) -> bytes:
    """The answer with the office's time in `producedAt`, signed again.

    The library writes the machine's time there. Both times and both signatures are of one length, so that they can be
    exchanged in place.
    """
    content, signature = answer.tbs_response_bytes, answer.signature
    dated = content.replace(_generalized(answer.produced_at_utc.timestamp()), _generalized(now), 1)
    der = answer.public_bytes(Encoding.DER)
    return der.replace(content, dated, 1).replace(signature, keys.ocsp_key.sign(dated), 1)


def _generalized(at: float) -> bytes:
    """A GeneralizedTime in DER; `producedAt` is the first of its kind in an answer."""
    return b"\x18\x0f" + moment(int(at)).astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode()


def _unsigned(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
