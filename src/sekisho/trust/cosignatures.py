"""Cosignatures of witnesses under checkpoints: C2SP tlog-cosignature, with Ed25519 (type 0x04), and keys in one line.

A witness signs the text of a checkpoint together with a time, and by that says: at that time this was the largest head
of this log that I had seen, and it goes on from every smaller one that I saw.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _
from sekisho.trust.dsse import public_key
from sekisho.trust.notes import NoteBroken, NoteUnsigned, read_note

LOG_KEY = 1
WITNESS_KEY = 4
_SEED_MARK = "PRIVATE+KEY+"
_KEY = re.compile(r"(?P<name>[^\s+]{1,200})\+(?P<id>[0-9a-f]{8})\+(?P<body>[A-Za-z0-9+/=]{1,100})")
_TIME_BYTES = 8
_BODY_BYTES = 33


class KeyBroken(InvalidInput):
    """A line is no key of the kind that was asked for."""

    code = "trust.key_broken"
    message = _("This is no key of a log or of a witness, or it was changed: %(key)s")
    hint = _("Copy the whole line again, from the name to the end.")


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A public Ed25519 key with the name it signs under; ``kind`` is LOG_KEY or WITNESS_KEY."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which notes name this key."""
        return _key_id(self.name, self.kind, self.public)

    def line(self) -> str:
        """Return the key in one line, as other programs take it."""
        return f"{self.name}+{self.id.hex()}+{_encode(bytes([self.kind]) + self.public)}"


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified cosignature: when it was made (seconds since 1970), and its line under the note."""

    moment: int
    line: str


def read_key(line: str, kind: int) -> NamedKey:
    """Return the public key of ``kind`` in a line. Raises KeyBroken."""
    name, body = _parts(line, line)
    if len(body) != _BODY_BYTES or body[0] != kind:
        raise KeyBroken(key=line[:80])
    key = NamedKey(name, kind, body[1:])
    if f"+{key.id.hex()}+" not in line:
        raise KeyBroken(key=line[:80])
    return key


def write_seed(name: str, seed: bytes) -> str:
    """Return the secret key of a witness in one line, as the tools of the Go project write theirs. Raises KeyBroken."""
    key = witness_key(name, seed)
    line = f"{name}+{key.id.hex()}+{_encode(bytes([WITNESS_KEY]) + seed)}"
    _parts(line, name)
    return _SEED_MARK + line


def read_seed(line: str) -> tuple[str, bytes]:
    """Return name and seed of a witness's secret key. Raises KeyBroken, which does not show it."""
    shown = line[:10]
    name, body = _parts(line.removeprefix(_SEED_MARK), shown)
    if not line.startswith(_SEED_MARK) or len(body) != _BODY_BYTES or body[0] != WITNESS_KEY:
        raise KeyBroken(key=shown)
    if f"+{witness_key(name, body[1:]).id.hex()}+" not in line:
        raise KeyBroken(key=shown)
    return name, body[1:]


def witness_key(name: str, seed: bytes) -> NamedKey:
    """Return the public key of a witness."""
    return NamedKey(name, WITNESS_KEY, public_key(seed))


def cosign(text: str, name: str, seed: bytes, moment: int) -> str:
    """Return the line, without its end, by which the witness ``name`` cosigns the text of a checkpoint."""
    made = Ed25519PrivateKey.from_private_bytes(seed).sign(_message(text, moment))
    value = witness_key(name, seed).id + moment.to_bytes(_TIME_BYTES, "big") + made
    return f"— {name} {_encode(value)}"


def read_cosignature(text: str, lines: bytes, key: NamedKey) -> Cosignature:
    """Return the newest cosignature of ``key`` among ``lines`` under ``text``.

    Every one that says it is of this key must be. Raises NoteBroken, NoteUnsigned.
    """
    note = read_note(text.encode() + b"\n" + lines)
    if note.text != text:
        raise NoteBroken
    ours = [one.signature for one in note.signatures if (one.name, one.key_id) == (key.name, key.id)]
    if not ours:
        raise NoteUnsigned
    newest = max(ours, key=lambda value: value[:_TIME_BYTES])
    try:
        for value in ours:
            moment = int.from_bytes(value[:_TIME_BYTES], "big")
            Ed25519PublicKey.from_public_bytes(key.public).verify(value[_TIME_BYTES:], _message(text, moment))
    except (InvalidSignature, ValueError) as error:
        raise NoteUnsigned from error
    return Cosignature(int.from_bytes(newest[:_TIME_BYTES], "big"), f"— {key.name} {_encode(key.id + newest)}")


def _message(text: str, moment: int) -> bytes:
    return f"cosignature/v1\ntime {moment}\n{text}".encode()


def _key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def _parts(line: str, shown: str) -> tuple[str, bytes]:
    found = _KEY.fullmatch(line)
    if found is None:
        raise KeyBroken(key=shown[:80])
    try:
        return found["name"], base64.b64decode(found["body"], validate=True)
    except binascii.Error as error:
        raise KeyBroken(key=shown[:80]) from error


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
