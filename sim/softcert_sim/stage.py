"""One scenario on its world: preludes, steps, verdicts, invariants; author, oracle and system compared at every step."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from softcert.errors import Refused, SoftcertError
from softcert.rules.catalogue import CLAUSES, RULES, ClauseId
from softcert.rules.verdict import Verdict
from softcert_sim import TransportName
from softcert_sim.acted import Acted, act, act_at_once
from softcert_sim.coverage import Hits, hits
from softcert_sim.judge import as_expected, as_it_came, outcome_of, place_of, unread
from softcert_sim.opinion import Beginnings, Opinion, who_differs, without_reasons
from softcert_sim.oracle import State
from softcert_sim.orders import in_order
from softcert_sim.results import Differs, Outcome, ScenarioResult, StepResult
from softcert_sim.scenario.model import Link, Scenario, Step, World
from softcert_sim.scenario.registry import FAULT, CheckFailed, Person, Registry, Violation
from softcert_sim.why import Why, explained
from softcert_sim.words import language
from softcert_sim.worlds import Suite, Worlds

if TYPE_CHECKING:
    from softcert_sim.scenes import Scene

DEFAULT_SEED = 1


@dataclass(frozen=True, slots=True)
class Setting:
    """How to run: seed (None: the scenario's own, or 1), transport, the folder for artifacts, whether to keep what each
    step did, for a report, and in which language what happens is said. An `untold` rule is broken on purpose: where it is
    asked, no facts are told."""

    seed: int | None = None
    transport: TransportName = "memory"
    artifacts: Path | None = None
    scenes: bool = False
    lang: str = "en"
    untold: str = ""


class Stage:
    """Runs scenarios one after the other; worlds and preludes are built once and then put back."""

    def __init__(self, suite: Suite, setting: Setting) -> None:
        self._registry, self._setting = suite.registry, setting
        self._worlds = Worlds(suite, setting.transport, self._play)
        self._beginnings = Beginnings() if suite.oracle else None

    def close(self) -> None:
        """Give back all worlds."""
        self._worlds.close()

    def open(self, scenario: Scenario) -> "Play":
        """A scenario where it begins, to be played step by step. Raises whatever its preludes raise."""
        world = self._worlds.at(scenario, seed_of(scenario, self._setting))
        return Play(self._registry, world, self._setting, opinion=self._opinion(scenario))

    def done(self, play: "Play") -> None:
        """What `open` gave is no longer used."""
        self._worlds.done(play.world)

    def run(self, scenario: Scenario) -> ScenarioResult:
        """Run one scenario to its end or to its first red step."""
        began = perf_counter()
        seed = seed_of(scenario, self._setting)
        steps: list[StepResult] = []
        world, digest, given = None, "", None
        reached: Hits = Hits()
        try:
            world = self._worlds.at(scenario, seed)
            watch = world.watch(self._setting.lang) if self._setting.scenes else None
            given = watch() if watch else None
            play = Play(self._registry, world, self._setting, watch, self._opinion(scenario))
            for step in scenario.steps:
                steps.append(play.step(step))
                if not steps[-1].green:
                    break
            if not steps or steps[-1].green:
                reached = hits(scenario, steps, world, self._registry)
            digest = world.digest()
            self._export(world, scenario)
        except Exception as error:  # noqa: BLE001  (whatever a world does wrong is a red scenario, not the end of the run)
            steps.append(replace(_outside(error, world is None, scenario, self._setting.lang), outside=True))
        finally:
            if world is not None:
                self._worlds.done(world)
        return ScenarioResult(
            path=scenario.path,
            title=scenario.title,
            about=scenario.about,
            rules=scenario.rules,
            tags=scenario.tags,
            seed=seed,
            steps=tuple(steps),
            digest=digest,
            hits=reached,
            reproduce=reproduce(scenario, seed, self._setting),
            elapsed=perf_counter() - began,
            given=scenario.given,
            scene=given,
        )

    def _play(self, world: World, link: Link) -> None:
        """Play one prelude. Raises what the product's raise; `PreludeFailed` where a suite's own goes otherwise."""
        if not link.steps:
            self._registry.preludes[link.prelude].function(world, Person(link.person))
        play = Play(self._registry, world, self._setting)
        for step in link.steps:
            result = play.step(step)
            if not result.green:
                raise PreludeFailed(link, result)

    def _opinion(self, scenario: Scenario) -> Opinion:
        return Opinion(self._beginnings.at(scenario) if self._beginnings else None)

    def _export(self, world: World, scenario: Scenario) -> None:
        if self._setting.artifacts is not None:
            folder = self._setting.artifacts / artifact_folder(scenario)
            folder.mkdir(parents=True, exist_ok=True)
            world.export(folder)


def seed_of_run(setting: Setting) -> int:
    """The seed of all scenarios that set none themselves."""
    return DEFAULT_SEED if setting.seed is None else setting.seed


def seed_of(scenario: Scenario, setting: Setting) -> int:
    """The file's own seed, else the run's, else 1."""
    return seed_of_run(setting) if scenario.seed is None else scenario.seed


def reproduce(scenario: Scenario, seed: int, setting: Setting) -> str:
    """The command that runs this file again in the same way."""
    over = f" --transport {setting.transport}" if setting.transport != "memory" else ""
    lang = f" --lang {setting.lang}" if setting.lang != "en" else ""
    path = f"./{scenario.path}" if scenario.path.startswith("-") else scenario.path
    return f"softcert run {shlex.quote(path)} --seed {seed}{over}{lang}"


def artifact_folder(scenario: Scenario) -> str:
    """A folder of its own for each scenario: its path in one word, with the example's number."""
    path = "-".join(part for part in Path(scenario.path).with_suffix("").parts if part not in ("/", ".."))
    number = scenario.title.rpartition(" #")[2].partition(" ")[0]
    return f"{path}-{number}" if scenario.title.endswith(")") and number.isdecimal() else path


class PreludeFailed(Exception):
    """A step of a suite's own prelude came out otherwise than that suite says."""

    def __init__(self, link: Link, result: StepResult) -> None:
        super().__init__(f"{link.path}:{result.line}: {result.seen}")
        self.link, self.result = link, result


@dataclass(frozen=True, slots=True)
class _Came:
    """What came of an act; `text` is what the user got, untranslated; `wanted` what a check that failed would have liked to
    see, `why` what decided it."""

    outcome: Outcome
    verdict: Verdict | None
    text: str
    wanted: str
    why: tuple[Why, ...]
    scene: "Scene | None"


class Moment(NamedTuple):
    """A world between two steps, and what the oracle makes of it; `world` is None where it cannot be kept."""

    world: Any
    verdicts: tuple[Verdict, ...]
    opinion: State | None


class Play:
    """The steps of one scenario on its world."""

    def __init__(
        self, registry: Registry, world: World, setting: Setting, watch: "Callable[[], Scene] | None" = None,
        opinion: Opinion | None = None,
    ) -> None:  # fmt: skip
        self.world, self._registry, self._watch = world, registry, watch
        self.opinion = opinion or Opinion(None)
        self._setting, self._words = setting, language(setting.lang)

    def step(self, step: Step) -> StepResult:
        """Run one step and judge it."""
        began = perf_counter()
        if step.verb == "together":
            result = self._together(step)
        elif step.verb:
            result = self._judge(step, self._act(step))
        else:
            result = StepResult(step.line, "", clauses=step.quoted)
        words = {"part": step.part, "quote": step.quote, "note": step.note, "limit": step.expected.limit}
        return replace(result, **words, elapsed=perf_counter() - began)

    def anyhow(self, step: Step) -> StepResult:
        """Run one step, and judge it as if its author had foreseen what comes of it."""
        came = self._act(step)
        return self._judge(replace(step, expected=as_it_came(came.outcome)), came)

    def unjudged(self, step: Step) -> None:
        """Run one step and ask nothing, of anybody."""
        if step.turns:
            act_at_once(self.world, self._registry, step.together, in_order(step.turns))
            return
        for one in step.together or (step,) if step.verb else ():
            act(self.world, self._registry, one)

    def take(self) -> Moment:
        """What the world is now."""
        return Moment(self.world.snapshot(), tuple(self.world.verdicts), self.opinion.state)

    def put_back(self, moment: Moment) -> None:
        """Be there again."""
        self.world.restore(moment.world)
        self.world.verdicts.extend(moment.verdicts)
        self.opinion.state = moment.opinion

    def _act(self, step: Step) -> _Came:
        """Do what the step says, and say why it came so."""
        came = self._came(act(self.world, self._registry, step))
        again = (Why("office", self._words.says_repeated),) if self.world.repeated() else ()
        return replace(came, why=(*came.why, *again))

    def _came(self, acted: Acted) -> _Came:
        wanted = acted.result.expected if isinstance(acted.result, CheckFailed) else ""
        scene = self._watch() if self._watch else None
        came, text = acted.outcome, acted.outcome.text
        outcome = replace(came, text=self._words.reads(came.told or came.detail, text))
        decided = [it for it in acted.verdicts if it.side == "driver" or came.kind != "rejected" or acted.verdict]
        why = explained(decided, self.world.called, self._setting.lang, self._setting.untold)
        return _Came(outcome, acted.verdict, text, wanted, why, scene)

    def _judge(self, step: Step, came: _Came, asked: bool = True) -> StepResult:
        """Compare author, oracle (if he is asked) and system, then ask for the invariants."""
        verb, outcome = self._registry.verbs[step.verb], came.outcome
        opinion = self.opinion.of(step, outcome) if asked else None
        differs = who_differs(step, as_expected(step.expected, outcome), opinion, outcome)
        result = StepResult(
            line=step.line,
            verb=step.verb,
            sentence=self.sentence(step),
            arguments=step.arguments,
            expected=came.wanted or str(step.expected),
            outcome=outcome,
            verdict=came.verdict,
            why=came.why,
            clauses=_clauses(verb.clauses, outcome, step.quoted),
            faults=self._faults(step),
            scene=came.scene,
            opinion=without_reasons(opinion, red=differs != ""),
            stumbled=self.opinion.stumbled if asked else "",
        )
        if outcome.kind == "failed":
            return replace(result, differs=differs if verb.group == "check" else "author", seen=outcome.detail)
        if outcome.kind == "crashed":
            return replace(result, differs="system", seen=outcome.detail)
        if not differs and (missing := unread(step.expected, came.text)):
            return replace(result, differs="author and system", expected=missing.expected, seen=missing.seen)
        return self._held_against(step, result, differs)

    def _held_against(self, step: Step, result: StepResult, differs: Differs) -> StepResult:
        """What the invariants say, and who differs; a fault that met nothing is its author's mistake."""
        fits, seen = differs in ("", "oracle"), str(result.outcome)
        violations = self.world.check_invariants(step) if fits or step.faults else []
        idle = [violation for violation in violations if violation.rule == FAULT]
        if not fits:
            told = f"{seen}; {_told(idle)}" if idle else seen
            return replace(result, differs="author" if idle else differs, seen=told)
        if violations:
            rules = tuple(dict.fromkeys(violation.rule for violation in violations))
            who = "author" if idle == violations else "invariant"
            return replace(result, differs=who, seen=_told(violations), violated=rules)
        return replace(result, differs=differs, seen=seen) if differs else result

    def sentence(self, step: Step) -> str:
        """What a step says that happens."""
        words = self._words
        if step.together:
            return self._at_once(step, map(self.sentence, step.together))
        said = self._registry.verbs[step.verb].sentence(step.arguments, words.says.get(step.verb, ""), words.phrasing)
        return words.semicolon.join([said, *self._faults(step)])

    def _at_once(self, step: Step, sentences: Iterable[str]) -> str:
        said = self._words.by_turns if step.turns else self._words.at_once
        return said.format(turns=" ".join(map(str, step.turns)), sentences=self._words.semicolon.join(sentences))

    def _faults(self, step: Step) -> tuple[str, ...]:
        says, phrasing, faults = self._words.says, self._words.phrasing, self._registry.faults
        return tuple(
            faults[fault.name].sentence(fault.arguments, says.get(f"fault {fault.name}", ""), phrasing)
            for fault in step.faults
        )

    def _together(self, step: Step) -> StepResult:
        """Steps that happen at once: as many succeed as the author says, the others fail as he says."""
        inner = list(self._by_turns(step) if step.turns else self._one_by_one(step))
        succeeded = sum(result.outcome.kind == "allowed" for result in inner)
        others = f", the others {step.expected}" if step.expected.kind != "allowed" else ""
        result = StepResult(
            line=step.line,
            verb="together",
            sentence=self._at_once(step, (part.sentence for part in inner)),
            expected=f"{step.succeed} of {len(step.together)} succeed{others}",
            seen=self._words.succeed.format(succeeded=succeeded, count=len(inner)),
            clauses=_clauses([clause for part in inner for clause in part.clauses], Outcome("allowed"), step.quoted),
            inner=tuple(inner),
        )
        red = next((part for part in inner if not part.green), None)
        if red is not None:
            return replace(
                result, outcome=red.outcome, differs=red.differs, seen=f"{red.sentence}: {red.seen}", violated=red.violated
            )
        return result if succeeded == step.succeed else replace(result, differs="author and system")

    def _one_by_one(self, step: Step) -> Iterator[StepResult]:
        """Each act whole, up to the first that is red."""
        for part in step.together:
            result = self._as_foreseen(step, part, self._act(replace(part, expected=step.expected)))
            yield result
            if not result.green:
                return

    def _by_turns(self, step: Step) -> Iterator[StepResult]:
        """All of them; the oracle hears of them in an order that explains what came of them, if there is one."""
        parts = [replace(part, expected=step.expected) for part in step.together]
        came = [self._came(acted) for acted in act_at_once(self.world, self._registry, parts, in_order(step.turns))]
        order = self.opinion.order(parts, [one.outcome for one in came])
        judged = {number: self._as_foreseen(step, parts[number], came[number]) for number in order}
        for number, one in enumerate(came):
            yield judged.get(number) or self._as_foreseen(step, parts[number], one, asked=False)

    def _as_foreseen(self, step: Step, part: Step, came: _Came, asked: bool = True) -> StepResult:
        """Judge one of several acts: it may succeed, or fail as the author says."""
        fits = came.outcome.kind == "allowed" or as_expected(step.expected, came.outcome)
        expected = as_it_came(came.outcome) if fits else step.expected
        return self._judge(replace(part, expected=expected), came, asked)


def _clauses(of_verb: Sequence[ClauseId], outcome: Outcome, quoted: Sequence[ClauseId]) -> tuple[ClauseId, ...]:
    """The clauses that a step shows: its verb's, those of the rule that refused, and those quoted."""
    rule = outcome.detail.partition("/")[0] if outcome.kind == "refused" else ""
    of_rule = RULES[rule].clauses if rule in RULES else ()
    shown = {*of_verb, *of_rule, *quoted}
    return tuple(clause for clause in CLAUSES if clause in shown)


def _told(violations: Sequence[Violation]) -> str:
    return "; ".join(f"{violation.rule}: {violation.text}" for violation in violations)


def _outside(error: Exception, building: bool, scenario: Scenario, lang: str) -> StepResult:
    """The world failed outside of any act: while the preludes were played, or between the steps."""
    given = ", ".join(f"{person} {prelude}" for person, prelude in scenario.given) or "nothing"
    sentence = f"Given {given}" if building else "Between the steps"
    outcome = Outcome("crashed", place_of(error), text=error.text if isinstance(error, SoftcertError) else "")
    line = scenario.steps[0].line if building or not scenario.steps else scenario.steps[-1].line
    if isinstance(error, PreludeFailed):
        link, failed = error.link, error.result
        place = f"{link.person} {link.prelude}, {link.path}:{failed.line}"
        return replace(failed, line=line, verb="given", sentence=f"Given {place}: {failed.sentence}")
    if isinstance(error, CheckFailed):
        return StepResult(line, "given", sentence, expected=error.expected, outcome=Outcome("failed", error.seen),
                          differs="author", seen=error.seen)  # fmt: skip
    if isinstance(error, Refused):
        came = outcome_of(error, error.verdict)
        came = replace(came, text=language(lang).reads(came.told, came.text))
        return StepResult(line, "given", sentence, expected="allowed", outcome=came, verdict=error.verdict,
                          differs="author", seen=str(came))  # fmt: skip
    return StepResult(line, "given" if building else "world", sentence, expected="allowed", outcome=outcome,
                      differs="system", seen=outcome.detail)  # fmt: skip
