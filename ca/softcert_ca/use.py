"""Using a certificate: login, logout, activation, new code, filing."""

import re
from typing import Any

from softcert.errors import Rejected
from softcert.protocol import encode, sha256, to_bytes
from softcert.rules.checks import ACTIVATE, FILE, NEW_CODE, USE_CERTIFICATE
from softcert.rules.facts import ActivateFacts, FileFacts, NewCodeFacts, UseFacts
from softcert_ca import codes, lives, pki
from softcert_ca.case import Answer, Case
from softcert_ca.hardware import ids_matching
from softcert_ca.presented import bound_facts, read, session_facts
from softcert_ca.records import Record, applications, certificates, ids_of, published, uses
from softcert_ca.repeats import acknowledge_code, acknowledge_download
from softcert_ca.signed import SignedRequest, object_of, text_of, version_of

_KIND = re.compile(r"[a-z][a-z0-9 -]{0,59}")
LONGEST_FILING = 20_000
"""Longest text of a filing, characters."""


def use_facts(case: Case, request: SignedRequest, facts: dict[str, Any]) -> UseFacts:
    """The facts of a login or of the registration of a backup."""
    needed = version_of(published.version_needed(case.connection))
    return UseFacts(**facts, driver_version=request.driver, driver_needed=needed)


def login(case: Case, request: SignedRequest) -> Answer:
    """Open a session; it replaces an older one of this certificate on this computer."""
    view, holding = read(case, request.the_inner())
    facts = use_facts(case, request, bound_facts(case, request, view, holding))
    verdict = case.decide(USE_CERTIFICATE, facts)
    case.note({"serial": view.serial})
    case.obey(verdict)
    assert holding is not None
    lives.move(case, "session", "replace", {"serial": holding.serial, "device": request.device})
    session = {
        "id": encode(case.services.entropy.bytes(16)),
        "serial": holding.serial,
        "device": request.device,
        "started_at": case.now,
        "expires_at": case.now + case.policy.session_lifetime,
    }
    lives.begin(case, "session", "login", session)
    application: str = holding.certificate.application
    acknowledge_download(case.connection, request.device, application)
    case.note({"application": application})
    body = {
        "session": session["id"],
        "certificate_state": holding.certificate.state,
        "generation": holding.certificate.generation,
        "expires": session["expires_at"],
    }
    return Answer(body, application)


def logout(case: Case, request: SignedRequest) -> Answer:
    """End a session. Whatever is no live session of this computer is left alone, and nobody is told."""
    session = uses.session_of(case.connection, request.text("session"))
    if session is None or session.device != request.device:
        return Answer({})
    lives.move(case, "session", "logout", {"id": session.id})
    case.note({"serial": session.serial})
    return Answer({})


def activate(case: Case, request: SignedRequest) -> Answer:
    """Activate the certificate of a session with its own code; wrong ones are counted, then it is locked."""
    session = uses.session_of(case.connection, request.text("session"))
    given = request.text("code")
    facts, holding = session_facts(case, request, session)
    row = None if holding is None else holding.certificate
    tries = 0 if row is None else row.activation_tries
    fits = row is not None and codes.matches(case.services, row.application, row.code_salt, given)
    verdict = case.decide(ACTIVATE, ActivateFacts(**facts, tries=tries, code_matches=fits))
    if row is not None:
        case.note({"application": row.application, "serial": row.serial})
    if verdict.reason == "wrong-code" and row is not None:
        _count_wrong_code(case, row)
    case.obey(verdict)
    assert row is not None
    after = lives.move_on(case, "certificate", "activate", row)
    lives.change(case, "application", row.application, activation_tries=0)
    acknowledge_code(case.connection, request.device, row.application)
    return Answer({"certificate_state": after}, row.application)


def new_code(case: Case, request: SignedRequest) -> Answer:
    """Show a new activation code that the desk granted, once, on the bound computer."""
    named = request.text("application")
    application = applications.application_of(case.connection, named)
    facts = _new_code_facts(case, request, application)
    case.obey(case.decide(NEW_CODE, facts))
    assert application is not None
    lives.change(case, "application", named, code_granted=0)
    case.note({"application": named})
    return Answer({}, named, code_salt=application.code_salt)


def file(case: Case, request: SignedRequest) -> Answer:
    """File trademark business; the receipt says what was signed, by which certificate, and when."""
    inner = request.the_inner()
    session = request.text("session")
    filing = object_of(inner.content, "filing")
    if text_of(inner.content, "session") != session:
        raise Rejected("malformed", "The inner message names another session.")
    if not _KIND.fullmatch(text_of(filing, "kind")) or not text_of(filing, "text", LONGEST_FILING):
        raise Rejected("malformed", "A filing has a kind, in small letters, and a text.")
    facts, holding = session_facts(case, request, uses.session_of(case.connection, session))
    own = holding is not None and inner.serial == holding.serial
    if own and holding is not None:
        inner.require(pki.read_certificate(holding.certificate.der).jwk)
    verdict = case.decide(FILE, FileFacts(**facts, signed_by_session_certificate=own))
    if holding is not None:
        case.note({"application": holding.certificate.application, "serial": holding.serial})
    case.obey(verdict)
    assert holding is not None
    signed = to_bytes(inner.message)
    record = {
        "id": case.services.entropy.bytes(16).hex(),
        "serial": holding.serial,
        "session": session,
        "signed": signed.decode(),
        "sha256": sha256(signed),
        "filed_at": case.now,
    }
    uses.add_filing(case.connection, record)
    case.note({"filing": record["id"], "sha256": record["sha256"]})
    said = {"filing": record["id"], "serial": holding.serial, "sha256": record["sha256"], "at": case.now}
    return Answer({"receipt": pki.office_sign(case.services.keys, said)}, holding.certificate.application)


def _count_wrong_code(case: Case, row: Record) -> None:
    tries = row.activation_tries + 1
    lives.change(case, "application", row.application, activation_tries=tries)
    if tries >= case.policy.activation_tries:
        lives.move(case, "session", "lock", {"serial": row.serial})


def _new_code_facts(case: Case, request: SignedRequest, application: Record | None) -> NewCodeFacts:
    """Before the download the certificate's computer is the one that applied."""
    if application is None:
        return NewCodeFacts(request.device, bound_devices=(), ids_matching=0, application="none", reissue_granted=False)
    serial = certificates.serial_of(case.connection, application.id)
    holding = None if serial is None else certificates.holding_of(case.connection, serial)
    if holding is None:
        bound: tuple[str, ...] = (application.device,)
        matching = ids_matching(ids_of(application), request.hardware)
    else:
        bound = holding.bound_devices
        matching = holding.ids_matching(request.device, request.hardware)
    return NewCodeFacts(
        device=request.device,
        bound_devices=bound,
        ids_matching=matching,
        application=application.state,
        reissue_granted=bool(application.code_granted),
    )
