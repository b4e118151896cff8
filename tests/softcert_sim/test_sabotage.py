"""Saboteurs: what they break they find, and put back exactly; who looks for them counts only what they declare."""

import json
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import real
from typer.testing import CliRunner

from softcert.rules.checks import ACTS
from softcert_ca import lives
from softcert_sim.cli import app
from softcert_sim.sabotage import sighting
from softcert_sim.sabotage import sighting as seen
from softcert_sim.sabotage.detectors import DETECTORS, sighted, those_about
from softcert_sim.sabotage.hand import PRODUCT, Hand, Missing, broken, modules_of
from softcert_sim.sabotage.saboteur import CONTROL, Saboteur, every
from softcert_sim.sabotage.sighting import Detector, Sighting
from softcert_sim.sabotage.table import Report, as_json, as_text
from softcert_sim.sabotage.trial import UNBROKEN, Trial, one_trial, try_all
from softcert_sim.scenario.files import shipped
from softcert_sim.stage import Stage

USED = shipped() / "4-downloading" / "used-address.scenario.yaml"
FEW = Detector("few", "scenarios about licence holders", those_about)


def parts() -> dict[tuple[str, str], object]:
    """Everything that the product's modules and classes hold, and every list of checks."""
    found: dict[tuple[str, str], object] = {(act.side, act.name): act.checks for act in ACTS}
    for module in modules_of(PRODUCT):
        for name, value in vars(module).items():
            found[module.__name__, name] = value
            if isinstance(value, type) and value.__module__ == module.__name__:
                found.update(((f"{module.__name__}.{name}", inner), held) for inner, held in vars(value).items())
    return found


def play() -> tuple[str, bool]:
    """The digest of a scenario on worlds of its own, and whether it was red."""
    result = real.play(real.named("4-downloading/used-address"))
    return result.digest, result.red is not None


@pytest.mark.parametrize("name", every())
def test_each_saboteur_finds_what_he_breaks_and_all_is_put_back(name: str) -> None:
    before = parts()
    with broken(every()[name].act):
        during = parts()
    assert any(during[key] is not value for key, value in before.items())
    after = parts()
    assert [key for key, value in before.items() if after[key] is not value] == []
    assert set(after) == set(before)


def test_what_was_built_under_sabotage_is_not_used_without_it() -> None:
    before = play()
    with broken(every()["links-work-for-ever"].act):
        assert play()[1]
    assert play() == before
    assert not before[1]


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda hand: hand.wrap("softcert_ca.download._gone", lambda old: None), "There is no softcert_ca.download._gone"),
        (lambda hand: hand.wrap("softcert_ca.gone.claim", lambda old: None), "There is no softcert_ca.gone.claim"),
        (lambda hand: hand.wrap("softcert_ca.audit.LAG", lambda old: None), "is no function"),
        (lambda hand: hand.put("softcert_ca.audit.LAG", 8), "is 8 already"),
        (lambda hand: hand.drop("one-time-link/gone"), "one-time-link/gone is not asked there"),
        (lambda hand: hand.drop("one-time-link", "office login"), "there is no such list"),
        (lambda hand: hand.drop("one-time-link", "office download", "office file"), "is not asked there"),
        (lambda hand: hand.rename("no-e-licence/holder", "no-e-licence/holder"), "has these checks already"),
        (lambda hand: hand.move_up("one-time-link", "backup-sealed", "office download"), "does not ask backup-sealed"),
    ],
)
def test_a_target_that_is_gone_is_an_error_and_nothing_stays_broken(break_it: Any, said: str) -> None:
    before = parts()

    def half(hand: Hand) -> None:
        hand.drop("read-notice")
        break_it(hand)

    with pytest.raises(Missing, match=said.replace("-", r"\-")), broken(half):
        raise AssertionError("nobody comes here")
    assert [key for key, value in parts().items() if before.get(key) is not value] == []


def test_a_function_is_replaced_wherever_the_product_holds_it() -> None:
    seen: list[str] = []

    def listening(move: Any, case: Any, kind: str, event: str, *rest: Any, **also: Any) -> Any:
        seen.append(f"{kind} {event}")
        return move(case, kind, event, *rest, **also)

    whole = lives.move
    with broken(lambda hand: hand.wrap("softcert_ca.lives.move", listening)) as hand:
        assert hand.untouched == {"softcert_ca.lives.move"}
        assert play()[1] is False
        assert not hand.untouched
    assert "address claim" in seen
    assert lives.move is whole


# --- What counts ------------------------------------------------------------------------------------------------------

RED = Sighting("red", "a.yaml:7", "A story", "he downloads", "refused one-time-link/used", "allowed", ("one-time-link",))


def seeing(*sightings: Sighting) -> Detector:
    """A detector that sees just these."""

    def look(seed: int, rule: str) -> Iterator[Sighting]:
        yield from sightings

    return Detector("toy", "what it is told", look)


def links() -> Saboteur:
    return every()["links-work-for-ever"]


