"""The process as a small abstract machine of plain values, written from the catalogue's texts and docs/process.md.

It shares with the product the rules' ids, as texts, and nothing else. For any act in any state it says what must come of
it and which state comes then, or has no opinion.
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import eq, itemgetter
from typing import Any, cast

from softcert_sim.oracle.acts import ACTS
from softcert_sim.oracle.canonical import canonical, exchange
from softcert_sim.oracle.checks import LOOKS
from softcert_sim.oracle.computer import drive
from softcert_sim.oracle.facts import Act, Expected, Facts, Moment, Name, State, Stop, World
from softcert_sim.oracle.office import pass_time
from softcert_sim.oracle.things import forget, unplug

__all__ = ["Act", "Expected", "State", "begin", "canonical", "exchange", "given", "plain", "predict"]


def plain(value: Any) -> Any:
    """A value that can be hashed."""
    if isinstance(value, Mapping):
        return tuple((name, plain(item)) for name, item in cast(Mapping[str, Any], value).items())
    return tuple(map(plain, cast(list[Any], value))) if isinstance(value, list) else value


def begin(who: Any, policy: Mapping[str, Any], now: int = 0) -> State:
    """Nothing has happened. `who` has people, computers and drives by name; `policy` its fields as Python calls them."""
    facts: dict[Name, Any] = {("clock",): Moment(now), ("latest",): Moment(now), ("needed",): (1, 0, 0)}
    facts |= {("notice", "without-e-licence"): 1, ("notice", "with-e-licence"): 1}
    for name, data in who.people.items():
        facts["person", name] = plain(data)
    for name, data in who.computers.items():
        facts["owner", name], facts["element", name] = data.get("owner", ""), data.get("element", "secure")
        facts["device", name], facts["ids", name] = (name, 0), tuple((name, part, 0) for part in range(4))
    for name, data in who.drives.items():
        facts["drive", name] = data["kind"]
    return State(tuple(sorted(policy.items())), (_frozen(facts),))


def _frozen(facts: Mapping[Name, Any], before: World = ()) -> World:
    """In the order of the names, which need no sorting where they are those from before."""
    same = len(facts) == len(before) and all(map(eq, facts, (name for name, _ in before)))
    return tuple(facts.items()) if same else tuple(sorted(facts.items(), key=itemgetter(0)))


def predict(
    state: State, act: Act, seen: tuple[str, str] | None = None, *, takes: int = 1
) -> tuple[Expected | None, State]:
    """What must come of an act that takes so many seconds, and the state then; None is no opinion.

    `seen` is what did come, kind and detail, where it is known: worlds that could not have led to it are left out. It
    does not touch the opinion.
    """
    policy = dict(state.policy)
    came = [(expected, world) for before in state.worlds for expected, world in _worlds(before, policy, act, takes)]
    said = {expected.said for expected, _ in came}
    opinion = came[0][0] if len(said) == 1 and came[0][0].kind != "unsaid" else None
    possible = [world for expected, world in came if expected.said == seen]
    if not possible and seen and seen[0] in ("refused", "rejected"):
        possible = [world for expected, world in came if expected.kind == "unsaid" and expected.detail == "unchanged"]
    found = possible or [world for _, world in came]
    worlds = tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)
    return opinion, State(state.policy, worlds)


_LINES: dict[tuple[str, int, str], list[str]] = {
    ("cut-request", 1, "signed"): ["lost"], ("cut-answer", 1, "signed"): ["cut"],
    ("cut-request", 2, "signed"): ["acknowledgement lost"],
}  # fmt: skip
"""Which request it is that a line loses, where the texts number it: the act's own, then its acknowledgement."""
_SOMEWHERE = ("lost", "cut", "second lost", "second cut")
"""What a moment may strike that the texts do not number: the act, or the acknowledgement of an earlier one before it."""
_UNSIGNED = ("visit", "confirm", "install", "read-notice")
"""Acts that ask once and sign nothing: whatever breaks, nothing happened."""
_READING = ("visit", "install", "read-notice")
"""Of these those that change nothing at the office."""
_SILENT = ("wait", "wait-until", "restart")
"""Acts that ask the office nothing: what can die is the sending of the mails that are due."""
_BY_HAND = ("scan", "open", "send", "replay", "forge-jws")
"""Acts whose requests no driver makes: whether a fault strikes one of them, and which, stands in no text."""
_ELEMENT = {"element-save 1": ["unopened"], "element-saved 1": ["counted"], "element-save 2": ["counted"]}


