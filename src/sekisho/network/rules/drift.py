"""Drift: what changed between an approved configuration and a new one, section by section.

Both are normalised first. Secrets are tokens by then; what changes by itself is dropped (time stamps, counters, values
that a device encrypts anew at every export); and where the order of lines means nothing to the device, it means nothing
here. Lists of which the first fitting line counts, such as filters of Cisco or policies of FortiOS, keep their order.
"""

import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.text import Text, _
from sekisho.network.rules.device_configuration import Dialect
from sekisho.network.rules.readers import Reading
from sekisho.network.rules.readers.statements import Statement

Path = tuple[str, ...]
_VOLATILE = re.compile(
    r"ntp clock-period |Building configuration|Current configuration : |Using \d+ out of |Cryptochecksum:"
    r"|set (?:last-login|last-update|last-modified|login-time|conf-file-ver) "
)
# What FortiOS writes after ENC, and private keys, are encrypted anew at every export.
_SALTED = re.compile(r"^(set \S+ ENC|set private-key) .*", re.DOTALL)
_ORDERED_TABLES = frozenset(
    {"firewall policy", "firewall policy6", "firewall local-in-policy", "router policy", "firewall proxy-policy"}
)
_ORDERED_BLOCK = re.compile(r"(?:ip|ipv6|mac) access-list |route-map |policy-map ")
_ORDERED_LINE = re.compile(r"(access-list \S+|nat \(\S+\)) ")


# Where the readers put the line that names the firmware.
FIRMWARE = ("#",)


class BaselineInvalid(ValueError):
    """What was kept is no normalised configuration, or one of another kind of device."""


