"""Faults: what strikes one step. They are armed before it and disarmed after it; one that meets nothing makes it red."""

from typing import Any, Literal

from softcert_mailbox.misbehaviour import Plan
from softcert_sim.ailments import FaultKind
from softcert_sim.disk import SimDisk
from softcert_sim.evidence import PLANS
from softcert_sim.scenario.registry import (
    CheckFailed,
    Count,
    DiskMoment,
    DriveMoment,
    DriveName,
    Duration,
    OfficeMoment,
    PowerMoment,
    fault,
)
from softcert_sim.wire import LineFaultKind
from softcert_sim.world import World

_ONCE, _BUSY = Count(1), Count(451)
_SECOND_READ = DriveMoment("drive-read 2")
"""A backup is read twice: to be verified, and to be opened."""


def _when(moment: str) -> tuple[str, Any, int]:
    """`disk-write 3` is (`disk`, `write`, 3)."""
    counted, number = moment.split(" ")
    part, operation = counted.split("-", 1)
    return part, operation, int(number)


def _arm(world: World, kind: FaultKind, at: str, keeps: int = 0, other: SimDisk | None = None) -> None:
    """Arm a fault at every disk or drive: whichever the step uses is struck."""
    where, operation, nth = _when(at)
    if where == "drive":
        for drive in world.drives.values():
            drive.disk.arm(kind, operation, nth, choice=keeps, other=other)
    else:
        for place in world.places.values():
            place.machine.disk.arm(kind, operation, nth, choice=keeps)


@fault("power-cut", says="the power is cut at {at}")
def power_cut(world: World, at: PowerMoment, *, keeps: int = 0) -> None:
    """The power is cut at an operation, such as `disk-write 3`; `keeps` picks what of the unsynced survives."""
    world.trace = world.trace.keeping(keeps)
    where, operation, nth = _when(at)
    if where == "drive":
        _arm(world, "power-cut", at)
    else:
        for place in world.places.values():
            place.machine.power.arm(nth, "element" if where == "element" else "disk", operation)
    world.arming("power-cut")


@fault("disk-full", says="the {at} is the last: the disk is full")
def disk_full(world: World, at: DiskMoment) -> None:
    """No room is left from an operation on, such as `drive-write 1`."""
    _arm(world, "disk-full", at)
    world.arming("disk-full")


@fault("write-protect", says="{drive} is write-protected")
def write_protect(world: World, drive: DriveName) -> None:
    """The drive's switch is set against writing."""
    world.drives[drive].disk.arm("write-protect", "change")
    world.trace = world.trace.protecting(drive)
    world.arming("write-protect")


@fault("read-error", says="reading fails at {at}")
def read_error(world: World, at: DiskMoment) -> None:
    """An operation fails as unreadable media do, such as `drive-read 2`."""
    _arm(world, "read-error", at)
    world.arming("read-error")


@fault("pull-drive", says="the drive is pulled at {at}")
def pull_drive(world: World, at: DriveMoment, *, keeps: int = 0) -> None:
    """The drive is pulled at one of its operations, such as `drive-write 2`."""
    _arm(world, "pull", at, keeps)
    world.arming("pull-drive")


@fault("swap-drive", says="the drive is swapped for {to} at {at}")
def swap_drive(world: World, *, to: DriveName, at: DriveMoment = _SECOND_READ) -> None:
    """Another drive is in the port from an operation on."""
    _arm(world, "swap", at, other=world.drives[to].disk)
    world.arming("swap-drive")


Requests = Literal["signed", "any"]
"""Which requests are counted: those that a driver signed, or all, the examiner's among them."""


def _arm_lines(world: World, kind: LineFaultKind, number: Count = _ONCE, of: Requests = "signed", seconds: int = 0) -> None:
    for faults in world.line_faults():
        faults.arm(kind, of, number, seconds=seconds)
    world.arming(kind)


@fault("no-line", says="the computers have no connection")
def no_line(world: World) -> None:
    """Whatever a computer tries to send in the step fails: where the step does not break, nothing was to be sent."""
    for place in world.places.values():
        place.line.wire.faults.arm("no-line")
    world.arming("no-line")


@fault("cut-request", says="the line is cut before request {number} arrives")
def cut_request(world: World, number: Count = _ONCE, *, of: Requests = "signed") -> None:
    """The n-th signed request of the step (or request of any kind) never reaches the office."""
    _arm_lines(world, "cut-request", number, of)


@fault("cut-answer", says="the line is cut before answer {number} comes back")
def cut_answer(world: World, number: Count = _ONCE, *, of: Requests = "signed") -> None:
    """The office does what the n-th signed request asks (or request of any kind); its answer is lost."""
    _arm_lines(world, "cut-answer", number, of)


@fault("slow-line", says="the line is slow: {by}")
def slow_line(world: World, by: Duration) -> None:
    """Each request of the step takes that long to arrive."""
    _arm_lines(world, "slow-line", seconds=by)


@fault("duplicate-request", says="the line delivers request {number} twice")
def duplicate_request(world: World, number: Count = _ONCE) -> None:
    """The bytes of the n-th signed request arrive twice."""
    _arm_lines(world, "duplicate-request", number)


@fault("office-crash", says="the office's server dies at {at}")
def office_crash(world: World, at: OfficeMoment) -> None:
    """The office's process dies before the n-th statement or commit, such as `database-statement 4`, or after a commit,
    `database-committed 1`; mail that goes out when the step ends is counted on."""
    _, what, nth = _when(at)
    world.crash.arm(what, nth)
    world.arming("office-crash")


@fault("mail-down", says="the mail server is down")
def mail_down(world: World, for_: Duration) -> None:
    """The applicant's mail server refuses connections for this long, from the beginning of the step on."""
    world.post.down_until = world.clock.now() + for_
    world.post.turned_away = False
    world.inbox.set_down(True)
    world.arming("mail-down")


def _plan(world: World, plan: Plan) -> None:
    world.inbox.misbehave(plan)
    world.arming(PLANS[plan.kind])


@fault("mail-reject", says="the mail server answers {code}, {times} times")
def mail_reject(world: World, code: Count = _BUSY, *, times: Count = _ONCE) -> None:
    """The mail server refuses the next mails with an SMTP code, 400 to 599 (RFC 5321, section 4.2.1)."""
    if not 400 <= code <= 599:
        raise CheckFailed("a code from 400 to 599", f"{code}")
    _plan(world, Plan("refuse-message", count=times, code=code))


@fault("mail-cut", says="the connection breaks after the mail was accepted")
def mail_cut(world: World, times: Count = _ONCE) -> None:
    """The mail is accepted, but the connection breaks before the reply."""
    _plan(world, Plan("cut", count=times))


@fault("mail-delay", says="the mail is {by} late")
def mail_delay(world: World, by: Duration) -> None:
    """The mail is accepted, and delivered when this long has passed from the beginning of the step on."""
    _plan(world, Plan("delay", until=world.clock.now() + by))


@fault("mail-drop", says="the mail is lost")
def mail_drop(world: World, times: Count = _ONCE) -> None:
    """The mail is accepted and never delivered."""
    _plan(world, Plan("drop", count=times))


@fault("mail-duplicate", says="the mail arrives twice")
def mail_duplicate(world: World, times: Count = _ONCE) -> None:
    """The mail is delivered twice."""
    _plan(world, Plan("duplicate", count=times))


@fault("mail-reorder", says="the mail arrives after the next")
def mail_reorder(world: World, times: Count = _ONCE) -> None:
    """The mail is delivered after the one that follows it."""
    _plan(world, Plan("reorder", count=times))
