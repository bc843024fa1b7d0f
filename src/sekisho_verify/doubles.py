"""Finds ids that occur twice among any number of entries, in little memory.

Kept are 64 bits of each id, spread over buckets that go to temporary files when they grow; one
bucket at a time is looked through at the end. What looks double is looked up again by the caller.
An id begins with its time, so those of a bundle mostly belong into one bucket: a quarter of an hour each.
"""

import os
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import BinaryIO

BUCKETS = 61
MOST_IN_MEMORY = 2_000_000
MOST_AT_ONCE = 250_000
_BYTES = 8
_ID = 36
_TIME = 7  # hex digits: 2**20 milliseconds


class Doubles:
    """Takes ids, tells which of them were there before."""

    def __init__(self, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self._buckets = [array("Q") for _ in range(BUCKETS)]
        self._files: list[BinaryIO] = []
        self._held = 0
        self._most = most_in_memory

    def add(self, ids: Iterable[str]) -> None:
        """Take ids in the form of UUIDs; several may stand in one text, one after the other."""
        joined = "".join(ids)
        halves = tails([joined])
        if all(joined[at::_ID] == joined[at] * len(halves) for at in range(_TIME if halves else 0)):
            self._bucket(joined[:_TIME]).extend(halves)
        else:
            for at, half in enumerate(halves):
                self._bucket(joined[at * _ID : at * _ID + _TIME]).append(half)
        self._held += len(halves)
        if self._held >= self._most:
            self._spill()

    def _bucket(self, time: str) -> "array[int]":
        return self._buckets[int(time or "0", 16) % BUCKETS]

    def _spill(self) -> None:
        if not self._files:
            self._files = [tempfile.TemporaryFile() for _ in range(BUCKETS)]  # noqa: SIM115  (closed by close)
        for bucket, file in zip(self._buckets, self._files, strict=True):
            bucket.tofile(file)
            del bucket[:]
        self._held = 0

    def suspects(self) -> set[int]:
        """Return the halves that were taken more than once."""
        found: set[int] = set()
        for number, bucket in enumerate(self._buckets):
            if self._files:
                self._files[number].seek(0, os.SEEK_END)
                length = self._files[number].tell()
                self._files[number].seek(0)
                bucket.fromfile(self._files[number], length // _BYTES)
            for some in _portions(bucket):
                if len(set(some)) < len(some):
                    found.update(half for half, times in Counter(some).items() if times > 1)
            self._buckets[number] = array("Q")
        return found

    def close(self) -> None:
        """Remove the temporary files."""
        for file in self._files:
            file.close()


def _portions(bucket: "array[int]") -> Iterator["array[int]"]:
    """Yield what is in a bucket, in parts where it is much: equal ones into the same part."""
    count = -(-len(bucket) // MOST_AT_ONCE)
    if count == 1:
        yield bucket
        return
    for number in range(count):
        yield array("Q", (half for half in bucket if half % count == number))


def tails(ids: Iterable[str]) -> "array[int]":
    """Return the second half of each UUID: two bits that are always the same and 62 of chance."""
    whole = array("Q")
    whole.frombytes(bytes.fromhex("".join(ids).replace("-", "")))
    return whole[1::2]
