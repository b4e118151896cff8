"""Backup and recovery: the way of a certificate from one computer to another."""

import re
from dataclasses import replace

from softcert.errors import Rejected
from softcert.protocol import encode
from softcert.rules.checks import RECOVER, USE_CERTIFICATE
from softcert.rules.facts import RecoverFacts
from softcert_ca import bindings, codes, letters, lives, pki
from softcert_ca.case import Answer, Case
from softcert_ca.download import chain
from softcert_ca.hardware import ids_present
from softcert_ca.presented import bound_facts, certificate_facts, read
from softcert_ca.records import Record, applications, published, uses
from softcert_ca.records.certificates import Holding
from softcert_ca.signed import SignedRequest, text_of, version_of
from softcert_ca.use import use_facts

_BACKUP_ID = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def backup(case: Case, request: SignedRequest) -> Answer:
    """Register a backup; the signed manifest goes with it onto the drive."""
    inner = request.the_inner()
    backup_id, digest = text_of(inner.content, "backup"), text_of(inner.content, "sha256")
    if not _BACKUP_ID.fullmatch(backup_id) or not _SHA256.fullmatch(digest):
        raise Rejected("malformed", "A backup is named by 32, its digest by 64 hexadecimal digits in small letters.")
    view, holding = read(case, inner)
    if uses.backup_of(case.connection, backup_id) is not None:
        raise Rejected("conflict", "There is a backup of that name. Choose another one.")
    verdict = case.decide(USE_CERTIFICATE, use_facts(case, request, bound_facts(case, request, view, holding)))
    case.note({"serial": view.serial, "backup": backup_id})
    case.obey(verdict)
    assert holding is not None
    row = holding.certificate
    record = {
        "id": backup_id,
        "serial": row.serial,
        "generation": row.generation,
        "sha256": digest,
        "registered_at": case.now,
    }
    lives.begin(case, "backup", "register", record)
    manifest = {
        "format": 1,
        "backup": backup_id,
        "application": row.application,
        "name": row.name,
        "serial": row.serial,
        "generation": row.generation,
        "sha256": digest,
        "at": case.now,
    }
    return Answer({"manifest": pki.office_sign(case.services.keys, manifest)}, row.application)


def recover(case: Case, request: SignedRequest) -> Answer:
    """Bind the certificate to the computer that asks; the one before, its sessions and all backups retire."""
    inner = request.the_inner()
    backup_id, proof = text_of(inner.content, "backup"), text_of(inner.content, "proof")
    view, holding = read(case, inner)
    found = None if holding is None else uses.backup_of(case.connection, backup_id)
    if found is not None and found.serial != view.serial:
        found = None
    facts = _facts(case, request, view, holding, found, proof)
    verdict = case.decide(RECOVER, facts)
    case.note({"serial": view.serial, "backup": backup_id if found is not None else ""})
    if verdict.reason == "wrong-proof" and holding is not None:
        row = holding.certificate
        lives.change(case, "application", row.application, recovery_tries=row.recovery_tries + 1)
    case.obey(verdict)
    assert holding is not None
    if not lives.move(case, "backup", "recover", {"id": backup_id}):
        case.obey(case.decide(RECOVER, replace(facts, backup="spent")))
    generation = _rebind(case, request, holding)
    row = holding.certificate
    body = {
        "application": row.application,
        "certificate": encode(row.der),
        "chain": chain(case.services),
        "generation": generation,
    }
    return Answer(body, row.application)


def _facts(
    case: Case,
    request: SignedRequest,
    view: pki.CertificateView,
    holding: Holding | None,
    found: Record | None,
    proof: str,
) -> RecoverFacts:
    row = None if holding is None else holding.certificate
    return RecoverFacts(
        **certificate_facts(case, view, holding),
        ids_present=ids_present(request.hardware),
        driver_version=request.driver,
        driver_needed=version_of(published.version_needed(case.connection)),
        backup="unknown" if found is None else found.state,
        backup_generation=0 if found is None else found.generation,
        generation=0 if row is None else row.generation,
        tries=0 if row is None else row.recovery_tries,
        proof_matches=row is not None and codes.matches(case.services, row.application, row.code_salt, proof),
    )


def _rebind(case: Case, request: SignedRequest, holding: Holding) -> int:
    """Everything else that a recovery changes, in the one transaction of the case."""
    row = holding.certificate
    if case.policy.recovery == "copy":
        generation = bindings.copy(case, holding, request.device, request.hardware)
    else:
        generation = bindings.move(case, holding, request.device, request.hardware)
        lives.move(case, "session", "move", {"serial": row.serial})
        lives.move(case, "backup", "move", {"serial": row.serial})
    lives.change(case, "application", row.application, recovery_tries=0)
    application = applications.application_of(case.connection, row.application)
    assert application is not None
    away = case.policy.recovery == "move" and request.device not in holding.bound_devices
    letters.moved(case, application, row.serial, away=away)
    case.note({"application": row.application})
    return generation
