"""Two languages say the same: every entry is in both, with the same slots; Chinese goes by its glossary."""

import ast
import itertools
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner
from whole import SEED, Whole

import softcert_sim
from softcert import texts as driver_texts
from softcert.form import LABELS, check_form
from softcert.rules.catalogue import CLAUSES, RULES
from softcert_ca import texts as office_texts
from softcert_ca.mails import letter_of
from softcert_ca.outbox import Mail
from softcert_ca.problems import STATUS
from softcert_sim import people
from softcert_sim.attack_lines import ATTACKS, TROUBLES
from softcert_sim.cli import app
from softcert_sim.product import product
from softcert_sim.results import Results
from softcert_sim.runner import Options, run
from softcert_sim.sabotage.saboteur import by_rule, every
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.model import PROTOCOL_ERRORS
from softcert_sim.scenario.registry import Verb, in_words
from softcert_sim.stage import Setting
from softcert_sim.story import tell, tell_red
from softcert_sim.tables import report
from softcert_sim.words import language, texts_zh
from softcert_sim.words.mails_zh import MAILS
from softcert_sim.words.templates import Templates
from softcert_sim.words.zh import GLOSSARY

ENGLISH, CHINESE = language("en"), language("zh")
REGISTRY = product().registry
VERBS: dict[str, Verb] = {**REGISTRY.verbs, **{f"fault {name}": fault for name, fault in REGISTRY.faults.items()}}
HAN = re.compile("[\u4e00-\u9fff]")
SLOT = re.compile(r"\{([a-z_-]+)[}:]")


def slots(text: str) -> list[str]:
    return sorted(SLOT.findall(text))


def optional(says: str) -> list[list[str]]:
    """The slots of each part that falls away with its argument."""
    return sorted(slots(part) for part in re.findall(r"\[([^\[\]]*)\]", says))


# --- Completeness -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_and_fault_says_the_same_in_chinese(name: str) -> None:
    says = CHINESE.says.get(name, "")
    assert slots(says) == slots(VERBS[name].says)
    assert optional(says) == optional(VERBS[name].says)
    assert HAN.search(says)


def test_no_chinese_sentence_is_of_a_verb_that_is_gone() -> None:
    assert set(CHINESE.says) <= set(VERBS)


def test_every_word_of_the_scenario_language_that_a_sentence_may_say_is_in_chinese() -> None:
    said = {
        word
        for verb in VERBS.values()
        for parameter in verb.parameters
        if f"{{{parameter.name}}}" in verb.says
        for kind in parameter.kinds
        for word in kind.words
    }
    assert said - set(RULES) == set(CHINESE.phrasing.choices)  # rules keep their names


@pytest.mark.parametrize(
    ("english", "chinese"),
    [(driver_texts.TEXTS, texts_zh.DRIVER), (office_texts.TEXTS, texts_zh.OFFICE)],
    ids=["driver", "office"],
)
def test_every_text_for_a_user_is_there_in_chinese(
    english: Mapping[tuple[str, str], str], chinese: Mapping[str, str]
) -> None:
    assert set(chinese) == {f"{rule}/{reason}" for rule, reason in english}
    for (rule, reason), text in english.items():
        assert HAN.search(CHINESE.reads(f"{rule}/{reason}", text))


def test_every_error_of_the_protocol_has_a_text_in_chinese() -> None:
    assert set(PROTOCOL_ERRORS) <= set(texts_zh.REJECTED) <= {*PROTOCOL_ERRORS, *STATUS}


def test_templates_of_messages_have_the_same_slots() -> None:
    for english, chinese in texts_zh.MESSAGES.items():
        assert slots(english) == slots(chinese), english


def test_clauses_rules_labels_and_outcomes_are_complete() -> None:
    assert set(CHINESE.clauses) == set(CLAUSES)
    assert set(CHINESE.readings) == set(RULES)
    assert set(texts_zh.FIELDS) == set(LABELS)
    for name in ("labels", "outcomes", "differs"):
        assert set(getattr(CHINESE, name)) == set(getattr(ENGLISH, name))
    sentences = ("says_refused", "says_allowed", "told", "not_as_expected", "at_once", "by_turns", "is_broken",
                 "succeed", "as_expected")  # fmt: skip
    for name in sentences:
        assert slots(getattr(CHINESE, name)) == slots(getattr(ENGLISH, name)), name


