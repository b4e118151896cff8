"""Failures that are known: listed in a file with a reason each, counted apart, and red once they no longer fail.

    scenarios/4-downloading/expired.scenario.yaml:
      An address lives for seven days: The clock of the test office is wrong until it is replaced.

A mapping of paths, as `softcert run` takes them, to titles with reasons. The title of a scenario with examples stands
for all of them; with an example's number and values, as results show it, for that one. In place of the reason may stand
`{reason: …, seen: …}`: then only what is seen so, in the words of the red step, is known. An invariant that is broken
and a failure that no outcome describes are never taken for known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from softcert_sim.results import Key, Outcome, ScenarioResult, StepResult
from softcert_sim.scenario.files import UsageError, shipped, shown
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.marks import Node, Page, decode, nearest, read
from softcert_sim.scenario.model import Scenario

KEYS = ("reason", "seen")


@dataclass(frozen=True, slots=True)
class Entry:
    """Why a scenario is expected to fail, where that is said, and, if that is said, what is seen of it."""

    reason: str
    path: str
    line: int
    seen: str = ""

    def covers(self, red: StepResult) -> bool:
        """Whether this failure is the known one."""
        worse = bool(red.violated) or red.differs in ("system", "invariant")
        return not worse and self.seen in ("", red.seen or str(red.outcome))


def read_expected(path: Path, scenarios: Sequence[Scenario], loader: Loader) -> dict[Key, Entry]:
    """The entries of a file. Each must name a scenario: one of these, or one in a file that is not run this time.

    Raises `BadFile`, `UsageError`.
    """
    try:
        text = decode(shown(path), path.read_bytes())
    except OSError as error:
        raise UsageError(f"--expected-failures {path}: cannot be read: {error.strerror}.") from None
    if all(line.strip().partition("#")[0] == "" for line in text.splitlines()):
        return {}
    page = Page(shown(path), text)
    root = read(page, text)
    if root.kind != "map":
        page.wrong(root, f"expected failures are a mapping, not {root.describe()}", expected="path: {title: reason}")
    entries: dict[Key, Entry] = {}
    for file, titles in root.pairs:
        inside = _scenarios_of(page, file, scenarios, loader)
        if titles.kind != "map":
            page.wrong(titles, f"a path has a mapping, not {titles.describe()}", expected="{title: reason}")
        for title, reason in titles.pairs if inside else ():
            entries.update(_entries(page, title, reason, inside))
    page.stop_if_wrong()
    return entries


def judged(result: ScenarioResult, entry: Entry | None) -> ScenarioResult:
    """A result as the list has it: a listed failure is as expected; a listed one that did not fail is red, and so is one
    that failed otherwise."""
    if entry is None:
        return result
    if result.red is not None:
        return replace(result, expected_failure=entry.reason) if entry.covers(result.red) else result
    told = f"Listed in {entry.path}:{entry.line} as failing: {entry.reason}"
    line = result.steps[-1].line if result.steps else 1
    missing = StepResult(line, "expected-failure", told, expected="a failure", outcome=Outcome("failed", "did not fail"),
                         differs="list", seen="did not fail")  # fmt: skip
    again = f"{result.reproduce} --expected-failures {entry.path}"
    return replace(result, steps=(*result.steps, missing), reproduce=again)


def _scenarios_of(page: Page, file: Node, scenarios: Sequence[Scenario], loader: Loader) -> list[Scenario]:
    path = Path(file.text) if Path(file.text).exists() else shipped() / file.text
    if not path.is_file():
        known = dict.fromkeys(scenario.path for scenario in scenarios)
        page.wrong(file, f"there is no scenario file `{file.text}`", suggestion=nearest(file.text, known))
        return []
    return [one for one in scenarios if one.path == shown(path.resolve())] or loader.load_file(path.resolve())


def _entries(page: Page, title: Node, reason: Node, scenarios: list[Scenario]) -> dict[Key, Entry]:
    fitting = [one for one in scenarios if title.text == one.title or one.title.startswith(f"{title.text} #")]
    if not fitting:
        titles = [one.title for one in scenarios]
        page.wrong(title, f"no scenario `{title.text}` in this file", suggestion=nearest(title.text, titles))
    why, seen = _said(page, reason)
    entry = Entry(why, page.path, title.line, seen)
    return {(one.path, one.title): entry for one in fitting}


def _said(page: Page, node: Node) -> tuple[str, str]:
    """The reason, and what is seen where that is said."""
    said = {key.text: value for key, value in node.pairs} if node.kind == "map" else {"reason": node}
    for key, _ in node.pairs:
        if key.text not in KEYS:
            page.wrong_word(key, "part of an expected failure", key.text, KEYS)
    if any(value.kind != "text" or not value.text.strip() for value in said.values()) or "reason" not in said:
        page.wrong(node, "an expected failure needs a reason", expected="title: why it fails, and until when")
        return "", ""
    return said["reason"].text.strip(), said["seen"].text.strip() if "seen" in said else ""
