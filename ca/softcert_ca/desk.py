"""The examiners' desk: a listener of its own, with a credential for each examiner; never on the public one.

Whatever is asked to be decided here has its audit entry: who asked, and what came of it. So has every wrong credential.
"""

import json
from collections.abc import Callable
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from softcert.errors import Impossible, Rejected
from softcert.protocol import Json, from_bytes
from softcert_ca import decisions, publication, tokens
from softcert_ca.case import STRANGER, Case, write_down_rejected
from softcert_ca.edge import EXCEPTION_HANDLERS, Endpoint, Guarded, answer_json, body_of
from softcert_ca.problems import BadField, NotFound
from softcert_ca.records import applications, certificates, ids_of
from softcert_ca.services import Services

_LISTED = ("id", "state", "name", "mailbox", "applied_at")

Decide = Callable[[Case, Request, Json], Json]


def build(services: Services) -> Starlette:
    """The desk's app."""
    decide: list[tuple[str, str, Decide]] = [
        ("approve", "/applications/{application}/approve", _approve),
        ("disapprove", "/applications/{application}/disapprove", _disapprove),
        ("reissue-address", "/applications/{application}/reissue-address", _reissue_address),
        ("reissue-code", "/applications/{application}/reissue-code", _reissue_code),
        ("revoke", "/certificates/{serial}/revoke", _revoke),
        ("publish-notice", "/notices", _publish_notice),
        ("publish-release", "/releases", _publish_release),
    ]
    read: list[tuple[str, Endpoint]] = [
        ("/applications", partial(_list, services)),
        ("/applications/{application}", partial(_show, services)),
    ]
    routes = [Route(path, Guarded(_behind_counter(services, endpoint)), methods=["GET"]) for path, endpoint in read]
    for act, path, function in decide:
        endpoint = _behind_counter(services, partial(_decision, services, act, function))
        routes.append(Route(path, Guarded(endpoint), methods=["POST"]))
    app = Starlette(routes=routes, exception_handlers=EXCEPTION_HANDLERS)
    app.router.redirect_slashes = False
    return app


def _behind_counter(services: Services, endpoint: Endpoint) -> Endpoint:
    """Only for whoever bears an examiner's credential (RFC 6750); `request.state.examiner` says whose."""

    async def answer(request: Request) -> Response:
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        examiner = tokens.examiner_of(services.keys.desk_key, credential) if scheme.lower() == "bearer" else None
        if examiner is None:
            error = Rejected("unauthorized", "The desk needs an examiner's credential: authorization: Bearer …")
            with services.store.begin() as connection:
                write_down_rejected(services, connection, "desk", STRANGER, error)
            raise error
        request.state.examiner = examiner
        return await endpoint(request)

    return answer


async def _decision(services: Services, act: str, function: Decide, request: Request) -> Response:
    """One decision, audited, in one transaction; or its rejection, audited in another."""
    examiner = f"examiner {request.state.examiner}"
    try:
        body = await body_of(request)
        message = from_bytes(body) if body else {}
        with services.store.begin() as connection:
            case = Case(services, connection, services.advance(connection), act, examiner)
            answer = function(case, request, message)
            case.write_down()
    except (Rejected, Impossible) as error:
        with services.store.begin() as connection:
            write_down_rejected(services, connection, act, examiner, error, **request.path_params)
        raise
    return answer_json(answer)


async def _list(services: Services, request: Request) -> Response:
    with services.store.read() as connection:
        rows = applications.list_applications(connection)
        listed = [{name: getattr(row, name) for name in _LISTED} for row in rows]
    return answer_json({"applications": listed})


async def _show(services: Services, request: Request) -> Response:
    """What the examiner sees: form, computer, and who else gave this name or this mailbox. Never code or address."""
    with services.store.read() as connection:
        row = applications.application_of(connection, request.path_params["application"])
        if row is None:
            raise NotFound("There is no application of that number.")
        serial = certificates.serial_of(connection, row.id)
        namesakes = list(applications.same_name(connection, row))
        neighbours = list(applications.same_mailbox(connection, row))
        holding = None if serial is None else certificates.holding_of(connection, serial)
    seen: Json = {
        "id": row.id,
        "state": row.state,
        "form": json.loads(row.form),
        "applied_at": row.applied_at,
        "decided_at": row.decided_at,
        "reasons": row.reasons,
        "device": row.device,
        "hardware": ids_of(row),
        "same_name": namesakes,
        "same_mailbox": neighbours,
        "serial": serial,
        "certificate_state": None if holding is None else holding.certificate.state,
    }
    return answer_json(seen)


def _approve(case: Case, request: Request, message: Json) -> Json:
    return decisions.approve(case, request.path_params["application"])


def _disapprove(case: Case, request: Request, message: Json) -> Json:
    return decisions.disapprove(case, request.path_params["application"], _text(message, "reasons"))


def _reissue_address(case: Case, request: Request, message: Json) -> Json:
    return decisions.reissue_address(case, request.path_params["application"])


def _reissue_code(case: Case, request: Request, message: Json) -> Json:
    return decisions.reissue_code(case, request.path_params["application"])


def _revoke(case: Case, request: Request, message: Json) -> Json:
    return decisions.revoke(case, request.path_params["serial"], _text(message, "reason"))


def _publish_notice(case: Case, request: Request, message: Json) -> Json:
    return publication.publish_notice(case, _text(message, "id"), _text(message, "text"))


def _publish_release(case: Case, request: Request, message: Json) -> Json:
    return publication.publish_release(case, _text(message, "version"))


def _text(message: Json, field: str) -> str:
    value = message.get(field)
    if not isinstance(value, str):
        raise BadField(field, f"{field} must be a text.")
    return value
