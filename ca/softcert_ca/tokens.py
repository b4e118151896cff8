"""Addresses, activation codes, nonces, tickets and examiners' credentials: all derived by HMAC-SHA256 from keys kept
outside of the database.

Each purpose has its own first word under the MAC, so that what is made for one is worth nothing for another. The
database holds salts and marks only, and is of no use to a thief (rules `unique-address`, `code-secret`).
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

from softcert.errors import Rejected
from softcert.ports import Entropy
from softcert.protocol import decode, encode, to_bytes

NONCE_LIFETIME = 3600
"""Seconds during which a nonce is good; used ones must be remembered as long."""
TICKET_LIFETIME = 30 * 86400
"""Seconds during which a confirmation ticket is good."""

_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O, U."""
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None})
_EXAMINER = re.compile(r"([a-z][a-z0-9-]{0,39})\.[A-Za-z0-9_-]{43}", re.ASCII)
_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,64})\.[A-Za-z0-9_-]{43}", re.ASCII)


def address_token(key: bytes, application: str, salt: str) -> str:
    """What ends a download address: the application and 256 bits that only the office can make."""
    return f"{application}.{encode(_mac(key, 'download-address', application, salt))}"


def application_of(token: str) -> str | None:
    """The application that a token names, or None for what cannot be a token. Proves nothing; see `same`."""
    match = _TOKEN.fullmatch(token)
    return match[1] if match else None


def activation_code(key: bytes, application: str, salt: str, symbols: int = 10) -> str:
    """An activation code in two groups, e.g. `7K3QD-0ZVT9`; `symbols` (2 to 50) carry 5 bits each."""
    number = int.from_bytes(_mac(key, "activation-code", application, salt), "big")
    code = "".join(_SYMBOLS[number >> 5 * place & 31] for place in range(symbols))
    return f"{code[: symbols // 2]}-{code[symbols // 2 :]}"


def normalise_code(text: str) -> str:
    """A code as its owner typed it, without hyphen and blanks, in capitals, with 0 for O and 1 for I and L."""
    return "".join(text.split()).upper().translate(_FORGIVEN)


def code_mark(key: bytes, code: str) -> str:
    """A fingerprint by which the office sees that a code was given before, and cannot read it (rule `code-once`)."""
    return _mac(key, "code-mark", normalise_code(code)).hex()


def desk_credential(key: bytes, examiner: str) -> str:
    """What an examiner of that name (small letters, digits, hyphens) shows at the desk: the name and 256 bits."""
    return f"{examiner}.{encode(_mac(key, 'desk-credential', examiner))}"


def examiner_of(key: bytes, credential: str) -> str | None:
    """The examiner whose credential it is, or None."""
    match = _EXAMINER.fullmatch(credential)
    return match[1] if match and same(credential, desk_credential(key, match[1])) else None


def same_code(one: str, other: str) -> bool:
    """Whether two spellings are the same code, compared in constant time."""
    return same(normalise_code(one), normalise_code(other))


def same(one: str, other: str) -> bool:
    """Whether two secrets are equal to the byte, compared in constant time."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True)
class Nonces:
    """Nonces and tickets that need no memory: each carries its time of issue and a MAC by `key`."""

    key: bytes

    def issue(self, now: int, entropy: Entropy) -> str:
        """A fresh nonce (RFC 8555 §6.5), with 128 random bits."""
        return self._issue("nonce", now, entropy)

    def check(self, nonce: str, now: int) -> bool:
        """Whether it is genuine and was issued within the last `NONCE_LIFETIME` seconds. A used one still is."""
        return self._fresh("nonce", nonce, now, NONCE_LIFETIME)

    def issue_ticket(self, now: int, entropy: Entropy) -> str:
        """A ticket for whoever answered yes to "use this computer?" (rule `confirm-computer`)."""
        return self._issue("confirmation-ticket", now, entropy)

    def check_ticket(self, ticket: str, now: int) -> bool:
        """Whether it is genuine and was issued within the last `TICKET_LIFETIME` seconds."""
        return self._fresh("confirmation-ticket", ticket, now, TICKET_LIFETIME)

    def _issue(self, purpose: str, now: int, entropy: Entropy) -> str:
        body = now.to_bytes(8, "big") + entropy.bytes(16)
        return encode(body + self._seal(purpose, body))

    def _fresh(self, purpose: str, text: str, now: int, lifetime: int) -> bool:
        try:
            data = decode(text)
        except Rejected:
            return False
        body, seal = data[:24], data[24:]
        genuine = hmac.compare_digest(seal, self._seal(purpose, body))
        # One from the future was issued before the clock was set back: nobody knows any more whether it was used.
        return genuine and 0 <= now - int.from_bytes(body[:8], "big") <= lifetime

    def _seal(self, purpose: str, body: bytes) -> bytes:
        return _mac(self.key, purpose, body.hex())[:16]


def _mac(key: bytes, *words: str) -> bytes:
    """HMAC over the words as a JSON list, so that no two lists of words look alike."""
    return hmac.new(key, to_bytes(words), hashlib.sha256).digest()
