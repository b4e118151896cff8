"""What a computer sees as its line: the recorded wire, with whoever sits in the middle of it.

Somebody who owns the line (or the computer) can put headers on requests, and change what the office answers. He cannot
sign as the office.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from softcert.ports import Request, Response
from softcert_sim.wire import LineFault, SimWire


@dataclass(frozen=True, slots=True)
class LineState:
    """A snapshot of a line."""

    faults: tuple[LineFault, ...]
    spoofed: Mapping[str, str]
    changes: Mapping[str, Callable[[bytes], bytes]]
    kept: bytes


def bearing(spoofed: Mapping[str, str], request: Request) -> Request:
    """The request with forged headers in the place of its own."""
    own = tuple((name, value) for name, value in request.headers if name not in spoofed)
    return Request(request.method, request.target, (*spoofed.items(), *own), request.body) if spoofed else request


class Line:
    """One computer's line (`ports.Wire`). `changes` says by target what is done to the body of an answer; `kept` is one
    of before."""

    def __init__(self, wire: SimWire) -> None:
        self.wire = wire
        self.origin = wire.origin
        self.spoofed: Mapping[str, str] = {}
        self.changes: Mapping[str, Callable[[bytes], bytes]] = {}
        self.kept = b""

    def send(self, request: Request) -> Response:
        """As the wire does, with the forged headers; what the office answers is changed as asked."""
        response = self.wire.send(bearing(self.spoofed, request))
        change = self.changes.get(request.target)
        if change is None or response.status >= 400:
            return response
        return Response(response.status, response.headers, change(response.body))

    def snapshot(self) -> LineState:
        """The line as a value."""
        return LineState(self.wire.faults.snapshot(), self.spoofed, self.changes, self.kept)

    def restore(self, saved: LineState) -> None:
        """As it was at `snapshot`."""
        self.wire.faults.restore(saved.faults)
        self.spoofed, self.changes, self.kept = saved.spoofed, saved.changes, saved.kept
