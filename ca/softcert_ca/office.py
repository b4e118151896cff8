"""The Trademark Office, wired by hand."""

from collections.abc import Callable
from functools import partial

from starlette.types import ASGIApp

from softcert.errors import Damaged
from softcert.ports import Clock, Entropy
from softcert.rules.policy import Policy
from softcert.rules.verdict import Verdict
from softcert_ca import app, audit, desk, letters, lives, outbox, publication
from softcert_ca.audit import AuditHead
from softcert_ca.case import Case
from softcert_ca.outbox import Mailer
from softcert_ca.pki import OfficeKeys
from softcert_ca.services import Services
from softcert_ca.store import Store


def _unobserved(_: Verdict) -> None:
    """Nobody watches."""


class Office:
    """The office over its ports. It keeps nothing in memory that is not in the store: many may share one database.

    `app` is the public listener, `desk` the examiner's, both ASGI. Starting raises `Damaged` when the database is older
    than the audit head, or its log was written anew: used addresses would be live again.
    """

    app: ASGIApp
    desk: ASGIApp

    def __init__(
        self,
        *,
        origin: str,
        policy: Policy,
        clock: Clock,
        entropy: Entropy,
        keys: OfficeKeys,
        store: Store,
        mailer: Mailer,
        head: AuditHead,
        observe: Callable[[Verdict], None] = _unobserved,
    ) -> None:
        """Check the audit log's end against its head, publish the first notices and release where there are none."""
        self._services = Services(origin.rstrip("/"), policy, clock, entropy, keys, store, head, observe)
        self._mailer = mailer
        with store.begin() as connection:
            audit.mend(connection, head)
            if not publication.is_published(connection):
                case = Case(self._services, connection, self._services.advance(connection), "open", "office")
                publication.publish_first(case)
                case.write_down()
        self.app = app.build(self._services)
        self.desk = desk.build(self._services)

    def deliver_mail(self) -> int:
        """Try every mail that is due once; returns how many still wait."""
        services = self._services
        with services.store.read() as connection:
            now = services.now(connection)
        return outbox.deliver_due(services.store, self._mailer, partial(letters.render, services), now)

    def verify(self) -> list[str]:
        """Read the whole audit log, and compare the records with its last words about them; a sentence for each fault."""
        with self._services.store.read() as connection:
            try:
                findings = [finding.text for finding in audit.verify(connection, self._services.head)]
            except Damaged as error:
                findings = [error.text]
            return findings or lives.verify(connection)
