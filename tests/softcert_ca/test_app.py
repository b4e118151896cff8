"""The public listener: protocol errors by their names, in their order (ATTACKS 12, 14, 44, 60)."""

import json

import pytest

from softcert.protocol import DIRECTORY, decode, encode, sign, signer_of, to_bytes
from softcert_ca.tokens import NONCE_LIFETIME

LOGIN = DIRECTORY["login"]


@pytest.fixture
def li_wei(bench):
    return bench.downloaded(bench.computer("li-wei"))


def post(bench, target, body, content_type="application/jose+json"):
    return bench.call("POST", target, [("content-type", content_type)], body)


def login_message(computer, **options):
    return computer.message("login", LOGIN, {}, inner={"certificate": encode(computer.certificate)}, **options)


def test_the_directory_and_the_unsigned_pages(bench):
    assert bench.call("GET", "/directory").json["login"] == "https://office.example/login"
    assert bench.call("HEAD", DIRECTORY["newNonce"]).status == 200
    assert bench.call("GET", DIRECTORY["newNonce"]).status == 204
    assert b"Register Now" in bench.call("GET", "/").body
    assert bench.call("GET", DIRECTORY["chain"]).body.count(b"BEGIN CERTIFICATE") == 2


def test_unknown_paths_and_methods_are_problem_documents(bench):
    unknown = [("GET", "/nothing"), ("GET", "/login/"), ("POST", "/apply/x")]
    other = [("GET", LOGIN), ("DELETE", "/"), ("PUT", "/download/x"), ("POST", "/directory")]
    for (method, target), status in [(one, 404) for one in unknown] + [(one, 405) for one in other]:
        reply = bench.call(method, target)
        assert reply.status == status
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json["status"] == status


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"\xff", b"[" * 60_000, b'{"a":1,"a":2}', b"null", b'{"a":NaN}'),
        b'{"payload":"","protected":"","signature":""}',
        b'{"payload":1,"protected":"e30","signature":""}',
        b'"' + b"9" * 5000 + b'"',
    ],
    ids=range(11),
)
def test_bodies_that_are_no_signed_message(bench, body):
    reply = post(bench, LOGIN, body)
    assert reply.status == 400
    assert reply.refusal in ("malformed", "badSignatureAlgorithm")
    assert reply.headers["replay-nonce"]


def test_large_bodies_are_refused_before_they_are_read(bench):
    reply = post(bench, LOGIN, b" " * (64 * 1024 + 1))
    assert (reply.status, reply.refusal) == (413, "malformed")
    announced = bench.call("POST", LOGIN, [("content-length", "9" * 30)], b"{}")
    assert announced.status == 413


@pytest.mark.parametrize("length", ["abc", "-1", "1e3", " ", "\xb2"])
def test_a_length_that_is_no_number_is_called_that(bench, length):
    told = bench.call("POST", LOGIN, [("content-length", length)], b"{}")
    assert (told.status, told.refusal) == (400, "malformed")
    assert told.json["detail"].startswith("content-length must be")


def test_every_signed_answer_has_a_fresh_nonce(bench, li_wei):
    seen = set()
    for _ in range(3):
        li_wei.login()
        seen.add(li_wei.nonce)
    assert len(seen) == 3


def test_a_message_counts_once(li_wei):
    message = login_message(li_wei)
    assert li_wei.send(LOGIN, message).status == 200
    assert li_wei.send(LOGIN, message).refusal == "badNonce"


def test_a_refused_message_cannot_be_sent_again_either(bench, li_wei):
    li_wei.driver = ""
    message = login_message(li_wei)
    assert li_wei.send(LOGIN, message).refusal == "driver-first/missing"
    assert li_wei.send(LOGIN, message).refusal == "badNonce"


def test_a_message_that_the_protocol_rejected_after_its_signature_is_over_too(bench, li_wei):
    message = li_wei.message("login", LOGIN, {})
    assert li_wei.send(LOGIN, message).refusal == "malformed"
    assert li_wei.send(LOGIN, message).refusal == "badNonce"


def test_a_nonce_belongs_to_the_first_message_that_presents_it(li_wei):
    for wrong, name in (({"url": "https://evil.example/login"}, "unauthorized"), ({"signature": ""}, "badSignature")):
        header = {key: value for key, value in wrong.items() if key == "url"}
        message = {**login_message(li_wei, header=header), **{k: v for k, v in wrong.items() if k == "signature"}}
        assert li_wei.send(LOGIN, message).refusal == name
        assert li_wei.send(LOGIN, message).refusal == "badNonce"


def test_nonces_of_others_and_old_ones(bench, li_wei):
    li_wei.nonce = "A" * 54
    assert li_wei.login().refusal == "badNonce"
    message = login_message(li_wei)
    bench.clock.time += NONCE_LIFETIME + 1
    assert li_wei.send(LOGIN, message).refusal == "badNonce"


def test_used_nonces_are_forgotten_when_they_are_too_old(bench, li_wei):
    for _ in range(200):
        bench.clock.time += 300
        li_wei.nonce = ""
        li_wei.login()
    assert bench.execute("SELECT count(*) FROM used_nonces")[0][0] < 100


