"""What people call the computers whose device keys stand in facts and records."""

from functools import lru_cache
from typing import TYPE_CHECKING

from softcert.errors import Rejected
from softcert.protocol import from_bytes, protected_of, thumbprint
from softcert_sim.wire import Exchange

if TYPE_CHECKING:
    from softcert_sim.world import Place, World


def device_of(place: "Place") -> str:
    """The thumbprint of a computer's device key, or an empty string."""
    key = place.machine.element.public_key("device")
    return thumbprint(key) if key else ""


def computers_of(world: "World", device: str) -> list[str]:
    """The computers that can sign with this device key: one, unless an element was copied."""
    return [name for name, place in world.places.items() if device_of(place) == device]


def called(world: "World", device: str) -> str:
    """The computers with this device key; else whoever last signed with it; empty when nobody ever did."""
    present = computers_of(world, device)
    if present:
        return "/".join(present)
    signed = (exchange for exchange in reversed(world.recorder.exchanges) if signer_of(exchange) == device)
    return next((exchange.computer for exchange in signed), "")


@lru_cache(maxsize=4096)
def signer_of(exchange: Exchange) -> str:
    """The thumbprint of the key that signed a request, as its header says; empty for none."""
    try:
        return thumbprint(protected_of(from_bytes(exchange.request.partition(b"\r\n\r\n")[2]))["jwk"])
    except (Rejected, KeyError, TypeError):
        return ""