class Kind(StrEnum):
    """What happened to a line."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"

    @property
    def label(self) -> Text:
        """The kind as people read it."""
        return KIND_LABELS[self]


KIND_LABELS: dict[Kind, Text] = {
    Kind.ADDED: _("Line added"),
    Kind.REMOVED: _("Line removed"),
    Kind.CHANGED: _("Line changed"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A normalised line and the number it had in its file."""

    text: str
    number: int


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one block; ``ordered`` where their order counts."""

    path: Path
    ordered: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Normalised:
    """A configuration that can be kept and compared. It holds no secret."""

    dialect: Dialect
    sections: tuple[Section, ...]

    def document(self) -> dict[str, Json]:
        """Return it as JSON, to be kept with an approval."""
        sections: list[Json] = [
            {
                "path": list(section.path),
                "ordered": section.ordered,
                "lines": [[line.text, line.number] for line in section.lines],
            }
            for section in self.sections
        ]
        return {"dialect": self.dialect.value, "sections": sections}

    def fingerprint(self) -> str:
        """Return the hash of what the device is told: equal for two files between which nothing drifted."""
        texts: list[Json] = [[list(section.path), *_texts(section)] for section in self.sections]
        return hashlib.sha256(canonical_json([self.dialect.value, texts])).hexdigest()

    def text(self) -> str:
        """Return it as people read it: each block under its path."""
        blocks = ["\n".join([f"[{' / '.join(section.path)}]", *_texts(section)]) for section in self.sections]
        return "\n\n".join(blocks) + "\n"


def _texts(section: Section) -> list[str]:
    texts = [line.text for line in section.lines]
    return texts if section.ordered else sorted(texts)


def from_document(document: object) -> Normalised:
    """Return what :meth:`Normalised.document` gave. Raises BaselineInvalid if it is none."""
    try:
        kept: Any = document
        return Normalised(Dialect(kept["dialect"]), tuple(map(_section, kept["sections"])))
    except (KeyError, TypeError, ValueError) as error:
        raise BaselineInvalid("what was kept is no normalised configuration") from error


def _section(kept: Any) -> Section:
    lines = tuple(Line(str(text), int(number)) for text, number in kept["lines"])
    return Section(tuple(map(str, kept["path"])), bool(kept["ordered"]), lines)


def normalise(reading: Reading) -> Normalised:
    """Return the lines of a reading in the form that is compared."""
    found: dict[tuple[Path, bool], list[Line]] = {}
    for statement in reading.statements:
        text = _SALTED.sub(r"\1 *", statement.text)
        if _VOLATILE.match(text):
            continue
        found.setdefault(_place(statement, text, reading.dialect), []).append(Line(text, statement.line))
    for path, line in _entries(reading) if reading.dialect is Dialect.FORTIOS else ():
        found.setdefault((path, True), []).append(line)
    sections = (
        Section(path, ordered, tuple(lines if ordered else sorted(lines, key=lambda line: (line.text, line.number))))
        for (path, ordered), lines in found.items()
    )
    return Normalised(reading.dialect, tuple(sorted(sections, key=lambda section: (section.path, section.ordered))))


def _place(statement: Statement, text: str, dialect: Dialect) -> tuple[Path, bool]:
    """Return the block of a line, and whether order counts in it."""
    path = statement.path
    if dialect is Dialect.WIFI_EXPORT:
        return (path[0].partition(" ")[2],), False
    if dialect in (Dialect.CISCO_IOS, Dialect.CISCO_ASA):
        if not path and (match := _ORDERED_LINE.match(text)):
            return (match.group(1),), True
        return path, any(_ORDERED_BLOCK.match(part) for part in path)
    return path, False


def _entries(reading: Reading) -> Iterator[tuple[Path, Line]]:
    """Yield the entries of the ordered tables of FortiOS as lines of the table, in their order."""
    known: set[Path] = set()
    for statement in reading.statements:
        for depth, part in enumerate(statement.path[:-1], 1):
            entry = statement.path[: depth + 1]
            if part in _ORDERED_TABLES and entry not in known:
                known.add(entry)
                yield statement.path[:depth], Line(f"edit {statement.path[depth]}", statement.line)


@dataclass(frozen=True, slots=True)
class Change:
    """One line that differs, in the block ``path``; the numbers are those of its file, where the line stands in it."""

    kind: Kind
    path: Path
    before: Line | None
    after: Line | None

    def document(self) -> dict[str, Json]:
        """Return the change as JSON."""
        return {
            "kind": self.kind.value,
            "path": list(self.path),
            "before": [self.before.text, self.before.number] if self.before else None,
            "after": [self.after.text, self.after.number] if self.after else None,
        }


def compare(baseline: Normalised, new: Normalised) -> tuple[Change, ...]:
    """Return every difference, by section. Raises BaselineInvalid for two kinds of device."""
    if baseline.dialect is not new.dialect:
        raise BaselineInvalid(f"a {baseline.dialect} configuration is not compared with a {new.dialect} one")
    before = {(section.path, section.ordered): section.lines for section in baseline.sections}
    after = {(section.path, section.ordered): section.lines for section in new.sections}
    changes: list[Change] = []
    for path, ordered in sorted(before.keys() | after.keys()):
        old, present = before.get((path, ordered), ()), after.get((path, ordered), ())
        pairs = _in_order(old, present) if ordered or path == FIRMWARE else _in_any_order(old, present)
        changes += [_change(path, first, second) for first, second in pairs]
    return tuple(changes)


def _change(path: Path, before: Line | None, after: Line | None) -> Change:
    kind = Kind.CHANGED if before and after else Kind.REMOVED if before else Kind.ADDED
    return Change(kind, path, before, after)


Pairs = Iterator[tuple[Line | None, Line | None]]


def _in_order(old: Sequence[Line], new: Sequence[Line]) -> Pairs:
    matcher = difflib.SequenceMatcher(None, [line.text for line in old], [line.text for line in new], autojunk=False)
    for tag, start, end, first, final in matcher.get_opcodes():
        if tag == "equal":
            continue
        both = min(end - start, final - first)
        yield from zip(old[start : start + both], new[first : first + both], strict=True)
        yield from ((line, None) for line in old[start + both : end])
        yield from ((None, line) for line in new[first + both : final])


def _in_any_order(old: Sequence[Line], new: Sequence[Line]) -> Pairs:
    """Yield what only one side has; lines that begin alike are one line that changed."""
    removed, added = _lacking(old, new), _lacking(new, old)
    for size in (3, 2, 1):
        waiting: dict[tuple[str, ...], list[Line]] = {}
        for line in added:
            waiting.setdefault(_beginning(line, size), []).append(line)
        left = []
        for line in removed:
            alike = waiting.get(_beginning(line, size), [])
            if len(line.text.split()) > size and alike:
                partner = alike.pop(0)
                added.remove(partner)
                yield line, partner
            else:
                left.append(line)
        removed = left
    yield from ((line, None) for line in removed)
    yield from ((None, line) for line in added)


def _beginning(line: Line, size: int) -> tuple[str, ...]:
    return tuple(line.text.split()[:size])


def _lacking(lines: Iterable[Line], others: Iterable[Line]) -> list[Line]:
    """Return the lines of which ``others`` has fewer."""
    spare = Counter(line.text for line in others)
    lacking = []
    for line in lines:
        if spare[line.text]:
            spare[line.text] -= 1
        else:
            lacking.append(line)
    return lacking
