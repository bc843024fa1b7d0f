"""Where tiles and entry bundles lie (C2SP tlog-tiles), and how wide they are. Pure."""

import re
from dataclasses import dataclass

WIDTH = 256
ENTRIES = "entries"
HIGHEST_LEVEL = 63
_PATH = re.compile(
    r"tile/(?P<kind>entries|0|[1-9]\d?)/(?P<number>(?:x\d{3}/)*\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Place:
    """One resource: ``level`` None for an entry bundle, ``width`` 256 when full."""

    level: int | None
    number: int
    width: int

    @property
    def path(self) -> str:
        """The resource's path below the log's prefix."""
        kind = ENTRIES if self.level is None else str(self.level)
        digits = f"{self.number:03}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        numbered = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
        return f"tile/{kind}/{numbered}" + (f".p/{self.width}" if self.width < WIDTH else "")

    @property
    def full(self) -> "Place":
        """The same resource when it is full."""
        return Place(self.level, self.number, WIDTH)


def span_of(level: int) -> int:
    """Return how many entries one hash at a level stands for."""
    return 1 << (8 * level)


def width_at(size: int, level: int | None, number: int) -> int:
    """Return how many hashes (entries) a tile (bundle) holds in a tree of ``size`` entries; 0 for none."""
    there = size // span_of(level or 0)
    return max(0, min(WIDTH, there - number * WIDTH))


def place_of(size: int, level: int | None, number: int) -> Place:
    """Return where a tile or bundle of a tree of ``size`` entries lies."""
    return Place(level, number, width_at(size, level, number))


def parse(path: str) -> Place | None:
    """Return what a path names, or None when the specification knows no such path."""
    found = _PATH.fullmatch(path)
    if not found:
        return None
    level = None if found["kind"] == ENTRIES else int(found["kind"])
    width = int(found["width"] or WIDTH)
    place = Place(level, int(found["number"].replace("x", "").replace("/", "")), width)
    sane = (level or 0) <= HIGHEST_LEVEL and (found["width"] is None or width < WIDTH)
    return place if sane and place.path == path else None
