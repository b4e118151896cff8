"""The world is a value, its time drives the mail, and its judge sees what must not be."""

import base64
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from softcert.element import private_key
from softcert.errors import MaybeDone, Refused, Rejected
from softcert.ports import Request
from softcert.protocol import encode, to_bytes
from softcert.rules.policy import Policy
from softcert_mailbox.misbehaviour import Plan
from softcert_sim import clear, intrusion
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
    [(secret, _)] = clear.chosen(world, topic)
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


def device_key(world: World) -> ec.EllipticCurvePrivateKey:
    return private_key(world.places["office-pc"].machine.snapshot().element.slot("device").key)


def certificate_key(world: World) -> ec.EllipticCurvePrivateKey:
    keys = world.places["office-pc"].driver.keys
    _, key = keys.open(keys.all()[-1], world.people["li-wei"].pin)
    assert key is not None
    return private_key(key.scalar)


def anybodys_key(world: World) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(world.clock.now(), ec.SECP256R1())


KEYS = [device_key, certificate_key, lambda world: world.keys.root_key, lambda world: world.keys.office_key, anybodys_key]
FORMS = {
    "pkcs8-pem": lambda key: written(key, Encoding.PEM, PrivateFormat.PKCS8),
    "sec1-pem": lambda key: written(key, Encoding.PEM, PrivateFormat.TraditionalOpenSSL),
    "pkcs8": lambda key: b"x" + written(key, Encoding.DER, PrivateFormat.PKCS8),
    "sec1": lambda key: written(key, Encoding.DER, PrivateFormat.TraditionalOpenSSL),
    "pkcs8-base64": lambda key: base64.b64encode(b"x" + written(key, Encoding.DER, PrivateFormat.PKCS8)),
    "sec1-base64": lambda key: base64.urlsafe_b64encode(written(key, Encoding.DER, PrivateFormat.TraditionalOpenSSL)),
    "scalar": lambda key: scalar(key),
    "scalar-hex": lambda key: scalar(key).hex().encode(),
    "scalar-jwk": lambda key: to_bytes({"kty": "EC", "d": encode(scalar(key))}),
}


def written(key: ec.EllipticCurvePrivateKey, encoding: Encoding, form: PrivateFormat) -> bytes:
    return key.private_bytes(encoding, form, NoEncryption())


def scalar(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_numbers().private_value.to_bytes(32, "big")


@pytest.mark.parametrize("which", KEYS)
@pytest.mark.parametrize("form", FORMS)
def test_a_private_key_that_lies_about_is_found_in_every_form(
    world: World, which: Callable[[World], ec.EllipticCurvePrivateKey], form: str
) -> None:
    bring(world, "active")
    key = which(world)
    act(world, "visit", by=LI_WEI, at="office-pc")
    assert violations(world) == []
    world.drives["blue-usb"].disk.put({"notes": FORMS[form](key)})
    act(world, "visit", by=LI_WEI, at="office-pc")
    # Bare numbers are known as a key only where the judge knows the key.
    assert rules_violated(world) == (set() if which is anybodys_key and "scalar" in form else {"backup-sealed"})


def test_a_private_key_in_the_database_or_a_message_is_found(world: World) -> None:
    bring(world, "active")
    key = scalar(certificate_key(world))
    step = Step(0, "visit", {})
    world.begin(step)
    with suppress(Rejected):
        world.raw("li-wei", Request("POST", "/login", (), key))
    world.end(step, None)
    assert "backup-sealed" in rules_violated(world)
    act(world, "visit", by=LI_WEI, at="office-pc")
    assert violations(world) == []
    with world.store.begin() as connection:
        connection.exec_driver_sql("UPDATE certificates SET der = ?", (key,))
    act(world, "visit", by=LI_WEI, at="office-pc")
    assert "a private key stands in clear in the office's database" in {it.text for it in violations(world)}


def test_a_private_key_amid_zeros_of_the_database_is_found(world: World) -> None:
    bring(world, "active")
    key = bytes(3) + b"k" * 26 + bytes(3)
    world.scalars = (*world.scalars, key)
    with world.store.begin() as connection:
        connection.exec_driver_sql("UPDATE certificates SET der = ?", (bytes(200) + key + bytes(200),))
    act(world, "visit", by=LI_WEI, at="office-pc")
    assert "a private key stands in clear in the office's database" in {it.text for it in violations(world)}


def test_a_key_under_a_password_is_not_bare(world: World) -> None:
    bring(world, "active")
    sealed = certificate_key(world).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    world.drives["blue-usb"].disk.put({"key.pem": sealed})
    act(world, "visit", by=LI_WEI, at="office-pc")
    assert violations(world) == []


def test_the_keys_of_a_world_are_restored_with_it(world: World, cast: Cast) -> None:
    state, key = bring(world, "active").snapshot(), scalar(device_key(world))
    assert state is not None
    other = make_world(cast=cast, policy=Policy(), seed=1, name="test", transport="memory")
    other.restore(state)
    other.drives["blue-usb"].disk.put({"notes": key})
    act(other, "visit", by=LI_WEI, at="office-pc")
    assert "backup-sealed" in rules_violated(other)
    other.close()


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
