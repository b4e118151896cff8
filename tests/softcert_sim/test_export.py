"""The artifacts of a scenario, read by other tools: above all by stock OpenSSL, with the commands of the manifest."""

import base64
import email
import hashlib
import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from email.policy import default
from pathlib import Path

import pytest
from cryptography.x509 import ocsp

from softcert.rules.policy import Policy
from softcert_sim.export import LONGEST_NAME, export, safe
from softcert_sim.product import product
from softcert_sim.runner import Options, run
from softcert_sim.scenario.model import Cast
from softcert_sim.stage import Setting
from softcert_sim.world import World

STORY = """
softcert: 1
scenario: A story to be exported
given: {li-wei: backed-up, zhang-min: active}
steps:
  - revoke: {of: zhang-min}
  - login: {by: zhang-min, at: studio-pc}
    refused: valid-certificate/revoked
  - login: {by: li-wei, at: office-pc}
  - check-certificate: {of: zhang-min, is: revoked}
"""
MOVED = """
softcert: 1
scenario: A move to be exported
given: {li-wei: moved}
steps:
  - login: {by: li-wei, at: home-pc}
"""
openssl_there = pytest.mark.skipif(shutil.which("openssl") is None, reason="the command openssl is not installed")


def exported(folder: Path, text: str) -> Path:
    """Run a story as `softcert run --artifacts` does; the folder that it leaves."""
    file = folder / "story.yaml"
    file.write_text(text, encoding="utf-8")
    results = run([file], Options(setting=Setting(artifacts=folder / "artifacts")), product)
    assert results.green, results.scenarios[0].red
    (made,) = (folder / "artifacts").iterdir()
    return made


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory.mktemp("story"), STORY)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory.mktemp("moved"), MOVED)


@pytest.fixture
def world() -> Iterator[World]:
    """A world in which nothing has happened."""
    cast = Cast(computers={"office-pc": {"element": "secure"}}, drives={"red-usb": {"kind": "flash-drive"}})
    world = World(cast, Policy(), 1, "nothing")
    yield world
    world.close()


def commands(folder: Path) -> list[list[str]]:
    """Every command that the manifest gives."""
    lines = (folder / "MANIFEST.txt").read_text(encoding="utf-8").splitlines()
    return [shlex.split(line) for line in lines if line.startswith("    openssl ")]


def asked(folder: Path, *words: str) -> list[subprocess.CompletedProcess[str]]:
    """Run the manifest's commands in which these words stand."""
    chosen = [command for command in commands(folder) if all(word in command for word in words)]
    return [
        subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
        for command in chosen
    ]


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- Stock OpenSSL ----------------------------------------------------------------------------------------------------


@openssl_there
def test_openssl_verifies_the_good_certificate_and_refuses_the_revoked_one(story: Path) -> None:
    results = asked(story, "verify", "-attime", "-crl_check")
    told = {result.returncode == 0: result.stdout + result.stderr for result in results}
    assert len(results) == 2
    assert ": OK" in told[True]
    assert "certificate revoked" in told[False]


@openssl_there
def test_openssl_verifies_the_crl(story: Path) -> None:
    verified, printed = asked(story, "crl")
    assert verified.returncode == 0
    assert "verify OK" in verified.stdout + verified.stderr
    assert "Key Compromise" in printed.stdout


@openssl_there
def test_openssl_believes_the_ocsp_answers(story: Path) -> None:
    results = asked(story, "ocsp", "-respin")
    assert len(results) == 2
    assert all(result.returncode == 0 and "Response verify OK" in result.stderr for result in results)
    told = "".join(result.stdout for result in results)
    assert told.count(": good") == 1
    assert told.count(": revoked") == 1
    assert "WARNING: Status times invalid" not in told + "".join(result.stderr for result in results)


@openssl_there
def test_openssl_reads_the_ocsp_question(story: Path) -> None:
    for question in (story / "ocsp").glob("*.request.der"):
        command = ["openssl", "ocsp", "-reqin", str(question), "-req_text"]
        read = subprocess.run(command, capture_output=True, text=True, check=True)
        assert question.name.partition(".")[0].upper() in read.stdout


@openssl_there
def test_openssl_opens_a_backup_with_the_password_of_the_cast(story: Path) -> None:
    (opened,) = asked(story, "pkcs12", "-info")
    assert opened.returncode == 0
    assert "PBES2, PBKDF2, AES-256-CBC" in opened.stderr
    assert opened.stdout.count("BEGIN CERTIFICATE") == 3
    assert "BEGIN PRIVATE KEY" in opened.stdout
    (package,) = story.glob("disks/red-usb/*/backup.p12")
    wrong = ["openssl", "pkcs12", "-info", "-in", str(package), "-noenc", "-passin", "pass:green tea in autumn"]
    assert subprocess.run(wrong, capture_output=True, check=False).returncode != 0


@openssl_there
def test_the_key_in_a_backup_is_the_certificates(moved: Path) -> None:
    (opened,) = asked(moved, "pkcs12", "-info")
    (certificate,) = (moved / "certificates").iterdir()
    of_key = subprocess.run(
        ["openssl", "pkey", "-pubout"], input=opened.stdout, capture_output=True, text=True, check=True
    )
    of_certificate = subprocess.run(
        ["openssl", "x509", "-in", str(certificate), "-noout", "-pubkey"], capture_output=True, text=True, check=True
    )
    assert of_key.stdout == of_certificate.stdout


# --- What is there ----------------------------------------------------------------------------------------------------


