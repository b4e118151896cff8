"""The documented shapes: JSON and JUnit XML."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import toy

from softcert.rules.catalogue import CLAUSES, RULES
from softcert_sim.junit import to_junit
from softcert_sim.results import VERSION, Results, ScenarioResult, to_json
from softcert_sim.scenario.loader import Loader
from softcert_sim.stage import Setting, Stage

FILES = {
    "3/used.yaml": (
        "softcert: 1\nscenario: Used\nrules: [one-time-link]\ntags: [link]\nsteps:\n"
        "  - part: (3)\n    quote: once downloaded, the address will be invalid\n"
        "  - download: {by: li-wei, at: office-pc}\n"
        "  - download: {by: li-wei, at: office-pc}\n    refused: one-time-link/used\n    note: Again.\n"
    ),
    "3/limit.yaml": (
        "softcert: 1\nscenario: Limit\nsteps: [{steal: {by: thief, what: li-wei}, limit: Nobody stops it.}]\n"
    ),
    "4/red.yaml": "softcert: 1\nscenario: Red <&\nsteps: [{misbehave: violate}]\n",
    "4/crash.yaml": 'softcert: 1\nscenario: "Crash \\u0007"\nsteps: [{misbehave: crash}]\n',
    "top.yaml": "softcert: 1\nscenario: Top\nsteps: [{together: {steps: [{restart: }, {restart: }], succeed: 2}}]\n",
}


@pytest.fixture(scope="module")
def results() -> Results:
    stage = Stage(toy.suite(), Setting())
    done: list[ScenarioResult] = [
        stage.run(Loader(toy.REGISTRY).load_text(path, text, toy.CAST)[0]) for path, text in FILES.items()
    ]
    return Results(1, done, elapsed=0.5)


def test_the_json_has_its_documented_shape(results: Results) -> None:
    shape = json.loads(to_json(results))
    assert list(shape) == ["version", "seed", "totals", "rules", "clauses", "coverage", "scenarios"]
    assert (shape["version"], shape["seed"]) == (VERSION, 1)
    assert shape["totals"] == {"scenarios": 5, "as_expected": 2, "not_as_expected": 2, "limits": 1, "expected_failures": 0,
                               "acts": 7, "opinions": 0}  # fmt: skip
    assert list(shape["rules"]) == list(RULES)
    assert shape["rules"]["one-time-link"] == {"kind": "gate", "allowed": 1, "refused": 1}
    assert shape["rules"]["code-once"] == {"kind": "duty", "held": 0, "attacked": 0}
    assert list(shape["clauses"]) == list(CLAUSES)
    assert shape["clauses"]["c18"] == {"rules": ["one-time-link"], "scenarios": 1, "steps": 1}
    used = shape["scenarios"][0]
    assert (used["file"], used["title"], used["outcome"]) == ("3/used.yaml", "Used", "as-expected")
    assert (used["rules"], used["tags"], used["seed"]) == (["one-time-link"], ["link"], 1)
    assert len(used["digest"]) == 64


def test_a_step_in_the_json(results: Results) -> None:
    scenarios = json.loads(to_json(results))["scenarios"]
    quote = "once downloaded, the address will be invalid"
    assert scenarios[0]["steps"][0] == {"line": 6, "part": "(3)", "quote": quote, "clauses": ["c18"]}
    assert scenarios[0]["steps"][2] == {
        "line": 9,
        "verb": "download",
        "arguments": {"by": "li-wei", "at": "office-pc"},
        "sentence": "li-wei downloads at office-pc",
        "expected": "refused one-time-link/used",
        "outcome": "refused one-time-link/used",
        "text": "The address was used. Ask the office.",
        "facts": {**toy.FACTS, "address": "used", "driver_needed": [1, 0, 0], "driver_version": [1, 0, 0]},
        "why": [
            {
                "side": "office",
                "sentence": "Refused by one-time-link (used): office-pc used this address on 8 January 2026 at 10:00 "
                "(UTC+8).",
            }
        ],
        "note": "Again.",
        "clauses": ["c16", "c17", "c18"],
    }
    assert scenarios[1]["steps"][0]["limit"] == "Nobody stops it."
    assert scenarios[2]["steps"][0]["differs"] == "invariant"
    assert [step["verb"] for step in scenarios[4]["steps"][0]["steps"]] == ["restart", "restart"]


def test_the_json_is_equal_on_every_run(results: Results) -> None:
    again = [
        Stage(toy.suite(), Setting()).run(Loader(toy.REGISTRY).load_text(path, text, toy.CAST)[0])
        for path, text in FILES.items()
        if path.startswith("3/")
    ]
    assert to_json(Results(1, again)) == to_json(Results(1, results.scenarios[:2], elapsed=9))


def test_the_junit_report_is_well_formed_and_counts(results: Results) -> None:
    root = ET.fromstring(to_junit(results))
    assert root.tag == "testsuites"
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "1", "1")
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["3", "4", Path.cwd().name]
    assert (suites["4"].get("tests"), suites["4"].get("failures"), suites["4"].get("errors")) == ("2", "1", "1")
    failure = suites["4"].find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "invariant"
    assert failure.get("message", "").startswith("line ")
    assert "saw failed" not in failure.get("message", "")
    assert "softcert run 4/red.yaml --seed 1" in str(failure.text)
    assert [case.get("name") for case in suites["3"]] == ["Used", "Limit"]
    assert suites["4"][0].get("name") == "Red <&"
