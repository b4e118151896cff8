"""Computers: their power, their parts, their drives."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softcert.ports import Hardware, Request, Response
from softcert_sim.clock import SimClock
from softcert_sim.entropy import Entropy
from softcert_sim.machine import SimComputer, SimDrive, hardware_of
from softcert_sim.power import PowerCut


class DeadEnd:
    """A line to somebody who says yes to everything."""

    origin = "https://office.example"

    def send(self, request: Request) -> Response:
        return Response(200)


def computer(name: str = "office-pc", *, software: bool = False, seed: int = 1) -> SimComputer:
    return SimComputer(name, SimClock(1000), Entropy(seed, "s"), rounds=1, software_element=software)


# Drives


def test_a_drive_is_found_where_it_is_plugged_in_and_nowhere_else() -> None:
    here, there, stick = computer("here"), computer("there"), SimDrive("red-usb", "removable-disk")
    here.plug(stick)
    found = here.find("red-usb")
    assert found is not None
    assert (found.name, found.kind, found.disk) == ("red-usb", "removable-disk", stick.disk)
    assert there.find("red-usb") is None
    with pytest.raises(ValueError, match="red-usb is plugged into here"):
        there.plug(stick)
    with pytest.raises(ValueError, match="not plugged into there"):
        there.unplug(stick)
    here.unplug(stick)
    there.plug(stick)
    assert (here.find("red-usb"), stick.plugged_into) == (None, there)


def test_every_computer_has_a_system_disk_and_one_drive_of_a_name() -> None:
    here = computer()
    found = here.find("system-disk")
    assert found is not None
    assert (found.kind, found.disk) == ("system-disk", here.disk)
    here.plug(SimDrive("red-usb"))
    with pytest.raises(ValueError, match="already has a drive named red-usb"):
        here.plug(SimDrive("red-usb"))


def test_a_share_is_mounted_by_many_computers() -> None:
    share, computers = SimDrive("share", "network-share"), [computer("a"), computer("b")]
    for one in computers:
        one.plug(share)
        found = one.find("share")
        assert found is not None
        assert found.kind == "network-share"
    share.disk.write("a", b"1")
    computers[0].power_cut(0)
    assert share.disk.files() == {"a": b"1"}


def test_ejecting_writes_out_and_pulling_loses() -> None:
    here, stick = computer(), SimDrive("red-usb")
    here.plug(stick)
    stick.disk.write("a", b"1")
    here.unplug(stick)
    here.plug(stick)
    stick.disk.write("b", b"2")
    stick.disk.pull()
    assert (here.find("red-usb"), stick.plugged_into) == (None, None)
    there = computer("there")
    there.plug(stick)
    assert (here.drives, there.drives, stick.disk.files()) == ((), (stick,), {"a": b"1"})


# Power


def test_a_power_cut_stops_everything_in_the_computer_at_once() -> None:
    here, stick = computer(), SimDrive("red-usb")
    here.plug(stick)
    given_to_driver = here.ports(DeadEnd(), b"")
    given_to_driver.element.create_key("device")
    here.power.arm(2)
    stick.disk.write("a", b"1")
    with pytest.raises(PowerCut):
        here.disk.write("b", b"2")
    acts: list[Callable[[], object]] = [
        lambda: here.disk.read("b"),
        lambda: stick.disk.sync("a"),
        lambda: given_to_driver.element.sign("device", b""),
        lambda: given_to_driver.element.create_key("other"),
        lambda: given_to_driver.drives.find("red-usb"),
        lambda: given_to_driver.wire.send(Request("GET", "/")),
    ]
    for act in acts:
        with pytest.raises(PowerCut):
            act()
    here.power_cut(0)
    assert (here.disk.files(), stick.disk.files()) == ({}, {})
    assert given_to_driver.wire.send(Request("GET", "/")).status == 200


@pytest.mark.parametrize(("operation", "left"), [("save", 10), ("saved", 9)])
def test_a_power_cut_at_the_element_strikes_before_or_after_the_count(operation: str, left: int) -> None:
    here = computer()
    blob = here.element.seal("key", "12345678", b"secret")
    here.power.arm(1, "element", operation)
    with pytest.raises(PowerCut):
        here.element.unseal("key", "wrong", blob)
    here.power_cut()
    assert here.element.tries_left("key") == left


def test_the_choices_are_every_combination_over_the_computer_s_disks() -> None:
    here, stick = computer(), SimDrive("red-usb")
    here.plug(stick)
    here.disk.write("a", b"12")
    stick.disk.write("b", b"34")
    saved, drive_saved, count = here.snapshot(), stick.snapshot(), here.outcomes()
    found: set[tuple[bytes | None, bytes | None]] = set()
    for choice in range(count):
        here.restore(saved)
        stick.restore(drive_saved)
        here.power_cut(choice)
        found.add((here.disk.files().get("a"), stick.disk.files().get("b")))
        assert here.outcomes() == 1
    assert found == {(a, b) for a in (None, b"", b"1", b"12") for b in (None, b"", b"3", b"34")}


def test_the_last_choice_keeps_everything() -> None:
    here, stick = computer(), SimDrive("red-usb")
    here.plug(stick)
    here.disk.write("a", b"12")
    stick.disk.write("b", b"34")
    here.power_cut(-1)
    assert (here.disk.files(), stick.disk.files()) == ({"a": b"12"}, {"b": b"34"})


# Parts


def test_hardware_ids_come_from_the_name_and_differ() -> None:
    assert hardware_of("a") == hardware_of("a")
    first, second = hardware_of("a"), hardware_of("b")
    assert all(getattr(first, part) != getattr(second, part) for part in ("board", "processor", "disk", "network"))


def test_a_replaced_part_has_a_new_serial_each_time_and_the_others_stay() -> None:
    here = computer()
    seen = [here.hardware]
    for _ in range(2):
        here.replace_part("disk")
        seen.append(here.hardware)
    assert len({one.disk for one in seen}) == 3
    assert {(one.board, one.processor, one.network) for one in seen} == {
        (seen[0].board, seen[0].processor, seen[0].network)
    }


def test_reinstalling_empties_the_disk_and_leaves_the_chip() -> None:
    for software in (False, True):
        here = computer(software=software)
        here.element.create_key("device")
        key = here.element.public_key("device")
        here.reinstall()
        assert here.disk.files() == {}
        assert here.element.public_key("device") == (None if software else key)


def test_a_cloned_disk_carries_a_software_element_and_no_chip() -> None:
    for software in (False, True):
        here, there = computer("a", software=software), computer("b", software=software)
        here.element.create_key("device")
        here.clone_disk_to(there)
        there.imitate(here)
        assert there.hardware == here.hardware
        assert (there.element.public_key("device") == here.element.public_key("device")) is software


def test_a_virtual_machine_s_element_can_be_cloned() -> None:
    here, there = computer("a"), computer("b")
    here.element.create_key("device")
    here.clone_element_to(there)
    assert there.element.public_key("device") == here.element.public_key("device")
    with pytest.raises(ValueError, match="clone the disk"):
        here.clone_element_to(computer("c", software=True))


def test_twins_from_the_factory_have_different_keys() -> None:
    ids = Hardware("To be filled by O.E.M.", "CPU", "DISK", "NET")
    twins = [SimComputer(name, SimClock(0), Entropy(1, "s"), rounds=1, hardware=ids) for name in "ab"]
    for twin in twins:
        twin.element.create_key("device")
    assert twins[0].hardware == twins[1].hardware
    assert twins[0].element.public_key("device") != twins[1].element.public_key("device")


# Snapshots


def seen_of(computers: list[SimComputer], drives: list[SimDrive]) -> list[object]:
    return [
        [(c.disk.files(), c.hardware, c.clock.now(), c.power.on, [d.name for d in c.drives]) for c in computers],
        [c.element.public_key("device") if c.power.on else None for c in computers],
        [(d.disk.files(), d.plugged_into and d.plugged_into.name, d.disk.pulled) for d in drives],
    ]


_names = st.sampled_from(("plug", "unplug", "pull", "key", "part", "clock", "write", "cut"))
_acts = st.tuples(_names, st.integers(0, 3))


def act(name: str, number: int, computers: list[SimComputer], drives: list[SimDrive]) -> None:
    one, drive = computers[number % 2], drives[number // 2]
    if name == "plug" and drive.plugged_into is None:
        one.plug(drive)
    elif name == "unplug" and drive.plugged_into is one:
        one.unplug(drive)
    elif name == "pull":
        drive.disk.pull()
    elif name == "key":
        one.element.create_key("device")
    elif name == "part":
        one.replace_part("board")
    elif name == "clock":
        one.clock.set(number)
    elif name == "cut":
        one.power_cut(number)
    elif name == "write" and not drive.disk.pulled:
        drive.disk.write(str(number), b"1")
        one.disk.write(str(number), b"1")


@given(st.lists(_acts), st.lists(_acts), st.permutations(range(4)))
def test_restore_is_exact_in_any_order(
    before: list[tuple[str, int]], after: list[tuple[str, int]], order: list[int]
) -> None:
    computers = [computer("a"), computer("b", software=True)]
    drives = [SimDrive("red-usb"), SimDrive("blue-usb")]
    things: list[SimComputer | SimDrive] = [*computers, *drives]
    for name, number in before:
        act(name, number, computers, drives)
    saved, seen = [thing.snapshot() for thing in things], seen_of(computers, drives)
    for name, number in after:
        act(name, number, computers, drives)
    for index in order:
        things[index].restore(saved[index])  # pyright: ignore[reportArgumentType]
    assert seen_of(computers, drives) == seen
    for drive in drives:
        if drive.plugged_into is not None:
            assert drive.disk.power is drive.plugged_into.power


def test_a_drive_that_moved_is_back_whichever_computer_is_restored_first() -> None:
    for first, second in ((0, 1), (1, 0)):
        computers, stick = [computer("a"), computer("b")], SimDrive("red-usb")
        computers[0].plug(stick)
        saved = [one.snapshot() for one in computers]
        computers[0].unplug(stick)
        computers[1].plug(stick)
        computers[first].restore(saved[first])
        computers[second].restore(saved[second])
        assert (stick.plugged_into, stick.disk.power) == (computers[0], computers[0].power)
