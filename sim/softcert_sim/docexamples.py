"""Examples for the documentation: one small story, played in memory, of which every message is kept and opened.

Runs of 40 base64url characters and more are cut to their first ten. Signatures are left out, and two digests are named
instead of shown: that of the PKCS#12 file, which its library salts by itself, and that of the driver's package, which
changes with each line of the driver. So what stands here changes with the protocol, and with nothing else.
"""

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, cast

from starlette.applications import Starlette
from starlette.routing import Route

import softcert_sim.verbs  # noqa: F401  (registers what a prelude calls)
from softcert.errors import Refused, Rejected
from softcert.ports import Request, Response
from softcert.protocol import DIRECTORY, decode, sha256
from softcert.rules.policy import Policy
from softcert_ca import signed_acts
from softcert_ca.mails import LETTERS
from softcert_ca.release import package
from softcert_mailbox.message import Message
from softcert_sim import trace
from softcert_sim.doctables import table
from softcert_sim.http1 import parse_request, parse_response
from softcert_sim.scenario.cast import read_cast_file
from softcert_sim.scenario.files import CAST, shipped
from softcert_sim.scenario.model import Cast
from softcert_sim.scenario.registry import Person
from softcert_sim.verbs import applicant, attacker, office, things
from softcert_sim.wire import Exchange
from softcert_sim.world import World, make_world

SEED = 1
LI_WEI, ZHANG_MIN = Person("li-wei"), Person("zhang-min")
