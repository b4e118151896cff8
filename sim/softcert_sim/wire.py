"""The line from one computer to the office: real HTTP bytes, recorded, and cut or doubled on request.

Whoever taps the line has the recorder's exchanges, and may `replay` them.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from softcert.errors import Broken
from softcert.ports import Clock, Request, Response
from softcert.protocol import ACME, JOSE, PROBLEM, from_bytes
from softcert_sim import opened
from softcert_sim.http1 import complete, dump_request, dump_response, parse_request, parse_response
from softcert_sim.transport import Transport, cut, refused

LineFaultKind = Literal["no-line", "cut-request", "cut-answer", "duplicate-request", "slow-line"]
LASTING: tuple[LineFaultKind, ...] = ("no-line", "slow-line")
"""Kinds that strike not one request, but every one from some on."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back. `at` is the simulation's clock; `response` is None when the office saw nothing.

    With `fault` `cut-answer` there is a response: it left the office and did not arrive.
    """

    number: int
    at: int
    origin: str
    computer: str
    method: str
    target: str
    request: bytes
    response: bytes | None
    fault: str = ""

    @property
    def status(self) -> int:
        """The status of the response, 0 without one."""
        return 0 if self.response is None else parse_response(self.response).status

    @property
    def error(self) -> str:
        """The name of the protocol error that was answered, or an empty string."""
        if self.response is None or PROBLEM.encode() not in self.response:
            return ""
        answer = parse_response(self.response)
        if answer.header("content-type") != PROBLEM or not answer.body:
            return ""
        _, found, name = str(from_bytes(answer.body).get("type", "")).partition(ACME)
        return name if found else ""

    def digest(self, substitutions: tuple[tuple[str, str], ...] = ()) -> str:
        """SHA-256 (hex) over the exchange, the same on every run of the same seed.

        `substitutions` are (value, stable name) of what a library drew by itself, such as the SHA-256 of a PKCS#12 file.
        Byte-exact, but for messages in which such a value stands: there the stable name is put in its place, inside
        signed payloads too, and signatures over it are left out.
        """
        return _digest(self, substitutions)


@lru_cache(maxsize=4096)
def _digest(exchange: Exchange, substitutions: tuple[tuple[str, str], ...]) -> str:
    """Every scenario of a run has the exchanges of its preludes in common."""
    messages = exchange.request, exchange.response or b""
    request, response = (opened.stable(part, dict(substitutions)) if substitutions else part for part in messages)
    which = f"{exchange.number} {exchange.at} {exchange.origin} {exchange.computer}"
    what = f"{exchange.method} {exchange.target} {exchange.fault}"
    digest = sha256()
    for part in (which.encode(), what.encode(), request, response):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


class Recorder:
    """Every exchange of a world, in order; `watch` is told each."""

    def __init__(self, watch: Callable[[Exchange], None] | None = None) -> None:
        self.exchanges: tuple[Exchange, ...] = ()
        self.watch = watch

    def add(self, exchange: Exchange) -> Exchange:
        """Keep an exchange under the next number, counted from 1."""
        exchange = replace(exchange, number=len(self.exchanges) + 1)
        self.exchanges = (*self.exchanges, exchange)
        if self.watch is not None:
            self.watch(exchange)
        return exchange


@dataclass(frozen=True, slots=True)
class LineFault:
    """A fault that strikes at the `left`-th matching request from now; one that lasts strikes every one from there on.

    `matching` is `any`, `signed`, or the first name of the path: `apply`, `download`, `nonce`.
    """

    kind: LineFaultKind
    matching: str
    left: int
    seconds: int = 0

    def counts(self, request: Request) -> bool:
        """Whether this request is one of those."""
        if self.matching == "signed":
            return request.method == "POST" and ("content-type", JOSE) in request.headers
        first = request.target.partition("?")[0].strip("/").partition("/")[0]
        return self.matching in ("any", first)


class LineFaults:
    """What is wrong with one computer's line, or will be."""

    def __init__(self) -> None:
        self.armed: tuple[LineFault, ...] = ()

    def arm(self, kind: LineFaultKind, matching: str = "any", nth: int = 1, *, seconds: int = 0) -> None:
        """Let a fault strike at the `nth` matching request from now, the first being 1, and one that lasts each
        from there on; a slow line delays it by `seconds`. Raises ValueError."""
        if nth < 1:
            raise ValueError(f"The first request is 1, not {nth}.")
        self.armed = (*self.armed, LineFault(kind, matching, nth, seconds))

    def waiting(self) -> list[LineFault]:
        """Those that have struck nothing yet."""
        return [fault for fault in self.armed if fault.left > 0]

    def disarm(self) -> None:
        """The line is sound again."""
        self.armed = ()

    def strike(self, request: Request) -> list[LineFault]:
        """Count a request; the faults that strike it."""
        if not self.armed:
            return []
        counted = [(fault.counts(request), fault) for fault in self.armed]
        after = [replace(fault, left=fault.left - 1) if counts else fault for counts, fault in counted]
        self.armed = tuple(fault for fault in after if fault.left > 0 or fault.kind in LASTING)
        return [fault for (counts, _), fault in zip(counted, after, strict=True) if counts and fault.left <= 0]

    def snapshot(self) -> tuple[LineFault, ...]:
        """The faults, as a value."""
        return self.armed

    def restore(self, saved: tuple[LineFault, ...]) -> None:
        """As it was at `snapshot`."""
        self.armed = saved


