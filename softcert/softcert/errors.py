"""One tree of errors. Each says whether its outcome is definite: it did not happen, or it may have happened.

    SoftcertError
    ├── Refused          a rule said no                                  definite
    ├── Rejected         the protocol said no (ACME's names)             definite
    ├── Impossible       a life cycle has no such step                   definite
    ├── Damaged          something stored here cannot be read            definite
    └── Broken           machine or line failed under the act
        ├── NotDone      it did not happen                               definite
        └── MaybeDone    it may have happened: ask again                 indefinite
"""

from typing import ClassVar

from softcert.rules.verdict import Verdict


class SoftcertError(Exception):
    """Anything that this project raises on purpose. `text` is for the user and says what to do."""

    definite: ClassVar[bool] = True

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Refused(SoftcertError):
    """A rule refused. `rule` and `reason` are what the user was told; `verdict` is whole where this side decided."""

    def __init__(self, rule: str, reason: str, text: str, verdict: Verdict | None = None) -> None:
        super().__init__(text)
        self.rule = rule
        self.reason = reason
        self.verdict = verdict

    def __str__(self) -> str:
        return f"{self.rule}/{self.reason}: {self.text}"


class Rejected(SoftcertError):
    """The protocol failed before any rule was asked; `name` is one of ACME's (RFC 8555 §6.7), or `conflict`."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name

    def __str__(self) -> str:
        return f"{self.name}: {self.text}"


class Impossible(SoftcertError):
    """A record cannot take this step from where it stands."""

    def __init__(self, kind: str, state: str, event: str) -> None:
        super().__init__(f"The {kind} is {state}: it cannot {event}.")
        self.kind, self.state, self.event = kind, state, event


class Damaged(SoftcertError):
    """Something stored cannot be read: a cut file, an unknown format, a failed checksum."""


class Broken(SoftcertError):
    """Machine or line failed under the act."""


class NotDone(Broken):
    """It failed and did not happen: a full disk before the request left, a refused connection."""


class MaybeDone(Broken):
    """It failed and may have happened: no answer came. The same request may be sent again."""

    definite = False
