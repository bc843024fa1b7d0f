"""Whether the stored verdicts still say how it is: before they go on a paper that is carried out of the house."""

from datetime import timedelta

from django.db.models import Exists

from sekisho.governance.errors import VerdictsOld
from sekisho.governance.models import JudgedEdition, StoredVerdict
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.services.verdicts import is_due
from sekisho.kernel import clock
from sekisho.kernel.dates import FACILITY_ZONE

# They are computed each minute: what changed within the hour is no fault yet, unless a proof has run out meanwhile.
GRACE = timedelta(hours=1)


def are_old(edition_id: str = CURRENT) -> bool:
    """Tell whether the stored verdicts no longer hold: something changed or ran out, and nothing was judged since.

    Before the first judgement there is nothing to be old. A judgement dated in the future is old.
    """
    now = clock.now()
    ran_out = StoredVerdict.objects.filter(edition=edition_id, look_again_at__lt=now)
    heads = JudgedEdition.objects.filter(edition=edition_id).annotate(has_run_out=Exists(ran_out))
    head = heads.values_list("judged_at", "has_run_out").first()
    if head is None:
        return False
    judged_at, has_run_out = head
    if timedelta(0) <= now - judged_at <= GRACE and not has_run_out:
        return False
    return is_due(edition_id)


def require_current(edition_id: str = CURRENT) -> None:
    """Refuse a paper of verdicts that are old. Raises VerdictsOld."""
    if are_old(edition_id):
        judged_at = JudgedEdition.objects.get(edition=edition_id).judged_at
        raise VerdictsOld(judged=f"{judged_at.astimezone(FACILITY_ZONE):%Y-%m-%d %H:%M}")
