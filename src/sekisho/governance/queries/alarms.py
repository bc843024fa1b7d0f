"""Reading alarms: the plan, who is called, which notices are alarms, and what each recipient was told of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sekisho.governance.models import AlarmPlan, Delivery, Notice, ToldNotice
from sekisho.governance.queries.delivery import Target, mail_server, recipients, webhook
from sekisho.governance.queries.notices import open_notices, today
from sekisho.governance.rules.alarms import RECOVERY_TOLD_WITHIN, Loudness, Plan, Said, loudness_of
from sekisho.governance.rules.delivery import Channel, DeliveryState
from sekisho.governance.rules.notices import NoticeKind, is_snoozed
from sekisho.kernel.access import Role


@dataclass(frozen=True, slots=True)
class Called:
    """A recipient of alarms and the place of their step among all steps, from 0."""

    target: Target
    place: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """An open notice that people are called of, at which hours, and whether somebody looks after it."""

    notice: Notice
    loudness: Loudness
    looked_after: bool


def alarm_plan_row() -> AlarmPlan | None:
    """Return the stored plan, None before one was stored."""
    return AlarmPlan.objects.first()


def alarm_plan() -> Plan:
    """Return the plan that holds, the usual one before another was stored."""
    row = alarm_plan_row()
    if row is None:
        return Plan()
    minutes = timedelta(minutes=1)
    return Plan(row.group_minutes * minutes, row.next_minutes * minutes, row.quiet_from, row.quiet_to)


def called() -> tuple[Sequence[Called], int]:
    """Return who is called, and how many steps there are. The webhook is told with the first step."""
    server, hook = mail_server(), webhook()
    people = [one for one in recipients() if one.alarm_step] if server and server.enabled else []
    steps = sorted({one.alarm_step for one in people})
    found = [
        Called(
            Target(Channel.MAIL, str(one.pk), one.address, Role(one.role), one.language), steps.index(one.alarm_step)
        )
        for one in people
    ]
    if hook and hook.enabled:
        target = Target(Channel.WEBHOOK, Channel.WEBHOOK.value, hook.url, Role.SYSTEM_OPERATOR, "ja")
        found.append(Called(target, 0))
    return found, max(len(steps), 1)


def loudness(notice: Notice) -> Loudness | None:
    """Return when people are called because of a notice; None for what the digest says."""
    return loudness_of(NoticeKind(notice.kind), notice.ref, json.loads(notice.facts))


def open_alarms() -> Sequence[Alarm]:
    """Return the open alarms, the most urgent first. What was put off has somebody who looks after it."""
    day, found = today(), []
    for row in open_notices():
        loud = loudness(row)
        if loud is not None:
            snoozed = is_snoozed(row.snoozed_until, row.snoozed_at, row.worsened_at, day)
            seen_to = row.looked_after_at is not None and row.looked_after_at >= row.worsened_at
            found.append(Alarm(row, loud, looked_after=seen_to or snoozed))
    return found


def said_to(target: str) -> Mapping[tuple[UUID, datetime], Said]:
    """Return what a recipient was told of each alarm in each of its states, arrived or not: how often, when last."""
    found: dict[tuple[UUID, datetime], Said] = {}
    rows = ToldNotice.objects.filter(delivery__target=target).exclude(delivery__alarm="")
    rows = rows.filter(notice__ended_at=None).order_by("delivery__made_at")
    for notice, state, made in rows.values_list("notice", "state_at", "delivery__made_at"):
        found[notice, state] = Said(found.get((notice, state), Said()).times + 1, made)
    return found


def newest_call(target: str) -> datetime | None:
    """Return when a recipient was called last, None for never."""
    row = Delivery.objects.filter(target=target).exclude(alarm="").order_by("-made_at").only("made_at").first()
    return row.made_at if row else None


def recovered_for(target: str, now: datetime) -> Sequence[Notice]:
    """Return the alarms that ended lately, that a recipient was told of, and whose end they were not told of."""
    told: dict[UUID, set[datetime]] = {}
    rows = ToldNotice.objects.filter(delivery__target=target, notice__ended_at__gte=now - RECOVERY_TOLD_WITHIN)
    rows = rows.exclude(delivery__alarm="").exclude(delivery__state=DeliveryState.FAILED)
    for notice, state in rows.values_list("notice", "state_at"):
        told.setdefault(notice, set()).add(state)
    ended = Notice.objects.filter(pk__in=told).order_by("ended_at", "id")
    return [row for row in ended if row.ended_at not in told[row.pk]]
