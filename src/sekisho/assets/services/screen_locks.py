"""Handing in how devices lock their screens, and settling how long a group may stand open."""

import hashlib
from datetime import date
from uuid import UUID

from django.db import transaction

from sekisho.assets.actions import ScreenLockAction
from sekisho.assets.errors import LockBoundUnfit, LockScopeUnsaid, LockSettingsFromTheFuture, ReasonUnsaid
from sekisho.assets.models import KeptLockSettings, LockBound
from sekisho.assets.models.screen_locks import LONGEST_REASON, LONGEST_WORDS
from sekisho.assets.queries.screen_locks import READING, device_group, devices_of
from sekisho.assets.rules.screen_lock import IDLE_MINUTES_WITH_REASON, read_settings
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import in_facility
from sekisho.kernel.ports import Subject
from sekisho.kernel.wording import require_visible, says_something
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append


@transaction.atomic
def hand_in_lock_settings(
    *, actor: Actor, group_id: str, device_id: UUID | None, distributed_by: str, taken_on: date, content: bytes
) -> KeptLockSettings:
    """Keep what a file says of the screen lock of one device, or of all that get it as ``distributed_by`` says.

    Raises Forbidden, NotFound, LockScopeUnsaid, LockSettingsFromTheFuture, InvisibleCharacters, and what reading
    raises: LockSettingsTooLarge, LockSettingsUnknown, LockSettingsUnreadable, LockSettingsSilent.
    """
    actor.require(ScreenLockAction.HAND_IN)
    words = distributed_by.strip()
    require_visible(words)
    group = device_group(group_id)
    device = _device_name(group, device_id, words)
    moment = clock.now()
    if taken_on > in_facility(moment).date():
        raise LockSettingsFromTheFuture(field="taken_on")
    reading = read_settings(content)
    kept = KeptLockSettings(
        group=group_id,
        device_id=device_id,
        distributed_by=words,
        taken_on=taken_on,
        received_at=moment,
        received_by=actor.id,
        received_by_name=actor.name,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        reading=READING.dump_json(reading).decode(),
    )
    kept.save()
    details: dict[str, Json] = {
        "sha256": kept.sha256,
        "kind": reading.dialect.value,
        "device": device,
        "distributed_by": words,
        "taken_on": taken_on.isoformat(),
        "seconds": {one.way.value: one.seconds for one in reading.mechanisms},
    }
    append(actor=actor, action=ScreenLockAction.HAND_IN, subject=_ref(group), details=details)
    return kept


def _device_name(group: Subject, device_id: UUID | None, words: str) -> str | None:
    """Return the name of the device that is meant, None for all of the group. Raises LockScopeUnsaid."""
    if device_id is None:
        if not says_something(words) or len(words) > LONGEST_WORDS:
            raise LockScopeUnsaid(field="distributed_by")
        return None
    names = {device.pk: device.name for device in devices_of(group)}
    if words or device_id not in names:
        raise LockScopeUnsaid(field="device")
    return names[device_id]


@transaction.atomic
def settle_lock_bound(*, actor: Actor, group_id: str, minutes: int, reason: str) -> LockBound:
    """Settle after how many minutes without use the devices of a group must be locked, and why.

    Raises Forbidden, NotFound, LockBoundUnfit, ReasonUnsaid, InvisibleCharacters.
    """
    actor.require(ScreenLockAction.SETTLE)
    require_visible(reason)
    group = device_group(group_id)
    if not 1 <= minutes <= IDLE_MINUTES_WITH_REASON:
        raise LockBoundUnfit(field="minutes", most=IDLE_MINUTES_WITH_REASON)
    if not says_something(reason) or len(reason) > LONGEST_REASON:
        raise ReasonUnsaid(field="reason")
    bound = LockBound(
        group=group_id,
        minutes=minutes,
        reason=reason.strip(),
        decided_at=clock.now(),
        decided_by=actor.id,
        decided_by_name=actor.name,
    )
    bound.save()
    append(
        actor=actor,
        action=ScreenLockAction.SETTLE,
        subject=_ref(group),
        details={"minutes": minutes},
        reason=bound.reason,
    )
    return bound


def _ref(group: Subject) -> SubjectRef:
    return SubjectRef("device_group", group.id, group.label)
