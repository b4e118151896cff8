"""What a virtual disk keeps, loses and refuses."""

import errno
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyfakefs.fake_filesystem import FakeFilesystem

from softcert import disk as files
from softcert_sim.disk import PowerCut, SimDisk

NAMES = ("a", "b", "f/a", "f/b", "f/g/a")
FOLDERS = ("", "f", "f/g")


def all_outcomes(disk: SimDisk) -> list[dict[str, bytes]]:
    """The files after every power cut that is possible now."""
    saved = disk.snapshot()
    found: list[dict[str, bytes]] = []
    for choice in range(disk.outcomes()):
        disk.restore(saved)
        disk.power_cut(choice)
        assert disk.outcomes() == 1
        found.append(disk.files())
    disk.restore(saved)
    return found


def disk_with(**contents: bytes) -> SimDisk:
    disk = SimDisk("disk")
    for name, data in contents.items():
        disk.write(name, data)
    disk.settle()
    return disk


def fails(number: int) -> "pytest.RaisesExc[OSError]":
    return pytest.raises(OSError, check=lambda error: error.errno == number)


# What a power cut may leave


def test_an_unsynced_new_file_is_absent_empty_torn_or_whole() -> None:
    disk = SimDisk("disk")
    disk.write("a", b"1234")
    assert {outcome.get("a") for outcome in all_outcomes(disk)} == {None, b"", b"12", b"1234"}


def test_an_unsynced_overwrite_leaves_the_old_bytes_or_a_beginning_of_the_new() -> None:
    disk = disk_with(a=b"old!")
    disk.write("a", b"new?")
    assert {outcome["a"] for outcome in all_outcomes(disk)} == {b"old!", b"", b"ne", b"new?"}


def test_synced_bytes_without_a_synced_name_may_be_out_of_reach() -> None:
    disk = SimDisk("disk")
    disk.write("a", b"1234")
    disk.sync("a")
    assert all_outcomes(disk) == [{}, {"a": b"1234"}]


def test_a_synced_name_without_synced_bytes_may_be_an_empty_file() -> None:
    disk = disk_with(a=b"old")
    disk.write("a.new", b"1234")
    disk.rename("a.new", "a")
    disk.sync_folder("")
    assert {outcome["a"] for outcome in all_outcomes(disk)} == {b"", b"12", b"1234"}


def test_a_rename_is_seen_whole_or_not_at_all() -> None:
    disk = disk_with(a=b"old")
    disk.write("a.new", b"new")
    disk.sync("a.new")
    disk.sync_folder("")
    disk.rename("a.new", "a")
    assert all_outcomes(disk) == [{"a": b"old", "a.new": b"new"}, {"a": b"new"}]


def test_a_rename_between_folders_is_one_step_and_waits_for_what_it_needs() -> None:
    disk = disk_with(**{"f/a": b"1", "g/b": b"2"})
    disk.rename("f/a", "f/c")
    disk.rename("f/c", "g/c")
    disk.remove("g/b")
    assert all_outcomes(disk) == [
        {"f/a": b"1", "g/b": b"2"},
        {"f/c": b"1", "g/b": b"2"},
        {"g/b": b"2", "g/c": b"1"},
        {"g/c": b"1"},
    ]
    disk.sync_folder("f")
    assert all_outcomes(disk) == [{"g/b": b"2", "g/c": b"1"}, {"g/c": b"1"}]


def test_syncing_a_folder_brings_along_what_a_rename_into_it_needs() -> None:
    disk = disk_with(**{"f/a": b"1", "f/b": b"2", "g/c": b"3"})
    disk.remove("f/b")
    disk.rename("f/a", "g/a")
    disk.remove("f")
    disk.sync_folder("g")
    assert all_outcomes(disk)[0] == {"g/a": b"1", "g/c": b"3"}


def test_a_new_folder_is_lost_with_all_in_it_until_its_own_name_is_synced() -> None:
    disk = SimDisk("disk")
    disk.write("f/a", b"1")
    disk.sync("f/a")
    disk.sync_folder("f")
    assert all_outcomes(disk)[0] == {}
    disk.sync_folder("")
    assert all_outcomes(disk)[0] == {"f/a": b"1"}
    assert disk.outcomes() == 1


def test_a_removal_of_a_folder_may_be_half_done() -> None:
    disk = disk_with(**{"f/a": b"1", "f/b": b"2"})
    disk.remove("f")
    assert all_outcomes(disk)[:3] == [{"f/a": b"1", "f/b": b"2"}, {"f/b": b"2"}, {}]


def test_folders_do_not_wait_for_one_another() -> None:
    disk = disk_with(**{"f/a": b"1", "g/b": b"2"})
    disk.remove("f/a")
    disk.remove("g/b")
    assert len({tuple(outcome) for outcome in all_outcomes(disk)}) == 4


