"""The table of verbs, checks, faults and preludes, read off the functions that carry them out.

A verb is a function whose first parameter is the world. Its other parameters are the verb's arguments:

    @verb("download", group="applicant", clauses="c16 c17", says="{by} downloads at {at}[ with the mail of {of}]")
    def download(world: World, *, by: Person, at: ComputerName, of: Person | None = None) -> Issued:
        '''Ask for the certificate at the mailed address.'''

Outside of Python names are in kebab-case, and a trailing underscore is dropped (`from_` is `from`). A parameter that
stands before the `*` may be given alone: `wait: 3 days`. Annotations say what an argument is: a reference to the cast
(`Person`, `ComputerName`, `DriveName`), the name that an earlier step gave with `as:` (`Label`), a rule (`RuleName`),
`str`, `int`, `Count`, `bool`, `Duration`, a moment (`DiskMoment`, …), a `Literal` of words, a `list` or `dict[str, …]` of
these, or a union; `None` means that it may be left out.

A verb returns when its act is allowed and raises the errors of `softcert.errors` when it is not.
A check is a verb of the group `check`; it raises `CheckFailed`.
A fault is called before the step that it strikes, and arms itself in the world.
A prelude `(world, person)` brings one person to where a scenario begins, going on from the prelude named by `after`.
"""

import inspect
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import NoneType, SimpleNamespace, UnionType
from typing import Any, Literal, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from softcert.rules.catalogue import CLAUSES, RULES, ClauseId

Person = NewType("Person", str)
ComputerName = NewType("ComputerName", str)
DriveName = NewType("DriveName", str)
Label = NewType("Label", str)
RuleName = NewType("RuleName", str)
Duration = NewType("Duration", int)
"""Whole seconds; written `30 seconds`, `10 minutes`, `1 hour`, `2 days`."""
Count = NewType("Count", int)
"""A whole number from 1 on."""
DriveMoment = NewType("DriveMoment", str)
"""When a fault strikes, counted by what drives do; written `drive-write 3`."""
DiskMoment = NewType("DiskMoment", str)
"""Counted by what disks or drives do: `disk-write 3`."""
PowerMoment = NewType("PowerMoment", str)
"""The same, or counted by what secure elements store: `element-save 1`."""
OfficeMoment = NewType("OfficeMoment", str)
"""Counted by what the office's database does: `database-commit 1`."""
_DISK = ("any", "read", "write", "sync", "rename", "sync-folder", "list", "remove", "contains")
OPERATIONS: dict[str, tuple[str, ...]] = {
    "disk": _DISK,
    "drive": _DISK,
    "element": ("any", "save", "saved"),
    "database": ("statement", "commit", "committed"),
}
"""What a moment can be counted by, for each part."""

Group = Literal["applicant", "office", "things", "attacker", "time", "check", "fault"]
KindName = Literal[
    "person", "computer", "drive", "label", "text", "number", "count", "flag", "duration", "moment", "choice", "list",
    "form",
]
Function = TypeVar("Function", bound=Callable[..., Any])

_SIMPLE: dict[Any, KindName] = {
    Person: "person",
    ComputerName: "computer",
    DriveName: "drive",
    Label: "label",
    str: "text",
    int: "number",
    Count: "count",
    bool: "flag",
    Duration: "duration",
}
_MOMENTS: dict[Any, tuple[str, ...]] = {
    DriveMoment: ("drive",),
    DiskMoment: ("disk", "drive"),
    PowerMoment: ("disk", "drive", "element"),
    OfficeMoment: ("database",),
}
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([a-z0-9-]+)\}")


