"""Reading certificates that may come from anybody."""

import warnings

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning


def load_certificate(der: bytes) -> x509.Certificate:
    """A certificate (DER), not yet believed.

    Raises ValueError for what is none, a serial number that is not positive (RFC 5280 §4.1.2.2) and a second spelling of
    the signature included; what is inside of it may raise more when it is looked at.
    """
    with warnings.catch_warnings():
        # For the time being the library only warns of such a serial number.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        certificate = x509.load_der_x509_certificate(der)
        if certificate.serial_number <= 0:
            raise ValueError("a serial number that is not positive")
    if not ends_with_signature(der, certificate.signature):
        raise ValueError("a signature in another spelling")
    return certificate


def ends_with_signature(der: bytes, signature: bytes) -> bool:
    """Whether the signature is spelled as DER wants it: a BIT STRING of whole octets, the last thing there is.

    The library takes one whose last bits count as unused, as long as they are zero: other bytes, same signature.
    """
    return der.endswith(b"\0" + signature)
