"""What a run found: steps, scenarios, and what they say of rules and clauses; and its JSON.

The JSON's shape has a version, `VERSION`; `to_json` documents it. It holds no time and no path of a machine's own, so
that the same seed gives the same bytes.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from softcert.rules.catalogue import CLAUSES, RULES, ClauseId, RuleId
from softcert.rules.verdict import Verdict
from softcert_sim.coverage import KINDS, Hit, Hits, Item, merged, unreached
from softcert_sim.oracle import Expected
from softcert_sim.why import Why

if TYPE_CHECKING:
    from softcert_sim.scenes import Scene

VERSION = 1
ScenarioOutcome = Literal["as-expected", "not-as-expected", "limit", "expected-failure"]
Key = tuple[str, str]
"""Path and title: which scenario it is."""
Differs = Literal[
    "", "author", "system", "author and system", "author alone", "system alone", "oracle", "all", "invariant", "list"
]
"""Who differs when a step is red.

`author`: the scenario asks for what cannot be done in it. `system`: it failed in a way that no outcome describes. `author
and system`: each says something else, and the oracle nothing. `author alone`, `system alone`, `oracle`: one of the three
says something else than the other two; `all`: each says something else. `invariant`: the outcome is as expected, and yet
a law does not hold. `list`: it is listed as failing, and does not.
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step came to.

    `detail` is `rule/reason` of the verdict, a protocol error, `definite` or `unknown`; or what failed, in words.
    `told` is `rule/reason` or the error as the user got it, and `text` the words that came with it.
    """

    kind: Literal["allowed", "refused", "rejected", "broken", "failed", "crashed"]
    detail: str = ""
    told: str = ""
    text: str = ""

    def __str__(self) -> str:
        words = f"{self.kind} {self.detail}".strip()
        return f"{words}, told {self.told}" if self.told not in ("", self.detail) else words


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step that was run, or a heading, quotation or note that stood between. `elapsed` is in seconds.

    `why` has what each side decided in it, in the order of their decisions; `scene` is kept when a report asks for it;
    `opinion` is what the oracle expected, with its reasons where the step is red; `stumbled` is an error of its own, after
    which it has none;
    `violated` names the invariants that do not hold, by their rules. `outside` says that it is no act of the scenario's,
    but the world's own failure before the first or after one: `verb` says `given` or `world` then.
    """

    line: int
    verb: str
    sentence: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    expected: str = ""
    outcome: Outcome = Outcome("allowed")
    differs: Differs = ""
    seen: str = ""
    violated: tuple[str, ...] = ()
    verdict: Verdict | None = None
    why: tuple[Why, ...] = ()
    clauses: tuple[ClauseId, ...] = ()
    limit: str = ""
    faults: tuple[str, ...] = ()
    part: str = ""
    quote: str = ""
    note: str = ""
    elapsed: float = 0.0
    inner: tuple["StepResult", ...] = ()
    scene: "Scene | None" = None
    opinion: Expected | None = None
    stumbled: str = ""
    outside: bool = False

    @property
    def acts(self) -> "tuple[StepResult, ...]":
        """The act, or those that happened at once; none for mere words, and for what failed outside of any."""
        return () if self.outside else self.inner or ((self,) if self.verb else ())

    @property
    def green(self) -> bool:
        """Whether it came out as its author said, with every invariant held."""
        return not self.differs


