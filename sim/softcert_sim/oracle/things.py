"""Drives, disks, clocks, and the office as a machine: what happens to things, and what an insider does to the records."""

from typing import Any

from softcert_sim.oracle.computer import Args, application
from softcert_sim.oracle.facts import Facts, Moment, Stop
from softcert_sim.oracle.office import at_desk, pass_time

ON_DISK = ("driver", "version", "newest", "key", "file", "pending")
IN_ELEMENT = ("device", "slot", "slots")


def unplug(w: Facts, drive: str, must: bool = False) -> None:
    """Out of whatever computer it is in."""
    if must and not any(drive in drives for _, drives in w.row("plugged")):
        raise Stop("failed", "in none")
    for row, drives in w.row("plugged"):
        w[row] = tuple(name for name in drives if name != drive)


def plug(w: Facts, a: Args) -> None:
    """Into a computer, and out of any other."""
    unplug(w, a["drive"])
    w["plugged", a["into"]] = (*(w.get(("plugged", a["into"])) or ()), a["drive"])


def forget(w: Facts, at: str) -> None:
    """Off and on: what the driver held in memory is gone. An answer that the office still keeps is asked for again."""
    if owed := w.pop(("owed", at), None):
        act, content, answer = owed
        w["pending", at, act] = (content, "and arrived", answer)
    for kind in ("ticket", "read", "memory"):
        w.pop((kind, at), None)


def image(w: Facts, at: str) -> tuple[Any, ...]:
    """What a disk holds; without a secure element also what would be in it."""
    kinds = ON_DISK + (IN_ELEMENT if w.get(("element", at)) == "none" else ())
    return tuple((kind, row[2:], value) for kind in kinds for row, value in w.row(kind, at))


def wipe(w: Facts, at: str) -> None:
    """The disk is empty; without a secure element its device key is another."""
    soft = w.get(("element", at)) == "none"
    w.pop(("owed", at), None)
    for kind, rest, _ in image(w, at):
        if kind != "device":
            del w[(kind, at, *rest)]
    if soft:
        w["device", at] = (at, w.count("devices", at))
    forget(w, at)


def put(w: Facts, at: str, files: tuple[Any, ...], kinds: tuple[str, ...] = ()) -> None:
    """Files come onto a disk, all or those of these kinds."""
    for kind, rest, value in files:
        if kind in (kinds or (kind,)):
            w[(kind, at, *rest)] = value


def copy(w: Facts, a: Args) -> None:
    """Files of one disk onto another."""
    kinds = {"everything": (), "keystore": ("key",), "backup": ("file",)}[a.get("what", "everything")]
    put(w, a["to"], tuple(part for part in image(w, a["from"]) if part[0] != "pending"), kinds)


def clone(w: Facts, a: Args) -> None:
    """One disk becomes the other, with what its element holds where that is copied too."""
    source, to = a["from"], a["to"]
    files = image(w, source)
    wipe(w, to)
    put(w, to, files)
    if a.get("element"):
        for kind in IN_ELEMENT:
            put(w, to, tuple((kind, row[2:], value) for row, value in w.row(kind, source)))


def replace_part(w: Facts, a: Args) -> None:
    """A hardware id is another; a new disk is empty."""
    at, place = a["at"], ("board", "processor", "disk", "network").index(a["part"])
    ids = list(w["ids", at])
    ids[place] = (at, a["part"], w.count("parts", at))
    w["ids", at] = tuple(ids)
    forget(w, at)
    if a["part"] == "disk" and not a.get("files-kept", True):
        wipe(w, at)


def restore_disk(w: Facts, a: Args) -> None:
    """The disk is what it was."""
    files = w["label", a["from"]]
    wipe(w, a["at"])
    put(w, a["at"], files)


def lose(w: Facts, a: Args) -> None:
    """What was there is gone."""
    if ("drive", a["what"]) in w:
        wipe(w, a["what"])
    w["plugged", a["what"]] = ()


def imitate(w: Facts, a: Args) -> None:
    """A computer shows another one's hardware ids."""
    w["ids", a["at"]] = w["ids", a["of"]]


def blank_ids(w: Facts, a: Args) -> None:
    """Parts of a computer say nothing of themselves."""
    parts = ("board", "processor", "disk", "network")
    w["ids", a["at"]] = tuple(None if part in a["parts"] else i for part, i in zip(parts, w["ids", a["at"]], strict=True))


# Time


def wait_until(w: Facts, a: Args) -> None:
    """Up to the last second of a certificate or address."""
    app = application(w, a["of"])
    moment = w["until", app] if a["what"] == "certificate-expires" else w.row("address", app)[-1][1][1]
    pass_time(w, max(0, moment + a.get("plus", 0) - 1 - w["clock",]))


def set_clock(w: Facts, a: Args) -> None:
    """The office's clock, or how far a computer's is off."""
    change = a.get("ahead", 0) - a.get("back", 0)
    if a["at"] == "office":
        w["clock",] = Moment(w["clock",] + change)
    else:
        w["ahead", a["at"]] = change


# The office as a machine


def publish_driver(w: Facts, a: Args) -> None:
    """The oldest version that will do."""
    at_desk(w, a.get("by", "examiner"))
    w["needed",] = tuple(map(int, a["version"].split(".")))


def publish_notice(w: Facts, a: Args) -> None:
    """A new wording: the notice that was read is another."""
    at_desk(w, a.get("by", "examiner"))
    w.count("notice", a.get("which", "without-e-licence"))


def restore_database(w: Facts, a: Args) -> None:
    """An older copy contradicts the audit head, and the office does not start."""
    if w["label", a["from"]] != w.get(("audit",)):
        w["office-down",] = True
        raise Stop("broken", "definite")


def tamper(w: Facts, a: Args) -> None:
    """An insider writes into the records; the log tells."""
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
