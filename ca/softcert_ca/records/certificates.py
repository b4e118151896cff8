"""Certificates and the computers to which they are bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from softcert.protocol import Thumbprint
from softcert_ca.hardware import ids_matching
from softcert_ca.records import ids_of
from softcert_ca.statements import Record, Statement
from softcert_ca.tables import applications, bindings, certificates

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
_CERTIFICATE = Statement(select(certificates).where(certificates.c.serial == bindparam("key")))
_SERIAL_OF = Statement(select(certificates.c.serial).where(certificates.c.application == bindparam("key")))
_REVOKED = Statement(
    select(certificates.c.serial, certificates.c.revoked_at, certificates.c.revocation_reason)
    .where(certificates.c.state == "revoked")
    .order_by(certificates.c.serial)
)


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

    @property
    def bound_at(self) -> int:
        """When the latest computer was bound."""
        return self.bindings[-1].bound_at

    def ids_matching(self, device: Thumbprint, hardware: Mapping[str, str]) -> int:
        """How many ids are as at the binding of that computer; 0 for a computer not bound."""
        for row in self.bindings:
            if row.device == device and row.state == "bound":
                return ids_matching(ids_of(row), hardware)
        return 0


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


def revoked_certificates(connection: Connection) -> Sequence[Record]:
    """serial, revoked_at, revocation_reason of every revoked certificate."""
    return _REVOKED.all(connection)
