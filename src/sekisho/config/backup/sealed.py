"""One part on its way to the targets and back: in chunks, compressed, sealed, hashed; never whole in memory."""

import hashlib
import io
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

from isal import isal_zlib

from sekisho.config.backup.manifest import Part
from sekisho.trust.envelope import Sealer, StreamBroken, open_stream

CHUNK = 1024 * 1024
# How many chunks are compressed or expanded at once, outside Python's lock. What ISA-L writes is plain deflate (RFC
# 1950): any zlib reads it, and it reads what zlib wrote before. Two to three times as fast (docs/adr/0029).
_WORKERS = 2
_AHEAD = 6
_FAST = 1
_SAMPLE, _DENSE = 16 * 1024, 0.97
_RAW, _DEFLATED = b"\x00", b"\x01"


def _compressed(chunk: bytes) -> bytes:
    # Pictures and archives are dense already; trying in vain on all of them costs more than everything else.
    sample = chunk[:_SAMPLE]
    if len(isal_zlib.compress(sample, _FAST)) > len(sample) * _DENSE:
        return _RAW + chunk
    deflated = isal_zlib.compress(chunk, _FAST)
    return _DEFLATED + deflated if len(deflated) < len(chunk) else _RAW + chunk


def _expanded(chunk: bytes) -> bytes:
    if chunk[:1] == _RAW:
        return chunk[1:]
    expander = isal_zlib.decompressobj()
    try:
        plain = expander.decompress(memoryview(chunk)[1:], CHUNK)
    except isal_zlib.IsalError as error:  # type: ignore[misc]  # its stub calls the class an instance
        raise StreamBroken from error
    if not expander.eof:
        raise StreamBroken
    return plain


class PartWriter(io.RawIOBase):
    """Takes the plain bytes of one part and hands its sealed bytes to ``store``. Closed by :meth:`finish`."""

    def __init__(self, name: str, key: bytes, store: Callable[[bytes], None]) -> None:
        super().__init__()
        self._name, self._store = name, store
        self._sealer = Sealer(key, f"backup part {name}")
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="compress")
        self._coming: deque[Future[bytes]] = deque()
        self._buffer = bytearray()
        self._plain, self._stored = hashlib.sha256(), hashlib.sha256()
        self._plain_bytes = self._stored_bytes = 0

    def writable(self) -> bool:
        """Tell that it is for writing."""
        return True

    def tell(self) -> int:
        """Return how many plain bytes were taken."""
        return self._plain_bytes + len(self._buffer)

    def write(self, data: "bytes | memoryview") -> int:  # type: ignore[override]
        """Take some plain bytes."""
        self._buffer += data
        while len(self._buffer) >= CHUNK:
            self._take(CHUNK)
        return len(data)

    def _take(self, size: int) -> None:
        chunk = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._plain.update(chunk)
        self._plain_bytes += len(chunk)
        self._coming.append(self._pool.submit(_compressed, chunk))
        while len(self._coming) > _AHEAD:
            self._pass_on(last=False)

    def _pass_on(self, *, last: bool) -> None:
        sealed = self._sealer.seal(self._coming.popleft().result(), last=last)
        self._stored.update(sealed)
        self._stored_bytes += len(sealed)
        self._store(sealed)

    def finish(self, files: int) -> Part:
        """Store the rest and return what the manifest says of the part."""
        self._take(len(self._buffer))
        while self._coming:
            self._pass_on(last=len(self._coming) == 1)
        return Part(
            name=self._name,
            stored_bytes=self._stored_bytes,
            stored_sha256=self._stored.hexdigest(),
            plain_bytes=self._plain_bytes,
            plain_sha256=self._plain.hexdigest(),
            files=files,
        )

    def close(self) -> None:
        """Let go of the threads; what was not finished is not stored."""
        self._pool.shutdown(cancel_futures=True)
        super().close()


class _Hashing(io.RawIOBase):
    """Reads through to a file and hashes what was read."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.seen = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.seen.update(data)
        return data


class PartReader(io.RawIOBase):
    """Gives the plain bytes of one part, each chunk once it is known to be genuine. Raises StreamBroken."""

    def __init__(self, part: Part, key: bytes, file: BinaryIO) -> None:
        super().__init__()
        self._part = part
        self._file = _Hashing(file)
        self._chunks: Iterator[bytes] = open_stream(key, f"backup part {part.name}", self._file)  # type: ignore[arg-type]
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="expand")
        self._coming: deque[Future[bytes]] = deque()
        # The chunk that is being given out, how much of it was, and what was given out of those before.
        self._chunk = memoryview(b"")
        self._given = self._before = 0
        self._plain = hashlib.sha256()

    def readable(self) -> bool:
        """Tell that it is for reading."""
        return True

    def tell(self) -> int:
        """Return how many plain bytes were given out."""
        return self._before + self._given

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go on to ``offset``, never back."""
        if whence != os.SEEK_SET or offset < self.tell():
            raise io.UnsupportedOperation("a sealed part is read forwards")
        while (far := offset - self.tell()) > 0 and self.read(min(far, CHUNK)):
            continue
        return self.tell()

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` plain bytes, fewer only at the end."""
        pieces, missing = [], size
        while missing and (self._given < len(self._chunk) or self._advance()):
            end = len(self._chunk) if missing < 0 else self._given + missing
            piece = self._chunk[self._given : end]
            self._given += len(piece)
            missing -= len(piece) if missing > 0 else 0
            pieces.append(piece)
        return b"".join(pieces)

    def _advance(self) -> bool:
        """Take the next chunk that is not empty; False at the end."""
        while len(self._coming) < _AHEAD and (chunk := next(self._chunks, None)) is not None:
            self._coming.append(self._pool.submit(_expanded, chunk))
        if not self._coming:
            return False
        plain = self._coming.popleft().result()
        self._plain.update(plain)
        self._before += len(self._chunk)
        self._chunk, self._given = memoryview(plain), 0
        return bool(plain) or self._advance()

    def finish(self) -> None:
        """Read what is left and compare both hashes with the manifest. Raises StreamBroken."""
        while self.read(CHUNK):
            continue
        hashes = (self._file.seen.hexdigest(), self._plain.hexdigest())
        if hashes != (self._part.stored_sha256, self._part.plain_sha256):
            raise StreamBroken

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(cancel_futures=True)
        super().close()
