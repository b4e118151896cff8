"""Signed requests: what is read, in which order, and what each failure is called (RFC 8555 §6).

`read_outer` takes the message apart, `Outer.verified` checks the signature and reads the payload. Between the two the
office looks at nonce and url, so that the order of the failures is the published one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from softcert import release
from softcert.errors import Rejected
from softcert.protocol import (
    Json,
    Jwk,
    Thumbprint,
    decode,
    from_bytes,
    protected_of,
    sha256,
    thumbprint,
    to_bytes,
    verify,
)
from softcert_ca.hardware import read_hardware

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{22,64}")
_VOLATILE = ("driver", "hardware", "inner", "acknowledges")
"""What may differ between a request and its repetition: it describes the moment, not what is asked."""


@dataclass(frozen=True, slots=True)
class Inner:
    """An inner JWS, well formed and made for this request; its signature is not verified yet."""

    message: Json
    serial: str
    content: Json

    def signed_by(self, jwk: Jwk) -> bool:
        """Whether the key signed it."""
        try:
            verify(self.message, jwk)
        except Rejected:
            return False
        return True

    def require(self, jwk: Jwk) -> None:
        """Raises `Rejected` (badSignature, badPublicKey) unless the key signed it."""
        verify(self.message, jwk)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request whose device key signed it. `digest` is the same for a request and its repetition.

    `acknowledges` names an earlier request whose answer arrived: act and request id.
    """

    act: str
    request_id: str
    device: Thumbprint
    jwk: Jwk
    nonce: str
    url: str
    driver: tuple[int, ...]
    hardware: Mapping[str, str]
    payload: Json
    inner: Inner | None
    acknowledges: tuple[str, str] | None
    digest: str

    def text(self, name: str, longest: int = 200) -> str:
        """A text of the payload. Raises `Rejected` (malformed)."""
        return text_of(self.payload, name, longest)

    def object(self, name: str) -> Json:
        """An object of the payload. Raises `Rejected` (malformed)."""
        return object_of(self.payload, name)

    def the_inner(self) -> Inner:
        """The inner message. Raises `Rejected` (malformed) where there is none."""
        if self.inner is None:
            raise Rejected("malformed", "This request needs an inner message signed by the certificate key.")
        return self.inner


@dataclass(frozen=True, slots=True)
class Outer:
    """A flattened JWS whose protected header has the right form; nothing is verified yet."""

    message: Json
    jwk: dict[str, str]
    nonce: str
    url: str

    def verified(self, act: str, url: str) -> SignedRequest:
        """The request for `act` at `url`. Raises `Rejected` (unauthorized, badSignature, badPublicKey, malformed)."""
        if self.url != url:
            raise Rejected("unauthorized", "The request was signed for another address.")
        payload = from_bytes(verify(self.message, self.jwk))
        if payload.get("act") != act:
            raise Rejected("malformed", f"A request to this address has the act {act}.")
        device = thumbprint(self.jwk)
        inner = _inner_of(payload, act, device, self)
        return SignedRequest(
            act=act,
            request_id=_request_id(payload),
            device=device,
            jwk=self.jwk,
            nonce=self.nonce,
            url=self.url,
            driver=version_of(text_of(payload, "driver", 20)),
            hardware=read_hardware(payload.get("hardware")),
            payload=payload,
            inner=inner,
            acknowledges=_acknowledged(payload),
            digest=_digest(payload, inner),
        )


def read_outer(body: bytes) -> Outer:
    """The outer JWS with exactly alg, jwk, nonce and url. Raises `Rejected` (malformed, badSignatureAlgorithm, …)."""
    message = from_bytes(body)
    header = protected_of(message)
    if set(header) != {"alg", "jwk", "nonce", "url"}:
        raise Rejected("malformed", "The protected header has alg, jwk, nonce and url, and nothing else.")
    nonce, url = header["nonce"], header["url"]
    if not isinstance(nonce, str) or not isinstance(url, str):
        raise Rejected("malformed", "nonce and url must be texts.")
    return Outer(message, read_jwk(header["jwk"]), nonce, url)


