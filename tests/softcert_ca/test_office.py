"""The whole office: a life from application to new computer, its start, its crashes, its insiders."""

import pytest
from sqlalchemy import event

from softcert.errors import Damaged
from softcert.protocol import DIRECTORY, sha256

NEW_PARTS = {"board": "B-77", "processor": "P-88", "disk": "D-99", "network": "N-66"}


def test_whole_life_of_a_certificate(bench, signed_payload):
    old, new = bench.computer("li-wei"), bench.computer("li-wei-new", NEW_PARTS)
    bench.downloaded(old)
    assert old.login().json["certificate_state"] == "issued"
    assert old.activate().json == {"certificate_state": "active"}
    _, receipt = signed_payload(old.file("a red lion").json["receipt"])
    assert receipt["serial"] == old.serial
    _, manifest = signed_payload(old.backup().json["manifest"])
    assert manifest["sha256"] == sha256(b"file")
    assert new.take(old).recover().json["generation"] == 2
    assert new.login().json["certificate_state"] == "active"
    assert old.login().refusal == "one-computer/retired"
    assert bench.office.verify() == []
    acts = [entry[0] for entry in bench.audit()]
    assert acts == ["open", "confirm", "apply", "approve", "download", "login", "activate", "file", "backup",
                    "recover", "login", "login"]  # fmt: skip


def test_the_same_seed_gives_the_same_bytes(make_bench):
    lives = []
    for _ in range(2):
        bench = make_bench()
        bench.active(bench.computer("li-wei"))
        lives.append([(target, reply.body, sorted(reply.headers.items())) for target, reply in bench.replies])
        lives[-1].append(bench.mailbox.mails)
    assert lives[0] == lives[1]


def test_a_world_is_restored_exactly(bench):
    li_wei = bench.approved(bench.computer("li-wei"))
    image, head, drawn, nonce = bench.store.snapshot(), bench.head.value, bench.entropy.drawn, li_wei.nonce
    first = li_wei.download()
    bench.store.restore(image)
    bench.head.value, bench.entropy.drawn = head, drawn
    li_wei.nonce, li_wei.count = nonce, li_wei.count - 1
    assert li_wei.download().body == first.body


def test_verdicts_are_observed_once_and_only_when_committed(bench):
    li_wei = bench.approved(bench.computer("li-wei"))
    bench.verdicts.clear()
    li_wei.download()
    li_wei.download()
    assert [str(verdict) for verdict in bench.verdicts] == ["allowed", "one-time-link/used"]


class CrashError(Exception):
    """The machine stopped."""


def crash_at(bench, number, act):
    """Run `act` and stop the office before its statement `number`; False when there was none."""
    with bench.store.read() as connection:
        engine = connection.engine
    count = 0

    def stop(*_):
        nonlocal count
        count += 1
        if count == number:
            raise CrashError

    event.listen(engine, "before_cursor_execute", stop)
    try:
        reply = act()
    finally:
        event.remove(engine, "before_cursor_execute", stop)
    assert (reply.status == 500) == (count >= number)
    return count >= number


@pytest.mark.parametrize("act", ["apply", "approve", "download", "activate", "recover"])
def test_killed_between_any_two_statements_nothing_happened(bench, act):
    computer = bench.computer("li-wei")
    if act == "apply":
        asked = computer.application_message()
        perform = lambda: computer.post("apply", DIRECTORY["apply"], asked, request_id="r" * 22)  # noqa: E731
    elif act == "approve":
        bench.applied(computer)
        perform = lambda: bench.desk("POST", f"/applications/{computer.application}/approve")  # noqa: E731
    elif act == "download":
        bench.approved(computer)
        perform = computer.download
    elif act == "activate":
        bench.downloaded(computer).login()
        perform = computer.activate
    else:
        bench.active(computer).backup()
        perform = computer.recover
    before = bench.store.snapshot()
    for number in range(1, 100):
        computer.nonce = computer.fresh_nonce()
        if not crash_at(bench, number, perform):
            break
        assert bench.store.snapshot() == before
    assert 4 < number < 99
    assert bench.office.verify() == []


def test_an_older_database_is_not_served(bench):
    li_wei = bench.approved(bench.computer("li-wei"))
    image = bench.store.snapshot()
    li_wei.download()
    bench.store.restore(image)
    with pytest.raises(Damaged, match="older"):
        bench.open()
    # Nor does an office that is running go on: the used address would be live again.
    assert li_wei.download().status == 500


