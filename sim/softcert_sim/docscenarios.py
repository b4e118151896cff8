"""The reference of the scenario language, read off the registry; examples are steps of shipped scenarios, as they stand."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

import yaml

from softcert.form import LABELS
from softcert.rules.checks import ACTS
from softcert.rules.policy import RANGES
from softcert_sim.docstory import story
from softcert_sim.doctables import table
from softcert_sim.knowing import SPELLINGS
from softcert_sim.product import product
from softcert_sim.rulebook import default_of
from softcert_sim.runner import Options, load
from softcert_sim.scenario.cast import ELEMENTS, PEOPLE
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.model import PROTOCOL_ERRORS, Scenario, Step
from softcert_sim.scenario.policies import policy_kinds
from softcert_sim.scenario.registry import OPERATIONS, Group, Kind, Parameter, Verb, duration_in_words
from softcert_sim.verbbook import left_out

GROUPS: Mapping[Group, str] = {
    "applicant": "What applicants do",
    "office": "What happens at the office",
    "things": "Computers, drives, disks",
    "attacker": "What attackers do",
    "time": "Time",
}
_KINDS = {
    "person": "a person",
    "computer": "a computer",
    "drive": "a drive",
    "label": "a step's name (`as`)",
    "text": "text",
    "number": "a whole number",
    "count": "a number from 1 on",
    "flag": "yes or no",
    "duration": "a duration",
    "moment": "a moment",
}
_LISTS = {
    "confirm": "confirm", "install": "install", "apply": "apply", "withdraw": "withdraw", "download": "download",
    "change-pin": "change-pin", "login": "login", "logout": "logout", "activate": "activate", "collect-code": "new-code",
    "file": "file", "backup": "backup", "recover": "recover",
}  # fmt: skip
"""Verbs, and the acts of the documentation's story in which their checks are seen."""
_ERRORS = {
    "badNonce": "A nonce that was used, is too old or was never given out: replays end so.",
    "badSignature": "A signature does not fit what it is said to sign.",
    "badSignatureAlgorithm": "Signed by another algorithm than ES256, or by `none`.",
    "badPublicKey": "A public key that the protocol does not take.",
    "badCSR": "A certificate request that does not fit the applicant or its own key.",
    "malformed": "No message of the protocol: form, size, characters, another address.",
    "conflict": "A step that cannot be taken from here: decided already, the same request id with other content.",
    "rateLimited": "Too many of them from one computer.",
    "unauthorized": "No credential, or not this one's to ask.",
}


# --- Verbs, checks, faults --------------------------------------------------------------------------------------------


def verbs() -> str:
    """Every verb by group."""
    known = product().registry.verbs.values()
    parts: list[str] = []
    for group, title in GROUPS.items():
        parts += [f"### {title}", *(_entry(verb) for verb in known if verb.group == group)]
    return "\n\n".join(parts)


def checks() -> str:
    """Every check."""
    return "\n\n".join(_entry(verb) for verb in product().registry.verbs.values() if verb.group == "check")


def faults() -> str:
    """Every fault."""
    return "\n\n".join(_entry(fault) for fault in product().registry.faults.values())


def _entry(verb: Verb) -> str:
    about = " ".join(line.strip() for line in verb.text.splitlines())
    rows = [_parameter(verb, parameter) for parameter in verb.parameters]
    arguments = [table(("argument", "what", "left out"), rows)] if rows else ["No arguments."]
    return "\n\n".join([f"#### {verb.name}", about, *arguments, *_fit(verb), *_examples(verb)])


def _fit(verb: Verb) -> Iterator[str]:
    """Which words go together."""
    if verb.fit:
        rows = ((f"`{word}`", _ticked(words)) for word, words in verb.fit.words.items())
        rest = [("any other", "any")] if verb.fit_any else []
        yield table((f"`{verb.fit.by}`", f"`{verb.fit.argument}`"), [*rows, *rest])


def _parameter(verb: Verb, parameter: Parameter) -> tuple[str, str, str]:
    alone = " (may stand alone)" if parameter.alone else ""
    return f"`{parameter.name}`{alone}", " or ".join(map(_kind, parameter.kinds)), _ticked_default(verb, parameter)


