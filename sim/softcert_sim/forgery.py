"""What attackers make and sign themselves: messages with another header, certificates and requests for them."""

import datetime
import json
from collections.abc import Callable
from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from softcert.driver import Driver
from softcert.element import DEVICE
from softcert.protocol import Json, decode, encode, from_bytes, jwk_of, sign, signer_of, to_bytes
from softcert_sim.scenario.registry import CheckFailed
from softcert_sim.world import World


def header_in(message: Json) -> Json:
    """What a signed message says in its protected header, not verified."""
    return json.loads(decode(message["protected"]))


def signed_anew(changes: Json, *, signed_by: str = "other") -> Callable[[Json, World], Json]:
    """The header changed, and the whole signed anew by a key of the attacker's."""

    def forge(message: Json, world: World) -> Json:
        key = own_key(world)
        header = {**header_in(message), **changes}
        if signed_by == "own":
            header["jwk"] = jwk_of(key.public_key())
        payload = payload_in(message)
        made = sign({name: value for name, value in header.items() if name != "alg"}, payload, signer_of(key))
        if "alg" in changes:
            made["protected"] = encode(to_bytes(header))
        return made

    return forge


def payload_in(message: Json) -> bytes:
    """What a signed message carries, not verified."""
    return decode(message["payload"])


def own_key(world: World) -> ec.EllipticCurvePrivateKey:
    """A fresh key of the attacker's."""
    seed = int.from_bytes(world.entropy.stream("attacker").bytes(31), "big")
    return ec.derive_private_key(seed + 1, ec.SECP256R1())


def renamed(confirmation: Json, driver: Driver) -> Json:
    """Another computer's confirmation with this computer's key and name written into it; the signature stays."""
    header = {**header_in(confirmation), "jwk": dict(driver.device())}
    said = {**from_bytes(payload_in(confirmation)), "device": driver.device_name()}
    return {**confirmation, "protected": encode(to_bytes(header)), "payload": encode(to_bytes(said))}


def certificate_request(how: str, world: World, driver: Driver) -> bytes:
    """A request (DER) for a certificate: `own-key` is in order, each other one wrong in the way that its name says."""
    curve = ec.SECP224R1() if how == "weak-key" else ec.SECP256R1()
    key = ec.derive_private_key(own_key(world).private_numbers().private_value >> 64, curve)
    names = [x509.NameAttribute(NameOID.COMMON_NAME, "Somebody Else")] if how == "other-subject" else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    if how == "extra-extension":
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    request = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    if how == "device-key":
        return _for_the_device_key(request, key, driver)
    made = bytearray(request.public_bytes(Encoding.DER))
    made[-1] ^= how == "unproven"
    return bytes(made)


def _for_the_device_key(request: x509.CertificateSigningRequest, key: ec.EllipticCurvePrivateKey, driver: Driver) -> bytes:
    """The request with a computer's device key in the place of its own, signed by the secure element."""
    device = driver.device()
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    asked = request.tbs_certrequest_bytes.replace(point, b"\x04" + decode(device["x"]) + decode(device["y"]))
    signature = driver.computer.element.sign(DEVICE, asked)
    numbers = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")  # ecdsa-with-SHA256 (RFC 5758)
    return _tagged(0x30, asked + algorithm + _tagged(0x03, b"\0" + encode_dss_signature(*numbers)))


def _tagged(tag: int, value: bytes) -> bytes:
    """One value in DER, shorter than 64 kB."""
    size = len(value)
    length = bytes([size]) if size < 0x80 else bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + value


def put_certificate(world: World, at: str, how: str, key: ec.EllipticCurvePrivateKey) -> None:
    """Exchange the certificate in the key store at a computer: `self-signed`, of an `other-ca`, of `wrong-usage`,
    or with a `later-end`, signed by the office's own key.

    It bears the true name, serial and public key. Raises CheckFailed where there is none.
    """
    keys = world.places[at].driver.keys
    store = next((store for store in keys.all() if store.certificate), None)
    if store is None:
        raise CheckFailed(f"a certificate at {at}", "none")
    true = x509.load_der_x509_certificate(store.certificate)
    if how in ("wrong-usage", "later-end"):
        # The issuing key itself: as if the office had once issued such a certificate, by mistake.
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
    )
    for extension in true.extensions:
        asked_for = isinstance(extension.value, x509.ExtendedKeyUsage)
        value = x509.ExtendedKeyUsage([usage]) if asked_for else extension.value
        builder = builder.add_extension(value, critical=extension.critical)
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)
