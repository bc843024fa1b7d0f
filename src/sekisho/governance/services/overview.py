"""Making the overview of today from the stored verdicts."""

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.models import DailyOverview
from sekisho.governance.queries.chart import present_yardstick
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.queries.overview import is_overview_due, standing
from sekisho.governance.rules.overview import overview
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import canonical_json
from sekisho.kernel.dates import FACILITY_ZONE


def make_overview(*, actor: Actor, edition_id: str = CURRENT) -> bool:
    """Make today's overview if the verdicts changed since; tell whether it was made. Raises Forbidden.

    It is derived from verdicts whose changes are in the register, so it is no event itself. What is read is taken
    before the write: a judgement in between makes the overview older than the verdicts, and the next turn makes it new.
    """
    actor.require(GovernanceAction.JUDGE)
    now = clock.now()
    today = now.astimezone(FACILITY_ZONE).date()
    if not is_overview_due(edition_id, today):
        return False
    found = overview(standing(edition_id), now)
    kept = {
        "made_at": now,
        "counts": canonical_json(found["counts"]).decode(),
        "yardstick": present_yardstick(edition_id),
        "document": canonical_json(found).decode(),
    }
    with transaction.atomic():
        DailyOverview.objects.update_or_create(edition=edition_id, day=today, defaults=kept)
    return True
