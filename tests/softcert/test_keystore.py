"""The sealed key: exactly one PIN opens it, whatever fails; a restored disk brings nothing back."""

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from softcert.element import DEVICE
from softcert.errors import Damaged
from softcert.keystore import KeyStores
from softcert.protocol import sign, verify
from softcert_sim.clock import SimClock
from softcert_sim.entropy import Entropy
from softcert_sim.machine import SimComputer
from softcert_sim.power import PowerCut
from softcert_sim.world import office_keys

INITIAL, FIRST, SECOND = "12345678", "First-Pin 1", "Second-Pin 2"


def computer(name="office-pc"):
    return SimComputer(name, SimClock(0), Entropy(3, "keystore"), rounds=1)


def stores_of(machine):
    return KeyStores(machine.disk, machine.element, machine.entropy)


@pytest.fixture
def machine():
    return computer()


@pytest.fixture
def stores(machine):
    return stores_of(machine)


def opened(stores, pin, which=0):
    return stores.open(stores.all()[which], pin)[0]


def test_a_fresh_key_opens_with_the_initial_pin_and_says_so(stores):
    made = stores.create("Li Wei", INITIAL)
    assert stores.all() == (made,)
    result, key = stores.open(made, INITIAL)
    assert (result, key.initial, stores.seal_of(made).initial) == ("opened", True, True)
    assert verify(sign({}, b"said", key.signer), made.public_key) == b"said"


def test_the_key_is_nowhere_on_the_disk_in_clear(machine, stores):
    made = stores.create("Li Wei", INITIAL)
    key = stores.open(made, INITIAL)[1]
    for data in machine.disk.files().values():
        assert key.scalar not in data
        assert key.scalar.hex().encode() not in data


def test_a_changed_pin_replaces_the_initial_one(stores):
    made = stores.create("Li Wei", INITIAL)
    stores.change_pin(made, stores.open(made, INITIAL)[1], FIRST)
    assert (opened(stores, INITIAL), opened(stores, FIRST)) == ("wrong-pin", "opened")
    result, key = stores.open(stores.all()[0], FIRST)
    assert (result, key.initial, stores.seal_of(stores.all()[0]).initial) == ("opened", False, False)


def test_a_power_cut_anywhere_in_a_pin_change_leaves_exactly_one_pin():
    nth, cut, seen = 0, True, set()
    while cut:
        nth += 1
        for choice in (0, 1, -1):
            machine = computer()
            stores = stores_of(machine)
            made = stores.create("Li Wei", INITIAL)
            key = stores.open(made, INITIAL)[1]
            machine.power.arm(nth)
            try:
                stores.change_pin(made, key, FIRST)
                cut = False
                machine.power.disarm()
            except PowerCut:
                machine.power_cut(choice)
            works = [pin for pin in (INITIAL, FIRST) if opened(stores_of(machine), pin) == "opened"]
            assert len(works) == 1, (nth, choice)
            seen.update(works)
            again = stores_of(machine)
            again.change_pin(again.all()[0], again.open(again.all()[0], works[0])[1], SECOND)
            assert [opened(again, pin) for pin in (INITIAL, FIRST, SECOND)] == ["wrong-pin", "wrong-pin", "opened"]
    assert seen == {INITIAL, FIRST}
    assert nth > 10


def test_what_a_power_cut_left_of_a_new_slot_is_gone_with_the_next():
    nth, cut, halves = 0, True, 0
    while cut:
        nth += 1
        for choice in range(1, 60):
            machine = computer()
            machine.power.arm(nth)
            try:
                stores_of(machine).create("Li Wei", INITIAL)
                cut = False
                machine.power.disarm()
            except PowerCut:
                machine.power_cut(choice)
            halves += any(path.endswith(".new") for path in machine.disk.files())
            kept = {store.slot for store in stores_of(machine).all()}
            made = stores_of(machine).create("Li Wei", INITIAL)
            found = {path.split("/")[2] for path in machine.disk.files()}
            assert found == {*kept, made.slot}, (nth, choice)
    assert halves > 0


def test_a_folder_that_somebody_put_among_the_slots_costs_no_key(machine, stores):
    machine.element.create_key(DEVICE)
    machine.disk.put({f"softcert/keys/{DEVICE}/note.txt": b"nothing"})
    stores.create("Li Wei", INITIAL)
    assert machine.element.public_key(DEVICE)


def test_a_restored_disk_brings_back_neither_the_initial_pin_nor_tries(machine, stores):
    made = stores.create("Li Wei", INITIAL)
    before = machine.disk.snapshot()
    stores.change_pin(made, stores.open(made, INITIAL)[1], FIRST)
    machine.disk.restore(before)
    assert (opened(stores, INITIAL), opened(stores, FIRST)) == ("old-keystore", "old-keystore")


