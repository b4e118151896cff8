"""Messages between driver and office: signing, verifying, problem documents, names of the addresses.

Modelled on ACME (RFC 8555): a directory, nonces, flattened JWS (RFC 7515 §7.2.2), problem documents (RFC 9457). Unlike
ACME there are no accounts: every request carries the device's public key (`jwk`), and its thumbprint (RFC 7638) is the
computer's name. Login, filing, backup and recovery carry an inner JWS by the certificate key inside the outer one, as
RFC 8555 §7.3.5 composes them.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from softcert.errors import Rejected

Json = dict[str, Any]
Jwk = Mapping[str, str]
Thumbprint = str
Signer = Callable[[bytes], bytes]

JOSE = "application/jose+json"
PROBLEM = "application/problem+json"
REFUSED = "urn:softcert:refused:"
ACME = "urn:ietf:params:acme:error:"
BODY_LIMIT = 64 * 1024
"""Largest accepted request body, bytes."""

DIRECTORY = {
    "newNonce": "/nonce",
    "confirm": "/confirm",
    "driver": "/driver",
    "notice": "/notice",
    "apply": "/apply",
    "withdraw": "/withdraw",
    "acknowledge": "/acknowledge",
    "newCode": "/new-code",
    "login": "/login",
    "logout": "/logout",
    "activate": "/activate",
    "file": "/file",
    "backup": "/backup",
    "recover": "/recover",
    "crl": "/crl",
    "ocsp": "/ocsp",
    "chain": "/chain",
}
"""Names in the directory and their paths; a download goes to the address in the mail, `/download/…`."""

_ES256 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
_ALGORITHM = JWSRegistry(algorithms=["ES256"]).get_alg("ES256")


def encode(data: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The strict inverse of `encode`. Raises `Rejected` (malformed) for anything that `encode` does not write."""
    try:
        data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (UnicodeEncodeError, binascii.Error, ValueError, AttributeError):
        raise Rejected("malformed", "A field is not base64url.") from None
    if encode(data) != text:
        raise Rejected("malformed", "A field is not base64url without padding.")
    return data


def to_bytes(value: Any) -> bytes:
    """JSON in one spelling: sorted keys, no blanks, UTF-8. Raises ValueError for half characters, RecursionError."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        # Ten times as slow, but it knows whole numbers of any length, and says what is wrong with the rest.
        return _ENCODER.encode(value).encode()


def from_bytes(data: bytes) -> Json:
    """A JSON object. Raises `Rejected` (malformed) for anything else.

    Duplicate keys, deep nesting and half characters (a surrogate without its other) are something else too.
    """
    try:
        value: Any = _DECODER.decode(data.decode("utf-8"))
        if b"\\u" in data:
            # Only an escape can bring in half a surrogate pair, which no database, log or answer can write.
            to_bytes(value)
    except (ValueError, RecursionError):
        raise Rejected("malformed", "The message is not a JSON object.") from None
    if not isinstance(value, dict):
        raise Rejected("malformed", "The message is not a JSON object.")
    return cast(Json, value)


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("duplicate key")
    return made


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def raw_signature(der: bytes) -> bytes:
    """An ECDSA signature as JOSE writes it: r and s, 32 bytes each (RFC 7518 §3.4)."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def signer_of(key: ec.EllipticCurvePrivateKey) -> Signer:
    """Signs with `key`, deterministically (RFC 6979)."""
    return lambda data: raw_signature(key.sign(data, _ES256))


def jwk_of(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """A P-256 public key as JWK."""
    numbers = key.public_numbers()
    return {
        "crv": "P-256",
        "kty": "EC",
        "x": encode(numbers.x.to_bytes(32, "big")),
        "y": encode(numbers.y.to_bytes(32, "big")),
    }


def thumbprint(jwk: Jwk) -> Thumbprint:
    """RFC 7638: what names a computer."""
    return encode(hashlib.sha256(to_bytes({name: jwk[name] for name in ("crv", "kty", "x", "y")})).digest())


@lru_cache(maxsize=4096)
def _key(crv: str, kty: str, x: str, y: str) -> ECKey:
    if (crv, kty) != ("P-256", "EC"):
        raise Rejected("badPublicKey", "Only P-256 keys are accepted.")
    try:
        left, right = int.from_bytes(decode(x), "big"), int.from_bytes(decode(y), "big")
        return ECKey.import_key(ec.EllipticCurvePublicNumbers(left, right, ec.SECP256R1()).public_key())
    except (Rejected, ValueError):
        raise Rejected("badPublicKey", "The key is not a point of P-256.") from None


def sign(protected: Json, payload: bytes, signer: Signer) -> Json:
    """A flattened JWS with ES256. `signer` holds the key; it may be a secure element."""
    header = encode(to_bytes({"alg": "ES256", **protected}))
    body = encode(payload)
    return {"payload": body, "protected": header, "signature": encode(signer(f"{header}.{body}".encode()))}


def protected_of(message: Json) -> Json:
    """The protected header of a flattened JWS, not yet verified. Raises `Rejected` (malformed)."""
    if set(message) != {"payload", "protected", "signature"} or not all(isinstance(v, str) for v in message.values()):
        raise Rejected("malformed", "A signed message has payload, protected and signature, and nothing else.")
    header = dict(_header(message["protected"]))
    if header.get("alg") != "ES256":
        raise Rejected("badSignatureAlgorithm", "Only ES256 is accepted.")
    if "crit" in header:
        raise Rejected("malformed", "No extension of RFC 7515 is understood here (§4.1.11).")
    return header


@lru_cache(maxsize=64)
def _header(text: str) -> Json:
    """One header is read by whoever looks what it says, and again by whoever verifies it."""
    return from_bytes(decode(text))


def verify(message: Json, jwk: Jwk) -> bytes:
    """The payload of a flattened JWS that `jwk` signed. Raises `Rejected` (badSignature, malformed, badPublicKey)."""
    protected_of(message)
    try:
        key = _key(*(jwk[name] for name in ("crv", "kty", "x", "y")))
    except (KeyError, TypeError):
        raise Rejected("badPublicKey", "The key is not a public JWK.") from None
    signed = f"{message['protected']}.{message['payload']}".encode()
    try:
        fits = _ALGORITHM.verify(signed, decode(message["signature"]), key)
    except (JoseError, ValueError, Rejected):
        fits = False
    if not fits:
        raise Rejected("badSignature", "The signature does not fit the message.")
    return decode(message["payload"])
