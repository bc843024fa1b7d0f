"""The fast way through bundles of common entries: cut all at once, look at each part that was not seen before.

Most of an entry was seen before: who, where, which patient. An expression that only hops from sign to sign cuts a
bundle into entries and these into parts. What it cut proves nothing yet. The parts put together are the bundle, so
where each is a part of a common entry (``form``), each entry is one; and a part that was looked at once need not be
looked at again. Anything else, be it only a comma where the hops do not expect one, is left to the slower ways,
which know everything. Pure.
"""

import re
from array import array
from dataclasses import dataclass, field
from itertools import islice
from sys import byteorder

from sekisho_verify.form import (
    BEFORE_ID,
    BEFORE_NUMBER,
    BEFORE_OCCURRED,
    BEFORE_RECORDED,
    DETAILS,
    END,
    HEAD,
    NUMBER,
    TIME_TO_TENS,
    are_sorted,
    names_of,
)

MOST_KEPT = 40_000  # parts of a kind, of about 200 bytes
_MOST_LEARNED = 8  # shapes of details in a bundle
# ``.{n}`` leaps over what is at least there.
_CUT = re.compile(
    rb"(?s)(..)("  # 1 the length, 2 the entry
    rb"(\{.{10}[^{]*+\{.{50}[^}]*+\}.{25}[^{]*+)"  # 3 the head
    rb"(\{[^}]*+\})"  # 4 details
    rb"(,.{11}[^,]*+.{7})(.{36})"  # 5, 6 id
    rb"(.{14}[^_]*+.{6})(.{27})"  # 7, 8 occurred_at
    rb"(.{45}[^_]*+.{6})(.{27})"  # 9, 10 recorded_at
    rb"(.{30}[^_]*+.{6})([^,]*+)"  # 11, 12 source_seq
    rb"(,.{10}(?:n[^}]*+|\{.{28}[^}]*+\}[^}]*+)\}))"  # 13 the end
)
_STEP = 14
_KINDS = {3: HEAD, 5: BEFORE_ID, 7: BEFORE_OCCURRED, 9: BEFORE_RECORDED, 13: END}
_PATTERNS = {at: re.compile(kind, re.ASCII) for at, kind in _KINDS.items()}
_BEFORE_NUMBER = re.compile(BEFORE_NUMBER, re.ASCII)
_NUMBERS = re.compile(rf"{NUMBER}(?:,{NUMBER})*+", re.ASCII)
_TENS = re.compile(TIME_TO_TENS, re.ASCII)
_DETAILS = re.compile(DETAILS, re.ASCII)
_ALL_DETAILS = re.compile(rf"\x00{DETAILS}(?=\x00|\Z)", re.ASCII)
_ONES = bytes.maketrans(b"023456789", b"111111111")
_ZEROS_FIRST = (b":0", b",0", b"[0", b"-0")
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_HEX = bytes.maketrans(b"123456789abcdef", b"000000000000000")
_TIME = b"0000-00-00T00:00:00.000000Z"
_UUID = b"00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Taken:
    """What is kept of entries, column by column; ``ids`` may be joined to longer texts."""

    entries: list[bytes]
    ids: list[str]
    times: list[str]
    sources: list[str]
    numbers: list[int]


