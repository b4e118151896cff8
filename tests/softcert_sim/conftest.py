"""Puts `toy`, the toy world of these tests, `real`, the product, and `whole`, its whole suite, within reach (worker
processes find them the same way), and calls the command line on the toys."""

import sys
from pathlib import Path

import pytest

from softcert_sim import cli

sys.path.append(str(Path(__file__).parent))


DEAR = {"whole": "whole", "told": "whole", "files": "report"}
"""Fixtures that take seconds: tests that share one go to the same worker of a parallel run."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups tests for `--dist loadgroup`."""
    for item in items:
        for group in {DEAR[name] for name in getattr(item, "fixturenames", ()) if name in DEAR}:
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def whole():
    """All shipped scenarios, run once."""
    from whole import whole_run

    return whole_run()


class Outcome:
    """What a call of `softcert` did."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def softcert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Calls the console script in an empty folder, with the toys in the product's place."""
    import toy

    fake = type(sys)("softcert_sim.product")
    fake.product = toy.suite  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "softcert_sim.product", fake)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOFTCERT_DEBUG", raising=False)

    def call(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["softcert", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err + captured.out
        return Outcome(int(left.value.code or 0), captured.out, captured.err)

    return call
