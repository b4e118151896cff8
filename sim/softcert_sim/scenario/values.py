"""Text becomes values: every scalar is typed by what its argument may be, and references are looked up."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from softcert_sim.scenario.marks import Node, Page, nearest, one_of
from softcert_sim.scenario.model import Cast
from softcert_sim.scenario.outcomes import WORDS
from softcert_sim.scenario.registry import Kind, Verb

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
FLAGS = {"yes": True, "true": True, "no": False, "false": False}
DURATION_PATTERN = r"\d+ (second|minute|hour|day|week)s?( \d+ (second|minute|hour|day|week)s?)*"
NUMBER_PATTERN = r"-?(0|[1-9]\d*)"

_DURATION = re.compile(DURATION_PATTERN)
_PART = re.compile(r"(\d+) ([a-z]+?)s?(?: |$)")
_NUMBER = re.compile(NUMBER_PATTERN)
_COUNT = re.compile(r"[1-9]\d{0,8}")
_ORDER = ("flag", "duration", "number", "count", "text")
"""In which a union's kinds are tried, after references and choices."""
_WHAT = {"person": "person", "computer": "computer", "drive": "drive", "label": "earlier step called"}
_EXPECTED = {
    "flag": "yes or no",
    "duration": "a duration, such as 30 seconds, 10 minutes, 1 hour, 2 days",
    "number": "a whole number",
    "count": "a whole number from 1 on",
    "moment": "a moment, such as disk-write 3",
    "text": "text",
    "list": "a list (`[…, …]`)",
    "form": "a mapping (`key: value`)",
}


class _Wrong:
    """What stands for a value that could not be read; its error is noted in the page."""


WRONG: Final = _Wrong()


def duration(text: str) -> int | None:
    """Seconds, or None when it is no duration."""
    if not _DURATION.fullmatch(text):
        return None
    return sum(int(count) * UNITS[unit] for count, unit in _PART.findall(text))


def plain(node: Node) -> Any:
    """A node as text, list and dict of text."""
    if node.kind == "map":
        return {key.text: plain(value) for key, value in node.pairs}
    return [plain(item) for item in node.items] if node.kind == "list" else node.text


