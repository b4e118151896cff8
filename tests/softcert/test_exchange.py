"""Requests as the protocol wants them, and what an answer means when it is not what was expected."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from softcert.errors import Broken, MaybeDone, Refused, Rejected
from softcert.exchange import answer_of, error_of, object_in, text_in
from softcert.ports import Response
from softcert.protocol import DIRECTORY, decode, from_bytes, protected_of, to_bytes

PIN = "Tea-House 7"
FILING = ("registration", "Trademark 西溪, class 30: tea")
ACME = "urn:ietf:params:acme:error:"
JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
)


def problem(**members):
    return Response(403, (), to_bytes(members))


def test_a_refusal_has_rule_reason_text_and_the_fields():
    fields = [{"field": "mobile", "message": "Mobile number: correct it."}]
    told = problem(
        type="urn:softcert:refused:form-checked", reason="mobile", detail="Correct it.", definite=True, fields=fields
    )
    error = error_of(told)
    assert isinstance(error, Refused)
    assert (error.rule, error.reason) == ("form-checked", "mobile")
    assert error.text == "Correct it.\nMobile number: correct it."


def test_a_rejection_has_acmes_name():
    error = error_of(problem(type=ACME + "badNonce", detail="Again.", definite=True))
    assert isinstance(error, Rejected)
    assert (error.name, error.text) == ("badNonce", "Again.")


@pytest.mark.parametrize("body", [b"", b"<html>", to_bytes({"type": ACME + "serverInternal", "definite": False})])
def test_what_does_not_say_that_it_is_definite_may_have_happened(body):
    error = error_of(Response(500, (), body))
    assert isinstance(error, MaybeDone)
    assert error.text


@given(some.dictionaries(some.sampled_from(["type", "reason", "detail", "definite", "fields"]), JSON))
def test_no_problem_document_breaks_the_driver(document):
    assert error_of(problem(**document)).text is not None


@pytest.mark.parametrize("body", [b"", b"<html>please log in to this hotel's network</html>", b"[]", b"\xff"])
def test_a_page_in_between_is_no_answer(body):
    with pytest.raises(MaybeDone):
        answer_of(Response(200, (), body))


@pytest.mark.parametrize("value", [None, "", 3, [], {}])
def test_a_missing_text_is_no_answer(value):
    with pytest.raises(MaybeDone):
        text_in({"session": value}, "session")


@pytest.mark.parametrize("value", [None, "", 3, []])
def test_a_missing_object_is_no_answer(value):
    with pytest.raises(MaybeDone):
        object_in({"receipt": value}, "receipt")


class TestLine:
    def test_a_nonce_comes_with_the_first_answer_and_then_with_each(self, place):
        place.active()
        assert "/nonce" not in place.line.targets()

    def test_a_nonce_that_the_office_does_not_take_is_replaced_once(self, bench, place):
        place.active()
        place.driver.memory = replace(place.driver.memory, nonce="A" * 43)
        place.line.sent.clear()
        assert place.driver.login(PIN)
        assert place.line.targets() == ["/login", "/login"]

    def test_after_a_pause_a_fresh_nonce_is_asked_for(self, bench, place):
        place.active()
        bench.clock.advance(86400)
        place.line.sent.clear()
        assert place.driver.login(PIN)
        assert place.line.targets() == ["/nonce", "/login"]

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
        with pytest.raises(Refused, match="no-session"):
            place.driver.file(*FILING, PIN)
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
