"""A clock that the test turns, an inbox on it, and mails to send, over both transports."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from email import policy
from email.message import EmailMessage

import pytest

from softcert_mailbox import Inbox
from softcert_mailbox.memory import MemorySmtp
from softcert_mailbox.smtp import InboxServer

OFFICE = "no-reply@office.example"
LI_WEI = "li.wei@mail.example"

Connect = Callable[[], AbstractContextManager[smtplib.SMTP]]


class TurnedClock:
    """Stands still until turned."""

    def __init__(self) -> None:
        self.time = 1_000

    def __call__(self) -> int:
        return self.time


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def inbox(clock: TurnedClock) -> Inbox:
    return Inbox(clock)


@pytest.fixture
def mail() -> Callable[..., bytes]:
    def build(
        text: str = "Hello\n", *, subject: str = "Result", purpose: str = "result", html: str = "", id: str = "1"
    ) -> bytes:
        message = EmailMessage(policy=policy.SMTP)
        message["From"], message["To"], message["Subject"] = OFFICE, LI_WEI, subject
        message["Message-ID"] = f"<{id}@office.example>"
        if purpose:
            message["X-Softcert-Purpose"] = purpose
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html")
        return message.as_bytes()

    return build


@pytest.fixture(params=["memory", "loopback"])
def connect(request: pytest.FixtureRequest, inbox: Inbox) -> Iterator[Connect]:
    """A way to get a client that is connected to the inbox: without a socket, and with one."""
    if request.param == "memory":
        yield MemorySmtp(inbox).client
        return
    with InboxServer(inbox) as server:
        yield lambda: smtplib.SMTP(server.host, server.port, local_hostname="client.test", timeout=10)


@pytest.fixture
def deliver(connect: Connect, mail: Callable[..., bytes]) -> Callable[..., None]:
    """Send one mail in one connection."""

    def send(raw: bytes | None = None, to: str | list[str] = LI_WEI) -> None:
        with connect() as client:
            client.sendmail(OFFICE, to, mail() if raw is None else raw)

    return send
