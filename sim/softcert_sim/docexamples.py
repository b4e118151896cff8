"""Examples for the documentation: messages of a small story (`docstory`), taken from the wire and opened.

Runs of 40 base64url characters and more are cut to their first ten. Signatures are left out, and two digests are named
instead of shown: that of the PKCS#12 file, which its library salts by itself, and that of the driver's package, which
changes with each line of the driver. So what stands here changes with the protocol, and with little else.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

from starlette.applications import Starlette
from starlette.routing import Route

from softcert.protocol import DIRECTORY, decode, sha256
from softcert_ca import release, signed_acts
from softcert_mailbox.message import Message
from softcert_sim import trace
from softcert_sim.docstory import Files, story
from softcert_sim.doctables import table
from softcert_sim.http1 import parse_request, parse_response
from softcert_sim.wire import Exchange

_LONG = re.compile(r"[A-Za-z0-9_-]{40,}")
_KEPT = 10
_WIDTH = 110
_LONGEST_TEXT = 160
_ALIKE = ("jwk", "hardware")
_JWS = {"payload", "protected", "signature"}
_SHOWN_HEADERS = ("content-type", "replay-nonce", "allow")


def addresses() -> str:
    """Every address of the public listener, read off its routes."""
    named = {path: name for name, path in DIRECTORY.items()}
    acts = {DIRECTORY[name]: act for name, (act, _) in signed_acts.ACTS.items() if name in DIRECTORY}
    rows = [
        (f"`{path}`", " ".join(sorted(methods)), f"`{named[path]}`" if path in named else "", _kind(path, methods, acts))
        for path, methods in _routes(story().world.office.app)
    ]
    return table(("path", "methods", "name in the directory", "what it is"), rows)


def _kind(path: str, methods: set[str], acts: dict[str, str]) -> str:
    if path.startswith("/download") and "POST" in methods:
        return "signed act `download`"
    return f"signed act `{acts[path]}`" if path in acts else "unsigned"


def _routes(app: object) -> Iterator[tuple[str, set[str]]]:
    assert isinstance(app, Starlette)
    for route in app.routes:
        assert isinstance(route, Route)
        yield route.path.replace("{token:path}", "{token}"), set(route.methods or ())


def desk() -> str:
    """Every address of the examiner's desk."""
    rows = ((f"`{path}`", " ".join(sorted(methods))) for path, methods in _routes(story().world.office.desk))
    return table(("path", "methods"), rows)


# --- Messages ---------------------------------------------------------------------------------------------------------


def unsigned() -> str:
    """Unsigned requests and their answers."""
    shown = {
        "The directory": ("/directory", "GET", "/directory"),
        "A nonce": ("recover", "HEAD", DIRECTORY["newNonce"]),
        "The homepage's question": ("confirm", "POST", DIRECTORY["confirm"]),
        "A driver release": ("install", "GET", DIRECTORY["driver"]),
        "The notices": ("read-notice", "GET", DIRECTORY["notice"]),
        "A visit to a download address": ("open", "GET", "/download/"),
    }
    return "\n\n".join(f"#### {title}\n\n{_told(*where)}" for title, where in shown.items())


def signed() -> str:
    """One example of each signed act."""
    parts: list[str] = []
    for name in dict.fromkeys(("apply", "download", *signed_acts.ACTS)):
        act = signed_acts.ACTS[name][0]
        within = "apply" if act == "acknowledge" else act
        parts.append(f"#### {act}\n\n{_told(within, 'POST', DIRECTORY.get(name, '/download/'))}")
    return "\n\n".join(parts)


def problems() -> str:
    """Problem documents of each kind."""
    shown = {
        "A rule refused": ("download-again", "/download/"),
        "Fields of the form": ("bad-form", DIRECTORY["apply"]),
        "A nonce used before": ("replay", DIRECTORY["login"]),
        "No signed message": ("unsigned", DIRECTORY["login"]),
        "The old computer after a move": ("retired", DIRECTORY["login"]),
    }
    return "\n\n".join(f"#### {title}\n\n{_answer(_find(act, 'POST', path))}" for title, (act, path) in shown.items())


def _find(act: str, method: str, path: str) -> Exchange:
    """The exchange of an act with that method, on a path that begins so; the first that was answered well, if any."""
    found = [one for one in story().acts[act] if one.method == method and one.target.startswith(path)]
    return next((one for one in found if one.status < 400), found[0])


