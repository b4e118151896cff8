"""Measures what the project promises, and prints a table. No test: nothing fails when a figure is not reached.

    python tests/benchmarks/run.py [NAME…] [--quick] [--json FILE]

Names: life, scenarios, world, issuance, startup, growth, report, properties; all of them without a name. Run it on a
machine that does nothing else; time is processor time, the least of several runs, unless the figure says otherwise.
"""

import argparse
import json
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from measure import Figure, table

BENCHMARKS = {
    "life": "lives",
    "scenarios": "scenarios",
    "world": "worlds",
    "issuance": "issuance",
    "startup": "startup",
    "growth": "growth",
    "report": "reports",
    "properties": "properties",
}
"""Name and module."""
LIBRARIES = ("cryptography", "SQLAlchemy", "starlette", "uvicorn", "httpcore", "joserfc", "aiosmtpd", "pyfakefs")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="*", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="fewer runs: to see that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    options = parser.parse_args()
    if unknown := set(options.name) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    figures: list[Figure] = []
    for name, module in BENCHMARKS.items():
        if not options.name or name in options.name:
            print(f"measuring {name} …", file=sys.stderr)
            measure: Callable[[bool], list[Figure]] = import_module(module).measure
            figures += measure(options.quick)
    print(shown(figures))
    if options.json:
        options.json.write_text(json.dumps(report(figures), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def shown(figures: list[Figure]) -> str:
    """The figures as a table, then their notes."""
    rows = [("figure", "value", "", "goal", "")]
    for one in figures:
        goal = "" if one.goal is None else f"{one.better} {one.goal:g}"
        reached = {None: "", True: "reached", False: "not reached"}[one.reached]
        rows.append(
            (one.name, f"{one.value:,.3g}" if one.value < 1000 else f"{one.value:,.0f}", one.unit, goal, reached)
        )
    notes = [f"{one.name}: {one.note}" for one in figures if one.note]
    return "\n".join([table(rows), "", *notes])


def report(figures: list[Figure]) -> dict[str, object]:
    """The figures for a machine to read; `version` is that of this shape."""
    return {
        "version": 1,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "libraries": {name: version(name) for name in LIBRARIES},
        "figures": [{**asdict(one), "reached": one.reached} for one in figures],
    }


if __name__ == "__main__":
    main()
