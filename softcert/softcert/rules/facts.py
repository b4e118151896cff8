"""What a decision may look at, one frozen record per act.

`None` or an empty string means: the thing is not there. Times are seconds since 1970, UTC, on the clock of the side
that decides. A computer is named by the thumbprint of its device key (RFC 7638), never by what it says it is.
"""

from dataclasses import dataclass
from typing import Literal

PinResult = Literal["untried", "opened", "wrong-pin", "locked", "old-keystore"]
"""What the secure element said of a PIN; `untried` while it was not asked."""

DriverState = Literal["missing", "altered", "whole"]
"""How the installed driver stands: `altered` when it is not, to the byte, a release that the office signed."""


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """A driver package that came from the homepage. `newest_seen` is the highest version this computer ever installed."""

    signed: bool
    intact: bool
    version: tuple[int, ...]
    newest_seen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DriverFacts:
    """What every act of the driver asks first."""

    driver: DriverState


@dataclass(frozen=True, slots=True)
class ConfirmFacts:
    """The answer to the homepage's question."""

    use_this_computer: bool


@dataclass(frozen=True, slots=True)
class ApplyFacts:
    """An application as it reached the office."""

    holds_e_licence: bool
    confirmed: Literal["yes", "nothing", "forged"]
    confirmed_by: str
    device: str
    driver_version: tuple[int, ...]
    driver_needed: tuple[int, ...]
    notice_digest: str
    notice_current: str
    notice_other: tuple[str, ...]
    notice_known: tuple[str, ...]
    notice_from: str
    notice_to_the_end: bool
    notice_accepted: bool
    bad_fields: tuple[str, ...]
    reviewed: bool
    ids_present: int


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What the driver looks at before it sends an application."""

    driver: DriverState
    bad_fields: tuple[str, ...]
    reviewed: bool


@dataclass(frozen=True, slots=True)
class DownloadFacts:
    """A download request, the address that it names and the application behind it.

    `application` is `unknown` unless the address is genuine or the applicant's own computer asks.
    """

    driver_version: tuple[int, ...]
    driver_needed: tuple[int, ...]
    application: str
    address: Literal["unknown", "live", "used", "replaced"]
    address_sent_at: int
    address_expires: int
    address_used_at: int | None
    address_used_by: str
    now: int
    device: str
    applied_on: str
    ids_matching: int
    key_present: bool


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """The driver's facts about a use of the sealed key. `tries_left`: wrong PINs that the element still bears."""

    driver: DriverState
    pin: PinResult
    pin_is_initial: bool
    certificate_here: bool
    tries_left: int = 0


@dataclass(frozen=True, slots=True)
class ChangePinFacts:
    """The driver's facts about a change of the PIN. `new_pin_faults` come from `faults_of_pin`."""

    driver: DriverState
    pin: PinResult
    new_pin_faults: tuple[str, ...]
    certificate_here: bool
    tries_left: int = 0


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """A presented certificate, judged now; the computers to which it is bound, the latest since `bound_at`."""

    known: bool
    issuer_ok: bool
    usage_ok: bool
    not_before: int
    not_after: int
    now: int
    revoked: bool
    revoked_at: int | None
    bound_devices: tuple[str, ...]
    bound_at: int


@dataclass(frozen=True, slots=True)
class BoundFacts(CertificateFacts):
    """A presented certificate and who presents it: the device key that signed, against the keys to which it is bound
    now or was bound before, and how many hardware ids match the baseline."""

    device: str
    retired_devices: tuple[str, ...]
    ids_matching: int


@dataclass(frozen=True, slots=True)
class UseFacts(BoundFacts):
    """A login, or the registration of a backup, at the office."""

    driver_version: tuple[int, ...]
    driver_needed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SessionFacts(BoundFacts):
    """A request inside a session: the state of the session named, the last second of its lifetime, the computer that
    opened it, and the state of its certificate."""

    session: Literal["none", "live", "ended"]
    session_expires: int
    session_device: str
    certificate: str


@dataclass(frozen=True, slots=True)
class ActivateFacts(SessionFacts):
    """An activation."""

    tries: int
    code_matches: bool


@dataclass(frozen=True, slots=True)
class FileFacts(SessionFacts):
    """A filing of trademark business."""

    signed_by_session_certificate: bool


@dataclass(frozen=True, slots=True)
class NewCodeFacts:
    """A request to be shown a re-issued activation code."""

    device: str
    bound_devices: tuple[str, ...]
    ids_matching: int
    application: str
    reissue_granted: bool


@dataclass(frozen=True, slots=True)
class WithdrawFacts:
    """A withdrawal of an application."""

    device: str
    applied_on: str


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """The driver's facts about a backup. `drive` is the kind of the device named; `path_stays` that it ends there;
    `password_length` is 0 for a password that is no text."""

    driver: DriverState
    pin: PinResult
    pin_is_initial: bool
    certificate_here: bool
    drive: Literal["none", "flash-drive", "removable-disk", "system-disk", "network-share"]
    path_stays: bool
    password_length: int
    tries_left: int = 0


@dataclass(frozen=True, slots=True)
class RestoreFacts:
    """The driver's facts about a backup on a drive, gathered before the package is parsed; `opens` comes after."""

    driver: DriverState
    new_pin_faults: tuple[str, ...]
    drive: Literal["none", "flash-drive", "removable-disk", "system-disk", "network-share"]
    backup: Literal["none", "whole", "altered", "foreign", "newer-format", "unregistered"]
    opens: bool


@dataclass(frozen=True, slots=True)
class RecoverFacts(CertificateFacts):
    """A recovery at the office."""

    driver_version: tuple[int, ...]
    driver_needed: tuple[int, ...]
    backup: Literal["unknown", "registered", "spent", "retired"]
    backup_generation: int
    generation: int
    tries: int
    proof_matches: bool
    ids_present: int
