"""Calling people at once: who has to hear of which alarm now, as one message a person, and that it is over again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.models import AlarmPlan, Delivery, Notice, ToldNotice
from sekisho.governance.queries.alarms import (
    Alarm,
    Called,
    alarm_plan,
    called,
    newest_call,
    open_alarms,
    recovered_for,
    said_to,
)
from sekisho.governance.queries.notice_words import roles_of
from sekisho.governance.rules.alarms import Plan, Said, is_to_be_rung
from sekisho.governance.rules.delivery import Channel, DeliveryState
from sekisho.governance.rules.notices import concerns
from sekisho.governance.services.digests import MOST_LINES, letter, line_of, webhook_line
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import Calendar, format_moment, in_facility
from sekisho.kernel.errors import Conflict
from sekisho.kernel.ids import new_id
from sekisho.register.rules import SubjectRef, timestamp
from sekisho.register.services import append

_PLAN = SubjectRef("delivery", "alarms", "alarms")


@dataclass(frozen=True, slots=True)
class Call:
    """What one recipient is told at once: alarms that there are, and those that are over."""

    called: Called
    alarms: Sequence[Notice]
    over: Sequence[Notice]

    @property
    def is_last_word(self) -> bool:
        """Tell whether it only says that something is over."""
        return not self.alarms


def make_alarms(*, actor: Actor) -> int:
    """Make what has to be sent at once; return how many messages there are. Raises Forbidden.

    The first alarm leaves at once; what comes within the minutes of grouping after it goes together.
    """
    actor.require(GovernanceAction.SEND_NOTICES)
    now, plan = clock.now(), alarm_plan()
    people, steps = called()
    present = open_alarms() if people else ()
    return sum(_make(_call(one, present, steps, now, plan), now) for one in people if _may_be_called(one, now, plan))


def _may_be_called(one: Called, now: datetime, plan: Plan) -> bool:
    last = newest_call(one.target.id)
    return last is None or now - last >= plan.group


def _call(one: Called, present: Sequence[Alarm], steps: int, now: datetime, plan: Plan) -> Call:
    said = said_to(one.target.id)
    alarms = [
        found.notice
        for found in present
        if not found.looked_after
        and concerns(one.target.role, roles_of(found.notice))
        and is_to_be_rung(
            found.notice.worsened_at,
            found.loudness,
            one.place,
            steps,
            said.get((found.notice.pk, found.notice.worsened_at), Said()),
            now,
            plan,
        )
    ]
    return Call(one, alarms, recovered_for(one.target.id, now))


def _make(call: Call, now: datetime) -> bool:
    if not call.alarms and not call.over:
        return False
    target, minute = call.called.target, f"{in_facility(now):%Y%m%d%H%M}"
    delivery = Delivery(
        id=new_id(),
        channel=target.channel,
        target=target.id,
        receiver=target.address,
        day=in_facility(now).date(),
        alarm=minute,
        state=DeliveryState.WAITING,
        number=len(call.alarms) + len(call.over),
        made_at=now,
        next_try_at=now,
    )
    delivery.message = message_of(call, delivery, now)
    states = [(one, one.worsened_at) for one in call.alarms] + [(one, one.ended_at or now) for one in call.over]
    with transaction.atomic():
        if Delivery.objects.filter(target=target.id, alarm=minute).exists():
            return False
        delivery.save(force_insert=True)
        told = [ToldNotice(delivery=delivery, notice=one, state_at=state) for one, state in states]
        ToldNotice.objects.bulk_create(told, batch_size=200)
    return True


def message_of(call: Call, delivery: Delivery, now: datetime) -> str:
    """Return what is sent: a whole mail, or the JSON body."""
    target = call.called.target
    with translation.override(target.language):
        if target.channel is Channel.WEBHOOK:
            return _webhook_body(call, delivery, now)
        subject = _("Over again: %(number)s") if call.is_last_word else _("ALARM: %(number)s")
        number = len(call.over) if call.is_last_word else len(call.alarms)
        context: dict[str, object] = {
            "language": target.language,
            "moment": format_moment(now, Calendar.WAREKI, target.language),
            "lines": [line_of(row, target.language) for row in call.alarms[:MOST_LINES]],
            "over": [line_of(row, target.language) for row in call.over[:MOST_LINES]],
            "url": _url(),
        }
        mail = letter(
            target.address,
            delivery.pk,
            now,
            "【関所】" + subject % {"number": number},
            context,
            "governance/alarm_mail",
        )
        return mail.decode("ascii")


def _webhook_body(call: Call, delivery: Delivery, now: datetime) -> str:
    document: dict[str, Json] = {
        "id": str(delivery.pk),
        "type": "notices.alarm",
        "made_at": timestamp(now),
        "alarms": [webhook_line(row) for row in call.alarms[:MOST_LINES]],
        "over": [webhook_line(row) for row in call.over[:MOST_LINES]],
        "url": _url(),
    }
    return json.dumps(document, ensure_ascii=False)


def _url() -> str:
    return f"{settings.ORIGIN}{reverse('governance:notices')}"


@transaction.atomic
def keep_alarm_plan(*, actor: Actor, version: int, given: Plan) -> None:
    """Store how people are called, over ``version`` of the plan (0: none yet). Raises Forbidden, Conflict."""
    actor.require(GovernanceAction.CONFIGURE_DELIVERY)
    row = AlarmPlan.objects.select_for_update().first() or AlarmPlan(version=0)
    if row.version != version:
        raise Conflict
    row.group_minutes, row.next_minutes = (span // timedelta(minutes=1) for span in (given.group, given.next_after))
    row.quiet_from, row.quiet_to = given.quiet_from, given.quiet_to
    row.version, row.changed_at = row.version + 1, clock.now()
    row.save()
    details: dict[str, Json] = {
        "group_minutes": row.group_minutes,
        "next_minutes": row.next_minutes,
        "quiet_from": row.quiet_from,
        "quiet_to": row.quiet_to,
    }
    append(actor=actor, action=GovernanceAction.CONFIGURE_DELIVERY, subject=_PLAN, details=details)
