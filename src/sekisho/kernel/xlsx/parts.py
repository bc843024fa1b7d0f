"""The small parts of a workbook: its sheets, the texts that cells share, the styles that show days."""

import re

from sekisho.kernel.text import _
from sekisho.kernel.xlsx.markup import Attributes, Reader
from sekisho.kernel.xlsx.package import refused

LONGEST_TEXT = 4_000
_MOST_TEXTS = 1_000_000
_RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RELATIONSHIP_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_NOT_LETTERS = re.compile(r"\"[^\"]*\"|\[[^\]]*\]|\\.")
# Built-in number formats that show a day (ECMA-376 part 1, 18.8.30, with those of Japanese).
_DAY_FORMATS = frozenset([*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)])


class Head(Reader):
    """The visible sheets by name, and from which year days are counted."""

    def __init__(self, data: bytes) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.from_1904 = False
        super().__init__(data)

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        if name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "") in {"1", "true"}
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            relation = attributes.get(_RELATIONSHIP) or attributes.get(_RELATIONSHIP_STRICT, "")
            self.sheets.append((attributes.get("name", ""), relation))


class Relations(Reader):
    """Which part is which."""

    def __init__(self, data: bytes) -> None:
        self.sheets: dict[str, str] = {}
        self.strings = self.styles = ""
        super().__init__(data)

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        kind, target = attributes.get("Type", "").rsplit("/", 1)[-1], attributes.get("Target", "")
        part = target[1:] if target.startswith("/") else f"xl/{target}"
        if kind == "worksheet":
            self.sheets[attributes.get("Id", "")] = part
        elif kind == "sharedStrings":
            self.strings = part
        elif kind == "styles":
            self.styles = part


class Texts(Reader):
    """Collects the text of ``t``, without the readings (phonetic runs) that Japanese Excel adds."""

    def __init__(self, data: bytes) -> None:
        self.words: list[str] = []
        self.depth_of_readings = 0
        self.is_text = False
        super().__init__(data)

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        self.depth_of_readings += name == "rPh"
        self.is_text = name == "t" and not self.depth_of_readings

    def text(self, words: str) -> None:
        """Text inside the innermost element."""
        if self.is_text:
            self.words.append(words)

    def end(self, name: str) -> None:
        """An element ends."""
        self.depth_of_readings -= name == "rPh"
        self.is_text = False

    def take(self) -> str:
        """Return what was collected, and begin anew."""
        words, self.words = "".join(self.words), []
        return words[:LONGEST_TEXT]


class Strings(Texts):
    """The shared texts in order."""

    def __init__(self, data: bytes) -> None:
        self.found: list[str] = []
        super().__init__(data)

    def end(self, name: str) -> None:
        """An element ends."""
        super().end(name)
        if name == "si":
            if len(self.found) >= _MOST_TEXTS:
                raise refused(_("it holds too many texts."))
            self.found.append(self.take())


class Styles(Reader):
    """The cell styles that show days."""

    def __init__(self, data: bytes) -> None:
        self._formats: dict[str, str] = {}
        self._is_cells = False
        self._styles: list[str] = []
        super().__init__(data)

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        if name == "numFmt":
            self._formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "xf" and self._is_cells:
            self._styles.append(attributes.get("numFmtId", "0"))
        self._is_cells = self._is_cells or name == "cellXfs"

    def end(self, name: str) -> None:
        """An element ends."""
        self._is_cells = self._is_cells and name != "cellXfs"

    @property
    def days(self) -> frozenset[str]:
        """The numbers of these styles as cells name them."""
        return frozenset(str(place) for place, number in enumerate(self._styles) if self._shows_day(number))

    def _shows_day(self, number: str) -> bool:
        code = _NOT_LETTERS.sub("", self._formats.get(number, "")).lower()
        return (number.isdecimal() and int(number) in _DAY_FORMATS) or ("d" in code and "m" in code)
