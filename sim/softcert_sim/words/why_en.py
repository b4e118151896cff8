"""Why an act was refused or allowed, in English: one template for each reason, and for each rule that an act asks.

A slot names a fact that decided, and after a colon how it is said: `computer` (a thumbprint, or several), `time`, `word`
(looked up in `VALUES`), `version`, `fields`, `visitor`; a number stands as it is.
"""

from softcert.rules.checks import FORM_FIELDS

_IDS = "{ids_matching} of its 4 hardware ids are as they were"
_CERTIFICATE = "the certificate is this office's, not revoked, and valid until {not_after:time}"
_TRIES = "wrong ones before it: {tries} of {activation_tries}"
_LOCKED = "wrong activation codes entered: {tries} of {activation_tries}"
_BOUND = f"{{device:computer}} is the computer to which the certificate is bound ({_IDS})"
_OPENED = f"{{device:computer}} is the computer that opened it ({_IDS})"
_IDS_REFUSED = "{ids_matching} of the 4 hardware ids are as they were, and {same_computer} must be"
_NO_SESSION = "there is no such session"
_ENDED = "the session has ended; it could last until {session_expires:time}"
_OWN_SESSION = (
    "{device:computer} asks; {session_device:computer} opened the session, and the certificate is bound to "
    "{bound_devices:computer}"
)

