"""Taking a certificate from one computer to another: backup and recovery (clauses c24 to c28)."""

from contextlib import suppress
from dataclasses import dataclass, replace

from softcert.acting import Acting
from softcert.backup import (
    MANIFEST,
    PACKAGE,
    Contents,
    Found,
    choose,
    find,
    fits,
    length_of,
    pack,
    path_of,
    read,
    unpack,
)
from softcert.disk import ASIDE, commit_tree, discard_tree, exists, prepare_tree
from softcert.errors import NotDone, Refused, Rejected
from softcert.exchange import believing, object_in, text_in
from softcert.keystore import KeyStore, OpenKey
from softcert.pending import Pending, digest_of
from softcert.ports import Disk, Drive
from softcert.protocol import DIRECTORY, Json, encode, sha256, to_bytes
from softcert.rules.checks import READ_BACKUP, REMOVABLE, WRITE_BACKUP, faults_of_pin
from softcert.rules.facts import BackupFacts, RestoreFacts
from softcert.trust import read_answer, serial_of

_ANY = 32 * "0"
"""Stands for an id while it is asked whether the place for a backup is on the device."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """A certificate that was moved to this computer; `generation` counts the computers to which it was bound."""

    application: str
    serial: str
    generation: int


class Moving(Acting):
    """Backup to a removable device, recovery from it."""

    def backups(self, drive_name: str, folder: str = "") -> tuple[Found, ...]:
        """Every backup on a device, by id; none when there is no such device. Raises NotDone."""
        with self._act():
            drive = self.computer.drives.find(drive_name)
            return find(drive.disk, self.computer.trust, folder) if drive else ()

    def backup(self, drive_name: str, pin: str, password: str, name: str | None = None, folder: str = "") -> str:
        """Soft Certificate Backup: key and certificate to a removable device, registered with the office; gives its id.

        The PKCS#12 file is written beside its final name before the office is asked, so that a full device stops the
        act while nothing has happened; with the manifest the folder gets its name. `folder` is where on the device.
        Rules `backup-to-removable`, `backup-sealed`, `pin-guards-key`. Raises Refused, Rejected, NotDone, MaybeDone.
        """
        with self._act():
            found, text = self._certificate(name)
            drive = self.computer.drives.find(drive_name)
            facts = BackupFacts(
                driver=self.installed().state,
                pin="untried",
                pin_is_initial=self._is_initial(found),
                certificate_here=found is not None,
                drive=drive.kind if drive else "none",
                path_stays=drive is not None and drive.disk.contains(path_of(_ANY, folder)),
                password_length=length_of(password),
            )
            store, key = self._with_pin(WRITE_BACKUP, facts, found, pin, text)
            if drive is None:  # only a driver that overrides `_decide` comes here
                raise NotDone("There is no such device.")
            held = self._held("backup", store.slot, _asked(drive, folder))
            written = self._written(drive, folder, held, password) or self._write(drive, folder, store, key, password)
            return self._register(drive, written, store, key)

    def _written(self, drive: Drive, folder: str, held: Pending | None, password: str) -> "_Written | None":
        """What an earlier attempt without an answer wrote, if it is whole and has this password; else it is dropped."""
        if held is None or held.answered or held.inner is None:
            return None
        path = path_of(held.inner["backup"], folder)
        for place in (path, path + ASIDE):
            package = read(drive.disk, f"{place}/{PACKAGE}") or b""
            if sha256(package) == held.inner["sha256"] and unpack(package, password):
                return _Written(path, held, repeated=True)
        self.pending.drop(held)
        discard_tree(drive.disk, path)
        return None

    def _write(self, drive: Drive, folder: str, store: KeyStore, key: OpenKey, password: str) -> "_Written":
        """Write the PKCS#12 file beside its final name; when that fails, nothing of it stays."""
        backup = self.computer.entropy.bytes(16).hex()
        path = path_of(backup, folder)
        contents = Contents(key.scalar, store.certificate, store.chain)
        package = pack(contents, store.name, password, self.rounds)
        try:
            prepare_tree(drive.disk, path, {PACKAGE: package})
        except OSError:
            _discard(drive.disk, path)
            raise
        content = {"certificate": encode(store.certificate), "backup": backup, "sha256": sha256(package)}
        request = self._request("backup", store.slot, _asked(drive, folder), {}, content)
        return _Written(path, request, repeated=False)

    def _register(self, drive: Drive, written: "_Written", store: KeyStore, key: OpenKey) -> str:
        try:
            pending, answer = self._ask(
                DIRECTORY["backup"],
                written.request if written.repeated else None,
                lambda: written.request,
                signer=(key.signer, serial_of(store.certificate)),
            )
        except (Refused, Rejected, NotDone):
            if not self._is_open("backup", store.slot):
                _discard(drive.disk, written.path)
            raise
        manifest = object_in(answer, "manifest")
        asked: Json = written.request.inner or {}
        with believing():
            if not fits(read_answer(manifest, self.computer.trust), asked["backup"], asked["sha256"]):
                raise Rejected("badSignature", "The office registered another backup.")
        if not exists(drive.disk, written.path):
            prepare_tree(drive.disk, written.path, {MANIFEST: to_bytes(manifest)})
            commit_tree(drive.disk, written.path)
        self._settle(pending)
        return str(asked["backup"])

    def recover(
        self,
        drive_name: str,
        password: str,
        proof: str,
        new_pin: str,
        backup: str | None = None,
        name: str | None = None,
        folder: str = "",
    ) -> Recovered:
        """Soft Certificate Recovery: bind this computer to the certificate in a backup, sealed with a new PIN.

        The key is sealed here before the office is asked, so that whatever fails afterwards, the computer that the
        office bound has the key: the same recovery again, or a login, finishes it. `proof` is the activation code.
        Rules `recover-from-removable`, `backup-sealed`, `one-computer`. Raises Refused, Rejected, NotDone, MaybeDone.
        """
        with self._act():
            drive = self.computer.drives.find(drive_name)
            found = None
            if drive and drive.kind in REMOVABLE:
                found = choose(find(drive.disk, self.computer.trust, folder), backup or "", name or "")
            facts = RestoreFacts(
                driver=self.installed().state,
                new_pin_faults=faults_of_pin(new_pin, self.policy),
                drive=drive.kind if drive else "none",
                backup=found.status if found else "none",
                opens=True,
            )
            self._judge(READ_BACKUP, facts, whole=False)
            contents = unpack(found.package, password) if found else None
            self._judge(READ_BACKUP, replace(facts, opens=contents is not None))
            if found is None or contents is None:  # only a driver that overrides `_decide` comes here
                raise NotDone("There is no backup that this password opens.")
            return self._move_here(found, contents, proof, new_pin)

    def _move_here(self, found: Found, contents: Contents, proof: str, new_pin: str) -> Recovered:
        held = self._held("recover", found.id, found.id)
        staged = self._stage(found, contents, new_pin)
        asked: Json = {"certificate": encode(contents.certificate), "backup": found.id}
        try:
            pending, answer = self._ask(
                DIRECTORY["recover"],
                held,
                lambda: self._request("recover", found.id, found.id, {}, asked),
                signer=(OpenKey(contents.scalar, initial=False).signer, serial_of(contents.certificate)),
                secret={"proof": proof},
            )
        except (Refused, Rejected, NotDone):
            if not self._is_open("recover", found.id):
                self.keys.remove(staged.slot)
            raise
        store = self._commit(self._checked_certificate(staged, answer))
        self._settle(pending)
        self._remove_replaced(store)
        generation = answer.get("generation")
        return Recovered(
            store.application, serial_of(store.certificate), generation if isinstance(generation, int) else 0
        )

    def _stage(self, found: Found, contents: Contents, new_pin: str) -> KeyStore:
        """Seal the key in a new slot that counts only once the office has answered; older such slots go."""
        made = self.keys.create(
            found.name,
            new_pin,
            contents.scalar,
            certificate=contents.certificate,
            chain=contents.chain,
            staged=True,
            generation=found.generation,
        )
        for store in self.keys.all():
            if store.staged and store.public_key == made.public_key and store.slot != made.slot:
                self.keys.remove(store.slot)
        return made

    def _commit(self, store: KeyStore) -> KeyStore:
        """From here this slot is the certificate's; older slots of it on this computer are worthless."""
        every = self.keys.with_replaced()
        older = tuple(one.slot for one in every if one.public_key == store.public_key and one.slot != store.slot)
        self.memory = replace(self.memory, session=None)
        return self.keys.save(replace(store, staged=False, replaces=older))

    def _remove_replaced(self, store: KeyStore) -> None:
        """Remove what a recovery replaced; after a power cut the next login does it."""
        for slot in store.replaces:
            self.keys.remove(slot)
        if store.replaces:
            self.keys.save(replace(store, replaces=()))

    def _ask_if_recovered(self, found: KeyStore | None, store: KeyStore, answer: Json) -> None:
        """On the computer that had the certificate before, only a later binding says that the recovery did happen.

        Raises NotDone when it did not: the session that was opened ends, and the old seal stays the certificate's.
        """
        bound = answer.get("generation")
        if found is store or (isinstance(bound, int) and bound > store.generation):
            return
        self._tell("logout", DIRECTORY["logout"], {"session": text_in(answer, "session")})
        raise NotDone("The recovery that was begun here never reached the office. Recover again, with the same backup.")

    def _confirm_recovery(self, store: KeyStore) -> None:
        """The office let a staged certificate log in: its recovery did happen, only the answer was lost."""
        self._remove_replaced(self._commit(store))
        for pending in self.pending.all():
            if pending.act == "recover" and (pending.inner or {}).get("certificate") == encode(store.certificate):
                self.pending.keep(replace(pending, answered=True))


@dataclass(frozen=True, slots=True)
class _Written:
    """A PKCS#12 file on the device, its manifest still to come, and the request for that."""

    path: str
    request: Pending
    repeated: bool


def _asked(drive: Drive, folder: str) -> str:
    return digest_of({"drive": drive.name, "folder": folder})


def _discard(disk: Disk, path: str) -> None:
    """What is not registered is of no use. A device that fails keeps it, but nobody takes it for a backup."""
    with suppress(OSError):
        discard_tree(disk, path)
