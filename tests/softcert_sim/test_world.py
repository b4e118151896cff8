"""The world is a value, its time drives the mail, and its judge sees what must not be."""

from collections.abc import Iterator

import pytest

from softcert.errors import MaybeDone, Refused
from softcert.rules.policy import Policy
from softcert_mailbox.misbehaviour import Plan
from softcert_sim import intrusion, witness
from softcert_sim.invariants import violations
from softcert_sim.product import product
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.model import Cast, Step
from softcert_sim.scenario.registry import Person
from softcert_sim.verbs import applicant
from softcert_sim.world import World, make_world

LI_WEI = Person("li-wei")
REGISTRY = product().registry


def bring(world: World, prelude: str, person: Person = LI_WEI) -> World:
    """Play the preludes up to this one."""
    for stage in REGISTRY.chain(prelude):
        stage.function(world, person)
    return world


def act(world: World, verb: str, **arguments: object) -> object:
    """One step, as the runner takes it; its result, or the error it ended with."""
    step = Step(0, verb, arguments)
    world.begin(step)
    try:
        result = REGISTRY.verbs[verb].call(world, arguments)
    except (Refused, MaybeDone) as error:
        result = error
    world.end(step, result)
    return result


def rules_violated(world: World) -> set[str]:
    return {violation.rule for violation in violations(world)}


@pytest.fixture
def world(cast) -> Iterator[World]:
    made = make_world(cast=cast, policy=Policy(), seed=1, name="test", transport="memory")
    yield made
    made.close()


@pytest.fixture(scope="module")
def cast() -> Cast:
    [story] = Loader(REGISTRY).load([shipped() / "0-the-whole-process" / "the-whole-process.scenario.yaml"])
    return story.cast


def test_a_restored_world_goes_on_exactly_as_the_first_time(world: World) -> None:
    bring(world, "approved")
    saved = world.snapshot()
    world.restore(saved)
    first = []
    for _ in range(2):
        applicant.read_mail(world, by=LI_WEI)
        act(world, "download", by=LI_WEI, at="office-pc")
        act(world, "change-pin", by=LI_WEI, at="office-pc")
        assert act(world, "login", by=LI_WEI, at="office-pc").certificate_state == "issued"
        first.append((world.digest(), world.records.fingerprint(), world.clock.now(), world.head.get()))
        world.restore(saved)
        assert world.snapshot() == saved
    assert first[0] == first[1]


def test_a_restored_world_has_forgotten_what_was_done_to_it(world: World) -> None:
    bring(world, "active")
    saved = world.snapshot()
    act(world, "hack-driver", by="thief", at="office-pc", skip=["pin-guards-key"])
    act(world, "spoof", at="office-pc", header="host", value="elsewhere.example")
    act(world, "lose", what="home-pc")
    act(world, "plug", drive="red-usb", into="office-pc")
    world.inbox.misbehave(Plan("drop"))
    world.restore(saved)
    assert world.snapshot() == saved
    assert world.drives["red-usb"].plugged_into is None
    assert act(world, "login", by=LI_WEI, at="office-pc").certificate_state == "active"


def test_renaming_changes_what_is_drawn_from_then_on_and_nothing_before(world: World) -> None:
    bring(world, "approved")
    saved, codes = world.snapshot(), world.people.knows("li-wei", "activation-code", "li-wei")
    serials = set()
    for name in ("one", "two"):
        world.restore(saved)
        world.rename(name)
        assert world.people.knows("li-wei", "activation-code", "li-wei") == codes
        applicant.read_mail(world, by=LI_WEI)
        serials.add(applicant.download(world, by=LI_WEI, at="office-pc"))
    assert len(serials) == 2


