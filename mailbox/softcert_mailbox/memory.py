"""SMTP without sockets, threads or waiting: aiosmtpd's protocol and the standard library's client, in one thread.

The client writes; the server runs until it wants more; what it said is there to read. Time stands still, so no timeout
strikes, and the same bytes in give the same bytes out.
"""

import asyncio
import io
import smtplib
import weakref
from collections.abc import Callable
from typing import Any, NoReturn

from softcert_mailbox.inbox import Inbox
from softcert_mailbox.smtp import HOSTNAME, SIZE_LIMIT, InboxHandler, InboxSmtp

CLIENT = "client.test"


class WouldWaitError(RuntimeError):
    """Something waits for what cannot come: nobody else runs here."""


class MemorySmtp:
    """The inbox's mail server in memory. For one thread; any number of connections at a time.

    Keeps nothing from mail to mail but what the inbox keeps.
    """

    def __init__(self, inbox: Inbox, *, hostname: str = HOSTNAME, size_limit: int = SIZE_LIMIT) -> None:
        self.inbox = inbox
        self.hostname = hostname
        self._size_limit = size_limit
        self._loop = _StillLoop()
        self._handler = InboxHandler(inbox)

    def connect(self) -> "MemoryConnection":
        """A connection, greeting already sent. Raises ConnectionRefusedError while the inbox is down."""
        if self.inbox.down:
            raise ConnectionRefusedError("the mail server is down")
        protocol = InboxSmtp(self._handler, self._loop, hostname=self.hostname, size_limit=self._size_limit)
        return MemoryConnection(protocol, self._loop)

    def client(self, local_hostname: str = CLIENT) -> smtplib.SMTP:
        """A connected client of the standard library, to be closed as any other. Raises ConnectionRefusedError."""
        return _MemoryClient(self.connect, self.hostname, local_hostname)


class MemoryConnection:
    """One connection, from the client's side: bytes in, bytes out. Also for what no decent client would send."""

    def __init__(self, protocol: InboxSmtp, loop: "_StillLoop") -> None:
        self._protocol = protocol
        self._loop = loop
        self._transport = _MemoryTransport(protocol, loop)
        protocol.connection_made(self._transport)
        loop.settle()
        # A forgotten connection closes too, as the operating system would see to.
        self._hang_up = weakref.finalize(self, _hang_up, protocol, self._transport, loop)

    @property
    def closed(self) -> bool:
        """Whether either side has closed."""
        return self._transport.is_closing()

    def feed(self, data: bytes) -> None:
        """Send. Raises BrokenPipeError when the connection is closed."""
        if self.closed:
            raise BrokenPipeError("the mail server has closed the connection")
        self._protocol.data_received(data)
        self._loop.settle()

    def read(self) -> bytes:
        """All that the server has said and nobody has read yet."""
        said = bytes(self._transport.said)
        self._transport.said.clear()
        return said

    def read_line(self) -> bytes:
        """One line; empty when the server has closed. Raises WouldWaitError when the server itself waits for input."""
        said = self._transport.said
        end = said.find(b"\n") + 1 or (len(said) if self.closed else 0)
        if not end and not self.closed:
            raise WouldWaitError("the client reads, but the mail server has no more to say before it is sent something")
        line = bytes(said[:end])
        del said[:end]
        return line

    def close(self) -> None:
        """Close from the client's side, as when its process ends; the server drops an unfinished mail."""
        self._hang_up()


def _hang_up(protocol: InboxSmtp, transport: "_MemoryTransport", loop: "_StillLoop") -> None:
    if not transport.is_closing():
        protocol.eof_received()
        loop.settle()


class _MemoryTransport(asyncio.Transport):
    """Keeps what the protocol writes. It cannot be paused, and then asyncio's reader buffers all."""

    def __init__(self, protocol: asyncio.Protocol, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__({"peername": ("memory", 0)})
        self._protocol = protocol
        self._loop = loop
        self._closing = False
        self.said = bytearray()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._closing:
            self.said += data

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        self.close()


class _StillLoop(asyncio.BaseEventLoop):
    """An event loop with nothing outside to wait for. It holds no resource of the machine and needs no closing."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _NothingOutside(self.stop)

    def settle(self) -> None:
        """Run all that can run, until the next step would be to wait. Works inside another running loop too."""
        if self.is_running():  # called by the garbage collector, on behalf of a forgotten connection
            return
        outer = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        try:
            self.run_forever()
        finally:
            asyncio._set_running_loop(outer)

    def time(self) -> float:
        return 0.0

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Any = None
    ) -> asyncio.TimerHandle:
        """A timer that never strikes."""
        return asyncio.TimerHandle(when, callback, args, self, context)

    def _process_events(self, event_list: list[object]) -> None:
        """There are no events."""

    def _write_to_self(self) -> NoReturn:
        raise WouldWaitError("the mail server in memory works in one thread only")

    def __del__(self) -> None:
        """Nothing to release."""


class _NothingOutside:
    """A selector over no files: it never waits; being asked to means that the loop is idle."""

    def __init__(self, idle: Callable[[], None]) -> None:
        self._idle = idle

    def select(self, timeout: float | None) -> list[object]:
        if timeout != 0:
            self._idle()
        return []


class _MemoryClient(smtplib.SMTP):
    def __init__(self, connect: Callable[[], MemoryConnection], host: str, local_hostname: str) -> None:
        self._connect = connect
        super().__init__(host, smtplib.SMTP_PORT, local_hostname=local_hostname)

    def _get_socket(self, host: str, port: int, timeout: float | None) -> "_MemorySocket":
        return _MemorySocket(self._connect())


class _MemorySocket:
    """As much of a socket as smtplib uses."""

    def __init__(self, connection: MemoryConnection) -> None:
        self._connection = connection

    def sendall(self, data: bytes) -> None:
        self._connection.feed(data)

    def makefile(self, mode: str) -> "_MemoryFile":
        return _MemoryFile(self._connection)

    def settimeout(self, timeout: float | None) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        self._connection.close()


class _MemoryFile(io.RawIOBase):
    def __init__(self, connection: MemoryConnection) -> None:
        self._connection = connection

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._connection.read_line()
