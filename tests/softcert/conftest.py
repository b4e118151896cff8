"""An office and computers around the driver: the real office in memory, virtual machines, a line that can be cut."""

import json
import re
from collections.abc import Callable
from email import message_from_bytes, policy

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Row, Table, select

from softcert.driver import Driver, Submitted
from softcert.errors import MaybeDone, NotDone
from softcert.ports import Request, Response
from softcert.protocol import to_bytes
from softcert.rules.policy import Policy
from softcert.rules.verdict import Act, Verdict
from softcert.trust import serial_of
from softcert_ca import tables
from softcert_ca.audit import MemoryHead
from softcert_ca.office import Office
from softcert_ca.pki import OfficeKeys
from softcert_ca.store import Store
from softcert_ca.tokens import desk_credential
from softcert_sim.clock import SimClock
from softcert_sim.entropy import Entropy
from softcert_sim.machine import SimComputer, SimDrive
from softcert_sim.power import PowerCut

ORIGIN = "https://office.example"
START = 1_767_574_800
ROUNDS = 2
PIN, PASSWORD = "Tea-House 7", "Jasmine 2031"
FORM = {
    "applicant-type": "person",
    "holds-e-licence": "no",
    "country": "DE",
    "name": "Li Wei",
    "identity-number": "C01X00T47",
    "contact": "Li Wei",
    "mailbox": "li.wei@mail.example",
    "mobile": "+4915112345678",
    "address": "12 Wensan Road, Hangzhou",
}


def ask(app: object, request: Request) -> Response:
    """Drive an ASGI app through one request; no loop is needed, since it never waits."""
    path, _, query = request.target.partition("?")
    host = (b"host", b"office.example")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [host, *((key.encode(), value.encode()) for key, value in request.headers)],
        "server": ("office.example", 443),
        "client": ("192.0.2.1", 50000),
    }
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    with pytest.raises(StopIteration):
        app(scope, receive, send).send(None)
    headers = tuple((key.decode().lower(), value.decode()) for key, value in sent[0]["headers"])
    return Response(sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent[1:]))


class Line:
    """The line of one computer. `cut` maps the number of a request from now to the side that is lost."""

    def __init__(self, bench: "Bench") -> None:
        self.origin = ORIGIN
        self.bench = bench
        self.sent: list[Request] = []
        self.answers: list[Response] = []
        self.cut: Callable[[Request], str] = lambda request: ""
        self.after: Callable[[Request], object] = lambda request: None
        self.replay: dict[str, Response] = {}

    def send(self, request: Request) -> Response:
        self.sent.append(request)
        side = self.cut(request)
        if side == "request":
            raise NotDone("The line was cut before the request left.")
        imitated = [answer for target, answer in self.replay.items() if request.target.startswith(target)]
        answer = imitated[0] if imitated else self.bench.ask(request)
        self.answers.append(answer)
        self.after(request)
        if side == "answer":
            raise MaybeDone("The line was cut before the answer came.")
        return answer

    def cut_once(self, target: str, side: str) -> None:
        """Lose the next request to a path, or its answer."""

        def cut(request: Request) -> str:
            if not request.target.startswith(target):
                return ""
            self.cut = lambda request: ""
            return side

        self.cut = cut

    def targets(self) -> list[str]:
        return [request.target for request in self.sent]


class Hacked(Driver):
    """Asks no rule."""

    def _decide(self, act: Act, facts: object, before: str | None = None) -> Verdict:
        return Verdict(act.name, act.side, None, None, (), ())


class Place:
    """A computer and its driver; `reboot` loses what was only in memory."""

    def __init__(self, bench: "Bench", name: str, **options: object) -> None:
        self.bench = bench
        self.machine = SimComputer(name, bench.clock, bench.entropy, rounds=ROUNDS, **options)
        self.line = Line(bench)
        self.verdicts: list[Verdict] = []
        self.make: type[Driver] = Driver
        self.reboot()

    def reboot(self) -> None:
        computer = self.machine.ports(self.line, self.bench.trust)
        self.driver = self.make(computer, self.bench.policy, self.verdicts.append, ROUNDS)

    def hack(self) -> None:
        """From now on a driver whose rules always say yes; a reboot comes with it."""
        self.make = Hacked
        self.reboot()

    def survive(self, act: Callable[[], object], nth: int, choice: int) -> bool:
        """Do something, the power going at the nth operation of disk or element; whether it did go."""
        self.machine.power.disarm()
        self.machine.power.arm(nth)
        try:
            act()
        except PowerCut:
            self.machine.power_cut(choice)
            self.reboot()
            return True
        self.machine.power.disarm()
        return False

    def ready(self, **changes: str) -> dict[str, str]:
        """Everything before the form is sent; the form."""
        self.driver.confirm(use_this_computer=True)
        self.driver.install()
        self.driver.read_notice()
        return {**FORM, **changes}

    def applied(self, **changes: str) -> Submitted:
        return self.driver.apply(self.ready(**changes))

    def downloaded(self, **changes: str) -> Submitted:
        submitted = self.applied(**changes)
        self.driver.download(self.bench.approve(submitted.application))
        return submitted

    def active(self, **changes: str) -> Submitted:
        submitted = self.downloaded(**changes)
        name = {**FORM, **changes}["name"]
        self.driver.change_pin("12345678", PIN, name)
        self.driver.login(PIN, name)
        self.driver.activate(submitted.activation_code)
        return submitted

    def works(self, submitted: Submitted, address: str = "") -> bool:
        """Whether an application leads to an active certificate: its address, key and code are good."""
        if address:
            self.driver.download(address)
        self.driver.change_pin("12345678", PIN)
        self.driver.login(PIN)
        return self.driver.activate(submitted.activation_code) == "active"

    def serial(self) -> str:
        """Of the newest certificate on this computer."""
        return serial_of(self.driver.keys.all()[-1].certificate)


