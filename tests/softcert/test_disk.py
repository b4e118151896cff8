"""Files after a power cut: the old thing or the new one, whole."""

import errno

import pytest

from softcert.disk import commit_tree, discard_tree, exists, prepare_tree, remove, replace
from softcert_sim.disk import SimDisk
from softcert_sim.power import PowerCut


def after_cuts(act, prepare=lambda disk: None):
    """What may be on a disk when the power goes at any operation of `act`, every outcome of the cut included."""
    seen, nth, cut = [], 0, True
    while cut:
        nth += 1
        choice = outcomes = 0
        while choice <= outcomes:
            disk = SimDisk("disk")
            prepare(disk)
            cut = interrupted(disk, act, nth)
            outcomes = disk.outcomes() - 1 if cut else 0
            disk.power_cut(choice)
            disk.power.on = True
            seen.append(disk)
            choice += 1
    return seen


def interrupted(disk, act, nth):
    disk.power.arm(nth)
    try:
        act(disk)
    except PowerCut:
        return True
    disk.power.disarm()
    return False


def files_of(disk):
    return {path: data for path, data in disk.files().items() if ".new" not in path}


def test_replace_leaves_the_old_file_or_the_new_one():
    disks = after_cuts(lambda disk: replace(disk, "a/b/c", b"new"), lambda disk: replace(disk, "a/b/c", b"old"))
    assert {disk.read("a/b/c") for disk in disks} == {b"old", b"new"}
    assert disks[-1].read("a/b/c") == b"new"


def test_a_first_replace_is_durable_with_all_folders_above_it():
    disk = SimDisk("disk")
    replace(disk, "a/b/c", b"new")
    disk.power_cut(0)
    assert disk.read("a/b/c") == b"new"


def test_a_first_replace_shows_all_or_nothing():
    for disk in after_cuts(lambda disk: replace(disk, "a/b/c", b"whole")):
        assert files_of(disk) in ({}, {"a/b/c": b"whole"})


@pytest.mark.parametrize("operation", ["write", "sync", "rename"])
def test_a_failing_disk_keeps_the_old_file_and_no_rest(operation):
    disk = SimDisk("disk")
    replace(disk, "a/b", b"old")
    disk.arm("disk-full" if operation == "write" else "pull", operation)
    with pytest.raises(OSError, match=r".") as raised:
        replace(disk, "a/b", b"new")
    disk.mend()
    disk.put_back()
    assert raised.value.errno in (errno.ENOSPC, errno.ENODEV)
    assert files_of(disk) == {"a/b": b"old"}
    replace(disk, "a/b", b"new")
    assert disk.read("a/b") == b"new"


def test_a_full_disk_leaves_nothing_behind():
    disk = SimDisk("disk", capacity=6)
    replace(disk, "a", b"old")
    with pytest.raises(OSError, match=r"."):
        replace(disk, "a", b"longer than the disk")
    assert disk.files() == {"a": b"old"}


def test_a_tree_appears_whole_or_not_at_all():
    def make(disk):
        prepare_tree(disk, "drive/folder", {"one": b"1", "two": b"2"})
        commit_tree(disk, "drive/folder")

    for disk in after_cuts(make):
        assert files_of(disk) in ({}, {"drive/folder/one": b"1", "drive/folder/two": b"2"})
    assert files_of(disk)
    disk.power_cut(0)
    assert disk.read("drive/folder/two") == b"2"


def test_a_tree_can_be_prepared_in_two_steps_and_repeated_after_a_cut():
    disk = SimDisk("disk")
    prepare_tree(disk, "folder", {"one": b"1"})
    disk.power_cut(0)
    assert not exists(disk, "folder")
    prepare_tree(disk, "folder", {"two": b"2"})
    commit_tree(disk, "folder")
    disk.power_cut(0)
    assert disk.files() == {"folder/one": b"1", "folder/two": b"2"}


def test_what_was_prepared_can_be_discarded():
    disk = SimDisk("disk")
    prepare_tree(disk, "folder", {"one": b"1"})
    discard_tree(disk, "folder")
    assert disk.files() == {}


def test_remove_is_durable_and_minds_nothing_that_is_not_there():
    disk = SimDisk("disk")
    replace(disk, "a/b", b"1")
    remove(disk, "a/b")
    remove(disk, "a/b")
    remove(disk, "never/there")
    disk.power_cut(0)
    assert disk.files() == {}
