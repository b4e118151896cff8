"""Which mail the office sends when: each is put into the outbox in the transaction of what it tells about."""

from typing import Any
from urllib.parse import urlsplit

from softcert.protocol import encode
from softcert_ca import lives, mails, tokens
from softcert_ca.case import Case
from softcert_ca.download import PATH
from softcert_ca.outbox import Mail, enqueue
from softcert_ca.records import Record
from softcert_ca.services import Services


def sender(origin: str) -> str:
    """The office's own mailbox; nobody reads it."""
    return f"no-reply@{urlsplit(origin).hostname}"


def approval(case: Case, application: Record) -> None:
    """The result mail with a fresh address."""
    _post(case, application, "result", {"outcome": "approved", **_fresh_address(case, application)})


def disapproval(case: Case, application: Record, reasons: str) -> None:
    """The result mail with the reasons, and no address."""
    _post(case, application, "result", {"outcome": "disapproved", "reasons": reasons})


def reissue(case: Case, application: Record) -> None:
    """A mail with a fresh address; every older one dies."""
    lives.move(case, "address", "replace", {"application": application.id})
    _post(case, application, "reissue", _fresh_address(case, application))


def new_code(case: Case, application: Record) -> None:
    """Tells that a new code is waiting at the bound computer."""
    _post(case, application, "new-code", {})


def moved(case: Case, application: Record, serial: str, *, away: bool) -> None:
    """Tells the owner of a recovery; `away` when the computer used before cannot use the certificate any more."""
    purpose = "move" if away else "recovery-notice"
    _post(case, application, purpose, {"serial": serial, "moved_at": case.now})


def revocation(case: Case, application: Record, serial: str, reason: str) -> None:
    """Tells the owner of the revocation."""
    _post(case, application, "revocation", {"serial": serial, "reason": reason})


def render(services: Services, mail: Mail) -> bytes:
    """The mail as it is sent. Its address is derived only now: the outbox holds none."""
    salt = mail.params.get("salt")
    if salt is None:
        return mails.render(mail)
    token = tokens.address_token(services.keys.token_key, mail.application, salt)
    return mails.render(mail, services.origin + PATH + token)


def _fresh_address(case: Case, application: Record) -> dict[str, Any]:
    salt = encode(case.services.entropy.bytes(16))
    expires = case.now + case.policy.link_lifetime
    address = {"application": application.id, "salt": salt, "sent_at": case.now, "expires_at": expires}
    lives.begin(case, "address", "send", address)
    return {"salt": salt, "expires": expires}


def _post(case: Case, application: Record, purpose: str, params: dict[str, Any]) -> None:
    enqueue(
        case.connection,
        sender=sender(case.services.origin),
        recipient=application.mailbox,
        purpose=purpose,
        application=application.id,
        params={"name": application.name, **params},
        now=case.now,
    )