class Bench:
    """The office, its mail, and the computers of a test."""

    def __init__(self) -> None:
        self.clock = SimClock(START)
        self.entropy = Entropy(7, "driver tests")
        self.policy = Policy()
        self.keys = OfficeKeys.generate(Entropy(7, "office").stream("keys"), START - 86400, origin=ORIGIN)
        self.trust = self.keys.root.public_bytes(Encoding.DER)
        self.mails: list[bytes] = []
        self.store = Store.open("sqlite://")
        self.head = MemoryHead()
        self.office = Office(
            origin=ORIGIN,
            policy=self.policy,
            clock=self.clock,
            entropy=self.entropy.stream("office"),
            keys=self.keys,
            store=self.store,
            mailer=self,
            head=self.head,
        )
        self._broken = ""
        self.place = Place(self, "office-pc")
        self.other = Place(self, "home-pc")
        self.stick = SimDrive("red-usb")

    def ask(self, request: Request) -> Response:
        """A request to the public listener."""
        if self._broken and request.target.startswith(self._broken):
            self._broken = ""
            return self.answer({}, 500)
        return ask(self.office.app, request)

    def answer(self, body: dict, status: int = 200) -> Response:
        """An answer as somebody else might give it."""
        return Response(status, (("content-type", "application/json"),), to_bytes(body))

    def break_office(self, target: str) -> None:
        """The next request to a path fails inside, and nothing of it happens; it does not say so."""
        self._broken = target

    def send(self, sender: str, recipient: str, message: bytes) -> None:
        self.mails.append(message)

    def desk(self, path: str, **body: str) -> dict:
        header = ("authorization", f"Bearer {desk_credential(self.keys.desk_key, 'examiner')}")
        answer = ask(self.office.desk, Request("POST", path, (header,), json.dumps(body).encode()))
        assert answer.status < 300, answer.body
        return json.loads(answer.body or b"{}")

    def examine(self, path: str) -> dict:
        header = ("authorization", f"Bearer {desk_credential(self.keys.desk_key, 'examiner')}")
        return json.loads(ask(self.office.desk, Request("GET", path, (header,))).body)

    def rows(self, table: Table) -> list[Row]:
        with self.store.read() as connection:
            return list(connection.execute(select(table)))

    def filings(self) -> list[Row]:
        return self.rows(tables.filings)

    def registered(self) -> list[Row]:
        return self.rows(tables.backups)

    def every_cut(self, place: Place, act: Callable[[], object], settle: Callable[[int, int], object]) -> int:
        """Let the power go at each operation of disk and element in `act`, keeping the least and the most that a cut
        may keep; call `settle` with the operation's number and that choice; start again. The number of operations."""
        before, nth, cut = self._snapshot(), 0, True
        while cut:
            nth += 1
            for choice in (0, -1):
                cut = place.survive(act, nth, choice)
                settle(nth, choice)
                self._restore(before)
        return nth

    def _snapshot(self) -> tuple:
        places = [(place.machine.snapshot(), place.driver.memory) for place in (self.place, self.other)]
        values = (self.store.snapshot(), self.head.value, self.clock.snapshot(), self.entropy.snapshot())
        return places, self.stick.snapshot(), values

    def _restore(self, saved: tuple) -> None:
        places, stick, (store, self.head.value, clock, entropy) = saved
        self.stick.restore(stick)
        for place, (machine, memory) in zip((self.place, self.other), places, strict=True):
            place.machine.restore(machine)
            place.reboot()
            place.driver.memory = memory
        self.store.restore(store)
        self.clock.restore(clock)
        self.entropy.restore(entropy)

    def approve(self, application: str) -> str:
        """Approve, deliver the mail; the address in it."""
        self.desk(f"/applications/{application}/approve")
        return self.address()

    def address(self) -> str:
        self.office.deliver_mail()
        mail = message_from_bytes(self.mails[-1], policy=policy.default)
        text = mail.get_body(("plain",)).get_content()
        return re.search(rf"{ORIGIN}/download/\S+", text)[0]


@pytest.fixture
def bench() -> Bench:
    """One world."""
    return Bench()


@pytest.fixture
def place(bench: Bench) -> Place:
    """The applicant's computer."""
    return bench.place
