"""Signed notes and checkpoints of transparency logs: C2SP signed-note and tlog-checkpoint, with Ed25519 (type 0x01).

A note is read strictly: what is not exactly of the form is refused, never repaired.
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
from sekisho.trust.merkle import HASH_BYTES

LARGEST_NOTE = 256 * 1024
MOST_SIGNATURES = 64
_ED25519 = b"\x01"
_ID_BYTES = 4
_DASH = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteBroken(InvalidInput):
    """The bytes are no signed note, or no checkpoint, in the one form there is."""

    code = "trust.note_broken"
    message = _("This is no checkpoint of a log, or it was changed.")


class NoteUnsigned(InvalidInput):
    """The note carries no genuine signature of the key that was asked for."""

    code = "trust.note_unsigned"
    message = _("The checkpoint is not signed with the key of this log.")


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note: the name of the key, its 4-byte id, and the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note, unverified: its text with the final newline, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: which log, how many entries, and the root over them (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{_encode(self.root)}\n"


def key_id(name: str, public: bytes) -> bytes:
    """Return the four bytes by which notes name the Ed25519 key ``public`` of ``name``."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:_ID_BYTES]


def verifier_key(name: str, public: bytes) -> str:
    """Return the key in one line, as tools that check logs take it: name, id in hex, type and key in base64."""
    return f"{name}+{key_id(name, public).hex()}+{_encode(_ED25519 + public)}"


def sign_note(text: str, name: str, seed: bytes) -> bytes:
    """Return ``text``, which ends in a newline, signed by the key ``name``. Raises NoteBroken."""
    _require_form(text, name)
    made = Ed25519PrivateKey.from_private_bytes(seed).sign(text.encode())
    line = _encode(key_id(name, public_key(seed)) + made)
    return f"{text}\n{_DASH}{name} {line}\n".encode()


def sign_also(note: bytes, name: str, seed: bytes) -> bytes:
    """Return a signed note with the signature of one more key ``name`` above those it has. Raises NoteBroken."""
    signed = sign_note(read_note(note).text, name, seed)
    lines, own = (some.rpartition(b"\n\n")[2] for some in (note, signed))
    return note if own in lines else signed + lines


def read_note(data: bytes) -> Note:
    """Return a note, unverified. Raises NoteBroken."""
    if len(data) > LARGEST_NOTE:
        raise NoteBroken
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise NoteBroken from error
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or _CONTROL.search(whole) or not text:
        raise NoteBroken
    rows = lines[:-1].split("\n")
    if len(rows) > MOST_SIGNATURES:
        raise NoteBroken
    return Note(f"{text}\n", tuple(_signature(row) for row in rows))


def verify_note(data: bytes, name: str, public: bytes) -> str:
    """Return the text of a note that the Ed25519 key ``public`` of ``name`` has signed.

    Signatures of other keys are ignored, a false one of this key is not. Raises NoteBroken, NoteUnsigned.
    """
    note = read_note(data)
    wanted = key_id(name, public)
    ours = [line.signature for line in note.signatures if (line.name, line.key_id) == (name, wanted)]
    if not ours:
        raise NoteUnsigned
    try:
        for made in ours:
            Ed25519PublicKey.from_public_bytes(public).verify(made, note.text.encode())
    except (InvalidSignature, ValueError) as error:
        raise NoteUnsigned from error
    return note.text


def read_checkpoint(text: str) -> Checkpoint:
    """Return what the text of a checkpoint says; extension lines are ignored. Raises NoteBroken."""
    if not text.endswith("\n"):
        raise NoteBroken
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines) or not _SIZE.fullmatch(lines[1]):
        raise NoteBroken
    root = _decode(lines[2])
    if len(root) != HASH_BYTES:
        raise NoteBroken
    return Checkpoint(lines[0], int(lines[1]), root)


def _require_form(text: str, name: str) -> None:
    if not text.endswith("\n") or text == "\n" or _CONTROL.search(text) or not _NAME.fullmatch(name):
        raise NoteBroken


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not _NAME.fullmatch(name):
        raise NoteBroken
    raw = _decode(encoded)
    if len(raw) <= _ID_BYTES:
        raise NoteBroken
    return Signature(name, raw[:_ID_BYTES], raw[_ID_BYTES:])


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: str) -> bytes:
    """Return the bytes of exactly one base64 form: ``b64decode`` would take others too."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise NoteBroken from error
    if _encode(data) != text:
        raise NoteBroken
    return data
