"""Coverage counts what showed something, and nothing else; what is required must be reached or have a cause."""

import json
from pathlib import Path

import pytest
import real
import toy

from softcert_sim.coverage import Hit, complaints, from_json, merged, space, unreached
from softcert_sim.product import product
from softcert_sim.results import Results, ScenarioResult, to_json
from softcert_sim.runner import Options, run
from softcert_sim.scenario.loader import Loader
from softcert_sim.stage import Setting, Stage

DOWNLOAD = "  - download: {by: li-wei, at: office-pc}\n"
AGAIN = DOWNLOAD + "    refused: one-time-link/used\n"


def toyed(steps: str, head: str = "") -> ScenarioResult:
    """A scenario played on the toys."""
    text = f"softcert: 1\nscenario: Toy\n{head}steps:\n{steps}"
    return Stage(toy.suite(), Setting()).run(Loader(toy.REGISTRY).load_text("toy.yaml", text, toy.CAST)[0])


def played(steps: str, head: str = "") -> ScenarioResult:
    """A scenario played for real, which must be green."""
    result = real.play(real.written(steps, head))
    assert result.red is None, result.red
    return result


def ways(result: ScenarioResult, kind: str, name: str) -> dict[str, int]:
    """How something was reached, and how often."""
    return {hit.how: count for hit, count in result.hits.items() if (hit.kind, hit.name) == (kind, name)}


# --- What counts ------------------------------------------------------------------------------------------------------


def test_rules_and_reasons_count_what_was_allowed_and_refused_by_the_side_and_act_that_decided() -> None:
    result = toyed(DOWNLOAD + AGAIN)
    assert ways(result, "rule", "one-time-link") == {"office allowed": 1, "office refused": 1}
    assert ways(result, "reason", "one-time-link/used") == {"office download allowed": 1, "office download refused": 1}
    assert ways(result, "reason", "one-time-link/expired") == {"office download allowed": 1}, "it was not asked again"
    assert ways(result, "reason", "approved-only/undecided") == {}, "the verdict did not put it"


def test_a_red_scenario_reaches_nothing() -> None:
    assert toyed(DOWNLOAD + DOWNLOAD).hits == {}


def test_a_prelude_uses_no_verb() -> None:
    result = played("  - visit: {by: li-wei, at: home-pc}\n", "given: {li-wei: approved}\n")
    assert {hit.name for hit in result.hits if hit.kind == "verb"} == {"visit"}
    assert not [hit for hit in result.hits if hit.kind == "transition"], "nor does it move a record"


def test_a_suites_own_prelude_reaches_nothing(tmp_path: Path) -> None:
    (tmp_path / "suite.yaml").write_text(
        "softcert: 1\npreludes:\n  filed:\n    after: active\n    steps:\n"
        "      - login: {by: <person>, at: <computer>}\n        fault: duplicate-request\n"
        "      - file: {by: <person>, at: <computer>}\n",
        encoding="utf-8",
    )
    (tmp_path / "a.yaml").write_text(
        "softcert: 1\nscenario: A\ngiven: {li-wei: filed}\nsteps: [{logout: {by: li-wei, at: office-pc}}]\n",
        encoding="utf-8",
    )
    [result] = run([tmp_path], Options(), product).scenarios
    assert result.red is None, result.red
    assert {hit.name for hit in result.hits if hit.kind in ("verb", "fault", "transition")} == {
        "logout", "session: live, logout → ended",
    }  # fmt: skip


def test_a_verb_whose_act_was_refused_is_not_reached_but_an_attackers_is() -> None:
    items = {item.name: item for item in space(toy.REGISTRY)}
    refused = toyed("  - ask: {by: li-wei}\n    refused: approved-only/undecided\n")
    assert items["verb ask"] in unreached(items.values(), refused.hits)
    stopped = toyed("  - restart:\n    as: a\n  - replay: {by: thief, exchange: a}\n    rejected: badNonce\n")
    assert items["verb replay"] not in unreached(items.values(), stopped.hits)
    assert ways(stopped, "error", "badNonce") == {"seen": 1}


