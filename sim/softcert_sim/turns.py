"""Acts that happen at once, by turns: each goes on until the office is about to begin its next transaction.

Laws: exactly one act runs at any time, so that the same turns give the same bytes; an act waits only where the office has
no transaction open. Each act is a thread, because a driver waits for its answer, and yet no two ever run.
"""

import ctypes
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection

from softcert.driver import Driver
from softcert.errors import Refused, Rejected
from softcert.ports import Request, Response
from softcert.rules.verdict import Verdict
from softcert_ca.store import Store
from softcert_sim.orders import Choose
from softcert_sim.scenario.model import Step
from softcert_sim.transport import MemoryTransport

if TYPE_CHECKING:
    from softcert_sim.world import World

class TurnStore(Store):
    """The office's database; an act that has turns waits for its own before each transaction that may write."""

    @contextmanager
    def begin(self) -> Generator[Connection, None, None]:
        """As `Store.begin`."""
        _wait()
        with super().begin() as connection:
            yield connection


class TurnTransport(MemoryTransport):
    """Carries requests in memory; an act that has turns waits for its own before each GET, which reads once.

    What else only reads at the office is its time, for a nonce, and nothing depends on when.
    """

    def send(self, origin: str, request: Request) -> Response:
        """As `MemoryTransport.send`."""
        if request.method == "GET":
            _wait()
        return super().send(origin, request)


class _Left(BaseException):
    """Nobody goes on with these acts: whoever waits is to end."""


class _Act(threading.Thread):
    """One act. `result` is what it gave."""

    def __init__(self, call: Callable[[], Any], back: threading.Semaphore) -> None:
        super().__init__(daemon=True)
        self._call, self._back, self._go = call, back, threading.Semaphore(0)
        self.result: Any = None
        self.error: BaseException | None = None
        self.ended = self.left = self.running = False

    def turn(self) -> None:
        """Let it run until it waits or ends. Raises what it raises."""
        if not self.is_alive():
            self.start()
        self.running = True
        self._go.release()
        self._back.acquire()
        self.running = False
        if self.error is not None:
            raise self.error

    def wait(self) -> None:
        """Called in the act: the others' turn."""
        if not self.left:
            self._back.release()
            self._go.acquire()
        if self.left:
            raise _Left

    def leave(self) -> None:
        """Be rid of it, wherever it is."""
        if self.is_alive():
            self.left = True
            if self.running:  # nobody waits for it any more, and it may never come to an end by itself
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident or 0), ctypes.py_object(_Left))
            self._go.release()
            self.join()

    def run(self) -> None:
        """The act, from its first turn to its end."""
        self._go.acquire()
        try:
            self.result = self._call()
        except BaseException as error:  # noqa: BLE001  (it is raised where somebody waits for the act)
            self.error = error
        self.ended = True
        self._back.release()


def _wait() -> None:
    act = threading.current_thread()
    if isinstance(act, _Act):
        act.wait()


def by_turns(calls: Sequence[Callable[[], Any]], choose: Choose, enter: Callable[[int], None]) -> list[Any]:
    """What each of these gave; `enter` is called before each turn with the act's number. Raises what an act raises."""
    back = threading.Semaphore(0)
    acts = [_Act(call, back) for call in calls]
    try:
        while going := [number for number, act in enumerate(acts) if not act.ended]:
            number = choose(going)
            enter(number)
            acts[number].turn()
    finally:
        for act in acts:
            act.leave()
    return [act.result for act in acts]


class Came(NamedTuple):
    """What an act gave or raised, and what was decided in it."""

    result: Any
    verdicts: tuple[Verdict, ...]


def at_once(world: "World", steps: Sequence[Step], calls: Sequence[Callable[[], Any]], choose: Choose) -> list[Came]:
    """What each of these steps gave or raised, and the verdicts in it; all end once the last of them is done.

    Two acts at one computer are two runs of its driver: they share its disk and secure element, not its memory.
    """
    world.begin(steps[0])
    opened, before, running = world.trace.open, len(world.verdicts), _Running(world, steps)
    results = by_turns(calls, choose, running.enter)
    running.enter(None)
    del world.verdicts[before:]
    # What is refused changes nothing: of all that happened at once that can be asked only where nothing else was done.
    changing = any(not isinstance(result, (Refused, Rejected)) for result in results)
    image = world.store.snapshot() if changing else opened.image
    for step, result, verdicts in zip(steps, results, running.verdicts, strict=True):
        world.trace = replace(world.trace, open=opened._replace(label=step.label, image=image))
        world.verdicts.extend(verdicts)
        world.end(step, result)
    return [Came(*pair) for pair in zip(results, map(tuple, running.verdicts), strict=True)]


class _Running:
    """Whose turn it is, with the driver that each act runs and the verdicts of each."""

    def __init__(self, world: "World", steps: Sequence[Step]) -> None:
        self.verdicts: list[list[Verdict]] = [[] for _ in steps]
        self._world, self._steps = world, steps
        self._drivers: dict[int, Driver] = {}
        self._now: int | None = None
        self._seen = len(world.verdicts)

    def enter(self, number: int | None) -> None:
        """The turn of this act; None: of nobody."""
        if self._now is not None:
            self.verdicts[self._now] += self._world.verdicts[self._seen :]
        self._now, self._seen = number, len(self._world.verdicts)
        place = None if number is None else self._world.places.get(self._steps[number].arguments.get("at", ""))
        if number is None or place is None:
            return
        if number not in self._drivers:
            self._world.renew(self._steps[number].arguments["at"], place.driver.memory)
            self._drivers[number] = place.driver
        place.driver = self._drivers[number]