@dataclass(slots=True)
class RuleCount:
    """For a gate, how often it allowed and refused; for a duty, at how many steps it was held and attacked."""

    first: int = 0
    second: int = 0


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One scenario that was run. `hits` are what it reached; `clauses` says how many green steps showed each.

    `scene` is what the preludes in `given` did, kept when a report asks for it; `expected_failure` the reason for which
    this red scenario is listed as failing.
    """

    path: str
    title: str
    about: str
    rules: tuple[RuleId, ...]
    tags: tuple[str, ...]
    seed: int
    steps: tuple[StepResult, ...]
    digest: str
    hits: Mapping[Hit, int]
    reproduce: str = ""
    elapsed: float = 0.0
    given: tuple[tuple[str, str], ...] = ()
    scene: "Scene | None" = None
    expected_failure: str = ""

    @property
    def key(self) -> Key:
        """Path and title."""
        return self.path, self.title

    @property
    def red(self) -> StepResult | None:
        """The step that came out otherwise than expected, which is the last."""
        return next((step for step in self.steps if not step.green), None)

    @property
    def outcome(self) -> ScenarioOutcome:
        """`limit` is a scenario, all as expected, in which an attack succeeds because nothing can stop it;
        `expected-failure` a red one that is listed as failing.
        """
        if self.red:
            return "expected-failure" if self.expected_failure else "not-as-expected"
        return "limit" if any(step.limit for step in self.steps) else "as-expected"

    @property
    def clauses(self) -> dict[ClauseId, int]:
        """How many green steps showed each clause; 0 for one that was only quoted."""
        counts: dict[ClauseId, int] = {}
        for step in self.steps:
            for clause in step.clauses if step.green else ():
                counts[clause] = counts.get(clause, 0) + bool(step.verb)
        return counts


@dataclass(frozen=True, slots=True)
class Results:
    """A whole run. `complete` says that it was of all shipped scenarios: then an empty cell is a gap. `space` is all that
    there is to reach."""

    seed: int
    scenarios: Sequence[ScenarioResult]
    complete: bool = False
    elapsed: float = 0.0
    space: Sequence[Item] = ()

    @property
    def green(self) -> bool:
        """Whether everything came out as expected."""
        return all(scenario.outcome != "not-as-expected" for scenario in self.scenarios)

    def count(self, outcome: ScenarioOutcome) -> int:
        """How many scenarios came out so."""
        return sum(scenario.outcome == outcome for scenario in self.scenarios)

    def unsaid(self) -> dict[str, tuple[int, int]]:
        """For each verb how many acts there were, and of how many the oracle had no opinion."""
        acts = [act for scenario in self.scenarios for step in scenario.steps for act in step.acts]
        asked, unsaid = Counter(act.verb for act in acts), Counter(act.verb for act in acts if act.opinion is None)
        return {verb: (asked[verb], unsaid[verb]) for verb in sorted(asked)}

    def rules(self) -> dict[RuleId, RuleCount]:
        """All rules in the catalogue's order, with what the run says of each: driver's and office's part together."""
        totals = {rule: RuleCount() for rule in RULES}
        for hit, count in self.hits().items():
            if hit.kind == "rule":
                first = hit.how.endswith(("allowed", "held"))
                totals[hit.name].first += count * first
                totals[hit.name].second += count * (not first)
        return totals

    def hits(self) -> Hits:
        """What the run reached, and how often."""
        return merged(scenario.hits for scenario in self.scenarios)

    def clauses(self) -> dict[ClauseId, tuple[tuple[RuleId, ...], int, int]]:
        """For each clause the rules read out of it, and how many scenarios and steps showed it."""
        shown = [scenario.clauses for scenario in self.scenarios]
        return {
            clause: (
                tuple(rule.id for rule in RULES.values() if clause in rule.clauses),
                sum(clause in counts for counts in shown),
                sum(counts.get(clause, 0) for counts in shown),
            )
            for clause in CLAUSES
        }


