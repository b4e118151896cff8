"""What people bring to an act: filled forms, addresses, codes and PINs that they know, drives that they hold."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from softcert.driver import Submitted
from softcert.ports import Request, Response
from softcert.rules.catalogue import INITIAL_PIN
from softcert_mailbox.message import Message
from softcert_sim.people import Topic
from softcert_sim.scenario.registry import CheckFailed, ComputerName, DriveName
from softcert_sim.world import World

EVERYBODY = ""
"""Under this name the world itself keeps every true secret, for the invariants."""
SHORTEST_SECRET = 8
"""A shorter text may stand somewhere by chance."""


# Forms


def fill_in(world: World, by: str, at: str, changes: Mapping[str, str] | None) -> dict[str, str]:
    """A filled form, kept in the browser of the computer."""
    form = world.people[by].form(changes)
    world.drafts = {**world.drafts, (by, at): (form, False)}
    return form


def review(world: World, by: str, at: str) -> None:
    """The form was looked over. Raises CheckFailed when there is none."""
    if (by, at) not in world.drafts:
        raise CheckFailed(f"a form that {by} filled in at {at}", "none: `fill` it first")
    world.drafts = {**world.drafts, (by, at): (world.drafts[by, at][0], True)}


def draft(world: World, by: str, at: str) -> tuple[Mapping[str, str], bool] | None:
    """The form in the browser and whether it was reviewed."""
    return world.drafts.get((by, at))


def submitted(world: World, by: str, at: str, form: Mapping[str, str], answer: Submitted) -> None:
    """The form is gone, number and code are known."""
    world.drafts = {key: value for key, value in world.drafts.items() if key != (by, at)}
    world.people.learn(by, "application", by, answer.application)
    world.people.learn(EVERYBODY, "application", by, answer.application)
    world.people.learn(EVERYBODY, "name", by, form["name"])
    showed_code(world, by, by, answer.activation_code)


def showed_code(world: World, by: str, of: str, code: str) -> None:
    """An activation code came to be known."""
    world.people.learn(by, "activation-code", of, code)
    world.people.learn(EVERYBODY, "activation-code", of, code)


def secret(world: World, topic: Topic, of: str, value: str) -> None:
    """A person chose a secret: from now on it must stand nowhere in clear."""
    if value != INITIAL_PIN:
        world.people.learn(EVERYBODY, topic, of, value)


def ever_chosen(world: World, topic: Topic) -> list[tuple[str, str]]:
    """Every secret of a kind that anybody chose or got, with its owner."""
    return [
        (value, about)
        for (known, about), values in world.people.minds.get(EVERYBODY, {}).items()
        if known == topic
        for value in values
    ]


# What is true, for checks and the examiner


def applications_of(world: World, of: str) -> Sequence[str]:
    """The numbers of a person's applications, oldest first."""
    return world.people.knows(EVERYBODY, "application", of)


def application_if_any(world: World, of: str) -> str:
    """The latest, or an empty string."""
    return ("", *applications_of(world, of))[-1]


def application_of(world: World, of: str) -> str:
    """The latest. Raises CheckFailed."""
    found = application_if_any(world, of)
    if not found:
        raise CheckFailed(f"an application of {of}", "none")
    return found


def serial_if_any(world: World, of: str) -> str:
    """The serial of a person's latest certificate, or an empty string."""
    serials = world.records.serials_of(applications_of(world, of))
    return serials[-1] if serials else ""


def serial_of(world: World, of: str) -> str:
    """The serial of a person's latest certificate. Raises CheckFailed."""
    found = serial_if_any(world, of)
    if not found:
        raise CheckFailed(f"a certificate of {of}", "none")
    return found


def applicant_name(world: World, of: str) -> str:
    """The name under which a person applied."""
    return (world.people[of].applicant, *world.people.knows(EVERYBODY, "name", of))[-1]


# What people know


def address(world: World, by: str, of: str, given: str, older: int) -> str:
    """The address that a person goes to: known from mail, made up, or spelled in another way."""
    if given == "made-up":
        return f"{world.origin}/download/{application_of(world, of)}.{'A' * 43}"
    if given == "own-number":
        secret = world.people.recall(by, "address", of).rpartition(".")[2]
        return f"{world.origin}/download/{application_of(world, by)}.{secret}"
    if given and given not in SPELLINGS:
        return given
    known = world.people.knows(by, "address", of)
    if len(known) <= older:
        world.people.recall(by, "address", of)
        raise CheckFailed(f"{by} to know {older + 1} addresses", str(len(known)))
    return SPELLINGS[given](known[-1 - older]) if given else known[-1 - older]


