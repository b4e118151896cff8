"""A secure element: keys that stay inside, seals by PIN and epoch, tries that no restored disk gives back."""

import pytest

from softcert.element import DEVICE, Element, ElementState, FileStore, new_scalar
from softcert.errors import Damaged
from softcert.protocol import sign, verify
from softcert_sim.disk import SimDisk
from softcert_sim.entropy import Entropy
from softcert_sim.power import PowerCut


class Store:
    """Keeps the state; `stop` lets the power go right after a save."""

    def __init__(self):
        self.state, self.stop = ElementState(), False

    def load(self):
        return self.state

    def save(self, state):
        self.state = state
        if self.stop:
            raise PowerCut


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def element(store):
    return Element(store, Entropy(1, "element").stream("chip"), rounds=1, pin_tries=3)


def result(element, pin, blob, slot="slot"):
    return element.unseal(slot, pin, blob)[0]


def test_a_key_is_made_once_and_signs_what_its_public_key_verifies(element):
    assert element.public_key(DEVICE) is None
    element.create_key(DEVICE)
    public = element.public_key(DEVICE)
    element.create_key(DEVICE)
    assert element.public_key(DEVICE) == public
    assert verify(sign({}, b"said", lambda data: element.sign(DEVICE, data)), public) == b"said"


def test_a_slot_without_a_key_signs_nothing(element):
    with pytest.raises(KeyError):
        element.sign("nobody", b"")


def test_equal_randomness_gives_equal_keys_and_signatures():
    made = [Element(Store(), Entropy(1, "same").stream("chip"), rounds=1) for _ in range(2)]
    for element in made:
        element.create_key(DEVICE)
    assert made[0].sign(DEVICE, b"x") == made[1].sign(DEVICE, b"x")


def test_scalars_are_never_zero():
    class Zeros:
        def bytes(self, count):
            return bytes(count)

    assert int.from_bytes(new_scalar(Zeros()), "big") == 1


def test_a_seal_opens_with_its_pin_only(element):
    blob = element.seal("slot", "right", b"secret")
    assert b"secret" not in blob
    assert element.unseal("slot", "wrong", blob) == ("wrong-pin", b"")
    assert element.unseal("slot", "right", blob) == ("opened", b"secret")


def test_wrong_pins_lock_and_the_right_one_comes_too_late(element):
    blob = element.seal("slot", "right", b"secret")
    assert [result(element, "wrong", blob) for _ in range(4)] == ["wrong-pin", "wrong-pin", "wrong-pin", "locked"]
    assert result(element, "right", blob) == "locked"
    assert element.tries_left("slot") == 0


def test_a_success_clears_the_count(element):
    blob = element.seal("slot", "right", b"secret")
    for _ in range(3):
        result(element, "wrong", blob)
        result(element, "wrong", blob)
        assert result(element, "right", blob) == "opened"
    assert element.tries_left("slot") == 3


def test_slots_do_not_share_tries(element):
    one, two = (element.seal(slot, "right", b"secret") for slot in ("one", "two"))
    for _ in range(3):
        result(element, "wrong", one, "one")
    assert result(element, "right", two, "two") == "opened"


def test_a_power_cut_between_count_and_comparison_gives_no_free_try(element, store):
    blob = element.seal("slot", "right", b"secret")
    store.stop = True
    for _ in range(3):
        with pytest.raises(PowerCut):
            element.unseal("slot", "wrong", blob)
    store.stop = False
    assert result(element, "right", blob) == "locked"


def test_an_older_epoch_is_refused_and_not_counted(element):
    old = element.seal("slot", "old", b"secret")
    element.advance_epoch("slot")
    assert [result(element, "old", old) for _ in range(5)] == 5 * ["old-keystore"]
    assert element.tries_left("slot") == 3


def test_a_seal_ahead_opens_after_the_step_and_not_before(element):
    element.seal("slot", "old", b"secret")
    ahead = element.seal("slot", "new", b"secret", ahead=1)
    assert element.epoch_of(ahead) == element.epoch("slot") + 1
    assert result(element, "new", ahead) == "old-keystore"
    element.advance_epoch("slot")
    assert result(element, "new", ahead) == "opened"


