"""The audit log as a judge reads it: plain SQL and SHA-256, none of the office's own code."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from softcert_sim.naming import signer_of
from softcert_sim.world import DESK, World

STRANGER = "stranger"
"""Who acts where nobody signed: the answer to the homepage's question."""

DECIDED = ("conflict", "rateLimited")
"""Protocol errors that are decisions; at the desk every one is."""

Entry = dict[str, Any]


def unchained(world: World) -> Iterator[str]:
    """What is wrong with the entries that the last step added."""
    begin, end = world.trace.last.audit
    yield from _broken(world.records.audit_after(begin))
    if world.head.get()[0] != end:
        yield f"the audit head says {world.head.get()[0]} entries, the log has {end}"


def _broken(entries: Any) -> Iterator[str]:
    previous: Entry | None = None
    for entry in entries:
        content = {name: value for name, value in entry.items() if name != "hash"}
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if hashlib.sha256(text.encode()).hexdigest() != entry["hash"]:
            yield f"audit entry {entry['seq']} does not have its hash"
        if previous and (previous["hash"], previous["seq"] + 1) != (entry["previous"], entry["seq"]):
            yield f"audit entry {entry['seq']} does not chain onto the one before"
        previous = entry


def unfaithful(world: World) -> Iterator[str]:
    """Where the entries of the last step say something else than what the office was seen to decide in it."""
    mark = world.trace.last
    added = world.records.audit_after(mark.audit[0] + 1)
    entered = [entry for entry in added if entry["outcome"] in ("allowed", "refused")]
    observed = [verdict for verdict in world.verdicts[slice(*mark.verdicts)] if verdict.side == "office"]
    decided = Counter(_decided(one.rule, one.reason, one.facts) for one in observed)
    if not 0 <= len(entered) - len(observed) <= mark.untold:
        yield f"the office decided {len(observed)} times and the audit log has {len(entered)} decisions"
    elif decided - Counter(map(_entered, entered)):
        yield "the audit log says something else than the office decided"
    signers = _signers(world)
    for entry in entered:
        if entry["actor"] not in signers:
            yield f"audit entry {entry['seq']} names {entry['actor']}, who signed nothing"


def _entered(entry: Entry) -> str:
    facts = json.loads(entry["details"]).get("facts", {})
    said = _decided(entry["rule"], entry["reason"], facts)
    return said if (entry["outcome"] == "refused") == bool(entry["rule"]) else f"{entry['outcome']} {said}"


def _decided(rule: str | None, reason: str | None, facts: Any) -> str:
    return json.dumps([rule, reason, dict(facts)], sort_keys=True)


def _signers(world: World) -> set[str]:
    """Whoever signed a request in the last step, by thumbprint."""
    exchanges = world.recorder.exchanges[slice(*world.trace.last.exchanges)]
    return {STRANGER, *(signer_of(exchange) for exchange in exchanges if exchange.method == "POST")}


def unentered(world: World) -> Iterator[str]:
    """What the office was seen to reject in the last step by a decision of its own, and did not enter."""
    mark = world.trace.last
    added = world.records.audit_after(mark.audit[0] + 1)
    entered = Counter(json.loads(entry["details"])["error"] for entry in added if entry["outcome"] == "rejected")
    seen = Counter(
        exchange.error
        for exchange in world.recorder.exchanges[slice(*mark.exchanges)]
        if exchange.error in DECIDED or (exchange.error and exchange.origin == DESK)
    )
    for error, count in seen.items():
        if entered[error] != count:
            yield f"{error} was answered {count} times, and the audit log says {entered[error]} times"


def unsaid(world: World) -> Iterator[str]:
    """Which of all that the office ever did it did without an entry, or entered without having done it."""
    entered: dict[str, int] = dict(world.records.rows(_ENTERED))  # type: ignore[arg-type]
    [done] = world.records.rows(f"SELECT {', '.join(f'({select})' for select in _DONE.values())}")
    for acts, count in zip(_DONE, done, strict=True):
        said = sum(entered.get(act, 0) for act in acts.split())
        if said != count:
            yield f"{' or '.join(acts.split())} took effect {count} times, and the audit log says {said} times"


_ENTERED = "SELECT act, count(*) FROM audit WHERE outcome IN ('allowed', 'done') GROUP BY act"
_DONE = {
    "apply": "SELECT count(*) FROM applications",
    "approve disapprove": "SELECT count(*) FROM applications WHERE decided_at IS NOT NULL",
    "download": "SELECT count(*) FROM certificates",
    "login": "SELECT count(*) FROM sessions",
    "file": "SELECT count(*) FROM filings",
    "backup": "SELECT count(*) FROM backups",
    "recover": "SELECT (SELECT count(*) FROM bindings) - (SELECT count(*) FROM certificates)",
    "revoke": "SELECT count(*) FROM certificates WHERE state = 'revoked'",
    "reissue-address": "SELECT count(*) FROM outbox WHERE purpose = 'reissue'",
    "reissue-code": "SELECT count(*) FROM outbox WHERE purpose = 'new-code'",
}
"""How often an act took effect, by what it left in the database."""


def unlogged(world: World) -> Iterator[str]:
    """Records that are not as the log's last word about them says, or of which it has none."""
    words: dict[tuple[str, str], str] = {}
    for _, details in world.records.lives():
        words.update(_words_of(details))
    present: dict[tuple[str, str], str] = {}
    for kind, table in _LIVING.items():
        names, rows = world.records.whole(table)
        present.update(((kind, str(row[0])), _word_for(names, row)) for row in rows)
    for kind, key in sorted({*words, *present}):
        if words.get((kind, key)) != present.get((kind, key)):
            yield f"the {kind} {key[:8]} is not as the audit log says"


@lru_cache(maxsize=4096)
def _words_of(details: str) -> tuple[tuple[tuple[str, str], str], ...]:
    """What an entry says of records: ((kind, key), word)."""
    records = json.loads(details)["records"].items()
    return tuple(((kind, key), word) for kind, said in records for key, word in said.items())


@lru_cache(maxsize=4096)
def _word_for(names: tuple[str, ...], row: tuple[Any, ...]) -> str:
    """What the log should say of a record as it is: its state, and a digest over all of it."""
    plain = {
        name: _base64url(value) if isinstance(value, bytes) else value for name, value in zip(names, row, strict=True)
    }
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{plain['state']} {hashlib.sha256(text.encode()).hexdigest()}"


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


_LIVING = {
    "application": "applications", "address": "addresses", "certificate": "certificates", "binding": "bindings",
    "session": "sessions", "backup": "backups",
}  # fmt: skip
"""Kinds of records in the log, and their tables."""


def unnoticed(world: World) -> Iterator[str]:
    """What somebody changed in the log or in a record behind the office's back, if the office does not notice."""
    changes = [*_broken(world.records.audit_after(0)), *unlogged(world)]
    last = [(entry["seq"], entry["hash"]) for entry in world.records.audit_after(world.records.audit_end())]
    if last != [world.head.get()]:
        changes.append("the audit log does not end where its head says")
    if changes and not world.office.verify():
        yield f"{changes[0]}, and the office does not notice"
