"""English: the original of everything that the project says."""

from datetime import datetime

from softcert.form import LABELS
from softcert.rules.catalogue import CLAUSES, RULES
from softcert_sim.scenario.registry import Phrasing
from softcert_sim.words import lesson_en, look_en, report_en, stepping_en, tables_en, why_en
from softcert_sim.words.language import Language

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

STORY = ("driver", "office", "rule", "reads", "limit", "note", "clauses", "expected", "seen", "differs", "oracle", "text",
         "again", "known")  # fmt: skip
"""What stands before a line of a story."""
OUTCOMES = ("allowed", "refused", "rejected", "broken", "failed", "crashed", "definite", "unknown", "holds")


def time(moment: datetime) -> str:
    """Day and time, seconds only where there are some."""
    clock = f"{moment:%H:%M:%S}".removesuffix(":00")
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year} at {clock}"


ENGLISH = Language(
    refused=why_en.REFUSED,
    allowed=why_en.ALLOWED,
    values=why_en.VALUES,
    fields=LABELS,
    says_refused="Refused by {rule} ({reason}): {why}.",
    says_allowed="Allowed: {why}.",
    says_unasked="Allowed: nothing was asked.",
    says_repeated="Asked before, and answered as before: nothing was decided anew.",
    is_broken="{rule} is broken",
    semicolon="; ",
    comma=", ",
    last_comma=" and ",
    no_computer="no computer",
    unknown_computer="an unknown computer",
    earlier_key="{computer} with an earlier key",
    visitor="somebody who only opened the page",
    nothing="none",
    time=time,
    zone=" (UTC+8)",
    reads=lambda told, text: text,
    checks=str,
    mails=lambda text: "",
    says={},
    phrasing=Phrasing(),
    clauses=CLAUSES,
    readings={rule.id: rule.reading for rule in RULES.values()},
    labels={word: word for word in STORY},
    outcomes={word: word for word in OUTCOMES},
    told=", told {told}",
    not_as_expected="{came}, expected {expected}",
    at_once="At once: {sentences}",
    by_turns="At once, by turns {turns}: {sentences}",
    succeed="{succeeded} of {count} succeed",
    differs={
        "author": "The scenario asks for what cannot be done in it.",
        "system": "The system failed in a way that no outcome describes.",
        "author and system": "Author and system differ.",
        "author alone": "The author differs from oracle and system.",
        "system alone": "The system differs from author and oracle.",
        "oracle": "The oracle differs from author and system.",
        "all": "Author, oracle and system all differ.",
        "invariant": "An invariant does not hold.",
        "list": "The list of expected failures is out of date: take this entry out of it.",
    },
    as_expected_one="{count} step, all as expected{limit}.",
    as_expected="{count} steps, all as expected{limit}.",
    limit=", and an attack succeeds that nothing of this kind can stop",
    succeeds="limit: the attack succeeds",
    remark="",
    looks=look_en.LOOKS,
    stepping=stepping_en.STEPPING,
    report=report_en.REPORT,
    tables=tables_en.TABLES,
    lesson=lesson_en.LESSON,
    breaks=lesson_en.BREAKS,
    acts={},
    preludes={},
    chapters={},
    lines={},
)
