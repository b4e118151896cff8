"""Which scenarios failed when they were last run here: `.softcert_cache/last-failed.json` in the current folder.

The folder is made when there is a first failure to remember, and keeps itself out of version control. A scenario is
forgotten when it no longer fails; one that was not run stays as it was.
"""

import json
from collections.abc import Callable
from pathlib import Path

from softcert_sim.results import Key, Results

FOLDER = Path(".softcert_cache")
FILE = FOLDER / "last-failed.json"


def remembered() -> frozenset[Key]:
    """Path and title of each; empty where nothing is remembered or the file is not ours."""
    try:
        return frozenset((str(path), str(title)) for path, title in json.loads(FILE.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return frozenset()


def recall(tell: Callable[[str], None]) -> frozenset[Key]:
    """What is remembered; says when that is nothing."""
    known = remembered()
    if not known:
        tell("No failure is remembered here: everything is run.")
    return known


def note(results: Results, only: frozenset[Key], tell: Callable[[str], None]) -> None:
    """Remember a run of which `only` these were wanted; says when none of them was among the scenarios."""
    if only and results.scenarios and not any(scenario.key in only for scenario in results.scenarios):
        tell("None of the failures remembered is among these scenarios: all of them were run.")
    try:
        remember(results)
    except OSError as error:
        tell(f"softcert: {FOLDER} cannot be written ({error.strerror}): --last-failed will not know of this run.")


def remember(results: Results) -> None:
    """Note what failed in this run and forget what did not. Raises OSError."""
    before = remembered()
    failed = {scenario.key for scenario in results.scenarios if scenario.outcome == "not-as-expected"}
    after = (before - {scenario.key for scenario in results.scenarios}) | failed
    if after == before:
        return
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / ".gitignore").write_text("# Made by softcert.\n*\n", encoding="utf-8")
    FILE.write_text(json.dumps(sorted(after), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
