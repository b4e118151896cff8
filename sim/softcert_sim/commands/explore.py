"""`softcert explore`: every state within a scope, on the real system."""

from dataclasses import replace
from typing import Annotated

import typer

from softcert_sim.commands.terminal import RED, Seed, say

ScopeName = Annotated[str, typer.Option("--scope", metavar="NAME", help="tiny, small or large.")]
Depth = Annotated[int | None, typer.Option(min=1, metavar="N", help="Go no further than N acts.")]
Without = Annotated[list[str] | None, typer.Option(metavar="VERB", help="Leave an act or verb out; may be repeated.")]


def explore(scope: ScopeName = "tiny", depth: Depth = None, without: Without = None, seed: Seed = None) -> int:
    """Visit every state within a scope, and ask in each what must hold and what must be possible."""
    from softcert_sim.explorer.scopes import ACTS, SCOPES
    from softcert_sim.explorer.search import explore as search
    from softcert_sim.explorer.told import green, tell
    from softcert_sim.scenario.files import UsageError

    if scope not in SCOPES:
        raise UsageError(f"--scope {scope}: there is no such scope. Known: {', '.join(SCOPES)}.")
    chosen, left_out = SCOPES[scope], set(without or ())
    if unknown := left_out - {*chosen.acts, *(ACTS[act][0] for act in chosen.acts)}:
        raise UsageError(f"--without {min(unknown)}: the scope has no such act. It has {', '.join(chosen.acts)}.")
    acts = tuple(act for act in chosen.acts if act not in left_out and ACTS[act][0] not in left_out)
    found = search(replace(chosen, acts=acts, depth=min(depth or chosen.depth, chosen.depth)), 1 if seed is None else seed)
    say(tell(found, 1 if seed is None else seed))
    return 0 if green(found) else RED
