"""A witness of logs (C2SP tlog-witness): it remembers the last head of each log and cosigns only what goes on from it.

It holds no entries and no database. What it remembers is durable before it answers: a cosignature that somebody has
seen is never followed by one over another past.
"""

import base64
import binascii
import hashlib
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from sekisho.register.errors import CheckpointBroken, WitnessStateBroken
from sekisho.register.log.files import Files
from sekisho.register.log.tree import read_head
from sekisho.trust.cosignatures import NamedKey, cosign
from sekisho.trust.merkle import EMPTY_ROOT, HASH_BYTES, ProofBroken, verify_consistency
from sekisho.trust.notes import Checkpoint, NoteBroken, NoteUnsigned, read_checkpoint, read_note, verify_note

LARGEST_REQUEST = 64 * 1024
MOST_PROOF_LINES = 63
SIZE_TYPE = "text/x.tlog.size"
TEXT_TYPE = "text/plain; charset=utf-8"
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")


class Status(IntEnum):
    """How a witness answers, as its protocol has it."""

    COSIGNED = 200
    MALFORMED = 400
    UNTRUSTED = 403
    UNKNOWN_LOG = 404
    CONFLICT = 409
    INCONSISTENT = 422


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status, body and what kind of text that is."""

    status: Status
    body: bytes = b""
    kind: str = TEXT_TYPE


@dataclass(frozen=True, slots=True)
class Request:
    """What a log asks for: the size from which the proof leads, the proof, the note and what that says."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes
    head: Checkpoint


def write_request(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """Return the body of a request."""
    lines = "".join(f"{base64.b64encode(step).decode()}\n" for step in proof)
    return f"old {old}\n{lines}\n".encode() + note


def read_request(body: bytes) -> Request:
    """Return what is asked for. Raises NoteBroken."""
    head, blank, note = body.partition(b"\n\n")
    if len(body) > LARGEST_REQUEST or not blank or not head.isascii():
        raise NoteBroken
    first, *lines = head.decode().split("\n")
    old = _OLD.fullmatch(first)
    if old is None or len(lines) > MOST_PROOF_LINES:
        raise NoteBroken
    return Request(int(old[1]), tuple(map(_step, lines)), note, read_checkpoint(read_note(note).text))


def _step(line: str) -> bytes:
    try:
        step = base64.b64decode(line, validate=True)
    except binascii.Error as error:
        raise NoteBroken from error
    if len(step) != HASH_BYTES:
        raise NoteBroken
    return step


class Witness:
    """A witness of the logs with these keys. ``now`` gives seconds since 1970."""

    def __init__(self, files: Files, name: str, seed: bytes, logs: Sequence[NamedKey], now: Callable[[], int]) -> None:
        self._files = files
        self._name = name
        self._seed = seed
        self._logs = {key.name: key for key in logs}
        self._now = now
        self._one_at_a_time = threading.Lock()

    def answer(self, body: bytes) -> Reply:
        """Answer one request of a log. Raises WitnessStateBroken, OSError; then nothing was cosigned."""
        try:
            asked = read_request(body)
        except NoteBroken:
            return Reply(Status.MALFORMED)
        key = self._logs.get(asked.head.origin)
        if key is None:
            return Reply(Status.UNKNOWN_LOG)
        try:
            verify_note(asked.note, key.name, key.public)
        except (NoteBroken, NoteUnsigned):
            return Reply(Status.UNTRUSTED)
        if asked.old > asked.head.size:
            return Reply(Status.MALFORMED)
        with self._one_at_a_time:
            return self._judge(asked, key)

    def last(self, key: NamedKey) -> Checkpoint:
        """Return the last head of a log; that of an empty one where none was seen. Raises WitnessStateBroken."""
        note = self._files.read(_file_of(key))
        if note is None:
            return Checkpoint(key.name, 0, EMPTY_ROOT)
        try:
            head = read_head(note, key.public)
        except CheckpointBroken as error:
            raise WitnessStateBroken(origin=key.name) from error
        if head.origin != key.name:
            raise WitnessStateBroken(origin=key.name)
        return head

    def _judge(self, asked: Request, key: NamedKey) -> Reply:
        last = self.last(key)
        if asked.old != last.size or (asked.head.size == last.size and asked.head.root != last.root):
            return Reply(Status.CONFLICT, f"{last.size}\n".encode(), SIZE_TYPE)
        try:
            verify_consistency(last.size, last.root, asked.head.size, asked.head.root, asked.proof)
        except ProofBroken:
            return Reply(Status.INCONSISTENT)
        if asked.head.size > last.size or self._files.read(_file_of(key)) is None:
            self._remember(key, asked.note)
        line = cosign(read_note(asked.note).text, self._name, self._seed, self._now())
        return Reply(Status.COSIGNED, f"{line}\n".encode())

    def _remember(self, key: NamedKey, note: bytes) -> None:
        """Store the head so that it is durable; a crash leaves the one before or this one."""
        path = _file_of(key)
        self._files.store(f"{path}.new", note)
        self._files.sync_folder("")
        self._files.rename(f"{path}.new", path)
        self._files.sync_folder("")


def _file_of(key: NamedKey) -> str:
    return f"{hashlib.sha256(key.name.encode()).hexdigest()}.checkpoint"
