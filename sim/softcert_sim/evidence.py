"""What really happened in a world, for whoever counts: faults that struck, and steps that records took in their lives."""

import json
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from softcert_sim.scenario.model import Step

if TYPE_CHECKING:
    from softcert_sim.world import World

AILMENTS = {"pull": "pull-drive", "swap": "swap-drive"}
"""Faults of disks that scenarios call otherwise."""
PLANS = {"refuse-message": "mail-reject", "cut": "mail-cut", "delay": "mail-delay", "drop": "mail-drop",
         "duplicate": "mail-duplicate", "reorder": "mail-reorder"}  # fmt: skip
"""What scenarios call the plans of the inbox."""


def waiting(world: "World") -> Counter[str]:
    """How many faults of each name wait for their moment in computers, drives, lines and office."""
    places = world.places.values()
    found = Counter({"power-cut": sum(len(place.machine.power.snapshot().armed) for place in places)})
    found.update(fault.kind for faults in world.line_faults() for fault in faults.waiting())
    found.update(AILMENTS.get(kind, kind) for _, disk in world.volumes() for kind in disk.armed())
    found["office-crash"] += world.crash.armed
    return found


def mail_waiting(world: "World") -> Counter[str]:
    """How many faults of each name wait for a mail."""
    found: Counter[str] = Counter()
    for plan in world.inbox.snapshot().plans:
        found[PLANS[plan.kind]] += plan.count
    found["mail-down"] += world.inbox.down and not world.post.turned_away
    return found


def struck(world: "World", acts: Sequence[Step]) -> list[str]:
    """The faults that did strike, by name. `acts` are all acts of the scenario, in order. A mail that never was overtaken
    was not reordered."""
    own = world.trace.marks[-len(acts) :] if acts else ()
    never = {"mail-reorder"} if any(mail.until is None for mail in world.inbox.snapshot().held) else set[str]()
    return [name for mark in own for name in mark.struck if name not in never]


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
