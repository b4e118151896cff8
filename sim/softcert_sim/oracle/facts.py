"""What the oracle knows of one possible world: facts by name, and the words in which it decides.

A fact's name is a tuple that begins with its kind, such as ("driver", "office-pc"); `KINDS` lists them. Ids are made of
names and numbers only, so that a state can be renamed as a whole. Where nobody can know what a fault left behind a state
has several worlds; an opinion is what all of them say.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

INITIAL_PIN = "12345678"
_SESSIONLESS = ("download", "withdraw", "backup", "recover")
"""Acts that can be asked again, the same, after a restart: others need a session, which is gone, or are new each time."""
_SHOWN = 6
"""As many of the facts that were asked last are told."""
Name = tuple[Any, ...]
World = tuple[tuple[Name, Any], ...]


KINDS = {
    # People
    "person": "person → anything*", "called": "person → text", "knows": "person text person → anything*",
    "draft": "person computer → form yes", "applied": "person → number",
    # Computers and drives
    "owner": "computer → person", "element": "computer → text", "device": "computer → device",
    "devices": "computer → number", "ids": "computer → part?*", "parts": "computer → number",
    "drive": "drive → text", "plugged": "computer → drive*", "file": "place backup → text text state",
    "link": "place → text", "ahead": "computer → number",
    # Drivers
    "driver": "computer → state", "version": "computer → version", "newest": "computer → version",
    "serves": "computer → text", "serves-receipts": "computer → yes", "receipts-altered": "→ yes",
    "hack": "computer → anything*", "ticket": "computer → moment", "read": "computer → text number text yes yes",
    "memory": "computer → session?", "pending": "computer act → anything text anything",
    "owed": "computer → act anything anything",
    "login": "computer → number", "submitted": "→ application",
    # Keys, and what the element counts: epoch and wrong PINs
    "key": "computer application → key", "slot": "computer number → number number", "slots": "computer → number",
    # The office: what it publishes, its time, its log
    "clock": "→ moment", "latest": "→ moment", "needed": "→ version", "notice": "text → number", "audit": "→ number",
    "office-down": "→ yes", "tampered": "→ yes", "csr-used": "→ yes",
    "flood": "device → moment*", "guesses": "device → moment*",
    # The office: applications and certificates, which go by the application
    "application": "application → state", "applied-on": "application → device part?*", "mailbox": "application → text",
    "decided-by": "application → person", "code": "application → number", "tries": "application → number",
    "proofs": "application → number", "granted": "application → yes",
    "address": "application number → state moment", "addresses": "application → number",
    "certificate": "application → state", "since": "application → moment", "until": "application → moment",
    "recorded": "application → text", "generation": "application → number",
    "bound": "application → binding*", "retired": "application → device*",
    "session": "application number → state moment device", "sessions": "application → number",
    "backup": "application number → state number", "backups": "application → number",
    # Mail
    "mails": "→ number", "outbox": "number → moment number text text address?", "held": "→ letter*",
    "inbox": "text number → text address?", "letters": "text → number", "mail-down": "→ moment", "plans": "→ plan*",
    # Names that `as` gives to what an act gave, and to its verb
    "label": "text → anything", "labelled": "text → text",
}  # fmt: skip
"""Every kind of fact: what stands in its name after the kind → its value. Several words are a tuple, `*` is a tuple of any
length, `?` may be nothing. The words are those of the field; a test says what each is made of."""


class Moment(int):
    """A second until which something lasts: all that a state keeps of absolute time."""


@dataclass(frozen=True, slots=True)
class State:
    """The whole process at one moment: the policy, and all worlds in which it may be. Plain, hashable values."""

    policy: tuple[tuple[str, Any], ...]
    worlds: tuple[World, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """A step without its outcome: arguments by their names in a file, faults as (name, arguments), the name that `as`
    gives."""

    verb: str
    arguments: tuple[tuple[str, Any], ...] = ()
    faults: tuple[tuple[str, tuple[tuple[str, Any], ...]], ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of an act; `detail` is rule/reason, a protocol error, or definite or unknown. A check that does not
    hold has `failed`. `because` are the facts that were asked, the last one last."""

    kind: str
    detail: str = ""
    because: tuple[tuple[Name, Any], ...] = ()

    @property
    def said(self) -> tuple[str, str]:
        """What is compared; what failed is told in everybody's own words."""
        return self.kind, "" if self.kind == "failed" else self.detail

    def __str__(self) -> str:
        facts = ", ".join(f"{' '.join(_flat(name))} = {' '.join(_flat(value)) or 'nothing'}"
                          for name, value in [fact for fact in self.because if fact[0][0] != "ids"][-_SHOWN:])  # fmt: skip
        return f"{self.kind} {self.detail}".strip() + (f"; by the facts: {facts}" if facts else "")


class Key(NamedTuple):
    """A key store: for whose name, the PIN that opens it, its slot and epoch in the element of the device `of`. A
    `damaged` seal opens with no PIN."""

    name: str
    pin: str
    slot: int
    of: Name
    certified: bool
    epoch: int = 0
    forged: str = ""
    prepared: str = ""
    damaged: bool = False


