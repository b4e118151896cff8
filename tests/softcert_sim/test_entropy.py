"""Randomness repeats, and streams do not move one another."""

from hypothesis import given
from hypothesis import strategies as st

from softcert_sim.entropy import Entropy


def test_the_same_seed_gives_the_same_bytes_in_every_version() -> None:
    assert Entropy(7, "a scenario").stream("office").bytes(8).hex() == "ceda93a327f10d22"


def test_seed_scenario_and_name_each_make_another_stream() -> None:
    triples = [(1, "a", "b"), (2, "a", "b"), (1, "x", "b"), (1, "a", "x"), (1, "ab", ""), (11, "", "ab")]
    assert len({Entropy(seed, scenario).stream(name).bytes(16) for seed, scenario, name in triples}) == len(triples)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 200)), max_size=20))
def test_a_draw_in_one_stream_moves_nothing_in_another(draws: list[tuple[str, int]]) -> None:
    together = Entropy(1, "s")
    seen = [(name, together.stream(name).bytes(count)) for name, count in draws]
    for name in "abc":
        alone = Entropy(1, "s").stream(name)
        assert [drawn for other, drawn in seen if other == name] == [
            alone.bytes(count) for other, count in draws if other == name
        ]


def test_no_draw_repeats_another() -> None:
    stream = Entropy(1, "s").stream("x")
    long = stream.bytes(640)
    blocks = [stream.bytes(64) for _ in range(50)] + [long[index : index + 64] for index in range(0, 640, 64)]
    assert len(set(blocks)) == len(blocks)


def test_restore_goes_back_exactly_for_streams_handed_out_before() -> None:
    entropy = Entropy(1, "s")
    stream = entropy.stream("x")
    stream.bytes(5)
    saved = entropy.snapshot()
    first = [stream.bytes(5), entropy.stream("new").bytes(5)]
    entropy.restore(saved)
    assert [stream.bytes(5), entropy.stream("new").bytes(5)] == first
    entropy.restore(saved)
    assert stream.bytes(5) == first[0]
