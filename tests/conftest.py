"""For all tests: the same examples on every run, and on continuous integration no test is skipped in silence.

`pytest --hypothesis-profile=thorough` draws other examples each time, and twenty times as many where a property says
how many it takes by the profile.
"""

import os
from typing import cast

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "softcert", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("thorough", settings.get_profile("softcert"), derandomize=False, max_examples=2_000)
settings.load_profile("softcert")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where CI is set, a skipped test makes the run fail: what nobody ran, nobody knows to work."""
    if _skipped(session.config) and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Lists the reasons."""
    skipped = _skipped(config)
    if skipped:
        terminalreporter.section("skipped, which CI does not allow", red=True)
        for line in skipped:
            terminalreporter.write_line(line)


def _skipped(config: pytest.Config) -> list[str]:
    """Test and reason of each skipped test; empty where CI is not set, and in the workers of a parallel run."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or not isinstance(reporter, pytest.TerminalReporter):
        return []
    reports = reporter.stats.get("skipped", [])
    return [f"{report.nodeid}: {_reason(report.longrepr)}" for report in reports]


def _reason(longrepr: object) -> str:
    """The last part of what pytest keeps for a skip: (file, line, reason)."""
    return str(cast("tuple[object, ...]", longrepr)[-1]) if isinstance(longrepr, tuple) else str(longrepr)
