"""The mail server as mail clients see it, over the memory transport and over a real socket alike."""

import gc
import smtplib
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from email.message import EmailMessage

import pytest

from softcert_mailbox import Inbox, Plan
from softcert_mailbox.smtp import InboxServer, serving

OFFICE = "no-reply@office.example"
LI_WEI = "li.wei@mail.example"
ZHANG_MIN = "zhang.min@mail.example"

Build = Callable[..., bytes]
Connect = Callable[[], AbstractContextManager[smtplib.SMTP]]
Deliver = Callable[..., None]


def test_a_mail_arrives_as_sent(deliver: Deliver, inbox: Inbox, mail: Build) -> None:
    raw = mail("您好 Hello\n", subject="结果")
    deliver(raw)
    (message,) = inbox.messages()
    assert message.raw == raw
    assert (message.sender, message.recipient, message.received_at) == (OFFICE, LI_WEI, 1_000)
    assert (message.subject, message.text) == ("结果", "您好 Hello\n")


def test_several_recipients_and_several_mails_in_one_connection(connect: Connect, inbox: Inbox, mail: Build) -> None:
    with connect() as client:
        client.sendmail(OFFICE, [LI_WEI, ZHANG_MIN], mail(subject="one"))
        client.sendmail(OFFICE, [ZHANG_MIN], mail(subject="two"))
    assert [(each.recipient, each.subject) for each in inbox.messages()] == [
        (LI_WEI, "one"), (ZHANG_MIN, "one"), (ZHANG_MIN, "two"),
    ]  # fmt: skip


def test_an_international_mailbox(connect: Connect, inbox: Inbox) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = OFFICE, "李伟@邮件.example", "结果"
    message.set_content("您好\n")
    with connect() as client:
        client.send_message(message)
    (arrived,) = inbox.messages("李伟@邮件.EXAMPLE")
    assert (arrived.subject, arrived.text) == ("结果", "您好\n")
    assert arrived.recipient.isascii() is False


def test_a_bounce_has_an_empty_sender(connect: Connect, inbox: Inbox, mail: Build) -> None:
    with connect() as client:
        client.sendmail("<>", LI_WEI, mail())
    assert inbox.messages()[0].sender == ""


def test_a_mail_above_the_limit_is_refused(inbox: Inbox, mail: Build) -> None:
    with (
        InboxServer(inbox, size_limit=2_000) as server,
        smtplib.SMTP(server.host, server.port, "client.test") as client,
    ):
        with pytest.raises(smtplib.SMTPSenderRefused) as refusal:
            client.sendmail(OFFICE, LI_WEI, mail("x" * 60 + "\n") * 50)
        client.sendmail(OFFICE, LI_WEI, mail())
    assert refusal.value.smtp_code == 552
    assert len(inbox.messages()) == 1


def test_a_line_above_the_limit_is_refused_and_the_next_mail_taken(connect: Connect, inbox: Inbox, mail: Build) -> None:
    with connect() as client:
        with pytest.raises(smtplib.SMTPDataError, match="Line too long"):
            client.sendmail(OFFICE, LI_WEI, b"Subject: long\r\n\r\n" + b"x" * 100_000 + b"\r\n")
        client.sendmail(OFFICE, LI_WEI, mail())
    assert len(inbox.messages()) == 1


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\r\n\x00.\r\n"])
def test_no_false_end_of_data_makes_a_second_mail(connect: Connect, inbox: Inbox, end: bytes) -> None:
    smuggled = (
        b"MAIL FROM:<thief@evil.example>\r\nRCPT TO:<victim@mail.example>\r\nDATA\r\nSubject: forged\r\n\r\nx\r\n"
    )
    body = b"Subject: reason\r\n\r\nrefused" + end + smuggled + b"last line\r\n"
    with connect() as client:
        client.ehlo()
        client.mail(OFFICE)
        client.rcpt(LI_WEI)
        client.docmd("DATA")
        client.send(body + b".\r\n")
        assert client.getreply()[0] == 250
        assert client.noop()[0] == 250
    (message,) = inbox.messages()
    unstuffed = body.replace(b"\r\n.", b"\r\n")  # RFC 5321 §4.5.2; none of these bodies was stuffed
    assert (message.recipient, message.raw) == (LI_WEI, unstuffed)


