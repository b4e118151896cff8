"""Applications and the addresses sent for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from softcert.protocol import Thumbprint
from softcert_ca.statements import Record, Statement, insert_into
from softcert_ca.tables import addresses, applications

_APPLY = insert_into(applications)
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
_CHANGE_STATE = (
    update(applications)
    .where(applications.c.id == bindparam("key"), applications.c.state == bindparam("before"))
    .values(state=bindparam("after"))
)
_STEP = Statement(_CHANGE_STATE)
_DECIDE = Statement(
    _CHANGE_STATE.values(state=bindparam("after"), decided_at=bindparam("now"), reasons=bindparam("why"))
)
_GRANT_CODE = Statement(
    update(applications)
    .where(applications.c.id == bindparam("key"))
    .values(code_salt=bindparam("salt"), code_granted=1, activation_tries=0, recovery_tries=0)
)
_CODE_SHOWN = Statement(update(applications).where(applications.c.id == bindparam("key")).values(code_granted=0))
_ACTIVATION_TRIES = Statement(
    update(applications).where(applications.c.id == bindparam("key")).values(activation_tries=bindparam("tries"))
)
_RECOVERY_TRIES = Statement(
    update(applications).where(applications.c.id == bindparam("key")).values(recovery_tries=bindparam("tries"))
)


def add_application(connection: Connection, columns: Mapping[str, Any]) -> None:
    """Record a new application."""
    _APPLY.run(connection, dict(columns))


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


def step_application(connection: Connection, id: str, before: str, after: str) -> bool:
    """Move an application from one state to another; False when it was in another one."""
    return _STEP.run(connection, {"key": id, "before": before, "after": after}) == 1


def decide_application(connection: Connection, id: str, after: str, now: int, reasons: str) -> bool:
    """Write down the examiner's decision on a submitted application; False when it is not submitted."""
    values = {"key": id, "before": "submitted", "after": after, "now": now, "why": reasons}
    return _DECIDE.run(connection, values) == 1


def grant_code(connection: Connection, id: str, salt: str) -> None:
    """A new activation code, to be shown once; the old one is dead, all tries are forgotten."""
    _GRANT_CODE.run(connection, {"key": id, "salt": salt})


def code_shown(connection: Connection, id: str) -> None:
    """The granted code was shown."""
    _CODE_SHOWN.run(connection, {"key": id})


def set_activation_tries(connection: Connection, id: str, tries: int) -> None:
    """How many wrong codes were given at activation."""
    _ACTIVATION_TRIES.run(connection, {"key": id, "tries": tries})


def set_recovery_tries(connection: Connection, id: str, tries: int) -> None:
    """How many wrong codes were given at recovery."""
    _RECOVERY_TRIES.run(connection, {"key": id, "tries": tries})


_SEND_ADDRESS = insert_into(addresses)
_ADDRESSES = Statement(
    select(addresses).where(addresses.c.application == bindparam("application")).order_by(addresses.c.id)
)
_CLAIM = Statement(
    update(addresses)
    .where(addresses.c.id == bindparam("key"), addresses.c.state == "live")
    .values(state="used", used_at=bindparam("now"))
)
_LATE = Statement(update(addresses).where(addresses.c.id == bindparam("key")).values(late_at=bindparam("now")))
_REPLACE = Statement(
    update(addresses)
    .where(addresses.c.application == bindparam("key"), addresses.c.state == "live")
    .values(state="replaced")
)


def add_address(connection: Connection, application: str, salt: str, now: int, expires_at: int) -> None:
    """A new live address for the application."""
    values = {"application": application, "salt": salt, "state": "live", "sent_at": now, "expires_at": expires_at}
    _SEND_ADDRESS.run(connection, values)


def addresses_of(connection: Connection, application: str) -> Sequence[Record]:
    """All addresses ever sent for the application, the newest last."""
    return _ADDRESSES.all(connection, {"application": application})


def claim_address(connection: Connection, id: int, now: int) -> bool:
    """The one step by which an address is used; False when somebody was faster."""
    return _CLAIM.run(connection, {"key": id, "now": now}) == 1


def address_came_late(connection: Connection, id: int, now: int) -> None:
    """Write down that the address has expired, so that a clock set back does not revive it."""
    _LATE.run(connection, {"key": id, "now": now})


def replace_addresses(connection: Connection, application: str) -> None:
    """Every live address of the application dies."""
    _REPLACE.run(connection, {"key": application})
