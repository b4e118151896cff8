"""Everything that a scenario file can say: verbs, checks, faults and preludes, registered when this is imported."""

from softcert_sim.verbs import applicant, attacker, checks, faults, office, preludes, things, time

__all__ = ["applicant", "attacker", "checks", "faults", "office", "preludes", "things", "time"]
