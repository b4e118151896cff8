"""Broken files: what their authors read, to the letter, from the runner and from pytest; and after any slip of a finger.

Each folder of `broken/` holds a `broken.yaml` and in `message.txt` what is said of it.
"""

import random
import re
import shutil
import string
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from softcert.rules.catalogue import RULES
from softcert_sim import cli
from softcert_sim.product import product
from softcert_sim.scenario.cast import PROPERTIES
from softcert_sim.scenario.files import discover, shipped
from softcert_sim.scenario.loader import KEYS, Loader
from softcert_sim.scenario.marks import Node, Page, read
from softcert_sim.scenario.policies import policy_kinds
from softcert_sim.scenario.steps import WORDS

pytest_plugins = ["pytester"]
CASES = sorted(path.name for path in (Path(__file__).parent / "broken").iterdir())


def prepared(case: str, folder: Path) -> str:
    """The case's files in a folder, under the name that pytest collects; the message it should have."""
    source = Path(__file__).parent / "broken" / case
    shutil.copy(source / "broken.yaml", folder / "broken.scenario.yaml")
    if (source / "suite.yaml").exists():
        shutil.copy(source / "suite.yaml", folder)
    return (source / "message.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["run", "lint"])
@pytest.mark.parametrize("case", CASES)
def test_the_runner_says_what_where_and_what_was_meant(
    case: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    message = prepared(case, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["softcert", command, "broken.scenario.yaml"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    said = capsys.readouterr()
    assert (left.value.code, said.out) == (2, "")
    assert said.err == message


@pytest.mark.parametrize("case", CASES)
def test_pytest_says_the_same(case: str, pytester: pytest.Pytester) -> None:
    message = prepared(case, pytester.path)
    result = pytester.runpytest_inprocess("-p", "no:randomly")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    said = result.stdout.str()
    *errors, _count = message.splitlines()
    assert "\n".join(errors) in said
    assert "Traceback" not in said


# --- One slip of a finger ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    """A key or name in a file: where it stands (from 0), and the words of which it is one."""

    line: int
    column: int
    text: str
    known: frozenset[str]


def words_of(file: Path) -> list[Word]:
    """Every key, and every name of verbs, arguments, faults, cast, rules, reasons, preludes that stands in a file."""
    text = file.read_text(encoding="utf-8")
    page = Page(file.name, text)
    registry = product().registry
    cast = Loader(registry).shared(shipped()).cast
    acts = [*registry.verbs.values(), *registry.faults.values()]
    arguments = {parameter.name for act in acts for parameter in act.parameters}
    keys = {*KEYS, *WORDS, *registry.verbs, *registry.faults, *policy_kinds(), *arguments, "together", "succeed"}
    properties = {*PROPERTIES, *(name for names in PROPERTIES.values() for name in names)}
    names = {*cast.people, *cast.computers, *cast.drives, *registry.preludes, *RULES}

    def found(node: Node, word: str, known: set[str], offset: int = 0) -> Iterator[Word]:
        at = page.lines[node.line - 1].find(word, node.column - 1 + offset)
        if word in known and at in (node.column - 1 + offset, node.column + offset):
            yield Word(node.line - 1, at, word, frozenset(known))

    def walk(node: Node, known: set[str]) -> Iterator[Word]:
        if node.kind == "text":
            yield from found(node, node.text, names)
        for item in node.items:
            yield from walk(item, known)
        for key, value in node.pairs:
            yield from found(key, key.text, known)
            if key.text in ("refused", "told") and "/" in value.text:
                rule, _, reason = value.text.partition("/")
                yield from found(value, rule, set(RULES))
                if rule in RULES:
                    yield from found(value, reason, set(RULES[rule].reasons), len(rule) + 1)
            elif key.text not in ("with", "examples", "tags", "about", "note", "part", "quote", "limit", "scenario"):
                yield from walk(value, properties if key.text == "cast" else known)

    return list(walk(read(page, text), keys))


def slip(word: Word, dice: random.Random) -> str:
    """The word with one letter wrong, lost, added, or swapped with its neighbour; none of the known words."""
    letters = [at for at, letter in enumerate(word.text) if letter.isalpha()]
    while True:
        at, letter = dice.choice(letters), dice.choice(string.ascii_lowercase)
        head, own, tail = word.text[:at], word.text[at], word.text[at + 1 :]
        candidates = [head + letter + tail, head + tail, head + letter + own + tail, head + tail[:1] + own + tail[1:]]
        slipped = dice.choice(candidates)
        if slipped and slipped != word.text and slipped not in word.known:
            return slipped


def test_after_one_slip_a_file_is_refused_at_its_line_and_the_word_is_suggested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random("slips")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["softcert", "lint", "slip.yaml"])
    codes: list[object] = []
    elsewhere: list[str] = []
    silent: list[str] = []
    for file in dice.sample(discover([]), 100):
        word = dice.choice(words_of(file))
        slipped = slip(word, dice)
        lines = file.read_text(encoding="utf-8").splitlines()
        line = lines[word.line]
        lines[word.line] = line[: word.column] + slipped + line[word.column + len(word.text) :]
        Path("slip.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr().err
        codes.append(left.value.code)
        what = f"{file.name}:{word.line + 1}: {word.text} as {slipped}\n{said}"
        if not said.startswith(f"slip.yaml:{word.line + 1}:"):
            elsewhere.append(what)
        if not re.search(rf"did you mean .*[`/]{re.escape(word.text)}`", said):
            silent.append(what)
    assert codes == [2] * 100
    assert len(elsewhere) <= 5, "\n".join(elsewhere)
    assert len(silent) <= 10, "\n".join(silent)
