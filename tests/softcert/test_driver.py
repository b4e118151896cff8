"""The driver against the real office: what the applicant sees, and what is left when machine or line fails."""

import json

import pytest

from softcert.driver import Driver
from softcert.errors import Broken, MaybeDone, NotDone, Refused, Rejected
from softcert.ports import Request
from softcert.protocol import DIRECTORY, decode, encode, from_bytes, protected_of, to_bytes
from softcert.rules.catalogue import INITIAL_PIN
from softcert.rules.verdict import Verdict

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


def applications(bench):
    return bench.examine("/applications")["applications"]


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
        assert not place.driver.installed()

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


class TestApplying:
    def test_every_bad_field_gets_its_message_and_nothing_is_sent(self, place):
        form = {**place.ready(), "mailbox": "li.wei@", "mobile": "１２３"}
        sent = len(place.line.sent)
        with pytest.raises(Refused) as raised:
            place.driver.apply(form)
        assert (raised.value.rule, raised.value.reason) == ("form-checked", "mailbox")
        assert len(raised.value.text.splitlines()) == 2
        assert len(place.line.sent) == sent

    def test_a_form_that_was_not_reviewed_is_not_sent(self, place):
        assert refusal(place.driver.apply, place.ready(), reviewed=False) == "form-checked/not-reviewed"

    def test_a_refusal_of_the_office_leaves_no_key_and_no_request(self, place):
        form = place.ready()
        place.reboot()
        before = place.machine.disk.files()
        assert refusal(place.driver.apply, form) == "confirm-computer/not-confirmed"
        assert place.machine.disk.files() == before

    def test_a_driver_that_skips_the_form_check_is_refused_by_the_office(self, place):
        form = place.ready()
        memory = place.driver.memory
        hack(place)
        place.driver.memory = memory
        del form["name"]
        assert refusal(place.driver.apply, form) == "form-checked/name"

    def test_a_refused_form_of_the_office_has_all_messages(self, place):
        form = {**place.ready(), "holds-e-licence": "yes"}
        assert refusal(place.driver.apply, form) == "no-e-licence/holder"

    def test_the_same_form_again_after_an_answer_is_a_new_application(self, bench, place):
        first, second = place.applied(), place.applied()
        assert first.application != second.application
        assert len(applications(bench)) == 2

    def test_a_lost_answer_is_repeated_to_the_same_request(self, bench, place):
        form = place.ready()
        place.line.cut_once("/apply", "answer")
        with pytest.raises(MaybeDone):
            place.driver.apply(form)
        place.reboot()
        again = place.driver.apply(form)
        assert [row["id"] for row in applications(bench)] == [again.application]
        assert place.works(again, bench.approve(again.application))

    def test_a_request_that_did_not_leave_leaves_nothing_behind(self, place):
        form = place.ready()
        before = place.machine.disk.files()
        place.line.cut_once("/apply", "request")
        with pytest.raises(NotDone):
            place.driver.apply(form)
        assert place.machine.disk.files() == before

    def test_a_corrected_form_takes_the_place_of_one_without_an_answer(self, bench, place):
        form = place.ready()
        place.line.cut_once("/apply", "answer")
        with pytest.raises(MaybeDone):
            place.driver.apply(form)
        submitted = place.driver.apply({**form, "mailbox": "wei.li@mail.example"})
        assert len(applications(bench)) == 2
        assert place.works(submitted, bench.approve(submitted.application))

    def test_a_lost_acknowledgement_is_made_up_for_by_the_next_act(self, bench, place):
        form = place.ready()
        place.line.cut_once("/acknowledge", "request")
        submitted = place.driver.apply(form)
        address = bench.approve(submitted.application)
        place.line.sent.clear()
        place.driver.download(address)
        assert place.line.targets()[0] == "/acknowledge"
        place.driver.change_pin(INITIAL_PIN, PIN)
        place.driver.login(PIN)
        assert not [path for path in place.machine.disk.files() if "pending" in path]

    def test_the_code_is_nowhere_on_the_disk(self, place):
        submitted = place.active()
        code = submitted.activation_code
        for data in place.machine.disk.files().values():
            for spelling in (code, code.replace("-", "")):
                assert spelling.encode() not in data
        assert code not in repr(submitted)

    def test_a_confirmation_lost_with_the_power_is_asked_again(self, bench, place):
        """The record holds the old one; what is sent at last is the new one."""
        form = place.ready()
        bench.break_office("/apply")
        with pytest.raises(MaybeDone):
            place.driver.apply(form)
        place.reboot()
        bench.clock.advance(3 * 86400)
        place.ready()
        assert place.driver.apply(form).application

    def test_a_power_cut_anywhere_loses_neither_code_nor_key(self, bench, place):
        form = place.ready()

        def settle(nth, choice):
            if place.driver.memory.notice is None:  # the power did go: the user does all of it again
                place.ready()
                submitted = place.driver.apply(form)
                assert place.works(submitted, bench.approve(submitted.application)), (nth, choice)
            assert len(applications(bench)) == 1, (nth, choice)
            assert len(place.driver.keys.all()) == 1, (nth, choice)

        assert bench.every_cut(place, lambda: place.driver.apply(form), settle) > 20

    def test_withdrawing_destroys_the_key(self, bench, place):
        submitted = place.applied()
        place.driver.withdraw(submitted.application)
        assert place.driver.keys.all() == ()
        assert [row["state"] for row in applications(bench)] == ["withdrawn"]

    def test_a_second_withdrawal_is_no_step_of_an_application(self, place):
        submitted = place.applied()
        place.driver.withdraw(submitted.application)
        assert rejection(place.driver.withdraw, submitted.application) == "conflict"
        assert refusal(place.driver.withdraw, "unknown") == "same-computer-use/other-computer"

    def test_a_withdrawal_whose_answer_was_lost_can_be_repeated(self, place):
        submitted = place.applied()
        place.line.cut_once("/withdraw", "answer")
        with pytest.raises(MaybeDone):
            place.driver.withdraw(submitted.application)
        place.driver.withdraw(submitted.application)
        assert place.driver.keys.all() == ()

    def test_a_granted_code_is_shown_again_if_its_answer_was_lost(self, bench, place):
        submitted = place.downloaded()
        assert refusal(place.driver.new_code, submitted.application) == "activate-first/no-reissue"
        bench.desk(f"/applications/{submitted.application}/reissue-code")
        place.line.cut_once("/new-code", "answer")
        with pytest.raises(MaybeDone):
            place.driver.new_code(submitted.application)
        code = place.driver.new_code(submitted.application)
        place.driver.change_pin(INITIAL_PIN, PIN)
        place.driver.login(PIN)
        assert place.driver.activate(code) == "active"


