"""The weekly report: made once for each week, kept for a year, then destroyed."""

from collections.abc import Mapping
from hashlib import sha256

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import Calendar
from sekisho.network.actions import NetworkAction
from sekisho.network.models import WeeklyReport
from sekisho.network.queries.availability.weekly_paper import weekly_paper
from sekisho.network.queries.availability.weeks import first_asked
from sekisho.network.rules.weeks import Week, due_weeks, oldest_kept
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append
from sekisho.ui.display import LANGUAGES, Display


def make_weekly_reports(*, actor: Actor) -> int:
    """Make the reports that are due and missing, in every language; return of how many weeks.

    No transaction is open while a paper is laid out. Raises Forbidden, PaperFailed; what was made before stays.
    """
    actor.require(NetworkAction.MAKE_REPORT)
    now = clock.now()
    made = set(WeeklyReport.objects.values_list("first_day", flat=True))
    weeks = due_weeks(now, made, first_asked())
    for week in weeks:
        papers = {one: weekly_paper(week, now, Display(one, Calendar.WAREKI)) for one in LANGUAGES}
        _keep(actor, week, papers)
    return len(weeks)


@transaction.atomic
def _keep(actor: Actor, week: Week, papers: Mapping[str, bytes]) -> None:
    """Store the papers of a week, unless they were stored while these were made."""
    if WeeklyReport.objects.filter(first_day=week.first_day).exists():
        return
    rows = [
        WeeklyReport(
            first_day=week.first_day, language=name, made_at=clock.now(), sha256=sha256(data).hexdigest(), data=data
        )
        for name, data in papers.items()
    ]
    WeeklyReport.objects.bulk_create(rows)
    details: dict[str, Json] = {"sha256": [row.sha256 for row in rows]}
    append(actor=actor, action=NetworkAction.MAKE_REPORT, subject=_ref(week), details=details)


@transaction.atomic
def destroy_old_reports(*, actor: Actor) -> int:
    """Destroy the reports of weeks more than a year ago, and return of how many weeks. Raises Forbidden."""
    actor.require(NetworkAction.DESTROY_REPORT)
    old = WeeklyReport.objects.filter(first_day__lt=oldest_kept(clock.now()))
    known: dict[Week, list[Json]] = {}
    for first_day, digest in old.order_by("first_day", "language").values_list("first_day", "sha256"):
        known.setdefault(Week(first_day), []).append(digest)
    old.delete()
    for week, digests in known.items():
        append(actor=actor, action=NetworkAction.DESTROY_REPORT, subject=_ref(week), details={"sha256": digests})
    return len(known)


def _ref(week: Week) -> SubjectRef:
    return SubjectRef("weekly_report", week.first_day.isoformat(), f"{week.first_day} – {week.last_day}")
