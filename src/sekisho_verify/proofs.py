"""Proofs that one entry is in the log (C2SP tlog-proof): making them from a log, checking them anywhere."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sekisho_verify.errors import CannotCheck, Malformed, Refused
from sekisho_verify.heads import check_signature, check_witnesses
from sekisho_verify.merkle import HASH_BYTES, leaf_hash, path_ranges, root_from_path
from sekisho_verify.notes import MOST_NOTE_BYTES, Checkpoint, Key, parse_checkpoint
from sekisho_verify.paths import WIDTH
from sekisho_verify.policy import Policy
from sekisho_verify.report import Part, Report
from sekisho_verify.tiles import MOST_ENTRY_BYTES, Tiles, split_bundle

HEADER = "c2sp.org/tlog-proof@v1"
MOST_PROOF_BYTES = MOST_NOTE_BYTES + 2 * MOST_ENTRY_BYTES
MOST_HASHES = 63
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as its file holds it. ``extra`` is whatever was put beside it: here the entry itself."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def text(self) -> bytes:
        """Return the proof's file."""
        extra = [] if self.extra is None else [f"extra {_encode(self.extra)}"]
        lines = [HEADER, *extra, f"index {self.index}", *map(_encode, self.path), "", ""]
        return "\n".join(lines).encode() + self.checkpoint


def parse_proof(data: bytes) -> Proof:
    """Read a proof's file. Raises Malformed."""
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("proof.form") from error
    if not blank or len(data) > MOST_PROOF_BYTES or lines.pop(0) != HEADER:
        raise Malformed("proof.form")
    extra = _decode(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else None
    found = _INDEX.fullmatch(lines.pop(0)) if lines else None
    path = tuple(map(_decode, lines))
    if not found or len(path) > MOST_HASHES or any(len(one) != HASH_BYTES for one in path):
        raise Malformed("proof.form")
    return Proof(int(found[1]), path, checkpoint, extra)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Malformed("proof.form") from error
    if _encode(data) != text:
        raise Malformed("proof.form")
    return data


def make_proof(tiles: Tiles, head: Checkpoint, index: int) -> Proof:
    """Return the proof for one entry of a log, the entry in it. Raises CannotCheck where the log is not sound."""
    if not 0 <= index < head.size:
        raise CannotCheck("proof.range", index=index, size=head.size)
    try:
        entry = split_bundle(tiles.bundle(index // WIDTH))[index % WIDTH]
        path = tuple(tiles.range_root(begin, end) for begin, end in path_ranges(index, head.size))
    except Refused as refused:
        raise CannotCheck(refused.code, path=refused.path) from refused
    except (Malformed, IndexError) as error:
        raise CannotCheck("bundle.form", path=f"{index // WIDTH}") from error
    if root_from_path(leaf_hash(entry), index, head.size, path) != head.root:
        raise CannotCheck("proof.unsound", index=index)
    return Proof(index, path, head.data, entry)


def check_proof(
    proof: Proof, entry: bytes | None, keys: Sequence[Key], policy: Policy | None, report: Report
) -> bytes | None:
    """Check a proof without the log; return the entry that it proves. ``entry`` comes before what lies in the proof."""
    report.looked_at(Part.PROOF)
    try:
        head = parse_checkpoint(proof.checkpoint)
    except Malformed as malformed:
        raise CannotCheck(malformed.code, path="checkpoint") from malformed
    report.facts |= {"origin": head.origin, "size": head.size, "root": head.root.hex(), "index": proof.index}
    check_signature(head, keys, report)
    check_witnesses(head, (), policy, report)
    shown = entry if entry is not None else proof.extra
    if shown is None:
        report.unknown(Part.PROOF, "proof.entry")
        return None
    if root_from_path(leaf_hash(shown), proof.index, head.size, proof.path) != head.root:
        report.bad(Part.PROOF, "proof.differs", index=proof.index)
        return None
    return shown