class TestDownloading:
    def test_an_impatient_second_click_is_refused(self, bench, place):
        address = bench.approve(place.applied().application)
        first = place.driver.download(address)
        assert refusal(place.driver.download, address) == "one-time-link/used"
        assert [row["state"] for row in applications(bench)] == ["certified"]
        assert place.driver.keys.find(first.application).certificate

    def test_a_lost_answer_is_no_second_download(self, bench, place):
        address = bench.approve(place.applied().application)
        place.line.cut_once("/download", "answer")
        with pytest.raises(MaybeDone):
            place.driver.download(address)
        place.reboot()
        assert place.driver.download(address).serial

    def test_another_computer_is_refused_and_the_address_stays_good(self, bench, place):
        address = bench.approve(place.applied().application)
        bench.other.driver.install()
        assert refusal(bench.other.driver.download, address) == "same-computer-download/other-computer"
        assert place.driver.download(address)

    def test_without_the_key_it_is_refused(self, bench, place):
        address = bench.approve(place.applied().application)
        place.machine.disk.remove("softcert/keys")
        assert refusal(place.driver.download, address) == "same-computer-download/no-key"

    @pytest.mark.parametrize(
        "address",
        [
            "https://office.example.evil.example/download/x",
            "https://0ffice.example/download/x",
            "http://office.example/download/x",
            "https://office.example/apply",
            "https://office.example/download/x\r\ny: z",
            "https://office.example/download/ｘ",
            "",
        ],
    )
    def test_an_address_that_leads_elsewhere_gets_no_request(self, place, address):
        place.ready()
        sent = len(place.line.sent)
        assert rejection(place.driver.download, address) == "malformed"
        assert len(place.line.sent) == sent

    def test_blanks_around_a_copied_address_do_no_harm(self, bench, place):
        assert place.driver.download(f"  {bench.approve(place.applied().application)}\n")

    def test_repeated_downloads_cost_no_pin_tries(self, bench, place):
        address = bench.approve(place.applied().application)
        place.driver.download(address)
        place.driver.change_pin(INITIAL_PIN, PIN)
        for _ in range(12):
            assert refusal(place.driver.download, address) == "one-time-link/used"
        assert place.driver.login(PIN)

    def test_a_certificate_for_another_key_is_not_stored(self, bench, place):
        address = bench.approve(place.applied().application)
        other = bench.other
        theirs = other.downloaded(name="Zhang Min", mailbox="zhang@mail.example")
        store = other.driver.keys.find(theirs.application)
        body = {
            "application": theirs.application,
            "certificate": encode(store.certificate),
            "chain": [encode(link) for link in store.chain],
        }
        place.line.replay = {"/download": bench.answer(body)}
        assert rejection(place.driver.download, address) == "badSignature"
        assert not [store for store in place.driver.keys.all() if store.certificate]

    def test_a_full_disk_after_the_answer_may_have_happened_and_can_be_repeated(self, bench, place):
        address = bench.approve(place.applied().application)
        place.line.after = lambda request: request.target.startswith("/download") and place.machine.disk.fill()
        with pytest.raises(MaybeDone, match="room"):
            place.driver.download(address)
        place.line.after = lambda request: None
        place.machine.disk.fill(full=False)
        assert place.driver.download(address)

    def test_a_full_disk_before_the_request_is_definite(self, bench, place):
        address = bench.approve(place.applied().application)
        place.machine.disk.fill()
        with pytest.raises(NotDone, match="full"):
            place.driver.download(address)

    def test_a_power_cut_anywhere_leaves_the_certificate_within_reach(self, bench, place):
        submitted = place.applied()
        address = bench.approve(submitted.application)

        def settle(nth, choice):
            reason = ""
            try:
                place.driver.download(address)
            except Refused as refused:
                reason = refused.reason
            assert reason in ("", "used"), (nth, choice)
            assert place.works(submitted), (nth, choice)

        assert bench.every_cut(place, lambda: place.driver.download(address), settle) > 20

    def test_a_repeated_download_after_a_power_cut_before_the_acknowledgement_succeeds(self, bench, place):
        address = bench.approve(place.applied().application)
        place.line.cut_once("/acknowledge", "request")
        place.driver.download(address)
        place.reboot()
        assert place.driver.download(address).serial


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
        hack(place)
        assert refusal(place.driver.login, "wrong pin") == "pin-guards-key/wrong-pin"

    def test_a_driver_that_skips_the_question_uses_the_initial_pin(self, place):
        """The limit that `change-initial-pin` states."""
        place.downloaded()
        hack(place)
        assert place.driver.login(INITIAL_PIN).certificate_state == "issued"

    def test_a_driver_that_skips_everything_finds_nothing_where_nothing_is(self, place):
        hack(place)
        assert refusal(place.driver.login, PIN) == "valid-certificate/no-certificate"

    def test_whole_verdicts_are_observed_once(self, place):
        place.downloaded()
        place.verdicts.clear()
        place.driver.change_pin(INITIAL_PIN, PIN)
        refusal(place.driver.login, "wrong pin")
        assert [(verdict.act, str(verdict)) for verdict in place.verdicts] == [
            ("change-pin", "allowed"),
            ("use-key", "pin-guards-key/wrong-pin"),
        ]


