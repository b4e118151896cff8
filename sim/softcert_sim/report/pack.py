"""Scenarios as the JSON that the page reads: a line for each, a stream for each chapter, what several have in common once.

A message, mail, file or record that occurs more than once, and what preludes did, is kept in `items` and stands elsewhere
as `{"at": number}`; DER is kept in `ders` with what it says in words. Texts that several scenarios have in common are
replaced by one symbol each of Unicode's private use area, before the lines of a chapter are deflated together: `report.js`
puts them back before it reads the line of the scenario that it opens. What is packed is the same for the same run: no time
of a machine's own stands in it.
"""

import base64
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, is_dataclass
from typing import Any, NamedTuple, cast

from softcert.rules.verdict import Verdict
from softcert_sim import story
from softcert_sim.pieces import Cut, Der, Raw, Salted
from softcert_sim.report import arrows
from softcert_sim.report.der import in_words
from softcert_sim.results import ScenarioResult, StepResult
from softcert_sim.scenes import FileChange, Letter, RowChange, Scene, Sent, SheetChange
from softcert_sim.words.language import Language

SHARED = (Sent, Letter, FileChange, RowChange, SheetChange, Scene)


_FIRST, _SYMBOLS = 0xE000, 6400
"""The private use area: where it begins, and how many symbols it has."""
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_TEXT = re.compile(r'[^"\\\ue000-\uf8ff]{12,}')
"""A text of a length that is worth a symbol, without what JSON escapes."""


class Packed(NamedTuple):
    """Each chapter, in the order given, and what they share: deflated (RFC 1951), in base64."""

    chapters: list[str]
    shared: str


def pack(chapters: Sequence[Sequence[ScenarioResult]], words: Language) -> Packed:
    """The scenarios of chapters as the page reads them."""
    packer = _Packer([scenario for chapter in chapters for scenario in chapter], words)
    texts = [[_json(packer.scenario(scenario)) for scenario in chapter] for chapter in chapters]
    counts = Counter(text for chapter in texts for scenario in chapter for text in set(_TEXT.findall(scenario)))
    common = sorted((text for text, count in counts.items() if count > 1), key=lambda it: (-counts[it] * len(it), it))
    symbols = {text: chr(_FIRST + number) for number, text in enumerate(common[:_SYMBOLS])}
    shortened = [_TEXT.sub(lambda found: symbols.get(found[0], found[0]), "\n".join(chapter)) for chapter in texts]
    shared = {"texts": common[:_SYMBOLS], "items": packer.items, "ders": packer.ders}
    return Packed([_compressed(text) for text in shortened], _compressed(_json(shared)))


