"""Crashes everywhere: the whole process survives each of them, and what does not is found and written down."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import real

from softcert import disk, pending
from softcert.driver import Driver
from softcert.errors import Refused
from softcert_sim.crashes import Crashes, crash_everywhere
from softcert_sim.crashpoints import KINDS, watching
from softcert_sim.product import product
from softcert_sim.runner import Options
from softcert_sim.sabotage.hand import broken
from softcert_sim.stage import Setting, Stage

DOWNLOAD = """softcert: 1
scenario: He downloads
given: {li-wei: approved}
steps:
  - read-mail: {by: li-wei}
  - download: {by: li-wei, at: office-pc}
  - download: {by: li-wei, at: office-pc}
    refused: one-time-link/used
"""


def struck(tmp_path: Path, text: str, workers: int = 1) -> Crashes:
    """A scenario, struck everywhere."""
    (tmp_path / "struck.yaml").write_text(text, encoding="utf-8")
    return crash_everywhere([tmp_path / "struck.yaml"], Options(workers=workers), product)


def red_steps(text: str) -> list[str]:
    """Verbs of a counterexample as far as it runs, the last one red; empty where it is green."""
    result = real.play(real.read(text))
    return [step.verb for step in result.steps] if result.red else []


# --- Nothing is lost --------------------------------------------------------------------------------------------------


def test_the_whole_process_survives_every_crash() -> None:
    crashes = crash_everywhere([Path("scenarios/0-the-whole-process")], Options(), product)
    assert crashes.green, crashes.report()
    [one] = crashes.struck
    points = Counter(kind for _, kind in one.points.elements())
    assert points.keys() == set(KINDS)
    # As many as there were when this was written: fewer would mean that something is no longer struck.
    assert points["power cut"] >= 180
    assert points["drive pulled"] >= 30
    assert points["office killed"] >= 240
    assert points["line cut"] >= 45


def test_the_numbers_and_files_are_the_same_for_any_number_of_workers() -> None:
    names = ("4-downloading/used-address", "5-first-login/wrong-code")
    paths = [Path(f"scenarios/{name}.scenario.yaml") for name in names]
    one, two = (crash_everywhere(paths, Options(workers=workers), product) for workers in (1, 2))
    assert (one.struck, one.files) == (two.struck, two.files)


def test_only_what_people_do_and_nothing_strikes_already_is_struck(tmp_path: Path) -> None:
    text = DOWNLOAD + "  - steal: {by: thief, what: mailbox, of: li-wei}\n  - check-address: {of: li-wei, is: used}\n"
    [one] = struck(tmp_path, text).struck
    assert {verb for verb, _ in one.points} == {"download"}


# --- What is lost is found --------------------------------------------------------------------------------------------


def test_an_office_that_repeats_nothing_loses_certificates(tmp_path: Path) -> None:
    text = DOWNLOAD.replace("steps:", "policy: {repeat-until-acknowledged: no}\nsteps:")
    crashes = struck(tmp_path, text)
    assert not crashes.green
    assert {kind for found in crashes.struck[0].found for kind in [found.kind]} >= {"line cut", "power cut"}
    cut = next(file for file in crashes.files if "cut-answer" in file)
    assert red_steps(cut)[-1].startswith("check-")
    assert "download: {by: li-wei, at: office-pc}" in cut
    # Only with the crash in it, and where the office repeats nothing.
    assert red_steps(cut.replace("repeat-until-acknowledged: false", "pin-tries: 9"))[-1] == "download"


def test_a_driver_that_notes_a_request_after_sending_it_loses_codes(tmp_path: Path) -> None:
    """The record of what is asked is not durable: the power takes it along."""

    def not_durable(replace: Any, disk: Any, path: str, data: bytes) -> None:
        if path.startswith(pending.FOLDER):
            disk.write(path, data)
        else:
            replace(disk, path, data)

    text = "softcert: 1\nscenario: He applies\ngiven: {li-wei: driver-installed}\nsteps:\n"
    text += "  - read-notice: {by: li-wei, at: office-pc}\n  - apply: {by: li-wei, at: office-pc}\n"
    with broken(lambda hand: hand.wrap("softcert.disk.replace", not_durable)):
        crashes = struck(tmp_path, text)
    assert {(found.verb, found.kind) for found in crashes.struck[0].found} == {("apply", "power cut")}
    assert any("power-cut" in file for file in crashes.files)


def test_a_filing_that_is_never_taken_again_is_lost(tmp_path: Path) -> None:
    """Nothing but the answer shows whether something was filed."""

    def once(file: Any, driver: Driver, *asked: Any) -> Any:
        if disk.exists(driver.computer.disk, "softcert/begun"):
            raise Refused("business-after-activation", "no-session", "Log in again.")
        disk.replace(driver.computer.disk, "softcert/begun", b"")
        return file(driver, *asked)

    text = "softcert: 1\nscenario: He files\ngiven: {li-wei: active}\nsteps:\n"
    text += "  - login: {by: li-wei, at: office-pc}\n  - file: {by: li-wei, at: office-pc}\n"
    with broken(lambda hand: hand.wrap("softcert.driver.Driver.file", once)):
        crashes = struck(tmp_path, text)
        assert red_steps(crashes.files[0])[-2:] == ["file", "file"]
    assert {found.verb for found in crashes.struck[0].found} == {"file"}


def test_a_scenario_that_fails_by_itself_is_told_and_not_struck(tmp_path: Path) -> None:
    crashes = struck(tmp_path, DOWNLOAD.replace("    refused: one-time-link/used\n", ""))
    assert not crashes.green
    assert "1 scenario failed unstruck" in crashes.report()
    assert crashes.struck[0].points == Counter()


# --- The command line -------------------------------------------------------------------------------------------------


def called(*words: str) -> subprocess.CompletedProcess[str]:
    """What `softcert …` does."""
    command = [sys.executable, "-m", "softcert_sim.cli", *words]
    return subprocess.run(command, capture_output=True, check=False, encoding="utf-8")


def test_counterexamples_are_written_into_a_folder(tmp_path: Path) -> None:
    text = DOWNLOAD.replace("steps:", "policy: {repeat-until-acknowledged: no}\nsteps:")
    (tmp_path / "lost.yaml").write_text(text, encoding="utf-8")
    done = called("run", str(tmp_path / "lost.yaml"), "--crash-everywhere", "--artifacts", str(tmp_path / "found"))
    assert (done.returncode, done.stderr) == (1, "")
    assert re.search(r"1 scenario struck at \d+ moments: something is lost at \d+ ", done.stdout)
    assert "Found by softcert" not in done.stdout
    files = sorted((tmp_path / "found").iterdir())
    assert [file.name for file in files] == [f"crash-{number}.scenario.yaml" for number in range(1, len(files) + 1)]
    assert red_steps(files[0].read_text(encoding="utf-8"))


@pytest.mark.parametrize("beside", [["--json", "r.json"], ["--step"], ["--transport", "loopback"]], ids=" ".join)
def test_what_does_not_go_with_it_is_refused(beside: list[str]) -> None:
    done = called("run", "--crash-everywhere", *beside)
    assert done.returncode == 2
    assert f"leave {beside[0]} out" in done.stderr


# --- Moments ----------------------------------------------------------------------------------------------------------


def test_each_moment_of_a_step_is_there_and_strikes() -> None:
    scenario = real.read(DOWNLOAD)
    stage = Stage(product(), Setting())
    play = stage.open(scenario)
    play.opinion.state = None
    play.step(scenario.steps[0])
    before = play.take()
    with watching(play.world) as watched:
        play.unjudged(scenario.steps[1])
    count = 0
    for point in watched.points():
        play.put_back(before)
        text = f"{point.fault.name} {dict(point.fault.arguments)}"
        step = type(scenario.steps[1])(0, "download", scenario.steps[1].arguments, faults=(point.fault,))
        assert play.anyhow(step).green, text
        count += 1
    stage.close()
    assert count > 35
