"""How the inbox misbehaves on request. A plan is a value; the table `KINDS` says all that a kind of plan can do.

Nothing here is random and nothing waits: a plan strikes the next events that it fits, in the order of asking.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, get_args

KindName = Literal["refuse-recipient", "refuse-message", "delay", "drop", "duplicate", "reorder", "cut"]
Moment = Literal["recipient", "message"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply. `cut` means: the connection closes and the reply is never sent."""

    code: int
    text: str
    cut: bool = False

    @property
    def refused(self) -> bool:
        """Whether this is a 4xx or 5xx reply."""
        return self.code >= 400

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


OK = Reply(250, "OK")


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the table: at which moment it strikes, how many copies are delivered, and what else happens."""

    moment: Moment
    copies: int
    about: str
    refuses: bool = False
    holds: bool = False
    cuts: bool = False


KINDS: Mapping[KindName, Kind] = MappingProxyType(
    {
        "refuse-recipient": Kind("recipient", 0, "RCPT is answered with `code`", refuses=True),
        "refuse-message": Kind("message", 0, "the end of DATA is answered with `code`", refuses=True),
        "delay": Kind("message", 1, "accepted, delivered when the clock reaches `until`", holds=True),
        "drop": Kind("message", 0, "accepted, never delivered"),
        "duplicate": Kind("message", 2, "accepted, delivered twice"),
        "reorder": Kind("message", 1, "accepted, delivered right after the next mail that is delivered", holds=True),
        "cut": Kind("message", 1, "accepted and delivered, but the connection closes before the reply", cuts=True),
    }
)


@dataclass(frozen=True, slots=True)
class Plan:
    """Misbehave the next `count` times. `code` (400 to 599) is for refusals, `until` (seconds since 1970) for `delay`.

    With a `recipient` it strikes only mail to that address. Raises ValueError for a plan that makes no sense.
    """

    kind: KindName
    count: int = 1
    code: int = 451
    until: int = 0
    recipient: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no misbehaviour is called {self.kind!r}; there are: {', '.join(get_args(KindName))}")
        if self.count < 1:
            raise ValueError(f"{self.kind}: count must be 1 or more, not {self.count}")
        if not 400 <= self.code <= 599:
            raise ValueError(f"{self.kind}: code must be 400 to 599, not {self.code}")
        if self.kind == "delay" and self.until <= 0:
            raise ValueError("delay: say until which time, in seconds since 1970")
        if self.recipient is not None:
            object.__setattr__(self, "recipient", normalised(self.recipient))

    @property
    def row(self) -> Kind:
        """The kind's row in the table."""
        return KINDS[self.kind]

    def reply(self) -> Reply:
        """What the client is told."""
        if self.row.refuses:
            return Reply(self.code, "Refused for now" if self.code < 500 else "Refused for good")
        return replace(OK, cut=self.row.cuts)

    def fits(self, moment: Moment, recipients: Sequence[str]) -> bool:
        """Whether the plan strikes at this moment, for mail to these (normalised) recipients."""
        return self.row.moment == moment and (self.recipient is None or self.recipient in recipients)


def take(plans: tuple[Plan, ...], moment: Moment, recipients: Sequence[str]) -> tuple[Plan | None, tuple[Plan, ...]]:
    """The first plan that fits, and the plans that are left when it has struck once."""
    for at, plan in enumerate(plans):
        if plan.fits(moment, recipients):
            left = (replace(plan, count=plan.count - 1),) if plan.count > 1 else ()
            return plan, plans[:at] + left + plans[at + 1 :]
    return None, plans


def normalised(address: str) -> str:
    """The address with its domain in lower-case ASCII (IDNA). The local part is its owner's matter (RFC 5321 §2.4)."""
    local, at, domain = address.rpartition("@")
    if not at:
        return address
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_domain = domain
    return f"{local}@{ascii_domain.lower()}"
