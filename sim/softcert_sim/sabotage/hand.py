"""The hand of a saboteur: replaces parts of the product in this process, and puts each back exactly.

A part is named by its path, such as `softcert_ca.download._claim` or `softcert.element.Element.unseal`. Whatever module of
the product holds the same thing under a name of its own gets the replacement too; the judge in `softcert_sim` keeps what it
has. What the product remembers of earlier calls is forgotten at both ends.
"""

import functools
import importlib
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any

from softcert.rules.checks import ACTS
from softcert.rules.policy import Policy
from softcert.rules.verdict import Act, Check

PRODUCT = ("softcert", "softcert_ca", "softcert_mailbox")
Around = Callable[..., Any]
"""Called in place of a function, with that function first and then its arguments."""
Refuses = Callable[[Any, Policy], bool]


class Missing(Exception):
    """What a saboteur was to break is not there, or is so already: the product changed, and the saboteur must follow."""


class Hand:
    """What one saboteur breaks, and how it is undone. `untouched` has the wrapped functions that were not yet called."""

    def __init__(self) -> None:
        self.untouched: set[str] = set()
        self.wrapped = 0
        self._undo: list[Callable[[], None]] = []

    # Functions, constants, statements

    def part(self, path: str) -> Any:
        """The part of this path as it is, for saboteurs who use it."""
        owner, name = _owner_of(path)
        return _inside(owner)[name]

    def wrap(self, path: str, around: Around) -> None:
        """Call `around(function, …)` wherever the product calls the function (method, property) of this path."""
        owner, name = _owner_of(path)
        held = _inside(owner)[name]
        function = held.fget if isinstance(held, property) else held
        if not callable(function):
            raise Missing(f"{path} is no function.")

        @functools.wraps(function)
        def instead(*args: Any, **named: Any) -> Any:
            self.untouched.discard(path)
            return around(function, *args, **named)

        self.untouched.add(path)
        self.wrapped += 1
        self._everywhere(owner, name, held, property(instead) if isinstance(held, property) else instead)

    def put(self, path: str, value: object) -> None:
        """Put another value in place of a constant, a table or a compiled statement."""
        owner, name = _owner_of(path)
        held = _inside(owner)[name]
        if held == value:
            raise Missing(f"{path} is {value!r} already.")
        self._everywhere(owner, name, held, value)

    def skip(self, path: str, when: Callable[..., bool], result: object = None) -> None:
        """Do not call the function of this path when `when(…)` holds of its arguments; it returns `result` then."""

        def instead(function: Any, *args: Any, **named: Any) -> Any:
            return result if when(*args, **named) else function(*args, **named)

        self.wrap(path, instead)

    # Lists of checks

    def drop(self, named: str, *acts: str) -> None:
        """Take the checks of a rule out of these lists, such as `office download`, or of all; one of `rule/reason` stays
        with the facts that it names, and never refuses."""
        if "/" in named:
            self.recheck(named, lambda facts, policy: False, *acts)
        else:
            self._edit(acts, named, lambda check: ())

    def recheck(self, named: str, refuses: Refuses, *acts: str) -> None:
        """Let these checks refuse on another condition."""
        self._edit(acts, named, lambda check: (replace(check, refuses=refuses),))

    def rename(self, named: str, to: str, *acts: str) -> None:
        """Let these checks name another rule and reason of the same list, with the facts by which that one is told."""
        rule, _, reason = to.partition("/")
        asking = [act for act in _lists(acts) if any(_is(check, named) for check in act.checks)]
        facts = {check.because for act in asking for check in act.checks if _is(check, to)}
        if not facts:
            raise Missing(f"No list asks both {named} and {to}.")

        def renamed(check: Check[Any]) -> tuple[Check[Any], ...]:
            because = dict.fromkeys(" ".join([check.because, *sorted(facts)]).split())
            return (replace(check, rule=rule, reason=reason, because=" ".join(because)),)

        self._edit(acts, named, renamed)

    def move_up(self, named: str, ahead_of: str, act: str) -> None:
        """Ask the checks of `named` before the first of `ahead_of`."""
        (found,) = _lists((act,))
        moved = [check for check in found.checks if _is(check, named)]
        rest = [check for check in found.checks if not _is(check, named)]
        at = next((index for index, check in enumerate(rest) if _is(check, ahead_of)), None)
        if not moved or at is None:
            raise Missing(f"{act} does not ask {named if not moved else ahead_of}.")
        self._set_checks(found, (*rest[:at], *moved, *rest[at:]))

    def _edit(self, acts: Sequence[str], named: str, edit: Callable[[Check[Any]], tuple[Check[Any], ...]]) -> None:
        found = [act for act in _lists(acts) if any(_is(check, named) for check in act.checks)]
        if len(found) < max(1, len(acts)):
            raise Missing(f"{', '.join(acts) or 'no list'}: {named} is not asked there.")
        for act in found:
            edited = (edit(check) if _is(check, named) else (check,) for check in act.checks)
            self._set_checks(act, tuple(check for part in edited for check in part))

    def _set_checks(self, act: Act[Any], checks: tuple[Check[Any], ...]) -> None:
        before = tuple(act.checks)
        if [(it.rule, it.reason, it.refuses) for it in before] == [(it.rule, it.reason, it.refuses) for it in checks]:
            raise Missing(f"{act.side} {act.name} has these checks already.")
        # The lists are frozen, for everybody but a saboteur.
        self._undo.append(functools.partial(object.__setattr__, act, "checks", act.checks))
        object.__setattr__(act, "checks", checks)

    # Putting in place and back

    def _everywhere(self, owner: Any, name: str, old: object, new: object) -> None:
        holders = [(owner, name)]
        if isinstance(owner, ModuleType):
            same = callable(old)
            holders += [
                (module, known)
                for module in modules_of(PRODUCT)
                for known, value in list(vars(module).items())
                if value is old and (module, known) != (owner, name) and (same or known == name)
            ]
        for holder, known in holders:
            self._undo.append(functools.partial(setattr, holder, known, old))
            setattr(holder, known, new)

    def undo(self) -> None:
        """Put everything back, the last first."""
        while self._undo:
            self._undo.pop()()


