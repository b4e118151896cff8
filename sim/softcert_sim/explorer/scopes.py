"""Scopes: who, where, what can be done, what can go wrong, and how far. A claim about *every* state is about a scope.

What a scope bounds besides depth (applications of one person, backups on the drives) is counted where it cuts off.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from softcert.rules.policy import DAY, MINUTE, Policy
from softcert_sim.scenario.files import UsageError
from softcert_sim.scenario.model import Fault, Step

IDLE, LONG = 31 * MINUTE, 8 * DAY
"""Longer than a session lives, and than an address."""
WRONG = "Not-this-1"
"""A PIN, code or password that is nobody's."""

Arguments = Mapping[str, Any]
DEFAULT = Policy()
ACTS: dict[str, tuple[str, Arguments]] = {
    "confirm": ("confirm", {"by": "<by>", "at": "<at>"}),
    "say-no": ("confirm", {"by": "<by>", "at": "<at>", "use": False}),
    "install": ("install", {"by": "<by>", "at": "<at>"}),
    "uninstall": ("uninstall", {"by": "<by>", "at": "<at>"}),
    "read-notice": ("read-notice", {"by": "<by>", "at": "<at>"}),
    "apply": ("apply", {"by": "<by>", "at": "<at>"}),
    "withdraw": ("withdraw", {"by": "<by>", "at": "<at>"}),
    "read-mail": ("read-mail", {"by": "<of>"}),
    "download": ("download", {"by": "<by>", "at": "<at>", "of": "<of>"}),
    "change-pin": ("change-pin", {"by": "<by>", "at": "<at>", "of": "<of>"}),
    "login": ("login", {"by": "<by>", "at": "<at>", "of": "<of>"}),
    "wrong-pin": ("login", {"by": "<by>", "at": "<at>", "of": "<of>", "pin": WRONG}),
    "logout": ("logout", {"by": "<by>", "at": "<at>"}),
    "activate": ("activate", {"by": "<by>", "at": "<at>", "of": "<of>"}),
    "wrong-code": ("activate", {"by": "<by>", "at": "<at>", "of": "<of>", "code": WRONG}),
    "collect-code": ("collect-code", {"by": "<by>", "at": "<at>", "of": "<of>"}),
    "file": ("file", {"by": "<by>", "at": "<at>"}),
    "backup": ("backup", {"by": "<by>", "at": "<at>", "of": "<of>"}),
    "recover": ("recover", {"by": "<by>", "at": "<at>", "of": "<of>"}),
    "wrong-proof": ("recover", {"by": "<by>", "at": "<at>", "of": "<of>", "code": WRONG}),
    "wrong-password": ("recover", {"by": "<by>", "at": "<at>", "of": "<of>", "password": WRONG}),
    "restart-computer": ("restart-computer", {"at": "<at>"}),
    "lose": ("lose", {"what": "<at>"}),
    "plug": ("plug", {"drive": "<drive>", "into": "<at>"}),
    "unplug": ("unplug", {"drive": "<drive>"}),
    "approve": ("approve", {"of": "<of>"}),
    "disapprove": ("disapprove", {"of": "<of>"}),
    "new-address": ("reissue", {"what": "address", "of": "<of>"}),
    "new-code": ("reissue", {"what": "code", "of": "<of>"}),
    "revoke": ("revoke", {"of": "<of>"}),
    "steal-mailbox": ("steal", {"by": "<thief>", "what": "mailbox", "of": "<of>"}),
    "steal-code": ("steal", {"by": "<thief>", "what": "activation-code", "of": "<of>"}),
    "steal-password": ("steal", {"by": "<thief>", "what": "password", "of": "<of>"}),
    "scan": ("scan", {"by": "scanner", "of": "<of>"}),
    "restart": ("restart", {}),
    "idle": ("wait", {"for": IDLE}),
    "long-pause": ("wait", {"for": LONG}),
}
"""What a scope may list, each a verb with its arguments; `<…>` stands for everybody and everything in the scope."""

FAULTS: dict[str, Fault] = {
    "cut-request": Fault("cut-request", {"number": 1}),
    "cut-answer": Fault("cut-answer", {"number": 1}),
    "duplicate-request": Fault("duplicate-request", {"number": 1}),
    "office-crash": Fault("office-crash", {"at": "database-commit 1"}),
    "power-cut": Fault("power-cut", {"at": "disk-write 1"}),
    "pull-drive": Fault("pull-drive", {"at": "drive-write 1"}),
}
"""Faults that a scope may list; each may strike every act."""

