"""Reading a mail: what a person or a test sees of its bytes."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softcert_mailbox import Message
from softcert_mailbox.message import addresses_in

Build = Callable[..., bytes]


def message(raw: bytes) -> Message:
    return Message(1, "li.wei@mail.example", "no-reply@office.example", 1_000, raw)


def test_headers_are_decoded(mail: Build) -> None:
    read = message(mail(subject="商标注册结果 — Result", purpose="reissue", id="42"))
    assert read.subject == "商标注册结果 — Result"
    assert read.purpose == "reissue"
    assert read.message_id == "<42@office.example>"
    assert read.header("x-softcert-PURPOSE") == "reissue"
    assert read.header("Absent") == ""


def test_a_long_header_is_unfolded(mail: Build) -> None:
    subject = " ".join(["registration"] * 20)
    assert message(mail(subject=subject)).subject == subject


def test_utf8_headers_as_smtputf8_sends_them() -> None:
    assert message("Subject: 结果\r\n\r\ntext\r\n".encode()).subject == "结果"


def test_text_and_html_are_told_apart(mail: Build) -> None:
    read = message(mail("plain 文本\n", html="<p>rich 文本</p>"))
    assert read.text == "plain 文本\n"
    assert read.html.strip() == "<p>rich 文本</p>"


def test_a_mail_with_html_only_has_no_text() -> None:
    read = message(b"Content-Type: text/html\r\n\r\n<p>only</p>\r\n")
    assert (read.text, read.html) == ("", "<p>only</p>\n")


def test_an_attachment_is_not_the_text(mail: Build) -> None:
    raw = (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nbody\r\n'
        b"--b\r\nContent-Disposition: attachment\r\n\r\nattached\r\n--b--\r\n"
    )
    assert message(raw).text == "body"


@pytest.mark.parametrize("charset", ["no-such-charset", "\x00", "utf-16", "rot13", "punycode"])
def test_an_odd_charset_does_not_hide_the_mail(charset: str) -> None:
    raw = f'Content-Type: text/plain; charset="{charset}"\r\n\r\nhello\r\n'.encode()
    assert isinstance(message(raw).text, str)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(raw: bytes) -> None:
    check_readable(message(raw))


@given(
    st.sampled_from(
        ["Subject", "From", "To", "Message-ID", "Content-Type", "Content-Transfer-Encoding", "Date", "Sender"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60),
)
def test_no_header_breaks_the_reading(name: str, value: str) -> None:
    check_readable(message(f"{name}: {value}\r\n\r\nbody\r\n".encode()))


@given(
    st.sampled_from([b"Subject: ", b"To: ", b"Content-Type: text/plain; ", b"Message-ID: <"]), st.binary(max_size=60)
)
def test_no_header_bytes_break_the_reading(start: bytes, rest: bytes) -> None:
    check_readable(message(start + rest + b"\r\n\r\nbody\r\n"))


@pytest.mark.parametrize("depth", [100, 1_000])
def test_parts_within_parts_do_not_break_the_reading(depth: int) -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(depth))
    read = message(b"Subject: deep\r\n" + nested + b"\r\nhttps://a.example/1\r\n")
    check_readable(read)
    assert read.subject == "deep"


def test_many_brackets_cost_no_time() -> None:
    assert addresses_in("https://a.example/" + ")" * 300_000 + ".") == ["https://a.example/"]


def check_readable(read: Message) -> None:
    shown = [read.subject, read.purpose, read.message_id, read.text, read.html, *read.addresses()]
    shown += [part for header in read.headers for part in header]
    "".join(shown).encode()  # all of it can be written as UTF-8
    assert not read.contains("\uffff not in there")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See https://office.example/download/a.b-c_d.", ["https://office.example/download/a.b-c_d"]),
        ("请访问https://office.example/d/abc。七天内有效", ["https://office.example/d/abc"]),
        ("(https://a.example/x) and <https://b.example/y>", ["https://a.example/x", "https://b.example/y"]),
        ("https://a.example/wiki/Seal_(emblem)", ["https://a.example/wiki/Seal_(emblem)"]),
        ("HTTP://A.EXAMPLE/x?y=1&z=%20#f", ["HTTP://A.EXAMPLE/x?y=1&z=%20#f"]),
        (
            "[https://a.example/x], 'https://b.example'; https://[::1]:8000/",
            ["https://a.example/x", "https://b.example", "https://[::1]:8000/"],
        ),
        ("https:// http://. https", []),
        ("ftp://a.example/ mailto:x@a.example javascript:alert(1)", []),
    ],
)
def test_addresses_in_text(text: str, found: list[str]) -> None:
    assert addresses_in(text) == found


def test_addresses_of_text_and_html_come_once_and_in_order(mail: Build) -> None:
    html = (
        '<html xmlns="http://www.w3.org/1999/xhtml"><a href="https://a.example/1?x=1&amp;y=2">go</a>'
        '<img src="https://c.example/pixel.gif"><form action="https://d.example/f"></form>'
        "<a href=javascript:alert(1)>no</a> or https://b.example/2</html>"
    )
    read = message(mail("https://b.example/2 https://a.example/1?x=1&y=2\n", html=html))
    assert read.addresses() == (
        "https://b.example/2",
        "https://a.example/1?x=1&y=2",
        "https://c.example/pixel.gif",
        "https://d.example/f",
    )


def test_search_reads_what_a_person_reads(mail: Build) -> None:
    read = message(mail("Ihre Straße 文本\n", subject="Disapproval"))
    assert read.contains("disAPPROVAL")
    assert read.contains("STRASSE")
    assert read.contains("文本")
    assert read.contains("li.wei@")
    assert not read.contains("approved")


def test_a_message_cannot_be_changed(mail: Build) -> None:
    with pytest.raises(AttributeError):
        message(mail()).raw = b""  # type: ignore[misc]
