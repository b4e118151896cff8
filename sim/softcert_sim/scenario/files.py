"""Where scenario files are: the shipped ones, those named on a command line, and how a path is shown."""

from collections.abc import Sequence
from pathlib import Path

import softcert_sim

SUITE = "suite.yaml"
SCHEMA = "scenario.schema.json"
"""Beside the shipped scenarios: what `softcert schema` prints."""


class UsageError(Exception):
    """Something that was asked for cannot be done as asked; the text says where and what to do."""


def shipped() -> Path:
    """The shipped scenarios: inside the wheel, or beside the source roots of an editable install."""
    here = Path(softcert_sim.__file__).resolve().parent
    inside = here / "scenarios"
    return inside if inside.is_dir() else here.parent.parent / "scenarios"


def shown(path: Path) -> str:
    """The path as `softcert run` takes it from here: inside of this folder, among the shipped ones, or whole."""
    whole = path if path.is_absolute() else path.resolve()
    for base in (Path.cwd(), shipped()):
        if whole.is_relative_to(base):
            return whole.relative_to(base).as_posix()
    return str(whole)


def discover(paths: Sequence[Path]) -> list[Path]:
    """Every scenario file in these files and folders, in order, each once; without paths the shipped ones.

    A path that does not exist here is sought among the shipped ones. Raises `UsageError`.
    """
    found: dict[Path, None] = {}
    for path in paths or [shipped()]:
        found.update(dict.fromkeys(_scenarios_in(path)))
    return list(found)


def _scenarios_in(path: Path) -> list[Path]:
    here = path if path.exists() else shipped() / path
    if not here.exists():
        raise UsageError(f"{path}: there is no such file or folder. Without a path the shipped scenarios are run.")
    if here.name == SUITE:
        raise UsageError(f"{path}: this is a suite, no scenario; it is read along with the scenarios beside and below it.")
    if here.is_file():
        return [here.resolve()]
    found = (file for ending in ("*.yaml", "*.yml") for file in here.rglob(ending))
    # Folders such as .venv and .git hold other people's files.
    plain = (file for file in found if not any(part.startswith(".") for part in file.relative_to(here).parts))
    files = sorted(file.resolve() for file in plain if file.name != SUITE and file.is_file())
    if not files:
        raise UsageError(f"{path}: there is no scenario in this folder; a scenario is a file called *.yaml.")
    return files


def suite_files(folder: Path) -> list[Path]:
    """Every `suite.yaml` that counts in a folder: the shipped one, then those above it from the outermost, then its own."""
    above = [place / SUITE for place in reversed([folder, *folder.parents])]
    return list(dict.fromkeys(path for path in (shipped().resolve() / SUITE, *above) if path.is_file()))
