"""What `softcert run` does in place of a plain run, and which options go with it; every other is refused, not ignored."""

from collections.abc import Sequence
from typing import NamedTuple


class Mode(NamedTuple):
    """Why others do not go with it, and those that do."""

    why: str
    goes: tuple[str, ...]


_CHOICE = ("--rule", "--tag", "--shard", "--last-failed")
_WRITTEN = ("--junit", "--json", "--html", "--artifacts")
MODES = {
    "--policy-matrix": Mode("shows one table for many runs", (*_CHOICE, "--seed", "--workers", "--transport", "--lang")),
    "--crash-everywhere": Mode(
        "goes back to each step again and again", (*_CHOICE, "--seed", "--workers", "--artifacts")
    ),
    "--interleavings": Mode(
        "goes back to each step again and again", (*_CHOICE, "--seed", "--workers", "--artifacts")
    ),
    "--break": Mode("shows one file under one broken rule", ("--seed", "--transport", "--lang")),
    "--step": Mode("only shows one scenario", (*_CHOICE, "--seed", "--transport", "--lang", "--example")),
    "--require-coverage": Mode(
        "asks what a whole suite reaches",
        ("--seed", "--workers", "--transport", "--lang", "--expected-failures", *_WRITTEN),
    ),
}
"""By the option that asks for it. Of two that are asked for, the first here speaks."""


def check(given: Sequence[str]) -> None:
    """Whether these options go together. Raises `UsageError`."""
    from softcert_sim.scenario.files import UsageError

    mode = next((option for option in MODES if option in given), None)
    if mode is None:
        if "--example" in given:
            raise UsageError("--example says what --step steps through: add --step.")
        return
    for option in given:
        if option not in (mode, *MODES[mode].goes):
            raise UsageError(f"{mode} {MODES[mode].why}: leave {option} out.")
