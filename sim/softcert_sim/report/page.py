"""A run as one HTML file: index and tables as HTML, the scenarios packed inside and opened by `report.js`.

Nothing is fetched: a content security policy names the script and the style by their digests and forbids all else.
Whatever comes from scenarios is escaped here and inserted as text there.
"""

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import PurePath
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from softcert.rules.catalogue import RULES
from softcert_sim.attack_lines import ATTACKS, TROUBLES
from softcert_sim.report.pack import pack
from softcert_sim.results import Results, ScenarioResult
from softcert_sim.words import LANGUAGES
from softcert_sim.words.language import Language

_ODD = re.compile(r"[^\w.-]+")
_EXAMPLE = re.compile(r" (#(\d+)(?: \(.*\))?)$")
"""What the title of an example ends with: its number and values."""


def to_html(results: Results, lang: str = "en") -> str:
    """The whole file, in the language of the run. The same run gives the same bytes."""
    language = LANGUAGES[lang]
    inside = files("softcert_sim.report")
    script = inside.joinpath("report.js").read_text(encoding="utf-8")
    style = inside.joinpath("report.css").read_text(encoding="utf-8")
    loader = PackageLoader("softcert_sim.report", package_path="")
    pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    named = list(zip(_ids(results.scenarios), results.scenarios, strict=True))
    chapters = list(_chapters(named, language))
    packed = pack([[scenario for _, scenario in inside] for _, inside in chapters], language)
    return pages.get_template("page.html.j2").render(
        words=language.report,
        language=language,
        parted=_parted,
        script=script,
        style=style,
        policy=_policy(script, style),
        results=results,
        count=results.count,
        red=[(name, one, language.differs.get(one.red.differs, "")) for name, one in named
             if one.red and not one.expected_failure],
        chapters=chapters,
        rules=[(RULES[rule], count) for rule, count in results.rules().items()],
        clauses=[(clause, language.clauses[clause], *row) for clause, row in results.clauses().items()],
        lines=list(_lines(results, language.lines)),
        tags=sorted({tag for scenario in results.scenarios for tag in scenario.tags}, key=_in_order),
        naming={rule: sum(rule in scenario.rules for scenario in results.scenarios) for rule in RULES},
        packed=[([name for name, _ in inside], text) for (_, inside), text in zip(chapters, packed.chapters, strict=True)],
        shared=packed.shared,
        data=_json({"words": language.report, "clauses": language.clauses, "remark": language.remark}),
    )


def _policy(script: str, style: str) -> str:
    """Only this very script and style; no network, no frames, no forms."""
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _json(value: Any) -> str:
    """JSON that may stand in a script element: nothing in it ends one."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _ids(scenarios: Sequence[ScenarioResult]) -> Iterator[str]:
    """A name for each, as it stands in links: folder and file, with the number of an example."""
    taken = {"scenarios", "rules", "clauses", "attacks"}
    for scenario in scenarios:
        path = PurePath(scenario.path)
        stem = path.name.removesuffix(".yaml").removesuffix(".yml").removesuffix(".scenario")
        example = _EXAMPLE.search(scenario.title)
        parts = [path.parent.name, stem, example[2] if example else ""]
        wanted = name = _ODD.sub("-", "-".join(filter(None, parts)))
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted}~{number}"
        taken.add(name)
        yield name


def _parted(title: str) -> tuple[str, str]:
    """A title, and the number and values of the example."""
    example = _EXAMPLE.search(title)
    return (title, "") if example is None else (title[: example.start()], example[1])


def _chapters(
    named: Sequence[tuple[str, ScenarioResult]], language: Language
) -> Iterator[tuple[str, list[tuple[str, ScenarioResult]]]]:
    """Scenarios by folder, in the run's order."""
    folders = dict.fromkeys(str(PurePath(scenario.path).parent) for _, scenario in named)
    for folder in folders:
        inside = [(name, scenario) for name, scenario in named if str(PurePath(scenario.path).parent) == folder]
        number, _, name = PurePath(folder).name.partition("-")
        called = language.chapters.get(name, name.replace("-", " ").capitalize())
        title = f"{number} {called}" if number.isdecimal() else folder
        yield language.report["here"] if folder == "." else title, inside


def _lines(results: Results, said: Mapping[str, str]) -> Iterator[tuple[str, str, str, int]]:
    """(tag, what is tried, what is to be said beside it, scenarios) of lines of attack and users' troubles: those that a
    scenario shows, and in a complete run all."""
    counts = Counter(tag for scenario in results.scenarios for tag in scenario.tags)
    for number, line in ATTACKS.items():
        tag = f"line-{number}"
        beside = said.get(f"limit-{number}", line.limit) or line.missing or ", ".join(line.tests)
        yield tag, said.get(tag, line.text), beside, counts[tag]
    for slug, text in TROUBLES.items():
        tag = f"trouble-{slug}"
        yield tag, said.get(tag, text), "", counts[tag]


def _in_order(tag: str) -> tuple[str, int, str]:
    """Words by the alphabet, lines by their number."""
    word, _, number = tag.rpartition("-")
    return (word, int(number), "") if number.isdecimal() else (tag, 0, tag)
