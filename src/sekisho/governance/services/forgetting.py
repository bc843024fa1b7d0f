"""Destroying old mails, with the addresses they went to."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.models import Delivery
from sekisho.governance.rules.delivery import DeliveryState
from sekisho.kernel.actor import Actor
from sekisho.register.services import append


def old_letters(before: datetime) -> QuerySet[Delivery]:
    """Return what was made before and waits for nothing any more."""
    return Delivery.objects.filter(made_at__lt=before).exclude(state__in=[DeliveryState.WAITING, DeliveryState.SENDING])


@transaction.atomic
def forget_letters(*, actor: Actor, before: datetime) -> int:
    """Destroy old mails and return how many there were. Raises Forbidden."""
    actor.require(GovernanceAction.FORGET_LETTERS)
    rows = old_letters(before)
    count = rows.count()
    rows.delete()
    if count:
        append(
            actor=actor,
            action=GovernanceAction.FORGET_LETTERS,
            details={"destroyed": count, "before": before.isoformat()},
        )
    return count
