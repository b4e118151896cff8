"""A run as JUnit XML: one suite for each folder, one case for each scenario; a red one is a failure with its story."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from softcert_sim.results import Results, ScenarioResult
from softcert_sim.story import tell_red

_FORBIDDEN = {code: "�" for code in range(32) if chr(code) not in "\t\n\r"} | {0xFFFE: "�", 0xFFFF: "�"}


def to_junit(results: Results) -> str:
    """The report, with a line end. Times are in seconds."""
    root = ET.Element("testsuites", _numbers("softcert", results.scenarios))
    for folder in dict.fromkeys(_folder(scenario) for scenario in results.scenarios):
        inside = [scenario for scenario in results.scenarios if _folder(scenario) == folder]
        suite = ET.SubElement(root, "testsuite", _numbers(folder, inside))
        for scenario in inside:
            _case(suite, scenario, folder)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False).join(['<?xml version="1.0"?>\n', "\n"])


def _case(suite: ET.Element, scenario: ScenarioResult, folder: str) -> None:
    name = _clean(scenario.title)
    case = ET.SubElement(suite, "testcase", name=name, classname=_clean(folder), file=_clean(scenario.path))
    case.set("time", f"{scenario.elapsed:.6f}")
    red = scenario.red
    if scenario.expected_failure:
        message = f"expected failure: {scenario.expected_failure}"
        ET.SubElement(case, "skipped", message=_clean(message), type="expected-failure").text = _clean(tell_red(scenario))
    elif red:
        message = f"line {red.line}: expected {red.expected}, saw {red.seen}"
        kind = "failure" if red.outcome.kind != "crashed" else "error"
        ET.SubElement(case, kind, message=_clean(message), type=red.differs).text = _clean(tell_red(scenario))


def _numbers(name: str, scenarios: Sequence[ScenarioResult]) -> dict[str, str]:
    red = [scenario.red for scenario in scenarios if scenario.red and not scenario.expected_failure]
    errors = sum(step.outcome.kind == "crashed" for step in red)
    return {
        "name": _clean(name),
        "tests": str(len(scenarios)),
        "failures": str(len(red) - errors),
        "errors": str(errors),
        "skipped": str(sum(bool(scenario.expected_failure) for scenario in scenarios)),
        "time": f"{sum(scenario.elapsed for scenario in scenarios):.6f}",
    }


def _folder(scenario: ScenarioResult) -> str:
    return scenario.path.rpartition("/")[0] or Path.cwd().name


def _clean(text: str) -> str:
    """XML 1.0 has no room for control symbols and lone surrogates, not even escaped."""
    return text.translate(_FORBIDDEN).encode("utf-8", "replace").decode("utf-8")
