"""The cast: who and what plays, from the `cast:` of suites and of scenarios."""

from collections.abc import Mapping
from typing import get_args

from softcert.ports import DriveKind
from softcert.rules.checks import FORM_FIELDS
from softcert_sim.scenario.marks import Node, Page
from softcert_sim.scenario.model import Cast, Properties
from softcert_sim.scenario.values import plain

PEOPLE = ("applicant", "examiner", "thief", "scanner")
ELEMENTS = ("secure", "none")
DRIVES: tuple[str, ...] = get_args(DriveKind)
PROPERTIES = {
    "people": ("kind", *(field for field in FORM_FIELDS if field != "unknown-field"), "pin", "password"),
    "computers": ("owner", "element"),
    "drives": ("kind",),
}
SECTIONS = tuple(PROPERTIES)


def read_cast(page: Page, node: Node, base: Cast) -> Cast:
    """A cast as it stands in a file, added to `base`: a name that is taken stays what it is; to say otherwise is wrong."""
    sections: dict[str, dict[str, Properties]] = {
        "people": dict(base.people),
        "computers": dict(base.computers),
        "drives": dict(base.drives),
    }
    if node.kind != "map":
        page.wrong(node, f"a cast is a mapping, not {node.describe()}", expected="people, computers and drives")
        return base
    for key, section in node.pairs:
        if key.text not in SECTIONS:
            page.wrong_word(key, "part of a cast", key.text, SECTIONS)
        elif section.kind != "map":
            page.wrong(section, f"`{key.text}` is a mapping of names, not {section.describe()}")
        else:
            _add(page, key.text, section, sections)
    _check_owners(page, node, sections)
    return Cast(sections["people"], sections["computers"], sections["drives"])


def _add(page: Page, name: str, section: Node, sections: dict[str, dict[str, Properties]]) -> None:
    for key, member in section.pairs:
        taken = [other for other in SECTIONS if key.text in sections[other]]
        if taken == [name] and member.kind == "map" and sections[name][key.text] == _member(page, name, key, member):
            continue  # a copy of the shipped cast says the same
        if taken:
            page.wrong(key, f"`{key.text}` is taken: it stands among the {taken[0]} already")
        elif member.kind != "map" and not member.empty:
            page.wrong(member, f"`{key.text}` is a mapping, not {member.describe()}")
        else:
            sections[name][key.text] = _member(page, name, key, member)


def _member(page: Page, section: str, key: Node, member: Node) -> Properties:
    words = {"people": ("kind", PEOPLE), "computers": ("element", ELEMENTS), "drives": ("kind", DRIVES)}
    name, choices = words[section]
    for entry, value in member.pairs:
        if entry.text == name and value.text not in choices:
            page.wrong_word(value, name, value.text, choices)
    for entry, _ in member.pairs:
        if entry.text not in PROPERTIES[section]:
            page.wrong_word(entry, f"property of {section}", entry.text, PROPERTIES[section])
    properties: dict[str, object] = {entry.text: plain(value) for entry, value in member.pairs}
    if section == "computers":
        properties.setdefault("element", "secure")
    elif name not in properties:
        page.wrong(key, f"`{key.text}` needs `{name}`", expected=f"one of {', '.join(choices)}")
    return properties


def _check_owners(page: Page, node: Node, sections: Mapping[str, Mapping[str, Properties]]) -> None:
    for key, section in node.pairs:
        if key.text == "computers":
            for _, computer in section.pairs:
                for entry, value in computer.pairs:
                    if entry.text == "owner" and value.text not in sections["people"]:
                        page.wrong_word(value, "person", value.text, sections["people"])
