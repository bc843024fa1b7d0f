"""Sealing long streams with a passphrase: Argon2id (RFC 9106), then AES-256-GCM chunk by chunk.

Every chunk is sealed under its number and under whether it is the last one (the STREAM construction), so a chunk that
was changed, moved, repeated or cut off is seen before a byte of it is given out. Each stream has a key of its own.
"""

import hmac
import secrets
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _
from sekisho.trust.derivation import derive_key

LONGEST_CHUNK = 2 * 1024 * 1024
_KEY_BYTES = 32
_SALT_BYTES = 16
_TAG_BYTES = 16
_LENGTH = struct.Struct(">I")
# The second recommended choice of RFC 9106: 64 MiB, three passes, four lanes.
_ITERATIONS, _LANES, _MEMORY_KIB = 3, 4, 64 * 1024
# What a lock read from somewhere may ask of this computer.
_MOST_ITERATIONS, _MOST_LANES, _MOST_MEMORY_KIB = 16, 16, 1024 * 1024
_CHECK = "envelope check"


class PassphraseWrong(SekishoError):
    """The passphrase is not the one, or the data that belongs to it was changed; the two cannot be told apart."""

    code = "trust.passphrase_wrong"
    message = _("This is not the passphrase of the backup, or what belongs to the passphrase was changed in it.")
    hint = _("Try the passphrase with another generation. If it opens that one, this one was tampered with.")
    status = 403
    exit_code = 77


class StreamBroken(SekishoError):
    """The sealed stream was changed, cut off or put in another order."""

    code = "trust.stream_broken"
    message = _("The sealed data was changed or is not complete.")
    status = 422
    exit_code = 65


@dataclass(frozen=True, slots=True)
class Lock:
    """What has to be known beside the passphrase; no secret. ``check`` (32 bytes) tells a wrong passphrase."""

    salt: bytes
    check: bytes
    iterations: int = _ITERATIONS
    lanes: int = _LANES
    memory_kib: int = _MEMORY_KIB

    def is_sound(self) -> bool:
        """Tell whether the numbers are such that deriving the key is neither refused nor too much for a computer."""
        sizes = len(self.salt) == _SALT_BYTES and len(self.check) == _KEY_BYTES
        lanes = 1 <= self.lanes <= _MOST_LANES and 1 <= self.iterations <= _MOST_ITERATIONS
        return sizes and lanes and 8 * self.lanes <= self.memory_kib <= _MOST_MEMORY_KIB


def new_lock(passphrase: str) -> tuple[Lock, bytes]:
    """Return a lock with a fresh salt, and its 32-byte key."""
    salt = secrets.token_bytes(_SALT_BYTES)
    key = _stretched(passphrase, Lock(salt, b""))
    return Lock(salt, derive_key(key, _CHECK)), key


def open_lock(lock: Lock, passphrase: str) -> bytes:
    """Return the key of ``lock``. Raises PassphraseWrong."""
    if not lock.is_sound():
        raise PassphraseWrong
    key = _stretched(passphrase, lock)
    if not hmac.compare_digest(derive_key(key, _CHECK), lock.check):
        raise PassphraseWrong
    return key


def _stretched(passphrase: str, lock: Lock) -> bytes:
    stretch = Argon2id(
        salt=lock.salt,
        length=_KEY_BYTES,
        iterations=lock.iterations,
        lanes=lock.lanes,
        memory_cost=lock.memory_kib,
    )
    return stretch.derive(passphrase.encode())


class Sealer:
    """Seals the chunks of one stream, in order. ``context`` names the stream; the pair of key and context only once."""

    def __init__(self, key: bytes, context: str) -> None:
        self._cipher = AESGCM(derive_key(key, f"envelope {context}"))
        self._number = 0

    def seal(self, chunk: bytes, *, last: bool) -> bytes:
        """Return the next chunk (up to LONGEST_CHUNK bytes) sealed, with its length before it."""
        if len(chunk) > LONGEST_CHUNK:
            raise ValueError("the chunk is too long")
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), chunk, None)
        self._number += 1
        return _LENGTH.pack(len(sealed)) + sealed


def open_stream(key: bytes, context: str, source: BinaryIO) -> Iterator[bytes]:
    """Yield the chunks of the stream ``context``, each as soon as it is known to be genuine. Raises StreamBroken."""
    cipher = AESGCM(derive_key(key, f"envelope {context}"))
    number, head = 0, source.read(_LENGTH.size)
    while True:
        sealed = _read(source, head)
        head = source.read(_LENGTH.size)
        try:
            yield cipher.decrypt(_nonce(number, last=not head), sealed, None)
        except InvalidTag as error:
            raise StreamBroken from error
        if not head:
            return
        number += 1


def _read(source: BinaryIO, head: bytes) -> bytes:
    if len(head) != _LENGTH.size:
        raise StreamBroken
    (length,) = _LENGTH.unpack(head)
    if not _TAG_BYTES <= length <= LONGEST_CHUNK + _TAG_BYTES:
        raise StreamBroken
    sealed = source.read(length)
    if len(sealed) != length:
        raise StreamBroken
    return sealed


def _nonce(number: int, *, last: bool) -> bytes:
    return struct.pack(">QI", number, last)
