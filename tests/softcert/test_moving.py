"""From one computer to another: at every moment exactly one of them works."""

import pytest

from softcert.backup import PACKAGE, find, path_of
from softcert.driver import Driver
from softcert.errors import MaybeDone, NotDone, Refused, Rejected, SoftcertError
from softcert_sim.machine import SimDrive
from softcert_sim.power import PowerCut
from softcert_sim.sabotage.hand import broken

PIN, PASSWORD, NEW_PIN = "Tea-House 7", "Jasmine 2031", "Garden-Gate 5"


def refusal(act, *arguments, **named):
    with pytest.raises(Refused) as raised:
        act(*arguments, **named)
    assert len(raised.value.text) > 20
    return f"{raised.value.rule}/{raised.value.reason}"


def backed_up(bench):
    """An active certificate with a backup on the stick, which is in the new computer now; the activation code."""
    code = bench.place.active().activation_code
    bench.place.machine.plug(bench.stick)
    bench.place.driver.backup("red-usb", PIN, PASSWORD)
    bench.place.machine.unplug(bench.stick)
    bench.other.driver.install()
    bench.other.machine.plug(bench.stick)
    return code


def who_works(bench):
    """The computers whose login is accepted now."""
    pins = {"office-pc": (bench.place, PIN), "home-pc": (bench.other, NEW_PIN)}
    return [name for name, (place, pin) in pins.items() if logs_in(place, pin)]


def logs_in(place, pin):
    try:
        place.driver.login(pin)
    except SoftcertError:
        return False
    return True


def recover(bench, code, password=PASSWORD, pin=NEW_PIN, **named):
    return bench.other.driver.recover("red-usb", password, code, pin, **named)


def finish(place, code):
    """Do the recovery once more; where it was done already, the backup is spent."""
    reason = ""
    try:
        place.driver.recover("red-usb", PASSWORD, code, NEW_PIN)
    except Refused as refused:
        reason = refused.reason
    assert reason in ("", "spent")


