"""How bytes reach a server: in memory without socket, thread or loop; or over real sockets on loopback.

Both serve the same ASGI applications by origin and answer alike, header for header.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol, cast
from urllib.parse import unquote, urlsplit

from softcert.errors import MaybeDone, NotDone
from softcert.ports import Request, Response
from softcert_sim.http1 import complete

Message = MutableMapping[str, Any]
App = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI 3 application."""

_HOP_BY_HOP = ("connection", "keep-alive", "transfer-encoding")


class Killed(BaseException):
    """Raised inside an application: its server process dies at this point, the connection with it."""


class Transport(Protocol):
    """Carries a request to whoever serves an origin."""

    def send(self, origin: str, request: Request) -> Response:
        """Raises `NotDone` when nobody answers there, `MaybeDone` when the connection broke."""
        ...


@dataclass(frozen=True, slots=True)
class Tls:
    """Files (PEM) for TLS on loopback: the server's certificate and key, and the authority that the client trusts."""

    certfile: str
    keyfile: str
    cafile: str


class Origins:
    """Who answers at which origin."""

    def __init__(self, apps: Mapping[str, App]) -> None:
        self._apps = dict(apps)

    def serve(self, origin: str, app: App | None) -> None:
        """From now on this application answers there; None: nobody does."""
        if app is None:
            self._apps.pop(origin, None)
        else:
            self._apps[origin] = app

    def serves(self, origin: str) -> bool:
        """Whether anybody answers there."""
        return origin in self._apps


class MemoryTransport(Origins):
    """Runs each application by hand: it must never wait for anything real.

    What an application raises comes out here, so that a fault of the office is seen where it is and not as status 500.
    After `Killed`, nobody answers at that origin until it is served again.
    """

    def send(self, origin: str, request: Request) -> Response:
        """Raises `NotDone`, `MaybeDone`; RuntimeError for an application that waits or does not answer."""
        app = self._apps.get(origin)
        if app is None:
            raise refused(origin)
        call = _Call(request.body)
        running = cast(Coroutine[Any, Any, None], app(_scope(origin, request), call.receive, call.send))
        try:
            running.send(None)
        except StopIteration:
            return call.response(request)
        except Killed:
            self.serve(origin, None)
            raise cut(origin) from None
        running.close()
        raise RuntimeError(f"The application at {origin} waited for something real in {request.target}.")


class LoopbackTransport(Origins):
    """Serves the applications with uvicorn on 127.0.0.1 and asks them with httpcore, the connections kept.

    The servers run in one thread, are started once for a process and serve whichever transport sent last; requests keep
    the origin's host. With `tls` the certificate must be good for that host.
    """

    def __init__(self, apps: Mapping[str, App], tls: Tls | None = None) -> None:
        from softcert_sim.loopback import loopback  # uvicorn and httpcore cost 0.2 s that a run in memory does not need

        self._servers = loopback()
        super().__init__(apps)
        self._tls = tls

    def send(self, origin: str, request: Request) -> Response:
        """Raises `NotDone`, `MaybeDone`, and what the application raised."""
        app = self._apps.get(origin)
        if app is None:
            raise refused(origin)
        try:
            return self._servers.send(origin, app, request, self._tls)
        except Killed:
            self.serve(origin, None)
            raise cut(origin) from None


def refused(origin: str) -> NotDone:
    """Nobody listens there."""
    return NotDone(f"{origin} cannot be reached. Nothing was sent; try again later.")


def cut(origin: str) -> MaybeDone:
    """The connection broke before the answer came."""
    return MaybeDone(f"The line to {origin} was cut before the answer came. Do the same again: it counts once.")


def tidy(headers: tuple[tuple[str, str], ...], method: str, body: bytes) -> tuple[tuple[str, str], ...]:
    """An answer's headers without those of one connection (RFC 9110 §7.6.1), with the length where it was chunked."""
    kept = tuple(header for header in headers if header[0] not in _HOP_BY_HOP)
    if not body or method == "HEAD" or any(name == "content-length" for name, _ in kept):
        return kept
    return (*kept, ("content-length", str(len(body))))


def _scope(origin: str, request: Request) -> dict[str, Any]:
    request = complete(request, origin)
    path, _, query = request.target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": urlsplit(origin).scheme,
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }


class _Call:
    """The two channels of one ASGI call."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._status = 0
        self._headers: tuple[tuple[str, str], ...] = ()
        self._parts: list[bytes] = []

    async def receive(self) -> Message:
        body, self._body = self._body, None
        if body is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = tuple(
                (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in message.get("headers", ())
            )
        elif message["type"] == "http.response.body":
            self._parts.append(message.get("body", b""))

    def response(self, request: Request) -> Response:
        if not self._status:
            raise RuntimeError(f"The application did not answer {request.method} {request.target}.")
        body = b"" if request.method == "HEAD" else b"".join(self._parts)
        return Response(self._status, tidy(self._headers, request.method, body), body)
