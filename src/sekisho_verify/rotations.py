"""From an old key of the log to the one that signs now, by what the old one vouched for."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sekisho_verify.errors import CannotCheck, Malformed, Refused
from sekisho_verify.heads import compare
from sekisho_verify.notes import MOST_NOTE_BYTES, Checkpoint, Key, Kind, names, parse_checkpoint, parse_key
from sekisho_verify.paths import WIDTH
from sekisho_verify.report import Part, Report, Value
from sekisho_verify.sources import Source
from sekisho_verify.tiles import Tiles, split_bundle

PREFIX = "rotation-"
MOST_ROTATIONS = 64
ACTION = "register.rotate_key"


@dataclass(frozen=True, slots=True)
class Rotation:
    """The old key's word that a new one follows: a head that both signed, and the index of the entry that says so."""

    path: str
    old: Key
    new: Key
    vkey: str
    index: int
    head: Checkpoint


def follow(head: Checkpoint, keys: Sequence[Key], source: Source, report: Report) -> list[Rotation]:
    """Return the rotations that lead from ``keys`` to those that signed ``head``, the oldest first.

    What they say of the log is checked by ``check_rotations``, when its hashes have been.
    """
    trusted = {key.id for key in keys}
    if trusted & {line.id for line in head.note.signatures if line.name == head.origin}:
        return []
    for line in head.note.signatures:
        if line.name == head.origin and (found := _chain(line.id, {key.id: key for key in keys}, source, report)):
            return found if all(one.head.origin == head.origin for one in found) else []
    return []


def _chain(wanted: bytes, trusted: dict[bytes, Key], source: Source, report: Report) -> list[Rotation]:
    """Go back from a key to one that is trusted, then forward again: each must have signed for the next."""
    back: list[Rotation] = []
    while wanted not in trusted:
        one = _read(f"{PREFIX}{wanted.hex()}", source, report)
        if one is None or len(back) == MOST_ROTATIONS:
            return []
        back.append(one)
        wanted = one.old.id
    known = trusted[wanted]
    for one in reversed(back):
        if one.old != known or not (one.head.note.signed_by(one.old) and one.head.note.signed_by(one.new)):
            report.unknown(Part.SIGNATURE, "key.broken", path=one.path)
            return []
        known = one.new
    return back[::-1]


def _read(path: str, source: Source, report: Report) -> Rotation | None:
    try:
        data = source.read(path, MOST_NOTE_BYTES)
        return _parse(path, data) if data is not None else None
    except (Malformed, Refused, ValueError):
        report.unknown(Part.SIGNATURE, "key.broken", path=path)
        return None


def _parse(path: str, data: bytes) -> Rotation:
    words, _blank, note = data.partition(b"\n\n")
    old, new, index = words.decode().split("\n")
    rotation = Rotation(path, parse_key(old), parse_key(new), new, int(index), parse_checkpoint(note))
    kinds = {rotation.old.kind, rotation.new.kind}
    if kinds != {Kind.ED25519} or not 0 <= rotation.index < rotation.head.size:
        raise Malformed("key.form")
    return rotation


def check_rotations(rotations: Iterable[Rotation], head: Checkpoint, tiles: Tiles, report: Report) -> None:
    """Check that the log goes on from what the old key signed, and that its entry names the new key."""
    for one in rotations:
        compare(one.path, one.head, head, tiles, report)
        facts: dict[str, Value] = {"old": names([one.old]), "new": names([one.new]), "index": one.index}
        try:
            entries = split_bundle(tiles.bundle(one.index // WIDTH))
            named = _new_key(entries[one.index % WIDTH])
        except (Refused, Malformed, CannotCheck, IndexError):
            report.unknown(Part.SIGNATURE, "key.unseen", **facts)
            continue
        if named == one.vkey:
            report.remark(Part.SIGNATURE, "key.followed", **facts)
        else:
            report.bad(Part.SIGNATURE, "key.unnoted", **facts)


def _new_key(entry: bytes) -> str | None:
    try:
        document = json.loads(entry)
        return str(document["details"]["new_key"]) if document["action"] == ACTION else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