def test_an_insider_who_rebinds_a_certificate_is_found(bench):
    li_wei = bench.active(bench.computer("li-wei"))
    thief = bench.computer("thief")
    bench.execute("UPDATE bindings SET device = ?", thief.device)
    (finding,) = bench.office.verify()
    assert li_wei.serial in finding


def test_an_insider_who_adds_a_second_binding_is_found(bench):
    bench.active(bench.computer("li-wei"))
    bench.execute(
        "INSERT INTO bindings (serial, generation, device, state, board, processor, disk, network, bound_at)"
        " SELECT serial, generation, 'thief', state, board, processor, disk, network, bound_at FROM bindings"
    )
    assert len(bench.office.verify()) == 1


def test_a_changed_audit_entry_is_found(bench):
    bench.active(bench.computer("li-wei"))
    bench.execute("UPDATE audit SET outcome = 'allowed' WHERE seq = 3")
    bench.execute("UPDATE audit SET actor = 'somebody' WHERE seq = 3")
    assert "3" in bench.office.verify()[0]


def test_mail_waits_for_a_server_that_is_down(bench):
    li_wei = bench.applied(bench.computer("li-wei"))
    bench.mailbox.down = True
    bench.desk("POST", f"/applications/{li_wei.application}/approve")
    assert bench.office.deliver_mail() == 1
    bench.mailbox.down = False
    bench.clock.time += 3600
    assert bench.office.deliver_mail() == 0
    assert len(bench.mailbox.mails) == 1


def test_a_restarted_office_publishes_nothing_again(bench):
    before = bench.store.snapshot()
    bench.open()
    assert bench.store.snapshot() == before


CHANGES = (
    "UPDATE applications SET mailbox = 'thief@example.com'",
    "UPDATE applications SET activation_tries = 0",
    "UPDATE applications SET code_salt = 'x'",
    "UPDATE addresses SET state = 'live', used_at = NULL",
    "UPDATE addresses SET expires_at = expires_at + 1",
    "UPDATE certificates SET generation = 2",
    "UPDATE certificates SET not_after = not_after + 1",
    "UPDATE certificates SET state = 'active', revoked_at = NULL, revocation_reason = ''",
    "UPDATE bindings SET board = 'B-77'",
    "UPDATE sessions SET state = 'live'",
    "UPDATE backups SET state = 'registered'",
    "DELETE FROM backups",
    "INSERT INTO backups SELECT 'f' || substr(id, 2), serial, generation, sha256, state, registered_at FROM backups",
    "UPDATE time SET latest = latest - 1",
    "DELETE FROM time",
)


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_an_insider_changes_in_a_record_is_found(bench, change):
    li_wei = bench.downloaded(bench.computer("li-wei"))
    li_wei.login()
    assert li_wei.activate("00000-00000").refusal == "activate-first/wrong-code"
    li_wei.backup()
    bench.desk("POST", f"/certificates/{li_wei.serial}/revoke", {"reason": "keyCompromise"})
    assert bench.office.verify() == []
    bench.execute(change)
    assert len(bench.office.verify()) == 1


def test_time_never_goes_back_whichever_office_process_asks(bench):
    li_wei = bench.downloaded(bench.computer("li-wei"))
    bench.clock.time += 3600
    li_wei.nonce = ""
    li_wei.login()
    bench.clock.time -= 7200
    bench.open()
    li_wei.nonce = ""
    assert li_wei.login().status == 200
    ats = [at for (at,) in bench.execute("SELECT at FROM audit ORDER BY seq")]
    assert ats == sorted(ats)


def test_a_nonce_that_was_forgotten_after_a_jump_ahead_does_not_count_again(bench):
    li_wei = bench.downloaded(bench.computer("li-wei"))
    message = li_wei.message("acknowledge", DIRECTORY["acknowledge"], {"acknowledges": {"act": "x", "request_id": "y"}})
    assert li_wei.send(DIRECTORY["acknowledge"], message).status == 200
    bench.clock.time += 7200
    while bench.execute("SELECT count(*) FROM used_nonces WHERE used_at < ?", bench.clock.time)[0][0]:
        li_wei.nonce = ""
        li_wei.login()
    bench.clock.time -= 7200
    assert li_wei.send(DIRECTORY["acknowledge"], message).refusal == "badNonce"
