"""`softcert` on the command line. Each command imports what it needs when it runs, so that help comes at once.

Exit codes: 0 all as expected; 1 something is not; 2 a file or the usage is wrong; 3 the program itself failed;
130 stopped by Ctrl-C.
"""

import contextlib
import functools
import os
import re
import signal
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal, ParamSpec

import typer

if TYPE_CHECKING:
    from softcert_sim.coverage import Hits, Item
    from softcert_sim.results import Results
    from softcert_sim.runner import Options, Watch
    from softcert_sim.scenario.model import Scenario

P = ParamSpec("P")
_HEADS = {
    "--junit": re.compile(r'<\?xml [^>]*>\s*<testsuites name="softcert"'),
    "--json": re.compile(r'\{\s*"version": \d+,\s*"seed": '),
    "--html": re.compile(r"<!DOCTYPE html>.*<title>softcert", re.DOTALL),
}
"""How each report begins, within its first 2,000 characters: only such a file is written over."""
_ERRORS = 20
"""As many are shown; the others are counted."""
RED, USAGE, FAILED, STOPPED = 1, 2, 3, 130

app = typer.Typer(
    name="softcert",
    help="A reference system for the soft-certificate process: run it, attack it, watch it.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _path(text: str) -> Path:
    if not text:
        raise typer.BadParameter("a path is empty: name a file or folder (`.` is this one), or leave it out.")
    return Path(text)


Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PATH]...", parser=_path, help="Scenario files and folders; else the shipped ones."),
]


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
        files = {error.path for error in bad.errors}
        typer.echo("\n".join(str(error) for error in bad.errors[:_ERRORS]), err=True)
        first = f", of which the first {_ERRORS} are shown" if len(bad.errors) > _ERRORS else ""
        typer.echo(f"{_count(len(bad.errors), 'error')} in {_count(len(files), 'file')}{first}.", err=True)
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


def _say(text: str) -> None:
    """Write to standard output. Raises `BrokenPipeError` where nobody reads on, `_CannotSay` where it is full."""
    try:
        typer.echo(text, nl=False)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _CannotSay(error.strerror) from None


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


@app.command()
@command
def run(
    paths: Paths = None,
    rule: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only scenarios that name this rule; may be repeated.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="Only scenarios with this tag; may be repeated.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**63 - 1, metavar="N", help="Seed of all randomness, 1 by default.")
    ] = None,
    workers: Annotated[int, typer.Option(min=0, max=256, metavar="N", help="Processes; 0 chooses by the work.")] = 0,
    transport: Annotated[Literal["memory", "loopback"], typer.Option(help="How messages travel.")] = "memory",
    lang: Annotated[Literal["en", "zh"], typer.Option(help="Language in which stories and verdicts are told.")] = "en",
    shard: Annotated[str | None, typer.Option(metavar="I/N", help="Only the I-th of N equal parts.")] = None,
    last_failed: Annotated[
        bool, typer.Option("--last-failed", help="Only what failed when it was last run here; without any, all.")
    ] = False,
    expected_failures: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Known failures, each with a reason; red once they do not fail.")
    ] = None,
    policy_matrix: Annotated[
        str | None, typer.Option(metavar="FILE|{…}", help="Run under several policies and show what differs.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JUnit XML report.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the results as JSON.")] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a report to read in a browser: one file, no network.")
    ] = None,
    artifacts: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write traces, mails, certificates and disks of each scenario.")
    ] = None,
    require_coverage: Annotated[
        bool, typer.Option("--require-coverage", help="Fail where something is never reached; only of a whole suite.")
    ] = False,
    step: Annotated[bool, typer.Option("--step", help="Step through a file: forwards, back, looking around.")] = False,
    example: Annotated[int | None, typer.Option(metavar="N", help="Which of a file's examples --step takes.")] = None,
) -> int:
    """Run scenarios; a single file is told step by step."""
    from softcert_sim.covered import requirement
    from softcert_sim.lastfailed import note, recall
    from softcert_sim.product import product
    from softcert_sim.runner import Options, parse_shard
    from softcert_sim.runner import run as run_all
    from softcert_sim.scenario.files import UsageError
    from softcert_sim.stage import Setting

    if require_coverage and (rule or tag or shard or last_failed or policy_matrix):
        parts = "--rule, --tag, --shard, --last-failed and --policy-matrix"
        raise UsageError(f"--require-coverage asks what a whole suite reaches: leave out {parts}.")
    _check_outputs({"--junit": junit, "--json": json, "--html": html}, artifacts)
    setting = Setting(seed=seed, transport=transport, artifacts=artifacts, scenes=html is not None, lang=lang)
    tell = functools.partial(typer.echo, err=True)
    options = Options(
        rules=tuple(rule or ()),
        tags=tuple(tag or ()),
        setting=setting,
        workers=workers,
        shard=parse_shard(shard) if shard else (1, 1),
        only=recall(tell) if last_failed else frozenset(),
        expected=expected_failures,
    )
    chosen = paths or []
    if policy_matrix is not None:
        files = {"junit": junit, "json": json, "html": html, "artifacts": artifacts}
        _leave_out({**files, "expected-failures": expected_failures})
        return _matrix(chosen, policy_matrix, options)
    if step or example is not None:
        return _step(chosen, options, example, step=step, writes=any((junit, json, html, artifacts, require_coverage)))
    with _answering_ctrl_c(), _progress() as watch:
        results = run_all(chosen, options, product, watch)
    _write(results, junit, json, html)
    note(results, options.only, tell)
    _say(_told(results, chosen, lang))
    lacking = requirement(results.space, results.hits()) if require_coverage else []
    _say("".join(f"{line}\n" for line in lacking))
    return 0 if results.green and not lacking else RED


