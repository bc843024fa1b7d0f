"""The rule that somebody can always administer the platform, and the way back when nobody can."""

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.people.errors.staff import LastOperator
from sekisho.people.models import RoleGrant, Staff
from sekisho.people.queries import lasting_operators, today, working_operators


def lock_operators() -> None:
    """Two operators who remove each other at the same time must queue, or both could succeed."""
    list(RoleGrant.objects.select_for_update().filter(role=Role.SYSTEM_OPERATOR, revoked_at=None).order_by("pk"))


def keep_an_operator(staff: Staff) -> None:
    """Raise LastOperator if without ``staff`` nobody would stay system operator for good.

    A grant or an employment that ends some day keeps nobody's place: on that day the platform would be without one.
    """
    lasting = lasting_operators()
    if working_operators().filter(staff=staff).exists() and not lasting.exclude(staff=staff).exists():
        raise LastOperator(name=staff.name)


def restore_operator(staff: Staff) -> bool:
    """Make ``staff`` a system operator without end if nobody is one; tell whether that was needed.

    Whoever audited before does so no more: nobody does both.
    """
    lock_operators()
    if working_operators().exists():
        return False
    Staff.objects.filter(pk=staff.pk).update(employed_until=None)
    moment = clock.now()
    staff.grants.filter(role__in=(Role.SYSTEM_OPERATOR, Role.AUDITOR), revoked_at=None).update(revoked_at=moment)
    RoleGrant.objects.create(
        staff=staff, role=Role.SYSTEM_OPERATOR.value, valid_from=today(), granted_at=moment, granted_by="recovery"
    )
    return True
