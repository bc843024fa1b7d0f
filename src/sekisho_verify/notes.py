"""Signed notes, verifier keys and checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature)."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sekisho_verify.errors import Malformed
from sekisho_verify.merkle import HASH_BYTES

MOST_NOTE_BYTES = 256 * 1024
MOST_SIGNATURES = 100
LARGEST_SIZE = 2**63 - 1
_DASH = "\N{EM DASH} "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class Kind(IntEnum):
    """The signature types that are understood."""

    ED25519 = 1
    COSIGNATURE = 4


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with its name; ``kind`` says what it signs, ``id`` is four bytes."""

    name: str
    id: bytes
    kind: int
    public: bytes

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Tell whether this key made ``signature`` (without its id) over a note's text."""
        if self.kind == Kind.COSIGNATURE:
            if len(signature) != 72:
                return False
            header = f"cosignature/v1\ntime {time_of(signature)}\n".encode()
            text, signature = header + text, signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


def time_of(signature: bytes) -> int:
    """Return when a cosignature was made, in seconds since 1970."""
    return int.from_bytes(signature[:8], "big")


def parse_key(vkey: str) -> Key:
    """Read ``name+id+base64``. Raises Malformed, also where the id is not that of name and key."""
    parts = vkey.strip().split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]) or not re.fullmatch(r"[0-9a-f]{8}", parts[1]):
        raise Malformed("key.form")
    body = _base64(parts[2], "key.form")
    name, key_id = parts[0], bytes.fromhex(parts[1])
    if sha256(name.encode() + b"\n" + body).digest()[:4] != key_id:
        raise Malformed("key.id")
    if body[:1] not in (b"\x01", b"\x04"):
        raise Malformed("key.kind")
    if len(body) != 33:
        raise Malformed("key.form")
    return Key(name, key_id, body[0], body[1:])


def _base64(text: str, code: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(code) from error
    if base64.b64encode(found).decode() != text:
        raise Malformed(code)
    return found


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the key's name, its id, and what follows."""

    name: str
    id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note's text with its last newline, and its signatures; nothing of it is proven yet."""

    text: bytes
    signatures: tuple[Signature, ...]

    def by(self, key: Key) -> list[Signature]:
        """Return the signatures that say they are by ``key``."""
        return [one for one in self.signatures if (one.name, one.id) == (key.name, key.id)]

    def signed_by(self, key: Key) -> bool | None:
        """Tell whether ``key`` signed; None where it did not try, False where a signature is false."""
        made = self.by(key)
        return all(key.verifies(self.text, one.value) for one in made) if made else None


def parse_note(data: bytes) -> Note:
    """Read a signed note. Raises Malformed."""
    if len(data) > MOST_NOTE_BYTES:
        raise Malformed("note.long")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise Malformed("note.form") from error
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or _CONTROL.search(whole) or not lines.endswith("\n"):
        raise Malformed("note.form")
    signatures = tuple(map(_signature, lines.removesuffix("\n").split("\n")))
    if len(signatures) > MOST_SIGNATURES:
        raise Malformed("note.long")
    return Note((text + "\n").encode(), signatures)


def _signature(line: str) -> Signature:
    name, _, value = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not _NAME.fullmatch(name):
        raise Malformed("note.form")
    blob = _base64(value, "note.form")
    if len(blob) < 5:
        raise Malformed("note.form")
    return Signature(name, blob[:4], blob[4:])


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head of a log: ``data`` are the bytes of its file, ``note`` the same taken apart."""

    data: bytes
    note: Note
    origin: str
    size: int
    root: bytes


def parse_checkpoint(data: bytes) -> Checkpoint:
    """Read a checkpoint. Raises Malformed."""
    note = parse_note(data)
    lines = note.text.decode().removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines) or not _SIZE.fullmatch(lines[1]):
        raise Malformed("checkpoint.form")
    size, root = int(lines[1]), _base64(lines[2], "checkpoint.form")
    if len(root) != HASH_BYTES:
        raise Malformed("checkpoint.form")
    if size > LARGEST_SIZE:
        raise Malformed("checkpoint.size")
    return Checkpoint(data, note, lines[0], size, root)


def names(keys: Iterable[Key]) -> str:
    """Return keys as a reader writes them."""
    return ", ".join(f"{key.name}+{key.id.hex()}" for key in keys)
