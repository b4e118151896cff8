"""What a computer sees as its line: the recorded wire, with whoever sits in the middle of it.

Somebody who owns the line (or the computer) can put headers on requests, and give another driver package than the
office's. He cannot sign as the office.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from softcert.ports import Request, Response
from softcert.protocol import DIRECTORY, decode, encode, from_bytes, to_bytes
from softcert_sim.wire import LineFault, SimWire


@dataclass(frozen=True, slots=True)
class LineState:
    """A snapshot of a line."""

    faults: tuple[LineFault, ...]
    spoofed: Mapping[str, str]
    package: str
    kept: bytes


class Line:
    """One computer's line (`ports.Wire`). `package` says what is done to a downloaded driver: see `_altered`."""

    def __init__(self, wire: SimWire) -> None:
        self.wire = wire
        self.origin = wire.origin
        self.spoofed: Mapping[str, str] = {}
        self.package = ""
        self.kept = b""

    def send(self, request: Request) -> Response:
        """As the wire does, with the forged headers; a driver package is altered as asked."""
        if self.spoofed:
            own = tuple((name, value) for name, value in request.headers if name not in self.spoofed)
            request = Request(request.method, request.target, (*self.spoofed.items(), *own), request.body)
        response = self.wire.send(request)
        if self.package and request.target == DIRECTORY["driver"]:
            return Response(response.status, response.headers, self._altered(response.body))
        return response

    def _altered(self, body: bytes) -> bytes:
        """The package with a byte changed, its signature taken away, or the one that was kept before."""
        offer: dict[str, Any] = from_bytes(body)
        if self.package == "older":
            return self.kept
        if self.package == "unsigned":
            offer["manifest"] = {**offer["manifest"], "signature": encode(bytes(64))}
        else:
            package = bytearray(decode(offer["package"]))
            package[len(package) // 2] ^= 1
            offer["package"] = encode(bytes(package))
        return to_bytes(offer)

    def snapshot(self) -> LineState:
        """The line as a value."""
        return LineState(self.wire.faults.snapshot(), self.spoofed, self.package, self.kept)

    def restore(self, saved: LineState) -> None:
        """As it was at `snapshot`."""
        self.wire.faults.restore(saved.faults)
        self.spoofed, self.package, self.kept = saved.spoofed, saved.package, saved.kept