@app.command()
@command
def lint(paths: Paths = None) -> int:
    """Check scenario files without running them."""
    from softcert_sim.product import product
    from softcert_sim.runner import Options, load

    scenarios = load(paths or [], Options(), product())
    files = {scenario.path for scenario in scenarios}
    _say(f"{_count(len(files), 'file')} in order, {_count(len(scenarios), 'scenario')}.\n")
    return 0


@app.command()
@command
def schema() -> int:
    """Print the JSON Schema of scenario files, for editors."""
    from softcert_sim.product import product
    from softcert_sim.scenario.schema import as_text

    _say(as_text(product().registry))
    return 0


@app.command()
@command
def rules(
    rule: Annotated[str | None, typer.Argument(metavar="ID", help="One rule, shown whole.")] = None,
    coverage: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="Say what a run reached: the FILE that its --json wrote; several are added up."
        ),
    ] = None,
) -> int:
    """List the rules and assumptions, or show one rule whole; with --coverage what a run reached of them."""
    from softcert.rules.catalogue import RULES
    from softcert_sim.rulebook import all_rules, covered_rules, one_rule
    from softcert_sim.scenario.files import UsageError
    from softcert_sim.scenario.marks import nearest

    found = _coverage_in(coverage) if coverage else None
    if rule is None:
        _say(all_rules() if found is None else covered_rules(_space(), found))
        return 0
    if rule not in RULES:
        close = nearest(rule, RULES)
        meant = f" Did you mean {close}?" if close else ""
        raise UsageError(f"{rule}: there is no such rule.{meant} `softcert rules` lists them.")
    _say(one_rule(RULES[rule], _shipped_scenarios(), found))
    return 0


@app.command()
@command
def verbs(verb: Annotated[str | None, typer.Argument(metavar="NAME", help="One verb, check or fault.")] = None) -> int:
    """List what scenarios can say, or show one verb with its arguments."""
    from softcert_sim.product import product
    from softcert_sim.scenario.files import UsageError
    from softcert_sim.scenario.marks import nearest
    from softcert_sim.verbbook import all_verbs, one_verb

    registry = product().registry
    known = {**registry.faults, **registry.verbs}
    if verb is not None and verb not in known:
        close = nearest(verb, known)
        meant = f" Did you mean {close}?" if close else ""
        raise UsageError(f"{verb}: there is no such verb or fault.{meant} `softcert verbs` lists them.")
    typer.echo(all_verbs(registry) if verb is None else one_verb(known[verb]), nl=False)
    return 0


def main() -> None:
    """The console script."""
    app()


