"""What the author of a scenario file sees: values as meant, and errors with their place."""

import contextlib
import re
from pathlib import Path

import pytest
import toy
import yaml

from softcert.rules.catalogue import CLAUSES
from softcert_sim.product import product
from softcert_sim.scenario import quotes
from softcert_sim.scenario.files import UsageError, discover, shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.marks import BadFile, Page, ScenarioError, read
from softcert_sim.scenario.model import Scenario

HEAD = "softcert: 1\nscenario: A story\n"


def load(text: str) -> list[Scenario]:
    return Loader(toy.REGISTRY).load_text("a.yaml", text, toy.CAST)


def story(steps: str, more: str = "") -> Scenario:
    (scenario,) = load(f"{HEAD}{more}steps:\n{steps}")
    return scenario


def errors(text: str) -> tuple[ScenarioError, ...]:
    with pytest.raises(BadFile) as caught:
        load(text)
    return caught.value.errors


def step_error(step: str, more: str = "") -> ScenarioError:
    (error,) = errors(f"{HEAD}{more}steps:\n{step}")
    return error


# --- What is read -----------------------------------------------------------------------------------------------------


def test_a_whole_file() -> None:
    (scenario,) = load(
        """\
softcert: 1
scenario: A used address is dead
about: Once downloaded, the address is invalid.
rules: [one-time-link, code-secret]
tags: [attack, link]
given: {li-wei: approved}
policy: {link-lifetime: 2 days, pin: 6 to 20, link-visit: burns, link-reissue: no, pin-tries: 3}
seed: 7
cast: {people: {wang-fang: {kind: applicant, name: 王芳}}, computers: {shop-pc: {owner: wang-fang}}}
steps:
  - part: (3) Downloading
    quote: once downloaded, the address will be invalid
  - download: {by: li-wei, at: shop-pc}
    as: first
    fault: {power-cut: disk-write 3}
    broken: unknown
  - download: {by: wang-fang, at: office-pc, of: li-wei}
    refused: one-time-link/used
    told: unique-address/unknown
    reads: Copy the address again
    note: Again.
  - replay: {by: thief, exchange: first}
    rejected: badNonce
  - steal: {by: thief, what: mailbox}
    limit: Nobody can stop it.
"""
    )
    assert scenario.title == "A used address is dead"
    assert scenario.rules == ("one-time-link", "code-secret")
    assert scenario.tags == ("attack", "link")
    assert scenario.given == (("li-wei", "approved"),)
    assert scenario.seed == 7
    policy = scenario.policy
    assert (policy.link_lifetime, policy.pin, policy.link_visit) == (172_800, (6, 20), "burns")
    assert (policy.link_reissue, policy.pin_tries) == (False, 3)
    assert scenario.assumed == ("link-lifetime", "pin", "link-visit", "link-reissue", "pin-tries")
    assert scenario.cast.people["wang-fang"] == {"kind": "applicant", "name": "王芳"}
    assert scenario.cast.computers["shop-pc"] == {"owner": "wang-fang", "element": "secure"}
    heading, first, second, third, fourth = scenario.steps
    assert (heading.verb, heading.part, heading.quoted) == ("", "(3) Downloading", ("c18",))
    assert (first.label, first.line, str(first.expected)) == ("first", 13, "broken unknown")
    assert [(fault.name, fault.arguments) for fault in first.faults] == [("power-cut", {"at": "disk-write 3"})]
    assert str(second.expected) == "refused one-time-link/used, told unique-address/unknown"
    assert second.expected.reads == "Copy the address again"
    assert (third.arguments, str(third.expected)) == ({"by": "thief", "exchange": "first"}, "rejected badNonce")
    assert (fourth.expected.kind, fourth.expected.limit) == ("allowed", "Nobody can stop it.")


