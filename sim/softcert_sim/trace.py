"""The trace of a world: where each step begins and ends among messages, mails and verdicts. A value.

The digest of a trace covers every message, mail, certificate and verdict. A PKCS#12 file is salted by the library that
writes it, so its bytes and what is signed over its SHA-256 stand in the digest by their content (see `wire`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from softcert.errors import Broken, Refused, Rejected
from softcert.protocol import DIRECTORY, from_bytes
from softcert_sim import opened
from softcert_sim.naming import acknowledged
from softcert_sim.records import EVERY, Columns
from softcert_sim.scenario.model import Step

if TYPE_CHECKING:
    from softcert_sim.world import World


CODE_TRIED: Columns = {"applications": ("activation_tries",)}
PROOF_TRIED: Columns = {"applications": ("recovery_tries",)}
LOCKED: Columns = {**CODE_TRIED, "sessions": ("state",)}
BURNED: Columns = {"addresses": ("state", "used_at", "used_by")}
FLOODED: Columns = dict.fromkeys(("applications", "code_marks", "repeats"), EVERY)
"""What a refusal may change all the same: a wrong try is counted, a lock ends sessions, a careless office burns the
address, and of a flood only the last application is refused."""


class Open(NamedTuple):
    """Where a step began among exchanges, verdicts and audit entries, with the office's records as they were then."""

    label: str = ""
    exchanges: int = 0
    verdicts: int = 0
    image: bytes = b""
    audit: int = 0


NOTHING = Open()
"""No step is open."""


def _may_change(world: "World", step: Step, refused: str, result: Any) -> Columns:
    """The columns of the office's records that a step may change although it ended in this refusal."""
    if step.verb == "flood":
        return FLOODED
    guessed = step.arguments.get("what") if step.verb == "guess" else ""
    reason = f"{refused}/{getattr(result, 'reason', '')}"
    if reason == "recover-from-removable/wrong-proof" or guessed == "recovery-code":
        return PROOF_TRIED
    if reason == "activate-first/wrong-code" or guessed == "activation-code":
        return LOCKED if world.records.locked(world.policy.activation_tries) else CODE_TRIED
    if world.policy.wrong_computer == "burn" and refused == "same-computer-download":
        return BURNED
    return {}


def _changed(world: "World", image: bytes, may: Columns, begin: int) -> bool:
    """Whether the office's records differ from an image, but for these columns and what was acknowledged since."""
    named = (acknowledged(exchange) for exchange in world.recorder.exchanges[begin:])
    return world.records.changed_since(image, may, {answer for answer in named if answer})


@dataclass(frozen=True, slots=True)
class Mark:
    """The span of a step among exchanges, verdicts and audit entries.

    `records` is a fingerprint of the office's records after it, if it has a label. `changed`: it was refused, and yet it
    changed them. `broken`: machine or line failed under it. `struck` and `idle` are the faults that were set in it, by
    name: those that found their moment, and the others. `untold` counts what the office committed and then died of,
    before it told anybody.
    """

    label: str
    exchanges: tuple[int, int]
    verdicts: tuple[int, int]
    records: str
    audit: tuple[int, int]
    refused: str = ""
    changed: bool = False
    broken: bool = False
    struck: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    untold: int = 0


@dataclass(frozen=True, slots=True)
class Trace:
    """All steps so far.

    `open` is where the present step began, `keeps` what a power cut in it leaves of the unsynced; `protected` drives are
    so for this step only. `armed` are the faults that were set for it, by name, with how many wait for their moment,
    wherever one may strike. `tampered`: somebody changed the office's database, and what it says of itself is no longer
    the process's doing.
    """

    marks: tuple[Mark, ...] = ()
    open: Open = NOTHING
    keeps: int = 0
    tampered: bool = False
    protected: tuple[str, ...] = ()
    armed: tuple[tuple[str, int], ...] = ()

    def begin(self, world: "World", step: Step) -> "Trace":
        """With a step begun."""
        audit = world.records.audit_end()
        present = Open(step.label, len(world.recorder.exchanges), len(world.verdicts), world.store.snapshot(), audit)
        return replace(self, open=present, keeps=0, protected=(), armed=())

    def end(self, world: "World", step: Step, result: Any, left: Mapping[str, int]) -> "Trace":
        """With the present step ended; `left` are faults that still waited."""
        label, exchanges, verdicts, image, audit = self.open
        refused = result.rule if isinstance(result, Refused) else result.name if isinstance(result, Rejected) else ""
        mark = Mark(
            label,
            (exchanges, len(world.recorder.exchanges)),
            (verdicts, len(world.verdicts)),
            world.records.fingerprint() if label else "",
            (audit, world.records.audit_end()),
            refused,
            bool(refused) and _changed(world, image, _may_change(world, step, refused, result), exchanges),
            isinstance(result, Broken),
            tuple(name for name, count in self.armed if left.get(name, 0) < count),
            tuple(name for name, count in self.armed if left.get(name, 0) >= count),
            world.crash.untold,
        )
        return replace(self, marks=(*self.marks, mark), open=NOTHING)

    def keeping(self, keeps: int) -> "Trace":
        """With a power cut to come that keeps this."""
        return replace(self, keeps=keeps)

    def arming(self, name: str, count: int) -> "Trace":
        """With a fault set in the present step, at so many places."""
        return replace(self, armed=(*self.armed, (name, count)))

    def doubting(self) -> "Trace":
        """With an office whose database somebody changed."""
        return replace(self, tampered=True)

    def protecting(self, drive: str) -> "Trace":
        """With a drive that is write-protected in the present step."""
        return replace(self, protected=(*self.protected, drive))

    @property
    def last(self) -> Mark:
        """The span of the latest step."""
        return self.marks[-1]

    def labelled(self, label: str) -> Mark:
        """The span of the step of that name."""
        return next(mark for mark in reversed(self.marks) if mark.label == label)


def salted(world: "World") -> tuple[tuple[str, str], ...]:
    """SHA-256 values of PKCS#12 files, which the library salts by itself, with the backup's id for a stable name."""
    found: dict[str, str] = {}
    for exchange in world.recorder.exchanges:
        if exchange.target == DIRECTORY["backup"]:
            for part in opened.signed_parts(exchange.request):
                content = _content(part)
                if "sha256" in content and "backup" in content:
                    found[str(content["sha256"])] = f"PKCS#12 of {content['backup']}"
    return tuple(found.items())


def _content(part: bytes) -> dict[str, Any]:
    try:
        content = from_bytes(part).get("content")
    except Rejected:
        return {}
    return cast(dict[str, Any], content) if isinstance(content, dict) else {}


def digest(world: "World") -> str:
    """SHA-256 over everything that happened."""
    substitutions = salted(world)
    parts = [
        *(exchange.digest(substitutions) for exchange in world.recorder.exchanges),
        *(hashlib.sha256(mail.raw).hexdigest() for mail in world.inbox.messages()),
        *(hashlib.sha256(world.records.certificate(row[0])).hexdigest() for row in world.records.certificates()),
        *(f"{verdict.side} {verdict.act} {verdict}" for verdict in world.verdicts),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