class TestBackup:
    def test_a_backup_is_whole_and_registered(self, bench, place):
        place.active()
        place.machine.plug(bench.stick)
        made = place.driver.backup("red-usb", PIN, PASSWORD)
        assert [(one.id, one.status, one.name) for one in place.driver.backups("red-usb")] == [
            (made, "whole", "Li Wei")
        ]
        assert sorted(bench.stick.disk.files()) == [
            f"softcert-backup-{made}/backup.p12",
            f"softcert-backup-{made}/manifest.json",
        ]

    def test_a_driver_that_is_not_told_otherwise_takes_the_costly_key_derivation(self, bench, place):
        place.active()
        place.machine.plug(bench.stick)
        driver = Driver(place.machine.ports(place.line, bench.trust), bench.policy, place.verdicts.append)
        made = driver.backup("red-usb", PIN, PASSWORD)
        package = bench.stick.disk.read(f"{path_of(made)}/{PACKAGE}")
        assert bytes.fromhex("02 03 09 27 c0") in package, "600,000 as DER"

    @pytest.mark.parametrize("kind", ["network-share", "system-disk", "none"])
    def test_it_goes_to_a_removable_device_only(self, bench, place, kind):
        place.active()
        if kind == "network-share":
            place.machine.plug(SimDrive("red-usb", kind))
        name = "system-disk" if kind == "system-disk" else "red-usb"
        sent = len(place.line.sent)
        reason = "no-drive" if kind == "none" else "not-removable"
        assert refusal(place.driver.backup, name, PIN, PASSWORD) == f"backup-to-removable/{reason}"
        assert len(place.line.sent) == sent

    def test_a_removable_hard_disk_will_do(self, bench, place):
        place.active()
        place.machine.plug(SimDrive("black-disk", "removable-disk"))
        assert place.driver.backup("black-disk", PIN, PASSWORD)

    def test_a_link_that_leads_off_the_drive_is_refused(self, bench, place):
        place.active()
        place.machine.plug(bench.stick)
        bench.stick.disk.link("mine", "", place.machine.disk)
        assert refusal(place.driver.backup, "red-usb", PIN, PASSWORD, folder="mine") == (
            "backup-to-removable/leaves-the-drive"
        )

    def test_a_folder_on_the_drive_is_fine(self, bench, place):
        code = place.active().activation_code
        place.machine.plug(bench.stick)
        place.driver.backup("red-usb", PIN, PASSWORD, folder="mine/certificates")
        place.machine.unplug(bench.stick)
        bench.other.driver.install()
        bench.other.machine.plug(bench.stick)
        assert refusal(recover, bench, code) == "recover-from-removable/no-backup"
        assert recover(bench, code, folder="mine/certificates").generation == 2

    def test_a_short_password_is_refused(self, bench, place):
        place.active()
        place.machine.plug(bench.stick)
        assert refusal(place.driver.backup, "red-usb", PIN, "1234567") == "backup-sealed/weak-password"
        assert bench.stick.disk.files() == {}

    def test_a_password_that_is_no_text_is_refused_and_opens_nothing(self, bench, place):
        code = place.active().activation_code
        place.machine.plug(bench.stick)
        with pytest.raises(Refused, match="that your keyboard really types") as raised:
            place.driver.backup("red-usb", PIN, "apricot-lane\udc80")
        assert raised.value.reason == "weak-password"
        assert bench.stick.disk.files() == {}
        place.driver.backup("red-usb", PIN, "apricot-lane?")
        place.machine.unplug(bench.stick)
        bench.other.driver.install()
        bench.other.machine.plug(bench.stick)
        assert refusal(recover, bench, code, password="apricot-lane\udc80") == "backup-sealed/wrong-password"

    def test_a_full_drive_stops_it_before_the_office_is_asked(self, bench, place):
        place.active()
        place.machine.plug(bench.stick)
        bench.stick.disk.fill()
        with pytest.raises(NotDone, match="full"):
            place.driver.backup("red-usb", PIN, PASSWORD)
        assert "/backup" not in place.line.targets()
        bench.stick.disk.fill(full=False)
        assert place.driver.backup("red-usb", PIN, PASSWORD)

    def test_a_write_protected_drive_says_so(self, bench, place):
        place.active()
        place.machine.plug(bench.stick)
        bench.stick.disk.protect()
        with pytest.raises(NotDone, match="write-protected"):
            place.driver.backup("red-usb", PIN, PASSWORD)

    def test_a_drive_pulled_after_registration_can_be_put_back(self, bench, place):
        place.active()
        place.machine.plug(bench.stick)
        place.line.after = lambda request: request.target == "/backup" and bench.stick.disk.fill()
        with pytest.raises(MaybeDone):
            place.driver.backup("red-usb", PIN, PASSWORD)
        assert find(bench.stick.disk, bench.trust) == ()
        place.line.after = lambda request: None
        bench.stick.disk.fill(full=False)
        made = place.driver.backup("red-usb", PIN, PASSWORD)
        assert [one.status for one in find(bench.stick.disk, bench.trust) if one.id == made] == ["whole"]

    def test_a_lost_answer_brings_the_same_backup(self, bench, place):
        place.active()
        place.machine.plug(bench.stick)
        place.line.cut_once("/backup", "answer")
        with pytest.raises(MaybeDone):
            place.driver.backup("red-usb", PIN, PASSWORD)
        place.reboot()
        made = place.driver.backup("red-usb", PIN, PASSWORD)
        assert [one.id for one in bench.registered()] == [made]
        assert [one.status for one in place.driver.backups("red-usb")] == ["whole"]

    @pytest.mark.parametrize("change", ["password", "drive"])
    def test_with_another_password_or_drive_it_is_a_new_backup(self, bench, place, change):
        place.active()
        place.machine.plug(bench.stick)
        place.line.cut_once("/backup", "answer")
        with pytest.raises(MaybeDone):
            place.driver.backup("red-usb", PIN, PASSWORD)
        password = "Chrysanthemum" if change == "password" else PASSWORD
        if change == "drive":
            place.machine.unplug(bench.stick)
            place.machine.plug(SimDrive("red-usb"))
        made = place.driver.backup("red-usb", PIN, password)
        assert [(one.id, one.status) for one in place.driver.backups("red-usb")] == [(made, "whole")]
        assert len(bench.registered()) == 2

    def test_a_refused_backup_leaves_nothing_on_the_drive(self, bench, place):
        recover(bench, backed_up(bench))
        stick = SimDrive("blue-usb")
        place.machine.plug(stick)
        assert refusal(place.driver.backup, "blue-usb", PIN, PASSWORD) == "one-computer/retired"
        assert stick.disk.files() == {}

    def test_the_pin_is_not_in_it(self, bench, place):
        backed_up(bench)
        for data in bench.stick.disk.files().values():
            assert PIN.encode() not in data

    def test_a_power_cut_anywhere_leaves_a_whole_backup_after_a_retry(self, bench, place):
        place.active()
        place.machine.plug(bench.stick)

        def settle(nth, choice):
            assert {one.status for one in find(bench.stick.disk, bench.trust)} <= {"whole"}, (nth, choice)
            again = place.driver.backup("red-usb", PIN, PASSWORD)
            found = {one.id: one.status for one in find(bench.stick.disk, bench.trust)}
            assert found[again] == "whole", (nth, choice)
            assert set(found.values()) == {"whole"}, (nth, choice)

        assert bench.every_cut(place, lambda: place.driver.backup("red-usb", PIN, PASSWORD), settle) > 20