REFUSED: dict[str, str] = {
    "no-e-licence/holder": "the applicant holds an electronic business licence",
    "confirm-computer/said-no": "the question whether to use this computer was answered with no",
    "confirm-computer/not-confirmed": "nobody confirmed that this computer is to be used",
    "confirm-computer/forged": "the confirmation in the application is not genuine",
    "confirm-computer/other-computer": "{device:computer} applies, and {confirmed_by:computer} was confirmed",
    "driver-first/missing": "there is no driver that does this",
    "driver-first/unsigned": "the package is not signed by the office as a driver",
    "driver-first/altered": "the driver is not, to the byte, what the office signed",
    "driver-first/older": "version {version:version} is older than {newest_seen:version}, which was installed here",
    "driver-first/outdated": "the driver is version {driver_version:version}, and {driver_needed:version} is needed",
    "read-notice/not-read": "no notice of this office was read",
    "read-notice/other-notice": "the notice that was read is another: the one for holders of a licence",
    "read-notice/changed": "the office has published another notice since this one was read",
    "read-notice/not-from-register-now": "the notice was opened from {notice_from:word}, and not from Register Now",
    "read-notice/not-to-the-end": "the notice was not read to its end",
    "read-notice/not-accepted": "the notice was not accepted",
    **{f"form-checked/{field}": "not valid in the form: {bad_fields:fields}" for field in FORM_FIELDS},
    "form-checked/not-reviewed": "the form was not looked over before it was submitted",
    "approved-only/undecided": "the application is {application:word}, and no examiner has decided on it",
    "approved-only/disapproved": "the examiner disapproved the application",
    "approved-only/withdrawn": "the application was withdrawn",
    "approved-only/revoked": "the certificate of this application was revoked",
    "unique-address/unknown": "the office never sent this address",
    "one-time-link/used": "{address_used_by:visitor} used this address on {address_used_at:time}",
    "one-time-link/replaced": "this address was sent on {address_sent_at:time}, and a newer one since",
    "one-time-link/expired": "it is {now:time}, and the address was good until {address_expires:time}",
    "same-computer-download/other-computer": "{device:computer} asks, and {applied_on:computer} is the computer that "
    "applied",
    "same-computer-download/other-hardware": _IDS_REFUSED,
    "same-computer-download/no-key": "the key that was made at the application did not sign the request",
    "change-initial-pin/initial": "the certificate still has the initial PIN",
    "change-initial-pin/same-as-initial": "the new PIN is the initial one",
    "change-initial-pin/too-short": "the new PIN is too short",
    "change-initial-pin/too-long": "the new PIN is too long",
    "change-initial-pin/characters": "the new PIN has symbols other than printable ASCII",
    "change-initial-pin/repeated": "the new PIN is one symbol repeated",
    "change-initial-pin/running": "the symbols of the new PIN are in running order",
    "pin-guards-key/wrong-pin": "this PIN does not open the key; tries left before it locks: {tries_left}",
    "pin-guards-key/locked": "after too many wrong PINs the secure element is locked",
    "pin-guards-key/old-keystore": "the secure element does not know this seal: it is an old copy, or another computer's",
    "activate-first/no-session": _NO_SESSION,
    "activate-first/session-ended": _ENDED,
    "activate-first/already-active": "the certificate is {certificate:word} and waits for no activation",
    "activate-first/locked": _LOCKED,
    "activate-first/no-reissue": "the office has granted no new activation code",
    "activate-first/wrong-code": f"the activation code is not that of this certificate; {_TRIES}",
    "business-after-activation/no-session": _NO_SESSION,
    "business-after-activation/session-ended": _ENDED,
    "business-after-activation/not-activated": "the certificate is {certificate:word} and was never activated",
    "business-after-activation/other-certificate": "another certificate than the one that logged in signed the filing",
    "same-computer-use/too-few-ids": "the computer reports {ids_present} of 4 hardware ids, and {same_computer} are "
    "needed",
    "same-computer-use/other-computer": "{device:computer} asks, and the certificate is bound to "
    "{bound_devices:computer}",
    "withdraw same-computer-use/other-computer": "{device:computer} asks, and {applied_on:computer} is the computer "
    "that applied",
    "new-code same-computer-use/other-computer": "{device:computer} asks, and a new code is shown at "
    "{bound_devices:computer}",
    "activate same-computer-use/other-computer": _OWN_SESSION,
    "file same-computer-use/other-computer": _OWN_SESSION,
    "same-computer-use/other-hardware": _IDS_REFUSED,
    "backup-to-removable/no-drive": "no such device is plugged in",
    "backup-to-removable/not-removable": "{drive:word} is not removable",
    "backup-to-removable/leaves-the-drive": "the folder is a link that leads off the device",
    "backup-sealed/weak-password": "the password has {password_length} characters, and {backup_password} are needed",
    "backup-sealed/altered": "the backup is not what the office registered",
    "backup-sealed/foreign": "the office did not sign the manifest of this backup",
    "backup-sealed/newer-format": "a newer driver made this backup",
    "backup-sealed/unregistered": "no such backup of this certificate is registered with the office",
    "backup-sealed/wrong-password": "the password does not open the backup",
    "recover-from-removable/no-drive": "no such device is plugged in",
    "recover-from-removable/not-removable": "{drive:word} is not removable",
    "recover-from-removable/no-backup": "there is no such backup on the device",
    "recover-from-removable/locked": _LOCKED,
    "recover-from-removable/wrong-proof": f"the activation code is not the present one; {_TRIES}",
    "one-computer/retired": "the certificate left {device:computer}; since {bound_at:time} it has been bound to "
    "{bound_devices:computer}",
    "one-computer/spent": "this backup was used for a recovery; since {bound_at:time} the certificate has been bound to "
    "{bound_devices:computer}",
    "one-computer/old-generation": "the backup is {backup:word} and of generation {backup_generation}, and the "
    "certificate is of generation {generation}",
    "valid-certificate/no-certificate": "there is no certificate here, or several of which none was named",
    "valid-certificate/wrong-issuer": "this office did not issue this very certificate",
    "valid-certificate/wrong-usage": "the certificate is not one to log in with",
    "valid-certificate/not-yet-valid": "it is {now:time}, and the certificate is valid from {not_before:time}",
    "valid-certificate/expired": "it is {now:time}, and the certificate was valid until {not_after:time}",
    "valid-certificate/revoked": "the certificate was revoked on {revoked_at:time}",
}  # fmt: skip

_DRIVER = {"driver-first": "the driver is what the office signed"}
_VERSION = {"driver-first": "the driver's version is {driver_version:version} ({driver_needed:version} is needed)"}
_PIN = {
    "change-initial-pin": "the PIN is not the initial one",
    "pin-guards-key": "it opened the key",
    "valid-certificate": "the certificate is here",
}
_NEW_PIN = {"change-initial-pin": "the new PIN follows the rules for PINs"}

