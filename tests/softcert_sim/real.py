"""The product itself in a test: scenarios shipped ones, or written there for the shipped cast."""

from functools import cache

from softcert_sim.product import product
from softcert_sim.results import ScenarioResult
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.model import Cast, Scenario
from softcert_sim.stage import Setting, Stage


def named(name: str) -> Scenario:
    """A shipped scenario, such as `4-downloading/used-address`."""
    [scenario] = Loader(product().registry).load_file(shipped() / f"{name}.scenario.yaml")
    return scenario


def read(text: str) -> Scenario:
    """The text of a file as a scenario."""
    [scenario] = Loader(product().registry).load_text("real.yaml", text, _cast())
    return scenario


@cache
def _cast() -> Cast:
    return Loader(product().registry).shared(shipped()).cast


def written(steps: str, head: str = "") -> Scenario:
    """A scenario of these steps, with more lines at its head."""
    return read(f"softcert: 1\nscenario: Real\n{head}steps:\n{steps}")


def play(scenario: Scenario, setting: Setting | None = None) -> ScenarioResult:
    """What comes of a scenario on the product as it is now."""
    stage = Stage(product(), setting or Setting())
    try:
        return stage.run(scenario)
    finally:
        stage.close()
