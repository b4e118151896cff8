"""The verbs, checks, faults and preludes as `softcert verbs` shows them: all in a list, or one with its arguments."""

import textwrap
from collections.abc import Iterable, Iterator

from softcert_sim.columns import width
from softcert_sim.scenario.registry import Kind, Parameter, Registry, Verb, duration_in_words, in_words

_GROUPS = {
    "applicant": "What applicants do",
    "office": "What the office does",
    "things": "What is done with things",
    "attacker": "What attackers do",
    "time": "Time",
    "check": "Checks",
}
_KINDS = {
    "person": "a person", "computer": "a computer", "drive": "a drive", "label": "the `as` of an earlier step",
    "text": "text", "number": "a number", "count": "a number from 1 on",
    "flag": "yes or no", "duration": "a duration", "form": "names with values",
}  # fmt: skip


_KNOWN_PIN = "the one that the person knows; the initial one, who knows none"
_KNOWN_CODE, _CHOSEN_PIN = "the one that the person knows", "the person's own of the cast"
LEFT_OUT = {
    **dict.fromkeys([("login", "pin"), ("change-pin", "pin"), ("backup", "pin")], _KNOWN_PIN),
    ("file", "pin"): "the one that the person knows for the own certificate, or that of `of`; else the initial one",
    ("file", "of"): "the certificate of the computer's session, whoever acts",
    ("check-pin", "of"): "there must be one key only",
    ("check-tries", "of"): "there must be one key only",
    **dict.fromkeys([("activate", "code"), ("recover", "code"), ("recover", "password")], _KNOWN_CODE),
    **dict.fromkeys([("change-pin", "to"), ("recover", "new-pin"), ("backup", "password")], _CHOSEN_PIN),
    **dict.fromkeys([("backup", "to"), ("recover", "from")], "the drive that was plugged in last"),
    ("download", "address"): "the one that the person knows",
    ("recover", "backup"): "the newest on the drive",
}
"""What stands for arguments that have no default of their own: what the person knows, chose or holds."""


def left_out(verb: Verb, parameter: Parameter) -> str:
    """What stands for an argument that is left out, if anything; `needed` where something must be said."""
    if parameter.required:
        return "needed"
    if (verb.name, parameter.name) in LEFT_OUT:
        return LEFT_OUT[verb.name, parameter.name]
    if parameter.name == "of" and any(one.name in ("by", "who") for one in verb.parameters):
        return "the person who acts"
    if parameter.default in (None, ""):
        return ""
    durations = any(kind.name == "duration" for kind in parameter.kinds)
    return duration_in_words(parameter.default) if durations else in_words(parameter.default)


TOGETHER = "together"
_AT_ONCE = """together (steps)
════════════════
Several acts at once, and how many of them succeed; where not all do, beside it stands how the others fail.

  steps    a list of acts, without outcomes; `as` and `fault` may stand beside each
  succeed  a number; required
  turns    whose turn it is, as `1 2 2 1`; without it each act is done whole, one after the other
"""


def all_verbs(registry: Registry) -> str:
    """Every one with its first line."""
    tables = {title: [v for v in registry.verbs.values() if v.group == group] for group, title in _GROUPS.items()}
    lines: list[str] = []
    more = {"Faults of a step": registry.faults.values(), "Preludes": registry.preludes.values()}
    for title, entries in {**tables, **more}.items():
        lines += [title, "─" * len(title), *_table((entry.name, entry.doc) for entry in entries), ""]
    lines += [f"`{TOGETHER}` is a step of several acts at once.", ""]
    return "\n".join([*lines, "`softcert verbs NAME` shows one with its arguments."]) + "\n"


def one_entry(registry: Registry, name: str) -> str | None:
    """What a verb, check, fault or `together` does, and each of its arguments; None where there is none such."""
    if name == TOGETHER:
        return _AT_ONCE
    verb = registry.verbs.get(name) or registry.faults.get(name)
    return one_verb(verb) if verb else None


def one_verb(verb: Verb) -> str:
    """What a verb, check or fault does, and each of its arguments."""
    title = f"{verb.name} ({verb.group})"
    lines = [title, "═" * len(title)]
    for paragraph in verb.text.split("\n\n"):
        lines += [*textwrap.wrap(paragraph, width()), ""]
    if verb.clauses:
        lines += [f"clauses  {' '.join(verb.clauses)}", ""]
    if verb.parameters:
        lines += _table((parameter.name, _said(verb, parameter)) for parameter in verb.parameters)
    if verb.fit:
        lines += ["", f"Which {verb.fit.argument} goes with which {verb.fit.by}:", ""]
        rest = [("any other", "any")] if verb.fit_any else []
        lines += _table([*((word, ", ".join(words)) for word, words in verb.fit.words.items()), *rest])
    return "\n".join(lines).rstrip() + "\n"


def _said(verb: Verb, parameter: Parameter) -> str:
    words = " or ".join(_kind(kind) for kind in parameter.kinds)
    if parameter.required:
        words += "; required"
    elif said := left_out(verb, parameter):
        words += f"; left out: {said}"
    return words + ("; may stand alone, without its name" if parameter.alone else "")


def _kind(kind: Kind) -> str:
    if kind.name == "choice":
        return ", ".join(kind.choices)
    if kind.name == "moment":
        return f"one of {', '.join(kind.choices)}, and a number, such as {kind.choices[-1]} 1"
    if kind.name == "list":
        return f"a list of {' or '.join(_kind(one) for one in kind.of)}"
    return _KINDS[kind.name]


def _table(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Two columns; the second is wrapped under itself."""
    pairs = list(rows)
    left = max((len(name) for name, _ in pairs), default=0) + 4
    for name, text in pairs:
        first = f"  {name}".ljust(left)
        yield from textwrap.wrap(
            text, width(), initial_indent=first, subsequent_indent=" " * left, break_on_hyphens=False
        )
