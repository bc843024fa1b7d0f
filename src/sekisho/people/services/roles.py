"""Granting and taking back roles, disabling and enabling accounts. The last operator can't be lost."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.access import GRANTABLE, Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.people.actions import PeopleAction
from sekisho.people.errors.staff import EndsBeforeToday, RoleHeld, RoleNotGrantable
from sekisho.people.models import RoleGrant, Staff, User
from sekisho.people.queries import person, today
from sekisho.people.services.duties import lock_staff, refuse_both_duties
from sekisho.people.services.operators import keep_an_operator, lock_operators
from sekisho.people.services.proof import require_proof
from sekisho.people.services.sign_in import account_ref
from sekisho.people.services.staff import staff_ref
from sekisho.register.services import append


@transaction.atomic
def grant_role(
    *,
    actor: Actor,
    proved_at: datetime | None,
    staff_id: UUID,
    role: Role,
    until: date | None = None,
    reason: str = "",
) -> RoleGrant:
    """Give a person a role from today until ``until`` (inclusive).

    Raises Forbidden, ProofNeeded, NotFound, RoleNotGrantable, RoleHeld, EndsBeforeToday, BothDuties.
    """
    actor.require(PeopleAction.GRANT)
    require_proof(proved_at)
    if role not in GRANTABLE:
        raise RoleNotGrantable(field="role", role=role.label)
    staff = person(staff_id)
    if until is not None and until < today():
        raise EndsBeforeToday(field="until")
    lock_staff(staff)
    _end_expired(staff, role)
    if staff.grants.filter(role=role, revoked_at=None).exists():
        raise RoleHeld(name=staff.name, role=role.label)
    grant = RoleGrant.objects.create(
        staff=staff,
        role=role.value,
        valid_from=today(),
        valid_until=until,
        granted_at=clock.now(),
        granted_by=actor.name,
        reason=reason,
    )
    refuse_both_duties(staff, (role,))
    details = {"role": role.value, "until": until.isoformat() if until else None}
    append(actor=actor, action=PeopleAction.GRANT, subject=staff_ref(staff), details=details, reason=reason)
    return grant


def _end_expired(staff: Staff, role: Role) -> None:
    """A grant that ran out makes room for a new one; its row stays."""
    staff.grants.filter(role=role, revoked_at=None, valid_until__lt=today()).update(revoked_at=clock.now())


@transaction.atomic
def revoke_role(*, actor: Actor, staff_id: UUID, grant_id: UUID, reason: str = "") -> RoleGrant:
    """Take a role back, at once. Raises Forbidden, NotFound, Conflict, LastOperator."""
    actor.require(PeopleAction.REVOKE)
    staff = person(staff_id)
    lock_operators()
    grant = staff.grants.filter(pk=grant_id).first()
    if grant is None:
        raise NotFound
    if grant.revoked_at is not None:
        raise Conflict
    if grant.role == Role.SYSTEM_OPERATOR:
        keep_an_operator(staff)
    grant.revoked_at = clock.now()
    grant.save(update_fields=["revoked_at"])
    details = {"role": grant.role}
    append(actor=actor, action=PeopleAction.REVOKE, subject=staff_ref(staff), details=details, reason=reason)
    return grant


@transaction.atomic
def disable_account(*, actor: Actor, user_id: UUID, reason: str = "") -> User:
    """Stop an account, end its sessions and withdraw its open links.

    Raises Forbidden, NotFound, Conflict, LastOperator.
    """
    actor.require(PeopleAction.DISABLE)
    lock_operators()
    user = _account(user_id)
    if not user.is_active:
        raise Conflict
    keep_an_operator(user.staff)
    user.staff.links.filter(used_at=None, revoked_at=None).update(revoked_at=clock.now())
    return _set_active(actor, user, active=False, reason=reason)


@transaction.atomic
def enable_account(*, actor: Actor, user_id: UUID, reason: str = "") -> User:
    """Let a stopped account sign in again. Raises Forbidden, NotFound, Conflict."""
    actor.require(PeopleAction.ENABLE)
    user = _account(user_id)
    if user.is_active:
        raise Conflict
    return _set_active(actor, user, active=True, reason=reason)


def _account(user_id: UUID) -> User:
    user = User.objects.select_related("staff").select_for_update(of=("self",)).filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user


def _set_active(actor: Actor, user: User, *, active: bool, reason: str) -> User:
    user.is_active = active
    user.revision += 1
    user.save(update_fields=["is_active", "revision"])
    action = PeopleAction.ENABLE if active else PeopleAction.DISABLE
    append(actor=actor, action=action, subject=account_ref(user), reason=reason)
    return user
