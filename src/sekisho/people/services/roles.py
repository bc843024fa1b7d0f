"""Granting and taking back roles, disabling and enabling accounts. The last operator can't be lost."""

from datetime import date
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.people.actions import PeopleAction
from sekisho.people.errors import EndsBeforeToday, LastOperator, RoleHeld
from sekisho.people.models import RoleGrant, Staff, User
from sekisho.people.queries import person, today, working_operators
from sekisho.people.services.sign_in import account_ref
from sekisho.people.services.staff import staff_ref
from sekisho.register.services import append


@transaction.atomic
def grant_role(*, actor: Actor, staff_id: UUID, role: Role, until: date | None = None, reason: str = "") -> RoleGrant:
    """Give a person a role from today until ``until`` (inclusive).

    Raises Forbidden, NotFound, RoleHeld, EndsBeforeToday.
    """
    actor.require(PeopleAction.GRANT)
    staff = person(staff_id)
    if until is not None and until < today():
        raise EndsBeforeToday(field="until")
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
    _lock_operators()
    grant = staff.grants.filter(pk=grant_id).first()
    if grant is None:
        raise NotFound
    if grant.revoked_at is not None:
        raise Conflict
    if grant.role == Role.SYSTEM_OPERATOR:
        _keep_an_operator(staff)
    grant.revoked_at = clock.now()
    grant.save(update_fields=["revoked_at"])
    details = {"role": grant.role}
    append(actor=actor, action=PeopleAction.REVOKE, subject=staff_ref(staff), details=details, reason=reason)
    return grant


@transaction.atomic
def disable_account(*, actor: Actor, user_id: UUID, reason: str = "") -> User:
    """Stop an account and end its sessions. Raises Forbidden, NotFound, Conflict, LastOperator."""
    actor.require(PeopleAction.DISABLE)
    _lock_operators()
    user = _account(user_id)
    if not user.is_active:
        raise Conflict
    _keep_an_operator(user.staff)
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


def _lock_operators() -> None:
    """Two operators who remove each other at the same time must queue, or both could succeed."""
    list(RoleGrant.objects.select_for_update().filter(role=Role.SYSTEM_OPERATOR, revoked_at=None).order_by("pk"))


def _keep_an_operator(staff: Staff) -> None:
    operators = working_operators()
    if operators.filter(staff=staff).exists() and not operators.exclude(staff=staff).exists():
        raise LastOperator(name=staff.name)
