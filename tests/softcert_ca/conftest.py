"""An office in memory, and computers that speak its wire protocol with plain keys: no driver, no event loop."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from softcert.protocol import (
    DIRECTORY,
    JOSE,
    decode,
    encode,
    from_bytes,
    jwk_of,
    protected_of,
    sha256,
    sign,
    signer_of,
    thumbprint,
    to_bytes,
)
from softcert.rules.policy import Policy
from softcert_ca.audit import MemoryHead
from softcert_ca.office import Office
from softcert_ca.outbox import Deferred
from softcert_ca.pki import OfficeKeys
from softcert_ca.store import Store
from softcert_ca.tokens import desk_credential

ORIGIN = "https://office.example"
START = 1_700_000_000
FORM = {
    "holds-e-licence": "no",
    "applicant-type": "person",
    "country": "US",
    "name": "Li Wei",
    "identity-number": "X1234567",
    "mailbox": "li.wei@example.com",
    "mobile": "+12025550123",
    "address": "1 Main Street",
}
HARDWARE = {"board": "BRD-4711", "processor": "CPU-9A31", "disk": "WD-77AF21", "network": "02:42:ac:11:00:02"}


@dataclass
class Clock:
    """A clock that stands still unless it is set."""

    time: int = START

    def now(self):
        return self.time


@dataclass
class Entropy:
    """Bytes that look random and are the same each time."""

    seed: str = "office"
    drawn: int = 0

    def bytes(self, count):
        self.drawn += 1
        return hashlib.shake_256(f"{self.seed}/{self.drawn}".encode()).digest(count)


@dataclass
class Mailbox:
    """A mail server that keeps what it takes, or is down."""

    mails: list = field(default_factory=list)
    down: bool = False

    def send(self, sender, recipient, message):
        if self.down:
            raise Deferred("down")
        self.mails.append((recipient, message))


@dataclass
class Reply:
    """An HTTP answer."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def refusal(self):
        """`rule/reason`, or the name of the protocol error."""
        if "rule" in self.json:
            return f"{self.json['rule']}/{self.json['reason']}"
        return self.json["type"].rpartition(":")[2]


def drive(app, method, target, headers=(), body=b""):
    """One request through an ASGI app with `coro.send(None)`: fails when the app waits for anything."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        "client": ("192.0.2.1", 1),
        "server": ("evil.example", 443),
    }
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    coroutine = app(scope, receive, send)
    with pytest.raises(StopIteration):
        coroutine.send(None)
    head = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Reply(sent[0]["status"], head, b"".join(part.get("body", b"") for part in sent[1:]))


_KEYS = {}


def key_of(name):
    """A P-256 key, the same for the same name."""
    if name not in _KEYS:
        secret = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") >> 1
        _KEYS[name] = ec.derive_private_key(secret, ec.SECP256R1())
    return _KEYS[name]


def csr_of(key, common_name=""):
    """A certificate request (DER)."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.DER)


class Bench:
    """An office with everything that it needs, in memory."""

    def __init__(self, policy=None, keys=None, seed="office", store=None, head=None):
        self.policy = policy or Policy()
        self.clock, self.entropy = Clock(), Entropy(seed)
        self.keys = keys
        self.store, self.head = store or Store.open("sqlite://"), head or MemoryHead()
        self.mailbox, self.verdicts, self.replies = Mailbox(), [], []
        self.office = self.open()
        self.drawn = 0

    def open(self):
        """Start an office over what is there."""
        return Office(
            origin=ORIGIN,
            policy=self.policy,
            clock=self.clock,
            entropy=self.entropy,
            keys=self.keys,
            store=self.store,
            mailer=self.mailbox,
            head=self.head,
            observe=self.verdicts.append,
        )

    def call(self, method, target, headers=(), body=b""):
        reply = drive(self.office.app, method, target, headers, body)
        self.replies.append((target, reply))
        return reply

    def desk(self, method, target, message=None, credential=None, by="examiner"):
        credential = desk_credential(self.keys.desk_key, by) if credential is None else credential
        body = b"" if message is None else json.dumps(message).encode()
        reply = drive(self.office.desk, method, target, [("authorization", f"Bearer {credential}")], body)
        self.replies.append((target, reply))
        return reply

    def execute(self, sql, *values):
        """Look into the database, or change it like an insider."""
        with self.store.begin() as connection:
            result = connection.exec_driver_sql(sql, values)
            return result.fetchall() if result.returns_rows else None

    def address_of(self, application):
        """The newest address mailed for an application, as path."""
        self.office.deliver_mail()
        for _, message in reversed(self.mailbox.mails):
            text = message.replace(b"=\r\n", b"").decode()
            place = text.find(f"/download/{application}.")
            if place >= 0:
                return text[place:].split()[0].split('"')[0].replace("=3D", "=")
        raise LookupError("no address was mailed")

    def computer(self, name, hardware=None):
        return Computer(self, name, hardware or HARDWARE)

    def applied(self, computer, **form):
        """Applied, answer acknowledged."""
        reply = computer.apply(**form)
        assert reply.status == 201, reply.body
        computer.acknowledge("apply")
        return computer

    def approved(self, computer, **form):
        self.applied(computer, **form)
        assert self.desk("POST", f"/applications/{computer.application}/approve").status == 200
        computer.address = self.address_of(computer.application)
        return computer

    def downloaded(self, computer, **form):
        self.approved(computer, **form)
        reply = computer.download()
        assert reply.status == 200, reply.body
        computer.acknowledge("download")
        return computer

    def active(self, computer, **form):
        self.downloaded(computer, **form)
        assert computer.login().status == 200
        assert computer.activate().json == {"certificate_state": "active"}
        return computer

    def audit(self):
        return self.execute("SELECT act, outcome, rule, reason, actor FROM audit ORDER BY seq")


