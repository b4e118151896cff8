"""The generated parts of docs/, tables and examples that the code makes of itself; and the schema beside the scenarios.

    python -m softcert_sim.docs             writes what stands between the markers, and the schema, anew
    python -m softcert_sim.docs --check     changes nothing; exit code 1 when something would change

A section begins with `<!-- generated: NAME -->` and ends with `<!-- end -->`. What stands outside of the markers is
written by hand and left alone.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from softcert_sim import docexamples, docscenarios, doctables, docthreats
from softcert_sim.product import product
from softcert_sim.scenario.files import SCHEMA, SUITE_SCHEMA
from softcert_sim.scenario.schema import as_text, schema, suite_schema

Section = Callable[[], str]

SECTIONS: Mapping[str, Section] = {
    "clauses": doctables.clauses,
    "rules": doctables.rules,
    "checks": doctables.checks,
    "assumptions": doctables.assumptions,
    "lifecycles": doctables.lifecycles,
    "texts": doctables.texts,
    "glossary": doctables.glossary,
    "clauses-in-chinese": doctables.clauses_in_chinese,
    "numbers": doctables.numbers,
    "errors": doctables.errors,
    "addresses": docexamples.addresses,
    "desk": docexamples.desk,
    "unsigned": docexamples.unsigned,
    "signed": docexamples.signed,
    "problems": docexamples.problems,
    "mail": docexamples.mail,
    "backup-files": docexamples.backup_files,
    "keystore": docexamples.keystore,
    "disk": docexamples.disk,
    "cast": docscenarios.cast,
    "preludes": docscenarios.preludes,
    "policy": docscenarios.policy,
    "moments": docscenarios.moments,
    "counts": docscenarios.counts,
    "orders": docscenarios.orders,
    "struck": docscenarios.struck,
    "verbs": docscenarios.verbs,
    "words": docscenarios.words,
    "check-verbs": docscenarios.checks,
    "faults": docscenarios.faults,
    "protocol-errors": docscenarios.errors,
    "actors": docthreats.actors,
    "enforcement": docthreats.enforcement,
    "attacks": docthreats.attacks,
    "limits": docthreats.limits,
    "troubles": docthreats.troubles,
    "saboteurs": docthreats.saboteurs,
    "unshown": docthreats.unshown,
}
"""Every section by its name; each stands in exactly one page."""

_SECTION = re.compile(r"(<!-- generated: ([a-z-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


class UnknownSection(Exception):
    """A page asks for a section that nobody makes."""


def folder() -> Path:
    """The pages beside the source roots of a checkout."""
    return Path(__file__).resolve().parents[2] / "docs"


def pages(where: Path) -> list[Path]:
    """Every page, in order."""
    return sorted(where.glob("*.md"))


def fresh(text: str) -> str:
    """A page with every section made anew. Raises `UnknownSection`."""
    return _SECTION.sub(_made, text)


def names_in(text: str) -> list[str]:
    """The sections that a page asks for."""
    return [match[2] for match in _SECTION.finditer(text)]


def generated(docs: Path) -> Iterator[tuple[Path, str]]:
    """Every file in which something is generated, with the text that it should have; the schema where scenarios are."""
    for page in pages(docs):
        yield page, fresh(page.read_text(encoding="utf-8"))
    scenarios = docs.parent / "scenarios"
    if scenarios.is_dir():
        yield scenarios / SCHEMA, as_text(schema(product().registry))
        yield scenarios / SUITE_SCHEMA, as_text(suite_schema(product().registry))


def _made(section: re.Match[str]) -> str:
    if section[2] not in SECTIONS:
        raise UnknownSection(f"No section is called {section[2]}; there are {', '.join(SECTIONS)}.")
    return f"{section[1]}\n{SECTIONS[section[2]]().strip()}\n\n{section[4]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the pages; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m softcert_sim.docs", description="Make the generated parts of docs/.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when something is not current")
    parser.add_argument("--docs", type=Path, default=folder(), metavar="DIR", help="the folder with the pages")
    options = parser.parse_args(arguments)
    stale: list[Path] = []
    for file, text in generated(options.docs):
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(file)
            if not options.check:
                file.write_text(text, encoding="utf-8")
    done = "is not current" if options.check else "written"
    sys.stdout.write("".join(f"{file.name}: {done}\n" for file in stale))
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
