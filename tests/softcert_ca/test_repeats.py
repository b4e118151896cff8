"""A lost answer is repeated until it is acknowledged; the same id with other content is a conflict (ATTACKS 15, 16)."""

import pytest

from softcert.protocol import DIRECTORY


@pytest.fixture
def li_wei(bench):
    return bench.computer("li-wei")


def repeat(computer, act):
    return computer.post(act, DIRECTORY["apply"], computer.asked, request_id=computer.last[act])


def test_a_lost_code_is_shown_again_until_acknowledged(bench, li_wei):
    first = li_wei.apply()
    again = repeat(li_wei, "apply")
    assert (again.status, again.body) == (first.status, first.body)
    assert bench.execute("SELECT count(*) FROM applications") == [(1,)]
    assert bench.audit()[-1][:2] == ("apply", "repeated")
    assert li_wei.acknowledge("apply").json == {}
    assert li_wei.acknowledge("apply").json == {}
    after = repeat(li_wei, "apply")
    assert "activation_code" not in after.json
    assert after.refusal == "badPublicKey"


def test_the_repetition_shows_the_old_code_even_when_a_new_one_was_granted(bench, li_wei):
    first = li_wei.apply()
    bench.desk("POST", f"/applications/{li_wei.application}/reissue-code")
    assert repeat(li_wei, "apply").body == first.body


def test_the_code_is_never_stored(bench, li_wei):
    bench.approved(li_wei)
    code = li_wei.code
    bench.desk("POST", f"/applications/{li_wei.application}/reissue-code")
    li_wei.new_code()
    image = bench.store.snapshot()
    for one in (code, li_wei.code):
        assert one.encode() not in image
        assert one.replace("-", "").encode() not in image


def test_other_content_under_the_same_id_is_a_conflict(bench, li_wei):
    li_wei.apply()
    other = {**li_wei.asked, "reviewed": False}
    reply = li_wei.post("apply", DIRECTORY["apply"], other, request_id=li_wei.last["apply"])
    assert (reply.status, reply.refusal) == (409, "conflict")
    assert bench.execute("SELECT count(*) FROM applications") == [(1,)]


def test_ids_belong_to_a_computer_and_an_act(bench, li_wei):
    bench.approved(li_wei)
    other = bench.computer("other")
    assert other.apply(request_id=li_wei.last["apply"]).status == 201
    assert li_wei.download(request_id=li_wei.last["apply"]).status == 200


def test_another_computer_cannot_acknowledge(bench, li_wei):
    first = li_wei.apply()
    bench.computer("thief").acknowledge("apply", li_wei.last["apply"])
    assert repeat(li_wei, "apply").body == first.body


def test_any_signed_request_acknowledges(bench, li_wei):
    li_wei.apply()
    meant = {"acknowledges": {"act": "apply", "request_id": li_wei.last["apply"]}}
    assert li_wei.post("logout", DIRECTORY["logout"], {"session": "none", **meant}).status == 200
    assert repeat(li_wei, "apply").refusal == "badPublicKey"


def test_a_refused_request_acknowledges_too(bench, li_wei):
    bench.approved(li_wei)
    li_wei.download()
    meant = {"acknowledges": {"act": "download", "request_id": li_wei.last["download"]}}
    refused = li_wei.post("download", li_wei.address, meant, inner={}, inner_options={"serial": ""})
    assert refused.refusal == "one-time-link/used"
    assert bench.execute("SELECT act FROM repeats") == []


def test_a_rejected_request_acknowledges_nothing(bench, li_wei):
    first = li_wei.apply()
    meant = {"acknowledges": {"act": "apply", "request_id": li_wei.last["apply"]}}
    assert li_wei.post("withdraw", DIRECTORY["withdraw"], {"application": 7, **meant}).refusal == "malformed"
    assert li_wei.post("logout", DIRECTORY["login"], meant).refusal == "malformed"
    assert repeat(li_wei, "apply").body == first.body


def test_a_repetition_may_acknowledge_something_else(bench, li_wei):
    first = li_wei.apply()
    meant = {"acknowledges": {"act": "login", "request_id": "a" * 22}}
    again = li_wei.post("apply", DIRECTORY["apply"], {**li_wei.asked, **meant}, request_id=li_wei.last["apply"])
    assert again.body == first.body


