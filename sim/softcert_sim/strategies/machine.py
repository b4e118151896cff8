"""Any life, act by act, on the real office, drivers and disks; after each act invariants and oracle are asked.

A violation is what `softcert run` would call red. It is raised with a scenario file in which each step bears the outcome
that the oracle predicts: run it, make it smaller (`softcert shrink`), keep it.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import ClassVar

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from softcert.rules.policy import Policy
from softcert_sim import oracle
from softcert_sim.explorer.expand import begin, possible
from softcert_sim.explorer.scopes import ACTS, LIFE, Scope, steps_for
from softcert_sim.judge import as_it_came
from softcert_sim.opinion import act_of
from softcert_sim.product import product
from softcert_sim.results import StepResult
from softcert_sim.scenario.model import Expectation, Step
from softcert_sim.shrink import as_file
from softcert_sim.stage import Play, Setting, Stage
from softcert_sim.strategies.acts import sometimes, struck
from softcert_sim.world import World

MEETING = Scope(
    name="meeting",
    about="Two applicants and a thief, three computers of which all use one, two drives; faults, time, a mail scanner.",
    given=(),
    seats=(
        ("li-wei", "office-pc"), ("zhang-min", "studio-pc"), ("li-wei", "home-pc"), ("zhang-min", "home-pc"),
        ("thief", "home-pc"),
    ),
    drives=("red-usb", "blue-usb"),
    acts=tuple(ACTS),
    goals=(),
    depth=0,
    faults=tuple(name for name in product().registry.faults if name not in ("slow-line", "no-line")),
)  # fmt: skip
"""What may happen in a life, as a scope says it."""
BEGINNINGS = ("active", "backed-up", "pin-changed", "downloaded", "approved", "applied", "driver-installed", "nothing")
SHORT = Policy(pin_tries=2, activation_tries=2, flood_limit=2)
WORLDS = (
    Policy(), SHORT, Policy(recovery="copy"), Policy(wrong_computer="burn", link_visit="burns"),
    Policy(recovery_proof="none"), Policy(repeat_until_acknowledged=False), Policy(link_reissue=False, same_computer=4),
)  # fmt: skip


class Found(AssertionError):
    """Something is wrong. `file` is the scenario that shows it."""

    def __init__(self, said: str, file: str) -> None:
        super().__init__(f"{said}\n\n{file}")
        self.file = file


@lru_cache(maxsize=1)
def stage() -> Stage:
    """Where all machines play: worlds and beginnings are built once. Whoever breaks the product closes it afterwards."""
    return Stage(product(), Setting())


class Process(RuleBasedStateMachine):
    """The whole process. Each act of the scope is a rule, `act_…`, drawn only where it means something.

    A subclass may change who, where and what (`scope`), the preludes with which applicants begin (`beginnings`) and the
    assumptions (`policies`); its own rules do what they do by `do`, its invariants look at `world`.
    """

    scope: ClassVar[Scope] = MEETING
    beginnings: ClassVar[tuple[str, ...]] = BEGINNINGS
    policies: ClassVar[tuple[Policy, ...]] = WORLDS
    seed: ClassVar[int] = 1

    play: Play
    """Office, computers, people (`play.world`), and what the oracle makes of them."""
    steps: list[Step]
    """What was done so far, with the outcomes that the oracle predicted."""
    went_well: Counter[str]
    """How often each act of an honest life was done by `goes_on`."""

    @initialize(data=st.data(), good=st.integers(0, 12))
    def begin(self, data: st.DataObject, good: int) -> None:
        """Somewhere in the process, under some assumptions; for a while all goes well."""
        policy = data.draw(st.sampled_from(self.policies), "policy")
        self.start(policy, {who: data.draw(st.sampled_from(self.beginnings), who) for who in self.scope.applicants})
        for _ in range(good):
            self.goes_on(data)

    def start(self, policy: Policy, given: Mapping[str, str]) -> None:
        """Begin a life under these assumptions, each person after a prelude. Raises what the preludes raise."""
        places = tuple((who, prelude) for who, prelude in given.items() if prelude != "nothing")
        scenario = begin(replace(self.scope, given=places, policy=policy))
        self.scenario, self.steps, self.went_well = replace(scenario, seed=self.seed), [], Counter[str]()
        self.play = stage().open(self.scenario)

    @property
    def world(self) -> World:
        """The world as it is now."""
        assert isinstance(self.play.world, World)
        return self.play.world

    def do(self, step: Step) -> StepResult | None:
        """Do this, and ask invariants and oracle. None, with all as before, where it meant nothing: somebody lacks what
        the act needs, or the fault has no such moment. Raises `Found`."""
        before = self.play.take()
        result = self.play.anyhow(step)
        if result.differs == "author":
            self.play.put_back(before)
            return None
        event(f"{step.verb}: {result.outcome}")
        self.steps.append(replace(step, expected=_predicted(result)))
        if not result.green:
            said = f"{result.sentence}: {self._complaint(result)}"
            raise Found(said, as_file(replace(self.scenario, steps=tuple(self.steps)), product().registry, said))
        return result

    @rule(data=st.data())
    def goes_on(self, data: st.DataObject) -> None:
        """What was done least of an honest life, and will be allowed as the oracle expects: left to chance, lives seldom
        get far."""
        acts = data.draw(st.permutations([act for act in LIFE if act in self.scope.acts]), "acts")
        for act in sorted(acts, key=lambda act: self.went_well[act]):
            if able := [step for step in self.doable(act) if self._goes_well(step)]:
                self.went_well[act] += 1
                self.do(data.draw(st.sampled_from(able), "step"))
                return

    def _goes_well(self, step: Step) -> bool:
        state = self.play.opinion.state
        expected = oracle.predict(state, act_of(step))[0] if state else None
        return expected is not None and expected.kind == "allowed"

    def doable(self, act: str) -> list[Step]:
        """What this act of the scope can be now."""
        if act not in self.scope.acts or not hasattr(self, "play"):
            return []
        return [step for step in steps_for(act, self.scope) if possible(self.world, step)]

    def _complaint(self, result: StepResult) -> str:
        if result.differs == "oracle":
            return f"expected {result.opinion}, and it was {result.outcome}"
        return result.seen


def _predicted(result: StepResult) -> Expectation:
    """What the oracle said must come; where it has no opinion, or is right, what came."""
    opinion, outcome = result.opinion, result.outcome
    if (
        result.differs != "oracle"
        or opinion is None
        or opinion.kind not in ("allowed", "refused", "rejected", "broken")
    ):
        return as_it_came(outcome)
    return Expectation(opinion.kind, opinion.detail)


def _rule_of(act: str) -> Callable[..., None]:
    """The rule for one act of `ACTS`."""

    def doing(self: Process, data: st.DataObject) -> None:
        step = data.draw(st.sampled_from(self.doable(act)), "step")
        self.do(struck(step, data.draw(sometimes(self.scope), "fault")))

    doing.__name__ = f"act_{act.replace('-', '_')}"
    able: Callable[[Process], bool] = lambda self: bool(self.doable(act))  # noqa: E731
    return precondition(able)(rule(data=st.data())(doing))


for _act in ACTS:
    setattr(Process, f"act_{_act.replace('-', '_')}", _rule_of(_act))
