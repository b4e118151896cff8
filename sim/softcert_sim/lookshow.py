"""What a user may look at, by name, and how it stands on a page: titles, and labels in a column."""

from collections.abc import Iterable, Iterator

from rich.cells import cell_len

from softcert_sim.columns import pad, wrap
from softcert_sim.look import Look, Sheet
from softcert_sim.world import World

_WIDEST = 24
"""Columns that labels may take."""


def places(world: World) -> list[str]:
    """All that `sheets_of` takes."""
    return [*world.places, *world.drives, *world.people.everybody, "inbox", "office", "audit"]


def sheets_of(world: World, place: str, lang: str) -> tuple[Sheet, ...]:
    """What stands there; empty for a place that is not in this world."""
    look = Look(world, lang)
    if place in world.places:
        return (look.computer(place),)
    if place in world.drives:
        return (look.drive(place),)
    if place in world.people.everybody:
        return (look.person(place),)
    if place == "inbox":
        return look.inbox()
    if place == "audit":
        return look.office(whole_audit=True)[-1:]
    return look.office() if place == "office" else ()


def shown(sheets: Iterable[Sheet], width: int, nothing: str) -> Iterator[str]:
    """The sheets, one below the other. `nothing` stands in an empty one."""
    for sheet in sheets:
        yield from ("", *titled(sheet.title, "─", width))
        wide = min(_WIDEST, max((cell_len(label) for label, _ in sheet.lines), default=0))
        for label, text in sheet.lines:
            yield from _lines(f"  {pad(label, wide)}  ", text, width, " " * (wide + 4))
        if not sheet.lines:
            yield f"  {nothing}"


def titled(title: str, line: str, width: int) -> Iterator[str]:
    """A title and a line under it."""
    lines = wrap(title, width)
    yield from (*lines, line * max(map(cell_len, lines), default=0))


def _lines(head: str, text: str, width: int, then: str) -> Iterator[str]:
    """A text of several paragraphs behind its label."""
    for part in text.splitlines():
        yield from wrap(part, width, head, then) or [""]
        head = then
