"""Backup and recovery, as the driver does them. By docs/process.md."""

from typing import Any

from softcert_sim.oracle.computer import (
    Args,
    called,
    drive,
    driver,
    initial,
    known,
    known_pin,
    learn,
    make_key,
    new_pin,
    newest,
    open_key,
    person,
)
from softcert_sim.oracle.facts import Facts, Name, Stop
from softcert_sim.oracle.office import certificate, driver_at_office, moved

REMOVABLE = ("flash-drive", "removable-disk")


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
    """The key that a recovery brought takes its place."""
    content = w.pop(("pending", at, "recover"))[0]
    make_key(w, at, app, content[3], content[2], certified=True)


def backup(w: Facts, a: Args) -> Name:
    """A sealed file on a drive, registered at the office. Gives its number."""
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
    if w.fault == "drive" and (w("pending", at, "backup") or ("",))[0] == (place, password, app):
        w.fault = "cut"  # the package is written already: the drive fails at what the office answers
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
    """From a backup onto a computer; whoever does it knows the new PIN."""
    at, by, owner = a["at"], a["by"], a.get("of") or a["by"]
    pin, code, name = a.get("new-pin") or person(w, by, "pin"), a.get("code", ""), called(w, owner)
    entered = code if code not in ("", "sloppy") else known(w, by, "activation-code", owner)
    password = a.get("password") or known(w, by, "password", owner)
    chosen = w(("label", a["backup"])) if a.get("backup") else None
    recovering(w, at, a.get("from"), password, entered, pin, name, chosen)
    learn(w, by, "pin", owner, pin)


def recovering(w: Facts, at: str, named: str | None, password: str, proof: Any, pin: str, name: str, chosen: Any) -> None:
    """recover, of driver and office."""
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