GOALS: dict[str, tuple[str, str]] = {
    "a certificate is issued": ("download", "allowed"),
    "a certificate is active": ("activate", "allowed"),
    "business is filed": ("file", "allowed"),
    "a backup is made": ("backup", "allowed"),
    "a certificate is moved": ("recover", "allowed"),
    "a certificate is revoked": ("revoke", "allowed"),
    "an application is disapproved": ("disapprove", "allowed"),
    "an application is withdrawn": ("withdraw", "allowed"),
    "a used address yields nothing": ("download", "refused one-time-link/used"),
    "an address expires": ("download", "refused one-time-link/expired"),
    "a replaced address is dead": ("download", "refused one-time-link/replaced"),
    "another computer cannot download": ("download", "refused same-computer-download/other-computer"),
    "the initial PIN opens nothing": ("login", "refused change-initial-pin/initial"),
    "the PIN is locked": ("login", "refused pin-guards-key/locked"),
    "the code is locked": ("activate", "refused activate-first/locked"),
    "nothing is filed before activation": ("file", "refused business-after-activation/not-activated"),
    "a session ends by itself": ("file", "refused business-after-activation/session-ended"),
    "the computer before is retired": ("login", "refused one-computer/retired"),
    "a spent backup is refused": ("recover", "refused one-computer/spent"),
    "a wrong recovery proof is refused": ("recover", "refused recover-from-removable/wrong-proof"),
}
"""What should be possible: a verb, and an outcome of it that must be seen somewhere."""


@dataclass(frozen=True, slots=True)
class Scope:
    """`seats` say who sits at which computer; `given` where the exploration begins. `goals` are names of `GOALS`. With
    `exchange` states that differ by an exchange of people, computers or drives are one."""

    name: str
    about: str
    given: tuple[tuple[str, str], ...]
    seats: tuple[tuple[str, str], ...]
    drives: tuple[str, ...]
    acts: tuple[str, ...]
    goals: tuple[str, ...]
    depth: int
    faults: tuple[str, ...] = ()
    policy: Policy = DEFAULT
    applications: int = 1
    backups: int = 1
    exchange: bool = True

    @property
    def applicants(self) -> tuple[str, ...]:
        """Whose certificates this is about: those who sit somewhere, but for thieves."""
        return tuple(dict.fromkeys(who for who, _ in self.seats if who != "thief"))


LIFE = (
    "confirm", "install", "read-notice", "apply", "approve", "read-mail", "download", "change-pin", "login", "activate",
    "file", "logout", "plug", "backup", "recover",
)  # fmt: skip
"""An honest life."""
_LIFE_GOALS = (
    "a certificate is issued", "a certificate is active", "business is filed", "a backup is made",
    "a certificate is moved", "a certificate is revoked", "a used address yields nothing",
    "the initial PIN opens nothing", "nothing is filed before activation", "the computer before is retired",
    "a spent backup is refused",
)  # fmt: skip
_STRICT = Policy(pin_tries=2, activation_tries=2)

