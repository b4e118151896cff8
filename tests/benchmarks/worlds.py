"""Taking a world and putting it back: the standard world is the shipped cast with one applicant's active certificate."""

from lives import OLD, WHO, cast
from measure import Figure, each, least

from softcert.rules.policy import Policy
from softcert_sim.scenario.registry import DEFAULT
from softcert_sim.verbs import applicant
from softcert_sim.world import World


def standard() -> World:
    """The world after the prelude `active`."""
    world = World(cast(), Policy(), 1, "benchmark")
    for prelude in DEFAULT.chain("active"):
        prelude.function(world, WHO)
    return world


def measure(quick: bool) -> list[Figure]:
    """Snapshot and restore, with nothing in between and with one act in between."""
    world = standard()
    state = world.snapshot()
    assert state is not None
    kept = state
    runs = 20 if quick else 200

    def both() -> None:
        world.snapshot()
        world.restore(kept)

    def after_an_act() -> float:
        """Restoring what one login changed; and then taking it."""
        applicant.login(world, by=WHO, at=OLD)
        return least(lambda: world.restore(kept), 1) + least(world.snapshot, 1)

    idle, busy = each(both), min(after_an_act() for _ in range(runs))
    store = each(lambda: world.store.restore(kept.store)) + each(world.store.snapshot)
    renewing = each(lambda: [world.renew(name) for name in world.places])
    size = f"{len(kept.store) / 1024:.0f} kB of database"
    return [
        Figure("world", "snapshot and restore, nothing in between", idle * 1e3, "ms", 0.2, note=size),
        Figure("world-act", "snapshot and restore, a login in between", busy * 1e3, "ms", 0.2),
        Figure("world-store", "of which the database", store * 1e3, "ms"),
        Figure("world-drivers", "of which making the drivers anew", renewing * 1e3, "ms"),
    ]
