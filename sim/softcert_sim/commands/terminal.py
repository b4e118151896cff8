"""What every command shares: exit codes, messages for what goes wrong, standard output, progress and Ctrl-C."""

import contextlib
import functools
import os
import signal
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, ParamSpec

import typer

if TYPE_CHECKING:
    from softcert_sim.runner import Titled

P = ParamSpec("P")
RED, USAGE, FAILED, STOPPED = 1, 2, 3, 130
_ERRORS = 20
"""As many are shown; the others are counted."""


def as_path(text: str) -> Path:
    """An argument's path. Raises `BadParameter` where it is empty, which would be this folder."""
    if not text:
        raise typer.BadParameter("a path is empty: name a file or folder (`.` is this one), or leave it out.")
    return Path(text)


Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PATH]...", parser=as_path, help="Scenario files and folders; else the shipped ones."),
]
Seed = Annotated[
    int | None, typer.Option(min=0, max=2**63 - 1, metavar="N", help="Seed of all randomness, 1 by default.")
]
Workers = Annotated[int, typer.Option(min=0, max=256, metavar="N", help="Processes; 0 chooses by the work.")]


def command(function: Callable[P, int]) -> Callable[P, None]:
    """A command returns its exit code; what it raises becomes a short message and an exit code, never a traceback."""

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        raise typer.Exit(_guard(functools.partial(function, *args, **kwargs)))

    return guarded


def _guard(action: Callable[[], int]) -> int:
    from softcert_sim.scenario.files import UsageError
    from softcert_sim.scenario.marks import BadFile

    try:
        return action()
    except BadFile as bad:
        from softcert_sim.columns import count

        files = {error.path for error in bad.errors}
        typer.echo("\n".join(str(error) for error in bad.errors[:_ERRORS]), err=True)
        first = f", of which the first {_ERRORS} are shown" if len(bad.errors) > _ERRORS else ""
        typer.echo(f"{count(len(bad.errors), 'error')} in {count(len(files), 'file')}{first}.", err=True)
        return USAGE
    except UsageError as error:
        typer.echo(f"softcert: {error}", err=True)
        return USAGE
    except KeyboardInterrupt:
        typer.echo("softcert: stopped.", err=True)
        return STOPPED
    except BrokenPipeError:
        sys.stderr.close()
        return STOPPED
    except _CannotSay as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still held back goes nowhere
        typer.echo(f"softcert: the output cannot be written: {error}. Send it to another place.", err=True)
        return USAGE
    except Exception as error:
        if os.environ.get("SOFTCERT_DEBUG"):
            raise
        typer.echo(f"softcert: {type(error).__name__}: {error}", err=True)
        typer.echo("This is a fault of softcert itself. SOFTCERT_DEBUG=1 shows where it happened.", err=True)
        return FAILED


class _CannotSay(Exception):
    """Standard output takes no more; the text is the system's reason."""


def say(text: str) -> None:
    """Write to standard output. Raises `BrokenPipeError` where nobody reads on, `_CannotSay` where it is full."""
    try:
        typer.echo(text, nl=False)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _CannotSay(error.strerror) from None


@contextlib.contextmanager
def answering_ctrl_c() -> Generator[None]:
    """Says at once that Ctrl-C was heard; what is under way may take a moment to end."""

    def stop(number: int, frame: FrameType | None) -> None:
        os.write(2, b"softcert: stopping \xe2\x80\xa6\n")  # unlike print, safe in the middle of any other
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def progress(first: str = "Reading scenarios …") -> "Generator[Callable[[Titled | str | None, int, int], None] | None]":
    """A line on the terminal that counts, once it has said what comes first; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(first) as status:

        def show(what: "Titled | str | None", done: int, total: int) -> None:
            name = what if isinstance(what, str) else what.title if what else ""
            status.update(f"{done} of {total}  {escape(name)}")

        yield show
