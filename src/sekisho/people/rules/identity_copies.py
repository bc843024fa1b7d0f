"""Copies of identity documents: which files are taken, and what they tell beside the picture is cut off. Pure."""

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
# APP1 to APP13, APP15 and comments: Exif with the place, XMP, previews. APP0 and APP14 say how colours are meant.
_JPEG_DROPPED = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_START_OF_SCAN = 0xDA


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
    """Yield the segments that are kept, and from the first scan on everything. Raises IndexError, ValueError."""
    place = 2
    while True:
        if data[place] != 0xFF:
            raise ValueError("no segment")
        marker = data[place + 1]
        if marker == 0xFF:  # a byte that fills
            place += 1
            continue
        if marker in _JPEG_ALONE:
            yield data[place : place + 2]
            place += 2
            continue
        if marker == _START_OF_SCAN:
            yield data[place:]
            return
        length = int.from_bytes(data[place + 2 : place + 4])
        if length < 2 or place + 2 + length > len(data):
            raise ValueError("cut off")
        if marker not in _JPEG_DROPPED:
            yield data[place : place + 2 + length]
        place += 2 + length


def _png_parts(data: bytes) -> Iterator[bytes]:
    """Yield the chunks that are kept, up to the end of the picture. Raises ValueError."""
    place = len(_PNG)
    while True:
        length, kind = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        end = place + 12 + length
        if len(kind) < 4 or end > len(data):
            raise ValueError("cut off")
        if kind in _PNG_KEPT:
            yield data[place:end]
        if kind == b"IEND":
            return
        place = end
