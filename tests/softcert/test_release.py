"""Driver releases: genuine and whole, or not installed; and never older than one that was installed here."""

import pytest

from softcert.errors import Rejected
from softcert.protocol import encode, sha256, to_bytes
from softcert.release import Installed, install, installed, newest_ever, read_release, uninstall, version_of
from softcert_ca import pki
from softcert_sim.disk import SimDisk
from softcert_sim.entropy import Entropy

NOW = 1_767_574_800
KEYS = pki.OfficeKeys.generate(Entropy(5, "office").stream("keys"), NOW - 1000)
OTHER = pki.OfficeKeys.generate(Entropy(6, "office").stream("keys"), NOW - 1000)
ROOT = pki.chain(KEYS)[1]
PACKAGE = b"the driver"


def offer(keys=KEYS, signs=pki.release_sign, package=PACKAGE, **changes):
    said = {"product": "softcert-driver", "version": "1.2.10", "sha256": sha256(PACKAGE), "released": NOW, **changes}
    return {"manifest": signs(keys, said), "package": encode(package)}


def read(answer, now=NOW):
    return read_release(answer, ROOT, now)


def test_a_genuine_release_is_signed_and_intact():
    release = read(offer())
    assert (release.signed, release.intact, release.version, release.package) == (True, True, "1.2.10", PACKAGE)
    assert release.facts("1.2.9").version > release.facts("1.2.9").newest_seen


def test_a_changed_package_is_not_intact():
    release = read(offer(package=b"malware"))
    assert (release.signed, release.intact) == (True, False)


@pytest.mark.parametrize(
    "answer",
    [
        offer(OTHER),
        offer(signs=pki.office_sign),
        {**offer(), "manifest": {**offer()["manifest"], "payload": offer(version="9.0.0")["manifest"]["payload"]}},
        {**offer(), "manifest": {}},
        offer(version="newest"),
        offer(version=3),
    ],
)
def test_what_the_release_key_did_not_sign_is_unsigned(answer):
    release = read(answer)
    assert (release.signed, release.version) == (False, "")


@pytest.mark.parametrize("now", [NOW - 1001, NOW + 30 * 365 * 86400])
def test_with_a_wrong_clock_nothing_is_believed(now):
    assert not read(offer(), now).signed


@pytest.mark.parametrize(
    "answer", [{}, {"manifest": {}}, {"manifest": "x", "package": ""}, {**offer(), "package": "="}]
)
def test_what_is_no_release_is_malformed(answer):
    with pytest.raises(Rejected, match="malformed"):
        read(answer)


@pytest.fixture
def disk():
    disk = SimDisk("disk")
    install(disk, read(offer()))
    return disk


def test_an_installed_driver_is_known_by_its_files(disk):
    assert installed(SimDisk("empty"), ROOT) == Installed("missing")
    assert installed(disk, ROOT) == Installed("whole", "1.2.10")
    disk.remove("softcert/driver/package")
    assert installed(disk, ROOT) == Installed("missing")


def test_the_newest_version_is_remembered_after_the_driver_is_removed(disk):
    uninstall(disk)
    uninstall(disk)
    disk.power_cut(0)
    assert (installed(disk, ROOT), newest_ever(disk)) == (Installed("missing"), "1.2.10")


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("package", b"malware"),
        ("package", b""),
        ("installed.json", b"{"),
        ("installed.json", to_bytes({"version": "1.2.10", "sha256": sha256(PACKAGE)})),
        ("installed.json", to_bytes(offer(OTHER)["manifest"])),
        ("installed.json", to_bytes(offer(signs=pki.office_sign)["manifest"])),
        ("installed.json", to_bytes(offer(sha256=sha256(b"another"))["manifest"])),
    ],
)
def test_a_driver_changed_after_its_installation_is_altered(disk, path, data):
    disk.write(f"softcert/driver/{path}", data)
    assert installed(disk, ROOT) == Installed("altered")


def test_an_installed_driver_does_not_end_with_its_certificate(disk):
    """Dates are asked at the installation; the office asks for the version (rule `driver-first`)."""
    assert not read(offer(), NOW + 30 * 365 * 86400).signed
    assert installed(disk, ROOT).state == "whole"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.2.10", (1, 2, 10)),
        ("9999.0.9999", (9999, 0, 9999)),
        *((text, ()) for text in ("", "1.2", "1.2.x", "１.2.3", "01.2.3", "1.2.00", "10000.0.0", "1.2.3\n")),
    ],
)
def test_versions_are_numbers(text, version):
    assert version_of(text) == version
