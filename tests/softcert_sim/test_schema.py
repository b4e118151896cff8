"""The JSON Schema accepts what the loader accepts, and refuses what an editor can know to be wrong."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import toy
import yaml
from jsonschema import Draft7Validator

from softcert_sim.product import product
from softcert_sim.scenario.files import SCHEMA as FILE
from softcert_sim.scenario.files import SUITE, SUITE_SCHEMA, discover, shipped
from softcert_sim.scenario.registry import Registry
from softcert_sim.scenario.schema import Schema, as_text, schema, suite_schema

SCHEMA = json.loads(json.dumps(schema(toy.REGISTRY)))
CHECK = Draft7Validator(SCHEMA)
HEAD = "softcert: 1\nscenario: x\n"


def valid(text: str) -> bool:
    value: Any = yaml.safe_load(text)
    return CHECK.is_valid(value)


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "steps: [{download: {by: li-wei, at: office-pc}, as: a, refused: one-time-link/used}]",
        "steps: [{restart: , fault: cut-answer, broken: unknown}, {wait: 2 days}, {wait: {for: 1 hour}}, {note: n}]",
        "steps: [{restart: , fault: {power-cut: {at: disk-write 3, keeps: 1}}, broken: definite}]",
        "steps: [{fill: {by: li-wei, form: {country: no, n: 12}, tries: 3, full: no}, note: 7}]",
        "steps: [{together: {steps: [{restart: }], succeed: 1}, rejected: badNonce}]",
        "given: {li-wei: a-prelude-of-the-suite}\nsteps: [{restart: }]",
        "rules: [code-once]\ngiven: {li-wei: applied}\npolicy: {pin: 8 to 9, link-visit: burns}\nsteps: [{restart: }]",
        "cast: {people: {w: {kind: applicant, name: W}}, computers: {pc: }}\nexamples: [{a: 1}]\nsteps: [{note: <a>}]",
    ],
)
def test_good_files_are_valid(text: str) -> None:
    assert valid(HEAD + text)


@pytest.mark.parametrize(
    "text",
    [
        "steps: []",
        "steps: [{}]",
        "steps: [{downlaod: {by: li-wei, at: office-pc}}]",
        "steps: [{download: {by: li-wei}}]",
        "steps: [{download: {by: li-wei, at: office-pc, att: x}}]",
        "steps: [{restart: , wait: 1 day}]",
        "steps: [{wait: soon}]",
        "steps: [{restart: , refused: one-time-link/usd}]",
        "steps: [{restart: , rejected: badnonce}]",
        "steps: [{restart: , fault: {powercut: x}}]",
        "steps: [{restart: }]\nrules: [one-time-lnk]",
        "steps: [{restart: }]\npolicy: {link-lifetme: 1 day}",
        "steps: [{restart: }]\ncolour: red",
        "steps: [{restart: , refused: one-time-link/used, rejected: badNonce}]",
        "steps: [{restart: , told: unauthorized}]",
        "steps: [{restart: , limit: ''}]",
    ],
)
def test_bad_files_are_not(text: str) -> None:
    assert not valid(HEAD + text)


def test_verbs_are_described_by_their_docstrings() -> None:
    assert SCHEMA["definitions"]["step"]["properties"]["download"]["title"] == "Download the certificate; works once."


# --- The shipped schema, named in each shipped file's first line ------------------------------------------------------

SHIPPED = json.loads((shipped() / FILE).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "made"), [(FILE, schema), (SUITE_SCHEMA, suite_schema)])
def test_the_shipped_schema_is_the_generated_one(file: str, made: Callable[[Registry], Schema]) -> None:
    text = (shipped() / file).read_text(encoding="utf-8")
    assert text == as_text(made(product().registry)), "run `python -m softcert_sim.docs`"


class Yaml12(yaml.SafeLoader):
    """Editors read YAML 1.2, in which `on` is a word."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [pair for pair in pairs if first in "tTfF" or not pair[0].endswith(":bool")]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def as_an_editor_reads(text: str) -> Any:
    return yaml.load(text, Yaml12)


@pytest.mark.parametrize("file", discover([]), ids=lambda file: f"{file.parent.name}-{file.name}")
def test_a_shipped_file_names_the_schema_for_editors_and_is_valid(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    schema_from_here = os.path.relpath(shipped() / FILE, file.parent)
    assert text.partition("\n")[0] == f"# yaml-language-server: $schema={schema_from_here}"
    assert [error.message for error in Draft7Validator(SHIPPED).iter_errors(as_an_editor_reads(text))] == []


# --- Suites -----------------------------------------------------------------------------------------------------------

SUITES = Draft7Validator(suite_schema(toy.REGISTRY))
STEPS = "steps: [{restart: }]"


def test_the_shipped_suite_names_its_schema_and_is_valid() -> None:
    text = (shipped() / SUITE).read_text(encoding="utf-8")
    assert text.partition("\n")[0] == f"# yaml-language-server: $schema={SUITE_SCHEMA}"
    assert list(Draft7Validator(suite_schema(product().registry)).iter_errors(as_an_editor_reads(text))) == []


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        (f"preludes: {{filed: {{after: applied, about: x, {STEPS}}}}}\npolicy: {{pin: 8 to 9}}", True),
        ("cast: {people: {w: {kind: applicant, mailbox: w@w.example}}}", True),
        ("preludes: {filed: {after: applied}}", False),
        (f"preludes: {{filed: {{afer: applied, {STEPS}}}}}", False),
        ("preludes: {filed: {steps: [{restrt: }]}}", False),
        ("cast: {people: {w: {kind: applicant, mailbx: w@w.example}}}", False),
        (STEPS, False),
    ],
)
def test_suites_are_checked(text: str, valid: bool) -> None:
    assert SUITES.is_valid(yaml.safe_load(f"softcert: 1\n{text}")) is valid