class Computer:
    """A computer with a device key, a certificate key and four hardware ids."""

    def __init__(self, bench, name, hardware):
        self.bench, self.name, self.hardware = bench, name, dict(hardware)
        self.device_key, self.key = key_of(f"{name}/device"), key_of(f"{name}/certificate")
        self.driver, self.nonce, self.count = "1.0.0", "", 0
        self.application = self.address = self.certificate = self.session = self.code = None
        self.last = {}

    @property
    def jwk(self):
        return jwk_of(self.device_key.public_key())

    @property
    def device(self):
        return thumbprint(self.jwk)

    @property
    def serial(self):
        return format(x509.load_der_x509_certificate(self.certificate).serial_number, "x")

    def fresh_nonce(self):
        if not self.nonce:
            self.nonce = self.bench.call("GET", DIRECTORY["newNonce"]).headers["replay-nonce"]
        nonce, self.nonce = self.nonce, ""
        return nonce

    def inner(self, act, content, nonce, url, *, serial=None, key=None, **changes):
        payload = {"type": act, "url": url, "device": self.device, "nonce": nonce, "content": content, **changes}
        header = {"url": url, "serial": self.serial if serial is None else serial}
        return sign(header, to_bytes(payload), signer_of(key or self.key))

    def message(self, act, target, extra, *, inner=None, request_id=None, header=None, inner_options=None):
        """The body of a signed request; `inner` is the content that the certificate key signs."""
        nonce, url = self.fresh_nonce(), ORIGIN + target
        if request_id is None:
            self.count += 1
            request_id = encode(hashlib.sha256(f"{self.name}/{self.count}".encode()).digest()[:16])
        self.last[act] = request_id
        payload = {
            "act": act,
            "request_id": request_id,
            "driver": self.driver,
            "hardware": self.hardware,
            **extra,
        }
        if inner is not None:
            payload["inner"] = self.inner(act, inner, nonce, url, **(inner_options or {}))
        protected = {"jwk": self.jwk, "nonce": nonce, "url": url, **(header or {})}
        return sign(protected, to_bytes(payload), signer_of(self.device_key))

    def send(self, target, message, content_type=JOSE):
        reply = self.bench.call("POST", target, [("content-type", content_type)], to_bytes(message))
        self.nonce = reply.headers.get("replay-nonce", "")
        return reply

    def post(self, act, target, extra, **options):
        return self.send(target, self.message(act, target, extra, **options))

    def notice(self):
        notices = self.bench.call("GET", DIRECTORY["notice"]).json["notices"]
        digest = next(notice["digest"] for notice in notices if notice["id"] == "without-e-licence")
        return {"digest": digest, "from": "register-now", "to_the_end": True, "accepted": True}

    def confirmation(self, **changes):
        body = to_bytes({"use_this_computer": True})
        ticket = self.bench.call("POST", DIRECTORY["confirm"], body=body).json["ticket"]
        payload = {"ticket": ticket, "use_this_computer": True, "device": self.device, **changes}
        return sign({"jwk": self.jwk}, to_bytes(payload), signer_of(self.device_key))

    def application_message(self, **changes):
        form = {**FORM, **changes.pop("form", {})}
        return {
            "form": form,
            "reviewed": True,
            "csr": encode(csr_of(self.key)),
            "confirmation": self.confirmation(),
            "notice": self.notice(),
            **changes,
        }

    def apply(self, *, changes=None, request_id=None, **form):
        asked = self.application_message(form=form, **(changes or {}))
        reply = self.post("apply", DIRECTORY["apply"], asked, request_id=request_id)
        if reply.status == 201:
            self.application, self.code = reply.json["application"], reply.json["activation_code"]
        self.asked = asked
        return reply

    def acknowledge(self, act, request_id=None):
        meant = {"act": act, "request_id": request_id or self.last[act]}
        return self.post("acknowledge", DIRECTORY["acknowledge"], {"acknowledges": meant})

    def withdraw(self, application=None):
        return self.post("withdraw", DIRECTORY["withdraw"], {"application": application or self.application})

    def download(self, address=None, *, key=None, with_key=True, request_id=None):
        options = {"inner": {}, "inner_options": {"serial": "", "key": key}} if with_key else {}
        extra = {} if with_key else {"inner": None}
        reply = self.post("download", address or self.address, extra, request_id=request_id, **options)
        if reply.status == 200:
            self.certificate = decode(reply.json["certificate"])
        return reply

    def login(self, **options):
        reply = self.post(
            "login", DIRECTORY["login"], {}, inner={"certificate": encode(self.certificate)}, **options
        )
        if reply.status == 200:
            self.session = reply.json["session"]
        return reply

    def logout(self):
        return self.post("logout", DIRECTORY["logout"], {"session": self.session})

    def activate(self, code=None, **options):
        extra = {"session": self.session, "code": self.code if code is None else code}
        return self.post("activate", DIRECTORY["activate"], extra, **options)

    def new_code(self, **options):
        reply = self.post("new-code", DIRECTORY["newCode"], {"application": self.application}, **options)
        if reply.status == 200:
            self.code = reply.json["activation_code"]
        return reply

    def file(self, text="a trademark", **options):
        content = {"session": self.session, "filing": {"kind": "application", "text": text}}
        return self.post("file", DIRECTORY["file"], {"session": self.session}, inner=content, **options)

    def backup(self, id="a" * 32, **options):
        content = {"certificate": encode(self.certificate), "backup": id, "sha256": sha256(b"file")}
        return self.post("backup", DIRECTORY["backup"], {}, inner=content, **options)

    def take(self, other):
        """What a backup carries: certificate and key."""
        self.certificate, self.key, self.application, self.code = (
            other.certificate,
            other.key,
            other.application,
            other.code,
        )
        return self

    def recover(self, id="a" * 32, proof=None, **options):
        content = {
            "certificate": encode(self.certificate),
            "backup": id,
            "proof": self.code if proof is None else proof,
        }
        return self.post("recover", DIRECTORY["recover"], {}, inner=content, **options)


