"""What the files of a folder share: a `suite.yaml` with `cast`, `policy` and `preludes`, which folders below inherit.

    softcert: 1
    cast: {people: {wang-fang: {kind: applicant, …}}, computers: {shop-pc: {owner: wang-fang}}}
    policy: {link-lifetime: 2 days}          # a folder below, and each scenario, may say otherwise
    preludes:
      filed:                                 # given: {wang-fang: filed}
        after: active
        steps:
          - login: {by: <person>, at: <computer>}
          - file: {by: <person>, at: <computer>}

`<person>` is who it is given to, `<computer>` the first that this person owns in the cast. Names are taken once: nothing
that is inherited can be changed in its meaning, but for the policy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from softcert_sim.scenario.cast import read_cast
from softcert_sim.scenario.filling import Filling
from softcert_sim.scenario.marks import Node, Page, decode, nearest, read
from softcert_sim.scenario.model import Cast, Link
from softcert_sim.scenario.policies import Fields, read_policy
from softcert_sim.scenario.registry import Registry
from softcert_sim.scenario.steps import StepReader
from softcert_sim.scenario.values import Reader

VERSION = "1"
KEYS = ("softcert", "cast", "policy", "preludes")
PRELUDE_KEYS = ("about", "after", "steps")


@dataclass(frozen=True, slots=True)
class OwnPrelude:
    """A prelude in a suite's file: the one that it goes on from, and its steps as they stand there."""

    after: str
    steps: Node
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Shared:
    """What a folder's files share."""

    cast: Cast = field(default_factory=Cast)
    policy: Fields = field(default_factory=Fields)
    preludes: Mapping[str, OwnPrelude] = field(default_factory=dict[str, OwnPrelude])


def read_top(page: Page, root: Node, keys: Sequence[str], needed: Sequence[str]) -> dict[str, Node]:
    """What stands at the top of a file, by key. Unknown and missing keys are noted, and another version."""
    top = {key.text: value for key, value in root.pairs}
    meant = ""
    for key, _ in root.pairs:
        if key.text not in keys:
            page.wrong_word(key, "such key", key.text, keys)
            meant += nearest(key.text, keys)
    if "`softcert`" not in meant:
        _check_version(page, root, top)
    for key in needed:
        if key not in top and f"`{key}`" not in meant:
            page.wrong(root, f"`{key}` is missing", expected=f"`{key}: …` at the top of the file")
    return top


def _check_version(page: Page, root: Node, top: Mapping[str, Node]) -> None:
    version = top.get("softcert")
    if version is None or version.text != VERSION:
        found = f"this is version `{version.text}` of the language" if version else "the language's version is missing"
        page.wrong(version or root, found, expected=f"`softcert: {VERSION}`")


def read_suite(path: Path, shown: str, base: Shared, registry: Registry) -> Shared:
    """What a file says, added to what the folders above share. Raises `BadFile`, OSError."""
    text = decode(shown, path.read_bytes())
    page = Page(shown, text)
    root = read(page, text)
    if root.kind != "map":
        page.wrong(root, f"a suite is a mapping, not {root.describe()}", expected=f"one of {', '.join(KEYS)}")
        page.stop_if_wrong()
    top = read_top(page, root, KEYS, ())
    cast = read_cast(page, top["cast"], base.cast) if "cast" in top else base.cast
    policy = {**base.policy, **read_policy(page, top.get("policy"), Reader(page, cast))}
    preludes = _Preludes(page, registry, text, cast).read(top["preludes"], base) if "preludes" in top else base.preludes
    page.stop_if_wrong()
    return Shared(cast, policy, preludes)


def links(page: Page, given: tuple[Node, Node], shared: Shared, cast: Cast, registry: Registry) -> tuple[Link, ...]:
    """Every prelude that leads to where a person begins, in the order in which they are played. Its name is known."""
    person, prelude = given
    own: list[Link] = []
    name = prelude.text
    while name in shared.preludes:
        own.append(_link(page, given, name, shared.preludes[name], cast, registry))
        name = shared.preludes[name].after
    return (*(Link(person.text, one.name) for one in registry.chain(name)), *reversed(own))