def _coverage_in(files: list[Path]) -> "Hits":
    """What the runs reached together whose JSON these files hold. Raises `UsageError`."""
    from softcert_sim.coverage import from_json, merged
    from softcert_sim.scenario.files import UsageError

    def read(file: Path) -> "Hits":
        try:
            return from_json(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise UsageError(f"--coverage {file}: {why}; `softcert run --json {file}` writes it.") from None

    return merged(map(read, files))


def _space() -> "Sequence[Item]":
    from softcert_sim.coverage import space
    from softcert_sim.product import product

    return space(product().registry)


def _shipped_scenarios() -> "list[Scenario] | None":
    """The shipped scenarios, or None where they cannot be read: the catalogue is shown even then."""
    from softcert_sim.product import product
    from softcert_sim.runner import Options, load
    from softcert_sim.scenario.files import UsageError
    from softcert_sim.scenario.marks import BadFile

    try:
        return load([], Options(), product())
    except (BadFile, UsageError):
        return None


def _leave_out(options: dict[str, Path | None]) -> None:
    """A matrix is one table for many runs. Raises `UsageError` where more is asked of it."""
    from softcert_sim.scenario.files import UsageError

    for name, value in options.items():
        if value is not None:
            raise UsageError(f"--policy-matrix shows one table for many runs: leave --{name} out.")


def _matrix(paths: list[Path], matrix: str, options: "Options") -> int:
    from softcert_sim.matrix import matrix_report, run_matrix
    from softcert_sim.product import product

    with _progress() as watch:
        rows = run_matrix(paths, matrix, options, product, watch)
    typer.echo(matrix_report(rows), nl=False)
    return 0 if all(row.results.green for row in rows) else RED


def _step(paths: list[Path], options: "Options", example: int | None, *, step: bool, writes: bool) -> int:
    """`run --step`. Raises `UsageError` for what does not go with it."""
    from softcert_sim.product import product
    from softcert_sim.runner import load
    from softcert_sim.scenario.files import UsageError
    from softcert_sim.stepterm import step_through

    if not step:
        raise UsageError("--example says what --step steps through: add --step.")
    if writes:
        raise UsageError("--step only shows: leave out --junit, --json, --html, --artifacts and --require-coverage.")
    suite = product()
    scenarios = load(paths, options, suite)
    if len({scenario.path for scenario in scenarios}) > 1:
        raise UsageError("--step steps through one file: name it.")
    return 0 if step_through(scenarios, suite, options.setting, example) else RED


def _told(results: "Results", paths: list[Path], lang: str) -> str:
    """A single file is told as a story; anything else ends in tables."""
    from softcert_sim.story import tell
    from softcert_sim.tables import report

    if len(paths) == 1 and len({scenario.path for scenario in results.scenarios}) == 1 and not paths[0].is_dir():
        return "\n".join(tell(scenario, lang) for scenario in results.scenarios)
    return report(results, lang)


def _write(results: "Results", junit: Path | None, json: Path | None, html: Path | None) -> None:
    from softcert_sim.junit import to_junit
    from softcert_sim.results import to_json
    from softcert_sim.scenario.files import UsageError

    def to_html(results: "Results") -> str:
        from softcert_sim.report.page import to_html

        return to_html(results)

    for path, render in ((junit, to_junit), (json, to_json), (html, to_html)):
        if path is not None:
            try:
                path.write_text(render(results), encoding="utf-8")
            except OSError as error:
                raise UsageError(f"{path}: cannot be written: {error.strerror}.") from None


def _check_outputs(files: dict[str, Path | None], artifacts: Path | None) -> None:
    """Better now than after the run. Raises `UsageError`."""
    from softcert_sim.scenario.files import UsageError

    taken: dict[Path, str] = {}
    for option, path in files.items():
        if path is None:
            continue
        if (first := taken.setdefault(path.absolute(), option)) != option:
            raise UsageError(f"{first} and {option} both name {path}: give each a file of its own.")
        if path.is_dir():
            raise UsageError(f"{option} {path}: this is a folder; name a file in it.")
        if not path.absolute().parent.is_dir():
            raise UsageError(f"{option} {path}: there is no folder {path.absolute().parent}; make it first.")
        _check_no_other(option, path)
        try:
            # Asked of the system itself: permissions alone do not tell (root, read-only media, special folders).
            path.open("ab").close() if path.exists() else tempfile.TemporaryFile(dir=path.absolute().parent).close()
        except OSError as error:
            raise UsageError(f"{option} {path}: cannot be written: {error.strerror}; choose another place.") from None
    if artifacts is not None:
        try:
            artifacts.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=artifacts).close()
        except OSError as error:
            raise UsageError(f"--artifacts {artifacts}: cannot be written: {error.strerror}; choose another.") from None


def _check_no_other(option: str, path: Path) -> None:
    """An earlier report of its kind is written over, and an empty file; no other. Raises `UsageError`."""
    from softcert_sim.scenario.files import UsageError

    if not path.is_file():
        return
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            head = file.read(2000)
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot be read: {error.strerror}; choose another place.") from None
    if head and not _HEADS[option].match(head):
        what = "is there already and is no earlier report of this kind"
        raise UsageError(f"{option} {path}: {what}; it would be lost. Name another file after {option}.")


@contextlib.contextmanager
def _answering_ctrl_c() -> Generator[None]:
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
def _progress() -> "Generator[Watch | None]":
    """A line on the terminal that counts; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("Reading scenarios …") as status:
        yield lambda result, done, total: status.update(f"{done} of {total}  {escape(result.title) if result else ''}")


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


if __name__ == "__main__":
    main()
