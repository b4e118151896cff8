"""`softcert run`: many scenarios end in tables; one file is told, or stepped through; several policies are compared."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from softcert_sim import TransportName
from softcert_sim.commands.modes import check
from softcert_sim.commands.reports import Reports, write_text
from softcert_sim.commands.terminal import RED, Paths, Seed, Workers, answering_ctrl_c, progress, say

if TYPE_CHECKING:
    from softcert_sim.crashes import Crashes
    from softcert_sim.races import Interleavings
    from softcert_sim.results import Results
    from softcert_sim.runner import Options
    from softcert_sim.stage import Setting

Rule = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="Only scenarios that name this rule; may be repeated.")
]
Tag = Annotated[list[str] | None, typer.Option(metavar="TAG", help="Only scenarios with this tag; may be repeated.")]
Transport = Annotated[TransportName, typer.Option(help="How messages travel.")]
Lang = Annotated[Literal["en", "zh"], typer.Option(help="Language in which stories and verdicts are told.")]
Shard = Annotated[str | None, typer.Option(metavar="I/N", help="Only the I-th of N equal parts.")]
LastFailed = Annotated[
    bool, typer.Option("--last-failed", help="Only what failed when it was last run here; without any, all.")
]
Expected = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Known failures, each with a reason; red once they do not fail.")
]
Matrix = Annotated[
    str | None, typer.Option(metavar="FILE|{…}", help="Run under several policies and show what differs.")
]
Junit = Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JUnit XML report.")]
Json = Annotated[Path | None, typer.Option(metavar="FILE", help="Write the results as JSON.")]
Html = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write a report to read in a browser: one file, no network.")
]
Artifacts = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Write traces, mails, certificates and disks of each scenario.")
]
CrashEverywhere = Annotated[
    bool,
    typer.Option("--crash-everywhere", help="Strike each step at every moment, do it again, and see what is lost."),
]
Interleaved = Annotated[
    bool,
    typer.Option("--interleavings", help="Do what happens at once in every interleaving of the office's transactions."),
]
RequireCoverage = Annotated[
    bool, typer.Option("--require-coverage", help="Fail where something is never reached; only of a whole suite.")
]
Stepwise = Annotated[bool, typer.Option("--step", help="Step through a file: forwards, back, looking around.")]
Break = Annotated[
    str | None, typer.Option("--break", metavar="RULE", help="Show one file with this rule broken, and who notices.")
]
Example = Annotated[int | None, typer.Option(metavar="N", help="Which of a file's examples --step takes.")]


def run(
    context: typer.Context,
    paths: Paths = None,
    rule: Rule = None,
    tag: Tag = None,
    seed: Seed = None,
    workers: Workers = 0,
    transport: Transport = "memory",
    lang: Lang = "en",
    shard: Shard = None,
    last_failed: LastFailed = False,
    expected_failures: Expected = None,
    policy_matrix: Matrix = None,
    junit: Junit = None,
    json: Json = None,
    html: Html = None,
    artifacts: Artifacts = None,
    crash_everywhere: CrashEverywhere = False,
    interleavings: Interleaved = False,
    require_coverage: RequireCoverage = False,
    step: Stepwise = False,
    example: Example = None,
    break_: Break = None,
) -> int:
    """Run scenarios; a single file is told step by step."""
    from softcert_sim.lastfailed import recall
    from softcert_sim.runner import Options, parse_shard
    from softcert_sim.stage import Setting

    check(_given(context))
    reports = Reports(junit, json, html, artifacts)
    reports.check()
    options = Options(
        rules=tuple(rule or ()),
        tags=tuple(tag or ()),
        setting=Setting(seed=seed, transport=transport, artifacts=artifacts, scenes=html is not None, lang=lang),
        workers=workers,
        shard=parse_shard(shard) if shard else (1, 1),
        only=recall(_tell) if last_failed else frozenset(),
        expected=expected_failures,
    )
    if policy_matrix is not None:
        return _matrix(paths or [], policy_matrix, options)
    if crash_everywhere:
        return _crash_everywhere(paths or [], options, artifacts)
    if interleavings:
        return _interleavings(paths or [], options, artifacts)
    if break_ is not None:
        return _break(paths or [], break_, options.setting)
    if step:
        return _step(paths or [], options, example)
    return _run(paths or [], options, reports, require_coverage)


def _given(context: typer.Context) -> list[str]:
    """The options that stand on the command line."""
    sources = {it.opts[0]: context.get_parameter_source(it.name or "") for it in context.command.params}
    return [name for name, source in sources.items() if name[:2] == "--" and source and source.name == "COMMANDLINE"]


_tell = functools.partial(typer.echo, err=True)


def _run(paths: list[Path], options: "Options", reports: Reports, require_coverage: bool) -> int:
    from softcert_sim.covered import requirement
    from softcert_sim.lastfailed import note
    from softcert_sim.product import product
    from softcert_sim.runner import run as run_all

    with answering_ctrl_c(), progress() as watch:
        results = run_all(paths, options, product, watch)
    reports.write(results, options.setting.lang)
    note(results, options.only, _tell)
    say(_told(results, paths, options.setting.lang))
    lacking = requirement(results.space, results.hits()) if require_coverage else []
    say("".join(f"{line}\n" for line in lacking))
    return 0 if results.green and not lacking else RED


def _matrix(paths: list[Path], matrix: str, options: "Options") -> int:
    """`run --policy-matrix`: one table for many runs."""
    from softcert_sim.matrix import matrix_report, run_matrix
    from softcert_sim.product import product

    with answering_ctrl_c(), progress() as watch:
        rows = run_matrix(paths, matrix, options, product, watch)
    say(matrix_report(rows))
    return 0 if all(row.results.green for row in rows) else RED


def _crash_everywhere(paths: list[Path], options: "Options", artifacts: Path | None) -> int:
    """`run --crash-everywhere`: a table of moments, and counterexamples."""
    from softcert_sim.crashes import crash_everywhere
    from softcert_sim.product import product

    with answering_ctrl_c(), progress() as watch:
        crashes = crash_everywhere(paths, options, product, watch)
    return _found("crash", crashes, artifacts)


def _interleavings(paths: list[Path], options: "Options", artifacts: Path | None) -> int:
    """`run --interleavings`: a table of interleavings, and counterexamples."""
    from softcert_sim.product import product
    from softcert_sim.races import interleavings

    with answering_ctrl_c(), progress() as watch:
        raced = interleavings(paths, options, product, watch)
    return _found("race", raced, artifacts)


def _found(word: str, engine: "Crashes | Interleavings", artifacts: Path | None) -> int:
    """The report, and the counterexamples in a folder where one is named."""
    if artifacts is not None:
        for number, text in enumerate(engine.files, 1):
            write_text(artifacts / f"{word}-{number}.scenario.yaml", text)
    say(engine.report(files=artifacts is None))
    return 0 if engine.green else RED


def _step(paths: list[Path], options: "Options", example: int | None) -> int:
    """`run --step`. Raises `UsageError` for more than a file."""
    from softcert_sim.product import product
    from softcert_sim.runner import load
    from softcert_sim.scenario.files import UsageError
    from softcert_sim.stepterm import step_through

    suite = product()
    scenarios = load(paths, options, suite)
    if len({scenario.path for scenario in scenarios}) > 1:
        raise UsageError("--step steps through one file: name it.")
    return 0 if step_through(scenarios, suite, options.setting, example) else RED


def _break(paths: list[Path], rule: str, setting: "Setting") -> int:
    """`run --break`: 0 when the broken rule is noticed, 1 when it is not."""
    from softcert_sim.sabotage.lesson import lessons, tell

    shown = lessons(paths, rule, setting)
    say("\n".join(tell(lesson, setting.lang) for lesson in shown))
    return 0 if any(lesson.broken.red for lesson in shown) else RED


def _told(results: "Results", paths: list[Path], lang: str) -> str:
    """A single file is told as a story; anything else ends in tables."""
    from softcert_sim.story import tell
    from softcert_sim.tables import report

    if len(paths) == 1 and len({scenario.path for scenario in results.scenarios}) == 1 and not paths[0].is_dir():
        return "\n".join(tell(scenario, lang) for scenario in results.scenarios)
    return report(results, lang)
