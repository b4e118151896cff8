"""Preludes: where in the process a scenario may begin. Each goes on from the one before it, at the person's own
computer."""

from softcert_sim import knowing
from softcert_sim.scenario.registry import Person, prelude
from softcert_sim.verbs import applicant, office, things
from softcert_sim.world import World


@prelude("driver-installed")
def driver_installed(world: World, person: Person) -> None:
    """The person confirmed the computer and installed the driver."""
    at = knowing.computers_of(world, person)[0]
    applicant.visit(world, by=person, at=at)
    applicant.confirm(world, by=person, at=at)
    applicant.install(world, by=person, at=at)


@prelude("applied", after="driver-installed")
def applied(world: World, person: Person) -> None:
    """The person read the notice and submitted the application; the activation code is known."""
    at = knowing.computers_of(world, person)[0]
    applicant.read_notice(world, by=person, at=at)
    applicant.fill(world, by=person, at=at)
    applicant.review(world, by=person, at=at)
    applicant.apply(world, by=person, at=at)


@prelude("approved", after="applied")
def approved(world: World, person: Person) -> None:
    """The office approved the application, and the result mail has arrived (unread)."""
    world.pass_time(world.policy.review_time)
    office.approve(world, of=person)
    world.deliver_mail()


@prelude("downloaded", after="approved")
def downloaded(world: World, person: Person) -> None:
    """The person read the mail and downloaded the certificate."""
    applicant.read_mail(world, by=person)
    applicant.download(world, by=person, at=knowing.computers_of(world, person)[0])


@prelude("pin-changed", after="downloaded")
def pin_changed(world: World, person: Person) -> None:
    """The person changed the initial PIN."""
    applicant.change_pin(world, by=person, at=knowing.computers_of(world, person)[0])


@prelude("active", after="pin-changed")
def active(world: World, person: Person) -> None:
    """The person logged in, activated the certificate, and logged out."""
    at = knowing.computers_of(world, person)[0]
    applicant.login(world, by=person, at=at)
    applicant.activate(world, by=person, at=at)
    applicant.logout(world, by=person, at=at)


@prelude("backed-up", after="active")
def backed_up(world: World, person: Person) -> None:
    """The person made a backup on a flash drive and unplugged it."""
    at, drive = knowing.computers_of(world, person)[0], knowing.spare_drive(world)
    things.plug(world, drive=drive, into=at)
    applicant.backup(world, by=person, at=at, to=drive)
    things.unplug(world, drive)


@prelude("moved", after="backed-up")
def moved(world: World, person: Person) -> None:
    """The person recovered the certificate on the next computer, where the drive still is; the office's notice came."""
    new, drive = knowing.another_computer(world, person), knowing.drive_of(world, person)
    applicant.install(world, by=person, at=new)
    things.plug(world, drive=drive, into=new)
    applicant.recover(world, by=person, at=new, from_=drive)
    world.deliver_mail()