def _flat(value: Any) -> Iterator[str]:
    """A fact in words."""
    if isinstance(value, tuple):
        for item in cast(Name, value):
            yield from _flat(item)
    elif value not in ("", None):
        yield str(value)


class Stop(Exception):
    """The act ends here: refused, rejected, broken or failed; or `unsaid`, where the texts say nothing."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind, detail)
        self.kind, self.detail = kind, detail


class Facts(dict[Name, Any]):
    """One world while an act happens in it. What is asked by calling is remembered as the reason for what comes. With
    `dies` it is the office that the fault strikes."""

    def __init__(self, world: World, policy: Mapping[str, Any], fault: str = "") -> None:
        super().__init__(world)
        self.policy, self.fault, self.asked = policy, fault, dict[Name, Any]()
        self.dies = False

    def __call__(self, *name: Any) -> Any:
        self.asked.pop(name, None)
        self.asked[name] = self.get(name)
        return self.asked[name]

    def row(self, *begin: Any) -> list[tuple[Name, Any]]:
        """Every fact whose name begins so, in the order of its names."""
        kind, length = begin[0], len(begin)
        names = sorted(name for name in self if name[0] == kind and name[:length] == begin)
        found = [(name, self[name]) for name in names]
        self.asked.update(found)
        return found

    def count(self, *name: Any) -> int:
        """The next number of a row that begins with 1."""
        self[name] = (self.get(name) or 0) + 1
        return self[name]

    def now(self) -> int:
        """The office's time: never earlier than in any transaction before."""
        return max(self[("clock",)], self[("latest",)])

    def after(self, seconds: int) -> Moment:
        """The office's time, that much later."""
        return Moment(self.now() + seconds)

    def hack(self, at: str, what: str, default: Any = "") -> Any:
        """How the driver at a computer was changed."""
        return dict(self.get(("hack", at), ())).get(what) or default

    def ask(self, at: str, *checks: tuple[Any, str]) -> None:
        """The driver's list: the first that is wrong refuses, unless this driver was changed to skip its rule."""
        skipped = self.hack(at, "skip", ())
        self.no(*((wrong, said) for wrong, said in checks if said.split("/")[0] not in skipped))

    def no(self, *checks: tuple[Any, str]) -> None:
        """A list: the first that is wrong refuses."""
        for wrong, said in checks:
            if wrong:
                raise Stop("refused", said)

    def broken(self) -> None:
        """Machine or line failed, and it surely did not happen."""
        raise Stop("broken", "definite")

    def strike(self, *faults: str) -> None:
        """Here the fault of this act breaks it, if it is one of these."""
        if self.fault in faults:
            raise Stop("broken", "unknown")

    def send(self, at: str, act: str, content: Any, decide: Callable[[], Any]) -> Any:
        """A signed request: the line, the repetition of an answer that was lost, the office. Gives its answer.

        A pending request is (content, whether the office carried it out, its answer). One whose answer arrived without
        the office knowing is acknowledged by whatever else is asked next; `owed` is one whose answer the driver has in
        memory, too, and does not ask again. Of logins and logouts the driver keeps no record.
        """
        if self.fault == "no-line":
            self.broken()
        if (self("owed", at) or ("",))[0] == act:  # acknowledged before the act is asked anew, and struck first
            struck, self.fault = self.fault, {"lost": "", "cut": ""}.get(self.fault, self.fault.removeprefix("second "))
            if struck in ("lost", "cut") and self.dies:
                del self["owed", at]
                self.broken()  # nobody answers any more
            self.pop(("owed", at), None)
        recorded = act not in ("login", "logout")
        pending = self("pending", at, act) or (None, "", None)
        if pending[1] == "and arrived" and pending[0] != content:  # acknowledged on its own
            pending = (None, "", None)
        if recorded:
            self["pending", at, act] = pending if pending[0] == content else (content, "", None)
        self.strike("lost")
        for row, (_, carried_out, _) in self.row("pending", at):
            if carried_out == "and arrived" and row[2] != act:
                del self[row]
        kept = pending[1] and self.policy["repeat_until_acknowledged"]
        if kept and pending[0] != content and act == "activate":
            raise Stop("rejected", "conflict")
        try:
            answer = pending[2] if kept and pending[0] == content else self.decide(decide)
        except Stop:
            self.strike("cut")
            self.pop(("owed", at), None)
            self.pop(("pending", at, act), None)
            raise
        if recorded:
            self["pending", at, act] = (content, "yes", answer)
        self.strike("cut")
        self.pop(("owed", at), None)
        if self.fault == "acknowledgement lost" and act in ("apply", "new-code"):
            self["pending", at, act] = (content, "and arrived", answer)
        else:
            self.pop(("pending", at, act), None)
            if recorded:  # what shows a code was acknowledged at once, and is once more
                self["owed", at] = (act, *((content, answer) if act in _SESSIONLESS else (None, None)))
        return answer

    def decide(self, decide: Callable[[], Any]) -> Any:
        """A transaction of the office: it keeps the time and makes an audit entry, whatever is decided."""
        if self("office-down"):
            raise Stop("broken", "definite")
        self.strike("lost")
        self["latest",] = Moment(self.now())
        self.count("audit")
        return decide()
