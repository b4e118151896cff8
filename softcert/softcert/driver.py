"""The driver: what the applicant's computer does, one method for each thing that the applicant can do.

Every act gathers its facts, asks the rules and shows the observer the verdict. What it sends is signed by the device
key; what it must not forget goes to the disk before it counts. `Driver` is put together from

    exchange   one request and its answer            acting   decisions, PIN, repeatable requests
    moving     backup and recovery                   driver   everything else

Errors of every act: `Refused` (a rule, of this side or of the office), `Rejected` (the protocol), `NotDone`,
`MaybeDone` (machine or line), `Damaged` (files changed by somebody).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from softcert.csr import certificate_request
from softcert.disk import replace as replace_file
from softcert.element import new_scalar
from softcert.errors import Rejected
from softcert.exchange import NoticeRead, Session, object_in, text_in
from softcert.form import check_form
from softcert.keystore import KeyStore
from softcert.moving import Moving
from softcert.pending import Pending, digest_of
from softcert.protocol import DIRECTORY, Json, encode, from_bytes, sha256, sign, to_bytes
from softcert.release import install, newest_ever, read_release, uninstall
from softcert.rules.catalogue import INITIAL_PIN
from softcert.rules.checks import CHANGE_PIN, INSTALL, SEND_FORM, faults_of_pin
from softcert.rules.facts import ChangePinFacts, FormFacts
from softcert.texts import ANOTHER_ORIGIN
from softcert.trust import read_answer, serial_of

DOWNLOAD = "/download/"
"""What stands before the token in the address that the office mails."""
RECEIPTS = "softcert/receipts"
"""Where the office's receipts are kept."""


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


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session. `certificate_state` is `issued` before the activation, then `active`."""

    session: str
    certificate_state: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The office's signed word for a filing: `sha256` is that of what the certificate key signed, `at` seconds UTC."""

    filing: str
    serial: str
    sha256: str
    at: int


