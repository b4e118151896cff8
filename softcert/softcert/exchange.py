"""One request and its answer: how every message of the driver is built, sent and read.

A signed request is a flattened JWS by the device key; where the certificate key is needed too, its inner JWS stands
inside (RFC 8555 §7.3.5). Each answer to a POST brings the next nonce, so the driver asks for one only at first and after a
pause; a `badNonce` is answered once, with the fresh nonce that came with it.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import cast

from softcert.element import DEVICE
from softcert.errors import MaybeDone, NotDone, Refused, Rejected
from softcert.ports import Computer, Request, Response
from softcert.protocol import (
    ACME,
    DIRECTORY,
    JOSE,
    REFUSED,
    Json,
    Jwk,
    Signer,
    Thumbprint,
    encode,
    from_bytes,
    sign,
    thumbprint,
    to_bytes,
)
from softcert.release import Installed, installed
from softcert.texts import NO_ANSWER, NOT_BELIEVED

NONCE_KEPT = 1800
"""Seconds for which a nonce is held; the office takes it for an hour, and an older one would cost a request."""


@dataclass(frozen=True, slots=True)
class NoticeRead:
    """How a notice was read: the digest of its text, where it was opened, whether to the end, whether accepted."""

    digest: str
    opened_from: str
    to_the_end: bool
    accepted: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A session at the office. `slot` is the key store it was opened with, `expires` seconds since 1970, UTC."""

    id: str
    slot: str
    certificate_state: str
    expires: int


@dataclass(frozen=True, slots=True)
class Memory:
    """All that the driver keeps besides the disk; a restart of the computer loses it. A value: keep the reference.

    `arrived` has the ids of requests whose answers are stored: what is asked once more is a new request.
    """

    nonce: str = ""
    nonce_at: int = 0
    ticket: str = ""
    notice: NoticeRead | None = None
    session: Session | None = None
    arrived: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Inner:
    """What the certificate key signs. `serial` is that of the certificate, empty before there is one."""

    signer: Signer = field(repr=False)
    serial: str
    content: Json


