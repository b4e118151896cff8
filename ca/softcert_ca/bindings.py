"""Which computer can use a certificate (rule `one-computer`)."""

from collections.abc import Mapping

from softcert.protocol import Thumbprint
from softcert_ca import lives
from softcert_ca.case import Case
from softcert_ca.records.certificates import Holding

Ids = Mapping[str, str]


def bind_first(case: Case, serial: str, device: Thumbprint, ids: Ids) -> None:
    """A fresh certificate is bound to the computer that applied, with the ids that it had then."""
    _bind(case, serial, 1, device, ids)


def move(case: Case, holding: Holding, device: Thumbprint, ids: Ids) -> int:
    """Bind the certificate to that computer and to no other; returns the new generation."""
    generation: int = holding.certificate.generation + 1
    lives.change(case, "certificate", holding.serial, generation=generation)
    lives.move(case, "binding", "move", {"serial": holding.serial})
    _bind(case, holding.serial, generation, device, ids)
    return generation


def copy(case: Case, holding: Holding, device: Thumbprint, ids: Ids) -> int:
    """Bind one more computer (assumption `recovery`: `copy`); the generation stays."""
    generation: int = holding.certificate.generation
    lives.move(case, "binding", "replace", {"serial": holding.serial, "device": device})
    _bind(case, holding.serial, generation, device, ids)
    return generation


def _bind(case: Case, serial: str, generation: int, device: Thumbprint, ids: Ids) -> None:
    """The ids are the computer's baseline from now on."""
    binding = {"serial": serial, "generation": generation, "device": device, "bound_at": case.now, **ids}
    lives.begin(case, "binding", "bind", binding)
