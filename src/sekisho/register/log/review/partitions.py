"""Rows of the log as Parquet, one folder a month and a day: derived, built anew at any time, never trusted.

Every row is made from an entry whose leaf the signed checkpoint covers, and holds that entry and its leaf. Before rules
see them, rows are compared with their entries, entries with their leaves, and leaves with the hashes of the log. A note
beside each piece, sealed with a key of this installation, says how many rows each day of it has: so a row that was
taken away is seen too.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from sekisho.register.errors import LogDamaged, RowsAltered
from sekisho.register.log.layout import WIDTH
from sekisho.register.log.tree import Tree, verify_bundle
from sekisho.trust.merkle import root_over

PIECE = 256 * WIDTH  # entries; bounds the memory of building
_BREAK = b"\x01"
_NEEDED = {"occurred_at", "recorded_at", "source_seq", "actor", "action", "outcome"}
_DAY_US = 86_400_000_000
_TOKYO_US = 9 * 3_600_000_000
# What a row holds of its entry. Texts are never null, so that every engine joins and counts them alike.
_TEXTS = {
    "source": "$.source",
    "actor": "$.actor.id",
    "kind": "$.actor.kind",
    "action": "$.action",
    "outcome": "$.outcome",
    "patient": "$.patient",
    "system": "$.system",
    "device": "$.device",
    "session": "$.session",
    "network": "$.network",
    "subject_kind": "$.subject.kind",
    "subject": "$.subject.id",
}
_US = "epoch_us(strptime(json_extract_string(entry, '$.{0}'), '%Y-%m-%dT%H:%M:%S.%fZ'))"
_LOCAL = f"({_US.format('occurred_at')} + {_TOKYO_US})"
DERIVED = {
    **{name: f"coalesce(json_extract_string(entry, '{path}'), '')" for name, path in _TEXTS.items()},
    "source_seq": "CAST(json_extract(entry, '$.source_seq') AS BIGINT)",
    "ts_us": _US.format("occurred_at"),
    "recorded_us": _US.format("recorded_at"),
    "day": f"CAST({_LOCAL} // {_DAY_US} AS INTEGER)",
    "hour": f"CAST({_LOCAL} // 3600000000 AS INTEGER)",
    "minute": f"CAST(({_LOCAL} % {_DAY_US}) // 60000000 AS INTEGER)",
    "weekday": f"CAST(({_LOCAL} // {_DAY_US} + 3) % 7 AS INTEGER)",
    "reason_empty": "CAST(coalesce(json_extract_string(entry, '$.reason'), '') = '' AS INTEGER)",
}
_DIFFERS = " OR ".join(f"{name} IS DISTINCT FROM {sql}" for name, sql in DERIVED.items())
_WRONG = (  # rows that are not what their entry says, or whose leaf is not that of their entry
    "SELECT count(*) FROM rows WHERE leaf IS DISTINCT FROM unhex(sha256('\\x00'::BLOB || encode(entry))) "  # noqa: S608
    f"OR day <> ? OR {_DIFFERS}"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """What was made of the entries from ``start`` up to ``end``: rows per day (days since 1970 in Tokyo)."""

    start: int
    end: int
    days: dict[str, int] = field(default_factory=dict)

    @property
    def unread(self) -> int:
        """How many entries are none of ours, and so have no row."""
        return self.end - self.start - sum(self.days.values())


class Store:
    """The folder of the partitions. ``seal`` is the key of the notes beside the pieces."""

    def __init__(self, folder: Path, seal: bytes) -> None:
        self._folder = folder
        self._seal = seal

    def pieces(self) -> list[Piece]:
        """Return the pieces that follow each other from the first entry on. Raises RowsAltered."""
        found: list[Piece] = []
        for path in sorted(self._folder.glob("*.json")):
            piece = self._read(path)
            if piece.start != (found[-1].end if found else 0):
                raise RowsAltered(path=path.name)
            found.append(piece)
        return found

    def _read(self, path: Path) -> Piece:
        try:
            note = json.loads(path.read_bytes())
            piece = Piece(note["start"], note["end"], note["days"])
            if hmac.compare_digest(self._mac(piece), note["mac"]):
                return piece
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RowsAltered(path=path.name) from error
        raise RowsAltered(path=path.name)

    def _mac(self, piece: Piece) -> str:
        words = json.dumps(asdict(piece), sort_keys=True).encode()
        return hmac.new(self._seal, b"review piece " + words, hashlib.sha256).hexdigest()

    def path(self, piece: Piece, day: int) -> Path:
        """Return where the rows of a piece about one day lie."""
        return self.folder(day) / f"{piece.start:012d}-{piece.end:012d}.parquet"

    def folder(self, day: int) -> Path:
        """Return where the rows of a day lie."""
        month, number = calendar(day)
        return self._folder / month / number

    def files(self, pieces: Sequence[Piece], first: int, last: int) -> list[Path]:
        """Return the files with rows of the days from ``first`` to ``last``."""
        return [self.path(piece, int(day)) for piece in pieces for day in piece.days if first <= int(day) <= last]

    def build(self, tree: Tree) -> list[Piece]:
        """Make rows of the entries that have none yet, each bundle checked before; return the new pieces.

        The tree must be one whose edge was checked. Raises LogDamaged, RowsAltered, OSError.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = self.pieces()
        made: list[Piece] = []
        start = known[-1].end if known else 0
        if start > tree.size:
            raise RowsAltered(path=str(start))
        while start < tree.size:
            made.append(self._build_piece(tree, start, min(start + PIECE, tree.size)))
            start = made[-1].end
        return made

    def _build_piece(self, tree: Tree, start: int, end: int) -> Piece:
        lines, engine = self._folder / "lines.new", connect()
        with lines.open("wb") as out:
            out.writelines(_lines(tree, start, end))
        lines.chmod(0o600)
        texts = f"delim='{_BREAK.decode()}', quote='', escape='', header=false, auto_detect=false, strict_mode=false"
        columns = "columns={'log_index': 'BIGINT', 'leaf': 'VARCHAR', 'entry': 'VARCHAR'}"
        derived = ", ".join(f"{sql} AS {name}" for name, sql in DERIVED.items())
        engine.execute(
            f"CREATE TABLE rows AS SELECT log_index, unhex(leaf) AS leaf, {derived}, entry "  # noqa: S608  # constants
            f"FROM read_csv(?, {texts}, {columns})",
            [str(lines)],
        )
        lines.unlink()
        days = engine.execute("SELECT day, count(*) FROM rows GROUP BY day ORDER BY day").fetchall()
        piece = Piece(start, end, {str(day): count for day, count in days})
        for day, _count in days:
            self._store_day(engine, piece, day)
        note = self._folder / f"{start:012d}-{end:012d}.json"
        write(note, json.dumps({**asdict(piece), "mac": self._mac(piece)}).encode())
        return piece

    def _store_day(self, engine: "duckdb.DuckDBPyConnection", piece: Piece, day: int) -> None:
        path = self.path(piece, day)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        engine.execute(
            f"COPY (SELECT * FROM rows WHERE day = {int(day)} ORDER BY log_index) "  # noqa: S608  # a number
            f"TO '{quoted(new)}' (FORMAT parquet, COMPRESSION zstd)"
        )
        new.chmod(0o600)
        new.replace(path)


