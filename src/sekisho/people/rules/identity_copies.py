"""Copies of identity documents: which files are taken, and what they tell beside the picture is cut off. Pure."""

import re
from collections.abc import Iterator
from enum import StrEnum

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _

LARGEST = 5 * 2**20
_PNG = b"\x89PNG\r\n\x1a\n"
# What a picture needs to be shown; everything else in a PNG tells when, where and with what it was taken.
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}
)
# Exif with the place, XMP, previews and comments go; these two say how colours are meant.
_APP0, _APP14, _APP15, _COMMENT = 0xE0, 0xEE, 0xEF, 0xFE
_SAYS_COLOURS = {_APP0: b"JFIF\0", _APP14: b"Adobe"}
_JPEG_ALONE = frozenset({0x00, 0x01, *range(0xD0, 0xDA)})  # with no length: TEM, restarts, start and end
_START_OF_SCAN, _END_OF_PICTURE = 0xDA, 0xD9
_MARKER = re.compile(rb"\xff{1,1024}+[^\xff]")
# In a scan FF 00 is a byte of the picture, FF D0 to D7 a restart; FF before FF fills.
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_MOST_PARTS = 2000  # a progressive photograph has some dozen
_MOST_CHUNKS = 20_000  # of some KiB each in what cameras and scanners write


class CopyKind(StrEnum):
    """The kinds of files that are taken."""

    JPEG = "jpeg"
    PNG = "png"
    PDF = "pdf"

    @property
    def ending(self) -> str:
        """How the name of such a file ends."""
        return "jpg" if self is CopyKind.JPEG else self.value


class CopyRefused(InvalidInput):
    """The copy is too large, or no file of these kinds."""

    code = "people.identity_copy_refused"
    message = _("This copy cannot be taken: at most %(most)s MiB, as JPEG, PNG or PDF.")
    hint = _("Photograph or scan the document again, in black and white or smaller.")


def cleaned_copy(data: bytes) -> tuple[CopyKind, bytes]:
    """Return the kind of a copy and its bytes without what a camera adds. A PDF stays as it is. Raises CopyRefused."""
    if len(data) > LARGEST:
        raise _refused()
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return CopyKind.JPEG, b"\xff\xd8" + b"".join(_jpeg_parts(data))
        if data.startswith(_PNG):
            return CopyKind.PNG, _PNG + b"".join(_png_parts(data))
    except (IndexError, ValueError) as error:
        raise _refused() from error
    if data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]:
        return CopyKind.PDF, data
    raise _refused()


def _refused() -> CopyRefused:
    return CopyRefused(field="copy", most=LARGEST // 2**20)


def _jpeg_parts(data: bytes) -> Iterator[bytes]:
    """Yield what is kept, up to the end of the first picture: what follows it has places and times of its own.

    Raises IndexError, ValueError.
    """
    place, scans = 2, 0
    for _count in range(_MOST_PARTS):
        place = _marker_at(data, place)
        marker = data[place + 1]
        if marker == _END_OF_PICTURE and scans:
            yield data[place : place + 2]
            return
        end = _segment_end(data, place)
        if marker == _START_OF_SCAN:
            end, scans = _scan_end(data, end), scans + 1
        if _is_needed(data[place : place + 10], after_scan=scans > 0):
            yield data[place:end]
        place = end
    raise ValueError("too many parts")


def _is_needed(head: bytes, *, after_scan: bool) -> bool:
    """Tell whether the picture needs the segment with this beginning (marker, length, name of what it holds)."""
    marker = head[1]
    if marker in _SAYS_COLOURS:
        return not after_scan and head[4:].startswith(_SAYS_COLOURS[marker])
    return marker != _COMMENT and not _APP0 <= marker <= _APP15


def _marker_at(data: bytes, place: int) -> int:
    """Return where the marker stands that begins at ``place``, after the bytes that fill."""
    found = _MARKER.match(data, place)
    if found is None:
        raise ValueError("no segment")
    return found.end() - 2


def _segment_end(data: bytes, place: int) -> int:
    """Return where a segment ends. Markers without one belong into a scan only, and another picture into none."""
    length = int.from_bytes(data[place + 2 : place + 4])
    if data[place + 1] in _JPEG_ALONE or length < 2 or place + 2 + length > len(data):
        raise ValueError("cut off")
    return place + 2 + length


def _scan_end(data: bytes, place: int) -> int:
    """Return where the coded picture ends that begins at ``place``: at the next marker that is no restart."""
    found = _AFTER_SCAN.search(data, place)
    if found is None:
        raise ValueError("cut off")
    return found.start()


def _png_parts(data: bytes) -> Iterator[bytes]:
    """Yield the chunks that are kept, up to the end of the picture. Raises ValueError."""
    place = len(_PNG)
    for _count in range(_MOST_CHUNKS):
        length, kind = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        end = place + 12 + length
        if len(kind) < 4 or end > len(data):
            raise ValueError("cut off")
        if kind in _PNG_KEPT:
            yield data[place:end]
        if kind == b"IEND":
            return
        place = end
    raise ValueError("too many chunks")
