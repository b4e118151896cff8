"""Worlds that are built once and put back for every scenario, with what each was after its preludes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from softcert.rules.policy import Policy
from softcert_sim import TransportName
from softcert_sim.scenario.model import Cast, Link, MakeWorld, Scenario, World
from softcert_sim.scenario.registry import Registry

_WORLDS_KEPT = 32
_BASE = "base"
"""The name of a world in which nothing has happened."""


@dataclass(frozen=True, slots=True)
class Suite:
    """What scenarios run on: the verbs, who builds worlds, and whether the oracle knows these verbs."""

    registry: Registry
    make_world: MakeWorld
    oracle: bool = False


@dataclass(slots=True)
class _Kept:
    """A world that is built, with what it was when nothing had happened and after each prelude."""

    world: World
    states: dict[tuple[Link, ...], Any]
    """By the preludes played so far."""


class Worlds:
    """Worlds by policy, seed and cast. Where a world cannot be kept it is built anew for each scenario."""

    def __init__(self, suite: Suite, transport: TransportName, play: Callable[[World, Link], None]) -> None:
        self._suite, self._prelude = suite, play
        self._transport: TransportName = transport
        self._kept: dict[tuple[Policy, int, str], _Kept] = {}

    def at(self, scenario: Scenario, seed: int) -> World:
        """A world where the scenario begins, drawing its randomness under the scenario's own title."""
        key = (scenario.policy, seed, repr(scenario.cast))
        kept = self._kept.get(key)
        if kept is None:
            world = self._make(scenario.cast, scenario.policy, seed)
            fresh = world.snapshot()
            kept = _Kept(world, {} if fresh is None else {(): fresh})
            if fresh is not None:
                self._keep(key, kept)
        if kept.states:
            self._put_back(kept, scenario.links)
        else:
            self._prepare_or_close(kept.world, scenario.links)
        kept.world.rename(scenario.title)
        kept.world.verdicts.clear()
        return kept.world

    def done(self, world: World) -> None:
        """The scenario has ended: a world that cannot be put back is closed."""
        if all(kept.world is not world for kept in self._kept.values()):
            world.close()

    def close(self) -> None:
        """Close every world."""
        for kept in self._kept.values():
            kept.world.close()
        self._kept.clear()

    def _put_back(self, kept: _Kept, links: tuple[Link, ...]) -> None:
        """Go on from the longest beginning that was played before, and keep each step of the way."""
        known = next(count for count in range(len(links), -1, -1) if links[:count] in kept.states)
        kept.world.restore(kept.states[links[:known]])
        for count in range(known, len(links)):
            self._play(kept.world, links[count])
            kept.states[links[: count + 1]] = kept.world.snapshot()

    def _play(self, world: World, link: Link) -> None:
        """Play one prelude under a name of its own, so that it is the same wherever it is played."""
        world.rename(f"given {link.person} {link.prelude}")
        self._prelude(world, link)

    def _prepare_or_close(self, world: World, links: tuple[Link, ...]) -> None:
        try:
            for link in links:
                self._play(world, link)
        except BaseException:
            world.close()
            raise

    def _keep(self, key: tuple[Policy, int, str], kept: _Kept) -> None:
        if len(self._kept) >= _WORLDS_KEPT:
            self._kept.pop(next(iter(self._kept))).world.close()
        self._kept[key] = kept

    def _make(self, cast: Cast, policy: Policy, seed: int) -> World:
        return self._suite.make_world(cast=cast, policy=policy, seed=seed, name=_BASE, transport=self._transport)
