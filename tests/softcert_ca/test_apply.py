"""Applying and withdrawing, over the wire."""

import pytest

from softcert.protocol import DIRECTORY, encode, jwk_of, sign, signer_of, to_bytes
from softcert.rules.policy import DAY


@pytest.fixture
def li_wei(bench):
    return bench.computer("li-wei")


def rows(bench):
    return bench.execute("SELECT count(*) FROM applications")[0][0]


def test_an_application_is_recorded_and_shows_the_code_once(bench, li_wei):
    reply = li_wei.apply()
    assert reply.status == 201
    assert len(li_wei.code) == 11
    assert bench.desk("GET", f"/applications/{li_wei.application}").json["state"] == "submitted"
    assert bench.audit()[-1][:2] == ("apply", "allowed")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"form": {"holds-e-licence": "yes"}}, "no-e-licence/holder"),
        ({"confirmation": None}, "confirm-computer/not-confirmed"),
        ({"confirmation": {"a": 1}}, "confirm-computer/forged"),
        ({"reviewed": False}, "form-checked/not-reviewed"),
        ({"notice": None}, "read-notice/not-read"),
        ({"form": {"mailbox": "a@b.example\r\nBcc: c@d.example"}}, "form-checked/mailbox"),
        ({"form": {"name": ""}}, "form-checked/name"),
        ({"form": {"holds-e-licence": "maybe"}}, "form-checked/unknown-field"),
        ({"form": {"colour": "red"}}, "form-checked/unknown-field"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_applications_are_not_recorded(bench, li_wei, changes, refusal):
    reply = li_wei.post("apply", DIRECTORY["apply"], li_wei.application_message(**changes))
    assert reply.refusal == refusal
    assert reply.json["detail"]
    assert rows(bench) == 0
    assert bench.audit()[-1][:4] == ("apply", "refused", *refusal.split("/"))
    assert str(bench.verdicts[-1]) == refusal


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"from": "homepage"}, "not-from-register-now"),
        ({"to_the_end": False}, "not-to-the-end"),
        ({"accepted": "yes"}, "not-accepted"),
        ({"digest": "0" * 64}, "not-read"),
    ],
)
def test_the_notice_must_be_read(bench, li_wei, change, reason):
    asked = li_wei.application_message(notice={**li_wei.notice(), **change})
    assert li_wei.post("apply", DIRECTORY["apply"], asked).refusal == f"read-notice/{reason}"


def test_the_other_notice_and_an_older_one_do_not_count(bench, li_wei):
    notices = bench.call("GET", DIRECTORY["notice"]).json["notices"]
    other = next(notice for notice in notices if notice["id"] == "with-e-licence")
    asked = li_wei.application_message(notice={**li_wei.notice(), "digest": other["digest"]})
    assert li_wei.post("apply", DIRECTORY["apply"], asked).refusal == "read-notice/other-notice"
    old = li_wei.notice()
    assert bench.desk("POST", "/notices", {"id": "without-e-licence", "text": "New matters."}).status == 200
    asked = li_wei.application_message(notice=old)
    assert li_wei.post("apply", DIRECTORY["apply"], asked).refusal == "read-notice/changed"
    assert li_wei.apply().status == 201


def test_every_bad_field_has_its_message(li_wei):
    reply = li_wei.apply(name="", mobile="12", address="")
    assert reply.status == 422
    assert [bad["field"] for bad in reply.json["fields"]] == ["name", "mobile", "address"]
    assert all(bad["message"] for bad in reply.json["fields"])


def test_a_confirmation_made_on_another_computer(bench, li_wei):
    asked = li_wei.application_message(confirmation=bench.computer("other").confirmation())
    assert li_wei.post("apply", DIRECTORY["apply"], asked).refusal == "confirm-computer/other-computer"


@pytest.mark.parametrize("changes", [{"ticket": "AAAA"}, {"device": "someone"}, {"use_this_computer": "yes"}])
def test_a_changed_confirmation_does_not_confirm(li_wei, changes):
    asked = li_wei.application_message(confirmation=li_wei.confirmation(**changes))
    assert li_wei.post("apply", DIRECTORY["apply"], asked).refusal.startswith("confirm-computer/")


def test_a_confirmation_signed_by_another_key(li_wei):
    confirmation = li_wei.confirmation()
    stranger = sign({"jwk": li_wei.jwk}, b'{"ticket":"x"}', signer_of(li_wei.key))
    for forged in ({**confirmation, "signature": stranger["signature"]}, stranger):
        asked = li_wei.application_message(confirmation=forged)
        assert li_wei.post("apply", DIRECTORY["apply"], asked).refusal == "confirm-computer/forged"


def test_saying_no_ends_with_advice(bench):
    reply = bench.call("POST", DIRECTORY["confirm"], body=b'{"use_this_computer": false}')
    assert (reply.status, reply.refusal) == (403, "confirm-computer/said-no")
    assert "Change to the computer" in reply.json["detail"]
    assert bench.audit()[-1][:3] == ("confirm", "refused", "confirm-computer")


@pytest.mark.parametrize(("driver", "reason"), [("", "missing"), ("0.9.9", "outdated")])
def test_no_application_without_the_driver(li_wei, driver, reason):
    li_wei.driver = driver
    assert li_wei.apply().refusal == f"driver-first/{reason}"


