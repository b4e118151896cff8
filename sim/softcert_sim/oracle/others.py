"""Things, time and attackers, as far as plain facts say what they do. What nobody can know is left unsaid."""

from collections.abc import Callable, Mapping
from typing import Any

from softcert_sim.oracle import computer
from softcert_sim.oracle.computer import (
    activating,
    application,
    called,
    certified,
    get_certificate,
    known,
    learn,
    log_in,
    newest,
    person,
    recovering,
    submit,
    withdrawing,
)  # fmt: skip
from softcert_sim.oracle.facts import Facts, Moment, Stop
from softcert_sim.oracle.office import at_desk, certificate, desk, driver_at_office, filed, moved, pass_time

Args = Mapping[str, Any]
ON_DISK = ("driver", "version", "newest", "key", "file", "pending")
IN_ELEMENT = ("device", "slot", "slots")


# Things


def unplug(w: Facts, drive: str, must: bool = False) -> None:
    if must and not any(drive in drives for _, drives in w.row("plugged")):
        raise Stop("failed", "in none")
    for row, drives in w.row("plugged"):
        w[row] = tuple(name for name in drives if name != drive)


def plug(w: Facts, a: Args) -> None:
    unplug(w, a["drive"])
    w["plugged", a["into"]] = (*(w.get(("plugged", a["into"])) or ()), a["drive"])


def forget(w: Facts, at: str) -> None:
    """Off and on: what the driver held in memory is gone."""
    for kind in ("ticket", "read", "memory"):
        w.pop((kind, at), None)


def image(w: Facts, at: str) -> tuple[Any, ...]:
    """What a disk holds; without a secure element also what would be in it."""
    kinds = ON_DISK + (IN_ELEMENT if w.get(("element", at)) == "none" else ())
    return tuple((kind, row[2:], value) for kind in kinds for row, value in w.row(kind, at))


def wipe(w: Facts, at: str) -> None:
    soft = w.get(("element", at)) == "none"
    for kind, rest, _ in image(w, at):
        if kind != "device":
            del w[(kind, at, *rest)]
    if soft:
        w["device", at] = (at, w.count("devices", at))
    forget(w, at)


def put(w: Facts, at: str, files: tuple[Any, ...], kinds: tuple[str, ...] = ()) -> None:
    for kind, rest, value in files:
        if kind in (kinds or (kind,)):
            w[(kind, at, *rest)] = value


def copy(w: Facts, a: Args) -> None:
    kinds = {"everything": (), "keystore": ("key",), "backup": ("file",)}[a.get("what", "everything")]
    put(w, a["to"], tuple(part for part in image(w, a["from"]) if part[0] != "pending"), kinds)


def clone(w: Facts, a: Args) -> None:
    source, to = a["from"], a["to"]
    files = image(w, source)
    wipe(w, to)
    put(w, to, files)
    if a.get("element"):
        for kind in IN_ELEMENT:
            put(w, to, tuple((kind, row[2:], value) for row, value in w.row(kind, source)))


def replace_part(w: Facts, a: Args) -> None:
    at, place = a["at"], ("board", "processor", "disk", "network").index(a["part"])
    ids = list(w["ids", at])
    ids[place] = (at, a["part"], w.count("parts", at))
    w["ids", at] = tuple(ids)
    forget(w, at)
    if a["part"] == "disk" and not a.get("files-kept", True):
        wipe(w, at)


def restore_disk(w: Facts, a: Args) -> None:
    files = w["label", a["from"]]
    wipe(w, a["at"])
    put(w, a["at"], files)


def lose(w: Facts, a: Args) -> None:
    if ("drive", a["what"]) in w:
        wipe(w, a["what"])
    w["plugged", a["what"]] = ()


def imitate(w: Facts, a: Args) -> None:
    w["ids", a["at"]] = w["ids", a["of"]]


def blank_ids(w: Facts, a: Args) -> None:
    parts = ("board", "processor", "disk", "network")
    w["ids", a["at"]] = tuple(None if part in a["parts"] else i for part, i in zip(parts, w["ids", a["at"]], strict=True))


# Time


def wait_until(w: Facts, a: Args) -> None:
    app = application(w, a["of"])
    moment = w["until", app] if a["what"] == "certificate-expires" else w.row("address", app)[-1][1][1]
    pass_time(w, max(0, moment + a.get("plus", 0) - 1 - w["clock",]))


def set_clock(w: Facts, a: Args) -> None:
    change = a.get("ahead", 0) - a.get("back", 0)
    if a["at"] == "office":
        w["clock",] = Moment(w["clock",] + change)
    else:
        w["ahead", a["at"]] = change


# The office as a machine


def publish_driver(w: Facts, a: Args) -> None:
    at_desk(w, a.get("by", "examiner"))
    w["needed",] = tuple(map(int, a["version"].split(".")))


def publish_notice(w: Facts, a: Args) -> None:
    at_desk(w, a.get("by", "examiner"))
    w.count("notice", a.get("which", "without-e-licence"))


