"""What was thought of beforehand: sixty lines of attacks, and the troubles that users run into.

A scenario bears the tag `line-N` of each line that it tries, or `trouble` and `trouble-SLUG`. What no scenario can show (a
race over server processes, a property, fuzzing) is named here as a test; what is not shown at all says why. A test holds
that no line and no trouble goes without.
"""

from typing import Literal, NamedTuple

Kind = Literal["scenario", "property", "race", "crash", "fuzz"]


class AttackLine(NamedTuple):
    """One line: what is tried, and what must come of it.

    `tests` are node ids of pytest that show it (beside scenarios, or in their place); `limit` says what the attacker gets
    all the same, and `missing` what is not shown yet and why.
    """

    text: str
    kind: Kind = "scenario"
    tests: tuple[str, ...] = ()
    limit: str = ""
    missing: str = ""


_CA = "tests/softcert_ca/test_"
_DRIVER = "tests/softcert/test_"
_SIM = "tests/softcert_sim/test_"

ATTACKS: dict[int, AttackLine] = {
    # The download address
    1: AttackLine(
        "A second download after the first is refused, on the same computer too; the first request, captured and sent "
        "again, fails by its nonce."
    ),
    2: AttackLine(
        "Many downloads at the same instant, at several server processes: one certificate, and the rest find the address "
        "used.",
        "race",
        (
            _CA + "races.py::test_sixty_four_downloads_at_four_processes_issue_one_certificate",
            _CA + "download.py::test_many_downloads_at_once_at_several_offices_issue_one_certificate",
        ),
    ),
    3: AttackLine("A mail scanner opens the address: a page is shown, and nothing changes."),
    4: AttackLine("It asks by HEAD and OPTIONS: nothing changes."),
    5: AttackLine("It submits a form to the address, unsigned: rejected, and nothing changes."),
    6: AttackLine(
        "A mail that was forwarded or stolen is opened on another computer: refused, and the address stays good for its "
        "owner."
    ),
    7: AttackLine(
        "An address works in the last second of its lifetime and not in the next; a clock set back does not revive it."
    ),
    8: AttackLine("Addresses from before a re-issue, and of withdrawn or revoked applications, are refused."),
    9: AttackLine("Whoever guesses addresses is refused, then slowed down; the address of the victim is unaffected."),
    10: AttackLine("An address that was cut, padded, or spelled in another way is refused: it is exact to the byte."),
    11: AttackLine(
        "The secret of another applicant's address, or one made for another purpose, opens nothing.",
        tests=(_CA + "download.py::test_a_token_of_another_application_or_purpose_is_unknown",),
    ),
    12: AttackLine(
        "The secret of an address stands in clear in its own mail and in requests to it: in no log, page, audit entry or "
        "JSON of results. The report in HTML and the artifacts open messages and mails, and show those of the cast.",
        "property",
        (
            _SIM + "shipped.py::test_no_secret_stands_in_clear_at_the_end_of_any_story",
            _SIM + "shipped.py::test_no_json_tells_an_address_or_a_code",
            _CA + "pages.py::test_no_page_lets_an_address_leak",
            _CA + "download.py::test_no_address_stands_in_database_or_audit",
        ),
    ),
    13: AttackLine(
        "Whoever reads the office's database finds in it no address, code or key that is of use to him.",
        "property",
        (
            _CA + "stolen_database.py::test_nothing_in_it_is_an_address",
            _CA + "stolen_database.py::test_nothing_in_it_is_a_code",
            _CA + "stolen_database.py::test_nothing_in_it_opens_the_desk",
            _CA + "stolen_database.py::test_a_session_in_it_is_of_no_use_without_its_computer",
        ),
    ),
    14: AttackLine("Requests with a forged host do not change the origin in the mailed address, at whatever step."),
    15: AttackLine(
        "The line breaks after the office committed: the same request again gets the same answer, and another one does "
        "not. So for application, withdrawal, download, activation, filing, backup and recovery."
    ),
    16: AttackLine("One request id with another content is a conflict, and nothing changes."),
    17: AttackLine(
        "The office dies between two statements of a download: nothing happened, or all of it.",
        "crash",
        (_CA + "office.py::test_killed_between_any_two_statements_nothing_happened",),
    ),
    # Mail and office
    18: AttackLine(
        "Line breaks, control characters and further recipients in a mailbox, a name or reasons are refused by field; a "
        "mail has one recipient.",
        tests=(_CA + "mails.py::test_a_mail_has_one_plain_recipient_or_is_not_written",),
    ),
    19: AttackLine("Reasons that hold what ends a mail arrive whole, in one mail."),
    20: AttackLine(
        "A mail server that is down, refuses, is slow, or breaks off after it took the mail: the result arrives in the "
        "end, once by its Message-ID; copies and disorder do no harm."
    ),
    21: AttackLine(
        "A forged mail of the office leads nowhere; the driver signs for the office's own origin only, whoever imitates "
        "its homepage.",
        tests=(
            _DRIVER + "applying.py::test_an_address_that_leads_elsewhere_gets_no_request",
            _DRIVER + "host.py::test_no_target_leads_to_another_origin",
        ),
    ),
    22: AttackLine(
        "What a stranger is answered tells nothing of a mailbox or an address: known, unknown and disapproved look alike.",
        "property",
        (
            _CA + "apply.py::test_known_and_unknown_mailboxes_are_answered_alike",
            _CA + "download.py::test_the_page_is_the_same_for_every_address",
        ),
    ),
    23: AttackLine(
        "A flood of applications from one computer is slowed down; others are unaffected, whatever it names.",
        limit="A computer is known by a key, and a new key costs nothing.",
    ),
    24: AttackLine("Downloads before the approval, after a disapproval and after a withdrawal are refused."),
    25: AttackLine(
        "Two decisions on one application, one after the other or at once: one counts, and one mail leaves.",
        "race",
        (_CA + "races.py::test_two_examiners_at_four_processes_decide_once_and_one_mail_leaves",),
    ),
    26: AttackLine(
        "The activation code is searched for in every byte that leaves memory: mail, disks, database, logs, backups, audit "
        "log.",
        "property",
        (
            _SIM + "shipped.py::test_no_secret_stands_in_clear_at_the_end_of_any_story",
            _CA + "repeats.py::test_the_code_is_never_stored",
        ),
    ),
    27: AttackLine(
        "Guessing the activation code locks it after the limit; restarts, new logins and other computers give no try back."
    ),
    28: AttackLine(
        "Another applicant's code, an old code after a re-issue, and a filing before the activation are refused."
    ),
    29: AttackLine("Without certificate, computer or backup nobody can use up another person's tries."),
    30: AttackLine(
        "Applications by licence holders, without the notice, with another or an old one, not confirmed, or confirmed on "
        "another computer are refused."
    ),
    31: AttackLine(
        "A certificate request that asks for another subject or for extensions, has a weak or a used key, or proves no "
        "possession, is rejected."
    ),
    32: AttackLine(
        "Somebody applies with another person's true data and a mailbox of his own.",
        limit="Form is the office's to check, truth the examiner's: this process has nothing else against it.",
    ),
    # The computer
    33: AttackLine("A key store copied to another computer does not open there, with the right PIN neither."),
    34: AttackLine("A whole disk cloned into another computer opens nothing there."),
    35: AttackLine(
        "A cloned disk with all hardware ids imitated is refused: the device key is not on the disk.",
        limit="Where the element is a file, or a virtual one that can be cloned, the clone is the same computer.",
    ),
    36: AttackLine("Two computers alike in all ids are told apart by their device keys; vendor blanks match nothing."),
    37: AttackLine("An id in another spelling is the same id, and one that looks alike is none."),
    38: AttackLine("One part replaced leaves a computer what it was, two do not, and the baseline does not drift."),
    39: AttackLine(
        "An image of the disk put back brings back neither tries nor an old PIN.",
        limit="Where the element is a file on that disk, it brings back both.",
    ),
    40: AttackLine(
        "The power goes between count and comparison, or anywhere in a change of the PIN: no try is free, and exactly one "
        "PIN works.",
        "crash",
        (_DRIVER + "keystore.py::test_a_power_cut_anywhere_in_a_pin_change_leaves_exactly_one_pin",),
    ),
    41: AttackLine("A PIN that is unchanged, initial, running, repeated or too short is refused."),
    42: AttackLine(
        "A changed driver skips what only the driver asks; the rules of the office hold.",
        limit="Change of the PIN and kind of the drive are the driver's to ask; malware that knows the PIN is its owner.",
    ),
    43: AttackLine("A changed, unsigned or older driver is not installed, and does not run."),
    44: AttackLine(
        "Signed messages that are wrong in one way (algorithm, key, header, URL, method, nonce, body, inner message) are "
        "rejected, each by its name.",
        tests=(_CA + "app.py::test_changed_outer_headers", _CA + "app.py::test_unprotected_headers_and_changed_parts"),
    ),
    45: AttackLine("The right certificate with a wrong device key is refused, and the other way round."),
    46: AttackLine("A session is of no use on another computer, nor after logout, lock, move, revocation or its end."),
    47: AttackLine(
        "Expired, future, revoked, self-signed and foreign certificates, and those for another use, are refused. Nobody in "
        "this process reads a CRL or an OCSP answer, the office least of all; an old one does not convince stock openssl.",
        tests=(
            _CA + "pki.py::test_openssl_does_not_believe_an_old_crl",
            _CA + "pki.py::test_openssl_does_not_believe_an_altered_ocsp_answer",
        ),
    ),
    48: AttackLine("A filing that was altered after its signature, and an altered receipt, are noticed."),
    49: AttackLine("A computer with a wrong clock works, or says what is wrong."),
    # Backup and recovery
    50: AttackLine(
        "Backups to the computer's own disk, to a share, over a link off the drive, with the initial PIN, or from a "
        "computer that is not bound are refused."
    ),
    51: AttackLine(
        "A stolen backup shows nothing without its password, and with it nothing moves without the recovery proof.",
        limit="Passwords can be tried without the office; and where no proof is asked, the password is enough.",
    ),
    52: AttackLine(
        "A backup that was changed anywhere, cut, is another's, unregistered, of after the move or of a newer format is "
        "refused, and the computer stays as it was.",
        "property",
        (
            _DRIVER + "backup.py::test_a_changed_byte_anywhere_is_noticed",
            _DRIVER + "backup.py::test_cut_files_are_noticed",
            _DRIVER + "moving.py::test_a_changed_backup_is_refused_before_the_password_is_tried",
            _DRIVER + "moving.py::test_a_changed_backup_is_not_parsed",
        ),
    ),
    53: AttackLine(
        "Recovered twice, from a copied drive, or on two computers at once: one wins.",
        "race",
        (
            _CA + "races.py::test_a_backup_recovered_on_eight_computers_at_four_processes_binds_one",
            _CA + "moving.py::test_of_two_recoveries_one_wins",
        ),
    ),
    54: AttackLine("After the move the old computer can do nothing: login, session, backup, an older disk put back."),
    55: AttackLine(
        "The drive is pulled, full, write-protected, unreadable or swapped, or the power goes at any operation: one "
        "computer works, and another try succeeds.",
        "crash",
        (
            _DRIVER + "moving.py::test_a_power_cut_anywhere_leaves_a_whole_backup_after_a_retry",
            _DRIVER + "moving.py::test_a_power_cut_anywhere_leaves_exactly_one_computer_and_a_retry_succeeds",
            _DRIVER + "moving.py::test_a_power_cut_anywhere_in_a_recovery_on_the_same_computer_keeps_it_working",
        ),
    ),
    56: AttackLine(
        "A backup from before a change of the PIN recovers; one of a certificate that was revoked, re-issued or moved does "
        "not."
    ),
    57: AttackLine(
        "Recovery on the same computer, after its disk failed or its PIN was locked, works, and it stays the only one.",
        limit="Malware can make the key worthless; and a drive that only pretends to be removable is believed.",
    ),
    # The office
    58: AttackLine(
        "An older copy of the database is put back: used addresses and spent backups stay so, because the office does not "
        "start on it, and says why.",
        tests=(_CA + "audit.py::test_an_older_copy_of_the_database_is_reported_and_stops_the_office",),
    ),
    59: AttackLine(
        "An audit entry that was removed, changed or moved, and a record that an insider changed, are named.",
        tests=(_CA + "office.py::test_whatever_an_insider_changes_in_a_record_is_found",),
    ),
    60: AttackLine(
        "Oversized bodies, deep JSON, bad UTF-8, slow clients, unknown methods: a 4xx problem each, no 500, and no memory "
        "kept.",
        "fuzz",
        (
            _CA + "signed_acts.py::test_no_signed_message_breaks_the_office",
            _CA + "signed_acts.py::test_no_form_breaks_the_office",
            _CA + "signed_acts.py::test_no_unsigned_body_breaks_the_office",
            _CA + "signed_acts.py::test_no_path_breaks_the_office",
            _CA + "app.py::test_large_bodies_are_refused_before_they_are_read",
            _CA + "load.py::test_slow_clients_keep_nobody_waiting",
            _CA + "load.py::test_a_body_that_does_not_end_is_refused_when_it_is_too_large",
            _CA + "load.py::test_methods_that_nobody_speaks_are_problems",
            _CA + "load.py::test_what_was_rejected_leaves_nothing_in_memory",
        ),
    ),
}  # fmt: skip
"""By number, complete."""

