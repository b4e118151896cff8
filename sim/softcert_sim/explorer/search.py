"""Breadth-first search over the states of a scope.

Levels are expanded one after the other, and their transitions are joined in the order of states and acts: the path that
leads to a state is as short as there is one, and the same on every run.
"""

from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter

from softcert_sim.coverage import Hit
from softcert_sim.explorer.expand import Expander, Expansion
from softcert_sim.explorer.scopes import Scope, steps_of
from softcert_sim.scenario.model import Expectation, Step

Watch = Callable[[int, int, int], None]
"""Called after each level with depth, states and transitions so far."""


@dataclass(slots=True)
class Found:
    """What an exploration saw. State 0 is the first; `came` has for each other one the state and the act that led to it,
    and what was to come of it.

    `edges` are (from, to) of all transitions that lead elsewhere; `good` are states in which an applicant's own login
    was allowed; `cut` are states in which a bound of the scope left out an act; `border` those that were not expanded. Of
    `silent` transitions the oracle had no opinion.
    """

    scope: Scope
    steps: list[Step]
    came: list[tuple[int, int, Expectation]] = field(default_factory=lambda: [(-1, -1, Expectation())])
    depth: int = 0
    transitions: int = 0
    edges: "array[int]" = field(default_factory=lambda: array("I"))
    good: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    cut: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
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

    def path(self, state: int) -> list[Step]:
        """The steps that lead to a state, as few as there can be, each with what was to come of it."""
        steps: list[Step] = []
        while state:
            state, act, expected = self.came[state]
            steps.append(replace(self.steps[act], expected=expected))
        return steps[::-1]


def explore(scope: Scope, seed: int, watch: Watch | None = None) -> Found:
    """Visit every state of a scope; stops after the level in which something is wrong first."""
    began = perf_counter()
    found = Found(scope, steps_of(scope), good={who: set() for who in scope.applicants})
    expander = Expander(scope, seed)
    known, level = {expander.first: 0}, [0]
    while level and found.depth < scope.depth and found.wrong is None:
        kept: list[tuple[int, int, int]] = []
        for state, expansion in zip(level, expander.expand(level), strict=True):
            _join(found, known, kept, state, expansion)
        expander.keep(kept)
        level = [number for number, _, _ in kept]
        found.depth += 1
        if watch:
            watch(found.depth, found.states, found.transitions)
    found.border.update(level)
    found.hits, found.silent = expander.hits, expander.silent
    found.elapsed = perf_counter() - began
    return found


def _join(found: Found, known: dict[bytes, int], kept: list[tuple[int, int, int]], state: int, made: Expansion) -> None:
    if made.cut:
        found.cut[state] = made.cut
    found.transitions += len(made.transitions)
    for act, outcome, expected, key, wrong in made.transitions:
        step = found.steps[act]
        if wrong and found.wrong is None:
            found.wrong = [*found.path(state), replace(step, expected=expected)], wrong
        if not key:
            continue
        found.outcomes[step.verb, outcome] += 1
        after = known.setdefault(key, len(found.came))
        if after == len(found.came):
            found.came.append((state, act, expected))
            kept.append((after, state, act))
        if after != state:
            found.edges.extend((state, after))
        if step.verb == "login" and outcome == "allowed" and "of" not in step.arguments:
            found.good.get(str(step.arguments["by"]), set()).add(state)
