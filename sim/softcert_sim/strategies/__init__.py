"""Hypothesis strategies for the scenario language, and a machine that lives any life in the real simulated world.

Everything here is for properties of one's own (docs/proof.md): who and what there is, texts and forms, policies, steps
and faults, requests and mails; and `Process`, to be run as it is or subclassed. Needs the extra `test`.
"""

try:
    import hypothesis as _needed
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "softcert_sim.strategies needs Hypothesis, which only the extra `test` brings: pip install 'softcert[test]'"
    ) from None

from softcert_sim.strategies.acts import acts, faults, steps
from softcert_sim.strategies.machine import MEETING, Found, Process, stage
from softcert_sim.strategies.values import (
    computers,
    drives,
    forms,
    headers,
    mails,
    messages,
    people,
    policies,
    texts,
)

assert _needed

__all__ = [
    "MEETING", "Found", "Process", "acts", "computers", "drives", "faults", "forms", "headers", "mails", "messages",
    "people", "policies", "stage", "steps", "texts",
]  # fmt: skip
