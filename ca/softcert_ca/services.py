"""What every act of the office has at hand."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from softcert.ports import Clock, Entropy
from softcert.rules.policy import Policy
from softcert.rules.verdict import Verdict
from softcert_ca.audit import AuditHead
from softcert_ca.pki import OfficeKeys
from softcert_ca.records import time
from softcert_ca.store import Store

Observe = Callable[[Verdict], None]


@dataclass(frozen=True, slots=True)
class Services:
    """The office's parts, wired once in `office`. `origin` is the configured one, such as `https://office.example`."""

    origin: str
    policy: Policy
    clock: Clock
    entropy: Entropy
    keys: OfficeKeys
    store: Store
    head: AuditHead
    observe: Observe

    def advance(self, connection: Connection) -> int:
        """The office's time now, for whatever is decided in the transaction of `connection`, which writes it down."""
        return time.advance(connection, self.clock.now())

    def now(self, connection: Connection) -> int:
        """The office's time now, for whoever changes nothing."""
        return time.at(connection, self.clock.now())
