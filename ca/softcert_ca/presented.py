"""Certificates as clients present them, turned into facts; and the sessions opened with them."""

from typing import Any

from softcert.errors import Rejected
from softcert_ca import pki
from softcert_ca.case import Case
from softcert_ca.records import Record, certificates
from softcert_ca.records.certificates import Holding
from softcert_ca.signed import Inner, SignedRequest, bytes_of


def read(case: Case, inner: Inner) -> tuple[pki.CertificateView, Holding | None]:
    """The certificate in the inner message, whose key signed the message, and what the office knows about it.

    It is known when the office's record has it, to the byte: with the issuing key alone somebody could write other dates
    under a true serial number. Raises `Rejected` (badSignature, badPublicKey, malformed).
    """
    der = bytes_of(inner.content, "certificate")
    view = pki.read_certificate(der)
    if inner.serial != view.serial:
        raise Rejected("malformed", "The inner header names another certificate than the one presented.")
    inner.require(view.jwk)
    holding = certificates.holding_of(case.connection, view.serial)
    return view, holding if holding is not None and holding.certificate.der == view.der else None


def certificate_facts(case: Case, view: pki.CertificateView, holding: Holding | None) -> dict[str, Any]:
    """The fields of `CertificateFacts`."""
    return {
        "known": holding is not None,
        "issuer_ok": pki.issued_here(case.services.keys, view),
        "usage_ok": view.usage_ok,
        "not_before": view.not_before,
        "not_after": view.not_after,
        "now": case.now,
        "revoked": holding is not None and holding.certificate.state == "revoked",
        "revoked_at": None if holding is None else holding.certificate.revoked_at,
        "bound_devices": () if holding is None else holding.bound_devices,
        "bound_at": 0 if holding is None else holding.bound_at,
    }


def bound_facts(
    case: Case, request: SignedRequest, view: pki.CertificateView, holding: Holding | None
) -> dict[str, Any]:
    """The fields of `BoundFacts`."""
    return {
        **certificate_facts(case, view, holding),
        "device": request.device,
        "retired_devices": () if holding is None else holding.retired_devices,
        "ids_matching": 0 if holding is None else holding.ids_matching(request.device, request.hardware),
    }


def session_facts(case: Case, request: SignedRequest, session: Record | None) -> tuple[dict[str, Any], Holding | None]:
    """The fields of `SessionFacts`."""
    holding = None if session is None else certificates.holding_of(case.connection, session.serial)
    if session is None or holding is None:
        return {**_NOTHING, "now": case.now, "device": request.device}, None
    return {
        **bound_facts(case, request, pki.read_certificate(holding.certificate.der), holding),
        "session": session.state,
        "session_expires": session.expires_at,
        "session_device": session.device,
        "certificate": holding.certificate.state,
    }, holding


_NOTHING: dict[str, Any] = {
    "known": False,
    "issuer_ok": False,
    "usage_ok": False,
    "not_before": 0,
    "not_after": 0,
    "revoked": False,
    "revoked_at": None,
    "bound_devices": (),
    "bound_at": 0,
    "retired_devices": (),
    "ids_matching": 0,
    "session": "none",
    "session_expires": 0,
    "session_device": "",
    "certificate": "none",
}
"""The facts of a session that does not exist."""
