"""The office's letters as a mail reader sees them, and as an attacker would like to break them."""

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softcert_ca.mails import render
from softcert_ca.mime import quoted_printable
from softcert_ca.outbox import Mail

ADDRESS = f"https://office.example/download/{'a' * 22}.{'Z' * 43}"
APPROVED = {"name": "李伟", "outcome": "approved", "expires": 1_700_600_000}
DISAPPROVED = {"name": "李伟", "outcome": "disapproved", "reasons": "The name does not fit the document."}
LETTERS: list[tuple[str, dict[str, Any], str]] = [
    ("result", APPROVED, ADDRESS),
    ("result", DISAPPROVED, ""),
    ("reissue", {"name": "李伟", "expires": 1_700_600_000}, ADDRESS),
    ("new-code", {"name": "李伟"}, ""),
    ("move", {"name": "李伟", "serial": "0a1b", "moved_at": 1_700_000_000}, ""),
    ("recovery-notice", {"name": "李伟", "serial": "0a1b", "moved_at": 1_700_000_000}, ""),
    ("revocation", {"name": "李伟", "serial": "0a1b", "reason": "The computer was lost."}, ""),
]


def mail(purpose: str = "result", params: dict[str, Any] = DISAPPROVED, recipient: str = "li.wei@mail.example") -> Mail:
    return Mail(
        7, "no-reply@office.example", recipient, purpose, "app-1", params, "<ab12@office.example>",
        1_700_000_000, 1, 1_700_000_060, "waiting", "",
    )  # fmt: skip


def parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def body(data: bytes, kind: str = "plain") -> str:
    part = parsed(data).get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


@pytest.mark.parametrize(("purpose", "params", "address"), LETTERS)
def test_every_letter_is_a_sound_mail_in_two_forms(purpose: str, params: dict[str, Any], address: str):
    data = render(mail(purpose, params), address)
    message = parsed(data)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert (message["To"], message["Message-ID"]) == ("li.wei@mail.example", "<ab12@office.example>")
    assert message["From"].addresses[0].addr_spec == "no-reply@office.example"
    assert message["Date"].datetime.timestamp() == 1_700_000_000
    assert (message["X-Softcert-Purpose"], message["X-Softcert-Application"]) == (purpose, "app-1")
    for kind in ("plain", "html"):
        assert "Dear 李伟," in body(data, kind)
        assert "软证书" in body(data, kind) + message["Subject"]


@pytest.mark.parametrize(("purpose", "params", "address"), LETTERS)
def test_every_line_ends_with_cr_lf_is_short_ascii_and_none_begins_with_a_dot(
    purpose: str, params: dict[str, Any], address: str
):
    data = render(mail(purpose, params), address)
    assert data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n")
    lines = data.split(b"\r\n")
    assert all(len(line) <= 78 and line.isascii() and not line.startswith((b".", b"From ")) for line in lines)


@pytest.mark.parametrize(("purpose", "params", "address"), LETTERS)
def test_the_same_mail_is_the_same_bytes(purpose: str, params: dict[str, Any], address: str):
    assert render(mail(purpose, params), address) == render(replace(mail(purpose, params), tries=4), address)


@pytest.mark.parametrize(("purpose", "params", "address"), [letter for letter in LETTERS if letter[2]])
def test_the_address_stands_on_a_line_of_its_own_and_behind_a_link(purpose: str, params: dict[str, Any], address: str):
    data = render(mail(purpose, params), address)
    assert ADDRESS in body(data).splitlines()
    assert f'href="{ADDRESS}"' in body(data, "html")
    assert "2023-11-21 20:53:20 UTC" in body(data)


@pytest.mark.parametrize(("purpose", "params", "address"), [letter for letter in LETTERS if not letter[2]])
def test_a_letter_without_an_address_takes_none(purpose: str, params: dict[str, Any], address: str):
    assert "/download/" not in body(render(mail(purpose, params)))
    with pytest.raises(ValueError, match="address"):
        render(mail(purpose, params), ADDRESS)