class CheckFailed(Exception):
    """What a check expected and what it saw instead, in words for the author of a scenario."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"expected {expected}, saw {seen}")
        self.expected, self.seen = expected, seen


FAULT = "fault"
"""In the place of a rule: no law is broken, and a fault that the author set met nothing."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What does not hold after a step. `rule` is the rule that it belongs to, the protocol error that was not sent as it
    should, `no-line` for what was sent without a line, or `FAULT` for a fault that met nothing."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that an argument may be. `choices` belongs to a choice, and to a moment, which adds a number; `of` belongs
    to the items of a list or form."""

    name: KindName
    choices: tuple[str, ...] = ()
    of: tuple["Kind", ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that it, or an item of it, may be chosen from."""
        return (*(self.choices if self.name == "choice" else ()), *(word for kind in self.of for word in kind.words))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: its name outside and inside of Python, the kinds that it may have, and what stands for it when
    it is left out. `alone` marks the one that may be written without its name.
    """

    name: str
    attribute: str
    kinds: tuple[Kind, ...]
    required: bool
    default: Any = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """Which words an argument may be, by the word of another one, `by`."""

    argument: str
    by: str
    words: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb, check or fault. `doc` is the first line of its docstring, `text` the whole."""

    name: str
    group: Group
    doc: str
    text: str
    clauses: tuple[ClauseId, ...]
    attack: bool
    says: str
    parameters: tuple[Parameter, ...]
    function: Callable[..., Any]
    fit: Fit | None = None

    @property
    def alone(self) -> Parameter | None:
        """The parameter that may be given without its name."""
        return next((parameter for parameter in self.parameters if parameter.alone), None)

    @property
    def fit_any(self) -> bool:
        """Whether `fit` says nothing of some words, so that any goes with them."""
        if self.fit is None:
            return False
        by = next(parameter for parameter in self.parameters if parameter.name == self.fit.by)
        return any(word not in self.fit.words for kind in by.kinds for word in kind.words)

    def call(self, world: Any, arguments: Mapping[str, Any]) -> Any:
        """Carry it out; `arguments` go by their outside names. Raises what the function raises."""
        given = {p.attribute: arguments[p.name] for p in self.parameters if p.name in arguments}
        return self.function(world, **given)

    def sentence(self, arguments: Mapping[str, Any], says: str = "", phrasing: "Phrasing | None" = None) -> str:
        """The step in words: `says` filled in, where a part in [brackets] falls away with an argument not given.

        Another language has its own `says` and phrasing of arguments.
        """
        says, phrasing = says or self.says, phrasing or _ENGLISH
        if says:
            kept = _OPTIONAL.sub(lambda part: part[1] if _filled(part[1], arguments) else "", says)
            return _SLOT.sub(lambda slot: self._in_words(slot[1], arguments, phrasing), kept)
        rest = ", ".join(f"{name} {self._in_words(name, arguments, phrasing)}" for name in arguments if name != "by")
        who = f"{arguments['by']}: " if "by" in arguments else ""
        return f"{who}{self.name}{f' ({rest})' if rest else ''}"

    def _in_words(self, name: str, arguments: Mapping[str, Any], phrasing: "Phrasing") -> str:
        """An argument, or its default, as a story tells it."""
        parameter = next(parameter for parameter in self.parameters if parameter.name == name)
        value = arguments.get(name, parameter.default)
        durations = all(kind.name in ("duration", "choice") for kind in parameter.kinds)
        if durations and isinstance(value, int):
            return phrasing.duration(value)
        return in_words(value, phrasing, choices={word for kind in parameter.kinds for word in kind.words})


@dataclass(frozen=True, slots=True)
class Prelude:
    """A place in the process where a scenario may begin; `after` names the prelude from which it goes on."""

    name: str
    doc: str
    after: str
    function: Callable[[Any, Person], None]


class Registry:
    """What one suite's files may say. The product has a single one; tests make their own."""

    def __init__(self) -> None:
        self.verbs: dict[str, Verb] = {}
        self.faults: dict[str, Verb] = {}
        self.preludes: dict[str, Prelude] = {}

    def verb(
        self, name: str, *, group: Group, clauses: str = "", attack: bool = False, says: str = "", fit: Fit | None = None
    ) -> Callable[[Function], Function]:
        """Register a verb. `clauses` are ids with blanks between; `attack` says that its steps attack duties; `fit` says
        which of its words go together.

        Raises TypeError or ValueError where name, clauses, annotations or `says` do not fit.
        """
        return self._into(self.verbs, name, group, clauses, attack, says, fit)

    def check(self, name: str, *, clauses: str = "", says: str = "") -> Callable[[Function], Function]:
        """Register a check, `check-…`."""
        if not name.startswith("check-"):
            raise ValueError(f"A check is called check-…, not {name}.")
        return self._into(self.verbs, name, "check", clauses, False, says)

    def fault(self, name: str, *, clauses: str = "", says: str = "") -> Callable[[Function], Function]:
        """Register a fault that a step can bear."""
        return self._into(self.faults, name, "fault", clauses, False, says)

    def prelude(self, name: str, *, after: str = "nothing") -> Callable[[Function], Function]:
        """Register a prelude that goes on from `after`, which must be known already."""
        if name in self.preludes or name == "nothing":
            raise ValueError(f"There are two preludes {name}.")
        if after != "nothing" and after not in self.preludes:
            raise ValueError(f"Prelude {name} goes on from {after}, which is not known.")

        def register(function: Function) -> Function:
            self.preludes[name] = Prelude(name, _first_line(function), after, function)
            return function

        return register

    def prelude_names(self) -> tuple[str, ...]:
        """Every prelude, `nothing` first."""
        return ("nothing", *self.preludes)

    def chain(self, name: str) -> tuple[Prelude, ...]:
        """The preludes that lead to `name`, in the order in which they run; empty for `nothing`."""
        if name == "nothing":
            return ()
        prelude = self.preludes[name]
        return (*self.chain(prelude.after), prelude)

    def _into(
        self, table: dict[str, Verb], name: str, group: Group, clauses: str, attack: bool, says: str,
        fit: Fit | None = None,
    ) -> Callable[[Function], Function]:
        if name in table:
            raise ValueError(f"There are two {'faults' if group == 'fault' else 'verbs'} {name}.")
        unknown = [clause for clause in clauses.split() if clause not in CLAUSES]
        if unknown:
            raise ValueError(f"{name}: no such clause: {' '.join(unknown)}.")

        def register(function: Function) -> Function:
            parameters = _parameters(name, function)
            _check_says(name, says, parameters)
            text = inspect.getdoc(function) or ""
            table[name] = Verb(
                name, group, _first_line(function), text, tuple(clauses.split()), attack, says, parameters, function, fit
            )
            return function

        return register


