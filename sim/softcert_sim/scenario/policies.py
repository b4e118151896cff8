"""Assumptions as files set them: in a scenario, in a suite, in a matrix."""

import re
from functools import lru_cache
from typing import Any, get_args, get_origin, get_type_hints

from softcert.rules.policy import ASSUMPTIONS, RANGES, Policy
from softcert_sim.scenario.marks import Node, Page
from softcert_sim.scenario.registry import Duration, Kind, kinds_of
from softcert_sim.scenario.values import WRONG, Reader

Fields = dict[str, Any]
"""Values of some of the policy's fields, by the names that the language uses."""

_RANGE = re.compile(r"([1-9]\d*) to ([1-9]\d*)")


@lru_cache(maxsize=1)
def policy_kinds() -> dict[str, tuple[Kind, ...]]:
    """What each field of the policy may be, by its outside name; a range of two numbers has no kind."""
    hints: dict[str, Any] = get_type_hints(Policy)
    kinds: dict[str, tuple[Kind, ...]] = {}
    for name in ASSUMPTIONS:
        hint = hints[name.replace("-", "_")]
        if get_origin(hint) is tuple and get_args(hint) == (int, int):
            kinds[name] = ()
        else:
            kinds[name] = kinds_of(Duration if name.endswith(("-lifetime", "-time")) else hint)
    return kinds


def read_policy(page: Page, node: Node | None, reader: Reader) -> Fields:
    """The fields that a mapping sets; what is wrong is noted and left out."""
    if node is None:
        return {}
    if node.kind != "map":
        page.wrong(node, f"`policy` is a mapping, not {node.describe()}", expected="{assumption: value}")
    kinds = policy_kinds()
    fields: Fields = {}
    for key, value in node.pairs:
        if key.text not in kinds:
            page.wrong_word(key, "assumption", key.text, kinds, listed="softcert rules")
            continue
        typed = reader.value(value, kinds[key.text], key.text) if kinds[key.text] else _range(page, key, value)
        least, most = RANGES[key.text]
        if type(typed) is int and not least <= typed <= most:
            page.wrong(value, f"`{key.text}` cannot be {value.text}", expected=f"{least} to {most}")
        if typed is not WRONG:
            fields[key.text] = typed
    return fields


def in_python(fields: Fields) -> Fields:
    """The same fields by the names of `Policy`'s attributes."""
    return {name.replace("-", "_"): value for name, value in fields.items()}


def _range(page: Page, key: Node, node: Node) -> Any:
    found = _RANGE.fullmatch(node.text)
    if found and int(found[1]) <= int(found[2]):
        return int(found[1]), int(found[2])
    page.wrong(node, f"`{key.text}` cannot be `{node.text}`", expected="shortest and longest, such as 8 to 32")
    return WRONG
