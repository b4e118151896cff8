"""The oracle: what it says of the shipped scenarios, of states that differ by an exchange only, and of a wrong system."""

from collections.abc import Sequence
from dataclasses import asdict

from hypothesis import given, settings
from hypothesis import strategies as st

from softcert.rules.policy import Policy
from softcert_sim import oracle
from softcert_sim.oracle import Act, Expected, State
from softcert_sim.scenario.model import Cast

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
EXCHANGES = st.tuples(st.permutations(PEOPLE), st.permutations(COMPUTERS), st.permutations(DRIVES)).map(
    lambda found: dict(zip((*PEOPLE, *COMPUTERS, *DRIVES), [name for part in found for name in part], strict=True))
)


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
    """Predictions from the canonical state, with the act's names exchanged likewise, are the same."""
    _, state = after(start, acts)
    kinds = {oracle.predict(oracle.exchange(state, names), exchanged([last], names)[0])[0].kind  # type: ignore[union-attr]
             for names in ({}, {"a-pc": "b-pc", "b-pc": "a-pc"})}  # fmt: skip
    assert len(kinds) == 1


def test_states_that_differ_in_absolute_time_only_are_equal() -> None:
    late = oracle.begin(CAST, asdict(Policy()), 10_000_000)
    states = [brought(begin, "ann", "active") for begin in (BEGIN, late)]
    assert states[0] != states[1]
    assert oracle.canonical(states[0]) == oracle.canonical(states[1])


def test_what_is_left_of_a_lifetime_tells_states_apart() -> None:
    state = brought(BEGIN, "ann", "approved")
    _, later = after(state, [Act("wait", (("for", 3_600),))])
    assert oracle.canonical(state) != oracle.canonical(later)
