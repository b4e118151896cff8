"""Backups: nothing shows without the password, nothing is parsed before the office's manifest says that it is whole."""

import json
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as some

from softcert.backup import MANIFEST, PACKAGE, Contents, choose, find, judge, pack, path_of, unpack
from softcert.element import new_scalar, private_key
from softcert.protocol import encode, from_bytes, sha256, sign, signer_of, to_bytes
from softcert_ca import pki
from softcert_sim.disk import SimDisk
from softcert_sim.entropy import Entropy

NOW = 1_767_574_800
ID = "0123456789abcdef0123456789abcdef"
PASSWORD = "Jasmine 2031"
KEYS = pki.OfficeKeys.generate(Entropy(5, "office").stream("keys"), NOW - 1000)
OTHER = pki.OfficeKeys.generate(Entropy(6, "office").stream("keys"), NOW - 1000)
ROOT = pki.chain(KEYS)[1]


def contents():
    scalar = new_scalar(Entropy(5, "key").stream("key"))
    certificate = pki.issue(
        KEYS, private_key(scalar).public_key(), serial=99, common_name="Li Wei", now=NOW, lifetime=86400
    )
    return Contents(scalar, certificate.public_bytes(Encoding.DER), pki.chain(KEYS))


CONTENTS = contents()
FILE = pack(CONTENTS, "Li Wei", PASSWORD, 2)


def manifest(keys=KEYS, **changes):
    said = {"format": 1, "backup": ID, "application": "a", "name": "Li Wei", "serial": "63", "generation": 1}
    return pki.office_sign(keys, {**said, "sha256": sha256(FILE), "at": NOW, **changes})


MANIFEST_BYTES = to_bytes(manifest())


def drive(**backups):
    disk = SimDisk("red-usb")
    for name, (package, signed) in backups.items():
        files = {PACKAGE: package} if signed is None else {PACKAGE: package, MANIFEST: to_bytes(signed)}
        put(disk, path_of(name.removeprefix("_")), files)
    return disk


def put(disk, folder, files):
    for name, data in files.items():
        disk.write(f"{folder}/{name}", data)


def test_what_was_packed_comes_out_with_the_password():
    assert unpack(FILE, PASSWORD) == CONTENTS


@pytest.mark.parametrize("password", ["", "jasmine 2031", PASSWORD + " ", "茉莉花 2031"])
def test_another_password_opens_nothing(password):
    assert unpack(FILE, password) is None


def test_neither_key_nor_certificate_shows():
    assert CONTENTS.scalar not in FILE
    assert CONTENTS.certificate not in FILE
    assert CONTENTS.certificate[40:200] not in FILE


