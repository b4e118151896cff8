"""Reading certificates that may come from anybody."""

import warnings

from cryptography import x509
from cryptography.utils import CryptographyDeprecationWarning


def load_certificate(der: bytes) -> x509.Certificate:
    """A certificate (DER), not yet believed.

    Raises ValueError for what is none, a serial number that is not positive included (RFC 5280 §4.1.2.2); what is inside
    of it may raise more when it is looked at.
    """
    with warnings.catch_warnings():
        # For the time being the library only warns of such a serial number.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        certificate = x509.load_der_x509_certificate(der)
        if certificate.serial_number <= 0:
            raise ValueError("a serial number that is not positive")
    return certificate
