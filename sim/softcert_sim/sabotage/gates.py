"""Saboteurs of the gates from the homepage to the download."""

# What stands in place of a function takes whatever that takes.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import threading
import unicodedata
from dataclasses import replace
from typing import Any

from softcert.errors import Impossible
from softcert.release import Installed
from softcert_ca import codes
from softcert_ca.case import STRANGER, Case
from softcert_ca.download import PATH
from softcert_sim.sabotage.hand import Hand
from softcert_sim.sabotage.saboteur import saboteur

# --- no-e-licence -----------------------------------------------------------------------------------------------------


@saboteur("no-e-licence", "check removed", "A holder of an electronic business licence applies like everybody else.")
def licence_holders_apply(hand: Hand) -> None:
    hand.drop("no-e-licence")


@saboteur(
    "no-e-licence", "wrong scope", "Only companies are asked about a licence; a person's answer is not looked at."
)
def persons_are_not_asked(hand: Hand) -> None:
    def facts(gather: Any, case: Any, request: Any, *rest: Any) -> Any:
        person = request.object("form").get("applicant-type") == "person"
        return replace(gather(case, request, *rest), **({"holds_e_licence": False} if person else {}))

    hand.wrap("softcert_ca.apply._facts", facts)


@saboteur("no-e-licence", "refused but changed", "The refused application of a holder uses up an activation code.")
def refused_holders_cost_a_code(hand: Hand) -> None:
    def obey(judge: Any, case: Case, verdict: Any, *rest: Any) -> None:
        if verdict.rule == "no-e-licence":
            codes.new_salt(case.services, case.connection, "refused")
        judge(case, verdict, *rest)

    hand.wrap("softcert_ca.case.Case.obey", obey)


@saboteur("no-e-licence", "wrong reason", "A holder is told to confirm his computer, as if that were what he lacks.")
def holders_are_told_to_confirm(hand: Hand) -> None:
    hand.rename("no-e-licence/holder", "confirm-computer/not-confirmed", "office apply")


# --- confirm-computer -------------------------------------------------------------------------------------------------


@saboteur("confirm-computer", "check removed", "Nobody has to confirm that this computer is the one to be used.")
def nobody_confirms(hand: Hand) -> None:
    hand.drop("confirm-computer")


@saboteur("confirm-computer", "one side only", "Whoever says no on the homepage gets a ticket all the same.")
def no_means_yes(hand: Hand) -> None:
    hand.drop("confirm-computer", "office confirm")


@saboteur("confirm-computer", "wrong scope", "A confirmation made on any computer counts for every computer.")
def confirmed_anywhere(hand: Hand) -> None:
    hand.drop("confirm-computer/other-computer")


@saboteur("confirm-computer", "compared loosely", "A ticket is believed without a look at its seal and its age.")
def any_ticket_will_do(hand: Hand) -> None:
    hand.wrap("softcert_ca.tokens.Nonces.check_ticket", lambda check, nonces, ticket, now: True)


# --- driver-first -----------------------------------------------------------------------------------------------------


@saboteur("driver-first", "check removed", "No act asks for the driver, and any package installs.")
def no_driver_needed(hand: Hand) -> None:
    hand.drop("driver-first")


@saboteur("driver-first", "one side only", "The office does not ask for the driver's version; the driver alone asks.")
def office_ignores_the_driver(hand: Hand) -> None:
    hand.drop("driver-first", *(f"office {act}" for act in ("apply", "download", "use-certificate", "recover")))


@saboteur("driver-first", "one side only", "The driver does not look whether it is installed and whole.")
def driver_ignores_itself(hand: Hand) -> None:
    acts = ("use-driver", "apply", "change-pin", "use-key", "backup", "recover")
    hand.drop("driver-first", *(f"driver {act}" for act in acts))


@saboteur("driver-first", "wrong order", "Versions are compared as text: 1.10.0 comes before 1.9.0.")
def versions_as_text(hand: Hand) -> None:
    hand.recheck("driver-first/outdated", lambda f, p: _text(f.driver_version) < _text(f.driver_needed))
    hand.recheck("driver-first/older", lambda f, p: _text(f.version) < _text(f.newest_seen))


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


@saboteur("driver-first", "compared loosely", "Versions are compared by their first number alone.")
def first_number_counts(hand: Hand) -> None:
    hand.recheck("driver-first/outdated", lambda f, p: f.driver_version[:1] < f.driver_needed[:1])


@saboteur(
    "driver-first", "not persisted", "The newest version ever installed is not remembered: an older one installs."
)
def forgets_the_newest_version(hand: Hand) -> None:
    hand.wrap("softcert.release.newest_ever", lambda read, disk: "")


@saboteur("driver-first", "wrong scope", "The driver is verified when it is installed, and never again.")
def verified_once(hand: Hand) -> None:
    def standing(look: Any, disk: Any, root: bytes) -> Installed:
        found = look(disk, root)
        return Installed("whole", "1.0.0") if found.state == "altered" else found

    hand.wrap("softcert.release.installed", standing)


