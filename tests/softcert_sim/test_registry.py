"""The table of verbs as loader, schema and stories read it."""

import dis
import re
from typing import Any, Literal

import pytest
import toy

from softcert_sim.product import product
from softcert_sim.scenario.registry import (
    ComputerName,
    Duration,
    Person,
    Registry,
    duration_in_words,
    in_words,
)
from softcert_sim.verbbook import one_entry


def test_a_verb_is_read_off_its_function() -> None:
    verb = toy.REGISTRY.verbs["download"]
    assert (verb.name, verb.group, verb.doc) == ("download", "applicant", "Download the certificate; works once.")
    assert verb.clauses == ("c16", "c17")
    assert not verb.attack
    shapes = [(p.name, [kind.name for kind in p.kinds], p.required) for p in verb.parameters]
    assert shapes == [("by", ["person"], True), ("at", ["computer"], True), ("of", ["person"], False)]


def test_names_outside_of_python_are_kebab_case_without_trailing_underscore() -> None:
    registry = Registry()
    seen: dict[str, Any] = {}

    @registry.verb("recover", group="applicant")
    def recover(world: Any, *, from_: ComputerName, new_pin: str = "x") -> None:  # pyright: ignore[reportUnusedFunction]
        """Recover."""
        seen.update(from_=from_, new_pin=new_pin)

    verb = registry.verbs["recover"]
    assert [p.name for p in verb.parameters] == ["from", "new-pin"]
    verb.call(None, {"from": "office-pc", "new-pin": "y"})
    assert seen == {"from_": "office-pc", "new_pin": "y"}
    verb.call(None, {"from": "home-pc"})
    assert seen == {"from_": "home-pc", "new_pin": "x"}


def names_read(function: Any) -> set[str]:
    """Every local name that a function's code reads."""
    reads = [step for step in dis.get_instructions(function) if step.opname.startswith("LOAD_")]
    return {name for step in reads for name in (step.argval if isinstance(step.argval, tuple) else (step.argval,))}


@pytest.mark.parametrize("name", [*product().registry.verbs, *product().registry.faults])
def test_whatever_an_author_may_say_has_an_effect(name: str) -> None:
    """An argument is used by what is done, or at least told: who it was."""
    registry = product().registry
    verb = (registry.verbs | registry.faults)[name]
    effective = names_read(verb.function) | set(re.findall(r"\{([a-z-]+)\}", verb.says))
    assert [parameter.name for parameter in verb.parameters if not {parameter.name, parameter.attribute} & effective] == []


def test_unions_choices_lists_and_forms_are_kinds() -> None:
    steal, fill = toy.REGISTRY.verbs["steal"], toy.REGISTRY.verbs["fill"]
    assert [kind.name for kind in steal.parameters[1].kinds] == ["person", "computer", "drive", "choice"]
    assert steal.parameters[1].kinds[3].choices == ("mailbox",)
    by_name = {parameter.name: parameter.kinds[0] for parameter in fill.parameters}
    assert (by_name["form"].name, by_name["form"].of[0].name) == ("form", "text")
    assert (by_name["parts"].name, by_name["parts"].of[0].name) == ("list", "text")
    assert (by_name["tries"].name, by_name["full"].name) == ("number", "flag")


def test_one_parameter_may_stand_alone() -> None:
    alone = toy.REGISTRY.verbs["wait"].alone
    assert alone is not None
    assert alone.name == "for"
    assert toy.REGISTRY.verbs["download"].alone is None


def test_sentences_drop_what_is_not_given_and_say_durations_in_words() -> None:
    download, wait = toy.REGISTRY.verbs["download"], toy.REGISTRY.verbs["wait"]
    assert download.sentence({"by": "li-wei", "at": "office-pc"}) == "li-wei downloads at office-pc"
    assert download.sentence({"by": "thief", "at": "pc", "of": "li-wei"}) == "thief downloads at pc for li-wei"
    assert wait.sentence({"for": 90_061}) == "1 day 1 hour 1 minute 1 second pass"


def test_a_verb_without_template_tells_its_arguments() -> None:
    sentence = toy.REGISTRY.verbs["fill"].sentence({"by": "li-wei", "form": {"name": "Li"}, "full": False})
    assert sentence == "li-wei: fill (form name Li, full no)"


def test_words_for_values() -> None:
    assert duration_in_words(0) == "0 seconds"
    assert duration_in_words(7200) == "2 hours"
    assert in_words(["a", True, 3]) == "a, yes, 3"


def test_preludes_run_in_the_order_that_leads_to_them() -> None:
    assert toy.REGISTRY.prelude_names() == ("nothing", "applied", "approved")
    assert [prelude.name for prelude in toy.REGISTRY.chain("approved")] == ["applied", "approved"]
    assert toy.REGISTRY.chain("nothing") == ()


def _act(world: Any, *, by: Person) -> None:
    """Act."""


def _act_unknown(world: Any, *, by: float) -> None:
    """Act."""


def _act_untyped(world: Any, *, by) -> None:  # type: ignore[no-untyped-def]
    """Act."""


def _act_two_alone(world: Any, first: str, second: str) -> None:
    """Act."""


def _act_without_doc(world: Any, *, by: Person) -> None: ...


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (_act, {"clauses": "c99"}, "no such clause: c99"),
        (_act, {"says": "{who} acts"}, "`says` names no argument: who"),
        (_act_unknown, {}, "cannot be annotated"),
        (_act_untyped, {}, "no annotation for by"),
        (_act_two_alone, {}, "only one parameter may stand before"),
        (_act_without_doc, {}, "has no docstring"),
    ],
)
def test_what_does_not_fit_is_refused_when_it_registers(function: Any, options: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        Registry().verb("act", group="applicant", **options)(function)


def test_names_are_taken_once() -> None:
    registry = Registry()
    registry.verb("act", group="applicant")(_act)
    with pytest.raises(ValueError, match="two verbs act"):
        registry.verb("act", group="office")(_act)
    with pytest.raises(ValueError, match="check-"):
        registry.check("look")
    with pytest.raises(ValueError, match="goes on from"):
        registry.prelude("second", after="first")
    with pytest.raises(ValueError, match="two preludes"):
        registry.prelude("nothing")


def test_unions_may_hold_durations_and_choices() -> None:
    registry = Registry()

    @registry.verb("wait", group="time", says="{until} passes")
    def wait(world: Any, until: Duration | Literal["expiry"]) -> None:  # pyright: ignore[reportUnusedFunction]
        """Wait."""

    assert registry.verbs["wait"].sentence({"until": 60}) == "1 minute passes"
    assert registry.verbs["wait"].sentence({"until": "expiry"}) == "expiry passes"


def test_a_verb_alone_says_what_stands_for_what_is_left_out_and_which_words_go_together() -> None:
    recover, alter, forged = (" ".join((one_entry(product().registry, verb) or "").split())
                              for verb in ("recover", "alter", "forge-jws"))  # fmt: skip
    assert "new-pin text; left out: the person's own of the cast" in recover
    assert "of a person; left out: the person who acts" in recover
    assert "element sealed-anew, epoch-advanced, slot-forgotten" in alter
    assert "filing-changed file any other any" in forged
