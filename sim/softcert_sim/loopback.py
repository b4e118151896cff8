"""Real servers on 127.0.0.1 for one process: uvicorn in one thread, asked through httpcore.

Started when first needed, stopped at exit. A server is a slot: which application it serves may change between two
requests, so that many worlds, one after the other, use the same sockets.
"""

import asyncio
import atexit
import os
import socket
import ssl
import threading
from concurrent.futures import Future
from typing import Any
from urllib.parse import urlsplit

import httpcore
import uvicorn

from softcert.errors import NotDone
from softcert.ports import Request, Response
from softcert_sim.http1 import complete
from softcert_sim.transport import App, Message, Tls, cut, refused, tidy

_PATIENCE = 60.0
"""Seconds after which a request, a start or a stop counts as hung."""


class _Slot:
    """An ASGI application that passes everything to the one that it holds, and keeps what that one raises."""

    def __init__(self, scheme: str) -> None:
        self.app: App | None = None
        self.raised: list[BaseException] = []
        self.idle = threading.Event()
        self.idle.set()
        self._scheme = scheme

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        started = False

        async def notice(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        assert self.app is not None
        self.idle.clear()
        try:
            await self.app({**scope, "scheme": self._scheme}, receive, notice)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - handed to whoever sent the request
            self.raised.append(error)
            if not started:
                await send({"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"0")]})
                await send({"type": "http.response.body", "body": b""})
        finally:
            self.idle.set()


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, slot: _Slot, tls: Tls | None) -> None:
        self.slot = slot
        self.ready = threading.Event()
        # asyncio switches Nagle's delay off only for sockets that name their protocol: 40 ms a request otherwise.
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.socket.bind(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.done: Future[None] | None = None
        config = uvicorn.Config(
            slot,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
            ssl_certfile=tls.certfile if tls else None,
            ssl_keyfile=tls.keyfile if tls else None,
        )
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class Loopback:
    """The servers of one process and the client that asks them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._servers: dict[tuple[str, Tls | None], _Server] = {}
        self._clients: dict[Tls | None, httpcore.ConnectionPool] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loopback servers", daemon=True)
        self._thread.start()

    def send(self, origin: str, app: App, request: Request, tls: Tls | None) -> Response:
        """Ask `app` under this origin. Raises `NotDone`, `MaybeDone`, and what the application raised."""
        with self._lock:
            server, client = self._server(origin, tls), self._client(tls)
        server.slot.app = app
        try:
            answer = client.handle_request(_to_httpcore(origin, server.port, request, secure=tls is not None))
            content = answer.read()
            answer.close()
        except httpcore.ConnectError:
            raise refused(origin) from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
            raise cut(origin) from None
        # An application may raise after its answer has arrived here.
        server.slot.idle.wait(_PATIENCE)
        if server.slot.raised:
            raise server.slot.raised.pop(0)
        headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in answer.headers)
        return Response(answer.status, tidy(headers, request.method, content), content)

    def close(self) -> None:
        """Stop client, servers and thread."""
        for client in self._clients.values():
            client.close()
        for server in self._servers.values():
            server.should_exit = True
        for server in self._servers.values():
            if server.done is not None:
                server.done.result(_PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()

    def _server(self, origin: str, tls: Tls | None) -> _Server:
        key = (origin, tls)
        if key not in self._servers:
            server = _Server(_Slot(urlsplit(origin).scheme), tls)
            server.done = asyncio.run_coroutine_threadsafe(server.serve(sockets=[server.socket]), self._loop)
            if not server.ready.wait(_PATIENCE):
                raise NotDone(f"The server for {origin} did not start.")
            self._servers[key] = server
        return self._servers[key]

    def _client(self, tls: Tls | None) -> httpcore.ConnectionPool:
        if tls not in self._clients:
            self._clients[tls] = httpcore.ConnectionPool(ssl.create_default_context(cafile=tls.cafile) if tls else None)
        return self._clients[tls]


def _to_httpcore(origin: str, port: int, request: Request, *, secure: bool) -> httpcore.Request:
    """The request byte for byte, with the origin's host, to a port of this machine."""
    request = complete(request, origin)
    return httpcore.Request(
        request.method,
        httpcore.URL(
            scheme="https" if secure else "http", host="127.0.0.1", port=port, target=request.target.encode("latin-1")
        ),
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers],
        content=request.body or None,
        extensions={
            "sni_hostname": urlsplit(origin).hostname or "",
            "timeout": dict.fromkeys(("connect", "read", "write", "pool"), _PATIENCE),
        },
    )


_running: dict[int, Loopback] = {}


def loopback() -> Loopback:
    """The servers of this process; a forked one gets its own."""
    process = os.getpid()
    if process not in _running:
        _running.clear()
        _running[process] = Loopback()
        atexit.register(_close, process)
    return _running[process]


def _close(process: int) -> None:
    if os.getpid() == process:
        _running[process].close()