def restore_database(w: Facts, a: Args) -> None:
    """An older copy contradicts the audit head, and the office does not start."""
    if w["label", a["from"]] != w.get(("audit",)):
        w["office-down",] = True
        raise Stop("broken", "definite")


def tamper(w: Facts, a: Args) -> None:
    what, of = a["what"], a.get("of", "")
    w["tampered",] = True
    app = application(w, of) if of else ("", 0)
    if what == "rebind":
        w["bound", app] = ((w["device", a["to"]], w["ids", a["to"]]),)
    elif what == "time":
        w["latest",] = Moment(0)
    elif what == "tries":
        w["tries", app] = w["proofs", app] = 0
    elif what == "certificate-exchanged":
        w["recorded", app] = w["key", a["to"], app].forged
    elif what == "certificate-unrevoked":
        w["certificate", app] = "active"
    elif what == "session-live":
        row, (_, _, device) = w.row("session", app)[-1]
        w[row] = ("live", w.after(w.policy["session_lifetime"]), device)
    elif what == "backup-unspent":
        for row, (_, generation) in w.row("backup", app):
            w[row] = ("registered", generation)
    elif what in ("address-live", "address-longer"):
        row, (state, until) = w.row("address", app)[-1]
        w[row] = ("live", until) if what == "address-live" else (state, Moment(until + 10**9))


# Attackers


def steal(w: Facts, a: Args) -> None:
    by, what, of = a["by"], a["what"], a["of"]
    if what in ("mailbox", "everything"):
        learn(w, by, "address", of, *(letter[1] for _, letter in w.row("inbox", person(w, of, "mailbox")) if letter[1]))
    everything = ("address", "activation-code", "pin", "password", "application", "session", "backup")
    for topic in everything if what == "everything" else () if what == "mailbox" else (what,):
        learn(w, by, topic, of, *(w.get(("knows", of, topic, of)) or ()))


def hack_driver(w: Facts, a: Args) -> None:
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
        "address": lambda: get_certificate(w, at, (("", 0), 0)),
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
    fields = dict(computer.form_of(w, a["by"], None))
    for number in range(a["times"]):
        form = {**fields, "name": f"Shell company {number}", **({"mailbox": a["mailbox"]} if a.get("mailbox") else {})}
        try:
            submit(w, a["by"], a["at"], form, True)
        except Stop:
            if number == a["times"] - 1:
                raise


def forge(w: Facts, a: Args) -> None:
    if a["what"] == "mail":
        learn(w, a["of"], "address", a["of"], "elsewhere")
        box = person(w, a["of"], "mailbox")
        w["inbox", box, w.count("letters", box)] = ("result", None)
    elif "at" not in a:
        raise Stop("failed", "`at` is missing")
    elif app := newest(w, a["at"], None):
        w["key", a["at"], app] = w["key", a["at"], app]._replace(forged=a["what"].removeprefix("certificate-"))


def extract(w: Facts, a: Args) -> None:
    at, by, of = a["at"], a["by"], a["of"]
    place, _ = computer.drive(w, at, None)
    password = a.get("password") or known(w, by, "password", of)
    found = [number for (_, _, number), value in w.row("file", place) if value[1] == password]
    if not found:
        raise Stop("failed", "no backup that the password opens")
    pin = person(w, by, "pin")
    computer.make_key(w, at, found[0][0], called(w, of), pin, certified=True)
    learn(w, by, "pin", of, pin)


_STANDS = {
    ("backup", "renamed"): "renamed", ("manifest", "removed"): "unregistered", ("manifest", "unsigned"): "foreign",
    ("manifest", "newer-format"): "newer-format", ("manifest", "another-office"): "foreign",
}  # fmt: skip


