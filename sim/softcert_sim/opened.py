"""Signed messages opened: what a tap reads inside them, and what of them stays the same on every run.

A flattened JWS (RFC 7515 §7.2.2) hides its header and payload in base64url, one message within the other.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

from softcert.errors import Rejected
from softcert.protocol import decode

_JWS = {"payload", "protected", "signature"}


@lru_cache(maxsize=4096)
def signed_parts(data: bytes) -> tuple[bytes, ...]:
    """The decoded header and payload of every signed message in the body of an HTTP message, inner ones too."""
    return tuple(_signed_parts(data))


def _signed_parts(data: bytes) -> Iterator[bytes]:
    body = _json(data.partition(b"\r\n\r\n")[2])
    todo = [body]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            todo.extend(cast(dict[str, Any], value).values())
            for part in _parts(cast(dict[str, Any], value)):
                yield part
                todo.append(_json(part))
        elif isinstance(value, list):
            todo.extend(cast(list[Any], value))


def stable(data: bytes, substitutions: Mapping[str, str]) -> bytes:
    """An HTTP message with each volatile value replaced by its stable name; the very bytes when there is none in it."""
    if not any(volatile.encode() in part for part in (data, *signed_parts(data)) for volatile in substitutions):
        return data
    head, blank, body = data.partition(b"\r\n\r\n")
    text, changed = _replaced(head.decode("latin-1"), substitutions)
    value = _json(body)
    if value is not None:
        result, changed_body = _stable(value, substitutions)
        if changed_body:
            return text.encode("latin-1") + blank + json.dumps(result, sort_keys=True).encode()
    elif blank:
        content, changed_body = _replaced(body.decode("latin-1"), substitutions)
        changed, body = changed or changed_body, content.encode("latin-1")
    return text.encode("latin-1") + blank + body if changed else data


def _stable(value: Any, substitutions: Mapping[str, str]) -> tuple[Any, bool]:
    """A JSON value made stable, and whether that changed it."""
    if isinstance(value, str):
        return _replaced(value, substitutions)
    if isinstance(value, list):
        results = [_stable(item, substitutions) for item in cast(list[Any], value)]
        return [result for result, _ in results], any(changed for _, changed in results)
    if not isinstance(value, dict):
        return value, False
    message = cast(dict[str, Any], value)
    opened = [_stable(_json(part), substitutions) for part in _parts(message)]
    if any(changed for _, changed in opened):
        # The signature is over the volatile bytes: it says nothing that repeats.
        return [result for result, _ in opened], True
    results = {key: _stable(item, substitutions) for key, item in message.items()}
    return {key: result for key, (result, _) in results.items()}, any(changed for _, changed in results.values())


def _replaced(text: str, substitutions: Mapping[str, str]) -> tuple[str, bool]:
    result = text
    for volatile, name in substitutions.items():
        result = result.replace(volatile, name)
    return result, result != text


def _parts(message: dict[str, Any]) -> list[bytes]:
    """Header and payload of a flattened JWS; nothing for another object."""
    if set(message) != _JWS:
        return []
    try:
        return [decode(message["protected"]), decode(message["payload"])]
    except Rejected:
        return []


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
