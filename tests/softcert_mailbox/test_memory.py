"""What the mail server in memory promises beyond being the same server: no waiting, no state, the same bytes."""

import asyncio
import gc
import smtplib
import socket
import threading
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softcert_mailbox import Inbox
from softcert_mailbox.memory import MemorySmtp, WouldWaitError

OFFICE = "no-reply@office.example"
LI_WEI = "li.wei@mail.example"

Build = Callable[..., bytes]
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r"))
LINES = st.lists(
    st.one_of(TEXT, st.sampled_from([".", "..", ".\r", "", "QUIT", "DATA", "MAIL FROM:<a@b.example>"])), min_size=1
)


def fresh() -> MemorySmtp:
    return MemorySmtp(Inbox(lambda: 1_000))


@given(LINES)
def test_any_text_arrives_intact(lines: list[str]) -> None:
    text = "".join(line.replace("\r", "") + "\n" for line in lines)
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = OFFICE, LI_WEI
    message.set_content(text)
    server = fresh()
    with server.client() as client:
        client.send_message(message)
    (arrived,) = server.inbox.messages()
    assert arrived.text == text


@given(st.sampled_from([b"EHLO ", b"MAIL FROM:", b"RCPT TO:", b"RCPT TO:<", b"VRFY ", b""]), st.binary(max_size=60))
def test_any_command_gets_an_answer(command: bytes, rest: bytes) -> None:
    connection = fresh().connect()
    connection.feed(b"EHLO c\r\nMAIL FROM:<a@b.example>\r\n")
    connection.read()
    connection.feed(command + rest.replace(b"\r", b"").replace(b"\n", b"") + b"\r\n")
    answer = connection.read()
    assert answer.endswith(b"\r\n")
    assert b"500 Error: (" not in answer  # aiosmtpd's way of reporting an exception


@given(st.lists(st.binary(max_size=80).map(lambda line: line.replace(b"\r", b"").replace(b"\n", b""))))
def test_any_lines_of_bytes_arrive_unchanged(lines: list[bytes]) -> None:
    raw = b"".join(line + b"\r\n" for line in lines) or b"\r\n"
    server = fresh()
    with server.client() as client:
        client.sendmail(OFFICE, LI_WEI, raw)
    (arrived,) = server.inbox.messages()
    assert arrived.raw == raw


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=5))
def test_data_is_one_mail_however_it_is_cut_into_packets(body: bytes, cuts: list[int]) -> None:
    sent = (
        f"EHLO c\r\nMAIL FROM:<{OFFICE}>\r\nRCPT TO:<{LI_WEI}>\r\nDATA\r\n".encode()
        + stuff(body + b"\r\n")
        + b".\r\nQUIT\r\n"
    )
    server = fresh()
    connection = server.connect()
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < len(sent)}), len(sent)]
    for start, end in pairwise(edges):
        connection.feed(sent[start:end])
    assert connection.read().endswith(b"250 OK\r\n221 Bye\r\n")
    (arrived,) = server.inbox.messages()
    assert arrived.raw == body + b"\r\n"


def stuff(data: bytes) -> bytes:
    """Dot-stuffing as RFC 5321 §4.5.2 has it: lines end with CRLF, and with nothing else."""
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in data.split(b"\r\n"))


def test_the_same_dialogue_gives_the_same_bytes() -> None:
    dialogue = f"EHLO c\r\nMAIL FROM:<{OFFICE}>\r\nRCPT TO:<{LI_WEI}>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n".encode()
    said: set[bytes] = set()
    for _ in range(2):
        connection = fresh().connect()
        connection.feed(dialogue)
        said.add(connection.read())
    (only,) = said
    assert only == (
        b"220 inbox.test ESMTP\r\n250-inbox.test\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 HELP\r\n"
        b"250 OK\r\n250 OK\r\n354 End data with <CR><LF>.<CR><LF>\r\n250 OK\r\n221 Bye\r\n"
    )


def test_no_socket_no_thread_and_no_host_name_is_asked_for(mail: Build) -> None:
    def asked(*arguments: object, **more: object) -> object:
        raise AssertionError("the machine was asked")

    threads = threading.active_count()
    with pytest.MonkeyPatch.context() as machine:
        for name in ("socket", "create_connection", "getfqdn", "gethostname", "gethostbyname"):
            machine.setattr(socket, name, asked)
        with fresh().client() as client:
            client.sendmail(OFFICE, LI_WEI, mail())
    assert threading.active_count() == threads


def test_reading_when_the_server_waits_is_an_error(inbox: Inbox) -> None:
    client = MemorySmtp(inbox).client()
    with pytest.raises(WouldWaitError, match="no more to say"):
        client.getreply()
    client.quit()


def test_writing_to_a_closed_connection_is_an_error(inbox: Inbox) -> None:
    connection = MemorySmtp(inbox).connect()
    connection.feed(b"QUIT\r\n")
    assert connection.closed
    assert connection.read().endswith(b"221 Bye\r\n")
    assert connection.read_line() == b""
    with pytest.raises(BrokenPipeError):
        connection.feed(b"NOOP\r\n")


def test_a_forgotten_client_is_a_closed_one(inbox: Inbox) -> None:
    server = MemorySmtp(inbox)
    client = server.client()
    client.ehlo()
    del client
    gc.collect()
    with server.client() as next_client:
        assert next_client.noop()[0] == 250


def test_a_server_that_is_down_refuses_connections(inbox: Inbox) -> None:
    inbox.set_down(True)
    with pytest.raises(ConnectionRefusedError):
        MemorySmtp(inbox).client()
    inbox.set_down(False)
    MemorySmtp(inbox).client().quit()


def test_a_mail_above_the_limit_is_refused(inbox: Inbox) -> None:
    with MemorySmtp(inbox, size_limit=100).client() as client:
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail(OFFICE, LI_WEI, b"x\r\n" * 50)
        client.helo()  # no SIZE announced, so the limit shows only when the data is there
        client.mail(OFFICE)
        client.rcpt(LI_WEI)
        assert client.data(b"x\r\n" * 50)[0] == 552
    assert inbox.messages() == ()


def test_a_big_mail_in_one_piece(inbox: Inbox) -> None:
    raw = b"Subject: big\r\n\r\n" + b"0123456789\r\n" * 50_000
    with MemorySmtp(inbox).client() as client:
        client.sendmail(OFFICE, LI_WEI, raw)
    assert inbox.messages()[0].raw == raw


def test_sending_within_a_running_event_loop(inbox: Inbox, mail: Build) -> None:
    async def office() -> asyncio.AbstractEventLoop:
        with MemorySmtp(inbox).client() as client:
            client.sendmail(OFFICE, LI_WEI, mail())
        await asyncio.sleep(0)
        return asyncio.get_running_loop()

    assert asyncio.run(office()).is_closed()
    assert len(inbox.messages()) == 1


def test_nothing_is_kept_from_mail_to_mail_but_the_mail(inbox: Inbox, mail: Build) -> None:
    server = MemorySmtp(inbox)
    before = inbox.snapshot()
    with server.client() as client:
        client.sendmail(OFFICE, LI_WEI, mail())
    first = inbox.snapshot()
    inbox.restore(before)
    with server.client() as client:
        client.sendmail(OFFICE, LI_WEI, mail())
    assert inbox.snapshot() == first
