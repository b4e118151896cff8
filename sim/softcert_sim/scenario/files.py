"""Where scenario files are: the shipped ones, those named on a command line, and how a path is shown."""

import difflib
from collections.abc import Sequence
from pathlib import Path

import softcert_sim

SUITE = "suite.yaml"
SCHEMA = "scenario.schema.json"
SUITE_SCHEMA = "suite.schema.json"
"""Beside the shipped scenarios: what `softcert schema` and `softcert schema --suite` print."""
_SHIPPED = Path("scenarios")
"""The folder in which the shipped ones are named wherever one is."""


class UsageError(Exception):
    """Something that was asked for cannot be done as asked; the text says where and what to do."""


def shipped() -> Path:
    """The shipped scenarios: inside the wheel, or beside the source roots of an editable install."""
    here = Path(softcert_sim.__file__).resolve().parent
    inside = here / "scenarios"
    return inside if inside.is_dir() else here.parent.parent / "scenarios"


def shown(path: Path) -> str:
    """The path as `softcert run` takes it from here: `scenarios/…` for a shipped one, inside of this folder, or whole."""
    whole = path if path.is_absolute() else path.resolve()
    if whole.is_relative_to(shipped()):
        name = _SHIPPED / whole.relative_to(shipped())
        if not name.exists() or name.samefile(whole):
            return name.as_posix()
    return whole.relative_to(Path.cwd()).as_posix() if whole.is_relative_to(Path.cwd()) else str(whole)


def discover(paths: Sequence[Path]) -> list[Path]:
    """Every scenario file in these files and folders, in order, each once; without paths the shipped ones.

    A path that does not exist here is sought among the shipped ones, with or without `scenarios/` before it. Raises
    `UsageError`.
    """
    found: dict[Path, None] = {}
    for path in paths or [shipped()]:
        found.update(dict.fromkeys(_scenarios_in(path)))
    return list(found)


def _scenarios_in(path: Path) -> list[Path]:
    here = (
        path if path.exists() else shipped() / (path.relative_to(_SHIPPED) if path.is_relative_to(_SHIPPED) else path)
    )
    if not here.exists():
        near = _near(path)
        meant = f" Shipped ones are near: {', '.join(near)}." if near else ""
        raise UsageError(
            f"{path}: there is no such file or folder.{meant} Without a path the shipped scenarios are run."
        )
    if here.name == SUITE:
        raise UsageError(
            f"{path}: this is a suite, no scenario; it is read along with the scenarios beside and below it."
        )
    if here.is_file():
        return [here.resolve()]
    if not here.is_dir():
        raise UsageError(f"{path}: this is neither a file nor a folder; name a scenario file or a folder of them.")
    found = (file for ending in ("*.yaml", "*.yml") for file in here.rglob(ending))
    # Folders such as .venv and .git hold other people's files.
    plain = (file for file in found if not any(part.startswith(".") for part in file.relative_to(here).parts))
    files = sorted(file.resolve() for file in plain if file.name != SUITE and file.is_file())
    if not files:
        raise UsageError(f"{path}: there is no scenario in this folder; a scenario is a file called *.yaml.")
    return files


def _near(path: Path) -> list[str]:
    """Names of shipped scenarios and folders that resemble a path, or its last part."""
    names = {shown(file): file.name.partition(".")[0] for file in sorted(shipped().rglob("*")) if file.name != SUITE}
    close = difflib.get_close_matches(path.as_posix(), names, 3, 0.7)
    last = difflib.get_close_matches(path.name.partition(".")[0], names.values(), 3, 0.7)
    return close or [name for name, part in names.items() if part in last][:3]


def suite_files(folder: Path) -> list[Path]:
    """Every `suite.yaml` that counts in a folder: the shipped one, then those above it from the outermost, then its own."""
    above = [place / SUITE for place in reversed([folder, *folder.parents])]
    return list(dict.fromkeys(path for path in (shipped().resolve() / SUITE, *above) if path.is_file()))
