"""Saboteurs of the gates from the PIN to the move to another computer."""

# What stands in place of a function takes whatever that takes.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from dataclasses import replace
from itertools import pairwise
from typing import Any

from softcert.disk import replace as write_file
from softcert.rules.checks import REMOVABLE
from softcert_ca import lives
from softcert_ca.case import Case
from softcert_ca.records import applications
from softcert_sim.sabotage.hand import Hand
from softcert_sim.sabotage.saboteur import saboteur


def without_event(hand: Hand, *left_out: tuple[str, str]) -> None:
    """The office forgets these events of a record's life, such as ("session", "move"); nothing is written down."""
    hand.skip("softcert_ca.lives.move", lambda case, kind, event, *rest, **also: (kind, event) in left_out, 0)


def without_column(hand: Hand, column: str) -> None:
    """The office does not write this column down when it changes a record and nothing else of it."""
    hand.skip("softcert_ca.lives.change", lambda case, kind, key, **columns: set(columns) == {column})


# --- change-initial-pin -----------------------------------------------------------------------------------------------


@saboteur("change-initial-pin", "check removed", "The initial PIN may stay, and any new PIN will do.")
def initial_pin_stays(hand: Hand) -> None:
    hand.drop("change-initial-pin")


@saboteur("change-initial-pin", "wrong scope", "The initial PIN may be chosen as the new one.")
def initial_pin_chosen_again(hand: Hand) -> None:
    hand.drop("change-initial-pin/same-as-initial")


@saboteur("change-initial-pin", "off by one", "A PIN of one symbol less than the shortest is long enough.")
def pin_one_too_short(hand: Hand) -> None:
    def faults(judge: Any, pin: str, policy: Any) -> Any:
        shortest, longest = policy.pin
        return judge(pin, replace(policy, pin=(shortest - 1, longest)))

    hand.wrap("softcert.rules.checks.faults_of_pin", faults)


@saboteur("change-initial-pin", "not persisted", "That a key still opens with the initial PIN is not remembered.")
def initial_pin_forgotten(hand: Hand) -> None:
    def opened(open_it: Any, stores: Any, *given: Any) -> Any:
        result, key = open_it(stores, *given)
        return result, key and replace(key, initial=False)

    hand.wrap("softcert.keystore.KeyStores.open", opened)
    hand.wrap("softcert.acting.Acting._is_initial", lambda ask, driver, store: False)


@saboteur("change-initial-pin", "compared loosely", "A PIN that runs downwards is not seen to run.")
def downwards_is_not_running(hand: Hand) -> None:
    def faults(judge: Any, pin: str, policy: Any) -> Any:
        falling = all(ord(before) - ord(after) == 1 for before, after in pairwise(pin))
        return tuple(fault for fault in judge(pin, policy) if not (fault == "running" and falling))

    hand.wrap("softcert.rules.checks.faults_of_pin", faults)


# --- pin-guards-key ---------------------------------------------------------------------------------------------------


@saboteur("pin-guards-key", "check removed", "The driver does not look at what the element says of a PIN.")
def element_unheard(hand: Hand) -> None:
    hand.drop("pin-guards-key")


@saboteur("pin-guards-key", "off by one", "The element bears one wrong PIN more than the assumption says.")
def one_pin_more(hand: Hand) -> None:
    def unseal(try_it: Any, element: Any, *given: Any) -> Any:
        limit = element._pin_tries
        element._pin_tries = limit + 1
        try:
            return try_it(element, *given)
        finally:
            element._pin_tries = limit

    hand.wrap("softcert.element.Element.unseal", unseal)


@saboteur("pin-guards-key", "not persisted", "A wrong PIN is not counted.")
def wrong_pins_free(hand: Hand) -> None:
    hand.skip("softcert.element.Element._save", _counts)


def _counts(element: Any, state: Any, name: str, slot: Any) -> bool:
    """Whether what the element is about to save counts a try."""
    return slot is not None and slot.tries > state.slot(name).tries


