"""Counterexamples made small: what is left fails in the same way, nothing of it can be left out, and it is a file."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import toy

from softcert.rules.policy import Policy
from softcert_sim.product import product
from softcert_sim.scenario.files import UsageError, shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.model import Cast, Scenario, Step
from softcert_sim.scenario.writing import scenario_text
from softcert_sim.shrink import as_file, shrink, shrink_scenario
from softcert_sim.stage import Setting
from softcert_sim.worlds import Suite

WAITS = "".join(f"  - wait: {number} days\n" for number in range(1, 6))


def small(tmp_path: Path, text: str, suite: Suite | None = None) -> Scenario:
    """What a scenario file is made."""
    (tmp_path / "red.yaml").write_text(text, encoding="utf-8")
    suite = suite or toy.suite()
    [scenario] = Loader(suite.registry).load([tmp_path / "red.yaml"])
    shrunk = shrink_scenario(scenario, suite, Setting())
    assert shrunk is not None
    return shrunk.scenario


def told(scenario: Scenario) -> list[tuple[str, dict[str, object]]]:
    """Verbs and arguments."""
    return [(step.verb, dict(step.arguments)) for step in scenario.steps]


def plain(step: Step) -> Step:
    """A step without its place in a file."""
    return replace(step, line=0, together=tuple(plain(part) for part in step.together))


# --- Steps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("needed", [{0}, {39}, {3, 17}, {0, 1, 2, 39}, set(range(0, 40, 5))], ids=str)
def test_only_what_is_needed_is_left(needed: set[int]) -> None:
    assert shrink(range(40), lambda steps: needed <= set(steps)) == sorted(needed)


def test_a_step_goes_although_another_must_go_before_it() -> None:
    def fails(steps: Sequence[int]) -> bool:
        """Each even step needs the one before it, as a check needs what it looks for."""
        return 7 in steps and all(number - 1 in steps for number in steps if number % 2 == 0 and number)

    assert shrink(range(12), fails) == [7]


def test_of_twelve_steps_the_one_that_breaks_an_invariant_is_left(tmp_path: Path) -> None:
    text = f"softcert: 1\nscenario: Red\nsteps:\n{WAITS}  - misbehave: violate\n{WAITS}  - restart:\n"
    assert told(small(tmp_path, text)) == [("misbehave", {"how": "violate"})]


def test_another_failure_does_not_stand_for_the_one_that_was_found(tmp_path: Path) -> None:
    download = "  - download: {by: li-wei, at: office-pc}\n"
    text = (
        f"softcert: 1\nscenario: Red\nsteps:\n{WAITS}{download}{WAITS}{download}    refused: approved-only/undecided\n"
    )
    # Alone the second download would be allowed, which is wrong too, and another thing.
    assert [step.verb for step in small(tmp_path, text).steps] == ["download", "download"]


def test_a_check_stays_with_what_it_saw(tmp_path: Path) -> None:
    check = "  - check-downloads: {count: 7}\n"
    text = f"softcert: 1\nscenario: Red\nsteps:\n{WAITS}  - download: {{by: li-wei, at: office-pc}}\n{WAITS}{check}"
    assert [step.verb for step in small(tmp_path, text).steps] == ["download", "check-downloads"]


# --- What stands in and beside them -----------------------------------------------------------------------------------


def test_arguments_faults_names_and_words_that_do_nothing_go(tmp_path: Path) -> None:
    text = """softcert: 1
scenario: Red
seed: 7
given: {li-wei: approved}
policy: {link-lifetime: 2 days}
steps:
  - part: Before
  - download: {by: li-wei, at: office-pc, of: thief}
    fault: {power-cut: {at: disk-write 1, keeps: 3}}
    as: first
    note: He downloads.
  - check-downloads: {count: 7}
    quote: Click "Register Now" on the homepage
"""
    scenario = small(tmp_path, text)
    assert told(scenario) == [("download", {"by": "li-wei", "at": "office-pc"}), ("check-downloads", {"count": 7})]
    assert all(plain(step) == Step(0, step.verb, step.arguments) for step in scenario.steps)
    assert (scenario.given, scenario.policy, scenario.seed) == ((), type(scenario.policy)(), None)


def test_of_what_happens_at_once_as_few_are_left_as_show_it(tmp_path: Path) -> None:
    parts = "".join("        - download: {by: li-wei, at: office-pc}\n" for _ in range(4))
    text = f"""softcert: 1
scenario: Red
steps:
  - together:
      steps:
{parts}      succeed: 2
    refused: one-time-link/used
"""
    [step] = small(tmp_path, text).steps
    assert (len(step.together), step.succeed) == (2, 2)


def test_a_prelude_stands_for_the_steps_that_lead_there(tmp_path: Path) -> None:
    """Of the whole process, 40 steps, with one expectation wrong."""
    [file] = (shipped() / "0-the-whole-process").glob("*.yaml")
    text = file.read_text(encoding="utf-8").replace("    refused: one-computer/retired\n", "")
    scenario = small(tmp_path, text.replace("scenario: The whole process", "scenario: Red"), product())
    assert (scenario.given, told(scenario)) == ((("li-wei", "moved"),), [("login", {"by": "li-wei", "at": "office-pc"})])
    assert scenario.rules == ("one-computer",)


def test_what_a_suite_adds_is_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "suite.yaml").write_text(
        """softcert: 1
