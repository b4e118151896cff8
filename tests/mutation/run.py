"""Mutation testing with cosmic-ray: one small change of the code after the other, and whether its own tests notice.

    pip install -e '.[test,mutation]'
    python tests/mutation/run.py                             # every module: an hour and a half of one core
    python tests/mutation/run.py backup keystore --workers 2

It works on copies of the files that Git knows. A mutant that survives stands in `survivors.yaml` with the reason why no
test can or should tell it from the code; one that does not makes the command end with 1.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

import yaml

try:
    from cosmic_ray.work_db import WorkDB
except ModuleNotFoundError:
    print("This needs Cosmic Ray: pip install -e '.[test,mutation]'", file=sys.stderr)
    sys.exit(2)

ROOT = Path(__file__).parents[2]
REASONS = Path(__file__).with_name("survivors.yaml")
SOURCES = ("softcert", "ca", "mailbox", "sim")
GOAL = 95
"""Of a hundred mutants of a module, so many at least are killed."""
MODULES = {
    "checks": ("softcert/softcert/rules/checks.py", "tests/softcert/test_rules.py"),
    "verdict": ("softcert/softcert/rules/verdict.py", "tests/softcert/test_rules.py"),
    "policy": ("softcert/softcert/rules/policy.py", "tests/softcert/test_rules.py"),
    "lifecycles": ("softcert/softcert/rules/lifecycles.py", "tests/softcert/test_rules.py"),
    "addresses": ("ca/softcert_ca/download.py", "tests/softcert_ca/test_download.py"),
    "tokens": ("ca/softcert_ca/tokens.py", "tests/softcert_ca/test_tokens.py tests/softcert_ca/test_download.py"),
    "bindings": ("ca/softcert_ca/bindings.py", "tests/softcert_ca/test_moving.py tests/softcert_ca/test_use.py"),
    "use": ("ca/softcert_ca/use.py", "tests/softcert_ca/test_use.py tests/softcert_ca/test_moving.py"),
    "office-moving": ("ca/softcert_ca/moving.py", "tests/softcert_ca/test_moving.py"),
    "keystore": ("softcert/softcert/keystore.py", "tests/softcert/test_keystore.py tests/softcert/test_element.py"),
    "element": ("softcert/softcert/element.py", "tests/softcert/test_element.py tests/softcert/test_keystore.py"),
    "backup": ("softcert/softcert/backup.py", "tests/softcert/test_backup.py"),
    "moving": ("softcert/softcert/moving.py", "tests/softcert/test_moving.py"),
}
"""Each module with the tests that are its own: of the rules room, addresses, bindings, key store and backup."""
CONFIG = """
[cosmic-ray]
module-path = ["{path}"]
timeout = 120.0
excluded-modules = []
test-command = "{python} -m pytest -x -q -p no:randomly -p no:cacheprovider -o addopts=--import-mode=importlib {tests}"
[cosmic-ray.distributor]
name = "local"
"""


class Change(NamedTuple):
    """What a mutant changed: lines before and after."""

    module: str
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the mutants of a module."""

    module: str
    mutants: int
    survived: Sequence[Change]

    @property
    def percent(self) -> float:
        """How many of a hundred were killed."""
        return 100 * (self.mutants - len(self.survived)) / self.mutants if self.mutants else 100.0


class Unusable(Exception):
    """The tests of a module are red before anything was changed, or Cosmic Ray cannot work."""


def copied(to: Path) -> Path:
    """The files that Git knows, as they are now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


def mutated(module: str, folder: Path) -> Score:
    """Change one module in the copy that stands in `folder`, again and again. Raises Unusable."""
    path, tests = MODULES[module]
    roots = os.pathsep.join(str(folder / source) for source in SOURCES)
    environment = {**os.environ, "PYTHONPATH": roots, "PYTHONDONTWRITEBYTECODE": "1"}
    config, database = folder / f"{module}.toml", folder / f"{module}.sqlite"
    config.write_text(CONFIG.format(path=path, tests=tests, python=sys.executable))
    tool = [sys.executable, "-m", "cosmic_ray.cli"]

    def run(why: str, *arguments: object) -> None:
        command = [*tool, *map(str, arguments)]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unusable("\n".join([why, *(done.stdout + done.stderr).splitlines()[-10:]]))

    run(f"The tests of {module} must pass before it is changed: python -m pytest {tests}", "baseline", config)
    run("Cosmic Ray found nothing that it can change:", "init", config, database)
    run("Cosmic Ray stopped:", "exec", config, database)
    found = WorkDB(database, WorkDB.Mode.open)
    results = [result for _, result in found.results if result.test_outcome is not None]
    found.close()
    return Score(module, len(results), [changed(module, it.diff or "") for it in results if not it.is_killed])


def changed(module: str, diff: str) -> Change:
    """The lines of a unified diff that went and that came."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    was, becomes = (
        " ".join(line[1:].partition("  #")[0].strip() for line in lines if line.startswith(sign)) for sign in "-+"
    )
    return Change(module, was, becomes)


def reasons() -> dict[Change, str]:
    """Why a survivor may survive."""
    listed = yaml.safe_load(REASONS.read_text(encoding="utf-8"))
    return {Change(one["module"], one["was"], one["becomes"]): one["why"] for one in listed}


def scores(modules: Sequence[str], workers: int) -> Iterator[Score]:
    """All modules, so many at a time, each on a copy of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(workers):
            copies.put(copied(Path(temporary) / str(number)))

        def one(module: str) -> Score:
            folder = copies.get()
            try:
                return mutated(module, folder)
            finally:
                copies.put(folder)

        with ThreadPoolExecutor(workers) as pool:
            yield from pool.map(one, modules)


def main() -> int:
    """Print a line for each module, then who survived without a reason."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    if strange := set(asked.modules) - set(MODULES):
        parser.error(f"no module {', '.join(sorted(strange))}; there are {', '.join(MODULES)}")
    known, unexplained, low = reasons(), list[Change](), False
    try:
        for score in scores(asked.modules or list(MODULES), asked.workers):
            without = [it for it in score.survived if not {it, it._replace(module="*")} & known.keys()]
            unexplained += without
            low |= score.percent < GOAL
            print(f"{score.module:14} {score.mutants:5} mutants {score.percent:6.1f} of 100 killed, "
                  f"{len(score.survived)} survived, {len(without)} of them without a reason", flush=True)  # fmt: skip
    except Unusable as red:
        print(red, file=sys.stderr)
        return 2
    for change in unexplained:
        print(f"- module: {change.module}\n  was: {change.was!r}\n  becomes: {change.becomes!r}\n  why:")
    return 1 if unexplained or low else 0


if __name__ == "__main__":
    sys.exit(main())
