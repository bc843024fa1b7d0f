"""What an entry of a ledger may lack, as conditions that the database counts and lists by; and fiscal years."""

from datetime import datetime
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import Q

from sekisho.kernel import clock
from sekisho.kernel.dates import FACILITY_ZONE, fiscal_year, in_facility
from sekisho.kernel.declarations import Ledger


class Attention(StrEnum):
    """What an entry may lack: a look in time, a look in this fiscal year, a day that has not passed, an approval."""

    STALE = "stale"
    CARRY = "carry"
    EXPIRED = "expired"
    UNAPPROVED = "unapproved"


def year_bounds(year: int) -> tuple[datetime, datetime]:
    """Return the first moment of the fiscal year that begins in ``year``, and of the one after it."""
    return datetime(year, 4, 1, tzinfo=FACILITY_ZONE), datetime(year + 1, 4, 1, tzinfo=FACILITY_ZONE)


def needs_attention(ledger: Ledger, attention: Attention) -> Q:
    """Return the condition of the entries that lack something, by the same measures as the control of the ledgers."""
    now = clock.now()
    today = in_facility(now).date()
    match attention:
        case Attention.STALE:
            overdue = Q(pk__in=[]) if ledger.happens_on else Q(confirmed_at__lt=now - ledger.review_every)
            return overdue | Q(confirmed_at__gt=now)
        case Attention.CARRY:
            return Q(confirmed_at__lt=year_bounds(fiscal_year(today))[0])
        case Attention.UNAPPROVED:
            return Q(approved_at=None) if ledger.workflow else Q(pk__in=[])
    passed = [Q(**{f"{column.field}__lt": today}) for column in ledger.columns if column.expires]
    return reduce(or_, passed, Q(pk__in=[]))


def can_lack(ledger: Ledger, attention: Attention) -> bool:
    """Tell whether entries of a ledger can lack this at all."""
    match attention:
        case Attention.EXPIRED:
            return any(column.expires for column in ledger.columns)
        case Attention.UNAPPROVED:
            return ledger.workflow is not None
    return not ledger.happens_on
