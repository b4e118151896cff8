"""What the oracle thinks that a check would see; a check that it knows nothing of is not among them."""

from collections.abc import Callable, Mapping
from typing import Any

from softcert_sim.oracle.computer import called, certified, keys, person
from softcert_sim.oracle.facts import Facts, Key, Name, Stop

Args = Mapping[str, Any]


def latest(w: Facts, of: str) -> Name | None:
    """The latest application that became known."""
    return ((w("knows", "", "application", of)) or (None,))[-1]


def address(w: Facts, a: Args) -> str:
    """How the latest address stands."""
    row = w.row("address", latest(w, a["of"]))
    state, until = row[-1][1] if row else ("none", 0)
    return "expired" if state == "live" and w.now() > until else state


def binding(w: Facts, a: Args) -> tuple[Any, ...]:
    """The computers that are bound, and the generation if it is asked."""
    app = certified(w, a["of"])
    devices = {device for device, _ in w("bound", app) or ()}
    places = sorted(at for (_, at), device in w.row("device") if device in devices and w["element", at])
    return places, w("generation", app) if "generation" in a else None


def session(w: Facts, a: Args) -> str:
    """How the latest session stands."""
    row = [it for it in w.row("session", certified(w, a["of"])) if not a.get("at") or it[1][2] == w["device", a["at"]]]
    state, until, _ = row[-1][1] if row else ("none", 0, None)
    return "ended" if state == "live" and w.now() > until else state


def meant(w: Facts, a: Args) -> Key | None:
    """The key that a check looks at: a person's, the newest with a certificate."""
    found = [key for _, key in keys(w, a["at"]) if not a.get("of") or key.name == called(w, a["of"])]
    found = [key for key in found if key.certified] or found
    if len({key.name for key in found}) > 1:
        raise Stop("failed", "keys of several people")
    return max(found, key=lambda key: key.slot, default=None)


def pin(w: Facts, a: Args) -> str:
    """The PIN that opens the key at a computer."""
    at, key = a["at"], meant(w, a)
    if key is None or key.damaged or key.of != w("device", at):
        return "none"
    return key.pin if (w("slot", at, key.slot) or (None,))[0] == key.epoch else "none"


def tries(w: Facts, a: Args) -> int:
    """How many wrong PINs are left."""
    key = meant(w, a)
    return w.policy["pin_tries"] - (w("slot", a["at"], key.slot) or (0, 0))[1] if key else -1


def mail(w: Facts, a: Args) -> tuple[Any, ...]:
    """How many letters arrived and are held, and whether the last has an address."""
    letters = [v for _, v in w.row("inbox", person(w, a["of"], "mailbox")) if a.get("purpose") in (None, v[0])]
    return (
        len(letters) if "count" in a else None,
        len(w.row("outbox")) if "held" in a and "purpose" not in a else None,
        bool(letters[-1][1]) if "address" in a and letters else a.get("address"),
    )


def nowhere(w: Facts, a: Args) -> bool:
    """`code-secret` and its like are duties; of a secret that never was there is nothing to say."""
    if not w("knows", a["of"], a["what"], a["of"]):
        raise Stop("unsaid")
    return True


def drive(w: Facts, a: Args) -> tuple[int, int]:
    """How many backups a drive holds, and how many halves."""
    files = w.row("file", a["drive"])
    half = sum((w.get(name) or ((None,),))[0][0] == a["drive"] for name, _ in w.row("pending") if name[2] == "backup")
    return len(files), half


LOOKS: dict[str, tuple[Callable[[Facts, Args], Any], Callable[[Args], Any]]] = {
    "check-application": (lambda w, a: w("application", latest(w, a["of"])) or "none", lambda a: a["is"]),
    "check-address": (address, lambda a: a["is"]),
    "check-certificates": (
        lambda w, a: sum(w("certificate", app) is not None for app in w("knows", "", "application", a["of"]) or ()),
        lambda a: a["count"],
    ),
    "check-certificate": (lambda w, a: w("certificate", certified(w, a["of"])) or "none", lambda a: a["is"]),
    "check-binding": (
        binding,
        lambda a: ([at for at in sorted([*a["computer"]] if not isinstance(a["computer"], str) else [a["computer"]])
                    if at != "nowhere"], a.get("generation")),
    ),
    "check-session": (session, lambda a: a["is"]),
    "check-pin": (pin, lambda a: a["opens"]),
    "check-tries": (tries, lambda a: a["left"]),
    "check-code": (
        lambda w, a: (w("tries", latest(w, a["of"])) if "tries" in a else None,
                      w.policy["activation_code"] if "symbols" in a else None,
                      w("proofs", latest(w, a["of"])) or 0 if "recovery-tries" in a else None),
        lambda a: (a.get("tries"), a.get("symbols"), a.get("recovery-tries")),
    ),
    "check-mail": (mail, lambda a: (a.get("count"), None if "purpose" in a else a.get("held"), a.get("address"))),
    "check-backup": (lambda w, a: (w("backup", *(w("label", a["backup"]) or ())) or ("none",))[0], lambda a: a["is"]),
    "check-drive": (drive, lambda a: (a["backups"], a.get("leftovers", 0))),
    "check-audit": (lambda w, a: "broken" if w("tampered") else "whole", lambda a: a.get("is", "whole")),
    "check-nowhere": (nowhere, lambda a: True),
    "check-receipt": (lambda w, a: not w("receipts-altered"), lambda a: a.get("genuine", True)),
    "check-decision": (lambda w, a: w("decided-by", latest(w, a["of"])), lambda a: a["by"]),
    "check-computer": (
        lambda w, a: (w("driver", a["at"]) == "whole" if "driver" in a else None,
                      sum(key.certified for _, key in keys(w, a["at"])) if "certificates" in a else None),
        lambda a: (a.get("driver"), a.get("certificates")),
    ),
    "check-knows": (
        lambda w, a: bool(w("knows", a["who"], a["what"], a.get("of") or a["who"])), lambda a: a.get("yes", True),
    ),
}  # fmt: skip
