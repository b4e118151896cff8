"""The certificate authority, judged by itself and by stock OpenSSL."""

import dataclasses
import datetime
import hashlib
import shutil
import stat
import subprocess
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from softcert.errors import Damaged, Rejected
from softcert.protocol import decode, from_bytes, jwk_of, protected_of, thumbprint, verify
from softcert_ca.pki import (
    OfficeKeys,
    Revoked,
    Standing,
    chain,
    chain_pem,
    check_csr,
    crl,
    issue,
    issued_here,
    key_of,
    new_serial,
    ocsp_answer,
    office_sign,
    read_certificate,
)
from softcert_ca.profiles import P256_ORDER

NOW = 1_700_000_000
DAY, YEAR = 86400, 365 * 86400
NAME = "李伟 Ltd."

openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL's command is not installed here")


class Stream:
    """Entropy from a seed."""

    def __init__(self, seed: str) -> None:
        self._seed, self._drawn = seed, 0

    def bytes(self, count: int) -> bytes:
        self._drawn += 1
        return hashlib.shake_256(f"{self._seed}/{self._drawn}".encode()).digest(count)


KEYS = OfficeKeys.generate(Stream("office"), NOW)
OTHER = OfficeKeys.generate(Stream("another office"), NOW)
APPLICANT = ec.derive_private_key(77, ec.SECP256R1())
DEVICE = jwk_of(ec.derive_private_key(78, ec.SECP256R1()).public_key())


def certificate(
    keys: OfficeKeys = KEYS, serial: int = 0x51, name: str = NAME, now: int = NOW, **more: Any
) -> x509.Certificate:
    lifetime = more.pop("lifetime", 5 * YEAR)
    key = APPLICANT.public_key()
    return issue(keys, key, serial=serial, common_name=name, now=now, lifetime=lifetime, **more)


