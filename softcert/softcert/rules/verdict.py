"""Verdicts: what a list of checks says about the facts of one act."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from softcert.rules.catalogue import RuleId
from softcert.rules.policy import Policy

F = TypeVar("F")
Plain = str | int | bool | None | tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Check(Generic[F]):
    """One line of a list: the act is refused with `rule/reason` when `refuses(facts, policy)` holds.

    `because` names the facts and assumptions that decide; a trace shows them.
    """

    rule: RuleId
    reason: str
    refuses: Callable[[F, Policy], bool]
    because: str


@dataclass(frozen=True, slots=True)
class Act(Generic[F]):
    """An act and its literal, numbered list of checks."""

    name: str
    side: str
    checks: Sequence[Check[F]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allowed, or refused with rule, reason and the facts that decided.

    `asked` lists the rules whose checks were put, the refusing one last.
    """

    act: str
    side: str
    rule: RuleId | None
    reason: str | None
    facts: tuple[tuple[str, Plain], ...]
    asked: tuple[RuleId, ...]

    @property
    def allowed(self) -> bool:
        """Whether no check refused."""
        return self.rule is None

    def __str__(self) -> str:
        return "allowed" if self.rule is None else f"{self.rule}/{self.reason}"


def decide(act: Act[F], facts: F, policy: Policy, *, before: RuleId | None = None) -> Verdict:
    """Put the checks of `act` in their order; the first that refuses names rule and reason.

    `before` stops ahead of the first check of that rule: the driver asks so far, tries the PIN, then asks all.
    """
    asked: list[RuleId] = []
    for check in act.checks:
        if check.rule == before:
            break
        if check.rule not in asked:
            asked.append(check.rule)
        if check.refuses(facts, policy):
            asked.remove(check.rule)
            asked.append(check.rule)
            deciding = _named(check.because.split(), facts, policy)
            return Verdict(act.name, act.side, check.rule, check.reason, deciding, tuple(asked))
    every = dict.fromkeys(name for check in act.checks for name in check.because.split())
    return Verdict(act.name, act.side, None, None, _named(every, facts, policy), tuple(asked))


def _named(names: Iterable[str], facts: object, policy: Policy) -> tuple[tuple[str, Plain], ...]:
    """Each name with its value: a fact's, or else an assumption's."""
    return tuple((name, getattr(facts if hasattr(facts, name) else policy, name)) for name in names)