@pytest.mark.parametrize(
    ("sighting", "verdict"),
    [
        (RED, "killed"),
        (RED._replace(names=("no-e-licence", "one-time-link")), "killed"),
        (RED._replace(names=("no-e-licence",)), "misread"),
        (RED._replace(names=()), "misread"),
        (RED._replace(kind="error"), "misread"),
        (RED._replace(kind="time-out"), "misread"),
        (RED._replace(names=("check-address",), about=("one-time-link",)), "misread"),
    ],
)
def test_only_a_judgement_that_names_what_was_declared_kills(sighting: Sighting, verdict: str) -> None:
    assert one_trial(links(), seeing(sighting), 1).verdict == verdict


def test_a_check_kills_when_it_is_declared_and_its_scenario_is_about_the_rule() -> None:
    declared = replace(links(), fails=("one-time-link", "check-address"))
    found = RED._replace(names=("check-address",))
    assert one_trial(declared, seeing(found), 1).verdict == "misread"
    assert one_trial(declared, seeing(found._replace(about=("one-time-link",))), 1).verdict == "killed"


def test_a_replacement_that_nobody_calls_is_idle_and_a_saboteur_without_target_has_none() -> None:
    idle = replace(links(), act=lambda hand: hand.wrap("softcert_ca.lives.move", lambda move, *rest, **also: 0))
    assert one_trial(idle, seeing(), 1).idle
    lost = replace(links(), act=lambda hand: hand.drop("one-time-link/gone"))
    assert one_trial(lost, seeing(RED), 1).verdict == "no target"


def test_a_scenario_that_never_ends_is_counted_as_such_and_kills_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(stage: Stage, scenario: Any) -> Any:
        while True:
            pass

    monkeypatch.setattr(Stage, "run", endless)
    monkeypatch.setattr(seen, "TIME", 0.01)
    found = list(those_about(1, "no-e-licence"))
    assert {sighting.kind for sighting in found} == {"time-out"}
    assert one_trial(every()["licence-holders-apply"], seeing(*found), 1).verdict == "misread"


@pytest.mark.parametrize(
    ("last", "raised"),
    [(lambda: signal.raise_signal(signal.SIGVTALRM), sighting.OutOfTime), (lambda: 1 / 0, ZeroDivisionError)],
)
def test_however_work_ends_the_time_limit_ends_with_it(last: Any, raised: type[BaseException]) -> None:
    before = signal.getsignal(signal.SIGVTALRM)
    assert sighting.in_time(lambda: 7) == 7
    with pytest.raises(raised):
        sighting.in_time(last)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)
    assert signal.getsignal(signal.SIGVTALRM) is before


def test_what_breaks_down_is_no_judgement() -> None:
    scenario = real.named("4-downloading/used-address")
    whole = real.play(scenario)
    last = replace(whole.steps[-1], differs="system", seen="ZeroDivisionError")
    [found] = sighted(scenario, replace(whole, steps=(*whole.steps[:-1], last)))
    assert found.kind == "error"


@pytest.mark.parametrize(
    ("detector", "name", "says"),
    [
        ("explore", "any-certificate-will-do", "expected refused valid-certificate/no-certificate"),
        ("crashes", "fresh-code-at-each-repeat", "one request was shown 2 activation codes"),
        ("races", "looked-at-before", "has 2 certificates"),
        ("properties", "any-code-activates", "expected refused activate-first/"),
    ],
)
def test_each_engine_kills_somebody_by_what_he_declared(detector: str, name: str, says: str) -> None:
    trial = one_trial(every()[name], next(one for one in DETECTORS if one.name == detector), 1)
    assert trial.verdict == "killed"
    assert says in trial.kills[0].seen


def test_only_detectors_that_a_rule_concerns_look_at_its_saboteurs() -> None:
    nothing = [replace(one, look=seeing().look) for one in DETECTORS]
    everything = {"scenarios", "properties"}
    trials = try_all(["licence-holders-apply", "looked-at-before", CONTROL], 1, detectors=nothing)
    looked: dict[str, set[str]] = {}
    for trial in trials:
        looked.setdefault(trial.saboteur, set()).add(trial.detector)
    assert looked["licence-holders-apply"] == everything | {"crashes"}
    assert looked["looked-at-before"] == everything | {"crashes", "races"}
    assert looked[CONTROL] == {one.name for one in DETECTORS}


# --- The table --------------------------------------------------------------------------------------------------------


def report(*trials: Trial, survives: str = "") -> Report:
    """A table of these trials, with the unbroken product and the one who breaks nothing seen by nobody."""
    saboteurs = {links().id: replace(links(), survives=survives)}
    return Report(1, saboteurs, [Trial(UNBROKEN, "scenarios"), Trial(CONTROL, "scenarios"), *trials])