ALLOWED: dict[str, dict[str, str]] = {
    "driver install": {
        "driver-first": "the office signed this driver, and version {version:version} is not older than any before"
    },
    "driver use-driver": _DRIVER,
    "driver apply": {**_DRIVER, "form-checked": "the form is in order and was looked over"},
    "driver change-pin": {
        **_DRIVER, **_NEW_PIN, "pin-guards-key": "the old one opened the key",
        "valid-certificate": "the certificate is here",
    },
    "driver use-key": {**_DRIVER, **_PIN},
    "driver backup": {
        **_DRIVER, **_PIN, "backup-to-removable": "{drive:word} is removable",
        "backup-sealed": "the password has {password_length} characters of at least {backup_password}",
    },
    "driver recover": {
        **_DRIVER, **_NEW_PIN, "recover-from-removable": "there is a backup on {drive:word}",
        "backup-sealed": "it is what the office registered and opens with this password",
    },
    "office confirm": {"confirm-computer": "the question was answered with yes"},
    "office apply": {
        "no-e-licence": "the applicant holds no electronic business licence",
        "confirm-computer": "{device:computer} was confirmed",
        **_VERSION,
        "read-notice": "the present notice was read to its end and accepted",
        "form-checked": "the form is in order and was looked over",
        "same-computer-use": "the computer reports {ids_present} of 4 hardware ids",
    },
    "office withdraw": {"same-computer-use": "{device:computer} is the computer that applied"},
    "office download": {
        **_VERSION,
        "approved-only": "the application is {application:word}",
        "unique-address": "the office sent this address",
        "one-time-link": "it is {address:word} until {address_expires:time}",
        "same-computer-download": f"{{device:computer}} is the computer that applied ({_IDS})",
    },
    "office use-certificate": {
        **_VERSION,
        "same-computer-use": _BOUND,
        "one-computer": "it was not retired",
        "valid-certificate": _CERTIFICATE,
    },
    "office activate": {
        "activate-first": "the session is {session:word}, and the activation code is right (wrong ones before it: {tries})",
        "same-computer-use": _OPENED,
        "valid-certificate": _CERTIFICATE,
    },
    "office new-code": {
        "same-computer-use": f"a new code is shown at {{device:computer}} ({_IDS})",
        "approved-only": "the application is {application:word}",
        "activate-first": "the office has granted a new code",
    },
    "office file": {
        "business-after-activation": "the session is {session:word}, and its certificate, which is {certificate:word}, "
        "signed what is filed",
        "same-computer-use": _OPENED,
        "valid-certificate": _CERTIFICATE,
    },
    "office recover": {
        **_VERSION,
        "same-computer-use": "the computer reports {ids_present} of 4 hardware ids",
        "backup-sealed": "the office registered this backup",
        "one-computer": "it is unspent and, like the certificate, of generation {generation}",
        "valid-certificate": _CERTIFICATE,
        "recover-from-removable": "what is asked for as proof was given: {recovery_proof:word}",
    },
}  # fmt: skip

VALUES: dict[str, dict[str, str]] = {
    "application": {
        "none": "unknown", "unknown": "unknown", "submitted": "submitted", "approved": "approved",
        "disapproved": "disapproved", "withdrawn": "withdrawn", "certified": "certified", "revoked": "revoked",
    },
    "address": {"unknown": "unknown", "live": "live", "used": "used", "replaced": "replaced"},
    "session": {"none": "unknown", "live": "live", "ended": "ended"},
    "certificate": {"none": "unknown", "issued": "issued", "active": "active", "revoked": "revoked"},
    "backup": {"unknown": "unknown", "registered": "unspent", "spent": "spent", "retired": "retired"},
    "drive": {
        "none": "no device", "flash-drive": "a flash drive", "removable-disk": "a removable hard disk",
        "system-disk": "the computer's own disk", "network-share": "a network share",
    },
    "notice_from": {"register-now": "Register Now", "bookmark": "a bookmark", "": "nowhere"},
    "recovery_proof": {"activation-code": "the activation code", "none": "nothing"},
}  # fmt: skip