def test_the_manifest_names_every_file(story: Path) -> None:
    lines = (story / "MANIFEST.txt").read_text(encoding="utf-8").splitlines()
    assert set(files_of(story)) - {"MANIFEST.txt"} <= set(lines)
    assert any("-validity_period is a century, because" in line for line in lines)
    assert any("100 rounds because the simulation is to be quick" in line for line in lines)
    assert "scenario   A story to be exported" in lines
    assert "office     answers" in lines


def test_a_file_for_each_certificate_under_its_serial(story: Path) -> None:
    certificates = {path.stem for path in (story / "certificates").iterdir()}
    assert len(certificates) == 2
    assert {path.name for path in (story / "ocsp").iterdir()} == {
        f"{serial}{ending}" for serial in certificates for ending in (".der", ".request.der")
    }


def test_mails_stand_by_recipient(story: Path) -> None:
    mails = sorted(path.relative_to(story / "mails").as_posix() for path in story.glob("mails/*/*.eml"))
    assert "li.wei@xixi-tea.example/0001-result.eml" in mails
    message = email.message_from_bytes((story / "mails" / mails[0]).read_bytes(), policy=default)
    assert message["To"] == "li.wei@xixi-tea.example"


def test_an_exchange_shows_its_bytes_and_the_messages_in_them(story: Path) -> None:
    (file,) = story.glob("exchanges/*-POST-backup.txt")
    text = file.read_bytes()
    assert b"# request, as sent\nPOST /backup HTTP/1.1\r\nhost: sbj.example\r\n" in text
    assert b"# answer, as sent\nHTTP/1.1 200 OK\r\n" in text
    (package,) = story.glob("disks/red-usb/*/backup.p12")
    assert f'"sha256": "{hashlib.sha256(package.read_bytes()).hexdigest()}"'.encode() in text
    numbers = sorted(int(path.name.partition("-")[0]) for path in (story / "exchanges").iterdir())
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_binary_body_is_shown_in_base64(story: Path) -> None:
    (file,) = story.glob("exchanges/*-POST-ocsp.txt")
    answer = file.read_bytes().partition(b"# answer, as sent\n")[2]
    body = base64.b64decode(answer.partition(b"# body, in base64\n")[2])
    assert ocsp.load_der_ocsp_response(body).certificate_status is ocsp.OCSPCertStatus.REVOKED


def test_the_audit_log_can_be_checked_with_nothing_but_sha256(story: Path) -> None:
    previous = ""
    lines = (story / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        entry = json.loads(line)
        digest = entry.pop("hash")
        canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(canonical.encode()).hexdigest() == digest
        assert entry["previous"] == previous
        previous = digest
    assert len(lines) > 10


# --- The same on every run, and safe ----------------------------------------------------------------------------------


def test_the_same_run_leaves_the_same_bytes(tmp_path: Path) -> None:
    text = STORY.replace("backed-up", "active")
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    first, second = (files_of(exported(folder, text)) for folder in folders)
    assert first == second


def test_names_are_the_same_even_with_a_backup(tmp_path: Path, moved: Path) -> None:
    assert sorted(files_of(exported(tmp_path, MOVED))) == sorted(files_of(moved))


def test_what_an_earlier_export_left_is_gone_and_nothing_else(tmp_path: Path, world: World) -> None:
    world.drives["red-usb"].disk.put({"old": b"1"})
    export(world, tmp_path)
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    world.drives["red-usb"].disk.wipe()
    export(world, tmp_path)
    assert not (tmp_path / "disks/red-usb/old").exists()
    assert (tmp_path / "mine.txt").exists()
    world.close()


def test_a_folder_that_is_no_export_loses_nothing(tmp_path: Path, world: World) -> None:
    (tmp_path / "disks").mkdir()
    (tmp_path / "disks/mine.txt").write_text("mine", encoding="utf-8")
    export(world, tmp_path)
    assert (tmp_path / "disks/mine.txt").exists()


def test_an_office_that_is_down_has_no_crl(tmp_path: Path, world: World) -> None:
    export(world, tmp_path)
    world.net.serve(world.origin, None)
    export(world, tmp_path)
    assert not (tmp_path / "crl.pem").exists()
    assert (tmp_path / "chain.pem").exists()
    assert "office     is down" in (tmp_path / "MANIFEST.txt").read_text(encoding="utf-8")


def test_a_disks_names_lead_nowhere_else(tmp_path: Path, world: World) -> None:
    names = ["softcert/名 前\\..\\x:y", "CON\r\n", "a" * 300, "a" * 301, "~", "-rf", "%41"]
    world.drives["red-usb"].disk.put({name: name.encode() for name in names})
    export(world, tmp_path / "out")
    found = files_of(tmp_path)
    assert {data for path, data in found.items() if "/disks/red-usb/" in path} == {name.encode() for name in names}
    assert all(path.startswith("out/") and path.isascii() and path.isprintable() for path in found)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b.txt", "a/b.txt"),
        ("../x", "%2E%2E/x"),
        ("/etc//passwd", "etc/passwd"),
        ("./.hidden", "%2E/.hidden"),
        ("a b", "a%20b"),
        ("100%", "100%25"),
        ("李", "%E6%9D%8E"),
        ("\udc80", "%ED%B2%80"),
    ],
)
def test_a_safe_path(path: str, name: str) -> None:
    assert safe(path) == name


def test_long_names_stay_different() -> None:
    first, second = safe("x" * 1000), safe("x" * 1001)
    assert first != second
    assert len(first) <= LONGEST_NAME