def _worlds(before: World, policy: Mapping[str, Any], act: Act, takes: int) -> Iterator[tuple[Expected, World]]:
    """Every way in which an act may go; more than one where a fault strikes at a moment that the texts do not name."""
    faults = {name: dict(arguments) for name, arguments in act.faults}
    ways = [way for name, arguments in faults.items() for way in _ways(act.verb, name, arguments)]
    for way in ways or [""]:
        expected, world = _one_way(before, policy, way, act, faults, takes)
        yield expected, world
        if expected.kind == "unsaid":
            yield Expected("unsaid", "unchanged"), _one_way(before, policy, "", Act("visit"), {}, takes)[1]


def _ways(verb: str, fault: str, said: Mapping[str, Any]) -> Sequence[str]:
    """The ways that a fault leaves open. What sends is written down first, and the answer afterwards, both by one
    replacement of a file; a PIN is changed by the element's step between two of them."""
    moment = str(said.get("at", ""))
    operation, _, number = moment.partition(" ")
    if verb in _BY_HAND and fault in ("no-line", "cut-request", "cut-answer", "office-crash"):
        return ["", "at once", "before", "after"]
    if fault in ("cut-request", "cut-answer"):
        which = (fault, said.get("number", 1), said.get("of", "signed"))
        return ["no-line"] if verb in _UNSIGNED else _LINES.get(which, [*_SOMEWHERE, "acknowledgement lost", ""])
    if fault == "office-crash":
        if verb in _SILENT:
            return ["late", ""]
        first = {"database-commit 1": ["lost"], "database-committed 1": ["lost", "cut"]}.get(moment)
        return ["no-line"] if verb in _READING else first or [*_SOMEWHERE, "late", "no-line", ""]
    if fault == "no-line":
        return ["no-line"]
    if fault == "swap-drive":
        return [f"swapped {said['to']}"]
    on_drive = operation[:5] == "drive" or fault == "write-protect"
    if verb in ("backup", "recover") and on_drive and fault in ("disk-full", "write-protect", "read-error", "pull-drive"):
        later = verb == "backup" and number not in ("", "1")  # it may be the manifest that is written
        if operation == "drive-rename":
            return ["lost", "cut"]
        ways = ["drive", "cut"] if later else ["drive", "at once"] if number else ["drive"]
        return [*ways, ""] if operation == "drive-any" and fault != "pull-drive" else ways  # not every one is hurt by it
    if verb == "install" and fault in ("power-cut", "disk-full", "read-error"):
        return ["lost"] if fault == "power-cut" and number == "1" else ["lost", "remembered", "cut", ""]
    if fault != "power-cut":
        return ["at once", "lost", "cut", ""] if fault in ("disk-full", "read-error", "pull-drive") else []
    if verb == "change-pin":
        return _ELEMENT.get(moment) or (["lost", "prepared"] if number == "1" or operation[:7] == "element" else ["done"])
    return _ELEMENT.get(moment) or (["lost"] if operation[:5] == "disk-" and number == "1" else ["lost", "cut"])