def test_what_the_first_saboteur_of_each_rule_breaks_is_said_in_chinese_and_each_kind_has_a_word() -> None:
    assert set(CHINESE.breaks) == {own[0].id for own in by_rule(every()).values()}
    assert {f"kind {one.kind}" for one in every().values() if one.rule} <= set(ENGLISH.lesson)


@pytest.mark.parametrize("table", ["report", "looks", "stepping", "tables", "lesson"])
def test_a_table_says_the_same_in_both_languages(table: str) -> None:
    english, chinese = getattr(ENGLISH, table), getattr(CHINESE, table)
    assert list(chinese) == list(english)
    assert [key for key in english if slots(english[key]) != slots(chinese[key])] == []
    plain = [key for key in english if re.search("[A-Za-z]", SLOT.sub("", re.sub(r"\{.*?\}", "", english[key])))]
    assert [key for key in plain if not HAN.search(chinese[key])] == ["lang"] * (table == "report")


def asked_of_a_world() -> Iterator[str]:
    """Everything that a check or an act may expect or see, read from where it is made; `X` stands in a slot."""
    for path in Path(softcert_sim.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if name == "CheckFailed":
                yield from (text for argument in node.args for text in texts_of(argument))
            elif name == "_same":
                yield from (f"{text} X" for text in texts_of(node.args[2]))
            elif name == "_something":
                yield from (f"something to compare: {text}" for word in node.keywords for text in texts_of(word.value))


def texts_of(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.BoolOp):
        yield from (text for value in node.values for text in texts_of(value))
    elif isinstance(node, ast.IfExp):
        yield from (*texts_of(node.body), *texts_of(node.orelse))
    elif isinstance(node, ast.JoinedStr):
        parts = [in_slot(part) if isinstance(part, ast.FormattedValue) else texts_of(part) for part in node.values]
        yield from map("".join, itertools.product(*map(list, parts)))


def in_slot(part: ast.FormattedValue) -> Iterator[str]:
    if isinstance(part.value, ast.IfExp):
        yield from texts_of(part.value)
    else:
        yield from people.HOW.values() if ast.unparse(part.value) == "HOW[topic]" else ["X"]


def test_whatever_is_expected_or_seen_is_in_chinese() -> None:
    texts = set(asked_of_a_world())
    assert len(texts) > 70
    assert sorted(text for text in texts if re.search("[a-z]", text) and not HAN.search(CHINESE.checks(text))) == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("the address to be live", "地址的状态为有效"),
        ("refused one-time-link/used, told badNonce", "拒绝 one-time-link/used，用户得知badNonce"),
        ("1 of 2 succeed, the others refused one-time-link/used", "2项中有1项成功，其余拒绝 one-time-link/used"),
        ("broken unknown", "中断 结果不明"),
        ("what nobody foresaw", "what nobody foresaw"),
    ],
)
def test_expectations_are_said_in_chinese(english: str, chinese: str) -> None:
    assert CHINESE.checks(english) == chinese
    assert ENGLISH.checks(english) == english


LETTERS: list[tuple[str, dict[str, Any], str]] = [
    ("result", {"outcome": "approved", "expires": 1}, "https://sbj.example/download/1.2"),
    ("result", {"outcome": "disapproved", "reasons": "Because."}, ""),
    ("reissue", {"expires": 1}, "https://sbj.example/download/1.2"),
    ("new-code", {}, ""), ("move", {"serial": "5", "moved_at": 1}, ""),
    ("recovery-notice", {"serial": "5", "moved_at": 1}, ""), ("revocation", {"serial": "5", "reason": "Because."}, ""),
]  # fmt: skip


def texts_of_mails() -> Iterator[str]:
    """Subjects and paragraphs of every letter; addresses and an examiner's words are not the office's to say."""
    for purpose, params, address in LETTERS:
        mail = Mail(1, "a@x.example", "b@x.example", purpose, "7", {"name": "Li Wei", **params}, "<1@x>", 1, 0, 1, "", "")
        letter = letter_of(mail, address)
        yield letter.subject
        yield from (part for part in letter.paragraphs if isinstance(part, str))


