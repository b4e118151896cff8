"""What attackers do, as far as plain facts say it. What nobody can know is left unsaid."""

from collections.abc import Callable
from typing import Any

from softcert_sim.oracle.applicant import (
    activated,
    activating,
    form_of,
    get_certificate,
    log_in,
    log_out,
    submit,
    withdrawing,
)
from softcert_sim.oracle.computer import (
    Args,
    application,
    called,
    drive,
    known,
    learn,
    make_key,
    newest,
    next_epoch,
    person,
)
from softcert_sim.oracle.facts import Facts, Moment, Stop
from softcert_sim.oracle.moving import recovering
from softcert_sim.oracle.office import certificate, driver_at_office, filed, moved


def steal(w: Facts, a: Args) -> None:
    """Whoever steals knows what the owner knew."""
    by, what, of = a["by"], a["what"], a["of"]
    if what in ("mailbox", "everything"):
        learn(w, by, "address", of, *(letter[1] for _, letter in w.row("inbox", person(w, of, "mailbox")) if letter[1]))
    everything = ("address", "activation-code", "pin", "password", "application", "session", "backup")
    for topic in everything if what == "everything" else () if what == "mailbox" else (what,):
        learn(w, by, topic, of, *(w.get(("knows", of, topic, of)) or ()))


def hack_driver(w: Facts, a: Args) -> None:
    """The driver is changed: what it skips, claims and borrows."""
    at = a["at"]
    changes = ("skip", "claims", "confirmation-of", "renamed", "csr")
    none = a.get("confirmation-of") and not w("ticket", a["confirmation-of"])  # there is nothing to borrow
    w["hack", at] = tuple((name, a[name]) for name in changes if name in a and not (none and name == "confirmation-of"))
    if a.get("session-of"):
        w["memory", at] = w.get(("memory", a["session-of"]))
    if a.get("ticket") == "invented":
        w["ticket", at] = Moment(-1)


def guess(w: Facts, a: Args) -> None:
    """Through the driver, again and again; the last try decides."""
    by, at, of, what = a["by"], a["at"], a["of"], a["what"]
    name, pin = called(w, of), person(w, by, "pin")
    tries: dict[str, Callable[[], Any]] = {
        "address": lambda: get_certificate(w, at, (application(w, of), 0)),
        "activation-code": lambda: activating(w, at, None),
        "pin": lambda: log_in(w, at, name, "no pin"),
        "password": lambda: recovering(w, at, None, "no password", "", pin, name, None),
        "recovery-code": lambda: recovering(w, at, None, known(w, by, "password", of), None, pin, name, None),
    }
    for left in reversed(range(a.get("times", 1))):
        try:
            tries[what]()
        except Stop as stop:
            if left == 0 or stop.kind not in ("refused", "rejected"):
                raise


def flood(w: Facts, a: Args) -> None:
    """Applications of invented companies; the last decides."""
    fields = dict(form_of(w, a["by"], None))
    for number in range(a["times"]):
        form = {**fields, "name": f"Shell company {number}", **({"mailbox": a["mailbox"]} if a.get("mailbox") else {})}
        try:
            submit(w, a["by"], a["at"], form, True)
        except Stop:
            if number == a["times"] - 1:
                raise


def forge(w: Facts, a: Args) -> None:
    """A false mail, or a certificate that this office did not issue."""
    if a["what"] == "mail":
        learn(w, a["of"], "address", a["of"], "elsewhere")
        box = person(w, a["of"], "mailbox")
        w["inbox", box, w.count("letters", box)] = ("result", None)
    elif "at" not in a:
        raise Stop("failed", "`at` is missing")
    elif app := newest(w, a["at"], None):
        w["key", a["at"], app] = w["key", a["at"], app]._replace(forged=a["what"].removeprefix("certificate-"))


def extract(w: Facts, a: Args) -> None:
    """A key is taken out of a backup whose password is known."""
    at, by, of = a["at"], a["by"], a["of"]
    place, _ = drive(w, at, None)
    password = a.get("password") or known(w, by, "password", of)
    found = [number for (_, _, number), value in w.row("file", place) if value[1] == password]
    if not found:
        raise Stop("failed", "no backup that the password opens")
    pin = person(w, by, "pin")
    make_key(w, at, found[0][0], called(w, of), pin, certified=True)
    learn(w, by, "pin", of, pin)


_STANDS = {
    "removed": "unregistered", "newer-format": "newer-format", "another-office": "foreign", "other-purpose": "foreign",
}  # fmt: skip
"""How a backup stands whose manifest was altered; else something does not fit, be it the signature."""


def alter(w: Facts, a: Args) -> None:
    """What is altered, and how it stands then."""
    what, on, how = a["what"], a["on"], a.get("how", "one-byte")
    if what in ("backup", "manifest"):
        for row, (name, password, _) in w.row("file", on):
            stands = "renamed" if how == "renamed" else _STANDS.get(how) if what == "manifest" else None
            w[row] = (name, password, stands or "altered")
    elif what in ("driver", "driver-manifest"):
        w["driver", on] = "missing" if how in ("removed", "renamed") else "altered"
    elif what == "driver-download":
        w["serves", on] = {"genuine": "genuine", "older": "older", "one-byte": "altered"}.get(how, "unsigned")
    elif what == "receipt-download":
        w["serves-receipts", on] = how != "genuine"
    elif what == "receipt":
        w["receipts-altered",] = True
    elif what == "element" and how == "epoch-advanced":
        for row, _ in w.row("key", on):
            next_epoch(w, on, row[2])
    elif what == "element" and how == "slot-forgotten":
        for row, _ in w.row("slot", on):
            del w[row]
    elif what == "keystore":
        for row, key in w.row("key", on):
            w.pop(row)
            if how == "one-byte":
                w[row] = key._replace(damaged=True)


