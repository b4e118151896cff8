"""The driver: what the applicant's computer does, one method for each thing that the applicant can do.

Every act gathers its facts, asks the rules and shows the observer the verdict. What it sends is signed by the device
key; what it must not forget goes to the disk before it counts. `Driver` is put together from

    exchange   one request and its answer              acting   decisions, PIN, repeatable requests
    applying   from the form to the certificate        moving   backup and recovery

Errors of every act: `Refused` (a rule, of this side or of the office), `Rejected` (the protocol), `NotDone`,
`MaybeDone` (machine or line), `Damaged` (files changed by somebody).
"""

from dataclasses import dataclass, replace
from typing import Any, cast

from softcert.applying import Applying, Downloaded, Submitted
from softcert.disk import replace as replace_file
from softcert.errors import Rejected
from softcert.exchange import NoticeRead, Session, believing, object_in, text_in
from softcert.keystore import KeyStore
from softcert.moving import Moving, Recovered
from softcert.pending import Pending, digest_of
from softcert.protocol import DIRECTORY, Json, encode, from_bytes, sha256, to_bytes
from softcert.release import install, newest_ever, read_release, uninstall
from softcert.rules.checks import CHANGE_PIN, INSTALL, faults_of_pin
from softcert.rules.facts import ChangePinFacts
from softcert.trust import read_answer, serial_of

__all__ = ["Downloaded", "Driver", "LoggedIn", "Receipt", "Recovered", "Submitted"]

RECEIPTS = "softcert/receipts"
"""Where the office's receipts are kept."""


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


class Driver(Applying, Moving):
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
        notices: Any = from_bytes(self.get(DIRECTORY["notice"]).body).get("notices")
        listed = cast("list[Any]", notices) if isinstance(notices, list) else []
        known = (cast(Json, it) for it in listed if isinstance(it, dict))
        text = next((it.get("text") for it in known if it.get("id") == id), None)
        if not isinstance(text, str):
            raise Rejected("malformed", "The homepage has no such notice. Open the one behind Register Now.")
        read = NoticeRead(sha256(text.encode()), opened_from, to_the_end, accept)
        self.memory = replace(self.memory, notice=read)
        return text

    # Using the certificate

    def change_pin(self, old: str, new: str, name: str | None = None) -> None:
        """Change the PIN (rules `change-initial-pin`, `pin-guards-key`); at every moment exactly one works."""
        with self._act():
            found, text = self._certificate(name)
            facts = ChangePinFacts(self.installed().state, "untried", faults_of_pin(new, self.policy), found is not None)
            store, key = self._with_pin(CHANGE_PIN, facts, found, old, text)
            self.keys.change_pin(store, key, new)

    def login(self, pin: str, name: str | None = None) -> LoggedIn:
        """Open a session (rules `change-initial-pin`, `pin-guards-key`; the office's `same-computer-use`, …)."""
        with self._act():
            found, text = self._certificate(name)
            store, key = self._use_key(found, pin, text, recovering=self._recovering(found))
            inner = self._inner(store, key, {"certificate": encode(store.certificate)})
            answer = self._tell("login", DIRECTORY["login"], {}, inner=inner)
            if store.staged:
                self._ask_if_recovered(found, store, answer)
                self._confirm_recovery(store)
            self._remove_replaced(store)
            state, expires = text_in(answer, "certificate_state"), answer.get("expires")
            session = Session(text_in(answer, "session"), store.slot, state, expires if isinstance(expires, int) else 0)
            self.memory = replace(self.memory, session=session)
            return LoggedIn(session.id, session.certificate_state)

    def logout(self) -> None:
        """End the session; nothing to do where there is none."""
        with self._act():
            self._use_driver()
            if self.memory.session is not None:
                self._tell("logout", DIRECTORY["logout"], {"session": self.memory.session.id})
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
        return next((store for store in self.keys.all() if store.slot == slot and store.certificate), None), ""

    def _receipt(self, signed: Json, store: KeyStore, pending: Pending) -> Receipt:
        """A receipt that the office signed for exactly what was sent; stored under `softcert/receipts`."""
        with believing():
            said = read_answer(signed, self.computer.trust)
            if said.get("sha256") not in pending.sent or said.get("serial") != serial_of(store.certificate):
                raise Rejected("badSignature", "The receipt is not for what was filed.")
        receipt = Receipt(str(said.get("filing")), said["serial"], said["sha256"], said["at"])
        replace_file(self.computer.disk, f"{RECEIPTS}/{sha256(receipt.filing.encode())[:32]}.json", to_bytes(signed))
        return receipt
