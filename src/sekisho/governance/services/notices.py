"""Writing notices: looking what is new, worse or over; putting one off; marking one as read."""

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import SnoozeWrong
from sekisho.governance.models import Notice, NoticeRead
from sekisho.governance.queries.notice_causes import PROMPT_KINDS, present_causes, prompt_causes
from sekisho.governance.queries.notices import get_notice, seen_by, today
from sekisho.governance.rules.alarms import loudness_of
from sekisho.governance.rules.notices import LONGEST_SNOOZE_DAYS, Cause, Known, NoticeKind, Place, Urgency, reconcile
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.register.rules import SubjectRef, timestamp
from sekisho.register.services import append

_BATCH = 200


def look_for_notices(*, actor: Actor) -> int:
    """Open, change and end notices as the present causes say; return how many opened or turned worse. Raises Forbidden.

    They are derived from what the register holds already, so this is no event itself.
    """
    actor.require(GovernanceAction.SEND_NOTICES)
    now = clock.now()
    others, causes = set(NoticeKind) - PROMPT_KINDS, present_causes(now)
    with transaction.atomic():
        found = _reconcile(others, causes, now)
    return found + look_for_alarms(actor=actor)


@transaction.atomic
def look_for_alarms(*, actor: Actor) -> int:
    """Do the same for what people hear of at once; quick, so that it can be done each minute. Raises Forbidden."""
    actor.require(GovernanceAction.SEND_NOTICES)
    now = clock.now()
    return _reconcile(PROMPT_KINDS, prompt_causes(now), now)


def _reconcile(kinds: AbstractSet[NoticeKind], causes: Sequence[Cause], now: datetime) -> int:
    """Open, change and end the notices of ``kinds``; return how many opened or turned worse."""
    rows = {_place(row): row for row in Notice.objects.select_for_update().filter(ended_at=None, kind__in=kinds)}
    found = reconcile({place: _known(row) for place, row in rows.items()}, causes)
    Notice.objects.bulk_create(
        [
            Notice(kind=one.kind, key=one.key, since=one.since, opened_at=now, worsened_at=now, **_said(one))
            for one in found.opened
        ],
        batch_size=_BATCH,
        ignore_conflicts=True,  # another look beside this one has opened it
    )
    for cause in found.kept:
        _renew(rows[cause.place], cause, is_worse=cause.place in found.worse)
    ended = [rows[place].pk for place in found.ended]
    Notice.objects.filter(pk__in=ended).update(ended_at=now)
    return len(found.opened) + len(found.worse)


def _place(row: Notice) -> Place:
    return NoticeKind(row.kind), row.key


def _known(row: Notice) -> Known:
    return Known(Urgency(row.urgency), frozenset(json.loads(row.members)))


def _said(cause: Cause) -> dict[str, Any]:
    """Return what a notice takes over from its cause."""
    roles = sorted(role.value for role in cause.roles)
    return {
        "urgency": cause.urgency.value,
        "overdue": cause.overdue,
        "subject": cause.subject[:300],
        "ref": cause.ref,
        "facts": json.dumps(dict(cause.facts), ensure_ascii=False, sort_keys=True),
        "members": json.dumps(sorted(cause.members), ensure_ascii=False),
        "until": cause.until,
        "roles": f",{','.join(roles)}," if roles else "",
        "person": cause.person,
        "person_name": cause.person_name[:100],
    }


def _renew(row: Notice, cause: Cause, *, is_worse: bool) -> None:
    said = _said(cause)
    changed = [name for name, value in said.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, said[name])
    if is_worse:
        row.worsened_at = clock.now()
        changed.append("worsened_at")
    if changed:
        row.save(update_fields=changed)


@transaction.atomic
def snooze_notice(*, actor: Actor, notice_id: UUID, version: int, until: date, reason: str) -> None:
    """Put an open notice off, for everybody, until it turns worse or ``until`` comes.

    Raises Forbidden, NotFound, Conflict, SnoozeWrong.
    """
    actor.require(GovernanceAction.SNOOZE_NOTICE)
    row = Notice.objects.select_for_update().filter(pk=notice_id, ended_at=None).first()
    if row is None:
        raise NotFound
    get_notice(actor, notice_id)
    if row.version != version:
        raise Conflict
    day = today()
    earliest, latest = day + timedelta(days=1), day + timedelta(days=LONGEST_SNOOZE_DAYS)
    if not earliest <= until <= latest:
        raise SnoozeWrong(field="until", earliest=earliest.isoformat(), latest=latest.isoformat())
    row.version += 1
    row.snoozed_until, row.snoozed_at, row.snoozed_by, row.snooze_reason = until, clock.now(), actor.name, reason
    row.save(update_fields=["version", "snoozed_until", "snoozed_at", "snoozed_by", "snooze_reason"])
    append(
        actor=actor,
        action=GovernanceAction.SNOOZE_NOTICE,
        subject=SubjectRef("notice", str(row.pk), f"{row.kind} {row.ref} {row.subject}"[:200]),
        reason=reason,
        details={"kind": row.kind, "about": row.ref, "urgency": row.urgency, "until": until.isoformat()},
    )


def read_notices(*, actor: Actor, notice_id: UUID | None = None) -> int:
    """Mark a notice, or all that are the person's own, as read by this person; return how many.

    It changes what one person sees, and hides nothing from others and from no digest, so it is no event. Raises
    Forbidden, NotFound.
    """
    actor.require(GovernanceAction.VIEW)
    own = [get_notice(actor, notice_id)] if notice_id else [seen for seen in seen_by(actor) if seen.mine]
    wanted = [seen.notice for seen in own if not seen.read]
    now = clock.now()
    for notice in wanted:
        NoticeRead.objects.update_or_create(notice=notice, account=actor.id, defaults={"read_at": now})
    return len(wanted)


@transaction.atomic
def look_after_notice(*, actor: Actor, notice_id: UUID) -> None:
    """Say that one looks after an alarm: nobody else is called then, until it turns worse.

    Raises Forbidden, NotFound.
    """
    actor.require(GovernanceAction.LOOK_AFTER_NOTICE)
    row = Notice.objects.select_for_update().filter(pk=notice_id, ended_at=None).first()
    if row is None or loudness_of(NoticeKind(row.kind), row.ref, json.loads(row.facts)) is None:
        raise NotFound
    row.looked_after_at, row.looked_after_by = clock.now(), actor.name[:100]
    row.save(update_fields=["looked_after_at", "looked_after_by"])
    append(
        actor=actor,
        action=GovernanceAction.LOOK_AFTER_NOTICE,
        subject=SubjectRef("notice", str(row.pk), f"{row.kind} {row.ref} {row.subject}"[:200]),
        details={"kind": row.kind, "about": row.ref, "worsened_at": timestamp(row.worsened_at)},
    )