def _kind(kind: Kind) -> str:
    if kind.name == "choice":
        return ", ".join(f"`{word}`" for word in kind.choices)
    if kind.name == "list":
        return f"a list of: {' or '.join(map(_kind, kind.of))}"
    return "a mapping to text" if kind.name == "form" else _KINDS[kind.name]


def _ticked_default(verb: Verb, parameter: Parameter) -> str:
    said = left_out(verb, parameter)
    return f"`{said}`" if said and parameter.default not in (None, "") else said


# --- Examples ---------------------------------------------------------------------------------------------------------


def _examples(verb: Verb) -> Iterator[str]:
    """Steps of shipped scenarios, the first that is there and each that shows an argument not shown before."""
    shown: set[str] = set()
    found: list[tuple[str, str]] = []
    for scenario, step in _uses()[verb.name]:
        arguments = _arguments(step, verb)
        if not found or set(arguments) - shown:
            shown |= set(arguments)
            found.append((scenario.path.removeprefix("scenarios/"), _lines_of(scenario, step)))
    if found:
        yield "\n".join(["```yaml", *(f"{text}" for _, text in found), "```"])
        links = dict.fromkeys(f"[{path.removesuffix('.scenario.yaml')}](../scenarios/{path})" for path, _ in found)
        yield f"From {', '.join(links)}."


def _arguments(step: Step, verb: Verb) -> Mapping[str, Any]:
    if verb.group == "fault":
        return next(fault.arguments for fault in step.faults if fault.name == verb.name)
    return step.arguments


@lru_cache(maxsize=1)
def _uses() -> Mapping[str, Sequence[tuple[Scenario, Step]]]:
    """For each verb and fault the steps with it, in the order of files; those of scenarios with examples come last."""
    registry = product().registry
    found: dict[str, list[tuple[Scenario, Step]]] = {name: [] for name in (*registry.verbs, *registry.faults)}
    scenarios = load([shipped()], Options(), product())
    for scenario in sorted(scenarios, key=lambda one: "<" in _text_of(one)):
        for step in scenario.steps:
            for name in (*((step.verb,) if step.verb in found else ()), *(fault.name for fault in step.faults)):
                found[name].append((scenario, step))
    return found


def _text_of(scenario: Scenario) -> str:
    return (shipped() / scenario.path.removeprefix("scenarios/")).read_text(encoding="utf-8")


def _lines_of(scenario: Scenario, step: Step) -> str:
    """A step as it stands in its file, with the values of an example."""
    lines = _text_of(scenario).splitlines()
    start = step.line - 1
    while not lines[start].lstrip().startswith("- "):
        start -= 1
    indent = lines[start].index("-")
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > indent):
        end += 1
    text = "\n".join(line[indent:] for line in lines[start:end]).rstrip()
    for name, value in _values(scenario).items():
        text = text.replace(f"<{name}>", value)
    return text


def _values(scenario: Scenario) -> Mapping[str, str]:
    """The values of the example that this scenario is, by the number in its title."""
    examples = yaml.load(_text_of(scenario), yaml.CBaseLoader).get("examples")  # noqa: S506  (text only)
    return examples[int(scenario.title.rpartition(" #")[2].partition(" ")[0]) - 1] if examples else {}


# --- The rest of the language -----------------------------------------------------------------------------------------


_CHOSEN = ("pin", "password")


def cast() -> str:
    """Who and what there is without saying so."""
    usual = next(iter(load([shipped()], Options(), product()))).cast
    kinds = {"secure": "has a secure element", "none": "has no secure element: its keys are files"}
    people = (
        (
            f"`{name}`", str(data["kind"]), str(data.get("name", "")),
            *(f"`{data[it]}`" if it in data else "" for it in _CHOSEN),
        )
        for name, data in usual.people.items()
    )
    computers = (
        (f"`{name}`", f"`{data['owner']}`" if "owner" in data else "", kinds[str(data["element"])])
        for name, data in usual.computers.items()
    )
    drives = ((f"`{name}`", str(data["kind"]).replace("-", " ")) for name, data in usual.drives.items())
    return "\n\n".join([
        table(("person", "kind", "applies as", "chooses the PIN", "and the backup's password"), people),
        table(("computer", "owner", "element"), computers),
        table(("drive", "kind"), drives),
        f"People are {_ticked(PEOPLE)}; elements {_ticked(ELEMENTS)}.",
    ])  # fmt: skip


