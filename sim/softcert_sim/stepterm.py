"""Step mode at a terminal, or by lines from a pipe: there without colours, each line told before its answer."""

import sys
from collections.abc import Sequence
from contextlib import suppress

from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.theme import Theme

from softcert_sim.columns import width
from softcert_sim.scenario.files import UsageError
from softcert_sim.scenario.model import Scenario
from softcert_sim.stage import Setting, Stage
from softcert_sim.stepping import NotBegun, Session
from softcert_sim.stepshell import Shell
from softcert_sim.story import tell_red
from softcert_sim.words import language
from softcert_sim.worlds import Suite

_STYLES = {"s.good": "green", "s.bad": "yellow", "s.wrong": "bold red", "s.line": "dim", "s.dim": "dim", "s.head": "bold"}


class _Marks(RegexHighlighter):
    """Colours for a step's outcome, its number, its labels, and the lines under titles."""

    base_style = "s."
    highlights = (
        r"^ +(?P<good>✓.*)", r"^ +(?P<bad>[⊘⚡!].*)", r"^ +(?P<wrong>✗.*)", r"^(?P<line>[═─]+)$",
        r"^(?P<head> *\d+\. .*)", r"^ {7}(?P<dim>\S+)  ",
    )  # fmt: skip


def step_through(scenarios: Sequence[Scenario], suite: Suite, setting: Setting, example: int | None = None) -> bool:
    """Let somebody step through a file's scenario until he leaves; of several the example that he or `example` names.

    Returns whether what he left was as its author says. Raises `UsageError`.
    """
    console = Console(theme=Theme(_STYLES), highlighter=_Marks(), markup=False, emoji=False, soft_wrap=True)
    scenario = _choose(console, scenarios, example, setting.lang)
    stage = Stage(suite, setting)
    try:
        session = Session(stage, scenario)
    except NotBegun:
        console.print(tell_red(stage.run(scenario), setting.lang))
        return False
    else:
        _talk(console, Shell(session, setting.lang, width()))
        session.close()
        return not session.red
    finally:
        stage.close()


def _choose(console: Console, scenarios: Sequence[Scenario], example: int | None, lang: str) -> Scenario:
    if example is None and len(scenarios) == 1:
        return scenarios[0]
    count, said = len(scenarios), str(example)
    if example is None:
        for number, scenario in enumerate(scenarios, 1):
            console.print(f"{number:3}  {scenario.title}")
        said = (_read(console, language(lang).stepping["which"].format(count=count)) or "").strip()
    if not said.isdecimal() or not 1 <= int(said) <= count:
        one = "is 1 example: leave out --example" if count == 1 else f"are {count} examples: say --example 1 to {count}"
        raise UsageError(f"There {one}.")
    return scenarios[int(said) - 1]


def _talk(console: Console, shell: Shell) -> None:
    if sys.stdin.isatty():
        _remember(shell)
    said = shell.opening()
    while True:
        try:
            for line in said:
                console.print(line)
            if shell.done:
                return
            line = _read(console, shell.prompt)
            said = shell.do("quit" if line is None else line)
        except KeyboardInterrupt:
            said = ["", shell.interrupted]


def _read(console: Console, prompt: str) -> str | None:
    """A line of the user's; None at the end. From a pipe it is shown behind its prompt, as if it had been typed."""
    try:
        line = input(prompt)
    except EOFError:
        console.print()
        return None
    if not sys.stdin.isatty():
        console.print(line)
    return line


def _remember(shell: Shell) -> None:
    """History of lines, and completion of words, where the system has a line editor."""
    with suppress(ImportError):
        import readline

        def complete(text: str, state: int) -> str | None:
            found = [word for word in shell.vocabulary() if word.startswith(text)]
            return found[state] if state < len(found) else None

        readline.set_completer(complete)
        readline.set_completer_delims(" ")
        readline.parse_and_bind("tab: complete")