class TestRecovery:
    def test_it_moves_the_certificate(self, bench):
        recovered = recover(bench, backed_up(bench))
        assert recovered.generation == 2
        assert bench.other.driver.login(NEW_PIN).certificate_state == "active"
        assert who_works(bench) == ["home-pc"]
        assert refusal(bench.place.driver.login, PIN) == "one-computer/retired"

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"password": "jasmine 2031"}, "backup-sealed/wrong-password"),
            ({"code": "00000-00000"}, "recover-from-removable/wrong-proof"),
            ({"pin": "12345678"}, "change-initial-pin/same-as-initial"),
            ({"name": "Zhang Min"}, "recover-from-removable/no-backup"),
            ({"backup": "0" * 32}, "recover-from-removable/no-backup"),
        ],
    )
    def test_a_refused_recovery_changes_nothing(self, bench, changes, told):
        code = backed_up(bench)
        before = bench.other.machine.disk.files()
        assert refusal(recover, bench, **{"code": code, **changes}) == told
        assert bench.other.machine.disk.files() == before
        assert who_works(bench) == ["office-pc"]
        assert recover(bench, code)

    def test_it_reads_removable_devices_only(self, bench):
        code = backed_up(bench)
        driver = bench.other.driver
        assert refusal(driver.recover, "system-disk", PASSWORD, code, NEW_PIN) == "recover-from-removable/not-removable"
        assert refusal(driver.recover, "green-usb", PASSWORD, code, NEW_PIN) == "recover-from-removable/no-drive"

    @pytest.mark.parametrize("file", ["backup.p12", "manifest.json"])
    def test_a_changed_backup_is_refused_before_the_password_is_tried(self, bench, file):
        code = backed_up(bench)
        [path] = [path for path in bench.stick.disk.files() if path.endswith(file)]
        data = bytearray(bench.stick.disk.read(path))
        data[len(data) // 2] ^= 1
        bench.stick.disk.write(path, bytes(data))
        sent = len(bench.other.line.sent)
        assert refusal(recover, bench, code, password="wrong").startswith("backup-sealed/")
        assert len(bench.other.line.sent) == sent

    @pytest.mark.parametrize("file", ["backup.p12", "manifest.json"])
    def test_a_changed_backup_is_not_parsed(self, bench, file):
        code = backed_up(bench)
        [path] = [path for path in bench.stick.disk.files() if path.endswith(file)]
        data = bytearray(bench.stick.disk.read(path))
        data[len(data) // 2] ^= 1
        parsed = []

        def unpack(read_it, package, *given):
            parsed.append(package)
            return read_it(package, *given)

        with broken(lambda hand: hand.wrap("softcert.backup.unpack", unpack)):
            bench.stick.disk.write(path, bytes(data))
            assert refusal(recover, bench, code).startswith("backup-sealed/")
            assert parsed == []
            data[len(data) // 2] ^= 1
            bench.stick.disk.write(path, bytes(data))
            recover(bench, code)
            assert len(parsed) == 1

    def test_a_backup_without_its_manifest_is_unregistered(self, bench):
        code = backed_up(bench)
        [path] = [path for path in bench.stick.disk.files() if path.endswith("manifest.json")]
        bench.stick.disk.remove(path)
        assert refusal(recover, bench, code, name="Li Wei") == "backup-sealed/unregistered"

    def test_a_second_recovery_finds_the_backup_spent(self, bench):
        code = backed_up(bench)
        recover(bench, code)
        assert refusal(recover, bench, code) == "one-computer/spent"
        assert bench.other.driver.login(NEW_PIN)

    def test_a_backup_made_before_a_pin_change_works(self, bench):
        code = backed_up(bench)
        bench.place.driver.change_pin(PIN, "Other-Pin 9")
        assert recover(bench, code)

    def test_on_the_same_computer_it_is_the_way_out_of_a_locked_pin(self, bench, place):
        code = backed_up(bench)
        bench.other.machine.unplug(bench.stick)
        place.machine.plug(bench.stick)
        for _ in range(10):
            refusal(place.driver.login, "wrong pin")
        assert refusal(place.driver.login, PIN) == "pin-guards-key/locked"
        place.driver.recover("red-usb", PASSWORD, code, NEW_PIN)
        assert len(place.driver.keys.all()) == 1
        assert refusal(place.driver.login, PIN) == "pin-guards-key/wrong-pin"
        assert place.driver.login(NEW_PIN).certificate_state == "active"

    def test_a_lost_answer_is_repeated(self, bench):
        code = backed_up(bench)
        bench.other.line.cut_once("/recover", "answer")
        with pytest.raises(MaybeDone):
            recover(bench, code)
        bench.other.reboot()
        assert recover(bench, code).generation == 2
        assert who_works(bench) == ["home-pc"]

    def test_after_a_lost_answer_a_login_finishes_it_without_the_drive(self, bench):
        code = backed_up(bench)
        bench.other.line.cut_once("/recover", "answer")
        with pytest.raises(MaybeDone):
            recover(bench, code)
        bench.other.machine.unplug(bench.stick)
        bench.other.reboot()
        assert who_works(bench) == ["home-pc"]
        assert [store.staged for store in bench.other.driver.keys.all()] == [False]
        bench.other.driver.file("registration", "tea", NEW_PIN)
        assert not [path for path in bench.other.machine.disk.files() if "/recover-" in path]

    def test_after_a_lost_answer_a_mistyped_code_does_not_lose_the_key(self, bench):
        code = backed_up(bench)
        bench.other.line.cut_once("/recover", "answer")
        with pytest.raises(MaybeDone):
            recover(bench, code)
        with pytest.raises(Rejected, match="first"):
            recover(bench, "00000-00000")
        assert recover(bench, code)
        assert who_works(bench) == ["home-pc"]

    def test_a_request_that_did_not_leave_leaves_nothing_behind(self, bench):
        code = backed_up(bench)
        before = bench.other.machine.disk.files()
        bench.other.line.cut_once("/recover", "request")
        with pytest.raises(NotDone):
            recover(bench, code)
        assert bench.other.machine.disk.files() == before

    def test_a_power_cut_anywhere_leaves_exactly_one_computer_and_a_retry_succeeds(self, bench):
        code = backed_up(bench)

        def settle(nth, choice):
            assert len(who_works(bench)) == 1, (nth, choice)
            finish(bench.other, code)
            assert who_works(bench) == ["home-pc"], (nth, choice)
            assert len(bench.other.driver.keys.with_replaced()) == 1, (nth, choice)

        assert bench.every_cut(bench.other, lambda: recover(bench, code), settle) > 20

    def test_a_power_cut_anywhere_in_a_recovery_on_the_same_computer_keeps_it_working(self, bench, place):
        code = backed_up(bench)
        bench.other.machine.unplug(bench.stick)
        place.machine.plug(bench.stick)

        def settle(nth, choice):
            assert logs_in(place, PIN) or logs_in(place, NEW_PIN), (nth, choice)
            finish(place, code)
            assert not logs_in(place, PIN), (nth, choice)
            assert logs_in(place, NEW_PIN), (nth, choice)
            assert len(place.driver.keys.with_replaced()) == 1, (nth, choice)

        def act():
            place.driver.recover("red-usb", PASSWORD, code, NEW_PIN)

        assert bench.every_cut(place, act, settle) > 20

    def test_two_applicants_on_two_drives(self, bench, place):
        codes = {}
        for name, drive in (("Li Wei", "red-usb"), ("Zhang Min", "blue-usb")):
            codes[name] = place.active(name=name, mailbox=f"{name[:2].lower()}@mail.example").activation_code
            stick = SimDrive(drive)
            place.machine.plug(stick)
            place.driver.backup(drive, PIN, PASSWORD, name)
            place.machine.unplug(stick)
            bench.other.machine.plug(stick)
        bench.other.driver.install()
        driver = bench.other.driver
        assert refusal(driver.recover, "red-usb", PASSWORD, codes["Zhang Min"], NEW_PIN, name="Zhang Min") == (
            "recover-from-removable/no-backup"
        )
        driver.recover("blue-usb", PASSWORD, codes["Zhang Min"], NEW_PIN, name="Zhang Min")
        assert driver.login(NEW_PIN)

    def test_a_power_cut_is_no_error_that_anybody_catches(self, bench):
        code = backed_up(bench)
        bench.other.machine.power.arm(5)
        with pytest.raises(PowerCut):
            recover(bench, code)
