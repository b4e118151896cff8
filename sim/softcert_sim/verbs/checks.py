"""Checks: each compares what a scenario's author expects with what can be seen in the world."""

from collections.abc import Iterable
from typing import Literal

from softcert.rules.catalogue import RULES
from softcert_sim import clear, knowing, witness
from softcert_sim.naming import device_of
from softcert_sim.scenario.model import PROTOCOL_ERRORS
from softcert_sim.scenario.registry import CheckFailed, ComputerName, DriveName, Label, Person, check
from softcert_sim.world import World


def _same(expected: object, seen: object, what: str) -> None:
    if expected != seen:
        raise CheckFailed(f"{what} {expected}", str(seen))


def _something(*given: object, of: str) -> None:
    """A check that compares nothing would pass whatever happened."""
    if all(value is None or value == "" for value in given):
        raise CheckFailed(f"something to compare: {of}", "nothing")


def _known(name: str, names: Iterable[str]) -> None:
    """What is misspelled is found nowhere, which is no good news."""
    if name and name not in names:
        raise CheckFailed("a rule, rule/reason or protocol error that there is", f"{name}")


@check("check-application", says="the application of {of} is {is}[; applications of that mailbox: {count}]")
def check_application(
    world: World,
    *,
    of: Person,
    is_: Literal["none", "submitted", "approved", "disapproved", "withdrawn", "certified", "revoked"],
    count: int | None = None,
) -> None:
    """The state of a person's latest application at the office, and how many there are for that mailbox."""
    if count is not None:
        _same(count, world.records.applications_for(world.people[of].mailbox), "applications:")
    _same(is_, world.records.application_state(knowing.application_if_any(world, of)), "the application to be")


@check("check-address", says="the address sent to {of} is {is}")
def check_address(
    world: World, *, of: Person, is_: Literal["none", "live", "used", "replaced", "expired"]
) -> None:
    """The state of the latest address for a person's application."""
    _same(is_, world.records.address_state(knowing.application_if_any(world, of), world.office_time()), "the address to be")


@check("check-certificates", says="certificates of {of}: {count}")
def check_certificates(world: World, *, of: Person, count: int) -> None:
    """How many certificates were ever issued for a person's applications."""
    _same(count, len(world.records.serials_of(knowing.applications_of(world, of))), "certificates issued:")


@check("check-certificate", says="the certificate of {of} is {is}")
def check_certificate(world: World, *, of: Person, is_: Literal["none", "issued", "active", "revoked"]) -> None:
    """The state of a person's certificate at the office, and on the CRL where it is revoked."""
    serial = knowing.serial_if_any(world, of)
    _same(is_, world.records.certificate_state(serial), "the certificate to be")
    if serial:
        _same(is_ == "revoked", witness.on_crl(world, serial), "on the CRL:")
        _same("revoked" if is_ == "revoked" else "good", witness.ocsp(world, serial), "by OCSP:")


@check("check-binding", says="the certificate of {of} is bound to {computer}[, generation {generation}]")
def check_binding(
    world: World,
    *,
    of: Person,
    computer: ComputerName | list[ComputerName] | Literal["nowhere"],
    generation: int | None = None,
) -> None:
    """To which computer a certificate is bound now; the first binding is generation 1, and each move adds one."""
    expected = [] if computer == "nowhere" else computer if isinstance(computer, list) else [computer]
    _same(sorted(expected), sorted(witness.bound_computers(world, knowing.serial_if_any(world, of))), "bound to")
    if generation is not None:
        _same(generation, world.records.generation(knowing.serial_of(world, of)), "binding generation")


@check("check-pin", says="at {at} the PIN[ of {of}] is {opens}")
def check_pin(world: World, *, at: ComputerName, opens: str, of: Person | None = None) -> None:
    """That exactly this PIN, of all that people chose and the initial one, opens the key here; `none` that none does.

    Costs no try. Where the computer holds the keys of several people, `of` says whose is meant.
    """
    _same([] if opens == "none" else [opens], witness.working_pins(world, at, of), "the working PIN to be")


@check("check-tries", says="PIN tries left at {at}[ for {of}]: {left}")
def check_tries(world: World, *, at: ComputerName, left: int, of: Person | None = None) -> None:
    """How many wrong PINs the secure element still bears; of whose key says `of`, where there are several people's."""
    _same(left, witness.tries_left(world, at, of), "PIN tries left:")


