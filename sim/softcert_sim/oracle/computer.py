"""What drivers decide and do: computers, keys and PINs, and the honest acts of an applicant. By docs/process.md."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from softcert_sim.oracle.facts import INITIAL_PIN, Facts, Key, Name, Stop
from softcert_sim.oracle.form import first_bad_field
from softcert_sim.oracle.office import (
    alike,
    certificate,
    downloading,
    driver_at_office,
    enough,
    filed,
    moved,
    of_session,
)

DAY = 86_400
REMOVABLE = ("flash-drive", "removable-disk")
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
    return (w("knows", who, "pin", of) or (INITIAL_PIN,))[-1]


def person(w: Facts, who: str, what: str) -> Any:
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
    right = key.pin == pin
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


# The acts


def confirm(w: Facts, a: Args) -> None:
    use = a.get("use", True)
    w.pop(("ticket", a["at"]), None)
    try:
        w.decide(lambda: w.no((not use, "confirm-computer/said-no")))
        w.strike("cut")
    except Stop as stop:
        raise Stop(stop.kind, "definite") if stop.kind == "broken" else stop from None
    w["ticket", a["at"]] = w.after(30 * DAY)


def install(w: Facts, a: Args) -> None:
    at = a["at"]
    serves = w("serves", at) or "genuine"
    version = (1, 0, 0) if serves == "older" else w["needed",]
    wrong_date = abs(w.get(("ahead", at), 0)) > 2 * 365 * DAY
    w.no(
        (serves == "unsigned" or wrong_date, "driver-first/unsigned"),
        (serves == "altered", "driver-first/altered"),
        (version < w.get(("newest", at), (0,)), "driver-first/older"),
    )
    w.strike("lost")
    w["newest", at] = version
    w.strike("remembered")
    w["driver", at] = "missing"
    w.strike("cut")
    w["driver", at], w["version", at] = "whole", version


def uninstall(w: Facts, a: Args) -> None:
    w["driver", a["at"]] = "missing"


def read_notice(w: Facts, a: Args) -> None:
    which = a.get("which", "without-e-licence")
    w["read", a["at"]] = (which, w[("notice", which)], a.get("from", "register-now"), a.get("to-the-end", True),
                          a.get("accept", True))  # fmt: skip


def fill(w: Facts, a: Args) -> None:
    w["draft", a["by"], a["at"]] = (form_of(w, a["by"], a.get("with")), False)


def form_of(w: Facts, by: str, changes: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    own = {name: text for name, text in w["person", by] if name not in ("kind", "pin", "password")}
    form = {"holds-e-licence": "no", **own, **(changes or {})}
    return tuple(sorted((name, text) for name, text in form.items() if text != ""))


def review(w: Facts, a: Args) -> None:
    if not w("draft", a["by"], a["at"]):
        raise Stop("failed", "no form was filled in")
    w["draft", a["by"], a["at"]] = (w["draft", a["by"], a["at"]][0], True)


def apply(w: Facts, a: Args) -> None:
    by, at = a["by"], a["at"]
    fields, reviewed = w("draft", by, at) or (form_of(w, by, a.get("with")), a.get("reviewed", True))
    submit(w, by, at, dict(fields), reviewed)
    w.pop(("draft", by, at), None)
    app = w["submitted",]
    w["called", by] = dict(fields)["name"]
    for who in ("", by):
        learn(w, who, "application", by, app)
        learn(w, who, "activation-code", by, (app, 1))


def submit(w: Facts, by: str, at: str, form: Mapping[str, str], reviewed: bool) -> None:
    """apply, of the driver and of the office; the number of the application is left in `submitted`."""
    bad = first_bad_field(form)
    formal = (bad, f"form-checked/{bad}"), (not reviewed, "form-checked/not-reviewed")
    w.ask(at, *driver(w, at), *formal)
    csr, borrowed = w.hack(at, "csr"), w.hack(at, "confirmation-of")
    ticket, read = w("ticket", borrowed or at), w("read", at) or (None, 0, "", False, False)
    forged = ticket == -1 or (borrowed and w.hack(at, "renamed")) or (ticket and ticket < w.now())
    current = w("notice", "without-e-licence")

    def office() -> Name:
        device = w("device", at)
        recent = [until for until in w("flood", device) or () if until > w.now()]
        if len(recent) >= w.policy["flood_limit"]:
            raise Stop("rejected", "rateLimited")
        if csr in ("other-subject", "extra-extension", "unproven"):
            raise Stop("rejected", "badCSR")
        if csr == "weak-key" or (csr == "own-key" and w("csr-used")):
            raise Stop("rejected", "badPublicKey")
        w.no(
            (form.get("holds-e-licence") == "yes", "no-e-licence/holder"),
            (not ticket, "confirm-computer/not-confirmed"),
            (forged, "confirm-computer/forged"),
            (borrowed and w("device", borrowed) != device, "confirm-computer/other-computer"),
            *driver_at_office(w, at),
            (read[0] is None, "read-notice/not-read"),
            (read[0] == "with-e-licence", "read-notice/other-notice"),
            (read[1] != current, "read-notice/changed"),
            (read[2] != "register-now", "read-notice/not-from-register-now"),
            (not read[3], "read-notice/not-to-the-end"),
            (not read[4], "read-notice/not-accepted"),
            *formal,
            enough(w, at),
        )
        app = (by, w.count("applied", by))
        w["flood", device] = (*recent, w.after(DAY))
        w["csr-used",] = bool(csr)
        w["application", app], w["applied-on", app] = "submitted", (device, w["ids", at])
        w["code", app], w["tries", app], w["proofs", app], w["mailbox", app] = 1, 0, 0, form["mailbox"]
        return app

    app = w["submitted",] = w.send(at, "apply", tuple(sorted(form.items())), office)
    make_key(w, at, app, form["name"], INITIAL_PIN, certified=False)


def withdraw(w: Facts, a: Args) -> None:
    at, app = a["at"], known(w, a["by"], "application", a.get("of") or a["by"])
    w.ask(at, *driver(w, at))
    withdrawing(w, at, app)


def withdrawing(w: Facts, at: str, app: Name) -> None:
    def office() -> None:
        w.no((w("device", at) != w("applied-on", app)[0], "same-computer-use/other-computer"))
        if w("application", app) not in ("submitted", "approved"):
            raise Stop("rejected", "conflict")
        w["application", app] = "withdrawn"
        for name, (state, until) in w.row("address", app):
            w[name] = ("replaced" if state == "live" else state, until)

    w.send(at, "withdraw", app, office)
    w.pop(("key", at, app), None)


def read_mail(w: Facts, a: Args) -> None:
    owner = a.get("of") or a["by"]
    mails = [value for _, value in w.row("inbox", person(w, owner, "mailbox"))]
    if not mails:
        raise Stop("failed", f"no mail for {owner}")
    learn(w, a["by"], "address", owner, *(address for _, address in mails if address))


def download(w: Facts, a: Args) -> None:
    by, at, owner, given = a["by"], a["at"], a.get("of") or a["by"], a.get("address", "")
    if given == "made-up":
        address: Any = (application(w, owner), 0)
    elif given == "own-number":
        app, number = known(w, by, "address", owner)
        address = (application(w, by), number if app == application(w, by) else 0)
    else:
        address = known(w, by, "address", owner, a.get("older", 0))
        address = (address[0], 0) if given else address
    app = get_certificate(w, at, address)
    learn(w, by, "pin", owner, INITIAL_PIN)
    learn(w, by, "serial", owner, app)


def get_certificate(w: Facts, at: str, address: Any) -> Name:
    """The download of an address: (application, number of the address, 0 for a false one)."""
    w.ask(at, *driver(w, at))
    if address == "elsewhere":
        raise Stop("rejected", "malformed")
    app = address[0]
    key: Key | None = w("key", at, app)
    opens = key is not None and key.pin == INITIAL_PIN and key.of == w("device", at)
    w.send(at, "download", address, lambda: downloading(w, at, address, opens))
    if key:
        w["key", at, app] = key._replace(certified=True)
    return app


def change_pin(w: Facts, a: Args) -> None:
    at, by, owner = a["at"], a["by"], a.get("of") or a["by"]
    new, old = a.get("to") or person(w, by, "pin"), a.get("pin") or known_pin(w, by, owner)
    app = newest(w, at, called(w, owner))
    open_key(w, at, app, old, new_pin(w, new))
    w.strike("lost", "cut")
    key: Key = w["key", at, app]
    w["key", at, app] = key._replace(prepared=new)
    w.strike("prepared")
    next_epoch(w, at, app)
    w.strike("done")
    learn(w, by, "pin", owner, new)


def login(w: Facts, a: Args) -> None:
    by, at, owner = a["by"], a["at"], a.get("of") or a["by"]
    pin, name = a.get("pin") or known_pin(w, by, owner), called(w, owner)
    learn(w, by, "session", owner, log_in(w, at, name, pin))


def log_in(w: Facts, at: str, name: str | None, pin: str) -> Name:
    staged = finishing(w, at, name, pin)
    app = staged or newest(w, at, name)
    if not staged:
        open_key(w, at, app, pin, initial(w, at, app))

    def office() -> Name:
        w.no(*driver_at_office(w, at), *certificate(w, at, app))
        for row, (state, until, device) in w.row("session", app):
            w[row] = ("ended" if device == w["device", at] else state, until, device)
        session = (app, w.count("sessions", app))
        w["session", *session] = ("live", w.after(w.policy["session_lifetime"]), w["device", at])
        return session

    session = w["memory", at] = w.send(at, "login", (app, w.count("login", at)), office)
    if staged:
        finish(w, at, staged)
    return session


def finishing(w: Facts, at: str, name: str | None, pin: str) -> Name | None:
    """An unfinished recovery whose request may have reached the office, if this is its new PIN or nothing else is here."""
    content, reached, _ = w("pending", at, "recover") or (None, False, None)
    if content is None or content[3] not in (name, None):
        return None
    (app, _), _, new, _ = content
    if new != pin and (w("key", at, app) or newest(w, at, name)):
        return None
    w.ask(at, *driver(w, at), (new != pin, "pin-guards-key/wrong-pin"))
    if not reached and w("key", at, app):
        raise Stop("broken", "definite")
    return app


def finish(w: Facts, at: str, app: Name) -> None:
    content = w.pop(("pending", at, "recover"))[0]
    make_key(w, at, app, content[3], content[2], certified=True)


def logout(w: Facts, a: Args) -> None:
    at = a["at"]
    w.ask(at, *driver(w, at))
    if session := w("memory", at):
        w.send(at, "logout", session, lambda: log_out(w, session, at))
        w.pop(("memory", at))


def log_out(w: Facts, session: Name, at: str) -> None:
    state, until, device = w("session", *session)
    w["session", *session] = ("ended" if device == w["device", at] else state, until, device)


def activate(w: Facts, a: Args) -> None:
    given = a.get("code", "")
    entered = given if given not in ("", "sloppy") else known(
        w, a["by"], "activation-code", a.get("of") or a["by"], a.get("older", 0))  # fmt: skip
    activating(w, a["at"], entered)


def activating(w: Facts, at: str, entered: Any) -> None:
    w.ask(at, *driver(w, at))
    session = w("memory", at)
    w.send(at, "activate", entered, lambda: activated(w, session, at, entered))


def activated(w: Facts, session: Name | None, at: str, entered: Any) -> None:
    app = of_session(w, session, at)
    w.no(
        (w("certificate", app) != "issued", "activate-first/already-active"),
        (w("tries", app) >= w.policy["activation_tries"], "activate-first/locked"),
    )
    if entered != (app, w("code", app)):
        if w.count("tries", app) >= w.policy["activation_tries"]:
            for row, (_, until, device) in w.row("session", app):
                w[row] = ("ended", until, device)
        raise Stop("refused", "activate-first/wrong-code")
    w["certificate", app], w["tries", app] = "active", 0


def collect_code(w: Facts, a: Args) -> None:
    at, owner = a["at"], a.get("of") or a["by"]
    app = known(w, a["by"], "application", owner)
    w.ask(at, *driver(w, at))

    def office() -> Name:
        bound = w("bound", app) or (w("applied-on", app),)
        w.no(*alike(w, at, bound), *((w("application", app) == dead, f"approved-only/{dead}")
                                     for dead in ("disapproved", "withdrawn", "revoked")),
             (not w("granted", app), "activate-first/no-reissue"))  # fmt: skip
        w["granted", app] = False
        return app, w["code", app]

    code = w.send(at, "new-code", app, office)
    for who in ("", a["by"]):
        learn(w, who, "activation-code", owner, code)


def file(w: Facts, a: Args) -> None:
    at, by, of = a["at"], a["by"], a.get("of")
    session = w("memory", at)
    own: Key | None = w("key", at, session and session[0])
    app = newest(w, at, called(w, of) if of else own and own.name)
    open_key(w, at, app, a.get("pin") or known_pin(w, by, of or by), initial(w, at, app))
    content = (session, a.get("text"), a.get("kind"), app)
    w.send(at, "file", content, lambda: filed(w, session, at, app))
    if w("serves-receipts", at):
        raise Stop("broken", "unknown")


def backup(w: Facts, a: Args) -> Name:
    at, by, owner = a["at"], a["by"], a.get("of") or a["by"]
    password = a.get("password") or person(w, by, "password")
    app = newest(w, at, called(w, owner))
    place, kind = drive(w, at, a.get("to"))
    open_key(w, at, app, a.get("pin") or known_pin(w, by, owner), initial(w, at, app), lambda: (
        (kind == "none", "backup-to-removable/no-drive"),
        (kind not in REMOVABLE, "backup-to-removable/not-removable"),
        (a.get("folder") and w("link", place) == a["folder"], "backup-to-removable/leaves-the-drive"),
        (len(password) < w.policy["backup_password"], "backup-sealed/weak-password"),
    ))  # fmt: skip
    if w.fault == "drive":
        raise Stop("broken", "definite")

    def office() -> Name:
        w.no(*driver_at_office(w, at), *certificate(w, at, app))
        number = (app, w.count("backups", app))
        w["backup", *number] = ("registered", w["generation", app])
        return number

    number = w.send(at, "backup", (place, password, app), office)
    w["file", place, number] = (called(w, owner), password, "whole")
    learn(w, by, "password", owner, password)
    learn(w, by, "backup", owner, number)
    return number


def recover(w: Facts, a: Args) -> None:
    at, by, owner = a["at"], a["by"], a.get("of") or a["by"]
    pin, code, name = a.get("new-pin") or person(w, by, "pin"), a.get("code", ""), called(w, owner)
    entered = code if code not in ("", "sloppy") else known(w, by, "activation-code", owner)
    password = a.get("password") or known(w, by, "password", owner)
    chosen = w(("label", a["backup"])) if a.get("backup") else None
    recovering(w, at, a.get("from"), password, entered, pin, name, chosen)
    learn(w, by, "pin", owner, pin)


def recovering(w: Facts, at: str, named: str | None, password: str, proof: Any, pin: str, name: str, chosen: Any) -> None:
    place, kind = drive(w, at, named)
    fits = [(value[2] == "whole", number, value) for (_, _, number), value in w.row("file", place)
            if value[0] == name and chosen in (None, number)]  # fmt: skip
    _, number, (_, sealed, stands) = max(fits) if fits else (False, (("", 0), 0), ("", "", "none"))
    if w.fault.startswith("swapped"):  # the package is this drive's, and the manifest the other's
        stands = (w("file", w.fault[8:], number) or ("", "", "altered"))[2]
    w.ask(
        at, *driver(w, at), *new_pin(w, pin),
        (kind == "none", "recover-from-removable/no-drive"),
        (kind not in REMOVABLE, "recover-from-removable/not-removable"),
        (stands == "none", "recover-from-removable/no-backup"),
        *((stands == bad, f"backup-sealed/{bad}") for bad in ("newer-format", "unregistered", "foreign")),
        (stands in ("altered", "renamed"), "backup-sealed/altered"),
        (sealed != password, "backup-sealed/wrong-password"),
    )  # fmt: skip
    if w.fault == "drive" or kind == "none" or stands == "none" or sealed != password:
        raise Stop("broken", "definite")
    app = number[0]
    registered = None if stands != "whole" else number
    w.send(at, "recover", (number, proof, pin, name), lambda: moved(w, at, app, registered, proof))
    w.pop(("memory", at), None)
    make_key(w, at, app, name, pin, certified=True)
