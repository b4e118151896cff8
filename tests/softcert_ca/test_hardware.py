"""Hardware ids as they come from real machines (ATTACKS 36, 37)."""

import pytest

from softcert.errors import Rejected
from softcert_ca.hardware import ids_matching, normal_id, read_hardware

MACHINE = {"board": "BRD-4711", "processor": "BFEB-906EA", "disk": "WD-77AF21", "network": "02:42:AC:11:00:02"}


@pytest.mark.parametrize(
    "spelling",
    ["wd-77af21", " WD 77AF21 ", "WD_77AF21", "ＷＤ－７７ＡＦ２１", "WD-77АF21", "WD-77AF2I", "wd-77af2l"],
    ids=["case", "blanks", "other sign", "full width", "Cyrillic A", "I for 1", "l for 1"],
)
def test_one_id_in_many_spellings_is_one_id(spelling):
    assert normal_id(spelling) == normal_id("WD-77AF21")


def test_different_ids_stay_different():
    assert normal_id("WD-77AF21") != normal_id("WD-77AF22")


@pytest.mark.parametrize(
    "blank",
    [
        *("", "   ", "To be filled by O.E.M.", "to be filled by o.e.m", "Default string", "System Serial Number"),
        *("N/A", "0000000000", "FF:FF:FF:FF:FF:FF", "none", "Not Applicable", "123456789"),
    ],
)
def test_vendor_blanks_are_missing(blank):
    assert normal_id(blank) == ""


def test_blanks_never_match_not_even_themselves():
    blank = dict.fromkeys(MACHINE, "")
    assert ids_matching(blank, blank) == 0


def test_matching_counts_each_part():
    now = read_hardware({**MACHINE, "disk": "OTHER-1"})
    assert ids_matching(read_hardware(MACHINE), now) == 3


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {**MACHINE, "more": "1"}, {**MACHINE, "disk": 7}, {**MACHINE, "disk": "x" * 129}],
    ids=["nothing", "list", "empty", "fifth", "number", "long"],
)
def test_hardware_of_another_form_is_malformed(value):
    with pytest.raises(Rejected) as caught:
        read_hardware(value)
    assert caught.value.name == "malformed"
