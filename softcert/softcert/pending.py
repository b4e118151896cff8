"""Requests with an effect, kept on the disk from before they are sent until the office knows that the answer arrived.

If no answer comes, the same act asked again finds its record and goes out under the same request id with the same
content, and the office gives the same answer (assumption `repeat-until-acknowledged`). Activation codes are not stored:
they are asked again and the office notices when they differ (rule `code-secret`).
"""

from dataclasses import dataclass, fields
from typing import Any

from softcert.disk import remove, replace
from softcert.errors import Rejected
from softcert.ports import Disk
from softcert.protocol import Json, from_bytes, sha256, to_bytes

FOLDER = "softcert/pending"


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that was or will be sent.

    `subject` is whom or what it is about, such as an application; a computer has one pending request for each act and
    subject. `asked` is a digest of what the user asked. `content` and `inner` are what is sent, without codes. `slot`
    is the key store that was made for it. `sent` has the SHA-256 of each inner message that went out. `answered` says
    that the answer is stored; the record then stays until the office was told.
    """

    act: str
    subject: str
    asked: str
    request_id: str
    content: Json
    inner: Json | None = None
    slot: str = ""
    sent: tuple[str, ...] = ()
    answered: bool = False

    @property
    def path(self) -> str:
        """Where the record stands."""
        return f"{FOLDER}/{self.act}-{sha256(self.subject.encode())[:16]}.json"


def digest_of(value: Any) -> str:
    """What the user asked, as a digest."""
    return sha256(to_bytes(value))


class PendingRequests:
    """All records of one computer."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def all(self) -> tuple[Pending, ...]:
        """Every record that can be read. Raises OSError."""
        read = (self._read(f"{FOLDER}/{name}") for name in self._disk.list(FOLDER) if name.endswith(".json"))
        return tuple(pending for pending in read if pending)

    def keep(self, pending: Pending) -> Pending:
        """Store a record in place of the one with the same act and subject. Raises OSError."""
        record = {field.name: getattr(pending, field.name) for field in fields(pending)}
        replace(self._disk, pending.path, to_bytes(record))
        return pending

    def drop(self, pending: Pending) -> None:
        """Remove a record. Raises OSError."""
        remove(self._disk, pending.path)

    def _read(self, path: str) -> Pending | None:
        try:
            record = from_bytes(self._disk.read(path))
            record["sent"] = tuple(record["sent"])
            return Pending(**record) if _is_sound(record) else None
        except (FileNotFoundError, Rejected, KeyError, TypeError):
            return None


def _is_sound(record: Json) -> bool:
    """Whether everything in a record is of its kind: the file may have been changed by somebody."""
    texts = [*(record[name] for name in ("act", "subject", "asked", "request_id", "slot")), *record["sent"]]
    return (
        all(isinstance(text, str) for text in texts)
        and isinstance(record["content"], dict)
        and isinstance(record["inner"], dict | None)
        and isinstance(record["answered"], bool)
    )
