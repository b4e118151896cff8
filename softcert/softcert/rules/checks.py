"""For each act one literal, numbered list of checks; the first that fails names the rule.

Lists follow the order of the catalogue. Checks marked * stand elsewhere, for one of two reasons: where a check counts
tries, all that identifies the computer and the certificate is asked before it, so that nobody can use up another person's
tries; and a backup can be judged only when there is a device with one.

`because` names the facts, and the assumptions, that a trace shows for the decision.
"""

from itertools import pairwise

from softcert.rules.catalogue import INITIAL_PIN
from softcert.rules.facts import (
    ActivateFacts,
    ApplyFacts,
    BackupFacts,
    ChangePinFacts,
    ConfirmFacts,
    DownloadFacts,
    DriverFacts,
    FileFacts,
    FormFacts,
    KeyFacts,
    NewCodeFacts,
    RecoverFacts,
    ReleaseFacts,
    RestoreFacts,
    UseFacts,
    WithdrawFacts,
)
from softcert.rules.policy import Policy
from softcert.rules.verdict import Act, Check

REMOVABLE = ("flash-drive", "removable-disk")
FORM_FIELDS = (
    "applicant-type", "country", "name", "credit-code", "identity-number", "contact", "mailbox", "mobile", "address",
    "unknown-field",
)  # fmt: skip
PIN_FAULTS = ("same-as-initial", "too-short", "too-long", "characters", "repeated", "running")


def faults_of_pin(pin: str, policy: Policy) -> tuple[str, ...]:
    """Why `pin` cannot become the new PIN (c20 and assumption `pin`); empty when it can."""
    shortest, longest = policy.pin
    steps = {ord(after) - ord(before) for before, after in pairwise(pin)}
    wrong = {
        "same-as-initial": pin == INITIAL_PIN,
        "too-short": len(pin) < shortest,
        "too-long": len(pin) > longest,
        "characters": not all(" " <= symbol <= "~" for symbol in pin),
        "repeated": steps == {0},
        "running": steps in ({1}, {-1}),
    }
    return tuple(fault for fault in PIN_FAULTS if wrong[fault])


# --- On the applicant's computer: the driver decides ------------------------------------------------------------------

INSTALL: Act[ReleaseFacts] = Act("install", "driver", (
    Check("driver-first", "unsigned", lambda f, p: not f.signed, "signed"),                                         # 1
    Check("driver-first", "altered", lambda f, p: not f.intact, "intact"),                                          # 2
    Check("driver-first", "older", lambda f, p: f.version < f.newest_seen, "version newest_seen"),                  # 3
))  # fmt: skip

USE_DRIVER: Act[DriverFacts] = Act("use-driver", "driver", (
    Check("driver-first", "missing", lambda f, p: f.driver == "missing", "driver"),                                 # 1
    Check("driver-first", "altered", lambda f, p: f.driver != "whole", "driver"),                                   # 2
))  # fmt: skip

SEND_FORM: Act[FormFacts] = Act("apply", "driver", (
    Check("driver-first", "missing", lambda f, p: f.driver == "missing", "driver"),                                 # 1
    Check("driver-first", "altered", lambda f, p: f.driver != "whole", "driver"),                                   # 2
    *(Check("form-checked", field, lambda f, p, field=field: field in f.bad_fields[:1], "bad_fields")               # 3…12
      for field in FORM_FIELDS),
    Check("form-checked", "not-reviewed", lambda f, p: not f.reviewed, "reviewed"),                                 # 13
))  # fmt: skip

CHANGE_PIN: Act[ChangePinFacts] = Act("change-pin", "driver", (
    Check("driver-first", "missing", lambda f, p: f.driver == "missing", "driver"),                                 # 1
    Check("driver-first", "altered", lambda f, p: f.driver != "whole", "driver"),                                   # 2
    *(Check("change-initial-pin", fault, lambda f, p, fault=fault: fault in f.new_pin_faults, "new_pin_faults")     # 3…8
      for fault in PIN_FAULTS),
    Check("pin-guards-key", "old-keystore", lambda f, p: f.pin == "old-keystore", "pin"),                           # 9
    Check("pin-guards-key", "locked", lambda f, p: f.pin == "locked", "pin"),                                       # 10
    Check("pin-guards-key", "wrong-pin", lambda f, p: f.pin == "wrong-pin", "pin tries_left"),                      # 11
    Check("valid-certificate", "no-certificate", lambda f, p: not f.certificate_here, "certificate_here"),          # 12
))  # fmt: skip

