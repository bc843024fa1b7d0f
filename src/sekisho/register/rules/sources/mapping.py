"""Which column of a CSV file says what: saved once per source, by the headings of the file."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sekisho.kernel.search import fold
from sekisho.register.rules.sources.errors import LogHeadingWrong

DELIMITERS = (",", "\t", ";")
COLUMNS = ("time", "clock", "person", "person_name", "patient", "action", "terminal", "outcome")
REQUIRED = ("time", "person", "action")
_MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The heading of each column; an empty one is not in the file.

    ``clock`` is the time of day where date and time stand apart. ``success`` and ``failure`` are the source's own words
    for how something ended.
    """

    time: str
    person: str
    action: str
    clock: str = ""
    person_name: str = ""
    patient: str = ""
    terminal: str = ""
    outcome: str = ""
    delimiter: str = ","
    success: tuple[str, ...] = ()
    failure: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the mapping as it is stored."""
        return {**asdict(self), "success": list(self.success), "failure": list(self.failure)}


def read_mapping(document: Mapping[str, Any]) -> ColumnMapping:
    """Return a stored mapping. Raises TypeError for what is none."""
    words = {name: tuple(document.get(name, ())) for name in ("success", "failure")}
    return ColumnMapping(**{**document, **words})


def positions(mapping: ColumnMapping, heading: Sequence[str]) -> dict[str, int]:
    """Return where each mapped column stands. Width, case and spaces do not matter. Raises LogHeadingWrong."""
    places = {fold(name): place for place, name in reversed(list(enumerate(heading)))}
    wanted = {column: name for column in COLUMNS if (name := getattr(mapping, column))}
    missing = [name for name in wanted.values() if fold(name) not in places]
    if missing:
        present = ", ".join(name[:40] for name in heading[:_MOST_SHOWN])
        raise LogHeadingWrong(missing=", ".join(missing), present=present)
    return {column: places[fold(name)] for column, name in wanted.items()}