def test_every_mail_of_the_office_is_said_in_chinese() -> None:
    texts = set(texts_of_mails())
    assert len(texts) > 20
    assert [text for text in texts if not (CHINESE.mails(text) and CHINESE.mails(text) != text)] == []
    assert [text for text in texts if ENGLISH.mails(text)] == []
    unused = [english for english in MAILS if not any(map(Templates({english: "x"}, str).said, texts))]
    assert unused == []
    assert [english for english in MAILS if slots(english) != slots(MAILS[english])] == []


def test_every_line_of_attack_and_trouble_is_in_chinese() -> None:
    lines = {f"line-{number}" for number in ATTACKS} | {f"trouble-{slug}" for slug in TROUBLES}
    limits = {f"limit-{number}" for number, line in ATTACKS.items() if line.limit}
    assert set(CHINESE.lines) == lines | limits
    assert not [number for number, line in ATTACKS.items() if line.missing], "what is missing has no Chinese yet"


def test_every_verb_act_prelude_and_shipped_chapter_has_a_name_in_chinese() -> None:
    verbs = {name for name, verb in REGISTRY.verbs.items() if verb.group != "check"}
    assert verbs <= set(CHINESE.acts)
    assert {act.partition(" ")[2] for act in CHINESE.allowed} <= set(CHINESE.acts)
    assert set(CHINESE.preludes) == {"nothing", *REGISTRY.preludes}
    assert set(CHINESE.chapters) == {folder.name.partition("-")[2] for folder in shipped().iterdir() if folder.is_dir()}


# --- The form: every message that it can give -------------------------------------------------------------------------

COMPANY = {
    "holds-e-licence": "no", "applicant-type": "company", "country": "CN", "name": "杭州西溪茶业有限公司",
    "credit-code": "91330106MA2B1C3D45", "contact": "李伟", "mailbox": "li.wei@example.com", "mobile": "13800138000",
    "address": "杭州市西湖区文三路1号",
}  # fmt: skip
PERSON = {**COMPANY, "applicant-type": "person", "credit-code": "", "identity-number": "11010519491231002X"}
ABROAD = {**PERSON, "country": "US"}
BAD: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (COMPANY, {"name": 5}), (COMPANY, {"name": ""}), (COMPANY, {"name": "a\nb"}), (COMPANY, {"name": "Ａ"}),
    (COMPANY, {"name": "a\u3000b"}), (COMPANY, {"name": " a"}), (COMPANY, {"name": "a" * 121}),
    (COMPANY, {"applicant-type": ""}), (COMPANY, {"applicant-type": "club"}), (COMPANY, {"country": ""}),
    (COMPANY, {"country": "China"}), (COMPANY, {"contact": ""}), (COMPANY, {"address": ""}),
    (COMPANY, {"credit-code": ""}), (COMPANY, {"credit-code": "1"}), (COMPANY, {"credit-code": "9133010IMA2B1C3D45"}),
    (COMPANY, {"credit-code": "91330106MA2B1C3D46"}), (COMPANY, {"identity-number": "1"}),
    (PERSON, {"credit-code": "1"}), (PERSON, {"identity-number": ""}), (PERSON, {"identity-number": "1"}),
    (PERSON, {"identity-number": "110105194913310021"}), (PERSON, {"identity-number": "110105194912310021"}),
    (ABROAD, {"identity-number": "!"}), (ABROAD, {"mobile": "1"}), (PERSON, {"mobile": ""}), (PERSON, {"mobile": "1"}),
    (PERSON, {"mailbox": ""}), (PERSON, {"mailbox": "a b@example.com"}), (PERSON, {"mailbox": "a"}),
    (PERSON, {"mailbox": "é@example.com"}), (PERSON, {"mailbox": "a" * 65 + "@example.com"}),
    (PERSON, {"mailbox": "a@" + "b" * 250 + ".com"}), (PERSON, {"mailbox": "a..b@example.com"}),
    (PERSON, {"mailbox": "a@example"}), (PERSON, {"holds-e-licence": ""}), (PERSON, {"nickname": "x"}),
    (PERSON, {"holds-e-licence": "", "a": "1", "b": "1", "c": "1", "d": "1"}),
]  # fmt: skip


