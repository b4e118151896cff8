"""What a run says of rules and clauses, as tables in plain text."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size

from softcert.rules.catalogue import RULES
from softcert_sim.columns import pad, width, wrap
from softcert_sim.covered import in_one_line
from softcert_sim.results import Results, ScenarioResult
from softcert_sim.story import tell_red
from softcert_sim.words import language
from softcert_sim.words.en import ENGLISH
from softcert_sim.words.language import Language

_WORDS = 44
"""Columns of a clause that are shown, where there is room for twice as many."""
_WAYS = {"gate": ("allowed", "refused"), "duty": ("held", "attacked")}
"""What is counted of a rule, by its kind."""
GAP = "—"


def report(results: Results, lang: str = "en") -> str:
    """The end of a run: what is red, the tables, the sum."""
    words = language(lang)
    parts = [tell_red(one, lang) for one in results.scenarios if one.outcome == "not-as-expected"]
    parts += [rules_table(results, words).rstrip(), clauses_table(results, words).rstrip()]
    if results.complete:
        parts.append(f"{closing_line(results, words)}\n{in_one_line(results.space, results.hits(), words)}")
    if limits := [_limit(scenario) for scenario in results.scenarios if scenario.outcome == "limit"]:
        parts.append("\n".join([words.tables["limits"], *dict.fromkeys(limits)]))
    if listed := [f"  {it.path}: {it.title}: {it.expected_failure}" for it in results.scenarios if it.expected_failure]:
        parts.append("\n".join([words.tables["failed"], *listed]))
    if red := [f"  {it.path}:{it.red.line}: {it.title}" for it in results.scenarios
               if it.red and not it.expected_failure]:  # fmt: skip
        parts.append("\n".join([words.tables["red"], *red]))
    parts.append(f"{opinions(results, words)}\n{summary(results, words)}".lstrip())
    return "\n\n".join(parts) + "\n"


def _limit(scenario: ScenarioResult) -> str:
    """Where an attack succeeds, and the author's word on why."""
    step = next(step for step in scenario.steps if step.limit)
    return f"  {scenario.path}:{step.line}: {step.limit}"


def opinions(results: Results, words: Language = ENGLISH) -> str:
    """Of how many acts the oracle said what must come, which it left unsaid, and where it stumbled, a line each. Nothing
    where nobody asked it."""
    unsaid = results.unsaid()
    acts, silent = (sum(counts[place] for counts in unsaid.values()) for place in (0, 1))
    which = words.comma.join(f"{verb} {count}" for verb, (_, count) in unsaid.items() if count)
    said = words.tables["opinions but" if which else "opinions"]
    told = [said.format(given=acts - silent, acts=acts, which=which)] if acts > silent else []
    for scenario in results.scenarios:
        for act in (act for step in scenario.steps for act in step.acts if act.stumbled):
            place = f"{scenario.path}:{act.line}"
            told.append(words.tables["stumbled"].format(place=place, verb=act.verb, error=act.stumbled))
    return "\n".join(told)


def summary(results: Results, words: Language) -> str:
    """One line: how many of what."""
    say, count = words.tables, len(results.scenarios)
    said = say["sum one" if count == 1 else "sum"].format(
        count=count, green=results.count("as-expected"), limits=results.count("limit"),
        red=results.count("not-as-expected"),
    )  # fmt: skip
    if listed := results.count("expected-failure"):
        said += say["sum failed"].format(count=listed)
    return said + say["sum end"].format(seconds=f"{results.elapsed:.1f}", seed=results.seed)


def rules_table(results: Results, words: Language = ENGLISH) -> str:
    """Gates with how often they allowed and refused, duties with the steps at which they were held and attacked."""
    totals, say = results.rules(), words.tables
    lines: list[str] = []
    for kind, heads in _WAYS.items():
        rows = [
            (rule.id, _cell(totals[rule.id].first, results), _cell(totals[rule.id].second, results))
            for rule in RULES.values()
            if rule.kind == kind
        ]
        lines += columns((say[kind], *(say[head] for head in heads)), rows)
    return "\n".join(lines)


def clauses_table(results: Results, words: Language = ENGLISH) -> str:
    """Each clause with the rules read out of it, and how many scenarios and steps showed it."""
    shown = {
        clause: {"clause": clause, "words": _short(words.clauses[clause]), "scenarios": _cell(scenarios, results),
                 "steps": _cell(steps, results), "rules": " ".join(rules) or GAP}
        for clause, (rules, scenarios, steps) in results.clauses().items()
    }  # fmt: skip
    heads = [head for head in ("clause", "words", "scenarios", "steps", "rules") if head != "words" or width() > 2 * _WORDS]
    return "\n".join(columns([words.tables[head] for head in heads], [[row[h] for h in heads] for row in shown.values()]))


def gaps(results: Results, words: Language = ENGLISH) -> list[str]:
    """Every empty cell, named."""
    say, empty = words.tables, list[str]()
    for rule, count in results.rules().items():
        found = zip(_WAYS[RULES[rule].kind], (count.first, count.second), strict=True)
        empty += [say["never"].format(rule=rule, word=say[word]) for word, n in found if not n]
    for clause, (rules, scenarios, steps) in results.clauses().items():
        found = (("rule", rules), ("scenario", scenarios), ("step", steps))
        missing = [say[f"missing {word}"] for word, n in found if not n]
        empty += [say["without"].format(clause=clause, missing=say["and"].join(missing))] if missing else []
    return empty


def closing_line(results: Results, words: Language = ENGLISH) -> str:
    """Says that no cell is empty, or which are."""
    empty = gaps(results, words)
    said = words.tables["empty cells" if empty else "no empty cell"]
    return said.format(cells=words.semicolon.join(empty))


def _cell(count: int, results: Results) -> str:
    return GAP if results.complete and not count else str(count)


def _short(text: str) -> str:
    return text if cell_len(text) <= _WORDS else set_cell_size(text, _WORDS - 1).rstrip() + "…"


def columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as they must be; numbers to the right, and the last goes on in further lines where it is too wide."""
    widths = [max(map(cell_len, column)) for column in zip(heads, *rows, strict=True)]
    numbers = [all(cell.isdecimal() or cell == GAP for cell in column) for column in zip(*rows, strict=True)]
    left = sum(widths[:-1]) + 2 * len(widths[:-1])
    widths[-1] = min(widths[-1], max(24, width() - left))
    for row in (heads, ["─" * wide for wide in widths], *rows):
        cells = [pad(cell, wide, right=number) for cell, wide, number in zip(row, widths, numbers, strict=True)]
        first, *others = wrap(row[-1], widths[-1]) if cell_len(row[-1]) > widths[-1] else [cells[-1]]
        yield "  ".join([*cells[:-1], first]).rstrip()
        yield from (" " * left + line for line in others)
    yield ""
