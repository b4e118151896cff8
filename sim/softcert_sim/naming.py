"""What people call the computers whose device keys stand in facts and records; what a request says, and who signed it."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from softcert.errors import Rejected
from softcert.protocol import decode, from_bytes, protected_of, thumbprint
from softcert_sim.wire import Exchange

if TYPE_CHECKING:
    from softcert_sim.world import Place, World


class Holder(NamedTuple):
    """Who has a device key, as people call it, and whether it is so now or was once; an empty name for nobody."""

    name: str
    now: bool


def device_of(place: "Place") -> str:
    """The thumbprint of a computer's device key, or an empty string."""
    key = place.machine.element.public_key("device")
    return thumbprint(key) if key else ""


def computers_of(world: "World", device: str) -> list[str]:
    """The computers that can sign with this device key: one, unless an element was copied."""
    return [name for name, place in world.places.items() if device_of(place) == device]


def called(world: "World", device: str) -> Holder:
    """The computers with this device key; else whoever last signed with it; nobody when nobody ever did."""
    present = computers_of(world, device)
    if present:
        return Holder("/".join(present), now=True)
    signed = (exchange for exchange in reversed(world.recorder.exchanges) if signer_of(exchange) == device)
    return Holder(next((exchange.computer for exchange in signed), ""), now=False)


@lru_cache(maxsize=4096)
def signer_of(exchange: Exchange) -> str:
    """The thumbprint of the key that signed a request, as its header says; empty for none."""
    try:
        return thumbprint(protected_of(from_bytes(exchange.request.partition(b"\r\n\r\n")[2]))["jwk"])
    except (Rejected, KeyError, TypeError):
        return ""


@lru_cache(maxsize=4096)
def payload_of(exchange: Exchange) -> dict[str, Any]:
    """What a signed request says; empty for any other."""
    try:
        return from_bytes(decode(str(from_bytes(exchange.request.partition(b"\r\n\r\n")[2]).get("payload", ""))))
    except Rejected:
        return {}


def acknowledged(exchange: Exchange) -> tuple[str, str, str] | None:
    """The kept answer whose arrival a request acknowledges, by device, act and request id."""
    meant: Any = payload_of(exchange).get("acknowledges") if exchange.method == "POST" else None
    if not isinstance(meant, dict):
        return None
    act, number = (str(cast(dict[str, Any], meant).get(name)) for name in ("act", "request_id"))
    return signer_of(exchange), act, number