def test_of_two_seals_ahead_only_the_last_can_ever_open(element):
    """An aborted change of the PIN, kept on a copy of the disk, is worth nothing after the next one."""
    element.seal("slot", "old", b"secret")
    aborted = element.seal("slot", "aborted", b"secret", ahead=1)
    done = element.seal("slot", "done", b"secret", ahead=1)
    element.advance_epoch("slot")
    assert result(element, "aborted", aborted) == "wrong-pin"
    assert result(element, "done", done) == "opened"


def test_whoever_knows_no_pin_gets_no_try_back(element):
    """A change of the PIN was begun: making it the present one, which asks no PIN, gives no second round of guesses."""
    blob = element.seal("slot", "old", b"secret")
    ahead = element.seal("slot", "new", b"secret", ahead=1)
    assert [result(element, "wrong", blob) for _ in range(2)] == ["wrong-pin", "wrong-pin"]
    element.advance_epoch("slot")
    assert [result(element, "wrong", ahead) for _ in range(2)] == ["wrong-pin", "locked"]


def test_a_seal_of_ones_own_clears_no_count(element):
    """Opened with a PIN of one's own, a second seal of the same epoch would give the first one's tries back."""
    blob = element.seal("slot", "right", b"secret")
    assert result(element, "wrong", blob) == "wrong-pin"
    with pytest.raises(ValueError, match="has its seal"):
        element.seal("slot", "mine", b"mine")
    element.seal("slot", "mine", b"mine", ahead=1)
    assert element.tries_left("slot") == 2
    assert result(element, "right", blob) == "opened"


def test_seals_go_one_epoch_ahead_at_most(element):
    with pytest.raises(ValueError, match="next"):
        element.seal("slot", "pin", b"", ahead=2)


def test_a_seal_belongs_to_its_slot_and_element(element):
    blob = element.seal("slot", "pin", b"secret")
    element.seal("other", "pin", b"secret")
    foreign = Element(Store(), Entropy(2, "foreign").stream("chip"), rounds=1)
    assert result(element, "pin", blob, "other") == "wrong-pin"
    assert result(foreign, "pin", blob) == "old-keystore"
    foreign.seal("slot", "pin", b"")
    assert result(foreign, "pin", blob) == "wrong-pin"


@pytest.mark.parametrize("where", range(0, 60, 7))
def test_a_changed_blob_does_not_open(element, where):
    blob = bytearray(element.seal("slot", "pin", b"secret of thirty-three bytes long"))
    blob[where] ^= 1
    assert result(element, "pin", bytes(blob)) in ("wrong-pin", "old-keystore")


@pytest.mark.parametrize("blob", [b"", b"SCS\x01", b"nonsense" * 9])
def test_what_is_no_blob_is_of_no_epoch(element, blob):
    element.seal("slot", "pin", b"secret")
    assert result(element, "pin", blob) == "old-keystore"


def test_a_forgotten_slot_never_opens_again(element):
    blob = element.seal("slot", "pin", b"secret")
    element.forget("slot")
    assert result(element, "pin", blob) == "old-keystore"
    element.seal("slot", "pin", b"other")
    assert result(element, "pin", blob) == "wrong-pin"


def test_the_state_is_a_value_that_can_be_put_back(element, store):
    blob = element.seal("slot", "right", b"secret")
    kept = store.state
    result(element, "wrong", blob)
    element.advance_epoch("slot")
    store.state = kept
    assert element.tries_left("slot") == 3
    assert result(element, "right", blob) == "opened"


def test_the_state_survives_in_bytes(element, store):
    element.create_key(DEVICE)
    element.seal("slot", "right", b"secret")
    element.seal("slot", "right", b"secret", ahead=1)
    assert ElementState.from_bytes(store.state.to_bytes()) == store.state


@pytest.mark.parametrize("data", [b"", b"{}", b'{"format":2,"slots":{}}', b'{"format":1,"slots":{"a":{}}}', b"\xff"])
def test_a_state_that_cannot_be_read_says_so(data):
    with pytest.raises(Damaged):
        ElementState.from_bytes(data)


def test_a_software_element_keeps_its_state_on_the_disk_and_loses_tries_with_it():
    disk = SimDisk("disk")

    def element():
        return Element(FileStore(disk), Entropy(1, "file").stream("chip"), rounds=1, pin_tries=3)

    blob = element().seal("slot", "right", b"secret")
    before = disk.snapshot()
    for _ in range(3):
        result(element(), "wrong", blob)
    disk.power_cut(0)
    assert result(element(), "right", blob) == "locked"
    disk.restore(before)
    assert result(element(), "right", blob) == "opened"
