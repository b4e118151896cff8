"""One scenario played by hand: forwards, back, to any place, each outcome guessed before it is shown. Knows no terminal.

The world is a value: what it was before each stop is kept, and going back puts it there. Going forward from there again
makes the same bytes. A world of real sockets cannot be taken back: there only `next` works.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from softcert_sim.guessing import Question, Score, question_of
from softcert_sim.results import StepResult
from softcert_sim.scenario.model import Scenario, Step
from softcert_sim.stage import Moment, Stage


class CannotGoBack(Exception):
    """The world is one of real sockets."""


class NotBegun(Exception):
    """The scenario's preludes did not lead to where it begins."""


class Session:
    """A scenario and the place in it: `at` stops were played, and `shown` is what came of each.

    A stop is a step that does something, with the headings, quotations and notes before it.
    """

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        """Goes to where the scenario begins. Raises NotBegun."""
        self.scenario, self.stops = scenario, tuple(_stops(scenario.steps))
        self.score = Score()
        self.shown: list[tuple[StepResult, ...]] = []
        self._before: list[Moment] = []
        self._stage = stage
        try:
            self._play = stage.open(scenario)
        except Exception as error:
            raise NotBegun from error

    @property
    def world(self) -> Any:
        """The world as it is now. To look at only."""
        return self._play.world

    @property
    def at(self) -> int:
        """How many stops were played."""
        return len(self.shown)

    @property
    def red(self) -> bool:
        """Whether the last stop came out otherwise than its author says: there a scenario ends."""
        return bool(self.shown) and not self.shown[-1][-1].green

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to play."""
        return self.red or self.at == len(self.stops)

    @property
    def goes_back(self) -> bool:
        """Whether this world can be taken back."""
        return self._play.take().world is not None

    def close(self) -> None:
        """Give the world back."""
        self._stage.done(self._play)

    def sentence(self, number: int) -> str:
        """What happens at a stop, counted from 1; empty where nothing does."""
        step = self.stops[number - 1][-1]
        return self._play.sentence(step) if step.verb else ""

    def headings(self) -> Iterator[tuple[int, str]]:
        """Each heading, with the number of the stop that it stands before."""
        for number, stop in enumerate(self.stops, 1):
            yield from ((number, step.part) for step in stop if step.part)

    def first_refusal(self) -> int | None:
        """The first stop that its author expects to be refused or rejected."""
        kinds = ((number, stop[-1].expected.kind) for number, stop in enumerate(self.stops, 1))
        return next((number for number, kind in kinds if kind in ("refused", "rejected")), None)

    # Moving

    def next(self) -> tuple[StepResult, ...]:
        """Play the next stop; there must be one. Whatever interrupts it, the place stays."""
        before = self._play.take()
        try:
            results = tuple(self._play.step(step) for step in self.stops[self.at])
        except BaseException:
            self._put_back(before)
            raise
        self._before.append(before)
        self.shown.append(results)
        return results

    def back(self) -> None:
        """Undo the last stop; there must be one. Raises CannotGoBack."""
        self._put_back(self._before[-1])
        self._before.pop()
        self.shown.pop()

    def go(self, number: int) -> None:
        """Go to where stop `number` is the next one, or to a red one before it. Raises CannotGoBack."""
        if number - 1 < self.at:
            self._put_back(self._before[number - 1])
            del self._before[number - 1 :], self.shown[number - 1 :]
        while self.at < number - 1 and not self.ended:
            self.next()

    def _put_back(self, moment: Moment) -> None:
        if moment.world is None:
            raise CannotGoBack
        self._play.put_back(moment)

    # Guessing

    def ask(self) -> Question | None:
        """The next stop as a question; None where nobody decides anything, and at checks. Raises CannotGoBack."""
        if self.ended or self.stops[self.at][-1].verb.startswith("check-"):
            return None
        decided = len(self.world.verdicts)
        [*_, result] = self.next()
        verdicts = self.world.verdicts[decided:]
        self.back()
        if result.inner or not (verdicts or result.outcome.kind in ("rejected", "broken")):
            return None
        return question_of(result, {verdict.act for verdict in verdicts})


def _stops(steps: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    """The steps, each that does something with those before it; words at the very end are a stop of their own."""
    waiting: list[Step] = []
    for step in steps:
        waiting.append(step)
        if step.verb:
            yield tuple(waiting)
            waiting.clear()
    if waiting:
        yield tuple(waiting)
