"""The pyfakefs side of a virtual disk: a `FakeFilesystem` that is brought in line with a journal's live tree.

Its file objects are used directly: `FakeFilesystem.rename` and the fake `os` resolve each path anew, at 20 to 60 times
the cost. Only nodes that differ are touched, so that a restored disk costs what changed.
"""

import stat

from pyfakefs.fake_file import FakeDirectory, FakeFile
from pyfakefs.fake_filesystem import FakeFilesystem

from softcert_sim.journal import EMPTY, ROOT, Link, Node, Nodes, folder_of


class Volume:
    """One fake file system, with an object for each node of the tree that it shows."""

    def __init__(self) -> None:
        self.system = FakeFilesystem(path_separator="/", create_temp_dir=False)
        self._objects: dict[int, FakeFile] = {ROOT: self.system.root_dir}
        self._shown = EMPTY.live

    def show(self, live: Nodes) -> None:
        """Bring the file system in line with this tree."""
        before = self._shown
        if before is live:
            return
        changed = [node for node, value in live.items() if before.get(node) is not value]
        gone = [node for node in before if node not in live]
        # The same number may name a folder in one future and a file in another.
        recast = {node for node in changed if node in before and type(before[node]) is not type(live[node])}
        self._take_out(before, live, [*changed, *gone], recast)
        for node in [*gone, *recast]:
            del self._objects[node]
        for node in changed:
            self._fill(node, live[node])
        self._put_in(live, changed)
        self._shown = live

    def read(self, node: int) -> bytes:
        """The bytes of a file."""
        return self._objects[node].byte_contents or b""

    def _take_out(self, before: Nodes, live: Nodes, nodes: list[int], recast: set[int]) -> None:
        for node in nodes:
            folder, kept = self._objects.get(node), folder_of(live, node)
            if isinstance(folder, FakeDirectory):
                for name, child in folder_of(before, node).items():
                    if kept.get(name) != child or child in recast:
                        folder.remove_entry(name, recursive=False)

    def _fill(self, node: int, value: Node) -> None:
        if isinstance(value, dict):
            if node not in self._objects:
                self._objects[node] = FakeDirectory("", filesystem=self.system)
            return
        if node not in self._objects:
            mode = (stat.S_IFLNK | 0o777) if isinstance(value, Link) else (stat.S_IFREG | 0o666)
            self._objects[node] = FakeFile("", mode, filesystem=self.system)
        self._objects[node].set_contents(_contents(value))

    def _put_in(self, live: Nodes, nodes: list[int]) -> None:
        for node in nodes:
            folder = self._objects[node]
            if isinstance(folder, FakeDirectory):
                for name, child in folder_of(live, node).items():
                    if name not in folder.entries:
                        self._objects[child].name = name
                        folder.add_entry(self._objects[child])


def _contents(value: bytes | Link) -> bytes:
    if isinstance(value, bytes):
        return value
    target = "/".join(value.target)
    return f"/{target}".encode() if value.volume is None else f"//{value.volume.name}/{target}".encode()
