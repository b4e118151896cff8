"""The download address: one application, one computer, one time (ATTACKS 1 to 12, 24)."""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from sqlalchemy import event

from softcert.protocol import JOSE, to_bytes
from softcert.rules.policy import HOUR
from softcert_ca.audit import FileHead
from softcert_ca.store import Store

OTHER_PARTS = {"board": "BRD-1111", "processor": "CPU-2222", "disk": "WD-77AF21", "network": "02:42:ac:11:00:02"}


@pytest.fixture
def li_wei(bench):
    return bench.approved(bench.computer("li-wei"))


def certificates(bench):
    return bench.execute("SELECT count(*) FROM certificates")[0][0]


def state_of(bench):
    return bench.execute("SELECT state FROM addresses ORDER BY id")[-1][0]


def test_a_download_issues_one_certificate_and_ends_the_address(bench, li_wei):
    assert li_wei.download().status == 200
    assert certificates(bench) == 1
    second = li_wei.download()
    assert (second.status, second.refusal) == (403, "one-time-link/used")
    assert certificates(bench) == 1
    assert bench.desk("GET", f"/applications/{li_wei.application}").json["state"] == "certified"


def test_a_captured_download_cannot_be_replayed(li_wei):
    message = li_wei.message("download", li_wei.address, {}, inner={}, inner_options={"serial": ""})
    assert li_wei.send(li_wei.address, message).status == 200
    assert li_wei.send(li_wei.address, message).refusal == "badNonce"


def test_of_two_downloads_that_claim_at_once_one_wins(bench, li_wei):
    # The other server process claims between this one's look at the address and its own claim.
    def claim_first(connection, cursor, sql, values, context, many):
        if sql.startswith("UPDATE addresses"):
            rival = connection.connection.cursor()
            rival.execute("UPDATE addresses SET state = 'used', used_at = 1 WHERE state = 'live'")

    with bench.store.read() as connection:
        engine = connection.engine
    event.listen(engine, "before_cursor_execute", claim_first)
    try:
        reply = li_wei.download()
    finally:
        event.remove(engine, "before_cursor_execute", claim_first)
    assert reply.refusal == "one-time-link/used"
    assert certificates(bench) == 0


def test_many_downloads_at_once_at_several_offices_issue_one_certificate(make_bench, tmp_path):
    url, head = f"sqlite:///{tmp_path / 'office.db'}", FileHead(tmp_path / "head.json")
    offices = [make_bench(f"office {number}", Store.open(url), head) for number in range(3)]
    li_wei = offices[0].approved(offices[0].computer("li-wei"))
    messages = []
    for _ in range(24):
        li_wei.nonce = ""
        messages.append(li_wei.message("download", li_wei.address, {}, inner={}, inner_options={"serial": ""}))
    headers = [("content-type", JOSE)]

    def send(number):
        return offices[number % 3].call("POST", li_wei.address, headers, to_bytes(messages[number]))

    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(send, range(24)))
    won = [reply for reply in replies if reply.status == 200]
    assert len(won) == 1
    assert {reply.refusal for reply in replies if reply.status != 200} == {"one-time-link/used"}
    assert certificates(offices[1]) == 1
    assert offices[2].office.verify() == []
    for office in offices:
        office.store.close()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_visits_show_a_page_and_change_nothing(bench, li_wei, method):
    before = bench.store.snapshot()
    reply = bench.call(method, li_wei.address)
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert li_wei.address.encode() not in reply.body
    assert bench.store.snapshot() == before


def test_the_page_is_the_same_for_every_address(bench, li_wei):
    assert bench.call("GET", li_wei.address).body == bench.call("GET", "/download/nonsense").body


def test_a_form_that_a_scanner_submits_is_malformed(bench, li_wei):
    reply = li_wei.send(li_wei.address, {"download": "yes"}, "application/x-www-form-urlencoded")
    assert (reply.status, reply.refusal) == (400, "malformed")
    assert state_of(bench) == "live"
    assert li_wei.download().status == 200


def test_a_careless_office_lets_a_visit_burn_the_address(make_bench):
    bench = make_bench(link_visit="burns")
    li_wei = bench.approved(bench.computer("li-wei"))
    assert bench.call("HEAD", li_wei.address).status == 200
    assert state_of(bench) == "live"
    assert bench.call("GET", li_wei.address).status == 200
    assert li_wei.download().refusal == "one-time-link/used"
    assert certificates(bench) == 0


def test_a_thief_with_the_address_gets_nothing_and_the_owner_still_does(bench, li_wei):
    thief = bench.computer("thief")
    assert thief.download(li_wei.address).refusal == "same-computer-download/other-computer"
    assert li_wei.download().status == 200


def test_a_policy_that_burns_on_the_wrong_computer(make_bench):
    bench = make_bench(wrong_computer="burn")
    li_wei = bench.approved(bench.computer("li-wei"))
    assert bench.computer("thief").download(li_wei.address).refusal == "same-computer-download/other-computer"
    assert li_wei.download().refusal == "one-time-link/used"


