"""One life in memory, from the application to the login on the new computer, against its bare cryptography.

The cryptographic operations of a life are counted while it runs, by the interpreter's own report of calls into
compiled code; then each is timed alone, in the same process. Parsing is not counted: the ratio is to what no
implementation could leave out.
"""

import hashlib
import hmac
import sys
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from types import FrameType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding
from measure import Figure, each, least

from softcert import backup
from softcert.csr import certificate_request
from softcert.rules.policy import Policy
from softcert_ca import pki
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.model import Cast
from softcert_sim.scenario.registry import DEFAULT, Person
from softcert_sim.verbs import applicant, office, preludes, things
from softcert_sim.world import ROUNDS, World, WorldState

WHO = Person("li-wei")
OLD, NEW, DRIVE = "office-pc", "home-pc", "red-usb"
ACTS = (
    "apply", "approve", "mail", "download", "change-pin", "login", "activate", "logout", "backup", "install", "recover",
    "login-again",
)  # fmt: skip


@lru_cache(maxsize=1)
def cast() -> Cast:
    """The shipped cast."""
    return Loader(DEFAULT).shared(shipped()).cast


def before_applying() -> tuple[World, WorldState]:
    """A world in which the applicant installed the driver and read the notice."""
    world = World(cast(), Policy(), 1, "benchmark")
    preludes.driver_installed(world, WHO)
    applicant.read_notice(world, by=WHO, at=OLD)
    state = world.snapshot()
    assert state is not None
    return world, state


def acts(world: World) -> dict[str, Callable[[], object]]:
    """The acts of a life, by name, in their order; what stands between them is done along."""

    def backed_up() -> None:
        things.plug(world, drive=DRIVE, into=OLD)
        applicant.backup(world, by=WHO, at=OLD)
        things.unplug(world, DRIVE)

    def recovered() -> None:
        things.plug(world, drive=DRIVE, into=NEW)
        applicant.recover(world, by=WHO, at=NEW)
        world.deliver_mail()

    def mailed() -> None:
        world.deliver_mail()
        applicant.read_mail(world, by=WHO)

    done: tuple[Callable[[], object], ...] = (
        lambda: applicant.apply(world, by=WHO, at=OLD),
        lambda: office.approve(world, of=WHO),
        mailed,
        lambda: applicant.download(world, by=WHO, at=OLD),
        lambda: applicant.change_pin(world, by=WHO, at=OLD),
        lambda: applicant.login(world, by=WHO, at=OLD),
        lambda: applicant.activate(world, by=WHO, at=OLD),
        lambda: applicant.logout(world, by=WHO, at=OLD),
        backed_up,
        lambda: applicant.install(world, by=WHO, at=NEW),
        recovered,
        lambda: applicant.login(world, by=WHO, at=NEW),
    )
    return dict(zip(ACTS, done, strict=True))


def live(world: World) -> None:
    """One whole life."""
    for act in acts(world).values():
        act()


# Counting


COUNTED = {
    "ECPrivateKey.sign": "sign",
    "ECPublicKey.verify": "verify",
    "Certificate.verify_directly_issued_by": "verify",
    "create_x509_certificate": "certificate",
    "create_x509_csr": "request",
    "derive_private_key": "private key",
    "EllipticCurvePublicNumbers.public_key": "public key",
    "pbkdf2_hmac": "PBKDF2",
    "AESGCM.encrypt": "AES-GCM",
    "AESGCM.decrypt": "AES-GCM",
    "serialize_key_and_certificates": "PKCS#12 write",
    "load_key_and_certificates": "PKCS#12 read",
    "openssl_sha256": "SHA-256",
    "hmac_new": "HMAC",
    "hmac_digest": "HMAC",
}
"""Calls into compiled code that are cryptography, and which bare operation each is."""
CHECK_CSR = "check_csr"
"""The function of the office that verifies a CSR: the library does so in an attribute, which is no call."""


