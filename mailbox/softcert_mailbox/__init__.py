"""An SMTP inbox for tests: receives, keeps, searches, waits, and misbehaves on request.

`smtp` is the server on a socket, `memory` the same one without; `app` shows the inbox over HTTP, `scanner` opens links.
They are not imported here, so that the inbox alone stays quick to import.
"""

from softcert_mailbox.inbox import Inbox, NothingArrivedError
from softcert_mailbox.message import Message
from softcert_mailbox.misbehaviour import KINDS, Plan, Reply

__all__ = ["KINDS", "Inbox", "Message", "NothingArrivedError", "Plan", "Reply"]
