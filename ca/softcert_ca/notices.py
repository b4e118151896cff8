"""The two notices with which an office begins: one for this process, one for holders of an electronic business licence.

Applicants read them before they apply (rule `read-notice`). The words are this project's; the titles are the source's.
A notice is plain text: paragraphs are parted by an empty line. The office may publish newer ones.
"""

_TITLE = "Application Matters of Trademark Digital Certificate-Application Process for Trademark Applicants"

_WITHOUT = """\
Who this is for. You apply for trademarks and hold no electronic business licence: a natural person, or a company or \
other body without one. If you hold one, this is not your process: read the other notice instead.

One computer. To protect your data and your interests, a soft certificate can be applied for and used on the same \
computer only. Decide now whether it is to be this one. If not, change to the computer that you want to use and \
begin there.

1. Driver. Before anything else, download the soft certificate client driver from the homepage and install it.

2. Application. Click 'Register Now', read this notice to its end, click 'apply' and fill in the form truthfully. \
Check every field before you submit it. Above all check the mailbox: the result is sent there, and only there.

3. Activation code. After you have submitted, the system makes an activation code at random and shows it to you \
once. Remember it and never disclose it: no mail repeats it and nobody from the office asks for it. You need it when \
you log in for the first time, before your first application for trademark business, and again when you move the \
certificate to another computer.

4. Result. The Trademark Office examines the application and writes to your mailbox: registration succeeded, or \
disapproval with the reasons. After a disapproval you can correct the form and apply again; the new application has \
a new activation code.

5. Download. The notice of success holds an address that is yours alone. Let the driver download the certificate \
from it, on the computer on which you submitted the application. The address works once; once downloaded, it is \
invalid. Forward it to nobody.

6. PIN. The certificate comes with the initial PIN 12345678. Change it at once: until then the certificate does \
nothing else. Every use asks for the PIN, and too many wrong ones lock it.

7. First login. Log in with the changed PIN and activate the certificate with the activation code. After the \
activation you can submit applications for trademark business.

8. Another computer. While this computer still works, click 'Soft Certificate Backup' and let the driver write a \
backup to a USB flash drive or a removable hard disk. On the replacement, click 'Soft Certificate Recovery' and \
follow the prompts. The certificate then works on the replacement alone.

9. Trouble. If you lose the computer, the PIN or the code, or somebody else may know them, tell the office. It can \
revoke the certificate; you can then apply again.

By accepting you confirm that you have read this notice to its end and that what you fill in is true."""

_WITH = """\
Who this is for. You hold an electronic business licence. You then apply with the licence, in a process of its own, \
and need no soft certificate of the kind that is bound to one computer.

What to do. Leave this registration and choose the process for holders of an electronic business licence. An \
application for a soft certificate that says that you hold a licence is not accepted, and nothing of it is recorded.

If you hold none. This notice does not count for you. Go back to the homepage, click 'Register Now' and read the \
notice for applicants without an electronic business licence to its end."""

NOTICES: dict[str, tuple[str, str]] = {
    "without-e-licence": (f"{_TITLE} without Electronic Business License", _WITHOUT),
    "with-e-licence": (f"{_TITLE} with Electronic Business License", _WITH),
}
"""Title and text by id."""
