"""What an applicant does at a computer. Each verb uses what the person knows, and teaches what the act shows."""

from typing import Literal

from softcert.driver import LoggedIn, Submitted
from softcert.ports import Response
from softcert.rules.catalogue import INITIAL_PIN
from softcert_sim import knowing
from softcert_sim.scenario.registry import CheckFailed, ComputerName, DriveName, Label, Person, verb
from softcert_sim.world import World


@verb("visit", group="applicant", clauses="c03", says="{by} opens the homepage at {at}")
def visit(world: World, *, by: Person, at: ComputerName) -> str:
    """Open the homepage."""
    with world.using(at) as driver:
        return driver.visit()


@verb("confirm", group="applicant", clauses="c03 c04", says="{by} is asked whether to use {at}: {use}")
def confirm(world: World, *, by: Person, at: ComputerName, use: bool = True) -> None:
    """Answer the homepage's question whether this computer is the one to use."""
    with world.using(at) as driver:
        driver.confirm(use)


@verb("install", group="applicant", clauses="c05", says="{by} installs the driver at {at}")
def install(world: World, *, by: Person, at: ComputerName) -> None:
    """Download the driver from the homepage and install it."""
    with world.using(at) as driver:
        driver.install()


@verb("uninstall", group="applicant", says="{by} removes the driver at {at}")
def uninstall(world: World, *, by: Person, at: ComputerName) -> None:
    """Remove the driver, as security software sometimes does; keys and certificates stay."""
    with world.using(at) as driver:
        driver.uninstall()


@verb(
    "read-notice",
    group="applicant",
    clauses="c06 c07",
    says="{by} reads the notice '{which}' at {at}"
    "[, opened from {from}][, to the end: {to-the-end}][, accepts it: {accept}]",
)
def read_notice(
    world: World,
    *,
    by: Person,
    at: ComputerName,
    which: Literal["without-e-licence", "with-e-licence"] = "without-e-licence",
    from_: Literal["register-now", "bookmark"] = "register-now",
    to_the_end: bool = True,
    accept: bool = True,
) -> str:
    """Open a notice, read it, and accept it."""
    with world.using(at) as driver:
        return driver.read_notice(which, to_the_end=to_the_end, accept=accept, opened_from=from_)


@verb("fill", group="applicant", clauses="c09", says="{by} fills in the form at {at}[, with {with}]")
def fill(world: World, *, by: Person, at: ComputerName, with_: dict[str, str] | None = None) -> dict[str, str]:
    """Fill in the application form: the person's own data, with changes; a field set to nothing is left out."""
    return knowing.fill_in(world, by, at, with_)


@verb("review", group="applicant", clauses="c10", says="{by} checks at {at} that the form is correct")
def review(world: World, *, by: Person, at: ComputerName) -> None:
    """Look over the filled form and say that it is correct."""
    knowing.review(world, by, at)


@verb(
    "apply",
    group="applicant",
    clauses="c08 c10 c11",
    says="{by} submits the application at {at}[, with {with}][, reviewed: {reviewed}]",
)
def apply(
    world: World, *, by: Person, at: ComputerName, with_: dict[str, str] | None = None, reviewed: bool = True
) -> Submitted:
    """Submit the form that was filled in at this computer, or fill, review and submit it at once."""
    form, seen = knowing.draft(world, by, at) or (world.people[by].form(with_), reviewed)
    with world.using(at) as driver:
        submitted = driver.apply(form, reviewed=seen)
    knowing.submitted(world, by, at, form, submitted)
    return submitted


@verb("withdraw", group="applicant", says="{by} withdraws the application[ of {of}] at {at}")
def withdraw(world: World, *, by: Person, at: ComputerName, of: Person | None = None) -> None:
    """Take the application back."""
    application = world.people.recall(by, "application", of or by)
    with world.using(at) as driver:
        driver.withdraw(application)


