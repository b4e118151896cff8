"""The JSON Schemas of scenario files and suites, made from the registry, for editors that complete and check.

The loader is stricter: it knows the cast, the suite, earlier labels and the source's words. Editors type scalars by
YAML's own rules, so wherever the language reads text the schema lets numbers and booleans pass; and wherever an example's
value may stand it lets `<name>` pass.
"""

import json
from collections.abc import Iterable
from itertools import combinations
from typing import Any

from softcert.rules.catalogue import RULES
from softcert.rules.policy import ASSUMPTIONS
from softcert_sim.scenario.cast import DRIVES, ELEMENTS, PEOPLE, PROPERTIES
from softcert_sim.scenario.model import PROTOCOL_ERRORS
from softcert_sim.scenario.outcomes import BROKEN, OUTCOMES
from softcert_sim.scenario.policies import policy_kinds
from softcert_sim.scenario.registry import Kind, Parameter, Registry, Verb
from softcert_sim.scenario.suite import VERSION
from softcert_sim.scenario.values import DURATION_PATTERN, FLAGS, NUMBER_PATTERN

Schema = dict[str, Any]

_TEXT: Schema = {"type": ["string", "number", "boolean"]}
_STEPS: Schema = {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/step"}}
_SAID: Schema = {**_TEXT, "minLength": 1}
_SLOT = "<[a-z][a-z0-9-]*>"
_WHAT = {
    "person": "A person of the cast.",
    "computer": "A computer of the cast.",
    "drive": "A drive of the cast.",
    "label": "The name that an earlier step gave with `as`.",
}


def schema(registry: Registry) -> Schema:
    """The whole schema of a scenario file, in the draft that every editor's language server reads (JSON Schema 7)."""
    properties = {
        **_shared(),
        "scenario": {**_SAID, "description": "The title; no other scenario has it."},
        "about": {**_TEXT, "description": "What it shows and why."},
        "rules": {"type": "array", "items": _choice(RULES)},
        "tags": {"type": "array", "items": _TEXT},
        "given": _given(registry),
        "seed": {"type": "integer", "minimum": 0},
        "examples": {"type": "array", "minItems": 1, "items": _mapping(_TEXT)},
        "steps": _STEPS,
    }
    return _document("softcert scenario", ["scenario", "steps"], properties, registry)


def suite_schema(registry: Registry) -> Schema:
    """The whole schema of a `suite.yaml`."""
    prelude: Schema = {
        "type": "object",
        "required": ["steps"],
        "additionalProperties": False,
        "properties": {
            "about": {**_TEXT, "description": "Where this prelude leads to."},
            "after": {**_prelude(registry), "description": "The prelude that it goes on from."},
            "steps": _STEPS,
        },
    }
    preludes = {"description": "Places to begin at, told in steps.", **_mapping(prelude)}
    return _document("softcert suite", [], {**_shared(), "preludes": preludes}, registry)


def as_text(schema: Schema) -> str:
    """A schema as `softcert schema` prints it and a file beside the scenarios holds it, with a line end."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _document(title: str, required: list[str], properties: Schema, registry: Registry) -> Schema:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
        "type": "object",
        "required": ["softcert", *required],
        "additionalProperties": False,
        "properties": properties,
        "definitions": {
            "step": _step(registry),
            "fault": _fault(registry),
            "refusal": _choice(f"{rule.id}/{reason}" for rule in RULES.values() for reason in rule.reasons),
        },
    }


def _shared() -> Schema:
    """What scenarios and suites can say alike."""
    version: Schema = {"enum": [int(VERSION), VERSION], "description": "Version of the language."}
    return {"softcert": version, "policy": _policy(), "cast": _cast()}


def _step(registry: Registry) -> Schema:
    """Beside the words of a step stands one verb at most; every other key is unknown."""
    verbs = {verb.name: _arguments(verb) for verb in registry.verbs.values()}
    together: Schema = {
        "type": "object",
        "description": "Acts that happen at once, of which `succeed` succeed.",
        "required": ["steps", "succeed"],
        "additionalProperties": False,
        "properties": {
            "steps": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/step"}},
            "succeed": {"type": "integer", "minimum": 0},
            "turns": {"type": ["string", "integer"], "description": "Whose turn it is, one after the other: 1 2 2 1."},
        },
    }
    acts = {**verbs, "together": together}
    none = {"not": {"anyOf": [{"required": [name]} for name in acts]}}
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {**_words(), **acts},
        "patternProperties": {f"^{_SLOT}$": {}},
        "dependencies": {"told": ["refused"]},
        "allOf": [{"not": {"required": [*two]}} for two in combinations(OUTCOMES, 2)],
        "oneOf": [*({"required": [name]} for name in acts), none],
    }


def _words() -> Schema:
    texts = {
        "part": "A heading.",
        "quote": "The source's own words, … for words left out.",
        "note": "A word to the reader.",
        "as": "A name for this step, for later ones.",
        "limit": "Why the attack succeeds.",
        "reads": "Words that stand in the text which the user gets.",
    }
    return {
        **{name: {**_SAID, "description": text} for name, text in texts.items()},
        "refused": {"$ref": "#/definitions/refusal", "description": "The rule and reason of the refusal."},
        "rejected": {**_choice(PROTOCOL_ERRORS), "description": "The protocol's error."},
        "broken": {**_choice(BROKEN), "description": "Machine or line failed: surely not done, or unknown."},
        "told": {
            "anyOf": [{"$ref": "#/definitions/refusal"}, {"enum": list(PROTOCOL_ERRORS)}],
            "description": "What the user is told where that is less than the verdict.",
        },
        "fault": {"$ref": "#/definitions/fault", "description": "What strikes this step."},
    }


def _fault(registry: Registry) -> Schema:
    faults = {fault.name: _arguments(fault) for fault in registry.faults.values()}
    bare = [name for name, fault in registry.faults.items() if not any(p.required for p in fault.parameters)]
    mapping: Schema = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": faults,
        "patternProperties": {f"^{_SLOT}$": {}},
    }
    return {"anyOf": [mapping, *([{"enum": bare}] if bare else [])]}


def _arguments(verb: Verb) -> Schema:
    required = [parameter.name for parameter in verb.parameters if parameter.required]
    mapping: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {parameter.name: _parameter(parameter) for parameter in verb.parameters},
        **({"required": required} if required else {}),
    }
    shapes = [mapping]
    if verb.alone is not None and required in ([], [verb.alone.name]):
        shapes.append(_parameter(verb.alone))
    if not required:
        shapes.append({"type": "null"})
    described = {"description": verb.text, "title": verb.doc}
    return {**mapping, **described} if len(shapes) == 1 else {"anyOf": shapes, **described}


def _parameter(parameter: Parameter) -> Schema:
    shape = _one_of(parameter.kinds)
    default = parameter.default
    if isinstance(default, (str, int)) and default != "":
        return {**shape, "default": default}
    return shape


def _one_of(kinds: tuple[Kind, ...]) -> Schema:
    shapes = [_kind(kind) for kind in kinds]
    return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}


def _kind(kind: Kind) -> Schema:
    if kind.name in _WHAT:
        return {"type": "string", "description": _WHAT[kind.name]}
    if kind.name == "choice":
        return _choice(kind.choices)
    if kind.name == "moment":
        return {"type": "string", "pattern": f"^({'|'.join(kind.choices)}) [1-9][0-9]*$|{_SLOT}"}
    if kind.name == "list":
        return {"type": "array", "items": _one_of(kind.of)}
    if kind.name == "form":
        return _mapping(_one_of(kind.of))
    return {
        "text": _TEXT,
        "number": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": f"^({NUMBER_PATTERN}|{_SLOT})$"}]},
        "count": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": f"^([1-9][0-9]*|{_SLOT})$"}]},
        "flag": {"anyOf": [{"enum": [True, False, *FLAGS]}, {"type": "string", "pattern": _SLOT}]},
        "duration": {"type": "string", "pattern": f"^({DURATION_PATTERN})$|{_SLOT}"},
    }[kind.name]


def _given(registry: Registry) -> Schema:
    return {"description": "Where each person begins.", **_mapping(_prelude(registry))}


def _prelude(registry: Registry) -> Schema:
    own = {"type": "string", "description": "A prelude of the suite."}
    return {"anyOf": [{"enum": list(registry.prelude_names())}, own]}


def _policy() -> Schema:
    ranges: Schema = {"type": "string", "pattern": "^[1-9][0-9]* to [1-9][0-9]*$"}
    shapes = {name: _one_of(kinds) if kinds else ranges for name, kinds in policy_kinds().items()}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: {**shape, "description": ASSUMPTIONS[name]} for name, shape in shapes.items()},
    }


def _cast() -> Schema:
    def members(section: str, name: str, choices: tuple[str, ...]) -> Schema:
        known = {**dict.fromkeys(PROPERTIES[section], _TEXT), name: {"enum": list(choices)}}
        return _mapping({"type": ["object", "null"], "additionalProperties": False, "properties": known})

    return {
        "description": "More people, computers and drives.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "people": members("people", "kind", PEOPLE),
            "computers": members("computers", "element", ELEMENTS),
            "drives": members("drives", "kind", DRIVES),
        },
    }


def _choice(words: Iterable[str]) -> Schema:
    """One of these, or an example's value in its place."""
    return {"anyOf": [{"enum": list(words)}, {"type": "string", "pattern": _SLOT}]}


def _mapping(of: Schema) -> Schema:
    return {"type": "object", "additionalProperties": of}
