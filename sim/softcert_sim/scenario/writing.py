"""Scenarios become files: what the loader reads back is the same scenario."""

import textwrap
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast

import yaml

from softcert.rules.policy import Policy
from softcert_sim.scenario.model import Cast, Expectation, Scenario, Step
from softcert_sim.scenario.policies import policy_kinds
from softcert_sim.scenario.registry import Parameter, Registry, Verb, duration_in_words

_WIDTH = 118
_DEFAULT = Policy()
_NOBODY = Cast()


class _Block(dict[str, Any]):
    """A mapping with each key on a line of its own; others stand in one line where they hold plain values."""


class _Dumper(yaml.SafeDumper):
    """Lists stand under their key, two blanks in."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)  # pyright: ignore[reportUnknownMemberType]

    def ignore_aliases(self, data: Any) -> bool:
        """The language has none."""
        return True


def _in_block(dumper: _Dumper, block: _Block) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", block.items(), flow_style=False)


_Dumper.add_representer(_Block, _in_block)


def scenario_text(scenario: Scenario, registry: Registry, *, comment: str = "", shared: Cast = _NOBODY) -> str:
    """A scenario as a file that stands alone, under a comment. Of the cast it holds what is not `shared`.

    A suite's own preludes are named as they stand in `given`; to stand alone, a scenario has none.
    """
    beside = {
        "about": scenario.about,
        "rules": list(scenario.rules),
        "tags": list(scenario.tags),
        "seed": scenario.seed,
        "given": dict(scenario.given),
        "policy": policy_in_words(scenario.policy),
        "cast": _cast_beyond(scenario.cast, shared),
    }
    page: dict[str, Any] = {"softcert": 1, "scenario": scenario.title}
    page |= {key: value for key, value in beside.items() if value not in (None, "", [], {})}
    page["steps"] = [step_as_said(step, registry) for step in scenario.steps]
    text = yaml.dump(page, Dumper=_Dumper, default_flow_style=None, sort_keys=False, allow_unicode=True, width=_WIDTH)
    lines = (line for said in comment.splitlines() for line in textwrap.wrap(said, _WIDTH - 2, subsequent_indent="  "))
    return "".join(f"# {line}\n" for line in lines) + text


def step_as_said(step: Step, registry: Registry) -> dict[str, Any]:
    """A step as it stands in a file: the verb with its arguments, and what stands beside it."""
    said = _Block()
    if step.together:
        said["together"] = {"steps": [step_as_said(part, registry) for part in step.together], "succeed": step.succeed}
        if step.turns:
            said["together"]["turns"] = " ".join(map(str, step.turns))
    elif step.verb:
        said[step.verb] = _arguments(registry.verbs[step.verb], step.arguments)
    beside = {
        "as": step.label,
        "fault": {fault.name: _arguments(registry.faults[fault.name], fault.arguments) for fault in step.faults},
        **_outcome(step.expected),
        "reads": step.expected.reads,
        "part": step.part,
        "quote": step.quote,
        "note": step.note,
    }
    said.update({word: value for word, value in beside.items() if value})
    return said


def policy_in_words(policy: Policy) -> dict[str, Any]:
    """The assumptions that are not the default ones, as a file sets them."""
    said: dict[str, Any] = {}
    for attribute in (field.name for field in fields(Policy)):
        value = getattr(policy, attribute)
        if value != getattr(_DEFAULT, attribute):
            name = attribute.replace("_", "-")
            durations = any(kind.name == "duration" for kind in policy_kinds()[name])
            said[name] = f"{value[0]} to {value[1]}" if name == "pin" else _value(value, durations)
    return said


def _outcome(expected: Expectation) -> dict[str, str]:
    if expected.limit:
        return {"limit": expected.limit}
    return {} if expected.kind == "allowed" else {expected.kind: expected.detail, "told": expected.told}


def _arguments(verb: Verb, arguments: Mapping[str, Any]) -> Any:
    alone = verb.alone
    if alone is not None and list(arguments) == [alone.name]:
        return _argument(alone, arguments[alone.name])
    return {p.name: _argument(p, arguments[p.name]) for p in verb.parameters if p.name in arguments}


def _argument(parameter: Parameter, value: Any) -> Any:
    return _value(value, any(kind.name == "duration" for kind in parameter.kinds))


def _value(value: Any, duration: bool) -> Any:
    return duration_in_words(value) if duration and type(value) is int else value


def _cast_beyond(own: Cast, shared: Cast) -> dict[str, Any]:
    sections = ("people", "computers", "drives")
    beyond = {name: _beyond(getattr(own, name), getattr(shared, name)) for name in sections}
    return {name: members for name, members in beyond.items() if members}


def _beyond(own: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dict(cast(Mapping[str, Any], data)) for name, data in own.items() if name not in shared}