@pytest.fixture(scope="session")
def office_keys():
    """Keys of an office; making them is slow."""
    return OfficeKeys.generate(Entropy("keys"), START)


@pytest.fixture
def make_bench(office_keys):
    """Builds offices: `make_bench(link_lifetime=60)`; `seed`, `store` and `head` for those that share a database."""

    def make(seed="office", store=None, head=None, **policy):
        return Bench(replace(Policy(), **policy), office_keys, seed, store, head)

    return make


@pytest.fixture
def bench(make_bench):
    """An office with the default policy."""
    return make_bench()


@pytest.fixture
def signed_payload():
    """Reads header and payload of an office-signed message, unverified."""

    def read(message):
        return protected_of(message), from_bytes(decode(message["payload"]))

    return read


@pytest.fixture
def make_csr():
    """Builds certificate requests: `make_csr(key, "name")`."""
    return csr_of


@pytest.fixture
def make_certificate():
    """Builds certificates that no office issued: `make_certificate(key, serial, ca=keys)`."""

    def make(key, serial=4711, ca=None):
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nobody")])
        issuer = ca.issuing.subject if ca else name
        start = datetime.fromtimestamp(START - 10, UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
        dated = builder.serial_number(serial).not_valid_before(start).not_valid_after(start + timedelta(days=900))
        return dated.sign(ca.issuing_key if ca else key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    return make
