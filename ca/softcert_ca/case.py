"""A case: one act of one party inside its one transaction, with what was decided and what the audit log is to know.

Laws of an act: it puts its facts to the rules, writes nothing but counters before the rules allowed it, and raises
`Rejected` or `Impossible` before it writes anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection

from softcert.errors import Impossible, Rejected
from softcert.form import FieldError
from softcert.protocol import Json
from softcert.rules.policy import Policy
from softcert.rules.verdict import Act, Verdict, decide
from softcert_ca import audit
from softcert_ca.problems import RefusedByOffice
from softcert_ca.services import Services

STRANGER = "stranger"
"""Who acts where nobody signed."""

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an act answers. The activation code is not in `body`: it is derived from `code_salt` when it is sent."""

    body: Json
    application: str = ""
    status: int = 200
    code_salt: str = ""


@dataclass(slots=True)
class Case:
    """One act. `actor` is who acts: a device's thumbprint, an examiner by name, `office`, or `stranger`.

    `word` is the outcome in the audit log where no rule was asked.
    """

    services: Services
    connection: Connection
    now: int
    act: str
    actor: str
    verdict: Verdict | None = None
    word: str = "done"
    details: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def policy(self) -> Policy:
        """The assumptions in force."""
        return self.services.policy

    def decide(self, act: Act[F], facts: F) -> Verdict:
        """Put the facts to the rules. The verdict stands in the audit log whether or not it is obeyed here."""
        self.verdict = decide(act, facts, self.policy)
        return self.verdict

    def obey(self, verdict: Verdict, fields: tuple[FieldError, ...] = ()) -> None:
        """Raises `Refused` unless the verdict allows the act."""
        if not verdict.allowed:
            raise RefusedByOffice(verdict, fields)

    def note(self, details: Mapping[str, Any]) -> None:
        """Add to what the audit log keeps of this case. No secrets."""
        self.details.update(details)

    def write_down(self) -> None:
        """The audit entry of this case, in its transaction."""
        audit.append(
            self.connection,
            self.services.head,
            at=self.now,
            act=self.act,
            actor=self.actor,
            outcome=self.verdict or self.word,
            details=self.details,
        )

    def tell(self) -> None:
        """Let the observer know the verdict; to be called after the commit."""
        if self.verdict is not None:
            self.services.observe(self.verdict)


def write_down_rejected(
    services: Services, connection: Connection, act: str, actor: str, error: Rejected | Impossible, **about: str
) -> None:
    """The audit entry of an act that was rejected, in another transaction than its own, which was undone."""
    name = "conflict" if isinstance(error, Impossible) else error.name
    case = Case(services, connection, services.advance(connection), act, actor, word="rejected")
    case.note({"error": name, **about})
    case.write_down()
