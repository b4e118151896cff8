"""One run of all shipped scenarios, for all tests that ask something of it; each world is looked at when its story ends."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from softcert_sim.clear import where_in_clear
from softcert_sim.look import Look, Sheet
from softcert_sim.people import Topic
from softcert_sim.product import product
from softcert_sim.results import Results
from softcert_sim.runner import Options, run
from softcert_sim.stage import Setting
from softcert_sim.words import LANGUAGES
from softcert_sim.world import World
from softcert_sim.worlds import Suite

SEED = 7
_SECRETS: tuple[Topic, ...] = ("address", "activation-code", "pin", "password")
_SOUP = re.compile(r"[0-9a-f]{16}|[\w-]{32}")
"""Serials, thumbprints, tokens: what nobody can read to a class."""


@dataclass
class Whole:
    """`secrets` are addresses and codes that anybody learned, `leaks` what stands in clear where it must not, `soup` what
    was said of worlds that nobody can read out, `touched` the scenarios whose world was another after looking."""

    results: Results = field(default_factory=lambda: Results(SEED, []))
    ends: int = 0
    secrets: set[str] = field(default_factory=set[str])
    leaks: list[str] = field(default_factory=list[str])
    soup: list[str] = field(default_factory=list[str])
    touched: list[str] = field(default_factory=list[str])


def whole_run() -> Whole:
    """All shipped scenarios, with the scenes of a report."""
    whole = Whole()

    class Watched(World):
        def digest(self) -> str:
            whole.ends += 1
            _search(self, whole)
            _look(self, whole)
            return super().digest()

    suite = Suite(product().registry, lambda **named: Watched(**named), oracle=True)
    whole.results = run([], Options(setting=Setting(seed=SEED, scenes=True), workers=1), lambda: suite)
    return whole


def _search(world: World, whole: Whole) -> None:
    """For every secret that anybody got or chose, in all that is kept or was sent."""
    for who in world.people.everybody:
        for topic in _SECRETS:
            whole.leaks.extend(f"the {topic} of {who} in {place}" for place in where_in_clear(world, topic, who))
        for mind in world.people.minds.values():
            whole.secrets.update(known.rpartition(".")[2] for known in mind.get(("address", who), ()))
            whole.secrets.update(mind.get(("activation-code", who), ()))


def _look(world: World, whole: Whole) -> None:
    """At everything, in every language."""
    before = world.snapshot()
    for lang in LANGUAGES:
        for sheet in _everything(Look(world, lang), world):
            said = (sheet.title, *(part for line in sheet.lines for part in line))
            whole.soup.extend(text for text in said if _SOUP.search(text))
    if world.snapshot() != before:
        whole.touched.append(world.entropy.scenario)


def _everything(look: Look, world: World) -> Iterator[Sheet]:
    yield from (look.computer(name) for name in world.places)
    yield from (look.drive(name) for name in world.drives)
    yield from (look.person(name) for name in world.people.everybody)
    yield from (*look.inbox(), *look.office(whole_audit=True), *look.knowledge())