def test_a_power_cut_takes_the_memory_and_keeps_the_disk(world: World) -> None:
    bring(world, "active")
    act(world, "login", by=LI_WEI, at="office-pc")
    assert world.places["office-pc"].driver.memory.session
    REGISTRY.faults["power-cut"].call(world, {"at": "disk-any 1"})
    with pytest.raises(MaybeDone, match="power"), world.using("office-pc") as driver:
        driver.login("does not matter")
    assert world.places["office-pc"].driver.memory.session is None
    assert act(world, "login", by=LI_WEI, at="office-pc").certificate_state == "active"


def test_mail_is_tried_when_it_is_due_while_time_passes(world: World) -> None:
    bring(world, "applied")
    world.inbox.misbehave(Plan("refuse-message", count=2))
    act(world, "approve", of=LI_WEI)
    assert world.inbox.messages(recipient="li.wei@xixi-tea.example") == ()
    began = world.clock.now()
    world.pass_time(86_400)
    [mail] = world.inbox.messages(recipient="li.wei@xixi-tea.example")
    assert began < mail.received_at < began + 3600


@pytest.mark.parametrize("place", ["disk", "drive", "mail", "database"])
@pytest.mark.parametrize(
    ("topic", "rule"), [("activation-code", "code-secret"), ("pin", "pin-guards-key"), ("password", "backup-sealed")]
)
def test_a_secret_that_lies_about_is_found_wherever_it_is(world: World, place: str, topic: str, rule: str) -> None:
    bring(world, "backed-up")
    act(world, "visit", by=LI_WEI, at="office-pc")
    assert violations(world) == []
    [(secret, _)] = witness.chosen(world, topic)
    if place == "disk":
        world.places["home-pc"].machine.disk.put({"notes.txt": f"do not forget: {secret}".encode()})
    elif place == "drive":
        world.drives["blue-usb"].disk.put({"notes.txt": secret.encode()})
    elif place == "mail":
        world.post.send("x@cafe.example", "li.wei@xixi-tea.example", f"Subject: hello\r\n\r\n{secret}\r\n".encode())
    else:
        with world.store.begin() as connection:
            connection.exec_driver_sql("UPDATE applications SET reasons = ?", (secret,))
    act(world, "visit", by=LI_WEI, at="office-pc")
    assert rule in rules_violated(world)


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("INSERT INTO bindings SELECT id + 9, serial, generation, 'another', state, board, processor, disk, network,"
         " bound_at FROM bindings", "one-computer"),
        ("UPDATE bindings SET state = 'retired'", "one-computer"),
        ("UPDATE addresses SET state = 'live'", "one-time-link"),
        ("DELETE FROM outbox WHERE purpose = 'result'", "result-by-mail"),
        ("UPDATE outbox SET recipient = 'x@cafe.example' WHERE purpose = 'result'", "result-by-mail"),
        ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)", "accountable"),
    ],
)  # fmt: skip
def test_what_an_office_must_not_do_is_seen(world: World, statement: str, rule: str) -> None:
    bring(world, "active")
    act(world, "visit", by=LI_WEI, at="office-pc")
    assert violations(world) == []
    with world.store.begin() as connection:
        connection.exec_driver_sql(statement)
    act(world, "visit", by=LI_WEI, at="office-pc")
    assert rule in rules_violated(world)


def test_a_refusal_that_changes_something_is_seen(world: World) -> None:
    bring(world, "active")
    step = Step(0, "login", {"by": "li-wei", "at": "office-pc"})
    world.begin(step)
    with world.store.begin() as connection:
        connection.exec_driver_sql("UPDATE certificates SET generation = 7")
    world.end(step, Refused("same-computer-use", "other-computer", "No."))
    assert "same-computer-use" in rules_violated(world)


def test_stealing_a_mailbox_teaches_addresses_and_nothing_else(world: World) -> None:
    bring(world, "approved")
    intrusion.steal(world, "thief", "mailbox", "li-wei")
    assert len(world.people.knows("thief", "address", "li-wei")) == 1
    assert world.people.knows("thief", "activation-code", "li-wei") == ()