class SimWire:
    """A computer's line to one origin (`ports.Wire`). `wait` lets time pass when the line is slow."""

    def __init__(
        self,
        origin: str,
        computer: str,
        transport: Transport,
        recorder: Recorder,
        *,
        clock: Clock,
        wait: Callable[[int], None],
        faults: LineFaults | None = None,
    ) -> None:
        self.origin = origin
        self.computer = computer
        self.faults = faults or LineFaults()
        self._transport, self._recorder = transport, recorder
        self._clock, self._wait = clock, wait

    def send(self, request: Request) -> Response:
        """Send a request. Raises `NotDone` when nobody could be reached, `MaybeDone` when the line was cut: a sender
        cannot tell a cut before the request arrived from one after it. Raises ValueError for what is no HTTP."""
        return self._send(complete(request, self.origin), "")

    def replay(self, exchange: Exchange) -> Response:
        """Send captured bytes once more, to the origin for which they were meant. Raises as `send` does."""
        return self._send(parse_request(exchange.request), "replay", exchange.origin)

    def _send(self, request: Request, how: str, origin: str = "") -> Response:
        origin = origin or self.origin
        strikes = {fault.kind: fault.seconds for fault in self.faults.strike(request)}
        self._wait(strikes.get("slow-line", 0))
        if "no-line" in strikes:
            self._note(origin, request, "no-line")
            raise refused(origin)
        if "cut-request" in strikes:
            self._note(origin, request, "cut-request")
            raise cut(origin)
        fault = "cut-answer" if "cut-answer" in strikes else how
        response = self._deliver(origin, request, fault)
        if "duplicate-request" in strikes:
            with suppress(Broken):  # the first answer has arrived already
                self._deliver(origin, request, "duplicate-request")
        if "cut-answer" in strikes:
            raise cut(origin)
        return response

    def _deliver(self, origin: str, request: Request, fault: str) -> Response:
        at, sent = self._clock.now(), dump_request(request)
        try:
            response = self._transport.send(origin, request)
        except Broken:
            self._recorder.add(self._exchange(origin, request, sent, None, fault or "broken", at))
            raise
        self._recorder.add(self._exchange(origin, request, sent, dump_response(response), fault, at))
        return response

    def _note(self, origin: str, request: Request, fault: str) -> None:
        at, sent = self._clock.now(), dump_request(request)
        self._recorder.add(self._exchange(origin, request, sent, None, fault, at))

    def _exchange(
        self, origin: str, request: Request, sent: bytes, received: bytes | None, fault: str, at: int
    ) -> Exchange:
        return Exchange(0, at, origin, self.computer, request.method, request.target, sent, received, fault)
