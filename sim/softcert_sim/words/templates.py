"""Texts that were made by filling English templates, recognized and said in another language."""

import re
from collections.abc import Callable, Mapping

_SLOT = re.compile(r"\\\{(\w+)\\\}")


class Templates:
    """English templates and what they are in another language; of several that fit a text, the first is taken.

    What stands in a slot is said by `inner`, which gives None for what it does not know: that stays as it is.
    """

    def __init__(self, table: Mapping[str, str], inner: Callable[[str], str | None]) -> None:
        self._wholes = {english: other for english, other in table.items() if "{" not in english}
        self._slotted = [
            (re.compile(_SLOT.sub(r"(?P<\1>.+)", re.escape(english)), re.DOTALL), other)
            for english, other in table.items()
            if "{" in english
        ]
        self._inner = inner

    def said(self, text: str) -> str | None:
        """The text in the other language, or None for one that no template made."""
        if text in self._wholes:
            return self._wholes[text]
        for pattern, other in self._slotted:
            if match := pattern.fullmatch(text):
                return other.format(**{slot: self._inner(value) or value for slot, value in match.groupdict().items()})
        return None
