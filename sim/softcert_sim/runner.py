"""Many scenarios, in one process or several; the results are in file order and the same for any number of workers."""

import difflib
import gc
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Protocol, TypeVar

from softcert.rules.catalogue import RULES
from softcert_sim.coverage import space
from softcert_sim.expected import judged, read_expected
from softcert_sim.results import Key, Results
from softcert_sim.scenario.files import UsageError, discover, shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.marks import meant
from softcert_sim.scenario.model import Scenario, Step
from softcert_sim.stage import Setting, Stage, seed_of_run
from softcert_sim.workers import share_out
from softcert_sim.worlds import Suite

MakeSuite = Callable[[], Suite]
"""A function at the top of a module: worker processes import it by name."""


class Titled(Protocol):
    """What is done with a scenario bears its title."""

    @property
    def title(self) -> str:
        """The scenario's."""
        ...


Watch = Callable[[Titled | None, int, int], None]
"""Called once all are read, and after each scenario with its result; with how many are done and how many there are."""
T = TypeVar("T", bound=Titled)
Work = Callable[[Stage, Scenario], T]
"""What is done with each scenario: a function at the top of a module, as `MakeSuite`."""

_SOME_TAGS = 5
"""As many are offered for one that no scenario has."""
_WORTH_A_WORKER = 100
"""Scenarios: below this a further process costs more than it brings."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to run and how. `workers` 0 chooses by the number of scenarios and processors.

    `shard` (i, n) takes each n-th of the scenarios chosen, from the i-th on. `only` are those to run, where any of them is
    among the chosen. `expected` is a file that lists failures.
    """

    rules: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    setting: Setting = field(default_factory=Setting)
    workers: int = 1
    shard: tuple[int, int] = (1, 1)
    only: frozenset[Key] = frozenset()
    expected: Path | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return not (self.rules or self.tags or self.only) and self.shard == (1, 1)


def run(paths: Sequence[Path], options: Options, make_suite: MakeSuite, watch: Watch | None = None) -> Results:
    """Load and run. Without paths and filters the run is complete: of all shipped scenarios.

    Raises `BadFile` when a file is wrong, `UsageError` when there is nothing to run.
    """
    began = perf_counter()
    suite = make_suite()
    loader = Loader(suite.registry)
    found = loader.load(discover(paths))
    expected = read_expected(options.expected, found, loader) if options.expected else {}
    scenarios = choose(found, options)
    each = work_on(Stage.run, scenarios, options, suite, make_suite, watch)
    done = [judged(result, expected.get(result.key)) for result in each]
    shipped_whole = not paths or [path.resolve() for path in paths] == [shipped().resolve()]
    complete = shipped_whole and options.everything
    return Results(seed_of_run(options.setting), done, complete, perf_counter() - began, space(suite.registry))


def work_on(
    work: Work[T],
    scenarios: Sequence[Scenario],
    options: Options,
    suite: Suite,
    make_suite: MakeSuite,
    watch: Watch | None = None,
) -> Iterator[T]:
    """What comes of these scenarios, in order."""
    if watch:
        watch(None, 0, len(scenarios))
    for done, result in enumerate(_results(work, scenarios, options, suite, make_suite), 1):
        yield result
        if watch:
            watch(result, done, len(scenarios))


def load(paths: Sequence[Path], options: Options, suite: Suite) -> list[Scenario]:
    """The scenarios that the options choose. Raises `BadFile`, `UsageError`."""
    return choose(Loader(suite.registry).load(discover(paths)), options)