def test_scalars_stay_what_they_are_until_the_schema_types_them() -> None:
    step = story(
        """\
  - fill:
      by: li-wei
      form: {country: no, mobile: 013800138000, amount: 1e3, when: 2026-01-05, empty: '', on: off}
      parts: [yes, 0x10, ~]
      tries: 3
      full: no
"""
    ).steps[0]
    assert step.arguments["form"] == {
        "country": "no",
        "mobile": "013800138000",
        "amount": "1e3",
        "when": "2026-01-05",
        "empty": "",
        "on": "off",
    }
    assert step.arguments["parts"] == ["yes", "0x10", "~"]
    assert step.arguments["tries"] == 3
    assert step.arguments["full"] is False


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30 seconds", 30), ("1 hour", 3600), ("10 minutes", 600), ("2 days", 172_800), ("1 week", 604_800),
     ("6 days 23 hours", 601_200)],
)  # fmt: skip
def test_durations(text: str, seconds: int) -> None:
    assert story(f"  - wait: {text}\n").steps[0].arguments == {"for": seconds}
    assert story(f"  - wait: {{for: {text}}}\n").steps[0].arguments == {"for": seconds}


def test_a_verb_without_arguments_and_a_fault_without_arguments() -> None:
    scenario = story("  - restart:\n  - restart: {}\n    fault: cut-answer\n    broken: unknown\n")
    assert [step.arguments for step in scenario.steps] == [{}, {}]
    assert scenario.steps[1].faults[0].name == "cut-answer"


def test_examples_make_one_story_each() -> None:
    first, second = load(
        f"{HEAD}examples:\n  - {{time: 1 day, who: li-wei}}\n  - {{time: 2 days, who: thief}}\n"
        "steps:\n  - wait: <time>\n    note: <who> waits\n  - download: {by: <who>, at: office-pc}\n"
    )
    assert first.title == "A story #1 (time 1 day, who li-wei)"
    assert second.title == "A story #2 (time 2 days, who thief)"
    assert second.steps[0].arguments == {"for": 172_800}
    assert second.steps[0].note == "thief waits"
    assert second.steps[1].arguments["by"] == "thief"


def test_together_takes_steps_and_how_many_succeed() -> None:
    step = story(
        "  - together:\n      steps:\n        - download: {by: li-wei, at: office-pc}\n          as: one\n"
        "        - download: {by: thief, at: cafe-pc}\n      succeed: 1\n      turns: 1 2 1\n"
        "    refused: one-time-link/used\n"
        "  - replay: {by: thief, exchange: one}\n"
    ).steps[0]
    assert (step.verb, len(step.together), step.succeed, step.turns) == ("together", 2, 1, (1, 2, 1))
    assert str(step.expected) == "refused one-time-link/used"


def test_a_byte_order_mark_is_no_error() -> None:
    assert load("\ufeff" + HEAD + "steps: [{restart: }]\n")[0].title == "A story"


# --- Quotations -------------------------------------------------------------------------------------------------------


def test_every_clause_stands_in_the_source() -> None:
    assert list(quotes.clause_places()) == list(CLAUSES)
    for clause, words in CLAUSES.items():
        assert clause in quotes.clauses_of(quotes.find(words))


@pytest.mark.parametrize(
    ("quote", "clauses"),
    [
        ("Once  downloaded,\n the address will be invalid", ("c18",)),
        ("Click “Register Now” on the homepage", ("c06",)),
        ("you need to activate the digital certificate … the activation code", ("c22",)),
        ("the initial PIN code (the initial PIN code is 12345678) and use the modified password to log in",
         ("c20", "c21")),
        ("the … computer", ()),
        ("with the activation code", ()),
        ("In order to ensure the data security", ()),
    ],
)  # fmt: skip
def test_a_quotation_covers_the_clauses_of_which_it_has_most_words(quote: str, clauses: tuple[str]) -> None:
    assert quotes.find(quote)
    assert quotes.clauses_of(quotes.find(quote)) == clauses


@pytest.mark.parametrize("quote", ["the", "the address is invalid", "will be invalid … once downloaded", "…"])
def test_what_does_not_stand_there_is_no_quotation(quote: str) -> None:
    assert quotes.find(quote) == ()


# --- What is wrong ----------------------------------------------------------------------------------------------------


def test_an_error_shows_place_line_caret_expectation_and_guess() -> None:
    error = step_error("  - wait: 1 day\n  - download: {by: li-wei, at: ofice-pc}\n")
    assert str(error) == (
        "a.yaml:5:32: no computer `ofice-pc`\n"
        "     5 |   - download: {by: li-wei, at: ofice-pc}\n"
        "       |                                ^\n"
        "         expected one of office-pc, cafe-pc\n"
        "         did you mean `office-pc`?"
    )


