"""SMTP in front of the inbox: aiosmtpd's protocol, and a real server on a socket. See `memory` for the one without."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from softcert_mailbox.inbox import Inbox

HOSTNAME = "inbox.test"
IDENT = "ESMTP"
SIZE_LIMIT = 10 * 2**20  # bytes of one mail
_COMMAND_LIMIT = 512  # octets of a command line (RFC 5321 §4.5.3.1.4)


class InboxHandler:
    """What aiosmtpd asks: whether a recipient is welcome, and what becomes of a mail."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the recipient, unless a plan refuses."""
        if address == "<>":
            return "553 5.1.3 Error: nobody is not a recipient"
        reply = self._inbox.accept_recipient(address)
        if not reply.refused:
            envelope.rcpt_tos.append(address)
        return str(reply)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Hand the mail to the inbox. A cut closes the connection, so that the reply goes nowhere."""
        sender = "" if envelope.mail_from == "<>" else envelope.mail_from or ""
        reply = self._inbox.accept(sender, envelope.rcpt_tos, envelope.original_content or b"")
        if reply.cut and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return str(reply)


class InboxSmtp(SMTP):
    """aiosmtpd's protocol for one connection, with nothing shared between connections and nothing asked of the machine.

    SMTPUTF8 (RFC 6531) and 8BITMIME are on; no STARTTLS, no AUTH.
    """

    def __init__(
        self,
        handler: InboxHandler,
        loop: asyncio.AbstractEventLoop,
        *,
        hostname: str = HOSTNAME,
        size_limit: int = SIZE_LIMIT,
    ) -> None:
        # aiosmtpd keeps these in the class, where a second connection's EHLO would change the first one's limits.
        self.command_size_limits = defaultdict(lambda: _COMMAND_LIMIT)
        super().__init__(
            handler, loop=loop, hostname=hostname, ident=IDENT, data_size_limit=size_limit, enable_SMTPUTF8=True
        )

    def __dir__(self) -> list[str]:
        """aiosmtpd looks its commands up by `dir()` for each connection; this is that list, made once."""
        return _COMMANDS

    async def push(self, status: str | bytes) -> None:
        """Send a reply. Some quote the command, whose undecodable bytes come back as question marks."""
        await super().push(status.encode("utf-8", "replace") if isinstance(status, str) else status)

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Parsed by aiosmtpd, once for each address: that takes longer than all the rest of the command."""
        known = _parsed_addresses.get(arg)
        if known is None:
            if len(_parsed_addresses) >= _PARSED_AT_MOST:
                _parsed_addresses.clear()
            known = _parsed_addresses[arg] = self._as_written(arg)
        return known

    def _as_written(self, arg: str) -> tuple[str | None, str | None]:
        """No address, answered 553, where the parser would mend what was sent: a test must see what its sender does.

        Mended would be comments, blanks and control characters; undecodable bytes are not printable either.
        """
        try:
            address, parameters = super()._getaddr(arg)
        except (IndexError, AttributeError):  # the library's parser on malformed input
            return None, None
        if address and ((address not in arg and address != "<>") or not address.isprintable()):
            return None, None
        return address, parameters


_PARSED_AT_MOST = 1000
_parsed_addresses: dict[str, tuple[str | None, str | None]] = {}
_COMMANDS = [name for name in dir(SMTP) if name.startswith("smtp_")]


class _Unavailable(asyncio.Protocol):
    """What answers while the server is down, on a socket that cannot refuse connections by itself (RFC 5321 §3.8)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(f"421 {HOSTNAME} Service not available\r\n".encode())
        transport.close()


@asynccontextmanager
async def serving(
    inbox: Inbox, host: str = "127.0.0.1", port: int = 0, *, size_limit: int = SIZE_LIMIT
) -> AsyncGenerator[int]:
    """Take mail for `inbox` within a running event loop; gives the port. Leaving it ends every connection.

    Raises OSError when the port cannot be had. While the inbox is down, connections are answered 421 and closed.
    """
    loop = asyncio.get_running_loop()
    handler = InboxHandler(inbox)
    open_connections: set[_TrackedSmtp] = set()

    def connection() -> asyncio.Protocol:
        return _Unavailable() if inbox.down else _TrackedSmtp(open_connections, handler, loop, size_limit=size_limit)

    server = await loop.create_server(connection, host, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        await _stop_accepting(server)
        for each in tuple(open_connections):
            each.abort()
        while open_connections:
            await asyncio.sleep(0)
        await server.wait_closed()


async def _stop_accepting(server: asyncio.Server) -> None:
    """Close the server when what it has accepted is a connection; asyncio loses what is between the two."""
    loop = asyncio.get_running_loop()
    for each in server.sockets:
        with suppress(NotImplementedError):  # a loop of Windows, which has no readers
            loop.remove_reader(each.fileno())
    for _ in ("accepted", "attached", "made"):
        await asyncio.sleep(0)
    server.close()


class _TrackedSmtp(InboxSmtp):
    """A connection that the server can find again when it stops."""

    def __init__(
        self, tracked: set["_TrackedSmtp"], handler: InboxHandler, loop: asyncio.AbstractEventLoop, *, size_limit: int
    ) -> None:
        super().__init__(handler, loop, size_limit=size_limit)
        self._tracked = tracked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._tracked.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._tracked.discard(self)
        super().connection_lost(error)

    def abort(self) -> None:
        """Close at once, without a word."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()


class InboxServer:
    """`serving` in a thread of its own, for tests and programs without an event loop. A context manager."""

    def __init__(self, inbox: Inbox, host: str = "127.0.0.1", port: int = 0, *, size_limit: int = SIZE_LIMIT) -> None:
        self.inbox = inbox
        self.host = host
        self.port = port
        self._size_limit = size_limit
        self._started = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._failure: Exception | None = None

    def start(self) -> Self:
        """Listen, and return when connections are taken; `port` is then the real one. Raises OSError, OverflowError."""
        if self._thread is not None:
            raise RuntimeError("the inbox server is running already")
        self._started.clear()
        self._failure = None
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),), name="inbox", daemon=True)
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            self._thread.join()
            self._thread = None
            raise self._failure
        return self

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            async with serving(self.inbox, self.host, self.port, size_limit=self._size_limit) as self.port:
                self._started.set()
                await self._stop.wait()
        except (OSError, OverflowError) as failure:
            self._failure = failure
        finally:
            self._started.set()

    def stop(self) -> None:
        """End every connection and stop listening. Does nothing when the server is not running."""
        if self._thread is None:
            return
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
