"""The first exchange of SMB2 (MS-SMB2 2.2.1, 2.2.3, 2.2.4), in which the server names its clock. Pure, no sockets.

A NEGOTIATE is what every Windows client sends before it signs in: no account, no session, nothing is opened.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_HEADER = struct.Struct("<4sHHIHHIIQIIQ16s")
_MAGIC = b"\xfeSMB"
_OLD_MAGIC = b"\xffSMB"
_DIALECTS = (0x0202, 0x0210, 0x0300, 0x0302, 0x0311)
_REPLY_FLAG = 0x1  # SMB2_FLAGS_SERVER_TO_REDIR
_SIGNING_ENABLED = 0x1
_BODY = struct.Struct("<HHHH16sIIIIQQ")
_REQUEST_BODY = struct.Struct("<HHHHI16sIHH")
_FIRST_CONTEXT = 64 + 36 + 2 * len(_DIALECTS) + 2  # header, body, dialects, padded to a multiple of eight
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_LONGEST = 1 << 20  # bytes; answers have some hundred


class NotSmb2(ValueError):
    """The bytes are no answer to an SMB2 NEGOTIATE; the text says what they are."""


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What the server said: its clock (None when it gives none) and the dialect it chose, such as 0x0311."""

    system_time: datetime | None
    dialect: int


def request(guid: bytes, salt: bytes) -> bytes:
    """Return a NEGOTIATE for SMB 2.0.2 to 3.1.1 with its length before it; ``guid`` 16 and ``salt`` 32 random bytes."""
    header = _HEADER.pack(_MAGIC, 64, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, bytes(16))
    body = _REQUEST_BODY.pack(36, len(_DIALECTS), _SIGNING_ENABLED, 0, 0, guid, _FIRST_CONTEXT, 2, 0)
    dialects = b"".join(struct.pack("<H", dialect) for dialect in _DIALECTS) + bytes(2)
    message = header + body + dialects + _context(1, struct.pack("<HHH", 1, len(salt), 1) + salt)  # SHA-512
    message += _context(2, struct.pack("<HHH", 2, 2, 1), last=True)  # AES-128-GCM, AES-128-CCM
    return struct.pack(">I", len(message)) + message


def _context(kind: int, data: bytes, *, last: bool = False) -> bytes:
    padding = b"" if last else bytes(-len(data) % 8)
    return struct.pack("<HHI", kind, len(data), 0) + data + padding


def missing(received: bytes) -> int:
    """Return how many bytes of the answer are still to come. Raises NotSmb2 when none should be waited for."""
    if len(received) < 4:
        return 4 - len(received)
    kind, length = received[0], int.from_bytes(received[1:4], "big")
    if kind != 0 or length > _LONGEST:
        raise NotSmb2("no SMB")
    return max(0, 4 + length - len(received))


def parse(received: bytes) -> Negotiated:
    """Read a whole answer with its length before it. Raises NotSmb2."""
    message = received[4:]
    if message.startswith(_OLD_MAGIC):
        raise NotSmb2("SMB1")
    if len(message) < _HEADER.size + _BODY.size or not message.startswith(_MAGIC):
        raise NotSmb2("no SMB2")
    _magic, size, _charge, status, command, _credits, flags, *_rest = _HEADER.unpack_from(message)
    if size != 64 or command != 0 or not flags & _REPLY_FLAG:
        raise NotSmb2("no answer to NEGOTIATE")
    if status:
        raise NotSmb2(f"status 0x{status:08x}")
    body = _BODY.unpack_from(message, _HEADER.size)
    if body[0] != 65:
        raise NotSmb2("no answer to NEGOTIATE")
    return Negotiated(_filetime(body[9]), body[2])


def _filetime(value: int) -> datetime | None:
    """Return a FILETIME (100 ns since 1601-01-01 UTC) as a moment; zero or beyond the calendar is none."""
    try:
        return _FILETIME_EPOCH + timedelta(microseconds=value // 10) if value else None
    except OverflowError:
        return None