def choose(scenarios: Sequence[Scenario], options: Options) -> list[Scenario]:
    """Those that the options choose; a shard of few may be empty. Raises `UsageError`."""
    for rule in options.rules:
        if rule not in RULES:
            raise UsageError(f"--rule {rule}: there is no such rule.{meant(rule, RULES)} `softcert rules` lists them.")
    known = sorted({tag for scenario in scenarios for tag in scenario.tags})
    for tag in options.tags:
        if tag not in known:
            few = known if len(known) <= _SOME_TAGS else difflib.get_close_matches(tag, known, _SOME_TAGS, 0)
            rest = "" if len(few) == len(known) else f" and {len(known) - len(few)} more"
            raise UsageError(f"--tag {tag}: no scenario here has it.{meant(tag, known)} Known: {', '.join(few)}{rest}.")
    chosen = [scenario for scenario in scenarios if _chosen(scenario, options)]
    if not chosen:
        raise UsageError(_none_fits(scenarios, options))
    chosen = [scenario for scenario in chosen if (scenario.path, scenario.title) in options.only] or chosen
    number, shards = options.shard
    return chosen[number - 1 :: shards]


def parse_shard(text: str) -> tuple[int, int]:
    """`2/3` as (2, 3). Raises `UsageError`."""
    found = re.fullmatch(r"([1-9]\d{0,5})/([1-9]\d{0,5})", text, re.ASCII)
    if found and int(found[1]) <= int(found[2]):
        return int(found[1]), int(found[2])
    raise UsageError(f"--shard {text}: say which of how many, such as 1/3, 2/3 and 3/3 on three machines.")


def names_rule(scenario: Scenario, rule: str) -> bool:
    """Whether a scenario lists the rule, or one of its steps is refused by it."""
    return rule in scenario.rules or any(_refused_by(step, rule) for step in scenario.steps)


def _refused_by(step: Step, rule: str) -> bool:
    return step.expected.kind == "refused" and step.expected.detail.partition("/")[0] == rule


def _chosen(scenario: Scenario, options: Options) -> bool:
    by_rule = not options.rules or any(names_rule(scenario, rule) for rule in options.rules)
    return by_rule and (not options.tags or any(tag in scenario.tags for tag in options.tags))


def _none_fits(scenarios: Sequence[Scenario], options: Options) -> str:
    if options.tags:
        return "No scenario fits all of --rule and --tag: leave one out."
    named = [rule for rule in RULES if any(names_rule(scenario, rule) for scenario in scenarios)]
    have = f"rules named here: {', '.join(named)}" if named else "they name no rule; leave it out"
    return f"--rule {' --rule '.join(options.rules)}: no scenario of these names it; {have}."


def _results(
    work: Work[T], scenarios: Sequence[Scenario], options: Options, suite: Suite, make_suite: MakeSuite
) -> Iterator[T]:
    workers = options.workers or min(os.cpu_count() or 1, 1 + len(scenarios) // _WORTH_A_WORKER)
    if workers > 1 and len(scenarios) > 1:
        yield from _in_processes(work, scenarios, options.setting, make_suite, min(workers, len(scenarios)))
        return
    gc.freeze()  # What is loaded by now is no garbage; to look through it again and again takes a twentieth of a run.
    stage = Stage(suite, options.setting)
    try:
        for scenario in scenarios:
            yield work(stage, scenario)
    finally:
        stage.close()
        gc.unfreeze()


def _in_processes(
    work: Work[T], scenarios: Sequence[Scenario], setting: Setting, make_suite: MakeSuite, workers: int
) -> Iterator[T]:
    """Neighbours stay together, because they often begin at the same place. Raises `BrokenProcessPool`."""
    size = max(1, min(16, len(scenarios) // (workers * 4)))
    chunks = [scenarios[at : at + size] for at in range(0, len(scenarios), size)]
    for results in share_out(partial(_work_on_chunk, work), chunks, workers, partial(_prepare, make_suite, setting)):
        yield from results


_stage_of_worker: list[Stage] = []


def _prepare(make_suite: MakeSuite, setting: Setting) -> None:
    """Each worker has a stage of its own."""
    suite = make_suite()
    gc.freeze()
    _stage_of_worker.append(Stage(suite, setting))


def _work_on_chunk(work: Work[T], scenarios: Sequence[Scenario]) -> list[T]:
    (stage,) = _stage_of_worker
    return [work(stage, scenario) for scenario in scenarios]