@verb("read-mail", group="applicant", clauses="c14 c15", says="{by} reads the mailbox[ of {of}][ at {at}]")
def read_mail(world: World, *, by: Person, at: ComputerName | None = None, of: Person | None = None) -> str:
    """Read the office's mails in the mailbox, and so learn the address in the newest. Gives that mail's text."""
    owner = of or by
    mails = knowing.mails_of(world, owner, office_only=True)
    if not mails:
        raise CheckFailed(f"a mail from the office for {owner}", knowing.mails_in_words(world, owner))
    for mail in mails:
        for address in mail.addresses():
            if "/download/" in address:
                world.people.learn(by, "address", owner, address)
    return mails[-1].text


@verb(
    "download",
    group="applicant",
    clauses="c16 c17 c18 c19",
    says="{by} downloads the certificate[ of {of}] at {at}"
    "[, from another address: {address}][, from an older address ({older} back)]",
)
def download(
    world: World,
    *,
    by: Person,
    at: ComputerName,
    of: Person | None = None,
    address: str = "",
    older: int = 0,
) -> str:
    """Download from the address that the person knows; `older: 1` takes the one before, `address` another text.

    `made-up` as the address is the application's number with an invented secret; `own-number` is the person's own
    application's number with the secret of the address.
    """
    owner = of or by
    target = knowing.address(world, by, owner, address, older)
    with world.using(at) as driver:
        issued = driver.download(target)
    world.people.learn(by, "pin", owner, INITIAL_PIN)
    world.people.learn(by, "serial", owner, issued.serial)
    return issued.serial


@verb("change-pin", group="applicant", clauses="c20", says="{by} changes the PIN[ of {of}] at {at}[ from {pin}][ to {to}]")
def change_pin(
    world: World, *, by: Person, at: ComputerName, to: str = "", pin: str = "", of: Person | None = None
) -> None:
    """Change the PIN from the known (or given) one to the person's own (or given) one."""
    owner = of or by
    new = to or world.people[by].pin
    old = pin or knowing.known_pin(world, by, owner)
    knowing.secret(world, "pin", owner, new)
    with world.using(at) as driver:
        driver.change_pin(old, new, name=knowing.applicant_name(world, owner))
    world.people.learn(by, "pin", owner, new)


@verb(
    "login",
    group="applicant",
    clauses="c21 c13",
    says="{by} logs in at {at}[ with the certificate of {of}][, with the PIN {pin}]",
)
def login(world: World, *, by: Person, at: ComputerName, pin: str = "", of: Person | None = None) -> LoggedIn:
    """Log in with the PIN that the person knows, or with another."""
    owner = of or by
    with world.using(at) as driver:
        session = driver.login(pin or knowing.known_pin(world, by, owner), name=knowing.applicant_name(world, owner))
    world.people.learn(by, "session", owner, session.session)
    return session


@verb("logout", group="applicant", says="{by} logs out at {at}")
def logout(world: World, *, by: Person, at: ComputerName) -> None:
    """End the session at this computer."""
    with world.using(at) as driver:
        driver.logout()


@verb(
    "activate",
    group="applicant",
    clauses="c13 c22",
    says="{by} activates the certificate at {at}"
    "[ with the code {code}][ with an older code ({older} back)][ with the code of {of}]",
)
def activate(
    world: World, *, by: Person, at: ComputerName, code: str = "", older: int = 0, of: Person | None = None
) -> None:
    """Enter the activation code that the person knows (`older: 1` the one before), or another text.

    Activated is the certificate of the computer's session, whoever acts; `of` says whose code is entered.
    `sloppy` as the code is the known one in lower case, without hyphen, with O for 0 and L for 1; `half-right` is the
    known one with every symbol of its second half wrong.
    """
    entered = knowing.code(world, by, of or by, code, older)
    with world.using(at) as driver:
        driver.activate(entered)


@verb("collect-code", group="applicant", clauses="c12",
      says="{by} collects the re-issued activation code[ of {of}] at {at}")
