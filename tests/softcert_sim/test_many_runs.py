"""What continuous integration asks of `softcert run`: parts of a suite, what failed last time, known failures, policies."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from softcert_sim.matrix import matrix_report, run_matrix
from softcert_sim.product import product
from softcert_sim.runner import Options

GREEN = "softcert: 1\nscenario: {title}\nsteps: [{{restart: }}]\n"
RED = "softcert: 1\nscenario: {title}\nsteps:\n  - misbehave: break\n"
EXAMPLES = "softcert: 1\nscenario: Some\nexamples: [{how: break}, {how: unlearned}]\nsteps: [{misbehave: <how>}]\n"
TWICE = "{by: li-wei, at: office-pc}"
USED = f"softcert: 1\nscenario: b\nsteps: [{{download: {TWICE}}}, {{download: {TWICE}}}]\n"


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text.format(title=name.partition(".")[0]) if "{title}" in text else text, encoding="utf-8")


def titles(folder: Path) -> list[str]:
    return [one["title"] for one in json.loads((folder / "r.json").read_text(encoding="utf-8"))["scenarios"]]


# --- Shards -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shards", [1, 2, 3, 7, 9])
def test_every_scenario_is_in_one_shard_and_shards_are_as_large(softcert, tmp_path: Path, shards: int) -> None:
    for name in "abcdefg":
        write(tmp_path, f"{name}.yaml", GREEN)
    parts: list[list[str]] = []
    for number in range(1, shards + 1):
        for workers in "12":
            ended = softcert("run", ".", "--shard", f"{number}/{shards}", "--json", "r.json", "--workers", workers)
            assert ended.code == 0
            parts += [titles(tmp_path)] if workers == "1" else []
            assert titles(tmp_path) == parts[-1], "the split does not hang on the number of workers"
    assert sorted(title for part in parts for title in part) == list("abcdefg")
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "1/0", "a/b", "-1/3"])
def test_a_shard_that_cannot_be_is_refused(softcert, tmp_path: Path, shard: str) -> None:
    write(tmp_path, "a.yaml", GREEN)
    ended = softcert("run", ".", f"--shard={shard}")
    assert ended.code == 2
    assert f"--shard {shard}: say which of how many" in ended.err


# --- What failed last -------------------------------------------------------------------------------------------------


def test_only_what_failed_is_run_again_until_it_does_not(softcert, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", GREEN)
    write(tmp_path, "b.yaml", RED)
    assert softcert("run", ".").code == 1
    assert softcert("run", ".", "--last-failed", "--json", "r.json").code == 1
    assert titles(tmp_path) == ["b"]
    write(tmp_path, "b.yaml", GREEN)
    assert softcert("run", ".", "--last-failed", "--json", "r.json").code == 0
    assert titles(tmp_path) == ["b"]
    again = softcert("run", ".", "--last-failed", "--json", "r.json")
    assert "No failure is remembered here: everything is run." in again.err
    assert titles(tmp_path) == ["a", "b"]


def test_a_run_of_something_else_forgets_nothing(softcert, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", GREEN)
    write(tmp_path, "b.yaml", RED)
    softcert("run", ".")
    ended = softcert("run", "a.yaml", "--last-failed")
    assert ended.code == 0
    assert "None of the failures remembered is among these scenarios: all of them were run." in ended.err
    softcert("run", ".", "--last-failed", "--json", "r.json")
    assert titles(tmp_path) == ["b"]


def test_the_cache_keeps_out_of_version_control_and_is_made_only_for_a_failure(softcert, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", GREEN)
    softcert("run", ".")
    assert not (tmp_path / ".softcert_cache").exists()
    write(tmp_path, "b.yaml", RED)
    softcert("run", ".")
    assert "*" in (tmp_path / ".softcert_cache" / ".gitignore").read_text().split()


def test_a_cache_that_is_spoilt_or_cannot_be_written_stops_nothing(softcert, tmp_path: Path) -> None:
    write(tmp_path, "b.yaml", RED)
    softcert("run", ".")
    (tmp_path / ".softcert_cache" / "last-failed.json").write_text("{")
    assert "No failure is remembered here" in softcert("run", ".", "--last-failed").err
    for file in (tmp_path / ".softcert_cache").iterdir():
        file.unlink()
    (tmp_path / ".softcert_cache").rmdir()
    (tmp_path / ".softcert_cache").write_text("")
    ended = softcert("run", ".")
    assert ended.code == 1
    assert ".softcert_cache cannot be written" in ended.err


# --- Known failures ---------------------------------------------------------------------------------------------------


def listed(folder: Path, text: str) -> None:
    (folder / "known.txt").write_text(text, encoding="utf-8")


def test_a_listed_failure_is_as_expected_and_counted_apart(softcert, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", GREEN)
    write(tmp_path, "b.yaml", RED)
    listed(tmp_path, "b.yaml: {b: Disks are small until spring.}\n")
    ended = softcert("run", ".", "--expected-failures", "known.txt", "--json", "r.json", "--junit", "r.xml")
    assert ended.code == 0
    assert "Failed as expected:\n  b.yaml: b: Disks are small until spring." in ended.out
    assert "2 scenarios: 1 as expected, 0 show a limit, 0 not as expected, 1 failed as expected" in ended.out
    totals = json.loads((tmp_path / "r.json").read_text())["totals"]
    assert totals == {"scenarios": 2, "as_expected": 1, "not_as_expected": 0, "limits": 0, "expected_failures": 1,
                      "acts": 2, "opinions": 0}  # fmt: skip
    root = ET.parse(tmp_path / "r.xml").getroot()
    skipped = root.find(".//testcase[@name='b']/skipped")
    assert skipped is not None
    assert skipped.get("message") == "expected failure: Disks are small until spring."
    assert (root.get("failures"), root.get("skipped")) == ("0", "1")
    assert not (tmp_path / ".softcert_cache").exists(), "what fails as expected is no failure to run again"


def test_a_listed_scenario_that_does_not_fail_is_a_failure(softcert, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", GREEN)
    write(tmp_path, "b.yaml", GREEN)
    listed(tmp_path, "# known\nb.yaml:\n  b: Disks are small.\n")
    ended = softcert("run", ".", "--expected-failures", "known.txt")
    assert ended.code == 1
    assert "Listed in known.txt:3 as failing: Disks are small." in ended.out
    assert "seen     did not fail" in ended.out
    assert "differs  The list of expected failures is out of date" in ended.out
    assert "again    softcert run b.yaml --seed 1 --expected-failures known.txt" in ended.out
    assert "Not as expected:\n  b.yaml:3: b" in ended.out


def test_a_single_file_that_fails_as_listed_says_so(softcert, tmp_path: Path) -> None:
    write(tmp_path, "b.yaml", RED)
    listed(tmp_path, "b.yaml: {b: Disks are small until spring.}\n")
    ended = softcert("run", "b.yaml", "--expected-failures", "known.txt")
    assert ended.code == 0
    assert "known    Disks are small until spring." in ended.out


@pytest.mark.parametrize(("seen", "code"), [("refused one-time-link/used", 0), ("refused one-time-link/expired", 1)])
def test_a_failure_that_is_seen_otherwise_is_not_the_known_one(softcert, tmp_path: Path, seen: str, code: int) -> None:
    write(tmp_path, "b.yaml", USED)
    listed(tmp_path, f"b.yaml: {{b: {{reason: Addresses are short-lived., seen: {seen}}}}}\n")
    assert softcert("run", ".", "--expected-failures", "known.txt").code == code


@pytest.mark.parametrize("how", ["crash", "violate"])
def test_a_crash_or_a_broken_law_is_never_known(softcert, tmp_path: Path, how: str) -> None:
    write(tmp_path, "b.yaml", RED.replace("break", how))
    listed(tmp_path, "b.yaml: {b: Known.}\n")
    assert softcert("run", ".", "--expected-failures", "known.txt").code == 1


def test_a_title_stands_for_all_its_examples_and_each_must_fail(softcert, tmp_path: Path) -> None:
    write(tmp_path, "c.yaml", EXAMPLES)
    listed(tmp_path, "c.yaml: {Some: Broken.}\n")
    assert softcert("run", ".", "--expected-failures", "known.txt").code == 0
    listed(tmp_path, "c.yaml: {'Some #1 (how break)': Broken.}\n")
    ended = softcert("run", ".", "--expected-failures", "known.txt")
    assert ended.code == 1
    assert "1 not as expected, 1 failed as expected" in ended.out


def test_an_entry_for_another_shard_or_another_file_is_no_error(softcert, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", GREEN)
    write(tmp_path, "b.yaml", RED)
    listed(tmp_path, "b.yaml: {b: Disks are small.}\n")
    assert softcert("run", ".", "--expected-failures", "known.txt", "--shard", "1/2").code == 0
    assert softcert("run", "a.yaml", "--expected-failures", "known.txt").code == 0


@pytest.mark.parametrize("text", ["", "# nothing is known to fail\n"])
def test_an_empty_list_expects_nothing(softcert, tmp_path: Path, text: str) -> None:
    write(tmp_path, "b.yaml", RED)
    listed(tmp_path, text)
    assert softcert("run", ".", "--expected-failures", "known.txt").code == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("beta.yml: {b: x}\n", "known.txt:1:1: there is no scenario file `beta.yml`"),
        ("beta.yml: {b: x}\n", "did you mean `beta.yaml`?"),
        ("beta.yaml: {bet: x}\n", "known.txt:1:13: no scenario `bet` in this file"),
        ("beta.yaml: {bet: x}\n", "did you mean `beta`?"),
        ("beta.yaml: {beta: {reasn: x}}\n", "did you mean `reason`?"),
        ("beta.yaml: {beta: {seen: x}}\n", "an expected failure needs a reason"),
        ("beta.yaml: {beta: }\n", "an expected failure needs a reason"),
        ("beta.yaml: beta\n", "a path has a mapping, not text"),
        ("- beta\n", "expected failures are a mapping, not a list"),
        ("beta.yaml: {beta: x}\nbeta.yaml: {beta: x}\n", "`beta.yaml` stands here twice, first in line 1"),
    ],
)
def test_an_entry_that_names_nothing_is_an_error(softcert, tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, "beta.yaml", RED)
    listed(tmp_path, text)
    ended = softcert("run", "beta.yaml", "--expected-failures", "known.txt")
    assert ended.code == 2
    assert message in ended.err


def test_a_list_that_is_not_there_is_named(softcert, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", GREEN)
    ended = softcert("run", ".", "--expected-failures", "none.txt")
    assert (ended.code, ended.out) == (2, "")
    assert "--expected-failures none.txt: cannot be read" in ended.err


# --- Several policies -------------------------------------------------------------------------------------------------

WRONG_PC = """\
softcert: 1
scenario: {title}
given: {{li-wei: approved}}
{policy}steps:
  - install: {{by: li-wei, at: home-pc}}
  - read-mail: {{by: li-wei, at: home-pc}}
  - download: {{by: li-wei, at: home-pc}}
    refused: same-computer-download/other-computer
  - download: {{by: li-wei, at: office-pc}}
