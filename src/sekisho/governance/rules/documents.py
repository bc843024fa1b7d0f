"""YAML documents that know their lines, so that every fault can be reported with its file and row."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

Place = tuple[str | int, ...]
_Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


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


def read_document(file: str, text: str) -> tuple[Document | None, list[Fault]]:
    """Read one YAML text. Returns the document, or None with what keeps it from being read.

    Anchors, tags and repeated keys are refused: the data must mean what it looks like.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return None, [Fault(file, line, f"no valid YAML: {error.problem}")]
    except yaml.YAMLError as error:
        return None, [Fault(file, 0, f"no valid YAML: {error}")]
    if node is None:
        return None, [Fault(file, 0, "the file is empty")]
    lines: dict[Place, int] = {}
    faults: list[Fault] = []
    value = _build(node, (), lines, faults, file, set())
    return (None, faults) if faults else (Document(file, value, lines), [])


_constructor = yaml.SafeLoader("")


def _build(
    node: yaml.Node, place: Place, lines: dict[Place, int], faults: list[Fault], file: str, seen: set[int]
) -> Any:
    lines[place] = node.start_mark.line + 1
    if id(node) in seen:
        faults.append(Fault(file, lines[place], "an anchor is used; write the value out"))
        return None
    seen.add(id(node))
    match node:
        case yaml.MappingNode():
            return dict(_pairs(node, place, lines, faults, file, seen))
        case yaml.SequenceNode():
            items = enumerate(node.value)
            return [_build(item, (*place, index), lines, faults, file, seen) for index, item in items]
    if not node.tag.startswith("tag:yaml.org,2002:"):
        faults.append(Fault(file, lines[place], f"the tag {node.tag} is not allowed"))
        return None
    return _constructor.construct_object(node)


def _pairs(
    node: yaml.MappingNode, place: Place, lines: dict[Place, int], faults: list[Fault], file: str, seen: set[int]
) -> Iterator[tuple[Hashable, Any]]:
    names: set[Hashable] = set()
    for key, value in node.value:
        name: Any = key.value
        if name in names:
            faults.append(Fault(file, key.start_mark.line + 1, f"{name!r} stands here twice"))
        names.add(name)
        yield name, _build(value, (*place, name), lines, faults, file, seen)
