"""The office's records in plain words: a list for each kind of record, and the audit log."""

import json
from collections.abc import Iterator

from softcert_sim.lookwords import Lines, Words, short

_AUDIT_SHOWN = 10
"""Entries that are shown unless all are asked for."""


def lists(words: Words, *, whole_audit: bool) -> Iterator[tuple[str, Lines]]:
    """Every list with its title, the audit log last."""
    for title, lines in _LISTS.items():
        yield words.say(title), lines(words)
    end = words.world.records.audit_end()
    since = 1 if whole_audit else max(1, end - _AUDIT_SHOWN + 1)
    yield words.say("audit" if since == 1 else "audit end", shown=_AUDIT_SHOWN, count=end), _audit(words, since)


def _applications(words: Words) -> Lines:
    for row in words.rows("applications"):
        said = words.say(
            "application", holder=row["name"], state=words.state("application", row["state"]),
            time=words.time(row["applied_at"]), computer=words.computer_of(row["device"]),
        )  # fmt: skip
        decided, tries = row["decided_at"], row["activation_tries"]
        yield short(row["id"]), words.joined(
            said,
            words.say("decided", time=words.time(decided)) if decided else "",
            words.say("reasons", reasons=row["reasons"]) if row["reasons"] else "",
            words.say("wrong codes", tries=tries) if tries else "",
        )


def _addresses(words: Words) -> Lines:
    for row in words.rows("addresses"):
        late = row["state"] == "live" and words.world.office_time() > row["expires_at"]
        said = words.say(
            "address", owner=words.whose(row["application"]), sent=words.time(row["sent_at"]),
            state=words.say("expired") if late else words.state("address", row["state"]),
            until=words.time(row["expires_at"]),
        )  # fmt: skip
        by = words.computer_of(row["used_by"]) if row["used_by"] else words.language.visitor
        used = words.say("used", time=words.time(row["used_at"]), computer=by) if row["used_at"] else ""
        yield short(row["application"]), words.joined(said, used)


def _certificates(words: Words) -> Lines:
    holders = {row["id"]: row["name"] for row in words.rows("applications")}
    for row in words.rows("certificates"):
        holder, state = holders.get(row["application"], ""), words.state("certificate", row["state"])
        yield short(row["serial"]), words.joined(
            words.say("certificate of", holder=holder, state=state),
            words.say("until", time=words.time(row["not_after"])),
            words.say("generation", generation=row["generation"]),
        )


def _bindings(words: Words) -> Lines:
    for row in words.rows("bindings"):
        yield short(row["serial"]), words.say(
            f"binding {row['state']}", computer=words.computer_of(row["device"]), generation=row["generation"],
            time=words.time(row["bound_at"]),
        )  # fmt: skip


def _sessions(words: Words) -> Lines:
    for row in words.rows("sessions"):
        yield short(row["serial"]), words.session(row)


def _backups(words: Words) -> Lines:
    for row in words.rows("backups"):
        yield short(row["id"]), words.say(
            "backup kept", serial=short(row["serial"]), state=words.state("backup", row["state"]),
            time=words.time(row["registered_at"]), generation=row["generation"],
        )  # fmt: skip


def _filings(words: Words) -> Lines:
    for row in words.rows("filings"):
        yield short(row["id"]), words.say("filing", time=words.time(row["filed_at"]), serial=short(row["serial"]))


def _outbox(words: Words) -> Lines:
    for row in words.rows("outbox"):
        yield str(row["id"]), words.say(
            "mail kept", purpose=words.word("purpose", row["purpose"]), to=row["recipient"], time=words.time(row["at"]),
            state=words.word("mail", row["state"]),
        )  # fmt: skip


_LISTS = {
    "applications": _applications, "addresses": _addresses, "certificates": _certificates, "bindings": _bindings,
    "sessions": _sessions, "backups": _backups, "filings": _filings, "outbox": _outbox,
}  # fmt: skip


def _audit(words: Words, since: int) -> Lines:
    for entry in words.world.records.audit_after(since):
        came = f"{entry['rule']}/{entry['reason']}" if entry["rule"] else _error(entry["details"])
        act = "office-opens" if entry["act"] == "open" else entry["act"]  # a person opens an address
        said = words.say(
            "entry", time=words.time(entry["at"]), act=words.language.act(act),
            who=words.world.called(entry["actor"]).name or words.word("actor", entry["actor"].removeprefix("examiner ")),
            outcome=words.word("outcome", entry["outcome"]),
        )  # fmt: skip
        yield str(entry["seq"]), f"{said} {came}".strip()


def _error(details: str) -> str:
    """The protocol error in an audit entry's details; an insider may have written anything there."""
    try:
        return str(json.loads(details).get("error", ""))
    except (ValueError, AttributeError):
        return ""