@pytest.mark.parametrize(("form", "changes"), BAD)
def test_what_is_wrong_in_a_form_is_said_in_chinese(form: dict[str, Any], changes: dict[str, Any]) -> None:
    errors = [error for error in check_form({**form, **changes}) if error.field in changes or "nickname" in changes]
    assert errors or "holds-e-licence" in changes
    for error in errors or check_form({**form, **changes}):
        said = CHINESE.reads("form-checked/unnamed", error.message)
        assert said != error.message
        assert said.startswith(texts_zh.FIELDS[error.field] + "：")
        assert not re.search(r"\b(?:is|the|it|must|and)\b", said), said


# --- Terms ------------------------------------------------------------------------------------------------------------


def pairs() -> Iterator[tuple[str, str]]:
    """Everything that stands in both languages."""
    yield from ((ENGLISH.refused[key], CHINESE.refused[key]) for key in ENGLISH.refused)
    for act, found in ENGLISH.allowed.items():
        yield from ((found[rule], CHINESE.allowed[act][rule]) for rule in found)
    yield from ((CLAUSES[key], CHINESE.clauses[key]) for key in CLAUSES)
    yield from ((RULES[key].reading, CHINESE.readings[key]) for key in RULES)
    yield from ((verb.says, CHINESE.says[name]) for name, verb in VERBS.items())
    yield from ((text, texts_zh.DRIVER["/".join(key)]) for key, text in driver_texts.TEXTS.items())
    yield from ((text, texts_zh.OFFICE["/".join(key)]) for key, text in office_texts.TEXTS.items())
    yield from texts_zh.MESSAGES.items()


@pytest.mark.parametrize("term", GLOSSARY)
def test_a_term_is_the_glossary_s_wherever_it_stands(term: str) -> None:
    found = [chinese for english, chinese in pairs() if re.search(rf"\b{term}\b", english, re.IGNORECASE)]
    assert [chinese for chinese in found if GLOSSARY[term] not in chinese] == []


# --- What a reader of Chinese sees ------------------------------------------------------------------------------------


TAGS = ("process", "trouble", "refusal")


@pytest.fixture(scope="module")
def told() -> Results:
    """The whole process, the troubles of users and the refusals that scenarios show, told in Chinese."""
    return run([], Options(tags=TAGS, setting=Setting(seed=SEED, lang="zh")), product)


def test_whatever_scenarios_say_is_chinese(told: Results) -> None:
    assert told.green
    for scenario in told.scenarios:
        for step in (part for whole in scenario.steps for part in (whole, *whole.inner)):
            said = [step.sentence, *(why.sentence for why in step.why), step.outcome.text]
            for text in said:
                assert HAN.search(text) or not text, (scenario.path, text)


def test_language_changes_no_byte_and_no_outcome(told: Results, whole: Whole) -> None:
    paths = {one.path for one in told.scenarios}
    english = [one for one in whole.results.scenarios if one.path in paths]
    assert len(english) > 50
    assert [one.digest for one in english] == [one.digest for one in told.scenarios]
    assert [one.outcome for one in english] == [one.outcome for one in told.scenarios]


def test_a_story_in_chinese_keeps_its_author_s_words_and_says_whose_the_translation_is(told: Results) -> None:
    scenario = next(scenario for scenario in told.scenarios if scenario.title == "The whole process")
    story = tell(scenario, "zh")
    for words in (
        "条款与规则的中文是本项目的译文，以英文原文为准。",
        "(4) Log in to the system",
        "“use the modified password to log in”",
        "li-wei在office-pc上下载证书",
        "⊘ 拒绝 one-time-link/used",
        "商标局   依据one-time-link（used）拒绝：office-pc已于2026年1月8日09:00:16（UTC+8）使用过这个地址。",
        "用户看到 这个地址已经使用过",
        "c18      “一经下载，该地址即失效”",
        "全部符合预期。",
    ):
        assert words in story


