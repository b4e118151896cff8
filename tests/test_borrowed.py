"""What the product uses of others although they promise it to nobody. After an upgrade this says which of it is gone."""

import asyncio
import inspect
import smtplib
from collections.abc import Callable

import aiosmtpd.smtp
import pytest
from joserfc.jws import JWSRegistry
from sqlalchemy import create_engine

LOOP, SERVER = asyncio.BaseEventLoop, aiosmtpd.smtp.SMTP


def asks(function: Callable[..., object], words: str) -> bool:
    """Whether these words stand in a function's source."""
    return words in inspect.getsource(function)


def listeners() -> object:
    """Where SQLAlchemy keeps who listens to a connection's statements."""
    with create_engine("sqlite://").connect() as connection:
        return connection.dispatch.before_cursor_execute


BORROWED: dict[str, Callable[[], object]] = {
    "softcert.protocol: joserfc's JWSRegistry.get_alg, and verify of what it gives": lambda: (
        JWSRegistry(algorithms=["ES256"]).get_alg("ES256").verify
    ),
    "softcert_ca.statements: SQLAlchemy's Connection.dispatch": lambda: listeners() is not None,
    "softcert_mailbox.memory: asyncio._get_running_loop": lambda: asyncio._get_running_loop() is None,
    "softcert_mailbox.memory: asyncio._set_running_loop": lambda: asyncio._set_running_loop,
    "softcert_mailbox.memory: asyncio's loops ask _selector.select": lambda: asks(LOOP._run_once, "self._selector.select("),
    "softcert_mailbox.memory: asyncio's loops ask _process_events": lambda: asks(LOOP._run_once, "self._process_events("),
    "softcert_mailbox.memory: asyncio's loops ask _write_to_self": lambda: (
        asks(LOOP.call_soon_threadsafe, "self._write_to_self(")
    ),
    "softcert_mailbox.memory: smtplib asks _get_socket": lambda: asks(smtplib.SMTP.connect, "self._get_socket("),
    "softcert_mailbox.smtp: aiosmtpd asks _getaddr": lambda: asks(SERVER.smtp_MAIL, "self._getaddr("),
    "softcert_mailbox.smtp: aiosmtpd asks dir() for its commands": lambda: asks(SERVER.__init__, "dir(self)"),
}


@pytest.mark.parametrize("name", BORROWED)
def test_what_nobody_promises_is_still_there(name: str) -> None:
    assert BORROWED[name](), f"{name}: an upgrade took it away"