TINY = Scope(
    name="tiny",
    about="One applicant with a certificate, two computers, one drive: activation, business, and a move.",
    given=(("li-wei", "pin-changed"),),
    seats=(("li-wei", "office-pc"), ("li-wei", "home-pc")),
    drives=("red-usb",),
    acts=("install", "apply", "login", "activate", "file", "plug", "backup", "recover", "revoke"),
    goals=(
        "a certificate is active", "business is filed", "a backup is made", "a certificate is moved",
        "a certificate is revoked", "nothing is filed before activation", "the computer before is retired",
        "a spent backup is refused",
    ),
    depth=99,
)
SMALL = Scope(
    name="small",
    about="One applicant from the application on, two computers, one drive; wrong PINs, codes and proofs; time.",
    given=(("li-wei", "applied"),),
    seats=(("li-wei", "office-pc"), ("li-wei", "home-pc")),
    drives=("red-usb",),
    acts=(
        "install", "apply", "approve", "disapprove", "withdraw", "read-mail", "new-address", "download", "change-pin",
        "login", "wrong-pin", "activate", "wrong-code", "new-code", "collect-code", "file", "logout", "plug", "backup",
        "recover", "wrong-proof", "revoke", "idle", "long-pause",
    ),
    goals=("a certificate is issued", "an application is disapproved", "an application is withdrawn",
           "an address expires", "another computer cannot download", "the initial PIN opens nothing",
           "a certificate is active"),
    depth=6,
    policy=_STRICT,
)  # fmt: skip
STRUCK = Scope(
    name="struck",
    about="One applicant with a certificate, two computers, one drive; whatever is done may be struck by a fault.",
    given=(("li-wei", "pin-changed"),),
    seats=(("li-wei", "office-pc"), ("li-wei", "home-pc")),
    drives=("red-usb",),
    acts=("install", "login", "activate", "file", "plug", "backup", "recover", "revoke"),
    goals=("a certificate is active", "a backup is made"),
    depth=3,
    faults=("cut-request", "cut-answer", "duplicate-request", "office-crash", "power-cut", "pull-drive"),
)
LARGE = Scope(
    name="large",
    about="Two applicants and a thief, three computers, two drives; faults of line and power.",
    given=(("li-wei", "applied"), ("zhang-min", "applied")),
    seats=(("li-wei", "office-pc"), ("zhang-min", "studio-pc"), ("thief", "cafe-pc")),
    drives=("red-usb", "blue-usb"),
    acts=(
        *LIFE, "revoke", "wrong-pin", "wrong-code", "wrong-proof", "wrong-password", "new-address", "new-code",
        "collect-code", "withdraw", "disapprove", "idle", "long-pause", "steal-mailbox", "steal-code", "steal-password",
        "scan", "unplug", "uninstall", "restart-computer", "restart",
    ),
    goals=(*_LIFE_GOALS, "the PIN is locked", "the code is locked"),
    depth=99,
    faults=("cut-request", "cut-answer", "office-crash", "power-cut", "pull-drive"),
    policy=_STRICT,
    applications=2,
    backups=2,
)
SCOPES = {scope.name: scope for scope in (TINY, SMALL, STRUCK, LARGE)}


def chosen(name: str, depth: int | None = None, without: Sequence[str] = ()) -> Scope:
    """A scope by its name, no deeper than `depth`, and without some acts or verbs. Raises `UsageError`."""
    if name not in SCOPES:
        raise UsageError(f"--scope {name}: there is no such scope. Known: {', '.join(SCOPES)}.")
    scope = SCOPES[name]
    if unknown := {*without} - {*scope.acts, *(ACTS[act][0] for act in scope.acts)}:
        raise UsageError(f"--without {min(unknown)}: the scope has no such act. It has {', '.join(scope.acts)}.")
    acts = tuple(act for act in scope.acts if act not in without and ACTS[act][0] not in without)
    return replace(scope, acts=acts, depth=min(depth or scope.depth, scope.depth))


def steps_of(scope: Scope) -> list[Step]:
    """Everything that can be done in a scope, in a fixed order; each act once without fault and once with each."""
    filled = (step for name in scope.acts for step in steps_for(name, scope))
    acts = list({(step.verb, *map(str, step.arguments.items())): step for step in filled}.values())
    return [*acts, *(Step(0, act.verb, act.arguments, faults=(FAULTS[name],)) for name in scope.faults for act in acts)]


@cache
def steps_for(act: str, scope: Scope) -> tuple[Step, ...]:
    """One act of `ACTS`, filled in with everybody and everything in a scope."""
    return tuple(_filled(*ACTS[act], scope))


def _filled(verb: str, arguments: Arguments, scope: Scope) -> Iterator[Step]:
    """The act for everybody who may do it: an applicant with what is the applicant's, a thief with others'."""
    words = set(map(str, arguments.values()))
    seats: Sequence[tuple[str, str]] = scope.seats if words & {"<by>", "<at>"} else (("", ""),)
    for by, at in seats:
        others = scope.applicants if by in ("", "thief") and "<of>" in words else (by,)
        for of in others:
            for drive in scope.drives if "<drive>" in words else ("",):
                told = {"<by>": by or of, "<at>": at, "<of>": of, "<drive>": drive, "<thief>": "thief"}
                given = {name: told.get(str(value), value) for name, value in arguments.items()}
                if given.get("of") == given.get("by"):
                    given.pop("of", None)
                yield Step(0, verb, given)
