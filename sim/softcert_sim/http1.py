"""HTTP/1.1 messages as bytes (RFC 9112): what the recorder keeps, a thief captures and a replay sends again."""

from http import HTTPStatus
from urllib.parse import urlsplit

from softcert.ports import Request, Response

Headers = tuple[tuple[str, str], ...]

_BODIES = ("POST", "PUT", "PATCH")


def complete(request: Request, origin: str) -> Request:
    """The request as it goes on the line: with `host` and `content-length`, unless the sender set them."""
    names = {name for name, _ in request.headers}
    headers = request.headers
    if "host" not in names:
        headers = (("host", urlsplit(origin).netloc), *headers)
    if "content-length" not in names and (request.body or request.method in _BODIES):
        headers = (*headers, ("content-length", str(len(request.body))))
    return Request(request.method, request.target, headers, request.body)


def dump_request(request: Request) -> bytes:
    """The bytes of a request. Raises ValueError for what cannot stand in a line of a header."""
    return _dump(f"{request.method} {request.target} HTTP/1.1", request.headers, request.body)


def parse_request(data: bytes) -> Request:
    """The inverse of `dump_request`. Raises ValueError for anything that it does not write."""
    line, headers, body = _parse(data)
    method, target, version = line.split(" ")
    if version != "HTTP/1.1":
        raise ValueError("not HTTP/1.1")
    return Request(method, target, headers, body)


def dump_response(response: Response) -> bytes:
    """The bytes of a response."""
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = "Unknown"
    return _dump(f"HTTP/1.1 {response.status} {phrase}", response.headers, response.body)


def parse_response(data: bytes) -> Response:
    """The inverse of `dump_response`. Raises ValueError for anything that it does not write."""
    line, headers, body = _parse(data)
    version, status, _ = line.split(" ", 2)
    if version != "HTTP/1.1":
        raise ValueError("not HTTP/1.1")
    return Response(int(status), headers, body)


def _dump(first: str, headers: Headers, body: bytes) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    for line in lines:
        if "\r" in line or "\n" in line or "\0" in line:
            raise ValueError(f"Not a line of an HTTP header: {line!r}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _parse(data: bytes) -> tuple[str, Headers, bytes]:
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        raise ValueError("an HTTP message without the end of its header")
    first, *lines = head.decode("latin-1").split("\r\n")
    return first, tuple(_header(line) for line in lines), body


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(": ")
    if not colon:
        raise ValueError(f"Not a header: {line!r}")
    return name, value
