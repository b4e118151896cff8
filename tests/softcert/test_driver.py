"""The driver against the real office: what the applicant sees, and what is left when machine or line fails."""

import json

import pytest

from softcert.errors import MaybeDone, NotDone, Refused, Rejected
from softcert.ports import Request
from softcert.protocol import decode, encode, from_bytes, to_bytes
from softcert.rules.catalogue import INITIAL_PIN

PIN, PASSWORD = "Tea-House 7", "Jasmine 2031"
FILING = ("registration", "Trademark 西溪, class 30: tea")


def refusal(act, *arguments, **named):
    """`rule/reason` of a refusal; the text must say something to the user."""
    with pytest.raises(Refused) as raised:
        act(*arguments, **named)
    assert len(raised.value.text) > 20
    return f"{raised.value.rule}/{raised.value.reason}"


def rejection(act, *arguments, **named):
    with pytest.raises(Rejected) as raised:
        act(*arguments, **named)
    return raised.value.name


class TestHomepage:
    def test_shows_its_buttons_without_a_driver(self, place):
        page = place.driver.visit()
        for button in ("Register Now", "Soft Certificate Backup", "Soft Certificate Recovery"):
            assert button in page

    def test_a_no_ends_with_the_advice_to_change_computers(self, place):
        assert refusal(place.driver.confirm, use_this_computer=False) == "confirm-computer/said-no"
        assert place.driver.confirmation() is None

    def test_a_notice_is_shown_whole(self, place):
        assert len(place.driver.read_notice()) > 200

    def test_there_is_no_notice_of_another_name(self, place):
        assert rejection(place.driver.read_notice, "of-last-year") == "malformed"

    def test_reading_has_no_effect_so_a_cut_line_is_definite(self, place):
        for act in (place.driver.visit, place.driver.install, place.driver.read_notice):
            place.line.cut_once("/", "answer")
            with pytest.raises(NotDone):
                act()


class TestInstalling:
    def test_nothing_works_without_the_driver(self, place):
        form = place.ready()
        place.driver.uninstall()
        driver = place.driver
        sent = len(place.line.sent)
        acts = [
            lambda: driver.apply(form),
            lambda: driver.withdraw("a"),
            lambda: driver.download("x"),
            lambda: driver.change_pin("a", "b"),
            lambda: driver.login(PIN),
            driver.logout,
            lambda: driver.activate("x"),
            lambda: driver.file(*FILING, PIN),
            lambda: driver.new_code("a"),
            lambda: driver.backup("red-usb", PIN, PASSWORD),
            lambda: driver.recover("red-usb", PASSWORD, "", PIN),
        ]
        assert {refusal(act) for act in acts} == {"driver-first/missing"}
        assert len(place.line.sent) == sent

    def test_an_older_release_does_not_install_even_after_the_newer_one_was_removed(self, bench, place):
        older = Request("GET", "/driver")
        answer = bench.ask(older)
        bench.desk("/releases", version="1.1.0")
        assert place.driver.install() == "1.1.0"
        place.driver.uninstall()
        place.line.replay = {"/driver": answer}
        assert refusal(place.driver.install) == "driver-first/older"
        assert place.driver.installed().state == "missing"

    def test_a_changed_package_does_not_install(self, bench, place):
        offer = from_bytes(bench.ask(Request("GET", "/driver")).body)
        place.line.replay = {"/driver": bench.answer({**offer, "package": encode(b"malware")})}
        assert refusal(place.driver.install) == "driver-first/altered"

    def test_with_a_wrong_clock_it_says_so(self, bench, place):
        place.machine.clock.offset = -20 * 365 * 86400
        with pytest.raises(Refused, match="date"):
            place.driver.install()

    def test_security_software_that_removes_files_is_noticed(self, place):
        place.ready()
        place.machine.disk.remove("softcert/driver")
        assert refusal(place.driver.login, PIN) == "driver-first/missing"
        assert place.driver.install() == "1.0.0"


