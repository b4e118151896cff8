"""`softcert shrink`: what is wrong with a red scenario, in as few steps as it takes."""

from pathlib import Path
from typing import Annotated

import typer

from softcert_sim.commands.reports import check_file, write_text
from softcert_sim.commands.terminal import Seed, as_path, say

File = Annotated[Path, typer.Argument(metavar="FILE", parser=as_path, help="A scenario that does not come out.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write it; else to standard output.")
]


def shrink(file: File, output: Output = None, seed: Seed = None) -> int:
    """Make a red scenario as small as it goes, failing in the same way."""
    from softcert_sim.columns import count
    from softcert_sim.product import product
    from softcert_sim.shrink import shrink_file
    from softcert_sim.stage import Setting

    if output is not None:
        check_file("--output", output)
    shrunk = shrink_file(file, product(), Setting(seed=seed))
    if output is None:
        say(shrunk.text)
    else:
        write_text(output, shrunk.text)
    left = f"{len(shrunk.scenario.steps)} of {count(shrunk.before, 'step')} left"
    typer.echo(f"{shrunk.complaint}\n{left}, after {count(shrunk.trials, 'run')}.", err=True)
    return 0
