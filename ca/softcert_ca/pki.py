"""The certificate authority: one door to the office's keys, its certificates, and its judgement of others'.

`profiles` says what is certified, `keys` keeps the keys, `inspection` judges what is handed in, `revocation` publishes
what is revoked. A certificate request proves a key and nothing else: what stands in a certificate is decided here.
"""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from softcert.protocol import Json, Jwk, decode, encode, sign, signer_of, to_bytes
from softcert_ca import profiles
from softcert_ca.inspection import CertificateView, check_csr, issued_here, read_certificate
from softcert_ca.keys import OfficeKeys, TlsIdentity
from softcert_ca.profiles import Authority, new_serial, subject_of
from softcert_ca.revocation import Revoked, Standing, crl, ocsp_answer

__all__ = [
    "CertificateView",
    "OfficeKeys",
    "Revoked",
    "Standing",
    "TlsIdentity",
    "chain",
    "chain_pem",
    "check_csr",
    "crl",
    "issue",
    "issued_here",
    "key_of",
    "new_serial",
    "ocsp_answer",
    "office_sign",
    "read_certificate",
    "release_sign",
    "subject_of",
]


def issue(
    keys: OfficeKeys,
    key: ec.EllipticCurvePublicKey,
    *,
    serial: int,
    common_name: str,
    now: int,
    lifetime: int,
    serial_number: str | None = None,
) -> x509.Certificate:
    """An applicant's certificate, valid from `now` for `lifetime` seconds, or for as long as the issuing CA is.

    `common_name` is the applicant's name, cut to what a certificate holds; `serial_number` an attribute of the name (at
    most 64 printable characters). Equal arguments give equal bytes.
    """
    issuing = Authority(keys.issuing, keys.issuing_key)
    subject = subject_of(common_name, serial_number)
    return profiles.applicant(issuing, key, subject, serial, now, lifetime, keys.origin)


def key_of(jwk: Jwk) -> ec.EllipticCurvePublicKey:
    """The public key of a P-256 JWK that was checked before."""
    x, y = (int.from_bytes(decode(jwk[name]), "big") for name in ("x", "y"))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def chain(keys: OfficeKeys) -> tuple[bytes, bytes]:
    """The certificates above an applicant's, DER: issuing CA, root."""
    return keys.issuing.public_bytes(Encoding.DER), keys.root.public_bytes(Encoding.DER)


def chain_pem(keys: OfficeKeys) -> bytes:
    """The same as PEM, for `GET /chain`."""
    return keys.issuing.public_bytes(Encoding.PEM) + keys.root.public_bytes(Encoding.PEM)


def office_sign(keys: OfficeKeys, payload: Json) -> Json:
    """A receipt or backup manifest: JWS by the office's signature, its certificate in the header (`x5c`)."""
    return _signed(keys.office, keys.office_key, payload)


def release_sign(keys: OfficeKeys, payload: Json) -> Json:
    """A release's manifest: JWS by the release key, its certificate in the header (`x5c`)."""
    return _signed(keys.release, keys.release_key, payload)


def _signed(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, payload: Json) -> Json:
    header = {"x5c": [encode(certificate.public_bytes(Encoding.DER))]}
    return sign(header, to_bytes(payload), signer_of(key))