@saboteur(
    "pin-guards-key", "wrong order", "The element compares before it counts: a power cut in between makes a try free.",
    fails="check-tries",
)  # fmt: skip
def compared_before_counted(hand: Hand) -> None:
    save = hand.part("softcert.element.Element._save")

    def unseal(try_it: Any, element: Any, slot: str, *given: Any) -> Any:
        state = element._store.load()
        result = try_it(element, slot, *given)
        if result[0] == "wrong-pin":
            save(element, state, slot, replace(state.slot(slot), tries=state.slot(slot).tries + 1))
        return result

    hand.wrap("softcert.element.Element.unseal", unseal)
    hand.skip("softcert.element.Element._save", _counts)


@saboteur("pin-guards-key", "leaked", "Whoever changes the PIN finds the new one in a note on the disk.")
def pin_in_a_note(hand: Hand) -> None:
    def change(seal: Any, stores: Any, store: Any, key: Any, new: str) -> Any:
        write_file(stores._disk, "softcert/note.txt", f"new PIN: {new}".encode())
        return seal(stores, store, key, new)

    hand.wrap("softcert.keystore.KeyStores.change_pin", change)


@saboteur("pin-guards-key", "compared loosely", "The element keeps the secrets of older epochs, and opens their seals.")
def old_seals_open(hand: Hand) -> None:
    kept: dict[tuple[str, int], bytes] = {}

    def advance(step: Any, element: Any, slot: str) -> None:
        held = element._store.load().slot(slot)
        kept[slot, held.epoch] = held.secret
        step(element, slot)

    def unseal(try_it: Any, element: Any, slot: str, pin: str, blob: bytes) -> Any:
        state, epoch = element._store.load(), element.epoch_of(blob)
        if state.slot(slot).epoch == epoch or (slot, epoch) not in kept:
            return try_it(element, slot, pin, blob)
        element._store.save(state.with_slot(slot, replace(state.slot(slot), epoch=epoch, secret=kept[slot, epoch])))
        result = try_it(element, slot, pin, blob)
        element._store.save(state)
        return result

    hand.wrap("softcert.element.Element.advance_epoch", advance)
    hand.wrap("softcert.element.Element.unseal", unseal)


# --- activate-first ---------------------------------------------------------------------------------------------------


@saboteur("activate-first", "check removed", "Whatever code is typed activates the certificate, however often.")
def any_code_activates(hand: Hand) -> None:
    hand.drop("activate-first")


@saboteur("activate-first", "off by one", "One more wrong activation code is borne than the assumption says.")
def one_code_more(hand: Hand) -> None:
    hand.recheck("activate-first/locked", lambda f, p: f.tries > p.activation_tries)


@saboteur("activate-first", "not persisted", "A wrong activation code is not counted.")
def wrong_codes_free(hand: Hand) -> None:
    without_column(hand, "activation_tries")


@saboteur("activate-first", "compared loosely", "Only the first half of an activation code is compared.")
def half_a_code_will_do(hand: Hand) -> None:
    def matches(fits: Any, services: Any, application: str, salt: str, given: str) -> bool:
        code = hand.part("softcert_ca.codes.code_of")(services, application, salt)
        half = len(code) // 2
        return fits(services, application, salt, given) or code[:half] == given[:half]

    hand.wrap("softcert_ca.codes.matches", matches)


@saboteur(
    "activate-first", "refused but changed", "A wrong activation code is counted, and the applicant gets another name."
)
def wrong_code_renames(hand: Hand) -> None:
    def careless(change: Any, case: Case, kind: str, key: str, **columns: object) -> None:
        change(case, kind, key, **columns, **({"name": "Mallory"} if columns.get("activation_tries") else {}))

    hand.wrap("softcert_ca.lives.change", careless)


