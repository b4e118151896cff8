"""The simulated world: computers, drives, people, clock, wire; the scenario language, its runner and the command line."""

from typing import Literal

TransportName = Literal["memory", "loopback"]
"""How messages travel: through function calls, or over sockets of this machine."""
