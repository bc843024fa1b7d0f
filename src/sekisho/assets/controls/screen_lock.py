"""12⑥: devices that nobody sits before lock their screens, by the settings that were handed in of them.

Nothing is believed without a file: a device of which none was handed in cannot be told, and one such device is enough
to leave its group untold.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sekisho.assets.actions import ScreenLockAction
from sekisho.assets.queries.screen_locks import GroupLock, group_locks
from sekisho.assets.rules.screen_lock import IDLE_MINUTES, IDLE_MINUTES_WITH_REASON, Level
from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Control, Finding, Outcome, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import Text, _

_MOST_NAMED = 20


def check() -> Iterator[Finding]:
    """Judge every group by the settings of its devices."""
    for group in group_locks():
        outcome, message = judged(group)
        yield Finding(group.subject, outcome, message, _observed_at(group, outcome), _facts(group))


def judged(group: GroupLock) -> tuple[Outcome, Text]:
    """Return what a group comes to: the worst of its devices."""
    count, broken, untold = len(group.devices), group.at(Level.BREAKS), group.at(Level.UNKNOWN)
    if not group.concerned:
        return Outcome.NOT_APPLICABLE, _("Nobody enters or reads medical information at these devices.")
    if not group.devices:
        return Outcome.UNKNOWN, _("The ledger knows no device of this system.")
    if broken:
        return Outcome.FAIL, _(
            "%(broken)s of %(count)s devices do not lock the screen within %(minutes)s minutes.",
            broken=len(broken),
            count=count,
            minutes=group.minutes,
        )
    if untold:
        return Outcome.UNKNOWN, _(
            "Of %(untold)s of %(count)s devices it cannot be told when the screen locks.",
            untold=len(untold),
            count=count,
        )
    return Outcome.PASS, _(
        "The screens of all %(count)s devices lock within %(minutes)s minutes without use.",
        count=count,
        minutes=group.minutes,
    )


def _observed_at(group: GroupLock, outcome: Outcome) -> datetime:
    """A pass is as old as the oldest file it rests on: what nobody exported anew runs out."""
    moments = [one.observed_at for one in group.devices if one.observed_at is not None]
    return min(moments) if outcome is Outcome.PASS and moments else clock.now()


def _facts(group: GroupLock) -> dict[str, Json]:
    facts: dict[str, Json] = {
        "devices_in_group": len(group.devices),
        "idle_minutes_at_most": group.minutes,
        "locked_in_time": len(group.at(Level.HOLDS)),
        "no_user_can_change_it": sum(one.judged.enforced for one in group.at(Level.HOLDS)),
        "not_locked_in_time": [one.device.name for one in group.at(Level.BREAKS)][:_MOST_NAMED],
        "not_told": [one.device.name for one in group.at(Level.UNKNOWN)][:_MOST_NAMED],
        "files": sorted({file.sha256 for one in group.devices for file in one.files})[:_MOST_NAMED],
    }
    if group.bound is not None:
        facts |= {"reason": group.bound.reason, "decided_by": group.bound.decided_by_name}
    return facts


control = Control(
    id="assets.screen_lock",
    title=_("Devices lock their screens when nobody uses them"),
    subject_kind=SubjectKind.DEVICE_GROUP,
    check=check,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_(
        "Set the screen lock of the devices, or have it set for all by policy, then export the settings again and hand "
        "them in on the page of the screen lock."
    ),
    # More minutes than the first are only taken where a manager has written down why.
    parameters={
        "idle_minutes_at_most": IDLE_MINUTES,
        "idle_minutes_at_most_with_reason": IDLE_MINUTES_WITH_REASON,
    },
    facts_for=ScreenLockAction.VIEW,
)
