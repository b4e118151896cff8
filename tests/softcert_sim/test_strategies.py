"""Any life in the real world keeps invariants and oracle content; whoever breaks the product is found, as a file."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from softcert_sim.product import product
from softcert_sim.results import StepResult
from softcert_sim.sabotage.hand import Hand, broken
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.stage import Setting, Stage
from softcert_sim.strategies import Found, Process, stage

LIVES = settings.default.max_examples // 3
LONG = {"phases": [Phase.generate], "stateful_step_count": 30, "suppress_health_check": list(HealthCheck)}


@pytest.fixture(autouse=True)
def closed():
    yield
    stage().close()


TestAnyLife = Process.TestCase
TestAnyLife.settings = settings(max_examples=LIVES, **LONG)


def found(break_it: Callable[[Hand], None]) -> tuple[Found, StepResult | None]:
    """What the machine finds in a product broken so, within the default budget; and what its file shows there."""
    with broken(break_it):
        with pytest.raises(Found) as caught:
            run_state_machine_as_test(Process, settings=settings(max_examples=LIVES, **LONG))
        stage().close()
        return caught.value, red(caught.value.file)


def red(file: str) -> StepResult | None:
    """The red step of a scenario file, as `softcert run` plays it."""
    loader, playing = Loader(product().registry), Stage(product(), Setting())
    try:
        [scenario] = loader.load_text("found.yaml", file, loader.shared(shipped()).cast)
        return playing.run(scenario).red
    finally:
        playing.close()


def test_a_used_address_that_is_good_again_is_found_and_its_file_shows_it():
    error, shown = found(lambda hand: hand.drop("one-time-link/used", "office download"))
    assert shown is not None
    assert shown.verb == "download"
    assert shown.expected == "refused one-time-link/used"
    assert error.file.rstrip().endswith("refused: one-time-link/used")
    assert red(error.file) is None


def test_the_property_that_the_documentation_shows_runs(tmp_path: Path):
    page = (Path(__file__).parents[2] / "docs" / "proof.md").read_text(encoding="utf-8")
    code = page.partition("<!-- file: test_mine.py -->\n```python\n")[2].partition("```")[0]
    (tmp_path / "test_mine.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "test_mine.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert "1 passed" in done.stdout, done.stdout


def test_without_hypothesis_it_says_what_to_install():
    code = "import sys; sys.modules['hypothesis'] = None; import softcert_sim.strategies"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: softcert_sim.strategies needs Hypothesis, which only the extra `test` brings: "
        "pip install 'softcert[test]'"
    )