@check("check-code", says="activation codes of {of}[: {tries} wrong ones counted][: {recovery-tries} at recoveries]"
    "[: {symbols} symbols long][, the one that is known is right: {right}]")
def check_code(
    world: World,
    *,
    of: Person,
    tries: int | None = None,
    recovery_tries: int | None = None,
    symbols: int | None = None,
    right: bool | None = None,
) -> None:
    """How many wrong activation codes the office has counted, at the activation and at recoveries, how many symbols the
    code has that the person knows, and whether it is the one that the office takes."""
    _something(tries, recovery_tries, symbols, right, of="tries, recovery-tries, symbols or right")
    if tries is not None:
        _same(tries, world.records.wrong_codes(knowing.application_of(world, of)), "wrong tries:")
    if recovery_tries is not None:
        seen = world.records.wrong_codes(knowing.application_of(world, of), "recovery")
        _same(recovery_tries, seen, "wrong tries at recoveries:")
    if symbols is not None:
        _same(symbols, len(knowing.code(world, of, of, "", 0).replace("-", "")), "symbols of the code:")
    if right is not None:
        _same(right, witness.code_is_right(world, of, knowing.code(world, of, of, "", 0)), "the known code to be right:")


@check("check-session", says="the last session of {of}[ at {at}] is {is}")
def check_session(
    world: World, *, of: Person, is_: Literal["none", "live", "ended"], at: ComputerName | None = None
) -> None:
    """The state of a person's latest session at the office, or of the latest at one computer; its lifetime included."""
    device = device_of(world.places[at]) if at else None
    state = world.records.session_state(knowing.serial_if_any(world, of), world.office_time(), device)
    _same(is_, state, "the session to be")


@check("check-mail", says="in the mailbox of {of}[: {count} mail(s)][ of purpose {purpose}][, the newest says '{says}']"
    "[, with an address: {address}][; waiting at the office: {held}]")
def check_mail(
    world: World,
    *,
    of: Person,
    count: int | None = None,
    purpose: Literal["result", "reissue", "new-code", "move", "recovery-notice", "revocation"] | None = None,
    says: str = "",
    held: int | None = None,
    address: bool | None = None,
) -> None:
    """How many mails are in a mailbox, what the newest says in plain text, whether it has an address; and how many wait
    in the office's outbox, for whomever."""
    _something(count, says, address, None if purpose else held, of="count, says, address or (without purpose) held")
    mails = knowing.mails_of(world, of, purpose=purpose)
    if count is not None and len(mails) != count:
        raise CheckFailed(f"{count} mail(s)", knowing.mails_in_words(world, of, purpose=purpose))
    if held is not None:
        _same(held, world.records.mails_waiting(), "mails waiting in the outbox:")
    newest = mails[-1] if mails else None
    if (says or address is not None) and newest is None:
        raise CheckFailed("a mail", "none")
    if newest is not None:
        if says and says not in newest.text:
            raise CheckFailed(f"the mail to say {says!r}", newest.text)
        if address is not None:
            _same(address, any("/download/" in found for found in newest.addresses()), "an address in the mail:")


@check("check-backup", says="the backup '{backup}' is {is}")
def check_backup(
    world: World, *, backup: Label, is_: Literal["none", "registered", "spent", "retired"]
) -> None:
    """The state of a backup at the office."""
    _same(is_, world.records.backup_state(str(world.result(backup))), "the backup to be")


@check("check-drive", says="backups on {drive}: {backups}[, half-written: {leftovers}]")
def check_drive(world: World, *, drive: DriveName, backups: int, leftovers: int = 0) -> None:
    """How many whole backups lie on a drive, and how many half-written ones."""
    _same((backups, leftovers), witness.backups_on(world, drive), "whole and half-written backups on the drive:")


@check("check-unchanged", says="nothing at the office has changed since '{since}'")
def check_unchanged(world: World, *, since: Label) -> None:
    """That the office's records are as they were at the end of a step (counters, nonces and audit aside)."""
    _same(witness.records_at(world, since), world.records.fingerprint(), "the office's records unchanged:")


