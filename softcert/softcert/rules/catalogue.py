"""The clauses of the source and the rules read out of them.

A *gate* allows or refuses an act. A *duty* decides nothing: it holds at every moment, and scenarios attack it.
The enforcer says which side decides. What only the driver enforces, a changed driver can skip: `does_not_stop` says so.
"""

from dataclasses import dataclass
from typing import Literal

RuleId = str
ClauseId = str
Kind = Literal["gate", "duty"]

CLAUSES: dict[ClauseId, str] = {
    "c01": "users who do not hold electronic business licenses",
    "c02": "soft certificates can only be applied and used on the same computer",
    "c03": "Please confirm whether you want to use this computer",
    "c04": "If not, please change it to the computer you want to use",
    "c05": "Go to the homepage … download and install the … soft certificate client driver control",
    "c06": "Click 'Register Now' on the homepage",
    "c07": "carefully read 'Application Matters of Trademark Digital Certificate-Application Process for Trademark "
    "Applicants without Electronic Business License'",
    "c08": "click 'apply'",
    "c09": "fill in the information truthfully according to the prompts on the page",
    "c10": "submit the application after checking that it is correct",
    "c11": "the system will automatically generate an activation code randomly",
    "c12": "must remember and never disclose the activation code",
    "c13": "When you log in … for the first time and submit an application for trademark business, you must use this "
    "activation code",
    "c14": "logs into the email address filled in at the time of registration",
    "c15": "notice of successful user registration/disapproval sent by the Trademark Office",
    "c16": "After receiving the notification of successful registration, you can download",
    "c17": "according to the unique address notified",
    "c18": "once downloaded, the address will be invalid",
    "c19": "ensure that it is operated on the computer used when submitting the user registration application",
    "c20": "need to modify the initial PIN code (the initial PIN code is 12345678)",
    "c21": "use the modified password to log in",
    "c22": "The first time you log in …, you need to activate the digital certificate with the activation code",
    "c23": "After activation, you can submit an application for trademark business",
    "c24": "use the computer with the soft certificate installed, enter the homepage …, click 'Soft Certificate Backup'",
    "c25": "back up the soft certificate to the removable storage device (such as USB flash drive, removable hard disk, "
    "etc.)",
    "c26": "insert the removable storage device into the computer to be replaced",
    "c27": "enter the homepage …, click 'Soft Certificate Recovery'",
    "c28": "install the soft certificate on this computer as prompted",
}
"""The source's own words, cut into 28 clauses; `…` marks words left out. In c26 we read: the replacement."""

INITIAL_PIN = "12345678"
"""Clause c20."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it says, who enforces it, what it cannot stop, and the fixed names of its refusals."""

    id: RuleId
    kind: Kind
    clauses: tuple[ClauseId, ...]
    reading: str
    enforcer: str
    does_not_stop: str
    reasons: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


def _gate(
    id: RuleId,
    clauses: str,
    enforcer: str,
    reading: str,
    does_not_stop: str,
    reasons: str,
    assumptions: str = "",
) -> Rule:
    return Rule(
        id, "gate", tuple(clauses.split()), reading, enforcer, does_not_stop, tuple(reasons.split()),
        tuple(assumptions.split()),
    )  # fmt: skip


def _duty(
    id: RuleId, clauses: str, enforcer: str, reading: str, does_not_stop: str, assumptions: str = ""
) -> Rule:
    return Rule(id, "duty", tuple(clauses.split()), reading, enforcer, does_not_stop, (), tuple(assumptions.split()))


