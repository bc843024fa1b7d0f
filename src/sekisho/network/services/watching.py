"""Settling how an endpoint is watched, and the times in which it may stand still."""

from dataclasses import fields
from datetime import datetime, time
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.kernel.text import _
from sekisho.network.actions import NetworkAction
from sekisho.network.models import QuietTime, WatchSetting
from sekisho.network.queries.registration import endpoint_subject
from sekisho.network.rules.watching import Watching, check_quiet_time, check_words, tidy_watching
from sekisho.register.rules import SubjectRef, changes
from sekisho.register.services import append


@transaction.atomic
def settle_watching(*, actor: Actor, endpoint_id: UUID, version: int, given: Watching) -> None:
    """Settle how an endpoint is watched, over ``version`` of what stands there (0: nothing yet).

    Raises Forbidden, NotFound, Conflict, WatchingInvalid.
    """
    actor.require(NetworkAction.SETTLE_WATCH)
    endpoint = endpoint_subject(endpoint_id)
    fresh = WatchSetting(pk=endpoint_id, changed_at=clock.now())
    WatchSetting.objects.bulk_create([fresh], ignore_conflicts=True)
    row = WatchSetting.objects.select_for_update().get(pk=endpoint_id)
    if row.version != version:
        raise Conflict
    before = _public(row)
    found = tidy_watching(given, protocol=str(endpoint.facts["protocol"]))
    for one in fields(found):
        setattr(row, one.name, getattr(found, one.name))
    row.version += 1
    row.changed_at = clock.now()
    row.save()
    details: dict[str, Json] = {"changes": changes(before, _public(row))}
    append(actor=actor, action=NetworkAction.SETTLE_WATCH, subject=_ref(endpoint_id, endpoint.label), details=details)


def _public(row: WatchSetting) -> dict[str, Json]:
    values = {one.name: getattr(row, one.name) for one in fields(Watching)}
    return {name: value.isoformat("minutes") if isinstance(value, time) else value for name, value in values.items()}


@transaction.atomic
def plan_quiet_time(*, actor: Actor, endpoint_id: UUID, since: datetime, until: datetime, reason: str) -> QuietTime:
    """Plan a time in which an endpoint may stand still: outages are recorded, and nobody is alarmed.

    Raises Forbidden, NotFound, WatchingInvalid.
    """
    actor.require(NetworkAction.PLAN_QUIET)
    endpoint = endpoint_subject(endpoint_id)
    now = clock.now()
    words = reason.strip()
    check_quiet_time(since, until, now)
    check_words(words, _("say what is done in that time, and by whom."))
    row = QuietTime.objects.create(
        endpoint_id=endpoint_id, since=since, until=until, reason=words, planned_at=now, planned_by=actor.name
    )
    details: dict[str, Json] = {"since": since.isoformat(), "until": until.isoformat()}
    subject = _ref(endpoint_id, endpoint.label)
    append(actor=actor, action=NetworkAction.PLAN_QUIET, subject=subject, reason=words, details=details)
    return row


@transaction.atomic
def call_off_quiet_time(*, actor: Actor, quiet_id: UUID) -> QuietTime:
    """Call off a planned time that is not over; alarms come again at once. Raises Forbidden, NotFound."""
    actor.require(NetworkAction.CALL_OFF_QUIET)
    now = clock.now()
    row = QuietTime.objects.select_for_update().filter(pk=quiet_id, called_off_at=None, until__gt=now).first()
    if row is None:
        raise NotFound
    row.called_off_at, row.called_off_by = now, actor.name
    row.save(update_fields=["called_off_at", "called_off_by"])
    endpoint = endpoint_subject(row.endpoint_id)
    details: dict[str, Json] = {"since": row.since.isoformat(), "until": row.until.isoformat()}
    subject = _ref(row.endpoint_id, endpoint.label)
    append(actor=actor, action=NetworkAction.CALL_OFF_QUIET, subject=subject, details=details)
    return row


def _ref(endpoint_id: UUID, label: str) -> SubjectRef:
    return SubjectRef("endpoint", str(endpoint_id), label)