def collect_code(world: World, *, by: Person, at: ComputerName, of: Person | None = None) -> str:
    """Have the office show the re-issued activation code at the bound computer."""
    owner = of or by
    application = world.people.recall(by, "application", owner)
    with world.using(at) as driver:
        code = driver.new_code(application)
    knowing.showed_code(world, by, owner, code)
    return code


@verb(
    "file",
    group="applicant",
    clauses="c23",
    says="{by} files '{text}' at {at}[, signed with the certificate of {of}][, with the PIN {pin}]",
)
def file(
    world: World,
    *,
    by: Person,
    at: ComputerName,
    text: str = "Trademark 西溪, class 30: tea",
    kind: str = "registration",
    pin: str = "",
    of: Person | None = None,
) -> str:
    """Submit trademark business: signed with the certificate, answered with a signed receipt. Gives the receipt's id.

    Filed in the session of the computer's last login and signed with that certificate, whoever acts, with the PIN of who
    acts; `of` signs with another person's certificate than the session's.
    """
    name = knowing.applicant_name(world, of) if of else None
    with world.using(at) as driver:
        receipt = driver.file(kind, text, pin or knowing.known_pin(world, by, of or by), name)
    return receipt.filing


@verb(
    "backup",
    group="applicant",
    clauses="c24 c25",
    says="{by} backs the certificate[ of {of}] up from {at}"
    "[ to {to}][, folder {folder}][, under the password {password}][, with the PIN {pin}]",
)
def backup(
    world: World,
    *,
    by: Person,
    at: ComputerName,
    to: DriveName | Literal["system-disk", "network-share"] | None = None,
    password: str = "",
    pin: str = "",
    folder: str = "",
    of: Person | None = None,
) -> str:
    """Back the certificate up to a drive (the one that is plugged in, unless named), under a password."""
    owner = of or by
    chosen = password or world.people[by].password
    knowing.secret(world, "password", owner, chosen)
    drive = to or knowing.plugged_at(world, at)
    with world.using(at) as driver:
        known = pin or knowing.known_pin(world, by, owner)
        backup_id = driver.backup(drive, known, chosen, knowing.applicant_name(world, owner), folder)
    world.people.learn(by, "password", owner, chosen)
    world.people.learn(by, "backup", owner, backup_id)
    return backup_id


@verb(
    "recover",
    group="applicant",
    clauses="c26 c27 c28",
    says="{by} recovers the certificate[ of {of}] at {at}[ from {from}]"
    "[, with the password {password}][, with the code {code}][, with the new PIN {new-pin}]",
)
def recover(
    world: World,
    *,
    by: Person,
    at: ComputerName,
    from_: DriveName | Literal["system-disk", "network-share"] | None = None,
    password: str = "",
    code: str = "",
    new_pin: str = "",
    of: Person | None = None,
    backup: Label | None = None,
) -> None:
    """Recover from a drive with the backup's password and the recovery proof, and choose a new PIN.

    `none` as the code gives no proof. `backup` names the step that made the backup, where a drive holds several.
    """
    owner = of or by
    chosen = new_pin or world.people[by].pin
    knowing.secret(world, "pin", owner, chosen)
    drive = from_ or knowing.plugged_at(world, at)
    entered = "" if code == "none" else knowing.code(world, by, owner, code, 0)
    opened_with = password or world.people.recall(by, "password", owner)
    with world.using(at) as driver:
        driver.recover(
            drive,
            opened_with,
            entered,
            chosen,
            backup=world.result(backup) if backup else None,
            name=knowing.applicant_name(world, owner),
        )
    world.people.learn(by, "pin", owner, chosen)


@verb("open", group="applicant", clauses="c17", says="{by} opens the address in the mail[ to {of}] in a browser")
def open_(world: World, *, by: Person, of: Person | None = None) -> Response:
    """Open the mailed address in a browser, without the driver: a page that explains, and changes nothing."""
    return knowing.browse(world, by, world.people.recall(by, "address", of or by))