# --- read-notice ------------------------------------------------------------------------------------------------------


@saboteur("read-notice", "check removed", "Nobody has to read the notice.")
def notice_unread(hand: Hand) -> None:
    hand.drop("read-notice")


@saboteur("read-notice", "compared loosely", "Any notice that was ever published for this process counts as read.")
def older_notice_counts(hand: Hand) -> None:
    hand.recheck("read-notice/changed", lambda f, p: f.notice_digest not in f.notice_known)


@saboteur(
    "read-notice", "wrong order", "The newest text is asked for before the kind: the other notice counts as changed."
)
def changed_before_other(hand: Hand) -> None:
    hand.move_up("read-notice/changed", "read-notice/other-notice", "office apply")


@saboteur(
    "read-notice", "wrong scope", "It is enough to have opened the notice: its end and its acceptance are not asked."
)
def opened_is_read(hand: Hand) -> None:
    hand.drop("read-notice/not-to-the-end")
    hand.drop("read-notice/not-accepted")


# --- form-checked -----------------------------------------------------------------------------------------------------


@saboteur("form-checked", "check removed", "Whatever stands in the form is accepted, reviewed or not.")
def form_unchecked(hand: Hand) -> None:
    hand.drop("form-checked")


@saboteur("form-checked", "one side only", "The office leaves the form to the driver.")
def office_trusts_the_form(hand: Hand) -> None:
    hand.drop("form-checked", "office apply")


@saboteur("form-checked", "one side only", "The driver leaves the form to the office: it sends bad fields.")
def driver_sends_any_form(hand: Hand) -> None:
    hand.drop("form-checked", "driver apply")


@saboteur("form-checked", "compared loosely", "Full-width digits and letters are taken for plain ones.")
def full_width_is_fine(hand: Hand) -> None:
    def check(judge: Any, form: Any) -> Any:
        plain = {k: unicodedata.normalize("NFKC", v) if isinstance(v, str) else v for k, v in form.items()}
        return judge(plain)

    hand.wrap("softcert.form.check_form", check)


@saboteur("form-checked", "wrong scope", "A form counts as reviewed when it has no bad field.")
def valid_is_reviewed(hand: Hand) -> None:
    hand.recheck("form-checked/not-reviewed", lambda f, p: not f.reviewed and bool(f.bad_fields))


@saboteur("form-checked", "refused but changed", "A form with a bad field uses up an activation code.")
def bad_forms_cost_a_code(hand: Hand) -> None:
    def obey(judge: Any, case: Case, verdict: Any, *rest: Any) -> None:
        if verdict.rule == "form-checked":
            codes.new_salt(case.services, case.connection, "refused")
        judge(case, verdict, *rest)

    hand.wrap("softcert_ca.case.Case.obey", obey)


# --- approved-only ----------------------------------------------------------------------------------------------------


@saboteur("approved-only", "check removed", "A download is not asked whether the application was approved.")
def approval_not_asked(hand: Hand) -> None:
    hand.drop("approved-only")


@saboteur(
    "approved-only", "wrong scope", "A disapproved application gets a working address as well, which no mail tells."
)
def disapproved_get_an_address(hand: Hand) -> None:
    fresh_address = hand.part("softcert_ca.letters._fresh_address")

    def disapproval(write: Any, case: Case, application: Any, reasons: str) -> None:
        fresh_address(case, application)
        write(case, application, reasons)

    hand.wrap("softcert_ca.letters.disapproval", disapproval)


@saboteur("approved-only", "not persisted", "The address of a withdrawn application stays live.")
def withdrawn_addresses_live(hand: Hand) -> None:
    hand.skip(
        "softcert_ca.lives.move", lambda case, kind, event, *rest, **also: (kind, event) == ("address", "withdraw"), 0
    )


@saboteur(
    "approved-only", "one side only", "Only the download asks for the approval; a new code is shown to the dead too."
)
def codes_for_dead_applications(hand: Hand) -> None:
    hand.drop("approved-only", "office new-code")


# --- unique-address ---------------------------------------------------------------------------------------------------


@saboteur("unique-address", "check removed", "An address that nobody ever sent is not told apart from one that died.")
def unknown_addresses_pass(hand: Hand) -> None:
    hand.drop("unique-address")


@saboteur("unique-address", "compared loosely", "Capitals and small letters in an address are the same.")
def letter_case_forgiven(hand: Hand) -> None:
    hand.wrap("softcert_ca.tokens.same", lambda same, one, other: same(one.lower(), other.lower()))


@saboteur("unique-address", "wrong scope", "Every address of an application is the same: a new one is the old one.")
def one_address_for_all_time(hand: Hand) -> None:
    hand.wrap("softcert_ca.tokens.address_token", lambda make, key, application, salt: make(key, application, ""))


