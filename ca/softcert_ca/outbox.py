"""Mail leaves through here: written in the transaction of the decision, sent after it, retried until it is gone.

A mail is claimed before it is sent: the claim counts the try and sets the time of the next one. So no transaction is
open while a server is slow, two office processes do not send the same mail at once, and whatever happens between the
claim and the mark, the mail is sent again later, under the same Message-ID (rule `result-by-mail`: once by Message-ID).

The table holds no secret: a mail is rendered from its parameters when it is sent.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Column, Connection, Index, Integer, String, Table, Text, bindparam, func, insert, select, update

from softcert.errors import Broken
from softcert.protocol import sha256, to_bytes
from softcert_ca.statements import Statement
from softcert_ca.store import Store, metadata

FIRST_PAUSE = 60
"""Seconds between the first try and the second; each further pause is twice as long."""
LONGEST_PAUSE = 3600
"""Longest pause between two tries, seconds. There is no last try: a result that is due stays due."""


class Deferred(Broken):
    """The mail was not taken now, or nobody knows: a 4xx answer, a server that is down, a line cut before the answer.

    Sending again is right in each case: the Message-ID tells a second copy from a second mail.
    """

    definite = False


class Undeliverable(Broken):
    """The mail will never be taken: a 5xx answer."""


class Mailer(Protocol):
    """Hands one mail to a mail server."""

    def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Returns when the server took it. Raises `Deferred`, `Undeliverable`."""
        ...


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of the outbox. `at` is when it was put there, seconds since 1970, UTC."""

    id: int
    sender: str
    recipient: str
    purpose: str
    application: str
    params: Mapping[str, Any]
    message_id: str
    at: int
    tries: int
    next_at: int
    state: str
    error: str


outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sender", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("application", String, nullable=False, index=True),
    Column("params", Text, nullable=False),
    Column("message_id", String, nullable=False, unique=True),
    Column("at", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("error", Text, nullable=False),
    Index("outbox_due", "state", "id"),
)

_NAMES = [column.name for column in outbox.columns]
_NEXT_ID = Statement(select(func.coalesce(func.max(outbox.c.id), 0) + 1))
_ENQUEUE = Statement(insert(outbox).values({name: bindparam(name) for name in _NAMES}))
_DUE = Statement(
    select(outbox)
    .where(outbox.c.state == "waiting", outbox.c.id > bindparam("after"), outbox.c.next_at <= bindparam("now"))
    .order_by(outbox.c.id)
    .limit(1)
)
_CLAIM = Statement(
    update(outbox)
    .where(outbox.c.id == bindparam("number"))
    .values(tries=bindparam("new_tries"), next_at=bindparam("new_next"))
)
_MARK = Statement(
    update(outbox)
    .where(outbox.c.id == bindparam("number"), outbox.c.state == "waiting")
    .values(state=bindparam("new_state"), error=bindparam("new_error"))
)
_WAITING = Statement(select(func.count()).select_from(outbox).where(outbox.c.state == "waiting"))
_OF = Statement(select(outbox).where(outbox.c.application == bindparam("which")).order_by(outbox.c.id))


def enqueue(
    connection: Connection,
    *,
    sender: str,
    recipient: str,
    purpose: str,
    application: str,
    params: Mapping[str, Any],
    now: int,
) -> Mail:
    """Put one mail into the outbox, in the caller's transaction. `params` must hold no secret."""
    number: int = _NEXT_ID.value(connection)
    content = to_bytes(dict(params)).decode()
    unique = sha256(to_bytes([number, recipient, purpose, application, content, now]))[:32]
    message_id = f"<{unique}@{sender.rpartition('@')[2]}>"
    row = (number, sender, recipient, purpose, application, content, message_id, now, 0, now, "waiting", "")
    _ENQUEUE.run(connection, dict(zip(_NAMES, row, strict=True)))
    return _mail(row)


def deliver_due(store: Store, mailer: Mailer, render: Callable[[Mail], bytes], now: int) -> int:
    """Try every mail that is due once; returns how many still wait, for their time or for a better server.

    `render` is asked outside of any transaction. A mail that the server refuses for good is kept as failed.
    """
    after = 0
    while (mail := _claim(store, after, now)) is not None:
        after = mail.id
        state, error = _send(mailer, mail, render(mail))
        with store.begin() as connection:
            _MARK.run(connection, {"number": mail.id, "new_state": state, "new_error": error})
    with store.read() as connection:
        return _WAITING.value(connection)


def mails_of(connection: Connection, application: str) -> list[Mail]:
    """Every mail about an application, oldest first."""
    return [_mail(tuple(row)) for row in _OF.all(connection, {"which": application})]


def pause(tries: int) -> int:
    """Seconds until the next try, after `tries` of them."""
    return min(FIRST_PAUSE * 2 ** min(tries - 1, 16), LONGEST_PAUSE)


def _claim(store: Store, after: int, now: int) -> Mail | None:
    """The next due mail, its try counted."""
    with store.begin() as connection:
        row = _DUE.first(connection, {"after": after, "now": now})
        if row is None:
            return None
        mail = _mail(tuple(row))
        tries = mail.tries + 1
        _CLAIM.run(connection, {"number": mail.id, "new_tries": tries, "new_next": now + pause(tries)})
    return mail


def _send(mailer: Mailer, mail: Mail, message: bytes) -> tuple[str, str]:
    """The mail's new state, and what the server said."""
    try:
        mailer.send(mail.sender, mail.recipient, message)
    except Deferred as error:
        return "waiting", str(error)
    except Undeliverable as error:
        return "failed", str(error)
    return "sent", ""


def _mail(row: tuple[Any, ...]) -> Mail:
    values = dict(zip(_NAMES, row, strict=True))
    return Mail(**{**values, "params": json.loads(values["params"])})
