"""The inbox over HTTP: a JSON API for tests, and one page for people.

Nothing here waits for anything but the request's own bytes, so the app can be driven without an event loop. The API
has no credential: bind it to loopback. It changes state only on DELETE and on POST of JSON, neither of which another
site's page can send unasked.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from softcert_mailbox.inbox import Inbox
from softcert_mailbox.message import Message
from softcert_mailbox.misbehaviour import KINDS, Plan
from softcert_mailbox.page import PAGE

if TYPE_CHECKING:
    from jinja2 import Template

_SAFE = {
    # The mail's own HTML stands in a sandboxed frame, which inherits this policy: it can load and run nothing.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
_NUMBERS = frozenset({"count", "code", "until"})
_IS_ID = re.compile("[0-9]{1,18}")


def inbox_app(inbox: Inbox) -> Starlette:
    """The ASGI app: `/` for people, `/api/messages` and `/api/misbehaviour` for programs.

    Errors of the API are `{"error": text}` with 400, 404 or 405.
    """
    api = _Api(inbox)
    routes = [
        Route("/", api.page, methods=["GET"]),
        Route("/api/messages", api.search, methods=["GET"]),
        Route("/api/messages", api.clear, methods=["DELETE"]),
        Route("/api/messages/{id:int}", api.get, methods=["GET"]),
        Route("/api/messages/{id:int}", api.delete, methods=["DELETE"]),
        Route("/api/messages/{id:int}/raw", api.raw, methods=["GET"]),
        Route("/api/misbehaviour", api.plans, methods=["GET"]),
        Route("/api/misbehaviour", api.misbehave, methods=["POST"]),
        Route("/api/misbehaviour", api.behave, methods=["DELETE"]),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _error})


class _Api:
    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def search(self, request: Request) -> Response:
        asked = request.query_params
        found = self._inbox.messages(asked.get("recipient"), asked.get("purpose"), asked.get("containing"))
        return _json({"messages": [_summary(message) for message in found]})

    async def get(self, request: Request) -> Response:
        return _json(_full(self._asked_for(request)))

    async def raw(self, request: Request) -> Response:
        return Response(self._asked_for(request).raw, media_type="message/rfc822", headers=_SAFE)

    async def delete(self, request: Request) -> Response:
        self._inbox.delete(self._asked_for(request).id)
        return Response(status_code=204)

    async def clear(self, request: Request) -> Response:
        self._inbox.clear()
        return Response(status_code=204)

    async def plans(self, request: Request) -> Response:
        return _json(
            {
                "down": self._inbox.down,
                "plans": [asdict(plan) for plan in self._inbox.plans],
                "held": len(self._inbox.held),
                "kinds": {name: kind.about for name, kind in KINDS.items()},
            }
        )

    async def misbehave(self, request: Request) -> Response:
        """Either `{"down": bool}` or the fields of a Plan."""
        asked = await _object(request)
        if set(asked) == {"down"} and isinstance(asked["down"], bool):
            self._inbox.set_down(asked["down"])
        else:
            self._inbox.misbehave(_plan(asked))
        return await self.plans(request)

    async def behave(self, request: Request) -> Response:
        self._inbox.behave()
        return await self.plans(request)

    async def page(self, request: Request) -> Response:
        q, recipient = (request.query_params.get(name, "").strip() for name in ("q", "recipient"))
        found = self._inbox.messages(recipient or None, containing=q or None)
        wanted = request.query_params.get("id", "")
        shown = self._message(int(wanted)) if _IS_ID.fullmatch(wanted) else None
        page = _page().render(
            messages=found[::-1], shown=shown, q=q, recipient=recipient,
            plans=self._inbox.plans, down=self._inbox.down, held=len(self._inbox.held),
        )  # fmt: skip
        return HTMLResponse(page, headers=_SAFE)

    def _asked_for(self, request: Request) -> Message:
        message = self._message(request.path_params["id"])
        if message is None:
            raise HTTPException(404, f"there is no message {request.path_params['id']}")
        return message

    def _message(self, id: int) -> Message | None:
        try:
            return self._inbox.get(id)
        except KeyError:
            return None


def _summary(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "recipient": message.recipient,
        "sender": message.sender,
        "received_at": message.received_at,
        "subject": message.subject,
        "purpose": message.purpose,
        "message_id": message.message_id,
        "size": len(message.raw),
    }


def _full(message: Message) -> dict[str, Any]:
    return {
        **_summary(message),
        "headers": message.headers,
        "text": message.text,
        "html": message.html,
        "addresses": message.addresses(),
    }


async def _object(request: Request) -> dict[str, Any]:
    """The request's JSON object. Only with its content type: a form of another site cannot send that unasked."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(400, "send application/json")
    try:
        asked = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "the body is not JSON") from error
    if not isinstance(asked, dict):
        raise HTTPException(400, "the body is not a JSON object")
    return cast(dict[str, Any], asked)


def _plan(asked: dict[str, Any]) -> Plan:
    known = {field.name for field in fields(Plan)}
    unknown = sorted(set(asked) - known)
    if unknown or "kind" not in asked:
        raise HTTPException(
            400, f"a plan has kind, and may have {', '.join(sorted(known - {'kind'}))}; got {sorted(asked)}"
        )
    for name, value in asked.items():
        if type(value) is not (int if name in _NUMBERS else str):
            raise HTTPException(400, f"{name} must be {'a whole number' if name in _NUMBERS else 'text'}")
    try:
        return Plan(**asked)
    except ValueError as error:
        raise HTTPException(400, str(error)) from error


async def _error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _json({"error": error.detail}, error.status_code, error.headers or {})


def _json(content: dict[str, Any], status: int = 200, headers: Mapping[str, str] = _SAFE) -> Response:
    return JSONResponse(content, status, {**_SAFE, **headers})


@cache
def _page() -> "Template":
    from jinja2 import Environment, StrictUndefined  # late: it costs more than all the rest of this module

    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.filters["time"] = _as_time
    return environment.from_string(PAGE)


def _as_time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
