"""People, things, texts, forms, policies, signed messages and mails, of any kind that somebody could bring."""

from dataclasses import fields
from email.message import EmailMessage
from functools import lru_cache
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from softcert.form import LABELS
from softcert.rules.policy import Policy
from softcert_sim.explorer.expand import begin
from softcert_sim.explorer.scopes import Scope
from softcert_sim.product import product
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenario.model import Cast

NASTY = (
    "", " ", "0", "\r\n", "\r\nBcc: thief@cafe.example", "a@b.example,thief@cafe.example", "１３８", "张 敏", "'; --", "\0",
    ".", "\n.\n", "<b>", "%0d%0a", "\u202e", "=?utf-8?q?x?=", "From: x", "{{7*7}}", "A" * 300,
)  # fmt: skip
"""Texts that have broken other systems."""


def people(kind: str = "", scope: Scope | None = None) -> SearchStrategy[str]:
    """A person, of any kind or of one (applicant, examiner, thief, scanner); of the shipped cast, or of a scope."""
    return st.sampled_from([name for name, data in _cast(scope).people.items() if kind in ("", data["kind"])])


def computers(scope: Scope | None = None) -> SearchStrategy[str]:
    """A computer of the shipped cast, or of a scope."""
    return st.sampled_from(list(_cast(scope).computers))


def drives(scope: Scope | None = None) -> SearchStrategy[str]:
    """A removable drive of the shipped cast, or of a scope."""
    return st.sampled_from(list(_cast(scope).drives))


@lru_cache(maxsize=8)
def _cast(scope: Scope | None) -> Cast:
    return begin(scope).cast if scope else Loader(product().registry).shared(shipped()).cast


def texts(most: int = 40) -> SearchStrategy[str]:
    """Any text that a file can hold, and those that have broken other systems more often."""
    return st.text(max_size=most) | st.sampled_from(NASTY)


def forms() -> SearchStrategy[dict[str, str]]:
    """Changes to an application form: any field, any text; also fields that the form does not have."""
    names = st.sampled_from([*LABELS, "holds-e-licence"]) | texts(10)
    return st.dictionaries(names, texts(), max_size=4)


def policies() -> SearchStrategy[Policy]:
    """Any assumptions that a file may set: mostly the default ones, with a few others."""
    changed = {field.name: _assumed(field.name, field.metadata["range"]) for field in fields(Policy)}
    return st.fixed_dictionaries({}, optional=changed).map(lambda some: Policy(**some))


def _assumed(name: str, bounds: tuple[int, int]) -> SearchStrategy[Any]:
    hint = get_type_hints(Policy)[name]
    if get_origin(hint) is tuple:
        return st.tuples(st.integers(1, 40), st.integers(0, 40)).map(lambda pair: (pair[0], sum(pair)))
    if hint is int:
        return st.integers(*bounds)
    return st.booleans() if hint is bool else st.sampled_from(get_args(hint))


def headers() -> SearchStrategy[dict[str, Any]]:
    """The protected header of a JWS, or any part of one: right names with any values, and any names."""
    names = st.sampled_from(["alg", "jwk", "kid", "nonce", "url", "crit", "b64", "typ", "cty", "zip"]) | texts(8)
    return st.dictionaries(names, contents(), max_size=5)


def contents() -> SearchStrategy[Any]:
    """Any JSON value of moderate size."""
    leaves = st.none() | st.booleans() | st.integers() | texts() | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(8), inner, max_size=3), max_leaves=6
    )


def messages() -> SearchStrategy[dict[str, Any]]:
    """The JSON of a signed request as a stranger may write it: any of the parts, with anything in them."""
    parts = {name: texts() | contents() for name in ("protected", "payload", "signature", "header", "signatures")}
    return st.fixed_dictionaries({}, optional=parts)


def mails() -> SearchStrategy[bytes]:
    """A mail: any bytes; or a sound one with any subject and text, as a mail program writes it."""
    return st.binary(max_size=300) | st.builds(_mail, texts(), texts(200), st.sampled_from(["utf-8", "gb18030"]))


def _mail(subject: str, text: str, charset: str) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = " ".join(subject.split())
    mail.set_content(text, charset=charset)
    return mail.as_bytes()