def test_a_choice_names_the_same_outcome_again_and_counts_round() -> None:
    first, second = SimDisk("one"), SimDisk("other")
    for disk in (first, second):
        disk.write("a", b"1234")
        disk.write("f/b", b"5678")
    count = first.outcomes()
    first.power_cut(count + 3)
    second.power_cut(3)
    assert first.files() == second.files()


_numbers = st.integers(0, 9).map(lambda number: bytes([48 + number]) * (2 + number))
_steps = st.one_of(
    st.builds(lambda path, data: ("write", path, data), st.sampled_from(NAMES), _numbers),
    st.builds(lambda path: ("sync", path), st.sampled_from(NAMES)),
    st.builds(lambda old, new: ("rename", old, new), st.sampled_from((*NAMES, "f")), st.sampled_from((*NAMES, "h"))),
    st.builds(lambda path: ("sync_folder", path), st.sampled_from(FOLDERS)),
    st.builds(lambda path: ("remove", path), st.sampled_from((*NAMES, "f"))),
    st.builds(lambda path, data: ("replace", path, data), st.sampled_from(NAMES), _numbers),
)


def carefully(disk: SimDisk, path: str, data: bytes) -> None:
    """Replace a file so that it lasts, whatever stood there and above it."""
    disk.write(f"{path}.new", data)
    disk.sync(f"{path}.new")
    disk.rename(f"{path}.new", path)
    while path:
        path = path.rpartition("/")[0]
        disk.sync_folder(path)


def perform(disk: SimDisk, step: tuple[str, ...]) -> bool:
    """One step; False when the disk refused it."""
    name, *arguments = step
    try:
        if name == "replace":
            carefully(disk, *arguments)
        else:
            getattr(disk, name)(*arguments)
    except OSError:
        return False
    return True


def surely(expected: dict[str, bytes], step: tuple[str, ...]) -> dict[str, bytes]:
    """What must survive after a step that worked: what was replaced with all care, and not touched since."""
    name, *arguments = step
    if name in ("write", "rename", "remove", "replace"):
        touched = [argument for argument in arguments if isinstance(argument, str)]
        expected = {
            path: data
            for path, data in expected.items()
            if not any(path == other or path.startswith(f"{other}/") for other in touched)
        }
    return {**expected, arguments[0]: arguments[1]} if name == "replace" else expected


