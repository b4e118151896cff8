"""What happens at the office: the examiner's desk, through its own listener, and the machine on which the office runs."""

from typing import Literal

from softcert.protocol import Json
from softcert_sim import alteration, knowing
from softcert_sim.scenario.registry import CheckFailed, Label, Person, verb
from softcert_sim.world import World

EXAMINER = Person("examiner")
"""Who sits at the desk where a scenario names nobody."""


@verb("approve", group="office", clauses="c15 c16", says="{by} approves the application of {of}")
def approve(world: World, *, of: Person, by: Person = EXAMINER) -> Json:
    """Approve an application."""
    return world.desk("POST", f"/applications/{knowing.application_of(world, of)}/approve", by=by)


@verb("disapprove", group="office", clauses="c15", says="{by} disapproves the application of {of}: {reasons}")
def disapprove(
    world: World, *, of: Person, by: Person = EXAMINER, reasons: str = "The name does not match the licence."
) -> Json:
    """Disapprove an application, with reasons for the applicant."""
    return world.desk("POST", f"/applications/{knowing.application_of(world, of)}/disapprove", {"reasons": reasons}, by)


@verb("examine", group="office", says="{by} looks at the application of {of}[, beside that of {same-name} in this name]")
def examine(
    world: World, *, of: Person, by: Person = EXAMINER, shows: str = "", same_name: Person | None = None
) -> Json:
    """Look at an application as the examiner sees it; `shows` must stand in it, and the number of the application of
    `same-name` among those in the same name."""
    seen = world.desk("GET", f"/applications/{knowing.application_of(world, of)}", by=by)
    if shows and shows not in str(seen):
        raise CheckFailed(f"the examiner to see {shows!r}", str(seen))
    if same_name and knowing.application_of(world, same_name) not in seen["same_name"]:
        raise CheckFailed(f"the examiner to see that {same_name} applied in the same name", str(seen["same_name"]))
    return seen


@verb("reissue", group="office", says="{by} re-issues the {what} of {of}")
def reissue(world: World, *, what: Literal["address", "code"], of: Person, by: Person = EXAMINER) -> Json:
    """Send a new address (older ones die), or grant a new activation code (the old one dies)."""
    return world.desk("POST", f"/applications/{knowing.application_of(world, of)}/reissue-{what}", by=by)


@verb("revoke", group="office", says="{by} revokes the certificate of {of}")
def revoke(
    world: World,
    *,
    of: Person,
    by: Person = EXAMINER,
    reason: Literal["keyCompromise", "cessationOfOperation", "superseded", "privilegeWithdrawn"] = "keyCompromise",
) -> Json:
    """Revoke a certificate: sessions end, backups are worthless, the CRL says so."""
    return world.desk("POST", f"/certificates/{knowing.serial_of(world, of)}/revoke", {"reason": reason}, by)


@verb("publish-notice", group="office", clauses="c07", says="{by} publishes a changed notice")
def publish_notice(
    world: World,
    *,
    which: Literal["without-e-licence", "with-e-licence"] = "without-e-licence",
    by: Person = EXAMINER,
    text: str = "Changed application matters: read them again, to the end.",
) -> Json:
    """Publish a changed notice; what was read before no longer counts."""
    return world.desk("POST", "/notices", {"id": which, "text": text}, by)


@verb("publish-driver", group="office", clauses="c05", says="{by} publishes driver {version}")
def publish_driver(world: World, *, version: str, by: Person = EXAMINER) -> Json:
    """Publish a newer driver release; older ones are outdated from now on."""
    return world.desk("POST", "/releases", {"version": version}, by)


@verb("restart", group="office", says="the office's server is restarted")
def restart(world: World) -> None:
    """Stop the office and start it again on the same database; it refuses one that contradicts its audit head."""
    world.restart_office()


@verb("backup-database", group="office", says="the office's database is copied")
def backup_database(world: World) -> bytes:
    """Copy the office's database, as an operator does at night. Give the step a name with `as`."""
    return world.store.snapshot()


@verb("restore-database", group="office", says="the office's database is put back to the copy '{from}'")
def restore_database(world: World, *, from_: Label) -> None:
    """Put an older copy of the database back under the running office, and restart it."""
    world.trace = world.trace.doubting()
    world.store.restore(world.result(from_))
    restart(world)


@verb("tamper", group="attacker", attack=True, says="an insider changes the database: {what}[ of {of}][ to {to}]")
def tamper(
    world: World,
    *,
    what: Literal[
        "rebind", "audit-removed", "audit-changed", "audit-reordered", "address-live", "address-longer",
        "certificate-unrevoked", "certificate-exchanged", "backup-unspent", "session-live", "tries", "time",
    ],
    of: Person | None = None,
    to: str = "",
) -> None:
    """Change the office's database behind its back.

    `rebind` binds the certificate of `of` to the computer `to`; `certificate-exchanged` records for it the certificate that
    stands at `to`; `time` takes the office's memory of the time away; what begins with `audit` changes the log; all else
    gives back to `of` what was used up, ended, counted or revoked.
    """
    world.trace = world.trace.doubting()
    alteration.tamper(world, what, of or "", to)
