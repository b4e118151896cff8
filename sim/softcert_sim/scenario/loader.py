"""Scenario files become scenarios. Everything that is wrong in a file is found in one go, each thing with its place."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from softcert.rules.catalogue import RULES
from softcert.rules.policy import ASSUMPTIONS, RANGES, Policy
from softcert_sim.scenario.cast import read_cast, read_cast_file
from softcert_sim.scenario.files import CAST, cast_file, discover, shipped, shown
from softcert_sim.scenario.marks import BadFile, Node, Page, ScenarioError, decode, read
from softcert_sim.scenario.model import Cast, Scenario
from softcert_sim.scenario.registry import Duration, Kind, Registry, kinds_of
from softcert_sim.scenario.steps import StepReader
from softcert_sim.scenario.values import WRONG, Reader

VERSION = "1"
KEYS = ("softcert", "scenario", "about", "rules", "tags", "given", "policy", "cast", "seed", "steps", "examples")
"""What may stand at the top of a file."""

_SLOT = re.compile(r"<([a-z][a-z0-9-]*)>")
_RANGE = re.compile(r"([1-9]\d*) to ([1-9]\d*)")
_SEED_LIMIT = 2**63


class Loader:
    """Reads files against one registry; casts are read once."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._casts: dict[Path, Cast] = {}
        self._cast_of_folder: dict[Path, Cast] = {}
        self._titles: dict[str, str] = {}

    def load(self, paths: Sequence[Path]) -> list[Scenario]:
        """All scenarios of files and folders, in order. Raises `BadFile` with the errors of all files, `UsageError`."""
        scenarios: list[Scenario] = []
        errors: list[ScenarioError] = []
        for file in discover(paths):
            try:
                scenarios += self.load_file(file)
            except BadFile as bad:
                errors += [error for error in bad.errors if error not in errors]
        if errors:
            raise BadFile(errors)
        return scenarios

    def load_file(self, path: Path) -> list[Scenario]:
        """The scenario of a file, one for each of its examples. Raises `BadFile`; OSError becomes one too."""
        name = shown(path)
        try:
            return self.load_text(name, decode(name, path.read_bytes()), self._suite_cast(path))
        except OSError as error:
            unreadable = ScenarioError(shown(Path(error.filename or path)), 1, 1, f"cannot be read: {error.strerror}")
            raise BadFile([unreadable]) from None

    def load_text(self, name: str, text: str, cast: Cast) -> list[Scenario]:
        """The same for text that is no file; `name` stands for the path. Raises `BadFile`."""
        page = Page(name, text)
        root = read(page, text)
        top = _top(page, root)
        stories = _examples(page, top, root)
        scenarios = [self._scenario(page, story, cast, suffix) for story, suffix in stories]
        self._note_title(page, top)
        page.stop_if_wrong()
        return scenarios

    def _note_title(self, page: Page, top: dict[str, Node]) -> None:
        if "scenario" in top and self._titles.setdefault(top["scenario"].text, page.path) != page.path:
            other = self._titles[top["scenario"].text]
            page.wrong(top["scenario"], f"another scenario has this title: {other}", expected="a title of its own")

    def _scenario(self, page: Page, top: dict[str, Node], cast: Cast, suffix: str) -> Scenario:
        own = read_cast(page, top["cast"], cast) if "cast" in top else cast
        reader = Reader(page, own)
        policy, assumed = _policy(page, top.get("policy"), reader)
        steps = StepReader(page, self._registry, own).read(top["steps"]) if "steps" in top else ()
        return Scenario(
            path=page.path,
            title=(reader.text(top["scenario"], "scenario") if "scenario" in top else "") + suffix,
            about=reader.text(top["about"], "about") if "about" in top else "",
            rules=_rules(page, top.get("rules"), reader),
            tags=tuple(tag.text for tag in reader.words(top["tags"], "tags")) if "tags" in top else (),
            given=self._given(page, top.get("given"), own),
            policy=policy,
            assumed=assumed,
            cast=own,
            steps=steps,
            seed=_seed(page, top.get("seed")),
        )

    def _given(self, page: Page, node: Node | None, cast: Cast) -> tuple[tuple[str, str], ...]:
        if node is None:
            return ()
        if node.kind != "map":
            page.wrong(node, f"`given` is a mapping, not {node.describe()}", expected="{person: prelude}")
        names = self._registry.prelude_names()
        for person, prelude in node.pairs:
            if person.text not in cast.people:
                page.wrong_word(person, "person", person.text, cast.people)
            if prelude.text not in names:
                page.wrong_word(prelude, "prelude", prelude.text, names)
        return tuple((person.text, prelude.text) for person, prelude in node.pairs)

    def _suite_cast(self, path: Path) -> Cast:
        folder = path.parent
        if folder not in self._cast_of_folder:
            base = self._cast(shipped() / CAST, Cast())
            nearest = cast_file(path)
            own = nearest is not None and nearest != (shipped() / CAST).resolve()
            self._cast_of_folder[folder] = self._cast(nearest, base) if nearest and own else base
        return self._cast_of_folder[folder]

    def _cast(self, path: Path, base: Cast) -> Cast:
        if path not in self._casts:
            self._casts[path] = read_cast_file(path, shown(path), base) if path.is_file() else base
        return self._casts[path]


