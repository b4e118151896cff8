"""Driver releases (rule `driver-first`): the package, and the manifest by which a driver knows a true one.

The package is the driver itself: the sources of `softcert` in a ZIP without compression, names sorted, one time for
all, so that the same version is the same bytes wherever it is built.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from softcert.protocol import Json, sha256
from softcert.release import version_of
from softcert_ca.keys import OfficeKeys
from softcert_ca.pki import release_sign

PRODUCT = "softcert-driver"
_TIME = (1980, 1, 1, 0, 0, 0)
"""The first moment that a ZIP can write."""


@dataclass(frozen=True, slots=True)
class Release:
    """A published driver: `manifest` is a JWS by the release key over product, version, digest and time."""

    version: str
    released: int
    manifest: Json
    package: bytes


@lru_cache(maxsize=8)
def build(keys: OfficeKeys, version: str, released: int) -> Release:
    """The release `version` (`a.b.c`), published at `released` (seconds since 1970). Raises like `package`."""
    data = package(version)
    content = {"product": PRODUCT, "version": version, "sha256": sha256(data), "released": released}
    return Release(version, released, release_sign(keys, content), data)


@lru_cache(maxsize=8)
def package(version: str) -> bytes:
    """The package of a version. Raises ValueError for text that is not `a.b.c`."""
    if not version_of(version):
        raise ValueError("A version is three numbers with dots between them, such as 1.0.0.")
    members = {"VERSION": f"{version}\n".encode(), **dict(_sources(files("softcert"), "softcert"))}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            archive.writestr(_member(name), members[name])
    return buffer.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _TIME)
    # Always as written on Unix: else the bytes would tell where they were built.
    info.create_system = 3
    info.external_attr = 0o100644 << 16
    return info


def _sources(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    """Every Python source and typing mark below a folder, with its path."""
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _sources(entry, f"{path}/{entry.name}")
        elif entry.name.endswith(".py") or entry.name == "py.typed":
            yield f"{path}/{entry.name}", entry.read_bytes()