class TestPin:
    def test_a_fresh_certificate_can_do_nothing_but_change_the_pin(self, bench, place):
        place.downloaded()
        place.machine.plug(bench.stick)
        sent = len(place.line.sent)
        assert refusal(place.driver.login, INITIAL_PIN) == "change-initial-pin/initial"
        assert refusal(place.driver.file, *FILING, INITIAL_PIN) == "change-initial-pin/initial"
        assert refusal(place.driver.backup, "red-usb", INITIAL_PIN, PASSWORD) == "change-initial-pin/initial"
        assert len(place.line.sent) == sent
        place.driver.change_pin(INITIAL_PIN, PIN)
        assert place.driver.login(PIN).certificate_state == "issued"

    @pytest.mark.parametrize(
        ("pin", "fault"),
        [
            (INITIAL_PIN, "same-as-initial"),
            ("short", "too-short"),
            ("x" * 33, "too-long"),
            ("密码密码密码密码", "characters"),
            ("aaaaaaaa", "repeated"),
            ("23456789", "running"),
        ],
    )
    def test_a_poor_pin_is_refused_before_the_old_one_is_tried(self, place, pin, fault):
        place.downloaded()
        assert refusal(place.driver.change_pin, "wrong pin", pin) == f"change-initial-pin/{fault}"
        place.driver.change_pin(INITIAL_PIN, PIN)

    def test_wrong_pins_lock(self, place):
        place.active()
        told = [refusal(place.driver.login, "wrong pin") for _ in range(11)]
        assert told == 10 * ["pin-guards-key/wrong-pin"] + ["pin-guards-key/locked"]
        assert refusal(place.driver.login, PIN) == "pin-guards-key/locked"

    def test_before_the_download_there_is_no_certificate_and_no_pin_is_tried(self, place):
        place.applied()
        told = {refusal(place.driver.change_pin, "wrong pin", PIN) for _ in range(12)}
        assert told == {"valid-certificate/no-certificate"}
        assert refusal(place.driver.login, PIN) == "valid-certificate/no-certificate"

    def test_a_copied_disk_opens_nothing_elsewhere(self, bench, place):
        place.active()
        place.machine.clone_disk_to(bench.other.machine)
        bench.other.reboot()
        assert refusal(bench.other.driver.login, PIN) == "pin-guards-key/old-keystore"

    def test_a_driver_that_skips_the_question_still_cannot_open_the_seal(self, bench, place):
        place.active()
        place.hack()
        with pytest.raises(NotDone, match="stays sealed"):
            place.driver.login("wrong pin")

    def test_a_driver_that_skips_the_question_uses_the_initial_pin(self, place):
        """The limit that `change-initial-pin` states."""
        place.downloaded()
        place.hack()
        assert place.driver.login(INITIAL_PIN).certificate_state == "issued"

    def test_a_driver_that_skips_everything_finds_nothing_where_nothing_is(self, place):
        place.hack()
        with pytest.raises(NotDone, match="stays sealed"):
            place.driver.login(PIN)

    def test_whole_verdicts_are_observed_once(self, place):
        place.downloaded()
        place.verdicts.clear()
        place.driver.change_pin(INITIAL_PIN, PIN)
        refusal(place.driver.login, "wrong pin")
        assert [(verdict.act, str(verdict)) for verdict in place.verdicts] == [
            ("change-pin", "allowed"),
            ("use-key", "pin-guards-key/wrong-pin"),
        ]