def duration_in_words(seconds: int) -> str:
    """As the language writes it: `2 days`, `1 hour 30 minutes`."""
    parts: list[str] = []
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        parts += [f"{count} {name}{'' if count == 1 else 's'}"] if count else []
    return " ".join(parts) or "0 seconds"


@dataclass(frozen=True, slots=True)
class Phrasing:
    """How a language says an argument: flags, durations, words of the scenario language, names of form fields."""

    yes: str = "yes"
    no: str = "no"
    comma: str = ", "
    duration: Callable[[int], str] = duration_in_words
    choices: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: Mapping[str, str] = field(default_factory=dict[str, str])


_ENGLISH = Phrasing()


def in_words(value: Any, phrasing: Phrasing = _ENGLISH, choices: Collection[str] = ()) -> str:
    """An argument as a story tells it; `choices` are the words of it that belong to the scenario language."""
    if isinstance(value, bool):
        return phrasing.yes if value else phrasing.no
    if isinstance(value, dict):
        items = cast(dict[str, Any], value).items()
        said = (f"{phrasing.fields.get(name, name)} {in_words(item, phrasing)}" for name, item in items)
        return phrasing.comma.join(said)
    if isinstance(value, list):
        return phrasing.comma.join(in_words(item, phrasing, choices) for item in cast(list[Any], value))
    return phrasing.choices.get(value, value) if value in choices else str(value)


def kinds_of(hint: Any) -> tuple[Kind, ...]:
    """What an annotation allows. Raises TypeError for one that the language does not know."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return tuple(kind for arm in get_args(hint) if arm is not NoneType for kind in kinds_of(arm))
    if origin is Literal:
        return (Kind("choice", choices=tuple(str(word) for word in get_args(hint))),)
    if origin is list:
        return (Kind("list", of=kinds_of(get_args(hint)[0])),)
    if origin is dict and get_args(hint)[0] is str:
        return (Kind("form", of=kinds_of(get_args(hint)[1])),)
    if hint is RuleName:
        return (Kind("choice", choices=tuple(RULES)),)
    if hint in _MOMENTS:
        return (Kind("moment", choices=tuple(f"{part}-{one}" for part in _MOMENTS[hint] for one in OPERATIONS[part])),)
    if hint in _SIMPLE:
        return (Kind(_SIMPLE[hint]),)
    raise TypeError(f"An argument cannot be annotated {hint!r}.")


def _parameters(name: str, function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """All parameters but the first, which is the world and may be annotated with a name not imported at run time."""
    _, *rest = inspect.signature(function).parameters.values()
    annotations = {p.name: function.__annotations__[p.name] for p in rest if p.name in function.__annotations__}
    hints = get_type_hints(SimpleNamespace(__annotations__=annotations), function.__globals__)
    missing = [p.name for p in rest if p.name not in hints]
    if missing:
        raise TypeError(f"{name}: no annotation for {', '.join(missing)}.")
    if sum(p.kind is not p.KEYWORD_ONLY for p in rest) > 1:
        raise TypeError(f"{name}: only one parameter may stand before the *.")
    return tuple(
        Parameter(
            name=p.name.rstrip("_").replace("_", "-"),
            attribute=p.name,
            kinds=kinds_of(hints[p.name]),
            required=p.default is p.empty,
            default=None if p.default is p.empty else p.default,
            alone=p.kind is not p.KEYWORD_ONLY,
        )
        for p in rest
    )


def _check_says(name: str, says: str, parameters: tuple[Parameter, ...]) -> None:
    known = {parameter.name for parameter in parameters}
    unknown = [slot for slot in _SLOT.findall(says) if slot not in known]
    if unknown:
        raise ValueError(f"{name}: `says` names no argument: {', '.join(unknown)}.")


def _filled(part: str, arguments: Mapping[str, Any]) -> bool:
    return all(arguments.get(slot) not in (None, "") for slot in _SLOT.findall(part))


def _first_line(function: Callable[..., Any]) -> str:
    lines = (inspect.getdoc(function) or "").splitlines()
    if not lines:
        raise ValueError(f"{function.__name__} has no docstring.")
    return lines[0]


DEFAULT = Registry()
"""The product's registry."""

verb, check, fault, prelude = DEFAULT.verb, DEFAULT.check, DEFAULT.fault, DEFAULT.prelude
