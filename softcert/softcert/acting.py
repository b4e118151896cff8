"""What every act of the driver has in common: decisions, the PIN, requests that may be repeated, failing disks."""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from errno import EACCES, EDQUOT, ENOSPC, EPERM, EROFS
from typing import Any, TypeVar, cast

from softcert.backup import BACKUP_ROUNDS
from softcert.errors import Broken, MaybeDone, NotDone, Refused, Rejected
from softcert.exchange import Exchange, Inner, believing
from softcert.keystore import KeyStore, KeyStores, OpenKey
from softcert.pending import Pending, PendingRequests
from softcert.ports import Computer
from softcert.protocol import DIRECTORY, Json, Signer, decode, encode, sha256, to_bytes
from softcert.release import installed
from softcert.rules.catalogue import RuleId
from softcert.rules.checks import USE_DRIVER, USE_KEY
from softcert.rules.facts import BackupFacts, ChangePinFacts, DriverFacts, KeyFacts
from softcert.rules.policy import Policy
from softcert.rules.verdict import Act, Verdict, decide
from softcert.texts import ASKED_BEFORE, DISK_FAILED, DISK_FAILED_AFTER, TEXTS, WHICH_CERTIFICATE
from softcert.trust import chain_fits, fits_key, serial_of

F = TypeVar("F")
P = TypeVar("P", KeyFacts, ChangePinFacts, BackupFacts)

SHOWS_CODE = ("apply", "new-code")
"""Acts whose answer shows an activation code."""

_PASSING = ("badNonce", "rateLimited")
"""Rejections of a repeated request that say nothing about the first one."""

_TROUBLES = {
    ENOSPC: ("The disk or device is full.", "Make room on it"),
    EDQUOT: ("The disk or device is full.", "Make room on it"),
    EROFS: ("The disk or device is write-protected.", "Remove the protection"),
    EACCES: ("The disk or device does not let the driver write.", "Remove the protection"),
    EPERM: ("The disk or device does not let the driver write.", "Remove the protection"),
}
_TROUBLE = ("The disk or device failed.", "Check it, plug it in firmly or use another one")


