"""What a scenario is once it is read: plain values, typed and checked, ready to be run in any process."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from softcert.rules.catalogue import ClauseId, RuleId
from softcert.rules.policy import Policy
from softcert.rules.verdict import Verdict
from softcert_sim import TransportName
from softcert_sim.naming import Holder
from softcert_sim.scenario.registry import Violation

if TYPE_CHECKING:
    from softcert_sim.scenes import Scene

Properties = Mapping[str, Any]
"""What the cast says of somebody or something: text, or mappings and lists of text."""

PROTOCOL_ERRORS = (
    "badNonce", "badSignature", "badSignatureAlgorithm", "badPublicKey", "badCSR", "malformed", "conflict",
    "rateLimited", "unauthorized",
)  # fmt: skip
"""Failures of the protocol itself: ACME's names (RFC 8555 §6.7), and `conflict`."""

OutcomeKind = Literal["allowed", "refused", "rejected", "broken"]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what plays: people by name (with `kind`), computers (with `owner`, `element`), drives (with `kind`)."""

    people: Mapping[str, Properties] = field(default_factory=dict[str, Properties])
    computers: Mapping[str, Properties] = field(default_factory=dict[str, Properties])
    drives: Mapping[str, Properties] = field(default_factory=dict[str, Properties])


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the author says of a step.

    `detail` is `rule/reason` of a refusal, the name of a protocol error, or `definite` or `unknown` for what broke.
    `told` is what the user is told where that is less than the verdict. `limit` says why an attack succeeds. `reads` are
    words in the text that the user gets.
    """

    kind: OutcomeKind = "allowed"
    detail: str = ""
    told: str = ""
    limit: str = ""
    reads: str = ""

    def __str__(self) -> str:
        words = f"{self.kind} {self.detail}".strip()
        return f"{words}, told {self.told}" if self.told else words


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that strikes one step."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Without a verb it is a heading, a quotation or a note; with `together` several acts at once.

    `turns` says which of them goes on, by numbers from 1; without it each is done whole, one after the other. `label` is
    the name that `as:` gives; `quoted` are the clauses in which the quotation stands.
    """

    line: int
    verb: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    expected: Expectation = Expectation()
    label: str = ""
    faults: tuple[Fault, ...] = ()
    part: str = ""
    quote: str = ""
    quoted: tuple[ClauseId, ...] = ()
    note: str = ""
    together: tuple["Step", ...] = ()
    succeed: int = 0
    turns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A prelude that one person plays on the way to where a scenario begins.

    A suite's own has `steps`, from the file `path`, which says together with the name which prelude it is; the product's
    have none, they are functions.
    """

    person: str
    prelude: str
    path: str = ""
    steps: tuple[Step, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story, or one example of it. `given` pairs people with preludes, and `links` are all preludes on the way
    there, in order; `assumed` names the policy's fields that the file itself sets.
    """

    path: str
    title: str
    about: str
    rules: tuple[RuleId, ...]
    tags: tuple[str, ...]
    given: tuple[tuple[str, str], ...]
    links: tuple[Link, ...]
    policy: Policy
    assumed: tuple[str, ...]
    cast: Cast
    steps: tuple[Step, ...]
    seed: int | None = None


class World(Protocol):
    """What the runner asks of a world. It is built by a `MakeWorld`, and is a value: kept and restored exactly.

    Faults are armed between `begin` and the verb. `verdicts` grows by every decision of office and drivers, in order.
    """

    verdicts: list[Verdict]

    def begin(self, step: Step) -> None:
        """A step begins; what it does goes by `step.label` from now on, if it has one."""
        ...

    def end(self, step: Step, result: Any) -> None:
        """A step ended with this result or exception; faults that did not strike are disarmed."""
        ...

    def at_once(
        self, steps: Sequence[Step], calls: Sequence[Callable[[], Any]], choose: Callable[[Sequence[int]], int]
    ) -> "Sequence[tuple[Any, tuple[Verdict, ...]]]":
        """These steps begin at once; `choose` says whose turn it is. What each gave or raised, and its verdicts."""
        ...

    def check_invariants(self, step: Step) -> list[Violation]:
        """What must hold at every moment and does not."""
        ...

    def struck(self, acts: Sequence[Step]) -> list[str]:
        """The faults that did strike, by name, once for each of these acts: all of the scenario, in order."""
        ...

    def repeated(self) -> bool:
        """Whether the office gave an earlier answer again in the last step."""
        ...

    def moves(self, acts: Sequence[Step]) -> list[tuple[str, str, str]]:
        """Every step that a record took in its life in these acts: its kind, the state before, the event."""
        ...

    def snapshot(self) -> Any:
        """The world as a value, or None where it cannot be kept (over real sockets)."""
        ...

    def restore(self, state: Any) -> None:
        """Be exactly what `snapshot` returned, the verdicts emptied."""
        ...

    def rename(self, name: str) -> None:
        """Draw all randomness from the substreams of this name from now on."""
        ...

    def digest(self) -> str:
        """A hexadecimal SHA-256 over everything that happened: equal on every run with the same seed."""
        ...

    def called(self, device: str) -> Holder:
        """Who has the device key of this thumbprint."""
        ...

    def export(self, folder: Path) -> None:
        """Write trace, mails, certificates and disks into a folder that exists."""
        ...

    def watch(self, lang: str) -> Callable[[], "Scene"]:
        """Begin to watch: each call gives what happened since the one before, the first since the world was made. What
        there is to see is told in this language."""
        ...

    def close(self) -> None:
        """Give back sockets and processes."""
        ...


class MakeWorld(Protocol):
    """Builds a world: `name` keys its randomness together with the seed."""

    def __call__(self, *, cast: Cast, policy: Policy, seed: int, name: str, transport: TransportName) -> World: ...
