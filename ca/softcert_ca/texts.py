"""What the office tells the user, one sentence or two for each reason of a refusal: what is wrong and what to do now.

No text holds a name, a time or a secret: a stranger reads the same as the owner.
"""

from softcert.rules.catalogue import RuleId

_OLD_DRIVER = "The driver on this computer is too old. Go to the homepage, install the present driver and try again."
_NO_DRIVER = "The driver is missing. Go to the homepage, download and install the driver, then try again."
_OTHER_HARDWARE = (
    "Too many parts of this computer are not those that the office knows. Put the old parts back; if they are gone, "
)
_EXPIRED = "The certificate has expired. Apply for a new certificate on the homepage."
_REVOKED = "The certificate has been revoked and cannot be used again. Apply for a new certificate on the homepage."
_ENDED = "The session has ended. Log in again and repeat what you were doing."
_NO_SESSION = "There is no such session. Log in first."
_NOT_BOUND = (
    "This can be done on one computer only, and this is not the one. Before the download it is the computer that applied, "
    "afterwards the one on which the certificate was installed last. Go to that computer."
)

TEXTS: dict[tuple[RuleId, str], str] = {
    ("no-e-licence", "holder"): (
        "Holders of an electronic business licence do not apply here. Use the process for licence holders, or correct "
        "the answer if it was given by mistake. Nothing was recorded."
    ),
    ("confirm-computer", "said-no"): (
        "Soft certificates work only on the computer on which they were applied for. Change to the computer that you "
        "want to use, open the homepage there and start again."
    ),
    ("confirm-computer", "not-confirmed"): (
        "It was not confirmed that this computer is to be used. Answer the question on the homepage, then apply."
    ),
    ("confirm-computer", "forged"): (
        "The confirmation is not one that this office gave. Answer the question on the homepage again, then apply."
    ),
    ("confirm-computer", "other-computer"): (
        "The confirmation was made on another computer. Answer the question on the homepage on this computer, or go "
        "back to the computer that you confirmed."
    ),
    ("driver-first", "missing"): _NO_DRIVER,
    ("driver-first", "outdated"): _OLD_DRIVER,
    ("read-notice", "not-read"): "Click Register Now on the homepage and read the application matters first.",
    ("read-notice", "other-notice"): (
        "You read the notice for holders of an electronic business licence. Click Register Now and read the one for "
        "applicants without such a licence."
    ),
    ("read-notice", "changed"): (
        "The notice was changed since you read it. Click Register Now, read the new one to its end, then apply again."
    ),
    ("read-notice", "not-from-register-now"): "Open the notice by Register Now on the homepage, read it, then apply.",
    ("read-notice", "not-to-the-end"): "The notice was not read to its end. Scroll to its end, then click apply.",
    ("read-notice", "not-accepted"): "The notice was not accepted. Accept it after reading if you want to apply.",
    ("form-checked", "applicant-type"): "Say whether the applicant is a company or a person, then submit again.",
    ("form-checked", "country"): "Correct the country or region, then submit again.",
    ("form-checked", "name"): "Correct the name of the applicant, then submit again.",
    ("form-checked", "credit-code"): "Correct the unified social credit code, then submit again.",
    ("form-checked", "identity-number"): "Correct the identity number, then submit again.",
    ("form-checked", "contact"): "Correct the contact person, then submit again.",
    ("form-checked", "mailbox"): "Correct the mailbox, then submit again: the result is sent there.",
    ("form-checked", "mobile"): "Correct the mobile number, then submit again.",
    ("form-checked", "address"): "Correct the postal address, then submit again.",
    ("form-checked", "unknown-field"): "Fill in exactly the fields of the form, then submit again.",
    ("form-checked", "not-reviewed"): "Check the form once more, confirm that it is correct, then submit.",
    ("approved-only", "undecided"): "The application is not decided yet. Wait for the mail with the result.",
    ("approved-only", "disapproved"): (
        "The application was disapproved, so there is nothing to download. The mail says why: correct it and apply "
        "again."
    ),
    ("approved-only", "withdrawn"): "The application was withdrawn. Apply again if you want a certificate.",
    ("approved-only", "revoked"): _REVOKED,
    ("unique-address", "unknown"): (
        "There is no such download address. Copy the address from the mail again, whole and without a change."
    ),
    ("one-time-link", "used"): (
        "This address has been used and is invalid now: the certificate is on the computer that downloaded it. Log in "
        "there; if you did not download it yourself, ask the office at once."
    ),
    ("one-time-link", "replaced"): "A newer address was sent. Look for the newest mail of the office and use that one.",
    ("one-time-link", "expired"): "This address has expired. Ask the office for a new one.",
    ("same-computer-download", "other-computer"): (
        "Certificates can be downloaded only on the computer that submitted the application. Go to that computer and "
        "open the address there. If its disk was replaced, withdraw and apply again."
    ),
    ("same-computer-download", "other-hardware"): (
        _OTHER_HARDWARE + "withdraw the application and apply again on this computer."
    ),
    ("same-computer-download", "no-key"): (
        "The key made at application is not on this computer any more. Withdraw the application and apply again."
    ),
    ("activate-first", "no-session"): _NO_SESSION,
    ("activate-first", "session-ended"): _ENDED,
    ("activate-first", "already-active"): "The certificate is active already. Go on with your business.",
    ("activate-first", "locked"): (
        "Too many wrong activation codes. Ask the office for a new code; it will be shown on this computer."
    ),
    ("activate-first", "no-reissue"): (
        "No new activation code is waiting for you. Ask the office for one if you have lost yours."
    ),
    ("activate-first", "wrong-code"): (
        "The activation code is wrong. Compare it with the newest one that you wrote down; after a few wrong codes the "
        "activation is locked. If you lost the code, ask the office for a new one."
    ),
    ("business-after-activation", "no-session"): _NO_SESSION,
    ("business-after-activation", "session-ended"): _ENDED,
    ("business-after-activation", "not-activated"): (
        "The certificate is not activated. Activate it with your activation code, then submit again."
    ),
    ("business-after-activation", "other-certificate"): (
        "The filing was signed with another certificate than the one logged in. Log in with that certificate."
    ),
    ("same-computer-use", "too-few-ids"): (
        "This computer reports too few hardware ids to be recognised again, so a certificate could not be used on it. "
        "Take another computer, or have its maker set the serial numbers of its parts."
    ),
    ("same-computer-use", "other-computer"): _NOT_BOUND,
    ("same-computer-use", "other-hardware"): (
        _OTHER_HARDWARE + "recover the certificate from your backup on this computer."
    ),
    ("backup-sealed", "unregistered"): (
        "The office does not know this backup. Use the backup that was made with Soft Certificate Backup."
    ),
    ("recover-from-removable", "locked"): (
        "Too many wrong activation codes at recovery. Ask the office for a new code, to be shown on the bound computer."
    ),
    ("recover-from-removable", "wrong-proof"): (
        "The activation code is wrong. Recovery needs the newest one that was shown to you; after a few wrong codes it is "
        "locked. If you lost the code, ask the office for a new one."
    ),
    ("one-computer", "retired"): (
        "The certificate was moved to another computer, so this one cannot use it any more. Use the new computer; if you "
        "did not move it yourself, tell the office at once."
    ),
    ("one-computer", "spent"): (
        "This backup was used for a recovery already. Make a new backup on the computer that has the certificate now."
    ),
    ("one-computer", "old-generation"): (
        "This backup was made before the certificate moved. Make a new backup on the computer that has it now."
    ),
    ("valid-certificate", "wrong-issuer"): (
        "This certificate was not issued by this office, or is unknown here. Choose the right certificate."
    ),
    ("valid-certificate", "wrong-usage"): "This certificate is not meant for logging in. Choose the right certificate.",
    ("valid-certificate", "not-yet-valid"): "The certificate is not valid yet. Try again later.",
    ("valid-certificate", "expired"): _EXPIRED,
    ("valid-certificate", "revoked"): _REVOKED,
}  # fmt: skip
"""By rule and reason; a test holds that every office reason has one."""