def test_the_caret_stands_under_its_place_behind_wide_symbols() -> None:
    lines = str(step_error("  - fill: {by: li-wei, form: {name: 张伟}, full: ja}\n")).splitlines()
    before = lines[1].partition("ja}")[0]
    assert lines[2].index("^") == len(before) + 2


def test_all_errors_of_a_file_come_at_once_in_order() -> None:
    top = f"{HEAD}rulez: []\ngiven: {{li-wie: applied}}\n"
    found = errors(f"{top}steps:\n  - downlaod: {{}}\n  - wait: soon\n  - wait: 1 day\n    note:\n")
    assert [(error.line, error.suggestion) for error in found] == [
        (3, "`rules`"), (4, "`li-wei`"), (6, "`download`"), (7, ""), (9, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("step", "message", "suggestion"),
    [
        ("  - downlaod: {}\n", "no verb `downlaod`", "`download`"),
        ("  - download: {by: li-wei, att: office-pc, at: office-pc}\n", "no argument of download `att`", "`at`"),
        ("  - download: {by: li-wei}\n", "`download` needs `at`", ""),
        ("  - download: li-wei\n", "`download` takes a mapping, not text", ""),
        ("  - download: {by: lee, at: office-pc}\n", "no person `lee`", ""),
        ("  - steal: {by: thief, what: mailbocks}\n", "person or computer or drive or what `mailbocks`", "`mailbox`"),
        ("  - replay: {by: thief, exchange: first}\n", "no earlier step called `first`", ""),
        ("  - wait: 3 moons\n", "`for` cannot be `3 moons`", ""),
        ("  - wait: [1 day]\n", "`for` cannot be a list", ""),
        ("  - fill: {by: li-wei, form: {}, tries: 01}\n", "`tries` cannot be `01`", ""),
        ("  - fill: {by: li-wei, form: {}, full: maybe}\n", "`full` cannot be `maybe`", ""),
        ("  - fill: {by: li-wei, form: {name: }}\n", "`name` cannot be nothing", ""),
        ("  - fill: {by: li-wei, form: {}, parts: disk}\n", "`parts` cannot be `disk`", ""),
        ("  - restart:\n    refused: one-time-link/usd\n", "`one-time-link` has no reason `usd`", "`used`"),
        ("  - restart:\n    refused: one-time-link\n", "`one-time-link` needs a reason", ""),
        ("  - restart:\n    refused: one-time-lynk/used\n", "no rule `one-time-lynk`", "`one-time-link`"),
        ("  - restart:\n    refused: driver-first/wrong-code\n", "no reason `wrong-code`", "`activate-first/"),
        ("  - restart:\n    refused: code-once/x\n", "`code-once` is a duty", ""),
        ("  - restart:\n    refused: [a]\n", "`refused` needs text, not a list", ""),
        ("  - restart:\n    rejected: badnonce\n", "no protocol error `badnonce`", "`badNonce`"),
        ("  - restart:\n    broken: maybe\n", "no kind of broken `maybe`", ""),
        ("  - restart:\n    limit:\n", "`limit` needs text", ""),
        ("  - restart:\n    reads:\n", "`reads` needs text", ""),
        ("  - check-downloads: {count: 0}\n    reads: x\n", "`reads` cannot stand beside it", ""),
        ("  - together: {steps: [{restart: }], succeed: 1}\n    reads: x\n", "at most how the others fail", ""),
        ("  - restart:\n    told: malformed\n", "`told` says what the user hears", ""),
        ("  - restart:\n    broken: unknown\n    rejected: badNonce\n", "one outcome, not both", ""),
        ("  - restart:\n    fault: {powercut: x}\n", "no fault `powercut`", "`power-cut`"),
        ("  - restart:\n    fault: power-cut\n", "`power-cut` needs `at`", ""),
        ("  - restart:\n    fault: {power-cut: disc-write 1}\n", "no moment `disc-write`", "`disk-write`"),
        ("  - restart:\n    fault: {power-cut: disk-write 0}\n", "`at` cannot be `disk-write 0`", ""),
        ("  - restart:\n    fault: {power-cut: database-commit 1}\n", "no moment `database-commit`", ""),
        ("  - restart:\n    fault:\n", "`fault` names a fault, not nothing", ""),
        ("  - restart:\n    quote: the address is invalid\n", "do not stand in the source", ""),
        ("  - restart:\n    quote: the … computer\n", "places, and are most of no clause", ""),
        ("  - restart:\n    limit: because\n", "`limit` says that an attack succeeds, and `restart` is none", ""),
        ("  - check-downloads: {count: 0}\n    limit: because\n", "and `check-downloads` is none", ""),
        ("  - download: {by: li-wei, at: office-pc}\n    limit: because\n", "and nobody attacks here", ""),
        ("  - together: {steps: [{restart: }, {restart: }], succeed: 1}\n", "what becomes of the others is not said", ""),
        ("  - restart:\n    as: thief\n", "`thief` is a name of the cast", ""),
        ("  - restart:\n    as: a\n  - restart:\n    as: a\n", "is the name of another step already, in line 5", ""),
        ("  - restart:\n    wait: 1 day\n", "a step has one verb", ""),
        ("  - note: x\n    as: y\n", "there is no verb in this step", ""),
        ("  - {}\n", "there is no verb in this step", ""),
        ("  - restart\n", "a step is a mapping, not text", ""),
        ("  []\n", "`steps` is a list of steps", ""),
        ("  - check-downloads: {count: 1}\n    refused: one-time-link/used\n", "a check looks, it acts not", ""),
        ("  - download: {by: li-wei, at: office-pc, refused: one-time-link/used}\n",
         "`refused` is said of the whole step: it stands beside `download`, not inside its braces", ""),
        ("  - together: {steps: [{restart: }], succeed: 2}\n", "`succeed` cannot be `2`", ""),
        ("  - together: {steps: [{restart: }], succeed: 1}\n    as: a\n", "stands at most how the others fail", ""),
        ("  - together: {steps: [{restart: }]}\n", "`together` needs `steps` and `succeed`", ""),
        ("  - together: {steps: [{restart: , broken: unknown}], succeed: 1}\n", "a verb without an outcome", ""),
    ],
)  # fmt: skip
def test_what_can_be_wrong_in_a_step(step: str, message: str, suggestion: str) -> None:
    error = step_error(step)
    assert message in error.message
    assert suggestion in error.suggestion


@pytest.mark.parametrize(
    ("more", "message", "suggestion"),
    [
        ("rules: [one-time-lnk]\n", "no rule `one-time-lnk`", "`one-time-link`"),
        ("rules: one-time-link\n", "`rules` is a list, not text", ""),
        ("given: {li-wei: aproved}\n", "no prelude `aproved`", "`approved`"),
        ("cast: {people: {eve: {kind: examiner}}}\ngiven: {eve: applied}\n",
         "`eve` cannot begin so: preludes are for applicants and thieves who own", ""),
        ("given: [applied]\n", "`given` is a mapping", ""),
        ("policy: {link-lifetme: 2 days}\n", "no assumption `link-lifetme`", "`link-lifetime`"),
        ("policy: {link-lifetime: 2}\n", "`link-lifetime` cannot be `2`", ""),
        ("policy: {pin: 8}\n", "`pin` cannot be `8`", ""),
        ("policy: {pin: 9 to 8}\n", "`pin` cannot be `9 to 8`", ""),
        ("policy: {pin-tries: -1}\n", "`pin-tries` cannot be -1", ""),
        ("policy: {activation-code: 0}\n", "`activation-code` cannot be 0", ""),
        ("policy: {same-computer: 9}\n", "`same-computer` cannot be 9", ""),
        ("policy: {link-visit: burn}\n", "`link-visit` cannot be `burn`", "`burns`"),
        ("policy: 2\n", "`policy` is a mapping", ""),
        ("seed: -1\n", "`seed` cannot be", ""),
        ("cast: {peple: {}}\n", "no part of a cast `peple`", "`people`"),
        ("cast: {people: {thief: {kind: applicant}}}\n", "`thief` is taken", ""),
        ("cast: {people: {wang: {kind: aplicant}}}\n", "no kind `aplicant`", "`applicant`"),
        ("cast: {drives: {wang: {}}}\n", "`wang` needs `kind`", ""),
        ("cast: {computers: {pc: {owner: nobody}}}\n", "no person `nobody`", ""),
        ("cast: {computers: {pc: {element: hard}}}\n", "no element `hard`", ""),
        ("examples: [{}]\n", "every example gives one text to each name", ""),
        ("examples: {}\n", "`examples` is a list of mappings", ""),
        ("examples: [{unused: x}]\n", "`<unused>` stands nowhere", ""),
        ("colour: red\n", "no such key `colour`", ""),
        ("about:\n", "`about` needs text", ""),
    ],
)  # fmt: skip
def test_what_can_be_wrong_at_the_top(more: str, message: str, suggestion: str) -> None:
    error = step_error("  - restart:\n", more)
    assert message in error.message
    assert suggestion in error.suggestion


def test_an_unknown_name_in_angle_brackets_is_an_error_of_a_file_with_examples() -> None:
    found = errors(f"{HEAD}examples: [{{who: li-wei}}]\nsteps:\n  - download: {{by: <hwo>, at: office-pc}}\n")
    assert found[0].message == "no name in the examples `hwo`"
    assert found[0].suggestion == "`who`"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "1:1", "the file is empty"),
        ("# nothing\n", "1:1", "the file is empty"),
        ("- a\n", "1:1", "a scenario is a mapping, not a list"),
        ("softcert: 2\nscenario: x\nsteps: [{restart: }]\n", "1:11", "this is version `2` of the language"),
        ("scenario: x\nsteps: [{restart: }]\n", "1:1", "the language's version is missing"),
        ("softcert: 1\nsteps: [{restart: }]\n", "1:1", "`scenario` is missing"),
        (HEAD, "1:1", "`steps` is missing"),
        (HEAD + "steps:\n\t- restart:\n", "4:1", "a tab stands here"),
        (HEAD + "steps: [{restart: }]\n---\nsoftcert: 1\n", "4:1", "a second document begins here"),
        (HEAD + "about: a\nabout: b\nsteps: [{restart: }]\n", "4:1", "`about` stands here twice, first in line 3"),
        (HEAD + "about: this: that\nsteps: [{restart: }]\n", "3:12", "a second `: ` stands in this line"),
        (HEAD + "about: &x y\nsteps: [{restart: }]\n", "3:8", "YAML's anchor `x`"),
        (HEAD + "about: !python y\nsteps: [{restart: }]\n", "3:8", "YAML's tag `!python`"),
        (HEAD + "about: \x07\nsteps: [{restart: }]\n", "3:8", "a control symbol stands here"),
        (HEAD + "steps: " + "[" * 40, "3:40", "nested too deeply"),
        (HEAD + "steps: [{restart: ]\n", "3:19", "a closing sign or a comma stands where a value should"),
        (HEAD + "  about: x\nsteps: [{restart: }]\n", "3:8", "indented as if it belonged to it"),
        (HEAD + "given:\n    a: b\n  c: d\n", "5:3", "indented unlike the lines above it"),
        (HEAD + "steps:\n  - restart:\n   note: x\n", "5:4", "indented unlike the list above it"),
        (HEAD + "about: \"x\" y\nsteps: [{restart: }]\n", "3:12", "text goes on behind its closing quote"),
        (HEAD + "about: \"x\nsteps: [{restart: }]\n", "3:8", "the quote that opens here is not closed"),
        (HEAD + "steps:\n  - restart: {a: b\n  - restart:\n", "4:14", "the closing `}` is missing"),
        (HEAD + "about\nsteps: [{restart: }]\n", "3:1", "this line has no `: `"),
        (HEAD + "about: `x`\nsteps: [{restart: }]\n", "3:8", "text cannot begin with this sign"),
        (HEAD + "about: \"\\d\"\nsteps: [{restart: }]\n", "3:9", "a backslash does not stand before this sign"),
        (HEAD + "steps: - restart:\n", "3:8", "a list cannot begin in the line of its key"),
        (HEAD + "steps: [{[a]: b}]\n", "3:10", "a key is text, not a list"),
    ],
)
def test_what_can_be_wrong_with_a_file(text: str, place: str, message: str) -> None:
    found = [error for error in errors(text) if message in error.message]
    assert [f"{error.line}:{error.column}" for error in found] == [place]


