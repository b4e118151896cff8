"""What a run says of rules and clauses, as tables in plain text."""

from collections.abc import Iterator, Sequence

from softcert.rules.catalogue import CLAUSES, RULES
from softcert_sim.covered import in_one_line
from softcert_sim.results import Results, ScenarioResult
from softcert_sim.story import tell_red

_WORDS = 60
GAP = "—"


def report(results: Results, lang: str = "en") -> str:
    """The end of a run: what is red, the tables, the sum."""
    parts = [tell_red(one, lang) for one in results.scenarios if one.outcome == "not-as-expected"]
    parts += [rules_table(results).rstrip(), clauses_table(results).rstrip()]
    if results.complete:
        parts.append(f"{closing_line(results)}\n{in_one_line(results.space, results.hits())}")
    if limits := [_limit(scenario) for scenario in results.scenarios if scenario.outcome == "limit"]:
        parts.append("\n".join(["Attacks that succeed, and why nothing of this kind stops them:", *limits]))
    if listed := [f"  {it.path}: {it.title}: {it.expected_failure}" for it in results.scenarios if it.expected_failure]:
        parts.append("\n".join(["Failed as expected:", *listed]))
    if red := [f"  {it.path}:{it.red.line}: {it.title}" for it in results.scenarios
               if it.red and not it.expected_failure]:  # fmt: skip
        parts.append("\n".join(["Not as expected:", *red]))
    parts.append(summary(results))
    return "\n\n".join(parts) + "\n"


def _limit(scenario: ScenarioResult) -> str:
    """Where an attack succeeds, and the author's word on why."""
    step = next(step for step in scenario.steps if step.limit)
    return f"  {scenario.path}:{step.line}: {step.limit}"


def summary(results: Results) -> str:
    """One line: how many of what."""
    count = len(results.scenarios)
    words = [
        f"{count} scenario{'s' if count != 1 else ''}: {results.count('as-expected')} as expected",
        f"{results.count('limit')} show a limit",
        f"{results.count('not-as-expected')} not as expected",
    ]
    if listed := results.count("expected-failure"):
        words.append(f"{listed} failed as expected")
    return f"{', '.join(words)} ({results.elapsed:.1f} s, seed {results.seed})"


def rules_table(results: Results) -> str:
    """Gates with how often they allowed and refused, duties with the steps at which they were held and attacked."""
    totals = results.rules()
    lines: list[str] = []
    for kind, heads in (("gate", ("allowed", "refused")), ("duty", ("held", "attacked"))):
        rows = [
            (rule.id, _cell(totals[rule.id].first, results), _cell(totals[rule.id].second, results))
            for rule in RULES.values()
            if rule.kind == kind
        ]
        lines += columns((kind, *heads), rows)
    return "\n".join(lines)


def clauses_table(results: Results) -> str:
    """Each clause with the rules read out of it, and how many scenarios and steps showed it."""
    rows = [
        (clause, _short(CLAUSES[clause]), _cell(scenarios, results), _cell(steps, results), " ".join(rules) or GAP)
        for clause, (rules, scenarios, steps) in results.clauses().items()
    ]
    return "\n".join(columns(("clause", "words", "scenarios", "steps", "rules"), rows))


def gaps(results: Results) -> list[str]:
    """Every empty cell, named."""
    names = {"gate": ("allowed", "refused"), "duty": ("held", "attacked")}
    empty: list[str] = []
    for rule, count in results.rules().items():
        first, second = names[RULES[rule].kind]
        empty += [f"{rule} never {word}" for word, n in ((first, count.first), (second, count.second)) if not n]
    for clause, (rules, scenarios, steps) in results.clauses().items():
        missing = [word for word, n in (("rule", rules), ("scenario", scenarios), ("step", steps)) if not n]
        empty += [f"{clause} without a {' and a '.join(missing)}"] if missing else []
    return empty


def closing_line(results: Results) -> str:
    """Says that no cell is empty, or which are."""
    empty = gaps(results)
    return f"Empty cells: {'; '.join(empty)}." if empty else "No empty cell: each rule and clause is shown."


def _cell(count: int, results: Results) -> str:
    return GAP if results.complete and not count else str(count)


def _short(words: str) -> str:
    return words if len(words) <= _WORDS else words[: _WORDS - 1].rstrip() + "…"


def columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as they must be; numbers to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    numbers = [all(cell.isdecimal() or cell == GAP for cell in column) for column in zip(*rows, strict=True)]
    for row in (heads, ["─" * width for width in widths], *rows):
        cells = zip(row, widths, numbers, strict=True)
        yield "  ".join(cell.rjust(width) if number else cell.ljust(width) for cell, width, number in cells).rstrip()
    yield ""