_ALL = (
    _gate(
        "no-e-licence", "c01", "office",
        "A holder of an electronic business licence is pointed to the other process; no application is recorded.",
        "An applicant who denies holding one: the office asks, the examiner judges.",
        "holder",
    ),
    _gate(
        "confirm-computer", "c03 c04", "office",
        "Asked on the homepage before anything else. 'No' ends there, with the advice to change computers; the "
        "application carries the confirmation, made on this computer.",
        "A ticket carried to another computer before the driver signs it there: until a driver is installed, a "
        "homepage cannot tell computers apart.",
        "said-no not-confirmed forged other-computer",
    ),
    _gate(
        "driver-first", "c05", "driver (office asks for the version)",
        "No application, download, login, backup or recovery without the driver. It comes from the homepage as a "
        "signed release; a changed or an older one does not install, and one changed afterwards does not run.",
        "A changed driver that no longer verifies itself and claims the right version: the office can ask, not see.",
        "missing unsigned altered older outdated",
    ),
    _gate(
        "read-notice", "c06 c07", "office",
        "This process's notice (there is another, for licence holders) was opened from Register Now, read to its end "
        "and accepted, by digest; a changed notice must be read again.",
        "A person who scrolls without reading.",
        "not-read other-notice changed not-from-register-now not-to-the-end not-accepted",
    ),
    _gate(
        "form-checked", "c08 c09 c10", "office (driver pre-checks)",
        "Every field valid, then a review, then submit. One clear message for each bad field, no application "
        "recorded. Truth is the examiner's to judge; form is the office's.",
        "True data of somebody else with one's own mailbox, or somebody else's mailbox: the form is in order, only the "
        "examiner can notice. A flood under ever new device keys, which cost nothing: nobody else is slowed down by it.",
        "applicant-type country name credit-code identity-number contact mailbox mobile address unknown-field "
        "not-reviewed",
    ),
    _duty(
        "code-once", "c11", "office",
        "The activation code is made by the office from secure randomness, is unique, and is shown once: in the "
        "answer to the submission (a repeated answer to the same unacknowledged request is the same showing).",
        "An applicant who did not write it down: the office re-issues one to the bound computer.",
        "activation-code repeat-until-acknowledged",
    ),
    _duty(
        "code-secret", "c12", "both",
        "The activation code is in no mail, log, audit entry, file, backup or database in clear; no call gives it "
        "again.",
        "An owner who tells it to somebody.",
        "activation-code",
    ),
    _duty(
        "result-by-mail", "c14 c15", "office",
        "One result mail for each decision, to the registered address alone: success with an address, or disapproval "
        "with reasons and none. A re-issue is a mail of its own kind.",
        "Somebody who reads the mailbox; a mistyped mailbox.",
        "link-reissue",
    ),
    _gate(
        "approved-only", "c16", "office",
        "No certificate without an approval.",
        "An examiner who approves wrongly.",
        "undecided disapproved withdrawn revoked",
        "review-time",
    ),
    _gate(
        "unique-address", "c17", "office",
        "Unguessable (at least 128 random bits), for one application and one purpose, exact to the byte.",
        "Somebody who reads the mail: the address alone is not enough, see same-computer-download.",
        "unknown",
        "link-lifetime link-reissue",
    ),
    _gate(
        "one-time-link", "c18", "office",
        "The first accepted request claims the address, in one atomic step. From then on it yields nothing to any "
        "other request, by anyone, at any time, however many ask at once.",
        "Malware on the right computer that downloads before its owner does.",
        "used expired replaced",
        "link-lifetime link-reissue link-visit wrong-computer repeat-until-acknowledged",
    ),
    _gate(
        "same-computer-download", "c02 c19", "office",
        "Only the computer that applied can download.",
        "A cloned software element together with imitated hardware ids; the office sees proofs, not machines.",
        "other-computer other-hardware no-key",
        "same-computer wrong-computer",
    ),
    _gate(
        "change-initial-pin", "c20", "driver",
        "A fresh certificate opens with 12345678 and can do nothing but change the PIN; the new PIN is not the "
        "initial one and follows the PIN policy.",
        "A changed driver that skips the question; the office never sees a PIN.",
        "initial same-as-initial too-short too-long characters repeated running",
        "pin",
    ),
    _gate(
        "pin-guards-key", "c21", "driver (element)",
        "Each use of the key needs the PIN, which the secure element itself checks and counts.",
        "Malware that knows the PIN, or that locks it or destroys the key without knowing it (a backup is the way out); a "
        "software element on a copied disk, which can be tried without a count.",
        "wrong-pin locked old-keystore",
        "pin-tries",
    ),
    _gate(
        "activate-first", "c13 c22", "office",
        "A login with a certificate that is not activated can do one thing: activate it with its own code. Limited "
        "tries, counted by the office.",
        "Somebody at the right computer who knows PIN and code.",
        "no-session session-ended already-active locked no-reissue wrong-code",
        "activation-code activation-tries",
    ),
    _gate(
        "business-after-activation", "c23", "office",
        "A filing needs a live session, an activated certificate and the certificate's signature over exactly what is "
        "filed; the receipt is signed.",
        "Malware on the right computer that knows the PIN files in the owner's name.",
        "no-session session-ended not-activated other-certificate",
        "session-lifetime",
    ),
    _gate(
        "same-computer-use", "c02", "office",
        "Login and every request of a session only from the computer to which the certificate is bound now; whoever "
        "applies or recovers does so on a computer that has enough ids to be recognised again.",
        "A cloned software element together with imitated hardware ids; remote control of the right computer.",
        "too-few-ids other-computer other-hardware",
        "same-computer session-lifetime",
    ),
    _gate(
        "backup-to-removable", "c24 c25", "driver, office registers",
        "From the bound computer, with the PIN (not the initial one), to a removable device: flash drive or removable "
        "hard disk.",
        "An emulated removable drive; a changed driver that writes elsewhere.",
        "no-drive not-removable leaves-the-drive",
    ),
    _gate(
        "backup-sealed", "c25", "driver and office",
        "A backup shows nothing without its password; a changed, cut, foreign or unregistered one is refused before "
        "it is parsed, and nothing changes.",
        "Guessing the password offline: PKCS#12's MAC counts only 2,048 rounds.",
        "weak-password altered foreign newer-format unregistered wrong-password",
        "backup-password",
    ),
    _gate(
        "recover-from-removable", "c26 c27 c28", "driver and office",
        "Recovery reads a removable device, needs driver, password, the office's registration of this backup and the "
        "recovery proof; asks for a new PIN; binds this computer.",
        "Somebody with the drive, its password and the recovery proof.",
        "no-drive not-removable no-backup locked wrong-proof",
        "recovery-proof recovery activation-tries",
    ),
    _gate(
        "one-computer", "c02 c26", "office",
        "At every moment exactly one computer can use a certificate: never two, and never none because of a fault. "
        "The step that binds the new computer retires the old one, its sessions and its backups (binding generation).",
        "A cloned software element with imitated ids is, to the office, the same computer.",
        "retired spent old-generation",
        "recovery lost-computer",
    ),
    _gate(
        "valid-certificate", "", "office",
        "Chain, dates, revocation and key usage hold at each use.",
        "A certificate in wrong hands until somebody reports it.",
        "no-certificate wrong-issuer wrong-usage not-yet-valid expired revoked",
        "certificate-lifetime lost-computer",
    ),
    _duty(
        "accountable", "", "office",
        "Every decision of the office, allowed or refused, is in an append-only, hash-chained audit log.",
        "An office that never writes an entry at all, or that replaces log and head together; an insider who deletes used "
        "nonces, kept answers, counted guesses, filings or mails, which the log does not compare; whoever reaches a "
        "listener makes the log longer.",
    ),
)  # fmt: skip

RULES: dict[RuleId, Rule] = {rule.id: rule for rule in _ALL}
"""The 23 rules by id, in the order in which acts ask them."""
