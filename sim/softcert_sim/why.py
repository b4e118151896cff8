"""Why an act was allowed or refused, in one sentence for a person, made of the facts that decided and of no others.

Templates stand in `words`, by language. Thumbprints come out as the computers that have them, times as the office's
(UTC+8) on the simulated clock. Of a changed driver's verdict only those rules are told that it asked.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from string import Formatter
from typing import Any, NamedTuple, cast

from softcert.rules.verdict import Verdict
from softcert_sim.naming import Holder
from softcert_sim.words import language
from softcert_sim.words.language import Language

Names = Callable[[str], Holder]
"""Who has the device key of a thumbprint."""

OFFICE_TIME = timedelta(hours=8)


class Why(NamedTuple):
    """Who decided (`driver` or `office`), and why in a sentence."""

    side: str
    sentence: str


def sentence(verdict: Verdict, names: Names, lang: str = "en", untold: str = "") -> str:
    """The verdict and what decided it; where the `untold` rule is asked, that it is broken, for what follows from it would
    not be true. Raises KeyError when the verdict lacks a fact that its template names."""
    words = language(lang)
    say = _Saying(words, names, dict(verdict.facts))
    key = f"{verdict.side} {verdict.act}"
    broken = words.is_broken.format(rule=untold) if untold and untold in words.allowed[key] else ""
    if verdict.rule is not None:
        why = broken or say.all(_refused(words, verdict))
        return words.says_refused.format(rule=verdict.rule, reason=verdict.reason, why=why)
    found = words.allowed[key]
    why = broken or words.semicolon.join(say.all(template) for rule, template in found.items() if rule in verdict.asked)
    return words.says_allowed.format(why=why) if why else words.says_unasked


def explained(verdicts: Sequence[Verdict], names: Names, lang: str = "en", untold: str = "") -> tuple[Why, ...]:
    """The sentences of all that was decided in a step, each once."""
    told = (Why(verdict.side, sentence(verdict, names, lang, untold)) for verdict in verdicts)
    return tuple(dict.fromkeys(told))


def _refused(words: Language, verdict: Verdict) -> str:
    reason = f"{verdict.rule}/{verdict.reason}"
    return words.refused.get(f"{verdict.act} {reason}") or words.refused[reason]


@lru_cache
def parts_of(template: str) -> tuple[tuple[str, str, str], ...]:
    """(text before, name of a fact or nothing, how it is said) of each part of a template."""
    return tuple((text, name or "", spec or "") for text, name, spec, _ in Formatter().parse(template))


class _Saying:
    """The facts of one verdict, said in one language; the zone is said with the first time only."""

    def __init__(self, words: Language, names: Names, facts: dict[str, Any]) -> None:
        self._words, self._names, self._facts = words, names, facts
        self._zone = words.zone

    def all(self, template: str) -> str:
        return "".join(self._parts(template))

    def _parts(self, template: str) -> Iterator[str]:
        for text, name, spec in parts_of(template):
            yield text
            if name:
                yield self._fact(name, self._facts[name], spec)

    def _fact(self, name: str, value: Any, spec: str) -> str:
        if spec == "word":
            return self._words.values[name].get(value, value)
        said = cast("dict[str, Callable[[Any], str]]", {
            "computer": self._computers, "visitor": self._visitor, "time": self._time, "version": self._version,
            "fields": self._fields, "": str,
        })  # fmt: skip
        return said[spec](value)

    def _computers(self, devices: str | tuple[str, ...]) -> str:
        every = (devices,) if isinstance(devices, str) else devices
        called = [self._computer(self._names(device)) for device in every if device]
        return self._words.last_comma.join(called) or self._words.no_computer

    def _computer(self, holder: Holder) -> str:
        if not holder.name:
            return self._words.unknown_computer
        return holder.name if holder.now else self._words.earlier_key.format(computer=holder.name)

    def _visitor(self, device: str) -> str:
        return self._computers(device) if device else self._words.visitor

    def _time(self, seconds: int) -> str:
        zone, self._zone = self._zone, ""
        return self._words.time(datetime.fromtimestamp(seconds, UTC) + OFFICE_TIME) + zone

    def _version(self, numbers: tuple[int, ...]) -> str:
        return ".".join(map(str, numbers)) or self._words.nothing

    def _fields(self, fields: tuple[str, ...]) -> str:
        return self._words.comma.join(self._words.fields[field] for field in fields)
