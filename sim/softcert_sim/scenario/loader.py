"""Scenario files become scenarios. Everything that is wrong in a file is found in one go, each thing with its place."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from softcert.rules.catalogue import RULES
from softcert.rules.policy import Policy
from softcert_sim.scenario.cast import read_cast
from softcert_sim.scenario.files import discover, shown, suite_files
from softcert_sim.scenario.filling import Filling
from softcert_sim.scenario.marks import BadFile, Node, Page, ScenarioError, decode, one_of, read
from softcert_sim.scenario.model import Cast, Link, Scenario
from softcert_sim.scenario.policies import in_python, read_policy
from softcert_sim.scenario.registry import Registry
from softcert_sim.scenario.steps import StepReader
from softcert_sim.scenario.suite import Shared, links, read_suite, read_top
from softcert_sim.scenario.values import Reader

KEYS = ("softcert", "scenario", "about", "rules", "tags", "given", "policy", "cast", "seed", "steps", "examples")
"""What may stand at the top of a file."""

_SEED_LIMIT = 2**63


class Loader:
    """Reads files against one registry; what folders share is read once."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._shared: dict[Path, Shared] = {}
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
        folder = path.resolve().parent
        try:
            return self._read(name, decode(name, path.read_bytes()), self.shared(folder))
        except BadFile as bad:
            raise BadFile(_without_suite(bad.errors, folder)) from None
        except OSError as error:
            unreadable = ScenarioError(shown(Path(error.filename or path)), 1, 1, f"cannot be read: {error.strerror}")
            raise BadFile([unreadable]) from None

    def load_text(self, name: str, text: str, cast: Cast) -> list[Scenario]:
        """The same for text that is no file, with this cast; `name` stands for the path. Raises `BadFile`."""
        return self._read(name, text, Shared(cast))

    def shared(self, folder: Path) -> Shared:
        """What the files of a folder share. Raises `BadFile`, OSError."""
        shared = Shared()
        for path in suite_files(folder):
            if path not in self._shared:
                self._shared[path] = read_suite(path, shown(path), shared, self._registry)
            shared = self._shared[path]
        return shared

    def _read(self, name: str, text: str, shared: Shared) -> list[Scenario]:
        page = Page(name, text)
        root = read(page, text)
        top = _top(page, root)
        stories = _examples(page, top, root)
        scenarios = [self._scenario(page, story, shared, suffix) for story, suffix in stories]
        self._note_title(page, top)
        page.stop_if_wrong()
        return scenarios

    def _note_title(self, page: Page, top: dict[str, Node]) -> None:
        if "scenario" in top and self._titles.setdefault(top["scenario"].text, page.path) != page.path:
            other = self._titles[top["scenario"].text]
            remedy = "a title of its own: give one of them another title"
            page.wrong(top["scenario"], f"another scenario has this title: {other}", expected=remedy)

    def _scenario(self, page: Page, top: dict[str, Node], shared: Shared, suffix: str) -> Scenario:
        own = read_cast(page, top["cast"], shared.cast) if "cast" in top else shared.cast
        reader = Reader(page, own)
        assumed = read_policy(page, top.get("policy"), reader)
        given = self._given(page, top.get("given"), own, shared)
        played = self._links(page, given, own, shared)
        named = _named(page, top.get("given"), played)
        steps = StepReader(page, self._registry, own, named).read(top["steps"]) if "steps" in top else ()
        return Scenario(
            path=page.path,
            title=(reader.text(top["scenario"], "scenario") if "scenario" in top else "") + suffix,
            about=reader.text(top["about"], "about") if "about" in top else "",
            rules=_rules(page, top.get("rules"), reader),
            tags=tuple(tag.text for tag in reader.words(top["tags"], "tags")) if "tags" in top else (),
            given=tuple((person.text, prelude.text) for person, prelude in given),
            links=played,
            policy=replace(_DEFAULT, **in_python({**shared.policy, **assumed})),
            assumed=tuple(assumed),
            cast=own,
            steps=steps,
            seed=_seed(page, top.get("seed")),
        )

    def _given(self, page: Page, node: Node | None, cast: Cast, shared: Shared) -> list[tuple[Node, Node]]:
        """Pairs of person and prelude, both known; what is wrong is noted and left out."""
        if node is None:
            return []
        if node.kind != "map":
            page.wrong(node, f"`given` is a mapping, not {node.describe()}", expected="{person: prelude}")
        names = [*self._registry.prelude_names(), *shared.preludes]
        for person, prelude in node.pairs:
            if person.text not in cast.people:
                page.wrong_word(person, "person", person.text, cast.people)
            if prelude.text not in names:
                page.wrong_word(prelude, "prelude", prelude.text, names)
            if person.text in cast.people and prelude.text in self._registry.preludes:
                _may_begin(page, person, cast)
        return [pair for pair in node.pairs if pair[0].text in cast.people and pair[1].text in names]

    def _links(self, page: Page, given: list[tuple[Node, Node]], cast: Cast, shared: Shared) -> tuple[Link, ...]:
        in_order = sorted(given, key=lambda pair: pair[0].text)
        return tuple(link for pair in in_order for link in links(page, pair, shared, cast, self._registry))


