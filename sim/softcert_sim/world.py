"""A simulated world: office, inbox, computers, drives, people and one clock, wired together. It is a value.

Whatever runs here is what runs for real: the office's applications, the driver, the SMTP server. The world fills in the
ports (clock, entropy, disks, elements, wire), keeps a trace of all that happens, decides nothing, and can be taken
(`snapshot`) and put back (`restore`) exactly.
"""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding

from softcert.driver import Driver
from softcert.element import SCALAR_DRAW, scalar_of
from softcert.errors import Damaged, MaybeDone
from softcert.exchange import Memory, error_of
from softcert.ports import Request, Response
from softcert.protocol import Json, from_bytes, to_bytes
from softcert.rules.policy import Policy
from softcert.rules.verdict import Verdict
from softcert_ca.audit import MemoryHead
from softcert_ca.keys import OfficeKeys
from softcert_ca.office import Office
from softcert_ca.tokens import desk_credential
from softcert_mailbox.inbox import Inbox
from softcert_sim import TransportName, evidence, naming, trace
from softcert_sim.clock import SimClock
from softcert_sim.crash import OfficeCrash
from softcert_sim.disk import SimDisk
from softcert_sim.entropy import Entropy
from softcert_sim.hacked import HackedDriver
from softcert_sim.heard import HEARD
from softcert_sim.keyfiles import public_keys_on
from softcert_sim.lines import Line, bearing
from softcert_sim.machine import SimComputer, SimDrive
from softcert_sim.orders import Choose
from softcert_sim.people import People
from softcert_sim.post import Post
from softcert_sim.power import PowerCut
from softcert_sim.records import Records
from softcert_sim.scenario.model import Cast, Step
from softcert_sim.scenario.registry import CheckFailed, Violation
from softcert_sim.trace import Trace
from softcert_sim.transport import Killed, LoopbackTransport
from softcert_sim.turns import Came, TurnStore, TurnTransport, at_once
from softcert_sim.wire import Exchange, LineFaults, Recorder, SimWire

if TYPE_CHECKING:
    from softcert_sim.scenes import Scene

START = 1_767_574_800
"""Monday, 5 January 2026, 01:00 UTC: nine in the morning at the office."""
KEYS_MADE = START - 365 * 86_400
"""The office's keys are a year old when a scenario begins."""
ORIGIN = "https://sbj.example"
DESK = "https://desk.sbj.example"
ROUNDS = 100
"""Rounds of key derivation in a simulation: for speed, and of no use as protection. A real computer takes the defaults."""
SHARE = "network-share"


@lru_cache(maxsize=16)
def office_keys(seed: int) -> OfficeKeys:
    """The office's keys for a seed: every scenario of one run meets the same office."""
    return OfficeKeys.generate(Entropy(seed, "office").stream("keys"), KEYS_MADE, origin=ORIGIN)


class Named:
    """Randomness of one name, from whatever entropy the world draws now (`ports.Entropy`)."""

    def __init__(self, world: "World", name: str) -> None:
        self._world, self._name = world, name

    def bytes(self, count: int) -> bytes:
        """`count` bytes. Of so many as a private key is made of, the judge keeps a copy."""
        drawn = self._world.entropy.stream(self._name).bytes(count)
        if count == SCALAR_DRAW:
            self._world.scalars = (*self._world.scalars, scalar_of(drawn))
        return drawn


@dataclass(slots=True)
class Place:
    """A computer, its line and the driver that runs on it.

    `skips`, `claims`, `borrowed` and `csr` are what a hacker changed in the driver; a `lost` computer is used by nobody any
    more; of the `destroyed` keys, by thumbprint, its owner emptied the disk, or malware destroyed the key store.
    """

    machine: SimComputer
    line: Line
    driver: Driver
    skips: frozenset[str] = frozenset()
    claims: str = ""
    borrowed: Json | None = None
    csr: bytes = b""
    lost: bool = False
    destroyed: frozenset[str] = frozenset()

    def destroying(self) -> None:
        """All keys on the disk are about to go, on purpose: nobody misses one until it is there again."""
        self.destroyed |= public_keys_on(self.machine.disk)


class WorldState(NamedTuple):
    """A snapshot of a world."""

    store: bytes
    head: tuple[int, str]
    clock: int
    name: str
    entropy: Mapping[str, int]
    inbox: Any
    down_until: int
    people: Any
    exchanges: tuple[Exchange, ...]
    scalars: tuple[bytes, ...]
    trace: Trace
    spoofed: Mapping[str, str]
    drives: tuple[Any, ...]
    places: tuple[Any, ...]
    drafts: Mapping[tuple[str, str], tuple[Mapping[str, str], bool]]
    results: Mapping[str, Any]


