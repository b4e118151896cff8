"""The two transports answer alike; memory refuses to wait."""

import asyncio
import datetime
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.responses import Response as Answer
from starlette.routing import Route

from softcert.errors import MaybeDone, NotDone
from softcert.ports import Request, Response
from softcert_sim.http1 import complete, dump_request, dump_response, parse_request, parse_response
from softcert_sim.transport import Killed, LoopbackTransport, MemoryTransport, Tls

ORIGIN = "https://office.example"
Transports = type[MemoryTransport] | type[LoopbackTransport]
both = pytest.mark.parametrize("kind", [MemoryTransport, LoopbackTransport])


async def mirror(asked: Asked) -> Answer:
    body = await asked.body()
    seen = {
        "method": asked.method,
        "path": asked.scope["path"],
        "raw": asked.scope["raw_path"].decode(),
        "query": asked.url.query,
        "scheme": asked.url.scheme,
        "headers": [[name, value] for name, value in asked.headers.items()],
        "body": body.decode("latin-1"),
    }
    return JSONResponse(seen, headers={"Replay-Nonce": "abc"})


class Pieces(Answer):
    """An answer of unknown length, sent in pieces."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        for piece, more in ((b"one ", True), (b"two", True), (b"", False)):
            await send({"type": "http.response.body", "body": piece, "more_body": more})


async def pieces(asked: Asked) -> Answer:
    return Pieces()


async def nothing(asked: Asked) -> Answer:
    return Answer(status_code=204, headers={"replay-nonce": "abc"})


async def away(asked: Asked) -> Answer:
    return RedirectResponse("https://thief.example/")


async def bug(asked: Asked) -> Answer:
    raise LookupError("a fault of the office")


async def crash(asked: Asked) -> Answer:
    raise Killed


async def nap(asked: Asked) -> Answer:
    await asyncio.sleep(0.001)
    return PlainTextResponse("slept")


APP = Starlette(
    routes=[
        Route("/pieces", pieces),
        Route("/nothing", nothing),
        Route("/away", away),
        Route("/bug", bug),
        Route("/crash", crash),
        Route("/nap", nap),
        Route("/{rest:path}", mirror, methods=["GET", "HEAD", "POST", "OPTIONS"]),
    ]
)

REQUESTS = [
    Request("GET", "/directory"),
    Request("HEAD", "/nonce"),
    Request("OPTIONS", "/download/abc"),
    Request("POST", "/apply?x=1&y=%20", (("content-type", "application/jose+json"),), b'{"a": "\xff"}'),
    Request("POST", "/empty"),
    Request("GET", "/download/%61b%2Fc"),
    Request("GET", "/a/../b//c"),
    Request("GET", "/forged", (("host", "thief.example"), ("x-forwarded-host", "thief.example"))),
    Request("GET", "/pieces"),
    Request("GET", "/nothing"),
    Request("GET", "/away"),
    Request("PUT", "/apply", (), b"x"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: f"{request.method} {request.target}")
def test_both_answer_alike_header_for_header(request_: Request) -> None:
    answers = [kind({ORIGIN: APP}).send(ORIGIN, request_) for kind in (MemoryTransport, LoopbackTransport)]
    assert answers[0] == answers[1]


@both
def test_the_office_sees_the_origin_s_host_and_the_exact_target(kind: Transports) -> None:
    seen = kind({ORIGIN: APP}).send(ORIGIN, Request("POST", "/a%62?q", (), b"body"))
    assert (seen.status, seen.header("replay-nonce")) == (200, "abc")
    assert b'"raw":"/a%62"' in seen.body
    assert b'"path":"/ab"' in seen.body
    assert b'"scheme":"https","headers":[["host","office.example"],["content-length","4"]]' in seen.body


@both
def test_an_answer_to_head_has_no_body(kind: Transports) -> None:
    answer = kind({ORIGIN: APP}).send(ORIGIN, Request("HEAD", "/nonce"))
    assert answer.body == b""
    assert int(answer.header("content-length")) > 0


@both
def test_nobody_answers_at_an_unknown_or_closed_origin(kind: Transports) -> None:
    transport = kind({ORIGIN: APP})
    with pytest.raises(NotDone, match="cannot be reached"):
        transport.send("https://other.example", Request("GET", "/"))
    transport.serve(ORIGIN, None)
    with pytest.raises(NotDone, match="cannot be reached"):
        transport.send(ORIGIN, Request("GET", "/"))
    transport.serve(ORIGIN, APP)
    assert transport.send(ORIGIN, Request("GET", "/")).status == 200


@both
def test_a_fault_of_the_office_is_seen_as_what_it_is(kind: Transports) -> None:
    transport = kind({ORIGIN: APP})
    with pytest.raises(LookupError, match="a fault of the office"):
        transport.send(ORIGIN, Request("GET", "/bug"))
    assert transport.send(ORIGIN, Request("GET", "/")).status == 200


def test_a_fault_after_the_answer_belongs_to_its_own_request() -> None:
    async def late(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("x")(scope, receive, send)
        for _ in range(1000):  # long enough for the answer to be read
            await asyncio.sleep(0)
        raise LookupError("after the answer")

    transport = LoopbackTransport({ORIGIN: late})
    with pytest.raises(LookupError, match="after the answer"):
        transport.send(ORIGIN, Request("GET", "/"))


@both
def test_a_killed_server_cuts_the_line_and_is_gone(kind: Transports) -> None:
    transport = kind({ORIGIN: APP})
    with pytest.raises(MaybeDone, match="cut before the answer"):
        transport.send(ORIGIN, Request("GET", "/crash"))
    with pytest.raises(NotDone):
        transport.send(ORIGIN, Request("GET", "/"))


@both
def test_each_transport_reaches_its_own_applications(kind: Transports) -> None:
    async def say(asked: Asked) -> Answer:
        return PlainTextResponse(asked.app.state.text)

    transports = []
    for text in ("first world", "second world"):
        app = Starlette(routes=[Route("/", say)])
        app.state.text = text
        transports.append(kind({ORIGIN: app}))
    for _ in range(2):
        said = [transport.send(ORIGIN, Request("GET", "/")).body for transport in transports]
        assert said == [b"first world", b"second world"]


def test_memory_does_not_wait_for_anything_real() -> None:
    with pytest.raises(RuntimeError, match=r"waited for something real|no running event loop"):
        MemoryTransport({ORIGIN: APP}).send(ORIGIN, Request("GET", "/nap"))
    assert LoopbackTransport({ORIGIN: APP}).send(ORIGIN, Request("GET", "/nap")).body == b"slept"


def test_loopback_speaks_tls_to_the_origin_s_name_only(tmp_path: Path) -> None:
    tls = certificate_for("office.example", tmp_path)
    transport = LoopbackTransport({ORIGIN: APP, "https://other.example": APP}, tls)
    assert transport.send(ORIGIN, REQUESTS[3]) == MemoryTransport({ORIGIN: APP}).send(ORIGIN, REQUESTS[3])
    with pytest.raises(NotDone):
        transport.send("https://other.example", Request("GET", "/"))


def test_a_process_that_used_loopback_ends_quietly() -> None:
    program = (
        "from softcert.ports import Request\n"
        "from softcert_sim.transport import LoopbackTransport\n"
        "async def app(scope, receive, send):\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
        "    await send({'type': 'http.response.body', 'body': b'hello'})\n"
        "print(LoopbackTransport({'http://a.example': app}).send('http://a.example', Request('GET', '/')).body)\n"
    )
    ended = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "b'hello'\n", "")


def certificate_for(host: str, folder: Path) -> Tls:
    """A self-signed certificate for a host, in files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return Tls(str(cert_file), str(key_file), str(cert_file))


# HTTP as bytes

_text = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=9)
_token = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=9)
_headers = st.lists(st.tuples(_token, _text)).map(tuple)
_target = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20).map(lambda text: f"/{text}")


@given(st.builds(Request, _token, _target, _headers, st.binary()))
def test_a_request_survives_its_bytes(request_: Request) -> None:
    sent = complete(request_, ORIGIN)
    assert parse_request(dump_request(sent)) == sent
    assert complete(sent, ORIGIN) == sent


@given(st.builds(Response, st.integers(100, 599), _headers, st.binary()))
def test_a_response_survives_its_bytes(response: Response) -> None:
    assert parse_response(dump_response(response)) == response


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "a\0b"])
def test_no_header_smuggles_another(value: str) -> None:
    with pytest.raises(ValueError, match="Not a line"):
        dump_request(Request("GET", "/", (("a", value),)))
    with pytest.raises(ValueError, match="Not a line"):
        dump_request(Request("GET", f"/{value}"))