def hack(place):
    """A driver whose rules always say yes."""

    class Hacked(Driver):
        def _decide(self, act, facts, before=None):
            return Verdict(act.name, act.side, None, None, (), ())

    place.make = Hacked
    place.reboot()


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
        answer = from_bytes(place.line.answers[-2].body)
        said = from_bytes(decode(answer["receipt"]["payload"]))
        forged = {**answer["receipt"], "payload": encode(to_bytes({**said, "at": said["at"] - 1}))}
        for receipt in (forged, answer["receipt"]):
            place.line.replay = {"/file": bench.answer({"receipt": receipt})}
            assert rejection(place.driver.file, "renewal", "another text", PIN) == "badSignature"

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


class TestLine:
    def test_a_nonce_is_fetched_once_and_then_comes_with_each_answer(self, place):
        place.active()
        assert place.line.targets().count("/nonce") == 1

    def test_a_lost_nonce_is_replaced_once(self, bench, place):
        place.active()
        bench.clock.advance(86400)
        place.line.sent.clear()
        assert place.driver.login(PIN)
        assert place.line.targets() == ["/login", "/login"]

    def test_a_replayed_request_is_rejected(self, bench, place):
        place.active()
        captured = place.line.sent[-1]
        answer = bench.ask(captured)
        assert from_bytes(answer.body)["type"].endswith("badNonce")

    def test_requests_carry_exactly_what_the_protocol_says(self, place):
        place.active()
        place.driver.file(*FILING, PIN)
        for request in place.line.sent:
            if request.method != "POST" or request.target == DIRECTORY["confirm"]:
                continue
            outer = from_bytes(request.body)
            header = protected_of(outer)
            assert set(header) == {"alg", "jwk", "nonce", "url"}
            payload = from_bytes(decode(outer["payload"]))
            assert {"act", "request_id", "driver", "hardware"} <= set(payload)
            assert len(payload["request_id"]) == 22
            if payload.get("inner"):
                assert set(protected_of(payload["inner"])) == {"alg", "url", "serial"}
                said = from_bytes(decode(payload["inner"]["payload"]))
                assert (said["url"], said["nonce"]) == (header["url"], header["nonce"])

    def test_an_answer_that_is_no_problem_document_may_have_happened(self, bench, place):
        place.active()
        place.line.replay = {"/login": bench.answer({}, status=502)}
        with pytest.raises(MaybeDone) as raised:
            place.driver.login(PIN)
        assert raised.value.text

    def test_an_attacker_can_send_any_signed_request(self, place):
        place.ready()
        with pytest.raises(Rejected):
            place.driver.signed("login", DIRECTORY["login"], {"inner": None})

    def test_all_that_is_volatile_is_one_value(self, place):
        place.active()
        kept = place.driver.memory
        place.reboot()
        assert refusal(place.driver.file, *FILING, PIN) == "business-after-activation/no-session"
        place.reboot()
        place.driver.memory = kept
        assert place.driver.file(*FILING, PIN)

    def test_a_dead_line_is_definite_until_a_request_leaves(self, place):
        place.active()
        place.line.cut = lambda request: "request"
        for act in (lambda: place.driver.login(PIN), lambda: place.driver.file(*FILING, PIN)):
            with pytest.raises(Broken) as raised:
                act()
            assert raised.value.definite
