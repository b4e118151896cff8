"""Login, activation, new code, filing, logout."""

import pytest
from cryptography.x509 import load_der_x509_certificate

from softcert.protocol import DIRECTORY, decode, encode, jwk_of, sha256, to_bytes, verify
from softcert.rules.policy import DAY


@pytest.fixture
def li_wei(bench):
    return bench.downloaded(bench.computer("li-wei"))


@pytest.fixture
def active(bench):
    return bench.active(bench.computer("li-wei"))


def wrong(code):
    return ("1" if code[0] != "1" else "2") + code[1:]


def test_first_login_can_only_activate(li_wei):
    assert li_wei.login().json["certificate_state"] == "issued"
    assert li_wei.file().refusal == "business-after-activation/not-activated"
    assert li_wei.activate().json == {"certificate_state": "active"}
    assert li_wei.file().status == 200
    assert li_wei.login().json["certificate_state"] == "active"


@pytest.mark.parametrize("spell", [str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("0", "o")])
def test_code_is_forgiving_about_spelling(li_wei, spell):
    li_wei.login()
    assert li_wei.activate(spell(li_wei.code)).status == 200


def test_wrong_codes_are_counted_then_locked_and_the_session_ends(bench, li_wei):
    li_wei.login()
    for _ in range(bench.policy.activation_tries):
        assert li_wei.activate(wrong(li_wei.code)).refusal == "activate-first/wrong-code"
    assert li_wei.activate().refusal == "activate-first/session-ended"
    bench.office = bench.open()
    assert li_wei.login().status == 200
    assert li_wei.activate().refusal == "activate-first/locked"


def test_another_applicants_code_is_wrong(bench, li_wei):
    other = bench.applied(bench.computer("other"))
    li_wei.login()
    assert li_wei.activate(other.code).refusal == "activate-first/wrong-code"


def test_activating_twice(active):
    assert active.activate().refusal == "activate-first/already-active"


def test_a_new_code_is_shown_once_and_the_old_one_is_dead(bench, li_wei):
    old = li_wei.code
    assert li_wei.new_code().refusal == "activate-first/no-reissue"
    li_wei.login()
    for _ in range(bench.policy.activation_tries):
        li_wei.activate(wrong(old))
    assert bench.desk("POST", f"/applications/{li_wei.application}/reissue-code").status == 200
    assert bench.computer("thief").post(
        "new-code", DIRECTORY["newCode"], {"application": li_wei.application}
    ).refusal == "same-computer-use/other-computer"  # fmt: skip
    assert li_wei.new_code().status == 200
    li_wei.acknowledge("new-code")
    assert li_wei.code != old
    assert li_wei.new_code().refusal == "activate-first/no-reissue"
    li_wei.login()
    assert li_wei.activate(old).refusal == "activate-first/wrong-code"
    assert li_wei.activate().status == 200


def test_a_new_code_before_the_download_is_shown_on_the_computer_that_applied(bench):
    li_wei = bench.applied(bench.computer("li-wei"))
    bench.desk("POST", f"/applications/{li_wei.application}/reissue-code")
    assert li_wei.new_code().status == 200
    assert bench.desk("POST", "/applications/none/reissue-code").status == 404


def test_login_from_a_computer_not_bound(bench, li_wei):
    thief = bench.computer("thief").take(li_wei)
    assert thief.login().refusal == "same-computer-use/other-computer"


def test_certificates_that_the_office_did_not_issue(bench, li_wei, make_certificate):
    true = int(li_wei.serial, 16)
    for serial, signers in ((4711, ()), (true, ()), (true, (bench.keys,))):
        li_wei.certificate = make_certificate(li_wei.key, serial, *signers)
        assert li_wei.login().refusal == "valid-certificate/wrong-issuer"
    assert li_wei.post(
        "login", DIRECTORY["login"], {}, inner={"certificate": encode(b"none")}, inner_options={"serial": "1"}
    ).refusal == "malformed"  # fmt: skip


def test_the_inner_signature_must_be_by_the_certificates_key(bench, li_wei):
    stranger = bench.computer("stranger")
    assert li_wei.login(inner_options={"key": stranger.key}).refusal == "badSignature"


