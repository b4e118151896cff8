"""The tables of docs/threat-model.md: actors, rules and what they do not stop, lines of attack and what shows them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from softcert.rules.catalogue import RULES
from softcert_sim.attack_lines import ATTACKS, TROUBLES, AttackLine
from softcert_sim.doctables import table
from softcert_sim.product import product
from softcert_sim.runner import Options, load, names_rule
from softcert_sim.sabotage.saboteur import by_rule, every
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.model import Scenario, Step
from softcert_sim.unreached import UNREACHED


class Actor(NamedTuple):
    """Who acts, what is granted to him, what is not, and the verbs by which scenarios let him act."""

    who: str
    can: str
    cannot: str
    verbs: tuple[str, ...] = ()


ACTORS = (
    Actor("applicant", "Makes every mistake that people make, and tells secrets to others.",
          "Nothing is taken for granted of him, but that he keeps the activation code, the PIN or the drive: one of them."),
    Actor("examiner", "Decides on applications with his own credential, also wrongly.",
          "Decide twice, or under another's name."),
    Actor("mail scanner", "Opens every address in every mail before its owner does, and submits forms.",
          "Sign as a computer.", ("scan",)),
    Actor("reader of the mailbox", "Reads all mails, finds notes, looks over shoulders; sends mails under any name.",
          "Use the computer whose owner he robs.", ("steal", "forge")),
    Actor("somebody on the line",
          "Sees, keeps, cuts, doubles and sends again what passes; sends raw requests under any header; guesses; floods; "
          "owns computers and device keys without number.",
          "Open TLS, break P-256 or SHA-256, invent 128 random bits.",
          ("replay", "send", "forge-jws", "guess", "flood", "spoof")),
    Actor("thief of things",
          "Copies drives and disks, clones machines, puts old images back, imitates hardware ids, opens a backup whose "
          "password he knows.",
          "Take a key out of a secure element, or set its count back.",
          ("copy", "clone", "restore-disk", "imitate", "extract", "link")),
    Actor("malware, or a changed driver",
          "Runs on a computer, the applicant's too: changes files and downloads, skips the driver's questions, claims any "
          "version, calls the secure element.",
          "Open a seal without the PIN; sign as another computer.", ("hack-driver", "alter")),
    Actor("insider at the office", "Changes, deletes and restores anything in the database; knows all that stands in it.",
          "Reach the office's keys and the audit head, which are kept outside of the database.", ("tamper",)),
)  # fmt: skip
"""Everybody who is thought of."""


def actors() -> str:
    """Who may do what."""
    rows = ((one.who, one.can, one.cannot, _ticked(one.verbs)) for one in ACTORS)
    return table(("actor", "can", "cannot", "verbs of scenarios"), rows)


def enforcement() -> str:
    """Each rule with who enforces it, what it does not stop, how many scenarios try it, and who breaks it on purpose."""
    rows = (
        (
            f"`{rule.id}`",
            rule.enforcer,
            rule.does_not_stop,
            str(len(_naming(rule.id))),
            f"{len(saboteurs)}: {', '.join(dict.fromkeys(one.kind for one in saboteurs))}",
        )
        for rule, saboteurs in zip(RULES.values(), by_rule(every()).values(), strict=True)
    )
    return table(("rule", "enforced by", "does not stop", "scenario files", "saboteurs"), rows)


def saboteurs() -> str:
    """Who breaks each rule on purpose, and how."""
    rows = (
        (f"`{rule}`", f"`{one.id}`", one.kind, one.breaks, one.survives or "")
        for rule, own in by_rule(every()).items()
        for one in own
    )
    return table(("rule", "saboteur", "kind", "what he breaks", "why nobody notices"), rows)


def attacks() -> str:
    """Each line of attack, what shows it, and what comes of it."""
    return "\n\n".join(_line(number, line) for number, line in ATTACKS.items())


def troubles() -> str:
    """Each trouble of users, with its scenarios."""
    rows = ((text, ", ".join(map(_link, _files(f"trouble-{slug}")))) for slug, text in TROUBLES.items())
    return table(("trouble", "shown by"), rows)


def limits() -> str:
    """Every attack that succeeds, with the author's word on why."""
    seen: dict[tuple[str, str], None] = {}
    for scenario in _shipped():
        seen.update(((scenario.path, step.expected.limit), None) for step in _steps(scenario) if step.expected.limit)
    return table(("shown by", "why nothing of this kind stops it"), ((_link(path), why) for path, why in seen))


def unshown() -> str:
    """What no scenario and no test shows, and why."""
    rows = [(f"attack {number}", line.missing) for number, line in ATTACKS.items() if line.missing]
    rows += [(f"`{name}`", cause) for name, cause in UNREACHED.items()]
    return table(("what", "why"), rows)


def _line(number: int, line: AttackLine) -> str:
    parts = [f"**{number}.** {line.text}"]
    parts += [f"{_link(path)}: {outcomes}" for path, outcomes in _came_of(f"line-{number}")]
    parts += [f"{_test(node)} ({line.kind})" if line.kind != "scenario" else _test(node) for node in line.tests]
    parts += [f"*Limit:* {line.limit}"] if line.limit else []
    parts += [f"*Not shown:* {line.missing}"] if line.missing else []
    return "<br>\n".join(parts)


def _came_of(tag: str) -> Iterator[tuple[str, str]]:
    """For each file with the tag, what its steps come to, but for what is allowed."""
    for path in _files(tag):
        steps = (step for scenario in _shipped() if scenario.path == path for step in _steps(scenario))
        words = dict.fromkeys(_outcome(step) for step in steps if step.expected.kind != "allowed" or step.expected.limit)
        yield path, ", ".join(words) or "all allowed"


def _outcome(step: Step) -> str:
    if step.expected.limit:
        return "**succeeds**"
    return f"{step.expected.kind} `{step.expected.detail}`"


def _steps(scenario: Scenario) -> Iterator[Step]:
    return (step for step in scenario.steps if step.verb)


def _test(node: str) -> str:
    path, _, name = node.partition("::")
    return f"test [{name.replace('_', ' ')}](../{path})"


def _link(path: str) -> str:
    return f"[{path.removesuffix('.scenario.yaml')}](../scenarios/{path})"


def _files(tag: str) -> Sequence[str]:
    return list(dict.fromkeys(scenario.path for scenario in _shipped() if tag in scenario.tags))


def _naming(rule: str) -> Mapping[str, None]:
    return dict.fromkeys(scenario.path for scenario in _shipped() if names_rule(scenario, rule))


def _ticked(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


@lru_cache(maxsize=1)
def _shipped() -> Sequence[Scenario]:
    """The shipped scenarios, with paths as they stand in their folder, from wherever this runs."""
    return [
        replace(scenario, path=scenario.path.removeprefix("scenarios/"))
        for scenario in load([shipped()], Options(), product())
    ]
