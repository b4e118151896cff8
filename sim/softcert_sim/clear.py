"""Where secrets stand in clear: in all that is kept anywhere, and in the messages of the latest step.

Everything is looked through for every secret once only: most of what there is was there after the step before, and most
secrets were known.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from typing import Literal, NamedTuple

from softcert.rules.catalogue import INITIAL_PIN
from softcert_ca.keys import OfficeKeys
from softcert_sim import opened
from softcert_sim.heard import HEARD
from softcert_sim.knowing import SHORTEST_SECRET, ever_chosen
from softcert_sim.people import SECRETS, Topic
from softcert_sim.world import World

CODE_SENT = ("/activate", "/recover")
"""Where a request may carry the activation code: inside TLS, to the office that made it."""
CODE_SHOWN = ("/apply", "/new-code")
"""Where an answer may carry it: at its one showing."""
ELEMENT_FILE = "softcert/element.json"
"""A software element's own file; that its device key stands there in clear is a stated limit."""
KEY = "a private key"
"""What is found where any private key stands."""
REMEMBERED = 65536
"""Of how many pieces a search remembers that nothing stood there."""
_VOID = re.compile(rb"\0\0{63,}")
"""A long run of zeros, of which databases are full: to search them takes most of the time. `_page` leaves as many of one
as a key may begin or end with."""
_IN_PKCS8 = bytes.fromhex("06082a8648ce3d030107046d306b0201010420")


class Piece(NamedTuple):
    """Bytes that stand somewhere. `path` is that of a message's request, `way` its direction; both empty otherwise."""

    place: str
    data: bytes
    path: str = ""
    way: Literal["", "request", "answer"] = ""


class Search:
    """Looks for `name` wherever one of its looks stands, after `before` has looked for everything else. It remembers
    where nothing stood, so that asking again costs little."""

    def __init__(self, name: str, looks: Iterable[bytes], before: "Search | None" = None) -> None:
        self._name, self._looks, self._before = name, tuple(looks), before
        self._clean: set[bytes] = set()

    def found(self, data: Set[bytes]) -> dict[bytes, tuple[str, ...]]:
        """What stands in each in which something stands."""
        new = data - self._clean
        if not new:
            return {}
        found = self._before.found(new) if self._before else {}
        together = b"\0".join(new)  # nearly always nothing stands anywhere, and one long search costs less than many short
        hits = {one for look in self._looks if look in together for one in new if look in one}
        found.update((one, (*found.get(one, ()), self._name)) for one in hits)
        if len(self._clean) > REMEMBERED:
            self._clean.clear()
        self._clean |= new - found.keys()
        return found


def looks_of(secret: str) -> Iterator[bytes]:
    """How a text looks in clear. A code is also looked for without its hyphen and in small letters, as people type it."""
    bare = secret.replace("-", "")
    for spelling in (secret, bare, secret.lower(), bare.lower()) if secret.isupper() else (secret,):
        yield from _looks_of(spelling.encode())


