"""Commands that show what there is: `lint`, `schema`, `rules`, `verbs`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from softcert_sim.commands.terminal import Paths, say

if TYPE_CHECKING:
    from softcert_sim.coverage import Hits, Item
    from softcert_sim.scenario.model import Scenario


def lint(paths: Paths = None) -> int:
    """Check scenario files without running them."""
    from softcert_sim.columns import count
    from softcert_sim.product import product
    from softcert_sim.runner import Options, load

    scenarios = load(paths or [], Options(), product())
    files = {scenario.path for scenario in scenarios}
    say(f"{count(len(files), 'file')} in order, {count(len(scenarios), 'scenario')}.\n")
    return 0


def schema(suite: Annotated[bool, typer.Option("--suite", help="That of a suite.yaml.")] = False) -> int:
    """Print the JSON Schema of scenario files, or of suites, for editors."""
    from softcert_sim.product import product
    from softcert_sim.scenario import schema

    registry = product().registry
    say(schema.as_text(schema.suite_schema(registry) if suite else schema.schema(registry)))
    return 0


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
    from softcert_sim.scenario.marks import meant

    found = _coverage_in(coverage) if coverage else None
    if rule is None:
        say(all_rules() if found is None else covered_rules(_space(), found))
        return 0
    if rule not in RULES:
        raise UsageError(f"{rule}: there is no such rule.{meant(rule, RULES)} `softcert rules` lists them.")
    say(one_rule(RULES[rule], _shipped_scenarios(), found))
    return 0


def verbs(verb: Annotated[str | None, typer.Argument(metavar="NAME", help="One verb, check or fault.")] = None) -> int:
    """List what scenarios can say, or show one verb with its arguments."""
    from softcert_sim.product import product
    from softcert_sim.scenario.files import UsageError
    from softcert_sim.scenario.marks import meant
    from softcert_sim.verbbook import TOGETHER, all_verbs, one_entry

    registry = product().registry
    shown = all_verbs(registry) if verb is None else one_entry(registry, verb)
    if shown is None:
        close = meant(verb or "", [*registry.verbs, TOGETHER, *registry.faults])
        raise UsageError(f"{verb}: there is no such verb or fault.{close} `softcert verbs` lists them.")
    say(shown)
    return 0


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