@saboteur("unique-address", "made weak", "An address carries 16 symbols of its secret instead of 43: 96 bits.")
def short_addresses(hand: Hand) -> None:
    def make(token: Any, key: bytes, application: str, salt: str) -> str:
        return token(key, application, salt)[: len(application) + 1 + 16]

    hand.wrap("softcert_ca.tokens.address_token", make)
    hand.wrap("softcert_ca.tokens.application_of", lambda named, token: named(token + "A" * 27))


# --- one-time-link ----------------------------------------------------------------------------------------------------


@saboteur(
    "one-time-link", "check removed", "A download is not asked whether its address was used, replaced or expired."
)
def links_work_for_ever(hand: Hand) -> None:
    hand.drop("one-time-link")


@saboteur("one-time-link", "off by one", "An address is dead at the last second of its lifetime already.")
def dead_a_second_early(hand: Hand) -> None:
    hand.recheck("one-time-link/expired", lambda f, p: f.now >= f.address_expires)


@saboteur("one-time-link", "not persisted", "The office believes that it claimed the address, and writes nothing down.")
def claim_forgotten(hand: Hand) -> None:
    hand.wrap("softcert_ca.download._claim", lambda claim, case, address, device: True)


@saboteur(
    "one-time-link", "not atomic", "The address is claimed before anybody asked whether this computer may download."
)
def claimed_before_asked(hand: Hand) -> None:
    claim = hand.part("softcert_ca.download._claim")

    def facts(gather: Any, case: Case, request: Any, application: Any, address: Any) -> Any:
        if address is not None and request.device != application.device:
            claim(case, address, request.device)
        return gather(case, request, application, address)

    hand.wrap("softcert_ca.download._facts", facts)


@saboteur(
    "one-time-link", "not atomic",
    "Whether a download is right is looked at in one transaction, and the next one issues without another look.",
)  # fmt: skip
def looked_at_before(hand: Hand) -> None:
    seen = threading.local()

    def perform(act: Any, services: Any, name: str, target: str, body: bytes) -> Any:
        seen.found = None
        if name == "download":
            with services.store.begin() as connection:
                case = Case(services, connection, services.advance(connection), name, STRANGER)
                seen.found = find(case, target.removeprefix(PATH))
        return act(services, name, target, body)

    def move_on(move: Any, case: Case, kind: str, event: str, *rest: Any, **also: Any) -> str:
        try:
            return move(case, kind, event, *rest, **also)
        except Impossible:
            if (kind, event) != ("application", "issue"):
                raise
            return "certified"

    def prepare(make: Any, connection: Any, *tables: Any) -> None:
        """The table of certificates does not insist on one for each application either."""
        make(connection, *tables)
        [insisting] = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE name = 'certificates'").scalars()
        connection.exec_driver_sql("DROP TABLE certificates")
        connection.exec_driver_sql(insisting.replace("UNIQUE (application),", ""))

    find = hand.part("softcert_ca.download.find")
    hand.wrap("softcert_ca.signed_acts.perform", perform)
    hand.wrap("softcert_ca.download.find", lambda look, *asked: seen.found or look(*asked))
    hand.wrap("softcert_ca.download._claim", lambda claim, *asked: claim(*asked) or True)
    hand.wrap("softcert_ca.lives.move_on", move_on)
    hand.wrap("softcert_ca.store._prepare", prepare)


@saboteur("one-time-link", "wrong scope", "A new address leaves the older ones alive.")
def older_links_live(hand: Hand) -> None:
    hand.skip(
        "softcert_ca.lives.move", lambda case, kind, event, *rest, **also: (kind, event) == ("address", "replace"), 0
    )


@saboteur("one-time-link", "wrong reason", "A used address is said to have been replaced by a newer one.")
def used_called_replaced(hand: Hand) -> None:
    hand.rename("one-time-link/used", "one-time-link/replaced")


# --- same-computer-download -------------------------------------------------------------------------------------------


@saboteur("same-computer-download", "check removed", "Any computer may download.")
def any_computer_downloads(hand: Hand) -> None:
    hand.drop("same-computer-download")


@saboteur("same-computer-download", "off by one", "One hardware id less than the assumption says is enough.")
def one_id_less_at_download(hand: Hand) -> None:
    hand.recheck("same-computer-download/other-hardware", lambda f, p: f.ids_matching < p.same_computer - 1)


@saboteur("same-computer-download", "compared loosely", "Ids that are missing on both sides count as equal.")
def blanks_match(hand: Hand) -> None:
    hand.wrap(
        "softcert_ca.hardware.ids_matching",
        lambda matching, before, now: sum(before[part] == now[part] for part in before),
    )


@saboteur("same-computer-download", "wrong scope", "The key made at application is not asked for.")
def key_not_asked(hand: Hand) -> None:
    hand.drop("same-computer-download/no-key")


@saboteur("same-computer-download", "wrong reason", "Another computer is told that its parts were replaced.")
def other_computer_called_other_hardware(hand: Hand) -> None:
    hand.rename("same-computer-download/other-computer", "same-computer-download/other-hardware")
