"""Whom the driver believes: what the office's root issued for that purpose, and nobody else."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from softcert.csr import certificate_request
from softcert.element import new_scalar, private_key
from softcert.errors import Rejected
from softcert.protocol import decode, jwk_of, protected_of, thumbprint
from softcert.trust import chain_fits, fits_key, read_answer, serial_of, signatory
from softcert_ca import pki
from softcert_sim.entropy import Entropy

NOW = 1_767_574_800
KEYS = pki.OfficeKeys.generate(Entropy(5, "office").stream("keys"), NOW - 1000)
OTHER = pki.OfficeKeys.generate(Entropy(6, "office").stream("keys"), NOW - 1000)
CHAIN = pki.chain(KEYS)
ROOT = CHAIN[1]
SCALAR = new_scalar(Entropy(5, "key").stream("key"))
PUBLIC = private_key(SCALAR).public_key()
CERTIFICATE = pki.issue(KEYS, PUBLIC, serial=0xABC, common_name="Li Wei", now=NOW, lifetime=9).public_bytes(
    Encoding.DER
)


def certificate_in(signed):
    return decode(protected_of(signed)["x5c"][0])


def test_the_office_signs_answers_and_the_release_key_signs_code():
    office = signatory(certificate_in(pki.office_sign(KEYS, {})), ROOT)
    release = signatory(certificate_in(pki.release_sign(KEYS, {})), ROOT)
    assert (office.signs_answers, office.signs_code) == (True, False)
    assert (release.signs_answers, release.signs_code) == (False, True)


@pytest.mark.parametrize(
    "certificate",
    [b"", b"nonsense", ROOT, CHAIN[0], CERTIFICATE, certificate_in(pki.office_sign(OTHER, {}))],
    ids=["empty", "nonsense", "root", "issuing", "applicant", "another office"],
)
def test_nobody_else_signs_anything(certificate):
    assert signatory(certificate, ROOT) is None


def test_an_answer_is_read_by_the_time_that_it_states():
    assert read_answer(pki.office_sign(KEYS, {"at": NOW, "sha256": "x"}), ROOT)["sha256"] == "x"
    for at in (NOW - 1001, NOW + 99 * 365 * 86400, None, "now"):
        with pytest.raises(Rejected, match="badSignature"):
            read_answer(pki.office_sign(KEYS, {"at": at}), ROOT)


@pytest.mark.parametrize("signed", [pki.office_sign(OTHER, {"at": NOW}), pki.release_sign(KEYS, {"at": NOW})])
def test_an_answer_of_somebody_else_is_rejected(signed):
    with pytest.raises(Rejected, match="badSignature"):
        read_answer(signed, ROOT)


def test_a_certificate_fits_its_key_and_chain():
    assert fits_key(CERTIFICATE, jwk_of(PUBLIC))
    assert chain_fits(CERTIFICATE, CHAIN, ROOT)
    assert serial_of(CERTIFICATE) == "abc"


def test_a_certificate_of_another_key_or_chain_does_not_fit():
    other = pki.chain(OTHER)
    assert not fits_key(CERTIFICATE, jwk_of(KEYS.office_key.public_key()))
    assert not fits_key(b"", jwk_of(PUBLIC))
    assert not chain_fits(CERTIFICATE, (), ROOT)
    assert not chain_fits(CERTIFICATE, other, ROOT)
    assert not chain_fits(CERTIFICATE, other, other[1])
    assert not chain_fits(CERTIFICATE, (other[0], ROOT), ROOT)
    assert not chain_fits(certificate_in(pki.office_sign(KEYS, {})), CHAIN, ROOT)
    assert not chain_fits(b"", CHAIN, ROOT)


def test_the_office_accepts_the_certificate_request():
    device = jwk_of(KEYS.office_key.public_key())
    taken = pki.check_csr(certificate_request(SCALAR), used=lambda key: False, device=device, common_name="Li Wei")
    assert thumbprint(taken) == thumbprint(jwk_of(PUBLIC))
    assert certificate_request(SCALAR) == certificate_request(SCALAR)
