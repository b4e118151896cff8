"""The command line on toys: exit codes, messages with place and remedy, never a traceback."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import toy
from rich.cells import cell_len
from typer.main import get_command

from softcert import __version__
from softcert.rules.catalogue import RULES
from softcert_sim.cli import app
from softcert_sim.commands.modes import MODES
from softcert_sim.rulebook import one_rule
from softcert_sim.scenario.files import discover, shipped, shown
from softcert_sim.scenario.loader import Loader

GREEN = "softcert: 1\nscenario: Green\ntags: [easy]\nsteps:\n  - download: {by: li-wei, at: office-pc}\n"
RED = "softcert: 1\nscenario: Red\nsteps:\n  - misbehave: break\n"
SLOW_MODULES = ("rich", "jinja2", "sqlalchemy", "cryptography", "httpcore", "starlette", "yaml", "softcert_sim.world")


@pytest.fixture
def green(tmp_path: Path) -> Path:
    (tmp_path / "green.yaml").write_text(GREEN, encoding="utf-8")
    return tmp_path


def test_a_single_file_is_told(softcert, green: Path) -> None:
    told = softcert("run", "green.yaml")
    assert told.code == 0
    assert "1. li-wei downloads at office-pc" in told.out
    assert "1 step, all as expected." in told.out
    assert told.err == ""


def test_a_folder_ends_in_tables_and_a_sum(softcert, green: Path) -> None:
    ended = softcert("run", ".")
    assert ended.code == 0
    assert "1 scenario: 1 as expected, 0 show a limit, 0 not as expected" in ended.out
    assert "one-time-link" in ended.out
    assert "c16" in ended.out


def test_red_is_exit_code_1_with_the_command_that_shows_it_again(softcert, green: Path) -> None:
    (green / "red.yaml").write_text(RED, encoding="utf-8")
    ended = softcert("run", ".", "--seed", "4")
    assert ended.code == 1
    assert "red.yaml:4: Red" in ended.out
    assert "softcert run red.yaml --seed 4" in ended.out


def test_reports_are_written(softcert, green: Path) -> None:
    ended = softcert("run", ".", "--json", "r.json", "--junit", "r.xml", "--artifacts", "out/deep", "--workers", "1")
    assert ended.code == 0
    assert json.loads((green / "r.json").read_text(encoding="utf-8"))["totals"]["as_expected"] == 1
    assert ET.parse(green / "r.xml").getroot().get("tests") == "1"
    assert (green / "out" / "deep" / "green" / "log.txt").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "none.yaml"], "none.yaml: there is no such file or folder"),
        (["run", "empty"], "empty: there is no scenario in this folder"),
        (["run", ".", "--json", "no/r.json"], "make it first"),
        (["run", ".", "--junit", "empty"], "this is a folder"),
        (["run", ".", "--artifacts", "green.yaml"], "--artifacts green.yaml"),
        (["run", ".", "--rule", "one-time-lnk"], "Did you mean `one-time-link`"),
        (["run", ".", "--tag", "eazy"], "Did you mean `easy`"),
        (["run", ".", "--seed", "x"], "--seed"),
        (["run", ".", "--seed", "-1"], "--seed"),
        (["run", ".", "--workers", "-1"], "--workers"),
        (["run", ".", "--transport", "pigeon"], "--transport"),
        (["run", ".", "--colour"], "--colour"),
        (["rules", "one-time"], "one-time: there is no such rule. Did you mean `one-time-link`"),
        (["run", "green.yaml", "--example", "1"], "add --step"),
        (["run", "green.yaml", "--step", "--example", "2"], "1 example: leave out --example"),
        (["run", "green.yaml", "--step", "--junit", "r.xml"], "leave --junit out"),
        (["run", "green.yaml", "--step", "--require-coverage"], "leave --require-coverage out"),
        (["dance"], "dance"),
    ],
)
def test_errors_of_usage_are_exit_code_2(softcert, green: Path, arguments: list[str], message: str) -> None:
    (green / "empty").mkdir()
    ended = softcert(*arguments)
    assert ended.code == 2
    assert message in ended.err
    assert ended.out == ""


VALUES = {"--rule": "one-time-link", "--tag": "easy", "--seed": "2", "--workers": "1", "--transport": "memory",
          "--lang": "en", "--shard": "1/1", "--expected-failures": "none.txt", "--policy-matrix": "{}",
          "--junit": "r.xml", "--json": "r.json", "--html": "r.html", "--artifacts": "out", "--break": "one-time-link",
          "--example": "1"}  # fmt: skip
OPTIONS = [option.opts[0] for option in get_command(app).commands["run"].params if option.opts[0].startswith("--")]  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("option", OPTIONS)
def test_what_does_not_go_with_a_mode_is_refused_and_never_ignored(softcert, green: Path, mode: str, option: str) -> None:
    assert set(MODES[mode].goes) < set(OPTIONS)
    if option in (mode, *MODES[mode].goes):
        return
    call = [part for name in (mode, option) for part in (name, VALUES.get(name)) if part is not None]
    ended = softcert("run", "green.yaml", *call)
    assert (ended.code, ended.out) == (2, "")
    first, other = sorted((mode, option), key=[*MODES, option].index)
    assert ended.err.startswith(f"softcert: {first} ")
    assert ended.err.endswith(f": leave {other} out.\n")


def test_a_folder_of_files_cannot_be_stepped_through(softcert, green: Path) -> None:
    (green / "red.yaml").write_text(RED, encoding="utf-8")
    ended = softcert("run", ".", "--step")
    assert (ended.code, ended.out) == (2, "")
    assert "--step steps through one file: name it." in ended.err


@pytest.mark.parametrize("output", [("--json", "/proc/r.json"), ("--junit", "/proc/r.xml"), ("--artifacts", "/proc/a")])
def test_a_place_that_cannot_be_written_is_refused_before_the_run(softcert, green: Path, output) -> None:
    toy.BUILT.clear()  # not even root writes into /proc
    assert "cannot be written" in softcert("run", ".", *output).err
    assert toy.BUILT == []


def test_two_outputs_are_two_files(softcert, green: Path) -> None:
    assert "a file of its own" in softcert("run", ".", "--json", "r", "--junit", "./r").err


@pytest.mark.parametrize("option", ["--json", "--junit", "--html"])
def test_a_report_is_written_over_and_no_other_file(softcert, green: Path, option: str) -> None:
    refused = softcert("run", option, "green.yaml")
    assert refused.code == 2
    assert f"{option} green.yaml: is there already and is no earlier report of this kind" in refused.err
    assert (green / "green.yaml").read_text(encoding="utf-8") == GREEN
    assert softcert("run", "green.yaml", option, "report").code == 0
    assert softcert("run", "green.yaml", option, "report").code == 0
    other = "--junit" if option == "--json" else "--json"
    assert softcert("run", "green.yaml", other, "report").code == 2


def test_what_names_no_rule_says_so(softcert, green: Path) -> None:
    told = softcert("run", "green.yaml", "--rule", "code-once")
    assert told.code == 2
    assert "--rule code-once: no scenario of these names it; they name no rule; leave it out." in told.err
    (green / "rule.yaml").write_text(GREEN.replace("Green", "R") + "rules: [one-time-link]\n", encoding="utf-8")
    assert "rules named here: one-time-link." in softcert("run", ".", "--rule", "code-once").err


def test_two_of_one_title_say_what_to_do(softcert, green: Path) -> None:
    (green / "other.yaml").write_text(GREEN, encoding="utf-8")
    assert "give one of them another title" in softcert("run", ".").err


def test_what_is_not_there_offers_shipped_ones(softcert, green: Path) -> None:
    told = softcert("run", "scenarios/8-mistake")
    assert told.code == 2
    assert "Shipped ones are near: scenarios/8-mistakes" in told.err


@pytest.mark.parametrize("name", ["8-mistakes", "scenarios/8-mistakes"])
def test_shipped_ones_are_named_with_or_without_their_folder(green: Path, monkeypatch, name: str) -> None:
    monkeypatch.chdir(green)
    found = discover([Path(name)])
    assert {shown(path).rpartition("/")[0] for path in found} == {"scenarios/8-mistakes"}


def test_shipped_ones_inside_of_this_folder_keep_their_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shipped().parent.parent)  # as where a wheel is installed below
    assert shown(shipped() / "suite.yaml") == "scenarios/suite.yaml"


def test_outputs_are_checked_before_the_run(softcert, green: Path) -> None:
    toy.BUILT.clear()
    softcert("run", ".", "--json", "no/r.json")
    assert toy.BUILT == []


@pytest.mark.parametrize("command", ["run", "lint"])
def test_bad_files_are_exit_code_2_with_all_their_errors(softcert, green: Path, command: str) -> None:
    (green / "bad.yaml").write_text("softcert: 1\nscenario: Bad\nsteps: [{downlaod: {}}]\nx: 1\n", encoding="utf-8")
    ended = softcert(command, ".")
    assert ended.code == 2
    assert "bad.yaml:3:10: no verb `downlaod`" in ended.err
    assert "did you mean `download`?" in ended.err
    assert "2 errors in 1 file." in ended.err


def test_lint_says_what_is_in_order(softcert, green: Path) -> None:
    ended = softcert("lint", ".")
    assert (ended.code, ended.out) == (0, "1 file in order, 1 scenario.\n")


def test_ctrl_c_is_exit_code_130(softcert, green: Path) -> None:
    (green / "stop.yaml").write_text("softcert: 1\nscenario: Stop\nsteps: [{misbehave: stop}]\n", encoding="utf-8")
    ended = softcert("run", "stop.yaml")
    assert ended.code == 130
    assert ended.err == "softcert: stopped.\n"


ON_TOYS = """
import signal, sys, types, toy
signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent in the background leaves it ignored
sys.modules["softcert_sim.product"] = fake = types.ModuleType("softcert_sim.product")
fake.product = toy.suite
from softcert_sim.cli import main
main()
"""


@pytest.mark.skipif(os.name != "posix", reason="a signal to a process")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_what_would_never_end(tmp_path: Path, workers: str) -> None:
    for name in ("one", "two"):
        text = f"softcert: 1\nscenario: {name}\nsteps: [{{misbehave: hang}}]\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    call = [sys.executable, "-c", ON_TOYS, "run", ".", "--workers", workers]
    env = {**os.environ, "PYTHONPATH": str(Path(toy.__file__).parent)}
    with subprocess.Popen(call, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"hanging\n"
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert said.decode() == "softcert: stopping …\nsoftcert: stopped.\n"


@pytest.mark.skipif(os.name != "posix", reason="a signal to a process")
def test_ctrl_c_is_answered_at_once() -> None:
    code = "import signal\nfrom softcert_sim.commands.terminal import answering_ctrl_c as c\n"
    code += "with c(): signal.raise_signal(2)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, encoding="utf-8")
    assert ended.stderr.startswith("softcert: stopping …\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["schema", "rules"])
def test_output_that_cannot_be_written_is_no_fault_of_the_program(command: str) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        call = [sys.executable, "-m", "softcert_sim.cli", command]
        ended = subprocess.run(call, stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert ended.returncode == 2
    assert ended.stderr == (
        "softcert: the output cannot be written: No space left on device. Send it to another place.\n"
    )


def test_the_version_is_shown(softcert) -> None:
    assert softcert("--version").out == f"softcert {__version__}\n"


def test_a_fault_of_the_program_is_a_short_message(softcert, green: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(sys.modules["softcert_sim.product"], "product", fail)
    ended = softcert("run", ".")
    assert ended.code == 3
    assert "ZeroDivisionError: by nought" in ended.err
    assert "SOFTCERT_DEBUG=1" in ended.err


def test_the_schema_is_json(softcert) -> None:
    ended = softcert("schema")
    assert ended.code == 0
    assert "download" in json.loads(ended.out)["definitions"]["step"]["properties"]


def test_rules_lists_all(softcert) -> None:
    listed = softcert("rules")
    assert listed.code == 0
    assert "one-time-link" in listed.out
    assert "link-lifetime" in listed.out
    assert "7 days: " in listed.out


def test_rules_shows_one_whole(softcert) -> None:
    shown = softcert("rules", "one-time-link")
    assert shown.code == 0
    for words in (
        "one-time-link (gate)",
        "c18  “once downloaded, the address will be invalid”",
        "does not stop  Malware",
        "one-time-link/used",
        "download (office 8)",
        "link-lifetime  7 days",
    ):
        assert words in shown.out


def test_verbs_lists_all_and_shows_one_with_its_arguments(softcert) -> None:
    listed = softcert("verbs")
    assert listed.code == 0
    for line in ("  download  Download the certificate; works once.", "  cut-answer  No answer arrives.",
                 "  approved  The person was approved."):  # fmt: skip
        assert line in listed.out.splitlines()
    shown = softcert("verbs", "power-cut")
    assert "  at     one of disk-any, disk-read, " in shown.out
    assert "such as drive-contains 1;\n         required;" in shown.out
    assert shown.out.splitlines()[-1] == "  keeps  a number; left out: 0"
    assert "Did you mean `power-cut`?" in softcert("verbs", "powercut").err
    assert "succeed  a number; required" in softcert("verbs", "together").out
    assert "Did you mean `together`?" in softcert("verbs", "togther").err


def test_a_rule_names_its_scenarios() -> None:
    text = "softcert: 1\nscenario: Used\nrules: [one-time-link]\nsteps: [{restart: }]\n"
    scenarios = Loader(toy.REGISTRY).load_text("used.yaml", text, toy.CAST)
    assert "Scenarios that name it: 1\n  used.yaml: Used" in one_rule(RULES["one-time-link"], scenarios)
    assert "Scenarios that name it: none" in one_rule(RULES["code-once"], scenarios)
    assert "cannot be read; `softcert lint` says why" in one_rule(RULES["code-once"], None)


def test_help_imports_nothing_slow() -> None:
    code = f"import sys, softcert_sim.cli; print([name for name in {SLOW_MODULES!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert loaded == "[]\n"


def test_help_names_every_command(softcert) -> None:
    helped = softcert("--help")
    assert helped.code == 0
    for command in ("run", "lint", "schema", "rules", "verbs"):
        assert f"\n  {command} " in helped.out


# --- Coverage ---------------------------------------------------------------------------------------------------------


def test_required_coverage_names_what_was_never_reached(softcert, green: Path) -> None:
    ended = softcert("run", ".", "--require-coverage")
    assert ended.code == 1
    assert "  verb restart: never reached\n" in ended.out
    assert "verb download:" not in ended.out


def test_coverage_is_not_required_of_a_part(softcert, green: Path) -> None:
    ended = softcert("run", ".", "--tag", "easy", "--require-coverage")
    assert (ended.code, ended.out) == (2, "")
    assert "--require-coverage asks what a whole suite reaches: leave --tag out." in ended.err


def test_rules_say_what_a_run_reached(softcert, green: Path) -> None:
    assert softcert("run", ".", "--json", "run.json").code == 0
    told = softcert("rules", "--coverage", "run.json", "--coverage", "run.json")
    assert told.code == 0
    (row,) = [line.split() for line in told.out.splitlines() if line.startswith("one-time-link ")]
    assert row == ["one-time-link", "—", "—", "2", "0"]
    assert "  verb restart\n" in told.out
    one = softcert("rules", "one-time-link", "--coverage", "run.json")
    assert "download (office 8): refused 0, let pass 1" in one.out


@pytest.mark.parametrize("content", [None, "no json", "{}"])
def test_coverage_of_what_is_no_run_is_a_wrong_usage(softcert, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content, encoding="utf-8")
    told = softcert("rules", "--coverage", "run.json")
    assert told.code == 2
    assert "softcert run --json run.json" in told.err


def test_an_empty_path_is_not_this_folder(softcert, green: Path) -> None:
    told = softcert("run", "")
    assert told.code == 2
    assert "a path is empty" in told.err


def test_what_is_neither_file_nor_folder_is_called_that(softcert) -> None:
    told = softcert("run", "/dev/null")
    assert told.code == 2
    assert "/dev/null: this is neither a file nor a folder" in told.err


def test_a_long_line_is_shown_around_its_place(softcert, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    line = "  - {" + "国" * 500 + "download: {by: li-wei, at: office-pc, " + "x" * 500 + ": 1}}"
    (tmp_path / "long.yaml").write_text(f"softcert: 1\nscenario: Long\nsteps:\n{line}\n", encoding="utf-8")
    shown, caret = softcert("lint", "long.yaml").err.splitlines()[1:3]
    assert shown.startswith("     4 |   - {国")
    assert shown.endswith("…")
    assert sum(2 if symbol == "国" else 1 for symbol in shown) <= 60
    assert caret == "       |      ^"


def test_many_errors_are_counted_and_the_first_shown(softcert, tmp_path: Path) -> None:
    steps = "".join(f"  - dance-{number}: {{}}\n" for number in range(1000))
    (tmp_path / "many.yaml").write_text(f"softcert: 1\nscenario: Many\nsteps:\n{steps}", encoding="utf-8")
    told = softcert("lint", "many.yaml")
    assert told.err.count("no verb `dance-") == 20
    assert told.err.endswith("1000 errors in 1 file, of which the first 20 are shown.\n")


def test_of_many_tags_the_nearest_are_named(softcert, tmp_path: Path) -> None:
    tags = ", ".join(f"tag-{number}" for number in range(100))
    text = GREEN.replace("[easy]", f"[{tags}, easy]")
    (tmp_path / "tagged.yaml").write_text(text, encoding="utf-8")
    told = softcert("run", "tagged.yaml", "--tag", "easi")
    assert "Did you mean `easy`? Known: easy, " in told.err
    assert told.err.endswith(" and 96 more.\n")


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of its own")
@pytest.mark.parametrize(
    "call", ["run 1-before-you-start/driver-missing.scenario.yaml", "run 1-before-you-start", "verbs", "verbs download"]
)
def test_a_narrow_terminal_is_enough_for_stories_and_tables(tmp_path: Path, call: str) -> None:
    *lines, _ = on_terminal(60, tmp_path, *call.split()).splitlines()
    assert 40 < max(map(cell_len, lines)) < 60


def on_terminal(columns: int, folder: Path, *arguments: str) -> str:
    """What a terminal of so many columns shows of a command that ends well."""
    import pty
    import termios

    end, inner = pty.openpty()
    termios.tcsetwinsize(inner, (24, columns))
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    call = [sys.executable, "-m", "softcert_sim.cli", *arguments]
    with (folder / "stderr").open("w+b") as said, subprocess.Popen(
        call, cwd=folder, env=env, stdout=inner, stderr=said
    ) as process:
        os.close(inner)
        shown = b""
        with contextlib.suppress(OSError):  # at the end of a terminal there is no end of file
            while piece := os.read(end, 4096):
                shown += piece
        os.close(end)
    assert process.returncode == 0, (folder / "stderr").read_text(encoding="utf-8")
    return shown.decode()
