"""Stepping through a scenario: forwards and back to the byte, guesses, commands by line, and a terminal."""

import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter

import pytest
import toy

from softcert_sim.guessing import Guess, Score
from softcert_sim.product import product
from softcert_sim.runner import Options, load
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.model import Scenario
from softcert_sim.stage import Setting, Stage
from softcert_sim.stepping import CannotGoBack, NotBegun, Session
from softcert_sim.stepshell import Shell
from softcert_sim.words import LANGUAGES, language
from softcert_sim.worlds import Suite

WHOLE = shipped() / "0-the-whole-process" / "the-whole-process.scenario.yaml"
CLONED = shipped() / "9-attacks" / "cloned-software-element.scenario.yaml"
RACE = shipped() / "4-downloading" / "twice-at-once.scenario.yaml"
EXAMPLES = (
    "softcert: 1\nscenario: Two\nexamples:\n  - {at: office-pc}\n  - {at: home-pc}\nsteps:\n"
    "  - confirm: {by: li-wei, at: <at>, use: yes}\n"
)
TOY = "softcert: 1\nscenario: Toy\nsteps:\n"
DOWNLOAD = "  - download: {by: li-wei, at: office-pc}\n"

Open = Callable[[Scenario], Session]


@pytest.fixture
def session() -> Iterator[Open]:
    """Opens the product's scenarios."""
    stages: list[Stage] = []

    def opened(scenario: Scenario, transport: str = "memory") -> Session:
        stages.append(Stage(product(), Setting(transport=transport)))
        return Session(stages[-1], scenario)

    yield opened  # type: ignore[misc]
    for stage in stages:
        stage.close()


def scenario(path: Path = WHOLE) -> Scenario:
    [found] = load([path], Options(), product())
    return found


def toys(steps: str) -> Session:
    [story] = Loader(toy.REGISTRY).load_text("a.yaml", TOY + steps, toy.CAST)
    return Session(Stage(toy.suite(), Setting()), story)


def shell(steps: str) -> Shell:
    return Shell(toys(steps))


def said(shell: Shell, *lines: str) -> str:
    """What the last of these lines brings."""
    for line in lines[:-1]:
        shell.do(line)
    return "\n".join(shell.do(lines[-1]))


# --- The session ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [WHOLE, CLONED, RACE], ids=lambda path: path.stem)
def test_back_and_next_make_the_same_bytes_at_every_step(session: Open, path: Path) -> None:
    stepped = session(scenario(path))
    while not stepped.ended:
        first = stepped.next()
        digest = stepped.world.digest()
        stepped.back()
        again = stepped.next()
        assert stepped.world.digest() == digest
        assert [(r.outcome, r.why) for r in again] == [(r.outcome, r.why) for r in first]
    stage = Stage(product(), Setting())
    assert stage.run(scenario(path)).digest == stepped.world.digest()
    stage.close()


def test_going_back_to_the_beginning_and_to_the_end_again_makes_the_same_bytes(session: Open) -> None:
    stepped = session(scenario())
    begun = stepped.world.digest()
    stepped.go(len(stepped.stops) + 1)
    ended = stepped.world.digest()
    stepped.go(1)
    assert (stepped.at, stepped.world.digest()) == (0, begun)
    stepped.go(len(stepped.stops) + 1)
    assert stepped.world.digest() == ended


def test_words_are_told_with_the_step_that_they_stand_before_and_at_the_end_for_themselves() -> None:
    stepped = toys("  - part: One\n  - note: First.\n" + DOWNLOAD + "  - note: The last word.\n")
    assert [len(stop) for stop in stepped.stops] == [3, 1]
    assert list(stepped.headings()) == [(1, "One")]
    assert (stepped.sentence(1), stepped.sentence(2)) == ("li-wei downloads at office-pc", "")
    stepped.go(3)
    assert stepped.ended
    assert not stepped.red


