"""Repetition until acknowledged: a broken line loses neither code nor certificate (`repeat-until-acknowledged`).

An answer is kept under (device, act, request id) with a digest of what was asked. The same request again gets the same
answer; the same id with other content is a conflict. What the certificate key signed it signs again for the
repetition: the device key alone brings no session back. The activation code is not kept: its salt is.
"""

import json

from sqlalchemy import Connection, bindparam, delete, or_, select

from softcert.errors import Rejected
from softcert.protocol import Thumbprint, to_bytes
from softcert_ca.case import Answer, Case
from softcert_ca.records import applications
from softcert_ca.signed import SignedRequest
from softcert_ca.statements import Statement, insert_into
from softcert_ca.tables import repeats

_MINE = (
    repeats.c.device == bindparam("computer"),
    repeats.c.act == bindparam("what"),
    repeats.c.request_id == bindparam("number"),
)
_FIND = Statement(select(repeats).where(*_MINE))
_KEEP = insert_into(repeats)
_ACKNOWLEDGE = Statement(delete(repeats).where(*_MINE))
_OF = delete(repeats).where(repeats.c.application == bindparam("key"), repeats.c.device == bindparam("computer"))
_HAS_CERTIFICATE = Statement(_OF.where(or_(repeats.c.act == "download", repeats.c.act == "login")))
_HAS_CODE = Statement(_OF.where(or_(repeats.c.act == "apply", repeats.c.act == "new-code")))


def answered_before(case: Case, request: SignedRequest) -> Answer | None:
    """The answer that was given to this request and not acknowledged yet. Raises `Rejected` (conflict, badSignature)."""
    if not case.policy.repeat_until_acknowledged:
        return None
    key = {"computer": request.device, "what": request.act, "number": request.request_id}
    row = _FIND.first(case.connection, key)
    if row is None:
        return None
    if row.digest != request.digest:
        raise Rejected("conflict", "This request id was used for something else. Use a new one.")
    if request.inner is not None:
        application = applications.application_of(case.connection, row.application)
        assert application is not None
        request.inner.require(json.loads(application.csr_jwk))
    return Answer(json.loads(row.answer), row.application, row.status, row.code_salt)


def keep(case: Case, request: SignedRequest, answer: Answer) -> None:
    """Keep the answer until it is acknowledged."""
    if not case.policy.repeat_until_acknowledged:
        return
    row = {
        "device": request.device,
        "act": request.act,
        "request_id": request.request_id,
        "digest": request.digest,
        "application": answer.application,
        "status": answer.status,
        "answer": to_bytes(answer.body).decode(),
        "code_salt": answer.code_salt,
        "answered_at": case.now,
    }
    _KEEP.run(case.connection, row)


def acknowledge(connection: Connection, device: Thumbprint, act: str, request_id: str) -> None:
    """The answer arrived: it is not repeated any more. Idempotent."""
    _ACKNOWLEDGE.run(connection, {"computer": device, "what": act, "number": request_id})


def acknowledge_download(connection: Connection, device: Thumbprint, application: str) -> None:
    """Whoever logs in has the certificate; and an older login is of no use any more."""
    _HAS_CERTIFICATE.run(connection, {"key": application, "computer": device})


def acknowledge_code(connection: Connection, device: Thumbprint, application: str) -> None:
    """Whoever types the code has read it."""
    _HAS_CODE.run(connection, {"key": application, "computer": device})
