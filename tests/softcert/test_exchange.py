"""What an answer means when it is not what was expected."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from softcert.errors import MaybeDone, Refused, Rejected
from softcert.exchange import answer_of, error_of, object_in, text_in
from softcert.ports import Response
from softcert.protocol import to_bytes

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
