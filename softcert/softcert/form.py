"""Whether an application form is in order (rule `form-checked`): form only, truth is the examiner's to judge.

Driver and office both ask here, each for itself. Nothing is corrected in silence: a field is as it should be, or one
message says what is wrong, where, and what to do now. A message never repeats a control character to the reader.

Sources: GB 32100-2015 (credit code), GB 11643-1999 (identity number), RFC 5321 §4.5.3.1 (lengths of a mailbox),
E.164 (telephone numbers), ISO 3166-1 (countries). Where they leave room the stricter reading holds: a mailbox is plain
ASCII `local@domain` without quotes, as every mail server understands it.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from softcert.rules.checks import FORM_FIELDS

NAME_WIDTH, ADDRESS_WIDTH = 120, 200
"""Longest name and postal address in width units; a wide (Chinese) character counts two."""
LOCAL_LIMIT, MAILBOX_LIMIT = 64, 254
"""Octets, RFC 5321 §4.5.3.1; a path of 256 octets includes its two angle brackets."""
INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Categories of symbols that no text of a person's may have: controls, bidi and other invisible controls, half a
surrogate pair, U+2028 and U+2029."""
SHOWN = 60
"""Most characters of a value that a message repeats."""

CHINESE = ("name", "contact", "address")
"""Fields written in Chinese; the others know half-width symbols only."""

LABELS = {
    "applicant-type": "Kind of applicant",
    "country": "Country or region",
    "name": "Name of the applicant",
    "credit-code": "Unified social credit code",
    "identity-number": "Identity number",
    "contact": "Contact person",
    "mailbox": "Mailbox",
    "mobile": "Mobile number",
    "address": "Postal address",
    "unknown-field": "Form",
}
"""What the form calls its fields; `unknown-field` stands for the form as a whole."""

_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA
CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA
GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS
MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS
RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW
TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())
"""ISO 3166-1 alpha-2."""

