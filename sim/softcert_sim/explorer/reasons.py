"""Why an applicant can get no working certificate any more, where the process itself says so. Each reason has a name."""

from softcert_sim.oracle import State
from softcert_sim.oracle.facts import Facts

NO_OTHER = "and the scope allows no other application"


def hindrance(state: State, who: str) -> str:
    """What is final about the latest application of an applicant, who may make no other; empty where nothing is."""
    facts = Facts(state.worlds[0], dict(state.policy))
    known = facts.get(("knows", "", "application", who))
    if not known:
        return ""
    app, policy = known[-1], facts.policy
    ended = facts.get(("application", app))
    if ended in ("disapproved", "withdrawn", "revoked"):
        return f"the {'certificate' if ended == 'revoked' else 'application'} is {ended}, {NO_OTHER}"
    bound = {device for device, _ in facts.get(("bound", app)) or ()}
    keys = [(name[1], key) for name, key in facts.row("key") if name[2] == app and key.of in bound]
    if keys and all(facts["slot", at, key.slot][1] >= policy["pin_tries"] for at, key in keys):
        return f"the PIN is locked where the certificate is bound, {NO_OTHER}"
    return ""
