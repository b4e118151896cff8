"""Randomness that repeats: one independent stream for each (seed, scenario, component).

A stream is BLAKE2b in counter mode under a key made of those three, so that one more draw here moves nothing there.
It is as unguessable as its seed, and seeds are published: nothing outside the simulation may use it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

_BLOCK = 64


@dataclass(frozen=True, slots=True)
class Stream:
    """One component's randomness (`ports.Entropy`). It holds no position: the `Entropy` that made it does."""

    _key: bytes
    _name: str
    _positions: dict[str, int]

    def bytes(self, count: int) -> bytes:
        """`count` bytes. Every draw starts at a fresh block, so that its length moves no later draw of another name."""
        position = self._positions.get(self._name, 0)
        blocks = max(1, -(-count // _BLOCK))
        self._positions[self._name] = position + blocks
        if blocks == 1:
            return _block(self._key, position)[:count]
        return b"".join(_block(self._key, position + index) for index in range(blocks))[:count]


class Entropy:
    """Every stream of one run. Its state is the streams' positions, and nothing else."""

    def __init__(self, seed: int, scenario: str) -> None:
        self.seed = seed
        self.scenario = scenario
        self._positions: dict[str, int] = {}
        self._streams: dict[str, Stream] = {}

    def stream(self, name: str) -> Stream:
        """The stream of that name, at its present position; a name asked for twice is one stream."""
        if name not in self._streams:
            self._streams[name] = Stream(self._key(name), name, self._positions)
        return self._streams[name]

    def snapshot(self) -> Mapping[str, int]:
        """The positions now."""
        return self._positions.copy()

    def restore(self, saved: Mapping[str, int]) -> None:
        """Back to the positions of `snapshot`; streams handed out before follow."""
        self._positions.clear()
        self._positions.update(saved)

    def _key(self, name: str) -> bytes:
        # Lengths go before the texts, so that no two triples are spelled alike.
        parts = [str(self.seed).encode(), self.scenario.encode(), name.encode()]
        return hashlib.blake2b(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def _block(key: bytes, position: int) -> bytes:
    return hashlib.blake2b(position.to_bytes(8, "big"), key=key).digest()