def test_the_tables_of_a_run_are_chinese(told: Results) -> None:
    said = report(told, "zh")
    assert re.search(r"^关口 +允许  拒绝$", said, re.MULTILINE)
    assert re.search(r"^c18   一经下载，该地址即失效 ", said, re.MULTILINE)
    assert said.endswith(f"种子{SEED}）\n")
    wide = {cell_len(line) for line in said.splitlines() if re.match("关口|one-time-link ", line)}
    assert len(wide) == 1, "numbers stand below their heads"


def test_arguments_are_said_in_the_language() -> None:
    wait = VERBS["wait"].sentence({"for": 86400 + 3600}, CHINESE.says["wait"], CHINESE.phrasing)
    assert wait == "经过1天1小时"
    fill = VERBS["fill"].sentence(
        {"by": "li-wei", "at": "office-pc", "with": {"mobile": "1"}}, CHINESE.says["fill"], CHINESE.phrasing
    )
    assert fill == "li-wei在office-pc上填写申请表，其中手机号码 1"
    assert in_words(True) == "yes"
    assert in_words("live", CHINESE.phrasing) == "live", "a text of the author's is not a word of the language"
    assert in_words("live", CHINESE.phrasing, {"live"}) == "有效"


# --- Red, and seen again ----------------------------------------------------------------------------------------------

RED = """\
softcert: 1
scenario: He downloads {}
about: It is refused and nobody said so.
given: {{li-wei: approved}}
{}steps:
  - install: {{by: li-wei, at: home-pc}}
  - read-mail: {{by: li-wei, at: home-pc}}
  - download: {{by: li-wei, at: home-pc}}
"""


@pytest.mark.parametrize(
    ("name", "title", "more", "setting"),
    [
        ("red.yaml", "again", "", Setting()),
        ("red.yaml", "again", "", Setting(seed=7)),
        ("red.yaml", "again", "seed: 5\n", Setting(seed=7)),
        ("red.yaml", "again", "", Setting(transport="loopback")),
        ("a name & more.yaml", "<how>", "examples: [{how: once}, {how: twice}]\n", Setting(seed=3)),
        ("-red.yaml", "again", "", Setting()),
    ],
    ids=["default", "seed", "own-seed", "loopback", "example", "dash"],
)
def test_the_command_of_a_red_run_shows_the_same_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, title: str, more: str, setting: Setting
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(RED.format(title, more), encoding="utf-8")
    red = run([Path(name)], Options(setting=setting), product).scenarios[-1]
    first = tell_red(red)
    assert "differs  The author differs from oracle and system." in first
    assert "expected allowed" in first
    assert "seen     refused same-computer-download/other-computer" in first
    assert "office   Refused by same-computer-download (other-computer): home-pc asks, and office-pc is" in first
    _, *arguments = shlex.split(red.reproduce)
    again = CliRunner().invoke(app, [*arguments, "--json", "r.json"])
    assert again.exit_code == 1, again.output
    assert first in again.output
    digests = [scenario["digest"] for scenario in json.loads(Path("r.json").read_text(encoding="utf-8"))["scenarios"]]
    assert digests[-1] == red.digest


def test_a_red_run_is_told_in_chinese(tmp_path: Path) -> None:
    file = tmp_path / "red.yaml"
    file.write_text(RED.format("again", ""), encoding="utf-8")
    red = tell_red(run([file], Options(setting=Setting(lang="zh")), product).scenarios[0], "zh")
    assert "预期     允许" in red
    assert "实际     拒绝 same-computer-download/other-computer" in red
    assert red.split()[-2:] == ["--lang", "zh"]
    assert "差异     作者与预言机、系统不一致。" in red
    assert "提出请求的是home-pc，" in red


@pytest.mark.parametrize("name", [verb.name for verb in VERBS.values() if verb.group == "check"])
def test_a_check_is_told_with_all_that_it_looks_at(name: str) -> None:
    said = {parameter.name for parameter in VERBS[name].parameters if f"{{{parameter.name}}}" in VERBS[name].says}
    assert said == {parameter.name for parameter in VERBS[name].parameters}
