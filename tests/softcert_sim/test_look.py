"""Looking at a world: in words, of every world that the shipped suite ends in, and without a trace."""

import re
from collections.abc import Iterator

import pytest
from whole import Whole

from softcert_sim.look import Look, Sheet
from softcert_sim.product import product
from softcert_sim.runner import Options, load
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.model import Scenario
from softcert_sim.stage import Setting, Stage
from softcert_sim.world import World

WHOLE = shipped() / "0-the-whole-process" / "the-whole-process.scenario.yaml"
def test_every_world_of_the_suite_can_be_looked_at_and_looking_changes_nothing(whole: Whole) -> None:
    assert whole.results.green
    assert whole.ends == len(whole.results.scenarios)
    assert whole.touched == []
    assert whole.soup == []


# --- What is said, in the whole process -------------------------------------------------------------------------------


class Shown:
    """A scenario that is played up to a line of its file, and looked at there."""

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        self._stage, self._scenario = stage, scenario

    def after(self, verb: str, which: int = 1) -> Look:
        """After the step of that verb, the first or a later one."""
        play = self._stage.open(self._scenario)
        for step in self._scenario.steps:
            assert play.step(step).green
            which -= step.verb == verb
            if not which:
                break
        assert isinstance(play.world, World)
        return Look(play.world)


@pytest.fixture(scope="module")
def shown() -> Iterator[Shown]:
    suite = product()
    stage = Stage(suite, Setting())
    [scenario] = load([WHOLE], Options(), suite)
    yield Shown(stage, scenario)
    stage.close()


def lines(sheet: Sheet) -> dict[str, str]:
    return dict(sheet.lines)


def titled(sheets: tuple[Sheet, ...], beginning: str) -> Sheet:
    [sheet] = [sheet for sheet in sheets if sheet.title.startswith(beginning)]
    return sheet


def test_a_computer_before_and_after_the_download(shown: Shown) -> None:
    before = lines(shown.after("apply").computer("office-pc"))
    assert before["driver"] == "installed, version 1.0.0"
    assert before["certificate"].startswith("none yet; the key for the application ")
    after = lines(shown.after("download").computer("office-pc"))
    assert re.fullmatch(
        r"[0-9a-f]{8}…, of 杭州西溪茶业有限公司, issued; valid until 7 January 2031 at 09:00:16", after["certificate"]
    )
    assert after["bound to"] == "this computer"
    assert after["PIN"] == "still the initial one; wrong ones left: 10"
    assert lines(shown.after("change-pin").computer("office-pc"))["PIN"].startswith("changed by its owner")


def test_a_filled_form_waits_in_the_browser(shown: Shown) -> None:
    assert lines(shown.after("fill").computer("office-pc"))["form in the browser"].endswith("not yet looked over")
    assert "looked over" in lines(shown.after("review").computer("office-pc"))["form in the browser"]
    assert "form in the browser" not in lines(shown.after("apply").computer("office-pc"))


def test_a_drive_and_the_computer_that_was_left(shown: Shown) -> None:
    there = lines(shown.after("backup").drive("red-usb"))
    assert there["kind"] == "a flash drive"
    assert there["plugged into"] == "office-pc"
    assert "whole: it is what the office registered; at the office: unspent" in there["backup"]
    moved = shown.after("recover")
    assert lines(moved.drive("red-usb"))["backup"].endswith("at the office: spent")
    assert lines(moved.computer("office-pc"))["bound to"] == "home-pc, so it is of no use here"
    assert lines(moved.computer("home-pc"))["plugged in"] == "red-usb"


def test_the_inbox_and_a_mail_in_plain_text(shown: Shown) -> None:
    look = shown.after("approve")
    box = titled(look.inbox(), "Mailbox of li-wei")
    [(number, told)] = box.lines
    assert "Your registration was successful" in told
    mail = look.mail(int(number))
    assert mail is not None
    assert lines(mail)["to"] == "li.wei@xixi-tea.example"
    assert "/download/" in lines(mail)["text"]
    assert look.mail(99) is None


def test_the_office_as_lists(shown: Shown) -> None:
    sheets = shown.after("recover").office()
    assert [told for _, told in titled(sheets, "Bindings").lines] == [
        "was bound to office-pc (number 1, since 8 January 2026 at 09:00:16); retired",
        "bound to home-pc (number 2, since 8 January 2026 at 09:00:33)",
    ]
    assert "to li-wei: used;" in dict(titled(sheets, "Download").lines).popitem()[1]
    audit = titled(sheets, "Audit log (the last 10 of ")
    assert audit.lines[-1][1] == "8 January 2026 at 09:00:33, home-pc: recover, allowed"
    whole = titled(shown.after("recover").office(whole_audit=True), "Audit log")
    assert len(whole.lines) > 10


def test_who_knows_what_is_what_people_learned_and_no_true_secret_besides(shown: Shown) -> None:
    assert shown.after("fill").knowledge() == ()
    [knows] = shown.after("apply").knowledge()
    assert knows.title == "li-wei knows"
    assert {label for label, _ in knows.lines} == {"application", "activation code"}
    [later] = shown.after("change-pin").knowledge()
    assert lines(later)["PIN"] == "12345678, Jasmine-1987"
