"""Used nonces, and what the limits count."""

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from softcert.protocol import Thumbprint
from softcert_ca.statements import Statement, insert_into
from softcert_ca.tables import applications, guesses, used_nonces

_SPEND = Statement(sqlite_insert(used_nonces).on_conflict_do_nothing())
_PRUNE = Statement(delete(used_nonces).where(used_nonces.c.used_at < bindparam("before")))
_GUESSED = insert_into(guesses)
_FORGET_GUESSES = Statement(delete(guesses).where(guesses.c.at < bindparam("since")))
_GUESSES = Statement(
    select(func.count()).where(guesses.c.device == bindparam("device"), guesses.c.at > bindparam("since"))
)
_APPLIED = Statement(
    select(func.count()).where(applications.c.device == bindparam("device"), applications.c.applied_at > bindparam("since"))
)


def spend_nonce(connection: Connection, nonce: str, now: int) -> bool:
    """Write down that the nonce was used; False when it had been."""
    return _SPEND.run(connection, {"nonce": nonce, "used_at": now}) == 1


def prune_nonces(connection: Connection, before: int) -> None:
    """Forget the nonces used before that time; they are too old to be accepted."""
    _PRUNE.run(connection, {"before": before})


def count_guess(connection: Connection, device: Thumbprint, now: int, since: int) -> None:
    """Write down that a computer asked for an address that does not exist; forget guesses made before `since`."""
    _FORGET_GUESSES.run(connection, {"since": since})
    _GUESSED.run(connection, {"device": device, "at": now})


def guesses_of(connection: Connection, device: Thumbprint, since: int) -> int:
    """How often the computer guessed after that time."""
    return _GUESSES.value(connection, {"device": device, "since": since})


def applications_from(connection: Connection, device: Thumbprint, since: int) -> int:
    """How often the computer applied after that time."""
    return _APPLIED.value(connection, {"device": device, "since": since})