USE_KEY: Act[KeyFacts] = Act("use-key", "driver", (
    Check("driver-first", "missing", lambda f, p: f.driver == "missing", "driver"),                                 # 1
    Check("driver-first", "altered", lambda f, p: f.driver != "whole", "driver"),                                   # 2
    Check("change-initial-pin", "initial", lambda f, p: f.pin_is_initial, "pin_is_initial"),                        # 3
    Check("pin-guards-key", "old-keystore", lambda f, p: f.pin == "old-keystore", "pin"),                           # 4
    Check("pin-guards-key", "locked", lambda f, p: f.pin == "locked", "pin"),                                       # 5
    Check("pin-guards-key", "wrong-pin", lambda f, p: f.pin == "wrong-pin", "pin tries_left"),                      # 6
    Check("valid-certificate", "no-certificate", lambda f, p: not f.certificate_here, "certificate_here"),          # 7
))  # fmt: skip

WRITE_BACKUP: Act[BackupFacts] = Act("backup", "driver", (
    Check("driver-first", "missing", lambda f, p: f.driver == "missing", "driver"),                                 # 1
    Check("driver-first", "altered", lambda f, p: f.driver != "whole", "driver"),                                   # 2
    Check("change-initial-pin", "initial", lambda f, p: f.pin_is_initial, "pin_is_initial"),                        # 3
    Check("pin-guards-key", "old-keystore", lambda f, p: f.pin == "old-keystore", "pin"),                           # 4
    Check("pin-guards-key", "locked", lambda f, p: f.pin == "locked", "pin"),                                       # 5
    Check("pin-guards-key", "wrong-pin", lambda f, p: f.pin == "wrong-pin", "pin tries_left"),                      # 6
    Check("backup-to-removable", "no-drive", lambda f, p: f.drive == "none", "drive"),                              # 7
    Check("backup-to-removable", "not-removable", lambda f, p: f.drive not in REMOVABLE, "drive"),                  # 8
    Check("backup-to-removable", "leaves-the-drive", lambda f, p: not f.path_stays, "path_stays"),                  # 9
    Check("backup-sealed", "weak-password", lambda f, p: f.password_length < p.backup_password,
          "password_length backup_password"),                                                                       # 10
    Check("valid-certificate", "no-certificate", lambda f, p: not f.certificate_here, "certificate_here"),          # 11
))  # fmt: skip

READ_BACKUP: Act[RestoreFacts] = Act("recover", "driver", (
    Check("driver-first", "missing", lambda f, p: f.driver == "missing", "driver"),                                 # 1
    Check("driver-first", "altered", lambda f, p: f.driver != "whole", "driver"),                                   # 2
    *(Check("change-initial-pin", fault, lambda f, p, fault=fault: fault in f.new_pin_faults, "new_pin_faults")     # 3…8
      for fault in PIN_FAULTS),
    Check("recover-from-removable", "no-drive", lambda f, p: f.drive == "none", "drive"),                           # 9*
    Check("recover-from-removable", "not-removable", lambda f, p: f.drive not in REMOVABLE, "drive"),               # 10*
    Check("recover-from-removable", "no-backup", lambda f, p: f.backup == "none", "backup"),                        # 11*
    Check("backup-sealed", "newer-format", lambda f, p: f.backup == "newer-format", "backup"),                      # 12
    Check("backup-sealed", "unregistered", lambda f, p: f.backup == "unregistered", "backup"),                      # 13
    Check("backup-sealed", "foreign", lambda f, p: f.backup == "foreign", "backup"),                                # 14
    Check("backup-sealed", "altered", lambda f, p: f.backup == "altered", "backup"),                                # 15
    Check("backup-sealed", "wrong-password", lambda f, p: not f.opens, "opens"),                                    # 16
))  # fmt: skip

