"""What both listeners share: reading bodies, answering JSON, and the one place where errors become answers.

Endpoints are coroutines that wait for nothing but the request's body, so that a caller may drive an app with
`coro.send(None)`, without event loop or thread. So nothing here may use Starlette's thread pool or its middleware.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ExceptionHandler, Receive, Scope, Send

from softcert.errors import Rejected, SoftcertError
from softcert.protocol import BODY_LIMIT, PROBLEM, Json, to_bytes
from softcert_ca import problems

Endpoint = Callable[[Request], Awaitable[Response]]

logger = logging.getLogger("softcert_ca")
_NO_STORE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class TooLarge(Rejected):
    """The body is larger than `BODY_LIMIT`."""

    def __init__(self) -> None:
        super().__init__("malformed", f"A request has at most {BODY_LIMIT} bytes.")


def answer_json(body: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer that nobody may keep."""
    return Response(to_bytes(body), status, {"content-type": "application/json", **_NO_STORE, **(headers or {})})


def answer_problem(problem: problems.Problem, headers: Mapping[str, str] | None = None) -> Response:
    """A problem document."""
    return answer_json(problem.document, problem.status, {"content-type": PROBLEM, **(headers or {})})


@dataclass(frozen=True, slots=True)
class Guarded:
    """An endpoint as an ASGI application: every error is turned into a problem document; `headers` are asked first, and
    stand in any answer. Starlette would put two more layers around a plain function, for errors that never reach them.

    What nobody foresaw is logged with its trace and told without a word of it.
    """

    endpoint: Endpoint
    headers: Callable[[], Mapping[str, str]] = dict

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        extra: Mapping[str, str] = {}
        try:
            extra = self.headers()
            response = await self.endpoint(request)
        except TooLarge as error:
            return answer_problem(problems.problem(error.name, error.text, 413), extra)
        except SoftcertError as error:
            return answer_problem(problems.of(error), extra)
        except ClientDisconnect:
            return answer_problem(problems.problem("malformed", "The request was cut."), extra)
        except Exception:
            logger.exception("an act failed")
            return answer_problem(problems.internal(), extra)
        response.headers.update(extra)
        return response


async def body_of(request: Request) -> bytes:
    """The body. Raises `TooLarge` as soon as it is known to be, `Rejected` (malformed) for a length that is none."""
    announced = request.headers.get("content-length", "0")
    if not (announced.isascii() and announced.isdecimal()):
        raise Rejected("malformed", "content-length must be the number of bytes in the body, in decimal digits.")
    if int(announced[:20]) > BODY_LIMIT:
        raise TooLarge
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_LIMIT:
            raise TooLarge
        parts.append(part)
    return b"".join(parts)


def require_type(request: Request, wanted: str) -> None:
    """Raises `Rejected` (malformed) unless the body is announced as that media type."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != wanted:
        raise Rejected("malformed", f"The body of this request must be {wanted}.")


def target_of(request: Request) -> str:
    """Path and query exactly as they were sent, nothing decoded."""
    raw: bytes | None = request.scope.get("raw_path")
    path = quote(request.scope["path"]) if raw is None else raw.decode("latin-1")
    query = request.scope.get("query_string", b"").decode("latin-1")
    return f"{path}?{query}" if query else path


async def _no_such_page(request: Request, error: Exception) -> Response:
    """Unknown paths and methods, as problem documents."""
    assert isinstance(error, HTTPException)
    text = "This address does not answer that method." if error.status_code == 405 else "There is no such address."
    return answer_problem(problems.problem("malformed", text, error.status_code), error.headers)


EXCEPTION_HANDLERS: dict[type[Exception] | int, ExceptionHandler] = {HTTPException: _no_such_page}
"""For `Starlette(exception_handlers=…)`."""
