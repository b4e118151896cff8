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
    `reads` says a text for users, which was told under a name (`rule/reason`, an error, `definite` or `unknown`). `checks`
    says what a step should have come to, or what was seen. `mails` says a mail of the office's or its subject, and is
    empty where there is nothing to add. `says` goes by verb, and by `fault` and its name. `acts`, `preludes` and
    `chapters` are names that differ from the scenario language's own; `breaks` says what a saboteur breaks, where he says
    it in another language; `lines` says lines of attack and troubles by their tags, and `limit-N` what an attacker gets.
    """

    refused: Mapping[str, str]
    allowed: Mapping[str, Mapping[str, str]]
    values: Mapping[str, Mapping[str, str]]
    fields: Mapping[str, str]
    says_refused: str
    says_allowed: str
    says_unasked: str
    says_repeated: str
    is_broken: str
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
    checks: Callable[[str], str]
    mails: Callable[[str], str]
    says: Mapping[str, str]
    phrasing: Phrasing
    clauses: Mapping[str, str]
    readings: Mapping[str, str]
    labels: Mapping[str, str]
    outcomes: Mapping[str, str]
    told: str
    not_as_expected: str
    at_once: str
    by_turns: str
    succeed: str
    differs: Mapping[str, str]
    as_expected: str
    as_expected_one: str
    limit: str
    succeeds: str
    remark: str
    looks: Mapping[str, str]
    stepping: Mapping[str, str]
    report: Mapping[str, str]
    tables: Mapping[str, str]
    lesson: Mapping[str, str]
    breaks: Mapping[str, str]
    acts: Mapping[str, str]
    preludes: Mapping[str, str]
    chapters: Mapping[str, str]
    lines: Mapping[str, str]

    def act(self, name: str) -> str:
        """What a verb or an act is called."""
        return self.acts.get(name, name.replace("-", " "))

    def prelude(self, name: str) -> str:
        """What a prelude is called; one of a suite's own by its own name."""
        return self.preludes.get(name, name.replace("-", " "))
