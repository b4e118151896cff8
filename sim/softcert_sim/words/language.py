"""What a language consists of. A test holds that each has the same entries, and the same slots in them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Language:
    """The tables of one language; `why` explains the slots of its templates.

    `refused` has a template for each `rule/reason`, with an act's name and a blank before it where that act needs its
    own. `allowed` has for each `side act` what every rule found, by rule. `values` has words for the values of facts.
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
    visitor: str
    nothing: str
    time: Callable[[datetime], str]
    zone: str
