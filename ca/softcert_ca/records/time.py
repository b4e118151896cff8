"""The office's time: the highest that its clock ever showed. A clock set back brings nothing back that was over.

While the clock is behind, time stands still. After a clock set wrongly ahead it stands until the clock is as late: what was
over by the wrong clock stays over too, for nobody could tell the two apart.
"""

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.dialects.sqlite import insert

from softcert_ca.statements import Statement
from softcert_ca.tables import time

_new = insert(time).values(id=1, latest=bindparam("now"))
_PASS = Statement(
    _new.on_conflict_do_update(
        index_elements=["id"], set_={"latest": func.max(time.c.latest, _new.excluded.latest)}
    ).returning(time.c.latest)
)
_LATEST = Statement(select(time.c.latest))


def advance(connection: Connection, clock: int) -> int:
    """The office's time when its clock shows `clock`; from now on it is never earlier."""
    return _PASS.value(connection, {"now": clock})


def at(connection: Connection, clock: int) -> int:
    """The office's time, for whoever changes nothing."""
    return max(clock, _LATEST.value(connection) or 0)
