"""What the Trademark Office decides: its lists of checks, as docs/process.md publishes them, and the desk."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from softcert_sim.oracle.facts import Facts, Key, Moment, Name, Stop

Args = Mapping[str, Any]
Check = tuple[Any, str]
HOUR, FOREVER = 3_600, 10**12
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
_KIND = re.compile(r"[a-z][a-z0-9 -]{0,59}")


def driver_at_office(w: Facts, at: str) -> tuple[Check, Check]:
    """driver-first, as the office asks it: the version that the request names."""
    claims = w.hack(at, "claims")
    version = w("version", at) or () if not claims else () if claims == "none" else tuple(map(int, claims.split(".")))
    return (not version, "driver-first/missing"), (version < w("needed"), "driver-first/outdated")


def matching(w: Facts, at: str, ids: tuple[Any, ...]) -> int:
    """How many hardware ids are as they were; a blank matches nothing."""
    return sum(now is not None and now == then for now, then in zip(w("ids", at), ids, strict=True))


def enough(w: Facts, at: str) -> Check:
    """The computer shows enough ids to be told by them."""
    present = sum(part is not None for part in w("ids", at))
    return present < w.policy["same_computer"], "same-computer-use/too-few-ids"


def alike(w: Facts, at: str, bound: tuple[Any, ...], session_device: Any = None) -> tuple[Check, Check]:
    """same-computer-use: one of the bound computers, with enough ids as at its binding."""
    device = w("device", at)
    ids = dict(bound).get(device)
    return (
        (ids is None or session_device not in (None, device), "same-computer-use/other-computer"),
        (matching(w, at, ids or (None,) * 4) < w.policy["same_computer"], "same-computer-use/other-hardware"),
    )


def valid(w: Facts, app: Name | None, forged: str | None = None) -> tuple[Check, ...]:
    """valid-certificate; `forged` says what is wrong with the one that was presented, or else with the one on record."""
    recorded = w("recorded", app) or ""
    forged = recorded if forged is None else forged
    until = FOREVER if forged == "later-end" else w("until", app) or 0
    wrong = forged in ("self-signed", "other-ca") or forged != recorded or w("certificate", app) is None
    return (
        (wrong, "valid-certificate/wrong-issuer"),
        (forged == "wrong-usage", "valid-certificate/wrong-usage"),
        (w.now() < (w.get(("since", app)) or 0), "valid-certificate/not-yet-valid"),
        (w.now() > until, "valid-certificate/expired"),
        (w("certificate", app) == "revoked", "valid-certificate/revoked"),
    )


def certificate(w: Facts, at: str, app: Name | None) -> tuple[Check, ...]:
    """use-certificate 3 to 10."""
    key: Key | None = w.get(("key", at, app))
    forged = key.forged if key else ""
    bound, retired, device = w("bound", app) or (), w("retired", app) or (), w("device", at)
    here, foreign = device in dict(bound), forged != (w("recorded", app) or "")
    return (
        (not foreign and not here and device not in retired, "same-computer-use/other-computer"),
        (not foreign and here and alike(w, at, bound)[1][0], "same-computer-use/other-hardware"),
        (not foreign and not here, "one-computer/retired"),
        *valid(w, app, forged),
    )


def downloading(w: Facts, at: str, address: tuple[Name, int], key_present: bool) -> None:
    """download, of the office."""
    (app, number), device, policy = address, w("device", at), w.policy
    recent = [until for until in w("guesses", device) or () if until > w.now()]
    if len(recent) >= policy["guess_limit"]:
        raise Stop("rejected", "rateLimited")
    applied_on, ids = w("applied-on", app) or (None, (None,) * 4)
    state, until = w("address", app, number) or ("unknown", 0)
    application = w("application", app) if state != "unknown" or device == applied_on else "unknown"
    w.no(
        *driver_at_office(w, at),
        (application == "submitted", "approved-only/undecided"),
        (application == "disapproved", "approved-only/disapproved"),
        (application == "withdrawn", "approved-only/withdrawn"),
        (application == "revoked", "approved-only/revoked"),
    )
    if state == "unknown":
        w["guesses", device] = (*recent, w.after(HOUR))
    w.no(
        (state == "unknown", "unique-address/unknown"),
        (state == "used", "one-time-link/used"),
        (state != "live", "one-time-link/replaced"),
        (w.now() > until, "one-time-link/expired"),
    )
    wrong = (
        (device != applied_on, "same-computer-download/other-computer"),
        (matching(w, at, ids) < policy["same_computer"], "same-computer-download/other-hardware"),
        (not key_present, "same-computer-download/no-key"),
    )
    if policy["wrong_computer"] == "burn" or not any(bad for bad, _ in wrong):
        w["address", app, number] = ("used", until)
    w.no(*wrong)
    w["application", app], w["certificate", app], w["generation", app] = "certified", "issued", 1
    w["bound", app], w["since", app] = ((device, ids),), w.after(0)
    w["until", app] = w.after(policy["certificate_lifetime"])


def of_session(w: Facts, session: Name | None, at: str, rule: str = "activate-first") -> Name:
    """What activate asks first; file asks it in another order. Gives the certificate."""
    state, until, device = w("session", *session) if session else ("none", 0, None)
    app = session[0] if session else None
    w.no((state == "none", f"{rule}/no-session"), (state != "live" or w.now() > until, f"{rule}/session-ended"))
    w.no(*alike(w, at, w("bound", app) or (), device), *valid(w, app))
    assert app is not None
    return app


def filed(w: Facts, session: Name | None, at: str, signed_by: Name | None) -> None:
    """file, of the office."""
    rule, (state, until, device) = "business-after-activation", w("session", *session) if session else ("none", 0, None)
    app = session[0] if session else None
    w.no(
        (state == "none", f"{rule}/no-session"),
        (state != "live" or w.now() > until, f"{rule}/session-ended"),
        (signed_by != app, f"{rule}/other-certificate"),
        (w("certificate", app) not in ("active", "revoked"), f"{rule}/not-activated"),
        *alike(w, at, w("bound", app) or (), device),
        *valid(w, app),
    )


def filing(a: Args) -> None:
    """The form of a filing, which stands before the rules."""
    if not _KIND.fullmatch(a.get("kind", "registration")) or not 1 <= len(a.get("text", "Trademark")) <= 20_000:
        raise Stop("rejected", "malformed")


def moved(w: Facts, at: str, app: Name, number: Name | None, proof: Any) -> None:
    """recover, of the office; `number` is None for a backup that was not registered for this very certificate."""
    state, generation = (w("backup", *number) if number else None) or ("unknown", 0)
    policy, device = w.policy, w("device", at)
    proves, tries = policy["recovery_proof"] == "activation-code", w("proofs", app) or 0
    w.no(
        *driver_at_office(w, at),
        enough(w, at),
        (state == "unknown", "backup-sealed/unregistered"),
        (state == "spent", "one-computer/spent"),
        (generation != w("generation", app) or (state == "retired" and w("certificate", app) != "revoked"),
         "one-computer/old-generation"),
        *valid(w, app),
        (proves and tries >= policy["activation_tries"], "recover-from-removable/locked"),
    )  # fmt: skip
    if proves and proof != (app, w("code", app)):
        w["proofs", app] = tries + 1
        raise Stop("refused", "recover-from-removable/wrong-proof")
    assert number is not None
    w["backup", *number], w["proofs", app], bound = ("spent", generation), 0, dict(w["bound", app])
    here = device in bound
    if policy["recovery"] == "copy":
        w["bound", app] = tuple(sorted({**bound, device: w["ids", at]}.items()))
    else:
        w["generation", app] = generation + 1
        w["bound", app] = ((device, w["ids", at]),)
        w["retired", app] = tuple(sorted({*w.get(("retired", app), ()), *bound} - {device}))
        end(w, app)
    mail(w, app, "recovery-notice" if here or policy["recovery"] == "copy" else "move")


def end(w: Facts, app: Name) -> None:
    """Sessions end, registered backups retire."""
    for row, (_, until, device) in w.row("session", app):
        w[row] = ("ended", until, device)
    for row, (state, generation) in w.row("backup", app):
        w[row] = ("retired" if state == "registered" else state, generation)


# The outbox


def mail(w: Facts, app: Name, purpose: str, address: Any = None) -> None:
    """A mail is due at once."""
    w["outbox", w.count("mails")] = (w.after(0), 60, w["mailbox", app], purpose, address)


def send_address(w: Facts, app: Name, purpose: str) -> None:
    """A new address by mail; older ones are replaced."""
    for row, (state, until) in w.row("address", app):
        w[row] = ("replaced" if state == "live" else state, until)
    number = w.count("addresses", app)
    w["address", app, number] = ("live", w.after(w.policy["link_lifetime"]))
    mail(w, app, purpose, (app, number))


def pass_time(w: Facts, seconds: int) -> None:
    """The clock goes on; mail goes out when it is due, and is tried again after pauses that double up to an hour."""
    end_of_it, behind = w["clock",] + seconds, w.now() - w["clock",]
    while due := [(max(value[0] - behind, w["clock",]), row) for row, value in w.row("outbox")]:
        if min(due)[0] > end_of_it:
            break
        w["clock",], row = Moment(min(due)[0]), min(due)[1]
        deliver(w, row)
    w["clock",] = Moment(end_of_it)


def deliver(w: Facts, row: Name) -> None:
    """One attempt to hand a mail over, under whatever fault strikes mails."""
    _, pause, mailbox, purpose, address = w.pop(row)
    plans = w.get(("plans",)) or ()
    kind, value = plans[0] if plans else ("", 0)
    down = w.get(("mail-down",), 0) > w["clock",]
    w["plans",] = plans if down else plans[1:]
    again = down or kind == "cut" or (kind == "reject" and value < 500)
    if again:
        w[row] = (Moment(w["clock",] + pause), min(2 * pause, HOUR), mailbox, purpose, address)
    if kind == "delay" and not down:
        w[row] = (Moment(value), pause, mailbox, purpose, address)
    if down or kind in ("reject", "drop", "delay"):
        return
    held = w.pop(("held",), ())
    if kind == "reorder":
        w["held",] = (*held, (mailbox, purpose, address))
        return
    copies = [(mailbox, purpose, address)] * (2 if kind == "duplicate" else 1)
    for box, *letter in (*copies, *held):
        w["inbox", box, w.count("letters", box)] = tuple(letter)


# The desk


def at_desk(w: Facts, by: str) -> None:
    """Who is no examiner has no credential."""
    if dict(w["person", by])["kind"] != "examiner":
        raise Stop("rejected", "unauthorized")


def desk(w: Facts, a: Args, verb: str, app: Name) -> None:
    """An examiner's act upon an application or its certificate."""
    at_desk(w, a.get("by", "examiner"))
    state = w("application", app)
    reasons = a.get("reasons", "The name does not match the licence.").replace("\r\n", "\n").strip()
    invisible = any(unicodedata.category(sign) in _INVISIBLE and sign not in "\n\t" for sign in reasons)
    if invisible or not 1 <= len(reasons) <= 4_000:
        raise Stop("rejected", "malformed")
    fits = {
        "approve": state == "submitted", "disapprove": state == "submitted", "examine": True,
        "reissue address": state == "approved" and w.policy["link_reissue"],
        "reissue code": state in ("submitted", "approved", "certified"),
        "revoke": w("certificate", app) in ("issued", "active"),
    }[verb]  # fmt: skip
    if not fits:
        raise Stop("rejected", "conflict")
    if verb in ("approve", "disapprove"):
        w["application", app], w["decided-by", app] = f"{verb}d", a.get("by", "examiner")
        mail(w, app, "result") if verb == "disapprove" else send_address(w, app, "result")
    elif verb == "reissue address":
        send_address(w, app, "reissue")
    elif verb == "reissue code":
        w["granted", app], w["tries", app], w["proofs", app] = True, 0, 0
        w.count("code", app)
        mail(w, app, "new-code")
    elif verb == "revoke":
        w["application", app] = w["certificate", app] = "revoked"
        end(w, app)
        mail(w, app, "revocation")