_CREDIT_SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_IDENTITY_CHECKS = "10X98765432"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class FieldError:
    """A bad field by its name in `FORM_FIELDS`, and what the applicant should do about it."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class _Applicant:
    """What other fields depend on; empty where it is not given or not valid."""

    kind: str
    country: str


def check_form(form: Mapping[str, object]) -> tuple[FieldError, ...]:
    """One error for each bad field, in the order of `FORM_FIELDS`; empty when the form is in order. Never raises.

    An empty text is the same as a field left out. `holds-e-licence` must be answered, but both answers are in order
    here: what they mean is for rule `no-e-licence`. No clock is asked, so a birth date in the future passes.
    """
    applicant = _applicant_of(form)
    messages = {field: _fault(field, form.get(field, ""), applicant) for field in _RULES}
    messages["unknown-field"] = _fault_of_the_rest(form)
    return tuple(FieldError(field, f"{LABELS[field]}: {messages[field]}") for field in FORM_FIELDS if messages[field])


def credit_code_check_digit(first17: str) -> str:
    """The 18th symbol of a unified social credit code (GB 32100). Raises ValueError for symbols that it cannot have."""
    if len(first17) != 17:
        raise ValueError("17 symbols come before the check digit")
    total = sum(_CREDIT_SYMBOLS.index(symbol) * pow(3, place, 31) for place, symbol in enumerate(first17))
    return _CREDIT_SYMBOLS[-total % 31]


def identity_check_digit(first17: str) -> str:
    """The 18th symbol of an identity number (GB 11643, ISO 7064 MOD 11-2). Raises ValueError unless 17 digits come."""
    if not re.fullmatch("[0-9]{17}", first17):
        raise ValueError("17 digits come before the check digit")
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first17))
    return _IDENTITY_CHECKS[total % 11]


def width(text: str) -> int:
    """Width units: a wide or full-width character counts two, any other one."""
    return sum(2 if unicodedata.east_asian_width(symbol) in "WF" else 1 for symbol in text)


def _applicant_of(form: Mapping[str, object]) -> _Applicant:
    kind, country = form.get("applicant-type"), form.get("country")
    return _Applicant(
        kind if isinstance(kind, str) and kind in ("company", "person") else "",
        country if isinstance(country, str) and country in COUNTRIES else "",
    )


def _fault(field: str, value: object, applicant: _Applicant) -> str:
    if not isinstance(value, str):
        return "must be text. Type it into the field and submit again."
    return _fault_of_symbols(value, chinese=field in CHINESE) or _RULES[field](value, applicant)


def _fault_of_the_rest(form: Mapping[str, object]) -> str:
    answer = form.get("holds-e-licence")
    said = isinstance(answer, str) and answer in ("yes", "no")
    question = "" if said else "say whether the applicant holds an electronic business licence: 'yes' or 'no'."
    known = {"holds-e-licence", *_RULES}
    strangers: list[object] = [key for key in form if key not in known]
    names = ", ".join(_shown(key) if isinstance(key, str) else "one without a name" for key in strangers[:3])
    more = f" and {len(strangers) - 3} more" if len(strangers) > 3 else ""
    surplus = f"take out what the form does not ask for: {names}{more}." if strangers else ""
    return " Then ".join(part for part in (question, surplus) if part)


def _shown(text: str) -> str:
    """`text` for a message: quoted, cut after `SHOWN` characters, with nothing that acts on a terminal or mail."""
    short = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return "'" + "".join(s if s.isprintable() else f"\\u{ord(s):04x}" for s in short) + "'"


# --- Symbols that no field may have -----------------------------------------------------------------------------------


def _is_full_width(symbol: str) -> bool:
    return "\uff01" <= symbol <= "\uff5e" or symbol == "\u3000"


def _is_chinese_punctuation(symbol: str) -> bool:
    """Signs such as （ ） ， that Chinese names and addresses are written with, at full width."""
    return _is_full_width(symbol) and not symbol.isalnum() and symbol != "\u3000"


def _half_width(text: str) -> str:
    return "".join(
        symbol if not _is_full_width(symbol) else " " if symbol == "\u3000" else chr(ord(symbol) - 0xFEE0)
        for symbol in text
    )


def _fault_of_symbols(text: str, *, chinese: bool) -> str:
    """Line ends, controls, bidi and other invisible controls, half a surrogate pair; then full-width characters."""
    for place, symbol in enumerate(text, 1):
        if unicodedata.category(symbol) in INVISIBLE:
            return (
                f"symbol {place} is an invisible character (U+{ord(symbol):04X}), such as a line end. "
                "Type the field anew, on one line, instead of pasting it."
            )
    for place, symbol in enumerate(text, 1):
        if _is_full_width(symbol) and not (chinese and _is_chinese_punctuation(symbol)):
            what = "a full-width blank" if symbol == "\u3000" else f"the full-width character {_shown(symbol)}"
            wanted = text if len(text) <= SHOWN else symbol
            return f"symbol {place} is {what}. Switch the keyboard to half-width, type {_shown(_half_width(wanted))}."
    if text != text.strip():
        return "begins or ends with a blank. Remove it."
    return ""


# --- One function for each field: a message, or an empty text ---------------------------------------------------------


def _applicant_type(text: str, applicant: _Applicant) -> str:
    if applicant.kind:
        return ""
    return f"choose 'company' or 'person'{_instead_of(text)}."


def _country(text: str, applicant: _Applicant) -> str:
    if applicant.country:
        return ""
    return f"choose one; it is written as two capital letters, as in CN, HK, MO, TW or US{_instead_of(text)}."


def _instead_of(text: str) -> str:
    return f"; here stands {_shown(text)}" if text else ""


def _width_fault(text: str, most: int) -> str:
    units = width(text)
    if units > most:
        return f"is {units} units wide, {most} is the most (a Chinese character counts two). Shorten it."
    return ""


def _name(text: str, applicant: _Applicant) -> str:
    return _width_fault(text, NAME_WIDTH) if text else "is missing. Write the name as in the applicant's papers."


def _contact(text: str, applicant: _Applicant) -> str:
    if not text and applicant.kind == "company":
        return "is missing. A company names a person whom the office can ask."
    return _width_fault(text, NAME_WIDTH)


def _address(text: str, applicant: _Applicant) -> str:
    return _width_fault(text, ADDRESS_WIDTH) if text else "is missing. Write where post reaches the applicant."


def _credit_code(text: str, applicant: _Applicant) -> str:
    if not text:
        needed = applicant == _Applicant("company", "CN")
        return "is missing. Copy the 18 symbols from the business registration." if needed else ""
    if applicant.kind == "person":
        return "belongs to companies. Leave it empty, or choose 'company' as the kind of applicant."
    if len(text) != 18:
        return f"must have 18 symbols, here stand {len(text)}. Compare it with the business registration."
    for place, symbol in enumerate(text, 1):
        if symbol not in _CREDIT_SYMBOLS:
            return (
                f"symbol {place}, {_shown(symbol)}, cannot be in it: digits and capital letters other than I, O, S, V "
                "and Z can. Correct it."
            )
    if credit_code_check_digit(text[:17]) != text[17]:
        return "its check digit does not fit, so a symbol is mistyped. Compare it with the business registration."
    return ""


def _identity_number(text: str, applicant: _Applicant) -> str:
    if applicant.kind == "company":
        return "belongs to persons. Leave it empty, or choose 'person' as the kind of applicant." if text else ""
    if not text:
        needed = applicant.kind == "person" and applicant.country
        return "is missing. Copy it from the identity card or passport." if needed else ""
    if applicant.country == "CN":
        return _mainland_identity_fault(text)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9()/ -]{3,18}[A-Za-z0-9)]", text):
        return "must be the 5 to 20 letters and digits of the passport or identity card. Compare it with the document."
    return ""


def _mainland_identity_fault(text: str) -> str:
    if not re.fullmatch("[0-9]{17}[0-9X]", text):
        return "must be 17 digits and a digit or a capital X. Compare it with the identity card."
    birth = text[6:14]
    if not _is_date(birth) or birth[:2] not in ("19", "20"):
        return f"digits 7 to 14, {birth}, are no birth date. Compare it with the identity card."
    if identity_check_digit(text[:17]) != text[17]:
        return "its check digit does not fit, so a digit is mistyped. Compare it with the identity card."
    return ""


def _is_date(digits: str) -> bool:
    try:
        datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _mobile(text: str, applicant: _Applicant) -> str:
    if not text:
        return "is missing. The office calls it when the mailbox does not answer."
    if applicant.country in ("CN", "") and re.fullmatch("1[3-9][0-9]{9}", text):
        return ""
    if applicant.country != "CN" and re.fullmatch(r"\+[0-9]{7,15}", text):
        return ""
    if applicant.country == "CN":
        return "must be 11 digits that begin with 13 to 19, without blanks, hyphens or +86. Type them alone."
    return "must be + and 7 to 15 digits, the country's number first, without blanks or hyphens, as in +85291234567."


def _mailbox(text: str, applicant: _Applicant) -> str:
    if not text:
        return "is missing. The result and the download address are sent there."
    if any(symbol in text for symbol in " ,;:<>()[]\"\\") or text.count("@") > 1:
        return "must be one address alone, as in name@example.com: no second address, no name, no brackets or quotes."
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        return "must be name@domain, as in name@example.com. Type the part that is missing."
    if not text.isascii():
        return "may have Latin letters, digits and common signs only. Use an address without other letters."
    return _fault_of_lengths(local, domain) or _fault_of_parts(local, domain)


def _fault_of_lengths(local: str, domain: str) -> str:
    if len(local) > LOCAL_LIMIT:
        return f"has {len(local)} characters before the @, {LOCAL_LIMIT} is the most. Use another mailbox."
    length = len(local) + 1 + len(domain)
    if length > MAILBOX_LIMIT:
        return f"has {length} characters, {MAILBOX_LIMIT} is the most. Use another mailbox."
    return ""


def _fault_of_parts(local: str, domain: str) -> str:
    if not _LOCAL.fullmatch(local):
        return f"{_shown(local)} before the @ has a dot too many. Compare it with the address of the mailbox."
    labels = domain.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or not all(_LABEL.fullmatch(label) for label in labels):
        return f"{_shown(domain)} after the @ is no domain, such as example.com. Correct it."
    return ""


_RULES: dict[str, Callable[[str, _Applicant], str]] = {
    "applicant-type": _applicant_type,
    "country": _country,
    "name": _name,
    "credit-code": _credit_code,
    "identity-number": _identity_number,
    "contact": _contact,
    "mailbox": _mailbox,
    "mobile": _mobile,
    "address": _address,
}