@saboteur("activate-first", "wrong scope", "A code fits when it is that of any application.")
def anybodys_code_fits(hand: Hand) -> None:
    def facts(gather: Any, case: Case, *given: Any) -> Any:
        numbers = [row.id for row in applications.list_applications(case.connection)]
        everybody[:] = [applications.application_of(case.connection, number) for number in numbers]
        return gather(case, *given)

    def matches(fits: Any, services: Any, application: str, salt: str, given: str) -> bool:
        return any(fits(services, row.id, row.code_salt, given) for row in everybody)

    everybody: list[Any] = []
    hand.wrap("softcert_ca.presented.session_facts", facts)
    hand.wrap("softcert_ca.codes.matches", matches)


# --- business-after-activation ----------------------------------------------------------------------------------------


@saboteur(
    "business-after-activation", "check removed", "A filing is asked for neither session nor activation nor signature."
)
def files_without_more(hand: Hand) -> None:
    hand.drop("business-after-activation")


@saboteur("business-after-activation", "off by one", "A session is over at the last second of its lifetime already.")
def session_a_second_short(hand: Hand) -> None:
    hand.recheck(
        "business-after-activation/session-ended", lambda f, p: f.session != "live" or f.now >= f.session_expires
    )


@saboteur("business-after-activation", "wrong scope", "Any certificate of the office may sign what a session files.")
def any_certificate_signs(hand: Hand) -> None:
    hand.drop("business-after-activation/other-certificate")


@saboteur("business-after-activation", "not persisted", "A logout is answered, and the session lives on.")
def logout_forgotten(hand: Hand) -> None:
    without_event(hand, ("session", "logout"))


@saboteur(
    "business-after-activation",
    "wrong order",
    "Whether the certificate is active is asked before whether the session is live.",
)
def active_before_session(hand: Hand) -> None:
    hand.move_up("business-after-activation/not-activated", "business-after-activation/no-session", "office file")


# --- same-computer-use ------------------------------------------------------------------------------------------------


@saboteur("same-computer-use", "check removed", "No use of a certificate asks on which computer it is.")
def used_anywhere(hand: Hand) -> None:
    hand.drop("same-computer-use")


@saboteur("same-computer-use", "off by one", "One hardware id less than the assumption says is enough.")
def one_id_less_in_use(hand: Hand) -> None:
    hand.recheck("same-computer-use/other-hardware", lambda f, p: f.ids_matching < p.same_computer - 1)


@saboteur("same-computer-use", "wrong scope", "The computer is asked at the login only; within a session nobody looks.")
def asked_at_login_only(hand: Hand) -> None:
    hand.drop("same-computer-use", "office activate", "office file")


@saboteur(
    "same-computer-use", "compared loosely", "It is enough that the computer is bound: it need not be the session's own."
)
def any_session_will_do(hand: Hand) -> None:
    hand.recheck(
        "same-computer-use/other-computer",
        lambda f, p: f.device not in f.bound_devices,
        "office activate",
        "office file",
    )


@saboteur(
    "same-computer-use", "refused but changed", "Hardware ids that do not fit become the computer's new baseline."
)
def baseline_drifts(hand: Hand) -> None:
    def matching(compare: Any, holding: Any, device: str, hardware: Any) -> int:
        found: int = compare(holding, device, hardware)
        if found:
            seen[device] = hardware
        return found

    def write_down(enter: Any, case: Case) -> None:
        hardware = seen.pop(case.actor, None)
        if case.act == "login" and hardware is not None:
            rows = hand.part("softcert_ca.lives._all")("binding").all(case.connection)
            for row in rows:
                if row.device == case.actor and row.state == "bound":
                    lives.change(case, "binding", row.id, **hardware)
        enter(case)

    seen: dict[str, Any] = {}
    hand.wrap("softcert_ca.records.certificates.Holding.ids_matching", matching)
    hand.wrap("softcert_ca.case.Case.write_down", write_down)


# --- backup-to-removable ----------------------------------------------------------------------------------------------


@saboteur("backup-to-removable", "check removed", "A backup goes wherever its owner says.")
def backup_anywhere(hand: Hand) -> None:
    hand.drop("backup-to-removable")