class Acting(Exchange):
    """A computer with decisions. A changed driver overrides `_decide`: that skips questions, but opens no seal."""

    def __init__(
        self, computer: Computer, policy: Policy, observe: Callable[[Verdict], None], rounds: int = BACKUP_ROUNDS
    ) -> None:
        super().__init__(computer)
        self.policy = policy
        self.rounds = rounds
        self.keys = KeyStores(computer.disk, computer.element, computer.entropy)
        self.pending = PendingRequests(computer.disk)
        self._observe = observe

    # Decisions

    def _decide(self, act: Act[F], facts: F, before: RuleId | None = None) -> Verdict:
        """The rules' verdict; `before` stops ahead of a rule."""
        return decide(act, facts, self.policy, before=before)

    def _judge(
        self,
        act: Act[F],
        facts: F,
        *,
        before: RuleId | None = None,
        whole: bool = True,
        texts: Mapping[RuleId, str] | None = None,
    ) -> None:
        """Raises Refused when the rules refuse. An allowed verdict is shown to the observer only when it is whole.

        `texts` has better texts than the usual ones, by rule.
        """
        verdict = self._decide(act, facts, before)
        if not verdict.allowed or (whole and before is None):
            self._observe(verdict)
        if not verdict.allowed:
            rule, reason = verdict.rule or "", verdict.reason or ""
            raise Refused(rule, reason, (texts or {}).get(rule) or TEXTS[rule, reason], verdict)

    def _use_driver(self) -> None:
        """Rule `driver-first`."""
        self._judge(USE_DRIVER, DriverFacts(self.installed().state))

    # Certificates and their PIN

    def _certificate(self, name: str | None) -> tuple[KeyStore | None, str]:
        """The certificate on this computer, by the applicant's name where there are several: the newest of that name.

        One whose recovery has no answer yet is taken when there is no other: the office may have bound it. The text is
        for the user, where the name is needed to tell several apart.
        """
        here = [store for store in self.keys.all() if store.certificate and name in (None, store.name)]
        usable = [store for store in here if not store.staged] or self._unanswered(here)
        names = sorted({store.name for store in usable})
        if len(names) > 1:
            return None, WHICH_CERTIFICATE.format(names=", ".join(names))
        return (usable[-1] if usable else None), ""

    def _unanswered(self, staged: list[KeyStore]) -> list[KeyStore]:
        """Those of which the office may have accepted the recovery."""
        recoveries = [pending.inner for pending in self.pending.all() if pending.act == "recover" and pending.inner]
        asked = {recovery["certificate"] for recovery in recoveries}
        return [store for store in staged if encode(store.certificate) in asked]

    def _use_key(
        self, store: KeyStore | None, pin: str, text: str = "", *, recovering: Sequence[KeyStore] = ()
    ) -> tuple[KeyStore, OpenKey]:
        """Rules `change-initial-pin`, `pin-guards-key`: the opened key of a certificate, or of one of `recovering`."""
        facts = KeyFacts(self.installed().state, "untried", self._is_initial(store), store is not None)
        return self._with_pin(USE_KEY, facts, store, pin, text, recovering)

    def _recovering(self, store: KeyStore | None) -> list[KeyStore]:
        """Seals of the same certificate from recoveries on this computer that have no answer yet, the latest last."""
        if store is None or store.staged:
            return []
        return self._unanswered([one for one in self.keys.all() if one.staged and one.public_key == store.public_key])

    def _is_initial(self, store: KeyStore | None) -> bool:
        return store is not None and self.keys.seal_of(store).initial

    def _with_pin(
        self,
        act: Act[P],
        facts: P,
        store: KeyStore | None,
        pin: str,
        text: str = "",
        recovering: Sequence[KeyStore] = (),
    ) -> tuple[KeyStore, OpenKey]:
        """Decide as far as no PIN is needed, try the PIN, decide whole with what the element and the seal said.

        A PIN that does not open `store` is tried at the seals of `recovering` too; each counts its own tries.
        """
        texts = {"valid-certificate": text}
        self._judge(act, facts, before="pin-guards-key", texts=texts)
        key = None
        if store is not None:
            result, key = self.keys.open(store, pin)
            facts = replace(facts, pin=result, tries_left=self.keys.tries_left(store))
            for other in recovering if key is None else ():
                result, opened = self.keys.open(other, pin)
                if opened is not None:
                    store, key, facts = other, opened, replace(facts, pin=result)
            if key is not None and not isinstance(facts, ChangePinFacts):
                facts = cast(P, replace(facts, pin_is_initial=key.initial))
        self._judge(act, facts, texts=texts)
        if store is None or key is None:  # only a driver that overrides `_decide` comes here
            raise NotDone("The key stays sealed: the driver can skip its questions, the element does not.")
        return store, key

    def _inner(self, store: KeyStore, key: OpenKey, content: Json) -> Inner:
        return Inner(key.signer, serial_of(store.certificate), content)

    def _checked_certificate(self, store: KeyStore, answer: Json) -> KeyStore:
        """The key store with the certificate of an answer. Raises MaybeDone unless it fits the key and the root."""
        with believing():
            certificate = decode(str(answer.get("certificate", "")))
            chain = tuple(decode(str(link)) for link in cast("list[Any]", answer.get("chain") or []))
            root = self.computer.trust
            if not fits_key(certificate, dict(store.public_key)) or not chain_fits(certificate, chain, root):
                raise Rejected("badSignature", "The office sent a certificate that does not fit.")
        application = str(answer.get("application", store.application))
        return replace(store, certificate=certificate, chain=chain, application=application)

    # Requests that may be repeated

    def _request(self, act: str, subject: str, asked: str, content: Json, inner: Json | None = None) -> Pending:
        request_id = encode(self.computer.entropy.bytes(16))
        return Pending(act, subject, asked, request_id, content, inner)

    def _held(self, act: str, subject: str, asked: str) -> Pending | None:
        """The record of the same request, unless its answer is known to have arrived."""
        for held in self.pending.all():
            if (held.act, held.subject, held.asked) == (act, subject, asked):
                return None if held.request_id in self.memory.arrived else held
        return None

    def _ask(
        self,
        target: str,
        held: Pending | None,
        make: Callable[[], Pending],
        *,
        signer: tuple[Signer, str] | None = None,
        secret: Json | None = None,
    ) -> tuple[Pending, Json]:
        """Send a request once: a held one again under its id, else a new one, stored before it leaves.

        A held one that is refused did not happen; if what would be sent now differs, that is sent instead. `signer` is
        the certificate key and its serial; `secret` what is sent and not stored.
        """
        if held is not None:
            try:
                return self._send_pending(target, held, signer, secret)
            except (Refused, Rejected) as error:
                self._raise_passing(error, secret)
                self._give_up(held)
                pending = make()
                if (pending.content, pending.inner) == (held.content, held.inner):
                    raise
        else:
            pending = make()
        try:
            return self._send_pending(target, pending, signer, secret)
        except (Refused, Rejected, NotDone):
            self._give_up(pending)
            raise

    def _raise_passing(self, error: Refused | Rejected, secret: Json | None) -> None:
        """Raises what says nothing about the first attempt, and a conflict with it that a mistyped code explains."""
        if isinstance(error, Rejected) and error.name in _PASSING:
            raise error
        if isinstance(error, Rejected) and error.name == "conflict" and secret:
            raise Rejected(error.name, ASKED_BEFORE) from error

    def _send_pending(
        self, target: str, pending: Pending, signer: tuple[Signer, str] | None, secret: Json | None
    ) -> tuple[Pending, Json]:
        content, inner = dict(pending.content), None
        if pending.inner is None or signer is None:
            content |= secret or {}
        else:
            inner = Inner(*signer, {**pending.inner, **(secret or {})})
        kept = pending

        def keep(payload: Json) -> None:
            """From now on it may happen. A receipt names what was signed: that must be known later."""
            nonlocal kept
            proof = (sha256(to_bytes(payload["inner"])),) if payload.get("inner") else ()
            kept = self.pending.keep(replace(kept, sent=(*kept.sent, *proof)))

        answer = self._tell(pending.act, target, content, request=pending, inner=inner, about_to_send=keep)
        return kept, answer

    def _is_open(self, act: str, subject: str) -> bool:
        """Whether a request may have happened of which no answer came."""
        return any((held.act, held.subject) == (act, subject) for held in self.pending.all())

    def _give_up(self, pending: Pending) -> None:
        """Forget a request that did not happen, with the key that was made for it."""
        self.pending.drop(pending)
        for store in self.keys.all():
            if store.slot == pending.slot and not store.application and not store.certificate:
                self.keys.remove(store.slot)

    def _settle(self, pending: Pending) -> None:
        """The answer is stored; the next signed request tells the office so, and until then the record stays.

        An answer that shows a code is acknowledged at once: as long as the office would repeat it, whoever sits at this
        computer could have the code shown again (rule `code-once`).
        """
        kept = self.pending.keep(replace(pending, answered=True))
        if kept.act not in SHOWS_CODE or self._acknowledge(kept):
            self.memory = replace(self.memory, arrived=self.memory.arrived | {kept.request_id})

    def _tell(
        self,
        act: str,
        target: str,
        content: Json,
        *,
        request: Pending | None = None,
        inner: Inner | None = None,
        about_to_send: Callable[[Json], None] | None = None,
    ) -> Json:
        """As `signed`, with the acknowledgement of an earlier answer that is owed; `request` is the record of this one.

        Where two are owed, or this request's record takes the place of the other, that one is acknowledged on its own.
        """
        number, place = (request.request_id, request.path) if request else ("", "")
        owed = [held for held in self.pending.all() if held.answered and held.request_id != number]
        carried = next((held for held in owed if held.path != place), None)
        self._acknowledge_all(held for held in owed if held is not carried)
        if carried is not None:
            content = {**content, "acknowledges": {"act": carried.act, "request_id": carried.request_id}}
        try:
            answer = self.signed(act, target, content, request_id=number, inner=inner, about_to_send=about_to_send)
        except Refused:
            self._forget(carried)
            raise
        self._forget(carried)
        return answer

    def finish(self) -> None:
        """Tell the office which answers arrived, where no next act will; what it does not hear, it is told later."""
        with self._act():
            self._acknowledge_all(held for held in self.pending.all() if held.answered)

    def _acknowledge_all(self, owed: Iterable[Pending]) -> None:
        for held in owed:
            if self._acknowledge(held):
                self._forget(held)

    def _forget(self, heard: Pending | None) -> None:
        """The office was told. Where the disk does not let go of the record, it is told once more."""
        if heard is not None:
            with suppress(OSError):
                self.pending.drop(heard)

    def _acknowledge(self, pending: Pending) -> bool:
        """Tell the office that an answer arrived, by a request of its own; whether it heard."""
        before = self._sent
        try:
            content: Json = {"acknowledges": {"act": pending.act, "request_id": pending.request_id}}
            self.signed("acknowledge", DIRECTORY["acknowledge"], content)
        except Broken:
            return False
        except (Refused, Rejected):
            pass  # then there is nothing that could be repeated
        finally:
            self._sent = before
        return True

    # Failing disks

    @contextmanager
    def _act(self) -> Generator[None]:
        """One act: an error of disk or device is definite as long as nothing was sent."""
        self._sent = False
        try:
            self._installed = installed(self.computer.disk, self.computer.trust)
            yield
        except UnicodeEncodeError as error:
            raise Rejected("malformed", "The text has symbols that cannot be sent. Type it anew.") from error
        except OSError as error:
            what, todo = _TROUBLES.get(error.errno or 0, _TROUBLE)
            if self._sent:
                raise MaybeDone(DISK_FAILED_AFTER.format(what=what, todo=todo)) from error
            raise NotDone(DISK_FAILED.format(what=what, todo=todo)) from error
        finally:
            self._installed = None
