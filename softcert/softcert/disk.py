"""Files that survive a power cut: written aside, synced, renamed, and the folder synced.

What is half written stands under a name ending in `.new` and is never read. After a power cut a reader finds the old
thing or the new one, whole; the next write of the same name sweeps up what was left over.
"""

import posixpath
from collections.abc import Mapping
from contextlib import suppress

from softcert.ports import Disk

ROOT = ""
"""The top folder of a volume."""
ASIDE = ".new"
"""What is being written, beside its final name."""


def exists(disk: Disk, path: str) -> bool:
    """Whether a file or folder of that name stands there. Raises OSError."""
    return posixpath.basename(path) in disk.list(posixpath.dirname(path))


def replace(disk: Disk, path: str, data: bytes) -> None:
    """Make or replace one file, durably and in one step. Raises OSError; then the old file still stands."""
    new = not exists(disk, path)
    aside = path + ASIDE
    try:
        disk.write(aside, data)
        disk.sync(aside)
        disk.rename(aside, path)
    except OSError:
        with suppress(OSError):
            disk.remove(aside)
        raise
    _sync_names(disk, path, all_above=new)


def prepare_tree(disk: Disk, path: str, files: Mapping[str, bytes]) -> None:
    """Write `files` durably beside the final name `path`, where nobody takes them for the folder itself.

    May be called again to add files. Raises OSError; nothing stands under `path` then.
    """
    aside = path + ASIDE
    for name, data in files.items():
        disk.write(f"{aside}/{name}", data)
        disk.sync(f"{aside}/{name}")
    disk.sync_folder(aside)
    disk.sync_folder(posixpath.dirname(path))


def commit_tree(disk: Disk, path: str) -> None:
    """Give a prepared folder its final name, in one step and durably. Raises OSError."""
    disk.rename(path + ASIDE, path)
    _sync_names(disk, path, all_above=True)


def discard_tree(disk: Disk, path: str) -> None:
    """Drop a folder that was prepared and not committed. Raises OSError."""
    disk.remove(path + ASIDE)


def remove(disk: Disk, path: str) -> None:
    """Remove a file or folder durably; nothing to do when it is not there. Raises OSError."""
    if exists(disk, path):
        disk.remove(path)
        disk.sync_folder(posixpath.dirname(path))


def _sync_names(disk: Disk, path: str, *, all_above: bool) -> None:
    """Make the name durable, and those of the folders above it where they may be new."""
    folder: str = posixpath.dirname(path)
    disk.sync_folder(folder)
    while all_above and folder != ROOT:
        folder = posixpath.dirname(folder)
        disk.sync_folder(folder)
