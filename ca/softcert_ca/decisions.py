"""What the examiner's desk decides. Each act is one transaction; an impossible step is a `conflict`, without effect."""

import unicodedata

from softcert.errors import Impossible
from softcert.form import INVISIBLE
from softcert.protocol import Json
from softcert_ca import codes, letters, lives
from softcert_ca.case import Case
from softcert_ca.problems import BadField, NotFound
from softcert_ca.records import Record, applications, certificates

LONGEST_REASON = 4_000
"""Longest text that an examiner may write to an applicant, characters."""
_MAY_STAND = frozenset("\n\t")


def find(case: Case, id: str) -> Record:
    """The application. Raises `NotFound`."""
    row = applications.application_of(case.connection, id)
    if row is None:
        raise NotFound("There is no application of that number.")
    case.note({"application": id})
    return row


def approve(case: Case, id: str) -> Json:
    """One decision, one mail with an address."""
    row = find(case, id)
    after = lives.move_on(case, "application", "approve", row, decided_at=case.now)
    letters.approval(case, row)
    return {"application": id, "state": after}


def disapprove(case: Case, id: str, reasons: str) -> Json:
    """One decision, one mail with the reasons."""
    reasons = clean_text("reasons", reasons, LONGEST_REASON)
    row = find(case, id)
    after = lives.move_on(case, "application", "disapprove", row, decided_at=case.now, reasons=reasons)
    letters.disapproval(case, row, reasons)
    return {"application": id, "state": after}


def reissue_address(case: Case, id: str) -> Json:
    """A new address before the download; every older one dies (assumption `link-reissue`)."""
    row = find(case, id)
    if row.state != "approved" or not case.policy.link_reissue:
        raise Impossible("application", row.state, "get a new address")
    letters.reissue(case, row)
    return {"application": id, "state": row.state}


def reissue_code(case: Case, id: str) -> Json:
    """A new code, waiting to be shown once on the bound computer; the old one is dead, tries are forgotten."""
    row = find(case, id)
    if row.state not in ("submitted", "approved", "certified"):
        raise Impossible("application", row.state, "get a new activation code")
    salt = codes.new_salt(case.services, case.connection, id)
    lives.change(case, "application", id, code_salt=salt, code_granted=1, activation_tries=0, recovery_tries=0)
    letters.new_code(case, row)
    return {"application": id, "state": row.state}


def revoke(case: Case, serial: str, reason: str) -> Json:
    """Revoke a certificate, with its sessions and backups; tells the owner."""
    reason = clean_text("reason", reason, LONGEST_REASON)
    holding = certificates.holding_of(case.connection, serial)
    if holding is None:
        raise NotFound("There is no certificate of that serial number.")
    row = find(case, holding.certificate.application)
    certificate = holding.certificate
    after = lives.move_on(case, "certificate", "revoke", certificate, revoked_at=case.now, revocation_reason=reason)
    state = lives.move_on(case, "application", "revoke", row)
    lives.move(case, "session", "revoke", {"serial": serial})
    lives.move(case, "backup", "revoke", {"serial": serial})
    letters.revocation(case, row, serial, reason)
    case.note({"serial": serial})
    return {"serial": serial, "certificate_state": after, "application": row.id, "state": state}


def clean_text(field: str, text: str, longest: int) -> str:
    """A text of lines ended by LF, fit for a mail. Raises `BadField` for anything that could be more.

    CR LF becomes LF. Otherwise what a form may not hold is refused here too, but for the line ends and tabs of a letter.
    """
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > longest:
        raise BadField(field, f"Write a text of 1 to {longest} characters.")
    for letter in text:
        if letter not in _MAY_STAND and unicodedata.category(letter) in INVISIBLE:
            raise BadField(field, f"The text holds the invisible character U+{ord(letter):04X}. Take it out.")
    return text
