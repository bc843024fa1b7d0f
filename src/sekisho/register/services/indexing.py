"""Keeping the search index up with the log. It is derived, and can always be made again."""

import sqlite3
from collections.abc import Callable

from django.conf import settings
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.register.actions import RegisterAction
from sekisho.register.index.build import alone, differing, follow, missing
from sekisho.register.index.store import IndexUnusable, reading, remove, state
from sekisho.register.log.tree import Tree
from sekisho.register.queries import log_head, log_tree
from sekisho.register.rules import EventOutcome, SubjectRef
from sekisho.register.services.outbox import append

PIECE = 65_536  # entries that are held against the log at once
STEP = 16_384  # entries; what a turn of the sequencer may take


def follow_log(most: int = STEP) -> bool:
    """Bring the index further up to the log, unless somebody else does; tell whether it is behind still.

    Raises LogFault, OSError, and sqlite3.Error where not even a new index can be written.
    """
    head = log_head()
    if head is None or head.size == 0:
        return False
    with alone(settings.REGISTER_INDEX, wait=False) as is_mine:
        if not is_mine:
            return False
        return follow(settings.REGISTER_INDEX, log_tree(head.size), head.origin, most) < head.size


def rebuild_index(*, actor: Actor, told: Callable[[int, int], None]) -> int:
    """Make the index anew from the whole log; return how many events it has. ``told`` hears count and size.

    Ended at any moment, even by kill -9, the sequencer goes on from where it was. Raises Forbidden, LogFault, OSError.
    """
    actor.require(RegisterAction.REINDEX)
    head = log_head()
    if head is None:
        return 0
    with alone(settings.REGISTER_INDEX, wait=True):
        remove(settings.REGISTER_INDEX)
        tree, size = log_tree(head.size), head.size
        return follow(settings.REGISTER_INDEX, tree, head.origin, size, lambda count: told(count, size))


def check_index(*, actor: Actor) -> bool:
    """Hold one piece of the index, another in each hour, and its count against the log; tell whether it is right.

    One that is not is recorded and removed; the sequencer makes it anew. Raises Forbidden, LogFault, OSError.
    """
    actor.require(RegisterAction.NOTE_INDEX)
    head = log_head()
    with alone(settings.REGISTER_INDEX, wait=False) as is_mine:
        if head is None or not is_mine:
            return True
        wrong = _wrong_places(log_tree(head.size), head.origin)
        if not wrong:
            return True
        remove(settings.REGISTER_INDEX)
    with transaction.atomic():
        append(
            actor=actor,
            action=RegisterAction.NOTE_INDEX,
            subject=SubjectRef("register_index", "index", ""),
            outcome=EventOutcome.FAILURE,
            details={"number": wrong[0]},
        )
    return False


def _wrong_places(tree: Tree, origin: str) -> list[int]:
    """Return places where the index is wrong; [0] where it cannot be used at all, nothing where there is none."""
    try:
        with reading(settings.REGISTER_INDEX) as index:
            known, size, _leaf = state(index) if index is not None else (origin, 0, b"")
            if index is None or known != origin or size > tree.size:
                return []  # the next turn of the sequencer makes it anew
            if gone := missing(index, size):
                return gone
        pieces = -(-size // PIECE) or 1
        start = int(clock.now().timestamp() // 3600) % pieces * PIECE
        return differing(settings.REGISTER_INDEX, tree, start, min(start + PIECE, size))
    except (IndexUnusable, sqlite3.Error):
        return [0]
