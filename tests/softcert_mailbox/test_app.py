"""The inbox over HTTP, driven without an event loop."""

import json
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from softcert_mailbox import Inbox, Plan
from softcert_mailbox.app import inbox_app

OFFICE = "no-reply@office.example"
LI_WEI = "li.wei@mail.example"
ZHANG_MIN = "zhang.min@mail.example"
EVIL = "<script>alert(1)</script>\"'&"

Build = Callable[..., bytes]


class Answer:
    def __init__(self, sent: list[dict[str, Any]]) -> None:
        self.status: int = sent[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        self.body = b"".join(part.get("body", b"") for part in sent[1:])

    def json(self) -> Any:
        return json.loads(self.body)


class Api:
    """Drives the app with `coro.send(None)`: an endpoint that waited for anything would fail here."""

    def __init__(self, inbox: Inbox) -> None:
        self._app = inbox_app(inbox)

    def __call__(self, method: str, url: str, body: bytes = b"", content_type: str = "application/json") -> Answer:
        split = urlsplit(url)
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": split.path,
            "raw_path": split.path.encode(), "query_string": split.query.encode(), "root_path": "",
            "headers": [(b"host", b"inbox.test"), (b"content-type", content_type.encode())],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        with pytest.raises(StopIteration):
            self._app(scope, receive, send).send(None)  # type: ignore[arg-type, attr-defined]
        return Answer(sent)

    def post(self, url: str, value: object) -> Answer:
        return self("POST", url, json.dumps(value).encode())


@pytest.fixture
def api(inbox: Inbox) -> Api:
    return Api(inbox)


@pytest.fixture
def filled(inbox: Inbox, mail: Build) -> Inbox:
    inbox.accept(OFFICE, [LI_WEI], mail("Visit https://office.example/d/a.b\n", subject="结果"))
    inbox.accept(OFFICE, [LI_WEI, ZHANG_MIN], mail("Again\n", subject="Again", purpose="reissue"))
    return inbox


def ids(answer: Answer) -> list[int]:
    return [message["id"] for message in answer.json()["messages"]]


def test_list_and_search(api: Api, filled: Inbox) -> None:
    assert ids(api("GET", "/api/messages")) == [1, 2, 3]
    assert ids(api("GET", f"/api/messages?recipient={LI_WEI}")) == [1, 2]
    assert ids(api("GET", f"/api/messages?recipient={LI_WEI}&purpose=reissue")) == [2]
    assert ids(api("GET", f"/api/messages?containing={quote('结果')}")) == [1]
    assert ids(api("GET", "/api/messages?containing=elsewhere")) == []


def test_a_message_in_full(api: Api, filled: Inbox) -> None:
    message = api("GET", "/api/messages/1").json()
    assert message["subject"] == "结果"
    assert message["text"] == "Visit https://office.example/d/a.b\n"
    assert message["addresses"] == ["https://office.example/d/a.b"]
    assert ["X-Softcert-Purpose", "result"] in message["headers"]
    assert (message["sender"], message["recipient"], message["received_at"]) == (OFFICE, LI_WEI, 1_000)


def test_the_bytes_as_received(api: Api, filled: Inbox) -> None:
    answer = api("GET", "/api/messages/1/raw")
    assert answer.body == filled.get(1).raw
    assert answer.headers["content-type"] == "message/rfc822"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_delete_one_and_all(api: Api, filled: Inbox) -> None:
    assert api("DELETE", "/api/messages/2").status == 204
    assert ids(api("GET", "/api/messages")) == [1, 3]
    assert api("DELETE", "/api/messages").status == 204
    assert ids(api("GET", "/api/messages")) == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_message_that_is_not_there(api: Api, method: str) -> None:
    answer = api(method, "/api/messages/99999999999999999999")
    assert (answer.status, answer.json()) == (404, {"error": "there is no message 99999999999999999999"})


def test_unknown_paths_and_methods_are_errors_in_json(api: Api) -> None:
    assert api("GET", "/api/nothing").status == 404
    wrong = api("PUT", "/api/misbehaviour")
    assert (wrong.status, wrong.json()) == (405, {"error": "Method Not Allowed"})


def test_misbehaviour_is_planned_and_forgotten(api: Api, inbox: Inbox) -> None:
    planned = api.post("/api/misbehaviour", {"kind": "refuse-message", "count": 2, "code": 554}).json()
    assert planned["plans"] == [{"kind": "refuse-message", "count": 2, "code": 554, "until": 0, "recipient": None}]
    assert set(planned["kinds"]) >= {"drop", "cut"}
    assert inbox.plans == (Plan("refuse-message", 2, code=554),)
    assert api.post("/api/misbehaviour", {"down": True}).json()["down"] is True
    assert inbox.down
    assert api("DELETE", "/api/misbehaviour").json()["plans"] == []
    assert (inbox.plans, inbox.down) == ((), False)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "a plan has kind"),
        (b'{"kind": "drop", "often": 2}', "a plan has kind"),
        (b'{"kind": "explode"}', "no misbehaviour is called"),
        (b'{"kind": ["drop"]}', "kind must be text"),
        (b'{"kind": "drop", "count": true}', "count must be a whole number"),
        (b'{"kind": "drop", "count": 0}', "count must be 1 or more"),
        (b'{"down": 1}', "a plan has kind"),
    ],
)
def test_a_wrong_plan_is_explained_and_changes_nothing(api: Api, inbox: Inbox, body: bytes, error: str) -> None:
    answer = api("POST", "/api/misbehaviour", body)
    assert answer.status == 400
    assert error in answer.json()["error"]
    assert inbox.plans == ()