@pytest.mark.parametrize(
    "address",
    [
        b"<a@b.example,c@d.example>", b"<a@b.example> <c@d.example>", b"<a@b.example>,<c@d.example>", b"<a@>", b"<>",
        b"<a(x)@b.example>", b"<a@b .example>", b"<not an>", b"<a\x00@b.example>", b"", b"<a\xe2\x80\xa8b@c.example>",
        b"<\xff@b.example>", b"<a@b.example> BCC=c@d.example",
    ],
)  # fmt: skip
def test_what_is_not_one_address_as_written_is_no_recipient(connect: Connect, inbox: Inbox, address: bytes) -> None:
    with connect() as client:
        client.ehlo()
        client.mail(OFFICE)
        client.send(b"RCPT TO:" + address + b"\r\n")
        assert client.getreply()[0] in (501, 553, 555)
        assert client.docmd("DATA")[0] == 503


@pytest.mark.parametrize("address", ["a.b+c@d.example", '"a b"@c.example', "a@[127.0.0.1]", "postmaster@c.example"])
def test_odd_but_right_addresses(connect: Connect, inbox: Inbox, mail: Build, address: str) -> None:
    with connect() as client:
        client.ehlo()
        client.docmd("MAIL", "FROM:<>")
        assert client.docmd("RCPT", f"TO:<{address}>")[0] == 250
        client.data(mail())
    assert [each.recipient for each in inbox.messages(address)] == [address]


def test_only_the_commands_of_plain_smtp(connect: Connect) -> None:
    with connect() as client:
        client.ehlo()
        assert set(client.esmtp_features) == {"size", "8bitmime", "smtputf8", "help"}
        assert client.docmd("AUTH", "PLAIN AGEAYg==")[0] == 538
        assert client.docmd("VRFY", LI_WEI)[0] == 252
        assert client.docmd("BOGUS")[0] == 500
        assert client.docmd("RCPT", f"TO:<{LI_WEI}>")[0] == 503
        assert client.docmd("MAIL", "FROM:<a@>")[0] == 553


def test_one_connections_commands_do_not_change_anothers_limits(connect: Connect) -> None:
    with connect() as first:
        for _ in range(50):
            first.ehlo()
        with connect() as second:
            second.ehlo()
            assert second.docmd("MAIL", f"FROM:<{'a' * 600}@a.example>")[0] == 500


# --- misbehaving ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [421, 450, 550])
def test_recipients_are_refused_as_planned(deliver: Deliver, inbox: Inbox, code: int) -> None:
    inbox.misbehave(Plan("refuse-recipient", 1, code=code))
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        deliver()
    assert refusal.value.recipients[LI_WEI][0] == code
    deliver()
    assert len(inbox.messages()) == 1


def test_one_recipient_of_two_is_refused(connect: Connect, inbox: Inbox, mail: Build) -> None:
    inbox.misbehave(Plan("refuse-recipient", code=550, recipient=ZHANG_MIN))
    with connect() as client:
        refused = client.sendmail(OFFICE, [LI_WEI, ZHANG_MIN], mail())
    assert list(refused) == [ZHANG_MIN]
    assert [each.recipient for each in inbox.messages()] == [LI_WEI]


@pytest.mark.parametrize("code", [421, 451, 554])
def test_mails_are_refused_as_planned(deliver: Deliver, inbox: Inbox, code: int) -> None:
    inbox.misbehave(Plan("refuse-message", 1, code=code))
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        deliver()
    assert refusal.value.smtp_code == code
    assert inbox.messages() == ()


def test_a_cut_leaves_the_sender_in_doubt_and_the_mail_delivered(deliver: Deliver, inbox: Inbox) -> None:
    inbox.misbehave(Plan("cut"))
    with pytest.raises(smtplib.SMTPServerDisconnected):
        deliver()
    deliver()
    assert [each.message_id for each in inbox.messages()] == ["<1@office.example>"] * 2


def test_dropped_duplicated_delayed_and_reordered_mail_is_accepted(
    deliver: Deliver, inbox: Inbox, mail: Build, clock: Callable[[], int]
) -> None:
    inbox.misbehave(Plan("drop"), Plan("duplicate"), Plan("reorder"), Plan("delay", until=2_000))
    for subject in ("dropped", "twice", "overtaken", "late", "last"):
        deliver(mail(subject=subject))
    assert [each.subject for each in inbox.messages()] == ["twice", "twice", "last", "overtaken"]
    clock.time = 2_000  # type: ignore[attr-defined]
    assert inbox.messages()[-1].subject == "late"


