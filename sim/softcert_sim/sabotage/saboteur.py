"""What a saboteur declares: whom he breaks, how, and by what he must be found out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args

from softcert.rules.catalogue import RULES, RuleId
from softcert_sim.sabotage.hand import Hand

Kind = Literal[
    "check removed", "off by one", "wrong order", "not atomic", "wrong scope", "one side only", "not persisted",
    "compared loosely", "refused but changed", "leaked", "wrong reason", "done twice", "made weak",
    "not forgotten", "nothing",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
CONTROL = "nothing-broken"
"""The saboteur that breaks nothing: whoever sees him sees ghosts."""


@dataclass(frozen=True, slots=True)
class Saboteur:
    """`breaks` says in one sentence what is broken. `fails` are the rules, invariants (by their rule) and checks by which
    he must be found out; a check counts in scenarios that are about the rule. `survives`: why nobody finds him, if so.
    """

    id: str
    rule: RuleId
    kind: Kind
    breaks: str
    fails: tuple[str, ...]
    survives: str
    act: Callable[[Hand], None]


_DECLARED: dict[str, Saboteur] = {}


def saboteur(
    rule: RuleId, kind: Kind, breaks: str, *, fails: str = "", survives: str = ""
) -> Callable[[Callable[[Hand], None]], Callable[[Hand], None]]:
    """Declare a function as the saboteur of a rule; its name becomes the id. `fails` adds to the rule itself."""

    def declared(act: Callable[[Hand], None]) -> Callable[[Hand], None]:
        name = act.__name__.replace("_", "-")
        if name in _DECLARED or (rule and rule not in RULES):
            raise ValueError(f"{name}: this saboteur is declared twice, or his rule {rule} is none.")
        _DECLARED[name] = Saboteur(name, rule, kind, breaks, tuple(filter(None, (rule, *fails.split()))), survives, act)
        return act

    return declared


@saboteur("", "nothing", "Nothing is broken: each verdict is decided and each act performed as before.")
def nothing_broken(hand: Hand) -> None:
    """Goes in where everybody passes, and does what was done there before."""

    def instead(decide: Any, *args: Any, **named: Any) -> Any:
        return decide(*args, **named)

    hand.wrap("softcert.rules.verdict.decide", instead)


def by_rule(saboteurs: Mapping[str, Saboteur]) -> dict[RuleId, list[Saboteur]]:
    """The saboteurs of each rule, in the catalogue's order; the one who breaks nothing is none of them."""
    return {rule: [one for one in saboteurs.values() if one.rule == rule] for rule in RULES}


@lru_cache(maxsize=1)
def every() -> Mapping[str, Saboteur]:
    """All of them by id: first the one who breaks nothing, then rule by rule."""
    from softcert_sim.sabotage import duties, gates, moves  # they declare

    assert all((gates, duties, moves))
    ordered = [_DECLARED[CONTROL], *(one for own in by_rule(_DECLARED).values() for one in own)]
    return {one.id: one for one in ordered}