def test_another_sites_form_cannot_misbehave(api: Api, inbox: Inbox) -> None:
    assert api("POST", "/api/misbehaviour", b'{"kind": "drop"}', "text/plain").status == 400
    assert inbox.plans == ()


# --- the page -------------------------------------------------------------------------------------------------------


class Seen(HTMLParser):
    """What a browser would make of the page."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_an_empty_inbox_has_a_page(api: Api) -> None:
    seen = Seen(api("GET", "/").body)
    assert "No mail yet." in seen.text
    assert {"q", "recipient"} <= {each.get("name") for each in seen.named("input")}


def test_the_page_lists_searches_and_shows(api: Api, filled: Inbox) -> None:
    everything = Seen(api("GET", "/").body).text
    assert "结果" in everything
    assert "1970-01-01 00:16:40" in everything
    found = api("GET", f"/?q=again&recipient={ZHANG_MIN}&id=1").body
    links = [each["href"] or "" for each in Seen(found).named("a")]
    assert [link for link in links if link.startswith("/?")] == [f"/?id=3&q=again&recipient={quote(ZHANG_MIN)}"]
    assert "https://office.example/d/a.b" in links
    assert "No mail fits" in Seen(api("GET", "/?q=elsewhere").body).text


@pytest.mark.parametrize("wanted", ["99", "-1", "x", "٣", "9" * 5000])
def test_the_page_without_the_message_asked_for(api: Api, filled: Inbox, wanted: str) -> None:
    assert api("GET", f"/?id={quote(wanted)}").status == 200


def test_the_page_tells_what_is_planned(api: Api, inbox: Inbox, mail: Build) -> None:
    inbox.misbehave(Plan("reorder"), Plan("drop", 3))
    inbox.set_down(True)
    inbox.accept(OFFICE, [LI_WEI], mail())
    text = Seen(api("GET", "/").body).text
    assert "is down" in text
    assert "drop × 3" in text
    assert "held back: 1" in text


def test_nothing_in_a_mail_becomes_markup_of_the_page(api: Api, inbox: Inbox, mail: Build) -> None:
    html = f'{EVIL}</iframe><img src="https://evil.example/pixel">'
    inbox.accept(EVIL, [EVIL], mail(EVIL + "\n", subject=EVIL, purpose=EVIL, html=html))
    page = api("GET", f"/?id=1&q={quote(EVIL)}").body
    seen = Seen(page)
    assert seen.named("script") == seen.named("img") == []
    (frame,) = seen.named("iframe")
    assert (frame["srcdoc"] or "").strip() == html
    assert frame["sandbox"] in ("", None)
    assert seen.named("input")[0]["value"] == EVIL
    assert seen.text.count("alert(1)") >= 4


def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing(api: Api, filled: Inbox) -> None:
    answer = api("GET", "/?id=1")
    seen = Seen(answer.body)
    assert not {"script", "link", "img"} & {tag for tag, _ in seen.tags}
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
