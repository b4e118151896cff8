"""The line: what a tap sees, how it breaks, and digests that repeat."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from softcert.errors import MaybeDone, NotDone
from softcert.ports import Request, Response
from softcert.protocol import JOSE, sign, signer_of
from softcert_sim.clock import SimClock
from softcert_sim.http1 import parse_response
from softcert_sim.transport import Killed, MemoryTransport
from softcert_sim.wire import Recorder, SimWire

ORIGIN = "https://office.example"
KEY = signer_of(ec.derive_private_key(7, ec.SECP256R1()))


class Counter:
    """An office that counts what reaches it, and answers with the count."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.dies_at = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.bodies.append((await receive())["body"])
        if len(self.bodies) == self.dies_at:
            raise Killed
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(len(self.bodies)).encode()})


class Line:
    """A line to a counting office, and everything around it."""

    def __init__(self) -> None:
        self.office, self.clock, self.recorder = Counter(), SimClock(100), Recorder()
        transport = MemoryTransport({ORIGIN: self.office})
        self.wire = SimWire(
            ORIGIN, "office-pc", transport, self.recorder, clock=self.clock, wait=self.clock.advance
        )  # fmt: skip

    def post(self, path: str = "/apply", body: bytes = b"{}") -> Response:
        return self.wire.send(Request("POST", path, (("content-type", JOSE),), body))


@pytest.fixture
def line() -> Line:
    return Line()


def test_a_tap_sees_the_bytes_in_order(line: Line) -> None:
    line.post(body=b'{"a":1}')
    line.clock.advance(5)
    line.wire.send(Request("GET", "/nonce"))
    first, second = line.recorder.exchanges
    assert first.request == (
        b"POST /apply HTTP/1.1\r\nhost: office.example\r\ncontent-type: application/jose+json\r\n"
        b'content-length: 7\r\n\r\n{"a":1}'
    )
    assert first.response == b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1"
    assert [(one.number, one.at, one.computer, one.method, one.target, one.status) for one in (first, second)] == [
        (1, 100, "office-pc", "POST", "/apply", 200),
        (2, 105, "office-pc", "GET", "/nonce", 200),
    ]


def test_without_a_line_nothing_arrives_and_the_sender_knows(line: Line) -> None:
    line.wire.faults.arm("no-line")
    with pytest.raises(NotDone):
        line.post()
    with pytest.raises(NotDone):
        line.post()
    assert line.office.bodies == []
    line.wire.faults.disarm()
    assert line.post().body == b"1"


def test_a_request_cut_on_its_way_leaves_the_sender_in_doubt(line: Line) -> None:
    line.wire.faults.arm("cut-request")
    with pytest.raises(MaybeDone):
        line.post()
    assert line.office.bodies == []
    assert [(one.fault, one.response) for one in line.recorder.exchanges] == [("cut-request", None)]


def test_an_answer_cut_on_its_way_was_given_all_the_same(line: Line) -> None:
    line.wire.faults.arm("cut-answer")
    with pytest.raises(MaybeDone):
        line.post()
    assert len(line.office.bodies) == 1
    (lost,) = line.recorder.exchanges
    assert lost.response is not None
    assert (lost.fault, parse_response(lost.response).body) == ("cut-answer", b"1")


def test_a_doubled_request_arrives_twice_and_its_first_answer_counts(line: Line) -> None:
    line.wire.faults.arm("duplicate-request")
    assert line.post(body=b"same").body == b"1"
    assert line.office.bodies == [b"same", b"same"]
    assert [one.fault for one in line.recorder.exchanges] == ["", "duplicate-request"]


def test_what_becomes_of_the_second_delivery_is_not_the_sender_s_concern(line: Line) -> None:
    line.office.dies_at = 2
    line.wire.faults.arm("duplicate-request")
    assert line.post().body == b"1"
    with pytest.raises(NotDone):
        line.post()


def test_an_office_that_dies_over_a_request_leaves_the_sender_in_doubt(line: Line) -> None:
    line.office.dies_at = 1
    with pytest.raises(MaybeDone):
        line.post()
    assert [(one.fault, one.response) for one in line.recorder.exchanges] == [("broken", None)]


