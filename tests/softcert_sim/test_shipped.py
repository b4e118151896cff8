"""The shipped suite on the real system: every scenario, in memory and over sockets, with one worker and with two."""

import re
from dataclasses import replace

import pytest
from whole import SEED, Whole

from softcert.rules.catalogue import CLAUSES, RULES
from softcert.rules.policy import ASSUMPTIONS, Policy
from softcert_sim.covered import requirement
from softcert_sim.product import product
from softcert_sim.report.page import to_html
from softcert_sim.results import Results, to_json
from softcert_sim.runner import Options, load, run
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.stage import Setting, Stage
from softcert_sim.tables import gaps
from softcert_sim.unreached import UNREACHED

WHOLE = shipped() / "0-the-whole-process" / "the-whole-process.scenario.yaml"


def outcomes(results: Results) -> dict[str, list[str]]:
    """What came of each step, told to the user and decided, by scenario."""
    return {
        scenario.title: [f"{step.line} {step.outcome} {step.outcome.told}" for step in scenario.steps]
        for scenario in results.scenarios
    }


def test_records_take_no_other_steps_than_those_of_their_life_cycles(whole: Whole) -> None:
    known = {hit for item in whole.results.space for hit in item.hits}
    assert {hit.name for hit in whole.results.hits() if hit.kind == "transition" and hit not in known} == set()


def test_everything_is_reached_but_what_cannot_be(whole: Whole) -> None:
    assert requirement(whole.results.space, whole.results.hits()) == []


def test_every_scenario_is_as_expected(whole: Whole) -> None:
    red = {scenario.title: scenario.steps[-1].seen for scenario in whole.results.scenarios if scenario.red}
    assert red == {}
    assert len(whole.results.scenarios) > 50


def test_no_secret_stands_in_clear_at_the_end_of_any_story(whole: Whole) -> None:
    """In no mail, disk, drive, database page, log line or message but where it belongs."""
    assert whole.results.scenarios
    assert whole.leaks == []


def test_no_json_tells_an_address_or_a_code(whole: Whole) -> None:
    assert len(whole.secrets) > 100
    told = to_json(whole.results)
    assert [secret for secret in whole.secrets if secret in told] == []


@pytest.mark.parametrize("assumption", [name for name in ASSUMPTIONS if f"assumption {name}" not in UNREACHED])
def test_each_assumption_matters_to_a_scenario_that_sets_it(assumption: str) -> None:
    """With the default in its place the scenario is red: it shows what the assumption changes."""
    attribute = assumption.replace("-", "_")
    default = getattr(Policy(), attribute)
    setting_it = [scenario for scenario in load([], Options(), product()) if assumption in scenario.assumed]
    stage = Stage(product(), Setting())
    usual = [replace(it, policy=replace(it.policy, **{attribute: default})) for it in setting_it]
    assert any(stage.run(scenario).red for scenario in usual)
    stage.close()


def test_no_cell_of_the_tables_is_empty(whole: Whole) -> None:
    counts = {rule: (count.first, count.second) for rule, count in whole.results.rules().items()}
    assert set(counts) == set(RULES)
    assert {rule: pair for rule, pair in counts.items() if 0 in pair} == {}
    assert gaps(whole.results) == []


def test_one_report_holds_them_all(whole: Whole) -> None:
    packed = re.findall(r' data-ids="([^"]+)"', to_html(whole.results))
    assert len({name for names in packed for name in names.split()}) == len(whole.results.scenarios)


def test_each_clause_is_quoted_by_the_whole_process_in_the_sources_order() -> None:
    [story] = Loader(product().registry).load([WHOLE])
    assert list(dict.fromkeys(clause for step in story.steps for clause in step.quoted)) == list(CLAUSES)


def test_two_workers_give_the_same_bytes_as_one(whole: Whole) -> None:
    two = run([], Options(setting=Setting(seed=SEED), workers=2), product)
    assert to_json(two) == to_json(whole.results)


def test_another_seed_gives_the_same_verdicts_and_other_bytes(whole: Whole) -> None:
    other = run([], Options(setting=Setting(seed=SEED + 1)), product)
    assert outcomes(other) == outcomes(whole.results)
    digests = {scenario.digest for scenario in other.scenarios} & {s.digest for s in whole.results.scenarios}
    assert digests == set()


def test_real_sockets_give_the_same_verdicts(whole: Whole) -> None:
    over_sockets = run([], Options(setting=Setting(seed=SEED, transport="loopback")), product)
    assert outcomes(over_sockets) == outcomes(whole.results)
