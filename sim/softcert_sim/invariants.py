"""What must hold at every moment, whatever was just done. Each invariant belongs to a rule, and says what it saw.

They look at the world from outside: at the office's tables, captured bytes, mails, disks and drives. They share the rules'
ids with the product, and its readers of messages and of its signatures; none of its decisions.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from softcert.rules.catalogue import INITIAL_PIN, RULES, RuleId
from softcert_sim import audited, clear, witness
from softcert_sim.scenario.registry import FAULT, Violation
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
        for session_serial, device in world.records.live_sessions(world.office_time()):
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
        times = world.records.value("SELECT count(*) FROM bindings WHERE serial = :serial", serial=serial)
        if times != generation:
            yield f"certificate {serial[:8]} was bound {times} times and is of generation {generation}"


def revoked_are_dead(world: World) -> Iterator[str]:
    """A revoked certificate has neither a live session nor a backup that recovers."""
    live = {serial for serial, _ in world.records.live_sessions(world.office_time())}
    for (serial,) in world.records.rows("SELECT serial FROM certificates WHERE state = 'revoked'"):
        if serial in live:
            yield f"the revoked certificate {serial[:8]} has a live session"
        if world.records.value("SELECT 1 FROM backups WHERE serial = :s AND state = 'registered'", s=serial):
            yield f"the revoked certificate {serial[:8]} has a usable backup"


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
    yield from _used_for_nothing(world, set(counts))
    for act, number in witness.still_kept(world):
        if act == "download":
            yield f"the download {number} was acknowledged, and its answer would be given again"


def _used_for_nothing(world: World, certified: set[str]) -> Iterator[str]:
    """Only where the policy says so does an address die without a download."""
    if world.policy.link_visit == "burns" or world.policy.wrong_computer == "burn":
        return
    for (application,) in world.records.rows("SELECT DISTINCT application FROM addresses WHERE state = 'used'"):
        if application not in certified:
            yield f"the address of application {application} is used, and no certificate came of it"


def addresses_are_single(world: World) -> Iterator[str]:
    """No two mailed addresses have the same secret part, and none has a short one. A mail that came twice is one."""
    seen: dict[str, str] = {}
    for mail in witness.office_mails(world):
        for address in mail.addresses():
            if "/download/" not in address:
                continue
            secret = address.rpartition("/")[2].rpartition(".")[2]
            if not address.startswith(f"{world.origin}/download/"):
                yield f"a mail leads to {address.partition('/download/')[0]}"
            if len(secret) < 22:
                yield "an address has less than 128 random bits"
            letter = f"{mail.header('Message-ID')} to {mail.recipient}"
            if seen.setdefault(secret, letter) != letter:
                yield f"one address stands in two mails: {seen[secret]}, {letter}"


def nothing_unapproved(world: World) -> Iterator[str]:
    """Only an approved application has an address that works, or a certificate."""
    working = (
        "SELECT a.id, a.state FROM applications a JOIN addresses d ON d.application = a.id"
        " WHERE d.state = 'live' AND a.state != 'approved'"
    )
    certified = (
        "SELECT a.id, a.state FROM applications a JOIN certificates c ON c.application = a.id"
        " WHERE a.state NOT IN ('certified', 'revoked')"
    )
    for application, state in world.records.rows(working):
        yield f"application {application} is {state} and has an address that works"
    for application, state in world.records.rows(certified):
        yield f"application {application} is {state} and has a certificate"


def one_mail_for_each_decision(world: World) -> Iterator[str]:
    """Each decision made exactly one result mail, to the registered mailbox alone, and as the decision says."""
    results = [row for row in world.records.outbox() if row[1] == "result"]
    decisions = {application: (mailbox, decision) for application, mailbox, decision in world.records.decisions()}
    counts = Counter(application for _, _, application, _ in results)
    for application in decisions:
        if counts[application] != 1:
            yield f"application {application} was decided and has {counts[application]} result mails"
    for _, _, application, _ in results:
        if application not in decisions:
            yield f"a result mail about {application}, on which nobody decided"
    yield from _go_to_the_registered_mailbox(world)
    yield from _contents_fit(world, decisions)


def _go_to_the_registered_mailbox(world: World) -> Iterator[str]:
    """Whatever its purpose, no mail about an application goes to anybody else."""
    registered = dict(world.records.rows("SELECT id, mailbox FROM applications"))
    for recipient, purpose, application, _ in world.records.outbox():
        if recipient != registered.get(application):
            yield f"a {purpose} mail about {application} goes to {recipient}, not to the registered mailbox"
    for mail in witness.office_mails(world):
        application = mail.header("X-Softcert-Application")
        if mail.recipient != registered.get(application):
            yield f"a {mail.purpose} mail about {application} arrived at {mail.recipient}"


def _contents_fit(world: World, decisions: dict[str, tuple[str, str]]) -> Iterator[str]:
    reasons = dict(world.records.rows("SELECT id, reasons FROM applications WHERE state = 'disapproved'"))
    numbers: dict[str, str] = {}
    for mail in witness.office_mails(world):
        application = mail.header("X-Softcert-Application")
        if mail.purpose != "result" or application not in decisions:
            continue
        has_address = any("/download/" in address for address in mail.addresses())
        if has_address != (decisions[application][1] == "approved"):
            yield f"the result mail about {application} {'has an' if has_address else 'lacks the'} address"
        if reasons.get(application, "") not in mail.text:
            yield f"the result mail about {application} lacks the reasons"
        if numbers.setdefault(application, mail.header("Message-ID")) != mail.header("Message-ID"):
            yield f"the result mail about {application} came again under another Message-ID"


def code_shown_once(world: World) -> Iterator[str]:
    """Each activation code was shown in the answers to one request only, no two are alike, and none is to be shown
    again once its answer was acknowledged."""
    requests: dict[str, set[str]] = {}
    codes: dict[str, set[tuple[str, str]]] = {}
    for code, request, application in witness.showings(world):
        requests.setdefault(code, set()).add(request)
        codes.setdefault(request, set()).add((code, application))
    for asked in requests.values():
        if len(asked) > 1:
            yield f"an activation code was shown to {len(asked)} different requests"
    for shown in codes.values():
        if len(shown) > 1:
            yield f"one request was shown {len(shown)} activation codes"
    yield from _shown_again(world)


def _shown_again(world: World) -> Iterator[str]:
    for _, _, application in witness.showings(world, world.trace.last.exchanges[0]):
        if world.records.value("SELECT code_granted FROM applications WHERE id = :id", id=application):
            yield f"the activation code of {application} was shown, and still waits to be shown"
    for act, number in witness.still_kept(world):
        if act in ("apply", "new-code"):
            yield f"the answer to {act} {number} was acknowledged, and would be given again with its code"


def secrets_stay_secret(world: World) -> Iterator[str]:
    """No activation code stands in clear in a mail, on a disk or drive, in the database, or in an answer that is not
    its one showing."""
    for code, of in clear.chosen(world, "activation-code"):
        for place in clear.places_of(world, code):
            yield f"the activation code of {of} stands in {place}"
    for code, _, application in witness.showings(world, world.trace.last.exchanges[0]):
        if code in witness.shown_at_the_desk(world, application):
            yield f"the activation code of {application} is shown to the examiner"


def pins_stay_here(world: World) -> Iterator[str]:
    """No PIN that a person chose leaves the computer or stands on a disk."""
    for pin, of in clear.chosen(world, "pin"):
        if pin != INITIAL_PIN:
            for place in clear.places_of(world, pin, requests=True):
                yield f"the PIN of {of} stands in {place}"


def backups_show_nothing(world: World) -> Iterator[str]:
    """No backup's password stands anywhere in clear, no private key stands on a disk or drive, and beside PKCS#12 file
    and manifest nothing is in a backup."""
    for password, of in clear.chosen(world, "password"):
        for place in clear.places_of(world, password, requests=True):
            yield f"the backup password of {of} stands in {place}"
    for place in clear.bare_keys(world):
        yield f"a private key stands in clear in {place}"
    for path in witness.besides(world):
        yield f"a backup holds {path} besides"


def everything_is_audited(world: World) -> Iterator[str]:
    """The audit log is whole, each decision of the office made one entry that says what was decided and for whom, and
    nothing changed without one."""
    yield from audited.unchained(world)
    yield from audited.unfaithful(world)
    yield from audited.unentered(world)
    yield from audited.unsaid(world)
    yield from audited.unlogged(world)


def tampering_is_noticed(world: World) -> Iterator[str]:
    """What somebody changed in the audit log or in a record, the office finds when it is asked."""
    if world.trace.tampered:
        yield from audited.unnoticed(world)


def refusals_are_decided(world: World) -> Iterator[tuple[str, str]]:
    """What a rule refused stands as its verdict in a list of checks. Whoever changed a driver may skip lists: then the
    secure element, or the office, still refuses."""
    step = world.trace.last
    verdicts = world.verdicts[slice(*step.verdicts)]
    decided = verdicts[-1].rule if verdicts else None
    changed = any(place.skips for place in world.places.values())
    if step.refused in RULES and decided != step.refused and not changed:
        yield step.refused, "the act was refused, and yet no list of checks refuses it"


def refusals_change_nothing(world: World) -> Iterator[tuple[str, str]]:
    """A refused or rejected step left the office's records as they were (counters, nonces and audit aside)."""
    step = world.trace.last
    if step.changed:
        yield step.refused, "the act was refused, and yet the office's records changed"