def _looks_of(raw: bytes) -> Iterator[bytes]:
    """As it is, in hexadecimal, and inside base64 at each of three offsets."""
    yield raw
    yield raw.hex().encode()
    for offset in range(3):
        text = base64.urlsafe_b64encode(b"\0" * offset + raw).rstrip(b"=")
        # Symbols that a neighbouring byte would change are cut off at both ends.
        yield text[(offset * 8 + 5) // 6 : len(text) - ((len(raw) + offset) % 3 != 0)]


_MARKS = (
    b"BEGIN PRIVATE KEY-----", b"BEGIN EC PRIVATE KEY-----",
    _IN_PKCS8[-5:], b"MHcCAQEEI", *list(_looks_of(_IN_PKCS8))[2:],
)  # fmt: skip
"""How anybody's unprotected P-256 key looks, in PEM and in DER (RFC 5915, as it is and inside of PKCS#8): an
ECPrivateKey has version 1 and 32 bytes. The same in base64."""


@lru_cache(maxsize=1024)
def _keys(office: OfficeKeys, scalars: tuple[bytes, ...]) -> Search:
    """A search for the office's keys, for those that were made in a world, and for whatever has a key's form."""
    if scalars:
        return Search(KEY, _looks_of(scalars[-1]), _keys(office, scalars[:-1]))
    keys = (office.root_key, office.issuing_key, office.release_key, office.office_key)
    own = [key.private_numbers().private_value.to_bytes(32, "big") for key in keys]
    own += [office.ocsp_key.private_bytes_raw(), office.token_key, office.nonce_key, office.code_key]
    return Search(KEY, (*_MARKS, *(look for secret in own for look in _looks_of(secret))))


@lru_cache(maxsize=1024)
def _secrets(secrets: tuple[str, ...]) -> Search | None:
    """A search for what people chose or got, the latest last."""
    return Search(secrets[-1], looks_of(secrets[-1]), _secrets(secrets[:-1])) if secrets else None


def chosen(world: World, topic: Topic) -> list[tuple[str, str]]:
    """Every secret of a kind that anybody chose or got and that can be looked for, with its owner: what is shorter stands
    in other things by chance."""
    return [(value, about) for value, about in ever_chosen(world, topic) if len(value) >= SHORTEST_SECRET]


def shown(world: World) -> list[tuple[str, Piece]]:
    """Every secret that stands somewhere, or `KEY`, with the piece that shows it; looked for once after each step."""
    if world.shown[0] is not world.trace:
        secrets = dict.fromkeys(value for topic in SECRETS for value, _ in chosen(world, topic) if value != INITIAL_PIN)
        searches = [it for it in (_keys(world.keys, world.scalars), _secrets(tuple(secrets))) if it]
        pieces = [*_kept(world), *_said(world, every_message=False)]
        founds = [search.found({piece.data for piece in pieces}) for search in searches]
        world.shown = (world.trace, [
            (name, piece) for found in founds if found for piece in pieces for name in found.get(piece.data, ())
        ])  # fmt: skip
    return world.shown[1]


def places_of(world: World, secret: str, *, requests: bool = False) -> Iterator[str]:
    """Where what somebody chose stands in clear and must not. `requests`: nor in any request."""
    return (piece.place for name, piece in shown(world) if name == secret and not _may_show(piece, requests=requests))


def _may_show(piece: Piece, *, requests: bool) -> bool:
    """Whether an activation code may stand there."""
    if piece.way == "answer":
        return piece.path in CODE_SHOWN
    return piece.way == "request" and piece.path in CODE_SENT and not requests


def bare_keys(world: World) -> Iterator[str]:
    """Places with a private key, or a secret key of the office, that no seal and no password protects: every key that
    was made in this world, and whatever has the form of a private key."""
    return (piece.place for name, piece in shown(world) if name == KEY and not piece.place.startswith(ELEMENT_FILE))


def values_of(world: World, what: Topic, of: str) -> set[str]:
    """What a person's secrets of a kind look like: of an address its last part."""
    if what != "address":
        return {value for value, about in chosen(world, what) if about == of}
    known = (value for mind in world.people.minds.values() for value in mind.get((what, of), ()))
    return {address.rpartition("/")[2] for address in known}


def where_in_clear(world: World, what: Topic, of: str) -> Iterator[str]:
    """Where a person's secret stands in clear that must not, in every message so far too; an address stands in its own
    mail, and in requests to it."""
    search = _secrets(tuple(sorted(values_of(world, what, of))))
    pieces = [*_kept(world), *_said(world, every_message=True)]
    found = search.found({piece.data for piece in pieces}) if search else {}
    for piece in pieces:
        if what == "address":
            allowed = piece.place.startswith(("a mail", "a request to /download"))
        else:
            allowed = _may_show(piece, requests=what != "activation-code")
        if piece.data in found and not allowed:
            yield piece.place


def _said(world: World, *, every_message: bool) -> Iterator[Piece]:
    """Messages with their signed payloads laid open: those of the latest step (of the first also what came before it),
    or every one.
    """
    marks = world.trace.marks
    begin = 0 if every_message or len(marks) < 2 else marks[-1].exchanges[0]
    for exchange in world.recorder.exchanges[begin:]:
        path = exchange.target.partition("?")[0]
        yield Piece(f"the answer to {exchange.method} {path}", exchange.response or b"", path, "answer")
        for data in (exchange.request, *opened.signed_parts(exchange.request)):
            yield Piece(f"a request to {path}", data, path, "request")


@lru_cache(maxsize=4096)
def _page(page: bytes) -> Piece:
    return Piece("the office's database", _VOID.sub(bytes(32), page))


def _kept(world: World) -> Iterator[Piece]:
    """All that is kept anywhere."""
    yield from map(_page, world.records.pages())
    for mail in world.inbox.messages():
        yield Piece(f"a mail to {mail.recipient}", mail.raw)
        yield Piece(f"a mail to {mail.recipient}", mail.text.encode())
    for name, disk in world.volumes():
        yield from (Piece(f"{path} on {name}", data) for path, data in disk.files().items())
    yield from (Piece("the log", line.encode()) for line in HEARD.lines)
