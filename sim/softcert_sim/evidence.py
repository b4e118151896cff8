"""What really happened in a world, for whoever counts: faults that struck, and steps that records took in their lives."""

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from softcert_sim.scenario.model import Step

if TYPE_CHECKING:
    from softcert_sim.trace import Mark
    from softcert_sim.world import World

UNARMED = ("write-protect", "slow-line", "mail-down", "mail-reject", "mail-cut", "mail-delay", "mail-drop",
           "mail-duplicate", "mail-reorder")  # fmt: skip
"""Faults that wait for no moment of their step."""


def struck(world: "World", acts: Sequence[Step]) -> list[str]:
    """The faults that did strike, by name. `acts` are all acts of the scenario, in order."""
    own = world.trace.marks[-len(acts) :] if acts else ()
    return [name for step, mark in zip(acts, own, strict=True) for name in _struck_in(world, step, mark)]


def _struck_in(world: "World", step: Step, mark: "Mark") -> Iterator[str]:
    inbox = world.inbox.snapshot()
    armed = [fault.name for fault in step.faults if fault.name not in UNARMED]
    if mark.struck >= len(armed):
        yield from armed
    for name in (fault.name for fault in step.faults if fault.name in UNARMED):
        if name == "write-protect":
            showed = step.expected.kind != "allowed"
        elif name == "slow-line":
            showed = mark.exchanges[0] < mark.exchanges[1]
        elif name == "mail-down":
            showed = world.records.mails_tried_again() > 0
        else:
            showed = not (inbox.plans or any(mail.until is None for mail in inbox.held))
        if showed:
            yield name


def moves(world: "World", acts: Sequence[Step]) -> list[tuple[str, str, str]]:
    """Kind, state before and event of every step that a record took in these acts, all of the scenario, as the audit log
    tells it; nothing where somebody changed the database, which then proves nothing."""
    if world.trace.tampered or not acts:
        return []
    states: dict[tuple[str, str], str] = {}
    found: list[tuple[str, str, str]] = []
    began = world.trace.marks[-len(acts)].audit[0]
    for seq, details in world.records.lives():
        for kind, key, state, event in _told(details):
            if event and seq > began:
                found.append((kind, states.get((kind, key), "none"), event))
            states[kind, key] = state
    return found


@lru_cache(maxsize=4096)
def _told(details: str) -> tuple[tuple[str, str, str, str], ...]:
    """Kind, key, state and event, if any, of every record that an entry tells of."""
    content = json.loads(details)
    events = content.get("events", {})
    return tuple(
        (kind, key, word.partition(" ")[0], events.get(kind, {}).get(key, ""))
        for kind, words in content["records"].items()
        for key, word in words.items()
    )