@check("check-knows", says="{who} knows the {what}[ of {of}]: {yes}")
def check_knows(
    world: World,
    *,
    who: Person,
    what: Literal["address", "activation-code", "pin", "password", "application"],
    of: Person | None = None,
    yes: bool = True,
) -> None:
    """Whether somebody knows something about somebody."""
    _same(yes, bool(world.people.knows(who, what, of or who)), f"{who} to know the {what}:")


@check("check-nowhere", says="the {what} of {of} stands nowhere in clear")
def check_nowhere(
    world: World, *, what: Literal["activation-code", "pin", "password", "address"], of: Person
) -> None:
    """That a secret stands in no mail, disk, drive, database, audit entry or captured message (an address: only in
    its mail)."""
    if not clear.values_of(world, what, of):
        raise CheckFailed(f"a secret to look for: {what} of {of}", "none that ever was")
    found = list(clear.where_in_clear(world, what, of))
    if found:
        raise CheckFailed("nowhere", ", ".join(found))


@check("check-same-answer", says="'{first}' and '{second}' got the same answer[, to the byte: {bytes}]")
def check_same_answer(world: World, *, first: Label, second: Label, bytes_: bool = False) -> None:
    """That two steps got the same result (or, with `bytes`, answers equal byte for byte)."""
    if bytes_:
        _same(witness.answer_bytes(world, first), witness.answer_bytes(world, second), "the answer")
    else:
        _same(world.result(first), world.result(second), "the answer")


@check("check-receipt", says="the receipt of '{filing}' is genuine: {genuine}")
def check_receipt(world: World, *, filing: Label, genuine: bool = True) -> None:
    """Whether a receipt is signed by the office over exactly what was filed."""
    _same(genuine, witness.receipt_is_genuine(world, filing), "the receipt to be genuine:")


@check("check-filings", says="filings of {of}: {count}")
def check_filings(world: World, *, of: Person, count: int) -> None:
    """How many filings the office has, under whichever certificate of a person."""
    serials = world.records.serials_of(knowing.applications_of(world, of))
    _same(count, sum(map(world.records.filings_under, serials)), "filings:")


@check("check-audit", says="the audit log is {is}[, saying '{says}'][, entries: {entries}]"
    "[, refused by {refused}][, rejected as {rejected}]")
def check_audit(
    world: World,
    *,
    is_: Literal["whole", "broken"] = "whole",
    entries: int | None = None,
    refused: str = "",
    rejected: str = "",
    says: str = "",
) -> None:
    """That the audit log's chain holds (or not, and what is said), and how many entries it has: of all acts, of those that
    a rule refused, or of those that were rejected with a protocol error."""
    _known(refused, [*RULES, *(f"{rule.id}/{reason}" for rule in RULES.values() for reason in rule.reasons)])
    _known(rejected, PROTOCOL_ERRORS)
    named = [name for name in (refused, rejected) if name]
    if named and (len(named) > 1 or entries is None):
        raise CheckFailed("`entries`, for either `refused` or `rejected`", f"{' and '.join(named)} without that")
    findings = witness.audit_findings(world)
    if (is_ == "whole") == bool(findings):
        raise CheckFailed(f"the audit log {is_}", "; ".join(findings) or "whole")
    if says and says not in "; ".join(findings):
        raise CheckFailed(f"a finding that says {says!r}", "; ".join(findings))
    if entries is not None:
        seen = world.records.rejected_count(rejected) if rejected else world.records.audit_count(refused)
        _same(entries, seen, f"entries{' for ' + (refused or rejected) if refused or rejected else ''}:")


@check("check-decision", says="the audit log says that {by} decided on the application of {of}")
def check_decision(world: World, *, of: Person, by: Person) -> None:
    """Which examiner approved or disapproved an application, as the audit log says."""
    _same(f"examiner {by}", world.records.decided_by(knowing.application_of(world, of)), "the decision by")


@check("check-computer", says="at {at}[, the driver is installed: {driver}][, certificates: {certificates}]")
def check_computer(world: World, *, at: ComputerName, driver: bool | None = None, certificates: int | None = None) -> None:
    """What a computer holds: whether the driver is installed, and how many certificates."""
    _something(driver, certificates, of="driver or certificates")
    if driver is not None:
        _same(driver, witness.driver_at(world, at), "the driver installed:")
    if certificates is not None:
        _same(certificates, witness.certificates_at(world, at), "certificates on the computer:")
