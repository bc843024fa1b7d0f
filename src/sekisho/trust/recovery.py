"""Recovery keys: sealing a small secret to people whose private keys are elsewhere, in the form of age (C2SP age v1).

Any program that knows the form (https://c2sp.org/age) makes such keys and opens what is sealed to them. The library is
loaded when somebody needs it: processes that serve pages do without it.
"""

import hashlib
import importlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _

_PUBLIC = re.compile(r"age1[02-9ac-hj-np-z]{58}")
_PRIVATE = re.compile(r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}")
_FINGERPRINT = 16


class RecoveryKeyBad(SekishoError):
    """What should be a key is none: mistyped, cut off, or of another kind."""

    code = "trust.recovery_key_bad"
    message = _("This is no recovery key: %(where)s")
    hint = _("A public key is one line that begins with age1; a private one begins with AGE-SECRET-KEY-1.")
    status = 422
    exit_code = 65


class NotSealedToThis(Exception):
    """None of the private keys opens it, or it was changed."""


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """A pair of keys (X25519), each as the one line in which age writes it."""

    public: str
    private: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """What names the pair without giving the public key away."""
        return fingerprint(self.public)


def new_recovery_key() -> RecoveryKey:
    """Return a fresh pair."""
    identity = _age().x25519.Identity.generate()
    return RecoveryKey(str(identity.to_public()), str(identity))


def read_private(text: str, where: str = "") -> RecoveryKey:
    """Return the pair of a private key as it was typed or scanned. Raises RecoveryKeyBad, never showing the text."""
    line = "".join(text.split()).upper()
    age = _age()
    try:
        identity = age.x25519.Identity.from_str(line if _PRIVATE.fullmatch(line) else "")
    except age.IdentityError as error:
        raise RecoveryKeyBad(where=where) from error
    return RecoveryKey(str(identity.to_public()), line)


def looks_private(text: str) -> bool:
    """Tell whether a text was meant as a private key."""
    return "".join(text.split()).upper().startswith("AGE-SECRET-KEY-")


def read_public(text: str, where: str = "") -> str:
    """Return a public key in its one form. Raises RecoveryKeyBad."""
    line = text.strip()
    age = _age()
    try:
        return str(age.x25519.Recipient.from_str(line if _PUBLIC.fullmatch(line) else ""))
    except age.RecipientError as error:
        raise RecoveryKeyBad(where=where or line) from error


def fingerprint(public: str) -> str:
    """Return 16 hexadecimal digits of the SHA-256 of a public key's line."""
    return hashlib.sha256(public.encode()).hexdigest()[:_FINGERPRINT]


def seal_to(publics: Sequence[str], secret: bytes) -> bytes:
    """Return ``secret`` as an age file that each of the private keys opens by itself."""
    age = _age()
    sealed: bytes = age.encrypt(secret, [age.x25519.Recipient.from_str(public) for public in publics])
    return sealed


def open_with(keys: Sequence[RecoveryKey], sealed: bytes) -> bytes:
    """Return what was sealed. Raises NotSealedToThis."""
    age = _age()
    try:
        secret: bytes = age.decrypt(sealed, [age.x25519.Identity.from_str(key.private) for key in keys])
    except age.DecryptError as error:
        raise NotSealedToThis from error
    return secret


def _age() -> Any:
    return importlib.import_module("pyrage")