"""
MATRIX = "{burnt: {wrong-computer: burn}, three tries: {pin-tries: 3}}"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "a.yaml").write_text(WRONG_PC.format(title="As it is", policy=""), encoding="utf-8")
    own = WRONG_PC.format(title="Of its own", policy="policy: {wrong-computer: keep}\n")
    (tmp_path / "b.yaml").write_text(own, encoding="utf-8")
    return tmp_path


def test_a_matrix_shows_which_scenario_differs_under_which_policy(suite: Path) -> None:
    rows = run_matrix([suite], MATRIX, Options(), product)
    assert [(row.name, row.results.green) for row in rows] == [
        ("as written", True), ("burnt", False), ("three tries", True),
    ]  # fmt: skip
    report = matrix_report(rows).splitlines()
    assert report[0].split() == ["policy", "as", "expected", "limits", "not", "as", "expected", "differ"]
    assert [line.split() for line in report[2:5]] == [
        ["as", "written", "2", "0", "0", "0"],
        ["burnt", "1", "0", "1", "1"],
        ["three", "tries", "2", "0", "0", "0"],
    ]
    assert report[6:8] == ["Under burnt (wrong-computer burn):", f"  {suite}/a.yaml:9: As it is"]
    assert "Of its own" not in "".join(report), "what a scenario sets itself is part of its story"


def test_a_matrix_goes_before_the_suites_policy(suite: Path) -> None:
    (suite / "suite.yaml").write_text("softcert: 1\npolicy: {wrong-computer: burn}\n")
    rows = run_matrix([suite], "{kept: {wrong-computer: keep}}", Options(), product)
    assert [row.results.green for row in rows] == [False, True]


def test_the_first_row_is_the_suite_as_it_is_run_alone(suite: Path) -> None:
    alone, under = (run_matrix([suite], matrix, Options(workers=2), product)[0] for matrix in ("{}", MATRIX))
    digests = [[one.digest for one in row.results.scenarios] for row in (alone, under)]
    assert digests[0] == digests[1]


def test_a_matrix_in_a_file_ends_with_1_where_something_differs(softcert, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", GREEN)
    (tmp_path / "matrix").write_text("short: {link-lifetime: 1 hour}\n")
    ended = softcert("run", "a.yaml", "--policy-matrix", "matrix")
    assert ended.code == 0
    assert "1 scenario under 2 policies" in ended.out
    write(tmp_path, "a.yaml", RED)
    ended = softcert("run", "a.yaml", "--policy-matrix", "matrix")
    assert ended.code == 1
    assert "Under short (link-lifetime 1 hour):\n  a.yaml:4: a\n" in ended.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{a: {link-lifetme: 1 hour}}"], "--policy-matrix:1:6: no assumption `link-lifetme`"),
        (["{a: {wrong-computer: burns}}"], "did you mean `burn`?"),
        (["{as written: {}}"], "`as written` is the first row already"),
        (["none"], "--policy-matrix none: cannot be read"),
        (["{a: {}}", "--junit", "r.xml"], "leave --junit out"),
        (["{a: {}}", "--expected-failures", "x"], "leave --expected-failures out"),
    ],
)
def test_a_matrix_that_cannot_be_is_exit_code_2(softcert, tmp_path: Path, arguments: list[str], message: str) -> None:
    write(tmp_path, "a.yaml", GREEN)
    ended = softcert("run", ".", "--policy-matrix", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
