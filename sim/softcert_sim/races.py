"""Races: acts that happen at once are done in every interleaving of the office's transactions, each from the same moment.

What comes of them must be what comes of some order of them, done one after the other: the outcome of each, and the state
after all (what can be checked of applications, addresses, certificates, bindings, sessions, mails and computers). Every
invariant holds at the end. A counterexample is a scenario with the turns that lead there.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from softcert.rules.catalogue import RULES
from softcert_sim.acted import act_at_once
from softcert_sim.crashes import first_broken, what_holds
from softcert_sim.invariants import violations
from softcert_sim.judge import as_it_came
from softcert_sim.knowing import applications_of, mails_of
from softcert_sim.orders import explains, in_order, orders
from softcert_sim.results import Outcome, ScenarioResult
from softcert_sim.runner import MakeSuite, Options, Watch, load, work_on
from softcert_sim.scenario.files import UsageError
from softcert_sim.scenario.model import Expectation, Scenario, Step
from softcert_sim.scenario.registry import DEFAULT
from softcert_sim.shrink import as_file, shrink_scenario
from softcert_sim.stage import Play, Setting, Stage, seed_of_run
from softcert_sim.story import tell_red
from softcert_sim.tables import columns
from softcert_sim.world import World
from softcert_sim.worlds import Suite

MOST = 5000
"""Interleavings of one step; what goes beyond is counted as cut off."""


class Acts(NamedTuple):
    """Acts at once, in words, with how many orders and interleavings of them were run; `cut` if those are not all."""

    said: str
    orders: int
    interleavings: int
    cut: bool


@dataclass(frozen=True, slots=True)
class Found:
    """An interleaving that no order explains, or after which an invariant does not hold: what is wrong, the rules that
    this names, and a scenario that shows it."""

    acts: str
    complaint: str
    rules: tuple[str, ...]
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class Raced:
    """One scenario with all its steps of several acts. `red` is the one that fails by itself, which is not explored."""

    path: str
    title: str
    acts: tuple[Acts, ...] = ()
    found: tuple[Found, ...] = ()
    red: ScenarioResult | None = None


def interleavings(
    paths: Sequence[Path], options: Options, make_suite: MakeSuite, watch: Watch | None = None
) -> "Interleavings":
    """Explore all chosen scenarios, and make the counterexamples small: one for each sort of acts and complaint. Raises
    `BadFile`, `UsageError`."""
    began, suite = perf_counter(), make_suite()
    options = replace(options, setting=replace(options.setting, artifacts=None))
    scenarios = [one for one in load(paths, options, suite) if any(can_race(step) for step in one.steps)]
    if not scenarios:
        raise UsageError("--interleavings: nothing happens at once in these scenarios; steps with `together` do it.")
    raced = list(work_on(race, scenarios, options, suite, make_suite, watch))
    first: dict[tuple[str, str], Found] = {}
    for one in (found for scenario in raced for found in scenario.found):
        first.setdefault((one.acts, one.complaint), one)
    files = [_as_file(found, suite, options.setting) for found in first.values()]
    return Interleavings(raced, files, seed_of_run(options.setting), perf_counter() - began)


def _as_file(found: Found, suite: Suite, setting: Setting) -> str:
    titled = replace(found.scenario, title=f"{found.scenario.title}, by turns")
    shrunk = shrink_scenario(titled, suite, setting)
    if shrunk is not None:
        return shrunk.text
    return as_file(titled, suite.registry, f"{found.complaint}\nseen where it happened, and not in this file")


@dataclass(frozen=True, slots=True)
class Interleavings:
    """What came of all scenarios; `files` are counterexamples."""

    raced: Sequence[Raced]
    files: Sequence[str]
    seed: int
    elapsed: float

    @property
    def green(self) -> bool:
        """Whether some order explains each interleaving, and no scenario failed by itself."""
        return not self.files and not any(one.red for one in self.raced)

    def report(self, *, files: bool = True) -> str:
        """Orders and interleavings for each sort of acts, what is red, and the counterexamples."""
        every = [acts for one in self.raced for acts in one.acts]
        rows = [_row(said, [acts for acts in every if acts.said == said]) for said in sorted({it.said for it in every})]
        parts = [
            "\n".join(columns(("at once", "steps", "orders", "interleavings"), [*rows, _row("all", every)])).rstrip()
        ]
        parts += [f"cut off: {acts.said} has more than {MOST:,} interleavings." for acts in every if acts.cut]
        parts += [tell_red(one.red).rstrip() for one in self.raced if one.red]
        parts += [text.rstrip() for text in self.files] if files else []
        wrong = sum(len(one.found) for one in self.raced)
        total = (
            f"{_count(len(self.raced), 'scenario')}, {_count(sum(it.interleavings for it in every), 'interleaving')}: "
        )
        total += f"{_count(wrong, 'sort')} of them wrong" if wrong else "an order explains each"
        red = sum(one.red is not None for one in self.raced)
        total += f"; {_count(red, 'scenario')} failed as written" if red else ""
        return "\n\n".join([*parts, f"{total} ({self.elapsed:.1f} s, seed {self.seed})"]) + "\n"


def _row(said: str, every: Sequence[Acts]) -> tuple[str, ...]:
    return said, str(len(every)), f"{sum(it.orders for it in every):,}", f"{sum(it.interleavings for it in every):,}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def can_race(step: Step) -> bool:
    """Whether several acts happen in it at once, that nothing else strikes."""
    return len(step.together) > 1 and not any(part.faults for part in step.together)


def race(stage: Stage, scenario: Scenario, most: int = MOST) -> Raced:
    """Do whatever happens at once in a scenario in every interleaving, or in as many as `most`."""
    scenario = replace(scenario, steps=tuple(replace(step, turns=()) for step in scenario.steps))
    result = stage.run(scenario)
    if result.red is not None:
        return Raced(scenario.path, scenario.title, red=result)
    acts: list[Acts] = []
    found: list[Found] = []
    play = stage.open(scenario)
    play.opinion.state = None  # it is asked of steps as an author writes them
    try:
        for at, step in enumerate(scenario.steps):
            if can_race(step):
                race_ = _Race(play, step)
                for wrong in race_.explore(most):
                    case = replace(scenario, steps=(*scenario.steps[:at], *wrong.steps))
                    found.append(Found(race_.said, wrong.complaint, wrong.rules, case))
                acts.append(Acts(race_.said, len(race_.orders), race_.count, race_.cut))
            play.unjudged(step)
    finally:
        stage.done(play)
    return Raced(scenario.path, scenario.title, tuple(acts), tuple(found))


class _Wrong(NamedTuple):
    complaint: str
    rules: tuple[str, ...]
    steps: tuple[Step, ...]


class _Ended(NamedTuple):
    """How it stands after acts at once: what came of them, and what can be checked."""

    outcomes: tuple[Outcome, ...]
    holds: tuple[Step, ...]

    @property
    def said(self) -> tuple[str, ...]:
        """The outcomes in words."""
        return tuple(map(str, self.outcomes))


class _Race:
    """One step of several acts, from the moment before it."""

    def __init__(self, play: Play, step: Step) -> None:
        self._play, self._step, self._moment = play, step, play.take()
        counted = Counter(part.verb for part in step.together)
        self.said = ", ".join(f"{count} {verb}" if count > 1 else verb for verb, count in sorted(counted.items()))
        self.orders = {order: self._ended(order, ()) for order in orders(step.together)}
        self.count, self.cut = 0, False

    def explore(self, most: int) -> Iterator[_Wrong]:
        """Run every interleaving, depth first; the first of each sort that is wrong. In the end all is as before."""
        seen: set[str] = set()
        everyone = tuple(range(len(self._step.together)))
        turns: list[int] | None = []
        while turns is not None and not self.cut:
            trail: list[tuple[int, Sequence[int]]] = []
            ended = self._ended(everyone, turns, trail)
            self.count += 1
            wrong = self._wrong(ended, tuple(number + 1 for number, _ in trail))
            if wrong and wrong.complaint not in seen:
                seen.add(wrong.complaint)
                yield wrong
            turns = _next(trail)
            self.cut = turns is not None and self.count >= most
        self._play.put_back(self._moment)

    def _ended(
        self, numbers: Sequence[int], turns: Sequence[int], trail: list[tuple[int, Sequence[int]]] | None = None
    ) -> _Ended:
        """Do these acts from the beginning: by these turns, and then as `in_order`. `trail` is told whose turns they were
        and who else could have had each."""
        self._play.put_back(self._moment)
        parts = [self._step.together[number] for number in numbers]
        choose = in_order([turn + 1 for turn in turns])

        def noted(going: Sequence[int]) -> int:
            number = choose(going)
            if trail is not None:
                trail.append((number, going))
            return number

        acted = act_at_once(self._play.world, DEFAULT, parts, noted)
        return _Ended(tuple(one.outcome for one in acted), tuple(_holding(_world(self._play), self._step.together)))

    def _wrong(self, ended: _Ended, turns: tuple[int, ...]) -> _Wrong | None:
        """What is wrong, if anything: something broke down, an invariant, or that no order leads there."""
        broken = next((one for one in ended.outcomes if one.kind in ("crashed", "failed")), None)
        violated = violations(_world(self._play))
        leading = [
            order for order, other in self.orders.items()
            if explains(dict(zip(order, other.said, strict=True)), self._step.together, ended.said)
        ]  # fmt: skip
        if not (broken or violated) and any(self.orders[order].holds == ended.holds for order in leading):
            return None
        step = replace(self._step, turns=turns, part="", quote="", quoted=(), note="", label="")
        if broken:
            return _Wrong(f"it failed: {broken.detail}", (), (step,))
        if violated:
            rules = tuple(dict.fromkeys(violation.rule for violation in violated))
            return _Wrong(f"{violated[0].rule}: {violated[0].text}", rules, (step,))
        if not leading:
            every = {said for other in self.orders.values() for said in other.said} ^ set(ended.said)
            rules = tuple(rule for rule in RULES if any(said.startswith(f"refused {rule}/") for said in every))
            return _Wrong(f"no order explains: {'; '.join(ended.said)}", rules, (step,))
        check = next(check for check in self.orders[leading[0]].holds if check not in ended.holds)
        failed = first_broken(_world(self._play), [check])
        return _Wrong(
            f"no order explains: {check.verb}: {failed[1] if failed else 'more than that'}",
            (),
            (self._as_came(step, ended), check),
        )

    def _as_came(self, step: Step, ended: _Ended) -> Step:
        """As if the author had foreseen the outcomes."""
        others = [as_it_came(one) for one in ended.outcomes if one.kind != "allowed"]
        return replace(step, succeed=len(ended.outcomes) - len(others), expected=others[0] if others else Expectation())


def _next(trail: Sequence[tuple[int, Sequence[int]]]) -> list[int] | None:
    """The turns with which the next interleaving begins, in the order of a depth-first search; None after the last."""
    for at in range(len(trail) - 1, -1, -1):
        number, going = trail[at]
        later = [other for other in going if other > number]
        if later:
            return [*(turn for turn, _ in trail[:at]), later[0]]
    return None


def _holding(world: World, parts: Sequence[Step]) -> Iterator[Step]:
    """What holds now, as checks, each once."""
    seen: list[Step] = []
    for part in parts:
        for check in what_holds(world, replace(part, line=0)):
            if check not in seen:
                seen.append(check)
                yield check
    for of in world.cast.people:
        yield Step(0, "check-mail", {"of": of, "count": len(mails_of(world, of))})
        for application in applications_of(world, of)[-1:]:
            wrong = world.records.wrong_codes(application), world.records.wrong_codes(application, "recovery")
            yield Step(0, "check-code", {"of": of, "tries": wrong[0], "recovery-tries": wrong[1]})


def _world(play: Play) -> World:
    assert isinstance(play.world, World)
    return play.world
