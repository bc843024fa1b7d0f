"""The way of something to its disposal: where it stands, and what contradicts itself. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sekisho.kernel.text import Text, _

COUNTED_FOR = timedelta(days=365)
_NOT_YET = _("This day has not come yet.")


@dataclass(frozen=True, slots=True)
class Ending:
    """The days of one disposal; None where that has not happened.

    ``checked``: somebody named made sure that nothing can be read any more; ``check_noted``: anything at all is noted
    about that. ``witnessed`` and ``certified``: who watched, and a certificate or an explanation, are on record.
    """

    planned_on: date
    done_on: date | None = None
    checked: bool = False
    check_noted: bool = False
    witnessed: bool = False
    certified: bool = False
    certified_on: date | None = None
    reported_on: date | None = None

    @property
    def is_finished(self) -> bool:
        """Tell whether everything that follows a disposal is on record."""
        on_record = self.checked and self.witnessed and self.certified and self.reported_on is not None
        return self.done_on is not None and on_record


def counts(ending: Ending, today: date, *, ended: bool) -> bool:
    """Tell whether a disposal has to be in order now: until it is finished, and for a year from the day it was done.

    One that was planned counts from the day after that, unless its entry was closed without being carried out.
    """
    if ending.done_on is None:
        return not ended and ending.planned_on < today
    return not ending.is_finished or today - ending.done_on <= COUNTED_FOR


def disorder(ending: Ending, today: date) -> Mapping[str, Text]:
    """Return what contradicts itself in the days of an entry, by column; empty for nothing."""
    return dict(_disorder(ending, today))


def _disorder(ending: Ending, today: date) -> Iterator[tuple[str, Text]]:
    done = ending.done_on
    if done is not None and done > today:
        yield "done_on", _NOT_YET
    if ending.check_noted and done is None:
        yield "residual", _("Write on which day it was disposed of; it is checked then.")
    for name in ("certified_on", "reported_on"):
        day = getattr(ending, name)
        if day is not None and day > today:
            yield name, _NOT_YET
        elif day is not None and (done is None or day < done):
            yield name, _("Write on which day it was disposed of; this cannot be before.")
