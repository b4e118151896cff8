"""A pytest plugin: every `*.scenario.yaml` is a file of tests, one for each scenario and each example of it.

    pytest path/to/scenarios -k "used address" -m "attack and not one-time-link" -n auto --junit-xml report.xml

A test bears the scenario's title. Its markers are the scenario's rules and tags (`marker` says how a tag becomes one). Red
is shown in the runner's own words, a broken file is an error of collection in the loader's; neither with a traceback.
Other projects pay nothing: until the first scenario file is collected nothing of softcert is imported.
"""
# pyright: reportUnknownMemberType=false
# (pytest leaves the types of its nodes' arguments open)

import re
from argparse import ArgumentTypeError
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest

from softcert_sim import TransportName

if TYPE_CHECKING:
    from softcert_sim.results import ScenarioResult
    from softcert_sim.scenario.loader import Loader
    from softcert_sim.scenario.model import Scenario
    from softcert_sim.stage import Stage

ENDING = ".scenario.yaml"
_UNFIT = re.compile(r"[^\w.+/-]+")
"""What neither `-m` nor the list of markers takes."""
_WORDS = ("and", "or", "not", "True", "False", "None")


class NotAsExpected(Exception):
    """A scenario came out otherwise than its author said."""

    def __init__(self, result: "ScenarioResult") -> None:
        from softcert_sim.story import tell_red

        super().__init__(tell_red(result))
        self.result = result


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that `softcert run` has too."""
    group = parser.getgroup("softcert", "scenarios of the soft-certificate process")
    group.addoption("--softcert-seed", type=_seed, metavar="N", help="seed of all randomness, 1 by default")
    group.addoption(
        "--softcert-transport", choices=get_args(TransportName), default="memory", help="how messages travel"
    )
    group.addoption(
        "--softcert-artifacts", type=Path, metavar="DIR", help="write traces, mails, certificates and disks here"
    )


def pytest_configure(config: pytest.Config) -> None:
    """What all scenarios of this process share is made when the first is collected."""
    config.stash[_SHARED] = Shared(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the worlds."""
    if _SHARED in config.stash:
        config.stash[_SHARED].close()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "ScenarioFile | None":
    """Scenario files by their ending, and nothing else."""
    return ScenarioFile.from_parent(parent, path=file_path) if file_path.name.endswith(ENDING) else None


class Shared:
    """Loader, worlds and markers of one process: casts are read once, preludes played once."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._ours: set[str] = set()

    @cached_property
    def _theirs(self) -> set[str]:
        """The markers of pytest, of other plugins and of the project, asked for once all are configured."""
        return {_name_of(line) for line in self._config.getini("markers")}

    @cached_property
    def loader(self) -> "Loader":
        """The product's loader. All rules are markers, whether a scenario here names them or not."""
        from softcert.rules.catalogue import RULES
        from softcert_sim.product import product
        from softcert_sim.scenario.loader import Loader

        for rule in RULES:
            self.register(rule, "rule")
        return Loader(product().registry)

    @cached_property
    def stage(self) -> "Stage":
        """The product's stage, set up by the options."""
        from softcert_sim.product import product
        from softcert_sim.stage import Setting, Stage

        option: Any = self._config.option
        return Stage(
            product(), Setting(option.softcert_seed, option.softcert_transport, artifacts=option.softcert_artifacts)
        )

    def close(self) -> None:
        """Close the worlds, if there are any."""
        if "stage" in vars(self):
            self.stage.close()

    def register(self, word: str, what: str) -> str:
        """The marker of a rule or tag, known to pytest from now on; empty where nothing of the word can be one."""
        name = marker(word, self._theirs)
        if name and name not in self._ours:
            self._ours.add(name)
            self._config.addinivalue_line("markers", f"{name}: scenarios with the {what} {flat(word)}")
        return name


_SHARED = pytest.StashKey[Shared]()


class ScenarioFile(pytest.File):
    """A file with a scenario and its examples."""

    def collect(self) -> Iterator["ScenarioItem"]:
        """One test for each; a broken file fails with all that is wrong in it."""
        from softcert_sim.scenario.marks import BadFile

        shared = self.config.stash[_SHARED]
        try:
            scenarios = shared.loader.load_file(self.path)
        except BadFile as bad:
            raise self.CollectError("\n".join(str(error) for error in bad.errors)) from None
        for scenario in scenarios:
            item: ScenarioItem = ScenarioItem.from_parent(self, name=flat(scenario.title), scenario=scenario)
            for word, what in [*((rule, "rule") for rule in scenario.rules), *((tag, "tag") for tag in scenario.tags)]:
                if name := shared.register(word, what):
                    item.add_marker(name)
            yield item


class ScenarioItem(pytest.Item):
    """One scenario, run on the worlds of this process."""

    def __init__(self, *, scenario: "Scenario", **more: Any) -> None:
        super().__init__(**more)
        self.scenario = scenario

    def runtest(self) -> None:
        """Run it. Raises `NotAsExpected`."""
        result = self.config.stash[_SHARED].stage.run(self.scenario)
        self.user_properties += [("seed", result.seed), ("digest", result.digest)]
        if result.red:
            raise NotAsExpected(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Red as the runner tells it, with one line for the summary."""
        error = excinfo.value
        if not isinstance(error, NotAsExpected) or error.result.red is None:
            return super().repr_failure(excinfo, style)
        red = error.result.red
        shown = excinfo.getrepr(style="value")
        if shown.reprcrash is not None:
            shown.reprcrash.path, shown.reprcrash.lineno = str(self.path), red.line
            shown.reprcrash.message = f"line {red.line}: expected {red.expected}, saw {red.seen or red.outcome}"
        return shown

    def reportinfo(self) -> tuple[Path, int, str]:
        """File, line (from 0) and title."""
        return self.path, 0, self.scenario.title


def marker(word: str, taken: set[str]) -> str:
    """The marker of a tag or rule, empty where nothing of it can be one.

    `-m` takes letters, digits and `_ . + / -`: a run of anything else becomes one hyphen, and hyphens and underscores
    at an end fall away. A name that has a meaning already, to `-m` (`not`) or as a marker of pytest, of another plugin
    or of the project (`skip`), becomes `softcert-skip`.
    """
    name = _UNFIT.sub("-", word).strip("-_")
    return f"softcert-{name}" if name in taken or name in _WORDS else name


def _name_of(line: str) -> str:
    """The marker that a line of the `markers` setting declares, as pytest reads it."""
    return line.split(":")[0].split("(")[0].strip()


def flat(text: str) -> str:
    """On one line."""
    return " ".join(text.split())


def _seed(text: str) -> int:
    if text.isascii() and text.isdecimal() and int(text) < 2**63:
        return int(text)
    raise ArgumentTypeError(f"{text}: a seed is a whole number from 0 to {2**63 - 1}")
