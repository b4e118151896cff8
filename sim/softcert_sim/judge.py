"""What came of an act, in the language's words, and whether it is what the author said."""

import os
import traceback
from pathlib import Path
from typing import Any

from softcert.errors import Broken, Damaged, Impossible, Refused, Rejected, SoftcertError
from softcert.rules.verdict import Verdict
from softcert_sim.results import Outcome
from softcert_sim.scenario.model import Expectation
from softcert_sim.scenario.registry import CheckFailed


def outcome_of(result: Any, verdict: Verdict | None) -> Outcome:
    """What a verb's result or exception is, in the language's words. `verdict` may know more than the user was told."""
    if not isinstance(result, Exception):
        text = getattr(result, "text", "")
        return Outcome("allowed", text=text if isinstance(text, str) else "")
    if isinstance(result, (Refused, Rejected)):
        told = f"{result.rule}/{result.reason}" if isinstance(result, Refused) else result.name
        if verdict is not None and not verdict.allowed:
            return Outcome("refused", str(verdict), told, result.text)
        return Outcome("refused" if isinstance(result, Refused) else "rejected", told, told, result.text)
    if isinstance(result, CheckFailed):
        return Outcome("failed", result.seen)
    if isinstance(result, Impossible):
        return Outcome("rejected", "conflict", "conflict", result.text)
    if isinstance(result, (Broken, Damaged)):
        return Outcome("broken", "definite" if result.definite else "unknown", text=result.text)
    return Outcome("crashed", place_of(result), text=result.text if isinstance(result, SoftcertError) else "")


def as_expected(expected: Expectation, outcome: Outcome) -> bool:
    """Whether the outcome is what the author said, to the user's ear too."""
    if (expected.kind, expected.detail) != (outcome.kind, outcome.detail):
        return False
    return expected.kind != "refused" or outcome.told == (expected.told or expected.detail)


def unread(expected: Expectation, text: str) -> CheckFailed | None:
    """What the author wants the user to read and does not stand in the text; however its lines are broken."""
    if expected.reads in " ".join(text.split()):
        return None
    return CheckFailed(f"the user to read {expected.reads!r}", text or "nothing")


def hidden(expected: Expectation) -> bool:
    """Whether the author says that the user hears of a protocol error where a rule refused."""
    return expected.kind == "refused" and expected.told != "" and "/" not in expected.told


def as_it_came(outcome: Outcome) -> Expectation:
    """What an author would have had to say."""
    if outcome.kind in ("refused", "rejected", "broken"):
        return Expectation(outcome.kind, outcome.detail, "" if outcome.told in ("", outcome.detail) else outcome.told)
    return Expectation()


def place_of(error: BaseException) -> str:
    """An unforeseen exception in one line, or whole with SOFTCERT_DEBUG set."""
    if os.environ.get("SOFTCERT_DEBUG"):
        return "".join(traceback.format_exception(error)).rstrip()
    frames = traceback.extract_tb(error.__traceback__)
    where = f" (at {Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"
