"""The documentation: nothing is missing from it, nothing generated is out of date, and what its pages show is so."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import pytest

from softcert.protocol import DIRECTORY
from softcert.rules import facts
from softcert.rules.catalogue import CLAUSES, RULES, Rule
from softcert.rules.checks import ACTS, REMOVABLE
from softcert.rules.lifecycles import LIFECYCLES
from softcert.rules.policy import ASSUMPTIONS
from softcert.rules.verdict import Act
from softcert_ca import signed_acts
from softcert_sim import docs, doctables, docthreats, verbbook
from softcert_sim.attack_lines import ATTACKS
from softcert_sim.docstory import story
from softcert_sim.product import product
from softcert_sim.runner import Options, run
from softcert_sim.scenario.loader import KEYS
from softcert_sim.scenario.outcomes import WORDS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *docs.pages(ROOT / "docs")]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROCESS = (ROOT / "docs" / "process.md").read_text(encoding="utf-8")
SCENARIOS = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
THREATS = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
PROTOCOL = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")


def section(page: str, title: str) -> str:
    """A section of a page, up to the next one of the same level."""
    level = title.partition(" ")[0]
    return page.partition(f"\n{title}\n")[2].partition(f"\n{level} ")[0]


# --- Generated parts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", docs.pages(ROOT / "docs"), ids=lambda page: page.name)
def test_the_generated_parts_are_current(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert docs.fresh(text) == text, "run `python -m softcert_sim.docs`"


def test_each_section_stands_in_one_page() -> None:
    asked = [name for page in docs.pages(ROOT / "docs") for name in docs.names_in(page.read_text(encoding="utf-8"))]
    assert sorted(asked) == sorted(docs.SECTIONS)


def test_the_generator_writes_what_is_stale_and_check_only_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- generated: assumptions -->\nold\n<!-- end -->\nafter\n")
    assert docs.main(["--check", "--docs", str(tmp_path)]) == 1
    assert "page.md: is not current" in capsys.readouterr().out
    assert "old" in page.read_text()
    assert docs.main(["--docs", str(tmp_path)]) == 0
    assert docs.main(["--check", "--docs", str(tmp_path)]) == 0
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "`link-lifetime`" in text


def test_a_section_that_nobody_makes_is_an_error() -> None:
    with pytest.raises(docs.UnknownSection, match="no-such"):
        docs.fresh("<!-- generated: no-such -->\n<!-- end -->")


# --- Completeness -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_clause_is_in_the_table_and_in_the_flow(clause: str) -> None:
    assert f"| {clause} | “{CLAUSES[clause]}” |" in PROCESS
    assert clause in section(PROCESS, "## The long flow, told once")


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_is_there_with_what_it_does_not_stop(rule: Rule) -> None:
    assert f"`{rule.id}`** ({rule.kind}" in PROCESS
    assert rule.reading in PROCESS
    assert rule.does_not_stop in PROCESS


@pytest.mark.parametrize("act", ACTS, ids=lambda act: f"{act.name}-{act.side}")
def test_every_check_of_every_act_stands_in_its_list(act: Act[Any]) -> None:
    lines = section(PROCESS, f"#### {act.name} ({act.side})")
    for number, check in enumerate(act.checks, 1):
        assert re.search(rf"^\| {number}\*? \| `{check.rule}/{check.reason}` \|", lines, re.MULTILINE)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_reason_has_its_text(rule: Rule) -> None:
    told = section(PROCESS, "## What the user reads")
    driver_makes_it = {"applicant-type", "country", "name", "credit-code", "identity-number"}
    for reason in rule.reasons:
        assert f"`{rule.id}/{reason}`" in told or reason in driver_makes_it


@pytest.mark.parametrize("assumption", ASSUMPTIONS)
def test_every_assumption_is_there(assumption: str) -> None:
    assert f"| `{assumption}` |" in PROCESS


@pytest.mark.parametrize("kind", LIFECYCLES)
def test_every_life_cycle_is_there_as_picture_and_table(kind: str) -> None:
    shown = section(PROCESS, f"#### {kind}")
    for (before, event), after in LIFECYCLES[kind].items():
        assert f"--> {after}: {event}" in shown
        assert f"| `{before}` | `{event}` | `{after}` |" in shown


def test_every_fact_is_explained() -> None:
    explained = section(PROCESS, "## The facts")
    classes = [value for value in vars(facts).values() if isinstance(value, type) and value.__module__ == facts.__name__]
    for name in {field.name for facts_class in classes for field in fields(facts_class)}:
        assert f"`{name}`" in explained, name
    for word in (*get_args(facts.PinResult), *REMOVABLE):
        assert f"`{word}`" in explained


def test_every_act_with_checks_out_of_order_is_explained() -> None:
    """The catalogue's order is left where a later check belongs to an earlier rule; those acts are marked and told."""
    order = list(RULES)
    crooked = {
        (act.name, act.side)
        for act in ACTS
        if [order.index(check.rule) for check in act.checks] != sorted(order.index(check.rule) for check in act.checks)
    }
    assert {(name, side) for name, side, _ in doctables.marked()} == crooked
    told = section(PROCESS, "### Out of the catalogue's order")
    for name, side in crooked:
        assert f"**{name}** ({side})" in told


