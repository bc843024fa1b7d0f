"""Cutting a CSV file into its records without losing a byte of them. A quoted field may hold line ends.

Quotation marks are counted in bytes: in UTF-8 and in CP932 the byte of one is never part of another character.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sekisho.register.rules.sources.encodings import BOM
from sekisho.register.rules.sources.errors import LogLineBroken

LONGEST_RECORD = 24 * 1024
_QUOTE = b'"'


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the number of its first line in the file, and its bytes without the line end."""

    line: int
    raw: bytes


def records(lines: Iterable[bytes]) -> Iterator[Record]:
    """Yield the records of a file that comes line by line; empty lines are none.

    A line that is longer than a record may come cut off. Raises LogLineBroken.
    """
    begin, parts, size, quotes = 0, list[bytes](), 0, 0
    for number, line in enumerate(lines, start=1):
        data = line.removeprefix(BOM) if number == 1 else line
        begin = begin or number
        parts.append(data)
        size += len(data)
        quotes += data.count(_QUOTE)
        if size > LONGEST_RECORD:
            raise LogLineBroken(line=begin)
        if quotes % 2:
            continue
        raw = b"".join(parts).rstrip(b"\r\n")
        if raw.strip():
            yield Record(begin, raw)
        begin, parts, size, quotes = 0, [], 0, 0
    if parts:
        raise LogLineBroken(line=begin)


def fields(text: str, delimiter: str) -> list[str] | None:
    """Return the fields of a record; None where its quotation marks stand where none may."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None
