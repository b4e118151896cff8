"""What distinguishes one state from another: the oracle's, without what decides nothing later.

Left out are numbers that only count, all but the latest of what somebody knows (no act of a scope tries older things),
and sessions that have ended. Of time it matters what is over, and of what lasts how many half hours or days are left.
"""

from hashlib import blake2b
from typing import Any, cast

from softcert.rules.policy import DAY, MINUTE
from softcert_sim.oracle import State, canonical
from softcert_sim.oracle.facts import Key, Moment, Name, World

_COUNTS = ("audit", "login", "sessions", "submitted", "decided-by", "mails")
_UNIT = 30 * MINUTE


def key_of(state: State) -> bytes:
    """Equal for two states in which the same acts have the same outcomes."""
    alike = canonical(State(state.policy, tuple(map(_without, state.worlds))))
    return blake2b(repr(alike.worlds).encode(), digest_size=16).digest()


def _without(world: World) -> World:
    facts = dict(world)
    now = max(facts["clock",], facts["latest",])
    memory = {value for name, value in world if name[0] == "memory"}
    live = [name[1:] for name, value in world if name[0] == "session" and (_lives(value, now) or name[1:] in memory)]
    numbers = {session: (session[0], ("session", at)) for at, session in enumerate(live)}
    kept: list[tuple[Name, Any]] = []
    for name, value in world:
        if name[0] in _COUNTS or (name[0] == "knows" and name[2] == "session"):
            continue
        if name[0] == "session":
            if name[1:] not in numbers:
                continue
            name = ("session", *numbers[name[1:]])
        elif name[0] == "memory":
            value = numbers.get(value, value)
        elif name[0] == "knows":
            value = value[-1:]
        kept.append((name, _left(value, now)))
    return tuple(sorted(kept, key=repr))


def _lives(session: Any, now: int) -> bool:
    return session[0] == "live" and session[1] >= now


def _left(value: Any, now: int) -> Any:
    """Moments as what is left of them, rounded up."""
    if isinstance(value, Moment):
        left = value - now
        unit = DAY if left > DAY else _UNIT
        return Moment(-1 if left < 0 else -(-left // unit) * unit)
    if isinstance(value, Key):
        return value
    return tuple(_left(item, now) for item in cast(Name, value)) if isinstance(value, tuple) else value
