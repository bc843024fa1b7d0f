"""Keeps secrets out of log lines: by the name of a value, and by the shape of a text."""

import re
from collections.abc import Mapping
from typing import Any

from structlog.typing import EventDict, ProcessorReturnValue

MASK = "***"
_SECRET_WORDS = frozenset(
    [
        "password",
        "passphrase",
        "passwd",
        "token",
        "secret",
        "cookie",
        "authorization",
        "seed",
        "otp",
        "totp",
        "code",
        "link",
        "key",
        "credential",
        "pin",
    ]
)
# Names that hold a secret word and are harmless all the same.
_PLAIN_NAMES = frozenset({"exit_code", "status_code", "error_code"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SHAPES = (
    # A one-time link: whoever reads it could use it.
    (re.compile(r"(/(?:invitation|recovery|first)/)[^/?#\s\"'<>]+"), rf"\1{MASK}"),
    # A program's secret or token, wherever it stands.
    (re.compile(r"\bsk[st]_[A-Za-z0-9_-]{8,}"), MASK),
    # user:password@ inside any address, such as postgresql://user:password@host/name.
    (re.compile(r"([a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s\"'<>]*@", re.IGNORECASE), rf"\1:{MASK}@"),
    # password=… in a connection string, a query string or a message.
    (
        re.compile(r"\b((?:password|passphrase|passwd|token|secret|otp|seed|code)=)[^\s&\"',;]+", re.IGNORECASE),
        rf"\1{MASK}",
    ),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1 {MASK}"),
)


def redact_event(_logger: object, _method: str, event: EventDict) -> ProcessorReturnValue:
    """Mask every secret in a log event (a structlog processor)."""
    return {key: _redacted(key, value) for key, value in event.items()}


def redact_text(text: str) -> str:
    """Mask what looks like a one-time link, a password or a token inside ``text``."""
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return text


def is_secret_name(name: str) -> bool:
    """Tell whether a value called ``name`` is likely to be a secret."""
    if name.lower() in _PLAIN_NAMES:
        return False
    words = {word.lower() for word in _WORD.findall(name)}
    return not _SECRET_WORDS.isdisjoint(words | {word.removesuffix("s") for word in words})


def _redacted(name: str, value: Any) -> Any:
    if is_secret_name(name):
        return MASK
    if name == "time":
        return value
    match value:
        case str():
            return redact_text(value)
        case bytes():
            return MASK
        case Mapping():
            return {key: _redacted(str(key), inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_redacted(name, inner) for inner in value]
        case None | bool() | int() | float():
            return value
        case _:
            return redact_text(str(value))
