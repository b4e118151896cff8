"""Crashes everywhere: each step is struck at every moment, then people do it again, and nothing may be lost by it.

What holds after the step was left in peace (states of application, certificate, address and session; the binding; who
knows the code; which PIN opens; what is on the computer) holds after it was struck and done again. The invariants hold all
along, and what a rule refuses is refused again. A crash is a fault of the scenario language, and so are its remedies: a
counterexample is a scenario.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from softcert_sim import knowing, witness
from softcert_sim.columns import count
from softcert_sim.crashpoints import KINDS, Kind, Point, watching
from softcert_sim.judge import as_expected, as_it_came
from softcert_sim.results import ScenarioResult
from softcert_sim.runner import MakeSuite, Options, Watch, load, work_on
from softcert_sim.scenario.model import Scenario, Step
from softcert_sim.scenario.registry import DEFAULT
from softcert_sim.shrink import complaint, counterexample
from softcert_sim.stage import Play, Setting, Stage, seed_of_run
from softcert_sim.story import tell_red
from softcert_sim.tables import columns
from softcert_sim.world import World
from softcert_sim.worlds import Suite

STARTS_OFFICE = ("restart", "restore-database")
"""Verbs that are not struck: the office that would die is only being started."""
EXCUSED = ("expired", "locked")
"""What may come of itself meanwhile: time passes, and the secure element counts a try before it compares the PIN."""
DONE = {"publish-driver": "conflict", "activate": "already-active"}
"""What is said of an act that was done already, where no check shows its effect. Nothing else is taken for done."""
_PASSING = ("check-address", "check-session", "check-pin")
"""Checks of what ends by itself."""
IN_SESSION = ("activate", "file", "logout")
_MARK = Step(0, "wait", {"for": 0}, label="before-it")
"""Stands before a step that is refused, so that it can be asked whether anything changed."""
_WAIT = Step(0, "wait", {"for": 60})
"""Until a mail is tried again."""
AT_THE_HOMEPAGE = ("visit", "confirm", "read-notice", "apply")


@dataclass(frozen=True, slots=True)
class Found:
    """A crash after which something is lost: the steps that show it, and what is wrong, in steady words."""

    verb: str
    kind: Kind
    complaint: str
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class Struck:
    """One scenario, every step of it struck. `red` is the scenario that fails by itself, which is not struck at all."""

    path: str
    title: str
    points: Counter[tuple[str, Kind]] = field(default_factory=Counter[tuple[str, Kind]])
    found: tuple[Found, ...] = ()
    red: ScenarioResult | None = None


def crash_everywhere(
    paths: Sequence[Path], options: Options, make_suite: MakeSuite, watch: Watch | None = None
) -> "Crashes":
    """Strike all chosen scenarios, and make the counterexamples small: one for each verb, kind and complaint. Raises
    `BadFile`, `UsageError`."""
    began, suite = perf_counter(), make_suite()
    options = replace(options, setting=replace(options.setting, artifacts=None))
    struck = list(work_on(strike, load(paths, options, suite), options, suite, make_suite, watch))
    first: dict[tuple[str, Kind, str], Found] = {}
    for one in (found for scenario in struck for found in scenario.found):
        first.setdefault((one.verb, one.kind, one.complaint), one)
    files = [_as_file(found, suite, options.setting) for found in first.values()]
    return Crashes(struck, files, seed_of_run(options.setting), perf_counter() - began)


def _as_file(found: Found, suite: Suite, setting: Setting) -> str:
    titled = replace(found.scenario, title=f"{found.scenario.title}, struck")
    return counterexample(titled, found.complaint, suite, setting, right_without_the_crash)


def right_without_the_crash(stage: Stage, scenario: Scenario) -> bool:
    """Whether the step that a crash broke off is done again, and the same steps without it, each as it comes, end well:
    then it is the crash that is to blame. A step that came to its end is left in peace instead."""
    at = next((at for at, step in enumerate(scenario.steps) if step.faults), None)
    if at is None:
        return False
    before, struck, after = scenario.steps[:at], scenario.steps[at], scenario.steps[at + 1 :]
    again = any(step.verb == struck.verb for step in after)
    if after and not again and struck.expected.kind == "broken":
        return False
    acts = [*before, *after] if again else [*before, replace(struck, faults=()), *after]
    play = stage.open(scenario)
    play.opinion.state = None  # it is asked of steps as an author writes them
    try:
        for step in acts[:-1]:
            play.unjudged(step)
        last = play.step(acts[-1]) if acts[-1].verb.startswith("check-") else play.anyhow(acts[-1])
        return last.green
    finally:
        stage.done(play)


@dataclass(frozen=True, slots=True)
class Crashes:
    """What came of all scenarios; `files` are counterexamples."""

    struck: Sequence[Struck]
    files: Sequence[str]
    seed: int
    elapsed: float

    @property
    def green(self) -> bool:
        """Whether nothing was lost, and no scenario failed by itself."""
        return not self.files and not any(one.red for one in self.struck)

    def report(self, *, files: bool = True) -> str:
        """Points for each verb and kind, what is red, and the counterexamples."""
        points = sum((one.points for one in self.struck), Counter[tuple[str, Kind]]())
        verbs = sorted({verb for verb, _ in points})
        rows = [(verb, *(str(points[verb, kind] or "") for kind in KINDS)) for verb in verbs]
        rows.append(("all", *(str(sum(points[verb, kind] for verb in verbs)) for kind in KINDS)))
        parts = ["\n".join(columns(("struck", *KINDS), rows)).rstrip()]
        parts += [tell_red(one.red).rstrip() for one in self.struck if one.red]
        parts += [text.rstrip() for text in self.files] if files else []
        lost = sum(len(one.found) for one in self.struck)
        total = f"{count(len(self.struck), 'scenario')} struck at {count(points.total(), 'moment')}: "
        total += f"something is lost at {lost}" if lost else "nothing is lost"
        red = sum(one.red is not None for one in self.struck)
        total += f"; {count(red, 'scenario')} failed unstruck" if red else ""
        return "\n\n".join([*parts, f"{total} ({self.elapsed:.1f} s, seed {self.seed})"]) + "\n"


def strike(stage: Stage, scenario: Scenario) -> Struck:
    """Strike each step of a scenario at every point."""
    result = stage.run(scenario)
    if result.red is not None:
        return Struck(scenario.path, scenario.title, red=result)
    points: Counter[tuple[str, Kind]] = Counter()
    found: list[Found] = []
    play = stage.open(scenario)
    play.opinion.state = None  # it is asked of steps as an author writes them
    try:
        for at, step in enumerate(scenario.steps):
            if not can_be_struck(step):
                play.unjudged(step)
                continue
            before = (_MARK,) if step.expected.kind != "allowed" else ()
            for point, complaint_, steps in _strike_step(play, scenario.steps[:at], step, before):
                points[step.verb, point.kind] += 1
                if complaint_:
                    case = replace(scenario, steps=(*scenario.steps[:at], *before, *steps))
                    found.append(Found(step.verb, point.kind, complaint_, case))
    finally:
        stage.done(play)
    return Struck(scenario.path, scenario.title, points, tuple(found))


def can_be_struck(step: Step) -> bool:
    """Whether it is an act of somebody who would do it again, and that nothing strikes already."""
    verb = DEFAULT.verbs.get(step.verb)
    if verb is None or verb.group in ("check", "attacker") or verb.attack or step.verb in STARTS_OFFICE:
        return False
    return not step.faults and not step.expected.limit and step.expected.kind != "broken"


def _strike_step(
    play: Play, earlier: Sequence[Step], step: Step, first: Sequence[Step]
) -> Iterator[tuple[Point, str, tuple[Step, ...]]]:
    """Each point, what is wrong after it, and the steps that show it; then the world is as after the step itself."""
    world = _world(play)
    plain = replace(step, part="", quote="", quoted=(), note="")
    for act in first:
        play.unjudged(act)
    before, held = play.take(), list(what_holds(world, step))
    with watching(world) as watched:
        play.unjudged(step)
    after = play.take()
    holding = list(what_holds(world, step))
    shows = step.expected.kind != "allowed" or any(check not in held for check in holding)
    law = _Law(holding, [check for check in held if check.verb not in _PASSING], shows)
    ways = list(remedies(earlier, plain))
    for point in watched.points():
        play.put_back(before)
        yield point, *_struck(play, plain, point, ways, law)
    play.put_back(after)


class _Law(NamedTuple):
    """What must hold when a step was struck and done again: what held after it; or, where it came too late, before it.

    Where its effect `shows` in what holds, it may also be refused as done already; else it must come out as it should.
    """

    after: Sequence[Step]
    before: Sequence[Step]
    shows: bool


def _struck(
    play: Play, step: Step, point: Point, ways: Sequence[Sequence[Step]], law: _Law
) -> tuple[str, tuple[Step, ...]]:
    struck = replace(step, label="", faults=(point.fault,))
    result = play.anyhow(struck)
    steps = (replace(struck, expected=as_it_came(result.outcome)),)
    if not result.green:
        return complaint(result), steps
    moment, wrong, shown = play.take(), "", steps
    plugged = _plugged_again(_world(play), step)
    # Nobody does again what came to its end; a mail may still be on its way.
    done = [[], [_WAIT]] if as_expected(step.expected, result.outcome) else []
    for remedy in done or ways:
        play.put_back(moment)
        wrong, more = _again(play, [*plugged, *remedy], step, law)
        shown = (*steps, *more)
        if not wrong:
            return "", ()
    return wrong, shown


def _again(play: Play, remedy: Sequence[Step], step: Step, law: _Law) -> tuple[str, tuple[Step, ...]]:
    """Do it again, with what goes before it: what is wrong then, and the steps that show it."""
    steps: list[Step] = []
    last, excused = "", False
    for act in remedy:
        result = play.anyhow(act)
        steps.append(replace(act, expected=as_it_came(result.outcome)))
        if not result.green:
            return complaint(result), tuple(steps)
        if act is step and result.outcome.detail.rpartition("/")[2] != DONE.get(step.verb, " "):
            last = "" if as_expected(step.expected, result.outcome) else f"{step.verb} again: {result.outcome}"
            excused = result.outcome.kind == "refused" and result.outcome.detail.partition("/")[2] in EXCUSED
    world = _world(play)
    broken = first_broken(world, law.after)
    if broken is None and last and not law.shows:
        return last, (*steps[: remedy.index(step)], step)
    if broken is None or (excused and first_broken(world, law.before) is None):
        return "", ()
    check, failed = broken
    return f"{last or 'again'}; {check.verb}: {failed}", (*steps, check)


def first_broken(world: World, checks: Sequence[Step]) -> tuple[Step, Exception] | None:
    """The first of these checks that does not hold, and what it saw."""
    for check in checks:
        try:
            DEFAULT.verbs[check.verb].call(world, check.arguments)
        except Exception as failed:  # noqa: BLE001  (a check that cannot even look does not hold either)
            return check, failed
    return None


def remedies(earlier: Sequence[Step], step: Step) -> Iterator[list[Step]]:
    """What people do when something went wrong: the same again; else what the message tells them, and the same again."""
    who: dict[str, Any] = {name: step.arguments[name] for name in ("by", "at") if name in step.arguments}
    yield [step]
    if step.verb in IN_SESSION:
        logins = (one for one in reversed(earlier) if one.verb == "login" and who.items() <= one.arguments.items())
        login = next((one for one in logins if one.expected.kind == "allowed"), None)
        yield [Step(step.line, "login", login.arguments if login else who), step]
    if step.verb in AT_THE_HOMEPAGE:
        yield [*(Step(step.line, verb, who) for verb in ("visit", "confirm", "read-notice")), step]
    yield [step, _WAIT]


def _plugged_again(world: World, step: Step) -> list[Step]:
    """Drives that were pulled go back where they were."""
    return [
        Step(step.line, "plug", {"drive": name, "into": drive.holder.name})
        for name, drive in world.drives.items()
        if drive.disk.pulled and drive.holder is not None
    ]


def what_holds(world: World, step: Step) -> Iterator[Step]:
    """What is so now, as checks."""
    return (check for check in _checks(world, step) if first_broken(world, [check]) is None)


def _checks(world: World, step: Step) -> Iterator[Step]:
    now, records, line = world.office_time(), world.records, step.line
    if step.expected.kind != "allowed":
        yield Step(line, "check-unchanged", {"since": _MARK.label})
    for of in world.cast.people:
        applications = knowing.applications_of(world, of)
        if not applications:
            continue
        state, count = records.application_state(applications[-1]), records.applications_for(world.people[of].mailbox)
        yield Step(line, "check-application", {"of": of, "is": state, "count": count})
        yield Step(line, "check-address", {"of": of, "is": records.address_state(applications[-1], now)})
        yield Step(line, "check-certificates", {"of": of, "count": len(records.serials_of(applications))})
        yield from (
            Step(line, "check-knows", {"who": of, "what": what}) for what in ("application", "activation-code", "password")
        )
        yield from (
            Step(line, "check-mail", {"of": of, "purpose": "result", "address": has}) for has in (True, False)
        )
        if world.people.knows(of, "activation-code", of):
            yield Step(line, "check-code", {"of": of, "right": True})
        serial = knowing.serial_if_any(world, of)
        if serial:
            bound = sorted(witness.bound_computers(world, serial)) or "nowhere"
            yield Step(line, "check-binding", {"of": of, "computer": bound, "generation": records.generation(serial)})
            yield Step(line, "check-certificate", {"of": of, "is": records.certificate_state(serial)})
            yield Step(line, "check-session", {"of": of, "is": records.session_state(serial, now)})
    at = step.arguments.get("at")
    if at in world.places and not world.places[at].lost:
        certificates = witness.certificates_at(world, at)
        # A seal that was replaced may lie there until the next login removes it.
        counted = {"certificates": certificates} if step.verb == "download" or not certificates else {}
        yield Step(line, "check-computer", {"at": at, "driver": witness.driver_at(world, at), **counted})
        several = [{"of": of} for of in world.cast.people if knowing.applications_of(world, of)]
        whose: list[dict[str, str]] = several if certificates > 1 else [{}]
        yield from (
            Step(line, "check-pin", {"at": at, "opens": pin, **of})
            for of in (whose if certificates else ())
            for pin in witness.working_pins(world, at, of.get("of"))
        )


def _world(play: Play) -> World:
    assert isinstance(play.world, World)
    return play.world
