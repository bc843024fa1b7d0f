"""Heads that were kept elsewhere, held against the log: the answer to a log that was put back or written anew. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from sekisho.register.errors import CheckpointBroken, HeadForeign
from sekisho.register.log.tree import Tree, read_head
from sekisho.trust.merkle import EMPTY_ROOT, tree_root
from sekisho.trust.notes import Checkpoint


class Standing(StrEnum):
    """What a head that was kept elsewhere says of the log."""

    CONSISTENT = "consistent"  # the log begins with exactly what the head speaks of
    AHEAD = "ahead"  # the head has seen more entries than the log has: the log went back
    DIFFERS = "differs"  # the log has as many entries, and others: it was written anew


def read_held(note: bytes, publics: Iterable[bytes], origin: str | None) -> Checkpoint:
    """Return the head in ``note``, which one of the keys that this log has had signed. Raises HeadForeign.

    Where ``origin`` is None the log may have any name.
    """
    for public in publics:
        try:
            held = read_head(note, public)
        except CheckpointBroken:
            continue
        if origin is None or held.origin == origin:
            return held
    raise HeadForeign


def compare(tree: Tree, held: Checkpoint) -> Standing:
    """Hold ``held`` against the log, whose end was checked against its own checkpoint. Raises LogDamaged."""
    if held.size > tree.size:
        return Standing.AHEAD
    root = tree_root(held.size, tree.node) if held.size else EMPTY_ROOT
    return Standing.CONSISTENT if root == held.root else Standing.DIFFERS
