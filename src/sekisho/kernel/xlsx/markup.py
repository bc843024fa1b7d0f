"""The XML of a workbook's parts, read once from start to end. A part that declares entities or a DTD is refused.

Written on expat itself because it says at which byte an element stands: so a cell can be exchanged and every other byte
of the part stays as it was.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping
from xml.parsers import expat

from sekisho.kernel.text import _
from sekisho.kernel.xlsx.package import refused

Attributes = Mapping[str, str]
_TAG = re.compile(rb"<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_SEPARATOR = "}"
_NOT_UTF8 = _("a part of it is not in UTF-8.")


class Reader:
    """Calls ``start``, ``text`` and ``end`` of a subclass with local names; ``place`` is the byte they speak of."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def text(self, words: str) -> None:
        """Text inside the innermost element."""

    def end(self, name: str) -> None:
        """An element ends."""

    def __init__(self, data: bytes) -> None:
        """Read ``data`` whole. Raises WorkbookRefused."""
        if b"\x00" in data[:4] or data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            raise refused(_NOT_UTF8)
        self.data = data
        parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self._parser = parser
        parser.buffer_text = True
        parser.StartElementHandler = self._started
        parser.EndElementHandler = lambda name: self.end(_local(name))
        parser.CharacterDataHandler = self.text
        parser.StartDoctypeDeclHandler = _refuse_declaration
        parser.EntityDeclHandler = _refuse_declaration
        parser.XmlDeclHandler = _require_utf8
        try:
            parser.Parse(data, True)  # noqa: FBT003 - the end of the document, by the interface of expat
        except (expat.ExpatError, UnicodeDecodeError) as error:
            raise refused(_("a part of it is damaged.")) from error

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        self.start(_local(name), attributes)

    @property
    def place(self) -> int:
        """The byte at which the present event begins: the "<" of a start or end tag."""
        return self._parser.CurrentByteIndex

    def tag_end(self, place: int) -> int:
        """Return the byte after the tag that begins at ``place``."""
        found = _TAG.match(self.data, place)
        if found is None:
            raise refused(_("a part of it is damaged."))
        return found.end()

    def is_closed(self, place: int) -> bool:
        """Tell whether the tag that begins at ``place`` is a whole element: <c r="A1"/>."""
        return self.data[self.tag_end(place) - 2 : self.tag_end(place)] == b"/>"

    def element_end(self, place: int) -> int:
        """Return the byte after the element that began at ``place`` and ends now.

        For a whole element in one tag expat is already behind it.
        """
        return self.tag_end(place) if self.is_closed(place) else self.tag_end(self.place)


def _local(name: str) -> str:
    return name.rsplit(_SEPARATOR, 1)[-1]


def _refuse_declaration(*_declared: object) -> None:
    raise refused(_("a part of it declares entities, which no Excel file does."))


def _require_utf8(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower().replace("-", "") != "utf8":
        raise refused(_NOT_UTF8)