def test_a_newer_release_makes_older_drivers_outdated(bench, li_wei):
    assert bench.desk("POST", "/releases", {"version": "1.2.0"}).status == 200
    assert li_wei.apply().refusal == "driver-first/outdated"
    li_wei.driver = "1.2.0"
    assert li_wei.apply().status == 201


def test_a_key_is_certified_for_one_application_only(li_wei):
    assert li_wei.apply().status == 201
    assert li_wei.apply().refusal == "badPublicKey"


def test_a_request_for_a_certificate_in_another_name(li_wei, make_csr):
    asked = li_wei.application_message(csr=encode(make_csr(li_wei.key, "Somebody Else")))
    assert li_wei.post("apply", DIRECTORY["apply"], asked).refusal == "badCSR"


def test_a_flood_for_one_mailbox_keeps_its_owner_neither_out_nor_informed_on(make_bench):
    bench = make_bench(flood_limit=2)
    strangers = [bench.computer(f"pc-{number}") for number in range(4)]
    first, *others = [stranger.apply(mailbox="Owner@example.com") for stranger in strangers]
    assert {reply.status for reply in others} == {first.status} == {201}
    owner = bench.applied(bench.computer("owner"), mailbox="owner@EXAMPLE.com")
    seen = bench.desk("GET", f"/applications/{owner.application}").json["same_mailbox"]
    assert sorted(seen) == sorted(stranger.application for stranger in strangers)


def test_flood_of_one_computer_leaves_others_alone_and_is_over_after_a_day(make_bench, make_csr):
    bench = make_bench(flood_limit=1)
    thief = bench.computer("thief")
    assert thief.apply().status == 201
    assert thief.apply(mailbox="other@example.com").refusal == "rateLimited"
    assert bench.computer("owner").apply().status == 201
    bench.clock.time += DAY
    thief.nonce = ""
    assert thief.apply(changes={"csr": encode(make_csr(bench.computer("spare").key))}).status == 201


@pytest.mark.parametrize("standing", ["submitted", "disapproved", "withdrawn", "approved", "active", "revoked"])
def test_known_and_unknown_mailboxes_are_answered_alike(bench, standing):
    """Equal in bytes, but for the number, the code and the nonce, which are drawn anew for everybody."""
    owner = bench.computer("owner")
    {"active": bench.active, "revoked": bench.active, "approved": bench.approved}.get(standing, bench.applied)(
        owner, mailbox="known@example.com"
    )
    if standing == "disapproved":
        bench.desk("POST", f"/applications/{owner.application}/disapprove", {"reasons": "no"})
    elif standing == "withdrawn":
        owner.withdraw()
    elif standing == "revoked":
        bench.desk("POST", f"/certificates/{owner.serial}/revoke", {"reason": "keyCompromise"})
    answers = []
    for name, mailbox in (("a", "known@example.com"), ("b", "new@example.com")):
        stranger = bench.computer(name)
        reply = stranger.apply(mailbox=mailbox)
        body = reply.body.replace(stranger.application.encode(), b"number").replace(stranger.code.encode(), b"code")
        headers = {**reply.headers, "replay-nonce": len(reply.headers["replay-nonce"])}
        answers.append((reply.status, headers, body))
    assert answers[0] == answers[1]
    assert answers[0][0] == 201


def test_withdrawing_ends_the_application_and_its_address(bench, li_wei):
    bench.approved(li_wei)
    assert li_wei.withdraw().json == {"application": li_wei.application, "state": "withdrawn"}
    assert li_wei.download().refusal == "approved-only/withdrawn"
    assert li_wei.withdraw().refusal == "conflict"
    assert bench.execute("SELECT state FROM addresses") == [("replaced",)]


def test_only_the_computer_that_applied_withdraws(bench, li_wei):
    bench.applied(li_wei)
    thief = bench.computer("thief")
    assert thief.withdraw(li_wei.application).refusal == "same-computer-use/other-computer"
    assert thief.withdraw("0" * 24).refusal == "same-computer-use/other-computer"


def test_before_the_download_nobody_is_told_of_a_certificate_that_is_bound(bench, li_wei):
    bench.applied(li_wei)
    thief = bench.computer("thief")
    thief.application = li_wei.application
    for told in (thief.withdraw(), thief.new_code()):
        assert told.refusal == "same-computer-use/other-computer"
        assert "Before the download it is the computer that applied" in told.json["detail"]


def test_device_key_and_certificate_key_must_differ(li_wei, make_csr):
    asked = li_wei.application_message(csr=encode(make_csr(li_wei.device_key)))
    assert li_wei.post("apply", DIRECTORY["apply"], asked).refusal == "badPublicKey"


def test_a_confirmation_may_not_carry_a_private_key_or_more(li_wei):
    payload = to_bytes({"ticket": "x", "use_this_computer": True, "device": li_wei.device})
    more = sign({"jwk": {**jwk_of(li_wei.device_key.public_key()), "d": "x"}}, payload, signer_of(li_wei.device_key))
    asked = li_wei.application_message(confirmation=more)
    assert li_wei.post("apply", DIRECTORY["apply"], asked).refusal == "confirm-computer/forged"
