"""Any life under Hypothesis (`softcert_sim.strategies`): acts a second, and how many different states they reach."""

from time import process_time

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from measure import Figure

from softcert_sim.explorer.key import Keys
from softcert_sim.oracle import State
from softcert_sim.results import StepResult
from softcert_sim.scenario.model import Step
from softcert_sim.strategies import Process

STEPS = 40


def measure(quick: bool) -> list[Figure]:
    """Live, and count afterwards. States are told apart as `softcert explore` does."""
    lives = 50 if quick else 500
    done: list[State] = []
    silent = 0

    class Counting(Process):
        def do(self, step: Step) -> StepResult | None:
            nonlocal silent
            result = super().do(step)
            if result is not None:
                silent += result.opinion is None
                assert self.play.opinion.state is not None
                done.append(self.play.opinion.state)
            return result

    how = settings(
        max_examples=lives, stateful_step_count=STEPS, derandomize=True, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    began = process_time()
    run_state_machine_as_test(Counting, settings=how)
    seconds = process_time() - began
    keys = Keys()
    states = len({keys.of(state) for state in set(done)})
    note = f"{lives} lives of at most {STEPS} acts, {len(done):,} acts that meant something"
    return [
        Figure("property-steps", "acts a second under Hypothesis, all judged", len(done) / seconds, "1/s", note=note),
        Figure("property-states", "different states that they reached", states, "states"),
        Figure("property-silent", "acts of which the oracle had no opinion", silent, "acts"),
    ]
