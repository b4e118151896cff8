"""Messages: what is signed, what verifies, and what is not let in."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as some
from joserfc import jws
from joserfc.jwk import ECKey

from softcert.errors import Rejected
from softcert.protocol import (
    decode,
    encode,
    from_bytes,
    jwk_of,
    protected_of,
    sign,
    signer_of,
    thumbprint,
    to_bytes,
    verify,
)

KEY = ec.derive_private_key(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721, ec.SECP256R1())
"""The key of RFC 6979 §A.2.5."""
JWK = jwk_of(KEY.public_key())
SIGNED = sign({"nonce": "n", "url": "https://office.example/login"}, b'{"act":"login"}', signer_of(KEY))


def test_signatures_are_those_of_rfc_6979() -> None:
    signature = signer_of(KEY)(b"sample").hex().upper()
    assert signature == (
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    )


def test_another_library_verifies_what_is_signed_here() -> None:
    message = jws.deserialize_json(SIGNED, ECKey.import_key(JWK), registry=jws.JWSRegistry(strict_check_header=False))
    assert message.payload == b'{"act":"login"}'
    assert ECKey.import_key(JWK).thumbprint() == thumbprint(JWK)


def test_what_another_library_signs_is_verified_here() -> None:
    key = ECKey.generate_key("P-256")
    message = jws.serialize_json({"protected": {"alg": "ES256"}}, b"{}", key)
    assert verify(message, key.as_dict(private=False)) == b"{}"


@pytest.mark.parametrize("part", ["payload", "protected", "signature"])
@pytest.mark.parametrize("place", range(0, 40, 3))
def test_a_changed_symbol_is_noticed(part: str, place: int) -> None:
    text = SIGNED[part]
    place %= len(text)
    other = "A" if text[place] != "A" else "B"
    with pytest.raises(Rejected):
        verify({**SIGNED, part: text[:place] + other + text[place + 1 :]}, JWK)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ({"alg": "none"}, "badSignatureAlgorithm"),
        ({"alg": "HS256"}, "badSignatureAlgorithm"),
        ({"alg": "ES384"}, "badSignatureAlgorithm"),
        ({}, "badSignatureAlgorithm"),
        ({"alg": "ES256", "crit": ["b64"], "b64": False}, "malformed"),
    ],
)
def test_headers_that_would_weaken_the_signature(header: dict[str, object], name: str) -> None:
    with pytest.raises(Rejected) as caught:
        protected_of({**SIGNED, "protected": encode(to_bytes(header))})
    assert caught.value.name == name


@pytest.mark.parametrize(
    "message",
    [{}, {**SIGNED, "header": {}}, {**SIGNED, "signatures": []}, {**SIGNED, "payload": 1}, {"payload": ""}],
)
def test_other_shapes_are_malformed(message: dict[str, object]) -> None:
    with pytest.raises(Rejected, match="malformed"):
        verify(message, JWK)


@pytest.mark.parametrize(
    "jwk",
    [{}, {**JWK, "crv": "P-384"}, {**JWK, "kty": "oct"}, {**JWK, "x": JWK["y"]}, {**JWK, "x": 1}, {**JWK, "y": "!"}],
)
def test_keys_that_are_none_are_refused_by_name(jwk: dict[str, str]) -> None:
    with pytest.raises(Rejected, match="badPublicKey"):
        verify(SIGNED, jwk)


@given(some.binary(max_size=100))
def test_base64url_is_read_as_it_is_written_and_in_no_other_spelling(data: bytes) -> None:
    text = encode(data)
    assert decode(text) == data
    for other in (text + "=", text + "\n", " " + text, text.replace("-", "+") if "-" in text else text + "A===="):
        with pytest.raises(Rejected, match="malformed"):
            decode(other)


@given(some.text(max_size=20))
def test_any_text_is_decoded_exactly_or_refused(text: str) -> None:
    try:
        data = decode(text)
    except Rejected:
        return
    assert encode(data) == text


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(some.characters(exclude_categories=["Cs"])),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(some.dictionaries(some.text(some.characters(exclude_categories=["Cs"]), max_size=5), JSON, max_size=4))
def test_json_has_one_spelling_and_is_read_back(value: dict[str, object]) -> None:
    assert to_bytes(value) == to_bytes(dict(reversed(value.items())))
    assert from_bytes(to_bytes(value)) == value


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"1", b"null", b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":Infinity}', b"\xff", b'{"a":1}x', b'{"a":"\xff"}',
        b'{"a":{"b":1,"b":2}}', b"[" * 100_000, b'{"a":' * 50_000,
    ],
    ids=lambda data: repr(data[:12]),
)  # fmt: skip
def test_what_is_no_json_object_is_malformed(data: bytes) -> None:
    with pytest.raises(Rejected, match="malformed"):
        from_bytes(data)


