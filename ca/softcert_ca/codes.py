"""Activation codes: made at random, never twice, never stored (rules `code-once`, `code-secret`)."""

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from softcert.protocol import encode
from softcert_ca import tokens
from softcert_ca.services import Services
from softcert_ca.statements import Statement
from softcert_ca.tables import code_marks

_MARK = Statement(insert(code_marks).on_conflict_do_nothing())
_LONGEST = 64
"""Longest spelling of a code that is looked at, characters."""


def new_salt(services: Services, connection: Connection, application: str) -> str:
    """A salt whose code was never given before, to anybody."""
    while True:
        salt = encode(services.entropy.bytes(16))
        mark = tokens.code_mark(services.keys.code_key, code_of(services, application, salt))
        if _MARK.run(connection, {"mark": mark}) == 1:
            return salt


def code_of(services: Services, application: str, salt: str) -> str:
    """The code that belongs to the salt."""
    return tokens.activation_code(services.keys.code_key, application, salt, services.policy.activation_code)


def matches(services: Services, application: str, salt: str, given: str) -> bool:
    """Whether the given spelling is the application's code, compared in constant time."""
    return len(given) <= _LONGEST and tokens.same_code(code_of(services, application, salt), given)
