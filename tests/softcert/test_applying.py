"""From the form to the certificate: what the applicant sees, and what is left when machine or line fails."""

import pytest

from softcert.errors import MaybeDone, NotDone, Refused, Rejected
from softcert.protocol import encode
from softcert.rules.catalogue import INITIAL_PIN
from softcert_ca import tables

PIN = "Tea-House 7"


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
        place.hack()
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
        assert [row.act for row in bench.rows(tables.repeats)] == ["apply"]
        place.driver.download(bench.approve(submitted.application))
        assert [row.act for row in bench.rows(tables.repeats)] == ["download"]

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
        with pytest.raises(MaybeDone, match="does not fit"):
            place.driver.download(address)
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