def to_json(results: Results) -> str:
    """The run as JSON, with a line end.

    `version` of this shape, `seed`; `totals` of `scenarios`, `as_expected`, `not_as_expected`, `limits`,
    `expected_failures` (the last four add up to the first), `acts` and `opinions` (how many there were, and of how many the
    oracle said what must come); `rules` by id, gates with `allowed` and `refused`, duties with
    `held` and `attacked`; `clauses` by id with `rules`, `scenarios`, `steps`; `coverage` of what scenarios that came out
    as expected reached (see `coverage`), by kind and name, with how often in which way (`rule` and `reason`: `office
    allowed`, `driver refused`, …; `verb`: `allowed`, `stopped`; `check`, `fault`, `error`, `transition`, `assumption`: one
    word each) and the list `unreached` of all that was not; `scenarios` with `file`, `title`, `outcome`, `seed`, `rules`,
    `tags`, `digest`, and `steps` with `line`, `verb`, `arguments`, `sentence`, `expected`, `outcome` and, where there
    is one, `limit`, `told`, `text`, `facts`, `why` (objects of `side` and `sentence`), `differs`, `oracle`, `seen`, `part`,
    `quote`, `note`, `clauses`, and inner `steps`.
    """
    shape = {
        "version": VERSION,
        "seed": results.seed,
        "totals": {
            "scenarios": len(results.scenarios),
            "as_expected": results.count("as-expected"),
            "not_as_expected": results.count("not-as-expected"),
            "limits": results.count("limit"),
            "expected_failures": results.count("expected-failure"),
            "acts": sum(asked for asked, _ in results.unsaid().values()),
            "opinions": sum(asked - unsaid for asked, unsaid in results.unsaid().values()),
        },
        "rules": {rule: _rule(rule, count) for rule, count in results.rules().items()},
        "clauses": {
            clause: {"rules": list(rules), "scenarios": scenarios, "steps": steps}
            for clause, (rules, scenarios, steps) in results.clauses().items()
        },
        "coverage": _coverage(results),
        "scenarios": [_scenario(scenario) for scenario in results.scenarios],
    }
    return json.dumps(shape, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: RuleId, count: RuleCount) -> dict[str, Any]:
    names = ("allowed", "refused") if RULES[rule].kind == "gate" else ("held", "attacked")
    return {"kind": RULES[rule].kind, names[0]: count.first, names[1]: count.second}


def _coverage(results: Results) -> dict[str, Any]:
    """In the order of what there is; then what was reached beside it."""
    found = results.hits()
    shape: dict[str, Any] = {kind: {} for kind in KINDS}
    for hit in dict.fromkeys([*(hit for item in results.space for hit in item.hits), *sorted(found)]):
        shape[hit.kind].setdefault(hit.name, {})[hit.how] = found[hit]
    return {**shape, "unreached": [item.name for item in unreached(results.space, found)]}


def _scenario(scenario: ScenarioResult) -> dict[str, Any]:
    return {
        "file": scenario.path,
        "title": scenario.title,
        "outcome": scenario.outcome,
        "seed": scenario.seed,
        "rules": list(scenario.rules),
        "tags": list(scenario.tags),
        "digest": scenario.digest,
        "steps": [_step(step) for step in scenario.steps],
    }


def _step(step: StepResult) -> dict[str, Any]:
    words = {"part": step.part, "quote": step.quote, "note": step.note, "clauses": list(step.clauses)}
    beside = {name: value for name, value in words.items() if value}
    if not step.verb:
        return {"line": step.line, **beside}
    verdict = step.verdict
    more = {
        "limit": step.limit,
        "told": step.outcome.told if step.outcome.told != step.outcome.detail else "",
        "text": step.outcome.text,
        "facts": dict(verdict.facts) if verdict and not verdict.allowed else {},
        "why": [why._asdict() for why in step.why],
        "differs": step.differs,
        "oracle": str(step.opinion) if step.opinion and not step.green else "",
        "seen": step.seen,
        "steps": [_step(inner) for inner in step.inner],
    }
    return {
        "line": step.line,
        "verb": step.verb,
        "arguments": dict(step.arguments),
        "sentence": step.sentence,
        "expected": step.expected,
        "outcome": f"{step.outcome.kind} {step.outcome.detail}".strip(),
        **{name: value for name, value in more.items() if value},
        **beside,
    }
