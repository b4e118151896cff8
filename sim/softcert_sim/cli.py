"""`softcert` on the command line. Each command imports what it needs when it runs, so that help comes at once.

Exit codes: 0 all as expected; 1 something is not; 2 a file or the usage is wrong; 3 the program itself failed;
130 stopped by Ctrl-C.
"""

from typing import Annotated

import typer

from softcert_sim.commands.explore import explore
from softcert_sim.commands.run import run
from softcert_sim.commands.sabotage import sabotage
from softcert_sim.commands.show import lint, rules, schema, verbs
from softcert_sim.commands.shrink import shrink
from softcert_sim.commands.terminal import command

app = typer.Typer(
    name="softcert",
    help="A reference system for the soft-certificate process: run it, attack it, watch it.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(command(run))
app.command()(command(lint))
app.command()(command(shrink))
app.command()(command(explore))
app.command()(command(sabotage))
app.command()(command(schema))
app.command()(command(rules))
app.command()(command(verbs))


def _version(wanted: bool) -> None:
    if wanted:
        from softcert import __version__

        typer.echo(f"softcert {__version__}")
        raise typer.Exit


@app.callback()
def _root(  # pyright: ignore[reportUnusedFunction]
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Keeps `softcert` a group of commands, however many there are."""


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
