"""Breadth-first search over the states of a scope.

Levels are expanded one after the other, and their transitions are joined in the order of states and acts: the path that
leads to a state is as short as there is one, and the same on every run and for any number of workers.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from time import perf_counter

from softcert_sim.coverage import Hit
from softcert_sim.explorer.expand import Expansion, Kept
from softcert_sim.explorer.scopes import Scope, steps_of
from softcert_sim.explorer.team import team
from softcert_sim.scenario.model import Expectation, Step

Watch = Callable[["Found", int, int], None]
"""Called after each state that was expanded, with what was found so far, how many of its level are done and how many
there are."""


@dataclass(slots=True)
class Found:
    """What an exploration saw. State 0 is the first; `came` has for each other one the state and the act that led to it
    first, and what was to come of it.

    `ways` are (state, act, state after) of all transitions; `good` are states in which an applicant's own login was
    allowed; `cut` are states in which a bound of the scope left out an act; `border` those that were not expanded;
    `hindered` says of states what keeps an applicant for good from a working certificate. Of `silent` transitions the
    oracle had no opinion.
    """

    scope: Scope
    steps: list[Step]
    came: list[tuple[int, int, Expectation]] = field(default_factory=lambda: [(-1, -1, Expectation())])
    depth: int = 0
    ways: "array[int]" = field(default_factory=lambda: array("I"))
    good: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    cut: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    hindered: dict[str, dict[int, str]] = field(default_factory=dict[str, dict[int, str]])
    border: set[int] = field(default_factory=set[int])
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    hits: Counter[Hit] = field(default_factory=Counter[Hit])
    silent: int = 0
    wrong: tuple[list[Step], str] | None = None
    elapsed: float = 0.0

    @property
    def states(self) -> int:
        """How many there are."""
        return len(self.came)

    @property
    def transitions(self) -> int:
        """How many there are."""
        return len(self.ways) // 3

    def each_way(self) -> Iterator[tuple[int, int, int]]:
        """(state, act, state after) of all transitions, in their order."""
        return zip(self.ways[::3], self.ways[1::3], self.ways[2::3], strict=True)

    def path(self, state: int) -> tuple[int, ...]:
        """The acts that lead to a state, as few as there can be, by their numbers."""
        acts: list[int] = []
        while state:
            state, act, _ = self.came[state]
            acts.append(act)
        return tuple(acts[::-1])

    def story(self, state: int) -> list[Step]:
        """The same as steps, each with what was to come of it."""
        steps: list[Step] = []
        while state:
            state, act, expected = self.came[state]
            steps.append(replace(self.steps[act], expected=expected))
        return steps[::-1]


def explore(scope: Scope, seed: int, workers: int = 1, watch: Watch | None = None) -> Found:
    """Visit every state of a scope; stops after the level in which something is wrong first."""
    began = perf_counter()
    people = scope.applicants
    found = Found(scope, steps_of(scope), good={who: set() for who in people}, hindered={who: {} for who in people})
    with team(scope, seed, workers) as expanders:
        known, level = {expanders.first(): 0}, [0]
        while level and found.depth < scope.depth and found.wrong is None:
            kept: list[Kept] = []
            tasks = [(state, found.path(state)) for state in level]
            for done, (state, expansion) in enumerate(zip(level, expanders.expand(tasks), strict=True), 1):
                _join(found, known, kept, state, expansion)
                found.elapsed = perf_counter() - began
                if watch:
                    watch(found, done, len(level))
            expanders.keep(kept)
            level = [number for number, _, _ in kept]
            found.depth += 1
    found.border.update(level)
    found.elapsed = perf_counter() - began
    return found


def _join(found: Found, known: dict[bytes, int], kept: list[Kept], state: int, made: Expansion) -> None:
    found.hits.update(made.hits)
    found.silent += made.silent
    if made.cut:
        found.cut[state] = made.cut
    for who, reason in made.hindered.items():
        found.hindered[who][state] = reason
    for act, outcome, expected, key, wrong in made.transitions:
        step = found.steps[act]
        if wrong and found.wrong is None:
            found.wrong = [*found.story(state), replace(step, expected=expected)], wrong
        if not key:
            continue
        found.outcomes[step.verb, outcome] += 1
        after = known.setdefault(key, len(found.came))
        if after == len(found.came):
            found.came.append((state, act, expected))
            kept.append((after, state, act))
        found.ways.extend((state, act, after))
        if step.verb == "login" and outcome == "allowed" and "of" not in step.arguments:
            found.good.get(str(step.arguments["by"]), set()).add(state)