def alter(w: Facts, a: Args) -> None:
    what, on, how = a["what"], a["on"], a.get("how", "one-byte")
    if what in ("backup", "manifest"):
        for row, (name, password, _) in w.row("file", on):
            w[row] = (name, password, _STANDS.get((what, how), "altered"))
    elif what in ("driver", "driver-manifest"):
        w["driver", on] = "missing" if how == "removed" else "altered"
    elif what == "driver-download":
        w["serves", on] = {"genuine": "genuine", "older": "older", "one-byte": "altered"}.get(how, "unsigned")
    elif what == "receipt-download":
        w["serves-receipts", on] = how != "genuine"
    elif what == "receipt":
        w["receipts-altered",] = True
    elif what == "element" and how == "epoch-advanced":
        for row, _ in w.row("key", on):
            computer.next_epoch(w, on, row[2])
    elif what == "element" and how == "slot-forgotten":
        for row, _ in w.row("slot", on):
            del w[row]
    elif what == "keystore":
        raise Stop("unsaid")


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
    by, at, how, act, of = a["by"], a["at"], a["how"], a.get("act", "withdraw"), a.get("of") or a["by"]
    if how == "stale-nonce":
        w["clock",] = Moment(w["clock",] + 7_200)
    other_key = how in ("inner-by-another-key", "inner-other-serial")
    if how in _REJECTED and not (other_key and act == "download") and (how, act) != ("inner-other-serial", "file"):
        raise Stop("rejected", _REJECTED[how])
    if how == "foreign-key":
        raise Stop("refused", "same-computer-use/other-computer") if act == "withdraw" else Stop("unsaid")
    if act == "withdraw":
        app = known(w, by, "application", of)
        w.decide(lambda: (w.no((w("device", at) != w("applied-on", app)[0], "same-computer-use/other-computer")),
                          withdrawing(w, at, app)))  # fmt: skip
    elif act == "download":
        raise Stop("refused", "same-computer-download/no-key") if other_key else Stop("unsaid")
    elif act in ("logout", "activate"):
        session = known(w, by, "session", of)
        proof = (w.get(("knows", by, "activation-code", of)) or (None,))[-1]
        w.decide(lambda: computer.log_out(w, session, at) if act == "logout" else computer.activated(w, session, at, proof))
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
    """Captured bytes have a nonce that was used. Made anew by another device key it is a request of that computer."""
    if not a.get("signed-by"):
        raise Stop("rejected", "badNonce")
    act = w("labelled", a["exchange"])
    if a.get("content") == "other" and (w("pending", a["signed-by"], act) or (0, ""))[1]:
        raise Stop("rejected", "conflict")
    raise Stop("rejected", "badSignature") if act in ("login", "file", "backup", "recover") else Stop("unsaid")


def send(w: Facts, a: Args) -> None:
    method, _, target = a["request"].partition(" ")
    if method == "POST":
        raise Stop("rejected", "malformed") if a.get("type") or a.get("body") == "{}" else Stop("unsaid")
    if "{token}" in target and method == "GET":
        visit_address(w, known(w, a["by"], "address", a.get("of") or a["by"]))


def visit_address(w: Facts, address: Any) -> None:
    state, until = w("address", *address) if address != "elsewhere" else ("", 0)
    if w.policy["link_visit"] == "burns" and state == "live" and until >= w.now():
        w["address", *address] = ("used", until)


def scan(w: Facts, a: Args) -> None:
    steal(w, {**a, "what": "mailbox"})
    for address in known(w, a["by"], "address", a["of"]) and w["knows", a["by"], "address", a["of"]]:
        visit_address(w, address)


NOTHING: Callable[[Facts, Args], None] = lambda w, a: None  # noqa: E731

ACTS: dict[str, Callable[[Facts, Args], Any]] = {
    "visit": NOTHING, "confirm": computer.confirm, "install": computer.install, "uninstall": computer.uninstall,
    "read-notice": computer.read_notice, "fill": computer.fill, "review": computer.review, "apply": computer.apply,
    "withdraw": computer.withdraw, "read-mail": computer.read_mail, "download": computer.download,
    "change-pin": computer.change_pin, "login": computer.login, "logout": computer.logout, "activate": computer.activate,
    "collect-code": computer.collect_code, "file": computer.file, "backup": computer.backup, "recover": computer.recover,
    "open": lambda w, a: visit_address(w, known(w, a["by"], "address", a.get("of") or a["by"])),
    **{verb: (lambda w, a, verb=verb: w.decide(lambda: desk(w, a, verb, application(w, a["of"]))))
       for verb in ("disapprove", "examine")},
    "revoke": lambda w, a: w.decide(lambda: desk(
        w, a, "revoke", certified(w, a["of"]) or known(w, "", "certificate", a["of"]))),
    "approve": lambda w, a: (
        pass_time(w, a.get("after", 0)), w.decide(lambda: desk(w, a, "approve", application(w, a["of"])))),
    "reissue": lambda w, a: w.decide(lambda: desk(w, a, f"reissue {a['what']}", application(w, a["of"]))),
    "publish-notice": lambda w, a: w.decide(lambda: publish_notice(w, a)),
    "publish-driver": lambda w, a: w.decide(lambda: publish_driver(w, a)),
    "restart": NOTHING, "backup-database": lambda w, a: w.get(("audit",)), "restore-database": restore_database,
    "tamper": tamper, "plug": plug, "unplug": lambda w, a: unplug(w, a["drive"], must=True), "copy": copy, "clone": clone,
    "replace-part": replace_part, "reinstall": lambda w, a: wipe(w, a["at"]), "restore-disk": restore_disk, "lose": lose,
    "snapshot-disk": lambda w, a: image(w, a["at"]),
    "link": lambda w, a: w.update({("link", a["on"]): a.get("folder", "mine")}),
    "restart-computer": lambda w, a: forget(w, a["at"]), "wait": lambda w, a: pass_time(w, a["for"]),
    "wait-until": wait_until, "set-clock": set_clock, "imitate": imitate, "blank-ids": blank_ids, "steal": steal,
    "hack-driver": hack_driver, "guess": guess, "flood": flood, "forge": forge, "extract": extract, "alter": alter,
    "forge-jws": forge_jws, "replay": replay, "send": send, "scan": scan, "spoof": NOTHING,
}  # fmt: skip