class World:
    """One world. `transport` is `memory` or `loopback`; only the first can be taken and put back."""

    def __init__(
        self, cast: Cast, policy: Policy, seed: int, name: str, transport: TransportName = "memory"
    ) -> None:
        self.cast, self.policy, self.seed, self.origin = cast, policy, seed, ORIGIN
        self.transport = transport
        self.clock = SimClock(START)
        self.entropy = Entropy(seed, name)
        self.keys = office_keys(seed)
        self.trust = self.keys.root.public_bytes(Encoding.DER)
        self.store = TurnStore.open("sqlite://")
        self.records = Records(self.store)
        self.crash = OfficeCrash(self.store)
        self.head = MemoryHead()
        self.inbox = Inbox(self.clock.now)
        self.post = Post(self.inbox, transport)
        self.verdicts: list[Verdict] = []
        self.people = People(cast.people)
        self.recorder = Recorder()
        self.by_hand = LineFaults()
        """What is wrong with the lines of those who use no driver: the examiner's, and whoever sends by hand."""
        self.spoofed: Mapping[str, str] = {}
        """Headers forged on the examiners' line."""
        self.scalars: tuple[bytes, ...] = ()
        self.trace = Trace()
        self.net = LoopbackTransport({}) if transport == "loopback" else TurnTransport({})
        self.restart_office()
        self.drives = {name: SimDrive(name, data.get("kind", "flash-drive")) for name, data in cast.drives.items()}
        self.shares: dict[str, SimDrive] = {}
        self.places = {name: self._place(name, data) for name, data in cast.computers.items()}
        self.drafts: Mapping[tuple[str, str], tuple[Mapping[str, str], bool]] = {}
        self.results: Mapping[str, Any] = {}
        self.shown: tuple[Trace | None, list[Any]] = (None, [])
        self.judged: tuple[Any, ...] = ()
        """How it stood when its judge last found nothing wrong."""

    # Building

    def restart_office(self) -> None:
        """Start the office (anew) on its database. Raises Damaged when it refuses; then nobody answers."""
        self.net.serve(ORIGIN, None)
        self.net.serve(DESK, None)
        with self.crash.spared():
            self.office = Office(
                origin=self.origin,
                policy=self.policy,
                clock=self.clock,
                entropy=Named(self, "office"),
                keys=self.keys,
                store=self.store,
                mailer=self.post,
                head=self.head,
                observe=self.verdicts.append,
            )
        self.net.serve(ORIGIN, self.office.app)
        self.net.serve(DESK, self.office.desk)

    def _place(self, name: str, data: Mapping[str, Any]) -> Place:
        machine = SimComputer(
            name,
            self.clock,
            _Streams(self),
            rounds=ROUNDS,
            pin_tries=self.policy.pin_tries,
            software_element=data.get("element") == "none",
        )
        self.shares[name] = SimDrive(SHARE, SHARE)
        machine.plug(self.shares[name])
        line = Line(self.wire(name, faults=LineFaults()))
        computer = machine.ports(line, self.trust)
        return Place(machine, line, Driver(computer, self.policy, self.verdicts.append, ROUNDS))

    def wire(self, name: str, origin: str = ORIGIN, faults: LineFaults | None = None) -> SimWire:
        """A line to the office (or its desk), recorded under that name."""
        wait, faults = self.clock.advance, faults or self.by_hand
        return SimWire(origin, name, self.net, self.recorder, clock=self.clock, wait=wait, faults=faults)

    def line_faults(self) -> Iterator[LineFaults]:
        """What is wrong with each line."""
        yield from (place.line.wire.faults for place in self.places.values())
        yield self.by_hand

    def volumes(self) -> Iterator[tuple[str, SimDisk]]:
        """Every disk, drive and network share, by what a person calls it."""
        yield from ((f"the disk of {name}", place.machine.disk) for name, place in self.places.items())
        yield from ((name, drive.disk) for name, drive in self.drives.items())
        yield from ((f"the network share at {name}", share.disk) for name, share in self.shares.items())

    def renew(self, at: str, memory: Memory | None = None) -> None:
        """Start the driver of a computer anew, on the machine as it is now."""
        place = self.places[at]
        computer = place.machine.ports(place.line, self.trust)
        if place.skips or place.claims or place.borrowed or place.csr:
            place.driver = HackedDriver(
                computer, self.policy, self.verdicts.append, ROUNDS,
                skips=place.skips, claims=place.claims, borrowed=place.borrowed, csr=place.csr,
            )  # fmt: skip
        else:
            place.driver = Driver(computer, self.policy, self.verdicts.append, ROUNDS)
        place.driver.memory = memory or Memory()

    # Running

    @contextmanager
    def using(self, at: str) -> Generator[Driver, None, None]:
        """The driver of a computer, for one act. A power cut in it ends in a reboot, and in `MaybeDone`."""
        place = self.places[at]
        if place.lost:
            raise CheckFailed("a computer that somebody has", f"{at} is lost")
        try:
            yield place.driver
        except PowerCut:
            self.reboot(at, self.trace.keeps)
            raise MaybeDone(f"The power went at {at}. Switch it on and look what happened.") from None

    def reboot(self, at: str, keeps: int = 0) -> None:
        """Switch a computer off and on: memory is gone, and of what was not written out `keeps` says what stays."""
        self.places[at].machine.power_cut(keeps)
        self.renew(at)

    def desk(self, method: str, target: str, content: Json | None = None, by: str = "examiner") -> Json:
        """One request at the desk; who is no examiner has no credential. Raises Refused, Rejected, NotDone, MaybeDone."""
        genuine = self.people[by].kind == "examiner"
        credential = desk_credential(self.keys.desk_key, by) if genuine else f"{by}.{'A' * 43}"
        headers = (("authorization", f"Bearer {credential}"),)
        body = b"" if content is None else to_bytes(content)
        answer = self.wire(by, DESK).send(bearing(self.spoofed, Request(method, target, headers, body)))
        return from_bytes(self.checked(answer).body or b"{}")

    def raw(self, by: str, request: Request) -> Response:
        """One request by hand, not by a driver; recorded. Raises Refused, Rejected, NotDone, MaybeDone."""
        return self.checked(self.wire(by).send(request))

    def checked(self, response: Response) -> Response:
        """The response, unless it is a problem: that is raised."""
        if response.status >= 400:
            raise error_of(response)
        return response

    def office_time(self) -> int:
        """The office's time: what its clock shows, and never earlier than it was."""
        return max(self.clock.now(), self.records.latest())

    def pass_time(self, seconds: int) -> None:
        """Let time pass, stopping wherever a mail comes due, so that nothing is sent later than it would be."""
        end = self.clock.now() + seconds
        while (due := self.records.next_mail_due(self.office_time())) is not None and due <= end:
            self.clock.set(due)
            self.deliver_mail()
        self.clock.set(end)
        self.deliver_mail()

    def deliver_mail(self) -> None:
        """The office's mail goes out, as far as the mail server takes it. An office that dies of it is started again."""
        self.post.mend(self.clock.now())
        if self.records.mail_is_due(self.office_time()):
            try:
                self.office.deliver_mail()
            except Killed:
                self.net.serve(ORIGIN, None)
                self._revive()

    # What the runner asks

    def begin(self, step: Step) -> None:
        """A step begins."""
        self.crash.untold = 0
        self.trace = self.trace.begin(self, step)

    def end(self, step: Step, result: Any) -> None:
        """A step ended, and took a second; the office's mail goes out; what was armed and did not strike is disarmed."""
        self._revive()
        self.clock.advance(1)
        self.deliver_mail()
        left = evidence.waiting(self) + evidence.mail_waiting(self) if self.trace.armed else Counter[str]()
        self.crash.disarm()
        for place in self.places.values():
            place.machine.power.disarm()
            if place.destroyed:
                place.destroyed -= public_keys_on(place.machine.disk)
        for faults in self.line_faults():
            faults.disarm()
        for _, disk in self.volumes():
            if not disk.pulled:
                disk.mend()
        for name in self.trace.protected:
            self.drives[name].disk.protect(False)
        if step.label:
            self.results = {**self.results, step.label: result}
        self.trace = self.trace.end(self, step, result, left)

    def at_once(self, steps: Sequence[Step], calls: Sequence[Callable[[], Any]], choose: Choose) -> list[Came]:
        """These steps begin at once and go on by turns; then all end."""
        return at_once(self, steps, calls, choose)

    def arming(self, name: str) -> None:
        """A fault of that name was set for this step."""
        self.trace = self.trace.arming(name, (evidence.waiting(self) + evidence.mail_waiting(self))[name])

    def repeated(self) -> bool:
        """Whether the office gave an earlier answer again in the last step."""
        return self.records.repeated(*self.trace.last.audit)

    def standing(self) -> tuple[Any, ...]:
        """All that invariants look at, but for the clock: two moments with an equal one look alike to a judge."""
        return (
            self.trace.tampered,
            self.records.pages(),
            self.head.get(),
            self.recorder.exchanges,
            [verdict for verdict in self.verdicts if verdict.side == "office"],
            self.inbox.messages(),
            self.people.minds,
            [disk.files() for _, disk in self.volumes()],
            [(it.lost, it.destroyed, it.machine.chip.state) for it in self.places.values()],
            tuple(HEARD.lines),
        )

    def check_invariants(self, step: Step) -> list[Violation]:
        """What must hold at every moment and does not."""
        from softcert_sim.invariants import violations  # it looks at worlds

        return violations(self)

    def struck(self, acts: Sequence[Step]) -> list[str]:
        """The faults that did strike, by name, once for each of these acts: all of the scenario, in order."""
        return evidence.struck(self, acts)

    def moves(self, acts: Sequence[Step]) -> list[tuple[str, str, str]]:
        """Every step that a record took in its life in these acts: its kind, the state before, the event."""
        return evidence.moves(self, acts)

    def result(self, label: str) -> Any:
        """What a step that has a name gave. Raises CheckFailed when it gave nothing."""
        value = self.results.get(label)
        if isinstance(value, BaseException):
            raise CheckFailed(f"step '{label}' to have a result", f"it ended with: {value}")
        return value

    def rename(self, name: str) -> None:
        """Draw all randomness from the substreams of this name from now on."""
        self.entropy = Entropy(self.seed, name)

    def digest(self) -> str:
        """A hexadecimal SHA-256 over every message, mail, certificate and verdict: equal on every run."""
        return trace.digest(self)

    def export(self, folder: Path) -> None:
        """Write chain, CRL, OCSP answer, certificates, mails, messages and disks into a folder."""
        from softcert_sim.export import export  # a run in memory does not need it

        export(self, folder)

    def called(self, device: str) -> naming.Holder:
        """Who has the device key of this thumbprint."""
        return naming.called(self, device)

    def watch(self, lang: str) -> Callable[[], "Scene"]:
        """Begin to watch: each call gives what happened since the one before, told in this language."""
        from softcert_sim.scenes import watch  # a run without a report does not need it

        return watch(self, lang)

    def close(self) -> None:
        """Give back sockets."""
        self.post.close()
        self.records.close()
        self.store.close()

    # The world as a value

    def snapshot(self) -> WorldState | None:
        """Everything, as a value; None over real sockets."""
        if self.transport != "memory":
            return None
        return WorldState(
            store=self.store.snapshot(),
            head=self.head.get(),
            clock=self.clock.snapshot(),
            name=self.entropy.scenario,
            entropy=self.entropy.snapshot(),
            inbox=self.inbox.snapshot(),
            down_until=self.post.down_until,
            people=self.people.minds,
            exchanges=self.recorder.exchanges,
            scalars=self.scalars,
            trace=self.trace,
            spoofed=self.spoofed,
            drives=tuple(drive.snapshot() for drive in (*self.drives.values(), *self.shares.values())),
            places=tuple(_place_state(place) for place in self.places.values()),
            drafts=self.drafts,
            results=self.results,
        )

    def restore(self, state: WorldState) -> None:
        """Be exactly what `snapshot` returned, the verdicts emptied."""
        HEARD.forget()
        self.crash.disarm()
        self.by_hand.disarm()
        self.store.restore(state.store)
        self.head.value = state.head
        self.clock.restore(state.clock)
        if self.entropy.scenario != state.name:
            self.entropy = Entropy(self.seed, state.name)
        self.entropy.restore(state.entropy)
        self.inbox.restore(state.inbox)
        self.post.down_until = state.down_until
        self.people.minds = state.people
        self.recorder.exchanges = state.exchanges
        self.scalars = state.scalars
        self.trace, self.spoofed = state.trace, state.spoofed
        self.drafts, self.results = state.drafts, state.results
        self.verdicts.clear()
        for drive, drive_state in zip((*self.drives.values(), *self.shares.values()), state.drives, strict=True):
            drive.restore(drive_state)
        for name, place_state in zip(self.places, state.places, strict=True):
            self._restore_place(name, *place_state)
        self._revive()

    def _revive(self) -> None:
        """Whoever runs the office starts it again after a crash; a database that it refuses keeps it down."""
        if not (self.net.serves(ORIGIN) and self.net.serves(DESK)):
            with suppress(Damaged):
                self.restart_office()

    def _restore_place(self, name: str, machine: Any, line: Any, memory: Memory, own: tuple[Any, ...]) -> None:
        place = self.places[name]
        place.machine.restore(machine)
        place.line.restore(line)
        place.skips, place.claims, place.borrowed, place.csr, place.lost, place.destroyed = own
        self.renew(name, memory)


def _place_state(place: Place) -> tuple[Any, ...]:
    own = (place.skips, place.claims, place.borrowed, place.csr, place.lost, place.destroyed)
    return place.machine.snapshot(), place.line.snapshot(), place.driver.memory, own


class _Streams(Entropy):
    """Hands a computer streams that follow the world's name."""

    def __init__(self, world: World) -> None:
        super().__init__(world.seed, "")
        self._world = world

    def stream(self, name: str) -> Any:
        """Randomness of that name."""
        return Named(self._world, name)


def make_world(*, cast: Cast, policy: Policy, seed: int, name: str, transport: TransportName) -> World:
    """A new world in which nothing has happened."""
    return World(cast, policy, seed, name, transport)