@pytest.mark.parametrize("name", DIRECTORY)
def test_every_address_of_the_directory_is_in_the_table_of_addresses(name: str) -> None:
    assert re.search(rf"^\| `{re.escape(DIRECTORY[name])}` \| .* \| `{name}` \|", PROTOCOL, re.MULTILINE)


@pytest.mark.parametrize("act", [act for act, _ in signed_acts.ACTS.values()])
def test_every_signed_act_has_an_example(act: str) -> None:
    example = section(PROTOCOL, f"#### {act}")
    assert f'"act": "{act}"' in example
    assert "HTTP/1.1 20" in example


def test_the_examples_hold_no_signature_and_no_digest_that_changes() -> None:
    assert set(re.findall(r'"signature": "([^"]*)"', PROTOCOL)) == {"…"}
    named = re.sub(r"softcert-backup-[0-9a-f]{32}", "", PROTOCOL)
    assert not re.search(r"[A-Za-z0-9_-]{40,}", named)


def test_the_story_behind_the_examples_leaves_no_mail_out() -> None:
    purposes = {message.purpose for message in story().world.inbox.messages()}
    assert purposes == {"result", "reissue", "new-code", "move", "recovery-notice", "revocation"}


# --- Scenarios and threats --------------------------------------------------------------------------------------------


def test_the_examples_of_the_scenario_language_run_as_they_say(tmp_path: Path) -> None:
    files_of(SCENARIOS, tmp_path)
    results = run([tmp_path], Options(), product)
    assert {scenario.title: scenario.red.seen for scenario in results.scenarios if scenario.red} == {}
    shown = {Path(scenario.path).name for scenario in results.scenarios}
    assert len(shown) == SCENARIOS.count("<!-- file: ") - 1, "all but the suite's"


@pytest.mark.parametrize("name", [*product().registry.verbs, *product().registry.faults])
def test_every_verb_check_and_fault_is_explained_with_a_step_of_a_shipped_scenario(name: str) -> None:
    registry = product().registry
    told = section(SCENARIOS, f"#### {name}")
    for parameter in {**registry.verbs, **registry.faults}[name].parameters:
        assert f"| `{parameter.name}`" in told
    assert re.search(rf"\b{name}\b", told.partition("```yaml")[2])
    [link] = re.findall(r"^From (.*)\.$", told, re.MULTILINE)
    assert "../scenarios/" in link


def test_what_stands_for_an_argument_left_out_is_said_of_arguments_that_there_are() -> None:
    verbs = product().registry.verbs
    told = {(verb.name, it.name): it for verb in verbs.values() for it in verb.parameters if not it.required}
    assert set(verbbook.LEFT_OUT) <= set(told)
    assert {told[it].default for it in verbbook.LEFT_OUT} <= {"", None}


def test_the_order_of_checks_is_told_of_every_list_of_a_verb() -> None:
    told = SCENARIOS.partition("<!-- generated: orders -->")[2].partition("<!-- end -->")[0]
    assert {act.name for act in ACTS if f", `{act.name}` |" in told} == {act.name for act in ACTS}
    assert "| `login` | office, `use-certificate` |" in told


def test_every_word_of_a_file_and_of_a_step_is_explained() -> None:
    for word in (*KEYS, *WORDS, "together", "succeed"):
        assert f"`{word}" in SCENARIOS or f"  {word}: " in SCENARIOS, word


def test_every_attackers_verb_belongs_to_an_actor() -> None:
    granted = [verb for actor in docthreats.ACTORS for verb in actor.verbs]
    known = product().registry.verbs.values()
    assert sorted(granted) == sorted(verb.name for verb in known if verb.attack or verb.group == "attacker")


@pytest.mark.parametrize("number", ATTACKS)
def test_every_line_of_attack_stands_with_what_shows_it(number: int) -> None:
    told = THREATS.partition(f"\n**{number}.** ")[2].partition("\n\n")[0]
    assert ATTACKS[number].text in told
    assert "](../scenarios/" in told or "](../tests/" in told or "*Not shown:*" in told