def test_a_client_that_leaves_in_the_middle_leaves_nothing(connect: Connect, deliver: Deliver, inbox: Inbox) -> None:
    with connect() as client:
        client.ehlo()
        client.mail(OFFICE)
        client.rcpt(LI_WEI)
        client.docmd("DATA")
        client.send(b"Subject: half\r\n\r\nhal")
        client.close()
    deliver()
    assert [each.subject for each in inbox.messages()] == ["Result"]


# --- the server on a socket -----------------------------------------------------------------------------------------


def test_a_server_that_is_down_says_so_and_comes_back(inbox: Inbox, mail: Build) -> None:
    with InboxServer(inbox) as server:
        inbox.set_down(True)
        with pytest.raises(smtplib.SMTPConnectError) as refusal:
            smtplib.SMTP(server.host, server.port, "client.test")
        inbox.set_down(False)
        with smtplib.SMTP(server.host, server.port, "client.test") as client:
            client.sendmail(OFFICE, LI_WEI, mail())
    assert refusal.value.smtp_code == 421
    assert len(inbox.messages()) == 1


def test_clients_at_the_same_time_do_not_disturb_each_other(inbox: Inbox, mail: Build) -> None:
    each, together = 20, threading.Barrier(2)

    def send(recipient: str) -> None:
        with smtplib.SMTP(server.host, server.port, "client.test") as client:
            together.wait()
            for number in range(each):
                client.sendmail(OFFICE, recipient, mail(f"{number}\n", purpose=recipient))

    with InboxServer(inbox) as server:
        senders = [threading.Thread(target=send, args=(recipient,)) for recipient in (LI_WEI, ZHANG_MIN)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    for recipient in (LI_WEI, ZHANG_MIN):
        got = inbox.messages(recipient)
        assert [message.text for message in got] == [f"{number}\n" for number in range(each)]
        assert {message.purpose for message in got} == {recipient}
    assert [message.id for message in inbox.messages()] == list(range(1, 2 * each + 1))


def test_two_mails_interleaved_command_by_command(connect: Connect, inbox: Inbox) -> None:
    with connect() as first, connect() as second:
        for client, recipient in ((first, LI_WEI), (second, ZHANG_MIN)):
            client.ehlo()
            client.mail(OFFICE)
            client.rcpt(recipient)
        for client in (first, second):
            client.docmd("DATA")
        for client, text in ((second, b"second"), (first, b"first")):
            client.send(text + b"\r\n.\r\n")
            client.getreply()
    assert [(each.recipient, each.text) for each in inbox.messages()] == [(ZHANG_MIN, "second\n"), (LI_WEI, "first\n")]


def test_stopping_ends_open_connections_and_frees_the_port(inbox: Inbox, mail: Build) -> None:
    server = InboxServer(inbox).start()
    client = smtplib.SMTP(server.host, server.port, "client.test")
    client.ehlo()
    server.stop()
    server.stop()
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, server.port))
    with (
        InboxServer(inbox, port=server.port) as again,
        smtplib.SMTP(again.host, again.port, "client.test") as next_client,
    ):
        next_client.sendmail(OFFICE, LI_WEI, mail())
    assert len(inbox.messages()) == 1


def test_a_taken_port_is_an_error_at_once(inbox: Inbox) -> None:
    with InboxServer(inbox) as server:
        second = InboxServer(inbox, port=server.port)
        with pytest.raises(OSError, match="address already in use"):
            second.start()
        second.stop()


def test_a_port_that_cannot_be_is_an_error_at_once(inbox: Inbox) -> None:
    with pytest.raises(OverflowError):
        InboxServer(inbox, port=70_000).start()


def test_stopping_while_clients_are_just_arriving(inbox: Inbox) -> None:
    for _ in range(20):
        with InboxServer(inbox) as server:
            arriving = [socket.create_connection((server.host, server.port)) for _ in range(5)]
        for each in arriving:
            each.close()
    gc.collect()  # where a connection left open would complain
    assert inbox.messages() == ()


def test_a_server_starts_once(inbox: Inbox) -> None:
    with InboxServer(inbox) as server, pytest.raises(RuntimeError, match="running already"):
        server.start()


def test_serving_within_an_event_loop(inbox: Inbox, mail: Build) -> None:
    import asyncio

    def send(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, "client.test") as client:
            client.sendmail(OFFICE, LI_WEI, mail())

    async def main() -> str:
        async with serving(inbox) as port:
            sending = asyncio.create_task(asyncio.to_thread(send, port))
            message = await asyncio.to_thread(inbox.wait, LI_WEI, timeout=10)
            await sending
            return message.subject

    assert asyncio.run(main()) == "Result"
