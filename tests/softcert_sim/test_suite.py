"""What the files of a folder share: cast, policy and preludes, inherited by folders below; errors have their place."""

from pathlib import Path

import pytest
import toy

from softcert_sim.product import product
from softcert_sim.results import Results, to_json
from softcert_sim.runner import Options, run
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.marks import BadFile, ScenarioError
from softcert_sim.scenario.model import Scenario
from softcert_sim.stage import Setting

TOP = """\
softcert: 1
cast:
  people: {wang-fang: {kind: applicant, pin: Peony-2001x, password: two wooden boats, mailbox: wang@fang.example,
    applicant-type: person, country: CN, name: 王芳, identity-number: "110105198803140023", mobile: "13900139001",
    address: 北京市朝阳区建国路89号}}
  computers: {shop-pc: {owner: wang-fang}}
policy: {link-lifetime: 2 days, pin-tries: 4}
preludes:
  filed-once:
    after: active
    steps:
      - login: {by: <person>, at: <computer>}
      - file: {by: <person>, at: <computer>}
      - logout: {by: <person>, at: <computer>}
"""
BELOW = """\
softcert: 1
policy: {pin-tries: 5}
preludes:
  filed-twice:
    after: filed-once
    steps:
      - login: {by: <person>, at: <computer>}
      - file: {by: <person>, at: <computer>}
"""
TWICE = """\
softcert: 1
scenario: {title}
given: {{{given}}}
policy: {{link-lifetime: 3 days}}
steps:
  - file: {{by: wang-fang, at: shop-pc}}
"""


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    write(tmp_path, "suite.yaml", TOP)
    write(tmp_path, "deep/suite.yaml", BELOW)
    write(tmp_path, "deep/er/a.scenario.yaml", TWICE.format(title="Twice", given="wang-fang: filed-twice"))
    write(tmp_path, "b.scenario.yaml", TWICE.format(title="Logged out", given="wang-fang: filed-once"))
    return tmp_path


def result(folder: Path, workers: int = 1) -> Results:
    return run([folder], Options(setting=Setting(seed=3), workers=workers), product)


def test_a_folder_inherits_and_says_otherwise_only_of_the_policy(folders: Path) -> None:
    logged_out, twice = Loader(product().registry).load([folders])
    assert [link.prelude for link in twice.links][-3:] == ["active", "filed-once", "filed-twice"]
    assert (twice.policy.pin_tries, logged_out.policy.pin_tries) == (5, 4)
    assert twice.policy.link_lifetime == 3 * 86_400
    assert twice.assumed == ("link-lifetime",)
    assert "wang-fang" in twice.cast.people


def test_preludes_of_a_suite_are_played_and_judged(folders: Path) -> None:
    logged_out, twice = result(folders).scenarios
    assert twice.outcome == "as-expected"
    assert logged_out.red is not None
    assert str(logged_out.red.outcome) == "refused business-after-activation/no-session"


NAMED = """\
softcert: 1
preludes:
  kept:
    after: active
    steps:
      - plug: {drive: blue-usb, into: <computer>}
      - backup: {by: <person>, at: <computer>}
        as: <person>-backup
      - unplug: blue-usb
      - login: {by: <person>, at: <computer>}
      - file: {by: <person>, at: <computer>}
        as: <person>-filing
"""
NAMING = """\
softcert: 1
scenario: Two of them
given: {li-wei: kept, zhang-min: kept}
steps:
  - check-receipt: {filing: zhang-min-filing}
  - plug: {drive: blue-usb, into: home-pc}
  - install: {by: li-wei, at: home-pc}
  - recover: {by: li-wei, at: home-pc, backup: li-wei-backup}
  - check-backup: {backup: li-wei-backup, is: spent}
  - check-backup: {backup: zhang-min-backup, is: registered}
"""


def test_a_story_reaches_what_preludes_named_each_persons_own(tmp_path: Path) -> None:
    write(tmp_path, "suite.yaml", NAMED)
    write(tmp_path, "a.yaml", NAMING)
    (told,) = result(tmp_path).scenarios
    assert told.red is None
    write(tmp_path, "a.yaml", NAMING.replace("is: registered", "is: spent"))
    (told,) = result(tmp_path).scenarios
    assert told.red is not None
    assert (told.red.arguments["backup"], told.red.seen) == ("zhang-min-backup", "registered")


@pytest.mark.parametrize(
    ("suite", "story", "place", "message"),
    [
        (NAMED.replace("<person>-filing", "filing"), NAMING.replace("zhang-min-filing", "filing"), "3:8",
         "two steps of preludes have the name `filing`: {0}/suite.yaml:11 and {0}/suite.yaml:11"),
        (NAMED, f"{NAMING}  - restart:\n    as: li-wei-filing\n", "12:9",
         "`li-wei-filing` is the name of another step already, in {0}/suite.yaml:11"),
        (NAMED, NAMING.replace(", zhang-min: kept", ""), "5:29", "no earlier step called `zhang-min-filing`"),
    ],
)  # fmt: skip
def test_a_name_that_two_steps_have_or_no_prelude_gave(
    tmp_path: Path, suite: str, story: str, place: str, message: str
) -> None:
    write(tmp_path, "suite.yaml", suite)
    write(tmp_path, "a.yaml", story)
    with pytest.raises(BadFile) as caught:
        Loader(product().registry).load([tmp_path / "a.yaml"])
    first = caught.value.errors[0]
    assert (f"{first.line}:{first.column}", first.message) == (place, message.format(tmp_path))


