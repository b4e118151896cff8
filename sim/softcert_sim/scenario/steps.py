"""Steps: exactly one verb, its arguments inside, everything else about the step beside it."""

from collections.abc import Mapping
from typing import TypedDict

from softcert_sim.scenario import quotes
from softcert_sim.scenario.marks import Node, Page
from softcert_sim.scenario.model import Cast, Expectation, Fault, Step
from softcert_sim.scenario.outcomes import BESIDE, TEXTS, WORDS, read_outcome
from softcert_sim.scenario.registry import Registry, Verb
from softcert_sim.scenario.values import Reader

_AT_ONCE = ("steps", "succeed", "turns")
"""What stands in `together`."""
GUARDED = (
    "apply", "withdraw", "download", "change-pin", "login", "activate", "collect-code", "file", "backup", "recover",
)  # fmt: skip
"""What applicants do under a rule that an attack may get round: a `limit` may stand beside it."""


class _Beside(TypedDict):
    """What stands beside a step's verb."""

    expected: Expectation
    label: str
    faults: tuple[Fault, ...]
    part: str
    quote: str
    quoted: tuple[str, ...]
    note: str


class StepReader:
    """Reads the steps of one file, in order: a label is known from the step on that gives it. `named` are labels that
    preludes gave, with their places."""

    def __init__(self, page: Page, registry: Registry, cast: Cast, named: Mapping[str, str] | None = None) -> None:
        self._page, self._registry, self._cast = page, registry, cast
        self._reader = Reader(page, cast)
        self._reader.labels.update(named or {})
        self._attacked = False
        self._limits: list[tuple[Node, Verb]] = []

    def read(self, node: Node) -> tuple[Step, ...]:
        """All steps of a scenario; what is wrong is noted and left out."""
        steps = self._steps(node)
        for limit, verb in self._limits:
            if verb.group != "applicant" or verb.name not in GUARDED:
                self._page.wrong(limit, f"`limit` says that an attack succeeds, and `{verb.name}` is none")
            elif not self._attacked:
                expected = "an attack among the steps, or a thief who acts"
                self._page.wrong(limit, "`limit` says that an attack succeeds, and nobody attacks here", expected=expected)
        return steps

    def _steps(self, node: Node) -> tuple[Step, ...]:
        if node.kind != "list" or not node.items:
            self._page.wrong(node, "`steps` is a list of steps", expected="`- verb: {…}`")
            return ()
        return tuple(step for item in node.items if (step := self._step(item)) is not None)

    def _step(self, node: Node) -> Step | None:
        if node.kind != "map":
            self._page.wrong(node, f"a step is a mapping, not {node.describe()}", expected="`- verb: {…}`")
            return None
        said = {key.text: value for key, value in node.pairs if key.text in WORDS}
        others = [pair for pair in node.pairs if pair[0].text not in WORDS]
        verbs = sorted(others, key=lambda pair: not self._is_verb(pair[0].text))
        for key, _ in verbs[1:]:
            self._not_beside(key, verbs[0][0].text)
        beside = self._words_beside(said)
        if not verbs:
            return self._without_verb(node, said, beside)
        key, value = verbs[0]
        if key.text == "together":
            return self._together(beside, key, value)
        return self._with_verb(beside, said, key, value)

    def _is_verb(self, word: str) -> bool:
        return word in self._registry.verbs or word == "together"

    def _not_beside(self, key: Node, verb: str) -> None:
        if self._is_verb(key.text):
            self._page.wrong(key, f"a step has one verb; with `{verb}` there is no room for `{key.text}`")
        else:
            self._page.wrong_word(key, f"word beside `{verb}`", key.text, WORDS)

    def _with_verb(self, beside: _Beside, said: dict[str, Node], key: Node, value: Node) -> Step | None:
        verb = self._registry.verbs.get(key.text)
        if verb is None:
            words = [*self._registry.verbs, "together", *WORDS]
            self._page.wrong_word(key, "verb", key.text, words, listed="softcert verbs")
            self._learn(beside["label"], said)
            return None
        if verb.group == "check":
            for word in ("refused", "rejected", "broken", *BESIDE, "fault"):
                if word in said:
                    self._page.wrong(said[word], f"a check looks, it acts not: `{word}` cannot stand beside it")
        arguments = self._reader.arguments(key, value, verb)
        self._learn(beside["label"], said)
        self._attacked |= verb.attack or self._cast.people.get(str(arguments.get("by")), {}).get("kind") == "thief"
        if beside["expected"].limit and not verb.attack:
            self._limits.append((said["limit"], verb))
        return Step(key.line, verb.name, arguments, **beside)

    def _without_verb(self, node: Node, said: dict[str, Node], beside: _Beside) -> Step | None:
        others = [word for word in said if word not in TEXTS]
        if others or not said:
            expected = "a verb, or only part, quote and note"
            self._page.wrong(said[others[0]] if others else node, "there is no verb in this step", expected=expected)
            return None
        return Step(node.line, **beside)

    def _words_beside(self, said: dict[str, Node]) -> _Beside:
        texts = {word: self._reader.text(said[word], word) for word in (*TEXTS, "as") if word in said}
        return _Beside(
            expected=read_outcome(self._page, said),
            label=texts.get("as", ""),
            faults=self._faults(said["fault"]) if "fault" in said else (),
            part=texts.get("part", ""),
            quote=texts.get("quote", ""),
            quoted=self._quoted(said["quote"]) if texts.get("quote") else (),
            note=texts.get("note", ""),
        )

    def _quoted(self, node: Node) -> tuple[str, ...]:
        places = quotes.find(node.text)
        if not places:
            message = "these words do not stand in the source"
            self._page.wrong(node, message, expected="two or more of its words, … for words left out",
                             suggestion=quotes.nearest_words(node.text))  # fmt: skip
        clauses = quotes.clauses_of(places)
        if len(places) > 1 and not clauses:
            message = f"these words stand in {len(places)} places, and are most of no clause"
            self._page.wrong(node, message, expected="enough words to tell which place is meant")
        return clauses

    def _faults(self, node: Node) -> tuple[Fault, ...]:
        pairs = [(node, Node("text", node.line, node.column, empty=True))] if node.kind == "text" else node.pairs
        faults: list[Fault] = []
        if not pairs or node.empty:
            self._page.wrong(node, f"`fault` names a fault, not {node.describe()}", expected="`fault: {name: …}`")
            return ()
        for key, value in pairs:
            fault = self._registry.faults.get(key.text)
            if fault is None:
                self._page.wrong_word(key, "fault", key.text, self._registry.faults, listed="softcert verbs")
            else:
                faults.append(Fault(fault.name, self._reader.arguments(key, value, fault)))
        return tuple(faults)

    def _together(self, beside: _Beside, key: Node, value: Node) -> Step | None:
        inside = {name.text: item for name, item in value.pairs}
        for name, _ in value.pairs:
            if name.text not in _AT_ONCE:
                self._page.wrong_word(name, "part of together", name.text, _AT_ONCE)
        if "steps" not in inside or "succeed" not in inside:
            self._page.wrong(key, "`together` needs `steps` and `succeed`", expected="{steps: […], succeed: n}")
            return None
        steps, expected = self._steps(inside["steps"]), beside["expected"]
        for inner in steps:
            if not inner.verb or inner.together or inner.expected != Expectation():
                message = "a step of `together` is a verb without an outcome; `succeed` counts them"
                self._page.wrong_at(inner.line, key.column, message)
        if expected.kind == "broken" or expected.limit or expected.reads or beside["faults"] or beside["label"]:
            message = "beside `together` stands at most how the others fail"
            self._page.wrong(key, message, expected="refused or rejected")
        succeed = self._succeed(inside, steps)
        if 0 <= succeed < len(steps) and expected == Expectation():
            message = "not all succeed, and what becomes of the others is not said"
            self._page.wrong(key, message, expected="refused or rejected beside `together`")
        turns = self._turns(inside["turns"], steps) if "turns" in inside else ()
        return Step(key.line, "together", together=steps, succeed=succeed, turns=turns, **beside)

    def _succeed(self, inside: dict[str, Node], steps: tuple[Step, ...]) -> int:
        node = inside["succeed"]
        count = int(node.text) if node.text.isdecimal() and node.text.isascii() else -1
        if not 0 <= count <= len(steps):
            self._page.wrong(node, f"`succeed` cannot be `{node.text}`", expected=f"a number from 0 to {len(steps)}")
        return count

    def _turns(self, node: Node, steps: tuple[Step, ...]) -> tuple[int, ...]:
        """Whose turn it is, one after the other: `1 2 2 1`."""
        known = [str(number) for number in range(1, len(steps) + 1)]
        turns = node.text.split()
        if not turns or not all(turn in known for turn in turns):
            expected = f"numbers from 1 to {len(steps)}, as in `1 2 2 1`"
            self._page.wrong(node, f"`turns` cannot be `{node.text}`", expected=expected)
            return ()
        return tuple(map(int, turns))

    def _learn(self, label: str, said: dict[str, Node]) -> None:
        if not label:
            return
        taken = self._reader.labels.get(label)
        if taken is not None:
            self._page.wrong(said["as"], f"`{label}` is the name of another step already, in {taken}")
        elif any(label in section for section in (self._cast.people, self._cast.computers, self._cast.drives)):
            self._page.wrong(said["as"], f"`{label}` is a name of the cast already")
        else:
            self._reader.labels[label] = f"line {said['as'].line}"
