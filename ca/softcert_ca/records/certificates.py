"""Certificates and the computers to which they are bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from softcert.protocol import Thumbprint
from softcert_ca.hardware import ids_matching
from softcert_ca.records import ids_of
from softcert_ca.statements import Record, Statement, insert_into
from softcert_ca.tables import applications, bindings, certificates

_ISSUE = insert_into(certificates)
_BIND = insert_into(bindings)
_HOLDING = Statement(
    select(
        certificates,
        applications.c.name,
        applications.c.code_salt,
        applications.c.activation_tries,
        applications.c.recovery_tries,
    )
    .join(applications, applications.c.id == certificates.c.application)
    .where(certificates.c.serial == bindparam("key"))
)
_BINDINGS = Statement(select(bindings).where(bindings.c.serial == bindparam("key")).order_by(bindings.c.id))
_ALL_BOUND = Statement(
    select(bindings, certificates.c.generation.label("present"))
    .join(certificates, certificates.c.serial == bindings.c.serial)
    .where(bindings.c.state == "bound")
    .order_by(bindings.c.id)
)
_CERTIFICATE = Statement(select(certificates).where(certificates.c.serial == bindparam("key")))
_SERIAL_OF = Statement(select(certificates.c.serial).where(certificates.c.application == bindparam("key")))
_REVOKED = Statement(
    select(certificates.c.serial, certificates.c.revoked_at, certificates.c.revocation_reason)
    .where(certificates.c.state == "revoked")
    .order_by(certificates.c.serial)
)
_STEP_CERTIFICATE = Statement(
    update(certificates)
    .where(certificates.c.serial == bindparam("key"), certificates.c.state == bindparam("before"))
    .values(state=bindparam("after"))
)
_REVOKE = Statement(
    update(certificates)
    .where(certificates.c.serial == bindparam("key"), certificates.c.state != "revoked")
    .values(state="revoked", revoked_at=bindparam("now"), revocation_reason=bindparam("why"))
)
_GENERATION = Statement(
    update(certificates).where(certificates.c.serial == bindparam("key")).values(generation=bindparam("number"))
)
_UNBIND = update(bindings).where(bindings.c.serial == bindparam("key"), bindings.c.state == "bound")
_UNBIND_ALL = Statement(_UNBIND.values(state="retired"))
_UNBIND_ONE = Statement(_UNBIND.where(bindings.c.device == bindparam("computer")).values(state="retired"))


@dataclass(frozen=True, slots=True)
class Holding:
    """A certificate with its application and every computer to which it is or was bound."""

    certificate: Record
    bindings: Sequence[Record]

    @property
    def serial(self) -> str:
        """Serial number, lower-case hexadecimal."""
        return self.certificate.serial

    @property
    def bound_devices(self) -> tuple[Thumbprint, ...]:
        """The computers that can use it now: one, unless the policy lets a recovery copy."""
        return tuple(row.device for row in self.bindings if row.state == "bound")

    @property
    def retired_devices(self) -> tuple[Thumbprint, ...]:
        """The computers that could use it before and cannot now."""
        bound = self.bound_devices
        return tuple(dict.fromkeys(row.device for row in self.bindings if row.device not in bound))

    def ids_matching(self, device: Thumbprint, hardware: Mapping[str, str]) -> int:
        """How many ids are as at the binding of that computer; 0 for a computer not bound."""
        for row in self.bindings:
            if row.device == device and row.state == "bound":
                return ids_matching(ids_of(row), hardware)
        return 0


def add_certificate(connection: Connection, columns: Mapping[str, Any]) -> None:
    """Record an issued certificate."""
    _ISSUE.run(connection, {"revocation_reason": "", **columns})


def bind(
    connection: Connection, serial: str, generation: int, device: Thumbprint, ids: Mapping[str, str], now: int
) -> None:
    """Bind a certificate to a computer; the ids are its baseline from now on."""
    values = {"serial": serial, "generation": generation, "device": device, "state": "bound", "bound_at": now, **ids}
    _BIND.run(connection, values)


def unbind(connection: Connection, serial: str, device: Thumbprint | None = None) -> None:
    """Retire every binding of the certificate, or those to one computer."""
    if device is None:
        _UNBIND_ALL.run(connection, {"key": serial})
    else:
        _UNBIND_ONE.run(connection, {"key": serial, "computer": device})


def holding_of(connection: Connection, serial: str) -> Holding | None:
    """The certificate with that serial number, and its bindings."""
    row = _HOLDING.first(connection, {"key": serial})
    return None if row is None else Holding(row, _BINDINGS.all(connection, {"key": serial}))


def certificate_of(connection: Connection, serial: str) -> Record | None:
    """The certificate alone."""
    return _CERTIFICATE.first(connection, {"key": serial})


def serial_of(connection: Connection, application: str) -> str | None:
    """The serial number of the application's certificate."""
    return _SERIAL_OF.value(connection, {"key": application})


def all_bound(connection: Connection) -> Sequence[Record]:
    """Every present binding; `present` is the generation of its certificate."""
    return _ALL_BOUND.all(connection)


def revoked_certificates(connection: Connection) -> Sequence[Record]:
    """serial, revoked_at, revocation_reason of every revoked certificate."""
    return _REVOKED.all(connection)


def step_certificate(connection: Connection, serial: str, before: str, after: str) -> bool:
    """Move a certificate from one state to another; False when it was in another one."""
    return _STEP_CERTIFICATE.run(connection, {"key": serial, "before": before, "after": after}) == 1


def revoke_certificate(connection: Connection, serial: str, now: int, reason: str) -> bool:
    """Revoke a certificate; False when it is revoked already."""
    return _REVOKE.run(connection, {"key": serial, "now": now, "why": reason}) == 1


def set_generation(connection: Connection, serial: str, generation: int) -> None:
    """The certificate was bound once more."""
    _GENERATION.run(connection, {"key": serial, "number": generation})
