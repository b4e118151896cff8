"""The mail scanner: which requests a careless product sends for one mail."""

from collections.abc import Callable, Mapping

from hypothesis import given
from hypothesis import strategies as st

from softcert_mailbox import Message
from softcert_mailbox.scanner import Visit, forms_in, scan

Build = Callable[..., bytes]
ADDRESS = "https://office.example/download/abc.def"


class Site:
    """Answers GET with one page, and remembers all that was asked."""

    def __init__(self, page: str) -> None:
        self.page = page.encode()
        self.asked: list[tuple[str, str, Mapping[str, str], bytes]] = []

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        self.asked.append((method, url, headers, body))
        return (200, self.page) if method == "GET" else (405, b"")


def visit(mail: Build, page: str, text: str = f"Please visit {ADDRESS}\n") -> tuple[list[Visit], Site]:
    site = Site(page)
    return scan(Message(1, "a@b.example", "", 0, mail(text)), site.send), site


def test_every_address_is_opened_in_every_way(mail: Build) -> None:
    visits, site = visit(mail, "<p>nothing here", text=f"{ADDRESS} and https://other.example/\n")
    expected = [
        (method, url) for url in (ADDRESS, "https://other.example/") for method in ("GET", "HEAD", "OPTIONS", "POST")
    ]
    assert [(each.method, each.url) for each in visits] == [(each[0], each[1]) for each in site.asked] == expected
    assert (visits[0].via, visits[0].status, visits[0].body) == ("address", 200, b"<p>nothing here")
    assert (visits[3].via, visits[3].status) == ("form", 405)


def test_the_pages_form_is_filled_in_and_submitted_unsigned(mail: Build) -> None:
    page = """<form method="post" action="?go=1">
      <input type=hidden name=token value="a b&amp;c"><input name=email><input type=checkbox name=agree>
      <input type=file name=upload><input type=reset name=reset value=x><input value="no name">
      <select name=choice><option value=1>one<option value=2 selected>two</select>
      <textarea name=reason>it is
mine</textarea>
      <button name=act value=download>Download</button></form>"""
    _, site = visit(mail, page)
    method, url, headers, body = site.asked[-1]
    assert (method, url) == ("POST", f"{ADDRESS}?go=1")
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert body == b"token=a+b%26c&email=&agree=on&choice=2&reason=it+is%0Amine&act=download"
    assert not {"authorization", "cookie"} & set(headers)


def test_every_form_is_submitted_in_its_own_way(mail: Build) -> None:
    page = """<form action="/search"><input name=q value="1 2"></form><form method=POST action="https://evil.example/x"></form>
      <form method=post action="mailto:a@b.example"></form><form method=post action="http://[bad"></form>"""
    visits, _ = visit(mail, page)
    assert [(each.method, each.url) for each in visits if each.via == "form"] == [
        ("GET", "https://office.example/search?q=1+2"),
        ("POST", "https://evil.example/x"),
    ]


def test_the_pages_base_counts(mail: Build) -> None:
    visits, _ = visit(mail, '<base href="https://base.example/a/"><form method=post action="b"></form>')
    assert visits[-1].url == "https://base.example/a/b"


def test_a_mail_without_addresses_is_left_alone(mail: Build) -> None:
    assert visit(mail, "", text="nothing to see\n")[0] == []


@given(st.binary(max_size=200), st.text(max_size=100))
def test_no_page_breaks_the_scanner(start: bytes, markup: str) -> None:
    page = start + f"<form action='{markup}'><select><option><textarea>{markup}".encode("utf-8", "replace")
    assert all(form.action.startswith(("http://", "https://")) for form in forms_in(page, ADDRESS))
