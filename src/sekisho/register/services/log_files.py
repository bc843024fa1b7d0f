"""Reading a kept log file from its first byte to its last, a few hundred rows in memory at a time."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from sekisho.kernel import clock
from sekisho.register.errors import LogTooLarge
from sekisho.register.models import ImportedLine, ImportState, LogSource
from sekisho.register.rules.sources.encodings import Encoding, decide_encoding
from sekisho.register.rules.sources.errors import LogEmpty, LogLineBroken
from sekisho.register.rules.sources.mapping import positions, read_mapping
from sekisho.register.rules.sources.records import LONGEST_RECORD, Record, fields, records
from sekisho.register.rules.sources.rows import ReadRow, RowReader, WrongRow

CHUNK = 500
MOST_ROWS = 500_000
_PIECE = 256 * 1024
_NEAR = 500
_FUTURE = timedelta(days=1)
_COUNTED = (ImportState.COMMITTED, ImportState.DONE)


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its hash and which of the equal lines of its file it is; ``known`` is in the register already."""

    row: ReadRow
    digest: bytes
    occurrence: int
    known: bool


@dataclass(slots=True)
class Chunk:
    """A piece of a file: rows that can be taken, and those that cannot; ``end`` is the byte after it."""

    end: int = 0
    lines: list[Line] = field(default_factory=list)
    wrong: list[WrongRow] = field(default_factory=list)

    @property
    def fresh(self) -> list[Line]:
        """The rows that are not in the register yet."""
        return [line for line in self.lines if not line.known]


def encoding_of(path: Path) -> Encoding:
    """Return how a file is written. Raises LogNotText, OSError."""
    with path.open("rb") as file:
        return decide_encoding(iter(partial(file.read, _PIECE), b""))


def chunks(path: Path, source: LogSource, encoding: Encoding) -> Iterator[Chunk]:
    """Yield a file piece by piece. Raises LogEmpty, LogHeadingWrong, LogLineBroken, LogTooLarge, OSError."""
    with path.open("rb") as file:
        found = records(iter(partial(file.readline, LONGEST_RECORD + 1), b""))
        reader = _reader(found, source, encoding, clock.now())
        counts: dict[bytes, int] = {}
        waiting: list[Record] = []
        for record in found:
            waiting.append(record)
            if len(waiting) == CHUNK:
                yield _chunk(source, reader, waiting, counts, file.tell())
                waiting = []
        if waiting:
            yield _chunk(source, reader, waiting, counts, file.tell())
        elif not counts:
            raise LogEmpty


def _reader(found: Iterator[Record], source: LogSource, encoding: Encoding, now: datetime) -> RowReader:
    mapping = read_mapping(source.mapping)
    first = next(found, None)
    if first is None:
        raise LogEmpty
    heading = fields(first.raw.decode(encoding.value), mapping.delimiter)
    if heading is None:
        raise LogLineBroken(line=first.line)
    places = positions(mapping, heading)
    return RowReader(mapping, places, encoding, now + _FUTURE, len(heading))


def first_rows(path: Path, source: LogSource, encoding: Encoding, most: int) -> list[ReadRow]:
    """Return the first rows of a file as they are understood, without the wrong ones. Raises as :func:`chunks`."""
    with path.open("rb") as file:
        found = records(iter(partial(file.readline, LONGEST_RECORD + 1), b""))
        reader = _reader(found, source, encoding, clock.now())
        rows = (reader.read(record) for record in islice(found, _NEAR))
        return list(islice((row for row in rows if isinstance(row, ReadRow)), most))


def _chunk(source: LogSource, reader: RowReader, found: Sequence[Record], counts: dict[bytes, int], end: int) -> Chunk:
    chunk = Chunk(end)
    numbered: list[tuple[ReadRow, bytes, int]] = []
    for record in found:
        digest = hashlib.sha256(record.raw).digest()
        counts[digest] = occurrence = counts.get(digest, 0) + 1
        row = reader.read(record)
        if isinstance(row, WrongRow):
            chunk.wrong.append(row)
        else:
            numbered.append((row, digest, occurrence))
    if len(counts) > MOST_ROWS:
        raise LogTooLarge(most=f"{MOST_ROWS:,}")
    known = known_lines(source, [digest for _row, digest, _occurrence in numbered])
    chunk.lines = [Line(row, digest, number, (digest, number) in known) for row, digest, number in numbered]
    return chunk


def known_lines(source: LogSource, digests: Iterable[bytes]) -> set[tuple[bytes, int]]:
    """Return which of these lines the register has, each with the number of its occurrence."""
    rows = ImportedLine.objects.filter(source=source, digest__in=list(digests), batch__state__in=_COUNTED)
    return {(bytes(digest), number) for digest, number in rows.values_list("digest", "occurrence")}


def hash_of(file: BinaryIO) -> str:
    """Return the SHA-256 of an open file in hex."""
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
