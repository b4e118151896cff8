"""What people know, and what their computers hold: drivers, keys, PINs, drives. By docs/process.md."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from softcert_sim.oracle.facts import INITIAL_PIN, Facts, Key, Name, Stop

Args = Mapping[str, Any]


# What people know


def learn(w: Facts, who: str, topic: str, of: str, *values: Any) -> None:
    """Later knowledge takes the place of earlier."""
    for value in values:
        w["knows", who, topic, of] = (*(v for v in w.get(("knows", who, topic, of), ()) if v != value), value)


def known(w: Facts, who: str, topic: str, of: str, older: int = 0) -> Any:
    """What somebody knows; who asks for what nobody taught has written a wrong scenario."""
    values = w("knows", who, topic, of) or ()
    if len(values) <= older:
        raise Stop("failed", f"{who} does not know the {topic} of {of}")
    return values[-1 - older]


def known_pin(w: Facts, who: str, of: str) -> str:
    """The PIN that somebody uses: the last that became known, or else the initial one."""
    return (w("knows", who, "pin", of) or (INITIAL_PIN,))[-1]


def person(w: Facts, who: str, what: str) -> Any:
    """What the cast says of a person."""
    return dict(w["person", who]).get(what, "")


def called(w: Facts, who: str) -> str:
    """The name under which a person applied last."""
    return w.get(("called", who)) or person(w, who, "name")


def application(w: Facts, of: str) -> Name:
    """The latest that became known."""
    return known(w, "", "application", of)


def certified(w: Facts, of: str) -> Name | None:
    """The latest application of a person that has a certificate."""
    apps = [app for app in w("knows", "", "application", of) or () if w("certificate", app)]
    return apps[-1] if apps else None


# Driver, key and drive


def driver(w: Facts, at: str) -> tuple[tuple[Any, str], ...]:
    """use-driver 1 and 2."""
    state = w("driver", at) or "missing"
    return (state == "missing", "driver-first/missing"), (state != "whole", "driver-first/altered")


def new_pin(w: Facts, pin: str) -> tuple[tuple[Any, str], ...]:
    """change-pin 3 to 8, recover 3 to 8."""
    shortest, longest = w.policy["pin"]
    steps = {ord(b) - ord(a) for a, b in pairwise(pin)}
    return (
        (pin == INITIAL_PIN, "change-initial-pin/same-as-initial"),
        (len(pin) < shortest, "change-initial-pin/too-short"),
        (len(pin) > longest, "change-initial-pin/too-long"),
        (not all(" " <= sign <= "~" for sign in pin), "change-initial-pin/characters"),
        (steps == {0}, "change-initial-pin/repeated"),
        (steps in ({1}, {-1}), "change-initial-pin/running"),
    )


def next_epoch(w: Facts, at: str, app: Name | None) -> None:
    """The one moment at which the old PIN dies, and the new one works if the key was sealed under it before."""
    key: Key = w["key", at, app]
    epoch, wrong = w["slot", at, key.slot]
    w["slot", at, key.slot] = (epoch + 1, wrong)
    if key.prepared:
        w["key", at, app] = key._replace(pin=key.prepared, prepared="", epoch=epoch + 1)


def newest(w: Facts, at: str, name: str | None) -> Name | None:
    """The certificate that is meant: the newest of the name, or the newest if all here bear one name."""
    here = [(key.slot, app, key.name) for (_, _, app), key in keys(w, at) if key.certified]
    fits = [(slot, app) for slot, app, bears in here if name in (None, bears)]
    return max(fits)[1] if fits and (name or len({bears for *_, bears in here}) == 1) else None


def keys(w: Facts, at: str) -> list[tuple[Name, Key]]:
    """Every key store at a computer."""
    return w.row("key", at)


def make_key(w: Facts, at: str, app: Name, name: str, pin: str, *, certified: bool) -> None:
    """A key in a slot of its own in the computer's element, with no wrong PIN counted."""
    slot = w.count("slots", at)
    w["slot", at, slot] = (0, 0)
    w["key", at, app] = Key(name, pin, slot, w["device", at], certified)


def element(w: Facts, at: str, app: Name | None, pin: str) -> str:
    """What the secure element says: it counts before it compares."""
    if app is None:
        return "untried"
    key: Key = w("key", at, app)
    epoch, wrong = w("slot", at, key.slot) or (None, 0)
    if epoch != key.epoch or key.of != w("device", at):
        return "old-keystore"
    if wrong >= w.policy["pin_tries"]:
        return "locked"
    w.strike("unopened")
    right = key.pin == pin and not key.damaged
    w["slot", at, key.slot] = (epoch, wrong + 1)
    w.strike("counted")
    if right:
        w["slot", at, key.slot] = (epoch, 0)
    return "opened" if right else "wrong-pin"


def open_key(w: Facts, at: str, app: Name | None, pin: str, first: tuple[tuple[Any, str], ...],
             then: Callable[[], tuple[tuple[Any, str], ...]] = tuple) -> None:  # fmt: skip
    """use-key and its like: what stands before the PIN, the PIN, what stands after it."""
    w.ask(at, *driver(w, at), *first)
    said = element(w, at, app, pin)
    pins = tuple((said == reason, f"pin-guards-key/{reason}") for reason in ("old-keystore", "locked", "wrong-pin"))
    w.ask(at, *pins, *then(), (app is None, "valid-certificate/no-certificate"))
    if said != "opened":
        raise Stop("broken", "definite")


def initial(w: Facts, at: str, app: Name | None) -> tuple[tuple[Any, str], ...]:
    """use-key 3."""
    return ((app is not None and w("key", at, app).pin == INITIAL_PIN, "change-initial-pin/initial"),)


def drive(w: Facts, at: str, named: str | None) -> tuple[str, str]:
    """The drive that is named or was plugged in last, and its kind."""
    plugged = w("plugged", at) or ()
    if named in ("system-disk", "network-share"):
        return named if named == "network-share" else at, named
    name = named or (plugged[-1] if plugged else "")
    return name, w["drive", name] if name in plugged else "none"
