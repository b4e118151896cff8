"""Coverage in plain text: in one line after a whole run, as a table of rules, and whatever was never reached."""

from collections.abc import Mapping, Sequence

from softcert_sim.coverage import KINDS, Hit, Item, Kind, complaints, unreached
from softcert_sim.unreached import UNREACHED

_PLURALS: Mapping[Kind, str] = {
    "rule": "rules", "reason": "reasons", "verb": "verbs", "check": "checks", "fault": "faults", "error": "errors",
    "transition": "transitions", "assumption": "assumptions",
}  # fmt: skip


def in_one_line(items: Sequence[Item], found: Mapping[Hit, int]) -> str:
    """How many of each kind were reached, and how many never, with a cause or without."""
    never = unreached(items, found)
    parts: list[str] = []
    for kind in KINDS:
        of_kind = [item for item in items if item.kind == kind]
        reached = len(of_kind) - sum(item.kind == kind for item in never)
        parts.append(f"{_PLURALS[kind]} {reached} of {len(of_kind)}")
    excused = sum(item.name in UNREACHED for item in never)
    return f"Reached: {', '.join(parts)}. Never: {len(never)}, of which {excused} for a known cause."


def never_reached(items: Sequence[Item], found: Mapping[Hit, int]) -> list[str]:
    """A line for each thing that was never reached, with its cause if it has one."""
    return [
        f"  {item.name}{f': {UNREACHED[item.name]}' if item.name in UNREACHED else ''}"
        for item in unreached(items, found)
    ]


def requirement(items: Sequence[Item], found: Mapping[Hit, int]) -> list[str]:
    """What `--require-coverage` says: nothing when everything was reached that has no cause not to be."""
    wrong = complaints(items, found, UNREACHED)
    return ["Coverage is required, and this is not as it should be:", *(f"  {line}" for line in wrong)] if wrong else []
