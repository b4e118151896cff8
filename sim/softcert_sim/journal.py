"""What a disk would remember after a power cut: its tree as a value, and the operations not yet synced.

Files and folders are numbered nodes; a folder maps names to numbers. `live` is what programs see, `durable` what the
medium surely holds, `pending` the operations between the two. The laws:

1. The bytes of a file are durable after `sync` of that file, whatever its name; a name is durable after `sync` of the
   folder that holds it, whatever its bytes. One says nothing about the other.
2. A cut keeps a prefix of the unsynced writes of each file. The last one kept may be torn: nothing, half or all of its
   bytes, for a write first empties the file. Never other bytes.
3. A cut keeps a prefix of the unsynced changes of names of each folder. A rename is one change, even between folders.
4. Different files and folders are independent.

Every method returns a new journal; nothing is changed in place.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from math import prod
from typing import NamedTuple, Protocol

ROOT = 0


class Named(Protocol):
    """Another volume, as a link names it."""

    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link to a path on a volume; `volume` is None for the one that holds the link."""

    target: tuple[str, ...]
    volume: Named | None = None


Node = bytes | Link | dict[str, int]
Nodes = Mapping[int, Node]


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """One unsynced write: the whole new content of a file. Two alike are two writes."""

    node: int
    data: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """One unsynced change of names: (folder, name, the node that it now names or None). `born` is a node made by it."""

    changes: tuple[tuple[int, str, int | None], ...]
    born: tuple[int, Node] | None = None

    def touches(self, folders: set[int]) -> bool:
        """Whether it changes one of these folders."""
        return any(folder in folders for folder, _, _ in self.changes)

    def folders(self) -> Iterator[int]:
        """The folders that it changes."""
        return (folder for folder, _, _ in self.changes)