INVARIANTS: tuple[tuple[RuleId, Invariant], ...] = (
    ("one-computer", exactly_one_computer),
    ("one-time-link", one_address_one_certificate),
    ("result-by-mail", one_mail_for_each_decision),
    ("approved-only", nothing_unapproved),
    ("unique-address", addresses_are_single),
    ("code-once", code_shown_once),
    ("code-secret", secrets_stay_secret),
    ("pin-guards-key", pins_stay_here),
    ("backup-sealed", backups_show_nothing),
    ("valid-certificate", revoked_are_dead),
    ("accountable", everything_is_audited),
)
"""All of them, by the rule that a violation is counted against."""


DOUBTED = ("one-computer", "one-time-link", "approved-only", "result-by-mail", "valid-certificate", "accountable")
"""Invariants about the office's database, which mean nothing once somebody has changed it; then `check-audit` speaks."""


def faults_struck(world: World) -> Iterator[str]:
    """Each fault that the author set found its moment, else the step shows nothing of it. Only a missing line may go
    unnoticed, see `nothing_sent`."""
    for name in world.trace.last.idle:
        if name != "no-line":
            yield f"{name} met nothing: the step has no such moment. Name one that it has, or leave the fault out"


def nothing_sent(world: World) -> Iterator[str]:
    """Where a step does not break by a missing line, nothing was to be sent."""
    step = world.trace.last
    if "no-line" in (*step.struck, *step.idle):
        tried = world.recorder.exchanges[slice(*step.exchanges)]
        if any(one.response is not None for one in tried):
            yield "a message passed all the same, sent by somebody without a computer of the cast"
        elif tried and not step.broken:
            yield f"{tried[0].method} {tried[0].target} was to be sent, and the step ended as if it had no need"


def violations(world: World) -> list[Violation]:
    """Everything that does not hold now."""
    found = _lasting(world)
    found += [Violation(rule, text) for rule, text in refusals_are_decided(world)]
    found += [Violation(FAULT, text) for text in faults_struck(world)]
    found += [Violation("no-line", text) for text in nothing_sent(world)]
    return found + [Violation(rule, text) for rule, text in refusals_change_nothing(world)]


def _lasting(world: World) -> list[Violation]:
    """What does not hold of the world as it stands. Nothing is asked of one that stands as when nothing was wrong:
    time alone ends sessions and addresses, and wakes none."""
    standing = world.standing()
    if standing == world.judged:
        return []
    world.shown = (None, [])
    holding = [(rule, invariant) for rule, invariant in INVARIANTS if not (world.trace.tampered and rule in DOUBTED)]
    found = [Violation(rule, text) for rule, invariant in holding for text in invariant(world)]
    found += [Violation("accountable", text) for text in tampering_is_noticed(world)]
    if not found:
        world.judged = standing
    return found
