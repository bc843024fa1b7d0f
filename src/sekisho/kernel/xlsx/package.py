"""The container of a workbook (ECMA-376 part 2: a ZIP file with parts). Its directory is judged before a part is read.

Nothing in it is run, followed or calculated. Only the parts that are asked for are unpacked, and never more bytes than
the directory says: ``zipfile`` stops there.
"""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.kernel.text import Text, _
from sekisho.kernel.xlsx.errors import WorkbookRefused

LARGEST = 5 * 2**20  # bytes of the file; the ministry's forms have some fifty thousand
MOST_PARTS = 500
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What runs or fetches something when the file is opened.
_ACTIVE = (
    "xl/vbaproject",
    "xl/activex/",
    "xl/embeddings/",
    "xl/macrosheets/",
    "xl/dialogsheets/",
    "xl/connections.xml",
    "customui/",
)
_LINKED = "xl/externallinks/"


@dataclass(frozen=True, slots=True)
class Size:
    """The most that is read, in bytes: the file, one part of it unpacked, all parts together."""

    file: int
    part: int
    together: int


FORM = Size(LARGEST, 16 * 2**20, 32 * 2**20)


class Package:
    """An opened workbook: the bytes of its parts by name."""

    def __init__(self, data: bytes, most: Size = FORM) -> None:
        """Open ``data``. Raises WorkbookRefused."""
        self._most = most
        if len(data) > most.file:
            raise _too_large(most)
        if data.startswith(_OLD_OR_LOCKED):
            raise refused(_("it is an old .xls file or has a password."))
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._parts = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise refused(_("it is no .xlsx file, or it is damaged.")) from error
        self._judge_directory()

    def _judge_directory(self) -> None:
        names = Counter(part.filename.lower() for part in self._parts)
        if len(self._parts) > MOST_PARTS or any(part.file_size > self._most.part for part in self._parts):
            raise _too_large(self._most)
        if sum(part.file_size for part in self._parts) > self._most.together:
            raise _too_large(self._most)
        if any(number > 1 for number in names.values()) or any(part.flag_bits & 1 for part in self._parts):
            raise refused(_("it is damaged or has a password."))
        if any(name.startswith(_ACTIVE) for name in names):
            raise refused(_("it holds a program or a connection to data (macro, ActiveX, embedded object)."))
        if any(b"ddeLink" in self.read(name) for name in self.linked):
            raise refused(_("it holds a link that starts another program (DDE)."))

    @property
    def linked(self) -> list[str]:
        """The parts that speak of other files. They are never followed."""
        return [part.filename for part in self._parts if part.filename.lower().startswith(_LINKED)]

    def has(self, name: str) -> bool:
        """Tell whether there is such a part."""
        return any(part.filename == name for part in self._parts)

    def read(self, name: str) -> bytes:
        """Return a part, unpacked. Raises WorkbookRefused."""
        try:
            return self._zip.read(name)
        except KeyError as error:
            raise refused(_("a part of it is missing.")) from error
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, OSError) as error:
            raise refused(_("it is no .xlsx file, or it is damaged.")) from error

    def with_parts(self, changed: Mapping[str, bytes]) -> bytes:
        """Return the file with some parts replaced; every other part keeps its bytes, place and date."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
            for part in self._parts:
                content = changed.get(part.filename)
                info = zipfile.ZipInfo(part.filename, part.date_time)
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, part.external_attr
                written.writestr(info, self.read(part.filename) if content is None else content)
        return buffer.getvalue()


def refused(reason: Text) -> WorkbookRefused:
    """Return the error with its reason."""
    return WorkbookRefused(reason=reason)


def _too_large(most: Size) -> WorkbookRefused:
    return refused(
        _("it is far larger than what is read here (at most %(size)s MiB, %(unpacked)s MiB unpacked).").with_params(
            size=most.file // 2**20, unpacked=most.together // 2**20
        )
    )
