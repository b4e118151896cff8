"""What a language consists of. A test holds that each has the same entries, and the same slots in them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from softcert_sim.scenario.registry import Phrasing


@dataclass(frozen=True, slots=True)
class Language:
    """The tables of one language; `why` explains the slots of its templates.

    `refused` has a template for each `rule/reason`, with an act's name and a blank before it where that act needs its
    own. `allowed` has for each `side act` what every rule found, by rule. `values` has words for the values of facts.
    `reads` says a text for users, which was told under a name (`rule/reason`, an error, `definite` or `unknown`). `says`
    goes by verb, and by `fault` and its name.
    """

    refused: Mapping[str, str]
    allowed: Mapping[str, Mapping[str, str]]
    values: Mapping[str, Mapping[str, str]]
    fields: Mapping[str, str]
    says_refused: str
    says_allowed: str
    says_unasked: str
    semicolon: str
    comma: str
    last_comma: str
    no_computer: str
    unknown_computer: str
    earlier_key: str
    visitor: str
    nothing: str
    time: Callable[[datetime], str]
    zone: str
    reads: Callable[[str, str], str]
    says: Mapping[str, str]
    phrasing: Phrasing
    clauses: Mapping[str, str]
    readings: Mapping[str, str]
    labels: Mapping[str, str]
    outcomes: Mapping[str, str]
    told: str
    not_as_expected: str
    at_once: str
    succeed: str
    differs: Mapping[str, str]
    as_expected: str
    as_expected_one: str
    limit: str
    remark: str
    looks: Mapping[str, str]
    stepping: Mapping[str, str]
