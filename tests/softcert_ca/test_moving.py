"""Backup and recovery: at every moment exactly one computer (ATTACKS 50 to 57)."""

import pytest

NEW_PARTS = {"board": "B-77", "processor": "P-88", "disk": "D-99", "network": "N-66"}
ID, SECOND = "a" * 32, "b" * 32


@pytest.fixture
def old(bench):
    return bench.active(bench.computer("old"))


@pytest.fixture
def new(bench, old):
    return bench.computer("new", NEW_PARTS).take(old)


def bound(bench):
    return [row[0] for row in bench.execute("SELECT device FROM bindings WHERE state = 'bound' ORDER BY id")]


def test_a_backup_is_registered_and_its_manifest_signed(bench, old, signed_payload):
    header, manifest = signed_payload(old.backup().json["manifest"])
    assert header["x5c"]
    assert manifest["name"] == "Li Wei"
    assert (manifest["format"], manifest["generation"], manifest["serial"]) == (1, 1, old.serial)
    assert bench.execute("SELECT state FROM backups") == [("registered",)]


def test_only_the_bound_computer_registers_backups(bench, old, new):
    assert new.backup().refusal == "same-computer-use/other-computer"
    assert bench.execute("SELECT count(*) FROM backups") == [(0,)]


def test_a_backup_name_is_used_once(bench, old):
    assert old.backup().status == 200
    assert old.backup().refusal == "conflict"
    assert old.backup(id="xyz").refusal == "malformed"


@pytest.mark.parametrize("act", ["backup", "recover"])
def test_backup_and_recovery_need_the_certificates_own_key(bench, old, act):
    old.backup()
    old.key = bench.computer("thief").key
    reply = old.backup(SECOND) if act == "backup" else old.recover(proof="00000-00000")
    assert reply.refusal == "badSignature"
    assert bench.execute("SELECT id, state FROM backups") == [(ID, "registered")]
    assert bench.execute("SELECT recovery_tries FROM applications") == [(0,)]


def test_recovery_moves_the_certificate(bench, old, new):
    old.backup()
    old.backup(SECOND)
    session = old.session
    reply = new.recover()
    assert reply.json["generation"] == 2
    assert bound(bench) == [new.device]
    assert new.login().json["certificate_state"] == "active"
    assert new.file().status == 200
    old.session = session
    assert old.file().refusal == "business-after-activation/session-ended"
    assert old.login().refusal == "one-computer/retired"
    assert old.backup("c" * 32).refusal == "one-computer/retired"
    assert bench.execute("SELECT id, state FROM backups ORDER BY id") == [(ID, "spent"), (SECOND, "retired")]


def test_the_owner_is_told_of_the_move(bench, old, new):
    old.backup()
    new.recover()
    bench.office.deliver_mail()
    assert b"X-Softcert-Purpose: move" in bench.mailbox.mails[-1][1]


def test_the_new_computer_has_a_baseline_of_its_own(bench, old, new):
    old.backup()
    new.recover()
    new.hardware["disk"] = "OTHER-9"
    assert new.login().status == 200
    new.hardware["board"] = "OTHER-8"
    assert new.login().refusal == "same-computer-use/other-hardware"


def test_of_two_recoveries_one_wins(bench, old, new):
    old.backup()
    third = bench.computer("third", NEW_PARTS).take(old)
    assert new.recover().status == 200
    assert third.recover().refusal == "one-computer/spent"
    assert bound(bench) == [new.device]


def test_backups_from_before_the_move_are_dead(bench, old, new):
    old.backup()
    old.backup(SECOND)
    new.recover()
    assert old.recover(SECOND).refusal == "one-computer/old-generation"


def test_moving_there_and_back(bench, old, new):
    old.backup()
    new.recover()
    assert new.backup(SECOND).status == 200
    assert old.recover(SECOND).json["generation"] == 3
    assert bound(bench) == [old.device]
    assert old.login().status == 200
    assert new.login().refusal == "one-computer/retired"


def test_recovery_on_the_same_computer_keeps_it_the_only_one(bench, old):
    old.backup()
    assert old.recover().json["generation"] == 2
    assert bound(bench) == [old.device]
    assert old.login().status == 200
    bench.office.deliver_mail()
    assert b"X-Softcert-Purpose: recovery-notice" in bench.mailbox.mails[-1][1]


def test_wrong_proofs_are_counted_and_do_not_lock_activation(bench, new, old):
    old.backup()
    for _ in range(bench.policy.activation_tries):
        assert new.recover(proof="00000-00000").refusal == "recover-from-removable/wrong-proof"
    assert new.recover().refusal == "recover-from-removable/locked"
    assert bound(bench) == [old.device]
    assert old.login().status == 200
    bench.desk("POST", f"/applications/{old.application}/reissue-code")
    old.new_code()
    assert new.recover(proof="00000-00000").refusal == "recover-from-removable/wrong-proof"
    assert new.recover(proof=old.code).status == 200
    assert bench.execute("SELECT recovery_tries FROM applications") == [(0,)]


def test_without_recovery_proof_a_stolen_backup_moves_the_certificate(make_bench):
    bench = make_bench(recovery_proof="none")
    old = bench.active(bench.computer("old"))
    old.backup()
    thief = bench.computer("thief", NEW_PARTS).take(old)
    assert thief.recover(proof="").status == 200


def test_copy_policy_leaves_two_usable_computers(make_bench):
    bench = make_bench(recovery="copy")
    old = bench.active(bench.computer("old"))
    old.backup()
    new = bench.computer("new", NEW_PARTS).take(old)
    assert new.recover().json["generation"] == 1
    assert new.login().status == 200
    assert old.login().status == 200
    assert old.file().status == 200
    assert bench.office.verify() == []
    # A session still belongs to the computer that opened it.
    new.session = old.session
    assert new.file().refusal == "same-computer-use/other-computer"


def test_unknown_backups_and_those_of_another_certificate(bench, old, new):
    assert new.recover("c" * 32).refusal == "backup-sealed/unregistered"
    other = bench.active(bench.computer("other"))
    other.backup(SECOND)
    assert new.recover(SECOND).refusal == "backup-sealed/unregistered"


def test_no_recovery_of_a_revoked_certificate(bench, old, new):
    old.backup()
    bench.desk("POST", f"/certificates/{old.serial}/revoke", {"reason": "lost computer"})
    assert new.recover().refusal == "valid-certificate/revoked"


def test_a_forged_certificate_does_not_outlive_the_true_one(bench, old, new, make_certificate):
    old.backup()
    for ca in (None, bench.keys):
        new.certificate = make_certificate(old.key, int(old.serial, 16), ca)
        assert new.recover().refusal == "backup-sealed/unregistered"


def test_recovery_needs_the_certificates_key(bench, old, new):
    old.backup()
    assert new.recover(inner_options={"key": bench.computer("thief").key}).refusal == "badSignature"


def test_a_lost_answer_to_a_recovery_is_repeated(bench, old, new):
    old.backup()
    first = new.recover()
    again = new.recover(request_id=new.last["recover"])
    assert again.body == first.body
    assert bound(bench) == [new.device]
