"""Certificates of the office by profile (RFC 5280): who is certified for what, and for how long.

    root CA                     signs the four below it; kept apart from daily work
    ├── issuing CA              signs applicants' certificates, the CRL and its OCSP responder; nothing else
    │   ├── OCSP responder      signs OCSP answers (RFC 6960 §4.2.2.2)
    │   └── applicants          digital signature, client authentication; revocation by CRL and OCSP
    ├── release                 signs driver packages
    ├── office signature        signs receipts and backup manifests
    └── TLS server              where the office serves over TLS itself

Basic constraints and key usage stand in each and are critical. Serial numbers, keys and times come from the caller; all
signatures are deterministic (RFC 6979), so that the same input gives the same bytes.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from softcert.ports import Entropy

YEAR = 365 * 86400
ROOT_LIFETIME, ISSUING_LIFETIME, TLS_LIFETIME = 20 * YEAR, 10 * YEAR, YEAR
"""Seconds. What the root signs besides the issuing CA, and the OCSP responder, live as long as the issuing CA."""

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Number of points of P-256 (SEC 2 §2.4.2)."""
COMMON_NAME_LIMIT = 64
"""Longest common name in octets (RFC 5280 A.1, as the library counts)."""

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
Extension = tuple[x509.ExtensionType, bool]


@dataclass(frozen=True, eq=False)
class Authority:
    """A CA: its certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def new_key(entropy: Entropy) -> ec.EllipticCurvePrivateKey:
    """A P-256 key from 48 random bytes, taken modulo n-1: the bias is below 2⁻¹²⁷ (FIPS 186-5 A.2.1)."""
    scalar = int.from_bytes(entropy.bytes(48), "big") % (P256_ORDER - 1) + 1
    return ec.derive_private_key(scalar, ec.SECP256R1())


def new_serial(entropy: Entropy) -> int:
    """A serial number: positive, 127 bits, of which 126 are random; always 32 hexadecimal digits."""
    return int.from_bytes(entropy.bytes(16), "big") >> 2 | 1 << 126


def name(common_name: str) -> x509.Name:
    """A name of the office's own."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Trademark Office"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def subject_of(common_name: str, serial_number: str | None = None) -> x509.Name:
    """An applicant's name: as much of it as a common name holds, cut between characters, and a number if given.

    Two applicants may so bear the same name; a certificate is told apart by its serial number.
    """
    short = common_name.encode()[:COMMON_NAME_LIMIT].decode("utf-8", "ignore")
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, short)]
    if serial_number is not None:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial_number))
    return x509.Name(attributes)


def root(key: ec.EllipticCurvePrivateKey, serial: int, now: int) -> Authority:
    """The self-signed root; one CA below it."""
    subject = name("Trademark Office Root CA")
    unsigned = _builder(subject, subject, key.public_key(), serial, now, now + ROOT_LIFETIME, _ca(path_length=1))
    return Authority(_signed(unsigned, key), key)


def issuing(above: Authority, key: ec.EllipticCurvePrivateKey, serial: int, now: int) -> Authority:
    """The issuing CA; no CA below it."""
    subject = name("Trademark Office Soft Certificate CA")
    return Authority(_under(above, subject, key.public_key(), serial, now, ISSUING_LIFETIME, _ca(path_length=0)), key)


def responder(above: Authority, key: PublicKey, serial: int, now: int) -> x509.Certificate:
    """The OCSP responder, which is not itself asked about (ocsp-nocheck)."""
    extensions = [*_end_entity(ExtendedKeyUsageOID.OCSP_SIGNING), (x509.OCSPNoCheck(), False)]
    return _under(above, name("Trademark Office OCSP Responder"), key, serial, now, ISSUING_LIFETIME, extensions)


def release(above: Authority, key: PublicKey, serial: int, now: int) -> x509.Certificate:
    """The signer of driver packages."""
    extensions = _end_entity(ExtendedKeyUsageOID.CODE_SIGNING)
    return _under(above, name("Trademark Office Driver Release"), key, serial, now, ISSUING_LIFETIME, extensions)


def office_signature(above: Authority, key: PublicKey, serial: int, now: int) -> x509.Certificate:
    """The signer of receipts and backup manifests."""
    return _under(above, name("Trademark Office Signature"), key, serial, now, ISSUING_LIFETIME, _end_entity())


def tls_server(
    above: Authority, key: PublicKey, serial: int, now: int, hosts: Iterable[str], addresses: Iterable[str]
) -> x509.Certificate:
    """A TLS server under the given host names and IP addresses."""
    names = [*map(x509.DNSName, hosts), *(x509.IPAddress(ipaddress.ip_address(text)) for text in addresses)]
    extensions = [*_end_entity(ExtendedKeyUsageOID.SERVER_AUTH), (x509.SubjectAlternativeName(names), False)]
    return _under(above, name("Trademark Online Service System"), key, serial, now, TLS_LIFETIME, extensions)


def applicant(
    above: Authority, key: PublicKey, subject: x509.Name, serial: int, now: int, lifetime: int, origin: str
) -> x509.Certificate:
    """An applicant's soft certificate; CRL and OCSP are asked at the office's configured origin."""
    crl = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{origin}/crl")], None, None, None)
    ocsp = x509.AccessDescription(
        AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(f"{origin}/ocsp")
    )
    extensions = [
        *_end_entity(ExtendedKeyUsageOID.CLIENT_AUTH),
        (x509.CRLDistributionPoints([crl]), False),
        (x509.AuthorityInformationAccess([ocsp]), False),
    ]
    return _under(above, subject, key, serial, now, lifetime, extensions)


def seconds(time: datetime) -> int:
    """Seconds since 1970, UTC."""
    return int(time.timestamp())


def moment(at: int) -> datetime:
    """The inverse of `seconds`."""
    return datetime.fromtimestamp(at, UTC)


def _under(
    above: Authority, subject: x509.Name, key: PublicKey, serial: int, now: int, lifetime: int, more: list[Extension]
) -> x509.Certificate:
    """A certificate by `above`, which it never outlives."""
    issuer = above.certificate
    end = min(now + lifetime, seconds(issuer.not_valid_after_utc))
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    return _signed(_builder(subject, issuer.subject, key, serial, now, end, [*more, (authority, False)]), above.key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: PublicKey, serial: int, start: int, end: int, more: list[Extension]
) -> x509.CertificateBuilder:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(moment(start))
        .not_valid_after(moment(end))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
    for extension, critical in more:
        builder = builder.add_extension(extension, critical=critical)
    return builder


def _signed(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)


def _ca(path_length: int) -> list[Extension]:
    return [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (_key_usage(key_cert_sign=True, crl_sign=True), True),
    ]


def _end_entity(*purposes: x509.ObjectIdentifier) -> list[Extension]:
    extensions: list[Extension] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_key_usage(digital_signature=True), True),
    ]
    if purposes:
        extensions.append((x509.ExtendedKeyUsage(purposes), False))
    return extensions


def _key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
