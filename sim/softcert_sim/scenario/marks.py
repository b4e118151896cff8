"""YAML as marked text: every value keeps line and column, every scalar stays text until the schema types it.

Built on the parser's events, so that nothing is resolved: `no`, `on` and `01234567` stay what they are. Duplicate keys,
several documents, anchors, aliases and tags are refused: a scenario is read by people first.
"""

import difflib
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from softcert_sim.scenario.slips import slip

_YAML: Any = yaml
"""PyYAML without its types, which are partly unknown."""
_SCALAR, _ALIAS = _YAML.ScalarEvent, _YAML.AliasEvent
_LIST, _LIST_END, _MAP_END = _YAML.SequenceStartEvent, _YAML.SequenceEndEvent, _YAML.MappingEndEvent
_LOADER: Any = getattr(_YAML, "CSafeLoader", _YAML.SafeLoader)
_INDENTED_BY_TAB = re.compile(r"^[ ]*\t", re.MULTILINE)
_CONTROL = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DEEPEST = 32
_CLOSE, _AS_CLOSE = 0.6, 0.05
"""How alike words must be to be offered, and by how much a second one may be less alike."""
_ARTICLE = {"text": "text", "map": "a mapping (`key: value`)", "list": "a list (`- …` or `[…]`)"}


@dataclass(slots=True)
class Node:
    """One value. `text` belongs to text, `items` to lists, `pairs` to mappings; `empty` is a key with nothing after it.

    Line and column count from 1.
    """

    kind: Literal["text", "list", "map"]
    line: int
    column: int
    text: str = ""
    empty: bool = False
    items: Sequence["Node"] = ()
    pairs: Sequence[tuple["Node", "Node"]] = ()

    def describe(self) -> str:
        """What stands here, in words."""
        return "nothing" if self.empty else _ARTICLE[self.kind]

_SLOT = re.compile(r"<([a-z][a-z0-9-]*)>")
"""What an example fills in."""


@dataclass(frozen=True, slots=True)
class ScenarioError:
    """One thing wrong in a file: where (from 1), what, what was expected, and what may have been meant.

    `source` is the line itself.
    """

    path: str
    line: int
    column: int
    message: str
    suggestion: str = ""
    expected: str = ""
    source: str = ""

    def __str__(self) -> str:
        parts = [f"{self.path}:{self.line}:{self.column}: {self.message}"]
        if self.source.strip():
            source, before = _around(self.source, self.column - 1, shutil.get_terminal_size((120, 24)).columns - 10)
            parts += [f"{self.line:6} | {source}", f"       | {_under(source, before)}^"]
        if self.expected:
            parts.append(f"         expected {self.expected}")
        if self.suggestion:
            parts.append(f"         did you mean {self.suggestion}?")
        return "\n".join(parts)


