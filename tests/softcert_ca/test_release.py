"""Driver releases: one version, one sequence of bytes, signed by the release key alone."""

import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from softcert.errors import Rejected
from softcert.protocol import decode, from_bytes, jwk_of, protected_of, sha256, verify
from softcert_ca.pki import OfficeKeys
from softcert_ca.release import build, package


class Counting:
    """Entropy that anybody can foresee: these tests need keys, not secrets."""

    drawn = 0

    def bytes(self, count: int) -> bytes:
        self.drawn += 1
        return hashlib.shake_256(bytes([self.drawn])).digest(count)


@pytest.fixture(scope="module")
def keys() -> OfficeKeys:
    return OfficeKeys.generate(Counting(), 1_700_000_000)


def test_the_manifest_names_version_digest_and_time(keys: OfficeKeys):
    release = build(keys, "1.0.0", 1_700_000_005)
    payload = from_bytes(verify(release.manifest, jwk_of(keys.release_key.public_key())))
    assert payload == {
        "product": "softcert-driver",
        "version": "1.0.0",
        "sha256": sha256(release.package),
        "released": 1_700_000_005,
    }


def test_the_manifest_carries_the_release_certificate_that_the_root_issued(keys: OfficeKeys):
    header = protected_of(build(keys, "1.0.0", 1).manifest)
    assert set(header) == {"alg", "x5c"}
    certificate = x509.load_der_x509_certificate(decode(header["x5c"][0]))
    certificate.verify_directly_issued_by(keys.root)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CODE_SIGNING]


def test_no_other_key_of_the_office_verifies_it(keys: OfficeKeys):
    with pytest.raises(Rejected, match="badSignature"):
        verify(build(keys, "1.0.0", 1).manifest, jwk_of(keys.office_key.public_key()))


def test_the_same_release_is_the_same_bytes(keys: OfficeKeys):
    first = build(keys, "1.2.3", 5)
    package.cache_clear()
    assert build(keys, "1.2.3", 5) == first


def test_another_version_is_another_package():
    assert package("1.0.0") != package("1.0.1")


def test_the_package_holds_sources_only_sorted_and_of_one_time():
    archive = zipfile.ZipFile(io.BytesIO(package("1.0.0")))
    members = archive.infolist()
    names = [member.filename for member in members]
    assert names == sorted(names)
    assert {"VERSION", "softcert/__init__.py", "softcert/protocol.py", "softcert/rules/checks.py"} <= set(names)
    assert all(name == "VERSION" or name.endswith((".py", "py.typed")) for name in names)
    assert {(member.date_time, member.compress_type, member.create_system) for member in members} == {
        ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED, 3)
    }
    assert archive.read("VERSION") == b"1.0.0\n"


def test_the_package_can_be_imported(tmp_path: Path, fresh_import: Callable[[str], str]):
    path = tmp_path / "driver.zip"
    path.write_bytes(package("1.0.0"))
    assert fresh_import(str(path)).startswith(str(path))


@pytest.fixture
def fresh_import() -> Callable[[str], str]:
    """Imports `softcert.protocol` from a path in a new interpreter; returns where it came from."""
    def run(path: str) -> str:
        code = f"import sys; sys.path.insert(0, {path!r}); import softcert.protocol as p; print(p.__file__)"
        return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout

    return run


@pytest.mark.parametrize(
    "version", ["", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.x", "v1.0.0", "1.0.0\n", "1.-1.0", "１.0.0"]
)
def test_other_text_is_no_version(keys: OfficeKeys, version: str):
    with pytest.raises(ValueError, match="three numbers"):
        build(keys, version, 1)
