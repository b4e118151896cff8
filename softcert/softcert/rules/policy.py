"""What the source leaves open: each assumption is a field of one `Policy`, named in kebab-case outside of Python.

None of these is a fact about the real office. `why` in a field's metadata says where the default comes from.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Literal

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400


def _assume(default: Any, why: str, least: int = 1, most: int = 1_000) -> Any:
    return field(default=default, metadata={"why": why, "range": (least, most)})


@dataclass(frozen=True, slots=True)
class Policy:
    """Durations are in seconds of the office's clock."""

    activation_code: int = _assume(10, "symbols of Crockford base32, 5 bits each; the real length is unknown", 4, 50)
    activation_tries: int = _assume(5, "then locked; the office can re-issue a code; key-token vendors count 6 to 10")
    link_lifetime: int = _assume(
        7 * DAY, "at exactly the last second it still works; Korea 7 days, Spain an hour", most=100 * YEAR
    )
    link_reissue: bool = _assume(True, "the office can send a new address before the download; older ones die")
    link_visit: Literal["page", "burns"] = _assume(
        "page", "GET and HEAD show a page and change nothing; 'burns' shows what mail scanners do to a careless office"
    )
    wrong_computer: Literal["keep", "burn"] = _assume(
        "keep", "a refused attempt from another computer leaves the address good, else a thief could rob its owner"
    )
    repeat_until_acknowledged: bool = _assume(
        True, "the same request gets the same answer until the driver says it has stored it; a broken line loses nothing"
    )
    pin: tuple[int, int] = _assume(
        (8, 32), "shortest and longest, printable ASCII, not one repeated or running symbol; the real rules are unknown"
    )
    pin_tries: int = _assume(10, "then locked; recovery on the same computer is the way out; tokens count 6 to 10")
    same_computer: int = _assume(
        3, "hardware ids of 4 that must match; a replaced disk is common; blanks never match", most=4
    )
    backup_password: int = _assume(8, "shortest password of a backup; PKCS#12 with PBES2 and AES-256")
    recovery_proof: Literal["activation-code", "none"] = _assume(
        "activation-code", "the code that the owner must remember is asked again; 'none' shows what that stops"
    )
    recovery: Literal["move", "copy"] = _assume("move", "Japan offers both; 'copy' shows two usable computers")
    session_lifetime: int = _assume(30 * MINUTE, "ends at once at logout, lock, revocation or move", most=YEAR)
    certificate_lifetime: int = _assume(5 * 365 * DAY, "5 years seen in the wild; older texts say 2", most=100 * YEAR)
    review_time: int = _assume(
        3 * DAY, "how long the office takes to decide; 3 to 5 days are reported", least=0, most=YEAR
    )
    lost_computer: Literal["revoke"] = _assume("revoke", "revoke, then apply again; the source has no path for it")
    flood_limit: int = _assume(5, "applications from one computer in a day, then rateLimited; a mailbox has no limit")
    guess_limit: int = _assume(20, "unknown addresses asked from one computer in an hour, then rateLimited")


ASSUMPTIONS: dict[str, str] = {f.name.replace("_", "-"): f.metadata["why"] for f in fields(Policy)}
"""Every field of `Policy` in its outside spelling, and why it has its default."""

RANGES: dict[str, tuple[int, int]] = {f.name.replace("_", "-"): f.metadata["range"] for f in fields(Policy)}
"""The least and the most that a field which is a number may be."""