class BadFile(Exception):
    """A file, or several, with everything wrong in them."""

    def __init__(self, errors: Iterable[ScenarioError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(str(error) for error in self.errors))


class Page:
    """A file being read: its text, and what was found wrong so far."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.lines = path, text.splitlines()
        self.errors: list[ScenarioError] = []

    def wrong(self, at: Node, message: str, *, expected: str = "", suggestion: str = "") -> None:
        """Note an error and go on."""
        self.wrong_at(at.line, at.column, message, expected=expected, suggestion=suggestion)

    def wrong_at(self, line: int, column: int, message: str, *, expected: str = "", suggestion: str = "") -> None:
        """Note an error at a place, once."""
        source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        error = ScenarioError(self.path, line, column, message, suggestion, expected, source)
        if error not in self.errors:
            self.errors.append(error)

    def wrong_word(
        self, at: Node, what: str, word: str, known: Iterable[str], *, listed: str = "", said: str = ""
    ) -> None:
        """Note a word that is none of those known, and offer the nearest; `listed` is the command that shows all, and
        `said` stands in place of `no {what} {word}`."""
        if slot := _SLOT.fullmatch(word):
            self.wrong(at, f"no example has the name `{slot[1]}`", expected="`examples` that give it a value")
            return
        words = list(known)
        expected = f"one of those that `{listed}` lists" if listed else one_of(words)
        self.wrong(at, said or f"no {what} `{word}`", expected=expected, suggestion=nearest(word, words))

    def stop_if_wrong(self) -> None:
        """Raise `BadFile` when something was noted."""
        if self.errors:
            raise BadFile(sorted(self.errors, key=lambda error: (error.line, error.column)))


def one_of(words: list[str], limit: int = 30) -> str:
    """What was expected; a long list is cut."""
    if not words:
        return "none: there are none here"
    shown = ", ".join(words[:limit])
    return f"one of {shown}{f' … ({len(words)} in all)' if len(words) > limit else ''}"


def nearest(word: str, known: Iterable[str]) -> str:
    """The closest known word, or two that are about as close, ready to be shown; empty when none is close.

    Words that are one slip of a finger away are closest, however short: a letter wrong, lost, added, or two swapped.
    """
    known = list(known)
    slips = [other for other in known if _one_slip(word, other)]
    if slips:
        return " or ".join(f"`{other}`" for other in slips[:3])
    sought = word.lower().replace("_", "-").replace(" ", "-")
    ratios = {other: difflib.SequenceMatcher(None, other.lower(), sought).ratio() for other in known}
    best = sorted(ratios, key=lambda other: -ratios[other])[:2]
    return " or ".join(f"`{other}`" for other in best if ratios[other] >= max(_CLOSE, ratios[best[0]] - _AS_CLOSE))


def meant(word: str, known: Iterable[str]) -> str:
    """The question after a message, with a blank before it; empty when no known word is close."""
    close = nearest(word, known)
    return f" Did you mean {close}?" if close else ""


def _one_slip(word: str, other: str) -> bool:
    """Whether one letter was changed, lost or added, or two neighbours swapped."""
    if abs(len(word) - len(other)) > 1 or len(other) < 2:
        return False
    same = 0
    while same < min(len(word), len(other)) and word[same] == other[same]:
        same += 1
    a, b = word[same:], other[same:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])


def decode(path: str, data: bytes) -> str:
    """The file's text. Raises `BadFile` where it is not UTF-8, with the place of the first bad byte."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"this is not UTF-8: byte 0x{data[error.start]:02x}"
        raise BadFile([ScenarioError(path, line, column, message, expected="a file saved as UTF-8")]) from None


def read(page: Page, text: str, loader: Any = _LOADER) -> Node:
    """The one document of a file. Raises `BadFile` when it cannot be read at all; notes lesser errors in `page`."""
    try:
        events: Iterator[Any] = iter(_YAML.parse(text, Loader=loader))
        node = _document(page, events)
    except yaml.YAMLError as error:
        _note_yaml_error(page, text, error)
        node = None
    if node is None:
        if not page.errors:
            page.wrong_at(1, 1, "the file is empty", expected="`softcert: 1`, `scenario:` and `steps:`")
        page.stop_if_wrong()
        raise BadFile(page.errors)
    return node


def _document(page: Page, events: Iterator[Any]) -> Node | None:
    root: Node | None = None
    for event in events:
        if isinstance(event, _YAML.DocumentStartEvent):
            if root is not None:
                mark = event.start_mark
                message = "a second document begins here"
                page.wrong_at(mark.line + 1, mark.column + 1, message, expected="one scenario a file")
                return None
            first = next(events)
            root = _node(page, first, events, 0)
    return None if root is not None and root.empty else root


def _node(page: Page, event: Any, events: Iterator[Any], depth: int) -> Node:
    kind, mark = event.__class__, event.start_mark
    line, column = mark.line + 1, mark.column + 1
    if event.anchor is not None or (kind is not _ALIAS and event.tag is not None):
        _refuse_extras(page, event, line, column)
    if kind is _SCALAR:
        text = event.value
        return Node("text", line, column, text, empty=text == "" and event.implicit[0])
    if kind is _ALIAS:
        return Node("text", line, column)
    if depth > _DEEPEST:
        page.wrong_at(line, column, "this is nested too deeply")
        raise BadFile(page.errors)
    if kind is _LIST:
        return Node("list", line, column, items=_items(page, events, depth))
    return Node("map", line, column, pairs=_pairs(page, events, depth))


def _items(page: Page, events: Iterator[Any], depth: int) -> list[Node]:
    items: list[Node] = []
    for event in events:
        if event.__class__ is _LIST_END:
            break
        items.append(_node(page, event, events, depth + 1))
    return items


def _pairs(page: Page, events: Iterator[Any], depth: int) -> list[tuple[Node, Node]]:
    pairs: list[tuple[Node, Node]] = []
    seen: dict[str, int] = {}
    for event in events:
        if event.__class__ is _MAP_END:
            break
        key = _node(page, event, events, depth + 1)
        value = _node(page, next(events), events, depth + 1)
        if key.kind != "text":
            page.wrong(key, f"a key is text, not {key.describe()}")
        elif key.text in seen:
            page.wrong(key, f"`{key.text}` stands here twice, first in line {seen[key.text]}")
        else:
            seen[key.text] = key.line
            pairs.append((key, value))
    return pairs


def _refuse_extras(page: Page, event: Any, line: int, column: int) -> None:
    if event.anchor is not None:
        what = "alias" if event.__class__ is _ALIAS else "anchor"
        page.wrong_at(line, column, f"YAML's {what} `{event.anchor}` is not part of the language")
    else:
        page.wrong_at(line, column, f"YAML's tag `{event.tag}` is not part of the language")


def _note_yaml_error(page: Page, text: str, error: yaml.YAMLError) -> None:
    tab = _INDENTED_BY_TAB.search(text)
    if tab:
        line = text.count("\n", 0, tab.end()) + 1
        page.wrong_at(line, tab.end() - tab.start(), "a tab stands here", expected="blanks")
        return
    if getattr(error, "problem_mark", None) is not None:
        said = slip(error, page.lines)
        page.wrong_at(said.line, said.column, said.message, expected=said.expected)
        return
    found = _CONTROL.search(text)
    at = found.start() if found else 0
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    page.wrong_at(line, column, "a control symbol stands here", expected="printable text")


def _around(source: str, at: int, width: int) -> tuple[str, int]:
    """As much of a line around a place as is not wider, and how many symbols of it stand before the place."""
    begin, end, left = at, min(at + 1, len(source)), max(20, width) - 4
    while left > 0 and (begin > 0 or end < len(source)):
        forward = end < len(source) and (begin == 0 or end - at <= at - begin)
        left -= _width(source[end if forward else begin - 1])
        begin, end = (begin, end + 1) if forward else (begin - 1, end)
    before, after = "…" if begin > 0 else "", "…" if end < len(source) else ""
    return f"{before}{source[begin:end]}{after}", at - begin + len(before)


def _width(symbol: str) -> int:
    return 2 if unicodedata.east_asian_width(symbol) in "WF" else 1


def _under(source: str, before: int) -> str:
    """Blanks as wide as these first symbols of a line: wide ones take two, tabs stay tabs."""
    return "".join("\t" if symbol == "\t" else " " * _width(symbol) for symbol in source[:before])
