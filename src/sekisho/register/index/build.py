"""Making the index from the log: bundle after bundle, each checked against its hashes before a row is made of it."""

import fcntl
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sekisho.register.errors import LogDamaged
from sekisho.register.index.store import (
    IndexUnusable,
    Names,
    Row,
    insert,
    open_for_writing,
    remove,
    set_state,
    state,
    transact,
)
from sekisho.register.log.layout import WIDTH
from sekisho.register.log.tree import Tree
from sekisho.trust.merkle import leaf_hash

CHUNK = 64  # bundles in one transaction
_LOCK = ".lock"


@contextmanager
def alone(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the index against other writers; give False where somebody else has it and ``wait`` is not wished."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)


def follow(folder: Path, tree: Tree, origin: str, most: int, told: Callable[[int], None] | None = None) -> int:
    """Bring the index up to the log, at most ``most`` entries further; return how many it has then.

    Whoever calls holds :func:`alone`. An index that is damaged, of another version or about another log is begun anew.
    ``told`` hears the count after each transaction. Raises LogDamaged where the log is not what its hashes say.
    """
    try:
        return _followed(folder, tree, origin, most, told)
    except (IndexUnusable, sqlite3.DatabaseError):
        remove(folder)
        return _followed(folder, tree, origin, most, told)


def _followed(folder: Path, tree: Tree, origin: str, most: int, told: Callable[[int], None] | None) -> int:
    with closing(open_for_writing(folder)) as database:
        start = _require_fits(database, tree, origin)
        end = min(tree.size, start + most)
        names = Names(database)
        while start < end:
            stop = min(end, (start // WIDTH + CHUNK) * WIDTH)
            transact(database, lambda begin=start, to=stop: _add(database, names, tree, origin, begin, to))  # type: ignore[misc]
            start = stop
            if told:
                told(start)
        return start


def _require_fits(database: sqlite3.Connection, tree: Tree, origin: str) -> int:
    """Return how many entries the index has, all of this log. Raises IndexUnusable."""
    known, size, leaf = state(database)
    if size == 0:
        return 0
    if known != origin or size > tree.size:
        raise IndexUnusable
    (entry,) = tree.entries(size - 1, size)
    if leaf_hash(entry) != leaf:
        raise IndexUnusable
    return size


def _add(database: sqlite3.Connection, names: Names, tree: Tree, origin: str, start: int, end: int) -> None:
    if state(database)[1] != start:
        raise IndexUnusable
    rows: list[Row] = []
    leaf = b""
    for place, entry, leaf in checked(tree, start, end):  # noqa: B007  # the last hash is kept
        rows.append(row_of(names, tree, place, entry))
    insert(database, rows)
    set_state(database, origin, end, leaf)


def checked(tree: Tree, start: int, end: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield place, entry and hash from ``start`` to ``end``. Raises LogDamaged where entry and hash differ."""
    for index in range(start // WIDTH, -(-end // WIDTH)):
        hashes = tree.hashes(0, index)
        for place, entry in enumerate(tree.bundle(index), start=index * WIDTH):
            if start <= place < end:
                leaf = leaf_hash(entry)
                if leaf != hashes[place - index * WIDTH]:
                    raise LogDamaged(path=tree.tile(None, index).path)
                yield place, entry, leaf


def row_of(names: Names, tree: Tree, place: int, entry: bytes) -> Row:
    """Return the row of an entry. Raises LogDamaged where it is not an entry at all, whatever its hash is."""
    try:
        return names.row(place, json.loads(entry))
    except (ValueError, KeyError, TypeError) as error:
        raise LogDamaged(path=tree.tile(None, place // WIDTH).path) from error


def differing(folder: Path, tree: Tree, start: int, end: int) -> list[int]:
    """Return the places from ``start`` to ``end`` where the index does not say what the log does.

    Raises IndexUnusable, LogDamaged. Names that the index lacks are made and thrown away again.
    """
    with closing(open_for_writing(folder)) as database:
        database.execute("BEGIN IMMEDIATE")
        try:
            names = Names(database)
            stored = database.execute("SELECT * FROM event WHERE place >= ? AND place < ?", (start, end))
            rows: dict[int, Row] = {row[0]: tuple(row) for row in stored}
            pairs = ((place, row_of(names, tree, place, entry)) for place, entry, _leaf in checked(tree, start, end))
            return [place for place, row in pairs if rows.get(place) != row]
        finally:
            database.execute("ROLLBACK")


def missing(database: sqlite3.Connection, size: int) -> list[int]:
    """Return the first place below ``size`` without a row; nothing where all are there."""
    if database.execute("SELECT count(*) FROM event").fetchone()[0] == size:
        return []
    rows = database.execute("SELECT place FROM event ORDER BY place")
    return [next((number for number, (place,) in enumerate(rows) if number != place), size)]
