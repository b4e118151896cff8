"""The certificate request inside an application (PKCS#10, RFC 2986)."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from softcert.element import private_key


def certificate_request(scalar: bytes) -> bytes:
    """A request (DER) that proves possession of a key and asks for nothing else: the office decides what it certifies.

    Signed deterministically (RFC 6979).
    """
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    request = builder.sign(private_key(scalar), hashes.SHA256(), ecdsa_deterministic=True)
    return request.public_bytes(Encoding.DER)