class Journal(NamedTuple):
    """A disk as a value. `next` is the next free node number."""

    live: Nodes
    durable: Nodes
    pending: tuple[Data | Names, ...] = ()
    next: int = ROOT + 1

    def write(self, node: int, data: bytes) -> "Journal":
        """Overwrite a file."""
        return Journal({**self.live, node: data}, self.durable, (*self.pending, Data(node, data)), self.next)

    def create(self, folder: int, name: str, born: Node) -> "Journal":
        """Make a node, empty if a file; its number is the old `next`."""
        change = Names(((folder, name, self.next),), (self.next, born))
        live = _renamed(self.live, change)
        return Journal(live, self.durable, (*self.pending, change), self.next + 1)

    def rename(self, old: tuple[int, str], new: tuple[int, str]) -> "Journal":
        """Move a name; a node that stands at the new one goes."""
        node, replaced = self.entry(*old), self.entry(*new)
        change = Names(((*old, None), (*new, node)))
        live = _renamed(self.live, change)
        if replaced is not None:
            del live[replaced]
        return Journal(live, self.durable, (*self.pending, change), self.next)

    def remove(self, folder: int, name: str) -> "Journal":
        """Remove a name, and below a folder every name, the deepest first: a cut may leave half of them."""
        node = self.entry(folder, name)
        journal = self
        if node is not None and isinstance(below := self.live[node], dict):
            for child in sorted(below):
                journal = journal.remove(node, child)
        change = Names(((folder, name, None),))
        live = _renamed(journal.live, change)
        if node is not None:
            del live[node]
        return Journal(live, journal.durable, (*journal.pending, change), journal.next)

    def sync(self, node: int) -> "Journal":
        """Make a file's bytes durable."""
        kept = tuple(step for step in self.pending if not (isinstance(step, Data) and step.node == node))
        if len(kept) == len(self.pending):
            return self
        return self._with({**self.durable, node: self.live[node]}, kept)

    def sync_folder(self, node: int) -> "Journal":
        """Make a folder's names durable, with what a rename between folders brings along."""
        wanted = _closed([step for step in self.pending if isinstance(step, Names)], {node})
        if not wanted:
            return self
        kept = tuple(step for step in self.pending if step not in wanted)
        return self._with(_with_names(self.durable, wanted), kept)

    def settle(self) -> "Journal":
        """Everything synced, as before a drive is taken out properly."""
        return Journal(self.live, self.live, (), self.next)

    def entry(self, folder: int, name: str) -> int | None:
        """The node of that name."""
        return folder_of(self.live, folder).get(name)

    def files(self) -> dict[str, bytes]:
        """Every file by its path, as programs see it."""
        found: dict[str, bytes] = {}
        todo = [("", ROOT)]
        while todo:
            above, folder = todo.pop()
            for name, node in folder_of(self.live, folder).items():
                value = self.live[node]
                if isinstance(value, bytes):
                    found[above + name] = value
                else:
                    todo.append((f"{above}{name}/", node))
        return dict(sorted(found.items()))

    def outcomes(self) -> int:
        """How many states a power cut may leave now."""
        return prod(len(options) for options in self._choices())

    def outcome(self, choice: int) -> "Journal":
        """The disk after a power cut. 0: everything unsynced is lost; -1: everything is kept; others lie between.

        Choices are taken modulo `outcomes()`, and each names the same state on every run.
        """
        choices = self._choices()
        choice %= prod(len(options) for options in choices)
        names: list[Names] = []
        data: dict[int, Node] = {}
        for options in choices:
            choice, index = divmod(choice, len(options))
            kept = options[index]
            if isinstance(kept, Data):
                data[kept.node] = kept.data
            else:
                names.extend(kept)
        names.sort(key=self.pending.index)
        after = _with_names(self.durable, names)
        after.update((node, content) for node, content in data.items() if node in after)
        nodes = _reachable(after)
        return Journal(nodes, nodes, (), self.next)

    def _choices(self) -> list[list[Data | tuple[Names, ...]]]:
        """One list of alternatives for each group of folders that renames tie together, and for each file."""
        names = [step for step in self.pending if isinstance(step, Names)]
        groups: list[list[Data | tuple[Names, ...]]] = [list(_prefixes(group)) for group in _tied(names)]
        writes: dict[int, list[bytes]] = {}
        for step in self.pending:
            if isinstance(step, Data):
                writes.setdefault(step.node, []).append(step.data)
        for node, contents in writes.items():
            held = self.durable.get(node)
            base, last = held if isinstance(held, bytes) else b"", contents[-1]
            torn = chain.from_iterable((data[:0], data[: len(data) // 2], data) for data in contents)
            states = [base, *(data for data in dict.fromkeys(torn) if data not in (base, last)), last]
            groups.append([Data(node, content) for content in states])
        return groups

    def _with(self, durable: dict[int, Node], pending: tuple[Data | Names, ...]) -> "Journal":
        if not any(isinstance(step, Names) for step in pending):
            # No name is in doubt: what has none is gone for good.
            pending = tuple(step for step in pending if isinstance(step, Data) and step.node in self.live)
            durable = {node: durable[node] for node in self.live}
        return Journal(self.live, durable if pending else self.live, pending, self.next)


def folder_of(nodes: Nodes, node: int) -> dict[str, int]:
    """The names in a folder; none for a node that is no folder."""
    found = nodes.get(node)
    return found if isinstance(found, dict) else {}


_BLANK: Nodes = {ROOT: {}}
EMPTY = Journal(_BLANK, _BLANK)
"""A volume without a file."""


def _renamed(nodes: Nodes, change: Names) -> dict[int, Node]:
    """The nodes after one change of names."""
    result = dict(nodes)
    if change.born is not None:
        result.setdefault(*change.born)
    for folder, name, node in change.changes:
        names = folder_of(result, folder).copy()
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node
        result[folder] = names
    return result


def _with_names(nodes: Nodes, changes: Iterable[Names]) -> dict[int, Node]:
    result = dict(nodes)
    for change in changes:
        result = _renamed(result, change)
    return result


def _closed(names: list[Names], folders: set[int]) -> list[Names]:
    """The changes of these folders, with every earlier change that they cannot do without, in their order."""
    wanted: list[Names] = []
    folders = set(folders)
    for step in reversed(names):
        if step.touches(folders):
            wanted.append(step)
            folders.update(step.folders())
    return wanted[::-1]


def _tied(names: list[Names]) -> list[list[Names]]:
    """The changes in groups, so that no folder is in two of them."""
    groups: list[tuple[set[int], list[Names]]] = []
    for step in names:
        folders, members = set(step.folders()), [step]
        for group in [group for group in groups if step.touches(group[0])]:
            groups.remove(group)
            folders |= group[0]
            members = group[1] + members
        groups.append((folders, members))
    return [members for _, members in groups]


def _prefixes(steps: list[Names]) -> list[tuple[Names, ...]]:
    """Every set of changes that keeps a prefix in each folder: the smallest first, the whole last."""
    found: list[tuple[Names, ...]] = [()]
    for index, step in enumerate(steps):
        before = [other for other in steps[:index] if other.touches(set(step.folders()))]
        found += [(*kept, step) for kept in found if all(other in kept for other in before)]
    return sorted(found, key=len)


def _reachable(nodes: Nodes) -> dict[int, Node]:
    found: dict[int, Node] = {}
    todo = [ROOT]
    while todo:
        node = todo.pop()
        if node not in found:
            found[node] = nodes[node]
            todo.extend(folder_of(nodes, node).values())
    return found