@given(st.lists(_steps, max_size=14))
def test_after_any_operations_every_cut_is_legal(steps: list[tuple[str, ...]]) -> None:
    disk = SimDisk("disk")
    expected: dict[str, bytes] = {}
    written = {b""}
    for step in steps:
        if perform(disk, step):
            expected = surely(expected, step)
        contents = [argument for argument in step if isinstance(argument, bytes)]
        written |= {data[:end] for data in contents for end in (len(data) // 2, len(data))}
    saved, count = disk.snapshot(), disk.outcomes()
    for choice in {0, count // 3, count // 2, count - 1}:
        disk.restore(saved)
        disk.power_cut(choice)
        after = disk.files()
        assert expected.items() <= after.items()
        assert set(after.values()) <= written
        assert {path: disk.read(path) for path in after} == after


@given(st.lists(_steps, max_size=10))
def test_the_luckiest_cut_keeps_everything(steps: list[tuple[str, ...]]) -> None:
    disk = SimDisk("disk")
    for step in steps:
        perform(disk, step)
    before = disk.files()
    disk.power_cut(-1)
    assert disk.files() == before


@given(st.data())
def test_a_replacement_cut_anywhere_leaves_the_old_file_or_the_new(data: st.DataObject) -> None:
    disk = SimDisk("disk")
    path = data.draw(st.sampled_from(NAMES))
    if data.draw(st.booleans()):
        files.replace(disk, path, b"old")
    old = disk.files().get(path)
    disk.arm("power-cut", "any", data.draw(st.integers(1, 12)))
    try:
        files.replace(disk, path, b"new!")
    except PowerCut:
        disk.power_cut(data.draw(st.integers(0, disk.outcomes() - 1)))
        assert disk.files().get(path) in (old, b"new!")
    else:
        assert all_outcomes(disk)[0][path] == b"new!"


# Snapshots


def shown_by(system: FakeFilesystem) -> dict[str, bytes]:
    """The files in a fake file system, found with its own tools."""
    todo, found = ["/"], dict[str, bytes]()
    while todo:
        folder = todo.pop()
        for name in system.listdir(folder):
            path = f"{folder.rstrip('/')}/{name}"
            if system.isdir(path):
                todo.append(path)
            else:
                found[path[1:]] = system.get_object(path).byte_contents or b""
    return found


@given(st.lists(st.one_of(_steps, st.just(("snapshot",)), st.builds(lambda n: ("restore", n), st.integers(0, 5)))))
def test_restore_is_exact_and_pyfakefs_shows_the_same(steps: list[tuple[str, ...]]) -> None:
    disk = SimDisk("disk")
    saved = [(disk.snapshot(), disk.files(), disk.outcomes(), len(disk.operations()))]
    for step in steps:
        if step[0] == "snapshot":
            saved.append((disk.snapshot(), disk.files(), disk.outcomes(), len(disk.operations())))
        elif step[0] == "restore":
            state, *before = saved[int(step[1]) % len(saved)]
            disk.restore(state)
            assert [disk.files(), disk.outcomes(), len(disk.operations())] == before
            assert shown_by(disk.filesystem) == disk.files()
        else:
            perform(disk, step)
    assert shown_by(disk.filesystem) == disk.files()


def test_faults_and_switches_are_restored_too() -> None:
    disk = disk_with(a=b"1")
    disk.arm("read-error", "read", 2)
    saved = disk.snapshot()
    disk.read("a")
    with fails(errno.EIO):
        disk.read("a")
    disk.protect()
    disk.restore(saved)
    disk.write("a", b"2")
    assert disk.read("a") == b"2"
    with fails(errno.EIO):
        disk.read("a")


# Faults


def test_a_power_cut_strikes_in_the_midst_and_nothing_works_afterwards() -> None:
    disk = disk_with(a=b"old")
    disk.arm("power-cut", "write", 2)
    disk.write("b", b"1")
    with pytest.raises(PowerCut):
        disk.write("a", b"new")
    for act in (lambda: disk.read("a"), lambda: disk.remove("a"), lambda: disk.list(""), lambda: disk.contains("a")):
        with pytest.raises(PowerCut):
            act()
    assert {outcome["a"] for outcome in all_outcomes(disk)} >= {b"old", b"new"}


def test_a_power_cut_strikes_before_a_sync_has_done_anything() -> None:
    disk = disk_with(a=b"old")
    disk.write("a", b"new")
    disk.arm("power-cut", "sync")
    with pytest.raises(PowerCut):
        disk.sync("a")
    disk.power_cut(0)
    assert disk.files() == {"a": b"old"}


def test_no_handler_of_errors_catches_a_power_cut() -> None:
    assert not issubclass(PowerCut, Exception)


@pytest.mark.parametrize("armed", [False, True])
def test_a_full_disk_refuses_and_changes_nothing(armed: bool) -> None:
    disk = SimDisk("disk", capacity=1 << 20 if armed else 10)
    disk.write("a", b"12345678")
    if armed:
        disk.arm("disk-full", "write")
    for path in ("b", "f/g/c", "a"):
        with fails(errno.ENOSPC):
            disk.write(path, b"x" * 9 if path == "a" and armed else b"x" * 11)
    assert (disk.files(), disk.list(""), disk.used()) == ({"a": b"12345678"}, ["a"], 8)
    disk.write("a", b"1234")
    disk.fill(False)
    disk.write("b", b"123456")
    assert disk.read("b") == b"123456"


def test_a_write_protected_disk_can_be_read_only() -> None:
    disk = disk_with(a=b"1")
    disk.protect()
    for act in (lambda: disk.write("b", b""), lambda: disk.rename("a", "b"), lambda: disk.remove("a")):
        with fails(errno.EROFS):
            act()
    assert disk.read("a") == b"1"
    disk.protect(False)
    disk.remove("a")
    assert disk.files() == {}


def test_an_unreadable_file_stays_so_until_mended() -> None:
    disk = disk_with(a=b"1", b=b"2")
    disk.spoil("a")
    for _ in range(2):
        with fails(errno.EIO):
            disk.read("a")
    assert disk.read("b") == b"2"
    disk.mend()
    assert disk.read("a") == b"1"


def test_a_pulled_drive_answers_nothing_and_has_lost_what_was_unsynced() -> None:
    disk = disk_with(a=b"1")
    disk.arm("pull", "write", 2)
    disk.write("b", b"2")
    with fails(errno.ENODEV):
        disk.write("c", b"3")
    for act in (lambda: disk.read("a"), lambda: disk.list(""), lambda: disk.sync("a"), lambda: disk.contains("a")):
        with fails(errno.ENODEV):
            act()
    disk.mend()
    assert disk.pulled
    disk.put_back()
    assert disk.files() == {"a": b"1"}


def test_a_drive_can_be_swapped_between_two_reads() -> None:
    disk, other = disk_with(a=b"mine"), disk_with(a=b"theirs")
    disk.arm("swap", "read", 2, other=other)
    assert [disk.read("a"), disk.read("a")] == [b"mine", b"theirs"]


def test_disarming_leaves_what_has_struck() -> None:
    disk = disk_with(a=b"1")
    disk.arm("disk-full", "write")
    disk.arm("power-cut", "any", 9)
    with fails(errno.ENOSPC):
        disk.write("b", b"2")
    disk.disarm()
    for _ in range(10):
        disk.read("a")
    with fails(errno.ENOSPC):
        disk.write("b", b"2")


@pytest.mark.parametrize(("kind", "nth"), [("pull", 0), ("swap", 1)])
def test_a_fault_that_cannot_be_is_refused(kind: str, nth: int) -> None:
    with pytest.raises(ValueError, match=r"first operation|other disk"):
        SimDisk("disk").arm(kind, "any", nth)  # pyright: ignore[reportArgumentType]


# Names, links, records


def test_errors_are_those_of_posix() -> None:
    disk = disk_with(**{"a": b"1", "f/b": b"2", "g/c": b"3"})
    cases: list[tuple[int, Callable[[], object]]] = [
        (errno.ENOENT, lambda: disk.read("x")),
        (errno.ENOENT, lambda: disk.sync("x")),
        (errno.ENOENT, lambda: disk.sync_folder("x")),
        (errno.ENOENT, lambda: disk.rename("x", "y")),
        (errno.ENOENT, lambda: disk.rename("a", "x/y")),
        (errno.EISDIR, lambda: disk.read("f")),
        (errno.EISDIR, lambda: disk.write("f", b"")),
        (errno.EISDIR, lambda: disk.rename("a", "f")),
        (errno.ENOTDIR, lambda: disk.write("a/x", b"")),
        (errno.ENOTDIR, lambda: disk.sync_folder("a")),
        (errno.ENOTDIR, lambda: disk.rename("f", "a")),
        (errno.ENOTEMPTY, lambda: disk.rename("f", "g")),
        (errno.EINVAL, lambda: disk.rename("f", "f/x")),
        (errno.EBUSY, lambda: disk.remove("")),
        (errno.EXDEV, lambda: disk.read("../a")),
    ]
    before = disk.files()
    for number, act in cases:
        with fails(number):
            act()
    assert disk.files() == before
    with pytest.raises(ValueError, match="relative"):
        disk.read("/a")


def test_a_folder_replaces_an_empty_folder_and_a_file_itself() -> None:
    disk = disk_with(**{"f/b": b"2", "g/c": b"3"})
    disk.remove("g/c")
    disk.rename("f", "g")
    disk.rename("g/b", "g/b")
    assert disk.files() == {"g/b": b"2"}


def test_what_is_not_there_is_listed_empty_and_removed_without_ado() -> None:
    disk = disk_with(a=b"1")
    disk.remove("x/y")
    assert (disk.list("x"), disk.list("a/x"), disk.list("")) == ([], [], ["a"])


def test_links_lead_where_they_say_and_are_found_out() -> None:
    stick, system = disk_with(**{"real/a": b"1"}), disk_with(secret=b"2")
    stick.link("inside", "real")
    stick.link("outside", "", system)
    stick.link("loop", "loop")
    assert stick.read("inside/a") == b"1"
    assert stick.read("outside/secret") == b"2"
    stick.write("outside/backup", b"3")
    assert system.files() == {"backup": b"3", "secret": b"2"}
    assert all(stick.contains(path) for path in ("inside/new", "real", "new"))
    assert not any(stick.contains(path) for path in ("outside/x", "outside", "../x", "loop", "loop/x"))
    with fails(errno.EXDEV):
        stick.rename("real/a", "outside/a")
    stick.remove("outside")
    assert "backup" in system.files()


def test_every_operation_is_recorded_the_failed_ones_too() -> None:
    seen: list[str] = []
    disk = SimDisk("stick", watch=lambda entry: seen.append(entry.operation))
    disk.write("a", b"123")
    with fails(errno.ENOENT):
        disk.read("b")
    assert [tuple(entry) for entry in disk.operations()] == [("stick", "write", "a", 3), ("stick", "read", "b", 0)]
    assert seen == ["write", "read"]


def test_a_copy_has_the_files_and_a_life_of_its_own() -> None:
    disk, other = disk_with(a=b"1"), disk_with(b=b"2")
    other.copy_from(disk)
    other.write("a", b"3")
    assert (disk.files(), other.files()) == ({"a": b"1"}, {"a": b"3"})
    disk.wipe()
    assert all_outcomes(disk)[0] == {}


def test_a_number_may_be_a_file_in_one_future_and_a_folder_in_another() -> None:
    disk = SimDisk("disk")
    before = disk.snapshot()
    disk.write("x", b"1")
    file = disk.snapshot()
    assert shown_by(disk.filesystem) == {"x": b"1"}
    disk.restore(before)
    disk.write("x/y", b"2")
    assert shown_by(disk.filesystem) == {"x/y": b"2"}
    disk.restore(file)
    assert shown_by(disk.filesystem) == {"x": b"1"}
