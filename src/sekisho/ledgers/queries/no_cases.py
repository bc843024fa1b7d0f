"""Whether somebody stated that there is nothing to enter in a ledger, and whether an entry says otherwise."""

from datetime import date
from typing import Any

from django.db.models import Max, QuerySet

from sekisho.kernel import clock
from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Ledger
from sekisho.kernel.reading import once
from sekisho.ledgers.models import NoCase
from sekisho.ledgers.rules.no_cases import usual_period


def can_be_empty(ledger: Ledger) -> bool:
    """Tell whether somebody may state that there is nothing to enter."""
    return ledger.may_be_empty or bool(ledger.happens_on)


def today() -> date:
    """Return the present day in the facility."""
    return in_facility(clock.now()).date()


def cases(ledger: Ledger, first: date, last: date) -> "QuerySet[Any]":
    """Return the entries that speak against "no case" in these days.

    In a ledger of events all of these days, closed ones too; else all that are in use.
    """
    rows: QuerySet[Any] = ledger.model._default_manager.filter(struck_at=None)
    if not ledger.happens_on:
        return rows.filter(closed_at=None)
    return rows.filter(**{f"{ledger.happens_on}__range": (first, last)})


def statement(ledger: Ledger) -> NoCase | None:
    """Return the newest statement that holds today; None where there is none, or an entry says otherwise."""
    return once(("no case", ledger.id), lambda: _statement(ledger)) if can_be_empty(ledger) else None


def _statement(ledger: Ledger) -> NoCase | None:
    day = today()
    rows = NoCase.objects.filter(ledger=ledger.id, first_day__lte=day, last_day__gte=day, stated_at__lte=clock.now())
    newest: NoCase | None = rows.order_by("-stated_at", "-id").first()
    if newest is None or cases(ledger, newest.first_day, newest.last_day).exists():
        return None
    return newest


def offered_period(ledger: Ledger) -> tuple[date, date]:
    """Return the days that the form offers: this fiscal year, or what is left of it after the last case."""
    rows = ledger.model._default_manager.filter(struck_at=None)
    last = rows.aggregate(last=Max(ledger.happens_on))["last"] if ledger.happens_on else None
    return usual_period(today(), last)