def test_the_same_bytes_with_two_workers(folders: Path) -> None:
    assert to_json(result(folders, workers=2)) == to_json(result(folders))


def test_where_a_prelude_goes_otherwise_its_own_line_is_told(folders: Path) -> None:
    write(folders, "deep/suite.yaml", BELOW.replace("login: {by: <person>", "login: {pin: '87654321', by: <person>"))
    _, twice = result(folders).scenarios
    assert twice.red is not None
    assert f"Given wang-fang filed-twice, {folders}/deep/suite.yaml:7: " in twice.red.sentence
    assert twice.red.seen == "refused pin-guards-key/wrong-pin"


def load(folder: Path, suite: str, given: str = "") -> list[Scenario]:
    write(folder, "suite.yaml", f"softcert: 1\n{suite}")
    write(folder, "a.yaml", f"softcert: 1\nscenario: A\n{given}steps: [{{restart: }}]\n")
    (folder / "outer").mkdir(exist_ok=True)
    return Loader(toy.REGISTRY).load([folder / "a.yaml"])


def error(folder: Path, suite: str, given: str = "") -> ScenarioError:
    with pytest.raises(BadFile) as caught:
        load(folder, suite, given)
    (one,) = caught.value.errors
    return one


STEPS = "steps: [{restart: }]"


@pytest.mark.parametrize(
    ("suite", "place", "message", "suggestion"),
    [
        ("presudes: {}\n", "2:1", "no such key `presudes`", "`preludes`"),
        ("policy: {pin-trys: 3}\n", "2:10", "no assumption `pin-trys`", "`pin-tries`"),
        ("preludes: []\n", "2:11", "`preludes` is a mapping, not a list (`- …` or `[…]`)", ""),
        ("preludes: {a: 1}\n", "2:15", "`a` is a mapping, not text", ""),
        ("preludes: {a: {}}\n", "2:12", "`a` needs `steps`", ""),
        (f"preludes: {{a: {{aftr: applied, {STEPS}}}}}\n", "2:16", "no part of a prelude `aftr`", "`after`"),
        (f"preludes: {{a: {{after: aplied, {STEPS}}}}}\n", "2:23", "no prelude `aplied`", "`applied`"),
        (f"preludes: {{applied: {{{STEPS}}}}}\n", "2:12", "`applied` is taken: there is such a prelude already", ""),
        ("preludes: {a: {steps: [{restrt: }]}}\n", "2:25", "no verb `restrt`", "`restart`"),
        ("preludes: {a: {steps: [{ask: {by: <persn>}}]}}\n", "2:35", "no name in a prelude `persn`", "`person`"),
        (f"preludes: {{a: {{after: a, {STEPS}}}}}\n", "2:23", "preludes go in a circle: a after a", ""),
        (
            f"preludes:\n  a: {{after: c, {STEPS}}}\n  b: {{after: a, {STEPS}}}\n  c: {{after: b, {STEPS}}}\n",
            "3:14", "preludes go in a circle: a after c after b after a", "",
        ),
    ],
)  # fmt: skip
def test_what_can_be_wrong_in_a_suite(tmp_path: Path, suite: str, place: str, message: str, suggestion: str) -> None:
    if "<persn>" in suite:
        suite = f"cast: {{people: {{lee: {{kind: applicant}}}}}}\n{suite}"
        place = place.replace("2:", "3:")
    wrong = error(tmp_path, suite)
    assert wrong.path.endswith("suite.yaml")
    assert f"{wrong.line}:{wrong.column}" == place
    assert wrong.message == message
    assert wrong.suggestion == suggestion
    assert wrong.source.strip()


def test_a_prelude_that_does_not_fit_a_person_is_told_where_it_is_given(tmp_path: Path) -> None:
    suite = (
        "cast:\n  people: {lee: {kind: applicant}, kim: {kind: applicant}}\n  computers: {pc: {owner: lee}}\n"
        "preludes: {here: {steps: [{download: {by: <person>, at: <computer>}}]}}\n"
    )
    assert load(tmp_path, suite, "given: {lee: here}\n")
    wrong = error(tmp_path, suite, "given: {kim: here}\n")
    assert (wrong.path.endswith("a.yaml"), wrong.line, wrong.column) == (True, 3, 14)
    assert "the prelude `here` does not fit `kim`" in wrong.message
    assert "suite.yaml:5:57: no name in a prelude `computer`" in wrong.message


def test_a_misspelt_prelude_of_the_suite_is_suggested(tmp_path: Path) -> None:
    wrong = error(tmp_path, "preludes: {two-filed: {steps: [{restart: }]}}\n", "given: {li-wei: two-fild}\n")
    assert wrong.suggestion == "`two-filed`"


def test_a_suite_without_version_is_named(tmp_path: Path) -> None:
    write(tmp_path, "suite.yaml", "policy: {}\n")
    write(tmp_path, "a.yaml", "softcert: 1\nscenario: A\nsteps: [{restart: }]\n")
    with pytest.raises(BadFile, match=r"suite\.yaml:1:1: the language's version is missing"):
        Loader(toy.REGISTRY).load([tmp_path / "a.yaml"])
