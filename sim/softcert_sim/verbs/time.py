"""Time: it passes when a scenario says so, and clocks may be wrong."""

from typing import Literal

from softcert_sim import knowing
from softcert_sim.scenario.registry import ComputerName, Duration, Person, verb
from softcert_sim.world import World


@verb("wait", group="time", says="{for} pass")
def wait(world: World, for_: Duration) -> None:
    """Let time pass; the office sends the mails that come due."""
    world.pass_time(for_)


@verb("wait-until", group="time", says="time passes until {what} for {of}[, and {plus}]")
def wait_until(
    world: World, *, of: Person, what: Literal["address-expires", "certificate-expires"], plus: Duration = Duration(0)
) -> None:
    """Let time pass until the very second at which an address or a certificate expires, and `plus` seconds more."""
    if what == "address-expires":
        moment = world.records.address_expires(knowing.application_of(world, of))
    else:
        moment = world.records.certificate_expires(knowing.serial_of(world, of))
    # The step itself takes the last second.
    world.pass_time(max(0, moment + plus - 1 - world.clock.now()))


@verb("set-clock", group="time", says="the clock of {at} is set wrong[: {back} back][: {ahead} ahead]")
def set_clock(
    world: World, *, at: ComputerName | Literal["office"], back: Duration = Duration(0), ahead: Duration = Duration(0)
) -> None:
    """Set a clock wrong: a computer's own, or the office's (on which everything else hangs)."""
    if at == "office":
        world.clock.set(world.clock.now() + ahead - back)
    else:
        world.places[at].machine.clock.set(ahead - back)
