"""What was heard so far: states, response times over a period, outages, quiet times."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Avg, F, Max, Min, Q, QuerySet, Sum

from sekisho.network.models import EndpointState, Outage, QuietTime, ResponseSample
from sekisho.network.rules.availability import minute_of, moment_of, share_up


@dataclass(frozen=True, slots=True)
class Point:
    """A stretch of time: its beginning, the typical, lowest and highest milliseconds, and how many asks failed."""

    moment: datetime
    typical: float | None
    lowest: float | None
    highest: float | None
    asked: int
    failed: int


@dataclass(frozen=True, slots=True)
class Totals:
    """A period: asks, failures, the typical milliseconds."""

    asked: int = 0
    failed: int = 0
    typical: float | None = None

    @property
    def share(self) -> float | None:
        """How many of a hundred asks were answered."""
        return share_up(self.asked, self.failed)


def states_of(endpoint_ids: Collection[str] | None = None) -> Mapping[str, EndpointState]:
    """Return the states by the id of the endpoint, of these or of all."""
    rows = EndpointState.objects.all()
    if endpoint_ids is not None:
        rows = rows.filter(endpoint__in=[UUID(one) for one in endpoint_ids])
    return {str(row.endpoint_id): row for row in rows}


def points(
    state_ids: Collection[int], since: datetime, step: int, until: datetime | None = None
) -> Mapping[int, Sequence[Point]]:
    """Return by state what was heard since a moment, in stretches of ``step`` minutes, the oldest first."""
    samples = ResponseSample.objects.filter(state__in=state_ids, minute__gte=minute_of(since))
    if until is not None:
        samples = samples.filter(minute__lt=minute_of(until))
    rows = (
        samples.values("state_id", place=F("minute") / step)
        .annotate(
            all_asked=Sum("asked"), all_failed=Sum("failed"), low=Min("lowest"), mean=Avg("median"), high=Max("highest")
        )
        .order_by("state_id", "place")
    )
    found: dict[int, list[Point]] = {}
    for one in rows:
        moment = moment_of(one["place"] * step)
        point = Point(moment, one["mean"], one["low"], one["high"], one["all_asked"], one["all_failed"])
        found.setdefault(one["state_id"], []).append(point)
    return found


def totals(series: Sequence[Point]) -> Totals:
    """Return what several stretches come to."""
    asked, failed = sum(one.asked for one in series), sum(one.failed for one in series)
    typical = sorted(one.typical for one in series if one.typical is not None)
    return Totals(asked, failed, typical[len(typical) // 2] if typical else None)


def outages_of(endpoint_id: UUID, since: datetime) -> "QuerySet[Outage]":
    """Return the outages of an endpoint that were not over at ``since``, the newest first."""
    rows = Outage.objects.filter(endpoint=endpoint_id).filter(Q(ended_at=None) | Q(ended_at__gte=since))
    return rows.order_by("-began_at", "id")


def outages_between(since: datetime, until: datetime) -> "QuerySet[Outage]":
    """Return the outages of all endpoints between two moments, the oldest first."""
    rows = Outage.objects.filter(began_at__lt=until).filter(Q(ended_at=None) | Q(ended_at__gt=since))
    return rows.order_by("began_at", "id")


@dataclass(frozen=True, slots=True)
class Standstill:
    """The outages of an endpoint in a period: how many, their minutes in it, and those that began as planned."""

    number: int = 0
    minutes: int = 0
    planned: int = 0


def standstills(since: datetime, until: datetime) -> Mapping[str, Standstill]:
    """Return the outages between two moments by the id of the endpoint."""
    found: dict[str, Standstill] = {}
    rows = outages_between(since, until).values_list("endpoint", "began_at", "ended_at", "quiet")
    for endpoint, began, ended, quiet in rows:
        minutes = int((min(ended or until, until) - max(began, since)).total_seconds()) // 60
        before = found.get(str(endpoint), Standstill())
        planned = before.planned + (minutes if quiet else 0)
        found[str(endpoint)] = Standstill(before.number + 1, before.minutes + minutes, planned)
    return found


def quiet_times_of(endpoint_id: UUID, now: datetime) -> Sequence[QuietTime]:
    """Return the quiet times that are ahead or were in the last 30 days, the latest first; fifty at most."""
    rows = QuietTime.objects.filter(endpoint=endpoint_id, until__gte=now - timedelta(days=30))
    return list(rows.order_by("-since", "id")[:50])


def quiet_time(quiet_id: UUID) -> QuietTime | None:
    """Return a quiet time, or None."""
    return QuietTime.objects.filter(pk=quiet_id).first()