@pytest.mark.parametrize("text", ["", "\t", "a: &x 1", HEAD + "steps: [{restart: ]\n", HEAD + "about: \x07\n"])
def test_without_the_c_loader_errors_stand_in_the_same_lines(text: str) -> None:
    def lines(loader: object) -> list[int]:
        page = Page("a.yaml", text)
        with contextlib.suppress(BadFile):
            read(page, text, loader)
        return [error.line for error in page.errors]

    assert lines(yaml.CSafeLoader) == lines(yaml.SafeLoader) != []


def test_bad_utf8_is_named_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(HEAD.encode() + "about: 张\n".encode() + b"x: \xff\n")
    with pytest.raises(BadFile, match=r"a\.yaml:4:4: this is not UTF-8: byte 0xff"):
        Loader(toy.REGISTRY).load([tmp_path])


# --- Files ------------------------------------------------------------------------------------------------------------


def test_a_suite_brings_its_own_cast(tmp_path: Path) -> None:
    (tmp_path / "suite.yaml").write_text("softcert: 1\ncast: {people: {wang-fang: {kind: applicant}}}\n", encoding="utf-8")
    (tmp_path / "deep").mkdir()
    steps = "steps: [{steal: {by: wang-fang, what: mailbox}}]\n"
    (tmp_path / "deep" / "a.yaml").write_text(HEAD + steps, encoding="utf-8")
    (scenario,) = Loader(toy.REGISTRY).load([tmp_path])
    assert "wang-fang" in scenario.cast.people


