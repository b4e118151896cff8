"""Until the office was told that an answer arrived, it repeats it; the next signed request tells it."""

import pytest

from softcert.errors import MaybeDone, NotDone, Refused
from softcert.protocol import decode, from_bytes
from softcert.rules.catalogue import INITIAL_PIN
from softcert_ca import tables

PIN = "Tea-House 7"


def kept(bench):
    """The acts of which the office would repeat an answer."""
    return sorted(row.act for row in bench.rows(tables.repeats))


def acknowledged(place):
    """Target and acknowledged act of each signed request that acknowledges one."""
    payloads = [
        (request.target, from_bytes(decode(from_bytes(request.body)["payload"])))
        for request in place.line.sent
        if b'"protected"' in request.body
    ]
    return [(target, said["acknowledges"]["act"]) for target, said in payloads if "acknowledges" in said]


def records(place):
    """The acts of which the driver keeps a record."""
    return sorted(name.split("-")[0] for name in place.machine.disk.list("softcert/pending"))


def test_an_answer_with_a_code_is_acknowledged_at_once(bench, place):
    place.applied()
    assert acknowledged(place) == [("/acknowledge", "apply")]
    assert kept(bench) == []


def test_any_other_answer_is_acknowledged_by_the_next_request(bench, place):
    submitted = place.downloaded()
    place.driver.change_pin(INITIAL_PIN, PIN)
    place.line.sent.clear()
    assert (kept(bench), records(place)) == (["download"], ["download"])
    place.driver.login(PIN)
    place.driver.activate(submitted.activation_code)
    assert kept(bench) == ["activate", "login"]
    place.driver.logout()
    assert acknowledged(place) == [("/login", "download"), ("/logout", "activate")]
    assert (kept(bench), records(place)) == (["login"], [])


def test_a_request_that_is_lost_has_acknowledged_nothing(bench, place):
    place.downloaded()
    place.driver.change_pin(INITIAL_PIN, PIN)
    place.line.cut_once("/login", "request")
    with pytest.raises(NotDone):
        place.driver.login(PIN)
    assert (kept(bench), records(place)) == (["download"], ["download"])
    place.driver.login(PIN)
    assert records(place) == []


def test_an_acknowledgement_whose_answer_is_lost_is_repeated(bench, place):
    submitted = place.active()
    place.line.cut_once("/logout", "answer")
    with pytest.raises(MaybeDone):
        place.driver.logout()
    assert (kept(bench), records(place)) == (["login"], ["activate"])
    place.driver.login(PIN)
    assert records(place) == []
    assert place.driver.file("renewal", "Trademark 1", PIN).filing
    assert submitted.application


def test_a_refused_request_acknowledges(bench, place):
    address = bench.approve(place.applied().application)
    place.driver.download(address)
    with pytest.raises(Refused):
        place.driver.download(address)
    assert (kept(bench), records(place)) == ([], [])


def test_two_alike_in_a_row_are_acknowledged_one_by_one(bench, place):
    """The second one's record takes the place of the first one's."""
    place.active()
    first = place.driver.file("renewal", "Trademark 1", PIN)
    place.line.sent.clear()
    second = place.driver.file("renewal", "Trademark 1", PIN)
    assert first.filing != second.filing
    assert acknowledged(place) == [("/acknowledge", "file")]
    assert (kept(bench), records(place)) == (["file", "login"], ["file"])


def test_after_a_power_cut_the_same_request_gets_the_same_answer(bench, place):
    address = bench.approve(place.applied().application)
    serial = place.driver.download(address).serial
    place.reboot()
    assert place.driver.download(address).serial == serial
    assert len(bench.rows(tables.certificates)) == 1


def test_where_no_request_follows_the_office_is_told_at_the_end(bench, place):
    place.downloaded()
    place.line.sent.clear()
    place.driver.finish()
    place.driver.finish()
    assert acknowledged(place) == [("/acknowledge", "download")]
    assert (kept(bench), records(place)) == ([], [])


def test_an_end_without_a_line_is_made_up_for_later(bench, place):
    place.downloaded()
    place.line.cut_once("/acknowledge", "request")
    place.driver.finish()
    assert (kept(bench), records(place)) == (["download"], ["download"])
    place.driver.change_pin(INITIAL_PIN, PIN)
    place.driver.login(PIN)
    assert records(place) == []


def test_a_power_cut_anywhere_in_a_login_owes_nothing_that_was_told(bench, place):
    place.downloaded()
    place.driver.change_pin(INITIAL_PIN, PIN)

    def settle(nth, choice):
        place.driver.login(PIN)
        assert "download" not in kept(bench), (nth, choice)
        assert records(place) == [], (nth, choice)

    assert bench.every_cut(place, lambda: place.driver.login(PIN), settle) > 5
