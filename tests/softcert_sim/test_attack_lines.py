"""Each line of attack and each trouble of users is shown: by a scenario, by a test that exists, or it says why not."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from softcert_sim.attack_lines import ATTACKS, TROUBLES
from softcert_sim.product import product
from softcert_sim.runner import Options, run
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.model import Scenario

ROOT = Path(__file__).parents[2]


@cache
def scenarios() -> list[Scenario]:
    return Loader(product().registry).load([shipped()])


def tagged(tag: str) -> list[Scenario]:
    return [scenario for scenario in scenarios() if tag in scenario.tags]


def has_limit(scenario: Scenario) -> bool:
    return any(step.expected.limit for step in scenario.steps)


@cache
def names_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_table_is_complete() -> None:
    assert list(ATTACKS) == list(range(1, 61))
    assert all(line.text.endswith((".", ":")) for line in ATTACKS.values())


@pytest.mark.parametrize("number", ATTACKS)
def test_a_line_is_shown_or_says_why_not(number: int) -> None:
    line = ATTACKS[number]
    assert tagged(f"line-{number}") or line.tests or line.missing
    for node in line.tests:
        path, _, name = node.partition("::")
        assert name in names_of(path), node


@pytest.mark.parametrize("number", [number for number, line in ATTACKS.items() if line.limit])
def test_a_limit_is_shown_by_a_scenario_in_which_the_attack_succeeds(number: int) -> None:
    assert any(has_limit(scenario) for scenario in tagged(f"line-{number}"))


def test_every_limit_belongs_to_a_line_that_names_one() -> None:
    limits = {f"line-{number}" for number, line in ATTACKS.items() if line.limit}
    assert [scenario.title for scenario in scenarios() if has_limit(scenario) and not limits & {*scenario.tags}] == []


@pytest.mark.parametrize("slug", TROUBLES)
def test_a_trouble_has_a_scenario(slug: str) -> None:
    assert all("trouble" in scenario.tags for scenario in tagged(f"trouble-{slug}"))
    assert tagged(f"trouble-{slug}")


def test_no_tag_names_a_line_or_a_trouble_that_is_none() -> None:
    known = {f"line-{number}" for number in ATTACKS} | {f"trouble-{slug}" for slug in TROUBLES}
    used = {tag for scenario in scenarios() for tag in scenario.tags if re.match("line-|trouble-", tag)}
    assert used - known == set()


@pytest.mark.parametrize("slug", TROUBLES)
def test_whoever_is_refused_in_trouble_reads_what_to_do(slug: str) -> None:
    steps = [step for scenario in tagged(f"trouble-{slug}") for step in scenario.steps]
    refused = [step for step in steps if step.expected.kind == "refused" and step.arguments.get("by") != "thief"]
    assert not refused or any(step.expected.reads for step in steps)


def test_in_trouble_the_user_reads_what_happened() -> None:
    """Whatever does not work in these stories comes with a text for the person at the computer."""
    results = run([], Options(tags=("trouble",)), product)
    failed = [step for scenario in results.scenarios for step in scenario.steps if step.outcome.kind != "allowed"]
    assert len(failed) > 40
    assert [step.sentence for step in failed if not step.outcome.text] == []