def _one_way(
    before: World, policy: Mapping[str, Any], way: str, act: Act, faults: Mapping[str, Mapping[str, Any]], takes: int
) -> tuple[Expected, World]:
    w = Facts(before, policy, way)
    w.dies = "office-crash" in faults
    arguments: dict[str, Any] = {name: dict(value) if name == "with" else value for name, value in act.arguments}
    _arm(w, faults)
    kind, detail, result = "allowed", "", None
    try:
        if way == "at once" or (way == "no-line" and act.verb in _UNSIGNED):
            if act.verb == "confirm":
                w.pop(("ticket", arguments["at"]), None)
            w.broken()
        w.strike("before")
        result = _look(w, act.verb, arguments) if act.verb.startswith("check-") else ACTS[act.verb](w, arguments)
        w.strike("after")
    except Stop as stop:
        kind, detail = stop.kind, stop.detail
    if "pull-drive" in faults and kind == "broken" and act.verb in ("backup", "recover"):
        unplug(w, drive(w, arguments["at"], arguments.get("to") or arguments.get("from"))[0])
    if act.label:
        w["label", act.label], w["labelled", act.label] = result, act.verb
    if "power-cut" in faults:
        kind, detail = "broken", "unknown"
        forget(w, _computer(w, arguments))
    expected = Expected(kind, detail, tuple(w.asked.items()))
    if way == "late":
        w["mail-down",] = Moment(w["clock",] + 2)
    pass_time(w, takes)
    return expected, _frozen(w, before)


def _computer(w: Facts, a: Mapping[str, Any]) -> str:
    """Where an act happens: what it names, or where the drive is that it names."""
    there = (at for (_, at), drives in w.row("plugged") if a.get("drive") in drives)
    return a.get("at") or a.get("into") or next(there, "")


def _look(w: Facts, check: str, arguments: Mapping[str, Any]) -> None:
    """Compare what a check would see; nothing is said of unknown checks, of words in texts, of what compares nothing."""
    look, wanted = LOOKS.get(check, (None, None))
    if look is None or wanted is None:
        raise Stop("unsaid")
    seen, expected = look(w, arguments), wanted(arguments)
    if seen != expected:
        raise Stop("failed", str(seen))
    if {"says", "entries", "refused", "rejected"} & {*arguments} or expected in ((None, None), (None, None, None)):
        raise Stop("unsaid")


def _arm(w: Facts, faults: Mapping[str, Mapping[str, Any]]) -> None:
    """Faults of the mail strike the next mails; a slow line takes time."""
    plans = w.get(("plans",)) or ()
    for name, said in faults.items():
        if name == "mail-down":
            w["mail-down",] = Moment(w["clock",] + said["for"])
        elif name.startswith("mail-"):
            value = int(said.get("code", "451")) if name == "mail-reject" else w["clock",] + said.get("by", 0)
            plans = (*plans, *[(name[5:], value)] * int(said.get("times", 1)))
        elif name == "slow-line":
            pass_time(w, said["by"])
    w["plans",] = plans


_PRELUDES: dict[str, tuple[str, ...]] = {
    "driver-installed": ("visit", "confirm", "install"),
    "applied": ("read-notice", "fill", "review", "apply"),
    "approved": ("wait", "approve"),
    "downloaded": ("read-mail", "download"),
    "pin-changed": ("change-pin",),
    "active": ("login", "activate", "logout"),
    "backed-up": ("plug", "backup", "unplug"),
    "moved": ("install", "plug", "recover"),
}


def given(state: State, who: Any, person: str, prelude: str) -> State:
    """The state after one prelude of the product's, for one person at the computer that is the person's first. Its acts
    take no time: only the office's review does."""
    facts = Facts(state.worlds[0], dict(state.policy))
    own = [at for at, data in who.computers.items() if data.get("owner") == person]
    made = facts.get(("knows", person, "backup", person), ((),))[-1]
    with_it = [drive for drive in who.drives if ("file", drive, made) in facts]
    plugged = {drive for _, drives in facts.row("plugged") for drive in drives}
    spare = [drive for drive in who.drives if not facts.row("file", drive) and drive not in plugged]
    other = (own[1:] or [at for at in who.computers if not facts.row("key", at)])[:1]
    at, drive = (other, with_it[:1]) if prelude == "moved" else (own[:1], spare[:1])
    arguments = {"by": person, "at": (at or [""])[0], "of": person, "drive": (drive or [""])[0], "into": (at or [""])[0],
                 "for": dict(state.policy)["review_time"]}  # fmt: skip
    for verb in _PRELUDES[prelude]:
        needs = {"wait": "for", "approve": "of", "plug": "drive into", "unplug": "drive"}.get(verb, "by at").split()
        _, state = predict(state, Act(verb, tuple((name, arguments[name]) for name in needs)), takes=0)
    return state