@dataclass(slots=True)
class Common:
    """Remembers the parts that were looked at."""

    parts: dict[int, set[bytes]] = field(default_factory=lambda: {at: set() for at in _KINDS})
    sources: dict[bytes, str] = field(default_factory=dict)
    tens: set[bytes] = field(default_factory=set)
    shapes: set[bytes] = field(default_factory=set)

    def take(self, bundle: bytes) -> Taken | None:
        """Return what is kept of a bundle, or None where one of its entries is not of the common form."""
        columns = _columns(bundle)
        if columns is None or not self._known(columns) or not self._fine_details(columns[4]):
            return None
        if not _are_ids(columns[6]) or not self._are_times(columns[8], columns[10]):
            return None
        numbers = b",".join(columns[12]).decode("latin1")
        if not _NUMBERS.fullmatch(numbers):
            return None
        return Taken(
            columns[2],
            [b"".join(columns[6]).decode()],
            b",".join(columns[10]).decode().split(","),
            list(map(self.sources.__getitem__, columns[11])),
            list(map(int, numbers.split(","))),
        )

    def _known(self, columns: list[list[bytes]]) -> bool:
        for at, known in self.parts.items():
            if not known.issuperset(columns[at]) and not self._learn(at, set(columns[at]) - known):
                return False
        _make_room(self.sources)
        strange = set(columns[11]).difference(self.sources)
        return not strange or self._learn_sources(strange)

    def _learn(self, at: int, parts: set[bytes]) -> bool:
        if not all(_matched(_PATTERNS[at], part) for part in parts):
            return False
        _make_room(self.parts[at])
        self.parts[at] |= parts
        return True

    def _learn_sources(self, parts: set[bytes]) -> bool:
        for part in parts:
            found = _matched(_BEFORE_NUMBER, part)
            if not found:
                return False
            self.sources[part] = found[1]
        return True

    def _fine_details(self, details: list[bytes]) -> bool:
        """Tell whether these are objects of the common form. Whatever digits stand in a known one, it is fine.

        Unless a number begins with a zero: what looks like that is looked at as it is.
        """
        joined = b"\x00".join(details)
        shapes = joined.translate(_ONES).split(b"\x00")
        if len(shapes) != len(details):
            return False
        if self.shapes.issuperset(shapes) and not any(sign in joined for sign in _ZEROS_FIRST):
            return True
        try:
            text = joined.decode()
        except UnicodeDecodeError:
            return False
        if len(_ALL_DETAILS.findall(f"\x00{text}")) != len(details) or not are_sorted(text.replace("\x00", "\n")):
            return False
        _make_room(self.shapes)
        self.shapes.update(filter(_is_shape, islice(set(shapes) - self.shapes, _MOST_LEARNED)))
        return True

    def _are_times(self, occurred: list[bytes], recorded: list[bytes]) -> bool:
        times = recorded if occurred == recorded else occurred + recorded
        if b"".join(times).translate(_DIGITS) != _TIME * len(times):
            return False
        strange = {time[:18] for time in times} - self.tens
        if not all(_matched(_TENS, tens) for tens in strange):
            return False
        _make_room(self.tens)
        self.tens |= strange
        return True


def _columns(bundle: bytes) -> list[list[bytes]] | None:
    """Cut a bundle into entries and parts. Return None where that does not come out even, with the lengths it says."""
    flat = _CUT.split(bundle)
    if len(flat) == 1 or any(flat[::_STEP]):
        return None
    columns = [flat[at::_STEP] for at in range(_STEP)]
    lengths = array("H", b"".join(columns[1]))
    if byteorder == "little":
        lengths.byteswap()
    return columns if lengths.tolist() == list(map(len, columns[2])) else None


def _are_ids(ids: list[bytes]) -> bool:
    joined, count = b"".join(ids), len(ids)
    return (
        joined.translate(_HEX) == _UUID * count
        and joined[14::36] == b"7" * count
        and not joined[19::36].translate(None, b"89ab")
    )


def _is_shape(shape: bytes) -> bool:
    """Tell whether details stay fine whatever digits stand for its ones: no name may hold one, it might move."""
    text = shape.decode()
    return bool(_DETAILS.fullmatch(text)) and are_sorted(text) and not any("1" in name for name in names_of(text))


def _matched(pattern: re.Pattern[str], part: bytes) -> re.Match[str] | None:
    try:
        return pattern.fullmatch(part.decode())
    except UnicodeDecodeError:
        return None


def _make_room(known: set[bytes] | dict[bytes, str]) -> None:
    if len(known) > MOST_KEPT:
        known.clear()