class _Packer:
    """Makes JSON of scenarios; `items` and `ders` are complete when all are made."""

    def __init__(self, scenarios: Sequence[ScenarioResult], words: Language) -> None:
        self._words = words
        self._counts = Counter(item for scenario in scenarios for item in _items(scenario))
        self._places: dict[Any, int] = {}
        self._ders: dict[str, int] = {}
        self.items: list[Any] = []
        self.ders: list[Any] = []

    def scenario(self, scenario: ScenarioResult) -> dict[str, Any]:
        """One scenario."""
        cast = dict(scenario.scene.cast) if scenario.scene else {}
        plugged = dict(scenario.scene.plugged) if scenario.scene else {}
        steps = [self._step(step, cast, plugged) for step in scenario.steps]
        drawn = [arrows.Arrow(*arrow) for step in steps for arrow in _drawn(step)]
        return {
            "title": scenario.title,
            "about": scenario.about,
            "outcome": scenario.outcome,
            "rules": scenario.rules,
            "tags": scenario.tags,
            "again": scenario.reproduce,
            "given": [(person, self._words.prelude(prelude)) for person, prelude in scenario.given],
            "before": self._plain(scenario.scene),
            "lanes": arrows.lanes_of(scenario, drawn),
            "steps": steps,
        }

    def _step(self, step: StepResult, cast: dict[str, str], plugged: dict[str, str]) -> dict[str, Any]:
        plugged.update(step.scene.plugged if step.scene else ())
        rule = step.outcome.detail.partition("/")[0] if step.outcome.kind == "refused" else ""
        shape: dict[str, Any] = {
            "line": step.line,
            "verb": step.verb,
            "sentence": step.sentence,
            "kind": step.outcome.kind if step.green else "red",
            "came": story.came(step, self._words) if step.verb else "",
            "rule": rule,
            "reading": self._words.readings.get(rule, ""),
            "why": [(self._words.labels.get(side, side), said) for side, said in step.why],
            "reads": step.outcome.text,
            "limit": step.limit,
            "red": _red(step, self._words),
            "part": step.part,
            "quote": step.quote,
            "note": step.note,
            "clauses": step.clauses,
            "scene": self._plain(step.scene),
            "arrows": arrows.arrows_of(step, step.scene, cast, plugged, self._words) if step.scene else [],
            "inner": [self._step(inner, cast, plugged) for inner in step.inner],
        }
        return {name: value for name, value in shape.items() if value}

    def _plain(self, value: Any) -> Any:
        """A value as JSON has it."""
        if isinstance(value, SHARED):
            return self._item(value)
        if isinstance(value, Verdict):
            return self._verdict(value)
        if is_dataclass(value) and not isinstance(value, type):
            return asdict(value)
        if isinstance(value, Der):
            return {"der": self._der(value.der)}
        if isinstance(value, Raw | Cut | Salted):
            return value._asdict()
        if isinstance(value, tuple):
            return [self._plain(item) for item in cast(tuple[Any, ...], value)]
        return value

    def _verdict(self, verdict: Verdict) -> dict[str, Any]:
        words = self._words
        said = words.outcomes["allowed"] if verdict.allowed else str(verdict)
        where = f"{words.labels[verdict.side]} · {words.act(verdict.act)}"
        return {"where": where, "allowed": verdict.allowed, "said": said, "asked": words.comma.join(verdict.asked)}

    def _item(self, item: Any) -> Any:
        if self._counts[item] < 2:
            return self._open(item)
        if item not in self._places:
            opened = self._open(item)
            self._places[item] = len(self.items)
            self.items.append(opened)
        return {"at": self._places[item]}

    def _open(self, item: Any) -> dict[str, Any]:
        """Its fields, but for those in which there is nothing."""
        found = {field.name: self._plain(getattr(item, field.name)) for field in fields(item) if field.name != "cast"}
        return {name: value for name, value in found.items() if value not in ("", [], None, 0)}

    def _der(self, text: str) -> int:
        if text not in self._ders:
            self._ders[text] = len(self.ders)
            self.ders.append([text, in_words(text, self._words)])
        return self._ders[text]


def _red(step: StepResult, words: Language) -> dict[str, str]:
    """What went otherwise than expected."""
    if step.green:
        return {}
    who = words.differs.get(step.differs, step.differs)
    seen = words.checks(step.seen or str(step.outcome))
    return {"expected": words.checks(step.expected), "seen": seen, "differs": who}


def _json(value: Any) -> str:
    """JSON without a symbol of the private use area, and without half of a character."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()
    return _PRIVATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _compressed(text: str) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(packer.compress(text.encode()) + packer.flush()).decode()


def _items(scenario: ScenarioResult) -> Iterator[Any]:
    steps = [part for step in scenario.steps for part in (step, *step.inner)]
    for scene in (scenario.scene, *(step.scene for step in steps)):
        if scene is not None:
            yield from (scene, *scene.sent, *scene.letters, *scene.files, *scene.rows, *scene.sheets)


def _drawn(step: dict[str, Any]) -> Iterator[Any]:
    yield from step.get("arrows", ())
    for inner in step.get("inner", ()):
        yield from _drawn(inner)
