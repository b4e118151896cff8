"""`softcert explore`: every state within a scope, on the real system."""

import contextlib
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from softcert_sim.commands.reports import Reports, write_text
from softcert_sim.commands.terminal import RED, Seed, Workers, answering_ctrl_c, say

if TYPE_CHECKING:
    from softcert_sim.explorer.search import Found, Watch

ScopeName = Annotated[str, typer.Option("--scope", metavar="NAME", help="tiny, small, struck or large.")]
Depth = Annotated[int | None, typer.Option(min=1, metavar="N", help="Go no further than N acts.")]
Without = Annotated[list[str] | None, typer.Option(metavar="VERB", help="Leave an act or verb out; may be repeated.")]
Artifacts = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write counterexamples there; else they are shown.")
]


def explore(
    scope: ScopeName = "tiny",
    depth: Depth = None,
    without: Without = None,
    workers: Workers = 0,
    seed: Seed = None,
    artifacts: Artifacts = None,
) -> int:
    """Visit every state within a scope, and ask in each what must hold and what must be possible."""
    from softcert_sim.explorer.scopes import chosen
    from softcert_sim.explorer.search import explore as search
    from softcert_sim.explorer.told import counterexamples, green, tell
    from softcert_sim.stage import DEFAULT_SEED

    Reports(artifacts=artifacts).check()
    used = DEFAULT_SEED if seed is None else seed
    with answering_ctrl_c(), _progress() as watch:
        found = search(chosen(scope, depth, without or ()), used, workers or os.cpu_count() or 1, watch)
        texts = counterexamples(found, used)
    for number, text in enumerate(texts, 1):
        if artifacts is not None:
            write_text(artifacts / f"explore-{number}.scenario.yaml", text)
    say("\n".join([tell(found, used), *(texts if artifacts is None else ())]))
    return 0 if green(found) else RED


@contextlib.contextmanager
def _progress() -> "Generator[Watch | None]":
    """A line on the terminal that counts; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("Building a world …") as status:

        def watch(found: "Found", done: int, total: int) -> None:
            rate = f"{found.transitions / found.elapsed:,.0f} a second"
            status.update(f"depth {found.depth}: {done:,} of {total:,} states  {found.transitions:,} transitions, {rate}")

        yield watch