def _told(act: str, method: str, path: str) -> str:
    exchange = _find(act, method, path)
    return f"{_request(exchange, brief=act != 'apply' or 'apply' not in path)}\n\n{_answer(exchange)}"


def _request(exchange: Exchange, *, brief: bool) -> str:
    """A request; a `brief` one without what is the same in each of them."""
    request = parse_request(exchange.request)
    head = f"{request.method} {_cut(request.target)} HTTP/1.1"
    return _block(head, request.headers, request.body, _ALIKE if brief else ())


def _answer(exchange: Exchange) -> str:
    assert exchange.response is not None
    response = parse_response(exchange.response)
    return _block(f"HTTP/1.1 {response.status}", response.headers, response.body)


def _block(head: str, headers: tuple[tuple[str, str], ...], body: bytes, left_out: tuple[str, ...] = ()) -> str:
    kept = [f"{name}: {_cut(value)}" for name, value in headers if name in _SHOWN_HEADERS]
    kinds = dict(headers).get("content-type", "")
    shown = [] if not body else ["", pretty(json.loads(body), left_out)] if "json" in kinds else ["", "(a page)"]
    return "\n".join(["```text", head, *kept, *shown, "```"])


def pretty(value: Any, left_out: tuple[str, ...] = ()) -> str:
    """JSON with signed messages opened and long runs cut; what fits stays on one line."""
    return _json(_opened(value, left_out), 0)


def _opened(value: Any, left_out: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, list):
        return [_opened(item, left_out) for item in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    record = cast(dict[str, Any], value)
    if set(record) == _JWS:
        parts = {name: _opened(json.loads(decode(record[name])), left_out) for name in ("protected", "payload")}
        return {**parts, "signature": "…"}
    return {name: "…" if name in left_out else _opened(item, left_out) for name, item in record.items()}


def _json(value: Any, indent: int) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= _WIDTH or not isinstance(value, dict | list):
        return flat
    inside, brackets = " " * (indent + 2), "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, dict):
        items = cast(dict[str, Any], value).items()
        lines = [f"{inside}{json.dumps(name)}: {_json(item, indent + 2)}" for name, item in items]
    else:
        lines = [f"{inside}{_json(item, indent + 2)}" for item in cast(list[Any], value)]
    return f"{brackets[0]}\n" + ",\n".join(lines) + f"\n{' ' * indent}{brackets[1]}"


def _cut(text: str) -> str:
    """Long runs and long texts cut, values that never repeat named."""
    for volatile, name in _volatile().items():
        text = text.replace(volatile, name)
    text = _LONG.sub(lambda run: run[0][:_KEPT] + "…", text)
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"


def _volatile() -> dict[str, str]:
    salted = dict.fromkeys((value for value, _ in trace.salted(story().world)), "‹SHA-256 of backup.p12›")
    return {**salted, sha256(release.package("1.0.0")): "‹SHA-256 of the package›"}


# --- Mails and files --------------------------------------------------------------------------------------------------


def mail() -> str:
    """The result mail, and a line for each kind of mail."""
    messages = story().world.inbox.messages()
    first = messages[0]
    heads = [f"{name}: {_cut(value)}" for name, value in first.headers if name != "Content-Type"]
    whole = "\n".join(["```text", *heads, "", _cut_lines(first.text), "```"])
    kinds = {(message.purpose, message.subject): _about(message) for message in messages}
    rows = ((f"`{purpose}`", subject, about) for (purpose, subject), about in kinds.items())
    return whole + "\n\n" + table(("purpose", "subject", "holds an address"), rows)


def _about(message: Message) -> str:
    return "yes" if any("/download/" in address for address in message.addresses()) else "no"


def _cut_lines(text: str) -> str:
    return "\n".join(_LONG.sub(lambda run: run[0][:_KEPT] + "…", line) for line in text.rstrip().split("\n"))


def backup_files() -> str:
    """The files of a backup, and its manifest."""
    files = story().files["drive"]
    manifest = next(data for path, data in files.items() if path.endswith("manifest.json"))
    return f"```text\n{_listing(files)}\n```\n\n```json\n{pretty(json.loads(manifest))}\n```"


def keystore() -> str:
    """A key store's file."""
    files = story().files["disk"]
    data = next(data for path, data in files.items() if path.endswith("keystore.json"))
    return f"```json\n{pretty(json.loads(data))}\n```"


def disk() -> str:
    """Every file of the applicant's computer, after a backup."""
    return f"```text\n{_listing(story().files['disk'])}\n```"


def _listing(files: Files) -> str:
    return "\n".join(sorted(files))

