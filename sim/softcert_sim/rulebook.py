"""The catalogue as `softcert rules` shows it: all rules in a line each, or one whole."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from softcert.rules.catalogue import CLAUSES, RULES, Rule
from softcert.rules.checks import ACTS
from softcert.rules.policy import ASSUMPTIONS, Policy
from softcert_sim.columns import width
from softcert_sim.coverage import Hit, Item
from softcert_sim.covered import in_one_line, never_reached
from softcert_sim.runner import names_rule
from softcert_sim.scenario.model import Scenario
from softcert_sim.scenario.registry import duration_in_words
from softcert_sim.tables import GAP, columns

_GATE_WAYS = ("driver allowed", "driver refused", "office allowed", "office refused")
_DUTY_WAYS = ("held", "attacked")


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


def covered_rules(items: Sequence[Item], found: Mapping[Hit, int]) -> str:
    """How often each rule allowed and refused in a run, by driver and by office; and all that was never reached."""
    lines: list[str] = []
    for kind, ways in (("gate", _GATE_WAYS), ("duty", _DUTY_WAYS)):
        asked = {hit for item in items for hit in item.hits}
        of_kind = [rule.id for rule in RULES.values() if rule.kind == kind]
        hits = [[Hit("rule", rule, way) for way in ways] for rule in of_kind]
        rows = [[row[0].name, *(str(found.get(hit, 0)) if hit in asked else GAP for hit in row)] for row in hits]
        lines += columns((kind, *ways), rows)
    never = never_reached(items, found)
    return "\n".join([*lines, in_one_line(items, found), *never]) + "\n"


def one_rule(rule: Rule, scenarios: Sequence[Scenario] | None, found: Mapping[Hit, int] | None = None) -> str:
    """Everything about a rule. `scenarios` None: they could not be read. `found` is what a run reached."""
    lines = [f"{rule.id} ({rule.kind})", "═" * (len(rule.id) + len(rule.kind) + 3)]
    lines += textwrap.wrap(rule.reading, width())
    lines += ["", *_entry("enforced by", rule.enforcer), *_entry("does not stop", rule.does_not_stop)]
    lines += ["", "Clauses" if rule.clauses else "Clauses: none; it comes from how certificates work."]
    for clause in rule.clauses:
        lines += _hanging(f"  {clause}  ", f"“{CLAUSES[clause]}”")
    if rule.kind == "gate":
        lines += ["", "Reasons, and the acts in which each is asked"]
        for reason in rule.reasons:
            acts = _acts_asking(rule, reason, found)
            heads = [f"  {rule.id}/{reason:<24} ", *[" " * (len(rule.id) + 28)] * len(acts)]
            told = [", ".join(acts)] if found is None else acts
            lines += [head + act for head, act in zip(heads, told, strict=False)]
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


def _acts_asking(rule: Rule, reason: str, found: Mapping[Hit, int] | None) -> list[str]:
    """Acts and, in brackets, side and number of the check in the act's list; what it did in a run."""
    return [
        f"{act.name} ({act.side} {number}){_times(f'{rule.id}/{reason}', f'{act.side} {act.name}', found)}"
        for act in ACTS
        for number, check in enumerate(act.checks, 1)
        if (check.rule, check.reason) == (rule.id, reason)
    ]


def _times(reason: str, where: str, found: Mapping[Hit, int] | None) -> str:
    if found is None:
        return ""
    refused, allowed = (found.get(Hit("reason", reason, f"{where} {word}"), 0) for word in ("refused", "allowed"))
    return f": refused {refused}, let pass {allowed}"


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
    return textwrap.wrap(text, width(), initial_indent=head, subsequent_indent=" " * len(head))


_POLICY = Policy()