# --- At the Trademark Office: the office decides ----------------------------------------------------------------------

CONFIRM: Act[ConfirmFacts] = Act("confirm", "office", (
    Check("confirm-computer", "said-no", lambda f, p: not f.use_this_computer, "use_this_computer"),                # 1
))  # fmt: skip

APPLY: Act[ApplyFacts] = Act("apply", "office", (
    Check("no-e-licence", "holder", lambda f, p: f.holds_e_licence, "holds_e_licence"),                             # 1
    Check("confirm-computer", "not-confirmed", lambda f, p: f.confirmed == "nothing", "confirmed"),                 # 2
    Check("confirm-computer", "forged", lambda f, p: f.confirmed != "yes", "confirmed"),                            # 3
    Check("confirm-computer", "other-computer", lambda f, p: f.confirmed_by != f.device, "confirmed_by device"),    # 4
    Check("driver-first", "missing", lambda f, p: not f.driver_version, "driver_version"),                          # 5
    Check("driver-first", "outdated", lambda f, p: f.driver_version < f.driver_needed,
          "driver_version driver_needed"),                                                                          # 6
    Check("read-notice", "not-read", lambda f, p: f.notice_digest not in (*f.notice_known, *f.notice_other),
          "notice_digest"),                                                                                         # 7
    Check("read-notice", "other-notice", lambda f, p: f.notice_digest in f.notice_other, "notice_digest"),          # 8
    Check("read-notice", "changed", lambda f, p: f.notice_digest != f.notice_current,
          "notice_digest notice_current"),                                                                          # 9
    Check("read-notice", "not-from-register-now", lambda f, p: f.notice_from != "register-now", "notice_from"),     # 10
    Check("read-notice", "not-to-the-end", lambda f, p: not f.notice_to_the_end, "notice_to_the_end"),              # 11
    Check("read-notice", "not-accepted", lambda f, p: not f.notice_accepted, "notice_accepted"),                    # 12
    *(Check("form-checked", field, lambda f, p, field=field: field in f.bad_fields[:1], "bad_fields")               # 13…22
      for field in FORM_FIELDS),
    Check("form-checked", "not-reviewed", lambda f, p: not f.reviewed, "reviewed"),                                 # 23
    Check("same-computer-use", "too-few-ids", lambda f, p: f.ids_present < p.same_computer,
          "ids_present same_computer"),                                                                             # 24
))  # fmt: skip

WITHDRAW: Act[WithdrawFacts] = Act("withdraw", "office", (
    Check("same-computer-use", "other-computer", lambda f, p: f.device != f.applied_on, "device applied_on"),       # 1
))  # fmt: skip

DOWNLOAD: Act[DownloadFacts] = Act("download", "office", (
    Check("driver-first", "missing", lambda f, p: not f.driver_version, "driver_version"),                          # 1
    Check("driver-first", "outdated", lambda f, p: f.driver_version < f.driver_needed,
          "driver_version driver_needed"),                                                                          # 2
    Check("approved-only", "undecided", lambda f, p: f.application in ("none", "submitted"), "application"),        # 3
    Check("approved-only", "disapproved", lambda f, p: f.application == "disapproved", "application"),              # 4
    Check("approved-only", "withdrawn", lambda f, p: f.application == "withdrawn", "application"),                  # 5
    Check("approved-only", "revoked", lambda f, p: f.application == "revoked", "application"),                      # 6
    Check("unique-address", "unknown", lambda f, p: f.address not in ("live", "used", "replaced"), "address"),      # 7
    Check("one-time-link", "used", lambda f, p: f.address == "used",
          "address address_used_at address_used_by"),                                                               # 8
    Check("one-time-link", "replaced", lambda f, p: f.address != "live", "address address_sent_at"),                # 9
    Check("one-time-link", "expired", lambda f, p: f.now > f.address_expires, "now address_expires"),               # 10
    Check("same-computer-download", "other-computer", lambda f, p: f.device != f.applied_on, "device applied_on"),  # 11
    Check("same-computer-download", "other-hardware", lambda f, p: f.ids_matching < p.same_computer,
          "ids_matching same_computer"),                                                                            # 12
    Check("same-computer-download", "no-key", lambda f, p: not f.key_present, "key_present"),                       # 13
))  # fmt: skip

