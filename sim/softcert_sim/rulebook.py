"""The catalogue as `softcert rules` shows it: all rules in a line each, or one whole."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, cast

from softcert.rules.catalogue import CLAUSES, RULES, Rule
from softcert.rules.checks import ACTS
from softcert.rules.policy import ASSUMPTIONS, Policy
from softcert_sim.runner import names_rule
from softcert_sim.scenario.model import Scenario
from softcert_sim.scenario.registry import duration_in_words

_WIDTH = 110


def all_rules() -> str:
    """Every rule in one line, and every assumption."""
    wide = max(len(rule) for rule in RULES)
    lines = ["The rules, in the order in which acts ask them:", ""]
    for rule in RULES.values():
        lines += _hanging(f"  {rule.id:<{wide}}  {rule.kind}  ", rule.reading)
    lines += ["", "What the source leaves open, with the default of each assumption:", ""]
    wide = max(len(name) for name in ASSUMPTIONS)
    for name, why in ASSUMPTIONS.items():
        lines += _hanging(f"  {name:<{wide}}  ", f"{default_of(name)}: {why}")
    return "\n".join([*lines, "", "softcert rules ID shows one rule whole."]) + "\n"


def one_rule(rule: Rule, scenarios: Sequence[Scenario] | None) -> str:
    """Everything about a rule. `scenarios` None: they could not be read."""
    lines = [f"{rule.id} ({rule.kind})", "═" * (len(rule.id) + len(rule.kind) + 3)]
    lines += textwrap.wrap(rule.reading, _WIDTH)
    lines += ["", *_entry("enforced by", rule.enforcer), *_entry("does not stop", rule.does_not_stop)]
    lines += ["", "Clauses" if rule.clauses else "Clauses: none; it comes from how certificates work."]
    for clause in rule.clauses:
        lines += _hanging(f"  {clause}  ", f"“{CLAUSES[clause]}”")
    if rule.kind == "gate":
        lines += ["", "Reasons, and the acts in which each is asked"]
        lines += [f"  {rule.id}/{reason:<24} {', '.join(_acts_asking(rule, reason))}" for reason in rule.reasons]
    if rule.assumptions:
        lines += ["", "Assumptions"]
        for name in rule.assumptions:
            lines += _hanging(f"  {name}  ", f"{default_of(name)}: {ASSUMPTIONS[name]}")
    return "\n".join([*lines, "", *_scenarios(rule, scenarios)]) + "\n"


def default_of(assumption: str) -> str:
    """The default of an assumption as a scenario would write it."""
    value: Any = getattr(_POLICY, assumption.replace("-", "_"))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " to ".join(map(str, cast(tuple[int, int], value)))
    return duration_in_words(value) if assumption.endswith(("-lifetime", "-time")) else str(value)


def _acts_asking(rule: Rule, reason: str) -> list[str]:
    """Acts and, in brackets, side and number of the check in the act's list."""
    return [
        f"{act.name} ({act.side} {number})"
        for act in ACTS
        for number, check in enumerate(act.checks, 1)
        if (check.rule, check.reason) == (rule.id, reason)
    ]


def _scenarios(rule: Rule, scenarios: Sequence[Scenario] | None) -> Iterator[str]:
    if scenarios is None:
        yield "Scenarios: the shipped ones cannot be read; `softcert lint` says why."
        return
    naming = [scenario for scenario in scenarios if names_rule(scenario, rule.id)]
    yield f"Scenarios that name it: {len(naming) or 'none'}"
    for scenario in naming:
        yield f"  {scenario.path}: {scenario.title}"


def _entry(label: str, text: str) -> list[str]:
    return _hanging(f"{label:<15}", text)


def _hanging(head: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH + 10, initial_indent=head, subsequent_indent=" " * len(head))


_POLICY = Policy()
