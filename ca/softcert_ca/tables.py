"""The records of the office. No secret stands here: codes and tokens are derived from salts (see `tokens`).

States are those of `softcert.rules.lifecycles`. Times are seconds since 1970, UTC, on the office's clock.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from softcert_ca.store import metadata


def _ids() -> tuple[Column[str], ...]:
    """Four hardware ids, normalised; empty where the machine reports none."""
    return tuple(Column(name, Text, nullable=False) for name in ("board", "processor", "disk", "network"))


applications = Table(
    "applications",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("applied_at", Integer, nullable=False),
    Column("device", Text, nullable=False, doc="thumbprint of the device key that applied"),
    *_ids(),
    Column("csr", LargeBinary, nullable=False, doc="DER"),
    Column("csr_key", Text, nullable=False, unique=True, doc="thumbprint of the key: one key, one application"),
    Column("csr_jwk", Text, nullable=False, doc="the certificate key as JWK, JSON"),
    Column("name", Text, nullable=False),
    Column("mailbox", Text, nullable=False),
    Column("mailbox_folded", Text, nullable=False, doc="by which the examiner sees who else gave it"),
    Column("form", Text, nullable=False, doc="the form as it was sent, JSON"),
    Column("notice", Text, nullable=False, doc="digest of the notice that was accepted"),
    Column("driver", Text, nullable=False),
    Column("code_salt", Text, nullable=False),
    Column("code_granted", Integer, nullable=False, doc="1: the desk granted a new code that was not shown yet"),
    Column("activation_tries", Integer, nullable=False),
    Column("recovery_tries", Integer, nullable=False),
    Column("decided_at", Integer),
    Column("reasons", Text, nullable=False, doc="why it was disapproved"),
    Index("applications_by_mailbox", "mailbox_folded", "applied_at"),
    Index("applications_by_device", "device", "applied_at"),
    Index("applications_by_name", "name"),
    Index("applications_by_state", "state", "applied_at"),
)

addresses = Table(
    "addresses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("application", Text, ForeignKey("applications.id"), nullable=False),
    Column("salt", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("sent_at", Integer, nullable=False),
    Column("expires_at", Integer, nullable=False),
    Column("used_at", Integer),
    Column("used_by", Text, doc="thumbprint of the device key that used it; empty for a mere visit"),
    Index("addresses_by_application", "application"),
)

certificates = Table(
    "certificates",
    metadata,
    Column("serial", Text, primary_key=True, doc="lower-case hexadecimal"),
    Column("application", Text, ForeignKey("applications.id"), nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("issued_at", Integer, nullable=False),
    Column("not_after", Integer, nullable=False),
    Column("generation", Integer, nullable=False, doc="raised by each move; older backups die"),
    Column("revoked_at", Integer),
    Column("revocation_reason", Text, nullable=False),
    Index("certificates_by_state", "state"),
)

bindings = Table(
    "bindings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("serial", Text, ForeignKey("certificates.serial"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("device", Text, nullable=False),
    Column("state", Text, nullable=False, doc="bound or retired"),
    *_ids(),
    Column("bound_at", Integer, nullable=False),
    Index("bindings_by_serial", "serial"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("serial", Text, ForeignKey("certificates.serial"), nullable=False),
    Column("device", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", Integer, nullable=False),
    Column("expires_at", Integer, nullable=False),
    Index("sessions_by_serial", "serial", "state"),
)

backups = Table(
    "backups",
    metadata,
    Column("id", Text, primary_key=True, doc="32 hexadecimal digits, chosen by the driver"),
    Column("serial", Text, ForeignKey("certificates.serial"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("sha256", Text, nullable=False, doc="of the PKCS#12 file"),
    Column("state", Text, nullable=False),
    Column("registered_at", Integer, nullable=False),
    Index("backups_by_serial", "serial", "state"),
)

filings = Table(
    "filings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("serial", Text, ForeignKey("certificates.serial"), nullable=False),
    Column("session", Text, ForeignKey("sessions.id"), nullable=False),
    Column("signed", Text, nullable=False, doc="the inner JWS in one spelling: what the applicant signed"),
    Column("sha256", Text, nullable=False),
    Column("filed_at", Integer, nullable=False),
    Index("filings_by_serial", "serial"),
)

notices = Table(
    "notices",
    metadata,
    Column("number", Integer, primary_key=True, doc="a later number is the later notice"),
    Column("id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("published", Integer, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("number", Integer, primary_key=True, doc="a later number is the newer release"),
    Column("version", Text, nullable=False, unique=True),
    Column("released", Integer, nullable=False),
)

code_marks = Table(
    "code_marks",
    metadata,
    Column("mark", Text, primary_key=True, doc="fingerprint of a code that was given: no code is given twice"),
)

time = Table(
    "time",
    metadata,
    Column("id", Integer, primary_key=True, doc="1: there is one row"),
    Column("latest", Integer, nullable=False, doc="the highest that the office's clock ever showed"),
)

used_nonces = Table(
    "used_nonces",
    metadata,
    Column("nonce", Text, primary_key=True),
    Column("used_at", Integer, nullable=False),
    Index("used_nonces_by_time", "used_at"),
)

guesses = Table(
    "guesses",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("device", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Index("guesses_by_device", "device", "at"),
)

repeats = Table(
    "repeats",
    metadata,
    Column("device", Text, primary_key=True),
    Column("act", Text, primary_key=True),
    Column("request_id", Text, primary_key=True),
    Column("digest", Text, nullable=False, doc="SHA-256 of what was asked, without nonce and signatures"),
    Column("application", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False, doc="JSON, without the activation code"),
    Column("code_salt", Text, nullable=False, doc="from which the code is derived again; empty when none was shown"),
    Column("answered_at", Integer, nullable=False),
    Index("repeats_by_application", "application"),
)