def _other_case(text: str) -> str:
    head, _, token = text.rpartition(".")
    return f"{head}.{token.swapcase()}"


SPELLINGS: dict[str, Callable[[str], str]] = {
    "truncated": lambda text: text[:-1],
    "other-case": _other_case,
    "percent-encoded": lambda text: f"{text[:-1]}%{ord(text[-1]):02X}",
    "padded": lambda text: f"{text}=",
    "with-query": lambda text: f"{text}?utm_source=mail",
}
"""Other spellings of a known address."""


def known_pin(world: World, by: str, of: str) -> str:
    """The PIN that a person knows; whoever knows none tries the initial one."""
    known = world.people.knows(by, "pin", of)
    return known[-1] if known else INITIAL_PIN


def code(world: World, by: str, of: str, given: str, older: int) -> str:
    """The activation code that a person enters."""
    if given and given not in ("sloppy", "half-right"):
        return given
    known = world.people.knows(by, "activation-code", of)
    if len(known) <= older:
        world.people.recall(by, "activation-code", of)
        raise CheckFailed(f"{by} to know {older + 1} codes", str(len(known)))
    entered = known[-1 - older]
    if given == "sloppy":
        return f" {entered.replace('-', '').lower().replace('0', 'o').replace('1', 'l')} "
    if given == "half-right":
        first, hyphen, second = entered.partition("-")
        return first + hyphen + "".join("1" if symbol == "0" else "0" for symbol in second)
    return entered


# Mail


def mails_of(world: World, of: str, *, purpose: str | None = None, office_only: bool = False) -> list[Message]:
    """The mails in a person's mailbox; `office_only` leaves out what the office did not send."""
    mailbox = world.people[of].mailbox
    found = world.inbox.messages(recipient=mailbox, purpose=purpose)
    domain = world.origin.partition("//")[2]
    return [mail for mail in found if not office_only or mail.sender.endswith(f"@{domain}")]


def mails_in_words(world: World, of: str, *, purpose: str | None = None) -> str:
    """What is in a mailbox: how many mails, and of each purpose, time of delivery and subject."""
    mails = mails_of(world, of, purpose=purpose)
    told = (f"{it.purpose or 'other'}, delivered {datetime.fromtimestamp(it.received_at, UTC):%Y-%m-%d %H:%M:%S} UTC:"
            f" {it.subject}" for it in mails)  # fmt: skip
    return f"{len(mails)} mail(s): {'; '.join(told)}" if mails else "no mail"


def browse(world: World, by: str, url: str) -> Response:
    """Open an address in a browser."""
    return world.raw(by, Request("GET", url.removeprefix(world.origin)))


# Things


def plugged_at(world: World, at: str) -> DriveName:
    """The one drive that is plugged in, or the name of none."""
    plugged = [drive.name for drive in world.places[at].machine.drives if drive.name in world.drives]
    return DriveName(plugged[-1] if plugged else "no-drive")


def computers_of(world: World, person: str) -> list[ComputerName]:
    """The computers that a person owns, in the cast's order."""
    owned = [ComputerName(name) for name, data in world.cast.computers.items() if data.get("owner") == person]
    if not owned:
        raise CheckFailed(f"a computer that {person} owns", "none in the cast")
    return owned


def another_computer(world: World, person: str) -> ComputerName:
    """A computer to move to: the person's second one, or else the first of anybody's that holds no key. Raises
    CheckFailed."""
    owned = computers_of(world, person)
    if len(owned) > 1:
        return owned[1]
    for name, place in world.places.items():
        if not any(path.startswith("softcert/keys/") for path in place.machine.disk.files()):
            return ComputerName(name)
    raise CheckFailed("a computer without a key to move to", "none")


def spare_drive(world: World) -> DriveName:
    """The first drive with nothing on it that is in no computer. Raises CheckFailed."""
    for name, drive in world.drives.items():
        if not drive.disk.files() and drive.plugged_into is None:
            return DriveName(name)
    raise CheckFailed("an empty drive in no computer", "none")


def drive_of(world: World, person: str) -> DriveName:
    """The drive with the person's latest backup. Raises CheckFailed."""
    backups = world.people.knows(person, "backup", person)
    for name, drive in world.drives.items():
        if any(backup in path for backup in backups[-1:] for path in drive.disk.files()):
            return DriveName(name)
    raise CheckFailed(f"a drive with a backup of {person}", "none")
