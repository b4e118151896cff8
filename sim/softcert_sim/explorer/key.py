"""What distinguishes one state from another: the oracle's, without what decides nothing later.

Left out are numbers that only count, all but the latest of what somebody knows (no act of a scope tries older things),
mail but for the latest address in it, dead addresses that nobody would use, and sessions that have ended. Codes, epochs of
keys, addresses and sessions are numbered anew, unless a request or a mail is under way that may name them. Of time it
matters what is over, and of what lasts how many half hours or days are left.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any, cast

from softcert.rules.policy import DAY, MINUTE
from softcert_sim.oracle import State, canonical
from softcert_sim.oracle.facts import Moment, Name, World

_COUNTS = frozenset(("audit", "login", "sessions", "submitted", "decided-by", "mails"))
_UNDER_WAY = frozenset(("pending", "outbox", "held"))
_UNIT = 30 * MINUTE


class Keys:
    """Keys of states: equal for two in which the same acts have the same outcomes; with `exchange` also for two that
    differ by an exchange of people, computers or drives. What a state looks like is remembered: most acts lead where
    others led."""

    def __init__(self, exchange: bool = True) -> None:
        self._exchange = exchange
        self._known: dict[bytes, bytes] = {}

    def of(self, state: State) -> bytes:
        """The key of a state."""
        worlds = tuple(tuple(_kept(world)) for world in state.worlds)
        looks = _digest(worlds)
        if not self._exchange:
            return looks
        if looks not in self._known:
            self._known[looks] = _digest(canonical(State(state.policy, worlds)).worlds)
        return self._known[looks]


def _digest(worlds: tuple[World, ...]) -> bytes:
    return blake2b(repr(worlds).encode(), digest_size=16).digest()


def _kept(world: World) -> Iterator[tuple[Name, Any]]:
    """The facts that matter later, in their order."""
    facts = dict(world)
    now = max(facts["clock",], facts["latest",])
    under_way = any(name[0] in _UNDER_WAY and value for name, value in world)
    for name, value in world if under_way else _numbered_anew(world, now):
        if name[0] not in _COUNTS and not (name[0] == "knows" and name[2] == "session"):
            yield name, _left(value, now)


def _numbered_anew(world: World, now: int) -> Iterator[tuple[Name, Any]]:
    """Nothing is compared by its number, but with what else bears it."""
    facts = dict(world)
    memory = {value for name, value in world if name[0] == "memory"}
    live = [name[1:] for name, value in world if name[0] == "session" and (_lives(value, now) or name[1:] in memory)]
    sessions = {session: (session[0], ("session", at)) for at, session in enumerate(live)}
    mailed = {name[1]: value[1] for name, value in world if name[0] == "inbox" and value[1]}
    boxes = {name[1]: name for name, _ in world if name[0] == "inbox"}
    known = {one for name, value in world if name[0] == "knows" for one in value[-1:]} | {*mailed.values()}
    used = (name[1:] for name, value in world if name[0] == "address" and (value[0] == "live" or name[1:] in known))
    addresses = _ranked(used)
    for name, value in world:
        match name:
            case ("session", *_):
                if name[1:] in sessions:
                    yield ("session", *sessions[name[1:]]), value
            case ("memory", *_):
                yield name, sessions.get(value, value)
            case ("address", *_):
                if name[1:] in addresses:
                    yield ("address", *addresses[name[1:]]), value
            case ("inbox", box, _):
                if boxes[box] == name:
                    yield ("inbox", box), addresses.get(mailed.get(box, ()), "")
            case ("knows", _, "address", _):
                yield name, tuple(addresses.get(one, one) for one in value[-1:])
            case ("knows", _, "activation-code", _):
                yield name, tuple((app, number - facts["code", app]) for app, number in value[-1:])
            case ("knows", *_):
                yield name, value[-1:]
            case ("key", at, _):
                yield name, value._replace(epoch=value.epoch - facts.get(("slot", at, value.slot), (0,))[0])
            case ("slot", *_):
                yield name, value[1:]
            case ("code" | "letters" | "addresses", *_):
                pass
            case _:
                yield name, value


def _ranked(rows: Iterable[Name]) -> dict[Name, Name]:
    """(application, number) with the numbers from 1 on."""
    ranked: dict[Name, Name] = {}
    counts: Counter[Name] = Counter()
    for row in rows:
        counts[row[0]] += 1
        ranked[row] = (row[0], counts[row[0]])
    return ranked


def _lives(session: Any, now: int) -> bool:
    return session[0] == "live" and session[1] >= now


def _left(value: Any, now: int) -> Any:
    """Moments as what is left of them, rounded up."""
    if isinstance(value, Moment):
        left = value - now
        unit = DAY if left > DAY else _UNIT
        return Moment(-1 if left < 0 else -(-left // unit) * unit)
    return tuple([_left(item, now) for item in cast(Name, value)]) if type(value) is tuple else value
