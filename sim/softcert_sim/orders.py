"""Whose turn it is among acts that happen at once, and in which orders they may have been done."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import permutations

from softcert_sim.scenario.model import Step

Choose = Callable[[Sequence[int]], int]
"""Of the acts that have not ended, by their numbers: the one whose turn it is."""


def in_order(turns: Sequence[int]) -> Choose:
    """These turns, numbers counted from 1; those of acts that ended are passed over, and when none is left the acts end
    one after the other."""
    left = list(turns)

    def choose(going: Sequence[int]) -> int:
        while left:
            number = left.pop(0) - 1
            if number in going:
                return number
        return going[0]

    return choose


def orders(steps: Sequence[Step]) -> Iterator[tuple[int, ...]]:
    """Every order of these acts, by their numbers. The same act asked twice at one computer may be one request, which the
    office answers alike until it is acknowledged: so besides, orders in which some of several such acts are left out."""
    for count in range(len(steps), 0, -1):
        for order in permutations(range(len(steps)), count):
            if all(number in order or _twins(number, order, steps) for number in range(len(steps))):
                yield order


def explains(came: Mapping[int, str], steps: Sequence[Step], outcomes: Sequence[str]) -> bool:
    """Whether acts that came out so in some order, by their numbers, explain these outcomes of all."""
    return all(
        outcome == came[number] if number in came else outcome in [came[twin] for twin in _twins(number, came, steps)]
        for number, outcome in enumerate(outcomes)
    )


def _twins(number: int, done: Iterable[int], steps: Sequence[Step]) -> list[int]:
    """Those of the done that are the same act at the same computer."""
    mine = steps[number]
    alike = [other for other in done if (steps[other].verb, steps[other].arguments) == (mine.verb, mine.arguments)]
    return alike if "at" in mine.arguments else []
