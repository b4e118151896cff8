"""The download: the one act that issues a certificate, at the address that the mail names."""

import json

from cryptography.hazmat.primitives.serialization import Encoding

from softcert.errors import Rejected
from softcert.protocol import Thumbprint, encode
from softcert.rules.checks import DOWNLOAD
from softcert.rules.facts import DownloadFacts
from softcert.rules.policy import HOUR
from softcert.rules.verdict import Verdict
from softcert_ca import lives, pki, tokens
from softcert_ca.bindings import bind_first
from softcert_ca.case import Answer, Case
from softcert_ca.hardware import ids_matching
from softcert_ca.records import Record, applications, ids_of, limits, published
from softcert_ca.services import Services
from softcert_ca.signed import SignedRequest, version_of

PATH = "/download/"
"""What stands before the token in an address."""


def download(case: Case, request: SignedRequest) -> Answer:
    """Claim the address, issue the certificate and bind it to the computer that applied."""
    _refuse_guessing(case, request.device)
    token = request.url.removeprefix(case.services.origin + PATH)
    application, address = find(case, token)
    facts = _facts(case, request, application, address)
    verdict = case.decide(DOWNLOAD, facts)
    if application is not None and facts.application != "unknown":
        case.note({"application": application.id})
    _count(case, request.device, verdict, address)
    case.obey(verdict)
    assert application is not None
    assert address is not None
    if not _claim(case, address, request.device):
        case.obey(case.decide(DOWNLOAD, _facts(case, request, *find(case, token))))
    return _issue(case, request, application)


def find(case: Case, token: str) -> tuple[Record | None, Record | None]:
    """The application that a token names, whether or not it is genuine, and the address if it is."""
    named = tokens.application_of(token)
    application = None if named is None else applications.application_of(case.connection, named)
    if application is None:
        return None, None
    found = None
    for address in applications.addresses_of(case.connection, application.id):
        if tokens.same(token, tokens.address_token(case.services.keys.token_key, application.id, address.salt)):
            found = address
    return application, found


def burn_on_visit(case: Case, token: str) -> None:
    """What a careless office does when somebody only looks (assumption `link-visit`: `burns`)."""
    application, address = find(case, token)
    if application is not None and address is not None:
        _claim(case, address, "")
        case.note({"application": application.id})


def _refuse_guessing(case: Case, device: Thumbprint) -> None:
    if limits.guesses_of(case.connection, device, case.now - HOUR) >= case.policy.guess_limit:
        raise Rejected("rateLimited", "Too many unknown addresses were asked from this computer. Wait an hour.")


def _count(case: Case, device: Thumbprint, verdict: Verdict, address: Record | None) -> None:
    """What a refusal leaves behind: a guess is counted, a careless office burns."""
    if verdict.reason == "unknown":
        limits.count_guess(case.connection, device, case.now, case.now - HOUR)
    elif address is not None and verdict.rule == "same-computer-download" and case.policy.wrong_computer == "burn":
        _claim(case, address, device)


def _claim(case: Case, address: Record, device: str) -> bool:
    """The one step by which an address is used; False when somebody was faster. Who only looks has no device key."""
    return lives.move(case, "address", "claim", {"id": address.id}, used_at=case.now, used_by=device) == 1


def _facts(
    case: Case, request: SignedRequest, application: Record | None, address: Record | None
) -> DownloadFacts:
    visible = application is not None and (address is not None or request.device == application.device)
    inner = request.inner
    return DownloadFacts(
        driver_version=request.driver,
        driver_needed=version_of(published.version_needed(case.connection)),
        application=application.state if application is not None and visible else "unknown",
        address="unknown" if address is None else address.state,
        address_sent_at=0 if address is None else address.sent_at,
        address_expires=0 if address is None else address.expires_at,
        address_used_at=None if address is None else address.used_at,
        address_used_by="" if address is None else address.used_by or "",
        now=case.now,
        device=request.device,
        applied_on=application.device if application is not None and visible else "",
        ids_matching=ids_matching(ids_of(application), request.hardware) if application is not None else 0,
        key_present=inner is not None
        and inner.serial == ""
        and application is not None
        and inner.signed_by(json.loads(application.csr_jwk)),
    )


def _issue(case: Case, request: SignedRequest, application: Record) -> Answer:
    lives.move_on(case, "application", "issue", application)
    issued = _certificate(case, application)
    columns = {
        "serial": issued.serial,
        "application": application.id,
        "der": issued.der,
        "issued_at": case.now,
        "not_after": issued.not_after,
        "generation": 1,
        "revocation_reason": "",
    }
    lives.begin(case, "certificate", "issue", columns)
    bind_first(case, issued.serial, request.device, ids_of(application))
    body = {"application": application.id, "certificate": encode(issued.der), "chain": chain(case.services)}
    return Answer(body, application.id)


def _certificate(case: Case, application: Record) -> pki.CertificateView:
    """A certificate for the key that the application proved."""
    certificate = pki.issue(
        case.services.keys,
        pki.key_of(json.loads(application.csr_jwk)),
        serial=pki.new_serial(case.services.entropy),
        common_name=application.name,
        serial_number=application.id,
        now=case.now,
        lifetime=case.policy.certificate_lifetime,
    )
    return pki.read_certificate(certificate.public_bytes(Encoding.DER))


def chain(services: Services) -> list[str]:
    """The certificates of the issuing CA and the root, as they are sent."""
    return [encode(der) for der in pki.chain(services.keys)]