@contextmanager
def broken(break_it: Callable[[Hand], None]) -> Generator[Hand]:
    """The product as a saboteur leaves it. Raises `Missing` when he finds nothing to break."""
    hand = Hand()
    try:
        break_it(hand)
        forget()
        yield hand
    finally:
        hand.undo()
        forget()


def forget() -> None:
    """Empty every cache of results, of the product and of the simulation, which remembers what the product made; but for
    scenarios that were read, which it does not make."""
    for module in modules_of((*PRODUCT, "softcert_sim")):
        if module.__name__.startswith(("softcert_sim.scenario", "softcert_sim.sabotage")):
            continue
        for value in list(vars(module).values()):
            inside = list(vars(value).values()) if isinstance(value, type) else []
            for one in (value, *inside):
                if hasattr(one, "cache_clear") and not isinstance(one, type):
                    one.cache_clear()


def _owner_of(path: str) -> tuple[Any, str]:
    """Module or class, and the name in it."""
    parts = path.split(".")
    for count in range(len(parts) - 1, 0, -1):
        try:
            owner: Any = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for part in parts[count:-1]:
            owner = _inside(owner).get(part)
        if owner is not None and parts[-1] in _inside(owner):
            return owner, parts[-1]
        break
    raise Missing(f"There is no {path} in the product.")


def _inside(owner: object) -> Mapping[str, Any]:
    """What a module or class itself holds, by name."""
    return owner.__dict__


def modules_of(packages: Sequence[str]) -> list[ModuleType]:
    """Those of these packages that are imported, in the order of their names."""
    return [module for name, module in sorted(sys.modules.items()) if name.partition(".")[0] in packages]


def _lists(acts: Sequence[str]) -> list[Act[Any]]:
    found = [act for act in ACTS if not acts or f"{act.side} {act.name}" in acts]
    if len(found) < len(acts):
        raise Missing(f"Of {', '.join(acts)} there is no such list of checks.")
    return found


def _is(check: Check[Any], named: str) -> bool:
    return named in (check.rule, f"{check.rule}/{check.reason}")