class TestUsing:
    def test_a_wrong_code_is_told_and_counted_by_the_office(self, place):
        submitted = place.downloaded()
        place.driver.change_pin(INITIAL_PIN, PIN)
        place.driver.login(PIN)
        told = [refusal(place.driver.activate, "00000-00000") for _ in range(6)]
        assert told[:5] == 5 * ["activate-first/wrong-code"]
        assert told[5].startswith("activate-first/")
        assert refusal(place.driver.activate, submitted.activation_code).startswith("activate-first/")

    def test_an_activation_whose_answer_was_lost_can_be_repeated(self, place):
        submitted = place.downloaded()
        place.driver.change_pin(INITIAL_PIN, PIN)
        place.driver.login(PIN)
        place.line.cut_once("/activate", "answer")
        with pytest.raises(MaybeDone):
            place.driver.activate(submitted.activation_code)
        assert rejection(place.driver.activate, "00000-00000") == "conflict"
        assert place.driver.activate(submitted.activation_code) == "active"

    def test_an_activation_without_a_session_is_refused(self, place):
        submitted = place.downloaded()
        assert refusal(place.driver.activate, submitted.activation_code) == "activate-first/no-session"

    def test_a_filing_gives_a_receipt_that_is_kept(self, place):
        place.active()
        receipt = place.driver.file(*FILING, PIN)
        kept = [data for path, data in place.machine.disk.files().items() if path.startswith("softcert/receipts/")]
        assert [from_bytes(decode(json.loads(data)["payload"]))["filing"] for data in kept] == [receipt.filing]

    def test_a_text_that_cannot_be_sent_is_told(self, place):
        place.active()
        assert rejection(place.driver.file, "registration", "tea \udcff", PIN) == "malformed"

    def test_two_equal_filings_are_two_filings(self, place):
        place.active()
        assert place.driver.file(*FILING, PIN).filing != place.driver.file(*FILING, PIN).filing

    def test_a_filing_whose_answer_was_lost_is_filed_once(self, bench, place):
        place.active()
        place.line.cut_once("/file", "answer")
        with pytest.raises(MaybeDone):
            place.driver.file(*FILING, PIN)
        place.reboot()
        place.driver.login(PIN)
        receipt = place.driver.file(*FILING, PIN)
        assert receipt.sha256
        assert len(bench.filings()) == 1

    def test_a_filing_that_did_not_happen_is_filed_in_the_new_session(self, bench, place):
        place.active()
        bench.break_office("/file")
        with pytest.raises(MaybeDone):
            place.driver.file(*FILING, PIN)
        place.driver.login(PIN)
        assert place.driver.file(*FILING, PIN).filing
        assert len(bench.filings()) == 1

    def test_an_altered_receipt_is_noticed(self, bench, place):
        place.active()
        place.driver.file(*FILING, PIN)
        answer = from_bytes(place.line.answers[-1].body)
        said = from_bytes(decode(answer["receipt"]["payload"]))
        forged = {**answer["receipt"], "payload": encode(to_bytes({**said, "at": said["at"] - 1}))}
        for receipt in (forged, answer["receipt"]):
            place.line.replay = {"/file": bench.answer({"receipt": receipt})}
            with pytest.raises(MaybeDone, match="not certain"):
                place.driver.file("renewal", "another text", PIN)

    def test_a_filing_without_a_session_is_refused_by_the_office(self, place):
        place.active()
        place.driver.logout()
        place.driver.logout()
        assert refusal(place.driver.file, *FILING, PIN) == "business-after-activation/no-session"

    def test_a_session_that_ran_out_is_told(self, bench, place):
        place.active()
        bench.clock.advance(1801)
        assert refusal(place.driver.file, *FILING, PIN) == "business-after-activation/session-ended"

    def test_with_two_certificates_the_name_chooses(self, bench, place):
        place.active()
        place.active(name="Zhang Min", mailbox="zhang@mail.example")
        with pytest.raises(Refused, match="Li Wei, Zhang Min"):
            place.driver.login(PIN)
        one = place.driver.login(PIN, "Li Wei")
        other = place.driver.login(PIN, "Zhang Min")
        assert one.session != other.session
        assert refusal(place.driver.file, *FILING, PIN, "Li Wei") == "business-after-activation/other-certificate"
        place.driver.uninstall()
        assert refusal(place.driver.login, PIN) == "driver-first/missing"
        with pytest.raises(Refused, match="homepage"):
            place.driver.login(PIN)
        place.driver.install()
        assert refusal(place.driver.login, PIN, "Wang Fang") == "valid-certificate/no-certificate"

    def test_after_a_revocation_the_newer_certificate_of_a_name_is_used(self, bench, place):
        place.active()
        bench.desk(f"/certificates/{place.serial()}/revoke", reason="lost")
        assert refusal(place.driver.login, PIN) == "valid-certificate/revoked"
        place.active()
        assert place.driver.login(PIN).certificate_state == "active"
