"""What a run reached of all that it could: rules, reasons, verbs, checks, faults, errors, transitions, assumptions.

A hit that shows nothing is none:

- Only scenarios that came out as expected count, and in them only what their steps did: preludes count for nothing.
- A reason is reached by a verdict that was written down, in each act whose list asks it, driver's and office's apart; a
  protocol error by a step whose author expected it.
- A verb is reached when its act was allowed, an attacker's also when it was stopped as expected. A fault is reached when
  it struck, a transition when the office's audit log tells it.
- An assumption is varied by a value other than its default.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from softcert.rules.catalogue import RULES
from softcert.rules.checks import ACTS
from softcert.rules.lifecycles import LIFECYCLES
from softcert.rules.policy import ASSUMPTIONS, Policy
from softcert.rules.verdict import Verdict
from softcert_sim.scenario.model import PROTOCOL_ERRORS, Scenario, Step, World
from softcert_sim.scenario.registry import Registry

if TYPE_CHECKING:
    from softcert_sim.results import StepResult

Kind = Literal["rule", "reason", "verb", "check", "fault", "error", "transition", "assumption"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Hit(NamedTuple):
    """Something that was reached, and how: a rule `office allowed`, `driver refused`; a reason `office download refused`;
    anything else in one word."""

    kind: Kind
    name: str
    how: str


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be reached, by any of these hits. Its name is that of `unreached.UNREACHED`, too."""

    kind: Kind
    text: str
    hits: tuple[Hit, ...]

    @property
    def name(self) -> str:
        """Kind and text: `verb plug`, `reason one-time-link/used office download refused`."""
        return f"{self.kind} {self.text}"


Hits = Counter[Hit]
_LISTS = {(act.name, act.side): tuple(act.checks) for act in ACTS}
_DUTIES = tuple(rule.id for rule in RULES.values() if rule.kind == "duty")
_OF_THE_DATABASE = ("result-by-mail", "accountable")
"""Duties of which the office's database is the witness: nothing is asked of it once somebody changed it."""
_DEFAULT = Policy()


# --- What there is ----------------------------------------------------------------------------------------------------


def space(registry: Registry) -> tuple[Item, ...]:
    """Everything that a suite can reach."""
    return tuple(_space(registry))


def _space(registry: Registry) -> Iterator[Item]:
    asked = dict.fromkeys((check.rule, act.side) for act in ACTS for check in act.checks)
    for rule, side in sorted(asked, key=lambda pair: list(RULES).index(pair[0])):
        yield from (_item("rule", rule, f"{side} {word}") for word in ("allowed", "refused"))
    for duty in _DUTIES:
        yield from (_item("rule", duty, word) for word in ("held", "attacked"))
    for act in ACTS:
        yield from (_item("reason", f"{it.rule}/{it.reason}", f"{act.side} {act.name} refused") for it in act.checks)
    for verb in registry.verbs.values():
        if verb.group != "check":
            hows = ("allowed", "stopped") if verb.attack else ("allowed",)
            yield Item("verb", verb.name, tuple(Hit("verb", verb.name, how) for how in hows))
    yield from (_one("check", verb.name, "passed") for verb in registry.verbs.values() if verb.group == "check")
    yield from (_one("fault", name, "struck") for name in registry.faults)
    yield from (_one("error", name, "seen") for name in PROTOCOL_ERRORS)
    for kind, table in LIFECYCLES.items():
        yield from (_one("transition", _line(kind, before, event), "taken") for before, event in table)
    yield from (_one("assumption", name, "varied") for name in ASSUMPTIONS)


def _item(kind: Kind, name: str, how: str) -> Item:
    return Item(kind, f"{name} {how}", (Hit(kind, name, how),))


def _one(kind: Kind, name: str, how: str) -> Item:
    return Item(kind, name, (Hit(kind, name, how),))


def _line(kind: str, before: str, event: str) -> str:
    return f"{kind}: {before}, {event} → {LIFECYCLES[kind].get((before, event), 'nowhere')}"


# --- What one scenario reached ----------------------------------------------------------------------------------------


