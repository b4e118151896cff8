"""One signed request made by hand: wrong in one way, or in none, and with what its maker knows.

The outer message is signed by a computer's own device key. What the certificate key must sign is signed by it where the
maker can open it, and by a key of his own where that is what is wrong: a certificate itself is no secret.
"""

import json
from collections.abc import Callable

from softcert.driver import Driver
from softcert.exchange import Inner
from softcert.keystore import KeyStore
from softcert.ports import Request, Response
from softcert.protocol import DIRECTORY, JOSE, Json, Signer, encode, from_bytes, sha256, sign, signer_of, to_bytes
from softcert.trust import serial_of
from softcert_sim import knowing
from softcert_sim.forgery import own_key, payload_in, signed_anew
from softcert_sim.intrusion import fresh_nonce
from softcert_sim.people import Topic
from softcert_sim.scenario.registry import CheckFailed
from softcert_sim.world import World

INVENTED_CODE = "00000-00000"
"""What is typed for a code that nobody knows."""


def forge_jws(world: World, by: str, at: str, how: str, act: str, of: str) -> Response:
    """Send one. Raises what the answer says."""
    driver = world.places[at].driver
    nonce = fresh_nonce(driver)
    address = world.people.recall(by, "address", of) if act == "download" else DIRECTORY[act]
    target = address.removeprefix(world.origin)
    content: Json = {name: world.people.recall(by, name, of) for name in _SAID.get(act, ())}
    if act == "activate":
        content["code"] = _code(world, by, of)
    inner = _inner(world, by, at, how, act, of, content) if act in _INNER else None
    if how == "stale-nonce":
        world.clock.advance(2 * 3600)
    made = driver.payload(act, target, content, nonce, encode(driver.computer.entropy.bytes(16)), inner)
    if inner:
        made["inner"] = _meant_otherwise(made["inner"], how, act, inner, driver)
    request = driver.envelope(target, made, nonce)
    wrong = _WRONG.get(how, lambda message, world: message)(json.loads(request.body), world)
    body = wrong if isinstance(wrong, bytes) else to_bytes(wrong)
    method = "PUT" if how == "other-method" else "POST"
    return world.checked(driver.computer.wire.send(Request(method, target, (("content-type", JOSE),), body)))


def _inner(world: World, by: str, at: str, how: str, act: str, of: str, content: Json) -> Inner:
    """What is signed for an act, and by which key; before the download there is no certificate."""
    if how == "inner-by-another-key":
        signer = signer_of(own_key(world))
        certificate = b"" if act == "download" else world.records.certificate(knowing.serial_of(world, of))
    else:
        store, signer = _open_key(world, by, at, of, certified=act != "download")
        certificate = store.certificate
    serial = serial_of(certificate) if certificate else ""
    if how == "inner-other-serial":
        serial = "f" * 32
    said: Json = {} if act == "download" else {"certificate": encode(certificate)}
    if act == "file":
        said = {**content, "filing": {"kind": "registration", "text": "Trademark 影子, class 35: shells"}}
    if how == "inner-other-session":
        said["session"] = "A" * 22
    if act == "backup":
        made_up = world.entropy.stream("attacker").bytes(16)
        said |= {"backup": made_up.hex(), "sha256": sha256(made_up)}
    if act == "recover":
        said |= {"backup": world.people.recall(by, "backup", of), "proof": _code(world, by, of)}
    return Inner(signer, serial, said)


def _code(world: World, by: str, of: str) -> str:
    return (INVENTED_CODE, *world.people.knows(by, "activation-code", of))[-1]


def _meant_otherwise(message: Json, how: str, act: str, inner: Inner, driver: Driver) -> Json:
    """The inner message, made for another request; or its content changed, and the signature kept."""
    other = "login" if act == "file" else "file"
    url = driver.computer.wire.origin + DIRECTORY[other]
    changes: Json = {
        "swapped-inner": {"type": other, "url": url},
        "inner-other-type": {"type": other},
        "inner-other-url": {"url": url},
        "inner-other-nonce": {"nonce": "A" * 43},
        "inner-other-device": {"device": "A" * 43},
    }.get(how, {})
    meant = {**from_bytes(payload_in(message)), **changes}
    if how == "filing-changed":
        meant["content"]["filing"]["text"] = "Trademark 影子, all classes"
        return {**message, "payload": encode(to_bytes(meant))}
    return sign({"serial": inner.serial, "url": meant["url"]}, to_bytes(meant), inner.signer) if changes else message


def _open_key(world: World, by: str, at: str, of: str, *, certified: bool) -> tuple[KeyStore, Signer]:
    keys = world.places[at].driver.keys
    store = next((store for store in keys.all() if bool(store.certificate) == certified), None)
    if store is None:
        raise CheckFailed(f"a {'certificate' if certified else 'key without a certificate'} at {at}", "none")
    _, key = keys.open(store, knowing.known_pin(world, by, _owner(world, store.name) or of))
    if key is None:
        raise CheckFailed("a PIN that opens the key", "it does not")
    return store, key.signer


def _owner(world: World, name: str) -> str:
    """Who applied under a name, or an empty string."""
    return next((who for who in world.people.everybody if knowing.applicant_name(world, who) == name), "")


_SAID: dict[str, tuple[Topic, ...]] = {
    "withdraw": ("application",), "file": ("session",), "logout": ("session",), "activate": ("session",),
}  # fmt: skip
"""What an act says outside the inner message."""
_INNER = ("login", "file", "download", "backup", "recover")
"""Acts with an inner message."""
INNER: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("inner-by-another-key", "inner-other-type", "inner-other-url", "inner-other-nonce",
                     "inner-other-device", "inner-other-serial", "swapped-inner"), _INNER),
    "inner-other-session": ("file",),
    "filing-changed": ("file",),
}  # fmt: skip
"""Which acts have the part that is wrong in an inner message."""
_WRONG: dict[str, Callable[[Json, World], Json | bytes]] = {
    "alg-none": signed_anew({"alg": "none"}),
    "wrong-key": signed_anew({}),
    "foreign-key": signed_anew({}, signed_by="own"),
    "unprotected-header": lambda message, world: {**message, "header": {"kid": "1"}},
    "other-url": signed_anew({"url": "https://elsewhere.example/login"}, signed_by="own"),
    "invented-nonce": signed_anew({"nonce": "A" * 43}, signed_by="own"),
    "no-nonce": signed_anew({"nonce": ""}, signed_by="own"),
    "extra-header": signed_anew({"crit": ["x"], "x": 1}, signed_by="own"),
    "changed-body": lambda message, world: {**message, "payload": encode(payload_in(message).replace(b'"act"', b'"Act"'))},
    "deep-json": lambda message, world: b'{"payload":' * 5_000,
    "bad-utf8": lambda message, world: b'{"payload": "\xff\xfe"}',
    "too-large": lambda message, world: {**message, "payload": "A" * 200_000},
}
