"""A mail scanner: opens every address in a mail and submits every form it finds there, as such products do.

It signs nothing and knows nothing of what it visits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Literal
from urllib.parse import urlencode, urljoin, urlsplit

from softcert_mailbox.message import Message

Send = Callable[[str, str, Mapping[str, str], bytes], tuple[int, bytes]]
"""`send(method, url, headers, body)` gives status and body of the answer."""

Via = Literal["address", "form"]
_BROWSER = {"user-agent": "mail-scanner", "accept": "text/html"}
_FORM = {**_BROWSER, "content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of the scanner, and what it got."""

    method: str
    url: str
    via: Via
    status: int
    body: bytes


@dataclass(slots=True)
class Form:
    """A form of an HTML page, filled in as the page suggests. `action` is absolute, `method` in upper case."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def scan(message: Message, send: Send) -> list[Visit]:
    """Visit every address in the mail. What `send` raises is not caught."""
    return [visit for address in message.addresses() for visit in scan_address(address, send)]


def scan_address(address: str, send: Send) -> list[Visit]:
    """GET, HEAD and OPTIONS, then submit the forms of the page; a page without one gets an empty POST to itself."""
    visits = [_visit(method, address, "address", send) for method in ("GET", "HEAD", "OPTIONS")]
    forms = forms_in(visits[0].body, address) or [Form(address, "POST")]
    return visits + [_submit(form, send) for form in forms]


def forms_in(page: bytes, address: str) -> list[Form]:
    """The forms of a page at that address which lead to an http or https address."""
    reader = _FormReader(address)
    reader.feed(page.decode("utf-8", "replace"))
    reader.close()
    return [form for form in reader.forms if urlsplit(form.action).scheme in ("http", "https")]


def _visit(
    method: str, url: str, via: Via, send: Send, headers: Mapping[str, str] = _BROWSER, body: bytes = b""
) -> Visit:
    status, answer = send(method, url, headers, body)
    return Visit(method, url, via, status, answer)


def _submit(form: Form, send: Send) -> Visit:
    filled = urlencode(form.fields)
    if form.method == "GET":
        return _visit("GET", urlsplit(form.action)._replace(query=filled).geturl(), "form", send)
    return _visit("POST", form.action, "form", send, _FORM, filled.encode("ascii"))


class _FormReader(HTMLParser):
    """Collects forms with their fields: defaults as given, every box ticked, every button pressed."""

    _NOT_SENT = frozenset({"reset", "file", "image"})

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._address = address
        self._form: Form | None = None
        self._select: str | None = None
        self._options: list[str] = []
        self._textarea: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "base" and given.get("href"):
            self._address = _joined(self._address, given["href"])
        elif tag == "form":
            self._open_form(given)
        elif tag in ("input", "button") and given.get("type", "").lower() not in self._NOT_SENT:
            ticked = "on" if given.get("type", "").lower() in ("checkbox", "radio") else ""
            self._add(given.get("name"), given.get("value", ticked))
        elif tag == "select":
            self._select, self._options = given.get("name"), []
        elif tag == "option":
            self._option(given)
        elif tag == "textarea":
            self._textarea, self._text = given.get("name"), ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._add(self._select, self._options[0] if self._options else None)
            self._select = None
        elif tag == "textarea":
            self._add(self._textarea, self._text)
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text += data

    def _open_form(self, given: Mapping[str, str]) -> None:
        method = "POST" if given.get("method", "").upper() == "POST" else "GET"
        self._form = Form(_joined(self._address, given.get("action", "")), method)
        self.forms.append(self._form)

    def _option(self, given: Mapping[str, str]) -> None:
        if "selected" in given:
            self._options.insert(0, given.get("value", ""))
        else:
            self._options.append(given.get("value", ""))

    def _add(self, name: str | None, value: str | None) -> None:
        if self._form is not None and name and value is not None:
            self._form.fields.append((name, value))


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address.strip())
    except ValueError:  # not an address at all
        return ""