def test_a_success_without_its_address_is_not_written():
    with pytest.raises(ValueError, match="address"):
        render(mail(params=APPROVED))


def test_a_letter_that_the_office_does_not_write():
    with pytest.raises(ValueError, match="no such letter: riddle"):
        render(mail("riddle"))


REASONS = [
    ".",
    "one\n.\ntwo",
    "one\r\n.\r\nMAIL FROM:<thief@evil.example>\r\n",
    "..\n...\n. \n.\t",
    "From the start\nFrom: thief@evil.example",
    "\n\n.\n\nSubject: forged\n\nbody",
    "--=_0000\nContent-Type: text/html\n\nforged",
    "a\rb\0c\x0bd\u2028e\u2029f\x85g",
    "trailing blanks   \nand tabs\t\n",
    "x" * 3000,
    "。" * 400,
    "=2E =\n=",
    "<script>alert('&')</script>",
]


@pytest.mark.parametrize("reasons", REASONS)
def test_whatever_the_examiner_writes_arrives_intact_in_one_mail(reasons: str):
    data = render(mail(params={**DISAPPROVED, "reasons": reasons}))
    message = parsed(data)
    assert len(list(message.iter_parts())) == 2
    assert (message["Subject"], message["To"]) == (parsed(render(mail()))["Subject"], "li.wei@mail.example")
    assert f"reasons:\n\n{reasons}\n\n".replace("\r\n", "\n") in body(data).replace("\r\n", "\n")
    lines = data.split(b"\r\n")
    assert b"\r" not in b"".join(lines)
    assert all(not line.startswith((b".", b"From ")) and len(line) <= 78 for line in lines)


def test_what_the_examiner_writes_is_text_in_the_html_too():
    data = render(mail(params={**DISAPPROVED, "reasons": "<script>alert('&')</script>"}))
    assert "<script>" not in body(data, "html")
    assert "&lt;script&gt;" in body(data, "html")


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "a", "a@b,c@d", "a@b c@d", "a@b\r\nBcc: thief@evil.example", "a@b\nBcc: c@d", "a@b\0", "a@b\u2028c", "<a@b>",
        "Li <a@b>", "a@b@c", "a;b@c", "李@mail.example", '"a b"@c', "a@b>", "undisclosed:a@b;",
    ],
)  # fmt: skip
def test_a_mail_has_one_plain_recipient_or_is_not_written(recipient: str):
    with pytest.raises(ValueError, match="exactly one plain mailbox"):
        render(mail(recipient=recipient))


@pytest.mark.parametrize("recipient", ["a@b", "o'neil+tm@mail.example", "!#$%&'*+/=?^_`{|}~-@x.example", "a.b@1.2"])
def test_every_plain_mailbox_can_be_written_to(recipient: str):
    assert parsed(render(mail(recipient=recipient)))["To"].addresses[0].addr_spec == recipient


@pytest.mark.parametrize("field", ["application", "purpose"])
def test_no_field_of_the_outbox_can_add_a_header(field: str):
    with pytest.raises(ValueError, match=r"newline|no such letter|linefeed"):
        render(replace(mail(), **{field: "result\r\nBcc: thief@evil.example"}))


@given(st.text() | st.text("=. \t\r\nFrom é", max_size=200))
def test_any_text_survives_quoted_printable(text: str):
    data = quoted_printable(text)
    part = message_from_bytes(
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        + data.encode(),
        policy=policy.SMTP,
    )
    assert isinstance(part, EmailMessage)
    assert part.get_content().replace("\r\n", "\n") == text.replace("\r\n", "\n")
    lines = data.split("\r\n")
    assert all(len(line) <= 76 and not line.startswith((".", "From ")) for line in lines)
    assert not any(line.endswith((" ", "\t")) for line in lines)
