"""The honest acts of an applicant, from the homepage's question to a filing. By docs/process.md."""

from collections.abc import Mapping
from typing import Any

from softcert_sim.oracle.computer import (
    Args,
    application,
    called,
    driver,
    initial,
    known,
    known_pin,
    learn,
    make_key,
    new_pin,
    newest,
    next_epoch,
    open_key,
    person,
)
from softcert_sim.oracle.facts import INITIAL_PIN, Facts, Key, Name, Stop
from softcert_sim.oracle.form import first_bad_field
from softcert_sim.oracle.moving import finish, finishing
from softcert_sim.oracle.office import (
    alike,
    certificate,
    downloading,
    driver_at_office,
    enough,
    filed,
    filing,
    of_session,
)

_SPELLINGS = ("truncated", "other-case", "percent-encoded", "padded", "with-query")
"""Ways to spell a known address wrongly; any other text leads elsewhere."""
DAY = 86_400


def confirm(w: Facts, a: Args) -> None:
    """The homepage's question; its ticket is good for 30 days."""
    use = a.get("use", True)
    w.pop(("ticket", a["at"]), None)
    try:
        w.decide(lambda: w.no((not use, "confirm-computer/said-no")))
        w.strike("cut")
    except Stop as stop:
        raise Stop(stop.kind, "definite") if stop.kind == "broken" else stop from None
    w["ticket", a["at"]] = w.after(30 * DAY)


def install(w: Facts, a: Args) -> None:
    """What the homepage serves is verified, and is never older than what was here."""
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
    """The driver is gone; keys stay."""
    w["driver", a["at"]] = "missing"


def read_notice(w: Facts, a: Args) -> None:
    """Which notice was read, how, and whether it was accepted."""
    which = a.get("which", "without-e-licence")
    w["read", a["at"]] = (which, w[("notice", which)], a.get("from", "register-now"), a.get("to-the-end", True),
                          a.get("accept", True))  # fmt: skip


def fill(w: Facts, a: Args) -> None:
    """A form waits in the browser."""
    w["draft", a["by"], a["at"]] = (form_of(w, a["by"], a.get("with")), False)


def form_of(w: Facts, by: str, changes: Mapping[str, str] | None) -> tuple[tuple[str, str], ...]:
    """A form as the cast has it, with changes; what is empty is left out."""
    own = {name: text for name, text in w["person", by] if name not in ("kind", "pin", "password")}
    form = {"holds-e-licence": "no", **own, **(changes or {})}
    return tuple(sorted((name, text) for name, text in form.items() if text != ""))


def review(w: Facts, a: Args) -> None:
    """The form was looked over."""
    if not w("draft", a["by"], a["at"]):
        raise Stop("failed", "no form was filled in")
    w["draft", a["by"], a["at"]] = (w["draft", a["by"], a["at"]][0], True)


def apply(w: Facts, a: Args) -> None:
    """The form goes to the office; its applicant learns number and code."""
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
        if csr in ("weak-key", "device-key") or (csr == "own-key" and w("csr-used")):
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
    """By whoever knows the number."""
    at, app = a["at"], known(w, a["by"], "application", a.get("of") or a["by"])
    w.ask(at, *driver(w, at))
    withdrawing(w, at, app)


def withdrawing(w: Facts, at: str, app: Name) -> None:
    """withdraw, at the office; then the key is gone."""
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
    """Addresses in the mailbox become known."""
    owner = a.get("of") or a["by"]
    mails = [value for _, value in w.row("inbox", person(w, owner, "mailbox"))]
    if not mails:
        raise Stop("failed", f"no mail for {owner}")
    learn(w, a["by"], "address", owner, *(address for _, address in mails if address))


def download(w: Facts, a: Args) -> None:
    """An address that somebody knows, or a false one, is opened in the driver."""
    by, at, owner, given = a["by"], a["at"], a.get("of") or a["by"], a.get("address", "")
    if given == "made-up":
        address: Any = (application(w, owner), 0)
    elif given == "own-number":
        app, number = known(w, by, "address", owner)
        address = (application(w, by), number if app == application(w, by) else 0)
    elif given in ("", *_SPELLINGS):
        address = known(w, by, "address", owner, a.get("older", 0))
        address = (address[0], 0) if given else address
    else:
        address = "elsewhere"
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
    opens = key is not None and key.pin == INITIAL_PIN and key.of == w("device", at) and not key.damaged
    w.send(at, "download", address, lambda: downloading(w, at, address, opens))
    if key:
        w["key", at, app] = key._replace(certified=True)
    return app


def change_pin(w: Facts, a: Args) -> None:
    """From the PIN that is known to a new one, in two steps that a power cut tells apart."""
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
    """Whoever logs in knows the session."""
    by, at, owner = a["by"], a["at"], a.get("of") or a["by"]
    pin, name = a.get("pin") or known_pin(w, by, owner), called(w, owner)
    learn(w, by, "session", owner, log_in(w, at, name, pin))


def log_in(w: Facts, at: str, name: str | None, pin: str) -> Name:
    """Two signatures at the office; an unfinished recovery is finished first. Gives the session."""
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


def logout(w: Facts, a: Args) -> None:
    """The session that the driver remembers ends."""
    at = a["at"]
    w.ask(at, *driver(w, at))
    if session := w("memory", at):
        w.send(at, "logout", session, lambda: log_out(w, session, at))
        w.pop(("memory", at))


def log_out(w: Facts, session: Name, at: str) -> None:
    """logout, of the office."""
    state, until, device = w("session", *session)
    w["session", *session] = ("ended" if device == w["device", at] else state, until, device)


def activate(w: Facts, a: Args) -> None:
    """The code that somebody knows, or types, goes to the office."""
    given = a.get("code", "")
    entered = given if given not in ("", "sloppy") else known(
        w, a["by"], "activation-code", a.get("of") or a["by"], a.get("older", 0))  # fmt: skip
    activating(w, a["at"], entered)


def activating(w: Facts, at: str, entered: Any) -> None:
    """activate, of the driver."""
    w.ask(at, *driver(w, at))
    session = w("memory", at)
    w.send(at, "activate", entered, lambda: activated(w, session, at, entered))


def activated(w: Facts, session: Name | None, at: str, entered: Any) -> None:
    """activate, of the office."""
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
    """The new code that the office granted is fetched."""
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
    """A business is signed and sent within a session."""
    at, by, of = a["at"], a["by"], a.get("of")
    session = w("memory", at)
    own: Key | None = w("key", at, session and session[0])
    app = newest(w, at, called(w, of) if of else own and own.name)
    open_key(w, at, app, a.get("pin") or known_pin(w, by, of or by), initial(w, at, app))
    content = (session, a.get("text"), a.get("kind"), app)
    w.send(at, "file", content, lambda: (filing(a), filed(w, session, at, app)))
    if w("serves-receipts", at):
        raise Stop("broken", "unknown")