def test_a_restored_disk_brings_back_no_tries(machine, stores):
    stores.create("Li Wei", FIRST)
    before = machine.disk.snapshot()
    for _ in range(10):
        opened(stores, "wrong")
    machine.disk.restore(before)
    assert opened(stores, FIRST) == "locked"


def test_a_pin_of_an_aborted_change_stays_dead_on_every_copy(machine, stores):
    """The disk as it was in the midst of an aborted change, restored after the next change."""
    made = stores.create("Li Wei", INITIAL)
    key = stores.open(made, INITIAL)[1]
    machine.power.arm(1, "element", "saved")
    with pytest.raises(PowerCut):
        stores.change_pin(made, key, FIRST)
    machine.power_cut(-1)
    aborted = machine.disk.snapshot()
    stores.change_pin(stores.all()[0], key, SECOND)
    machine.disk.restore(aborted)
    assert opened(stores, FIRST) != "opened"


def test_a_copied_key_store_does_not_open_elsewhere(machine, stores):
    stores.create("Li Wei", FIRST)
    other = computer("home-pc")
    machine.clone_disk_to(other)
    assert opened(stores_of(other), FIRST) == "old-keystore"


def test_the_flag_in_the_file_cannot_make_an_initial_pin_a_changed_one(stores):
    made = stores.create("Li Wei", INITIAL)
    forged = replace(made, current=replace(made.current, initial=False))
    assert stores.open(stores.save(forged), INITIAL)[1].initial


def test_a_file_that_names_another_key_is_damaged(stores):
    one, two = stores.create("Li Wei", FIRST), stores.create("Li Wei", FIRST)
    with pytest.raises(Damaged):
        stores.open(replace(one, public_key=two.public_key), FIRST)


def test_slots_are_listed_in_the_order_in_which_they_were_made(stores):
    made = [stores.create(f"Company {number}", FIRST) for number in range(5)]
    assert stores.all() == tuple(made)


def test_a_slot_is_found_by_its_application(stores):
    stores.create("Li Wei", FIRST)
    mine = stores.save(replace(stores.create("Li Wei", FIRST), application="a-2"))
    assert stores.find("a-2") == mine
    assert stores.find("a-1") is None
    assert stores.find("") is None


def test_what_was_stored_is_read_again(stores):
    made = stores.create("李伟", FIRST)
    root = office_keys(1).root.public_bytes(Encoding.DER)
    full = replace(made, application="a", certificate=root, chain=(b"\x02", b"\x03"), staged=True, next=made.current)
    stores.save(full)
    assert stores.all() == (full,)


def test_a_removed_slot_is_gone_from_disk_and_element(machine, stores):
    made = stores.create("Li Wei", FIRST)
    before = machine.disk.snapshot()
    stores.remove(made.slot)
    assert stores.all() == ()
    assert machine.disk.files() == {}
    machine.disk.restore(before)
    assert opened(stores, FIRST) == "old-keystore"


def test_a_replaced_slot_does_not_count_even_while_its_files_are_there(stores):
    old = stores.create("Li Wei", FIRST)
    new = stores.create("Li Wei", SECOND, staged=True)
    stores.save(replace(new, replaces=(old.slot,)))
    assert [store.slot for store in stores.all()] == [old.slot, new.slot]
    stores.save(replace(new, replaces=(old.slot,), staged=False))
    assert [store.slot for store in stores.all()] == [new.slot]


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"seals":{}}', b"\xff"])
def test_a_damaged_file_is_no_certificate(machine, stores, data):
    made = stores.create("Li Wei", FIRST)
    stores.create("Zhang Min", FIRST)
    machine.disk.write(f"softcert/keys/{made.slot}/keystore.json", data)
    assert [store.name for store in stores.all()] == ["Zhang Min"]


@pytest.mark.parametrize(("field", "value"), [("name", ["Li Wei"]), ("name", {}), ("certificate", "eA")])
def test_a_file_with_something_of_another_kind_is_no_certificate(machine, stores, field, value):
    path = f"softcert/keys/{stores.create('Li Wei', FIRST).slot}/keystore.json"
    machine.disk.write(path, json.dumps({**json.loads(machine.disk.read(path)), field: value}).encode())
    assert stores.all() == ()


def test_a_given_key_can_be_sealed(stores):
    key = stores.open(stores.create("Li Wei", FIRST), FIRST)[1]
    again = stores.create("Li Wei", SECOND, key.scalar)
    assert stores.open(again, SECOND)[1].scalar == key.scalar