@saboteur("backup-to-removable", "wrong scope", "A network share counts as a removable device.")
def share_counts_as_drive(hand: Hand) -> None:
    hand.recheck("backup-to-removable/not-removable", lambda f, p: f.drive not in (*REMOVABLE, "network-share"))


@saboteur("backup-to-removable", "compared loosely", "The driver does not look where a path on the device really ends.")
def links_not_followed(hand: Hand) -> None:
    hand.drop("backup-to-removable/leaves-the-drive")


@saboteur("backup-to-removable", "wrong reason", "A device that is missing is called one that cannot be removed.")
def missing_called_not_removable(hand: Hand) -> None:
    hand.rename("backup-to-removable/no-drive", "backup-to-removable/not-removable")


# --- backup-sealed ----------------------------------------------------------------------------------------------------


@saboteur(
    "backup-sealed",
    "check removed",
    "Whatever lies on a drive is taken for a backup, and any password is strong enough.",
)
def any_backup_will_do(hand: Hand) -> None:
    hand.drop("backup-sealed")


@saboteur("backup-sealed", "off by one", "A backup password of one character less than the shortest is long enough.")
def password_one_too_short(hand: Hand) -> None:
    hand.recheck("backup-sealed/weak-password", lambda f, p: f.password_length < p.backup_password - 1)


@saboteur(
    "backup-sealed", "one side only", "The office does not ask whether a backup was registered; the driver alone does."
)
def office_knows_every_backup(hand: Hand) -> None:
    hand.drop("backup-sealed/unregistered", "office recover")


@saboteur("backup-sealed", "one side only", "The driver does not judge what lies on a drive; the office alone asks.")
def driver_reads_any_backup(hand: Hand) -> None:
    hand.drop("backup-sealed", "driver recover")


@saboteur("backup-sealed", "compared loosely", "The file of a backup is not compared with the digest in its manifest.")
def digest_not_compared(hand: Hand) -> None:
    def fits(compare: Any, manifest: Any, backup: str, digest: str) -> bool:
        return compare(manifest, backup, manifest.get("sha256"))

    hand.wrap("softcert.backup.fits", fits)


@saboteur("backup-sealed", "leaked", "The bare key lies beside the backup, for the owner's convenience.")
def key_beside_the_backup(hand: Hand) -> None:
    def pack(seal: Any, contents: Any, *given: Any) -> bytes:
        packed.append(contents.scalar)
        return seal(contents, *given)

    def commit(rename: Any, disk: Any, path: str) -> None:
        rename(disk, path)
        disk.write(f"{path}/key.bin", packed[-1])

    packed: list[bytes] = []
    hand.wrap("softcert.backup.pack", pack)
    hand.wrap("softcert.disk.commit_tree", commit)


@saboteur(
    "backup-sealed",
    "wrong order",
    "A backup that the office did not sign is called altered before it is called foreign.",
)
def altered_before_foreign(hand: Hand) -> None:
    hand.wrap("softcert.backup.judge", lambda judge, *given: {"foreign": "altered"}.get(found := judge(*given), found))


# --- recover-from-removable -------------------------------------------------------------------------------------------


@saboteur("recover-from-removable", "check removed", "A recovery asks for neither device nor proof.")
def recovers_without_more(hand: Hand) -> None:
    hand.drop("recover-from-removable")


@saboteur("recover-from-removable", "one side only", "The office does not ask for the recovery proof.")
def proof_not_asked(hand: Hand) -> None:
    hand.drop("recover-from-removable", "office recover")


@saboteur("recover-from-removable", "one side only", "The driver asks for neither device nor backup.")
def device_not_asked(hand: Hand) -> None:
    hand.drop("recover-from-removable", "driver recover")


@saboteur("recover-from-removable", "off by one", "One more wrong proof is borne than the assumption says.")
def one_proof_more(hand: Hand) -> None:
    hand.recheck(
        "recover-from-removable/locked",
        lambda f, p: p.recovery_proof == "activation-code" and f.tries > p.activation_tries,
    )


