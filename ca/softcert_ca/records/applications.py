"""Applications and the addresses sent for them."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, select

from softcert.protocol import Thumbprint
from softcert_ca.statements import Record, Statement
from softcert_ca.tables import addresses, applications

_APPLICATION = Statement(select(applications).where(applications.c.id == bindparam("key")))
_KEY_USED = Statement(select(func.count()).where(applications.c.csr_key == bindparam("key")))
_LIST = Statement(
    select(
        applications.c.id, applications.c.state, applications.c.name, applications.c.mailbox, applications.c.applied_at
    ).order_by(applications.c.applied_at, applications.c.id)
)
_SAME_NAME = Statement(
    select(applications.c.id)
    .where(applications.c.name == bindparam("name"), applications.c.id != bindparam("key"))
    .order_by(applications.c.applied_at, applications.c.id)
)
_SAME_MAILBOX = Statement(
    select(applications.c.id)
    .where(applications.c.mailbox_folded == bindparam("mailbox"), applications.c.id != bindparam("key"))
    .order_by(applications.c.applied_at, applications.c.id)
)
_ADDRESSES = Statement(
    select(addresses).where(addresses.c.application == bindparam("application")).order_by(addresses.c.id)
)


def application_of(connection: Connection, id: str) -> Record | None:
    """The application, whole."""
    return _APPLICATION.first(connection, {"key": id})


def key_is_used(connection: Connection, csr_key: Thumbprint) -> bool:
    """Whether another application was made with this certificate key."""
    return _KEY_USED.value(connection, {"key": csr_key}) > 0


def list_applications(connection: Connection) -> Sequence[Record]:
    """All applications in the order of their arrival: id, state, name, mailbox, applied_at."""
    return _LIST.all(connection)


def same_name(connection: Connection, application: Record) -> Sequence[str]:
    """Other applications in the same name, by number."""
    values = {"name": application.name, "key": application.id}
    return [row.id for row in _SAME_NAME.all(connection, values)]


def same_mailbox(connection: Connection, application: Record) -> Sequence[str]:
    """Other applications with the same mailbox, by number."""
    values = {"mailbox": application.mailbox_folded, "key": application.id}
    return [row.id for row in _SAME_MAILBOX.all(connection, values)]


def addresses_of(connection: Connection, application: str) -> Sequence[Record]:
    """All addresses ever sent for the application, the newest last."""
    return _ADDRESSES.all(connection, {"application": application})
