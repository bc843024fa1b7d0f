"""Finds ids that occur twice among any number of entries, in little memory.

Kept are 64 bits of each id, spread over buckets that go to temporary files when they grow; one
bucket at a time is looked through at the end. What looks double is looked up again by the caller.
"""

import os
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterable
from typing import BinaryIO

BUCKETS = 61  # odd and prime: ids that were counted up spread too
MOST_IN_MEMORY = 2_000_000
_BYTES = 8


class Doubles:
    """Takes ids, tells which of them were there before."""

    def __init__(self, most_in_memory: int = MOST_IN_MEMORY) -> None:
        self._buckets = [array("Q") for _ in range(BUCKETS)]
        self._files: list[BinaryIO] = []
        self._held = 0
        self._most = most_in_memory

    def add(self, ids: Iterable[str]) -> None:
        """Take ids in the form of UUIDs."""
        halves = tails(ids)
        buckets = self._buckets
        for half in halves:
            buckets[half % BUCKETS].append(half)
        self._held += len(halves)
        if self._held >= self._most:
            self._spill()

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
            if len(set(bucket)) < len(bucket):
                found.update(half for half, times in Counter(bucket).items() if times > 1)
            self._buckets[number] = array("Q")
        return found

    def close(self) -> None:
        """Remove the temporary files."""
        for file in self._files:
            file.close()


def tails(ids: Iterable[str]) -> "array[int]":
    """Return the second half of each UUID: two bits that are always the same and 62 of chance."""
    whole = array("Q")
    whole.frombytes(bytes.fromhex("".join(ids).replace("-", "")))
    return whole[1::2]