def test_names_and_passwords_may_be_chinese():
    assert unpack(pack(CONTENTS, "西溪茶业有限公司", "茉莉花茶二零三一年", 2), "茉莉花茶二零三一年") == CONTENTS


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl on this machine")
def test_stock_openssl_reads_it(tmp_path):
    (tmp_path / PACKAGE).write_bytes(FILE)
    command = ["openssl", "pkcs12", "-info", "-in", tmp_path / PACKAGE, "-passin", f"pass:{PASSWORD}", "-nodes"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "MAC: sha256" in told.stderr
    assert "PBES2, PBKDF2, AES-256-CBC" in told.stderr
    assert told.stdout.count("BEGIN CERTIFICATE") == 3
    assert told.stdout.count("BEGIN PRIVATE KEY") == 1
    assert "friendlyName: Li Wei" in told.stdout


def test_a_registered_backup_is_whole():
    assert judge(ID, FILE, MANIFEST_BYTES, ROOT) == "whole"


@pytest.mark.parametrize(
    ("status", "package", "signed"),
    [
        ("altered", FILE[:-1], manifest()),
        ("altered", FILE + b"\0", manifest()),
        ("altered", b"", manifest()),
        ("altered", FILE, manifest(backup="f" * 32)),
        ("altered", FILE, manifest(sha256="0" * 64)),
        ("altered", FILE, manifest(format=0)),
        ("altered", FILE, manifest(at=NOW + 99 * 365 * 86400)),
        ("altered", FILE, manifest(at="yesterday")),
        ("altered", FILE, {**manifest(), "signature": manifest(at=NOW + 1)["signature"]}),
        ("altered", FILE, {}),
        ("newer-format", FILE, manifest(format=2)),
        ("newer-format", FILE, manifest(OTHER, format=2)),
        ("foreign", FILE, manifest(OTHER)),
        ("foreign", FILE, pki.release_sign(KEYS, {"format": 1, "backup": ID, "sha256": sha256(FILE), "at": NOW})),
        ("foreign", FILE, sign({}, b"{}", signer_of(KEYS.office_key))),
        ("foreign", FILE, sign({"x5c": []}, b"{}", signer_of(KEYS.office_key))),
        ("foreign", FILE, sign({"x5c": [encode(b"no certificate")]}, b"{}", signer_of(KEYS.office_key))),
        (
            "foreign",
            FILE,
            sign({"x5c": [encode(CONTENTS.certificate)]}, b"{}", signer_of(private_key(CONTENTS.scalar))),
        ),
        ("foreign", FILE, sign({"x5c": [encode(pki.chain(KEYS)[0])]}, b"{}", signer_of(KEYS.issuing_key))),
    ],
)
def test_what_is_not_whole_has_a_name(status, package, signed):
    assert judge(ID, package, to_bytes(signed), ROOT) == status


@given(some.data())
def test_a_changed_byte_anywhere_is_noticed(data):
    """Every byte of both files counts."""
    package, signed = bytearray(FILE), bytearray(MANIFEST_BYTES)
    target = data.draw(some.sampled_from([package, signed]))
    where = data.draw(some.integers(0, len(target) - 1))
    target[where] ^= data.draw(some.integers(1, 255))
    assert judge(ID, bytes(package), bytes(signed), ROOT) != "whole"


@given(some.binary(max_size=200))
def test_any_bytes_can_be_judged(junk):
    assert judge(ID, FILE, junk, ROOT) in ("altered", "foreign", "newer-format")


@given(some.integers(0, len(FILE) - 1), some.integers(0, len(MANIFEST_BYTES) - 1))
def test_cut_files_are_noticed(package, signed):
    assert judge(ID, FILE[:package], MANIFEST_BYTES, ROOT) == "altered"
    assert judge(ID, FILE, MANIFEST_BYTES[:signed], ROOT) != "whole"


def test_a_drive_shows_its_backups_and_nothing_else():
    disk = drive(**{f"_{ID}": (FILE, manifest()), "_" + "b" * 32: (FILE, None)})
    disk.write("softcert-backup-holiday/photo.jpg", b"")
    disk.write("softcert-backup-" + "c" * 32 + ".new/backup.p12", FILE)
    found = find(disk, ROOT)
    assert [(one.id, one.status, one.name, one.at) for one in found] == [
        (ID, "whole", "Li Wei", NOW),
        ("b" * 32, "unregistered", "", 0),
    ]
    assert PASSWORD not in repr(found)


def test_a_backup_in_a_folder_is_found_there():
    disk = SimDisk("red-usb")
    put(disk, path_of(ID, "mine/certificates"), {PACKAGE: FILE, MANIFEST: MANIFEST_BYTES})
    assert [one.id for one in find(disk, ROOT, "mine/certificates")] == [ID]
    assert find(disk, ROOT) == ()


def test_a_backup_without_its_file_is_altered():
    disk = SimDisk("red-usb")
    put(disk, path_of(ID), {MANIFEST: MANIFEST_BYTES})
    assert find(disk, ROOT)[0].status == "altered"


def several():
    at = {"1": NOW, "2": NOW + 5, "3": NOW + 9}
    names = {"1": "Li Wei", "2": "Li Wei", "3": "Zhang Min"}
    good = {f"_{n * 32}": (FILE, manifest(backup=n * 32, name=names[n], at=at[n])) for n in at}
    bad = {"_" + "4" * 32: (b"cut", manifest(backup="4" * 32, name="Li Wei", at=NOW + 99))}
    return find(drive(**good, **bad), ROOT)


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        ({}, "3"),
        ({"name": "Li Wei"}, "2"),
        ({"name": "Zhang Min"}, "3"),
        ({"backup": "1" * 32}, "1"),
        ({"backup": "4" * 32, "name": "Li Wei"}, "4"),
    ],
)
def test_among_several_the_newest_whole_one_is_chosen(asked, chosen):
    assert choose(several(), **asked).id == chosen * 32


def test_what_is_not_there_is_not_chosen():
    assert choose(several(), name="Wang Fang") is None
    assert choose(several(), backup="9" * 32) is None
    assert choose(()) is None


def test_a_manifest_is_plain_json_that_anybody_can_read():
    said = json.loads(MANIFEST_BYTES)
    assert set(said) == {"payload", "protected", "signature"}
    assert from_bytes(MANIFEST_BYTES) == manifest()
