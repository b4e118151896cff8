"""What a tester sees of scenarios under pytest: names, markers, red, broken files, reports; and that others see nothing."""

import os
import subprocess
import sys
from importlib.metadata import entry_points
from xml.etree import ElementTree as ET

import pytest
from test_cli import SLOW_MODULES

from softcert_sim.product import product

pytest_plugins = ["pytester"]
assert entry_points(group="pytest11", name="softcert"), "install anew, `pip install -e .`, so that pytest finds the plugin"
assert product, "imported before `pytester` remembers which modules there are: verbs register once a process"

GREEN = """\
softcert: 1
scenario: He visits <pc>
rules: [confirm-computer]
tags: [attack, easy going, skip, _x, "(!)", 错误]
examples: [{pc: office-pc}, {pc: home-pc}]
steps:
  - visit: {by: li-wei, at: <pc>}
"""
RED = """\
softcert: 1
scenario: "Red: nothing was issued"
given: {li-wei: approved}
steps:
  - check-certificates: {of: li-wei, count: 1}
"""
TOLD = (
    "red.scenario.yaml:5: Red: nothing was issued",
    "    certificates of li-wei: 1",
    "       expected certificates issued: 1",
    "       seen     0",
    "       differs  The author differs from oracle and system.",
)


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Runs pytest in an empty folder with these files."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def call(*options: str, **files: str) -> pytest.RunResult:
        for name, text in files.items():
            (pytester.path / f"{name}.scenario.yaml").write_text(text, encoding="utf-8")
        return pytester.runpytest_inprocess("-p", "no:randomly", "--strict-markers", "-W", "error", *options)

    return call


def names(result: pytest.RunResult) -> list[str]:
    return [line.rpartition("::")[2] for line in result.outlines if "::" in line]


def test_each_example_is_a_test_that_bears_its_title(run) -> None:
    result = run("--collect-only", "-q", green=GREEN, red=RED)
    assert names(result) == [
        "He visits office-pc #1 (pc office-pc)",
        "He visits home-pc #2 (pc home-pc)",
        "Red: nothing was issued",
    ]
    run("-k", "visits and home").assert_outcomes(passed=1, deselected=2)


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [("attack", 2), ("easy-going and confirm-computer", 2), ("softcert-skip", 2), ("x", 2), ("错误", 2),
     ("one-time-link", 0), ("not attack", 0)],
)  # fmt: skip
def test_rules_and_tags_are_markers(run, expression: str, chosen: int) -> None:
    run("-m", expression, green=GREEN).assert_outcomes(passed=chosen, deselected=2 - chosen)


def test_a_tag_never_changes_what_pytest_does(run) -> None:
    run(green=GREEN).assert_outcomes(passed=2, skipped=0)


def test_red_is_told_as_the_runner_tells_it(run) -> None:
    result = run(red=RED)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    for line in (*TOLD, "       again    softcert run red.scenario.yaml --seed 1"):
        assert line in result.outlines
    text = result.stdout.str()
    assert "Traceback" not in text
    assert "pytest_plugin" not in text
    assert "FAILED red.scenario.yaml::Red: nothing was issued - line 5: expected certific" in text


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "parallel"])
def test_a_junit_report_holds_the_story(run, pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    run("--junit-xml", "report.xml", *workers, green=GREEN, red=RED).assert_outcomes(passed=2, failed=1)
    cases = {case.get("name"): case for case in ET.parse(pytester.path / "report.xml").iter("testcase")}
    failure = cases["Red: nothing was issued"].find("failure")
    assert failure is not None
    assert failure.get("message") == "line 5: expected certificates issued: 1, saw 0"
    assert set(TOLD) <= set(str(failure.text).splitlines())
    visited = cases["He visits office-pc #1 (pc office-pc)"]
    assert {item.get("name") for item in visited.iter("property")} == {"seed", "digest"}


def test_a_broken_file_is_an_error_of_collection_in_the_loaders_words(run) -> None:
    result = run(green=GREEN, bad=RED.replace("given", "gifen"))
    assert result.ret == pytest.ExitCode.INTERRUPTED
    for line in (
        "bad.scenario.yaml:3:1: no such key `gifen`",
        "     3 | gifen: {li-wei: approved}",
        "       | ^",
        "         did you mean `given`?",
    ):
        assert line in result.outlines
    assert "Traceback" not in result.stdout.str()
    result.assert_outcomes(errors=1)


def test_seed_transport_and_artifacts(run, pytester: pytest.Pytester) -> None:
    options = ("--softcert-seed", "7", "--softcert-transport", "loopback", "--softcert-artifacts", "out")
    result = run(*options, green=GREEN, red=RED)
    result.assert_outcomes(passed=2, failed=1)
    assert "softcert run red.scenario.yaml --seed 7 --transport loopback" in result.stdout.str()
    assert (pytester.path / "out" / "green.scenario-1" / "MANIFEST.txt").exists()


@pytest.mark.parametrize("options", [("--softcert-seed", "-1"), ("--softcert-transport", "pigeon")])
def test_an_option_that_cannot_be_is_refused(run, options: tuple[str, ...]) -> None:
    assert run(*options, green=GREEN).ret == pytest.ExitCode.USAGE_ERROR


def test_without_a_scenario_nothing_is_imported_and_nothing_collected(pytester: pytest.Pytester) -> None:
    modules = repr((*SLOW_MODULES, "softcert", "softcert_sim.scenario"))
    code = f"import sys\ndef test_it():\n    assert [name for name in {modules} if name in sys.modules] == []\n"
    (pytester.path / "test_it.py").write_text(code)
    (pytester.path / "compose.yaml").write_text("services: {}\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:hypothesispytest", "."]
    environment = {**os.environ, "PYTEST_ADDOPTS": "", "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(command, cwd=pytester.path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
    assert "1 passed" in ended.stdout
