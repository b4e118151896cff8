"""The shipped suite on the real system: every scenario, in memory and over sockets, with one worker and with two."""

from dataclasses import replace
from typing import ClassVar

import pytest

from softcert.rules.catalogue import CLAUSES, RULES
from softcert.rules.policy import ASSUMPTIONS, Policy
from softcert_sim.clear import where_in_clear
from softcert_sim.covered import requirement
from softcert_sim.people import Topic
from softcert_sim.product import product
from softcert_sim.results import Results, to_json
from softcert_sim.runner import Options, load, run
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.stage import Setting, Stage
from softcert_sim.tables import gaps
from softcert_sim.unreached import UNREACHED
from softcert_sim.world import World
from softcert_sim.worlds import Suite

SECRETS: tuple[Topic, ...] = ("address", "activation-code", "pin", "password")
WHOLE = shipped() / "0-the-whole-process" / "the-whole-process.scenario.yaml"


def outcomes(results: Results) -> dict[str, list[str]]:
    """What came of each step, told to the user and decided, by scenario."""
    return {
        scenario.title: [f"{step.line} {step.outcome} {step.outcome.told}" for step in scenario.steps]
        for scenario in results.scenarios
    }


class Watched(World):
    """A world that looks at the end of its story for every secret that anybody got or chose, where it stands in clear."""

    secrets: ClassVar[set[str]] = set()
    leaks: ClassVar[list[str]] = []

    def digest(self) -> str:
        self._search()
        return super().digest()

    def _search(self) -> None:
        """Addresses, codes, PINs and passwords, in all that is kept or was sent; `secrets` are what no report may tell."""
        for who in self.people.everybody:
            for topic in SECRETS:
                self.leaks.extend(f"the {topic} of {who} in {place}" for place in where_in_clear(self, topic, who))
            for mind in self.people.minds.values():
                self.secrets.update(known.rpartition(".")[2] for known in mind.get(("address", who), ()))
                self.secrets.update(mind.get(("activation-code", who), ()))


def watched() -> Suite:
    return Suite(product().registry, lambda **named: Watched(**named), oracle=True)


@pytest.fixture(scope="module")
def in_memory() -> Results:
    return run([], Options(setting=Setting(seed=7), workers=1), watched)


def test_records_take_no_other_steps_than_those_of_their_life_cycles(in_memory: Results) -> None:
    known = {hit for item in in_memory.space for hit in item.hits}
    assert {hit.name for hit in in_memory.hits() if hit.kind == "transition" and hit not in known} == set()


def test_everything_is_reached_but_what_cannot_be(in_memory: Results) -> None:
    assert requirement(in_memory.space, in_memory.hits()) == []


def test_every_scenario_is_as_expected(in_memory: Results) -> None:
    red = {scenario.title: scenario.steps[-1].seen for scenario in in_memory.scenarios if scenario.red}
    assert red == {}
    assert len(in_memory.scenarios) > 50


def test_no_secret_stands_in_clear_at_the_end_of_any_story(in_memory: Results) -> None:
    """In no mail, disk, drive, database page, log line or message but where it belongs."""
    assert in_memory.scenarios
    assert Watched.leaks == []


def test_no_report_tells_an_address_or_a_code(in_memory: Results) -> None:
    assert len(Watched.secrets) > 100
    told = to_json(in_memory)
    assert [secret for secret in Watched.secrets if secret in told] == []


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


def test_no_cell_of_the_tables_is_empty(in_memory: Results) -> None:
    counts = {rule: (count.first, count.second) for rule, count in in_memory.rules().items()}
    assert set(counts) == set(RULES)
    assert {rule: pair for rule, pair in counts.items() if 0 in pair} == {}
    assert gaps(in_memory) == []


def test_each_clause_is_quoted_by_the_whole_process_in_the_sources_order() -> None:
    [story] = Loader(product().registry).load([WHOLE])
    assert list(dict.fromkeys(clause for step in story.steps for clause in step.quoted)) == list(CLAUSES)


def test_two_workers_give_the_same_bytes_as_one(in_memory: Results) -> None:
    two = run([], Options(setting=Setting(seed=7), workers=2), product)
    assert to_json(two) == to_json(in_memory)


def test_another_seed_gives_the_same_verdicts_and_other_bytes(in_memory: Results) -> None:
    other = run([], Options(setting=Setting(seed=8)), product)
    assert outcomes(other) == outcomes(in_memory)
    digests = {scenario.digest for scenario in other.scenarios} & {s.digest for s in in_memory.scenarios}
    assert digests == set()


def test_real_sockets_give_the_same_verdicts(in_memory: Results) -> None:
    over_sockets = run([], Options(setting=Setting(seed=7, transport="loopback")), product)
    assert outcomes(over_sockets) == outcomes(in_memory)
