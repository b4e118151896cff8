"""The story behind the documentation's examples: one life of a certificate, played in memory with a fixed seed.

Every step is marked with a name, so that an example can be found by what was done.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, get_args

from softcert.errors import SoftcertError
from softcert.ports import Request
from softcert.protocol import DIRECTORY, JOSE
from softcert.rules.policy import DAY, Policy
from softcert_sim.ailments import Operation
from softcert_sim.power import Part
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.registry import DEFAULT, ComputerName, DriveName, Label, Person, RuleName
from softcert_sim.verbs import applicant, attacker, office, preludes, things
from softcert_sim.wire import Exchange
from softcert_sim.world import World, make_world

SEED = 1
LI_WEI, ZHANG_MIN = Person("li-wei"), Person("zhang-min")
OLD, NEW, STUDIO = ComputerName("office-pc"), ComputerName("home-pc"), ComputerName("studio-pc")
DRIVE = DriveName("red-usb")

Files = Mapping[str, bytes]


_COUNTED: Mapping[Part, tuple[str, ...]] = {"disk": ("any", *get_args(Operation)), "element": ("save", "saved")}
_NEVER = 1_000_000
"""A power cut armed for that operation only counts them."""


@dataclass(slots=True)
class Story:
    """The world; of each act its exchanges, the lists of checks that it went through and how many moments its computer had;
    and files as they stood after one."""

    world: World
    acts: dict[str, tuple[Exchange, ...]] = field(default_factory=dict[str, tuple[Exchange, ...]])
    asked: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict[str, tuple[tuple[str, str], ...]])
    moments: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    files: dict[str, Files] = field(default_factory=dict[str, Files])

    def act(self, name: str, do: Callable[[], Any]) -> None:
        """Do something and remember its exchanges; what is refused is an example, too."""
        before, decided = len(self.world.recorder.exchanges), len(self.world.verdicts)
        for place in self.world.places.values():
            for part, operations in _COUNTED.items():
                for operation in operations:
                    place.machine.power.arm(_NEVER, part, operation)
        with suppress(SoftcertError):
            do()
        self.moments[name] = Counter()
        for place in self.world.places.values():
            for cut in place.machine.power.snapshot().armed:
                self.moments[name][f"{cut.part}-{cut.operation}"] += _NEVER - cut.left
            place.machine.power.disarm()
        self.world.clock.advance(1)
        self.world.deliver_mail()
        self.acts[name] = self.world.recorder.exchanges[before:]
        self.asked[name] = tuple((verdict.side, verdict.act) for verdict in self.world.verdicts[decided:])

    def get(self, path: str) -> None:
        """One unsigned GET, sent by hand."""
        self.act(path, lambda: self.world.raw(OLD, Request("GET", path)))


@lru_cache(maxsize=1)
def story() -> Story:
    """Everything that the examples show."""
    cast = Loader(DEFAULT).shared(shipped()).cast
    told = Story(make_world(cast=cast, policy=Policy(), seed=SEED, name="documentation", transport="memory"))
    _apply(told)
    _use(told)
    _trouble(told)
    _move(told)
    _other_mails(told)
    return told


def _apply(told: Story) -> None:
    world = told.world
    told.get("/directory")
    told.act("confirm", lambda: applicant.confirm(world, by=LI_WEI, at=OLD))
    told.act("confirm-no", lambda: applicant.confirm(world, by=LI_WEI, at=NEW, use=False))
    told.act("install", lambda: applicant.install(world, by=LI_WEI, at=OLD))
    told.act("read-notice", lambda: applicant.read_notice(world, by=LI_WEI, at=OLD))
    told.act("apply", lambda: applicant.apply(world, by=LI_WEI, at=OLD))


def _use(told: Story) -> None:
    world = told.world
    world.pass_time(3 * DAY)
    told.act("approve", lambda: office.approve(world, of=LI_WEI))
    told.act("read-mail", lambda: applicant.read_mail(world, by=LI_WEI, at=OLD))
    told.act("open", lambda: applicant.open_(world, by=LI_WEI))
    told.act("download", lambda: applicant.download(world, by=LI_WEI, at=OLD))
    told.act("download-again", lambda: applicant.download(world, by=LI_WEI, at=OLD))
    told.act("change-pin", lambda: applicant.change_pin(world, by=LI_WEI, at=OLD))
    told.act("login", lambda: applicant.login(world, by=LI_WEI, at=OLD))
    told.act("activate", lambda: applicant.activate(world, by=LI_WEI, at=OLD))
    told.act("file", lambda: applicant.file(world, by=LI_WEI, at=OLD))
    told.act("logout", lambda: applicant.logout(world, by=LI_WEI, at=OLD))


def _trouble(told: Story) -> None:
    """Rejections, a form with bad fields (sent by a driver that does not look), a new code."""
    world = told.world
    login = told.acts["login"][-1]
    told.act("replay", lambda: world.checked(world.wire(OLD).replay(login)))
    bare = Request("POST", DIRECTORY["login"], (("content-type", JOSE),), b"{}")
    told.act("unsigned", lambda: world.raw(OLD, bare))
    attacker.hack_driver(world, by=ZHANG_MIN, at=STUDIO, skip=[RuleName("form-checked")])
    preludes.driver_installed(world, ZHANG_MIN)
    applicant.read_notice(world, by=ZHANG_MIN, at=STUDIO)
    bad = {"mailbox": "zhang.min@post", "mobile": "１３９00139000"}
    told.act("bad-form", lambda: applicant.apply(world, by=ZHANG_MIN, at=STUDIO, with_=bad))
    office.reissue(world, what="code", of=LI_WEI)
    told.act("new-code", lambda: applicant.collect_code(world, by=LI_WEI, at=OLD))


def _move(told: Story) -> None:
    world = told.world
    things.plug(world, drive=DRIVE, into=OLD)
    told.act("backup", lambda: applicant.backup(world, by=LI_WEI, at=OLD))
    told.files["drive"] = world.drives[DRIVE].disk.files()
    told.files["disk"] = world.places[OLD].machine.disk.files()
    applicant.install(world, by=LI_WEI, at=NEW)
    things.plug(world, drive=DRIVE, into=NEW)
    told.act("recover", lambda: applicant.recover(world, by=LI_WEI, at=NEW))
    told.act("retired", lambda: applicant.login(world, by=LI_WEI, at=OLD))
    world.results = {"second": applicant.backup(world, by=LI_WEI, at=NEW)}
    told.act("recover-here", lambda: applicant.recover(world, by=LI_WEI, at=NEW, backup=Label("second")))


def _other_mails(told: Story) -> None:
    """A disapproval, a withdrawal, a new address, a revocation."""
    world = told.world
    applicant.apply(world, by=ZHANG_MIN, at=STUDIO)
    told.act("disapprove", lambda: office.disapprove(world, of=ZHANG_MIN))
    applicant.apply(world, by=ZHANG_MIN, at=STUDIO)
    told.act("second-approval", lambda: office.approve(world, of=ZHANG_MIN))
    told.act("reissue", lambda: office.reissue(world, what="address", of=ZHANG_MIN))
    told.act("withdraw", lambda: applicant.withdraw(world, by=ZHANG_MIN, at=STUDIO))
    told.act("revoke", lambda: office.revoke(world, of=LI_WEI))
    told.get(DIRECTORY["crl"])