def test_a_red_step_is_the_end_until_one_goes_back() -> None:
    stepped = toys(DOWNLOAD * 3)
    stepped.go(4)
    assert (stepped.at, stepped.red, stepped.ended) == (2, True, True)
    stepped.back()
    assert not stepped.ended


def test_what_interrupts_a_step_leaves_the_place_as_it_was() -> None:
    stepped = toys(DOWNLOAD + "  - misbehave: stop\n")
    stepped.next()
    digest = stepped.world.digest()
    with pytest.raises(KeyboardInterrupt):
        stepped.next()
    assert (stepped.at, stepped.world.digest()) == (1, digest)


def test_a_scenario_that_does_not_begin_says_so() -> None:
    def no_world(**_: object) -> toy.ToyWorld:
        raise ZeroDivisionError

    [story] = Loader(toy.REGISTRY).load_text("a.yaml", TOY + DOWNLOAD, toy.CAST)
    with pytest.raises(NotBegun):
        Session(Stage(Suite(toy.REGISTRY, no_world), Setting()), story)


def test_a_world_of_real_sockets_goes_forward_only(session: Open) -> None:
    stepped = session(scenario(CLONED), "loopback")  # type: ignore[call-arg]
    assert not stepped.goes_back
    stepped.next()
    with pytest.raises(CannotGoBack):
        stepped.back()
    assert stepped.at == 1
    told = Shell(stepped)
    assert "real sockets" in "\n".join(told.opening())
    assert "real sockets" in said(told, "back")
    assert "real sockets" in said(told, "jump 1")
    assert "real sockets" in said(told, "predict on")
    assert "2. li-wei installs the driver" in said(told, "next")
    stepped.close()


# --- Guessing ---------------------------------------------------------------------------------------------------------


def test_asking_plays_nothing_and_knows_the_answer(session: Open) -> None:
    stepped = session(scenario())
    stepped.go(19)
    digest = stepped.world.digest()
    question = stepped.ask()
    assert (stepped.at, stepped.world.digest()) == (18, digest)
    assert question is not None
    assert question.answer == Guess("refused", "one-time-link")
    assert {"driver-first", "one-time-link", "same-computer-download"} <= set(question.rules)
    assert "activate-first" not in question.rules


def test_nothing_is_asked_where_nobody_decides(session: Open) -> None:
    stepped = session(scenario())
    quiet = {stepped.sentence(number) for number in range(1, 41) if _asks_nothing(stepped, number)}
    assert "li-wei opens the homepage at office-pc" in quiet
    assert "3 days pass" in quiet
    assert "the audit log is whole" in quiet
    assert "li-wei downloads the certificate at office-pc" not in quiet


def _asks_nothing(stepped: Session, number: int) -> bool:
    stepped.go(number)
    return stepped.ask() is None


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("one-time-link", "right"), ("refused one-time-link", "right"), ("r one-time-link/used", "right"),
        ("one-time", "right"), ("ONE-TIME-LINK", "right"), ("r", "other-rule"), ("driver-first", "other-rule"),
        ("a", "wrong"), ("allowed", "wrong"), ("s", "wrong"), ("same-computer", None), ("99", None), ("x", None),
    ],
)  # fmt: skip
def test_a_guess_is_read_and_judged(session: Open, line: str, verdict: str | None) -> None:
    stepped = session(scenario())
    stepped.go(19)
    question = stepped.ask()
    assert question is not None
    guess = question.read(line)
    assert (guess and question.judge(guess)) == verdict
    number = question.rules.index("one-time-link") + 1
    assert question.read(str(number)) == Guess("refused", "one-time-link")


def test_what_the_protocol_stops_is_neither_allowed_nor_refused() -> None:
    stepped = toys("  - restart:\n    as: a\n  - replay: {by: thief, exchange: a}\n    rejected: badNonce\n")
    stepped.next()
    question = stepped.ask()
    assert question is not None
    assert question.answer == Guess("stopped")


