"""The engines as detectors: exploration, crashes and races, each bounded, so that a table of all saboteurs takes minutes.

What is told of a scenario that fails as it is written is the business of those who run scenarios, and nobody's here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import NamedTuple

from softcert.rules.catalogue import RULES, RuleId
from softcert_sim.crashes import can_be_struck, strike
from softcert_sim.explorer.scopes import TINY
from softcert_sim.explorer.search import explore
from softcert_sim.product import product
from softcert_sim.races import can_race, race
from softcert_sim.runner import Options, load, names_rule
from softcert_sim.sabotage.sighting import OutOfTime, Sighting, broke_down, in_time, named_in, time_out
from softcert_sim.scenario.model import Scenario, Step
from softcert_sim.stage import Setting, Stage

SCOPE = replace(TINY, depth=4)
IN_SCOPE: tuple[RuleId, ...] = (
    "driver-first", "change-initial-pin", "pin-guards-key", "activate-first", "business-after-activation",
    "same-computer-use", "backup-to-removable", "backup-sealed", "recover-from-removable", "one-computer",
    "valid-certificate", "code-once", "code-secret", "accountable",
)  # fmt: skip
"""The gates that are asked in this scope, and the duties that hold in it."""
STRUCK, SHORT = 2, 12
"""Of the scenarios about a rule as many are struck, of those with at most so many steps."""
TURNS = 200
"""Interleavings of one step."""


def in_scope(rule: RuleId) -> bool:
    """Whether the scope asks this rule."""
    return rule in IN_SCOPE


def exploration(seed: int, rule: RuleId) -> Iterator[Sighting]:
    """The states of scope tiny that four acts reach, whatever the rule; the first violation ends it."""
    where, title = f"scope {SCOPE.name}", f"Depth {SCOPE.depth}"
    try:
        wrong = in_time(partial(explore, SCOPE, seed)).wrong
    except OutOfTime:
        yield time_out(where, title)
    except Exception as error:  # noqa: BLE001  (a saboteur breaks more than he says)
        yield broke_down(where, title, error)
    else:
        if wrong is not None:
            steps, text = wrong
            kind = "error" if "it failed: " in text else "red"
            yield Sighting(kind, where, title, _path(steps), "no violation", text, named_in(text))


def _path(steps: Sequence[Step]) -> str:
    return ", ".join(" ".join([step.verb, *map(str, step.arguments.values())]) for step in steps)


class _Found(NamedTuple):
    """What crashes and races find: what is wrong, what that names, and the scenario that shows it."""

    complaint: str
    names: tuple[str, ...]
    scenario: Scenario


def crashes(seed: int, rule: RuleId) -> Iterator[Sighting]:
    """Short scenarios about the rule, each step struck at every moment."""
    chosen = {(one.path, one.title): one for each in ([rule] if rule else RULES) for one in _to_strike(each)}
    return _looking(seed, chosen.values(), _struck)


def _struck(stage: Stage, scenario: Scenario) -> Iterator[_Found]:
    found = strike(stage, scenario).found
    return (_Found(one.complaint, named_in(one.complaint), one.scenario) for one in found)


def races(seed: int, rule: RuleId) -> Iterator[Sighting]:
    """Every scenario about the rule in which acts happen at once, in every interleaving."""
    return _looking(seed, _to_race(rule), _raced)


def happens_at_once(rule: RuleId) -> bool:
    """Whether any scenario about the rule has acts that happen at once."""
    return bool(_to_race(rule))


def _raced(stage: Stage, scenario: Scenario) -> Iterator[_Found]:
    found = race(stage, scenario, TURNS).found
    return (_Found(one.complaint, (*one.rules, *named_in(one.complaint)), one.scenario) for one in found)


def _looking(
    seed: int, chosen: Iterable[Scenario], work: Callable[[Stage, Scenario], Iterator[_Found]]
) -> Iterator[Sighting]:
    stage = Stage(product(), Setting(seed=seed))
    try:
        for scenario in chosen:
            where = f"{scenario.path}:{scenario.steps[0].line}"
            try:
                seen = in_time(partial(_all, work, stage, scenario))
            except OutOfTime:
                yield time_out(where, scenario.title)
                return
            except Exception as error:  # noqa: BLE001  (as above)
                yield broke_down(where, scenario.title, error)
            else:
                yield from (_sighted(found, scenario) for found in seen)
    finally:
        stage.close()


def _all(work: Callable[[Stage, Scenario], Iterator[_Found]], stage: Stage, scenario: Scenario) -> list[_Found]:
    return list(work(stage, scenario))


def _sighted(found: _Found, scenario: Scenario) -> Sighting:
    """The step that was struck or went by turns, and what was wrong then."""
    step = next((step for step in reversed(found.scenario.steps) if step.faults or step.turns), found.scenario.steps[-1])
    how = ", ".join(fault.name for fault in step.faults) or " ".join(map(str, step.turns))
    kind = "error" if found.complaint.startswith(("it failed", "system: ")) else "red"
    where, said = f"{scenario.path}:{step.line}", f"{step.verb} ({how})"
    return Sighting(
        kind, where, scenario.title, said, "nothing lost or out of order", found.complaint,
        tuple(dict.fromkeys(found.names)), scenario.rules,
    )  # fmt: skip


@lru_cache(maxsize=1)
def shipped_scenarios() -> Sequence[Scenario]:
    """All of them, read once."""
    return load([], Options(), product())


@lru_cache(maxsize=32)
def _to_race(rule: RuleId) -> Sequence[Scenario]:
    chosen = [one for one in shipped_scenarios() if any(map(can_race, one.steps))]
    return [one for one in chosen if not rule or names_rule(one, rule)]


@lru_cache(maxsize=32)
def _to_strike(rule: RuleId) -> Sequence[Scenario]:
    """Of the short scenarios about the rule those with the most verbs that the ones before them do not have."""
    left = [one for one in shipped_scenarios() if names_rule(one, rule) and len(one.steps) <= SHORT]
    chosen: list[Scenario] = []
    covered: set[str] = set()
    while left and len(chosen) < STRUCK:
        best = max(left, key=lambda one: (len(_verbs(one) - covered), -len(one.steps)))
        left.remove(best)
        if _verbs(best) - covered:
            chosen.append(best)
            covered |= _verbs(best)
    return chosen


def _verbs(scenario: Scenario) -> set[str]:
    return {step.verb for step in scenario.steps if can_be_struck(step)}
