"""What is out of the building and should have come back: for the platform's notices."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Q

from sekisho.assets.models import TakeOut
from sekisho.assets.rules.take_out import Stage, stage
from sekisho.kernel.dates import FACILITY_ZONE


@dataclass(frozen=True, slots=True)
class OverdueTakeOut:
    """Something that left and did not come back by the end of ``due_on``; overdue ``since`` then."""

    id: str
    number: int
    carrier: str
    due_on: date
    since: datetime


def overdue_take_outs(today: date) -> Iterator[OverdueTakeOut]:
    """Yield everything that is overdue on ``today``. Closing its entry does not bring it back."""
    rows = TakeOut.objects.filter(struck_at=None, returned_on=None, lost_on=None, due_on__lt=today)
    for row in rows.exclude(Q(out_on=None)).order_by("due_on", "number"):
        if stage(row.course, today) is Stage.OVERDUE:
            since = datetime.combine(row.due_on, time.max, FACILITY_ZONE)
            yield OverdueTakeOut(str(row.pk), row.number, row.carrier, row.due_on, since)
