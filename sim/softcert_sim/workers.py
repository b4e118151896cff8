"""Work shared out among processes: results come in order, and when the parent stops, all stop at once.

A worker does not hear Ctrl-C; it ends when the parent closes a pipe, or is no more. What it works on is left in the
middle, by `Stopped`. Nothing else of it is: a result that is half sent would be waited for, for ever.
"""

import _thread
import contextlib
import multiprocessing
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_AGAIN = 0.1
"""Seconds after which a worker is interrupted again that let it pass: Python drops what is raised in a finalizer."""


class Stopped(BaseException):
    """The parent stops. No `Exception`: whoever works would take it for one of his own."""


def share_out(
    work: Callable[[T], R], items: Sequence[T], workers: int, prepare: Callable[[], None] | None = None
) -> Iterator[R]:
    """What comes of each item, in order. Each worker calls `prepare` first. Both are sent by name: no lambdas.

    Raises `BrokenProcessPool` where a worker died.
    """
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    with reader, writer, ProcessPoolExecutor(min(workers, len(items)), context, _begin, (reader, prepare)) as pool:
        try:
            with _deaf_to_ctrl_c():
                coming = pool.map(partial(_attempt, work), items)
            yield from coming
        finally:
            writer.close()


@contextlib.contextmanager
def asked_apart(workers: int, prepare: Callable[[], None]) -> Generator[Sequence["Ask"]]:
    """Workers that each keep something of their own, and are asked one by one: (work, item) gives what will come of it,
    in the order of the questions. As with `share_out`, all is sent by name, and all stop at once."""
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    with reader, writer, contextlib.ExitStack() as stack:
        pools = [ProcessPoolExecutor(1, context, _begin, (reader, prepare)) for _ in range(workers)]
        for pool in pools:
            stack.enter_context(pool)
        try:
            yield [partial(_ask, pool) for pool in pools]
        finally:
            writer.close()


Ask = Callable[[Callable[[Any], Any], Any], "Future[Any]"]


def _ask(pool: ProcessPoolExecutor, work: Callable[[Any], Any], item: Any) -> "Future[Any]":
    with _deaf_to_ctrl_c():
        return pool.submit(_attempt, work, item)


@contextlib.contextmanager
def _deaf_to_ctrl_c() -> Generator[None]:
    """Ctrl-C is the parent's to answer, once this has ended; processes started in here never hear it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- In a worker ------------------------------------------------------------------------------------------------------

class _Here:
    """What goes on in this worker."""

    working = False
    stopping = False


def _begin(parent: Connection, prepare: Callable[[], None] | None) -> None:
    signal.signal(signal.SIGINT, _interrupt)
    threading.Thread(target=_stop_with, args=(parent,), daemon=True).start()
    if prepare is not None:
        with contextlib.suppress(Stopped):
            _attempt(lambda _: prepare(), None)


def _attempt(work: Callable[[T], R], item: T) -> R:
    try:
        _Here.working = True  # before it is asked whether all are stopping, or nobody would interrupt it
        if _Here.stopping:
            raise Stopped
        return work(item)
    finally:
        _Here.working = False


def _stop_with(parent: Connection) -> None:
    with contextlib.suppress(EOFError, OSError):
        parent.recv_bytes()
    _Here.stopping = True
    while _Here.working:
        _thread.interrupt_main(signal.SIGINT)
        threading.Event().wait(_AGAIN)


def _interrupt(*_: object) -> None:
    if _Here.working:
        raise Stopped
