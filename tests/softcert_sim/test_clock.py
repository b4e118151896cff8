"""Time passes when told to, and computers may be wrong about it."""

import pytest

from softcert_sim.clock import SimClock, SkewedClock


def test_time_passes_only_forwards_unless_the_clock_is_set() -> None:
    clock = SimClock(100)
    clock.advance(5)
    assert clock.now() == 105
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)
    clock.set(3)
    assert clock.now() == 3


def test_a_wrong_clock_follows_the_right_one_at_its_distance() -> None:
    clock = SimClock(100)
    wrong = SkewedClock(clock, -30)
    clock.advance(10)
    assert wrong.now() == 80
    wrong.set(0)
    assert wrong.now() == 110


def test_restore() -> None:
    clock = SimClock(100)
    saved = clock.snapshot()
    clock.advance(50)
    clock.restore(saved)
    assert clock.now() == 100
