"""Mails as bytes: headers and bodies that nobody's text can break out of.

Bodies are quoted-printable of our own making: no line in it is a lone dot, begins with one, or begins with `From `, and
CR, LF and NUL from somebody's text leave as text. So a reason typed by an examiner cannot end a mail or begin another.
Headers are checked to be one line of printable ASCII each. The standard library's objects would write the same in ten
times the time.
"""

import re
from collections.abc import Mapping
from email.header import Header
from functools import lru_cache

_MAILBOX = re.compile(r"[!-~]+@[A-Za-z0-9.-]+", re.ASCII)
_SPECIAL = re.compile(r'[\\",:;<>()\[\]]')
_PRINTABLE = re.compile(r"[ -~]+", re.ASCII)
_LINE = 73
"""Longest encoded line without its soft break; RFC 2045 §6.7 allows 76 with it, an escape takes two more."""
_ENCODED = [chr(byte) if byte == 9 or (32 <= byte <= 126 and byte != 61) else f"={byte:02X}" for byte in range(256)]
"""Each byte in quoted-printable; 9 is the tab, 61 the equals sign."""


def compose(headers: Mapping[str, str], *, plain: str, html: str, boundary: str) -> bytes:
    """A mail in two forms, lines ended by CR LF. Raises ValueError for a header that is not one plain line.

    `boundary` (hexadecimal) parts the forms; it is prefixed with what stands in no quoted-printable text.
    """
    line = f"=_{boundary}"
    all_headers = {**headers, "MIME-Version": "1.0", "Content-Type": f'multipart/alternative; boundary="{line}"'}
    head = "".join(f"{name}: {_header(name, value)}\r\n" for name, value in all_headers.items())
    body = "".join(f"--{line}\r\n{part}\r\n" for part in (_part("plain", plain), _part("html", html)))
    return f"{head}\r\n{body}--{line}--\r\n".encode("ascii")


def plain_mailbox(text: str) -> str:
    """One plain mailbox, as it came; nothing that a header could take for two, for a name, or for another header.

    Raises ValueError for anything else.
    """
    if not _MAILBOX.fullmatch(text) or text.count("@") != 1 or _SPECIAL.search(text):
        raise ValueError("A mail goes to exactly one plain mailbox.")
    return text


@lru_cache(maxsize=256)
def _header(name: str, value: str) -> str:
    """A header's value; only a subject may hold more than printable ASCII, and becomes encoded words (RFC 2047)."""
    if _PRINTABLE.fullmatch(value):
        return value
    if name != "Subject" or not value.isprintable():
        raise ValueError(f"A newline, or what is not ASCII, cannot stand in {name}.")
    return Header(value, "utf-8", header_name=name).encode(linesep="\r\n")


def _part(subtype: str, text: str) -> str:
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        f"{quoted_printable(text)}"
    )


def quoted_printable(text: str) -> str:
    """RFC 2045 §6.7, lines ended by CR LF.

    CR LF and LF are line ends; any other control character, a lone CR included, is kept as text.
    """
    return "\r\n".join(_encoded(line) for line in text.replace("\r\n", "\n").split("\n"))


def _encoded(line: str) -> str:
    """One line of text as one or more lines of quoted-printable."""
    rest = "".join([_ENCODED[byte] for byte in line.encode()])
    if rest.endswith((" ", "\t")):
        rest = f"{rest[:-1]}={ord(rest[-1]):02X}"
    rows: list[str] = []
    while len(rest) > _LINE:
        # Never between an equals sign and its two digits.
        escape = rest.find("=", _LINE - 2, _LINE)
        cut = _LINE if escape < 0 else escape
        rows.append(_guarded(rest[:cut]))
        rest = rest[cut:]
    return "=\r\n".join([*rows, _guarded(rest)])


def _guarded(row: str) -> str:
    """Neither a dot nor `From ` begins a line: some servers would take it for theirs."""
    if row.startswith((".", "From ")):
        return f"={ord(row[0]):02X}{row[1:]}"
    return row
