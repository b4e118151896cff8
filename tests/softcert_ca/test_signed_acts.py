"""Whatever a client with a device key sends, it gets a 4xx problem and never a 500 (ATTACKS 60, fuzz).

Texts hold half characters too. They go out as JSON escapes, the only way in which they can: in UTF-8 they have no form.
"""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from softcert.protocol import DIRECTORY, encode, sign, signer_of
from softcert_ca import signed_acts

ORIGIN = "https://office.example"
SETTINGS = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
HALF = "\ud800"
TEXTS = st.text(max_size=30) | st.text(st.characters(codec=None), max_size=5) | st.just(HALF)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS | st.just("1.0.0") | st.just("a" * 32),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("form", "csr", "confirmation", "notice", "application", "session", "code", "acknowledges", "inner")
INNER = ("certificate", "backup", "sha256", "proof", "session", "filing")
ACTS = {act: name for name, (act, _) in signed_acts.ACTS.items() if act != "download"}


def sent(computer, act, fields, content):
    nonce, target = computer.fresh_nonce(), DIRECTORY[ACTS[act]]
    url = ORIGIN + target
    request_id = encode(computer.bench.entropy.bytes(16))
    payload = {"act": act, "request_id": request_id, "driver": "1.0.0", "hardware": computer.hardware, **fields}
    if content is not None:
        meant = {"type": act, "url": url, "device": computer.device, "nonce": nonce, "content": content}
        payload["inner"] = sign({"url": url, "serial": "1"}, json.dumps(meant).encode(), signer_of(computer.key))
    header = {"jwk": computer.jwk, "nonce": nonce, "url": url}
    return computer.send(target, sign(header, json.dumps(payload).encode(), signer_of(computer.device_key)))


@SETTINGS
@given(
    act=st.sampled_from(sorted(ACTS)),
    fields=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6),
    content=st.none() | st.dictionaries(st.sampled_from(INNER), VALUES, max_size=4),
)
def test_no_signed_message_breaks_the_office(bench, act, fields, content):
    computer = bench.computer("fuzz")
    assert sent(computer, act, fields, content).status < 500


def payloads_with_half_a_character():
    """Each place of a payload in which a text can stand, by name."""
    for place in (*FIELDS, "act", "request_id", "driver", "hardware"):
        yield place, {place: HALF}, None
    yield "acknowledged act", {"acknowledges": {"act": HALF, "request_id": "x"}}, None
    yield "acknowledged id", {"acknowledges": {"act": "apply", "request_id": HALF}}, None
    yield "hardware id", {"hardware": {"board": HALF, "processor": "p", "disk": "d", "network": "n"}}, None
    yield "unknown field", {"other": [{"deep": HALF}]}, None
    yield "unknown name", {HALF: "x"}, None
    for place in INNER:
        yield f"inner {place}", {}, {place: HALF}
    yield "filing", {}, {"session": "x", "filing": {"kind": "application", "text": HALF}}


PLACES = {name: (fields, content) for name, fields, content in payloads_with_half_a_character()}


@pytest.mark.parametrize("place", PLACES)
def test_half_a_character_is_malformed_wherever_it_stands(bench, place):
    """The nonce is spent, as by any message that fails after it."""
    computer = bench.computer("fuzz")
    act = "recover" if place.startswith("inner") else "file" if place == "filing" else "logout"
    before = bench.execute("SELECT count(*) FROM used_nonces")[0][0]
    told = sent(computer, act, *PLACES[place])
    assert (told.status, told.refusal) == (400, "malformed")
    assert bench.execute("SELECT count(*) FROM used_nonces")[0][0] == before + 1


@SETTINGS
@given(fields=st.dictionaries(st.sampled_from(("name", "mailbox", "country", "mobile", "contact", "other")), VALUES))
def test_no_form_breaks_the_office(bench, fields):
    computer = bench.computer("fuzz")
    asked = computer.application_message(form=fields)
    assert sent(computer, "apply", asked, None).status < 500


@SETTINGS
@given(body=st.binary(max_size=200) | VALUES.map(repr).map(str.encode))
def test_no_unsigned_body_breaks_the_office(bench, body):
    for target in (DIRECTORY["confirm"], DIRECTORY["login"], "/download/x"):
        reply = bench.call("POST", target, [("content-type", "application/jose+json")], body)
        assert 400 <= reply.status < 500
    assert bench.call("POST", DIRECTORY["ocsp"], body=body).status == 200


@SETTINGS
@given(path=st.text(max_size=30))
def test_no_path_breaks_the_office(bench, path):
    encoded = "/" + "".join(f"%{byte:02X}" for byte in path.encode("utf-8", "replace"))
    for prefix in ("", "/download"):
        assert bench.call("GET", prefix + encoded).status in (200, 404)
