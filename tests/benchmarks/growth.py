"""What an act costs with few and with many applications in the store.

The store is filled by copying the rows of one life that really was lived, under other numbers; then lives are lived in
it. Every act is timed alone.
"""

from collections.abc import Callable

from lives import ACTS, acts, before_applying, live
from measure import Figure, least

from softcert_sim.world import World

SIZES = (100, 10_000, 100_000)
LIVES = 12
"""At each size."""
DAY = 86_400
KEYS = {
    "applications": {"id": "printf('%024x', n)", "csr_key": "'csr-key ' || n", "mailbox": "'m' || n || '@post.example'",
                     "mailbox_folded": "'m' || n || '@post.example'", "device": "'device ' || n",
                     "name": "'Applicant ' || n"},
    "addresses": {"id": "NULL", "application": "printf('%024x', n)"},
    "certificates": {"serial": "printf('%032x', n)", "application": "printf('%024x', n)"},
    "bindings": {"id": "NULL", "serial": "printf('%032x', n)", "device": "'device ' || n"},
    "sessions": {"id": "'session ' || n", "serial": "printf('%032x', n)", "device": "'device ' || n"},
    "backups": {"id": "'backup ' || n", "serial": "printf('%032x', n)"},
    "code_marks": {"mark": "'mark ' || n"},
    "used_nonces": {"nonce": "'nonce ' || n"},
    "repeats": {"device": "'device ' || n", "request_id": "'request ' || n", "application": "printf('%024x', n)"},
    "outbox": {"id": "n + 1000", "message_id": "'message ' || n", "application": "printf('%024x', n)"},
    "audit": {"seq": "n + 1000000"},
}  # fmt: skip
"""For each table, the columns that tell one life from another, as SQL over the number `n`."""


def fill(world: World, count: int) -> None:
    """Copy one row of each table `count` times. The audit log's chain is broken by that, its end is not."""
    with world.store.begin() as connection:
        for table, keys in KEYS.items():
            columns = [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})").all()]
            chosen = ", ".join(keys.get(column, f"template.{column}") for column in columns)
            connection.exec_driver_sql(
                f"INSERT INTO {table} ({', '.join(columns)}) "
                f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) "
                f"SELECT {chosen} FROM numbers, (SELECT * FROM {table} LIMIT 1) AS template"
            )


def filled(count: int) -> tuple[World, Callable[[], None]]:
    """A world with so many applications, and what readies it for one more life: the store stays as it is."""
    world, state = before_applying()
    live(world)
    fill(world, count)
    world.store.restore = lambda image: None  # type: ignore[method-assign]
    number = iter(range(10**9))

    def fresh() -> None:
        # A day later, so that the flood limit lets the same applicant apply again.
        world.restore(state._replace(head=world.head.get(), clock=world.clock.now() + 2 * DAY))
        world.rename(f"life {next(number)} of {count}")

    return world, fresh


def measure(quick: bool) -> list[Figure]:
    """The cost of each act at each size; the figure is the worst growth of any."""
    costs: dict[int, dict[str, float]] = {}
    for size in SIZES[:2] if quick else SIZES:
        world, fresh = filled(size)
        found = dict.fromkeys(ACTS, 1e9)
        for _ in range(3 if quick else LIVES):
            fresh()
            for name, act in acts(world).items():
                found[name] = min(found[name], least(act, 1))
        costs[size] = found
        world.close()
    first, last = min(costs), max(costs)
    growth = {name: costs[last][name] / costs[first][name] for name in ACTS}
    worst = max(growth, key=lambda name: growth[name])
    figures = [
        Figure(f"growth-{size}", f"a life with {size:,} applications", sum(found.values()) * 1e3, "ms",
               note=", ".join(f"{name} {cost * 1e3:.2f}" for name, cost in found.items()))
        for size, found in costs.items()
    ]  # fmt: skip
    note = f"{worst}, from {first:,} to {last:,} applications; more than 1.2 is growth"
    return [*figures, Figure("growth", "worst growth of an act", growth[worst], "×", 1.2, note=note)]
