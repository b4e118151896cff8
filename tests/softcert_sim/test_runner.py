"""Steps and outcomes, preludes and seeds, counts, workers: on toys, as an author sees them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import toy

from softcert_sim.results import Results, ScenarioResult, StepResult, to_json
from softcert_sim.runner import Options, run
from softcert_sim.sabotage.detectors import sighted
from softcert_sim.scenario.files import UsageError
from softcert_sim.scenario.loader import Loader
from softcert_sim.stage import Setting, Stage
from softcert_sim.story import tell, tell_red
from softcert_sim.tables import GAP, clauses_table, closing_line, gaps, rules_table

HEAD = "softcert: 1\nscenario: A story\n"
DOWNLOAD = "  - download: {by: li-wei, at: office-pc}\n"


@pytest.fixture(autouse=True)
def worlds() -> Iterator[list[toy.ToyWorld]]:
    toy.BUILT.clear()
    yield toy.BUILT
    toy.BUILT.clear()


def play(steps: str, more: str = "", setting: Setting | None = None) -> ScenarioResult:
    (scenario,) = Loader(toy.REGISTRY).load_text("a.yaml", f"{HEAD}{more}steps:\n{steps}", toy.CAST)
    return Stage(toy.suite(), setting or Setting()).run(scenario)


def last(steps: str, more: str = "") -> StepResult:
    return play(steps, more).steps[-1]


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(f"softcert: 1\nscenario: Story {name}\n{text}", encoding="utf-8")
    return folder


# --- Outcomes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step",
    [
        DOWNLOAD,
        DOWNLOAD * 2 + "    refused: one-time-link/used\n",
        "  - ask: {by: li-wei}\n    refused: approved-only/undecided\n",
        "  - ask: {by: li-wei}\n    refused: approved-only/undecided\n    reads: Wait for   the mail\n",
        "  - ask: {by: li-wei, hears: less}\n    refused: approved-only/undecided\n    told: unique-address/unknown\n",
        "  - ask: {by: li-wei, hears: error}\n    refused: approved-only/undecided\n    told: unauthorized\n",
        "  - ask: {by: li-wei, hears: error}\n    rejected: unauthorized\n",
        "  - restart:\n    as: a\n  - replay: {by: thief, exchange: a}\n    rejected: badNonce\n",
        DOWNLOAD + "    fault: cut-answer\n    broken: unknown\n" + DOWNLOAD,
        "  - misbehave: break\n    broken: definite\n",
        "  - check-downloads: {count: 0}\n",
        "  - steal: {by: thief, what: li-wei}\n    limit: Nobody stops it.\n",
    ],
)
def test_outcomes_that_are_as_expected(step: str) -> None:
    result = play(step)
    assert result.red is None, tell_red(result)


@pytest.mark.parametrize(
    ("step", "differs", "expected", "seen"),
    [
        (DOWNLOAD * 2, "author and system", "allowed", "refused one-time-link/used"),
        (DOWNLOAD + "    refused: one-time-link/used\n", "author and system", "refused one-time-link/used", "allowed"),
        (DOWNLOAD + "    rejected: badNonce\n", "author and system", "rejected badNonce", "allowed"),
        (DOWNLOAD + "    fault: cut-answer\n", "author and system", "allowed", "broken unknown"),
        ("  - misbehave: break\n    broken: unknown\n", "author and system", "broken unknown", "broken definite"),
        ("  - ask: {by: li-wei, hears: less}\n    refused: approved-only/undecided\n", "author and system",
         "refused approved-only/undecided", "refused approved-only/undecided, told unique-address/unknown"),
        ("  - ask: {by: li-wei}\n    refused: approved-only/undecided\n    told: unauthorized\n", "author and system",
         "refused approved-only/undecided, told unauthorized", "refused approved-only/undecided"),
        ("  - ask: {by: li-wei}\n    refused: approved-only/undecided\n    reads: Apply again\n", "author and system",
         "the user to read 'Apply again'", "Wait for the mail."),
        (DOWNLOAD + "    reads: Done\n", "author and system", "the user to read 'Done'", "nothing"),
        ("  - check-downloads: {count: 2}\n", "author and system", "2 downloads", "0"),
        ("  - misbehave: unlearned\n", "author", "li-wei to know the code", "nothing known"),
        ("  - misbehave: violate\n", "invariant", "allowed", "one-computer: two computers can use it"),
        ("  - misbehave: crash\n", "system", "allowed", "ZeroDivisionError: by nought (at toy.py:"),
        ("  - steal: {by: thief, what: li-wei}\n" + DOWNLOAD * 2 + "    limit: No.\n", "author and system", "allowed",
         "refused one-time-link/used"),
    ],
)  # fmt: skip
def test_a_red_step_says_what_was_expected_and_seen_and_who_differs(
    step: str, differs: str, expected: str, seen: str
) -> None:
    result = last(step)
    assert (result.differs, result.expected) == (differs, expected)
    assert result.seen.startswith(seen)


def test_what_the_user_reads_is_compared_in_english_whatever_the_language_of_the_story() -> None:
    step = "  - ask: {by: li-wei}\n    refused: approved-only/undecided\n    reads: Wait for the mail\n"
    assert play(step, setting=Setting(lang="zh")).red is None


def test_a_red_step_stops_its_scenario() -> None:
    result = play("  - misbehave: break\n" + DOWNLOAD)
    assert result.outcome == "not-as-expected"
    assert [step.verb for step in result.steps] == ["misbehave"]


def test_an_attack_that_succeeds_bears_a_mark_of_its_own() -> None:
    played = play("  - steal: {by: thief, what: li-wei}\n    limit: Nobody stops it.\n")
    assert "     ! limit: the attack succeeds\n       limit    Nobody stops it." in tell(played)
    assert "     ! 局限：攻击得逞\n" in tell(played, "zh")
    assert "✓" not in tell(played)


def test_a_scenario_in_which_an_attack_succeeds_is_a_limit() -> None:
    assert play("  - steal: {by: thief, what: li-wei}\n    limit: Nobody stops it.\n").outcome == "limit"


def test_together_counts_who_succeeds() -> None:
    acts = "{download: {by: li-wei, at: office-pc}}, {download: {by: thief, at: cafe-pc}}"
    both = f"  - together:\n      steps: [{acts}]\n"
    assert play(both + "      succeed: 1\n    refused: one-time-link/used\n").outcome == "as-expected"
    too_many = last(both + "      succeed: 2\n")
    assert too_many.expected == "2 of 2 succeed"
    assert "refused one-time-link/used" in too_many.seen
    other_reason = last(both + "      succeed: 1\n    refused: one-time-link/expired\n")
    assert other_reason.differs == "author and system"
    assert "refused one-time-link/used" in other_reason.seen


def test_a_broken_step_of_together_is_red() -> None:
    result = last("  - together: {steps: [{restart: }, {misbehave: crash}], succeed: 1}\n    rejected: conflict\n")
    assert result.differs == "system"


# --- Worlds -----------------------------------------------------------------------------------------------------------


def test_preludes_are_played_once_and_then_put_back(worlds: list[toy.ToyWorld]) -> None:
    stage = Stage(toy.suite(), Setting())
    text = f"{HEAD}given: {{li-wei: approved}}\nsteps:\n{DOWNLOAD}"
    (scenario,) = Loader(toy.REGISTRY).load_text("a.yaml", text, toy.CAST)
    first, second = stage.run(scenario), stage.run(scenario)
    assert len(worlds) == 1
    assert first.digest == second.digest
    assert worlds[0].log[1:] == [
        "li-wei applied under given li-wei applied", "renamed given li-wei approved", "li-wei approved",
        "renamed A story", "begin ", "downloaded",
    ]  # fmt: skip
    stage.close()
    assert worlds[0].closed


def test_a_world_that_cannot_be_kept_is_built_anew_and_closed(worlds: list[toy.ToyWorld]) -> None:
    stage = Stage(toy.suite(), Setting(transport="loopback"))
    text = f"{HEAD}given: {{li-wei: approved}}\nsteps:\n{DOWNLOAD}"
    (scenario,) = Loader(toy.REGISTRY).load_text("a.yaml", text, toy.CAST)
    first, second = stage.run(scenario), stage.run(scenario)
    assert first.outcome == second.outcome == "as-expected"
    assert [world.closed for world in worlds] == [True, True]


def test_what_ran_before_changes_no_digest() -> None:
    texts = [
        f"softcert: 1\nscenario: Story {number}\n"
        f"given: {{li-wei: {given}}}\npolicy: {{pin-tries: {tries}}}\nsteps:\n{DOWNLOAD}"
        for number, (given, tries) in enumerate([("nothing", 3), ("applied", 3), ("approved", 4), ("applied", 4)])
    ]
    scenarios = [Loader(toy.REGISTRY).load_text("a.yaml", text, toy.CAST)[0] for text in texts]
    forward, backward = Stage(toy.suite(), Setting()), Stage(toy.suite(), Setting())
    digests = [forward.run(scenario).digest for scenario in scenarios]
    assert digests == [backward.run(scenario).digest for scenario in reversed(scenarios)][::-1]
    assert len(set(digests)) == 4


def test_seeds_of_the_file_come_before_those_of_the_run() -> None:
    steps = "  - restart:\n"
    assert play(steps).seed == 1
    assert play(steps, setting=Setting(seed=5)).seed == 5
    assert play(steps, "seed: 9\n", Setting(seed=5)).seed == 9
    assert play(steps).digest != play(steps, setting=Setting(seed=5)).digest


def test_artifacts_go_into_a_folder_for_each_scenario(tmp_path: Path) -> None:
    play("  - restart:\n", setting=Setting(artifacts=tmp_path))
    text = f"{HEAD}examples: [{{n: 1 day}}, {{n: 2 days}}]\nsteps: [{{wait: <n>}}]\n"
    stage = Stage(toy.suite(), Setting(artifacts=tmp_path))
    for scenario in Loader(toy.REGISTRY).load_text("deep/b.yaml", text, toy.CAST):
        stage.run(scenario)
    assert sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("log.txt")) == [
        "a/log.txt", "deep-b-1/log.txt", "deep-b-2/log.txt",
    ]  # fmt: skip


# --- Counts -----------------------------------------------------------------------------------------------------------


def counted(result: ScenarioResult) -> dict[str, tuple[int, int]]:
    return {rule: (count.first, count.second) for rule, count in Results(1, [result]).rules().items()}


def test_gates_count_what_they_allowed_and_refused() -> None:
    result = play(DOWNLOAD * 2 + "    refused: one-time-link/used\n")
    counts = counted(result)
    assert counts["driver-first"] == (2, 0)
    assert counts["one-time-link"] == (1, 1)


def test_duties_count_steps_held_and_attacked() -> None:
    steps = (
        "  - restart:\n    as: a\n  - note: only a word\n  - replay: {by: thief, exchange: a}\n    rejected: badNonce\n"
        + DOWNLOAD
        + "    fault: cut-answer\n    broken: unknown\n"
    )
    result = play(steps, "rules: [code-secret]\n")
    assert counted(result)["code-secret"] == (3, 2)
    assert counted(result)["accountable"] == (0, 0), "the story is not about it"


def test_clauses_are_shown_by_verbs_refusals_and_quotations() -> None:
    result = play("  - quote: once downloaded, the address will be invalid\n" + DOWNLOAD)
    assert result.clauses == {"c18": 0, "c16": 1, "c17": 1}
    refused = play(DOWNLOAD * 2 + "    refused: one-time-link/used\n")
    assert refused.clauses == {"c16": 2, "c17": 2, "c18": 1}


def test_tables_name_empty_cells_of_a_complete_run_only() -> None:
    scenario = play(DOWNLOAD)
    part, whole = Results(1, [scenario]), Results(1, [scenario], complete=True)
    assert GAP not in rules_table(part)
    (row,) = [line.split() for line in rules_table(whole).splitlines() if line.startswith("one-time-link ")]
    assert row == ["one-time-link", "1", GAP]
    assert "c18" in clauses_table(whole)
    assert "one-time-link never refused" in gaps(whole)
    assert "c18 without a scenario and a step" in closing_line(whole)
    assert "c16" not in closing_line(whole)


# --- Many -------------------------------------------------------------------------------------------------------------


def test_results_come_in_file_order_and_alike_from_any_number_of_workers(tmp_path: Path) -> None:
    write(tmp_path, **dict.fromkeys("abcdefgh", f"given: {{li-wei: approved}}\nsteps:\n{DOWNLOAD}"))
    write(tmp_path, i="steps: [{misbehave: crash}]\n")
    seen: list[tuple[int, int]] = []
    alone = run([tmp_path], Options(), toy.suite)
    several = run(
        [tmp_path], Options(workers=2), toy.suite, watch=lambda result, done, total: seen.append((done, total))
    )
    assert [Path(scenario.path).stem for scenario in several.scenarios] == list("abcdefghi")
    assert to_json(alone) == to_json(several)
    assert not alone.green
    assert seen[-1] == (9, 9)


def test_rules_and_tags_choose(tmp_path: Path) -> None:
    write(
        tmp_path,
        a=f"rules: [code-once]\ntags: [x]\nsteps:\n{DOWNLOAD}",
        b=f"tags: [x, y]\nsteps:\n{DOWNLOAD}{DOWNLOAD}    refused: one-time-link/used\n",
    )

    def chosen(**options: tuple[str, ...]) -> str:
        results = run([tmp_path], Options(**options), toy.suite)  # type: ignore[arg-type]
        return "".join(Path(scenario.path).stem for scenario in results.scenarios)

    assert chosen() == "ab"
    assert chosen(rules=("code-once",)) == "a"
    assert chosen(rules=("one-time-link",)) == "b"
    assert chosen(rules=("one-time-link", "code-once")) == "ab"
    assert chosen(tags=("y",)) == "b"
    assert chosen(rules=("one-time-link",), tags=("x",)) == "b"
    with pytest.raises(UsageError, match="Did you mean `one-time-link`"):
        chosen(rules=("one-time-lnk",))
    with pytest.raises(UsageError, match=r"no scenario here has it.*Known: x, y"):
        chosen(tags=("z",))
    with pytest.raises(UsageError, match="leave one out"):
        chosen(rules=("code-once",), tags=("y",))


def test_ctrl_c_goes_through() -> None:
    with pytest.raises(KeyboardInterrupt):
        play("  - misbehave: stop\n")


# --- Stories ----------------------------------------------------------------------------------------------------------


def test_a_story_tells_parts_quotations_steps_rules_and_what_the_user_reads() -> None:
    told = tell(
        play(
            "  - part: (3) Downloading\n    quote: once downloaded, the address will be invalid\n"
            + DOWNLOAD
            + DOWNLOAD
            + "    refused: one-time-link/used\n    note: Once is enough.\n"
        )
    )
    for words in (
        "A story\n═══════",
        "(3) Downloading",
        "“once downloaded, the address will be invalid”",
        "  1. li-wei downloads at office-pc\n     ✓ allowed",
        "⊘ refused one-time-link/used",
        "office   Allowed: the driver's version is 1.0.0 (1.0.0 is needed); it is live until 8 January",
        "office   Refused by one-time-link (used): office-pc used this address on 8 January 2026 at 10:00",
        "rule     The first accepted request claims the address",
        "reads    The address was used. Ask the office.",
        "c17      “according to the unique address notified”",
        "note     Once is enough.",
        "2 steps, all as expected.",
    ):
        assert words in told


def test_a_red_story_ends_with_the_command_that_shows_it_again() -> None:
    told = tell_red(play("  - misbehave: violate\n", setting=Setting(seed=3)))
    assert "differs  An invariant does not hold." in told
    assert "seen     one-computer: two computers can use it" in told
    assert told.endswith("again    softcert run a.yaml --seed 3")


def test_stories_say_what_struck_and_what_succeeded_together() -> None:
    told = tell(play(DOWNLOAD + "    fault: cut-answer\n    broken: unknown\n"))
    assert "li-wei downloads at office-pc; the answer is lost" in told
    assert "reads    No answer came. Try again." in told
    both = "  - together: {steps: [{restart: }, {misbehave: violate}], succeed: 2}\n"
    assert "  1) restart\n     ✓ allowed\n  2) misbehave" in tell(play(both))


def test_a_world_that_cannot_be_built_is_a_red_scenario() -> None:
    registry = toy.Registry()
    registry.verbs.update(toy.REGISTRY.verbs)

    @registry.prelude("failing")
    def failing(world: toy.ToyWorld, person: str) -> None:  # pyright: ignore[reportUnusedFunction]
        """Fail."""
        raise ZeroDivisionError

    text = f"{HEAD}given: {{li-wei: failing}}\nsteps:\n{DOWNLOAD}"
    (scenario,) = Loader(registry).load_text("a.yaml", text, toy.CAST)
    result = Stage(toy.Suite(registry, toy.ToyWorld), Setting()).run(scenario)
    assert result.outcome == "not-as-expected"
    assert result.steps[0].sentence == "Given li-wei failing"


def test_a_world_that_fails_after_the_last_step_is_red_and_no_act_of_the_scenario() -> None:
    class Undigested(toy.ToyWorld):
        def digest(self) -> str:
            raise ZeroDivisionError

    (scenario,) = Loader(toy.REGISTRY).load_text("a.yaml", f"{HEAD}steps:\n{DOWNLOAD}", toy.CAST)
    result = Stage(toy.Suite(toy.REGISTRY, Undigested), Setting()).run(scenario)
    assert [(step.verb, step.green, step.outside) for step in result.steps] == [
        ("download", True, False), ("world", False, True),
    ]  # fmt: skip
    assert result.outcome == "not-as-expected"
    assert json.loads(to_json(Results(1, [result])))["totals"]["acts"] == 1
    [seen] = sighted(scenario, result)
    assert (seen.kind, seen.step, seen.names) == ("error", "Between the steps", ())


def test_debug_shows_where_a_step_crashed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTCERT_DEBUG", "1")
    assert "Traceback" in last("  - misbehave: crash\n").seen


def test_hash_randomisation_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, a=f"given: {{li-wei: approved, thief: applied}}\nsteps:\n{DOWNLOAD}")
    code = (
        "import toy, sys; from pathlib import Path; from softcert_sim.runner import *; "
        "from softcert_sim.results import to_json; print(to_json(run([Path(sys.argv[1])], Options(), toy.suite)))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(toy.__file__).parent)},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