def test_a_file_that_lost_its_suite_is_told_so(tmp_path: Path) -> None:
    step = "  - plug: {drive: shop-usb, into: shop-pc}\n"
    file = tmp_path / "lost.yaml"
    file.write_text(f"softcert: 1\nscenario: Lost\ngiven: {{wang-fang: approved}}\nsteps:\n{step}{step}")
    with pytest.raises(BadFile) as bad:
        Loader(product().registry).load_file(file)
    assert [error.message for error in bad.value.errors] == [
        "no person `wang-fang`", "no drive `shop-usb`", "no computer `shop-pc`"
    ]  # fmt: skip
    assert "no suite.yaml stands beside or above this file" in bad.value.errors[0].expected
    (tmp_path / "suite.yaml").write_text("softcert: 1\n")
    with pytest.raises(BadFile) as bad:
        Loader(product().registry).load_file(file)
    assert "suite.yaml" not in str(bad.value)


def test_a_name_in_angle_brackets_without_examples_is_told_so() -> None:
    text = "softcert: 1\nscenario: One\nsteps:\n  - visit: {by: li-wei, at: <pc>}\n"
    with pytest.raises(BadFile) as bad:
        Loader(product().registry).load_text("one.yaml", text, Loader(product().registry).shared(shipped()).cast)
    assert bad.value.errors[0].message == "no example has the name `pc`"


