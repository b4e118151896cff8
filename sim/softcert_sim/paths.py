"""Paths on a virtual disk: followed through a journal's tree as an operating system follows them."""

import errno
import os
from functools import lru_cache
from typing import NamedTuple

from softcert_sim.journal import ROOT, Journal, Link, Named, Nodes

NONE = -1
"""The number of no node."""
MOST_LINKS = 40
"""Links followed on one path before it counts as a loop."""


class Place(NamedTuple):
    """Where a path leads, links followed: the names on its volume, and the node there or `NONE`.

    With a `volume`, a link led away to that one, and the names are still to be followed there.
    """

    parts: tuple[str, ...]
    node: int
    volume: Named | None = None

    @property
    def path(self) -> str:
        """The names, with slashes."""
        return "/".join(self.parts)


def failed(number: int, path: str) -> OSError:
    """An error of the operating system, as `errno` numbers them."""
    return OSError(number, os.strerror(number), path)


@lru_cache(maxsize=4096)
def parts_of(path: str) -> tuple[str, ...]:
    """The names in a path. Raises ValueError for an absolute one and for a NUL: no program may ask for those."""
    if path.startswith("/") or "\0" in path:
        raise ValueError(f"Paths on a volume are relative, with slashes: {path!r}")
    return tuple(part for part in path.split("/") if part not in ("", "."))


def locate(nodes: Nodes, path: str, *, follow: bool = True) -> Place:
    """Follow a path; the last name's link only when `follow`.

    Raises NotADirectoryError; OSError EXDEV for a path that climbs above the volume, ELOOP for too many links.
    """
    parts, node = parts_of(path), ROOT
    for name in parts:
        folder = nodes.get(node)
        if not isinstance(folder, dict) or name == "..":
            return _followed(nodes, path, follow)
        node = folder.get(name, NONE)
    if follow and isinstance(nodes.get(node), Link):
        return _followed(nodes, path, follow)
    return Place(parts, node)


def _followed(nodes: Nodes, path: str, follow: bool) -> Place:
    """`locate`, where links, missing folders or steps upwards are on the path."""
    links = 0
    todo, trail = [*reversed(parts_of(path))], [("", ROOT)]
    while todo:
        name, above = todo.pop(), trail[-1][1]
        if name == "..":
            trail.pop()
            if not trail:
                raise failed(errno.EXDEV, path)
            continue
        folder = nodes.get(above, {})
        if not isinstance(folder, dict):
            raise failed(errno.ENOTDIR, path)
        node = folder.get(name, NONE)
        link = nodes.get(node)
        if not (isinstance(link, Link) and (todo or follow)):
            trail.append((name, node))
            continue
        links += 1
        if links > MOST_LINKS:
            raise failed(errno.ELOOP, path)
        todo.extend(reversed(link.target))
        trail = trail[:1]
        if link.volume is not None:
            return Place(tuple(reversed(todo)), NONE, link.volume)
    return Place(tuple(name for name, _ in trail[1:]), trail[-1][1])


def entry_of(nodes: Nodes, place: Place) -> tuple[int, str]:
    """The folder that holds a place, and the name in it. Raises OSError for the root, or when no folder is there."""
    if not place.parts:
        raise failed(errno.EBUSY, place.path)
    folder = ROOT
    for name in place.parts[:-1]:
        above = nodes[folder]
        if not isinstance(above, dict) or name not in above:
            raise failed(errno.ENOENT, place.path)
        folder = above[name]
    return folder, place.parts[-1]


def with_folders(journal: Journal, parts: tuple[str, ...]) -> tuple[Journal, int, str]:
    """The journal with the folders above a path made, the last of them, and the path's last name."""
    folder = ROOT
    for name in parts[:-1]:
        below = journal.entry(folder, name)
        if below is None:
            below = journal.next
            journal = journal.create(folder, name, {})
        folder = below
    return journal, folder, parts[-1]


def with_file(journal: Journal, place: Place, data: bytes) -> Journal:
    """The journal with a file written, made if need be with the folders above it."""
    node = place.node
    if node == NONE:
        journal, folder, name = with_folders(journal, place.parts)
        node = journal.next
        journal = journal.create(folder, name, b"")
    return journal.write(node, data)


def check_rename(nodes: Nodes, source: Place, target: Place) -> None:
    """What POSIX says of rename(): files replace files, folders replace empty folders. Raises OSError."""
    moved, replaced = nodes[source.node], nodes.get(target.node)
    if isinstance(moved, dict) and target.parts[: len(source.parts)] == source.parts:
        raise failed(errno.EINVAL, target.path)
    if isinstance(replaced, dict):
        if not isinstance(moved, dict):
            raise failed(errno.EISDIR, target.path)
        if replaced:
            raise failed(errno.ENOTEMPTY, target.path)
    elif replaced is not None and isinstance(moved, dict):
        raise failed(errno.ENOTDIR, target.path)
