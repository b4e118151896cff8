"""What the driver tells the user when it refuses: what is wrong and what to do now. A test holds that all are here."""

from softcert.rules.catalogue import RuleId

_NEW_PIN = "Choose another new PIN: "
_KINDS = "Plug in a flash drive or a removable hard disk"

TEXTS: dict[tuple[RuleId, str], str] = {
    ("driver-first", "missing"): (
        "The driver is not installed on this computer, or was removed by security software. Go to the homepage, "
        "download and install it, then try again."
    ),
    ("driver-first", "unsigned"): (
        "This driver does not come from the Trademark Office, so it was not installed. Check that this computer's date "
        "is right, then download the driver from the office's own homepage."
    ),
    ("driver-first", "altered"): (
        "This driver is not as the Trademark Office signed it: it was changed on its way, or on this computer after its "
        "installation. It does not run. Install it again from the office's homepage."
    ),
    ("driver-first", "older"): (
        "This driver is older than one that was installed here before, so it was not installed. Download the present "
        "one from the office's homepage."
    ),
    ("form-checked", "not-reviewed"): "Check the form once more, confirm that it is correct, then submit.",
    ("change-initial-pin", "initial"): (
        "The certificate still has the initial PIN. Change the PIN first, then do this with the new one."
    ),
    ("change-initial-pin", "same-as-initial"): _NEW_PIN + "the initial PIN is known to everybody.",
    ("change-initial-pin", "too-short"): _NEW_PIN + "this one is too short.",
    ("change-initial-pin", "too-long"): _NEW_PIN + "this one is too long.",
    ("change-initial-pin", "characters"): (
        _NEW_PIN + "use letters, digits and signs of an English keyboard; full-width ones do not count."
    ),
    ("change-initial-pin", "repeated"): _NEW_PIN + "do not repeat one symbol only.",
    ("change-initial-pin", "running"): _NEW_PIN + "do not use symbols in running order, such as 23456789.",
    ("pin-guards-key", "wrong-pin"): (
        "The PIN is wrong. Try again; after too many wrong PINs the certificate locks. If you forgot it, recover the "
        "certificate on this computer from your backup, with a new PIN."
    ),
    ("pin-guards-key", "locked"): (
        "Too many wrong PINs: the certificate is locked on this computer. Recover it here from your backup; without "
        "one, ask the office to revoke it and apply again."
    ),
    ("pin-guards-key", "old-keystore"): (
        "These certificate files do not belong to this computer as it is now: they are an old copy, or come from "
        "another computer. Recover the certificate from your backup, or use the computer on which it was installed."
    ),
    ("backup-to-removable", "no-drive"): _KINDS + ", then start the backup again.",
    ("backup-to-removable", "not-removable"): "A backup goes to a removable device only. " + _KINDS + " and choose it.",
    ("backup-to-removable", "leaves-the-drive"): (
        "This folder is a link that leads off the device. Choose a folder that is on the device itself."
    ),
    (
        "backup-sealed",
        "weak-password",
    ): (
        "Choose a longer password for the backup, in characters that your keyboard really types: whoever finds the "
        "device can guess at it."
    ),
    ("backup-sealed", "newer-format"): (
        "This backup was made by a newer driver. Install the present driver from the homepage, then recover again."
    ),
    ("backup-sealed", "unregistered"): (
        "This backup was never registered with the office: it was not finished, or part of it is missing. Make a new "
        "backup on the computer that has the certificate."
    ),
    ("backup-sealed", "foreign"): (
        "This backup was not registered by the Trademark Office. Choose one that was made with Soft Certificate Backup."
    ),
    ("backup-sealed", "altered"): (
        "This backup was changed or damaged. Use another copy of it, or make a new one on the computer that has the "
        "certificate."
    ),
    ("backup-sealed", "wrong-password"): (
        "The password of the backup is wrong. Try again with the password that you chose when you made the backup; if you "
        "forgot it, make a new backup on the computer that has the certificate."
    ),
    ("recover-from-removable", "no-drive"): "Plug in the device that has the backup, then start the recovery again.",
    ("recover-from-removable", "not-removable"): (
        "A recovery reads from a removable device only. Plug in the flash drive or removable hard disk with the backup."
    ),
    ("recover-from-removable", "no-backup"): (
        "No such backup was found on this device. Plug in the device with your backup; if you have several, check "
        "for which applicant each is. If there is none any more, ask the office to revoke the certificate and apply again."
    ),
    ("valid-certificate", "no-certificate"): (
        "No certificate information was found on this computer. Download the certificate at the address in the "
        "office's mail, or recover it from your backup."
    ),
}
"""By rule and reason; bad fields of a form have the messages of `softcert.form`."""

WHICH_CERTIFICATE = (
    "There are several certificates on this computer: {names}. Say whose you mean by the name of the applicant."
)
ANOTHER_ORIGIN = (
    "This address does not lead to the Trademark Office at {origin}, so nothing was sent. Use the address in the "
    "office's own mail, and do not trust the message that this one came from."
)
DISK_FAILED = "{what} Nothing was sent to the office. {todo}, then try again."
DISK_FAILED_AFTER = "{what} The office may have done its part already. {todo}, then do the same once more."
NO_ANSWER = "The office gave no clear answer, so it is not certain whether it was done. Do the same once more."
NOT_BELIEVED = (
    "{text} It is not certain whether the office did its part. Do the same once more, over another line if need be."
)
ASKED_BEFORE = (
    "The same was asked before with another activation code and may have been done. Repeat it with the code that you "
    "gave first."
)
