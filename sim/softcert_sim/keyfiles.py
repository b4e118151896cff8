"""The key stores on a virtual disk, as their files say."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from softcert.protocol import thumbprint
from softcert_sim.disk import SimDisk

_KEYS = "softcert/keys/"


def stores_on(disk: SimDisk) -> list[Mapping[str, Any]]:
    """Every key store that can be read; an empty one stands for a file that is damaged."""
    return [json_in(data) for path, data in disk.files().items() if path.startswith(_KEYS)]


def public_keys_on(disk: SimDisk, generation: int = 0) -> frozenset[str]:
    """The public keys, as thumbprints, of all key stores that are of use at this generation of the binding: those that
    count, and what a recovery staged for a binding that came."""
    return frozenset(
        thumbprint(store["public_key"])
        for store in stores_on(disk)
        if "public_key" in store and (not store.get("staged") or store.get("generation", 0) < generation)
    )


@lru_cache(maxsize=1024)
def json_in(data: bytes) -> Mapping[str, Any]:
    """The object that these bytes hold; an empty one where they hold none."""
    try:
        return json.loads(data)
    except ValueError:
        return {}