def test_the_score_counts_what_was_half_right() -> None:
    score = Score()
    for judgement in ("right", "wrong", "other-rule", "right"):
        score.add(judgement)
    assert score == Score(asked=4, right=2, half=1)


# --- Commands ---------------------------------------------------------------------------------------------------------


def test_next_tells_the_step_and_what_comes() -> None:
    told = said(shell("  - part: One\n" + DOWNLOAD * 2 + "    refused: one-time-link/used\n"), "")
    assert told.splitlines()[:3] == ["", "One", "───"]
    assert "  1. li-wei downloads at office-pc\n     ✓ allowed" in told
    assert told.endswith("\nnext   2. li-wei downloads at office-pc")


def test_next_plays_as_many_steps_as_are_asked_for() -> None:
    asked = shell(DOWNLOAD + "    as: one\n" + (DOWNLOAD + "    refused: one-time-link/used\n") * 3)
    assert said(asked, "next 3").endswith("\nnext   4. li-wei downloads at office-pc")
    assert "The end" in said(asked, "next 9")


def test_the_end_is_told_as_a_run_tells_it() -> None:
    asked = shell("  - steal: {by: thief, what: li-wei}\n    limit: Nothing stops it.\n")
    assert said(asked, "n").endswith(
        "The end: 1 step, all as expected, and an attack succeeds that nothing of this kind can stop."
    )
    assert "The end" in said(asked, "n")


def test_a_red_step_says_who_differs() -> None:
    told = said(shell(DOWNLOAD * 2), "next", "next")
    assert "✗ refused one-time-link/used, expected allowed" in told
    assert "Author and system differ." in told


def test_back_and_again_and_their_limits() -> None:
    asked = shell(DOWNLOAD)
    assert "beginning" in said(asked, "back")
    assert "beginning" in said(asked, "again")
    told = said(asked, "next")
    assert said(asked, "again") == told.rpartition("\n\n")[0]
    assert "Step 1 is undone" in said(asked, "b")


@pytest.mark.parametrize(
    ("line", "at"),
    [("jump 3", 2), ("j 1", 0), ("jump refusal", 1), ("jump end", 3), ("jump second", 2), ("jump 4", 0), ("jump 0", 0),
     ("jump nowhere", 0), ("jump", 0)],
)  # fmt: skip
def test_jumps(line: str, at: int) -> None:
    asked = shell(f"{DOWNLOAD * 2}    refused: one-time-link/used\n  - part: The Second Part\n  - restart:\n")
    told = said(asked, line)
    assert asked.session.at == at
    if not at and line != "j 1":
        assert "    3  The Second Part" in told


def test_the_list_shows_what_was_played_and_where_one_is() -> None:
    told = said(shell(DOWNLOAD * 2 + "    refused: one-time-link/used\n  - part: End\n  - restart:\n"), "n", "n", "list")
    assert [line[:7] for line in told.splitlines()] == [" ✓   1.", " ⊘   2.", "", "End", " →   3."]


@pytest.mark.parametrize(
    ("line", "meant"), [("nxt", "Did you mean `next`?"), ("bakc", "`back`"), ("wibble", "There is no command wibble.")]
)
def test_an_unknown_command_suggests_the_nearest(line: str, meant: str) -> None:
    asked = shell(DOWNLOAD)
    assert meant in said(asked, line)
    assert asked.session.at == 0


def test_the_beginning_of_a_command_is_enough_where_it_is_the_only_one() -> None:
    asked = shell(DOWNLOAD)
    assert "score" in said(asked, "he")
    assert said(asked, "r one-time-l").startswith("one-time-link\n")
    assert "no command l o" not in said(asked, "l")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_help_names_every_command(lang: str) -> None:
    asked = Shell(toys(DOWNLOAD), lang)
    told = said(asked, "help")
    assert len(told.splitlines()) < 10
    for command in ("next", "back", "jump", "list", "again", "look", "mail", "who", "predict", "score", "rule", "quit"):
        assert re.search(rf"\b{command}\b", told, re.ASCII)


