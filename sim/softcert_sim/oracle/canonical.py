"""States that differ only by an exchange, or only in absolute time, made equal.

Exchanged may be people of one kind who apply, computers with the same kind of element, drives of one kind. Of time a state
keeps the moments until which something lasts: they become what is left of it, and what is over is over however long ago.
(Only an insider who takes the office's memory of the time away tells such states apart.)
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import permutations, product
from typing import Any, cast

from softcert_sim.oracle.facts import Key, Moment, Name, State, World

_OWN = ("name", "mailbox", "pin", "password")
"""What belongs to a person and goes along in an exchange."""


def canonical(state: State) -> State:
    """The same for all states that differ by an exchange; it is one of them, with its clock at 0."""
    state = since_now(state)
    first = dict(state.worlds[0])
    parts = _parts(first)
    marks = _marks(state, {name for part in parts for name in part})
    choices: list[list[tuple[str, ...]]] = []
    for part in parts:
        for _, tied in _grouped(sorted(part), lambda name: marks[name]):
            same = all(exchange(state, {tied[0]: other, other: tied[0]}) == state for other in tied[1:])
            choices.append([tuple(tied)] if same else list(permutations(tied)))
    slots = [name for part in parts for name in sorted(part)]
    found = [dict(zip((name for row in chosen for name in row), slots, strict=True)) for chosen in product(*choices)]
    return min((exchange(state, names) for names in found), key=repr)


def since_now(state: State) -> State:
    """The state with its clock at 0: each moment becomes what is left until then."""
    return State(state.policy, tuple(map(_since_now, state.worlds)))


def exchange(state: State, names: Mapping[str, str]) -> State:
    """The state with names exchanged, and with what belongs to people; `names` is a permutation."""
    first = dict(state.worlds[0])
    change: dict[Any, Any] = dict(names)
    for old, new in names.items():
        if ("person", old) in first:
            was, now = dict(first["person", old]), dict(first["person", new])
            change |= {was[what]: now[what] for what in _OWN if was.get(what) and now.get(what)}
    return State(state.policy, tuple(sorted({_world(world, change) for world in state.worlds}, key=repr)))


def _world(world: World, change: Mapping[Any, Any]) -> World:
    """People, as the cast has them, stay who they are."""
    renamed = (fact if fact[0][0] == "person" else _renamed(fact, change) for fact in world)
    return tuple(sorted(renamed, key=lambda fact: fact[0]))


def _renamed(value: Any, change: Mapping[Any, Any]) -> Any:
    if isinstance(value, tuple):
        return _like(cast(Name, value), (_renamed(item, change) for item in cast(Name, value)))
    return change.get(value, value) if isinstance(value, str) else value


def _since_now(world: World) -> World:
    facts = dict(world)
    now = max(facts["clock",], facts["latest",])
    behind = Moment(facts["clock",] - now)
    times = {("clock",): behind, ("latest",): Moment(0)}
    return tuple((name, times[name] if name in times else _left(value, now)) for name, value in world)


def _left(value: Any, now: int) -> Any:
    if isinstance(value, Moment):
        return Moment(max(value - now, -1))
    return _like(cast(Name, value), (_left(item, now) for item in cast(Name, value))) if isinstance(value, tuple) else value


def _like(value: Name, items: Iterator[Any]) -> Any:
    return type(value)._make(items) if isinstance(value, Key) else tuple(items)


def _parts(facts: Mapping[Name, Any]) -> list[list[str]]:
    """Who and what may be exchanged with each other, where there are several of a kind."""
    kinds: dict[Any, list[str]] = {}
    for name, value in facts.items():
        if name[0] == "person":
            own = dict(value)
            if all(own.get(what) for what in _OWN):
                kinds.setdefault(("person", own["kind"]), []).append(name[1])
        elif name[0] in ("element", "drive"):
            kinds.setdefault((name[0], value), []).append(name[1])
    return [part for part in kinds.values() if len(part) > 1]


def _marks(state: State, names: set[str]) -> dict[str, str]:
    """What each name stands in, when all others are left blank."""
    found: dict[str, list[str]] = {name: [] for name in names}
    first = dict(state.worlds[0])
    people = {name: dict(first["person", name]) for name in names if ("person", name) in first}
    owns = {name: {people[name][what]: what for what in _OWN} if name in people else {} for name in names}
    blank = {text: f"? {what}" for own in owns.values() for text, what in own.items()} | dict.fromkeys(names, "?")
    mine = {name: {text: f"! {what}" for text, what in owns[name].items()} | {name: "!"} for name in names}
    for number, world in enumerate(state.worlds):
        for fact in world:
            if fact[0][0] == "person":
                continue
            for name in set(_strings(fact)) & names:
                found[name].append(f"{number} {_renamed(fact, blank | mine[name])!r}")
    return {name: "\n".join(sorted(seen)) for name, seen in found.items()}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, tuple):
        for item in cast(Name, value):
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


def _grouped(names: list[str], mark: Callable[[str], str]) -> Iterator[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(mark(name), []).append(name)
    yield from sorted(groups.items())
