"""From the form to the certificate: applying, withdrawing, collecting a new code, downloading (clauses c08 to c19)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from softcert.acting import Acting
from softcert.csr import certificate_request
from softcert.element import new_scalar
from softcert.errors import Rejected
from softcert.exchange import NoticeRead, text_in
from softcert.form import check_form
from softcert.keystore import KeyStore
from softcert.pending import Pending, digest_of
from softcert.protocol import DIRECTORY, Json, Signer, encode, sign, to_bytes
from softcert.rules.catalogue import INITIAL_PIN
from softcert.rules.checks import SEND_FORM
from softcert.rules.facts import FormFacts
from softcert.texts import ANOTHER_ORIGIN
from softcert.trust import serial_of

DOWNLOAD = "/download/"
"""What stands before the token in the address that the office mails."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """An application that the office recorded. The activation code is shown once and kept nowhere (`code-secret`)."""

    application: str
    activation_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A certificate that is on this computer now; `serial` is lower-case hexadecimal."""

    application: str
    serial: str


class Applying(Acting):
    """Everything up to the certificate."""

    def apply(self, form: Mapping[str, str], reviewed: bool = True) -> Submitted:
        """Submit the application: form, confirmation of this computer, notice, and a request for a fresh key.

        The key is made and sealed with the initial PIN first (c20). Rules `driver-first`, `form-checked`; the office's
        rules besides.
        """
        with self._act():
            errors = check_form(form)
            facts = FormFacts(self.installed().state, tuple(error.field for error in errors), reviewed)
            self._judge(SEND_FORM, facts, texts={"form-checked": "\n".join(error.message for error in errors)})
            name, asked = str(form.get("name", "")), digest_of({"form": dict(form), "reviewed": reviewed})
            held = self._held("apply", name, asked)
            if held is None:
                self._drop_superseded(name)
            pending, answer = self._ask(
                DIRECTORY["apply"], held, lambda: self._application(name, asked, dict(form), reviewed)
            )
            submitted = Submitted(text_in(answer, "application"), text_in(answer, "activation_code"))
            for store in self.keys.all():
                if store.slot == pending.slot:
                    self.keys.save(replace(store, application=submitted.application))
            self._settle(pending)
            return submitted

    def _application(self, name: str, asked: str, form: Json, reviewed: bool) -> Pending:
        scalar = new_scalar(self.computer.entropy)
        store = self.keys.create(name, INITIAL_PIN, scalar)
        notice = self.memory.notice or NoticeRead("", "", to_the_end=False, accepted=False)
        content: Json = {
            "form": form,
            "reviewed": reviewed,
            "csr": encode(certificate_request(scalar)),
            "confirmation": self.confirmation(),
            "notice": {
                "digest": notice.digest,
                "from": notice.opened_from,
                "to_the_end": notice.to_the_end,
                "accepted": notice.accepted,
            },
        }
        return replace(self._request("apply", name, asked, content), slot=store.slot)

    def confirmation(self) -> Json | None:
        """The homepage's ticket, signed by this computer's device key; None when nobody said yes here."""
        if not self.memory.ticket:
            return None
        said = {"ticket": self.memory.ticket, "use_this_computer": True, "device": self.device_name()}
        return sign({"jwk": dict(self.device())}, to_bytes(said), self._sign_as_device)

    def _drop_superseded(self, name: str) -> None:
        """An application in this name that got no answer makes room; so does a key of which no request remains."""
        for pending in self.pending.all():
            if (pending.act, pending.subject, pending.answered) == ("apply", name, False):
                self._give_up(pending)
        asked = {pending.slot for pending in self.pending.all()}
        for store in self.keys.all():
            if not (store.application or store.certificate or store.staged or store.slot in asked):
                self.keys.remove(store.slot)

    def withdraw(self, application: str) -> None:
        """Take an application back; its key is destroyed here."""
        with self._act():
            self._use_driver()
            pending, _ = self._ask_about("withdraw", DIRECTORY["withdraw"], application)
            store = self.keys.find(application)
            if store is not None and not store.certificate:
                self.keys.remove(store.slot)
            self._settle(pending)

    def new_code(self, application: str) -> str:
        """The new activation code that the examiner granted; shown here once (rule `code-once`)."""
        with self._act():
            self._use_driver()
            pending, answer = self._ask_about("new-code", DIRECTORY["newCode"], application)
            code = text_in(answer, "activation_code")
            self._settle(pending)
            return code

    def _ask_about(self, act: str, target: str, application: str) -> tuple[Pending, Json]:
        held = self._held(act, application, application)
        content = {"application": application}
        return self._ask(target, held, lambda: self._request(act, application, application, content))

    def download(self, address: str) -> Downloaded:
        """Download the certificate at the address in the mail.

        The key made at application proves that it opens; without it the office refuses. The certificate is stored
        before the office is told that it arrived. Rules `driver-first`; the office's `unique-address`, `one-time-link`,
        `same-computer-download`.
        """
        with self._act():
            self._use_driver()
            target = self._target_of(address)
            application = target.removeprefix(DOWNLOAD).partition(".")[0]
            asked = digest_of(target)
            store = self.keys.find(application)
            proof = self._proof(store)
            content: Json = {} if proof else {"inner": None}
            inner: Json | None = {} if proof else None
            pending, answer = self._ask(
                target,
                self._held("download", application, asked),
                lambda: self._request("download", application, asked, content, inner),
                signer=proof,
            )
            if store is None:  # the office answers nobody without a key; there is nothing to keep the certificate with
                raise Rejected("malformed", "The office sent a certificate for which there is no key here.")
            store = self.keys.save(self._checked_certificate(store, answer))
            self._settle(pending)
            return Downloaded(store.application, serial_of(store.certificate))

    def _target_of(self, address: str) -> str:
        """Path and query of an address at the office. What leads elsewhere gets no request that this driver signed."""
        origin = self.computer.wire.origin
        target = address.strip().removeprefix(origin)
        if not address.strip().startswith(origin + DOWNLOAD) or not target.isascii() or not target.isprintable():
            raise Rejected("malformed", ANOTHER_ORIGIN.format(origin=origin))
        return target

    def _proof(self, store: KeyStore | None) -> tuple[Signer, str] | None:
        """What signs a download. A PIN that was changed is not tried: the certificate is here already."""
        if store is None or not self.keys.seal_of(store).initial:
            return None
        _, key = self.keys.open(store, INITIAL_PIN)
        return (key.signer, "") if key else None
