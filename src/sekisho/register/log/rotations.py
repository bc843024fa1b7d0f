"""What the log leaves for whoever has only an old key of it: one small file for each new key, beside the checkpoint."""

import base64
import binascii
from dataclasses import dataclass
from typing import Self

from sekisho.register.errors import CheckpointBroken
from sekisho.register.log.files import Files
from sekisho.register.log.tree import read_head

PREFIX = "rotation-"


@dataclass(frozen=True, slots=True)
class Announcement:
    """A change of the key, which the old one vouches for.

    The keys before and after as verifiers take them, the index of the entry that names the new one, and a head of
    the log with that entry, signed by both keys.
    """

    old: str
    new: str
    index: int
    note: bytes

    @property
    def path(self) -> str:
        """Where it lies in the log's folder: under the id by which notes name the new key."""
        return f"{PREFIX}{self.new.split('+', 2)[1]}"

    def to_bytes(self) -> bytes:
        """Return the file: two keys and the index, a line each, an empty line, the signed note."""
        return f"{self.old}\n{self.new}\n{self.index}\n\n".encode() + self.note

    @classmethod
    def from_bytes(cls, data: bytes) -> Self | None:
        """Return what a file says; None where it is none."""
        words, _blank, note = data.partition(b"\n\n")
        lines = words.decode("ascii", "replace").split("\n")
        return cls(lines[0], lines[1], int(lines[2]), note) if len(lines) == 3 and lines[2].isdecimal() else None


def keys_of(files: Files, current: bytes) -> list[bytes]:
    """Return the public keys that the log has had, the present one first: those that signed for their successor."""
    read = (files.read(name) for name in files.names("") if name.startswith(PREFIX))
    waiting = [one for data in read if data is not None and (one := Announcement.from_bytes(data))]
    found = [current]
    for key in found:  # it grows while it is walked
        for one in waiting:
            old, new = _public(one.old), _public(one.new)
            if new == key and old not in found and _is_signed(one.note, old) and _is_signed(one.note, new):
                found.append(old)
    return found


def _public(verifier: str) -> bytes:
    try:
        return base64.b64decode(verifier.split("+", 2)[-1], validate=True)[1:]
    except (binascii.Error, ValueError):
        return b""


def _is_signed(note: bytes, public: bytes) -> bool:
    try:
        return bool(read_head(note, public))
    except CheckpointBroken:
        return False
