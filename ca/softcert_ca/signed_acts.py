"""One signed request, from its bytes to its answer, in one transaction.

Order: size and JSON form (before this module), protected header, nonce, url, signature, payload form, acknowledgement,
repetition, rules. Whatever is decided, the nonce is spent in the same transaction; what fails after the nonce was read
spends it too, and acknowledges nothing; what fails after the request was verified has an audit entry.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from softcert.errors import Impossible, Refused, Rejected
from softcert.protocol import Json
from softcert_ca import apply, codes, download, moving, repeats, use
from softcert_ca.case import Answer, Case, write_down_rejected
from softcert_ca.records import limits
from softcert_ca.services import Services
from softcert_ca.signed import Outer, SignedRequest, read_outer
from softcert_ca.tokens import NONCE_LIFETIME, Nonces

Perform = Callable[[Case, SignedRequest], Answer]

_SWEEPERS = "AQgw"
"""A nonce with one of these last but one, one in sixteen, has the old ones swept away: by chance, yet reproducible."""


def acknowledge(case: Case, request: SignedRequest) -> Answer:
    """For a computer that has nothing else to ask: any signed request may acknowledge."""
    if request.acknowledges is None:
        raise Rejected("malformed", "acknowledges must be an object.")
    return Answer({})


ACTS: dict[str, tuple[str, Perform]] = {
    "apply": ("apply", apply.apply),
    "withdraw": ("withdraw", apply.withdraw),
    "acknowledge": ("acknowledge", acknowledge),
    "newCode": ("new-code", use.new_code),
    "login": ("login", use.login),
    "logout": ("logout", use.logout),
    "activate": ("activate", use.activate),
    "file": ("file", use.file),
    "backup": ("backup", moving.backup),
    "recover": ("recover", moving.recover),
    "download": ("download", download.download),
}
"""By name in the directory (and `download`): the act, and what performs it."""

_IDEMPOTENT = ("acknowledge", "logout")
"""Acts that may simply be done again: no answer of theirs is kept."""


def perform(services: Services, name: str, target: str, body: bytes) -> tuple[int, Json]:
    """Status and body of the answer. Raises `Refused` (committed and audited), `Rejected`, `Impossible`."""
    act, function = ACTS[name]
    outer = read_outer(body)
    spent, device = False, ""
    try:
        with services.store.begin() as connection:
            now = services.advance(connection)
            _spend(services, connection, outer, now)
            spent = True
            request = outer.verified(act, services.origin + target)
            device = request.device
            case = Case(services, connection, now, act, device)
            answer, refusal = _decided(case, request, function)
    except (Rejected, Impossible) as error:
        if spent:
            with services.store.begin() as connection:
                # A nonce is used by the first message that presents it, even by one that failed before the rules.
                limits.spend_nonce(connection, outer.nonce, services.advance(connection))
                if device:
                    write_down_rejected(services, connection, act, device, error)
        raise
    case.tell()
    if refusal is not None:
        raise refusal
    return answer.status, _shown(services, answer)


def _decided(case: Case, request: SignedRequest, function: Perform) -> tuple[Answer, Refused | None]:
    """The answer, kept and audited; or the refusal, audited. What the request acknowledges is forgotten first."""
    if request.acknowledges is not None:
        repeats.acknowledge(case.connection, request.device, *request.acknowledges)
    if case.act == "acknowledge":
        return function(case, request), None
    repeated = repeats.answered_before(case, request)
    if repeated is not None:
        case.word = "repeated"
        case.note({"application": repeated.application})
        case.write_down()
        return repeated, None
    try:
        answer = function(case, request)
    except Refused as refusal:
        case.write_down()
        return Answer({}), refusal
    if case.act not in _IDEMPOTENT:
        repeats.keep(case, request, answer)
    case.write_down()
    return answer, None


def _spend(services: Services, connection: Connection, outer: Outer, now: int) -> None:
    if not Nonces(services.keys.nonce_key).check(outer.nonce, now):
        raise Rejected("badNonce", "The nonce is not one of this office, or too old. Take a fresh one.")
    if not limits.spend_nonce(connection, outer.nonce, now):
        raise Rejected("badNonce", "The nonce was used before. Take a fresh one.")
    if outer.nonce[-2] in _SWEEPERS:
        limits.prune_nonces(connection, now - NONCE_LIFETIME)


def _shown(services: Services, answer: Answer) -> Json:
    """The body that is sent: the only place where an activation code leaves the office."""
    if not answer.code_salt:
        return answer.body
    return {**answer.body, "activation_code": codes.code_of(services, answer.application, answer.code_salt)}