def hits(scenario: Scenario, results: Sequence["StepResult"], world: World, registry: Registry) -> Hits:
    """What a scenario that came out as expected reached."""
    acts = list(_acts(scenario.steps, results))
    found: Hits = Counter()
    for verdict in world.verdicts:
        found.update(of_verdict(verdict))
    doubted = False
    for step, result in acts:
        doubted = doubted or step.verb == "tamper"
        found.update(_of_act(step, result, scenario, registry, doubted))
    done = [step for step, _ in acts]
    found.update(Hit("fault", name, "struck") for name in world.struck(done))
    for kind, before, event in world.moves(done):
        found[Hit("transition", _line(kind, before, event), "taken")] += 1
    for step in scenario.steps:
        found.update(Hit("error", name, "seen") for name in (step.expected.detail, step.expected.told)
                     if name in PROTOCOL_ERRORS)  # fmt: skip
    for name in scenario.assumed:
        attribute = name.replace("-", "_")
        if getattr(scenario.policy, attribute) != getattr(_DEFAULT, attribute):
            found[Hit("assumption", name, "varied")] += 1
    return found


def _acts(steps: Sequence[Step], results: Sequence["StepResult"]) -> Iterator[tuple[Step, "StepResult"]]:
    """Every act with its result, those that happened at once each for itself."""
    for step, result in zip(steps, results, strict=True):
        if step.together:
            yield from zip(step.together, result.inner, strict=True)
        elif step.verb:
            yield step, result


def of_verdict(verdict: Verdict) -> Iterator[Hit]:
    """Rules and reasons that a verdict put; a changed driver leaves some out."""
    for rule in verdict.asked:
        yield Hit("rule", rule, f"{verdict.side} {'refused' if rule == verdict.rule else 'allowed'}")
    for check in _LISTS.get((verdict.act, verdict.side), ()):
        if check.rule in verdict.asked:
            refused = (check.rule, check.reason) == (verdict.rule, verdict.reason)
            how = f"{verdict.side} {verdict.act} {'refused' if refused else 'allowed'}"
            yield Hit("reason", f"{check.rule}/{check.reason}", how)
            if refused:
                return


def _of_act(
    step: Step, result: "StepResult", scenario: Scenario, registry: Registry, doubted: bool
) -> Iterator[Hit]:
    """A duty is held at each act of a scenario that is about it; what an office is said to hold whose database somebody
    changed is not asked, and not counted."""
    verb = registry.verbs[step.verb]
    if verb.group == "check":
        yield Hit("check", verb.name, "passed")
    else:
        yield Hit("verb", verb.name, "allowed" if result.outcome.kind == "allowed" else "stopped")
    for duty in (duty for duty in _DUTIES if duty in scenario.rules):
        if not (doubted and duty in _OF_THE_DATABASE):
            yield Hit("rule", duty, "held")
        if verb.attack or step.faults:
            yield Hit("rule", duty, "attacked")


# --- What a run reached -----------------------------------------------------------------------------------------------


def merged(parts: Iterable[Mapping[Hit, int]]) -> Hits:
    """The sum over scenarios; their order does not matter."""
    total: Hits = Counter()
    for part in parts:
        total.update(part)
    return total


def unreached(items: Iterable[Item], found: Mapping[Hit, int]) -> list[Item]:
    """What was not reached."""
    return [item for item in items if not any(found.get(hit, 0) for hit in item.hits)]


def from_json(text: str) -> Hits:
    """What the run reached whose JSON this is. Raises ValueError for anything else."""
    try:
        shape = json.loads(text)["coverage"]
        return Hits({
            Hit(kind, name, how): int(count)
            for kind in KINDS
            for name, ways in shape[kind].items()
            for how, count in ways.items()
        })  # fmt: skip
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError("it holds no coverage") from error


def complaints(items: Sequence[Item], found: Mapping[Hit, int], causes: Mapping[str, str]) -> list[str]:
    """A line for each item that was not reached without a cause, and for each cause that does not hold (any more)."""
    missing = [item.name for item in unreached(items, found)]
    known = {item.name for item in items}
    return [
        *(f"{name}: never reached" for name in missing if name not in causes),
        *(f"{name}: is reached, take it out of unreached.py" for name in causes if name in known and name not in missing),
        *(f"{name}: stands in unreached.py, and there is no such thing" for name in causes if name not in known),
    ]