USE_CERTIFICATE: Act[UseFacts] = Act("use-certificate", "office", (
    Check("driver-first", "missing", lambda f, p: not f.driver_version, "driver_version"),                          # 1
    Check("driver-first", "outdated", lambda f, p: f.driver_version < f.driver_needed,
          "driver_version driver_needed"),                                                                          # 2
    Check("same-computer-use", "other-computer", lambda f, p: f.known and f.device not in (
          *f.bound_devices, *f.retired_devices), "known device bound_devices retired_devices"),                     # 3
    Check("same-computer-use", "other-hardware", lambda f, p: f.known and f.device in f.bound_devices
          and f.ids_matching < p.same_computer, "ids_matching same_computer"),                                      # 4
    Check("one-computer", "retired", lambda f, p: f.device in f.retired_devices,
          "device retired_devices bound_devices bound_at"),                                                         # 5
    Check("valid-certificate", "wrong-issuer", lambda f, p: not (f.issuer_ok and f.known), "issuer_ok known"),      # 6
    Check("valid-certificate", "wrong-usage", lambda f, p: not f.usage_ok, "usage_ok"),                             # 7
    Check("valid-certificate", "not-yet-valid", lambda f, p: f.now < f.not_before, "now not_before"),               # 8
    Check("valid-certificate", "expired", lambda f, p: f.now > f.not_after, "now not_after"),                       # 9
    Check("valid-certificate", "revoked", lambda f, p: f.revoked, "revoked revoked_at"),                            # 10
))  # fmt: skip
"""A login, and the registration of a backup: the certificate used from the computer to which it is bound."""

ACTIVATE: Act[ActivateFacts] = Act("activate", "office", (
    Check("activate-first", "no-session", lambda f, p: f.session == "none", "session"),                             # 1
    Check("activate-first", "session-ended", lambda f, p: f.session != "live" or f.now > f.session_expires,
          "session now session_expires"),                                                                           # 2
    Check("same-computer-use", "other-computer", lambda f, p: f.device != f.session_device
          or f.device not in f.bound_devices, "device session_device bound_devices"),                               # 3*
    Check("same-computer-use", "other-hardware", lambda f, p: f.ids_matching < p.same_computer,
          "ids_matching same_computer"),                                                                            # 4*
    Check("valid-certificate", "wrong-issuer", lambda f, p: not (f.issuer_ok and f.known), "issuer_ok known"),      # 5*
    Check("valid-certificate", "wrong-usage", lambda f, p: not f.usage_ok, "usage_ok"),                             # 6*
    Check("valid-certificate", "not-yet-valid", lambda f, p: f.now < f.not_before, "now not_before"),               # 7*
    Check("valid-certificate", "expired", lambda f, p: f.now > f.not_after, "now not_after"),                       # 8*
    Check("valid-certificate", "revoked", lambda f, p: f.revoked, "revoked revoked_at"),                            # 9*
    Check("activate-first", "already-active", lambda f, p: f.certificate != "issued", "certificate"),               # 10
    Check("activate-first", "locked", lambda f, p: f.tries >= p.activation_tries, "tries activation_tries"),        # 11
    Check("activate-first", "wrong-code", lambda f, p: not f.code_matches,
          "code_matches tries activation_tries"),                                                                   # 12
))  # fmt: skip

NEW_CODE: Act[NewCodeFacts] = Act("new-code", "office", (
    Check("same-computer-use", "other-computer", lambda f, p: f.device not in f.bound_devices,
          "device bound_devices"),                                                                                  # 1*
    Check("same-computer-use", "other-hardware", lambda f, p: f.ids_matching < p.same_computer,
          "ids_matching same_computer"),                                                                            # 2*
    Check("approved-only", "disapproved", lambda f, p: f.application == "disapproved", "application"),              # 3*
    Check("approved-only", "withdrawn", lambda f, p: f.application == "withdrawn", "application"),                  # 4*
    Check("approved-only", "revoked", lambda f, p: f.application == "revoked", "application"),                      # 5*
    Check("activate-first", "no-reissue", lambda f, p: not f.reissue_granted, "reissue_granted"),                   # 6
))  # fmt: skip

