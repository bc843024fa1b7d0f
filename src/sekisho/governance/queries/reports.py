"""Reading what happened in the ledgers in some days, and what was excepted: the report to the planning manager."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from sekisho.governance.queries.exceptions import ExceptionEntry, exceptions
from sekisho.governance.rules.exceptions import ExceptionState
from sekisho.governance.rules.reports import BOOK_REPORT, LOG_REVIEW, Happening, Period, happenings
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import FACILITY_ZONE, in_facility
from sekisho.kernel.declarations import Ledger, Member
from sekisho.kernel.text import _
from sekisho.ledgers.actions import LedgersAction, Verb
from sekisho.ledgers.queries import Approved, approved, visible_to
from sekisho.ledgers.queries.book_conditions import Attention, needs_attention
from sekisho.ledgers.queries.books import action_of, books, number_of, subject_kind
from sekisho.register.log.review.rulebook import load
from sekisho.register.queries import StoredEvent, happened
from sekisho.register.queries.review import RuleFigures, figures_of, overdue_items, systems_seen
from sekisho.register.queries.sources import systems

REPORTED_WITHIN = timedelta(days=45)  # a month has fourteen days to be reported
SETTLED_WITHIN = timedelta(days=14)
_DONE = {
    Verb.ADD: Happening.ADDED,
    Verb.CHANGE: Happening.CHANGED,
    Verb.CLOSE: Happening.CLOSED,
    Verb.STRIKE: Happening.STRUCK,
}
_LACKS = {
    Happening.RUN_OUT: Attention.EXPIRED,
    Happening.UNCONFIRMED: Attention.STALE,
    Happening.UNAPPROVED: Attention.UNAPPROVED,
}
MOST_LINES = 300
MOST_SENT = 20
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One entry of which something is told: what was done in the period, last on ``day`` by ``who``.

    Both are empty where it only lacks something. ``reason`` is why it was closed or struck out.
    """

    number: str
    name: str
    happenings: Sequence[Happening]
    day: date | None
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class BookPart:
    """What is told of one ledger: entries in use now, how often what happened, and the lines; ``more`` are left out."""

    ledger: Ledger
    in_use: int
    counts: Mapping[Happening, int]
    lines: Sequence[ReportLine]
    more: int


@dataclass(frozen=True, slots=True)
class BookReport:
    """The report of a period: every ledger that the reader may look at, ``withheld`` those that they may not.

    ``excepted`` are the exceptions that were approved, ended or in force in the period.
    """

    period: Period
    made_at: datetime
    parts: Sequence[BookPart]
    excepted: Sequence[ExceptionEntry]
    withheld: Sequence[Ledger]


def book_report(actor: Actor, period: Period) -> BookReport:
    """Return what happened in all ledgers in a period, as it stands now."""
    known = books()
    shown = [ledger for ledger in known if actor.may(action_of(ledger, Verb.VIEW))]
    return BookReport(
        period=period,
        made_at=clock.now(),
        parts=[_part(ledger, period) for ledger in shown],
        excepted=[one for one in exceptions() if _is_told(one, period)],
        withheld=[ledger for ledger in known if ledger not in shown],
    )


def _is_told(one: ExceptionEntry, period: Period) -> bool:
    return in_facility(one.approved_at).date() <= period.last and one.valid_until >= period.first


def _part(ledger: Ledger, period: Period) -> BookPart:
    """Every entry of which something is told is read once; the paper holds so many, the counts hold all."""
    rows: Any = ledger.model._default_manager
    counts: Counter[Happening] = Counter()
    lines: list[ReportLine] = []
    number = 0
    for number, (entry, found, last) in enumerate(_told(ledger, rows, period), start=1):
        counts.update(found)
        if number <= MOST_LINES:
            lines.append(_line(ledger, entry, found, last))
    in_use = rows.filter(closed_at=None, struck_at=None).count()
    return BookPart(ledger, in_use, counts, lines, max(0, number - MOST_LINES))


def _told(ledger: Ledger, rows: Any, period: Period) -> Iterator[tuple[Any, Sequence[Happening], StoredEvent | None]]:
    """Yield each entry with what is told of it, and the last event of the period about it, by number."""
    in_use = Q(closed_at=None, struck_at=None)
    lacking = {
        happening: set(rows.filter(in_use & needs_attention(ledger, what)).values_list("pk", flat=True))
        for happening, what in _LACKS.items()
    }
    done = _done(ledger, period)
    wanted = {*done, *(str(pk) for ids in lacking.values() for pk in ids)}
    ids = [pk for pk in rows.order_by("number").values_list("pk", flat=True) if str(pk) in wanted]
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        entries = rows.in_bulk(chunk)
        for pk in chunk:
            here = done.get(str(pk), {})
            found = tuple(happenings(here, [one for one, others in lacking.items() if pk in others]))
            yield entries[pk], found, max(here.values(), key=lambda event: event.occurred_at, default=None)