@saboteur("recover-from-removable", "not persisted", "A wrong proof is not counted.")
def wrong_proofs_free(hand: Hand) -> None:
    without_column(hand, "recovery_tries")


@saboteur("recover-from-removable", "wrong scope", "A backup on the system disk or on a network share recovers.")
def recovers_from_any_disk(hand: Hand) -> None:
    hand.drop("recover-from-removable/not-removable")
    hand.put("softcert.moving.REMOVABLE", (*REMOVABLE, "system-disk", "network-share"))


# --- one-computer -----------------------------------------------------------------------------------------------------


@saboteur("one-computer", "check removed", "Neither a retired computer nor a spent or old backup is refused.")
def nobody_retires(hand: Hand) -> None:
    hand.drop("one-computer")


@saboteur("one-computer", "not atomic", "The new computer is bound, and the old one is not retired in the same step.")
def old_computer_stays_bound(hand: Hand) -> None:
    without_event(hand, ("binding", "move"))


@saboteur("one-computer", "wrong scope", "A move leaves the sessions of the old computer open.")
def sessions_survive_a_move(hand: Hand) -> None:
    without_event(hand, ("session", "move"))


@saboteur("one-computer", "not persisted", "The binding generation does not rise with a move.")
def generation_stays(hand: Hand) -> None:
    without_column(hand, "generation")


@saboteur("one-computer", "done twice", "A backup is not spent by the recovery that used it.")
def backup_not_spent(hand: Hand) -> None:
    hand.skip(
        "softcert_ca.lives.move", lambda case, kind, event, *rest, **also: (kind, event) == ("backup", "recover"), 1
    )
    without_event(hand, ("backup", "move"))


@saboteur("one-computer", "wrong order", "A recovery removes the old seal before the office answered.")
def old_seal_removed_first(hand: Hand) -> None:
    def stage(seal: Any, driver: Any, found: Any, *given: Any) -> Any:
        made = seal(driver, found, *given)
        for store in driver.keys.all():
            if store.public_key == made.public_key and store.slot != made.slot:
                driver.keys.remove(store.slot)
        return made

    hand.wrap("softcert.moving.Moving._stage", stage)


# --- valid-certificate ------------------------------------------------------------------------------------------------


@saboteur("valid-certificate", "check removed", "Neither issuer nor dates nor revocation of a certificate are asked.")
def any_certificate_will_do(hand: Hand) -> None:
    hand.drop("valid-certificate")


@saboteur("valid-certificate", "off by one", "A certificate is over at the last second of its lifetime already.")
def expired_a_second_early(hand: Hand) -> None:
    hand.recheck("valid-certificate/expired", lambda f, p: f.now >= f.not_after)


@saboteur("valid-certificate", "one side only", "The driver does not ask whether a certificate is here.")
def driver_needs_no_certificate(hand: Hand) -> None:
    hand.drop("valid-certificate/no-certificate")


@saboteur("valid-certificate", "one side only", "The office leaves it to the driver whether a certificate is any good.")
def office_believes_certificates(hand: Hand) -> None:
    hand.drop("valid-certificate", *(f"office {act}" for act in ("use-certificate", "activate", "file", "recover")))


@saboteur("valid-certificate", "not persisted", "A revocation does not end the certificate's sessions and backups.")
def revocation_ends_nothing(hand: Hand) -> None:
    without_event(hand, ("session", "revoke"), ("backup", "revoke"))


@saboteur(
    "valid-certificate", "wrong scope", "A revocation counts at the login only, not within a session or at a recovery."
)
def revoked_at_login_only(hand: Hand) -> None:
    hand.drop("valid-certificate/revoked", "office activate", "office file", "office recover")


@saboteur(
    "valid-certificate", "one side only", "The office knows who is revoked; the list that it publishes names nobody.",
    fails="check-certificate",
)  # fmt: skip
def empty_crl(hand: Hand) -> None:
    hand.wrap("softcert_ca.records.certificates.revoked_certificates", lambda ask, connection: [])