def der(one: x509.Certificate) -> bytes:
    return one.public_bytes(Encoding.DER)


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(["openssl", *map(str, command)], cwd=cwd, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The chain and one certificate, as files for OpenSSL."""
    (tmp_path / "root.pem").write_bytes(KEYS.root.public_bytes(Encoding.PEM))
    (tmp_path / "issuing.pem").write_bytes(KEYS.issuing.public_bytes(Encoding.PEM))
    (tmp_path / "chain.pem").write_bytes(chain_pem(KEYS))
    (tmp_path / "one.pem").write_bytes(certificate().public_bytes(Encoding.PEM))
    return tmp_path


# --- Keys and profiles ------------------------------------------------------------------------------------------------


def everything(keys: OfficeKeys) -> list[object]:
    return [plain(getattr(keys, field.name)) for field in dataclasses.fields(keys)]


def plain(value: object) -> object:
    match value:
        case ec.EllipticCurvePrivateKey():
            return value.private_numbers().private_value
        case ed25519.Ed25519PrivateKey():
            return value.private_bytes_raw()
        case x509.Certificate():
            return der(value)
        case _:
            return value


def test_the_same_entropy_gives_the_same_keys_and_certificates():
    again = OfficeKeys.generate(Stream("office"), NOW)
    assert everything(again) == everything(KEYS)
    assert der(certificate(again)) == der(certificate())
    assert again.tls_certificate(Stream("t"), NOW).chain_pem == KEYS.tls_certificate(Stream("t"), NOW).chain_pem


def test_no_key_or_secret_of_an_office_occurs_twice_or_elsewhere():
    secrets = [secret for keys in (KEYS, OTHER) for secret in everything(keys)[1:]]
    assert len(set(secrets)) == len(secrets)


def test_a_key_comes_from_entropy_even_at_the_edges():
    class Full:
        def bytes(self, count: int) -> bytes:
            return b"\xff" * count

    class Empty:
        def bytes(self, count: int) -> bytes:
            return bytes(count)

    for entropy in (Full(), Empty()):
        keys = OfficeKeys.generate(entropy, NOW)
        assert 0 < keys.root_key.private_numbers().private_value < P256_ORDER


def test_the_text_of_the_keys_shows_none():
    assert KEYS.desk_key.hex() not in repr(KEYS)
    assert KEYS.token_key.hex() not in repr(KEYS)


@pytest.mark.parametrize(
    ("role", "issuer", "ca", "path_length", "purposes"),
    [
        ("root", "root", True, 1, None),
        ("issuing", "root", True, 0, None),
        ("ocsp", "issuing", False, None, [ExtendedKeyUsageOID.OCSP_SIGNING]),
        ("release", "root", False, None, [ExtendedKeyUsageOID.CODE_SIGNING]),
        ("office", "root", False, None, None),
    ],
)
def test_profiles(role: str, issuer: str, ca: bool, path_length: int | None, purposes: list[object] | None):
    one, above = getattr(KEYS, role), getattr(KEYS, issuer)
    one.verify_directly_issued_by(above)
    constraints = one.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = one.extensions.get_extension_for_class(x509.KeyUsage)
    assert constraints.critical
    assert usage.critical
    assert (constraints.value.ca, constraints.value.path_length) == (ca, path_length)
    assert (usage.value.key_cert_sign, usage.value.crl_sign, usage.value.digital_signature) == (ca, ca, not ca)
    found = [e.value for e in one.extensions if isinstance(e.value, x509.ExtendedKeyUsage)]
    assert [list(value) for value in found] == ([] if purposes is None else [purposes])
    assert one.serial_number.bit_length() > 64
    assert one.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)


def test_the_ocsp_responder_is_not_asked_about():
    assert KEYS.ocsp.extensions.get_extension_for_class(x509.OCSPNoCheck)


def test_lifetimes():
    assert (KEYS.root.not_valid_after_utc - KEYS.root.not_valid_before_utc).days == 20 * 365
    assert (KEYS.issuing.not_valid_after_utc - KEYS.issuing.not_valid_before_utc).days == 10 * 365


def test_serial_numbers_are_positive_long_and_never_the_same():
    entropy = Stream("serials")
    serials = {new_serial(entropy) for _ in range(200)}
    assert len(serials) == 200
    assert all(len(f"{serial:x}") == 32 and serial.bit_length() <= 127 for serial in serials)


# --- An applicant's certificate ---------------------------------------------------------------------------------------


def test_an_applicants_certificate_says_what_the_office_decided():
    one = certificate(serial_number="91310000MA1FL0CK3X")
    assert one.serial_number == 0x51
    assert [(a.oid, a.value) for a in one.subject] == [
        (NameOID.COMMON_NAME, NAME),
        (NameOID.SERIAL_NUMBER, "91310000MA1FL0CK3X"),
    ]
    usage = one.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.digital_signature, usage.key_cert_sign, usage.key_encipherment) == (True, False, False)
    purposes = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    points = one.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    access = one.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert points[0].full_name == [x509.UniformResourceIdentifier("https://office.example/crl")]
    assert access[0].access_location.value == "https://office.example/ocsp"


def test_crl_and_ocsp_are_asked_at_the_configured_origin():
    keys = OfficeKeys.generate(Stream("office"), NOW, origin="https://127.0.0.1:8443")
    access = certificate(keys).extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert access[0].access_location.value == "https://127.0.0.1:8443/ocsp"


def test_a_certificate_lives_to_its_last_second_and_never_longer_than_its_ca():
    def end(one: x509.Certificate) -> datetime.datetime:
        return one.not_valid_after_utc

    assert end(certificate(lifetime=60)).timestamp() == NOW + 60
    assert end(certificate(now=NOW + 9 * YEAR)) == end(KEYS.issuing)


@pytest.mark.parametrize("name", ["商" * 60, "A" * 120, "é" * 33])
def test_a_long_name_is_cut_between_characters(name: str):
    held = certificate(name=name).subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    assert isinstance(held, str)
    assert name.startswith(held)
    assert 60 < len(held.encode()) <= 64


# --- Certificate requests ---------------------------------------------------------------------------------------------


def request(key: Any = APPLICANT, name: str | None = NAME, extension: x509.ExtensionType | None = None) -> bytes:
    attributes = [] if name is None else [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(attributes))
    if extension is not None:
        builder = builder.add_extension(extension, critical=False)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)


def never(_: str) -> bool:
    return False


def check(csr: bytes, used: Callable[[str], bool] = never) -> dict[str, str]:
    return check_csr(csr, used=used, device=DEVICE, common_name=NAME)


@pytest.mark.parametrize("name", [NAME, None])
def test_a_sound_request_gives_its_key(name: str | None):
    jwk = check(request(name=name))
    assert jwk == jwk_of(APPLICANT.public_key())
    assert key_of(jwk) == APPLICANT.public_key()


def test_a_request_that_proves_no_possession_is_refused():
    sound = request()
    stranger = request(ec.derive_private_key(79, ec.SECP256R1()))
    swapped = sound[:-70] + stranger[-70:]
    for forged in (sound[:-1] + bytes([sound[-1] ^ 1]), swapped):
        with pytest.raises(Rejected) as caught:
            check(forged)
        assert caught.value.name == "badCSR"


@pytest.mark.parametrize(
    "key",
    [
        ec.derive_private_key(5, ec.SECP384R1()),
        ec.derive_private_key(5, ec.SECP256K1()),
        ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["P-384", "secp256k1", "Ed25519", "RSA"],
)
def test_a_key_that_is_not_p256_is_refused(key: Any):
    with pytest.raises(Rejected, match="P-256") as caught:
        check(request(key))
    assert caught.value.name == "badPublicKey"


def test_the_device_key_is_not_certified():
    with pytest.raises(Rejected, match="device key") as caught:
        check(request(ec.derive_private_key(78, ec.SECP256R1())))
    assert caught.value.name == "badPublicKey"


def test_a_key_used_before_is_refused():
    used = {thumbprint(jwk_of(APPLICANT.public_key()))}
    with pytest.raises(Rejected, match="used for another application") as caught:
        check(request(), used.__contains__)
    assert caught.value.name == "badPublicKey"


@pytest.mark.parametrize(
    "extension",
    [
        x509.BasicConstraints(ca=True, path_length=None),
        x509.SubjectAlternativeName([x509.DNSName("office.example")]),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]),
    ],
)
def test_a_request_for_more_is_refused(extension: x509.ExtensionType):
    with pytest.raises(Rejected, match="asks for more") as caught:
        check(request(extension=extension))
    assert caught.value.name == "badCSR"


@pytest.mark.parametrize("name", ["Somebody Else", NAME + " ", NAME.lower(), NAME[:-1]])
def test_a_request_in_another_name_is_refused(name: str):
    with pytest.raises(Rejected, match="somebody else") as caught:
        check(request(name=name))
    assert caught.value.name == "badCSR"


def test_a_request_with_more_than_the_name_is_refused():
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, NAME), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "X")]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(attributes))
    with pytest.raises(Rejected, match="somebody else"):
        check(builder.sign(APPLICANT, hashes.SHA256()).public_bytes(Encoding.DER))


def test_a_request_signed_with_a_weak_digest_is_refused():
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    with pytest.raises(Rejected, match="badCSR"):
        check(builder.sign(APPLICANT, hashes.SHA224()).public_bytes(Encoding.DER))


@given(st.binary(max_size=300) | st.integers(0, 2000).map(lambda place: SOUND[: place % len(SOUND)]))
def test_garbage_is_refused_by_name(data: bytes):
    with pytest.raises(Rejected):
        check(data)


def test_a_request_with_any_bit_changed_is_refused_by_name():
    for place, bit in product(range(len(SOUND)), range(8)):
        changed = bytearray(SOUND)
        changed[place] ^= 1 << bit
        with pytest.raises(Rejected):
            check(bytes(changed))


SOUND = request()


# --- Judging what is presented ----------------------------------------------------------------------------------------


def judged(data: bytes) -> tuple[bool, bool]:
    """Whether issuer and usage hold; of what cannot be read, neither."""
    try:
        view = read_certificate(data)
    except Rejected:
        return False, False
    return issued_here(KEYS, view), view.usage_ok


def test_our_own_certificate_is_judged_good():
    assert judged(der(certificate(serial=0xABC))) == (True, True)
    view = read_certificate(der(certificate(serial=0xABC)))
    assert (view.serial, view.not_before, view.not_after) == ("abc", NOW, NOW + 5 * YEAR)
    assert view.jwk == jwk_of(APPLICANT.public_key())


def test_another_offices_certificate_under_our_name_is_not_ours():
    assert OTHER.issuing.subject == KEYS.issuing.subject
    assert judged(der(certificate(OTHER))) == (False, True)


def test_a_self_signed_certificate_is_not_ours():
    sound = certificate()
    builder = x509.CertificateBuilder(
        KEYS.issuing.subject, sound.subject, APPLICANT.public_key(), 5, sound.not_valid_before_utc,
        sound.not_valid_after_utc, list(sound.extensions),
    )  # fmt: skip
    assert not judged(der(builder.sign(APPLICANT, hashes.SHA256())))[0]


@pytest.mark.parametrize("role", ["root", "issuing", "release", "office"])
def test_the_offices_own_certificates_are_no_applicants(role: str):
    assert not judged(der(getattr(KEYS, role)))[1]


def test_a_tls_certificate_is_no_applicants():
    chain_of = KEYS.tls_certificate(Stream("tls"), NOW).chain_pem
    assert judged(der(x509.load_pem_x509_certificate(chain_of))) == (False, False)


@given(st.binary(max_size=400))
def test_garbage_is_judged_and_nothing_holds(data: bytes):
    assert judged(data) == (False, False)


def test_a_certificate_with_any_bit_changed_is_not_ours():
    for place, bit in product(range(len(CERTIFICATE)), range(8)):
        changed = bytearray(CERTIFICATE)
        changed[place] ^= 1 << bit
        assert not judged(bytes(changed))[0]


CERTIFICATE = der(certificate())


def test_an_endless_certificate_is_not_looked_at():
    names = x509.SubjectAlternativeName([x509.DNSName(f"{number}.example") for number in range(1000)])
    sound = certificate()
    builder = x509.CertificateBuilder(
        KEYS.issuing.subject, sound.subject, APPLICANT.public_key(), 5, sound.not_valid_before_utc,
        sound.not_valid_after_utc, [*sound.extensions, x509.Extension(names.oid, False, names)],
    )  # fmt: skip
    with pytest.raises(Rejected, match="too long"):
        read_certificate(der(builder.sign(KEYS.issuing_key, hashes.SHA256())))


# --- CRL and OCSP -----------------------------------------------------------------------------------------------------

REVOKED = Revoked(0x51, NOW + 5, "keyCompromise")


def test_a_crl_lists_what_was_revoked_and_is_the_same_each_time():
    data = crl(KEYS, [Revoked(9, NOW + 7), REVOKED], 3, NOW + 10)
    assert data == crl(KEYS, [REVOKED, Revoked(9, NOW + 7)], 3, NOW + 10)
    found = x509.load_der_x509_crl(data)
    assert found.is_signature_valid(KEYS.issuing.public_key())  # pyright: ignore[reportArgumentType]
    assert [entry.serial_number for entry in found] == [0x51, 9]
    reasons = [[e.value for e in entry.extensions] for entry in found]
    assert reasons == [[x509.CRLReason(x509.ReasonFlags.key_compromise)], []]
    assert found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 3
    assert found.last_update_utc.timestamp() == NOW + 10
    assert found.next_update_utc is not None
    assert found.next_update_utc.timestamp() == NOW + 10 + DAY


@pytest.mark.parametrize("reason", ["unspecified", "removeFromCRL", "lost computer", ""])
def test_a_reason_that_rfc_5280_does_not_know_is_not_told(reason: str):
    found = x509.load_der_x509_crl(crl(KEYS, [Revoked(9, NOW, reason)], 1, NOW))
    assert list(found[0].extensions) == []


def asked(one: x509.Certificate | None = None, keys: OfficeKeys = KEYS, nonce: bytes | None = None) -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(one or certificate(), keys.issuing, hashes.SHA256())
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def answer(request_der: bytes, standing: Standing = "good", now: int = NOW) -> ocsp.OCSPResponse:
    return ocsp.load_der_ocsp_response(ocsp_answer(KEYS, request_der, lambda serial: standing, now))


@pytest.mark.parametrize(
    ("standing", "status"),
    [
        ("good", ocsp.OCSPCertStatus.GOOD),
        (REVOKED, ocsp.OCSPCertStatus.REVOKED),
        (None, ocsp.OCSPCertStatus.UNKNOWN),
    ],
)
def test_an_ocsp_answer_tells_the_standing(standing: Standing, status: ocsp.OCSPCertStatus):
    found = answer(asked(nonce=b"n" * 16), standing, NOW + 10)
    KEYS.ocsp_key.public_key().verify(found.signature, found.tbs_response_bytes)
    assert found.certificate_status == status
    assert found.serial_number == 0x51
    assert found.produced_at_utc.timestamp() == found.this_update_utc.timestamp() == NOW + 10
    assert found.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n" * 16


def test_an_ocsp_answer_tells_when_and_why():
    found = answer(asked(), REVOKED, NOW + 10)
    assert found.revocation_time_utc is not None
    assert found.revocation_time_utc.timestamp() == NOW + 5
    assert found.revocation_reason is x509.ReasonFlags.key_compromise


def test_the_same_ocsp_question_gets_the_same_bytes_at_the_same_time():
    first, second = (ocsp_answer(KEYS, asked(), lambda serial: "good", NOW) for _ in range(2))
    assert first == second


def test_the_ocsp_responder_is_asked_about_the_serial_number_in_the_request():
    seen: list[int] = []

    def lookup(serial: int) -> Standing:
        seen.append(serial)
        return None

    ocsp_answer(KEYS, asked(certificate(serial=0x77)), lookup, NOW)
    assert seen == [0x77]


def test_another_authoritys_certificate_is_none_of_our_business():
    assert answer(asked(keys=OTHER)).response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


@given(st.binary(max_size=200))
def test_a_malformed_ocsp_request_gets_an_answer_without_a_signature(data: bytes):
    assert answer(data).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


# --- Signatures of the office, and keys on disk -----------------------------------------------------------------------


def test_the_office_signs_with_a_certificate_of_the_root():
    signed = office_sign(KEYS, {"filing": "f1"})
    one = x509.load_der_x509_certificate(decode(protected_of(signed)["x5c"][0]))
    one.verify_directly_issued_by(KEYS.root)
    key = one.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert from_bytes(verify(signed, jwk_of(key))) == {"filing": "f1"}
    assert signed == office_sign(KEYS, {"filing": "f1"})


def test_the_chain_leads_to_the_root():
    assert chain(KEYS) == (der(KEYS.issuing), der(KEYS.root))
    assert [der(one) for one in x509.load_pem_x509_certificates(chain_pem(KEYS))] == list(chain(KEYS))


def test_keys_are_saved_for_their_owner_alone_and_come_back(tmp_path: Path):
    folder = tmp_path / "keys"
    KEYS.save(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert everything(OfficeKeys.load(folder)) == everything(KEYS)
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]
    assert load_pem_private_key((folder / "root.key.pem").read_bytes(), None) is not None


def test_keys_are_never_overwritten(tmp_path: Path):
    KEYS.save(tmp_path / "keys")
    with pytest.raises(FileExistsError, match="never overwritten"):
        OTHER.save(tmp_path / "keys")
    assert everything(OfficeKeys.load(tmp_path / "keys")) == everything(KEYS)


def test_what_an_interrupted_save_left_behind_does_not_matter(tmp_path: Path):
    (tmp_path / "keys.new").mkdir()
    (tmp_path / "keys.new" / "root.pem").write_text("half a cer")
    KEYS.save(tmp_path / "keys")
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


@pytest.mark.parametrize("file", ["root.pem", "issuing.key.pem", "ocsp.pem", "office.json"])
@pytest.mark.parametrize("content", [None, b"", b"nonsense", b"{}"])
def test_a_missing_or_damaged_file_is_named(tmp_path: Path, file: str, content: bytes | None):
    KEYS.save(tmp_path / "keys")
    (tmp_path / "keys" / file).unlink()
    if content is not None:
        (tmp_path / "keys" / file).write_bytes(content)
    with pytest.raises(Damaged, match=file):
        OfficeKeys.load(tmp_path / "keys")


def test_a_certificate_of_another_key_is_noticed(tmp_path: Path):
    KEYS.save(tmp_path / "keys")
    (tmp_path / "keys" / "release.pem").write_bytes(OTHER.release.public_bytes(Encoding.PEM))
    with pytest.raises(Damaged, match=r"release\.pem"):
        OfficeKeys.load(tmp_path / "keys")


# --- Stock OpenSSL ----------------------------------------------------------------------------------------------------


def verified(folder: Path, at: int, *options: str, file: str = "one.pem") -> str:
    return run(
        "verify", "-x509_strict", "-attime", str(at), "-CAfile", "root.pem", "-untrusted", "issuing.pem", *options,
        file, cwd=folder,
    )  # fmt: skip


@openssl
@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW - 1, "not yet valid"),
        (NOW, "one.pem: OK"),
        (NOW + 5 * YEAR - 1, "one.pem: OK"),
        (NOW + 5 * YEAR + 1, "has expired"),
    ],
)
def test_openssl_verifies_a_certificate_while_it_is_valid(folder: Path, at: int, said: str):
    """OpenSSL counts the last second, which RFC 5280 §4.1.2.5 counts in, as past."""
    assert said in verified(folder, at, "-purpose", "sslclient")


@openssl
def test_openssl_finds_no_other_purpose_in_it(folder: Path):
    assert "OK" not in verified(folder, NOW, "-purpose", "sslserver")


@openssl
@pytest.mark.parametrize("role", ["issuing", "ocsp", "release", "office"])
def test_openssl_verifies_the_offices_own_certificates(folder: Path, role: str):
    (folder / "own.pem").write_bytes(getattr(KEYS, role).public_bytes(Encoding.PEM))
    assert "own.pem: OK" in verified(folder, NOW, file="own.pem")


@openssl
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_openssl_verifies_the_tls_certificate_for_loopback(folder: Path, name: str):
    (folder / "tls.pem").write_bytes(KEYS.tls_certificate(Stream("tls"), NOW).chain_pem)
    option = "-verify_ip" if name[0].isdigit() else "-verify_hostname"
    assert "tls.pem: OK" in verified(folder, NOW, "-purpose", "sslserver", option, name, file="tls.pem")
    assert "OK" not in verified(folder, NOW, "-verify_hostname", "elsewhere.example", file="tls.pem")


@openssl
@pytest.mark.parametrize(("revoked", "said"), [([], "one.pem: OK"), ([REVOKED], "certificate revoked")])
def test_openssl_verifies_against_the_crl(folder: Path, revoked: list[Revoked], said: str):
    (folder / "crl.der").write_bytes(crl(KEYS, revoked, 1, NOW + 10))
    assert "verify OK" in run("crl", "-inform", "DER", "-in", "crl.der", "-CAfile", "issuing.pem", "-noout", cwd=folder)
    run("crl", "-inform", "DER", "-in", "crl.der", "-out", "crl.pem", cwd=folder)
    assert said in verified(folder, NOW + 10, "-crl_check", "-CRLfile", "crl.pem")


@openssl
def test_openssl_does_not_believe_an_old_crl(folder: Path):
    (folder / "crl.der").write_bytes(crl(KEYS, [], 1, NOW))
    run("crl", "-inform", "DER", "-in", "crl.der", "-out", "crl.pem", cwd=folder)
    assert "CRL has expired" in verified(folder, NOW + DAY + 1, "-crl_check", "-CRLfile", "crl.pem")


@openssl
@pytest.mark.parametrize(
    ("standing", "said"), [("good", "one.pem: good"), (REVOKED, "one.pem: revoked"), (None, "one.pem: unknown")]
)
@pytest.mark.parametrize("digest", ["-sha1", "-sha256"])
def test_openssl_asks_and_believes_the_ocsp_responder(folder: Path, standing: Standing, said: str, digest: str):
    question = (digest, "-issuer", "issuing.pem", "-cert", "one.pem")
    run("ocsp", *question, "-reqout", "question.der", cwd=folder)
    data = ocsp_answer(KEYS, (folder / "question.der").read_bytes(), lambda serial: standing, NOW + 10)
    (folder / "answer.der").write_bytes(data)
    told = run(
        "ocsp", "-respin", "answer.der", "-reqin", "question.der", "-no_nonce", *question, "-CAfile", "root.pem",
        "-verify_other", "issuing.pem", "-attime", str(NOW + 10), "-respout", "again.der",
        "-validity_period", str(YEAR * 1000), cwd=folder,
    )  # fmt: skip
    assert "Response verify OK" in told
    assert said in told
    assert (folder / "again.der").read_bytes() == data


@openssl
def test_openssl_does_not_believe_an_altered_ocsp_answer(folder: Path):
    question = ("-issuer", "issuing.pem", "-cert", "one.pem")
    run("ocsp", *question, "-reqout", "question.der", cwd=folder)
    data = ocsp_answer(OTHER, (folder / "question.der").read_bytes(), lambda serial: "good", NOW)
    assert ocsp.load_der_ocsp_response(data).response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED
    sound = ocsp_answer(KEYS, (folder / "question.der").read_bytes(), lambda serial: REVOKED, NOW)
    (folder / "answer.der").write_bytes(sound.replace(b"20231114", b"20231113"))
    told = run(
        "ocsp", "-respin", "answer.der", *question, "-CAfile", "root.pem", "-verify_other", "issuing.pem",
        "-attime", str(NOW), "-no_nonce", cwd=folder,
    )  # fmt: skip
    assert "Response Verify Failure" in told