def _done(ledger: Ledger, period: Period) -> dict[str, dict[Happening, StoredEvent]]:
    """Return the last event of each kind in a period, by entry: the entry itself only knows its newest moments."""
    told = {str(action_of(ledger, verb)): happening for verb, happening in _DONE.items()}
    told[str(LedgersAction.APPROVE_ENTRY)] = Happening.APPROVED
    found: dict[str, dict[Happening, StoredEvent]] = {}
    for event in happened(subject_kind(ledger), told.keys(), period.start, period.end):
        found.setdefault(event.document["subject"]["id"], {})[told[event.document["action"]]] = event
    return found


def _line(ledger: Ledger, entry: Any, found: Sequence[Happening], last: StoredEvent | None) -> ReportLine:
    return ReportLine(
        number=number_of(ledger, entry.number),
        name=str(entry),
        happenings=found,
        day=in_facility(last.occurred_at).date() if last else None,
        who=last.document["actor"]["name"] if last else "",
        reason=entry.ended_reason if {Happening.CLOSED, Happening.STRUCK} & set(found) else "",
    )


def report_content(report: BookReport) -> dict[str, Json]:
    """Return a report as the content of an application: its period and every figure; the paper is its file."""
    states = Counter(one.state for one in report.excepted)
    return {
        "first": report.period.first.isoformat(),
        "last": report.period.last.isoformat(),
        "books": [_figures(part) for part in report.parts],
        "exceptions": {state.value: states[state] for state in ExceptionState},
        "withheld": [ledger.id for ledger in report.withheld],
    }


def _figures(part: BookPart) -> Json:
    counts: dict[str, Json] = {one.value: part.counts[one] for one in Happening if part.counts.get(one)}
    return {"ledger": part.ledger.id, "in_use": part.in_use, "counts": counts}


def log_review_content(period: Period) -> dict[str, Json]:
    """Return a month's review of the logs as the content of an application: what rules raised and people decided."""
    figures = log_figures(period)
    return {
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "raised": sum(one.raised for one in figures),
        "explained": sum(one.explained for one in figures),
        "improper": sum(one.improper for one in figures),
        "silent": sum(not one.runs for one in figures),
    }


def log_figures(period: Period) -> list[RuleFigures]:
    """Return what each rule of the review raised in a period."""
    return figures_of([rule.id for rule in load()], period.first, period.last)


def log_review_members() -> Iterator[Member]:
    """Yield every system: whether its log was looked through, settled, and reported to the planning manager in time.

    The log of a system is looked through where the rules saw events of it, or where it keeps its diary; that of the
    platform is the register itself. What counts is the newest acknowledged month.
    """
    today = present_day()
    found = [one for one in approved(LOG_REVIEW) if _is_recent(one, today)]
    newest = max(found, key=lambda one: one.content["last"], default=None)
    seen = systems_seen(today - REPORTED_WITHIN)
    overdue = {item.system for item in overdue_items(clock.now() - SETTLED_WITHIN)}
    for system in systems():
        is_platform = system.facts.get("kind") == "platform"
        missing = [] if newest else [_("A month's review that the planning manager acknowledged")]
        if not (is_platform or system.id in seen):
            missing.append(_("Events of this system among those that the rules looked through"))
        if system.id in overdue or (is_platform and "" in overdue):
            missing.append(_("A decision about everything that was raised"))
        yield Member(frozenset({system.id}), system.label, tuple(missing), newest.approved_at if newest else None)


def _is_recent(one: Approved, today: date) -> bool:
    last = date.fromisoformat(one.content["last"])
    return today - REPORTED_WITHIN <= last < today


def sent_reports(actor: Actor) -> Sequence[Any]:
    """Return the newest reports that were sent for acknowledgement."""
    rows = visible_to(actor).filter(workflow__in=(BOOK_REPORT, LOG_REVIEW))
    return list(rows.order_by("-applied_at", "-id")[:MOST_SENT])


def present_day() -> date:
    """Return the present day at the facility."""
    return clock.now().astimezone(FACILITY_ZONE).date()