def preludes() -> str:
    """Where a scenario may begin."""
    rows = ((f"`{it.name}`", f"`{it.after}`", it.doc) for it in product().registry.preludes.values())
    return table(("prelude", "goes on from", "what happened"), [("`nothing`", "", "Nothing yet."), *rows])


def errors() -> str:
    """The protocol's errors."""
    return table(("error", "when"), ((f"`{name}`", _ERRORS[name]) for name in PROTOCOL_ERRORS))


def orders() -> str:
    """For each verb of an applicant its lists of checks: the rules with their reasons, in order."""
    rows = ((f"`{verb}`", f"{side}, `{act}`", _order(side, act)) for verb, side, act in _asked())
    return table(("verb", "who asks, and the list's name", "what is asked, in order"), rows)


def _asked() -> Iterator[tuple[str, str, str]]:
    for verb, act in _LISTS.items():
        yield from ((verb, *asked) for asked in story().asked[act])


def _order(side: str, name: str) -> str:
    checks = next(act.checks for act in ACTS if (act.side, act.name) == (side, name))
    groups = ((rule, [check.reason for check in of_rule]) for rule, of_rule in groupby(checks, lambda check: check.rule))
    return "; ".join(f"`{rule}`: {', '.join(reasons)}" for rule, reasons in groups)


def struck() -> str:
    """How the steps of shipped scenarios end on which a fault stands."""
    rows = ((f"`{name}`", ", ".join(_ends(name))) for name in product().registry.faults)
    return table(("fault", "steps under it ended so in shipped scenarios"), rows)


def _ends(fault: str) -> Sequence[str]:
    """How steps under a fault end, and in how many scenarios; the usual end first."""
    said = (step.expected for _, step in _uses()[fault])
    ends = Counter(f"`broken: {it.detail}`" if it.kind == "broken" else it.kind for it in said)
    return [f"{end} ({count})" for end, count in ends.most_common()]


def moments() -> str:
    """What a fault's moment may be counted by."""
    return table(("part", "operations"), ((f"`{part}`", _ticked(words)) for part, words in OPERATIONS.items()))


def counts() -> str:
    """How many moments the computer has in some acts of the documentation's story."""
    shown = ("change-pin", "download", "login", "backup", "recover")
    parts = [part for part in story().moments["recover"] if any(story().moments[verb][part] for verb in shown)]
    rows = ((f"`{part}`", *(str(story().moments[verb][part]) for verb in shown)) for part in parts)
    return table(("moment", *(f"`{verb}`" for verb in shown)), rows)


def policy() -> str:
    """What may be assumed otherwise."""
    rows = ((f"`{name}`", _policy_kind(name, kinds), default_of(name)) for name, kinds in policy_kinds().items())
    return table(("assumption", "may be", "usual"), rows)


def _policy_kind(name: str, kinds: tuple[Kind, ...]) -> str:
    least, most = RANGES[name]
    if not kinds:
        return f"shortest and longest, `{least} to {most}` at most"
    if kinds[0].name == "number":
        return f"{least} to {most}"
    if kinds[0].name == "duration":
        return f"a duration up to {duration_in_words(most)}"
    return " or ".join(map(_kind, kinds))


def words() -> str:
    """Words with a meaning of their own in arguments that are text."""
    rows = (
        ("`address` of `download`", f"`made-up`, or the known one spelled otherwise: {_ticked(SPELLINGS)}"),
        ("`code` of `activate`", "`sloppy`: the known one as careless people type it; `half-right`: its second half wrong"),
        ("`code` of `recover`", "`none`: no proof"),
        ("`opens` of `check-pin`", "`none`: no PIN opens it"),
        ("`with` of `fill` and `apply`", f"fields of the form: `holds-e-licence` (`yes`, `no`), {_ticked(LABELS)}"),
    )
    return table(("argument", "words"), rows)


def _ticked(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


