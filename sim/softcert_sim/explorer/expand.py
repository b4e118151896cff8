"""What follows from a state: every act of the scope done on the real system, each from the same snapshot.

Whoever expands keeps the snapshots of the states that are still to be expanded, and no others. The office's database is
packed in them; all else is shared with the states before. A state of which there is no snapshot is reached by its path.
"""

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, cast

from softcert_sim import oracle
from softcert_sim.acted import Acted, act
from softcert_sim.coverage import Hit, of_verdict
from softcert_sim.explorer.key import Keys
from softcert_sim.explorer.reasons import hindrance
from softcert_sim.explorer.scopes import Scope, steps_of
from softcert_sim.invariants import violations
from softcert_sim.judge import as_it_came, place_of
from softcert_sim.knowing import applications_of, mails_of
from softcert_sim.opinion import Beginnings, act_of
from softcert_sim.oracle import State
from softcert_sim.people import Topic
from softcert_sim.product import product
from softcert_sim.results import Outcome
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.model import Cast, Expectation, Link, Scenario, Step
from softcert_sim.stage import Setting, Stage
from softcert_sim.world import World, WorldState

MOST_KEPT = 20_000
"""Snapshots that one expander keeps: some hundred kilobytes each."""
Path = tuple[int, ...]
"""How a state is reached: acts by their numbers among the scope's."""
Task = tuple[int, Path]
"""A state to be expanded: its number, and its path."""
Kept = tuple[int, int, int]
"""A new state's number, and the state and act that led to it."""
NEEDS: dict[str, tuple[Topic, ...]] = {
    "download": ("address",),
    "withdraw": ("application",),
    "collect-code": ("application",),
    "activate": ("activation-code",),
    "recover": ("activation-code", "password"),
}
"""What a person must know for an act; without it the step means nothing."""


class Transition(NamedTuple):
    """One act done from a state: its number among the scope's, the outcome in words, what an author would say of it (as
    the oracle has it), the key of the state after it, and what was wrong with it."""

    act: int
    outcome: str
    expected: Expectation
    key: bytes
    wrong: str


@dataclass(slots=True)
class Expansion:
    """All that can be done in one state. `cut` names the acts that the scope's bounds left out, `hindered` what keeps an
    applicant for good from a working certificate. Of `silent` transitions the oracle had no opinion."""

    transitions: list[Transition] = field(default_factory=list[Transition])
    cut: list[str] = field(default_factory=list[str])
    hindered: Mapping[str, str] = field(default_factory=dict[str, str])
    hits: Counter[Hit] = field(default_factory=Counter[Hit])
    silent: int = 0


class Known(NamedTuple):
    """A state that was seen: the world's, and the oracle's beside it."""

    world: WorldState
    oracle: State


class Expander:
    """One world of a scope, and the states that it is to expand, by their numbers."""

    def __init__(self, scope: Scope, seed: int) -> None:
        self.scope, self.steps = scope, steps_of(scope)
        self._registry, self._keys = product().registry, Keys(scope.exchange)
        scenario, self._stage = begin(scope), Stage(product(), Setting(seed=seed))
        play = self._stage.open(scenario)
        assert isinstance(play.world, World)
        self._world = play.world
        self._first = self._now(Beginnings().at(scenario))
        self._seen: set[bytes] = {self.first()}
        self._states: dict[int, Known] = {}
        self._found: dict[tuple[int, int], Known] = {}

    def close(self) -> None:
        """Give back the world."""
        self._stage.close()

    def first(self) -> bytes:
        """The key of the state in which all begins."""
        return self._keys.of(self._first.oracle)

    def expand(self, level: Sequence[Task]) -> Iterator[Expansion]:
        """What follows from each of these states; it lets go of them."""
        return (self._expand(number, path) for number, path in level)

    def keep(self, kept: Sequence[Kept]) -> None:
        """Keep these states, and nothing else of what was found."""
        for number, state, chosen in kept[: MOST_KEPT - len(self._states)]:
            self._states[number] = self._found[state, chosen]
        self._found.clear()

    def at(self, path: Path) -> Known:
        """The state to which a path leads."""
        known = self._first
        for index in path:
            self._world.restore(known.world)
            outcome = act(self._world, self._registry, self.steps[index]).outcome
            known = self._now(_predicted(known.oracle, self.steps[index], outcome)[1])
        return known

    def from_there(self, known: Known) -> Expansion:
        """All that can be done in a state, wherever it came from; nothing of it is kept."""
        made = self._all(-1, known)
        self._found.clear()
        return made

    def _expand(self, number: int, path: Path) -> Expansion:
        packed = self._states.pop(number, None)
        return self._all(number, _unpacked(packed) if packed else self.at(path))

    def _all(self, number: int, known: Known) -> Expansion:
        made, world = Expansion(), self._world
        world.restore(known.world)
        judged = world.standing() if known is not self._first else ()  # nothing was wrong when it was found
        doable = [(index, step) for index, step in enumerate(self.steps) if possible(world, step)]
        made.cut = sorted({step.verb for _, step in doable if bounded(world, self.scope, step)})
        if "apply" in made.cut:
            named = ((who, hindrance(known.oracle, who)) for who in self.scope.applicants)
            made.hindered = {who: reason for who, reason in named if reason}
        for index, step in doable:
            if step.verb in made.cut:
                continue
            world.restore(known.world)
            world.judged = judged
            acted = act(world, self._registry, step)
            if acted.outcome.kind != "failed" and not world.trace.last.idle:
                made.transitions.append(self._judged(made, (number, index), acted, known.oracle))
        return made

    def _judged(self, made: Expansion, place: tuple[int, int], acted: Acted, before: State) -> Transition:
        """Oracle and invariants are asked; a state that is new is kept. A judge who fails is a find as any other."""
        for verdict in acted.verdicts:
            made.hits.update(of_verdict(verdict))
        outcome, said = acted.outcome, as_it_came(acted.outcome)
        try:
            wrong = list(self._violated(acted))
            expected, after = _predicted(before, self.steps[place[1]], outcome)
            key = self._keys.of(after)
        except Exception as error:  # noqa: BLE001
            return Transition(place[1], str(outcome), said, b"", f"a judge failed: {place_of(error)}")
        if expected is None:
            made.silent += 1
        elif expected.said != (outcome.kind, outcome.detail):
            wrong.append(f"oracle: expected {expected}, and it was {outcome}")
            said = as_it_came(replace(outcome, kind=cast(Any, expected.kind), detail=expected.said[1], told=""))
        if key not in self._seen:
            self._seen.add(key)
            self._found[place] = _packed(self._now(after))
        return Transition(place[1], str(outcome), said, key, "; ".join(wrong))

    def _violated(self, acted: Acted) -> Iterator[str]:
        if acted.outcome.kind == "crashed":
            yield f"it failed: {acted.outcome.detail}"
        yield from (f"{found.rule}: {found.text}" for found in violations(self._world))

    def _now(self, oracle_state: State) -> Known:
        state = self._world.snapshot()
        assert state is not None
        return Known(state, oracle_state)