def _top(page: Page, root: Node) -> dict[str, Node]:
    if root.kind != "map":
        page.wrong(root, f"a scenario is a mapping, not {root.describe()}", expected="`softcert: 1` and the rest")
        page.stop_if_wrong()
    top = {key.text: value for key, value in root.pairs}
    for key, _ in root.pairs:
        if key.text not in KEYS:
            page.wrong_word(key, "such key", key.text, KEYS)
    version = top.get("softcert")
    if version is None or version.text != VERSION:
        found = f"this is version `{version.text}` of the language" if version else "the language's version is missing"
        page.wrong(version or root, found, expected=f"`softcert: {VERSION}`")
    for key in ("scenario", "steps"):
        if key not in top:
            page.wrong(root, f"`{key}` is missing", expected=f"`{key}: …` at the top of the file")
    return top


def _examples(page: Page, top: dict[str, Node], root: Node) -> list[tuple[dict[str, Node], str]]:
    node = top.get("examples")
    if node is None:
        return [(top, "")]
    if node.kind != "list" or not node.items:
        page.wrong(node, f"`examples` is a list of mappings, not {node.describe()}", expected="`- {name: value}`")
        return [(top, "")]
    columns = {key.text for key, _ in node.items[0].pairs}
    used: set[str] = set()
    stories: list[tuple[dict[str, Node], str]] = []
    for number, item in enumerate(node.items, 1):
        values = {key.text: value.text for key, value in item.pairs if value.kind == "text"}
        if item.kind != "map" or set(values) != columns or not columns:
            expected = ", ".join(sorted(columns)) or "a name"
            page.wrong(item, "every example gives one text to each name", expected=expected)
            continue
        fill = _Filling(page, values, used)
        story = {key: value if key == "examples" else fill.node(value) for key, value in top.items()}
        told = ", ".join(f"{name} {value}" for name, value in values.items())
        stories.append((story, f" #{number} ({told if len(told) <= 60 else told[:59] + '…'})"))
    for key, _ in node.items[0].pairs:
        if key.text not in used and not page.errors:
            page.wrong(key, f"`<{key.text}>` stands nowhere in the scenario")
    return stories


class _Filling:
    """Puts an example's values in the place of `<name>`."""

    def __init__(self, page: Page, values: dict[str, str], used: set[str]) -> None:
        self._page, self._values, self._used = page, values, used

    def node(self, node: Node) -> Node:
        if node.kind == "text":
            return self._text(node) if "<" in node.text else node
        return replace(
            node,
            items=[self.node(item) for item in node.items],
            pairs=[(self.node(key), self.node(value)) for key, value in node.pairs],
        )

    def _text(self, node: Node) -> Node:
        for name in _SLOT.findall(node.text):
            if name in self._values:
                self._used.add(name)
            else:
                self._page.wrong_word(node, "name in the examples", name, self._values)
        return replace(node, text=_SLOT.sub(lambda slot: self._values.get(slot[1], slot[0]), node.text))


def _rules(page: Page, node: Node | None, reader: Reader) -> tuple[str, ...]:
    words = reader.words(node, "rules") if node is not None else []
    for word in words:
        if word.text not in RULES:
            page.wrong_word(word, "rule", word.text, RULES)
    return tuple(word.text for word in words)


def _seed(page: Page, node: Node | None) -> int | None:
    if node is None:
        return None
    if node.text.isascii() and node.text.isdecimal() and int(node.text) < _SEED_LIMIT:
        return int(node.text)
    page.wrong(node, f"`seed` cannot be {node.describe()} `{node.text}`", expected="a whole number from 0")
    return None


@lru_cache(maxsize=1)
def policy_kinds() -> dict[str, tuple[Kind, ...]]:
    """What each field of the policy may be, by its outside name; a range of two numbers has no kind."""
    hints: dict[str, Any] = get_type_hints(Policy)
    kinds: dict[str, tuple[Kind, ...]] = {}
    for name in ASSUMPTIONS:
        hint = hints[name.replace("-", "_")]
        if get_origin(hint) is tuple and get_args(hint) == (int, int):
            kinds[name] = ()
        else:
            kinds[name] = kinds_of(Duration if name.endswith(("-lifetime", "-time")) else hint)
    return kinds


def _policy(page: Page, node: Node | None, reader: Reader) -> tuple[Policy, tuple[str, ...]]:
    if node is None:
        return _DEFAULT, ()
    if node.kind != "map":
        page.wrong(node, f"`policy` is a mapping, not {node.describe()}", expected="{assumption: value}")
    kinds = policy_kinds()
    set_to: dict[str, Any] = {}
    for key, value in node.pairs:
        if key.text not in kinds:
            page.wrong_word(key, "assumption", key.text, kinds)
            continue
        typed = reader.value(value, kinds[key.text], key.text) if kinds[key.text] else _range(page, key, value)
        least, most = RANGES[key.text]
        if type(typed) is int and not least <= typed <= most:
            page.wrong(value, f"`{key.text}` cannot be {value.text}", expected=f"{least} to {most}")
        set_to[key.text] = typed
    known = {name: value for name, value in set_to.items() if value is not WRONG}
    return replace(_DEFAULT, **{name.replace("-", "_"): value for name, value in known.items()}), tuple(known)


def _range(page: Page, key: Node, node: Node) -> Any:
    found = _RANGE.fullmatch(node.text)
    if found and int(found[1]) <= int(found[2]):
        return int(found[1]), int(found[2])
    page.wrong(node, f"`{key.text}` cannot be `{node.text}`", expected="shortest and longest, such as 8 to 32")
    return WRONG


_DEFAULT = Policy()


