"""A mail as one of its recipients got it: the bytes are the truth, everything else is read from them when asked for."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from functools import cached_property, lru_cache
from html.parser import HTMLParser
from typing import Any, cast

PURPOSE_HEADER = "X-Softcert-Purpose"
# The characters of RFC 3986, so that an address ends where Chinese text or punctuation begins.
_ADDRESS = re.compile(r"https?://[A-Za-z0-9\[][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*", re.IGNORECASE)
_SENTENCE_END = ".,;:!?'"
_BRACKETS = {")": "(", "]": "["}


@dataclass(frozen=True)
class Message:
    """One mail to one recipient. `id` counts deliveries from 1, `received_at` is in seconds since 1970, UTC.

    `sender` is the envelope's, empty for a bounce; `raw` is what came after DATA, dot-stuffing undone. A broken mail
    never raises: what cannot be read is replaced by U+FFFD or is empty.
    """

    id: int
    recipient: str
    sender: str
    received_at: int
    raw: bytes

    @cached_property
    def parsed(self) -> EmailMessage:
        """The parsed mail (RFC 5322), for whatever has no property here. A header that cannot be parsed reads empty."""
        try:
            return cast(EmailMessage, message_from_bytes(self.raw, policy=_FORGIVING))
        except RecursionError:  # parts within parts, without end
            return cast(EmailMessage, BytesHeaderParser(policy=_FORGIVING).parsebytes(self.raw))

    def header(self, name: str) -> str:
        """The first header of that name, decoded, without surrounding blanks; empty when there is none."""
        wanted = name.lower()
        return next((_decoded(found, value) for found, value in self.parsed.raw_items() if found.lower() == wanted), "")

    @cached_property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """All headers, decoded, in their order."""
        return tuple((name, _decoded(name, value)) for name, value in self.parsed.raw_items())

    @cached_property
    def subject(self) -> str:
        """The Subject header."""
        return self.header("Subject")

    @cached_property
    def purpose(self) -> str:
        """What the mail is for, as its sender says in X-Softcert-Purpose; empty when it does not."""
        return self.header(PURPOSE_HEADER)

    @cached_property
    def message_id(self) -> str:
        """The Message-ID header, angle brackets included."""
        return self.header("Message-ID")

    @cached_property
    def text(self) -> str:
        """The text/plain body with LF line ends; empty when there is none."""
        return self._body("plain")

    @cached_property
    def html(self) -> str:
        """The text/html body with LF line ends; empty when there is none."""
        return self._body("html")

    def _body(self, subtype: str) -> str:
        part = self.parsed.get_body(preferencelist=(subtype,))
        if part is None:
            return ""
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        try:
            text = data.decode(part.get_content_charset("utf-8"), "replace")
        except (LookupError, ValueError):  # an unknown or impossible charset
            text = data.decode("utf-8", "replace")
        return _clean(text).replace("\r\n", "\n")

    def addresses(self) -> tuple[str, ...]:
        """Every http and https address in the text, then in the HTML, each once, in order of appearance."""
        return _addresses_of(self.text, self.html)

    def contains(self, words: str) -> bool:
        """Whether sender, recipient, subject, text or HTML contain `words`, in any case of letters."""
        wanted = words.casefold()
        searched = (self.sender, self.recipient, self.subject, self.text, self.html)
        return any(wanted in part.casefold() for part in searched)


class _Forgiving(policy.EmailPolicy):
    """Takes a header that cannot be parsed as empty, and parses most only once, not each time that it looks."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return _known_header(name, value) if len(value) < _SHORT else _header(name, value)


def _header(name: str, value: str) -> Any:
    try:
        return policy.default.header_fetch_parse(name, value)
    except Exception:  # noqa: BLE001  the library raises almost anything on malformed input
        return policy.default.header_factory(name, "")


_SHORT = 1000
_FORGIVING = _Forgiving()
_known_header = lru_cache(maxsize=500)(_header)


def _decoded(name: str, value: str) -> str:
    return _known_text(name, value) if len(value) < _SHORT else _text(name, value)


def _text(name: str, value: str) -> str:
    try:
        text = str(policy.default.header_fetch_parse(name, value))
    except Exception:  # noqa: BLE001  as above
        text = " ".join(value.split())
    return _clean(text).strip()


_known_text = lru_cache(maxsize=500)(_text)


def addresses_in(text: str) -> list[str]:
    """Every http and https address in plain text, without the punctuation of the sentence around it."""
    return [_without_punctuation(found) for found in _ADDRESS.findall(text)]


def _without_punctuation(address: str) -> str:
    unpaired = {closing: address.count(closing) - address.count(opening) for closing, opening in _BRACKETS.items()}
    end = len(address)
    while address[end - 1] in _SENTENCE_END or unpaired.get(address[end - 1], 0) > 0:
        end -= 1
        if address[end] in unpaired:
            unpaired[address[end]] -= 1
    return address[:end]


@lru_cache(maxsize=500)
def _addresses_of(text: str, html: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*addresses_in(text), *_addresses_in_html(html))))


def _addresses_in_html(html: str) -> list[str]:
    if not html:
        return []
    reader = _AddressReader()
    reader.feed(html)
    reader.close()
    return reader.found


class _AddressReader(HTMLParser):
    """Collects addresses from attributes (whole values) and from text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None or name.startswith("xmlns"):
                continue
            whole = value.strip()
            self.found.extend([whole] if _ADDRESS.fullmatch(whole) else addresses_in(whole))

    def handle_data(self, data: str) -> None:
        self.found.extend(addresses_in(data))


def _clean(text: str) -> str:
    """Text that can be written as UTF-8: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
