"""The examiner's desk: one decision, one mail (ATTACKS 18, 19, 25, 32)."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from softcert.protocol import DIRECTORY, decode, sha256
from softcert_ca.tokens import desk_credential


@pytest.fixture
def li_wei(bench):
    return bench.applied(bench.computer("li-wei"))


def mails(bench):
    return bench.execute("SELECT purpose, recipient FROM outbox ORDER BY id")


def decide(bench, computer, what, message=None):
    return bench.desk("POST", f"/applications/{computer.application}/{what}", message)


def test_the_desk_needs_its_credential(bench, li_wei):
    genuine = desk_credential(bench.keys.desk_key, "examiner")
    others = desk_credential(bench.keys.token_key, "examiner")
    false = ("", "x", genuine[:-1], genuine.replace("examiner", "director"), others, "." + genuine)
    for credential in false:
        reply = bench.desk("GET", "/applications", credential=credential)
        assert (reply.status, reply.refusal) == (401, "unauthorized")
    reply = bench.desk("POST", f"/applications/{li_wei.application}/approve", credential="x")
    assert reply.status == 401
    assert mails(bench) == []
    assert entries(bench, "rejected") == [("desk", "stranger", "unauthorized")] * (len(false) + 1)


def test_each_examiner_stands_in_the_log_with_what_he_did_and_could_not_do(bench, li_wei):
    path = f"/applications/{li_wei.application}"
    assert bench.desk("POST", f"{path}/approve", by="wang").status == 200
    assert bench.desk("POST", f"{path}/disapprove", {"reasons": "no"}, by="zhao").refusal == "conflict"
    assert bench.desk("POST", f"{path}/disapprove", {"reasons": ""}, by="zhao").refusal == "malformed"
    assert bench.desk("POST", "/applications/none/approve", by="wang").status == 404
    assert entries(bench, "done")[-1][:2] == ("approve", "examiner wang")
    assert entries(bench, "rejected") == [
        ("disapprove", "examiner zhao", "conflict"),
        ("disapprove", "examiner zhao", "malformed"),
        ("approve", "examiner wang", "malformed"),
    ]
    assert bench.office.verify() == []


def entries(bench, outcome):
    """Act, actor and error of the audit entries with that outcome."""
    sql = "SELECT act, actor, json_extract(details, '$.error') FROM audit WHERE outcome = ? ORDER BY seq"
    return [tuple(row) for row in bench.execute(sql, outcome)]


def test_the_public_listener_has_no_desk(bench, li_wei):
    assert bench.call("GET", "/applications").status == 404


def test_what_the_examiner_sees(bench, li_wei):
    bench.clock.time += 1
    twin = bench.applied(bench.computer("twin"), mailbox="other@example.com")
    listed = bench.desk("GET", "/applications").json["applications"]
    assert [row["id"] for row in listed] == [li_wei.application, twin.application]
    seen = bench.desk("GET", f"/applications/{li_wei.application}").json
    assert seen["form"]["mailbox"] == "li.wei@example.com"
    assert seen["same_name"] == [twin.application]
    assert li_wei.code not in str(seen)
    assert bench.desk("GET", "/applications/none").status == 404


def test_approving_sends_one_mail_to_the_registered_address(bench, li_wei):
    assert decide(bench, li_wei, "approve").json["state"] == "approved"
    for again in ("approve", "disapprove"):
        reply = decide(bench, li_wei, again, {"reasons": "late"})
        assert (reply.status, reply.refusal) == (409, "conflict")
    assert mails(bench) == [("result", "li.wei@example.com")]


def test_disapproving_sends_the_reasons_and_no_address(bench, li_wei):
    assert decide(bench, li_wei, "disapprove", {"reasons": "First.\r\nSecond."}).json["state"] == "disapproved"
    assert decide(bench, li_wei, "approve").refusal == "conflict"
    bench.office.deliver_mail()
    ((recipient, message),) = bench.mailbox.mails
    assert recipient == "li.wei@example.com"
    assert b"/download/" not in message
    assert b"First." in message


@pytest.mark.parametrize("reasons", ["", "a\rb", "a\0b", "a\u2028b", "a\u2029b", "x" * 4001, None, 7, "a\x1bb"])
def test_reasons_that_could_be_more_than_text(bench, li_wei, reasons):
    reply = decide(bench, li_wei, "disapprove", {"reasons": reasons})
    assert reply.status == 400
    assert reply.json["fields"][0]["field"] == "reasons"
    assert mails(bench) == []


def test_a_withdrawn_application_is_not_decided(bench, li_wei):
    li_wei.withdraw()
    assert decide(bench, li_wei, "approve").refusal == "conflict"


def test_addresses_are_reissued_between_approval_and_download_only(bench, li_wei):
    assert decide(bench, li_wei, "reissue-address").refusal == "conflict"
    decide(bench, li_wei, "approve")
    assert decide(bench, li_wei, "reissue-address").status == 200
    li_wei.address = bench.address_of(li_wei.application)
    assert li_wei.download().status == 200
    assert decide(bench, li_wei, "reissue-address").refusal == "conflict"
    assert [purpose for purpose, _ in mails(bench)] == ["result", "reissue"]


def test_a_policy_without_reissue(make_bench):
    bench = make_bench(link_reissue=False)
    li_wei = bench.approved(bench.computer("li-wei"))
    assert decide(bench, li_wei, "reissue-address").refusal == "conflict"


def test_revocation_ends_everything(bench):
    li_wei = bench.active(bench.computer("li-wei"))
    li_wei.backup()
    assert bench.desk("POST", f"/certificates/{li_wei.serial}/revoke", {"reason": "keyCompromise"}).json == {
        "serial": li_wei.serial,
        "certificate_state": "revoked",
        "application": li_wei.application,
        "state": "revoked",
    }
    assert bench.desk("POST", f"/certificates/{li_wei.serial}/revoke", {"reason": "again"}).refusal == "conflict"
    assert bench.desk("POST", "/certificates/ff/revoke", {"reason": "again"}).status == 404
    assert li_wei.file().refusal == "business-after-activation/session-ended"
    assert li_wei.login().refusal == "valid-certificate/revoked"
    assert li_wei.backup("d" * 32).refusal == "valid-certificate/revoked"
    assert li_wei.download().refusal == "approved-only/revoked"
    assert bench.execute("SELECT state FROM backups") == [("retired",)]
    assert mails(bench)[-1] == ("revocation", "li.wei@example.com")


def test_crl_and_ocsp_tell_the_revocation(bench, office_keys):
    li_wei = bench.downloaded(bench.computer("li-wei"))
    certificate = x509.load_der_x509_certificate(li_wei.certificate)
    query = x509.ocsp.OCSPRequestBuilder().add_certificate(certificate, office_keys.issuing, hashes.SHA256()).build()
    body = query.public_bytes(serialization.Encoding.DER)

    def ask():
        crl = x509.load_der_x509_crl(bench.call("GET", DIRECTORY["crl"]).body)
        answer = x509.ocsp.load_der_ocsp_response(bench.call("POST", DIRECTORY["ocsp"], body=body).body)
        return len(crl), answer.certificate_status.name

    assert ask() == (0, "GOOD")
    bench.desk("POST", f"/certificates/{li_wei.serial}/revoke", {"reason": "lost"})
    assert ask() == (1, "REVOKED")


def test_releases_only_go_forward(bench):
    assert bench.desk("POST", "/releases", {"version": "0.9.0"}).refusal == "conflict"
    assert bench.desk("POST", "/releases", {"version": "1.0.0"}).refusal == "conflict"
    assert bench.desk("POST", "/releases", {"version": "1.x"}).status == 400
    assert bench.desk("POST", "/releases", {"version": "2.0.0"}).status == 200


@pytest.mark.parametrize("version", ["01.2.3", "1.02.3", "1.2.00", "10000.0.0", "1.2.3\n", "１.2.3", ""])
def test_what_is_no_version_is_not_published(bench, version):
    offered = bench.call("GET", DIRECTORY["driver"]).json
    assert bench.desk("POST", "/releases", {"version": version}).status in (400, 409)
    assert bench.call("GET", DIRECTORY["driver"]).json == offered
    assert bench.desk("POST", "/releases", {"version": "9999.9999.9999"}).status == 200
    assert bench.call("GET", DIRECTORY["driver"]).status == 200


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200f", "\u200b", "\ufeff", "\u2028", "\x1b"])
def test_no_invisible_control_gets_into_a_mail_or_a_notice(bench, sign):
    li_wei = bench.applied(bench.computer("li-wei"))
    text = f"Not {sign}accepted."
    for path, message in (
        (f"/applications/{li_wei.application}/disapprove", {"reasons": text}),
        ("/notices", {"id": "with-e-licence", "text": text}),
    ):
        told = bench.desk("POST", path, message)
        assert (told.status, told.refusal) == (400, "malformed")
        assert f"U+{ord(sign):04X}" in told.json["detail"]


def test_the_driver_is_offered_with_a_manifest_by_the_release_key(bench, signed_payload):
    offered = bench.call("GET", DIRECTORY["driver"]).json
    header, manifest = signed_payload(offered["manifest"])
    assert manifest["version"] == "1.0.0"
    assert manifest["sha256"] == sha256(decode(offered["package"]))
    assert len(header["x5c"]) == 1
    assert bench.call("GET", DIRECTORY["driver"]).json == offered


def test_notices_of_an_unknown_kind_or_text_are_not_published(bench):
    assert bench.desk("POST", "/notices", {"id": "third", "text": "x"}).json["fields"][0]["field"] == "id"
    assert bench.desk("POST", "/notices", {"id": "with-e-licence", "text": ""}).status == 400
    assert bench.desk("POST", "/notices", {"id": "with-e-licence", "text": "New."}).status == 200
    texts = {notice["id"]: notice["text"] for notice in bench.call("GET", DIRECTORY["notice"]).json["notices"]}
    assert texts["with-e-licence"] == "New."