def test_a_clone_in_other_hardware_is_another_computer(bench, li_wei):
    clone = bench.computer("li-wei", OTHER_PARTS)
    assert clone.download(li_wei.address).refusal == "same-computer-download/other-hardware"


def test_one_replaced_part_is_the_same_computer(li_wei):
    li_wei.hardware["disk"] = "NEW-DISK"
    assert li_wei.download().status == 200


def test_the_baseline_is_that_of_the_application_and_does_not_drift(bench, li_wei):
    li_wei.hardware["disk"] = "NEW-DISK"
    assert li_wei.download().status == 200
    assert li_wei.login().status == 200
    li_wei.hardware["board"] = "NEW-BOARD"
    assert li_wei.login().refusal == "same-computer-use/other-hardware"


def test_the_key_made_at_application_must_be_there(bench, li_wei):
    assert li_wei.download(with_key=False).refusal == "same-computer-download/no-key"
    stranger = bench.computer("stranger")
    assert li_wei.download(key=stranger.key).refusal == "same-computer-download/no-key"


def test_an_address_works_to_its_last_second(make_bench):
    bench = make_bench(link_lifetime=60)
    li_wei = bench.approved(bench.computer("li-wei"))
    bench.clock.time += 60
    assert li_wei.download().status == 200


def test_an_expired_address_stays_expired_when_the_clock_is_set_back(make_bench):
    bench = make_bench(link_lifetime=60)
    li_wei = bench.approved(bench.computer("li-wei"))
    li_wei.nonce = ""
    bench.clock.time += 61
    assert li_wei.download().refusal == "one-time-link/expired"
    bench.clock.time -= 30
    li_wei.nonce = ""
    assert li_wei.download().refusal == "one-time-link/expired"


def test_a_reissued_address_replaces_the_older_one(bench, li_wei):
    old = li_wei.address
    assert bench.desk("POST", f"/applications/{li_wei.application}/reissue-address").status == 200
    li_wei.address = bench.address_of(li_wei.application)
    assert li_wei.address != old
    assert li_wei.download(old).refusal == "one-time-link/replaced"
    assert li_wei.download().status == 200


def test_tokens_are_exact_to_the_byte(bench, li_wei):
    token = li_wei.address.removeprefix("/download/")
    cased = token[:-5] + token[-5:].swapcase()
    for wrong in (token[:-1], cased, token + "=", token + "%20", token.replace(".", "%2E"), token + "?x=1", ""):
        assert li_wei.download(f"/download/{wrong}").refusal in ("unique-address/unknown",), wrong
    assert li_wei.download().status == 200


def test_a_token_of_another_application_or_purpose_is_unknown(bench, li_wei):
    other = bench.approved(bench.computer("other"))
    mixed = f"/download/{li_wei.application}.{other.address.partition('.')[2]}"
    assert li_wei.download(mixed).refusal == "unique-address/unknown"
    ticket = bench.call("POST", "/confirm", body=b'{"use_this_computer": true}').json["ticket"]
    assert li_wei.download(f"/download/{ticket}").refusal == "unique-address/unknown"


def test_made_up_addresses_tell_the_owner_how_the_application_stands(bench):
    li_wei = bench.applied(bench.computer("li-wei"))
    made_up = f"/download/{li_wei.application}.{'A' * 43}"
    assert li_wei.download(made_up).refusal == "approved-only/undecided"
    assert bench.computer("thief").download(made_up).refusal == "unique-address/unknown"
    bench.desk("POST", f"/applications/{li_wei.application}/disapprove", {"reasons": "The name is not legible."})
    assert li_wei.download(made_up).refusal == "approved-only/disapproved"


def test_guessing_is_limited_and_the_victim_unharmed(make_bench):
    bench = make_bench(guess_limit=3)
    li_wei, thief = bench.approved(bench.computer("li-wei")), bench.computer("thief")
    for number in range(3):
        guess = base64.urlsafe_b64encode(bytes([number]) * 32).decode().rstrip("=")
        assert thief.download(f"/download/{li_wei.application}.{guess}").refusal == "unique-address/unknown"
    assert thief.download(li_wei.address).refusal == "rateLimited"
    assert li_wei.download().status == 200
    bench.clock.time += HOUR
    thief.nonce = ""
    assert thief.download("/download/x").refusal == "unique-address/unknown"


def test_no_address_stands_in_database_or_audit(bench, li_wei):
    li_wei.download()
    secret = li_wei.address.partition(".")[2].encode()
    assert secret not in bench.store.snapshot()


def test_certificate_is_for_the_key_that_applied_and_says_who_it_is(bench, li_wei):
    li_wei.download()
    certificate = x509.load_der_x509_certificate(li_wei.certificate)
    assert certificate.public_key() == li_wei.key.public_key()
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "Li Wei"