cast: {people: {wang-fang: {kind: applicant}}, computers: {shop-pc: {owner: wang-fang}}}
policy: {pin-tries: 4}
preludes:
  broken: {after: applied, steps: [{download: {by: <person>, at: <computer>}}, {wait: 1 day}]}
""",
        encoding="utf-8",
    )
    text = "softcert: 1\nscenario: Red\ngiven: {wang-fang: broken}\nsteps: [{check-downloads: {count: 0}}]\n"
    scenario = small(tmp_path, text)
    assert told(scenario)[0] == ("download", {"by": "wang-fang", "at": "shop-pc"})
    alone = tmp_path / "elsewhere" / "alone.yaml"
    alone.parent.mkdir()
    (tmp_path / "suite.yaml").unlink()
    alone.write_text(scenario_text(scenario, toy.REGISTRY, shared=shipped_cast()), encoding="utf-8")
    [again] = Loader(toy.REGISTRY).load([alone])
    assert told(again) == told(scenario)


# --- Files ------------------------------------------------------------------------------------------------------------


def shipped_cast() -> Cast:
    """The cast that every file shares."""
    return Loader(product().registry).shared(shipped()).cast


def test_every_shipped_scenario_is_read_back_as_it_was_written() -> None:
    registry, cast = product().registry, shipped_cast()
    for scenario in Loader(registry).load([shipped()]):
        text = scenario_text(scenario, registry, comment="Written\nanew", shared=cast)
        [again] = Loader(registry).load_text(scenario.path, text, cast)
        steps = tuple(plain(step) for step in scenario.steps)
        assert replace(again, steps=tuple(map(plain, again.steps)), assumed=()) == replace(
            scenario, steps=steps, assumed=(), about=again.about
        )
        assert " ".join(again.about.split()) == " ".join(scenario.about.split())


def test_an_engine_writes_its_steps_as_a_file() -> None:
    steps = [Step(0, "wait", {"for": 86_400}), Step(0, "check-address", {"of": "li-wei", "is": "used"})]
    given = (("li-wei", "approved"),)
    scenario = Scenario("", "It lives", "Found.", ("one-time-link",), (), given, (), Policy(), (), Cast(), tuple(steps))
    text = as_file(scenario, product().registry, "one-time-link: a\nline")
    assert text == (
        "# Found by softcert:\n# one-time-link: a\n# line\n# seed 1\n"
        "softcert: 1\nscenario: It lives\nabout: Found.\nrules: [one-time-link]\ngiven: {li-wei: approved}\n"
        "steps:\n  - wait: 1 day\n  - check-address: {of: li-wei, is: used}\n"
    )


def test_one_that_fails_under_its_own_title_alone_is_not_made_small() -> None:
    class Moody(toy.ToyWorld):
        def check_invariants(self, step: Step) -> list[toy.Violation]:
            return [toy.Violation("one-computer", "it is red")] if self.name == "Red" else []

    suite = Suite(toy.REGISTRY, Moody)
    [scenario] = Loader(toy.REGISTRY).load_text("a.yaml", "softcert: 1\nscenario: Red\nsteps: [restart: ]", Cast())
    with pytest.raises(UsageError, match=r"a\.yaml: it fails, but not as a file of its own"):
        shrink_scenario(scenario, suite, Setting())


# --- The command line -------------------------------------------------------------------------------------------------

RED = f"softcert: 1\nscenario: Red\nrules: [one-time-link]\nsteps:\n{WAITS}  - misbehave: violate\n"


def test_the_smallest_is_printed_with_what_was_found(softcert, tmp_path: Path) -> None:
    (tmp_path / "red.yaml").write_text(RED, encoding="utf-8")
    done = softcert("shrink", "red.yaml", "--seed", "4")
    assert done.code == 0
    assert "# invariant one-computer: two computers can use it\n# in red.yaml, 'Red'" in done.out
    assert done.out.endswith("rules: [one-computer]\nsteps:\n  - misbehave: violate\n")
    assert "1 of 6 steps left, after " in done.err


def test_it_is_written_where_asked_and_comes_out_red_again(softcert, tmp_path: Path) -> None:
    (tmp_path / "red.yaml").write_text(RED, encoding="utf-8")
    assert softcert("shrink", "red.yaml", "-o", "small.yaml").out == ""
    assert softcert("lint", ".").code == 0
    again = softcert("run", "small.yaml")
    assert again.code == 1
    assert "two computers can use it" in again.out
    assert softcert("shrink", "red.yaml", "-o", "small.yaml").code == 0


def test_a_green_one_is_told_so_and_other_files_are_not_written_over(softcert, tmp_path: Path) -> None:
    (tmp_path / "green.yaml").write_text("softcert: 1\nscenario: Green\nsteps: [restart: ]\n", encoding="utf-8")
    (tmp_path / "red.yaml").write_text(RED, encoding="utf-8")
    done = softcert("shrink", "green.yaml")
    assert (done.code, done.out) == (2, "")
    assert "green.yaml: all comes out as expected" in done.err
    refused = softcert("shrink", "red.yaml", "-o", "green.yaml")
    assert refused.code == 2
    assert "it would be lost" in refused.err
