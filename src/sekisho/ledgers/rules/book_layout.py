"""How a file of somebody else's is laid out: in which row the headings stand, and which column each of them means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sekisho.kernel.search import fold

HEADING_WITHIN = 20  # rows: what stands above the headings is a title, a date, notes
MOST_REMEMBERED = 500
LEFT_OUT = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody said of a file: its sheet from 0 (-1: find it), the line of its headings (0: find it), columns."""

    sheet: int = -1
    line: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """The line of the headings from 1, every heading by its place, and the column of each place that is taken over."""

    line: int
    headings: Mapping[int, str]
    places: Mapping[int, str]
    undecided: Sequence[int]

    @property
    def twice(self) -> list[str]:
        """The headings that mean a column which another means too."""
        names = list(self.places.values())
        return [self.headings[place] for place, name in self.places.items() if names.count(name) > 1]


def heading_key(text: str) -> str:
    """Return a heading as it is compared: whatever its width, its kana, and the line breaks that fit it into a cell."""
    return "".join(sign for sign in fold(text) if sign.isprintable() and sign != " ")


def find_layout(rows: Sequence[Sequence[str]], known: Mapping[str, str], line: int = 0) -> Layout | None:
    """Return where the headings stand: in the row that matches most of ``known``, or in ``line``.

    ``known`` is the column of each heading key, empty for one that is left out. None for a table without words.
    """
    candidates = range(min(HEADING_WITHIN, len(rows)))
    if 0 < line <= len(rows):
        first = line - 1
    elif any(map(_words, rows[:HEADING_WITHIN])):
        # Of some that match alike the fullest, and of those the first.
        first = max(candidates, key=lambda at: (_matches(rows[at], known), _words(rows[at]), -at))
    else:
        return None
    headings = {place: cell.strip() for place, cell in enumerate(rows[first]) if heading_key(cell)}
    keys = {place: heading_key(text) for place, text in headings.items()}
    places = {place: known[key] for place, key in keys.items() if known.get(key, LEFT_OUT) != LEFT_OUT}
    return Layout(first + 1, headings, places, [place for place, key in keys.items() if key not in known])


def repeats_headings(row: Sequence[str], layout: Layout) -> bool:
    """Tell whether a row says the headings again, as on every page of a paper or under a merged heading."""
    return bool(layout.places) and all(
        place < len(row) and row[place].strip() == layout.headings[place] for place in layout.places
    )


def _matches(row: Sequence[str], known: Mapping[str, str]) -> int:
    return len({known[key] for key in map(heading_key, row) if known.get(key)})


def _words(row: Sequence[str]) -> int:
    return len({key for key in map(heading_key, row) if key})
