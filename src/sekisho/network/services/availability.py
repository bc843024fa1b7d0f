"""Watching the endpoints: one round of asking and what follows from it, and folding old response times."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, F, Max, Min, Sum

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.network.actions import NetworkAction
from sekisho.network.models import EndpointState, Outage, ResponseSample
from sekisho.network.queries.availability.asking import Pace, ask_all
from sekisho.network.queries.availability.plan import Planned, asks_for, planned_endpoints
from sekisho.network.rules.availability import (
    BUCKET_MINUTES,
    HOUR_MINUTES,
    Bucket,
    Fault,
    Heard,
    Watched,
    bucket_from,
    fold,
    minute_of,
)
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

FINE_DAYS = 14
KEPT_DAYS = 396  # 13 months
_BATCH = 500
_MOST_VALUES = 40  # in a bucket whose end never comes because the clock was set back
_WRITTEN = (
    "state",
    "since",
    "asked_at",
    "response_ms",
    "fault",
    "status",
    "down_since",
    "bucket_minute",
    "bucket_count",
    "bucket_values",
)


@dataclass(slots=True)
class _Round:
    """What one round writes."""

    states: list[EndpointState] = field(default_factory=list)
    full: list[tuple[UUID, Bucket]] = field(default_factory=list)
    begun: list[tuple[Planned, EndpointState]] = field(default_factory=list)
    ended: list[tuple[Planned, datetime]] = field(default_factory=list)


def watch_endpoints(*, actor: Actor, pace: Pace | None = None) -> int:
    """Ask every watched endpoint once, keep what was heard, and return how many. Raises Forbidden.

    No transaction is open while one waits for answers. What changed its state is an event, the asks are none: there
    are half a million a year of each endpoint.
    """
    actor.require(NetworkAction.WATCH)
    planned = planned_endpoints(clock.now())
    heard = ask_all(asks_for(planned), pace)
    _keep(actor, [one for one in planned if one.subject.id in heard], heard)
    return len(heard)


@transaction.atomic
def _keep(actor: Actor, planned: Sequence[Planned], heard: Mapping[str, Heard]) -> None:
    now = clock.now()
    rows = {str(row.endpoint_id): row for row in EndpointState.objects.select_for_update()}
    found = _Round()
    for one in planned:
        row = rows.pop(one.subject.id, None) or _fresh(one, now)
        _take_in(found, one, row, heard[one.subject.id], now)
    EndpointState.objects.bulk_create(
        found.states, batch_size=_BATCH, update_conflicts=True, unique_fields=["endpoint"], update_fields=_WRITTEN
    )
    _store_samples(found.full)
    _let_go(rows.values(), now)
    _tell(actor, found, now)


def _fresh(one: Planned, now: datetime) -> EndpointState:
    return EndpointState(endpoint_id=UUID(one.subject.id), state="", since=now, asked_at=now, bucket_minute=0)


def _take_in(found: _Round, one: Planned, row: EndpointState, heard: Heard, now: datetime) -> None:
    """Bring a row to what was heard now, and note what began, ended or is complete."""
    state = heard.state(one.setting.slow_ms)
    if row.state != state:
        row.state, row.since = state.value, now
    row.asked_at, row.response_ms, row.status = now, heard.ms, heard.status
    row.fault = heard.fault.value if heard.fault else ""
    if state is not Watched.UNKNOWN:
        _fill_bucket(found, row, heard, now)
    if state is Watched.DOWN and row.down_since is None:
        row.down_since = now
        found.begun.append((one, row))
    elif state in {Watched.UP, Watched.SLOW} and row.down_since is not None:
        found.ended.append((one, row.down_since))
        row.down_since = None
    found.states.append(row)


def _fill_bucket(found: _Round, row: EndpointState, heard: Heard, now: datetime) -> None:
    minute = minute_of(now)
    bucket = bucket_from(row.bucket_minute, row.bucket_values, row.bucket_count)
    if bucket.minute != minute:
        if bucket.values:
            found.full.append((row.endpoint_id, bucket))
        bucket = Bucket(minute)
    value = heard.ms if heard.fault is None else None
    bucket = Bucket(minute, (*bucket.values, value)[-_MOST_VALUES:])
    row.bucket_minute, row.bucket_values, row.bucket_count = minute, bucket.text(), len(bucket.values)


def _store_samples(full: Sequence[tuple[UUID, Bucket]]) -> None:
    if not full:
        return
    ids = dict(EndpointState.objects.values_list("endpoint", "id"))
    rows = []
    for endpoint, bucket in full:
        one = fold(bucket.values)
        rows.append(
            ResponseSample(
                state_id=ids[endpoint], span=BUCKET_MINUTES, minute=bucket.minute, asked=one.asked, failed=one.failed,
                lowest=one.lowest, median=one.median, highest=one.highest,
            )
        )  # fmt: skip
    # A clock that was set back may come by the same minutes twice: what was first heard stays.
    ResponseSample.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)


def _let_go(rows: Iterable[EndpointState], now: datetime) -> None:
    """End the outages of what is watched no more; that it was switched off is an event of its own."""
    down = [row for row in rows if row.down_since is not None]
    Outage.objects.filter(endpoint__in=[row.endpoint_id for row in down], ended_at=None).update(ended_at=now)
    EndpointState.objects.filter(pk__in=[row.pk for row in down]).update(
        down_since=None, state=Watched.UNKNOWN.value, since=now
    )


def _tell(actor: Actor, found: _Round, now: datetime) -> None:
    Outage.objects.bulk_create(
        [
            Outage(endpoint_id=row.endpoint_id, began_at=now, fault=row.fault, quiet=one.is_quiet(now))
            for one, row in found.begun
        ],
        batch_size=_BATCH,
    )
    back = [UUID(one.subject.id) for one, _since in found.ended]
    Outage.objects.filter(endpoint__in=back, ended_at=None).update(ended_at=now)
    for one, row in found.begun:
        fault = Fault(row.fault)
        details: dict[str, Json] = {"fault": fault.value, "status": row.status, "planned": one.is_quiet(now)}
        append(actor=actor, action=NetworkAction.UNREACHABLE, subject=_ref(one), details=details)
    for one, since in found.ended:
        seconds = round((now - since).total_seconds())
        append(actor=actor, action=NetworkAction.REACHABLE, subject=_ref(one), details={"down_seconds": seconds})


def _ref(one: Planned) -> SubjectRef:
    return SubjectRef("endpoint", one.subject.id, one.subject.label)


def fold_old_samples(*, actor: Actor) -> int:
    """Let one row an hour stand for the samples of past days, drop what is too old; return how many rows went.

    Measurements of machines under a retention that is written down: no event. Raises Forbidden.
    """
    actor.require(NetworkAction.WATCH)
    now = clock.now()
    day = minute_of(now - timedelta(days=FINE_DAYS), 24 * HOUR_MINUTES)
    gone = 0
    while True:
        with transaction.atomic():
            oldest = ResponseSample.objects.filter(span=BUCKET_MINUTES, minute__lt=day).aggregate(at=Min("minute"))[
                "at"
            ]
            if oldest is None:
                break
            gone += _fold_hours(oldest // (24 * HOUR_MINUTES) * 24 * HOUR_MINUTES)
    too_old = minute_of(now - timedelta(days=KEPT_DAYS), HOUR_MINUTES)
    return gone + ResponseSample.objects.filter(minute__lt=too_old).delete()[0]


def _fold_hours(begin: int) -> int:
    """Fold the samples of one day; the typical time of an hour is the mean of the medians in it."""
    fine = ResponseSample.objects.filter(span=BUCKET_MINUTES, minute__gte=begin, minute__lt=begin + 24 * HOUR_MINUTES)
    hours = fine.values("state_id", hour=F("minute") / HOUR_MINUTES).annotate(
        all_asked=Sum("asked"), all_failed=Sum("failed"), low=Min("lowest"), mean=Avg("median"), high=Max("highest")
    )
    ResponseSample.objects.bulk_create(
        [
            ResponseSample(
                state_id=one["state_id"], span=HOUR_MINUTES, minute=one["hour"] * HOUR_MINUTES, asked=one["all_asked"],
                failed=one["all_failed"], lowest=one["low"], median=one["mean"], highest=one["high"],
            )
            for one in hours.order_by()
        ],
        batch_size=_BATCH,
        ignore_conflicts=True,
    )  # fmt: skip
    return fine.delete()[0]
