"""Applying and withdrawing."""

from functools import partial
from typing import Any, Literal

from softcert.errors import Rejected
from softcert.form import check_form
from softcert.protocol import Json, Thumbprint, from_bytes, protected_of, thumbprint, to_bytes, verify
from softcert.rules.checks import APPLY, WITHDRAW
from softcert.rules.facts import ApplyFacts, WithdrawFacts
from softcert.rules.policy import DAY
from softcert_ca import codes, lives, pki
from softcert_ca.case import Answer, Case
from softcert_ca.hardware import ids_present
from softcert_ca.records import applications, limits, published
from softcert_ca.signed import SignedRequest, bytes_of, object_of, read_jwk, text_of, version_of
from softcert_ca.tokens import Nonces

THIS_NOTICE = "without-e-licence"
"""The notice of this process; every other one is `other-notice`."""

Confirmed = Literal["yes", "nothing", "forged"]


def apply(case: Case, request: SignedRequest) -> Answer:
    """Record an application; the answer shows the activation code, once."""
    form = request.object("form")
    mailbox = form.get("mailbox")
    folded = mailbox.strip().lower() if isinstance(mailbox, str) else ""
    _refuse_flood(case, request.device)
    csr, key = _key(case, request)
    errors = check_form(form)
    case.obey(case.decide(APPLY, _facts(case, request, tuple(bad.field for bad in errors))), errors)
    application = case.services.entropy.bytes(12).hex()
    salt = codes.new_salt(case.services, case.connection, application)
    columns: dict[str, Any] = {
        "id": application,
        "applied_at": case.now,
        "device": request.device,
        **request.hardware,
        "csr": csr,
        "csr_key": thumbprint(key),
        "csr_jwk": to_bytes(key).decode(),
        "name": form["name"],
        "mailbox": mailbox,
        "mailbox_folded": folded,
        "form": to_bytes(form).decode(),
        "notice": request.object("notice")["digest"],
        "driver": request.payload["driver"],
        "code_salt": salt,
        "code_granted": 0,
        "activation_tries": 0,
        "recovery_tries": 0,
        "reasons": "",
    }
    lives.begin(case, "application", "submit", columns)
    case.note({"application": application})
    return Answer({"application": application}, application, 201, salt)


def withdraw(case: Case, request: SignedRequest) -> Answer:
    """The applicant takes the application back; no address of it works any more."""
    application = request.text("application")
    row = applications.application_of(case.connection, application)
    applied_on = "" if row is None else row.device
    case.obey(case.decide(WITHDRAW, WithdrawFacts(device=request.device, applied_on=applied_on)))
    assert row is not None
    state = lives.move_on(case, "application", "withdraw", row)
    lives.move(case, "address", "withdraw", {"application": application})
    case.note({"application": application})
    return Answer({"application": application, "state": state}, application)


def _refuse_flood(case: Case, device: Thumbprint) -> None:
    """Counts by computer alone: a limit by mailbox would tell a stranger who applied, and lock its owner out."""
    if limits.applications_from(case.connection, device, case.now - DAY) >= case.policy.flood_limit:
        raise Rejected("rateLimited", "Too many applications from this computer. Wait a day.")


def _key(case: Case, request: SignedRequest) -> tuple[bytes, dict[str, str]]:
    """The certificate request and the new key that it proves. Raises `Rejected` (badCSR, badPublicKey, malformed)."""
    csr, name = bytes_of(request.payload, "csr"), request.object("form").get("name")
    key = pki.check_csr(
        csr,
        used=partial(applications.key_is_used, case.connection),
        device=request.jwk,
        # A missing name is for rule form-checked to refuse.
        common_name=name if isinstance(name, str) and name else "-",
    )
    return csr, key


def _facts(case: Case, request: SignedRequest, bad_fields: tuple[str, ...]) -> ApplyFacts:
    confirmed, confirmed_by = _confirmation(case, request)
    digests = published.notice_digests(case.connection)
    known = digests[THIS_NOTICE]
    notice = _notice(request)
    return ApplyFacts(
        holds_e_licence=request.object("form").get("holds-e-licence") == "yes",
        confirmed=confirmed,
        confirmed_by=confirmed_by,
        device=request.device,
        driver_version=request.driver,
        driver_needed=version_of(published.version_needed(case.connection)),
        notice_digest=text_of(notice, "digest"),
        notice_current=known[-1],
        notice_other=tuple(digest for kind, every in digests.items() if kind != THIS_NOTICE for digest in every),
        notice_known=known,
        notice_from=text_of(notice, "from"),
        notice_to_the_end=notice.get("to_the_end") is True,
        notice_accepted=notice.get("accepted") is True,
        bad_fields=bad_fields,
        reviewed=request.payload.get("reviewed") is True,
        ids_present=ids_present(request.hardware),
    )


def _notice(request: SignedRequest) -> Json:
    if request.payload.get("notice") is None:
        return {"digest": "", "from": ""}
    return request.object("notice")


def _confirmation(case: Case, request: SignedRequest) -> tuple[Confirmed, Thumbprint]:
    """Whether somebody said yes to this computer, and which computer signed that."""
    if request.payload.get("confirmation") is None:
        return "nothing", ""
    try:
        signed = object_of(request.payload, "confirmation")
        header = protected_of(signed)
        jwk = read_jwk(header.get("jwk"))
        said = from_bytes(verify(signed, jwk))
        ticket = text_of(said, "ticket")
    except Rejected:
        return "forged", ""
    by = thumbprint(jwk)
    genuine = Nonces(case.services.keys.nonce_key).check_ticket(ticket, case.now)
    if not genuine or said.get("device") != by or set(header) != {"alg", "jwk"}:
        return "forged", by
    return ("yes" if said.get("use_this_computer") is True else "nothing"), by
