"""What the shipped suite does not reach, and why: the only exceptions that `--require-coverage` grants.

An entry that is reached after all is an error too, so that the list cannot rot.
"""

_SESSION = (
    "A session is opened by a login, which asks issuer and usage; from then on its certificate is the office's own record. "
    "Another one is refused before, as `other-certificate`."
)
_BACKUP = (
    "A backup is registered under a certificate that the office knows; with another one it is refused before, as "
    "`unregistered`."
)

UNREACHED = {
    "reason valid-certificate/wrong-issuer office activate refused": _SESSION,
    "reason valid-certificate/wrong-usage office activate refused": _SESSION,
    "reason valid-certificate/wrong-issuer office file refused": _SESSION,
    "reason valid-certificate/wrong-usage office file refused": _SESSION,
    "reason valid-certificate/wrong-issuer office recover refused": _BACKUP,
    "reason valid-certificate/wrong-usage office recover refused": _BACKUP,
    "assumption lost-computer": "It has a single value: the source has no other path for a lost computer.",
}
"""The name of each `coverage.Item`, and the cause."""
