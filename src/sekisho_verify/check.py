"""The whole check of a log, one part after another. Every part is done, whatever the one before found."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography import x509

from sekisho_verify.entries import Entries, Naming
from sekisho_verify.heads import Head, check_heads, check_signature, check_witnesses, read_checkpoint
from sekisho_verify.notes import Checkpoint, Key
from sekisho_verify.policy import Policy
from sekisho_verify.report import Part, Report
from sekisho_verify.rotations import check_rotations, follow
from sekisho_verify.sources import Source
from sekisho_verify.structure import check_structure
from sekisho_verify.tiles import Tiles
from sekisho_verify.tokens import Token, check_tokens
from sekisho_verify.walk import Look, Walk

NOTABLE_SILENCE = 60.0


@dataclass(frozen=True, slots=True)
class Question:
    """What the auditor brings along: keys of the log, and everything that was kept elsewhere."""

    keys: Sequence[Key]
    policy: Policy | None = None
    heads: Sequence[Head] = ()
    tokens: Sequence[Token] = ()
    roots: Sequence[x509.Certificate] = field(default=())
    minimum: int = 0
    with_form: bool = True


def check_log(source: Source, question: Question) -> Report:
    """Check a log and say everything that was found. Raises CannotCheck where there is nothing to check."""
    begun = time.perf_counter()
    report = Report()
    head = read_checkpoint(source)
    report.facts |= {"origin": head.origin, "size": head.size, "root": head.root.hex()}
    rotations = follow(head, question.keys, source, report)
    keys = [*question.keys, *(one.new for one in rotations)]
    check_signature(head, keys, report)
    tiles = Tiles(source, head.size)
    check_structure(tiles, report)
    _check_entries(tiles, head, question, report)
    check_rotations(rotations, head, tiles, report)
    held = check_heads(head, question.heads, keys, tiles, report)
    check_witnesses(head, held, question.policy, report)
    check_tokens(question.tokens, [head.data, *(one.data for one in question.heads)], question.roots, report)
    report.facts["milliseconds"] = round((time.perf_counter() - begun) * 1000)
    return report


def _check_entries(tiles: Tiles, head: Checkpoint, question: Question, report: Report) -> None:
    entries = Entries(report)
    if not question.with_form:
        report.unknown(Part.ENTRIES, "entries.left_out")
        _walk(tiles, question, report, _ignore, _nothing).go(head)
        return
    report.looked_at(Part.ENTRIES)
    walk = Walk(tiles, report, entries.look, entries.skip, question.minimum, entries.split)
    walk.go(head)
    suspects = entries.finish()
    if suspects:
        _walk(tiles, question, Report(), Naming(report, suspects).look, _nothing).go(head)
    report.facts |= {
        "entries_checked": walk.entries,
        "first_recorded": entries.earliest or None,
        "last_recorded": entries.latest or None,
        "backwards": entries.backwards,
    }
    if entries.quiet_seconds >= NOTABLE_SILENCE:
        report.facts |= {"longest_silence": round(entries.quiet_seconds), "silence_before": entries.quiet_index}


def _walk(tiles: Tiles, question: Question, report: Report, look: Look, skip: Callable[[], None]) -> Walk:
    return Walk(tiles, report, look, skip, minimum=question.minimum)


def _ignore(_first: int, _entries: list[bytes]) -> None:
    """Leave the form of the entries out."""


def _nothing() -> None:
    """Nothing is kept, so nothing is forgotten."""
