"""Reading XML that strangers wrote: no document type, so no entities and nothing from elsewhere; all of it bounded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

DEEPEST = 64
MOST_ELEMENTS = 2_000_000
LONGEST_TEXT = 4096


class XmlRefusedError(ValueError):
    """The XML is broken or does what is not allowed. ``line`` is where."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(slots=True)
class Node:
    """One element: its name as ``namespace local``, its attributes, its own text (cut off), its children's texts.

    Of children of one name the first counts.
    """

    name: str
    attributes: dict[str, str]
    line: int
    children: dict[str, str] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    length: int = 0

    @property
    def text(self) -> str:
        """The text between the tags, without white space around it."""
        return "".join(self.parts).strip()


Ended = Callable[[Node, Sequence[Node]], None]


def read_xml(data: bytes, ended: Ended) -> None:
    """Read a document and tell ``ended`` every element when it ends, with those around it, outermost first.

    Only the elements that are open are kept. Raises XmlRefusedError.
    """
    _Walk(ended).read(data)


class _Walk:
    def __init__(self, ended: Ended) -> None:
        self.ended, self.open, self.number = ended, list[Node](), 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype

    def read(self, data: bytes) -> None:
        try:
            self.parser.Parse(data, True)  # noqa: FBT003  # expat takes it by place only
        except XmlRefusedError:
            raise
        except expat.ExpatError as error:
            raise XmlRefusedError(error.lineno, expat.ErrorString(error.code)) from error
        except (LookupError, ValueError) as error:  # the first line names an encoding that is none, or not for XML
            raise XmlRefusedError(1, "unknown encoding") from error

    def _refuse(self, reason: str) -> XmlRefusedError:
        return XmlRefusedError(self.parser.CurrentLineNumber, reason)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.number += 1
        if len(self.open) >= DEEPEST or self.number > MOST_ELEMENTS:
            raise self._refuse("too many elements, or nested too deeply")
        self.open.append(Node(name, attributes, self.parser.CurrentLineNumber))

    def _end(self, _name: str) -> None:
        node = self.open.pop()
        if self.open:
            self.open[-1].children.setdefault(node.name, node.text)
        self.ended(node, self.open)

    def _text(self, text: str) -> None:
        node = self.open[-1]
        if node.length < LONGEST_TEXT:
            node.parts.append(text[: LONGEST_TEXT - node.length])
            node.length += len(text)

    def _doctype(self, *_arguments: object) -> None:
        raise self._refuse("a document type is not allowed")
