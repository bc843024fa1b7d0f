"""Days whose rows were compared with the log, each sealed with what was compared and when.

Comparing every row of half a year with its leaf again each hour is work without gain. Pieces of a day that no seal
knows are compared, and the whole day again a week later; its summaries are made of rows that were compared. In between,
its files are held against the digests in the seal, which is made with a key of this installation.
"""

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from sekisho.register.errors import RowsAltered
from sekisho.register.log.review.engine import show_rows
from sekisho.register.log.review.partitions import Comparison, Piece, Store, calendar, quoted, write
from sekisho.register.log.review.summaries import SUMMARIES
from sekisho.register.log.tree import Tree

AGAIN_AFTER = 7 * 86_400  # seconds
MOST_AGAIN = 500_000  # rows of sealed days that one run compares again, the longest ago first; always one day at least


@dataclass(frozen=True, slots=True)
class Seal:
    """What was compared about a day: the pieces and digests of its files, and when in seconds since 1970."""

    day: int
    rows: int
    compared_at: int
    pieces: Mapping[str, str]
    summaries: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reach:
    """The days that rules ask for: their rows from ``rows_from`` on, and their summaries from ``first`` on."""

    first: int
    rows_from: int
    last: int


@dataclass(frozen=True, slots=True)
class Held:
    """How many rows were compared with the log now, how many stand by a seal, and when the oldest was compared."""

    compared: int = 0
    sealed: int = 0
    since: int | None = None

    def with_day(self, seal: Seal, compared: int) -> "Held":
        """Return the figures with one more day, of which so many rows were compared now."""
        since = seal.compared_at if self.since is None else min(self.since, seal.compared_at)
        return Held(self.compared + compared, self.sealed + seal.rows - compared, since)


class Days:
    """The sealed days of a store. ``seal`` is the key of the seals."""

    def __init__(self, folder: Path, seal: bytes, store: Store) -> None:
        self._folder = folder / "summaries"
        self._seal = seal
        self._store = store

    def files(self, pieces: Sequence[Piece], first: int, last: int) -> dict[str, list[Path]]:
        """Return the files of each summary of the days from ``first`` to ``last``."""
        days = sorted(day for day in _by_day(pieces) if first <= day <= last)
        return {name: [self._path(day, f"{name}.parquet") for day in days] for name in SUMMARIES}

    def hold(self, tree: Tree, pieces: Sequence[Piece], reach: Reach, now: int) -> Held:
        """See to it that what rules are about to read is what was compared with the log.

        ``now`` is in seconds since 1970. Nobody else may do this meanwhile. Raises RowsAltered, LogDamaged, OSError.
        """
        wanted = {day: parts for day, parts in _by_day(pieces).items() if reach.first <= day <= reach.last}
        seals = {day: found for day, parts in wanted.items() if (found := self._fitting(day, parts))}
        for day in _due(seals.values(), now):
            del seals[day]
        held, comparison = Held(), Comparison(self._store, tree)
        for day, parts in sorted(wanted.items()):
            known = seals.get(day)
            fresh = [piece for piece in parts if known is None or self._store.path(piece, day).name not in known.pieces]
            if known:
                self._check(known, with_rows=bool(fresh) or day >= reach.rows_from)
            rows = comparison.rows_of(fresh, day)
            if known is None or fresh:
                known = self._seal_day(comparison, day, parts, known.compared_at if known else now)
            held = held.with_day(known, rows)
        return held

    def _fitting(self, day: int, parts: Sequence[Piece]) -> Seal | None:
        path = self._path(day, "seal.json")
        if not path.exists():
            return None
        try:
            note = json.loads(path.read_bytes())
            seal = Seal(**note["seal"])
            is_ours = hmac.compare_digest(self._mac(seal), note["mac"]) and seal.day == day
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RowsAltered(path=_name(path)) from error
        if not is_ours:
            raise RowsAltered(path=_name(path))
        return seal if set(seal.pieces) <= {self._store.path(piece, day).name for piece in parts} else None

    def _check(self, seal: Seal, *, with_rows: bool) -> None:
        kept = {self._path(seal.day, name): digest for name, digest in seal.summaries.items()}
        if with_rows:
            folder = self._store.folder(seal.day)
            kept |= {folder / name: digest for name, digest in seal.pieces.items()}
        for path, digest in kept.items():
            if not path.exists() or _digest(path) != digest:
                raise RowsAltered(path=_name(path))

    def _seal_day(self, comparison: Comparison, day: int, parts: Sequence[Piece], since: int) -> Seal:
        """Make the summaries of a day whose rows were all compared, and seal both. The oldest comparison counts."""
        place = self._path(day, "seal.json")
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.unlink(missing_ok=True)  # before the files change: whoever stops here leaves a day without a seal
        paths = [self._store.path(piece, day) for piece in parts]
        made = summarise(comparison.engine, paths, place.parent)
        seal = Seal(
            day=day,
            rows=sum(piece.days[str(day)] for piece in parts),
            compared_at=since,
            pieces={path.name: _digest(path) for path in paths},
            summaries={path.name: _digest(path) for path in made},
        )
        write(place, json.dumps({"seal": asdict(seal), "mac": self._mac(seal)}, sort_keys=True).encode())
        return seal

    def _mac(self, seal: Seal) -> str:
        words = json.dumps(asdict(seal), sort_keys=True).encode()
        return hmac.new(self._seal, b"review day " + words, hashlib.sha256).hexdigest()

    def _path(self, day: int, name: str) -> Path:
        month, number = calendar(day)
        return self._folder / month / number / name


def summarise(engine: "duckdb.DuckDBPyConnection", rows: Sequence[Path], folder: Path) -> Iterator[Path]:
    """Make every summary of the rows of one day, in the same order each time; yield the files."""
    show_rows(engine, rows)
    for name, sql in SUMMARIES.items():
        path = folder / f"{name}.parquet"
        new = path.with_suffix(".new")
        engine.execute(
            f"COPY (SELECT * FROM ({sql}) s ORDER BY ALL) "  # noqa: S608  # our own texts
            f"TO '{quoted(new)}' (FORMAT parquet, COMPRESSION zstd)"
        )
        new.chmod(0o600)
        new.replace(path)
        yield path


def _due(seals: Iterable[Seal], now: int) -> list[int]:
    """Return the days to compare again: those of more than a week ago, and those of a clock that ran ahead."""
    due, rows = [], 0
    for seal in sorted(seals, key=lambda one: (one.compared_at, one.day)):
        is_old = not 0 <= now - seal.compared_at < AGAIN_AFTER
        if is_old and rows < MOST_AGAIN:
            due.append(seal.day)
            rows += seal.rows
    return due


def _by_day(pieces: Sequence[Piece]) -> dict[int, list[Piece]]:
    found: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        for day in piece.days:
            found[int(day)].append(piece)
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _name(path: Path) -> str:
    return "/".join(path.parts[-3:])
