"""What attackers do, at the level that they have: captured bytes, raw requests, copied disks, changed drivers."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Literal

from softcert.ports import Hardware, Request, Response
from softcert_sim import alteration, forgery, handmade, intrusion
from softcert_sim.scenario.registry import ComputerName, DriveName, Fit, Label, Person, RuleName, verb
from softcert_sim.world import World

VENDOR_BLANKS = {
    "board": "To be filled by O.E.M.", "processor": "0000000000000000", "disk": "Default string",
    "network": "00:00:00:00:00:00",
}  # fmt: skip
"""What machines report where a vendor wrote no id."""
SPELLINGS: dict[str, Callable[[str], str]] = {
    "small-letters": str.lower,
    "other-signs": lambda text: f" {' '.join(text.replace(':', '-'))} ",
    "full-width": lambda text: text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
    "look-alikes": lambda text: text.translate(str.maketrans("ABCE01", "\u0410\u0412\u0421\u0415Ol")),
}
"""Other spellings of a hardware id; the look-alikes are Cyrillic capitals, and O and l for zero and one."""


@verb("steal", group="attacker", attack=True, says="{by} steals from {of}: {what}")
def steal(
    world: World,
    *,
    by: Person,
    what: Literal["mailbox", "activation-code", "pin", "password", "application", "session", "backup", "everything"],
    of: Person,
) -> None:
    """Learn what another person knows: read the mailbox, look over a shoulder, find a note. Of a backup it is the id."""
    intrusion.steal(world, by, what, of)


@verb(
    "replay", group="attacker", attack=True,
    says="{by} sends the captured bytes of '{exchange}' again[, signed anew by {signed-by}][: {content}]",
)  # fmt: skip
def replay(
    world: World,
    *,
    by: Person,
    exchange: Label,
    at: ComputerName | None = None,
    signed_by: ComputerName | None = None,
    content: Literal["same", "other", "acknowledgement"] = "same",
) -> Response:
    """Send captured bytes again, exactly as they were; over the line of a computer, or from anywhere.

    `signed-by` makes the request anew with its id, the same or other content and a fresh nonce, signed by a computer's
    device key; of the certificate key nothing is known. Or it acknowledges that request's answer.
    """
    if signed_by:
        return intrusion.ask_again(world, signed_by, exchange, content)
    return intrusion.replay(world, at or by, exchange)


@verb("send", group="attacker", attack=True, says="{by} sends {request} by hand")
def send(
    world: World,
    *,
    by: Person,
    request: str,
    of: Person | None = None,
    body: str = "",
    type_: str = "application/jose+json",
) -> Response:
    """Send a raw request, such as `POST /login`; `{token}` in it is the token that the person knows."""
    method, _, target = request.partition(" ")
    if "{token}" in target:
        target = target.replace("{token}", world.people.recall(by, "address", of or by).rpartition("/")[2])
    headers = (("content-type", type_),) if body or method == "POST" else ()
    return world.raw(by, Request(method, target, headers, body.encode()))


@verb(
    "forge-jws", group="attacker", attack=True, says="{by} sends a request for {act} at {at} with {how}",
    fit=Fit("act", "how", handmade.INNER),
)  # fmt: skip
def forge_jws(
    world: World,
    *,
    by: Person,
    at: ComputerName,
    how: Literal[
        "alg-none", "wrong-key", "foreign-key", "unprotected-header", "other-url", "stale-nonce", "invented-nonce",
        "changed-body", "extra-header", "no-nonce", "other-method", "deep-json", "bad-utf8", "too-large",
        "inner-by-another-key", "inner-other-type", "inner-other-url", "inner-other-nonce", "inner-other-device",
        "inner-other-serial", "inner-other-session", "swapped-inner", "filing-changed", "nothing-wrong",
    ],
    act: Literal[
        "login", "logout", "activate", "file", "withdraw", "download", "backup", "recover",
    ] = "withdraw",
    of: Person | None = None,
) -> Response:
    """Send a signed request by hand that is wrong in one way, made with this computer's own keys.

    With `inner-by-another-key` the certificate is that of `of`, and the key is the attacker's; `inner-other-…` was made
    for another type, url, nonce or device, names another certificate or session; `swapped-inner` was made for another
    act. With `nothing-wrong` it is what a driver would send, with what the attacker knows: the last session that he
    heard of, say, whether or not the driver still has it. A code that he does not know is made up.
    """
    return handmade.forge_jws(world, by, at, how, act, of or by)


@verb("scan", group="attacker", attack=True, clauses="c14", says="{by} opens every address in the mails of {of}")
def scan(world: World, *, by: Person, of: Person) -> list[int]:
    """Visit every address in a person's mails by GET, HEAD, OPTIONS and form POST, as mail scanners do."""
    return intrusion.scan(world, by, of)


@verb("guess", group="attacker", attack=True, says="{by} guesses the {what}[ of {of}][ at {at}], {times} times")
def guess(
    world: World,
    *,
    by: Person,
    what: Literal["address", "activation-code", "pin", "password", "recovery-code"],
    of: Person,
    at: ComputerName,
    times: int = 1,
) -> None:
    """Try made-up values through the driver, again and again; the last try decides the outcome.

    A made-up address has the true number of the application of `of`, and a secret that is wrong.
    """
    intrusion.guess(world, by, what, of, at, times)