class Driver(Moving):
    """The driver of one computer. `rounds` is the cost of a backup's key derivation (PBKDF2)."""

    # The homepage: no driver is needed yet

    def visit(self) -> str:
        """The homepage, as HTML."""
        return self.get("/").body.decode("utf-8", "replace")

    def confirm(self, use_this_computer: bool) -> None:
        """Answer the homepage's question (rule `confirm-computer`). The office refuses a no, with its advice."""
        self.memory = replace(self.memory, ticket="")
        answer = self.post(DIRECTORY["confirm"], {"use_this_computer": use_this_computer})
        self.memory = replace(self.memory, ticket=str(answer.get("ticket", "")))

    def install(self) -> str:
        """Install the driver that the homepage offers (rule `driver-first`); returns its version."""
        with self._act():
            answer = from_bytes(self.get(DIRECTORY["driver"]).body)
            release = read_release(answer, self.computer.trust, self.computer.clock.now())
            self._judge(INSTALL, release.facts(newest_ever(self.computer.disk)))
            install(self.computer.disk, release)
            return release.version

    def uninstall(self) -> None:
        """Remove the driver. Keys, certificates and the newest version ever installed stay."""
        with self._act():
            uninstall(self.computer.disk)

    def read_notice(
        self,
        id: str = "without-e-licence",
        to_the_end: bool = True,
        accept: bool = True,
        opened_from: str = "register-now",
    ) -> str:
        """Read a notice (rule `read-notice`); what was read, by digest, goes with the application. Returns its text."""
        answer = from_bytes(self.get(DIRECTORY["notice"]).body)
        notices = cast("list[Json]", answer.get("notices") or [])
        text = next((str(notice["text"]) for notice in notices if notice.get("id") == id), None)
        if text is None:
            raise Rejected("malformed", "The homepage has no such notice. Open the one behind Register Now.")
        read = NoticeRead(sha256(text.encode()), opened_from, to_the_end, accept)
        self.memory = replace(self.memory, notice=read)
        return text

    # Applying

    def apply(self, form: Mapping[str, str], reviewed: bool = True) -> Submitted:
        """Submit the application: form, confirmation of this computer, notice, and a request for a fresh key.

        The key is made and sealed with the initial PIN first (c20). Rules `driver-first`, `form-checked`; the office's
        rules besides.
        """
        with self._act():
            errors = check_form(form)
            facts = FormFacts(self.installed(), tuple(error.field for error in errors), reviewed)
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
            asked = digest_of(address)
            store = self.keys.find(application)
            proof = self._proof(store)
            pending, answer = self._ask(
                target,
                self._held("download", application, asked),
                lambda: self._request(
                    "download", application, asked, {} if proof else {"inner": None}, {} if proof else None
                ),
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

    def _proof(self, store: KeyStore | None) -> Any:
        """What signs a download. A PIN that was changed is not tried: the certificate is here already."""
        if store is None or not self.keys.seal_of(store).initial:
            return None
        _, key = self.keys.open(store, INITIAL_PIN)
        return (key.signer, "") if key else None

    # Using the certificate

    def change_pin(self, old: str, new: str, name: str | None = None) -> None:
        """Change the PIN (rules `change-initial-pin`, `pin-guards-key`); at every moment exactly one works."""
        with self._act():
            found, text = self._certificate(name)
            facts = ChangePinFacts(self.installed(), "untried", faults_of_pin(new, self.policy), found is not None)
            store, key = self._with_pin(CHANGE_PIN, facts, found, old, text)
            self.keys.change_pin(store, key, new)

    def login(self, pin: str, name: str | None = None) -> LoggedIn:
        """Open a session (rules `change-initial-pin`, `pin-guards-key`; the office's `same-computer-use`, …)."""
        with self._act():
            store, key = self._use_key(*self._with_text(name, pin))
            self._settle_others(None)
            inner = self._inner(store, key, {"certificate": encode(store.certificate)})
            answer = self.signed("login", DIRECTORY["login"], {}, inner=inner)
            if store.staged:
                self._confirm_recovery(store)
            self._remove_replaced(store)
            state, expires = text_in(answer, "certificate_state"), answer.get("expires")
            session = Session(text_in(answer, "session"), store.slot, state, expires if isinstance(expires, int) else 0)
            self.memory = replace(self.memory, session=session)
            return LoggedIn(session.id, session.certificate_state)

    def _with_text(self, name: str | None, pin: str) -> tuple[KeyStore | None, str, str]:
        found, text = self._certificate(name)
        return found, pin, text

    def logout(self) -> None:
        """End the session; nothing to do where there is none."""
        with self._act():
            self._use_driver()
            if self.memory.session is not None:
                self.signed("logout", DIRECTORY["logout"], {"session": self.memory.session.id})
                self.memory = replace(self.memory, session=None)

    def activate(self, code: str) -> str:
        """Activate the session's certificate with its code (rule `activate-first`); returns its state. The code is sent
        and not stored."""
        with self._act():
            self._use_driver()
            session = self.memory.session
            subject = session.slot if session else ""
            content = {"session": session.id if session else ""}
            pending, answer = self._ask(
                DIRECTORY["activate"],
                self._held("activate", subject, subject),
                lambda: self._request("activate", subject, subject, content),
                secret={"code": code},
            )
            state = text_in(answer, "certificate_state")
            if session is not None:
                self.memory = replace(self.memory, session=replace(session, certificate_state=state))
            self._settle(pending)
            return state

    def file(self, kind: str, text: str, pin: str, name: str | None = None) -> Receipt:
        """File trademark business (rule `business-after-activation`); the receipt is verified and kept.

        Signed with the session's certificate, unless `name` says another one.
        """
        with self._act():
            session = self.memory.session
            found, which = self._slot(session.slot) if session and not name else self._certificate(name)
            store, key = self._use_key(found, pin, which)
            filing: Json = {"kind": kind, "text": text}
            asked = digest_of(filing)
            content: Json = {"session": session.id if session else ""}
            pending, answer = self._ask(
                DIRECTORY["file"],
                self._held("file", store.slot + asked, asked),
                lambda: self._request("file", store.slot + asked, asked, content, {**content, "filing": filing}),
                signer=(key.signer, serial_of(store.certificate)),
            )
            receipt = self._receipt(object_in(answer, "receipt"), store, pending)
            self._settle(pending)
            return receipt

    def _slot(self, slot: str) -> tuple[KeyStore | None, str]:
        return next((store for store in self.keys.all() if store.slot == slot), None), ""

    def _receipt(self, signed: Json, store: KeyStore, pending: Pending) -> Receipt:
        """A receipt that the office signed for exactly what was sent; stored under `softcert/receipts`."""
        said = read_answer(signed, self.computer.trust)
        if said.get("sha256") not in pending.sent or said.get("serial") != serial_of(store.certificate):
            raise Rejected("badSignature", "The receipt is not for what was filed. Ask the office about this filing.")
        receipt = Receipt(str(said.get("filing")), said["serial"], said["sha256"], said["at"])
        replace_file(self.computer.disk, f"{RECEIPTS}/{sha256(receipt.filing.encode())[:32]}.json", to_bytes(signed))
        return receipt
