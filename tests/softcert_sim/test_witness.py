"""Who can use a certificate: what a recovery staged counts from the moment at which the office bound the computer by it.
And whose key a check looks at."""

import json
from dataclasses import replace

import pytest
import real

from softcert_sim import witness
from softcert_sim.invariants import violations
from softcert_sim.product import product
from softcert_sim.stage import Setting, Stage

STEPS = """\
  - plug: {{drive: red-usb, into: office-pc}}
  - recover: {{by: li-wei, at: office-pc, new-pin: kept-apart-7}}
    fault: {fault}
    broken: unknown
"""


@pytest.mark.parametrize(("fault", "usable"), [("cut-request", False), ("cut-answer", True)])
def test_a_staged_key_counts_once_the_office_knows_of_it(fault: str, usable: bool) -> None:
    stage = Stage(product(), Setting())
    scenario = real.written(STEPS.format(fault=fault), "given: {li-wei: backed-up}\n")
    play = stage.open(scenario)
    assert all(play.step(step).green for step in scenario.steps)
    world = play.world
    disk, serial = world.places["office-pc"].machine.disk, world.records.certificates()[0][0]
    [device] = world.records.bound(serial)
    assert witness.has_key(world, device, serial)
    for path, data in disk.files().items():
        if path.startswith("softcert/keys/") and not json.loads(data)["staged"]:
            disk.remove(path)
    assert witness.has_key(world, device, serial) is usable
    stage.close()


@pytest.mark.parametrize("steps", ["", "  - recover: {by: li-wei, at: office-pc}\n"])
def test_a_key_that_its_owner_destroyed_is_missed_again_once_it_came_back(steps: str) -> None:
    begin = "".join(f"  - {step}\n" for step in (
        "reinstall: {at: office-pc}", "install: {by: li-wei, at: office-pc}", "plug: {drive: red-usb, into: office-pc}",
    ))  # fmt: skip
    stage = Stage(product(), Setting())
    scenario = real.written(begin + steps, "given: {li-wei: backed-up}\n")
    play = stage.open(scenario)
    assert all(play.step(step).green for step in scenario.steps)
    disk = play.world.places["office-pc"].machine.disk
    for path in [path for path in disk.files() if path.startswith("softcert/keys/")]:
        disk.remove(path)
    missed = [found.rule for found in violations(play.world)]
    assert missed == (["one-computer"] if steps else [])
    stage.close()


@pytest.mark.parametrize(
    "check", ["check-pin: {at: studio-pc, opens: Jasmine-1987}", "check-tries: {at: studio-pc, left: 10}"]
)
def test_a_check_of_a_key_among_several_peoples_says_whose(check: str) -> None:
    shared = real.named("5-first-login/two-on-one-computer").steps
    steps = shared[: [step.verb for step in shared].index("login")]
    asked = real.written(f"  - {check}\n", "given: {zhang-min: downloaded}\n")
    red = real.play(replace(asked, steps=(*steps, *asked.steps))).red
    assert red is not None
    assert (red.expected, red.differs) == ("`of`: whose key is meant", "author alone")
    assert red.seen == "keys of 张敏 and 杭州西溪茶业有限公司 at studio-pc"
