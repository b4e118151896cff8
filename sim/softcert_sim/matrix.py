"""A suite under several policies: `--policy-matrix` takes a file of named policies, or the same in a line.

    as-in-korea: {link-lifetime: 7 days}
    strict: {wrong-computer: burn, pin-tries: 3}

The first row is always the suite as it is written. A policy of the matrix goes before that of a `suite.yaml`; what a
scenario sets itself is part of its story and stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from softcert_sim.columns import count
from softcert_sim.results import Results, ScenarioResult
from softcert_sim.runner import MakeSuite, Options, Watch, load, work_on
from softcert_sim.scenario.files import UsageError, shown
from softcert_sim.scenario.marks import Node, Page, decode, read
from softcert_sim.scenario.model import Cast, Scenario
from softcert_sim.scenario.policies import Fields, in_python, read_policy
from softcert_sim.scenario.values import Reader
from softcert_sim.stage import Stage, seed_of_run
from softcert_sim.tables import columns
from softcert_sim.words import language

AS_WRITTEN = "as written"


@dataclass(frozen=True, slots=True)
class Row:
    """One policy: its name, what it sets as it was written, and what came of the suite under it."""

    name: str
    told: str
    results: Results


def run_matrix(
    paths: Sequence[Path], matrix: str, options: Options, make_suite: MakeSuite, watch: Watch | None = None
) -> list[Row]:
    """Load once and run under each policy. Raises `BadFile`, `UsageError`."""
    began = perf_counter()
    policies = read_matrix(matrix)
    suite = make_suite()
    scenarios = load(paths, options, suite)
    every = [_under(scenario, fields) for fields, _ in policies.values() for scenario in scenarios]
    done = list(work_on(Stage.run, every, options, suite, make_suite, watch))
    size, seed = len(scenarios), seed_of_run(options.setting)
    elapsed = perf_counter() - began
    return [
        Row(name, told, Results(seed, done[number * size : (number + 1) * size], elapsed=elapsed))
        for number, (name, (_, told)) in enumerate(policies.items())
    ]


def read_matrix(matrix: str) -> dict[str, tuple[Fields, str]]:
    """Policies by name with their own words, the suite as it is written first. Raises `BadFile`, `UsageError`."""
    name, text = "--policy-matrix", matrix
    if not matrix.lstrip().startswith("{"):
        name = shown(Path(matrix))
        try:
            text = decode(name, Path(matrix).read_bytes())
        except OSError as error:
            raise UsageError(f"--policy-matrix {matrix}: cannot be read: {error.strerror}.") from None
    page = Page(name, text)
    root = read(page, text)
    if root.kind != "map":
        page.wrong(root, f"a matrix is a mapping, not {root.describe()}", expected="{name: {assumption: value}}")
    policies: dict[str, tuple[Fields, str]] = {AS_WRITTEN: ({}, "")}
    for key, node in root.pairs:
        if key.text == AS_WRITTEN:
            page.wrong(key, f"`{AS_WRITTEN}` is the first row already", expected="another name")
        policies[key.text] = read_policy(page, node, Reader(page, Cast())), _told(node)
    page.stop_if_wrong()
    return policies


def matrix_report(rows: Sequence[Row]) -> str:
    """The table, then for each policy the scenarios that come out otherwise than written."""
    base = rows[0].results.scenarios
    cells = [
        (
            row.name,
            str(row.results.count("as-expected")),
            str(row.results.count("limit")),
            str(row.results.count("not-as-expected")),
            str(sum(_came(a) != _came(b) for a, b in zip(base, row.results.scenarios, strict=True))),
        )
        for row in rows
    ]
    parts = ["\n".join(columns(("policy", "as expected", "limits", "not as expected", "differ"), cells)).rstrip()]
    for row in rows:
        red = [scenario for scenario in row.results.scenarios if scenario.red]
        told = f"{row.name} ({row.told})" if row.told else row.name
        parts += ["\n".join([f"Under {told}:", *(line for one in red for line in _difference(one))])] if red else []
    sum_line = f"{count(len(base), 'scenario')} under {len(rows)} policies"
    return "\n\n".join([*parts, f"{sum_line} ({rows[0].results.elapsed:.1f} s, seed {rows[0].results.seed})"]) + "\n"


def _difference(scenario: ScenarioResult) -> list[str]:
    red = scenario.red
    assert red is not None
    return [
        f"  {scenario.path}:{red.line}: {scenario.title}",
        f"      {red.sentence or red.verb}: expected {red.expected}, saw {red.seen or red.outcome}",
        f"      {language('en').differs[red.differs]}{f' It expected {red.opinion}.' if red.opinion else ''}",
    ]


def _came(scenario: ScenarioResult) -> list[str]:
    return [f"{step.outcome} {step.differs}" for step in scenario.steps]


def _under(scenario: Scenario, fields: Mapping[str, object]) -> Scenario:
    free = {name: value for name, value in fields.items() if name not in scenario.assumed}
    return replace(scenario, policy=replace(scenario.policy, **in_python(free)))


def _told(node: Node) -> str:
    return ", ".join(f"{key.text} {value.text}" for key, value in node.pairs)
