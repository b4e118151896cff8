"""Slow, broken and oversized requests cost the office nothing that lasts (ATTACKS 60)."""

import gc
import tracemalloc
from types import coroutine

import pytest

from softcert.protocol import BODY_LIMIT, DIRECTORY, JOSE


class SlowClient:
    """A client whose request arrives in pieces, when it likes."""

    def __init__(self, app, target):
        self.arrived, self.sent = [], []
        headers = [(b"content-type", JOSE.encode())]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "https",
            "path": target, "raw_path": target.encode(), "query_string": b"", "root_path": "", "headers": headers,
            "client": ("192.0.2.1", 1), "server": ("192.0.2.2", 443),
        }  # fmt: skip
        self.running = app(scope, self.receive, self.send)
        self.running.send(None)

    @coroutine
    def receive(self):
        while not self.arrived:
            yield
        return self.arrived.pop(0)

    async def send(self, message):
        self.sent.append(message)

    def sends(self, message):
        """One more piece arrives; the status, once there is one."""
        self.arrived.append(message)
        try:
            self.running.send(None)
        except StopIteration:
            return self.sent[0]["status"]
        return None


def test_slow_clients_keep_nobody_waiting(bench):
    slow = [SlowClient(bench.office.app, DIRECTORY["apply"]) for _ in range(50)]
    for client in slow:
        assert client.sends({"type": "http.request", "body": b'{"payload": "', "more_body": True}) is None
    bench.active(bench.computer("li-wei"))
    assert slow[0].sends({"type": "http.request", "body": b'"}', "more_body": False}) == 400
    assert {client.sends({"type": "http.disconnect"}) for client in slow[1:]} == {400}


def test_a_body_that_does_not_end_is_refused_when_it_is_too_large(bench):
    client = SlowClient(bench.office.app, DIRECTORY["apply"])
    piece = {"type": "http.request", "body": b"x" * 1024, "more_body": True}
    statuses = [client.sends(piece) for _ in range(BODY_LIMIT // 1024 + 1)]
    assert statuses == [None] * (BODY_LIMIT // 1024) + [413]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW"])
def test_methods_that_nobody_speaks_are_problems(bench, method):
    for target in (*DIRECTORY.values(), "/", "/download/x", "/elsewhere"):
        reply = bench.call(method, target)
        assert reply.status in (404, 405)
        assert reply.headers["content-type"] == "application/problem+json"


def test_what_was_rejected_leaves_nothing_in_memory(bench):
    bodies = [b"x" * (BODY_LIMIT + 1), b'{"payload":' * 5_000, b"\xff\xfe" * 1_000, b"[" * 20_000, b"{}"]

    def reject():
        for body in bodies:
            assert 400 <= bench.call("POST", DIRECTORY["login"], [("content-type", JOSE)], body).status < 500
        bench.replies.clear()
        gc.collect()

    def grown():
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(10):
            reject()
        return tracemalloc.get_traced_memory()[0] - before

    reject()
    tracemalloc.start()
    try:
        # What is kept grows each time; a table of the interpreter's own that becomes larger meanwhile does so once.
        assert min(grown() for _ in range(3)) < BODY_LIMIT // 2
    finally:
        tracemalloc.stop()
