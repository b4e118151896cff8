"""The oracle beside a scenario: steps as its acts, its state from step to step, and who of the three differs."""

from collections.abc import Sequence
from dataclasses import asdict, replace

from softcert_sim import oracle
from softcert_sim.judge import place_of
from softcert_sim.oracle import Act, Expected, State
from softcert_sim.orders import explains, orders
from softcert_sim.results import Differs, Outcome
from softcert_sim.scenario.model import Link, Scenario, Step


class Beginnings:
    """The oracle's states after preludes, each found once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[Link, ...]], State] = {}

    def at(self, scenario: Scenario, played: int | None = None) -> State:
        """Where the scenario begins, or after as many of its preludes."""
        links = scenario.links[:played]
        key = (repr((scenario.policy, scenario.cast)), links)
        if key not in self._known:
            self._known[key] = (
                _after(self.at(scenario, len(links) - 1), scenario, links[-1])
                if links
                else oracle.begin(scenario.cast, asdict(scenario.policy))
            )
        return self._known[key]


def _after(state: State, scenario: Scenario, link: Link) -> State:
    if not link.steps:
        return oracle.given(state, scenario.cast, link.person, link.prelude)
    for step in link.steps:
        for act in step.together or (step,):
            state = oracle.predict(state, act_of(act))[1] if act.verb else state
    return state


def act_of(step: Step) -> Act:
    """A step as the oracle hears of it."""
    faults = tuple((fault.name, oracle.plain(fault.arguments)) for fault in step.faults)
    return Act(step.verb, oracle.plain(step.arguments), faults, step.label)


class Opinion:
    """What the oracle thinks from step to step. Without a state, or once it stumbled, it has no opinion any more.

    `stumbled` says where and how it did at the latest step.
    """

    def __init__(self, state: State | None) -> None:
        self.state = state
        self.stumbled = ""

    def of(self, step: Step, outcome: Outcome) -> Expected | None:
        """What must come of this step; then it goes on, knowing what did come."""
        self.stumbled = ""
        if self.state is None:
            return None
        failed = outcome.kind == "failed"
        try:
            expected, self.state = oracle.predict(
                self.state, act_of(step), (outcome.kind, "" if failed else outcome.detail)
            )
        except Exception as error:  # noqa: BLE001  (steps that nobody foresaw are no opinion, which is counted and told)
            expected = self.state = None
            self.stumbled = place_of(error)
        return expected

    def order(self, steps: Sequence[Step], outcomes: Sequence[Outcome]) -> Sequence[int]:
        """The numbers of these acts, which happened at once, in an order that leads to what came of them; where there is
        none, as they stand."""
        return next((order for order in orders(steps) if self._leads(order, steps, outcomes)), range(len(steps)))

    def _leads(self, order: Sequence[int], steps: Sequence[Step], outcomes: Sequence[Outcome]) -> bool:
        beside = Opinion(self.state)
        for number in order:
            outcome = outcomes[number]
            expected = beside.of(steps[number], outcome)
            if expected is not None and expected.said != (outcome.kind, outcome.detail):
                return False
        return explains({number: str(outcomes[number]) for number in order}, steps, list(map(str, outcomes)))


def who_differs(step: Step, as_author_says: bool, opinion: Expected | None, outcome: Outcome) -> Differs:
    """Nobody, or who of author, oracle and system."""
    if opinion is None:
        return "" if as_author_says else "author and system"
    author = opinion.said == (step.expected.kind, step.expected.detail)
    system = opinion.said == (outcome.kind, "" if outcome.kind == "failed" else outcome.detail)
    if as_author_says:
        return "" if system else "oracle"
    if author and system:  # and yet the user heard something else than the author says
        return "author and system"
    return "system alone" if author else "author alone" if system else "all"


def without_reasons(opinion: Expected | None, red: bool) -> Expected | None:
    """Reasons are kept where somebody will ask for them."""
    return replace(opinion, because=()) if opinion and not red else opinion
