"""Hypothesis as a detector: some lives on the real system, the same in every run. It needs the extra `test`."""

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec

from softcert.rules.catalogue import RuleId
from softcert_sim.sabotage.sighting import OutOfTime, Sighting, broke_down, in_time, named_in, time_out

LIVES, ACTS = 12, 25
"""As many are lived, of at most so many acts."""
KNOWN = find_spec("hypothesis") is not None


def properties(seed: int, rule: RuleId) -> Iterator[Sighting]:
    """Lives that Hypothesis draws, whatever the rule; the first violation ends it. Its draws are its own, and no seed's."""
    from hypothesis import HealthCheck, Phase, Verbosity, settings
    from hypothesis.stateful import run_state_machine_as_test

    from softcert_sim.strategies import Found, Process, stage

    bounded = settings(
        max_examples=LIVES, stateful_step_count=ACTS, derandomize=True, database=None, deadline=None,
        phases=(Phase.generate,), verbosity=Verbosity.quiet, report_multiple_bugs=False, print_blob=False,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large),
    )  # fmt: skip
    title = f"{LIVES} lives of {ACTS} acts"
    try:
        in_time(partial(run_state_machine_as_test, type("Life", (Process,), {"seed": seed}), settings=bounded))
    except OutOfTime:
        yield time_out("properties", title)
    except Found as found:
        said = str(found).partition("\n")[0]
        kind = "error" if "Error: " in said else "red"
        yield Sighting(kind, "properties", title, said.partition(": ")[0], "no violation", said, named_in(said))
    except Exception as error:  # noqa: BLE001  (a saboteur breaks more than he says)
        yield broke_down("properties", title, error)
    finally:
        stage().close()
        stage.cache_clear()