def _link(
    page: Page, given: tuple[Node, Node], name: str, own: OwnPrelude, cast: Cast, registry: Registry
) -> Link:
    """A suite's prelude, for the person to whom it is given; where it does not fit, that is noted."""
    its_page = Page(own.path, own.text)
    filled = Filling(its_page, "a prelude", _values(cast, given[0].text)).node(own.steps)
    steps = StepReader(its_page, registry, cast).read(filled)
    for error in its_page.errors[:1]:
        message = f"the prelude `{name}` does not fit `{given[0].text}`"
        page.wrong(given[1], f"{message}: {error.path}:{error.line}:{error.column}: {error.message}")
    return Link(given[0].text, name, own.path, steps)


def _values(cast: Cast, person: str) -> dict[str, str]:
    owned = [name for name, data in cast.computers.items() if data.get("owner") == person]
    return {"person": person, **({"computer": owned[0]} if owned else {})}


class _Preludes:
    """Reads the preludes of one file. Each is tried on an applicant, so that what is wrong in it is found at once."""

    def __init__(self, page: Page, registry: Registry, text: str, cast: Cast) -> None:
        self._page, self._registry, self._text, self._cast = page, registry, text, cast
        applicants = [_values(cast, name) for name, data in cast.people.items() if data.get("kind") == "applicant"]
        self._stand_in = max(applicants, key=len, default={"person": "", "computer": ""})

    def read(self, node: Node, base: Shared) -> dict[str, OwnPrelude]:
        """All of them, after those that are inherited."""
        if node.kind != "map":
            self._page.wrong(node, f"`preludes` is a mapping, not {node.describe()}", expected="{name: {steps: […]}}")
        taken = {*self._registry.prelude_names(), *base.preludes}
        for key, _ in node.pairs:
            if key.text in taken:
                self._page.wrong(key, f"`{key.text}` is taken: there is such a prelude already")
        known = [*taken, *(key.text for key, _ in node.pairs)]
        found = {key.text: own for key, value in node.pairs if (own := self._one(key, value, known)) is not None}
        self._refuse_circles(node, found)
        return {**base.preludes, **found}

    def _one(self, key: Node, node: Node, known: list[str]) -> OwnPrelude | None:
        if node.kind != "map":
            self._page.wrong(node, f"`{key.text}` is a mapping, not {node.describe()}", expected="{after: …, steps: […]}")
            return None
        inside = {name.text: value for name, value in node.pairs}
        for name, _ in node.pairs:
            if name.text not in PRELUDE_KEYS:
                self._page.wrong_word(name, "part of a prelude", name.text, PRELUDE_KEYS)
        if "steps" not in inside:
            self._page.wrong(key, f"`{key.text}` needs `steps`", expected="{after: …, steps: […]}")
            return None
        after = inside.get("after")
        if after is not None and after.text not in known:
            self._page.wrong_word(after, "prelude", after.text, known)
        before = len(self._page.errors)
        filled = Filling(self._page, "a prelude", self._stand_in).node(inside["steps"])
        if len(self._page.errors) == before:
            StepReader(self._page, self._registry, self._cast).read(filled)
        return OwnPrelude(after.text if after else "nothing", inside["steps"], self._page.path, self._text)

    def _refuse_circles(self, node: Node, found: Mapping[str, OwnPrelude]) -> None:
        told: set[str] = set()
        for key, value in node.pairs:
            way = [key.text]
            while way[-1] in found and found[way[-1]].after not in way:
                way.append(found[way[-1]].after)
            if way[-1] in found and found[way[-1]].after == key.text and key.text not in told:
                after = next(item for name, item in value.pairs if name.text == "after")
                circle = " after ".join([*way, key.text])
                self._page.wrong(after, f"preludes go in a circle: {circle}", expected="one of them after another")
                told.update(way)