class Comparison:
    """Comparing the rows of a store with a log whose edge was checked; what was read of the log is kept meanwhile."""

    def __init__(self, store: Store, tree: Tree) -> None:
        self._store = store
        self._leaves = _Leaves(tree)
        self.engine = connect()

    def rows_of(self, pieces: Sequence[Piece], day: int) -> int:
        """Check every row of a day; return how many there are.

        Raises RowsAltered naming the file, LogDamaged where the hashes of the log are not what was signed.
        """
        counts = {piece.start: piece.days[str(day)] for piece in pieces if str(day) in piece.days}
        for piece in pieces:
            if piece.start in counts:
                self._check_file(piece, day, counts[piece.start])
        return sum(counts.values())

    def _check_file(self, piece: Piece, day: int, count: int) -> None:
        path, engine = self._store.path(piece, day), self.engine
        name = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
        try:
            source = f"read_parquet('{quoted(path)}')"
            engine.execute(f"CREATE OR REPLACE VIEW rows AS SELECT * FROM {source}")  # noqa: S608  # our own path
            wrong = engine.execute(_WRONG, [day]).fetchone()
            pairs = engine.execute("SELECT log_index, leaf FROM rows ORDER BY log_index").fetchall()
        except duckdb.Error as error:
            raise RowsAltered(path=name) from error
        numbers = {index for index, _leaf in pairs}
        is_whole = len(pairs) == count == len(numbers) and all(piece.start <= one < piece.end for one in numbers)
        if wrong != (0,) or not is_whole or any(self._leaves.leaf(index) != leaf for index, leaf in pairs):
            raise RowsAltered(path=name)


class _Leaves:
    """The leaves of a log, each tile of them checked up to the edge; the edge itself was checked before."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._rows: dict[tuple[int, int], list[bytes]] = {}

    def leaf(self, index: int) -> bytes:
        """Return the hash of an entry. Raises LogDamaged."""
        return self._row(0, index // WIDTH)[index % WIDTH] if index < self._tree.size else b""

    def _row(self, level: int, index: int) -> list[bytes]:
        if (level, index) not in self._rows:
            row, tile = self._tree.hashes(level, index), self._tree.tile(level, index)
            if tile.width == WIDTH and self._row(level + 1, index // WIDTH)[index % WIDTH] != root_over(row):
                raise LogDamaged(path=tile.path)
            self._rows[(level, index)] = row
        return self._rows[(level, index)]


def _lines(tree: Tree, start: int, end: int) -> Iterator[bytes]:
    for number in range(start // WIDTH, -(-end // WIDTH)):
        verify_bundle(tree, number)
        for place, (leaf, entry) in enumerate(zip(tree.hashes(0, number), tree.bundle(number), strict=True)):
            index = number * WIDTH + place
            if start <= index < end and _is_ours(entry):
                yield b"%d\x01%s\x01%s\n" % (index, leaf.hex().encode(), entry)


def _is_ours(entry: bytes) -> bool:
    """Tell whether an entry has the form of the register: canonical JSON has no control character in it."""
    if _BREAK in entry or b"\n" in entry or b"\r" in entry:
        return False
    try:
        document = json.loads(entry)
        return isinstance(document, dict) and document.keys() >= _NEEDED
    except ValueError:
        return False


def connect() -> "duckdb.DuckDBPyConnection":
    """Return an engine in memory that reads nothing of the network and loads nothing."""
    settings: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    engine = duckdb.connect(":memory:", config=settings)
    engine.execute("SET enable_progress_bar = false")  # it would write into the answer of the process
    return engine


def calendar(day: int) -> tuple[str, str]:
    """Return month and day of the month, as ``2026-11`` and ``21``."""
    found = date(1970, 1, 1) + timedelta(days=day)
    return f"{found:%Y-%m}", f"{found:%d}"


def quoted(path: Path) -> str:
    """Return a path as it stands between quotes in SQL."""
    return str(path).replace("'", "''")


def write(path: Path, data: bytes) -> None:
    """Write a small file that nobody else may read, as a whole or not at all."""
    new = path.with_suffix(".new")
    new.write_bytes(data)
    new.chmod(0o600)
    new.replace(path)
