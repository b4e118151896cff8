"""The report as a file: one file, the same for the same run, red first, and nothing of a scenario becomes markup."""

import base64
import hashlib
import json
import re
import zlib

import pytest
import toy

from softcert_sim.product import product
from softcert_sim.report.page import to_html
from softcert_sim.results import Results, ScenarioResult, StepResult
from softcert_sim.runner import Options, run
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.stage import Setting, Stage

DOWNLOADING = shipped() / "4-downloading"


def report_of(text: str, path: str = "some/story.yaml", lang: str = "en") -> str:
    """A report over toys."""
    stage = Stage(toy.suite(), Setting(scenes=True, lang=lang))
    scenarios = Loader(toy.REGISTRY).load_text(path, text, toy.CAST)
    return to_html(Results(1, [stage.run(scenario) for scenario in scenarios]), lang)


def packed(html: str) -> dict[str, str]:
    """Each scenario's JSON as it is packed, symbols put back."""
    found = re.findall(r'<script type="text/plain" class="packed" data-ids="([^"]*)">([^<]*)', html)
    shared = json.loads(inflated(re.findall(r'<script type="text/plain" id="shared">([^<]*)', html)[0]))
    back = {chr(0xE000 + number): text for number, text in enumerate(shared["texts"])}
    return {
        name: "".join(back.get(symbol, symbol) for symbol in line)
        for names, text in found
        for name, line in zip(names.split(" "), inflated(text).split("\n"), strict=True)
    }


def inflated(text: str) -> str:
    return zlib.decompress(base64.b64decode(text), -15).decode()


@pytest.fixture(scope="module")
def downloading() -> Results:
    return run([DOWNLOADING], Options(setting=Setting(scenes=True)), product)


def test_the_same_run_gives_the_same_file_with_any_number_of_workers(downloading: Results) -> None:
    again = run([DOWNLOADING], Options(setting=Setting(scenes=True), workers=2), product)
    assert to_html(again) == to_html(downloading)


def test_every_step_of_every_scenario_is_inside(downloading: Results) -> None:
    inside = packed(to_html(downloading))
    assert len(inside) == len(downloading.scenarios)
    told = json.loads(inside["4-downloading-used-address"])
    assert next(step["sentence"] for step in told["steps"] if "verb" in step) == "li-wei reads the mailbox at office-pc"


def test_nothing_is_fetched_from_anywhere(downloading: Results) -> None:
    html = to_html(downloading)
    assert not re.search(r"""(?:src|href|srcset|action|data)=["'](?!#)""", html)
    assert "@import" not in html
    assert not re.search(r"\burl\(", html)


def test_only_the_files_own_script_and_style_may_run(downloading: Results) -> None:
    html = to_html(downloading)
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)[0].replace("&#39;", "'")
    assert policy.startswith("default-src 'none'; ")
    for kind, element in (("script-src", "script"), ("style-src", "style")):
        content = re.findall(f"<{element}>(.*?)</{element}>", html, re.DOTALL)[-1]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy


HOSTILE = """\
softcert: 1
scenario: "</script><script>alert(1)</script>"
about: "<img src=x onerror=alert(2)>"
tags: ["<b>"]
steps:
  - part: "<h1>"
  - download: {by: li-wei, at: office-pc}
    note: "</style><script>alert(3)</script>"
"""


def test_what_a_scenario_says_stays_text() -> None:
    html = report_of(HOSTILE, '"><script>alert(4)</script>/x.yaml')
    assert "<script>alert" not in html
    assert "<img" not in html
    assert html.count("</script>") == html.count("<script")
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in html


RED = """\
softcert: 1
scenario: A story that fails
steps:
  - download: {by: li-wei, at: office-pc}
  - download: {by: li-wei, at: office-pc}
"""


def test_a_red_run_leads_with_what_is_red() -> None:
    html = report_of(RED)
    lead = html[html.index("<main") : html.index('<section id="scenarios"')]
    for words in (
        "1 not as expected", "A story that fails", "some/story.yaml:5", "li-wei downloads at office-pc",
        "refused one-time-link/used", "Author and system differ.", "softcert run some/story.yaml --seed 1",
        'href="#some-story/2"',
    ):  # fmt: skip
        assert words in lead


def test_a_red_run_leads_with_what_is_red_in_chinese_too() -> None:
    html = report_of(RED, lang="zh")
    lead = html[html.index("<main") : html.index('<section id="scenarios"')]
    for words in ("1个不符合预期", "拒绝 one-time-link/used", "作者与系统不一致。", "--seed 1 --lang zh", "<dd>允许</dd>"):
        assert words in lead


def test_a_green_run_has_no_red_part(downloading: Results) -> None:
    assert 'class="reds"' not in to_html(downloading)


def test_stories_with_the_same_name_have_links_of_their_own() -> None:
    text = "softcert: 1\nscenario: Twice\nsteps: [{restart: }]\n"
    stage = Stage(toy.suite(), Setting(scenes=True))
    loaded = [Loader(toy.REGISTRY).load_text(f"{where}/same/it.yaml", text, toy.CAST)[0] for where in "ab"]
    assert list(packed(to_html(Results(1, [stage.run(scenario) for scenario in loaded])))) == ["same-it", "same-it~2"]


def test_symbols_of_the_private_use_area_and_halves_of_characters_survive() -> None:
    step = StepResult(1, "say", sentence="\ue000 and \ud800 and a long text that two have in common")
    scenarios = [ScenarioResult(f"{name}.yaml", "T", "", (), (), 1, (step,), "", {}) for name in "ab"]
    inside = packed(to_html(Results(1, scenarios)))
    assert json.loads(inside["a"])["steps"][0]["sentence"].startswith("\ue000 and ? and a long")


@pytest.mark.parametrize("section", ["rules", "clauses", "attacks"])
def test_tables_link_to_their_scenarios(downloading: Results, section: str) -> None:
    html = to_html(downloading)
    table = html[html.index(f'<section id="{section}"') :]
    table = table[: table.index("</section>")]
    wanted = {"rules": "#?rule=one-time-link", "clauses": "#?clause=c18", "attacks": "#?tag=line-7"}[section]
    assert f'href="{wanted}"' in table
