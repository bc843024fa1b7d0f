"""Destroying the parts of entries that may be destroyed alone: the entry and its proof stay as they are."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from sekisho.kernel.actor import Actor
from sekisho.register.actions import RegisterAction
from sekisho.register.models import Body
from sekisho.register.services.outbox import append


def old_bodies(before: datetime) -> QuerySet[Body]:
    """Return the destroyable parts of what happened before."""
    return Body.objects.filter(event__occurred_at__lt=before)


@transaction.atomic
def forget_typed(*, actor: Actor, before: datetime) -> int:
    """Destroy what was typed as a name at failed sign-ins before; return how many there were. Raises Forbidden."""
    actor.require(RegisterAction.FORGET_TYPED)
    count, _tables = old_bodies(before).delete()
    if count:
        append(
            actor=actor, action=RegisterAction.FORGET_TYPED, details={"destroyed": count, "before": before.isoformat()}
        )
    return count