TROUBLES: dict[str, str] = {
    "driver-missing": "The driver is missing at the registration.",
    "driver-removed": "Security software removed the driver.",
    "no-certificate": "No certificate information is found on this computer.",
    "line-cut": "The line is cut while the certificate is issued.",
    "notice-not-to-the-end": "The notice was not read to its end.",
    "notice-changed": "The notice was changed after it was read.",
    "full-width-digits": "Digits in the form are full-width ones.",
    "mailbox-typo": "The mailbox has a typo, and no mail ever comes.",
    "licence-question": "The question of the electronic business licence was answered wrongly.",
    "person-with-licence": "A natural person claims an electronic business licence.",
    "said-no": "Said no to this computer, and went to another.",
    "other-computer-confirmed": "Changed computers after confirming one.",
    "code-not-written-down": "The activation code was not written down.",
    "code-mistyped": "The activation code is mistyped: O for 0, case, hyphen, a wrong symbol.",
    "code-leaked": "The activation code leaked.",
    "plain-text-mail": "The mail client shows plain text only.",
    "scanner-first": "A mail scanner opened the address first.",
    "double-click": "An impatient double click on download.",
    "address-used": "The address is used already.",
    "address-expired": "The address has expired.",
    "address-not-ready": "The application is not decided yet.",
    "download-elsewhere": "The download is tried on another computer.",
    "disk-replaced": "The disk was replaced between application and download.",
    "system-reinstalled": "The system was installed anew between application and download.",
    "applied-again": "Disapproved, corrected, applied again; the old code is of no use.",
    "pin-left-initial": "The initial PIN was not changed.",
    "pin-forgotten": "The PIN is forgotten.",
    "pin-locked": "The PIN is locked.",
    "activation-skipped": "The activation was skipped, and filing does not work.",
    "backup-on-failed-computer": "The only backup is on the computer that failed.",
    "drive-missing": "No drive is plugged in.",
    "drive-full": "The drive is full.",
    "drive-pulled": "The drive is pulled too early.",
    "removable-disk": "A removable hard disk is used in place of a stick.",
    "wrong-password": "The password of the backup is wrong.",
    "two-drives": "Two drives with the backups of two applicants.",
    "old-computer-gone": "The old computer was thrown away before the recovery.",
    "old-computer-tried": "The old computer is still tried after the move.",
    "lost-computer": "The computer is lost.",
    "certificate-expired": "The certificate has expired.",
    "two-companies": "One person acts for two companies, with two certificates on one computer.",
    "two-persons": "Two persons share one computer.",
}
"""By slug: a scenario has the tag `trouble-SLUG`, beside `trouble`."""