def read_jwk(value: object) -> dict[str, str]:
    """A public P-256 JWK with its four members. Raises `Rejected` (badPublicKey); the point is checked on use."""
    if not isinstance(value, dict):
        raise Rejected("badPublicKey", "jwk must be an object.")
    members = cast("dict[str, object]", value)
    if set(members) != {"crv", "kty", "x", "y"} or not all(isinstance(v, str) for v in members.values()):
        raise Rejected("badPublicKey", "jwk is a public P-256 key: crv, kty, x and y, and nothing else.")
    jwk = cast("dict[str, str]", value)
    # One spelling of each number only, or one key would have several thumbprints.
    if len(decode(jwk["x"])) != 32 or len(decode(jwk["y"])) != 32:
        raise Rejected("badPublicKey", "x and y of a P-256 key have 32 bytes each.")
    return jwk


@lru_cache(maxsize=64)
def version_of(text: str) -> tuple[int, ...]:
    """`a.b.c` as numbers, an empty tuple for an empty text. Raises `Rejected` (malformed)."""
    version = release.version_of(text)
    if text and not version:
        raise Rejected("malformed", "A version is three numbers with dots and no zero before a number, such as 1.0.0.")
    return version


def text_of(record: Json, name: str, longest: int = 200) -> str:
    """The text `name` of a record. Raises `Rejected` (malformed) when it is missing, no text, or too long."""
    value = record.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise Rejected("malformed", f"{name} must be a text of at most {longest} characters.")
    return value


def object_of(record: Json, name: str) -> Json:
    """The object `name` of a record. Raises `Rejected` (malformed)."""
    value = record.get(name)
    if not isinstance(value, dict):
        raise Rejected("malformed", f"{name} must be an object.")
    return cast(Json, value)


def bytes_of(record: Json, name: str, longest: int = 8192) -> bytes:
    """The bytes that stand as base64url under `name`. Raises `Rejected` (malformed)."""
    return decode(text_of(record, name, longest))


def _request_id(payload: Json) -> str:
    text = text_of(payload, "request_id")
    if not _REQUEST_ID.fullmatch(text):
        raise Rejected("malformed", "request_id has 22 to 64 characters of base64url.")
    return text


def _acknowledged(payload: Json) -> tuple[str, str] | None:
    if payload.get("acknowledges") is None:
        return None
    meant = object_of(payload, "acknowledges")
    return text_of(meant, "act"), text_of(meant, "request_id")


def _inner_of(payload: Json, act: str, device: Thumbprint, outer: Outer) -> Inner | None:
    """The inner message, if there is one. It must have been made for this very request (RFC 8555 §7.3.5)."""
    value: Any = payload.get("inner")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Rejected("malformed", "inner must be a flattened JWS.")
    message = cast(Json, value)
    header = protected_of(message)
    if set(header) != {"alg", "url", "serial"} or not isinstance(header["serial"], str):
        raise Rejected("malformed", "The inner protected header has alg, url and serial, and nothing else.")
    said = from_bytes(decode(message["payload"]))
    if set(said) != {"type", "url", "device", "nonce", "content"}:
        raise Rejected("malformed", "The inner payload has type, url, device, nonce and content, and nothing else.")
    meant = {"type": act, "url": outer.url, "device": device, "nonce": outer.nonce}
    if header["url"] != outer.url or any(said[name] != value for name, value in meant.items()):
        raise Rejected("unauthorized", "The inner message was made for another request.")
    return Inner(message, header["serial"], object_of(said, "content"))


def _digest(payload: Json, inner: Inner | None) -> str:
    asked = {name: value for name, value in payload.items() if name not in _VOLATILE}
    try:
        return sha256(to_bytes({"asked": asked, "inner": None if inner is None else inner.content}))
    except RecursionError:
        raise Rejected("malformed", "The message is nested too deeply.") from None
