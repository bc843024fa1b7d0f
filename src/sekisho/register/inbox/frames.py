"""Frames, in which entries lie in a part of a spool. Pure."""

import struct
import zlib
from collections.abc import Iterator

_FRAME = struct.Struct(">IIQ")
_LARGEST_FRAME = 128 * 1024


def frame(number: int, entry: bytes) -> bytes:
    """Return an entry as it lies in a part; the checksum is over number and entry."""
    check = zlib.crc32(entry, zlib.crc32(number.to_bytes(8, "big")))
    return _FRAME.pack(len(entry), check, number) + entry


def frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and entry of every whole frame, up to the first that was cut short or changed."""
    start = 0
    while start + _FRAME.size <= len(data):
        length, check, number = _FRAME.unpack_from(data, start)
        begin = start + _FRAME.size
        start = begin + length
        entry = data[begin:start]
        if length > _LARGEST_FRAME or len(entry) < length:
            return
        if zlib.crc32(entry, zlib.crc32(number.to_bytes(8, "big"))) != check:
            return
        yield number, entry
