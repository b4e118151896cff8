"""Issuance over loopback with TLS: from the application to the acknowledged download, connection kept.

The office runs in a process of its own, under uvicorn; the client is the driver with the host's own HTTP wire. What is
counted is processor time of both. Confirming, installing and reading the notice come before; approval and mail, which
an ACME server has not, are shown apart. Keys are derived at the simulation's cost (`ROUNDS`).
"""

import multiprocessing
import socket
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.serialization import Encoding
from lives import cast
from measure import Figure

from softcert.driver import Driver
from softcert.host import HttpWire, SystemClock, SystemEntropy, tls_context
from softcert.ports import Request, Response
from softcert.rules.policy import Policy
from softcert_ca.audit import FileHead, MemoryHead
from softcert_ca.keys import OfficeKeys
from softcert_ca.office import Office
from softcert_ca.store import Store
from softcert_ca.tokens import desk_credential
from softcert_mailbox.message import Message
from softcert_sim.clock import SimClock
from softcert_sim.entropy import Entropy
from softcert_sim.machine import SimComputer
from softcert_sim.people import Somebody
from softcert_sim.transport import MemoryTransport
from softcert_sim.world import ROUNDS

DESK = "http://desk"


# The office's process


@dataclass
class Kept:
    """A mailer that keeps the download address of each mail, by application."""

    addresses: dict[str, str] = field(default_factory=dict[str, str])

    def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Keep it."""
        mail = Message(0, recipient, sender, 0, message)
        address = next(found for found in mail.addresses() if "/download/" in found)
        self.addresses[mail.header("X-Softcert-Application")] = address


def office_process(pipe: Connection, in_file: bool) -> None:
    """Serve until told to stop. Answers `cpu` with this process's time, and a list of applications with addresses."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    origin = f"https://localhost:{listener.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as name:
        folder, now = Path(name), int(time.time()) - 1
        keys = OfficeKeys.generate(SystemEntropy(), now, origin=origin)
        identity = keys.tls_certificate(SystemEntropy(), now)
        (folder / "chain.pem").write_bytes(identity.chain_pem)
        (folder / "key.pem").write_bytes(identity.key_pem)
        mailer = Kept()
        office = Office(
            origin=origin,
            policy=Policy(),
            clock=SystemClock(),
            entropy=SystemEntropy(),
            keys=keys,
            store=Store.open(f"sqlite:///{folder / 'office.db'}" if in_file else "sqlite://"),
            mailer=mailer,
            head=FileHead(folder / "head.json") if in_file else MemoryHead(),
        )
        server = uvicorn.Server(
            uvicorn.Config(
                office.app,
                lifespan="off",
                log_config=None,
                access_log=False,
                ssl_certfile=str(folder / "chain.pem"),
                ssl_keyfile=str(folder / "key.pem"),
            )
        )
        serving = threading.Thread(target=server.run, args=([listener],))
        serving.start()
        while not server.started:
            time.sleep(0.01)
        pipe.send((origin, keys.root.public_bytes(Encoding.DER)))
        answer_questions(pipe, office, mailer, desk_credential(keys.desk_key, "examiner"))
        server.should_exit = True
        serving.join()


def answer_questions(pipe: Connection, office: Office, mailer: Kept, credential: str) -> None:
    """Until the client is done."""
    desk = MemoryTransport({DESK: office.desk})
    headers = (("authorization", f"Bearer {credential}"),)
    while (asked := pipe.recv()) is not None:
        if asked == "cpu":
            pipe.send(time.process_time())
            continue
        for application in asked:
            desk.send(DESK, Request("POST", f"/applications/{application}/approve", headers))
        office.deliver_mail()
        pipe.send([mailer.addresses[application] for application in asked])


# The client's process


class CountedWire:
    """The host's wire, with every request named."""

    def __init__(self, wire: HttpWire) -> None:
        self.origin = wire.origin
        self.sent: Counter[str] = Counter()
        self._wire = wire

    def send(self, request: Request) -> Response:
        """As the wire does."""
        first = request.target.strip("/").partition("/")[0]
        self.sent[f"{request.method} /{first}"] += 1
        return self._wire.send(request)


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor time for one issuance, in seconds, and the requests that it took."""

    client: float
    office: float
    examiner: float
    requests: Counter[str]


def issue(count: int, in_file: bool) -> Spent:
    """`count` applicants, each at a computer of their own, over one connection."""
    context = multiprocessing.get_context("spawn")
    pipe, theirs = context.Pipe()
    process = context.Process(target=office_process, args=(theirs, in_file), daemon=True)
    process.start()
    origin, root = pipe.recv()
    host_wire = HttpWire(origin, tls_context(root))
    wire = CountedWire(host_wire)
    drivers = [prepared(number, wire, root) for number in range(count)]
    wire.sent.clear()

    def office_cpu() -> float:
        pipe.send("cpu")
        return pipe.recv()

    office, client = office_cpu(), time.process_time()
    applications = [driver.apply(form(number)).application for number, driver in enumerate(drivers)]
    client_spent, office_spent = time.process_time() - client, office_cpu() - office
    office = office_cpu()
    pipe.send(applications)
    addresses: list[str] = pipe.recv()
    examiner_spent = office_cpu() - office
    office, client = office_cpu(), time.process_time()
    for driver, address in zip(drivers, addresses, strict=True):
        driver.download(address)
        driver.finish()
    client_spent, office_spent = client_spent + time.process_time() - client, office_spent + office_cpu() - office
    pipe.send(None)
    process.join()
    host_wire.close()
    return Spent(client_spent / count, office_spent / count, examiner_spent / count, wire.sent)


def prepared(number: int, wire: Any, root: bytes) -> Driver:
    """The driver of a computer that was confirmed, with the notice read."""
    clock = SimClock(int(time.time()))
    machine = SimComputer(f"computer {number}", clock, Entropy(1, f"issuance {number}"), rounds=ROUNDS)
    driver = Driver(machine.ports(wire, root), Policy(), lambda _: None, ROUNDS)
    driver.install()
    driver.confirm(True)
    driver.read_notice()
    return driver


def form(number: int) -> dict[str, str]:
    """Everybody has a mailbox of his own."""
    who = Somebody("li-wei", "applicant", cast().people["li-wei"])
    return who.form({"mailbox": f"applicant{number}@post.example"})


def measure(quick: bool) -> list[Figure]:
    """Client and office together, with the database in memory and in a file."""
    found: list[Figure] = []
    count, runs = (20, 1) if quick else (100, 3)
    for kind, name, in_file in (("memory", "in memory", False), ("file", "in a file", True)):
        spent = min((issue(count, in_file) for _ in range(runs)), key=lambda one: one.client + one.office)
        each = ", ".join(f"{times / count:g} × {request}" for request, times in spent.requests.items())
        total = spent.requests.total() / count
        together = (spent.client + spent.office) * 1e3
        found += [
            Figure(f"issuance-{kind}", f"issuance over TLS, database {name}", together, "ms", 8.6,
                   note=f"client {spent.client * 1e3:.2f} ms, office {spent.office * 1e3:.2f} ms"),
            Figure(f"issuance-{kind}-examiner", "approval and mail, apart", spent.examiner * 1e3, "ms"),
            Figure(f"issuance-{kind}-requests", "requests for one issuance", total, "", note=each),
        ]  # fmt: skip
    return found
