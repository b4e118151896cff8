"""A driver that somebody changed: it skips questions that only the driver asks, and says what it likes."""

from collections.abc import Callable
from typing import TypeVar

from softcert.driver import Driver
from softcert.exchange import Inner
from softcert.ports import Computer
from softcert.protocol import Json, encode
from softcert.rules.catalogue import RuleId
from softcert.rules.policy import Policy
from softcert.rules.verdict import Act, Verdict, decide

F = TypeVar("F")


class HackedDriver(Driver):
    """Skips the rules in `skips`, claims the version `claims`, sends `borrowed` as its confirmation, and `csr` (DER) as
    its certificate request.

    It opens no seal without the PIN, and signs as no other computer: those are the secure element's.
    """

    def __init__(
        self,
        computer: Computer,
        policy: Policy,
        observe: Callable[[Verdict], None],
        rounds: int,
        *,
        skips: frozenset[RuleId],
        claims: str = "",
        borrowed: Json | None = None,
        csr: bytes = b"",
    ) -> None:
        super().__init__(computer, policy, observe, rounds)
        self._skips, self._claims, self._borrowed, self._csr = skips, claims, borrowed, csr

    def _decide(self, act: Act[F], facts: F, before: RuleId | None = None) -> Verdict:
        left = tuple(check for check in act.checks if check.rule not in self._skips)
        return decide(Act(act.name, act.side, left), facts, self.policy, before=before)

    def confirmation(self) -> Json | None:
        """The borrowed confirmation, or this computer's own."""
        return self._borrowed or super().confirmation()

    def payload(
        self, act: str, target: str, content: Json, nonce: str, request_id: str, inner: Inner | None = None
    ) -> Json:
        """What is sent, with the claimed version and the false certificate request."""
        if self._csr and act == "apply":
            content = {**content, "csr": encode(self._csr)}
        payload = super().payload(act, target, content, nonce, request_id, inner)
        return {**payload, "driver": "" if self._claims == "none" else self._claims or payload["driver"]}
