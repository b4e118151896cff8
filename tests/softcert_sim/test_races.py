"""Acts at once: every interleaving is explained by an order of them, and one that is not is found and written down."""

import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from softcert_sim.cli import app
from softcert_sim.orders import in_order, orders
from softcert_sim.product import product
from softcert_sim.races import Interleavings, interleavings
from softcert_sim.results import ScenarioResult
from softcert_sim.runner import Options
from softcert_sim.sabotage.hand import broken
from softcert_sim.sabotage.saboteur import every
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.stage import Setting, Stage
from softcert_sim.turns import by_turns

CLONE = shipped() / "4-downloading" / "clone-at-once.scenario.yaml"
DECIDED = shipped() / "3-the-decision" / "two-decisions-at-once.scenario.yaml"


def explored(*paths: Path, workers: int = 1) -> Interleavings:
    """All interleavings of these files."""
    return interleavings(paths, Options(workers=workers), product)


def played(path: Path, transport: str = "memory") -> ScenarioResult:
    """The one scenario of a file."""
    [scenario] = Loader(product().registry).load([path])
    stage = Stage(product(), Setting(transport=transport))
    try:
        return stage.run(scenario)
    finally:
        stage.close()


def with_turns(tmp_path: Path, turns: str) -> Path:
    """A computer and its clone download by these turns, or one after the other."""
    text = CLONE.read_text(encoding="utf-8").replace("turns: 2 1 1 2", f"turns: {turns}" if turns else "")
    (tmp_path / "turns.yaml").write_text(text, encoding="utf-8")
    return tmp_path / "turns.yaml"


def came(result: ScenarioResult) -> list[str]:
    """What came of the acts at once."""
    return [str(part.outcome) for step in result.steps for part in step.inner]


# --- By turns ---------------------------------------------------------------------------------------------------------


def test_one_act_runs_at_a_time_and_turns_say_which() -> None:
    said: list[str] = []

    def act(name: str) -> str:
        for part in range(3):
            said.append(f"{name}{part}")
            threading.current_thread().wait()  # type: ignore[attr-defined]
        return name

    entered: list[int] = []
    results = by_turns([lambda: act("a"), lambda: act("b")], in_order([2, 1, 2, 2, 2, 2, 2]), entered.append)
    assert results == ["a", "b"]
    assert said == ["b0", "a0", "b1", "b2", "a1", "a2"]
    assert entered == [1, 0, 1, 1, 1, 0, 0, 0]


def test_what_an_act_raises_ends_the_others_too() -> None:
    ended: list[str] = []
    before = threading.active_count()

    def waits() -> None:
        try:
            threading.current_thread().wait()  # type: ignore[attr-defined]
        finally:
            ended.append("waiting")

    def fails() -> None:
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        by_turns([waits, fails], in_order([1, 2]), lambda number: None)
    assert ended == ["waiting"]
    assert threading.active_count() == before


def test_the_same_act_twice_at_one_computer_may_be_one_request() -> None:
    [scenario] = Loader(product().registry).load([shipped() / "4-downloading" / "twice-at-once.scenario.yaml"])
    [same] = [step.together[:2] for step in scenario.steps if step.together]
    assert sorted(orders(same)) == [(0,), (0, 1), (1,), (1, 0)]
    [scenario] = Loader(product().registry).load([CLONE])
    [others] = [step.together for step in scenario.steps if step.together]
    assert sorted(orders(others)) == [(0, 1), (1, 0)]


# --- In files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turns", "first"), [("1 1 2 2", True), ("2 2 1 1", False), ("1 2 2 1", False), ("2 1 1 2", True), ("2 2", False)]
)
def test_who_comes_first_at_the_office_has_the_certificate(tmp_path: Path, turns: str, first: bool) -> None:
    result = played(with_turns(tmp_path, turns))
    assert result.red is None
    assert came(result) == (["allowed", "refused one-time-link/used"][:: 1 if first else -1])


def test_the_same_turns_give_the_same_bytes(tmp_path: Path) -> None:
    path = with_turns(tmp_path, "1 2 2 1")
    assert played(path).digest == played(path).digest


def test_over_sockets_acts_at_once_are_done_whole(tmp_path: Path) -> None:
    result = played(with_turns(tmp_path, "2 1 1 2"), transport="loopback")
    assert (result.red, came(result)) == (None, ["refused one-time-link/used", "allowed"])


@pytest.mark.parametrize("turns", ["0 1", "1 3", "1 x", "''"])
def test_turns_are_numbers_of_the_acts(tmp_path: Path, turns: str) -> None:
    path = with_turns(tmp_path, turns)
    result = CliRunner().invoke(app, ["lint", str(path)])
    assert result.exit_code == 2
    assert "expected numbers from 1 to 2, as in `1 2 2 1`" in result.stderr


# --- Every interleaving -----------------------------------------------------------------------------------------------


def test_an_order_explains_every_interleaving_with_any_number_of_workers() -> None:
    one, two = (explored(CLONE, DECIDED, workers=workers) for workers in (1, 2))
    assert one.green, one.report()
    assert [acts for scenario in one.raced for acts in scenario.acts] == [
        ("2 download", 2, 6, False),
        ("approve, disapprove", 2, 6, False),
    ]
    assert (one.raced, one.files) == (two.raced, two.files)


def test_where_nothing_happens_at_once_it_says_so() -> None:
    path = shipped() / "4-downloading" / "used-address.scenario.yaml"
    result = CliRunner().invoke(app, ["run", "--interleavings", str(path)])
    assert result.exit_code == 2
    assert "nothing happens at once" in result.stderr


def test_a_download_that_is_not_atomic_issues_two_certificates_and_is_found(tmp_path: Path) -> None:
    saboteur, path = every()["looked-at-before"], with_turns(tmp_path, "")
    with broken(saboteur.act):
        assert played(path).red is None  # one after the other nothing is wrong
        found = explored(path)
        [file] = found.files
        assert not found.green
        assert {one.rules for raced in found.raced for one in raced.found} == {("one-time-link",)}
        (tmp_path / "again.yaml").write_text(file, encoding="utf-8")
        red = played(tmp_path / "again.yaml").red
    assert "turns: 2 2" in file
    assert red is not None
    assert red.violated == ("one-time-link",)
    assert "has 2 certificates" in red.seen
    assert played(tmp_path / "again.yaml").red is None  # and so it stays when the defect is mended