_REJECTED = {
    "alg-none": "badSignatureAlgorithm", "wrong-key": "badSignature", "unprotected-header": "malformed",
    "other-url": "unauthorized", "stale-nonce": "badNonce", "invented-nonce": "badNonce", "changed-body": "badSignature",
    "extra-header": "malformed", "swapped-inner": "unauthorized", "inner-by-another-key": "badSignature",
    "inner-other-type": "unauthorized", "inner-other-url": "unauthorized", "inner-other-nonce": "unauthorized",
    "inner-other-device": "unauthorized", "inner-other-serial": "malformed", "inner-other-session": "malformed",
    "filing-changed": "badSignature", "no-nonce": "badNonce", "other-method": "malformed", "deep-json": "malformed",
    "bad-utf8": "malformed", "too-large": "malformed",
}  # fmt: skip


def forge_jws(w: Facts, a: Args) -> None:
    """A request with something wrong in it: what the protocol rejects, and what the rules refuse."""
    at, how, act = a["at"], a["how"], a.get("act", "withdraw")
    if how == "stale-nonce":
        w["clock",] = Moment(w["clock",] + 7_200)
    other_key = how in ("inner-by-another-key", "inner-other-serial")
    if how in _REJECTED and not (other_key and act == "download") and (how, act) != ("inner-other-serial", "file"):
        raise Stop("rejected", _REJECTED[how])
    if how == "foreign-key" and act not in ("withdraw", "logout", "activate"):
        raise Stop("rejected", "unauthorized")  # the inner message names the computer that should have signed
    own = w["device", at]
    w["device", at] = ("", 0) if how == "foreign-key" else own
    try:
        asked_by_hand(w, a, act, other_key)
    finally:
        w["device", at] = own


def asked_by_hand(w: Facts, a: Args, act: str, other_key: bool) -> None:
    """What the office says to a request that is well made."""
    by, at, of = a["by"], a["at"], a.get("of") or a["by"]
    if act == "withdraw":
        app = known(w, by, "application", of)
        w.decide(lambda: (w.no((w("device", at) != w("applied-on", app)[0], "same-computer-use/other-computer")),
                          withdrawing(w, at, app)))  # fmt: skip
    elif act == "download":
        raise Stop("refused", "same-computer-download/no-key") if other_key else Stop("unsaid")
    elif act in ("logout", "activate"):
        session = known(w, by, "session", of)
        proof = (w.get(("knows", by, "activation-code", of)) or (None,))[-1]
        w.decide(lambda: log_out(w, session, at) if act == "logout" else activated(w, session, at, proof))
    elif act == "file":
        session, signer = known(w, by, "session", of), None if other_key else newest(w, at, None)
        w.decide(lambda: filed(w, session, at, signer))
    elif act == "recover":
        app, number = newest(w, at, None), known(w, by, "backup", of)
        genuine = w("key", at, app).forged == (w("recorded", app) or "")
        proof = (w.get(("knows", by, "activation-code", of)) or (None,))[-1]
        w.decide(lambda: moved(w, at, app or number[0], number if genuine and number[0] == app else None, proof))
    else:
        app = newest(w, at, None)
        w.decide(lambda: w.no(*driver_at_office(w, at), *certificate(w, at, app)))
        if act == "backup":
            w["backup", app, w.count("backups", app)] = ("registered", w["generation", app])


def replay(w: Facts, a: Args) -> None:
    """Captured bytes have a nonce that was used. Made anew by another device key it is a request of that """
    if not a.get("signed-by"):
        raise Stop("rejected", "badNonce")
    if a.get("content") == "acknowledgement":
        return
    act = w("labelled", a["exchange"])
    if a.get("content") == "other" and (w("pending", a["signed-by"], act) or (0, ""))[1]:
        raise Stop("rejected", "conflict")
    raise Stop("rejected", "badSignature") if act in ("login", "file", "backup", "recover") else Stop("unsaid")


def send(w: Facts, a: Args) -> None:
    """Bytes of one's own."""
    method, _, target = a["request"].partition(" ")
    if method == "POST":
        raise Stop("rejected", "malformed") if a.get("type") or a.get("body") == "{}" else Stop("unsaid")
    if "{token}" in target and method == "GET":
        visit_address(w, known(w, a["by"], "address", a.get("of") or a["by"]))


def visit_address(w: Facts, address: Any) -> None:
    """Opened in a browser, which may use it up."""
    state, until = w("address", *address) if address != "elsewhere" else ("", 0)
    if w.policy["link_visit"] == "burns" and state == "live" and until >= w.now():
        w["address", *address] = ("used", until)


def scan(w: Facts, a: Args) -> None:
    """A mail scanner opens every link."""
    steal(w, {**a, "what": "mailbox"})
    for address in known(w, a["by"], "address", a["of"]) and w["knows", a["by"], "address", a["of"]]:
        visit_address(w, address)