FILE: Act[FileFacts] = Act("file", "office", (
    Check("business-after-activation", "no-session", lambda f, p: f.session == "none", "session"),                  # 1
    Check("business-after-activation", "session-ended", lambda f, p: f.session != "live" or f.now > f.session_expires,
          "session now session_expires"),                                                                           # 2
    Check("business-after-activation", "other-certificate", lambda f, p: not f.signed_by_session_certificate,
          "signed_by_session_certificate"),                                                                         # 3
    Check("business-after-activation", "not-activated", lambda f, p: f.certificate not in (
          "active", "revoked"), "certificate"),                                                                     # 4
    Check("same-computer-use", "other-computer", lambda f, p: f.device != f.session_device
          or f.device not in f.bound_devices, "device session_device bound_devices"),                               # 5
    Check("same-computer-use", "other-hardware", lambda f, p: f.ids_matching < p.same_computer,
          "ids_matching same_computer"),                                                                            # 6
    Check("valid-certificate", "wrong-issuer", lambda f, p: not (f.issuer_ok and f.known), "issuer_ok known"),      # 7
    Check("valid-certificate", "wrong-usage", lambda f, p: not f.usage_ok, "usage_ok"),                             # 8
    Check("valid-certificate", "not-yet-valid", lambda f, p: f.now < f.not_before, "now not_before"),               # 9
    Check("valid-certificate", "expired", lambda f, p: f.now > f.not_after, "now not_after"),                       # 10
    Check("valid-certificate", "revoked", lambda f, p: f.revoked, "revoked revoked_at"),                            # 11
))  # fmt: skip

RECOVER: Act[RecoverFacts] = Act("recover", "office", (
    Check("driver-first", "missing", lambda f, p: not f.driver_version, "driver_version"),                          # 1
    Check("driver-first", "outdated", lambda f, p: f.driver_version < f.driver_needed,
          "driver_version driver_needed"),                                                                          # 2
    Check("same-computer-use", "too-few-ids", lambda f, p: f.ids_present < p.same_computer,
          "ids_present same_computer"),                                                                             # 3
    Check("backup-sealed", "unregistered", lambda f, p: f.backup not in ("registered", "spent", "retired"),
          "backup"),                                                                                                # 4
    Check("one-computer", "spent", lambda f, p: f.backup == "spent", "backup bound_devices bound_at"),              # 5
    Check("one-computer", "old-generation", lambda f, p: f.backup_generation != f.generation
          or (f.backup == "retired" and not f.revoked), "backup backup_generation generation"),                     # 6
    Check("valid-certificate", "wrong-issuer", lambda f, p: not (f.issuer_ok and f.known), "issuer_ok known"),      # 7
    Check("valid-certificate", "wrong-usage", lambda f, p: not f.usage_ok, "usage_ok"),                             # 8
    Check("valid-certificate", "not-yet-valid", lambda f, p: f.now < f.not_before, "now not_before"),               # 9
    Check("valid-certificate", "expired", lambda f, p: f.now > f.not_after, "now not_after"),                       # 10
    Check("valid-certificate", "revoked", lambda f, p: f.revoked, "revoked revoked_at"),                            # 11
    Check("recover-from-removable", "locked", lambda f, p: p.recovery_proof == "activation-code"
          and f.tries >= p.activation_tries, "recovery_proof tries activation_tries"),                              # 12*
    Check("recover-from-removable", "wrong-proof", lambda f, p: p.recovery_proof == "activation-code"
          and not f.proof_matches, "recovery_proof proof_matches tries activation_tries"),                          # 13*
))  # fmt: skip

ACTS = (
    INSTALL, USE_DRIVER, SEND_FORM, CHANGE_PIN, USE_KEY, WRITE_BACKUP, READ_BACKUP,
    CONFIRM, APPLY, WITHDRAW, DOWNLOAD, USE_CERTIFICATE, ACTIVATE, NEW_CODE, FILE, RECOVER,
)  # fmt: skip
"""Every list of checks; docs/process.md prints them, and a test holds that each gate and each reason stands in one."""