def test_predicting_asks_first_counts_and_can_be_left() -> None:
    asked = shell(f"  - restart:\n{DOWNLOAD * 2}    refused: one-time-link/used\n  - check-downloads: {{count: 1}}\n")
    said(asked, "predict on")
    assert "allowed" in said(asked, "next")
    question = said(asked, "next")
    assert "What will come of it?" in question
    assert "refused by one-time-link" in question
    assert "Allowed:" not in question
    assert asked.session.at == 1
    assert asked.prompt == "1/4 guess> "
    assert "neither a guess" not in said(asked, "help")
    assert said(asked, "a").startswith("Right. Score: 1 of 1 right.\n  2. li-wei downloads")
    assert said(asked, "next", "driver-first").startswith("Refused, yes; but look by which rule. Score: 1 of 2 right, 1 ")
    assert "holds" in said(asked, "next")
    assert "Score: 1 of 2 right" in said(asked, "quit")
    assert asked.done


def test_a_question_passes_with_enter_back_or_predict_off() -> None:
    asked = shell(DOWNLOAD * 2 + "    refused: one-time-link/used\n")
    said(asked, "predict on", "next")
    assert "✓ allowed" in said(asked, "")
    assert asked.session.score.asked == 0
    said(asked, "next", "back")
    assert asked.prompt == "0/2> "
    said(asked, "next", "predict off")
    assert "✓ allowed" in said(asked, "next")


# --- Looking ----------------------------------------------------------------------------------------------------------

LOOKS = ("look", "look office-pc", "look red-usb", "look li-wei", "look inbox", "look office", "look audit", "who",
         "mail", "mail 1", "mail 9", "look nowhere", "rule one-time-link", "list", "again", "help", "score")  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_looking_around_changes_nothing(session: Open, lang: str) -> None:
    stepped = session(scenario())
    stepped.go(19)
    before, digest = stepped.world.snapshot(), stepped.world.digest()
    asked = Shell(stepped, lang)
    for line in LOOKS:
        assert said(asked, line)
    assert (stepped.at, stepped.world.snapshot(), stepped.world.digest()) == (18, before, digest)


def test_what_is_looked_at_is_the_world_of_that_place(session: Open) -> None:
    asked = Shell(session(scenario()))
    assert "no mail 1" in said(asked, "mail 1")
    assert "Nobody knows anything yet." in said(asked, "who")
    said(asked, "jump 18")
    assert "Give this address to the certificate assistant" in said(asked, "mail 1")
    assert "used 8 January 2026 at 09:00:16 by office-pc" in " ".join(said(asked, "look office").split())
    assert "certificate     none yet" in said(asked, "jump 17", "look office-pc")
    codes = said(asked, "who activation-code")
    assert "activation code" in codes
    assert "PIN" not in codes
    assert "activation code" in said(asked, "who li-wei")
    assert said(asked, "who thief").startswith("Nobody knows thief")
    assert "开始办公" in said(Shell(session(scenario()), "zh"), "look audit")
    assert "Did you mean `red-usb`?" in said(asked, "look redusb")


# --- Words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["looks", "stepping"])
def test_every_language_says_the_same_of_the_same(table: str) -> None:
    english = getattr(language("en"), table)
    for lang in LANGUAGES:
        other = getattr(language(lang), table)
        assert list(other) == list(english)
        for key in english:
            assert _slots(other[key]) == _slots(english[key]), key


def _slots(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


# --- The terminal -----------------------------------------------------------------------------------------------------


def run(folder: Path, lines: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "softcert_sim.cli", "run", *arguments, "--step"]
    return subprocess.run(command, cwd=folder, input=lines, capture_output=True, text=True, check=False, encoding="utf-8")


def test_from_a_pipe_it_reads_lines_and_writes_no_colours(tmp_path: Path) -> None:
    ended = run(tmp_path, "next\nback\n", str(WHOLE))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\x1b" not in ended.stdout
    assert "0/40> next\n" in ended.stdout
    assert "1/40> back\nStep 1 is undone" in ended.stdout
    assert ended.stdout.endswith("0/40> \n")


def test_red_is_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "red.yaml").write_text(EXAMPLES.replace("use: yes", "use: no"), encoding="utf-8")
    assert run(tmp_path, "next\n", "red.yaml", "--example", "1").returncode == 1
    assert run(tmp_path, "", "red.yaml", "--example", "1").returncode == 0


