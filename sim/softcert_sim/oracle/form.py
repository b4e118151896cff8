"""Whether an application form is in order, by the national standards of its numbers and what docs/process.md says."""

import re
import unicodedata
from collections.abc import Callable, Mapping

_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ATOM, _LABEL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+", "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_FIELDS = ("applicant-type", "country", "name", "credit-code", "identity-number", "contact", "mailbox", "mobile", "address")


def _text(longest: int) -> Callable[[str], bool]:
    """Not empty, nothing invisible, and not too wide; a wide character counts two."""
    return lambda text: (
        "" != text == text.strip() and not re.search("[\uff01-\uff5e]", text)
        and all(unicodedata.category(sign)[0] not in "CZ" or sign == " " for sign in text)
        and sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text) <= longest
    )  # fmt: skip


def _credit_code(text: str) -> bool:
    """GB 32100: 18 symbols, the last one checks."""
    if not re.fullmatch(f"[{_CREDIT}]{{18}}", text):
        return False
    total = sum(_CREDIT.index(sign) * pow(3, place, 31) for place, sign in enumerate(text[:17]))
    return _CREDIT[-total % 31] == text[17]


def _identity_number(text: str) -> bool:
    """GB 11643: 17 digits, and one that checks."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return False
    return "10X98765432"[sum(int(sign) * pow(2, 17 - place, 11) for place, sign in enumerate(text[:17])) % 11] == text[17]


def first_bad_field(form: Mapping[str, str]) -> str:
    """The first bad field in the order of the list, or nothing."""
    company, home = form.get("applicant-type") == "company", form.get("country") == "CN"
    good: dict[str, Callable[[str], bool]] = {
        "applicant-type": lambda text: text in ("company", "person"),
        "country": lambda text: re.fullmatch("[A-Z]{2}", text) is not None,
        "name": _text(120),
        "credit-code": lambda text: company and _credit_code(text) if text else not (company and home),
        "identity-number": lambda text: (_identity_number(text) if home else _text(120)(text)) and not company
            if text else company,
        "contact": lambda text: _text(120)(text) if text or company else True,
        "mailbox": lambda text: re.fullmatch(rf"{_ATOM}(\.{_ATOM})*@{_LABEL}(\.{_LABEL})+", text) is not None
            and len(text.partition("@")[0]) <= 64,
        "mobile": lambda text: re.fullmatch(r"1[3-9][0-9]{9}" if home else r"\+[0-9]{7,15}", text) is not None,
        "address": _text(200),
    }
    bad = [field for field in _FIELDS if not good[field](form.get(field, ""))]
    strange = set(form) - {*_FIELDS, "holds-e-licence"} or form.get("holds-e-licence") not in ("yes", "no")
    return bad[0] if bad else "unknown-field" if strange else ""
