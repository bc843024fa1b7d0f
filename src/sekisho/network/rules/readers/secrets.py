"""Secrets are replaced by a keyed hash as soon as a line is split into words, before anything looks at it.

The same secret under the same key gives the same token, so that a changed secret shows as drift and one used twice can
be seen; without the key a token tells nothing, not even about a short password. Where secrets stand is data: each
dialect lists its places in the small language of :func:`place`, and whatever follows a word such as "password" is
hidden besides.
"""

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SHORTEST_KEY = 16
MASKED = "hidden-by-device"
_PREFIX = "hmac-sha256:"
_DIGITS = 32
_MASK = re.compile(r"\*+|<(?:removed|hidden|secret)>", re.IGNORECASE)
# Words that makers and manuals use; a password that equals one of them is no password.
KNOWN_DEFAULTS = (
    "public", "private", "admin", "administrator", "password", "passw0rd", "p@ssw0rd", "cisco", "fortinet", "yamaha",
    "doremi", "default", "changeme", "guest", "root", "user", "test", "secret", "community", "0000", "1111", "1234",
    "12345", "123456", "12345678", "88888888",
)  # fmt: skip
_ANNOUNCING = (
    r"(?:pass(?:word|wd|phrase)\d?|secret|psk|psksecret|(?:pre-?)?shared-(?:key|secret)|pre-shared-key|community"
    r"|communities|key|key-string|keystring|authentication-key|md5-key|auth-pass\w*|priv-pass\w*|credentials?|pwd|pw"
    r"|api-?key|token|license-key|private-key|bearer|basic|パスワード|パスフレーズ|暗証番号|共有鍵)[=:：＝]?"
)
_TELLING = re.compile(_ANNOUNCING, re.IGNORECASE)
# The same inside one quoted word, where more follows. Japanese needs no space between the word and the secret.
_WITHIN = re.compile(
    rf"(?:^|[\s\"'(（「,、;|]){_ANNOUNCING}[\"']?\s"
    r"|(?:パスワード|パスフレーズ|暗証番号|共有鍵)(?=は|.*[0-9A-Za-z])",
    re.IGNORECASE | re.DOTALL,
)
# "password=…" as one word, and what people write into descriptions. A word such as "certificate=1" is none.
_INLINE = re.compile(
    r"(?:pass\w*|secret|psk|key|pwd|token|credentials?|cookie|authorization|(?<![a-z])pw|(?<![a-z])auth"
    r"|パスワード|パスフレーズ|暗証番号|共有鍵)[\"']?\s*[=:：＝]",
    re.IGNORECASE,
)
# Without one of these neither _INLINE nor _LOGIN fits. Most words hold none, and this is told in no time.
_SIGN = re.compile("[=:：＝]")
_PEM = "-----BEGIN "
# An address with a user and a password: what follows the colon is no port. Where an @ comes later it never is one.
_LOGIN = re.compile(r"://(?!\[)[^/\s:@]*:(?!\d{1,5}(?:[/?#][^@]*)?$)\S")

Place = tuple[tuple[str, ...], ...]


class Secrets:
    """Turns secrets into tokens under one key, and tells which tokens stand for a well-known or empty word."""

    __slots__ = ("_key", "_weak")

    def __init__(self, key: bytes) -> None:
        if len(key) < SHORTEST_KEY:
            raise ValueError(f"a key for hiding secrets has at least {SHORTEST_KEY} bytes")
        self._key = key
        forms = {form for word in KNOWN_DEFAULTS for form in (word, word.upper(), word.capitalize())}
        self._weak = {self.hide(form): "default" for form in forms} | {self.hide(""): "blank"}

    def hide(self, secret: str) -> str:
        """Return the token that stands for ``secret``. What the device itself has masked stays a mask."""
        if _MASK.fullmatch(secret):
            return MASKED
        digest = hmac.digest(self._key, secret.encode("utf-8", "surrogatepass"), "sha256").hex()
        return f"{_PREFIX}{digest[:_DIGITS]}"

    def weakness(self, token: str) -> str | None:
        """Return "default", "blank" or "none" for the secret behind ``token``; None if the device masked it."""
        return None if token == MASKED else self._weak.get(token, "none")

    def __repr__(self) -> str:
        return "Secrets(…)"


