"""Coverage in plain text: in one line after a whole run, as a table of rules, and whatever was never reached."""

from collections.abc import Mapping, Sequence

from softcert_sim.coverage import KINDS, Hit, Item, complaints, unreached
from softcert_sim.unreached import UNREACHED
from softcert_sim.words.en import ENGLISH
from softcert_sim.words.language import Language


def in_one_line(items: Sequence[Item], found: Mapping[Hit, int], words: Language = ENGLISH) -> str:
    """How many of each kind were reached, and how many never, with a cause or without."""
    never, say = unreached(items, found), words.tables
    parts: list[str] = []
    for kind in KINDS:
        of_kind = [item for item in items if item.kind == kind]
        reached = len(of_kind) - sum(item.kind == kind for item in never)
        parts.append(say["reached part"].format(kind=say[f"kind {kind}"], reached=reached, all=len(of_kind)))
    excused = sum(item.name in UNREACHED for item in never)
    return say["reached"].format(parts=words.comma.join(parts), never=len(never), excused=excused)


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
