"""The public listener: ASGI, Starlette's routes, nothing else of it that would need a thread."""

from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from softcert.errors import Refused, Rejected
from softcert.protocol import DIRECTORY, JOSE, Json, from_bytes
from softcert.rules.checks import CONFIRM
from softcert.rules.facts import ConfirmFacts
from softcert_ca import pages, pki, publication, signed_acts
from softcert_ca.case import STRANGER, Case
from softcert_ca.download import PATH, burn_on_visit
from softcert_ca.edge import (
    EXCEPTION_HANDLERS,
    Endpoint,
    Guarded,
    answer_json,
    body_of,
    require_type,
    target_of,
)
from softcert_ca.records import certificates
from softcert_ca.services import Services
from softcert_ca.tokens import Nonces


def build(services: Services) -> Starlette:
    """The app. Signed acts are listed in `signed_acts.ACTS`."""
    unsigned: list[tuple[str, str, Endpoint]] = [
        ("/", "GET", partial(_homepage, services)),
        ("/directory", "GET", partial(_directory, services)),
        (DIRECTORY["newNonce"], "GET", partial(_nonce, services)),
        (DIRECTORY["driver"], "GET", partial(_driver, services)),
        (DIRECTORY["notice"], "GET", partial(_notice, services)),
        (DIRECTORY["crl"], "GET", partial(_crl, services)),
        (DIRECTORY["chain"], "GET", partial(_chain, services)),
        (DIRECTORY["ocsp"], "POST", partial(_ocsp, services)),
    ]
    routes = [_signed_route(services, name, DIRECTORY[name]) for name in signed_acts.ACTS if name != "download"]
    routes.append(_signed_route(services, "download", PATH + "{token:path}"))
    routes.append(Route(PATH + "{token:path}", Guarded(partial(_landing, services)), methods=["GET", "OPTIONS"]))
    routes += [Route(path, Guarded(endpoint), methods=[method]) for path, method, endpoint in unsigned]
    # The first POST of a computer brings the nonce for the second (RFC 8555 §6.5).
    confirm = Guarded(partial(_confirm, services), partial(_fresh_nonce, services))
    routes.append(Route(DIRECTORY["confirm"], confirm, methods=["POST"]))
    app = Starlette(routes=routes, exception_handlers=EXCEPTION_HANDLERS)
    app.router.redirect_slashes = False
    return app


def _signed_route(services: Services, name: str, path: str) -> Route:
    """POST of a signed act; every answer, a problem too, carries a fresh nonce."""

    async def endpoint(request: Request) -> Response:
        body = await body_of(request)
        require_type(request, JOSE)
        status, answer = signed_acts.perform(services, name, target_of(request), body)
        return answer_json(answer, status)

    return Route(path, Guarded(endpoint, partial(_fresh_nonce, services)), methods=["POST"])


def _fresh_nonce(services: Services) -> dict[str, str]:
    with services.store.read() as connection:
        now = services.now(connection)
    nonce = Nonces(services.keys.nonce_key).issue(now, services.entropy)
    return {"replay-nonce": nonce}


async def _directory(services: Services, request: Request) -> Response:
    return answer_json({name: services.origin + path for name, path in DIRECTORY.items()})


async def _nonce(services: Services, request: Request) -> Response:
    status = 200 if request.method == "HEAD" else 204
    return Response(status_code=status, headers={"cache-control": "no-store", **_fresh_nonce(services)})


async def _homepage(services: Services, request: Request) -> Response:
    with services.store.read() as connection:
        notices = publication.notices(connection)
    return _page(request, pages.homepage(services.origin, notices))


async def _landing(services: Services, request: Request) -> Response:
    """What a browser or a scanner sees at a download address: the same page whatever the address is."""
    if request.method == "GET" and services.policy.link_visit == "burns":
        with services.store.begin() as connection:
            case = Case(services, connection, services.advance(connection), "visit", STRANGER)
            burn_on_visit(case, target_of(request).removeprefix(PATH))
            case.write_down()
    return _page(request, pages.landing(services.policy.link_visit))


def _page(request: Request, html: str) -> Response:
    return Response(b"" if request.method == "HEAD" else html.encode(), headers=pages.PAGE_HEADERS)


async def _confirm(services: Services, request: Request) -> Response:
    """The homepage's question, before anything else (clauses c03, c04)."""
    said = from_bytes(await body_of(request)).get("use_this_computer")
    if not isinstance(said, bool):
        raise Rejected("malformed", "Answer the question with use_this_computer: true or false.")
    refusal: Refused | None = None
    with services.store.begin() as connection:
        case = Case(services, connection, services.advance(connection), "confirm", STRANGER)
        verdict = case.decide(CONFIRM, ConfirmFacts(use_this_computer=said))
        try:
            case.obey(verdict)
        except Refused as error:
            refusal = error
        case.write_down()
    case.tell()
    if refusal is not None:
        raise refusal
    ticket = Nonces(services.keys.nonce_key).issue_ticket(case.now, services.entropy)
    return answer_json({"ticket": ticket})


async def _driver(services: Services, request: Request) -> Response:
    with services.store.read() as connection:
        return answer_json(publication.driver(services, connection))


async def _notice(services: Services, request: Request) -> Response:
    with services.store.read() as connection:
        body: Json = {"notices": publication.notices(connection)}
    return answer_json(body)


async def _crl(services: Services, request: Request) -> Response:
    with services.store.read() as connection:
        revoked = [publication.revoked(row) for row in certificates.revoked_certificates(connection)]
        now = services.now(connection)
    # Later lists have higher numbers, and so do longer ones of the same second.
    der = pki.crl(services.keys, revoked, now << 20 | len(revoked), now)
    return _document(der, "application/pkix-crl")


async def _chain(services: Services, request: Request) -> Response:
    return _document(pki.chain_pem(services.keys), "application/pem-certificate-chain")


async def _ocsp(services: Services, request: Request) -> Response:
    body = await body_of(request)
    with services.store.read() as connection:
        lookup = partial(publication.standing, connection)
        der = pki.ocsp_answer(services.keys, body, lookup, services.now(connection))
    return _document(der, "application/ocsp-response")


def _document(content: bytes, media_type: str) -> Response:
    return Response(content, headers={"content-type": media_type, "cache-control": "no-store"})