def count(action: Callable[[], object]) -> Counter[str]:
    """How many of each cryptographic operation an action does."""
    found: Counter[str] = Counter()

    def notice(frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call":
            kind = type(called.__self__).__name__ if getattr(called, "__self__", None) is not None else "module"
            name = called.__name__ if kind == "module" else f"{kind}.{called.__name__}"
            if name in COUNTED:
                found[COUNTED[name]] += 1
        elif event == "call" and frame.f_code.co_name == CHECK_CSR:
            found["verify"] += 1

    sys.setprofile(notice)
    try:
        action()
    finally:
        sys.setprofile(None)
    return found


def bare(world: World) -> dict[str, Callable[[], object]]:
    """Each operation alone, on data as it occurs in a life."""
    es256 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    scalar = (123456789 << 200 | 1).to_bytes(32, "big")
    key = ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())
    public, data = key.public_key(), bytes(1000)
    signature, numbers = key.sign(data, es256), public.public_numbers()
    aead, now = AESGCM(bytes(32)), world.clock.now()

    def issue() -> x509.Certificate:
        return pki.issue(world.keys, public, serial=1 << 126, common_name="Li Wei", now=now, lifetime=86400)

    chain = pki.chain(world.keys)
    contents = backup.Contents(scalar, issue().public_bytes(Encoding.DER), chain)
    package = backup.pack(contents, "Li Wei", "green tea", ROUNDS)
    return {
        "sign": lambda: key.sign(data, es256),
        "verify": lambda: public.verify(signature, data, es256),
        "certificate": issue,
        "request": lambda: certificate_request(scalar),
        "private key": lambda: ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1()),
        "public key": lambda: numbers.public_key(),
        "PBKDF2": lambda: hashlib.pbkdf2_hmac("sha256", b"12345678", bytes(32), ROUNDS),
        "AES-GCM": lambda: aead.encrypt(bytes(12), bytes(33), b""),
        "PKCS#12 write": lambda: backup.pack(contents, "Li Wei", "green tea", ROUNDS),
        "PKCS#12 read": lambda: backup.unpack(package, "green tea"),
        "SHA-256": lambda: hashlib.sha256(data).hexdigest(),
        "HMAC": lambda: hmac.new(bytes(32), bytes(60), "sha256").digest(),
    }


def measure(quick: bool) -> list[Figure]:
    """Lives a second, and their ratio to bare cryptography."""
    world, state = before_applying()
    runs = 5 if quick else 40
    number = iter(range(10**9))

    def fresh() -> None:
        """Every life has keys of its own: nothing that was computed for another is of use."""
        world.restore(state)
        world.rename(f"life {next(number)}")

    def life() -> None:
        fresh()
        live(world)

    fresh()
    counts = count(lambda: live(world))
    costs = {name: each(operation, 0.01 if quick else 0.05) for name, operation in bare(world).items()}
    cryptography = sum(costs[name] * times for name, times in counts.items())
    restoring = least(fresh, runs)
    seconds = least(life, runs) - restoring
    shown = ", ".join(f"{times} × {name} {costs[name] * 1e6:.0f} µs" for name, times in counts.most_common())
    slowest = sorted(per_act(world, fresh, runs).items(), key=lambda item: -item[1])
    acts_shown = ", ".join(f"{name} {cost * 1e3:.2f} ms" for name, cost in slowest)
    return [
        Figure("life", "whole lives in memory", 1 / seconds, "/s", 100, "at least", f"{seconds * 1e3:.1f} ms each"),
        Figure("life-cryptography", "bare cryptography of a life", cryptography * 1e3, "ms", note=shown),
        Figure("life-ratio", "a life to its bare cryptography", seconds / cryptography, "×", 3),
        Figure("life-slowest-act", "the slowest act of a life", slowest[0][1] * 1e3, "ms", note=acts_shown),
    ]


def per_act(world: World, fresh: Callable[[], None], runs: int) -> dict[str, float]:
    """The least processor time of each act, in seconds."""
    found: dict[str, float] = dict.fromkeys(ACTS, 1e9)
    for _ in range(runs):
        fresh()
        for name, act in acts(world).items():
            found[name] = min(found[name], least(act, 1))
    return found
