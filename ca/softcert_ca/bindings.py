"""Which computer can use a certificate (rule `one-computer`), and how an altered binding is noticed (`accountable`).

Each change of a binding goes into the audit log with the whole result: `verify` compares the log's last word about each
certificate with the tables, so that an insider who rebinds one in the database is found.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from softcert.protocol import Thumbprint, sha256, to_bytes
from softcert_ca import audit
from softcert_ca.case import Case
from softcert_ca.records import certificates, ids_of
from softcert_ca.records.certificates import Holding

WORD = "binding"
"""Name of the detail in the audit log that holds a certificate's present bindings."""

Bound = dict[Thumbprint, str]


def bind_first(case: Case, serial: str, device: Thumbprint, ids: Mapping[str, str]) -> None:
    """A fresh certificate is bound to the computer that applied, with the ids that it had then."""
    certificates.bind(case.connection, serial, 1, device, ids, case.now)
    case.note({WORD: _word(serial, 1, {device: _digest(ids)})})


def move(case: Case, holding: Holding, device: Thumbprint, ids: Mapping[str, str]) -> int:
    """Bind the certificate to that computer and to no other; returns the new generation."""
    generation = holding.certificate.generation + 1
    certificates.set_generation(case.connection, holding.serial, generation)
    certificates.unbind(case.connection, holding.serial)
    certificates.bind(case.connection, holding.serial, generation, device, ids, case.now)
    case.note({WORD: _word(holding.serial, generation, {device: _digest(ids)})})
    return generation


def copy(case: Case, holding: Holding, device: Thumbprint, ids: Mapping[str, str]) -> int:
    """Bind one more computer (assumption `recovery`: `copy`); the generation stays."""
    generation: int = holding.certificate.generation
    certificates.unbind(case.connection, holding.serial, device)
    certificates.bind(case.connection, holding.serial, generation, device, ids, case.now)
    others = {row.device: _digest(ids_of(row)) for row in holding.bindings if row.state == "bound"}
    case.note({WORD: _word(holding.serial, generation, {**others, device: _digest(ids)})})
    return generation


def verify(connection: Connection) -> list[str]:
    """A sentence for each certificate whose bindings are not those of which the audit log knows; empty when all are."""
    logged = _logged(connection)
    present = _present(connection)
    return [
        f"The binding of certificate {serial} was altered: the audit log knows of another one."
        for serial in sorted({*logged, *present})
        if logged.get(serial) != present.get(serial)
    ]


def _logged(connection: Connection) -> dict[str, Any]:
    words: dict[str, Any] = {}
    for entry in audit.entries(connection):
        word = json.loads(entry.details).get(WORD)
        if word is not None:
            words[word["serial"]] = word
    return words


def _present(connection: Connection) -> dict[str, Any]:
    words: dict[str, Any] = {}
    for row in certificates.all_bound(connection):
        word = words.setdefault(row.serial, _word(row.serial, row.present, {}))
        word["bound"][row.device] = _digest(ids_of(row))
    return words


def _word(serial: str, generation: int, bound: Bound) -> dict[str, Any]:
    return {"serial": serial, "generation": generation, "bound": bound}


def _digest(ids: Mapping[str, str]) -> str:
    return sha256(to_bytes(dict(ids)))