class Exchange:
    """The driver's end of the line. `memory` is replaced, never changed in place."""

    def __init__(self, computer: Computer) -> None:
        self.computer = computer
        self.memory = Memory()
        self._sent = False
        self._installed: Installed | None = None

    def device(self) -> Jwk:
        """The public key that names this computer; made at its first use."""
        jwk = self.computer.element.public_key(DEVICE)
        if jwk is None:
            self.computer.element.create_key(DEVICE)
            jwk = self.computer.element.public_key(DEVICE)
        assert jwk is not None
        return jwk

    def device_name(self) -> Thumbprint:
        """The thumbprint of the device key."""
        return thumbprint(self.device())

    def installed(self) -> Installed:
        """The driver on the disk, verified once in an act. Raises OSError."""
        return self._installed or installed(self.computer.disk, self.computer.trust)

    def get(self, target: str) -> Response:
        """An unsigned GET. Raises Refused, Rejected, NotDone."""
        return self._harmless(Request("GET", target))

    def post(self, target: str, value: Json) -> Json:
        """An unsigned POST of JSON. Raises as `get`."""
        request = Request("POST", target, (("content-type", "application/json"),), to_bytes(value))
        return from_bytes(self._harmless(request).body)

    def _harmless(self, request: Request) -> Response:
        """Send what changes nothing at the office: whatever fails, nothing happened."""
        try:
            return self._checked(self.computer.wire.send(request))
        except MaybeDone as error:
            raise NotDone(error.text) from error

    def signed(
        self,
        act: str,
        target: str,
        content: Json,
        *,
        request_id: str = "",
        inner: Inner | None = None,
        about_to_send: Callable[[Json], None] | None = None,
    ) -> Json:
        """Sign and send one request; the answer's JSON. `about_to_send` sees the payload first.

        Raises Refused, Rejected, NotDone, MaybeDone; OSError and Damaged from disk and element.
        """
        request_id = request_id or encode(self.computer.entropy.bytes(16))
        for last in (False, True):
            payload = self.payload(act, target, content, self._nonce(), request_id, inner)
            if about_to_send:
                about_to_send(payload)
            request = self.envelope(target, payload, self.memory.nonce)
            try:
                return answer_of(self._checked(self._send_once(request)))
            except Rejected as rejected:
                if last or rejected.name != "badNonce":
                    raise
        raise AssertionError("unreachable")

    def payload(
        self, act: str, target: str, content: Json, nonce: str, request_id: str, inner: Inner | None = None
    ) -> Json:
        """What a signed request says; the inner message is signed here, for this nonce and address only."""
        payload: Json = {
            **content,
            "act": act,
            "request_id": request_id,
            "driver": self.installed().version,
            "hardware": asdict(self.computer.hardware),
        }
        if inner is not None:
            url = self.computer.wire.origin + target
            meant = {"type": act, "url": url, "device": self.device_name(), "nonce": nonce, "content": inner.content}
            payload["inner"] = sign({"url": url, "serial": inner.serial}, to_bytes(meant), inner.signer)
        return payload

    def envelope(self, target: str, payload: Json, nonce: str) -> Request:
        """The request that carries a payload, signed by the device key."""
        header: Json = {"jwk": dict(self.device()), "nonce": nonce, "url": self.computer.wire.origin + target}
        message = sign(header, to_bytes(payload), self._sign_as_device)
        return Request("POST", target, (("content-type", JOSE),), to_bytes(message))

    def _sign_as_device(self, data: bytes) -> bytes:
        return self.computer.element.sign(DEVICE, data)

    def _nonce(self) -> str:
        age = self.computer.clock.now() - self.memory.nonce_at
        if not self.memory.nonce or not 0 <= age <= NONCE_KEPT:
            self._harmless(Request("HEAD", DIRECTORY["newNonce"]))
        if not self.memory.nonce:
            raise NotDone("The office does not answer as it should. Try again later.")
        return self.memory.nonce

    def _send_once(self, request: Request) -> Response:
        """Send a signed request. Its nonce is spent, and from here the act may have happened."""
        before, self._sent, nonce = self._sent, True, self.memory.nonce
        self.memory = replace(self.memory, nonce="")
        try:
            return self.computer.wire.send(request)
        except NotDone:
            self._sent = before
            self.memory = replace(self.memory, nonce=nonce)
            raise

    def _keep_nonce(self, response: Response) -> None:
        nonce = response.header("replay-nonce")
        if nonce:
            self.memory = replace(self.memory, nonce=nonce, nonce_at=self.computer.clock.now())

    def _checked(self, response: Response) -> Response:
        """Keep the next nonce; raise the error that the answer is, if it is one."""
        self._keep_nonce(response)
        if response.status < 400:
            return response
        raise error_of(response)


def answer_of(response: Response) -> Json:
    """The JSON of an answer. Raises MaybeDone for anything else, such as the page of a network that wants a login."""
    try:
        return from_bytes(response.body)
    except Rejected:
        raise MaybeDone(NO_ANSWER) from None


@contextmanager
def believing() -> Generator[None]:
    """What an answer brings is verified in here. Raises MaybeDone for what the office did not sign: whoever changed the
    answer, the request may have been carried out."""
    try:
        yield
    except Rejected as error:
        raise MaybeDone(NOT_BELIEVED.format(text=error.text)) from error


def text_in(answer: Json, name: str) -> str:
    """A text that an answer must have. Raises MaybeDone."""
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise MaybeDone(NO_ANSWER)
    return value


def object_in(answer: Json, name: str) -> Json:
    """An object that an answer must have. Raises MaybeDone."""
    value = answer.get(name)
    if not isinstance(value, dict):
        raise MaybeDone(NO_ANSWER)
    return cast(Json, value)


def error_of(response: Response) -> Refused | Rejected | MaybeDone:
    """What a problem document (RFC 9457) says; whatever is no definite one may have happened."""
    try:
        problem = from_bytes(response.body)
    except Rejected:
        problem = {}
    kind, text = str(problem.get("type", "")), _text_of(problem)
    if problem.get("definite") is not True:
        return MaybeDone(text or NO_ANSWER)
    if kind.startswith(REFUSED):
        return Refused(kind.removeprefix(REFUSED), str(problem.get("reason", "")), text)
    return Rejected(kind.removeprefix(ACME), text)


def _text_of(problem: Json) -> str:
    """The text for the user: that of the problem, and one message for each bad field."""
    fields: object = problem.get("fields")
    bad = cast("list[object]", fields) if isinstance(fields, list) else []
    messages = [str(cast(Json, entry).get("message", "")) for entry in bad if isinstance(entry, dict)]
    return "\n".join((str(problem.get("detail", "")), *messages))