@verb("flood", group="attacker", attack=True, says="{by} sends {times} applications at {at}[ for the mailbox {mailbox}]")
def flood(world: World, *, by: Person, at: ComputerName, times: int, mailbox: str = "") -> None:
    """Send application after application; the last one decides the outcome."""
    intrusion.flood(world, by, at, times, mailbox)


@verb("spoof", group="attacker", attack=True, says="requests from {at} bear {header}: {value}")
def spoof(world: World, *, at: ComputerName | Literal["desk"], header: str, value: str) -> None:
    """Have every further request of a computer, or of the examiners, bear a forged header; an empty value ends it."""
    line = world if at == "desk" else world.places[at].line
    line.spoofed = {name: text for name, text in {**line.spoofed, header: value}.items() if text}


@verb("imitate", group="attacker", attack=True, says="{at} reports the hardware ids of {of}[, spelled in {spelled}]")
def imitate(
    world: World,
    *,
    at: ComputerName,
    of: ComputerName,
    spelled: Literal["small-letters", "other-signs", "full-width", "look-alikes"] | None = None,
) -> None:
    """Report another computer's hardware ids as one's own, or one's own ids in another spelling."""
    ids = asdict(world.places[of].machine.hardware)
    spell = SPELLINGS[spelled] if spelled else str
    world.places[at].machine.imitate(Hardware(**{part: spell(text) for part, text in ids.items()}))
    world.renew(at, world.places[at].driver.memory)


@verb("blank-ids", group="things", says="{at} reports vendor blanks for {parts}")
def blank_ids(
    world: World, *, at: ComputerName, parts: list[Literal["board", "processor", "disk", "network"]]
) -> None:
    """Have a computer report what careless vendors leave in place of an id."""
    machine = world.places[at].machine
    machine.imitate(replace(machine.hardware, **{part: VENDOR_BLANKS[part] for part in parts}))
    world.renew(at, world.places[at].driver.memory)


@verb("forge", group="attacker", attack=True, says="{by} forges a {what} for {of}")
def forge(
    world: World,
    *,
    by: Person,
    what: Literal[
        "mail", "certificate-self-signed", "certificate-other-ca", "certificate-wrong-usage", "certificate-later-end",
    ],
    of: Person,
    at: ComputerName | None = None,
) -> None:
    """Make a false mail of the office, or put a false certificate into a computer's key store."""
    intrusion.forge(world, what, of, at)


@verb(
    "hack-driver",
    group="attacker",
    attack=True,
    says="{by} changes the driver at {at}[: it skips {skip}][: it claims to be {claims}]"
    "[: it sends the confirmation of {confirmation-of}][: it asks for a certificate with {csr}]",
)
def hack_driver(
    world: World,
    *,
    by: Person,
    at: ComputerName,
    skip: list[RuleName] | None = None,
    claims: str = "",
    confirmation_of: ComputerName | None = None,
    renamed: bool = False,
    ticket: Literal["own", "invented"] = "own",
    session_of: ComputerName | None = None,
    csr: Literal["own-key", "other-subject", "extra-extension", "weak-key", "device-key", "unproven"] | None = None,
) -> None:
    """Change the driver: it no longer asks these rules, claims this version, sends another computer's confirmation (with
    this one's name written into it, if `renamed`), an invented ticket of the homepage, another computer's session, or
    one and the same request for a certificate in every application.
    """
    place = world.places[at]
    place.skips, place.claims = frozenset(skip or ()), claims
    place.borrowed = world.places[confirmation_of].driver.confirmation() if confirmation_of else None
    if place.borrowed and renamed:
        place.borrowed = forgery.renamed(place.borrowed, place.driver)
    place.csr = forgery.certificate_request(csr, world, place.driver) if csr else b""
    memory = place.driver.memory
    if session_of:
        session = world.places[session_of].driver.memory.session
        slots = [store.slot for store in place.driver.keys.all() if store.certificate]
        # What is signed in the session is signed with a key that lies here, if any does.
        memory = replace(memory, session=replace(session, slot=slots[0]) if session and slots else session)
    world.renew(at, replace(memory, ticket="invented") if ticket == "invented" else memory)


@verb("extract", group="attacker", attack=True, says="{by} takes the key out of the backup of {of} at {at}")
def extract(world: World, *, by: Person, at: ComputerName, of: Person, password: str = "") -> None:
    """Open a backup with its password and keep the key at a computer, under one's own PIN, without asking the office."""
    intrusion.extract(world, by, at, of, password)


@verb(
    "alter", group="attacker", attack=True, says="{what} on {on} is altered: {how}",
    fit=Fit("how", "what", alteration.HOWS),
)  # fmt: skip
def alter(
    world: World,
    *,
    what: Literal[
        "backup", "manifest", "keystore", "driver", "driver-manifest", "driver-download", "receipt",
        "receipt-download", "element",
    ],
    on: DriveName | ComputerName,
    how: Literal[
        "one-byte", "cut", "empty", "unsigned", "older", "removed", "renamed", "newer-format", "signed-by-another",
        "another-office", "other-purpose", "other-content", "other-serial", "genuine", "sealed-anew", "epoch-advanced",
        "slot-forgotten",
    ] = "one-byte",
) -> None:
    """Change stored or downloaded bytes, or what the secure element holds, behind the driver's back. No PIN is known.

    The one byte of what the office signed is one of the signature, that of a key store one of the sealed key; `renamed`
    is the folder of the file. A download is altered from now on, until `genuine`; with `other-content` and
    `other-serial` the office itself signed it, for something else.
    """
    alteration.alter(world, what, on, how)
