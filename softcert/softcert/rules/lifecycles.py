"""The life cycles: for each kind of record one literal table (state, event) → state. What is not in it cannot happen."""

Table = dict[tuple[str, str], str]

APPLICATION: Table = {
    ("none", "submit"): "submitted",
    ("submitted", "approve"): "approved",
    ("submitted", "disapprove"): "disapproved",
    ("submitted", "withdraw"): "withdrawn",
    ("approved", "withdraw"): "withdrawn",
    ("approved", "issue"): "certified",
    ("certified", "revoke"): "revoked",
}

ADDRESS: Table = {
    ("none", "send"): "live",
    ("live", "claim"): "used",
    ("live", "replace"): "replaced",
    ("live", "withdraw"): "replaced",
}
"""Expiry is no event: it is read from the clock, and written down when somebody comes late."""

CERTIFICATE: Table = {
    ("none", "issue"): "issued",
    ("issued", "activate"): "active",
    ("issued", "revoke"): "revoked",
    ("active", "revoke"): "revoked",
}

SESSION: Table = {
    ("none", "login"): "live",
    ("live", "logout"): "ended",
    ("live", "lock"): "ended",
    ("live", "revoke"): "ended",
    ("live", "move"): "ended",
    ("live", "replace"): "ended",
}

BACKUP: Table = {
    ("none", "register"): "registered",
    ("registered", "recover"): "spent",
    ("registered", "move"): "retired",
    ("registered", "revoke"): "retired",
}

BINDING: Table = {
    ("none", "bind"): "bound",
    ("bound", "move"): "retired",
    ("bound", "replace"): "retired",
}

LIFECYCLES: dict[str, Table] = {
    "application": APPLICATION,
    "address": ADDRESS,
    "certificate": CERTIFICATE,
    "binding": BINDING,
    "session": SESSION,
    "backup": BACKUP,
}


def states_before(kind: str, event: str) -> tuple[str, ...]:
    """The states from which the event leads on."""
    return tuple(state for state, happened in LIFECYCLES[kind] if happened == event)


def state_after(kind: str, event: str) -> str:
    """The one state to which the event leads."""
    [after] = {after for (_, happened), after in LIFECYCLES[kind].items() if happened == event}
    return after
