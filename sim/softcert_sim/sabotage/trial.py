"""Sends saboteurs past detectors: what each detector saw of each, in order, the same for any number of workers.

A saboteur is killed by a detector when what it saw names what he declared: his rule, an invariant or a check. What broke
down, hung, or was seen for another reason is counted apart, and kills nobody. A detector does not stop at its first find.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import process_time
from typing import Literal

from softcert.rules.catalogue import RULES
from softcert_sim.sabotage.detectors import DETECTORS
from softcert_sim.sabotage.hand import Missing, broken
from softcert_sim.sabotage.saboteur import CONTROL, Saboteur, every
from softcert_sim.sabotage.sighting import Detector, Sighting
from softcert_sim.scenario.files import UsageError
from softcert_sim.scenario.marks import meant
from softcert_sim.workers import share_out

Verdict = Literal["killed", "survived", "misread", "no target"]
UNBROKEN = "unbroken"
"""The first row: the product as it is."""
Watch = Callable[[str, int, int], None]
"""Called before each trial with the saboteur's id, how many trials are done and how many there are."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One saboteur and one detector. `idle`: what he put in place was never called. `missing`: he found no target."""

    saboteur: str
    detector: str
    kills: tuple[Sighting, ...] = ()
    others: tuple[Sighting, ...] = ()
    idle: bool = False
    missing: str = ""
    elapsed: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """`misread` is a saboteur who was seen, and not by what he broke."""
        if self.missing:
            return "no target"
        return "killed" if self.kills else "misread" if self.others else "survived"

    def count(self, kind: str) -> int:
        """How many of the other sightings are of that kind."""
        return sum(sighting.kind == kind for sighting in self.others)


def try_all(
    ids: Sequence[str],
    seed: int,
    workers: int = 1,
    watch: Watch | None = None,
    detectors: Sequence[Detector] = DETECTORS,
) -> Iterator[Trial]:
    """Each of these saboteurs past each detector that his rule concerns, in order; `UNBROKEN` is the product as it is."""
    pairs = [(name, detector, seed) for name in ids for detector in detectors if _concerns(detector, name)]
    if workers > 1 and len(pairs) > 1:
        yield from _watched(pairs, share_out(_one, pairs, workers), watch)
    else:
        yield from _watched(pairs, map(_one, pairs), watch)


def processes(saboteurs: int) -> int:
    """As many as this machine has processors; one for a few saboteurs, since a further process begins by reading all."""
    return min(os.cpu_count() or 1, 1 + saboteurs // 2)


def choose(rules: Sequence[str], ids: Sequence[str]) -> list[Saboteur]:
    """The saboteurs of these rules and these by id; all without either. Raises `UsageError`."""
    known = every()
    for option, given, names in (("--rule", rules, RULES), ("--saboteur", ids, known)):
        for name in given:
            if name not in names:
                close = meant(name, names)
                raise UsageError(f"{option} {name}: there is none.{close} `softcert sabotage --list` lists them.")
    chosen = [one for one in known.values() if one.rule in rules or one.id in ids or not (rules or ids)]
    return [one for one in chosen if one.id != CONTROL]


def one_trial(saboteur: Saboteur | None, detector: Detector, seed: int) -> Trial:
    """One detector at one saboteur, in this process; without a saboteur, at the product as it is."""
    began, name = process_time(), saboteur.id if saboteur else UNBROKEN
    if saboteur is None:
        return Trial(name, detector.name, others=tuple(detector.look(seed, "")), elapsed=process_time() - began)
    try:
        with broken(saboteur.act) as hand:
            seen = tuple(detector.look(seed, saboteur.rule))
            idle = hand.wrapped > 0 and len(hand.untouched) == hand.wrapped
    except Missing as missing:
        return Trial(name, detector.name, missing=str(missing), elapsed=process_time() - began)
    named = tuple(sighting for sighting in seen if kills(sighting, saboteur))
    others = tuple(sighting for sighting in seen if not kills(sighting, saboteur))
    return Trial(name, detector.name, named, others, idle, elapsed=process_time() - began)


def kills(sighting: Sighting, saboteur: Saboteur) -> bool:
    """Whether a sighting names what the saboteur declared."""
    if sighting.kind != "red":
        return False
    checks = saboteur.rule in sighting.about
    return any(name in saboteur.fails and (checks or not name.startswith("check-")) for name in sighting.names)


def _concerns(detector: Detector, name: str) -> bool:
    return name in (UNBROKEN, CONTROL) or detector.concerns(every()[name].rule)


def _one(pair: tuple[str, Detector, int]) -> Trial:
    saboteur, detector, seed = pair
    return one_trial(None if saboteur == UNBROKEN else every()[saboteur], detector, seed)


def _watched(pairs: Sequence[tuple[str, Detector, int]], trials: Iterator[Trial], watch: Watch | None) -> Iterator[Trial]:
    for done, (saboteur, _, _) in enumerate(pairs):
        if watch:
            watch(saboteur, done, len(pairs))
        yield next(trials)
