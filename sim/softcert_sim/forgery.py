"""False certificates, put into a key store in place of the office's."""

import datetime
from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from softcert_sim.scenario.registry import CheckFailed
from softcert_sim.world import World


def put_certificate(world: World, at: str, how: str, key: ec.EllipticCurvePrivateKey) -> None:
    """Exchange the certificate in the key store at a computer: `self-signed`, of an `other-ca`, or of `wrong-usage`.

    It bears the true name, serial and public key. Raises CheckFailed where there is none.
    """
    keys = world.places[at].driver.keys
    store = next((store for store in keys.all() if store.certificate), None)
    if store is None:
        raise CheckFailed(f"a certificate at {at}", "none")
    true = x509.load_der_x509_certificate(store.certificate)
    if how == "wrong-usage":
        # The issuing key itself: as if the office had once issued such a certificate for another purpose.
        issuer, key = true.issuer, world.keys.issuing_key
    elif how == "self-signed":
        issuer = true.subject
    else:
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Another authority")])
    usage = ExtendedKeyUsageOID.SERVER_AUTH if how == "wrong-usage" else ExtendedKeyUsageOID.CLIENT_AUTH
    false = _certificate(true, issuer, usage, key)
    keys.save(replace(store, certificate=false))


def _certificate(
    true: x509.Certificate, issuer: x509.Name, usage: x509.ObjectIdentifier, key: ec.EllipticCurvePrivateKey
) -> bytes:
    public = true.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    builder = (
        x509.CertificateBuilder()
        .subject_name(true.subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(true.serial_number)
        .not_valid_before(true.not_valid_before_utc)
        .not_valid_after(true.not_valid_after_utc + datetime.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    )
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)
