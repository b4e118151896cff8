"""What the shipped suite does not reach, and why: the only exceptions that `--require-coverage` grants.

An entry that is reached after all is an error too, so that the list cannot rot.
"""

UNREACHED = {
    "assumption lost-computer": "It has a single value: the source has no other path for a lost computer.",
}
"""The name of each `coverage.Item`, and the cause."""
