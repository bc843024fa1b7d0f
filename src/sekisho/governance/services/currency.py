"""Whether the stored verdicts still say how it is: before they go on a paper that is carried out of the house.

Comparing everything that verdicts rest on takes its time, so the worker does it, each minute, and writes down when it
last did. A page only looks at that moment; a paper looks itself where nobody else did.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Subquery

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import VerdictsOld
from sekisho.governance.models import JudgedEdition, LastLook, StoredVerdict
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.services.verdicts import is_due, update_verdicts
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.dates import FACILITY_ZONE

# They are computed each minute: what changed within the hour is no fault yet, unless a proof has run out meanwhile.
GRACE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Currency:
    """How fresh the stored verdicts of an edition are.

    ``looked_at`` is when it was last looked whether anything changed; ``has_run_out`` tells that a proof ended since.
    """

    judged_at: datetime
    looked_at: datetime
    has_run_out: bool

    def was_looked_at(self, now: datetime) -> bool:
        """Tell whether somebody looked within the hour. A look or judgement dated in the future is none."""
        return timedelta(0) <= now - self.looked_at <= GRACE and self.judged_at <= now


def keep_current(*, actor: Actor, edition_id: str = CURRENT) -> bool:
    """Judge what something changed for, and write down that it was looked; tell whether anything was judged.

    Raises Forbidden, NotFound, EditionInvalid. The look changes no verdict, so it is no event.
    """
    actor.require(GovernanceAction.JUDGE)
    now = clock.now()
    due = is_due(edition_id)
    if due:
        update_verdicts(actor=actor, edition_id=edition_id)
    LastLook.objects.update_or_create(edition=edition_id, defaults={"looked_at": now})
    return due


def currency(edition_id: str = CURRENT) -> Currency | None:
    """Return how fresh the stored verdicts are, from one read; None before the first judgement."""
    ran_out = StoredVerdict.objects.filter(edition=OuterRef("edition"), look_again_at__lt=clock.now())
    look = LastLook.objects.filter(edition=OuterRef("edition")).values("looked_at")
    heads = JudgedEdition.objects.filter(edition=edition_id)
    found = heads.annotate(ran_out=Exists(ran_out), looked_at=Subquery(look))
    row = found.values_list("judged_at", "whole_at", "looked_at", "ran_out").first()
    if row is None:
        return None
    judged_at, whole_at, looked_at, has_run_out = row
    looked = max(moment for moment in (looked_at or judged_at, whole_at) if moment is not None)
    return Currency(judged_at, looked, has_run_out)


def are_old(edition_id: str = CURRENT) -> bool:
    """Tell whether a page must warn: a proof ran out, or nobody looked within the hour whether anything changed.

    Before the first judgement there is nothing to be old.
    """
    found = currency(edition_id)
    return found is not None and (found.has_run_out or not found.was_looked_at(clock.now()))


def require_current(edition_id: str = CURRENT) -> None:
    """Refuse a paper of verdicts that no longer hold. Raises VerdictsOld.

    Where nobody looked within the hour it is looked here: a worker that stands still makes no verdict wrong.
    """
    found = currency(edition_id)
    if found is None or (found.was_looked_at(clock.now()) and not found.has_run_out):
        return
    if is_due(edition_id):
        raise VerdictsOld(judged=f"{found.judged_at.astimezone(FACILITY_ZONE):%Y-%m-%d %H:%M}")
