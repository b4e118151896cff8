"""Whether a key keeps its word: from a state that was reached in two ways every act has the same outcomes, both times.

Of the two only the first was expanded. Where the second has others in its place (computers, say), so have its acts: what
is compared is how often each verb came out how, and led where.
"""

from collections import Counter
from random import Random
from typing import Any

from softcert_sim.explorer.expand import Expander, Expansion
from softcert_sim.explorer.search import Found
from softcert_sim.scenario.model import Step


def differing(found: Found, seed: int, samples: int) -> tuple[int, list[list[Step]]]:
    """How many states were looked at, of those reached again, and the paths to those from which anything is otherwise."""
    again = [way for way in found.each_way() if found.came[way[2]][:2] != way[:2] and way[2] not in found.border]
    chosen = Random(seed).sample(again, min(samples, len(again)))
    expander, wrong = Expander(found.scope, seed), list[list[Step]]()
    for state, act, after in chosen:
        ways = (found.path(after), (*found.path(state), act))
        first, second = (_told(found, expander.from_there(expander.at(way))) for way in ways)
        if first != second:
            wrong.append([*found.story(state), found.steps[act]])
    expander.close()
    return len(chosen), wrong


def _told(found: Found, made: Expansion) -> Counter[tuple[Any, ...]]:
    steps = ((found.steps[one.act], one) for one in made.transitions)
    return Counter((step.verb, *(fault.name for fault in step.faults), one.outcome, one.key) for step, one in steps)
