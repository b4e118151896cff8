"""English: the original of everything that the project says."""

from datetime import datetime

from softcert.form import LABELS
from softcert_sim.words import why_en
from softcert_sim.words.language import Language

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


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
    semicolon="; ",
    comma=", ",
    last_comma=" and ",
    no_computer="no computer",
    unknown_computer="an unknown computer",
    visitor="somebody who only opened the page",
    nothing="none",
    time=time,
    zone=" (UTC+8)",
)