@pytest.mark.parametrize("value", [[], "apply", {"act": "apply"}, {"act": 1, "request_id": "x"}])
def test_what_is_no_acknowledgement_is_malformed(li_wei, value):
    for act in ("logout", "acknowledge"):
        assert li_wei.post(act, DIRECTORY[act], {"session": "none", "acknowledges": value}).refusal == "malformed"


def test_a_lost_certificate_is_sent_again_and_is_the_same(bench, li_wei):
    bench.approved(li_wei)
    first = li_wei.download()
    again = li_wei.download(request_id=li_wei.last["download"])
    assert again.body == first.body
    assert bench.execute("SELECT count(*) FROM certificates") == [(1,)]
    li_wei.acknowledge("download")
    assert li_wei.download(request_id=li_wei.last["download"]).refusal == "one-time-link/used"


def test_activation_filing_and_backup_are_repeated(bench, li_wei):
    bench.downloaded(li_wei)
    li_wei.login()
    first = li_wei.activate()
    assert li_wei.activate(request_id=li_wei.last["activate"]).body == first.body
    for act in (li_wei.file, li_wei.backup):
        answer = act()
        name = "file" if act == li_wei.file else "backup"
        assert act(request_id=li_wei.last[name]).body == answer.body
    assert bench.execute("SELECT count(*) FROM filings") == [(1,)]


def test_the_device_key_alone_repeats_nothing_that_the_certificate_key_signed(bench, li_wei):
    bench.approved(li_wei)
    true, foreign = li_wei.key, bench.computer("foreign").key
    for act, name in ((li_wei.download, "download"), (li_wei.login, "login"), (li_wei.backup, "backup")):
        answer, li_wei.key = act(), foreign
        assert act(request_id=li_wei.last[name]).refusal == "badSignature"
        li_wei.key = true
        assert act(request_id=li_wei.last[name]).body == answer.body


def test_a_replaced_part_does_not_make_a_repetition_a_conflict(li_wei):
    first = li_wei.apply()
    li_wei.hardware["disk"] = "NEW-DISK"
    assert repeat(li_wei, "apply").body == first.body


def test_a_refused_request_is_not_kept(bench, li_wei):
    bench.approved(li_wei)
    assert li_wei.download(with_key=False).refusal == "same-computer-download/no-key"
    assert li_wei.download(request_id=li_wei.last["download"]).status == 200


def test_without_the_policy_nothing_is_repeated(make_bench):
    bench = make_bench(repeat_until_acknowledged=False)
    li_wei = bench.approved(bench.computer("li-wei"))
    li_wei.download()
    assert li_wei.download(request_id=li_wei.last["download"]).refusal == "one-time-link/used"


def test_typing_the_code_acknowledges_that_it_was_shown(bench, li_wei):
    li_wei.apply()
    asked, request_id = li_wei.asked, li_wei.last["apply"]
    bench.desk("POST", f"/applications/{li_wei.application}/approve")
    li_wei.address = bench.address_of(li_wei.application)
    li_wei.download()
    li_wei.login()
    li_wei.activate()
    reply = li_wei.post("apply", DIRECTORY["apply"], asked, request_id=request_id)
    assert "activation_code" not in reply.json


def test_no_code_is_given_twice(make_bench):
    bench = make_bench(activation_code=2)
    li_wei = bench.applied(bench.computer("li-wei"))
    seen = [li_wei.code]
    for _ in range(100):
        bench.desk("POST", f"/applications/{li_wei.application}/reissue-code")
        li_wei.new_code()
        seen.append(li_wei.code)
    assert len(set(seen)) == 101


def test_only_apply_and_new_code_ever_show_a_code(bench, li_wei):
    bench.active(li_wei)
    li_wei.backup()
    li_wei.login()
    li_wei.recover()
    bench.desk("GET", f"/applications/{li_wei.application}")
    plain = li_wei.code.replace("-", "").encode()
    for target, reply in bench.replies:
        if target not in (DIRECTORY["apply"], DIRECTORY["newCode"]):
            assert plain not in reply.body.replace(b"-", b""), target
    assert all(plain not in message.replace(b"-", b"") for _, message in bench.mailbox.mails)
