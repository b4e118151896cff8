"""The office's letters, as the bytes of a mail.

The same outbox row gives the same bytes each time: the date is that of the row, the boundary comes from the Message-ID.
No letter holds an activation code (rule `code-secret`), and only those that announce an address hold one.

A letter is a list of paragraphs from which both the plain text and the HTML are made, so that neither says less.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from softcert.protocol import sha256
from softcert_ca.mime import compose, plain_mailbox
from softcert_ca.outbox import Mail

if TYPE_CHECKING:
    from jinja2 import Template


@dataclass(frozen=True, slots=True)
class Link:
    """A paragraph that is an address, on a line of its own."""

    url: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A paragraph in the examiner's own words."""

    words: str


Paragraph = str | Link | Quote


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says."""

    subject: str
    paragraphs: tuple[Paragraph, ...]


def render(mail: Mail, address: str = "") -> bytes:
    """The mail of an outbox row, lines ended by CR LF. `address` is the download address, where the letter has one.

    Raises ValueError for an unknown purpose, for a recipient that is not exactly one plain mailbox, and for an address
    that is missing or is not wanted.
    """
    letter = letter_of(mail, address)
    headers = {
        "From": f"Trademark Office <{plain_mailbox(mail.sender)}>",
        "To": plain_mailbox(mail.recipient),
        "Subject": letter.subject,
        "Date": format_datetime(datetime.fromtimestamp(mail.at, UTC)),
        "Message-ID": mail.message_id,
        "Auto-Submitted": "auto-generated",
        "X-Softcert-Purpose": mail.purpose,
        "X-Softcert-Application": mail.application,
    }
    return compose(headers, plain=_plain(letter), html=_html(letter), boundary=sha256(mail.message_id.encode())[:24])


def letter_of(mail: Mail, address: str = "") -> Letter:
    """What the mail of an outbox row says. Raises ValueError as `render` does.

    Purposes and their parameters: `result` (`name`, `outcome`: approved with `expires`, or disapproved with `reasons`),
    `reissue` (`name`, `expires`), `new-code` (`name`), `move` and `recovery-notice` (`name`, `serial`, `moved_at`),
    `revocation` (`name`, `serial`, `reason`). Times are seconds since 1970, UTC.
    """
    write = _LETTERS.get((mail.purpose, mail.params.get("outcome", "")))
    if write is None:
        raise ValueError(f"The office writes no such letter: {mail.purpose}.")
    letter = write(mail, address)
    if any(isinstance(part, Link) for part in letter.paragraphs) != bool(address):
        raise ValueError(f"An address goes into letters that announce one, and into no other: {mail.purpose}.")
    return letter


def _approved(mail: Mail, address: str) -> Letter:
    return Letter(
        "Your registration was successful: download your soft certificate (软证书)",
        (
            _greeting(mail),
            f"The Trademark Office has approved your application {mail.application} for a soft certificate (软证书).",
            "This is your own download address:",
            Link(address),
            *_how_to_download(mail),
        ),
    )


def _reissued(mail: Mail, address: str) -> Letter:
    return Letter(
        "A new download address for your soft certificate (软证书)",
        (
            _greeting(mail),
            f"The Trademark Office gives you a new download address for application {mail.application}. Every older "
            "address is invalid from now on.",
            Link(address),
            *_how_to_download(mail),
        ),
    )


def _disapproved(mail: Mail, _: str) -> Letter:
    return Letter(
        "Disapproval of your application for a soft certificate (不予注册)",
        (
            _greeting(mail),
            f"The Trademark Office has disapproved (不予注册) your application {mail.application} for a soft "
            "certificate (软证书), for these reasons:",
            Quote(str(mail.params["reasons"])),
            "You can correct your information and apply (申请) again on the homepage of the Trademark Online Service "
            'System (商标网上服务系统), under "Register Now" (立即注册). You will get a new activation code (激活码); '
            "the old one is of no further use.",
        ),
    )


def _new_code(mail: Mail, _: str) -> Letter:
    return Letter(
        "A new activation code (激活码) was granted to you",
        (
            _greeting(mail),
            "The Trademark Office has granted you a new activation code (激活码) for your soft "
            f"certificate (软证书), application {mail.application}. Your old code is of no further use.",
            "For your safety the new one is not in this mail. Ask for it with the certificate assistant (证书助手) "
            "on the computer on which you applied, or to which your certificate is bound: it will be shown there, "
            "once. Write it down and never disclose it.",
            "If you did not ask for a new code, tell the Trademark Office at once.",
        ),
    )


def _moved(mail: Mail, _: str) -> Letter:
    return Letter(
        "Your soft certificate (软证书) was moved to another computer",
        (
            _greeting(mail),
            f"On {_time(mail, 'moved_at')} your soft certificate {mail.params['serial']} was recovered (软证书恢复) "
            "from a backup on another computer. The computer used before can no longer use it; its sessions and "
            "the older backups (软证书备份) are void.",
            _IF_NOT_YOU,
        ),
    )


def _recovered(mail: Mail, _: str) -> Letter:
    return Letter(
        "Your soft certificate (软证书) was recovered from a backup",
        (
            _greeting(mail),
            f"On {_time(mail, 'moved_at')} your soft certificate {mail.params['serial']} was recovered (软证书恢复) "
            "from a backup (软证书备份). That backup cannot be used again: make a new one.",
            _IF_NOT_YOU,
        ),
    )


def _revoked(mail: Mail, _: str) -> Letter:
    return Letter(
        "Your soft certificate (软证书) was revoked",
        (
            _greeting(mail),
            f"The Trademark Office has revoked your soft certificate {mail.params['serial']}. It can no longer be "
            "used. The reason:",
            Quote(str(mail.params["reason"])),
            'To get another one, apply (申请) again on the homepage, under "Register Now" (立即注册).',
        ),
    )


_LETTERS: dict[tuple[str, str], Callable[[Mail, str], Letter]] = {
    ("result", "approved"): _approved,
    ("result", "disapproved"): _disapproved,
    ("reissue", ""): _reissued,
    ("new-code", ""): _new_code,
    ("move", ""): _moved,
    ("recovery-notice", ""): _recovered,
    ("revocation", ""): _revoked,
}

_IF_NOT_YOU = (
    "If this was not you, tell the Trademark Office at once and ask it to revoke the certificate: somebody has your "
    "backup, its password and your activation code (激活码)."
)


def _how_to_download(mail: Mail) -> tuple[str, ...]:
    return (
        "Give this address to the certificate assistant (证书助手) on the computer on which you applied. "
        "No other computer can download the certificate. Opening the address in a browser does no harm and downloads "
        "nothing.",
        f"The address is valid until {_time(mail, 'expires')} and for one download. Once downloaded, it is invalid.",
        "The initial PIN code is 12345678: you must change it before you log in. At your first login you need the "
        "activation code (激活码) that was shown to you when you applied. The Trademark Office never asks you for it "
        "by mail.",
    )


def _greeting(mail: Mail) -> str:
    return f"Dear {mail.params['name']},"


def _time(mail: Mail, name: str) -> str:
    return datetime.fromtimestamp(int(mail.params[name]), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _plain(letter: Letter) -> str:
    return "\n\n".join(_words(part) for part in letter.paragraphs) + "\n"


def _words(part: Paragraph) -> str:
    match part:
        case Link(url):
            return url
        case Quote(words):
            return words
        case _:
            return part


def _html(letter: Letter) -> str:
    return _page().render(letter=letter, kinds=[(type(part).__name__, _words(part)) for part in letter.paragraphs])


@lru_cache(maxsize=1)
def _page() -> "Template":
    # Imported late: jinja2 would cost every command its start.
    from jinja2 import Environment, StrictUndefined

    return Environment(autoescape=True, undefined=StrictUndefined).from_string(
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        "<title>{{ letter.subject }}</title></head>\n<body>\n"
        "{% for kind, words in kinds %}"
        '{% if kind == "Link" %}<p><a href="{{ words }}" rel="noreferrer">{{ words }}</a></p>\n'
        '{% elif kind == "Quote" %}<blockquote style="white-space: pre-wrap">{{ words }}</blockquote>\n'
        "{% else %}<p>{{ words }}</p>\n{% endif %}"
        "{% endfor %}</body>\n</html>\n"
    )
