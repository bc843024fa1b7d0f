"""How long personal data is kept, and its destruction afterwards."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from sekisho.config.actions import PersonalDataAction
from sekisho.config.models import RetentionPeriod
from sekisho.kernel import clock, registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Expiry, Holding
from sekisho.kernel.errors import InvalidInput, NotFound
from sekisho.kernel.text import _
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append


class PeriodOutOfBounds(InvalidInput):
    """A period that is shorter or longer than this data may be kept."""

    code = "config.period_out_of_bounds"
    message = _("This data is kept for %(least)s to %(most)s days.")
    field = "days"


@dataclass(frozen=True, slots=True)
class Period:
    """How long a holding is kept here, whether the facility said so, and how much has run out."""

    holding: Holding
    expiry: Expiry
    days: int
    own: bool

    @property
    def before(self) -> datetime:
        """What counts from before this moment has run out."""
        return clock.now() - timedelta(days=self.days)

    @property
    def due(self) -> int:
        """How much has run out."""
        return self.expiry.due(self.before)


def periods() -> dict[str, Period]:
    """Return the period of every holding that has one, by its id."""
    own = dict(RetentionPeriod.objects.values_list("holding", "days"))
    return {
        one.id: Period(one, one.expiry, own.get(one.id, one.expiry.days), one.id in own)
        for one in registry.current().holdings
        if one.expiry is not None
    }


def period(holding_id: str) -> Period:
    """Return the period of one holding. Raises NotFound."""
    found = periods().get(holding_id)
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def set_period(*, actor: Actor, holding_id: str, days: int) -> None:
    """Keep this holding for so many days from now on. Raises Forbidden, NotFound, PeriodOutOfBounds."""
    actor.require(PersonalDataAction.SET_PERIOD)
    before = period(holding_id)
    if not before.expiry.least <= days <= before.expiry.most:
        raise PeriodOutOfBounds(least=before.expiry.least, most=before.expiry.most)
    RetentionPeriod.objects.update_or_create(
        holding=holding_id, defaults={"days": days, "changed_at": clock.now(), "changed_by": actor.name}
    )
    append(
        actor=actor,
        action=PersonalDataAction.SET_PERIOD,
        subject=_subject(before.holding),
        details={"days": {"before": before.days, "after": days}},
    )


@transaction.atomic
def destroy_run_out(*, actor: Actor, holding_id: str, reason: str) -> int:
    """Destroy what has run out of a holding that waits for a person's word; return how much it was.

    Raises Forbidden, NotFound.
    """
    actor.require(PersonalDataAction.DESTROY)
    found = period(holding_id)
    if not found.expiry.by_hand:
        raise NotFound
    before = found.before
    count = found.expiry.destroy(actor, before)
    append(
        actor=actor,
        action=PersonalDataAction.DESTROY,
        subject=_subject(found.holding),
        reason=reason,
        details={"destroyed": count, "before": before.isoformat()},
    )
    return count


def destroy_unattended(*, actor: Actor) -> int:
    """Destroy what has run out of every other holding; each records it itself. Raises Forbidden."""
    ways = [one for one in periods().values() if not one.expiry.by_hand]
    return sum(one.expiry.destroy(actor, one.before) for one in ways)


def _subject(holding: Holding) -> SubjectRef:
    return SubjectRef("personal_data", holding.id, holding.id)
