"""A toy world and toy verbs: what the loader, runner and reports are tried on, without an office."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from softcert.errors import MaybeDone, NotDone, Refused, Rejected
from softcert.rules.policy import Policy
from softcert.rules.verdict import Plain, Verdict
from softcert_sim.naming import Holder
from softcert_sim.scenario.model import Cast, Step
from softcert_sim.scenario.registry import (
    CheckFailed,
    ComputerName,
    DiskMoment,
    DriveName,
    Duration,
    Label,
    Person,
    Registry,
    Violation,
)
from softcert_sim.scenes import Scene
from softcert_sim.worlds import Suite

CAST = Cast(
    people={"li-wei": {"kind": "applicant"}, "thief": {"kind": "thief"}},
    computers={"office-pc": {"owner": "li-wei", "element": "secure"}, "cafe-pc": {"owner": "thief"}},
    drives={"red-usb": {"kind": "flash-drive"}},
)
REGISTRY = Registry()
NOON = 1_767_837_600
"""8 January 2026, 02:00 UTC: ten o'clock at the office."""
FACTS: dict[str, Plain] = {
    "driver_needed": (1, 0, 0),
    "driver_version": (1, 0, 0),
    "application": "submitted",
    "address": "live",
    "address_expires": NOON,
    "address_used_at": NOON,
    "address_used_by": "thumbprint-of-office-pc",
}
BUILT: list["ToyWorld"] = []
"""Every world that was made in this process."""


class ToyWorld:
    """Keeps a log; everything else is read off it."""

    def __init__(self, *, cast: Cast, policy: Policy, seed: int, name: str, transport: str) -> None:
        self.policy, self.seed, self.name, self.kept = policy, seed, name, transport == "memory"
        self.log: list[str] = []
        self.verdicts: list[Verdict] = []
        self.violations: list[Violation] = []
        self.line_is_cut = False
        self.closed = False
        BUILT.append(self)

    def begin(self, step: Step) -> None:
        self.log.append(f"begin {step.label}")

    def end(self, step: Step, result: Any) -> None:
        self.line_is_cut = False

    def check_invariants(self, step: Step) -> list[Violation]:
        return self.violations

    def struck(self, acts: Sequence[Step]) -> list[str]:
        return [fault.name for step in acts for fault in step.faults]

    def repeated(self) -> bool:
        return False

    def moves(self, acts: Sequence[Step]) -> list[tuple[str, str, str]]:
        return []

    def snapshot(self) -> Any:
        return (self.name, tuple(self.log)) if self.kept else None

    def restore(self, state: Any) -> None:
        self.name, log = state
        self.log, self.violations = list(log), []

    def rename(self, name: str) -> None:
        self.name = name
        self.log.append(f"renamed {name}")

    def digest(self) -> str:
        return hashlib.sha256(json.dumps([self.seed, self.name, self.log]).encode()).hexdigest()

    def called(self, device: str) -> Holder:
        return Holder(device.removeprefix("thumbprint-of-"), now=True)

    def export(self, folder: Path) -> None:
        (folder / "log.txt").write_text("\n".join(self.log), encoding="utf-8")

    def watch(self, lang: str) -> Callable[[], Scene]:
        return lambda: Scene(0, 1)

    def close(self) -> None:
        self.closed = True

    def decide(self, rule: str | None = None, reason: str | None = None) -> None:
        facts = tuple({**FACTS, "address": "live" if rule is None else "used"}.items())
        self.verdicts.append(Verdict("download", "office", rule, reason, facts, ("driver-first", "one-time-link")))


@REGISTRY.verb("download", group="applicant", clauses="c16 c17", says="{by} downloads at {at}[ for {of}]")
def download(world: ToyWorld, *, by: Person, at: ComputerName, of: Person | None = None) -> None:
    """Download the certificate; works once."""
    if world.line_is_cut:
        raise MaybeDone("No answer came. Try again.")
    if "downloaded" in world.log:
        world.decide("one-time-link", "used")
        raise Refused("one-time-link", "used", "The address was used. Ask the office.")
    world.decide()
    world.log.append("downloaded")


@REGISTRY.verb("ask", group="applicant")
def ask(world: ToyWorld, *, by: Person, hears: Literal["less", "error", "all"] = "all") -> None:
    """Be refused, and be told all of it or less."""
    world.decide("approved-only", "undecided")
    if hears == "error":
        raise Rejected("unauthorized", "No.")
    told = ("unique-address", "unknown") if hears == "less" else ("approved-only", "undecided")
    raise Refused(*told, "Wait for the mail.")


@REGISTRY.verb("replay", group="attacker", attack=True)
def replay(world: ToyWorld, *, by: Person, exchange: Label) -> None:
    """Send captured bytes again."""
    raise Rejected("badNonce", "The nonce was used.")


@REGISTRY.verb("steal", group="attacker", attack=True)
def steal(world: ToyWorld, *, by: Person, what: Person | ComputerName | DriveName | Literal["mailbox"]) -> None:
    """Take something."""
    world.log.append(f"stolen {what}")


@REGISTRY.verb("fill", group="applicant")
def fill(
    world: ToyWorld,
    *,
    by: Person,
    form: dict[str, str],
    parts: list[str] | None = None,
    tries: int = 1,
    full: bool = True,
) -> None:
    """Fill in the form."""
    world.log.append(repr((form, parts, tries, full)))


@REGISTRY.verb("wait", group="time", says="{for} pass")
def wait(world: ToyWorld, for_: Duration) -> None:
    """Let time pass."""
    world.log.append(f"wait {for_}")


@REGISTRY.verb("restart", group="office")
def restart(world: ToyWorld) -> None:
    """Restart the office."""


@REGISTRY.verb("misbehave", group="office")
def misbehave(world: ToyWorld, how: Literal["crash", "violate", "break", "unlearned", "stop", "hang"]) -> None:
    """Do what a faulty system does."""
    if how == "violate":
        world.violations = [Violation("one-computer", "two computers can use it")]
    elif how == "break":
        raise NotDone("The disk is full. Make room.")
    elif how == "unlearned":
        raise CheckFailed("li-wei to know the code", "nothing known")
    elif how == "stop":
        raise KeyboardInterrupt
    elif how == "hang":
        os.write(1, b"hanging\n")
        while True:
            pass
    elif how == "crash":
        raise ZeroDivisionError("by nought")


@REGISTRY.check("check-downloads", clauses="c18")
def check_downloads(world: ToyWorld, *, count: int) -> None:
    """So many downloads happened."""
    seen = world.log.count("downloaded")
    if seen != count:
        raise CheckFailed(f"{count} downloads", f"{seen}")


@REGISTRY.fault("cut-answer", says="the answer is lost")
def cut_answer(world: ToyWorld) -> None:
    """No answer arrives."""
    world.line_is_cut = True


@REGISTRY.fault("power-cut")
def power_cut(world: ToyWorld, at: DiskMoment, *, keeps: int = 0) -> None:
    """The power is cut."""
    world.log.append(f"power cut at {at}, {keeps}")


@REGISTRY.prelude("applied")
def applied(world: ToyWorld, person: Person) -> None:
    """The person applied."""
    world.log.append(f"{person} applied under {world.name}")


@REGISTRY.prelude("approved", after="applied")
def approved(world: ToyWorld, person: Person) -> None:
    """The person was approved."""
    world.log.append(f"{person} approved")


def suite() -> Suite:
    """The toys as a suite."""
    return Suite(REGISTRY, ToyWorld)
