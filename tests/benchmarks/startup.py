"""How long the command line takes until it is there: whole processes, the interpreter's own start included."""

import os
import subprocess
import sys
import time

from measure import Figure

COMMANDS = {
    "start-python": ("the interpreter alone", ("-c", "pass")),
    "start-help": ("softcert --help", ("-m", "softcert_sim.cli", "--help")),
    "start-rules": ("softcert rules", ("-m", "softcert_sim.cli", "rules")),
    "start-import-cli": ("import softcert_sim.cli", ("-c", "import softcert_sim.cli")),
    "start-import-world": ("import all that a run needs", ("-c", "import softcert_sim.product")),
    "start-lint": ("softcert lint", ("-m", "softcert_sim.cli", "lint")),
}
GOALS = {"start-help": 0.3, "start-rules": 0.3}


def once(arguments: tuple[str, ...]) -> tuple[float, float]:
    """Seconds on the clock and of processor time, of one process."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - began, used.ru_utime + used.ru_stime


def measure(quick: bool) -> list[Figure]:
    """The least of several starts, by the clock: a person waits by the clock."""
    found: list[Figure] = []
    for figure, (name, arguments) in COMMANDS.items():
        runs = [once(arguments) for _ in range(3 if quick else 10)]
        clock, cpu = min(run[0] for run in runs), min(run[1] for run in runs)
        found.append(Figure(figure, name, clock, "s", GOALS.get(figure), note=f"{cpu:.2f} s of processor time"))
    return found
