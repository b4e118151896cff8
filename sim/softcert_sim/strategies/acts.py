"""Steps and faults of the scenario language: those of a scope that are known to lead somewhere, and any that it allows."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from softcert.rules.policy import DAY
from softcert_sim.explorer.scopes import Scope, steps_for
from softcert_sim.product import product
from softcert_sim.scenario.model import Fault, Step
from softcert_sim.scenario.registry import Kind, Parameter, Verb
from softcert_sim.strategies.values import computers, drives, forms, people, texts

_COUNTED: Mapping[str, SearchStrategy[Any]] = {
    "number": st.integers(1, 3), "times": st.integers(1, 2), "code": st.sampled_from((451, 552)),
}  # fmt: skip
"""Arguments of faults that are numbers."""


def acts(scope: Scope) -> SearchStrategy[Step]:
    """Something that can be done in a scope, whether or not it means anything now; sometimes struck by a fault."""
    plain = st.sampled_from(scope.acts).flatmap(lambda name: st.sampled_from(steps_for(name, scope)))
    return st.builds(struck, plain, sometimes(scope))


def sometimes(scope: Scope) -> SearchStrategy[Fault | None]:
    """Mostly nothing, else one of the scope's faults."""
    return st.integers(0, 9).flatmap(lambda dice: faults(*scope.faults, scope=scope) if dice == 9 else st.none())


def struck(step: Step, fault: Fault | None) -> Step:
    """The step under this fault."""
    return replace(step, faults=(fault,)) if fault else step


def faults(*names: str, scope: Scope | None = None) -> SearchStrategy[Fault]:
    """A fault at any of its moments: one of these, or of all that there are."""
    table = product().registry.faults
    return st.sampled_from(names or tuple(table)).flatmap(
        lambda name: _arguments(table[name], scope, _COUNTED).map(lambda said: Fault(name, said))
    )


def steps(*verbs: str, scope: Scope | None = None) -> SearchStrategy[Step]:
    """Any step that the language allows for these verbs (all without a name): whatever stands in it, known or not.

    Arguments that name an earlier step are left out, and so are verbs that need one.
    """
    table = product().registry.verbs
    able = [name for name in verbs or table if not any(p.required and _is_label(p) for p in table[name].parameters)]
    return st.sampled_from(able).flatmap(
        lambda name: _arguments(table[name], scope, {}).map(lambda said: Step(0, name, said))
    )


def _arguments(
    verb: Verb, scope: Scope | None, known: Mapping[str, SearchStrategy[Any]]
) -> SearchStrategy[dict[str, Any]]:
    usable = [parameter for parameter in verb.parameters if not _is_label(parameter)]
    of = {p.name: st.one_of([_values(kind, scope) for kind in p.kinds]) for p in usable}
    of |= {p.name: known[p.name] for p in usable if p.name in known and p.kinds[0].name == "count"}
    required = {p.name: of[p.name] for p in usable if p.required}
    return st.fixed_dictionaries(required, optional={name: it for name, it in of.items() if name not in required})


def _is_label(parameter: Parameter) -> bool:
    return all(kind.name == "label" for kind in parameter.kinds)


def _values(kind: Kind, scope: Scope | None) -> SearchStrategy[Any]:
    """Whatever an argument of this kind may be."""
    if kind.name == "choice":
        return st.sampled_from(kind.choices)
    if kind.name == "moment":
        return st.builds("{} {}".format, st.sampled_from(kind.choices), st.integers(1, 6))
    if kind.name == "list":
        return st.lists(_values(kind.of[0], scope), min_size=1, max_size=3)
    of: dict[str, SearchStrategy[Any]] = {
        "person": people(scope=scope), "computer": computers(scope), "drive": drives(scope), "label": st.nothing(),
        "text": texts(), "number": st.integers(0, 5), "count": st.integers(1, 5), "flag": st.booleans(),
        "duration": st.integers(0, 400 * DAY),
        "form": forms(),
    }  # fmt: skip
    return of[kind.name]
