"""Nobody both operates systems and audits them (14①, audits by somebody independent), here or elsewhere."""

from collections.abc import Iterable

from sekisho.kernel.access import Role
from sekisho.people.errors.staff import BothDuties
from sekisho.people.models import Staff
from sekisho.people.queries.access_requests import OWN_DUTIES, people_with_both_duties


def lock_staff(staff: Staff) -> None:
    """Two who give one person the two duties at the same time must queue, or both could succeed."""
    Staff.objects.select_for_update().filter(pk=staff.pk).first()


def refuse_both_duties(staff: Staff, roles: Iterable[Role]) -> None:
    """Raise BothDuties if a person who was just given ``roles``, inside the caller's transaction, now has both.

    Also in a house of one person: there somebody from outside audits, and the register shows what that one did.
    """
    if not OWN_DUTIES.keys().isdisjoint(roles) and str(staff.pk) in people_with_both_duties():
        raise BothDuties(field="role", name=staff.name)