def is_token(word: str) -> bool:
    """Whether ``word`` stands for a secret."""
    return word.startswith(_PREFIX) or word == MASKED


def place(pattern: str) -> Place:
    """Return a compiled place of secrets.

    Words stand for themselves ("a|b" for either), ``*`` for any word, ``...`` for any number of words, ``$`` for a
    secret word and ``$$`` for a secret that runs to the end. A pattern without ``$`` says that its words hold none.
    """
    return tuple(tuple(word.split("|")) if word != "..." else ("...",) for word in pattern.split())


@dataclass(frozen=True, slots=True)
class Places:
    """Where the secrets of one dialect stand, by the first word of the line; the first pattern that fits decides."""

    by_word: Mapping[str, Sequence[Place]]

    @classmethod
    def of(cls, patterns: Iterable[str]) -> "Places":
        """Return the places that ``patterns`` describe."""
        by_word: dict[str, list[Place]] = {}
        for pattern in patterns:
            compiled = place(pattern)
            for word in compiled[0]:
                by_word.setdefault(word, []).append(compiled)
        return cls(by_word)

    def hide(self, words: Sequence[str], secrets: Secrets) -> tuple[str, ...]:
        """Return ``words`` with every secret replaced by its token."""
        first = words[0].lower() if words else ""
        for compiled in (*self.by_word.get(first, ()), *self.by_word.get("*", ())):
            hidden = _match(compiled, words, secrets)
            if hidden is not None:
                return hide_free_text(hidden, secrets)
        return _after_telling_word(words, secrets)


def _match(compiled: Place, words: Sequence[str], secrets: Secrets) -> list[str] | None:
    """Return ``words`` with the secrets of the pattern hidden, or None if the pattern does not fit."""
    if not compiled:
        return list(_after_telling_word(words, secrets))
    expected, rest = compiled[0], compiled[1:]
    if expected == ("...",):
        tries = ((skipped, _match(rest, words[skipped:], secrets)) for skipped in range(len(words) + 1))
        return next(([*words[:skipped], *found] for skipped, found in tries if found is not None), None)
    if not words:
        return None
    if expected == ("$$",):
        return [secrets.hide(" ".join(words))]
    if expected not in (("$",), ("*",)) and words[0].lower() not in expected:
        return None
    found = _match(rest, words[1:], secrets)
    return None if found is None else [secrets.hide(words[0]) if expected == ("$",) else words[0], *found]


def _after_telling_word(words: Sequence[str], secrets: Secrets) -> tuple[str, ...]:
    """Hide whatever follows a word that announces a secret: a place that no table knew."""
    for index, word in enumerate(words[:-1]):
        if _TELLING.fullmatch(word):
            hidden = (secrets.hide(each) for each in words[index + 1 :])
            return (*hide_free_text(words[: index + 1], secrets), *hidden)
    return hide_free_text(words, secrets)


def hide_free_text(words: Sequence[str], secrets: Secrets) -> tuple[str, ...]:
    """Hide a word that holds a secret wherever it stands, and what follows it: the secret may be cut by a space."""
    start = next((index for index, word in enumerate(words) if is_telling(word)), len(words))
    return (*words[:start], *(word if is_token(word) else secrets.hide(word) for word in words[start:]))


def is_telling(text: str) -> bool:
    """Whether free text holds a secret, one that only a word before it announces too: "pw …", "Bearer …"."""
    return is_suspicious(text) or _WITHIN.search(text) is not None


def is_suspicious(word: str) -> bool:
    """Whether a word holds a secret wherever it stands: "password=…", a private key, an address with a password."""
    if _SIGN.search(word) is None:
        return _PEM in word
    return _PEM in word or _INLINE.search(word) is not None or _LOGIN.search(word) is not None
