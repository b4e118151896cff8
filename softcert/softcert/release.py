"""Driver releases: what the homepage offers, whether it is genuine, and what is installed (rule `driver-first`).

Files on the computer's disk:

    softcert/driver/package          the installed package
    softcert/driver/installed.json   its signed manifest; the driver is installed while both stand there
    softcert/newest-driver.json      the newest version ever installed, kept when the driver is removed
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from softcert.disk import remove, replace
from softcert.errors import Rejected
from softcert.ports import Disk
from softcert.protocol import Json, decode, from_bytes, sha256, to_bytes
from softcert.rules.facts import DriverState, ReleaseFacts
from softcert.trust import read_signed, signatory_of

FOLDER = "softcert/driver"
PACKAGE, RECORD = f"{FOLDER}/package", f"{FOLDER}/installed.json"
NEWEST = "softcert/newest-driver.json"

_NUMBER = "(0|[1-9][0-9]{0,3})"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}")


@dataclass(frozen=True, slots=True)
class Installed:
    """The driver on a disk; `version` is empty unless it is whole."""

    state: DriverState
    version: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """A release as it came from the homepage; `version` is empty unless the manifest is signed."""

    signed: bool
    intact: bool
    version: str
    package: bytes = field(repr=False)
    manifest: Json = field(repr=False)

    def facts(self, newest: str) -> ReleaseFacts:
        """The facts for rule `driver-first`; `newest` is the newest version ever installed here."""
        return ReleaseFacts(self.signed, self.intact, version_of(self.version), version_of(newest))


def version_of(text: str) -> tuple[int, ...]:
    """`a.b.c` as numbers; an empty tuple for anything else. The one grammar of a version, for driver and office.

    A number has up to four digits and no zero before it: each version has one spelling.
    """
    found = _VERSION.fullmatch(text)
    return tuple(int(part) for part in found.groups()) if found else ()


def read_release(answer: Json, root: bytes, now: int) -> Release:
    """Judge a release. `root` is the office's root certificate (DER), `now` the computer's time.

    Signed: the manifest's signature holds, and its certificate was issued by the root for code signing and is valid
    now. Intact: the package has the SHA-256 that a signed manifest names. Raises Rejected (malformed).
    """
    message, text = answer.get("manifest"), answer.get("package")
    if not isinstance(message, dict) or not isinstance(text, str):
        raise Rejected("malformed", "The homepage sent no driver. Try again later.")
    package, digest = _package(text)
    manifest = cast(Json, message)
    version, named = _signed(manifest, root, now)
    return Release(bool(version), bool(version) and named == digest, version, package, manifest)


@lru_cache(maxsize=4)
def _package(text: str) -> tuple[bytes, str]:
    """A package and its SHA-256: the same large text comes again at every installation."""
    package = decode(text)
    return package, sha256(package)


def _signed(manifest: Json, root: bytes, now: int | None) -> tuple[str, str]:
    """Version and SHA-256 that a manifest names, both empty unless it is well signed; `now` is None where dates do not
    count."""
    try:
        signer = signatory_of(manifest, root)
        if signer is None or not signer.signs_code or not (now is None or signer.valid_at(now)):
            return "", ""
        said = read_signed(manifest, signer)
    except Rejected:
        return "", ""
    version, digest = said.get("version"), said.get("sha256")
    if not isinstance(version, str) or not version_of(version):
        return "", ""
    return version, str(digest)


def installed(disk: Disk, root: bytes) -> Installed:
    """The driver on a disk, verified as at its installation, but for the dates. Raises OSError."""
    names = disk.list(FOLDER)
    if "package" not in names or "installed.json" not in names:
        return Installed("missing")
    return _installed(disk.read(RECORD), disk.read(PACKAGE), root)


@lru_cache(maxsize=64)
def _installed(record: bytes, package: bytes, root: bytes) -> Installed:
    """Remembered by all that it depends on: the same bytes are asked about in every act."""
    try:
        version, digest = _signed(from_bytes(record), root, None)
    except Rejected:
        return Installed("altered")
    return Installed("whole", version) if version and digest == sha256(package) else Installed("altered")


def newest_ever(disk: Disk) -> str:
    """The newest version ever installed on this disk; empty when none was. Raises OSError."""
    try:
        return str(from_bytes(disk.read(NEWEST)).get("version", ""))
    except (FileNotFoundError, NotADirectoryError, Rejected):
        return ""


def install(disk: Disk, release: Release) -> None:
    """Put a release that was found good on the disk; what is remembered comes first. Raises OSError."""
    replace(disk, NEWEST, to_bytes({"version": release.version}))
    remove(disk, RECORD)
    replace(disk, PACKAGE, release.package)
    replace(disk, RECORD, to_bytes(release.manifest))


def uninstall(disk: Disk) -> None:
    """Remove the driver; the newest version stays remembered. Raises OSError."""
    remove(disk, FOLDER)
