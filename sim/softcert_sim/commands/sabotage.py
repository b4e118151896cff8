"""`softcert sabotage`: breaks the rules on purpose, one after the other, and says who notices."""

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from softcert_sim.commands.reports import Reports, write_text
from softcert_sim.commands.terminal import RED, Seed, Workers, answering_ctrl_c, progress, say

Rule = Annotated[list[str] | None, typer.Option(metavar="ID", help="Only saboteurs of this rule; may be repeated.")]
Who = Annotated[list[str] | None, typer.Option("--saboteur", metavar="ID", help="Only this one; may be repeated.")]
Listed = Annotated[bool, typer.Option("--list", help="Say who there is and what each breaks; run nothing.")]
Json = Annotated[Path | None, typer.Option(metavar="FILE", help="Write what came of it as JSON.")]


def sabotage(
    rule: Rule = None,
    saboteur: Who = None,
    list_: Listed = False,
    seed: Seed = None,
    workers: Workers = 0,
    json: Json = None,
) -> int:
    """Break each rule on purpose, from outside, and see whether the suite notices."""
    from softcert_sim.sabotage.saboteur import CONTROL
    from softcert_sim.sabotage.table import Report, as_json, as_list, as_text
    from softcert_sim.sabotage.trial import UNBROKEN, choose, processes, try_all
    from softcert_sim.stage import DEFAULT_SEED

    chosen = {one.id: one for one in choose(rule or [], saboteur or [])}
    if list_:
        say(as_list(chosen))
        return 0
    Reports(json=json).check()
    began, used = perf_counter(), DEFAULT_SEED if seed is None else seed
    with answering_ctrl_c(), progress("Looking at the unbroken product …") as watch:
        trials = list(try_all([UNBROKEN, CONTROL, *chosen], used, workers or processes(len(chosen)), watch))
    report = Report(used, chosen, trials, perf_counter() - began)
    if json is not None:
        write_text(json, as_json(report))
    say(as_text(report))
    return RED if report.complaints else 0
