"""What must hold at every moment, whatever was just done. Each invariant belongs to a rule, and says what it saw.

They look at the world from outside: at the office's tables, captured bytes, mails, disks and drives. They share rule ids
with the product and nothing else.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from softcert.rules.catalogue import INITIAL_PIN, RuleId
from softcert_sim import witness
from softcert_sim.scenario.registry import Violation
from softcert_sim.world import World

Invariant = Callable[[World], Iterator[str]]


def exactly_one_computer(world: World) -> Iterator[str]:
    """A certificate that is not revoked is bound to exactly one computer, and that one has its key."""
    if world.policy.recovery == "copy":
        return
    for serial, _, state, _, generation in world.records.certificates():
        if state == "revoked":
            continue
        bound = world.records.bound(serial)
        if len(bound) != 1:
            yield f"certificate {serial[:8]} is bound to {len(bound)} computers"
        for session_serial, device in world.records.live_sessions(world.clock.now()):
            if session_serial == serial and device not in bound:
                yield f"certificate {serial[:8]} has a session on a computer to which it is not bound"
        if bound and not witness.has_key(world, bound[0], serial) and not witness.is_lost(world, bound[0]):
            yield f"no computer can use certificate {serial[:8]}: the one to which it is bound lacks its key"
        current = world.records.value(
            "SELECT count(*) FROM backups WHERE serial = :serial AND state = 'registered' AND generation != :generation",
            serial=serial, generation=generation,
        )  # fmt: skip
        if current:
            yield f"certificate {serial[:8]} has a usable backup of an older binding"


def one_address_one_certificate(world: World) -> Iterator[str]:
    """No application has two certificates, and no certificate came from an address that is not used."""
    counts = Counter(application for _, application, *_ in world.records.certificates())
    for application, count in counts.items():
        if count > 1:
            yield f"application {application} has {count} certificates"
        used = world.records.value(
            "SELECT count(*) FROM addresses WHERE application = :id AND state = 'used'", id=application
        )
        if used != 1:
            yield f"application {application} has a certificate and {used} used addresses"


def addresses_are_single(world: World) -> Iterator[str]:
    """No two mailed addresses are alike, none is short, and each stands in the mail of its own application only."""
    seen: dict[str, str] = {}
    for mail in witness.office_mails(world):
        for address in mail.addresses():
            if "/download/" not in address:
                continue
            token = address.rpartition("/")[2]
            if not address.startswith(f"{world.origin}/download/"):
                yield f"a mail leads to {address.partition('/download/')[0]}"
            if len(token.rpartition(".")[2]) < 22:
                yield "an address has less than 128 random bits"
            if seen.setdefault(token, mail.recipient) != mail.recipient:
                yield "one address was mailed to two mailboxes"


def one_mail_for_each_decision(world: World) -> Iterator[str]:
    """Each decision made exactly one result mail, to the registered mailbox alone, and as the decision says."""
    results = [row for row in world.records.outbox() if row[1] == "result"]
    decisions = {application: (mailbox, decision) for application, mailbox, decision in world.records.decisions()}
    counts = Counter(application for _, _, application, _ in results)
    for application in decisions:
        if counts[application] != 1:
            yield f"application {application} was decided and has {counts[application]} result mails"
    for recipient, _, application, _ in results:
        if application not in decisions:
            yield f"a result mail about {application}, on which nobody decided"
        elif recipient != decisions[application][0]:
            yield f"a result mail about {application} goes to {recipient}, not to the registered mailbox"
    yield from _contents_fit(world, decisions)


def _contents_fit(world: World, decisions: dict[str, tuple[str, str]]) -> Iterator[str]:
    for mail in witness.office_mails(world):
        application = mail.header("X-Softcert-Application")
        if mail.purpose != "result" or application not in decisions:
            continue
        has_address = any("/download/" in address for address in mail.addresses())
        if has_address != (decisions[application][1] == "approved"):
            yield f"the result mail about {application} {'has an' if has_address else 'lacks the'} address"
        if mail.recipient != decisions[application][0]:
            yield f"the result mail about {application} arrived at {mail.recipient}"


def code_shown_once(world: World) -> Iterator[str]:
    """Each activation code was shown in the answers to one request only, and no two are alike."""
    showings: dict[str, set[str]] = {}
    for code, request in witness.showings(world):
        showings.setdefault(code, set()).add(request)
    for requests in showings.values():
        if len(requests) > 1:
            yield f"an activation code was shown to {len(requests)} different requests"


def secrets_stay_secret(world: World) -> Iterator[str]:
    """No activation code stands in clear in a mail, on a disk or drive, in the database, or in an answer that is not
    its one showing."""
    for code, of in witness.chosen(world, "activation-code"):
        for place in witness.places_of(world, code):
            yield f"the activation code of {of} stands in {place}"


def pins_stay_here(world: World) -> Iterator[str]:
    """No PIN that a person chose leaves the computer or stands on a disk."""
    for pin, of in witness.chosen(world, "pin"):
        if pin != INITIAL_PIN:
            for place in witness.places_of(world, pin, requests=True):
                yield f"the PIN of {of} stands in {place}"


def backups_show_nothing(world: World) -> Iterator[str]:
    """No backup's password stands anywhere in clear, and no private key stands on a disk or drive."""
    for password, of in witness.chosen(world, "password"):
        for place in witness.places_of(world, password, requests=True):
            yield f"the backup password of {of} stands in {place}"
    for place in witness.bare_keys(world):
        yield f"a private key stands in clear in {place}"


def everything_is_audited(world: World) -> Iterator[str]:
    """The audit log is whole, and each decision of the office made one entry."""
    yield from witness.unchained(world)
    decided, entered = witness.office_decisions(world)
    if decided != entered:
        yield f"the office decided {decided} times and the audit log has {entered} decisions"


def refusals_change_nothing(world: World) -> Iterator[tuple[str, str]]:
    """A refused or rejected step left the office's records as they were (counters, nonces and audit aside)."""
    step = world.trace.last
    if step.changed:
        yield step.refused, "the act was refused, and yet the office's records changed"


INVARIANTS: tuple[tuple[RuleId, Invariant], ...] = (
    ("one-computer", exactly_one_computer),
    ("one-time-link", one_address_one_certificate),
    ("unique-address", addresses_are_single),
    ("result-by-mail", one_mail_for_each_decision),
    ("code-once", code_shown_once),
    ("code-secret", secrets_stay_secret),
    ("pin-guards-key", pins_stay_here),
    ("backup-sealed", backups_show_nothing),
    ("accountable", everything_is_audited),
)
"""All of them, by the rule that a violation is counted against."""


DOUBTED = ("one-computer", "one-time-link", "result-by-mail", "accountable")
"""Invariants about the office's database, which mean nothing once somebody has changed it; then `check-audit` speaks."""


def violations(world: World) -> list[Violation]:
    """Everything that does not hold now."""
    holding = [(rule, invariant) for rule, invariant in INVARIANTS if not (world.trace.tampered and rule in DOUBTED)]
    found = [Violation(rule, text) for rule, invariant in holding for text in invariant(world)]
    return found + [Violation(rule, text) for rule, text in refusals_change_nothing(world)]