def _predicted(before: State, step: Step, outcome: Outcome) -> tuple[oracle.Expected | None, State]:
    return oracle.predict(before, act_of(step), (outcome.kind, outcome.detail))


def _packed(known: Known) -> Known:
    return known._replace(world=known.world._replace(store=zlib.compress(known.world.store, 1)))


def _unpacked(known: Known) -> Known:
    return known._replace(world=known.world._replace(store=zlib.decompress(known.world.store)))


def begin(scope: Scope) -> Scenario:
    """Where a scope begins, as a scenario without steps."""
    suite = product()
    links = [Link(person, prelude.name) for person, name in scope.given for prelude in suite.registry.chain(name)]
    members = _cast(scope, Loader(suite.registry).shared(shipped()).cast)
    path, title = f"softcert explore --scope {scope.name}", f"Found in {scope.name}"
    return Scenario(path, title, scope.about, (), (), scope.given, tuple(links), scope.policy, (), members, ())


def _cast(scope: Scope, shared: Cast) -> Cast:
    """Only who and what is in the scope."""
    people = {*(who for who, _ in scope.seats), "examiner", "thief", "scanner"}
    computers = {at for _, at in scope.seats}
    return Cast(
        {name: data for name, data in shared.people.items() if name in people},
        {name: data for name, data in shared.computers.items() if name in computers},
        {name: data for name, data in shared.drives.items() if name in scope.drives},
    )


def possible(world: World, step: Step) -> bool:
    """Whether it means anything now: people do only what they know how to do."""
    said = step.arguments
    by, of = str(said.get("by", "")), str(said.get("of") or said.get("by", ""))
    if step.verb == "plug":
        holder = world.drives[said["drive"]].plugged_into
        return holder is None or holder.name != said["into"]
    if step.verb == "unplug":
        return world.drives[said["drive"]].plugged_into is not None
    if step.verb == "lose":
        return not world.places[said["what"]].lost
    if step.verb in ("read-mail", "scan"):
        return bool(mails_of(world, of))
    if step.verb in ("approve", "disapprove", "reissue"):
        return bool(applications_of(world, of))
    if step.verb == "revoke":
        return bool(world.records.serials_of(applications_of(world, of)))
    at = said.get("at")
    here = at is None or not world.places[at].lost
    given = {"activation-code" if "code" in said else "", "password" if "password" in said else ""}
    return here and all(topic in given or world.people.knows(by, topic, of) for topic in NEEDS.get(step.verb, ()))


def bounded(world: World, scope: Scope, step: Step) -> bool:
    """Whether the scope's bounds, and nothing else, forbid it now."""
    if step.verb == "apply":
        return len(applications_of(world, str(step.arguments["by"]))) >= scope.applications
    return step.verb == "backup" and world.records.value("SELECT count(*) FROM backups") >= scope.backups