class Reader:
    """Reads arguments in one file. `labels` are the names given by earlier steps, with where these stand."""

    def __init__(self, page: Page, cast: Cast) -> None:
        self.page = page
        self.labels: dict[str, str] = {}
        self._known: Mapping[str, Iterable[str]] = {
            "person": cast.people,
            "computer": cast.computers,
            "drive": cast.drives,
            "label": self.labels,
        }
        self._typed: Mapping[str, Callable[[str], Any]] = {
            "flag": FLAGS.get,
            "duration": duration,
            "number": lambda text: int(text) if _NUMBER.fullmatch(text) else None,
            "count": lambda text: int(text) if _COUNT.fullmatch(text) else None,
            "text": lambda text: text,
        }

    def text(self, node: Node, what: str) -> str:
        """A text that says something; an empty one and a mapping or list are noted as wrong."""
        if node.kind != "text" or not node.text.strip():
            found = "" if node.kind == "text" else f", not {node.describe()}"
            self.page.wrong(node, f"`{what}` needs text{found}")
            return ""
        return node.text.strip()

    def words(self, node: Node, what: str) -> list[Node]:
        """A list of texts."""
        if node.kind != "list":
            self.page.wrong(node, f"`{what}` is a list, not {node.describe()}", expected="`[…, …]`")
            return []
        return [item for item in node.items if self.text(item, what)]

    def arguments(self, key: Node, node: Node, verb: Verb) -> dict[str, Any]:
        """The arguments of a verb or fault, by their outside names. Missing, unknown and wrong ones are noted."""
        if node.kind != "map":
            return self._given_alone(key, node, verb)
        parameters = {parameter.name: parameter for parameter in verb.parameters}
        values: dict[str, Any] = {}
        meant = ""
        places = {name.text: value for name, value in node.pairs}
        for name, value in node.pairs:
            if name.text in parameters:
                values[name.text] = self.value(value, parameters[name.text].kinds, name.text)
            elif name.text in WORDS:
                message = f"`{name.text}` is said of the whole step: it stands beside `{verb.name}`, not inside its braces"
                self.page.wrong(name, message, expected=f"a line of its own: `{name.text}: …`")
            else:
                self.page.wrong_word(name, f"argument of {verb.name}", name.text, parameters)
                meant += nearest(name.text, parameters)
        self._note_missing(key, values, verb, meant)
        self._note_unfit(key, values, places, verb)
        return {name: value for name, value in values.items() if value is not WRONG}

    def _note_unfit(self, key: Node, values: Mapping[str, Any], places: Mapping[str, Node], verb: Verb) -> None:
        """Note a word that does not go with that of another argument."""
        if verb.fit is None:
            return
        said = {p.name: values.get(p.name, p.default) for p in verb.parameters}
        words = verb.fit.words.get(said[verb.fit.by])
        word, by = said[verb.fit.argument], f"`{verb.fit.by}: {said[verb.fit.by]}`"
        if words is None or word is WRONG or word in words:
            return
        if verb.fit.argument in places:
            message = f"`{verb.fit.argument}` cannot be `{word}` with {by}"
        else:
            message = f"with {by} `{verb.fit.argument}` cannot be left out: it would be `{word}`"
        self.page.wrong(places.get(verb.fit.argument, key), message, expected=one_of(list(words)),
                        suggestion=nearest(word, words))  # fmt: skip

    def _given_alone(self, key: Node, node: Node, verb: Verb) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if not node.empty and verb.alone is None:
            shape = ", ".join(f"{p.name}: …" for p in verb.parameters if p.required)
            self.page.wrong(node, f"`{verb.name}` takes a mapping, not {node.describe()}", expected=f"{{{shape}}}")
            return values
        if not node.empty and verb.alone is not None:
            values[verb.alone.name] = self.value(node, verb.alone.kinds, verb.alone.name)
        self._note_missing(key, values, verb)
        return {name: value for name, value in values.items() if value is not WRONG}

    def _note_missing(self, key: Node, values: Mapping[str, Any], verb: Verb, meant: str = "") -> None:
        """Note what is required and not there; what was only misspelt, as `meant` says, is told there already."""
        names = [f"`{p.name}`" for p in verb.parameters if p.required and p.name not in values]
        missing = [name for name in names if name not in meant]
        if missing:
            self.page.wrong(key, f"`{verb.name}` needs {' and '.join(missing)}")

    def value(self, node: Node, kinds: tuple[Kind, ...], what: str) -> Any:
        """One value of these kinds, or `WRONG`."""
        if node.kind == "text":
            return self._scalar(node, kinds, what)
        for kind in kinds:
            if kind.name == "list" and node.kind == "list":
                items = [self.value(item, kind.of, what) for item in node.items]
                return WRONG if WRONG in items else items
            if kind.name == "form" and node.kind == "map":
                form = {key.text: self.value(value, kind.of, key.text) for key, value in node.pairs}
                return WRONG if WRONG in form.values() else form
        return self._no_value(node, kinds, what)

    def _scalar(self, node: Node, kinds: tuple[Kind, ...], what: str) -> Any:
        text = node.text
        if not node.empty:
            for kind in kinds:
                if text in self._words(kind):
                    return text
            for name in _ORDER:
                if any(kind.name == name for kind in kinds):
                    typed = self._typed[name](text)
                    if typed is not None:
                        return typed
            for kind in kinds:
                if kind.name == "moment":
                    return self._moment(node, kind, what)
        return self._no_value(node, kinds, what)

    def _moment(self, node: Node, kind: Kind, what: str) -> Any:
        """`disk-write 3`: what is counted, and to which number."""
        counted, _, number = node.text.partition(" ")
        if counted not in kind.choices:
            self.page.wrong_word(node, "moment", counted, kind.choices)
        elif not _COUNT.fullmatch(number):
            self.page.wrong(node, f"`{what}` cannot be `{node.text}`", expected=f"a number from 1 on: `{counted} 1`")
        else:
            return node.text
        return WRONG

    def _words(self, kind: Kind) -> Iterable[str]:
        return kind.choices if kind.name == "choice" else self._known.get(kind.name, ())

    def _no_value(self, node: Node, kinds: tuple[Kind, ...], what: str) -> Any:
        words = [word for kind in kinds for word in self._words(kind)]
        others = [_EXPECTED[kind.name] for kind in kinds if kind.name in _EXPECTED]
        if node.kind != "text" or node.empty or others:
            expected = " or ".join([*others, *([f"one of {', '.join(words)}"] if words else [])])
            shown = f"`{node.text}`" if node.kind == "text" and not node.empty else node.describe()
            self.page.wrong(node, f"`{what}` cannot be {shown}", expected=expected)
        else:
            names = list(dict.fromkeys(_WHAT.get(kind.name, what) for kind in kinds))
            said = "" if any(kind.name in _WHAT for kind in kinds) else f"`{what}` cannot be `{node.text}`"
            self.page.wrong_word(node, " or ".join(names), node.text, words, said=said)
        return WRONG