def test_an_error_counts_that_the_author_expected_and_no_other() -> None:
    wrong = "  - restart:\n    as: a\n  - replay: {by: thief, exchange: a}\n"
    assert ways(toyed(wrong), "error", "badNonce") == {}
    told = toyed("  - ask: {by: li-wei, hears: error}\n    refused: approved-only/undecided\n    told: unauthorized\n")
    assert ways(told, "error", "unauthorized") == {"seen": 1}


def test_an_assumption_counts_where_it_is_not_as_usual() -> None:
    assert ways(toyed(DOWNLOAD, "policy: {pin-tries: 3}\n"), "assumption", "pin-tries") == {"varied": 1}
    assert ways(toyed(DOWNLOAD, "policy: {pin-tries: 10}\n"), "assumption", "pin-tries") == {}


def test_a_fault_counts_where_it_struck() -> None:
    login = "  - login: {by: li-wei, at: office-pc}\n"
    struck = played(f"{login}    fault: cut-answer\n    broken: unknown\n", "given: {li-wei: active}\n")
    assert ways(struck, "fault", "cut-answer") == {"struck": 1}


@pytest.mark.parametrize("fault", ["mail-drop", "{mail-delay: 1 hour}", "mail-reorder", "{mail-down: 1 hour}"])
def test_a_fault_of_the_mail_counts_where_there_was_a_mail(fault: str) -> None:
    name = fault.strip("{").partition(":")[0]
    approve = f"  - approve: {{of: li-wei}}\n    fault: {fault}\n  - wait: 2 hours\n  - disapprove: {{of: zhang-min}}\n"
    struck = played(approve, "given: {li-wei: applied, zhang-min: applied}\n")
    assert ways(struck, "fault", name) == {"struck": 1}


def test_a_mail_that_none_overtook_was_not_reordered() -> None:
    last = played("  - approve: {of: li-wei}\n    fault: mail-reorder\n", "given: {li-wei: applied}\n")
    assert ways(last, "fault", "mail-reorder") == {}


def test_a_transition_is_told_with_its_event() -> None:
    steps = "".join(f"  - {verb}: {{by: li-wei, at: office-pc}}\n" for verb in ("login", "login", "logout"))
    result = played(steps, "given: {li-wei: active}\n")
    assert {hit.name: count for hit, count in result.hits.items() if hit.kind == "transition"} == {
        "session: none, login → live": 2,
        "session: live, replace → ended": 1,
        "session: live, logout → ended": 1,
    }


# --- What is required -------------------------------------------------------------------------------------------------


def test_what_was_not_reached_needs_a_cause_and_a_cause_must_hold() -> None:
    items = [item for item in space(toy.REGISTRY) if item.name in ("verb download", "verb wait", "fault cut-answer")]
    found = toyed(DOWNLOAD).hits
    assert complaints(items, found, {"verb wait": "Why."}) == ["fault cut-answer: never reached"]
    causes = {"verb wait": "Why.", "fault cut-answer": "Why.", "verb download": "Why.", "verb wade": "Why."}
    assert complaints(items, found, causes) == [
        "verb download: is reached, take it out of unreached.py",
        "verb wade: stands in unreached.py, and there is no such thing",
    ]


def test_the_json_holds_the_coverage_and_gives_it_back() -> None:
    run = Results(1, [toyed(DOWNLOAD + AGAIN), toyed(DOWNLOAD)], space=space(toy.REGISTRY))
    shape = json.loads(to_json(run))["coverage"]
    assert shape["rule"]["one-time-link"] == {"office allowed": 2, "office refused": 1}
    assert shape["verb"]["download"] == {"allowed": 2, "stopped": 1}
    assert shape["verb"]["wait"] == {"allowed": 0}
    assert "verb wait" in shape["unreached"]
    assert "verb download" not in shape["unreached"]
    again = from_json(to_json(run))
    assert +again == run.hits()
    assert merged([again, again])[Hit("verb", "download", "allowed")] == 4
    with pytest.raises(ValueError, match="no coverage"):
        from_json("[]")
