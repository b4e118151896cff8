"""Values in the place of `<name>`: an example's in its scenario, person and computer in a suite's prelude."""

import re
from collections.abc import Mapping
from dataclasses import replace

from softcert_sim.scenario.marks import Node, Page

_SLOT = re.compile(r"<([a-z][a-z0-9-]*)>")


class Filling:
    """Fills in nodes of one page. `where` says in errors where the names come from; `used` are those that occurred."""

    def __init__(self, page: Page, where: str, values: Mapping[str, str]) -> None:
        self._page, self._where, self._values = page, where, values
        self.used: set[str] = set()

    def node(self, node: Node) -> Node:
        """The node with every `<name>` filled in; an unknown name is noted as wrong."""
        if node.kind == "text":
            return self._text(node) if "<" in node.text else node
        return replace(
            node,
            items=[self.node(item) for item in node.items],
            pairs=[(self.node(key), self.node(value)) for key, value in node.pairs],
        )

    def _text(self, node: Node) -> Node:
        for name in _SLOT.findall(node.text):
            if name in self._values:
                self.used.add(name)
            else:
                self._page.wrong_word(node, f"name in {self._where}", name, self._values)
        return replace(node, text=_SLOT.sub(lambda slot: self._values.get(slot[1], slot[0]), node.text))