def test_survivors_need_a_reason_and_the_killed_have_none() -> None:
    name = links().id
    killed, survived = Trial(name, "scenarios", kills=(RED,)), Trial(name, "scenarios")
    assert report(killed).complaints == []
    assert report(survived).complaints == [f"{name}: nobody notices, and no reason is given."]
    assert report(survived, survives="Nobody can see it.").complaints == []
    assert "Nobody can see it." in as_text(report(survived, survives="Nobody can see it."))
    assert report(killed, survives="Nobody can see it.").complaints == [
        f"{name}: is killed, take the reason for his survival away."
    ]


def test_a_table_with_ghosts_is_worth_nothing() -> None:
    seen = Report(1, {}, [Trial(UNBROKEN, "scenarios", others=(RED,)), Trial(CONTROL, "scenarios", idle=True)])
    assert [line.partition(":")[0] for line in seen.complaints] == [UNBROKEN, CONTROL]


def test_who_kills_alone_is_named() -> None:
    assert report(Trial(links().id, "scenarios", kills=(RED,))).alone == {"a.yaml: A story": [links().id]}
    twice = report(Trial(links().id, "scenarios", kills=(RED,)), Trial(links().id, "races", kills=(RED,)))
    assert twice.alone == {"a.yaml: A story": [links().id]}
    assert report(Trial(links().id, "scenarios", kills=(RED, RED._replace(where="b.yaml:1")))).alone == {}


def test_the_table_is_the_same_with_one_worker_and_with_two() -> None:
    names = [UNBROKEN, CONTROL, "licence-holders-apply", "persons-are-not-asked"]
    tables: list[str] = []
    for workers in (1, 2):
        trials = list(try_all(names, 1, workers, detectors=[FEW]))
        assert [trial.verdict for trial in trials] == ["survived", "survived", "killed", "killed"]
        chosen = {name: every()[name] for name in names[2:]}
        tables.append(as_json(Report(1, chosen, trials)))
    assert tables[0] == tables[1]
    assert json.loads(tables[0])["totals"] == {"saboteurs": 2, "killed": 2}


# --- On the command line ----------------------------------------------------------------------------------------------


def softcert(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_the_list_says_who_there_is_and_slips_are_answered_with_the_name_meant() -> None:
    code, told = softcert("sabotage", "--list", "--rule", "one-time-link")
    assert (code, "links-work-for-ever" in told, "read-notice" in told) == (0, True, False)
    code, told = softcert("sabotage", "--list")
    assert (code, f"{len(every()) - 1} saboteurs of 23 rules." in told) == (0, True)
    code, told = softcert("sabotage", "--saboteur", "links-work-for-evr")
    assert (code, "links-work-for-ever" in told) == (2, True)
    code, told = softcert("run", str(USED), "--break", "one-time-lnk")
    assert (code, "Did you mean `one-time-link`?" in told) == (2, True)


def test_a_broken_rule_is_shown_where_the_story_parts_and_by_whom_it_was_noticed() -> None:
    code, told = softcert("run", str(USED), "--break", "one-time-link")
    assert code == 0
    assert "broken      A download is not asked whether its address was used" in told
    assert "expected    refused one-time-link/used" in told
    assert "noticed by  the story's author, who says at line 13" in told


def test_where_the_broken_rule_is_asked_no_facts_are_told_that_only_it_makes_true() -> None:
    moved = shipped() / "7-replacing-the-computer" / "old-computer.scenario.yaml"
    code, told = softcert("run", str(moved), "--break", "one-computer")
    assert code == 0
    assert "office   Allowed: one-computer is broken." in told
    assert "is the computer to which the certificate is bound" not in told.partition("expected  ")[0].rpartition("✗")[2]


def test_in_chinese_only_names_stay_as_they_are() -> None:
    mailbox = shipped() / "4-downloading" / "stolen-mailbox.scenario.yaml"
    code, told = softcert("run", str(mailbox), "--break", "same-computer-download", "--lang", "zh")
    assert code == 0
    told = told.partition("\n")[2]  # the title is the author's
    words = set(re.findall(r"[A-Za-z][A-Za-z0-9-]*", told))
    assert words <= {
        "any-computer-downloads", "same-computer-download", "other-computer", "malformed", "thief", "li-wei", "cafe-pc",
        "UTC", "softcert", "run", "c16", "c17", "c18", "c19",
    }  # fmt: skip


def test_an_invariant_that_noticed_is_named() -> None:
    code, told = softcert("run", str(shipped() / "3-the-decision" / "approved.scenario.yaml"), "--break", "result-by-mail")
    assert code == 0
    assert "noticed by  what must hold at every moment by result-by-mail" in told


def test_a_story_that_never_needed_the_rule_says_so() -> None:
    code, told = softcert("run", str(USED), "--break", "backup-sealed")
    assert code == 1
    assert "this story never needed the rule" in told


def test_break_takes_one_file_and_no_other_choices() -> None:
    assert softcert("run", "--break", "one-time-link")[0] == 2
    assert softcert("run", str(USED), "--break", "one-time-link", "--step")[0] == 2
