"""The same thing asked at several server processes at once, on one database: it happens once."""

import json
import subprocess
import sys
from contextlib import ExitStack

import pytest

from softcert.protocol import DIRECTORY, JOSE, encode, to_bytes
from softcert_ca.audit import FileHead
from softcert_ca.store import Store
from softcert_ca.tokens import desk_credential

SERVER = """
import asyncio, base64, json, os, sys
from pathlib import Path
from softcert.rules.policy import Policy
from softcert_ca.audit import FileHead
from softcert_ca.keys import OfficeKeys
from softcert_ca.office import Office
from softcert_ca.store import Store
from softcert_ca.tokens import desk_credential

folder, origin, now = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
requests = json.loads(sys.stdin.readline())


class Clock:
    def now(self):
        return now


class Entropy:
    def bytes(self, count):
        return os.urandom(count)


class NoMailer:
    def send(self, sender, recipient, message):
        raise AssertionError("no mail is sent here")


office = Office(origin=origin, policy=Policy(), clock=Clock(), entropy=Entropy(), keys=OfficeKeys.load(folder / "keys"),
                store=Store.open(f"sqlite:///{folder / 'office.db'}"), mailer=NoMailer(), head=FileHead(folder / "head"),
                observe=lambda verdict: None)


async def ask(app, target, headers, body):
    sent = []

    async def receive():
        return {"type": "http.request", "body": body.encode(), "more_body": False}

    async def send(message):
        sent.append(message)

    await app({"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "https",
               "path": target, "raw_path": target.encode(), "query_string": b"", "root_path": "",
               "headers": [(name.encode(), value.encode()) for name, value in headers],
               "client": ("192.0.2.1", 1), "server": ("192.0.2.2", 443)}, receive, send)
    return [sent[0]["status"], json.loads(sent[1]["body"])]


print("ready", flush=True)
sys.stdin.readline()
print(json.dumps([asyncio.run(ask(getattr(office, app), *request)) for app, *request in requests]))
"""
"""One server process: it is told its requests, says that it is ready, and asks them when it is told to go."""


@pytest.fixture
def folder(tmp_path, office_keys):
    office_keys.save(tmp_path / "keys")
    return tmp_path


@pytest.fixture
def bench(make_bench, folder):
    made = make_bench(store=Store.open(f"sqlite:///{folder / 'office.db'}"), head=FileHead(folder / "head"))
    yield made
    made.store.close()


def race(bench, folder, requests, processes=4):
    """What every request was answered, asked by so many processes at once: (status, outcome)."""
    command = [sys.executable, "-c", SERVER, str(folder), "https://office.example", str(bench.clock.time)]
    with ExitStack() as stack:
        servers = [
            stack.enter_context(subprocess.Popen(command, stdin=-1, stdout=-1, text=True)) for _ in range(processes)
        ]
        for number, server in enumerate(servers):
            server.stdin.write(json.dumps(requests[number::processes]) + "\n")
            server.stdin.flush()
        assert [server.stdout.readline() for server in servers] == ["ready\n"] * processes
        for server in servers:
            server.stdin.write("go\n")
            server.stdin.flush()
        answers = [answer for server in servers for answer in json.loads(server.communicate()[0])]
    assert [server.returncode for server in servers] == [0] * processes
    return [(status, outcome(body)) for status, body in answers]


def outcome(body):
    return f"{body['rule']}/{body['reason']}" if "rule" in body else body.get("type", "").rpartition(":")[2]


def signed(target, message):
    return ["app", target, [("content-type", JOSE)], to_bytes(message).decode()]


def test_sixty_four_downloads_at_four_processes_issue_one_certificate(bench, folder):
    li_wei = bench.approved(bench.computer("li-wei"))
    requests = []
    for _ in range(64):
        li_wei.nonce = ""
        message = li_wei.message("download", li_wei.address, {}, inner={}, inner_options={"serial": ""})
        requests.append(signed(li_wei.address, message))
    answers = race(bench, folder, requests)
    assert sorted(answers) == [(200, ""), *[(403, "one-time-link/used")] * 63]
    assert bench.execute("SELECT count(*) FROM certificates") == [(1,)]
    assert bench.office.verify() == []


def test_two_examiners_at_four_processes_decide_once_and_one_mail_leaves(bench, folder):
    li_wei = bench.applied(bench.computer("li-wei"))
    requests = []
    for number in range(16):
        examiner, act = [("examiner", "approve"), ("second", "disapprove")][number // 4 % 2]
        headers = [("authorization", f"Bearer {desk_credential(bench.keys.desk_key, examiner)}")]
        body = json.dumps({"reasons": "no"}) if act == "disapprove" else ""
        requests.append(["desk", f"/applications/{li_wei.application}/{act}", headers, body])
    answers = race(bench, folder, requests)
    assert sorted(answers) == [(200, ""), *[(409, "conflict")] * 15]
    assert bench.execute("SELECT count(*) FROM outbox") == [(1,)]
    bench.office.deliver_mail()
    assert len(bench.mailbox.mails) == 1
    assert bench.office.verify() == []


def test_a_backup_recovered_on_eight_computers_at_four_processes_binds_one(bench, folder):
    old = bench.active(bench.computer("old"))
    old.backup()
    requests, devices = [], []
    for number in range(8):
        new = bench.computer(f"new {number}").take(old)
        content = {"certificate": encode(new.certificate), "backup": "a" * 32, "proof": new.code}
        requests.append(signed(DIRECTORY["recover"], new.message("recover", DIRECTORY["recover"], {}, inner=content)))
        devices.append(new.device)
    answers = race(bench, folder, requests)
    assert sorted(answers) == [(200, ""), *[(403, "one-computer/spent")] * 7]
    [(bound,)] = bench.execute("SELECT device FROM bindings WHERE state = 'bound'")
    assert bound in devices
    assert bench.execute("SELECT generation FROM certificates") == [(2,)]
    assert bench.office.verify() == []
