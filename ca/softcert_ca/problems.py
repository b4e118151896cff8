"""Problem documents (RFC 9457): the one place where errors become answers."""

from dataclasses import dataclass, field

from softcert.errors import Damaged, Impossible, Refused, Rejected, SoftcertError
from softcert.form import FieldError
from softcert.protocol import ACME, REFUSED, Json
from softcert.rules.verdict import Verdict
from softcert_ca.texts import TEXTS

STATUS = {
    "badNonce": 400,
    "badSignature": 400,
    "badSignatureAlgorithm": 400,
    "badPublicKey": 400,
    "badCSR": 400,
    "malformed": 400,
    "unauthorized": 401,
    "conflict": 409,
    "rateLimited": 429,
    "serverInternal": 500,
}
"""Status of each protocol error."""

_REFUSED_STATUS = {"unique-address": 404, "form-checked": 422}


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem document, and the status under which it is sent."""

    status: int
    document: Json = field(repr=False)


class RefusedByOffice(Refused):
    """A refusal, with the fields of the form that caused it."""

    def __init__(self, verdict: Verdict, fields: tuple[FieldError, ...] = ()) -> None:
        rule, reason = verdict.rule or "", verdict.reason or ""
        super().__init__(rule, reason, TEXTS[rule, reason], verdict)
        self.fields = fields


class NotFound(Rejected):
    """There is no such thing."""

    def __init__(self, text: str) -> None:
        super().__init__("malformed", text)


class BadField(Rejected):
    """A field of a desk's message cannot be taken as it is."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__("malformed", text)
        self.fields = (FieldError(field, text),)


def of(error: SoftcertError) -> Problem:
    """The answer to any error that the office raises on purpose."""
    match error:
        case Refused():
            return _refused(error)
        case NotFound():
            return problem(error.name, error.text, 404)
        case BadField():
            return _with_fields(problem(error.name, error.text), error.fields)
        case Rejected():
            return problem(error.name, error.text)
        case Impossible():
            return problem("conflict", error.text)
        case Damaged():
            return problem("serverInternal", "The office cannot work at the moment. Try again later.")
        case _:
            return internal()


def problem(name: str, text: str, status: int | None = None) -> Problem:
    """A protocol error by ACME's name (RFC 8555 §6.7); `status` where HTTP has a better one than the name's."""
    status = status or STATUS[name]
    return Problem(status, {"type": ACME + name, "status": status, "detail": text, "definite": True})


def internal() -> Problem:
    """Something failed inside. The transaction was rolled back, but it is not for the client to rely on that."""
    document: Json = {
        "type": ACME + "serverInternal",
        "status": 500,
        "detail": "Something failed at the office. Send the same request again.",
        "definite": False,
    }
    return Problem(500, document)


def _refused(refusal: Refused) -> Problem:
    status = _REFUSED_STATUS.get(refusal.rule, 403)
    document: Json = {
        "type": REFUSED + refusal.rule,
        "status": status,
        "detail": refusal.text,
        "definite": True,
        "rule": refusal.rule,
        "reason": refusal.reason,
    }
    answer = Problem(status, document)
    return _with_fields(answer, refusal.fields) if isinstance(refusal, RefusedByOffice) else answer


def _with_fields(answer: Problem, fields: tuple[FieldError, ...]) -> Problem:
    if not fields:
        return answer
    told = [{"field": bad.field, "message": bad.message} for bad in fields]
    return Problem(answer.status, {**answer.document, "fields": told})
