"""The project as a whole: its layout, the arrows between its packages, and what its own test run promises."""

import ast
import fnmatch
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = {"softcert": "softcert", "ca": "softcert_ca", "mailbox": "softcert_mailbox", "sim": "softcert_sim"}
TOP_LEVEL = {
    "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", ".ci", ".git", ".gitignore",
    *SOURCES, "scenarios", "tests", "docs",
}  # fmt: skip


def ignored() -> list[str]:
    """Names that .gitignore leaves out."""
    return [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()]


def is_ignored(path: Path) -> bool:
    return any(fnmatch.fnmatch(path.name, pattern) for pattern in ignored())


def top_level() -> set[str]:
    """What belongs to the project at its top: what git tracks; in a source archive, what is there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return {name.partition("/")[0] for name in listed.stdout.split("\0") if name}
    return {path.name for path in ROOT.iterdir() if not is_ignored(path)}


def test_nothing_stands_at_the_top_that_the_layout_does_not_name() -> None:
    present = top_level()
    assert present - {"PKG-INFO"} <= TOP_LEVEL
    assert TOP_LEVEL - present <= {".git", ".gitignore", ".ci"}, "a source archive has none of these"


def test_no_source_root_is_a_package() -> None:
    """A top-level package `mailbox` would shadow the standard library's, which aiosmtpd imports."""
    for root in (*SOURCES, "tests"):
        assert not (ROOT / root / "__init__.py").exists()


@pytest.mark.parametrize(("root", "package"), SOURCES.items())
def test_each_source_root_holds_one_typed_package(root: str, package: str) -> None:
    assert [path.name for path in (ROOT / root).iterdir() if not is_ignored(path)] == [package]
    assert (ROOT / root / package / "py.typed").exists()
    assert (ROOT / root / package / "__init__.py").exists()


def test_tests_are_no_packages_and_mirror_the_import_names() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and not is_ignored(path)}
    assert folders <= {*SOURCES.values(), "benchmarks", "mutation"}


def test_packages_are_shipped_from_their_roots() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    build = project["tool"]["hatch"]["build"]
    assert build["targets"]["wheel"]["packages"] == [f"{root}/{package}" for root, package in SOURCES.items()]
    assert build["dev-mode-dirs"] == list(SOURCES)


def test_imports_follow_the_arrows_of_the_layout() -> None:
    # In a process of its own: the linter sets logging up for itself.
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    linter = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert linter.returncode == 0, linter.stdout + linter.stderr


@pytest.mark.parametrize("room", ["softcert/softcert/rules", "sim/softcert_sim/oracle"])
def test_the_rooms_of_rules_and_oracle_import_the_standard_library_and_themselves_only(room: str) -> None:
    _, own = room.split("/", 1)
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += ["." * node.level + (node.module or "")] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                inside = f"{name}.".startswith(f"{own.replace('/', '.')}.")
                assert inside or name.partition(".")[0] in sys.stdlib_module_names, (path, name)


# --- A run under CI lets no test be skipped ---------------------------------------------------------------------------

SKIPS = """
import pytest

def test_passes(): pass

@pytest.mark.skip(reason="no such machine here")
def test_skipped(): raise AssertionError
"""


def run_tests(folder: Path, code: str, ci: str, *options: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "test_it.py").write_text(code)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(folder), *options, str(folder)],
        cwd=folder, env={**os.environ, "CI": ci, "PYTEST_ADDOPTS": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "parallel"])
def test_under_ci_a_skipped_test_fails_the_run_and_is_named(tmp_path: Path, options: tuple[str, ...]) -> None:
    run = run_tests(tmp_path, SKIPS, "1", *options)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert "test_it.py::test_skipped: Skipped: no such machine here" in run.stdout


def test_under_ci_a_skipped_file_fails_the_run(tmp_path: Path) -> None:
    run = run_tests(tmp_path, "import pytest\npytest.importorskip('no_such_library')", "1")
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert "no_such_library" in run.stdout.split("which CI does not allow")[1]


def test_without_ci_a_skipped_test_is_no_failure(tmp_path: Path) -> None:
    assert run_tests(tmp_path, SKIPS, "").returncode == pytest.ExitCode.OK


def test_under_ci_a_run_without_skips_passes(tmp_path: Path) -> None:
    assert run_tests(tmp_path, "def test_passes(): pass", "1").returncode == pytest.ExitCode.OK