def _may_begin(page: Page, person: Node, cast: Cast) -> None:
    """Preludes are acts of somebody who applies, at a computer of his own."""
    owners = {str(data.get("owner", "")) for data in cast.computers.values()}
    able = [name for name, data in cast.people.items() if name in owners and data["kind"] in ("applicant", "thief")]
    if person.text not in able:
        message = f"`{person.text}` cannot begin so: preludes are for applicants and thieves who own a computer"
        page.wrong(person, message, expected=one_of(able))


def _without_suite(errors: Sequence[ScenarioError], folder: Path) -> list[ScenarioError]:
    """The errors of a file. Where many names are unknown and it has no suite of its own, the first says so, and each name
    is told once."""
    unknown = [error for error in errors if error.message.startswith(_CASTS)]
    if len(unknown) < _MANY or len(suite_files(folder)) > 1:
        return list(errors)
    first = {error.message: error for error in reversed(unknown)}
    hint = f"{unknown[0].expected}; no suite.yaml stands beside or above this file to add more"
    kept = [error for error in errors if error not in unknown or error is first[error.message]]
    return [replace(error, expected=hint, suggestion="") if error is unknown[0] else error for error in kept]


_CASTS = ("no person ", "no computer ", "no drive ", "no prelude ")
_MANY = 3
"""As many unknown names are no slip of a finger."""


def _top(page: Page, root: Node) -> dict[str, Node]:
    if root.kind != "map":
        page.wrong(root, f"a scenario is a mapping, not {root.describe()}", expected="`softcert: 1` and the rest")
        page.stop_if_wrong()
    return read_top(page, root, KEYS, ("scenario", "steps"))


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
        fill = Filling(page, "the examples", values)
        story = {key: value if key == "examples" else fill.node(value) for key, value in top.items()}
        used |= fill.used
        told = ", ".join(f"{name} {value}" for name, value in values.items())
        stories.append((story, f" #{number} ({told if len(told) <= 60 else told[:59] + '…'})"))
    for key, _ in node.items[0].pairs:
        if key.text not in used and not page.errors:
            page.wrong(key, f"`<{key.text}>` stands nowhere in the scenario")
    return stories


def _named(page: Page, given: Node | None, played: Sequence[Link]) -> dict[str, str]:
    """The names that preludes gave to their steps, with where; a name that comes twice is noted at what is given."""
    named: dict[str, str] = {}
    for link in played:
        for step in (inner for outer in link.steps for inner in (outer, *outer.together) if inner.label):
            place = f"{link.path}:{step.line}"
            if given is not None and step.label in named:
                message = f"two steps of preludes have the name `{step.label}`: {named[step.label]} and {place}"
                page.wrong(given, message, expected="names that differ, such as `as: <person>-…`")
            named[step.label] = place
    return named


def _rules(page: Page, node: Node | None, reader: Reader) -> tuple[str, ...]:
    words = reader.words(node, "rules") if node is not None else []
    for word in words:
        if word.text not in RULES:
            page.wrong_word(word, "rule", word.text, RULES, listed="softcert rules")
    return tuple(word.text for word in words)


def _seed(page: Page, node: Node | None) -> int | None:
    if node is None:
        return None
    if node.text.isascii() and node.text.isdecimal() and int(node.text) < _SEED_LIMIT:
        return int(node.text)
    page.wrong(node, f"`seed` cannot be {node.describe()} `{node.text}`", expected="a whole number from 0")
    return None


_DEFAULT = Policy()
