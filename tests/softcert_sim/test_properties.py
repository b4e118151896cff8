"""Properties on the real system: whatever is typed, sent, mailed, assumed or altered has an answer with a name.

Each starts from a world that is put back for every example. What a step's arguments are, the oracle must foresee.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from softcert.ports import Request, Response
from softcert.protocol import ACME, DIRECTORY, JOSE, encode, from_bytes, to_bytes
from softcert.rules.policy import RANGES, Policy
from softcert_sim.acted import Acted, act
from softcert_sim.product import product
from softcert_sim.sabotage.hand import Hand, broken
from softcert_sim.sabotage.saboteur import every
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.marks import BadFile
from softcert_sim.scenario.model import PROTOCOL_ERRORS, Step
from softcert_sim.scenario.writing import policy_in_words
from softcert_sim.strategies import (
    MEETING,
    Process,
    forms,
    headers,
    mails,
    messages,
    policies,
    stage,
    steps,
    texts,
)
from softcert_sim.world import World

TRIES = settings(max_examples=settings.default.max_examples, phases=[Phase.generate, Phase.shrink],
                 suppress_health_check=list(HealthCheck))  # fmt: skip
FEWER = settings(TRIES, max_examples=settings.default.max_examples // 3)
TYPED = (
    "read-notice",
    "apply",
    "download",
    "change-pin",
    "login",
    "activate",
    "file",
    "backup",
    "recover",
    "disapprove",
)
ALONE = replace(MEETING, seats=(("li-wei", "office-pc"),), drives=("red-usb",))
BEGINNINGS = ("driver-installed", "applied", "approved", "pin-changed", "active", "backed-up")
BY = {"by": "li-wei", "at": "office-pc"}
THERE = {"by": "li-wei", "at": "home-pc"}


@pytest.fixture(autouse=True, scope="module")
def closed():
    yield
    stage().close()
    ready.cache_clear()


def life(policy: Policy | None = None, **given: str) -> Process:
    """A life that begins there."""
    process = Process()
    process.start(policy or Policy(), {name.replace("_", "-"): prelude for name, prelude in given.items()})
    return process


def said(verb: str, **arguments: Any) -> Step:
    return Step(0, verb, {name.rstrip("_").replace("_", "-"): value for name, value in arguments.items()})


@cache
def ready(given: str, *done: str) -> tuple[Process, Any]:
    """A life where li-wei is so far, and has done this at home; and how it stands there."""
    process = life(li_wei=given)
    for verb in done:
        assert process.do(said(verb, **(THERE if verb == "install" else {"drive": "red-usb", "into": "home-pc"})))
    return process, process.play.take()


def world_at(given: str, *done: str) -> World:
    process, moment = ready(given, *done)
    process.play.put_back(moment)
    return process.world


def done(world: World, verb: str, **arguments: Any) -> Acted:
    acted = act(world, product().registry, said(verb, **arguments))
    assert acted.outcome.kind != "crashed", acted.outcome
    return acted


# What people type


class Typing(Process):
    scope = ALONE


@TRIES
@given(st.sampled_from(BEGINNINGS), st.lists(steps(*TYPED, scope=ALONE), min_size=1, max_size=4))
def test_whatever_is_typed_comes_out_as_the_texts_say(begin: str, todo: list[Step]):
    process = Typing()
    process.start(Policy(), {"li-wei": begin})
    for step in todo:
        process.do(step)


@FEWER
@given(forms(), st.booleans())
def test_any_form_is_accepted_or_told_by_its_field_and_mail_goes_to_its_one_mailbox(form: dict[str, str], hacked: bool):
    process = life(li_wei="driver-installed")
    if hacked:  # the driver sends any form, and the office judges alone
        process.do(said("hack-driver", by="thief", at="office-pc", skip=["form-checked"]))
    process.do(said("read-notice", **BY))
    result = process.do(said("apply", **BY, with_=form))
    assert result is not None
    if result.outcome.kind != "allowed":
        assert result.outcome.detail.partition("/")[0] in ("form-checked", "no-e-licence")
        return
    process.do(said("approve", of="li-wei"))
    [mail] = process.world.inbox.messages()
    [to] = [value for name, value in mail.headers if name.lower() in ("to", "cc", "bcc")]
    assert to == mail.recipient == process.world.people["li-wei"].form(form)["mailbox"]


@FEWER
@given(texts(400))
def test_reasons_arrive_as_they_were_written(reasons: str):
    process = life(li_wei="applied")
    result = process.do(said("disapprove", of="li-wei", reasons=reasons))
    assert result is not None
    if result.outcome.kind == "allowed":
        [mail] = process.world.inbox.messages()
        assert reasons.replace("\r\n", "\n").strip() in mail.text


# What is assumed

WHOLE_LIFE = (
    said("confirm", **BY), said("install", **BY), said("read-notice", **BY), said("apply", **BY),
    said("approve", of="li-wei"), said("read-mail", by="li-wei"), said("download", **BY), said("change-pin", **BY),
    said("login", **BY, pin="Not-this-1"), said("login", **BY), said("activate", **BY, code="Not-this-1"),
    said("activate", **BY), said("file", **BY), said("plug", drive="red-usb", into="office-pc"), said("backup", **BY),
    said("install", **THERE), said("plug", drive="red-usb", into="home-pc"), said("recover", **THERE, code="Not-this-1"),
    said("recover", **THERE), said("login", **THERE), said("file", **THERE), said("login", **BY),
    said("revoke", of="li-wei"), said("login", **THERE),
)  # fmt: skip


@FEWER
@given(policies(), st.integers(0, len(WHOLE_LIFE)))
def test_under_any_policy_a_life_goes_as_the_texts_say(policy: Policy, waits: int):
    process = life(policy)
    for number, step in enumerate(WHOLE_LIFE):
        if number == waits:
            process.do(said("wait", for_=policy.session_lifetime))
        process.do(step)


@TRIES
@given(
    st.sampled_from(sorted(RANGES)),
    texts() | st.integers().map(str) | st.sampled_from(["yes", "no", "2 days", "1 to 9"]),
)
def test_any_value_of_an_assumption_is_taken_or_told(name: str, value: str):
    file = f"softcert: 1\nscenario: x\npolicy: {json.dumps({name: value})}\nsteps: [{{restart: }}]\n"
    loader = Loader(product().registry)
    try:
        [scenario] = loader.load_text("policy.yaml", file, loader.shared(shipped()).cast)
        told = ""
    except BadFile as error:
        told = str(error)
    if told:
        assert told.startswith("policy.yaml:3:")
        return
    taken = getattr(scenario.policy, name.replace("-", "_"))
    least, most = RANGES[name]
    assert not isinstance(taken, int) or least <= taken <= most
    assert policy_in_words(scenario.policy).keys() <= {name}


# What is sent


def sent(world: World, target: str, message: Mapping[str, Any]) -> Response:
    return world.wire("cafe").send(Request("POST", target, (("content-type", JOSE),), to_bytes(message)))


def rejected_by_name(answer: Response) -> bool:
    problem = from_bytes(answer.body)
    return 400 <= answer.status < 500 and problem["type"].removeprefix(ACME) in PROTOCOL_ERRORS and problem["definite"]


@TRIES
@given(headers(), st.sets(st.sampled_from(["alg", "jwk", "nonce", "url"]), max_size=2))
def test_any_other_protected_header_is_rejected_by_name_and_changes_nothing(header: dict[str, Any], without: set[str]):
    world = world_at("applied")
    driver, before = world.places["office-pc"].driver, world.records.fingerprint()
    target, nonce = (
        DIRECTORY["withdraw"],
        world.wire("cafe").send(Request("HEAD", DIRECTORY["newNonce"])).header("replay-nonce"),
    )
    [application] = world.people.knows("li-wei", "application", "li-wei")
    genuine = {"alg": "ES256", "jwk": dict(driver.device()), "nonce": nonce, "url": world.origin + target}
    changed = {name: value for name, value in {**genuine, **header}.items() if name not in without}
    assume(changed != genuine)
    payload = driver.payload("withdraw", target, {"application": application}, nonce, encode(bytes(16)))
    signed = {"protected": encode(to_bytes(changed)), "payload": encode(to_bytes(payload))}
    signature = driver.computer.element.sign("device", f"{signed['protected']}.{signed['payload']}".encode())
    answer = sent(world, target, {**signed, "signature": encode(signature)})
    assert rejected_by_name(answer)
    assert world.records.fingerprint() == before
    # Of the genuine header the office takes the very same.
    signed["protected"] = encode(to_bytes(genuine))
    signature = driver.computer.element.sign("device", f"{signed['protected']}.{signed['payload']}".encode())
    taken = sent(world, target, {**signed, "signature": encode(signature)})
    assert taken.status == 200 or from_bytes(taken.body)["type"] == f"{ACME}badNonce"


@TRIES
@given(messages(), st.sampled_from(sorted(DIRECTORY.values())))
def test_any_message_is_rejected_by_name_and_changes_nothing(message: dict[str, Any], target: str):
    world = world_at("applied")
    before = world.records.fingerprint()
    if target != DIRECTORY["ocsp"]:
        assert rejected_by_name(sent(world, target, message))
    assert sent(world, target, message).status < 500
    assert world.records.fingerprint() == before


# What is mailed


@TRIES
@given(st.lists(mails(), min_size=1, max_size=3))
def test_no_mail_keeps_anybody_from_reading_the_others(foreign: list[bytes]):
    world = world_at("approved")
    for raw in foreign:
        world.inbox.accept("stranger@cafe.example", [world.people["li-wei"].mailbox], raw)
    assert [mail.raw for mail in world.inbox.messages()[-len(foreign) :]] == foreign
    assert done(world, "read-mail", by="li-wei").outcome.kind == "allowed"
    done(world, "scan", by="scanner", of="li-wei")
    assert done(world, "download", **BY).outcome.kind == "allowed"


# What is altered


def altered(data: st.DataObject, whole: bytes) -> bytes:
    """Cut somewhere, or with one byte changed."""
    where = data.draw(st.integers(0, len(whole) - 1), "where")
    change = data.draw(st.integers(0, 255), "change")
    return whole[:where] + bytes([whole[where] ^ change]) + whole[where + 1 :] if change else whole[:where]


@TRIES
@given(st.data())
def test_no_altered_backup_recovers_nor_changes_anything(data: st.DataObject):
    world = world_at("backed-up", "install", "plug")
    disk, home = world.drives["red-usb"].disk, world.places["home-pc"].machine.disk
    path = data.draw(st.sampled_from(sorted(disk.files())), "file")
    whole, before = disk.files()[path], (home.files(), world.records.fingerprint())
    disk.put({path: altered(data, whole)})
    came = done(world, "recover", **THERE).outcome
    assert came.kind == "refused"
    assert came.detail.startswith(("backup-sealed/", "recover-from-removable/no-backup"))
    assert (home.files(), world.records.fingerprint()) == before
    disk.put({path: whole})
    assert done(world, "recover", **THERE).outcome.kind == "allowed"


@TRIES
@given(st.data())
def test_an_altered_key_store_has_an_answer_and_is_good_again_once_it_is_put_back(data: st.DataObject):
    world = world_at("active")
    disk = world.places["office-pc"].machine.disk
    [path] = [name for name in disk.files() if name.endswith("keystore.json")]
    whole, before = disk.files()[path], world.records.fingerprint()
    disk.put({path: altered(data, whole)})
    came = done(world, "login", **BY).outcome
    if came.kind != "allowed":  # a byte that names nothing, such as a blank or the slot's number, does no harm
        assert came.kind in ("refused", "rejected", "broken")
        assert world.records.fingerprint() == before
    disk.put({path: whole})
    assert done(world, "login", **BY).outcome.kind == "allowed"


# Each of these can fail


def only_known_names(protected_of: Any, message: Any) -> dict[str, Any]:
    """A careless office: what stands in a header besides is not looked at."""
    header = protected_of(message)
    return (
        {name: header[name] for name in header if name in ("alg", "jwk", "nonce", "url")}
        if "nonce" in header
        else header
    )


BROKEN: list[tuple[Callable[[], None], Callable[[Hand], None], str]] = [
    (
        test_whatever_is_typed_comes_out_as_the_texts_say,
        every()["initial-pin-stays"].act,
        "expected refused change-initial-pin/",
    ),
    (
        test_any_form_is_accepted_or_told_by_its_field_and_mail_goes_to_its_one_mailbox,
        every()["office-trusts-the-form"].act,
        "expected refused form-checked/",
    ),
    (
        test_under_any_policy_a_life_goes_as_the_texts_say,
        every()["proof-not-asked"].act,
        "expected refused recover-from-removable/wrong-proof",
    ),
    (
        test_any_other_protected_header_is_rejected_by_name_and_changes_nothing,
        lambda hand: hand.wrap("softcert_ca.signed.protected_of", only_known_names),
        "rejected_by_name",
    ),
    (test_no_altered_backup_recovers_nor_changes_anything, every()["driver-reads-any-backup"].act, "== 'refused'"),
]


@pytest.mark.parametrize(("holds", "break_it", "said"), BROKEN, ids=lambda it: getattr(it, "__name__", None))
def test_a_broken_product_is_found_by_the_property_that_is_about_it(
    holds: Callable[[], None], break_it: Callable[[Hand], None], said: str
):
    ready.cache_clear()
    stage().close()
    try:
        with broken(break_it), pytest.raises(AssertionError, match=said):
            holds()
    finally:
        ready.cache_clear()
        stage().close()