def test_of_several_examples_one_is_asked_for_or_named(tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(EXAMPLES, encoding="utf-8")
    asked = run(tmp_path, "2\nnext\n", "two.yaml")
    assert "  1  Two" in asked.stdout
    assert "Which one? 1 to 2: 2" in asked.stdout
    assert "whether to use home-pc" in asked.stdout
    assert "whether to use office-pc" in run(tmp_path, "", "two.yaml", "--example", "1").stdout
    for lines, more in (("x\n", ()), ("", ()), ("", ("--example", "3"))):
        wrong = run(tmp_path, lines, "two.yaml", *more)
        assert wrong.returncode == 2
        assert "--example 1 to 2" in wrong.stderr


def test_a_scenario_that_does_not_begin_is_told_as_a_run_tells_it(tmp_path: Path) -> None:
    stuck = "softcert: 1\npreludes:\n  stuck:\n    steps:\n      - download: {by: li-wei, at: office-pc}\n"
    (tmp_path / "suite.yaml").write_text(stuck, encoding="utf-8")
    (tmp_path / "a.yaml").write_text(EXAMPLES.replace("steps:", "given: {li-wei: stuck}\nsteps:"), encoding="utf-8")
    ended = run(tmp_path, "next\n", "a.yaml", "--example", "1")
    assert ended.returncode == 1
    assert "Given li-wei stuck, suite.yaml:5" in ended.stdout
    assert "0/1>" not in ended.stdout


CONTROLLING = """
import fcntl, signal, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent in the background leaves it ignored
from softcert_sim.cli import main
main()
"""
"""The command, at a terminal that sends it what Ctrl-C means."""


class Terminal:
    """A person at a terminal, who types when a prompt stands there."""

    def __init__(self, *arguments: str) -> None:
        self._end, self._inner = pty.openpty()
        self._shown = b""
        self._process = subprocess.Popen(
            [sys.executable, "-c", CONTROLLING, "run", *arguments, "--step"],
            stdin=self._inner, stdout=self._inner, stderr=self._inner, start_new_session=True,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": ""},
        )  # fmt: skip

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._inner)
        os.close(self._end)

    def until(self, text: str) -> str:
        """All that is shown until this stands there, and no more."""
        while text.encode() not in self._shown:
            assert select.select([self._end], [], [], 60)[0], f"{text!r} does not come; shown is {self._shown!r}"
            self._shown += os.read(self._end, 4096)
        before, _, self._shown = self._shown.partition(text.encode())
        return before.decode()

    def interrupts(self) -> None:
        """Ctrl-C, once the line editor waits for keys: CPython's does not hear one between a key and its wait."""
        while _state(self._process.pid) != "S":
            os.sched_yield()
        self.types("\x03")

    def types(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    def ends(self) -> int:
        return self._process.wait(60)


def _state(process: int) -> str:
    """`R` where it works, `S` where it waits (proc(5))."""
    return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs to see whether a process waits")
def test_at_a_terminal_it_has_colours_and_ctrl_c_does_not_lose_the_place() -> None:
    with Terminal(str(CLONED)) as terminal:
        terminal.until("0/15> ")
        terminal.types("next\n")
        assert "\x1b[32m✓ allowed" in terminal.until("1/15> ")
        terminal.types("nex")
        terminal.until("nex")
        terminal.interrupts()
        terminal.until("The place is as it was.")
        terminal.until("1/15> ")
        terminal.types("\x04")
        assert terminal.ends() == 0
