"""YAML documents that know their lines, so that every fault can be reported with its file and row."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

Place = tuple[str | int, ...]
_Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_DEEPEST = 32  # levels; an edition has about eight
_RESOLVERS = yaml.SafeLoader.yaml_implicit_resolvers
_CONSTRUCTORS = yaml.SafeLoader.yaml_constructors
_MISLEADING = re.compile(r".*:.*|[-+]?0[0-7_]+")  # numbers to the base 60 and 8: 1:30 is 90, 017 is 15
_constructor = yaml.SafeLoader("")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document; ``line`` counts from 1, 0 when it concerns the whole file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Document:
    """The value of a YAML file and the line of each of its places."""

    file: str
    value: Any
    lines: dict[Place, int]

    def line(self, place: Sequence[str | int]) -> int:
        """Return the line of ``place``, or of the nearest place around it that exists."""
        path = tuple(place)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _Unreadable(Exception):
    """What follows cannot be read, for this one reason."""

    def __init__(self, event: Any, reason: str) -> None:
        super().__init__(reason)
        self.line: int = event.start_mark.line + 1


def read_document(file: str, text: str) -> tuple[Document | None, list[Fault]]:
    """Read one YAML text. Returns the document, or None with what keeps it from being read.

    Anchors, tags, repeated names, names that are no words, and numbers that do not mean what they look like are
    refused: the data must mean what it looks like.
    """
    faults: list[Fault] = []
    try:
        reader = _Reader(file, text, faults)
        value = reader.document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return None, [*faults, Fault(file, line, f"no valid YAML: {error.problem}")]
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        return None, [*faults, Fault(file, 0, f"no valid YAML: {' '.join(str(error).split())}")]
    except _Unreadable as error:
        return None, [*faults, Fault(file, error.line, str(error))]
    return (None, faults) if faults else (Document(file, value, reader.lines), [])


class _Reader:
    """Builds the value from the parser's events: nodes would hide anchors and tags, and deep nesting ends composers."""

    def __init__(self, file: str, text: str, faults: list[Fault]) -> None:
        self._next: Callable[[], Any] = _Loader(text).get_event
        self._file = file
        self._faults = faults
        self._anchors: set[str] = set()
        self.lines: dict[Place, int] = {}

    def document(self) -> Any:
        self._next()  # the stream begins
        if isinstance(self._next(), yaml.StreamEndEvent):
            self._faults.append(Fault(self._file, 0, "the file is empty"))
            return None
        value = self._value(self._next(), ())
        self._next()  # the document ends
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise _Unreadable(event, "there is another document")
        return value

    def _value(self, event: Any, place: Place) -> Any:
        self.lines[place] = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event) if self._is_bare(event) else None
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise _Unreadable(event, "an unknown anchor is used")
            return None  # reported where the anchor stands
        self._is_bare(event)
        if len(place) == _DEEPEST:
            raise _Unreadable(event, f"more than {_DEEPEST} levels inside each other")
        return self._list(place) if isinstance(event, yaml.SequenceStartEvent) else self._table(place)

    def _list(self, place: Place) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            found.append(self._value(event, (*place, len(found))))
        return found

    def _table(self, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            name = self._name(event)
            if name in found:
                self._refuse(event, f"{name!r} stands here twice")
            found[name] = self._value(self._next(), (*place, name))
        return found

    def _name(self, event: Any) -> str:
        if isinstance(event, yaml.ScalarEvent):
            self._is_bare(event)
            return str(event.value)
        raise _Unreadable(event, "a name must be a word, no list and no table")

    def _is_bare(self, event: Any) -> bool:
        """Refuse an anchor and a tag. Tells whether there is no tag, so that the value means what it looks like."""
        if event.anchor is not None:
            self._anchors.add(event.anchor)
            self._refuse(event, "an anchor is used; write the value out")
        if event.tag is not None:
            self._refuse(event, f"the tag {event.tag} is not allowed")
        return event.tag is None

    def _scalar(self, event: Any) -> Any:
        value: str = event.value
        if not event.implicit[0]:
            return value  # in quotes
        for tag, pattern in _RESOLVERS.get(value[:1], ()):
            if pattern.match(value):
                return self._constructed(event, tag)
        return value

    def _constructed(self, event: Any, tag: str) -> Any:
        """Return what a word such as 13, 2026-05-29 or true means; not all that look so mean anything."""
        kind = tag.rpartition(":")[2]
        if kind not in {"int", "float"} or not _MISLEADING.fullmatch(event.value):
            try:
                return _CONSTRUCTORS[tag](_constructor, yaml.ScalarNode(tag, event.value))
            except (ValueError, OverflowError, KeyError):
                pass
        self._refuse(event, f"{event.value[:40]!r} is no valid {kind}")
        return None

    def _refuse(self, event: Any, reason: str) -> None:
        self._faults.append(Fault(self._file, event.start_mark.line + 1, reason))