def test_a_slow_line_takes_its_time_for_every_request_until_it_is_sound(line: Line) -> None:
    line.wire.faults.arm("slow-line", seconds=30)
    line.post()
    line.post()
    assert line.clock.now() == 160
    line.wire.faults.disarm()
    line.post()
    assert line.clock.now() == 160


@pytest.mark.parametrize(
    ("matching", "nth", "struck"),
    [("any", 1, 0), ("any", 3, 2), ("signed", 1, 1), ("signed", 2, 2), ("download", 1, 2), ("nonce", 1, 0)],
)
def test_a_fault_strikes_the_nth_request_of_its_kind(line: Line, matching: str, nth: int, struck: int) -> None:
    line.wire.faults.arm("cut-answer", matching, nth)
    acts = [
        lambda: line.wire.send(Request("GET", "/nonce?x")),
        lambda: line.post("/apply"),
        lambda: line.post("/download/abc.def"),
        lambda: line.post("/apply"),
    ]
    failed: list[int] = []
    for number, act in enumerate(acts):
        try:
            act()
        except MaybeDone:
            failed.append(number)
    assert failed == [struck]


def test_a_replay_sends_the_captured_bytes_again(line: Line) -> None:
    line.post(body=b'{"a":1}')
    thief = SimWire(
        "https://elsewhere.example", "cafe-pc", MemoryTransport({ORIGIN: line.office}), line.recorder,
        clock=line.clock, wait=line.clock.advance,
    )  # fmt: skip
    assert thief.replay(line.recorder.exchanges[0]).body == b"2"
    first, again = line.recorder.exchanges
    assert again.request == first.request
    assert (again.computer, again.fault, again.origin) == ("cafe-pc", "replay", ORIGIN)


def test_snapshots_hold_exchanges_and_faults(line: Line) -> None:
    line.wire.faults.arm("cut-answer", nth=2)
    line.post()
    saved, faults = line.recorder.exchanges, line.wire.faults.snapshot()
    with pytest.raises(MaybeDone):
        line.post()
    line.recorder.exchanges = saved
    line.wire.faults.restore(faults)
    assert len(line.recorder.exchanges) == 1
    with pytest.raises(MaybeDone):
        line.post()


# Digests


def backup_message(file_digest: str) -> bytes:
    """A signed message with a signed message in it, in which a file's digest stands."""
    inner = sign({"url": "u", "serial": "1"}, json.dumps({"content": {"sha256": file_digest}}).encode(), KEY)
    return json.dumps(sign({"nonce": "n"}, json.dumps({"act": "backup", "inner": inner}).encode(), KEY)).encode()


def test_a_digest_is_exact_to_the_byte() -> None:
    def digest(body: bytes) -> str:
        line = Line()
        line.post(body=body)
        return line.recorder.exchanges[0].digest((("f" * 64, "the backup"),))

    assert digest(b'{"a": 1}') == digest(b'{"a": 1}')
    assert digest(b'{"a": 1}') != digest(b'{"a":1 }')
    message = backup_message("e" * 64)
    assert digest(message) != digest(message.replace(b'"protected"', b' "protected"'))


def test_what_a_library_drew_by_itself_changes_no_digest() -> None:
    def digest(file_digest: str, *, declared: bool = True, path: str = "/backup") -> str:
        line = Line()
        line.post(path, backup_message(file_digest))
        return line.recorder.exchanges[0].digest(((file_digest, "the backup"),) if declared else ())

    assert digest("a" * 64) == digest("b" * 64)
    assert digest("a" * 64, declared=False) != digest("b" * 64, declared=False)
    assert digest("a" * 64) != digest("a" * 64, path="/other")


def test_other_content_beside_a_volatile_value_still_counts() -> None:
    def digest(act: str) -> str:
        line = Line()
        line.post(body=json.dumps(sign({}, json.dumps({"act": act, "sha256": "a" * 64}).encode(), KEY)).encode())
        return line.recorder.exchanges[0].digest((("a" * 64, "the backup"),))

    assert digest("backup") != digest("recover")
