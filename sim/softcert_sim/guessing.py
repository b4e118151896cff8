"""Guesses of what will come of an act, before it is shown: the question, how a guess is read, and the score."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Literal, NamedTuple

from softcert.rules.catalogue import RULES, RuleId
from softcert.rules.checks import ACTS
from softcert_sim.results import StepResult

Kind = Literal["allowed", "refused", "stopped"]
"""What may come of an act; `stopped` is by protocol, machine or line."""
Judgement = Literal["right", "other-rule", "wrong"]

_KINDS: dict[str, Kind] = {
    "a": "allowed", "allowed": "allowed", "r": "refused", "refused": "refused", "s": "stopped", "stopped": "stopped",
}  # fmt: skip


class Guess(NamedTuple):
    """What somebody says will come; `rule` only of a refusal, empty where none was named."""

    kind: Kind
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """An act whose outcome can be guessed: by which of `rules` it might be refused, and what will come."""

    rules: tuple[RuleId, ...]
    answer: Guess

    def read(self, said: str) -> Guess | None:
        """The guess in a line, or None: `a`, `s`, `r`, a rule's number or name or its beginning, or `r` and a rule."""
        word, _, named = said.lower().replace("/", " ").partition(" ")
        kind = _KINDS.get(word, "refused")
        if kind != "refused" or (word in _KINDS and not named):
            return Guess(kind)
        rule = self._rule((named if word in _KINDS else word).strip())
        return Guess("refused", rule) if rule else None

    def judge(self, guess: Guess) -> Judgement:
        """How good a guess is."""
        if guess.kind != self.answer.kind:
            return "wrong"
        return "right" if guess.rule == self.answer.rule else "other-rule"

    def _rule(self, named: str) -> str:
        if named.isdecimal():
            return dict(enumerate(self.rules, 1)).get(int(named), "")
        return rule_named(named.partition(" ")[0])


@dataclass(slots=True)
class Score:
    """Guesses so far: `half` were refusals, but by another rule."""

    asked: int = 0
    right: int = 0
    half: int = 0

    def add(self, judgement: Judgement) -> None:
        """One more guess."""
        self.asked += 1
        self.right += judgement == "right"
        self.half += judgement == "other-rule"


def rule_named(text: str) -> str:
    """The rule of that name, or the only one that begins so; empty where there is none, or several."""
    found = [text] if text in RULES else [rule for rule in RULES if text and rule.startswith(text)]
    return found[0] if len(found) == 1 else ""


def question_of(result: StepResult, acts: Set[str]) -> Question:
    """The question to a result: the rules to choose from are all that the lists of these acts ask, in their order."""
    asked = {check.rule for act in ACTS if act.name in acts for check in act.checks}
    kind, detail = result.outcome.kind, result.outcome.detail
    if kind == "refused":
        answer = Guess("refused", detail.partition("/")[0])
    else:
        answer = Guess("allowed" if kind == "allowed" else "stopped")
    return Question(tuple(rule for rule in RULES if rule in asked), answer)
