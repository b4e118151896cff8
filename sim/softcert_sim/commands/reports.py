"""The files that a run writes, checked before it begins: nothing is lost, and nothing is found out too late."""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softcert_sim.results import Results

_HEADS = {
    "--junit": re.compile(r'<\?xml [^>]*>\s*<testsuites name="softcert"'),
    "--json": re.compile(r'\{\s*"version": \d+,\s*"seed": '),
    "--html": re.compile(r"<!DOCTYPE html>.*<title>softcert", re.DOTALL),
    "--output": re.compile(r"# Found by softcert"),
}
"""How each report begins, within its first 2,000 characters: only such a file is written over."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Where each goes, if it is wanted."""

    junit: Path | None = None
    json: Path | None = None
    html: Path | None = None
    artifacts: Path | None = None

    @property
    def files(self) -> dict[str, Path | None]:
        """By their options."""
        return {"--junit": self.junit, "--json": self.json, "--html": self.html}

    def check(self) -> None:
        """Better now than after the run. Raises `UsageError`."""
        from softcert_sim.scenario.files import UsageError

        taken: dict[Path, str] = {}
        for option, path in self.files.items():
            if path is not None:
                if (first := taken.setdefault(path.absolute(), option)) != option:
                    raise UsageError(f"{first} and {option} both name {path}: give each a file of its own.")
                check_file(option, path)
        if self.artifacts is not None:
            _check_folder("--artifacts", self.artifacts)

    def write(self, results: "Results", lang: str) -> None:
        """All but the artifacts, which each scenario writes; in the language of the run. Raises `UsageError`."""
        from softcert_sim.junit import to_junit
        from softcert_sim.results import to_json

        def to_html(results: "Results") -> str:
            from softcert_sim.report.page import to_html

            return to_html(results, lang)

        for path, render in ((self.junit, to_junit), (self.json, to_json), (self.html, to_html)):
            if path is not None:
                write_text(path, render(results))


def write_text(path: Path, text: str) -> None:
    """Raises `UsageError` where it cannot be written."""
    from softcert_sim.scenario.files import UsageError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}.") from None


def check_file(option: str, path: Path) -> None:
    """Whether it can be written, and is no other. Raises `UsageError`."""
    from softcert_sim.scenario.files import UsageError

    if path.is_dir():
        raise UsageError(f"{option} {path}: this is a folder; name a file in it.")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{option} {path}: there is no folder {path.absolute().parent}; make it first.")
    _check_no_other(option, path)
    try:
        # Asked of the system itself: permissions alone do not tell (root, read-only media, special folders).
        path.open("ab").close() if path.exists() else tempfile.TemporaryFile(dir=path.absolute().parent).close()
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot be written: {error.strerror}; choose another place.") from None


def _check_folder(option: str, path: Path) -> None:
    from softcert_sim.scenario.files import UsageError

    try:
        path.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot be written: {error.strerror}; choose another.") from None


def _check_no_other(option: str, path: Path) -> None:
    """An earlier report of its kind is written over, and an empty file; no other. Raises `UsageError`."""
    from softcert_sim.scenario.files import UsageError

    if not path.is_file():
        return
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            head = file.read(2000)
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot be read: {error.strerror}; choose another place.") from None
    if head and not _HEADS[option].match(head):
        what = "is there already and is no earlier report of this kind"
        raise UsageError(f"{option} {path}: {what}; it would be lost. Name another file after {option}.")