def test_certificate_of_somebody_else_with_ones_own_key(bench, li_wei):
    other = bench.downloaded(bench.computer("other"))
    li_wei.certificate = other.certificate
    assert li_wei.login().refusal == "badSignature"


def test_dates_of_the_certificate(make_bench):
    bench = make_bench(certificate_lifetime=DAY)
    li_wei = bench.active(bench.computer("li-wei"))
    bench.clock.time += DAY
    li_wei.nonce = ""
    assert li_wei.login().status == 200
    bench.clock.time += 1
    assert li_wei.login().refusal == "valid-certificate/expired"
    assert li_wei.file().refusal == "valid-certificate/expired"
    bench.clock.time -= 2 * DAY
    assert li_wei.login().refusal == "valid-certificate/expired"
    bench.execute("DELETE FROM time")
    li_wei.nonce = ""
    assert li_wei.login().refusal == "valid-certificate/not-yet-valid"


def test_a_filing_is_signed_and_so_is_its_receipt(bench, active, signed_payload):
    receipt = active.file("lion").json["receipt"]
    _, said = signed_payload(receipt)
    stored = bench.execute("SELECT signed, sha256 FROM filings")[0]
    assert said["sha256"] == stored[1] == sha256(stored[0].encode())
    header, _ = signed_payload(receipt)
    key = load_der_x509_certificate(decode(header["x5c"][0])).public_key()
    verify(receipt, jwk_of(key))


def test_a_filing_signed_by_another_certificate(bench, active):
    other = bench.active(bench.computer("other"))
    assert active.file(inner_options={"key": other.key, "serial": other.serial}).refusal == (
        "business-after-activation/other-certificate"
    )
    assert active.file(inner_options={"key": other.key}).refusal == "badSignature"
    assert bench.execute("SELECT count(*) FROM filings")[0][0] == 0


def test_a_session_on_another_computer(bench, active):
    thief = bench.computer("thief").take(active)
    thief.session = active.session
    assert thief.file().refusal == "same-computer-use/other-computer"
    assert thief.activate().refusal == "same-computer-use/other-computer"


def test_sessions_end_by_logout_time_and_a_newer_login(bench, active):
    first = active.session
    assert active.login().status == 200
    second, active.session = active.session, first
    assert active.file().refusal == "business-after-activation/session-ended"
    active.session = second
    assert active.logout().json == {}
    assert active.file().refusal == "business-after-activation/session-ended"
    active.login()
    bench.clock.time += bench.policy.session_lifetime
    assert active.file().status == 200
    bench.clock.time += 1
    assert active.file().refusal == "business-after-activation/session-ended"
    active.session = "nothing"
    assert active.file().refusal == "business-after-activation/no-session"


def test_nobody_can_log_out_somebody_else(bench, active):
    thief = bench.computer("thief")
    thief.session = active.session
    assert thief.logout().json == {}
    assert active.file().status == 200


def test_a_login_acknowledges_the_download(bench):
    li_wei = bench.approved(bench.computer("li-wei"))
    li_wei.download()
    request_id = li_wei.last["download"]
    assert li_wei.download(request_id=request_id).status == 200
    li_wei.login()
    assert li_wei.download(request_id=request_id).refusal == "one-time-link/used"


def test_malformed_filings(active):
    for kind, text in (("X!", "a"), ("application", ""), ("a", "x" * 20001)):
        filing = {"kind": kind, "text": text}
        content = {"session": active.session, "filing": filing}
        reply = active.post("file", DIRECTORY["file"], {"session": active.session}, inner=content)
        assert reply.refusal == "malformed"
    assert active.post("file", DIRECTORY["file"], {"session": active.session}).refusal == "malformed"
    other = {"session": "another", "filing": {"kind": "application", "text": "lion"}}
    assert active.post("file", DIRECTORY["file"], {"session": active.session}, inner=other).refusal == "malformed"


def test_two_certificates_of_one_person_on_one_computer(bench):
    one = bench.active(bench.computer("li-wei"))
    two = bench.computer("li-wei")
    two.key = bench.computer("second").key
    two.count = 100
    bench.active(two, name="Second Company")
    assert one.file().status == 200
    assert two.file().status == 200
    assert to_bytes(one.serial) != to_bytes(two.serial)