# --- Links ------------------------------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """What can be linked to in a page: its headings, as GitHub spells them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), f"{page.name}: {target}"


# --- What pages show --------------------------------------------------------------------------------------------------

Shown = tuple[str, int, list[str]]


def shown_commands(page: str) -> list[Shown]:
    """Every `$ softcert …` in a console block of a page: the command, its exit code, and the output shown."""
    found: list[Shown] = []
    for block in re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            head, *output = part.rstrip("\n").split("\n")
            command, _, note = head.partition("#")
            code = int(exits[1]) if (exits := re.search(r"\bexit (\d)$", note)) else 0
            found.append((command.strip(), code, output))
    return found


def files_of(page: str, folder: Path) -> None:
    """The files that a page has its reader write."""
    for name, text in re.findall(r"<!-- file: (\S+) -->\n```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def files_of_the_readme(folder: Path) -> None:
    """The README's, those that are a change of another among them."""
    files_of(README, folder)
    for name, of, changes in re.findall(r"<!-- file: (\S+) = (\S+) with (.+) -->", README):
        text = (folder / of).read_text(encoding="utf-8")
        for old, new in re.findall(r'"(.+?)" as "(.+?)"', changes):
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "code", "output"),
    [pytest.param(*shown, id=shown[0]) for page in PAGES for shown in shown_commands(page.read_text(encoding="utf-8"))],
)
def test_the_commands_of_all_pages_end_and_speak_as_shown(
    command: str, code: int, output: list[str], tmp_path: Path
) -> None:
    files_of_the_readme(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    words = shlex.split(command)
    into = words.index(">") if ">" in words else len(words)
    typed = [line.partition("> ")[2] for line in output if re.match(r"\d+/\d+( guess)?> ", line)]
    run = called(words[:into], tmp_path, typed="\n".join(typed))
    assert run.returncode == code, run.stdout + run.stderr
    shown_in(output, run.stdout + run.stderr)


def called(words: list[str], folder: Path, typed: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """What `softcert …` does in a folder, with something typed and more in its environment."""
    softcert = shutil.which("softcert", path=str(Path(sys.executable).parent))
    assert softcert, "the console script stands beside the interpreter"
    assert words[0] == "softcert"
    return subprocess.run(
        [softcert, *words[1:]], cwd=folder, env={**os.environ, **more}, input=typed, capture_output=True, check=False,
        encoding="utf-8",
    )  # fmt: skip


def shown_in(shown: list[str], said: str) -> None:
    for line in shown:
        assert line.strip() == "…" or line in said.splitlines(), f"not in the output: {line}\n{said}"


def text_block(after: str) -> list[str]:
    """The first block of text after a mark in the README."""
    return README.partition(after)[2].partition("```text\n")[2].partition("\n```")[0].split("\n")


def test_a_rule_broken_as_the_readme_says_turns_red_as_shown(tmp_path: Path) -> None:
    """In a copy of the package, which stands before the installed one."""
    shutil.copytree(ROOT / "softcert" / "softcert", tmp_path / "softcert")
    checks = tmp_path / "softcert" / "rules" / "checks.py"
    new, old = re.findall(r"^\(`(lambda .+)` in place of `(lambda .+)`\)", README, re.MULTILINE)[0]
    before, act, rest = checks.read_text(encoding="utf-8").partition("ACTIVATE")
    assert old in rest
    checks.write_text(before + act + rest.replace(old, new, 1), encoding="utf-8")
    run = called(["softcert", "run", "--rule", "activate-first"], tmp_path, PYTHONPATH=str(tmp_path))
    assert run.returncode == 1
    shown_in(text_block("**Break a rule.**"), run.stdout)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl program")
def test_openssl_reads_the_artifacts_as_the_readme_shows(tmp_path: Path) -> None:
    (asked,) = [command for command, _, _ in shown_commands(README) if "--artifacts" in command]
    assert called(shlex.split(asked), tmp_path).returncode == 0
    lines = text_block("**Look at the bytes.**")
    script = "\n".join(line.removeprefix("$ ") for line in lines if line.startswith("$ "))
    run = subprocess.run(["sh", "-ec", script], cwd=tmp_path, capture_output=True, check=False, encoding="latin-1")
    assert run.returncode == 0, run.stderr
    shown_in([line for line in lines if not line.startswith("$ ")], run.stdout + run.stderr)


def test_the_test_command_stands_on_one_line_after_its_mark() -> None:
    """`.ci/run` takes it from there."""
    block = README.partition("<!-- test -->\n")[2]
    assert re.match(r"```sh\npython3 -m venv [^\n]*pytest[^\n]*\n```\n", block)
