"""Everything that can be altered and forged, in every way that a scenario may say: oracle and system agree on all that
comes of it, or the file is refused when it is read."""

from collections.abc import Iterator
from itertools import product as pairs

import pytest
import real

from softcert_sim.alteration import HOWS
from softcert_sim.handmade import INNER
from softcert_sim.product import product
from softcert_sim.scenario.marks import BadFile
from softcert_sim.scenario.registry import Verb
from softcert_sim.stage import Setting, Stage

SUITE = product()
BEFORE = """\
softcert: 1
scenario: Altered
given: {li-wei: backed-up, zhang-min: applied}
steps:
  - login: {by: li-wei, at: office-pc}
  - file: {by: li-wei, at: office-pc}
  - restart-computer: {at: office-pc}
"""
AFTER = """
  - login: {by: li-wei, at: office-pc}
  - file: {by: li-wei, at: office-pc, text: "Trademark 青山, class 30"}
  - change-pin: {by: li-wei, at: office-pc, to: Oolong-2-go}
  - plug: {drive: blue-usb, into: office-pc}
  - backup: {by: li-wei, at: office-pc, to: blue-usb}
  - install: {by: li-wei, at: office-pc}
  - login: {by: li-wei, at: office-pc}
  - install: {by: li-wei, at: home-pc}
  - plug: {drive: red-usb, into: home-pc}
  - recover: {by: li-wei, at: home-pc}
  - login: {by: li-wei, at: home-pc}
"""
KEY_OF_APPLICATION = """
  - approve: {of: zhang-min}
  - read-mail: {by: zhang-min}
  - download: {by: zhang-min, at: studio-pc}
"""


def words(verb: Verb, name: str) -> tuple[str, ...]:
    return next(parameter.kinds[0].choices for parameter in verb.parameters if parameter.name == name)


ALTER, FORGE = SUITE.registry.verbs["alter"], SUITE.registry.verbs["forge-jws"]
PLACES = {"backup": "red-usb", "manifest": "red-usb"}
ALTERATIONS = list(pairs(words(ALTER, "what"), words(ALTER, "how")))
FORGERIES = list(pairs(words(FORGE, "how"), words(FORGE, "act")))


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    stage = Stage(SUITE, Setting())
    yield stage
    stage.close()


def disagreements(stage: Stage, text: str) -> list[tuple[str, str, str]]:
    """What oracle and invariants do not take as it came."""
    scenario = real.read(text)
    play = stage.open(scenario)
    try:
        results = [play.anyhow(step) for step in scenario.steps]
    finally:
        stage.done(play)
    return [(result.sentence, result.seen, str(result.opinion)) for result in results if not result.green]


@pytest.mark.parametrize(("what", "how"), [pair for pair in ALTERATIONS if pair[1] in HOWS[pair[0]]])
def test_oracle_and_system_agree_on_what_comes_of_an_alteration(stage: Stage, what: str, how: str) -> None:
    altered = f"  - alter: {{what: {what}, on: {PLACES.get(what, 'office-pc')}, how: {how}}}"
    assert disagreements(stage, BEFORE + altered + AFTER) == []


@pytest.mark.parametrize("how", HOWS["keystore"])
def test_they_agree_on_a_key_without_a_certificate(stage: Stage, how: str) -> None:
    altered = f"  - alter: {{what: keystore, on: studio-pc, how: {how}}}"
    assert disagreements(stage, BEFORE + altered + KEY_OF_APPLICATION) == []


@pytest.mark.parametrize(("what", "how"), [pair for pair in ALTERATIONS if pair[1] not in HOWS[pair[0]]])
def test_what_cannot_be_altered_so_is_refused_when_the_file_is_read(what: str, how: str) -> None:
    with pytest.raises(BadFile) as caught:
        real.read(f"{BEFORE}  - alter: {{what: {what}, on: office-pc, how: {how}}}")
    [error] = caught.value.errors
    assert error.message == f"`how` cannot be `{how}` with `what: {what}`"
    assert error.expected == f"one of {', '.join(HOWS[what])}"
    assert (error.line, error.column) == (8, 41 + len(what))


def test_what_stands_for_a_word_left_out_must_fit_too() -> None:
    with pytest.raises(BadFile) as caught:
        real.read(f"{BEFORE}  - alter: {{what: element, on: office-pc}}")
    [error] = caught.value.errors
    assert error.message == "with `what: element` `how` cannot be left out: it would be `one-byte`"
    assert (error.line, error.column) == (8, 5)


FORGED = """\
softcert: 1
scenario: Forged
given: {li-wei: backed-up, zhang-min: approved}
steps:
  - login: {by: li-wei, at: office-pc}
  - read-mail: {by: zhang-min}
"""


@pytest.mark.parametrize(("how", "act"), [pair for pair in FORGERIES if pair[1] in INNER.get(pair[0], (pair[1],))])
def test_oracle_and_system_agree_on_what_comes_of_a_forged_request(stage: Stage, how: str, act: str) -> None:
    who, at = ("zhang-min", "studio-pc") if act in ("download", "withdraw") else ("li-wei", "office-pc")
    forged = f"  - forge-jws: {{by: {who}, at: {at}, how: {how}, act: {act}}}"
    assert disagreements(stage, FORGED + forged) == []


@pytest.mark.parametrize("how", INNER)
def test_a_forgery_of_the_inner_message_does_something(stage: Stage, how: str) -> None:
    for act in INNER[how]:
        who, at = ("zhang-min", "studio-pc") if act == "download" else ("li-wei", "office-pc")
        scenario = real.read(f"{FORGED}  - forge-jws: {{by: {who}, at: {at}, how: {how}, act: {act}}}")
        play = stage.open(scenario)
        *_, last = [play.anyhow(step) for step in scenario.steps]
        stage.done(play)
        assert last.outcome.kind in ("refused", "rejected"), act


@pytest.mark.parametrize(("how", "act"), [pair for pair in FORGERIES if pair[1] not in INNER.get(pair[0], (pair[1],))])
def test_what_has_no_such_part_to_forge_is_refused_when_the_file_is_read(how: str, act: str) -> None:
    with pytest.raises(BadFile) as caught:
        real.read(f"{FORGED}  - forge-jws: {{by: li-wei, at: office-pc, how: {how}, act: {act}}}")
    [error] = caught.value.errors
    assert error.message == f"`act` cannot be `{act}` with `how: {how}`"
