"""The oracle: what it says of the shipped scenarios, of states that differ by an exchange only, and of a wrong system."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace

import pytest
import real
from hypothesis import given, settings
from hypothesis import strategies as st
from whole import Whole

from softcert.rules.policy import Policy
from softcert_sim import oracle
from softcert_sim.opinion import Beginnings, act_of
from softcert_sim.oracle import Act, Expected, State, acts
from softcert_sim.oracle.canonical import since_now
from softcert_sim.oracle.facts import KINDS, Key, Moment
from softcert_sim.product import product
from softcert_sim.results import Results, ScenarioResult, to_json
from softcert_sim.runner import Options, load
from softcert_sim.sabotage.hand import broken
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.model import Cast, Expectation, Link
from softcert_sim.stage import Setting, Stage
from softcert_sim.story import tell_red
from softcert_sim.tables import opinions
from softcert_sim.world import START, World

CAST = Cast(
    people={
        "ann": {"kind": "applicant", "applicant-type": "person", "country": "CN", "name": "甲", "mailbox": "a@x.example",
                "identity-number": "110105198803140023", "mobile": "13800138000", "address": "one", "pin": "Apple.pie-1",
                "password": "under the oak"},
        "bob": {"kind": "applicant", "applicant-type": "person", "country": "CN", "name": "乙", "mailbox": "b@x.example",
                "identity-number": "510107199206154824", "mobile": "13900139000", "address": "two", "pin": "Bread-24.x",
                "password": "below the elm"},
        "examiner": {"kind": "examiner"},
    },
    computers={"a-pc": {"owner": "ann", "element": "secure"}, "b-pc": {"owner": "bob", "element": "secure"},
               "c-pc": {"owner": "", "element": "secure"}, "old-pc": {"owner": "", "element": "none"}},
    drives={"red": {"kind": "flash-drive"}, "blue": {"kind": "flash-drive"}},
)  # fmt: skip
BEGIN = oracle.begin(CAST, asdict(Policy()))
PEOPLE, COMPUTERS, DRIVES = ("ann", "bob"), ("a-pc", "b-pc", "c-pc"), ("red", "blue")


def act(verb: str, **arguments: object) -> Act:
    return Act(verb, tuple(arguments.items()))


def at_a_computer(verb: str) -> st.SearchStrategy[Act]:
    return st.builds(lambda by, at: act(verb, by=by, at=at), st.sampled_from(PEOPLE), st.sampled_from(COMPUTERS))


ACTS = st.one_of(
    *map(at_a_computer, ("confirm", "install", "read-notice", "apply", "withdraw", "download", "change-pin", "login",
                         "activate", "collect-code", "file", "backup", "recover", "logout")),
    *(st.builds(lambda of, verb=verb: act(verb, of=of), st.sampled_from(PEOPLE)) for verb in ("approve", "revoke")),
    st.builds(lambda of: act("reissue", what="code", of=of), st.sampled_from(PEOPLE)),
    st.builds(lambda by: act("read-mail", by=by), st.sampled_from(PEOPLE)),
    st.builds(lambda drive, into: act("plug", drive=drive, into=into), st.sampled_from(DRIVES), st.sampled_from(COMPUTERS)),
    st.builds(lambda seconds: Act("wait", (("for", seconds),)), st.sampled_from([60, 3_600, 86_400])),
)  # fmt: skip
PRELUDES = ("driver-installed", "applied", "approved", "downloaded", "pin-changed", "active", "backed-up")
STARTS = st.builds(
    lambda prelude, who: brought(BEGIN, who, prelude), st.sampled_from(("nothing", *PRELUDES)), st.sampled_from(PEOPLE)
)
NAMES = (*PEOPLE, *COMPUTERS, *DRIVES)


def exchanges() -> Iterator[dict[str, str]]:
    """Every exchange of people, computers and drives, each among their own."""
    for people, computers, drives in itertools.product(*map(itertools.permutations, (PEOPLE, COMPUTERS, DRIVES))):
        yield dict(zip(NAMES, (*people, *computers, *drives), strict=True))


EXCHANGES = st.sampled_from(list(exchanges()))


def brought(state: State, who: str, prelude: str) -> State:
    for name in PRELUDES[: PRELUDES.index(prelude) + 1] if prelude in PRELUDES else ():
        state = oracle.given(state, CAST, who, name)
    return state


def after(state: State, acts: Sequence[Act]) -> tuple[list[Expected | None], State]:
    said: list[Expected | None] = []
    for one in acts:
        expected, state = oracle.predict(state, one)
        said.append(expected)
    return said, state


def exchanged(acts: Sequence[Act], names: dict[str, str]) -> list[Act]:
    return [Act(one.verb, tuple((name, names.get(value, value)) for name, value in one.arguments)) for one in acts]


@settings(max_examples=60, deadline=None)
@given(STARTS, st.lists(ACTS, max_size=8), EXCHANGES)
def test_an_exchange_of_names_changes_neither_what_is_predicted_nor_the_canonical_state(
    start: State, acts: list[Act], names: dict[str, str]
) -> None:
    said, state = after(start, acts)
    other_said, other = after(oracle.exchange(start, names), exchanged(acts, names))
    assert [one.said for one in said if one] == [one.said for one in other_said if one]
    assert oracle.canonical(other) == oracle.canonical(state)
    assert oracle.canonical(oracle.canonical(state)) == oracle.canonical(state)


@settings(max_examples=40, deadline=None)
@given(STARTS, st.lists(ACTS, max_size=6), ACTS)
def test_the_canonical_state_goes_on_as_the_state_itself(start: State, acts: list[Act], last: Act) -> None:
    """It is the state with its clock at 0 under some exchange; the act, exchanged likewise, has the same outcome and leads
    to the same state."""
    _, state = after(start, acts)
    canonical = oracle.canonical(state)
    found = (names for names in exchanges() if oracle.exchange(since_now(state), names) == canonical)
    names = next(found, None)
    assert names is not None
    said, then = oracle.predict(state, last)
    other_said, other = oracle.predict(canonical, *exchanged([last], names))
    assert said is not None
    assert other_said is not None
    assert other_said.said == said.said
    assert oracle.canonical(other) == oracle.canonical(then)


def test_states_that_differ_in_absolute_time_only_are_equal() -> None:
    late = oracle.begin(CAST, asdict(Policy()), 10_000_000)
    states = [brought(begin, "ann", "active") for begin in (BEGIN, late)]
    assert states[0] != states[1]
    assert oracle.canonical(states[0]) == oracle.canonical(states[1])


def test_what_is_left_of_a_lifetime_tells_states_apart() -> None:
    state = brought(BEGIN, "ann", "approved")
    _, later = after(state, [Act("wait", (("for", 3_600),))])
    assert oracle.canonical(state) != oracle.canonical(later)


# Author, oracle and system


def played(name: str, author: str = "") -> ScenarioResult:
    """A shipped scenario; `author` is what its author says of the last step in place of what he says."""
    scenario = real.named(name)
    if author:
        kind, _, detail = author.partition(" ")
        last = replace(scenario.steps[-1], expected=Expectation(kind, detail))  # type: ignore[arg-type]
        scenario = replace(scenario, steps=(*scenario.steps[:-1], last))
    return real.play(scenario)


def red_of(result: ScenarioResult) -> tuple[str, str]:
    assert result.red is not None
    return result.red.verb, result.red.differs


def test_a_wrong_prediction_goes_red_and_names_the_oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    predict = oracle.predict

    def wrong(
        state: State, one: Act, seen: tuple[str, str] | None = None, *, takes: int = 1
    ) -> tuple[Expected | None, State]:
        expected, after = predict(state, one, seen, takes=takes)
        return (Expected("allowed") if one.verb == "download" else expected), after

    monkeypatch.setattr(oracle, "predict", wrong)
    result = played("4-downloading/used-address")
    assert red_of(result) == ("download", "oracle")
    told = tell_red(result)
    assert "seen     refused one-time-link/used" in told
    assert "differs  The oracle differs from author and system." in told
    assert "oracle   allowed" in told


def test_a_broken_system_differs_from_author_and_oracle() -> None:
    with broken(lambda hand: hand.drop("activate-first/wrong-code", "office activate")):
        result = played("5-first-login/others-code")
    assert red_of(result) == ("activate", "system alone")
    told = tell_red(result)
    assert "expected refused activate-first/wrong-code" in told
    assert "seen     allowed" in told
    assert "differs  The system differs from author and oracle." in told
    assert "oracle   refused activate-first/wrong-code; by the facts: " in told
    assert "code li-wei 1 = 1" in " ".join(told.split())
    assert "office   Allowed: the session is live" in told


def test_a_wrong_author_differs_from_oracle_and_system() -> None:
    result = played("3-the-decision/withdrawn-after-approval", "refused one-time-link/replaced")
    assert red_of(result) == ("check-certificates", "author alone")


def test_no_act_of_applicant_or_office_is_without_opinion_unless_the_office_dies_in_it(whole: Whole) -> None:
    """Which statement of its database is which, no text says."""
    groups = {name: verb.group for name, verb in product().registry.verbs.items()}
    steps = [step for scenario in whole.results.scenarios for step in scenario.steps]
    silent = [act for step in steps for act in step.acts if act.opinion is None]
    unforeseen = [act.sentence for act in silent if groups.get(act.verb) in ("applicant", "office")]
    assert unforeseen
    assert [said for said in unforeseen if "the office's server dies" not in said] == []


def test_the_oracle_has_an_opinion_on_nine_acts_of_ten(whole: Whole) -> None:
    count, silent = map(sum, zip(*whole.results.unsaid().values(), strict=True))
    assert silent * 10 < count
    assert opinions(whole.results).startswith(f"The oracle has an opinion on {count - silent} of {count} acts")
    assert f'"opinions": {count - silent}' in to_json(whole.results)


def test_the_oracle_stumbles_over_no_shipped_scenario(whole: Whole) -> None:
    steps = [step for scenario in whole.results.scenarios for step in scenario.steps]
    assert [act.stumbled for step in steps for act in step.acts if act.stumbled] == []


def test_where_the_oracle_stumbles_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbling(*_: object) -> None:
        raise KeyError("submitted")

    monkeypatch.setitem(acts.ACTS, "download", stumbling)
    [scenario] = load([shipped() / "4-downloading/used-address.scenario.yaml"], Options(), product())
    stage = Stage(product(), Setting())
    result = stage.run(scenario)
    stage.close()
    told = opinions(Results(1, [result]))
    assert f"{scenario.path}:{result.steps[1].line} the oracle stumbled over `download` (KeyError: 'submitted'" in told


# Preludes


@pytest.mark.parametrize("prelude", product().registry.prelude_names())
def test_the_oracle_passes_as_much_time_in_a_prelude_as_the_world(prelude: str) -> None:
    suite = product()
    [scenario] = load([shipped() / "4-downloading/used-address.scenario.yaml"], Options(), suite)
    links = tuple(Link("li-wei", one.name) for one in suite.registry.chain(prelude))
    scenario = replace(scenario, given=(("li-wei", prelude),), links=links)
    stage = Stage(suite, Setting())
    try:
        world = stage.open(scenario).world
        assert isinstance(world, World)
        [facts] = Beginnings().at(scenario).worlds
        assert dict(facts)["clock",] == world.clock.now() - START
        on_its_way = any(name[0] == "outbox" for name, _ in facts)
        assert on_its_way == (world.records.next_mail_due(world.office_time()) is not None)
    finally:
        stage.close()


# What it knows

WORDS = {
    "number": int, "moment": Moment, "yes": bool, "key": Key, "anything": object,
    **dict.fromkeys(("text", "state", "person", "computer", "drive", "place", "act"), str),
    "application": "person number", "session": "application number", "backup": "application number", "version": "number*",
    "device": "computer number", "part": "computer anything number", "binding": "device part?*",
    "form": "field*", "field": "text text", "address": "anything", "letter": "text text address?", "plan": "text number",
}  # fmt: skip


def fits(value: object, shape: str) -> bool:
    """Whether a value is of one word, or a tuple of several."""
    words = shape.split()
    if len(words) != 1:
        return isinstance(value, tuple) and len(value) == len(words) and all(map(fits, value, words))
    if shape.endswith("*"):
        return isinstance(value, tuple) and all(fits(item, shape[:-1]) for item in value)
    if shape.endswith("?"):
        return value is None or fits(value, shape[:-1])
    meant = WORDS[shape]
    return fits(value, meant) if isinstance(meant, str) else isinstance(value, meant)


def test_every_kind_of_fact_is_listed_with_what_its_name_and_value_are_made_of() -> None:
    """By the oracle alone, as the authors of all shipped scenarios say that their steps come out."""
    beginnings, found, wrong = Beginnings(), set[str](), set[tuple[object, object]]()
    for scenario in load([], Options(), product()):
        state = beginnings.at(scenario)
        for step in scenario.steps:
            for one in step.together or (step,):
                if one.verb:
                    _, state = oracle.predict(state, act_of(one), (one.expected.kind, one.expected.detail))
                facts = dict(state.worlds[0])
                found.update(name[0] for name in facts)
                for name, value in facts.items():
                    key, _, shape = KINDS[name[0]].partition("→")
                    named = len(name) - 1 == len(key.split()) and all(map(fits, name[1:], key.split()))
                    if not named or not fits(value, shape.strip()):
                        wrong.add((name, value))
    assert wrong == set()
    assert found == set(KINDS)