@pytest.mark.parametrize(
    ("header", "refusal"),
    [
        ({"alg": "none"}, "badSignatureAlgorithm"),
        ({"alg": "HS256"}, "badSignatureAlgorithm"),
        ({"kid": "1"}, "malformed"),
        ({"crit": ["b64"], "b64": False}, "malformed"),
        ({"url": "https://office.example/file"}, "unauthorized"),
        ({"url": "https://evil.example/login"}, "unauthorized"),
        ({"url": "https://office.example/login?x"}, "unauthorized"),
        ({"nonce": 7}, "malformed"),
        ({"jwk": "key"}, "badPublicKey"),
        ({"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}, "badPublicKey"),
        ({"jwk": {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}}, "badPublicKey"),
        ({"jwk": {"kty": "oct", "k": "AA"}}, "badPublicKey"),
    ],
    ids=str,
)
def test_changed_outer_headers(li_wei, header, refusal):
    reply = li_wei.send(LOGIN, login_message(li_wei, header=header))
    assert reply.refusal == refusal
    assert li_wei.login().status == 200


def test_one_key_has_one_name(li_wei):
    """The same number with a zero before it would be the same key under another thumbprint."""
    longer = {**li_wei.jwk, "x": encode(b"\0" + decode(li_wei.jwk["x"]))}
    assert li_wei.send(LOGIN, login_message(li_wei, header={"jwk": longer})).refusal == "badPublicKey"


def test_unprotected_headers_and_changed_parts(li_wei):
    message = login_message(li_wei)
    assert li_wei.send(LOGIN, {**message, "header": {"kid": "1"}}).refusal == "malformed"
    assert li_wei.send(LOGIN, {**message, "payload": encode(b"{}")}).refusal == "badSignature"
    foreign = {**login_message(li_wei), "signature": encode(bytes(64))}
    assert li_wei.send(LOGIN, foreign).refusal == "badSignature"
    assert li_wei.send(LOGIN, {**login_message(li_wei), "signature": "!"}).status == 400


def test_a_foreign_embedded_key(bench, li_wei):
    thief = bench.computer("thief")
    message = login_message(li_wei, header={"jwk": thief.jwk})
    assert li_wei.send(LOGIN, message).refusal == "badSignature"


def test_the_order_is_nonce_then_url_then_signature(li_wei):
    wrong = {"nonce": "A" * 54, "url": "https://evil.example/login"}
    assert li_wei.send(LOGIN, login_message(li_wei, header=wrong)).refusal == "badNonce"
    forged = login_message(li_wei, header={"url": "https://evil.example/login"})
    assert li_wei.send(LOGIN, {**forged, "signature": encode(bytes(64))}).refusal == "unauthorized"


@pytest.mark.parametrize(
    "change",
    [
        *({"act": "file"}, {"act": None}, {"request_id": "short"}, {"request_id": 1}, {"driver": 1}, {"driver": "1.0"}),
        *({"hardware": {}}, {"inner": "x"}, {"inner": {}}, {"surrogate": "\ud800"}),
    ],
    ids=str,
)
def test_changed_payloads_are_malformed(bench, li_wei, change):
    nonce = li_wei.fresh_nonce()
    payload = {"act": "login", "request_id": "r" * 22, "driver": "1.0.0", "hardware": li_wei.hardware, **change}
    text = json.dumps(payload).encode()
    header = {"jwk": li_wei.jwk, "nonce": nonce, "url": "https://office.example/login"}
    reply = li_wei.send(LOGIN, sign(header, text, signer_of(li_wei.device_key)))
    assert (reply.status, reply.refusal) == (400, "malformed")


@pytest.mark.parametrize(
    "changes",
    [{"device": "other"}, {"nonce": "other"}, {"url": "https://office.example/file"}, {"type": "file"}],
    ids=str,
)
def test_an_inner_message_of_another_request(li_wei, changes):
    certificate = {"certificate": encode(li_wei.certificate)}
    nonce, url = li_wei.fresh_nonce(), "https://office.example/login"
    payload = {"type": "login", "url": url, "device": li_wei.device, "nonce": nonce, "content": certificate, **changes}
    inner = sign({"url": url, "serial": li_wei.serial}, to_bytes(payload), signer_of(li_wei.key))
    li_wei.nonce = nonce
    message = li_wei.message("login", LOGIN, {"inner": inner})
    assert li_wei.send(LOGIN, message).refusal == "unauthorized"


@pytest.mark.parametrize("options", [{"serial": "1"}, {"more": 1}], ids=str)
def test_an_inner_message_of_another_form(li_wei, options):
    assert li_wei.login(inner_options=options).refusal == "malformed"


def test_a_forged_host_changes_no_address(bench):
    headers = [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "http")]
    assert bench.call("GET", "/directory", headers).json["apply"] == "https://office.example/apply"
    assert b"evil.example" not in bench.call("GET", "/", headers).body
    li_wei = bench.approved(bench.computer("li-wei"))
    assert b"https://office.example/download/" in bench.mailbox.mails[-1][1].replace(b"=\r\n", b"")
    assert li_wei.download().status == 200


def test_what_nobody_foresaw_is_told_without_a_word_of_it_and_changes_nothing(bench, li_wei, caplog):
    bench.execute("ALTER TABLE sessions RENAME TO hidden")
    before = bench.execute("SELECT count(*) FROM audit")
    reply = li_wei.login()
    assert (reply.status, reply.refusal) == (500, "serverInternal")
    assert reply.json["definite"] is False
    assert b"sessions" not in reply.body
    assert "sessions" in caplog.text
    assert bench.execute("SELECT count(*) FROM audit") == before
    bench.execute("ALTER TABLE hidden RENAME TO sessions")
    assert li_wei.login().status == 200


def test_confirm_wants_a_plain_answer(bench):
    for body in (b"{}", b'{"use_this_computer": "yes"}', b"", b"[]"):
        assert bench.call("POST", DIRECTORY["confirm"], body=body).status == 400