def test_an_error_in_a_suite_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "suite.yaml").write_text("softcert: 1\ncast: {people: {wang-fang: {kind: poet}}}\n", encoding="utf-8")
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(HEAD + "steps: [{restart: }]\n", encoding="utf-8")
    with pytest.raises(BadFile) as caught:
        Loader(toy.REGISTRY).load([tmp_path])
    assert [error.message for error in caught.value.errors] == ["no kind `poet`"]


def test_titles_are_taken_once(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(HEAD + "steps: [{restart: }]\n", encoding="utf-8")
    with pytest.raises(BadFile, match=r"b\.yaml:2:11: another scenario has this title: .*a\.yaml"):
        Loader(toy.REGISTRY).load([tmp_path])


def test_files_are_found_in_order_and_once(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "suite.yaml", "c.txt"):
        (tmp_path / name).write_text("", encoding="utf-8")
    found = discover([tmp_path / "b.yaml", tmp_path])
    assert [path.name for path in found] == ["b.yaml", "a.yml"]


def test_what_cannot_be_found_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        discover([tmp_path / "none.yaml"])
    with pytest.raises(UsageError, match="no scenario in this folder"):
        discover([tmp_path])
    (tmp_path / "suite.yaml").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape("this is a suite, no scenario")):
        discover([tmp_path / "suite.yaml"])
