"""How the office's mail reaches the inbox: smtplib speaking SMTP, over memory or over a loopback socket."""

import smtplib

from softcert_ca.outbox import Deferred, Undeliverable
from softcert_mailbox.inbox import Inbox
from softcert_mailbox.memory import MemorySmtp
from softcert_mailbox.smtp import InboxServer
from softcert_sim import TransportName

CLIENT = "sbj.example"
"""The name by which the office greets mail servers."""
TIMEOUT = 10.0
"""Seconds for one SMTP reply over a real socket."""


class Post:
    """The office's `Mailer`. It can be told that the mail server is down until some time."""

    def __init__(self, inbox: Inbox, transport: TransportName) -> None:
        self._inbox = inbox
        self._server = InboxServer(inbox).start() if transport == "loopback" else None
        self._memory = MemorySmtp(inbox)
        self.down_until = 0
        self.turned_away = False
        """Whether a mail found the server down since this was last set to no."""

    def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Hand one mail to the mail server. Raises Deferred when it may be tried again, Undeliverable when not."""
        if self._inbox.down:
            self.turned_away = True
            raise Deferred("The mail server refuses connections.")
        try:
            with self._client() as client:
                client.sendmail(sender, [recipient], message, mail_options=_options(recipient))
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _refusal(code, text) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Deferred(f"The connection to the mail server broke: {error}") from error

    def mend(self, now: int) -> None:
        """The mail server is up again once its time has come."""
        if self._inbox.down and now >= self.down_until:
            self._inbox.set_down(False)

    def close(self) -> None:
        """Stop the server, if there is one."""
        if self._server is not None:
            self._server.stop()

    def _client(self) -> smtplib.SMTP:
        if self._server is None:
            return self._memory.client(CLIENT)
        return smtplib.SMTP("127.0.0.1", self._server.port, local_hostname=CLIENT, timeout=TIMEOUT)


def _options(recipient: str) -> tuple[str, ...]:
    return () if recipient.isascii() else ("SMTPUTF8",)


def _refusal(code: int, text: bytes | str) -> Deferred | Undeliverable:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Undeliverable(f"{code} {said}") if code >= 500 else Deferred(f"{code} {said}")
