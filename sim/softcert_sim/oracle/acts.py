"""Every verb that the oracle knows, and what it does."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from softcert_sim.oracle import applicant, attackers, moving, things
from softcert_sim.oracle.computer import Args, application, certified, known
from softcert_sim.oracle.facts import Facts
from softcert_sim.oracle.office import desk, pass_time


def _of(module: ModuleType, *verbs: str) -> dict[str, Callable[[Facts, Args], Any]]:
    """Functions that are called as their verbs are."""
    return {verb: getattr(module, verb.replace("-", "_")) for verb in verbs}


def _examines(w: Facts, a: Args, verb: str) -> None:
    """At the desk, upon the latest application of a person, or the certificate that is to be revoked."""

    def office() -> None:
        of = a["of"]
        app = application(w, of) if verb != "revoke" else certified(w, of) or known(w, "", "certificate", of)
        desk(w, a, verb, app)

    w.decide(office)


ACTS: dict[str, Callable[[Facts, Args], Any]] = {
    **_of(applicant, "confirm", "install", "uninstall", "read-notice", "fill", "review", "apply", "withdraw", "read-mail",
          "download", "change-pin", "login", "logout", "activate", "collect-code", "file"),
    **_of(moving, "backup", "recover"),
    **_of(things, "plug", "copy", "clone", "replace-part", "restore-disk", "lose", "imitate", "blank-ids", "wait-until",
          "set-clock", "restore-database", "tamper"),
    **_of(attackers, "steal", "hack-driver", "guess", "flood", "forge", "extract", "alter", "forge-jws", "replay", "send",
          "scan"),
    **dict.fromkeys(("visit", "restart", "spoof"), lambda w, a: None),
    "open": lambda w, a: attackers.visit_address(w, known(w, a["by"], "address", a.get("of") or a["by"])),
    "approve": lambda w, a: (pass_time(w, a.get("after", 0)), _examines(w, a, "approve")),
    "disapprove": lambda w, a: _examines(w, a, "disapprove"),
    "examine": lambda w, a: _examines(w, a, "examine"),
    "revoke": lambda w, a: _examines(w, a, "revoke"),
    "reissue": lambda w, a: _examines(w, a, f"reissue {a['what']}"),
    "publish-notice": lambda w, a: w.decide(lambda: things.publish_notice(w, a)),
    "publish-driver": lambda w, a: w.decide(lambda: things.publish_driver(w, a)),
    "backup-database": lambda w, a: w.get(("audit",)),
    "unplug": lambda w, a: things.unplug(w, a["drive"], must=True),
    "reinstall": lambda w, a: things.wipe(w, a["at"]),
    "snapshot-disk": lambda w, a: things.image(w, a["at"]),
    "link": lambda w, a: w.update({("link", a["on"]): a.get("folder", "mine")}),
    "restart-computer": lambda w, a: things.forget(w, a["at"]),
    "wait": lambda w, a: pass_time(w, a["for"]),
}  # fmt: skip
