"""Issuing a second factor for a day (14③): by a second person, with an end, and recorded."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import NotFound
from sekisho.people.actions import PeopleAction, TemporaryFactorAction
from sekisho.people.errors.accounts import TooLong
from sekisho.people.errors.sign_in import AccountStopped, OwnFactor
from sekisho.people.models import AccountKind, TemporaryFactor, User
from sekisho.people.queries import account, may_sign_in
from sekisho.people.services.emergency import refuse_emergency
from sekisho.people.services.proof import require_proof
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

LONGEST = timedelta(hours=24)
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why a factor is issued, how it was made sure who the person is, and for how many hours."""

    reason: str
    proof: str
    hours: int


@transaction.atomic
def issue_factor(
    *, actor: Actor, proved_at: datetime | None, user_id: UUID, grounds: Grounds
) -> tuple[TemporaryFactor, str]:
    """Give somebody else a code that stands in for their second factor; return it, it is never shown again.

    An earlier one ends. Raises Forbidden, EmergencyActs, ProofNeeded, NotFound, OwnFactor, AccountStopped, TooLong.
    """
    actor.require(TemporaryFactorAction.ISSUE)
    refuse_emergency(actor.id)
    require_proof(proved_at)
    user = somebody_else(actor.id, user_id)
    if not may_sign_in(user) or user.kind == AccountKind.EMERGENCY:
        raise AccountStopped(name=user.staff.name)
    if not timedelta(0) < timedelta(hours=grounds.hours) <= LONGEST:
        raise TooLong(field="hours")
    end_factors(user)
    code, moment = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}", clock.now()
    factor = TemporaryFactor.objects.create(
        user=user,
        code_hash=make_password(code),
        reason=grounds.reason,
        proof=grounds.proof,
        issued_at=moment,
        issued_by=actor.name,
        expires_at=moment + timedelta(hours=grounds.hours),
    )
    append(
        actor=actor,
        action=TemporaryFactorAction.ISSUE,
        subject=_ref(user),
        reason=grounds.reason,
        details={"proof": grounds.proof, "until": factor.expires_at.isoformat()},
    )
    return factor, code


@transaction.atomic
def withdraw_factor(*, actor: Actor, user_id: UUID) -> None:
    """End somebody's temporary factor now, with the sessions of the account. Raises Forbidden, NotFound."""
    actor.require(TemporaryFactorAction.WITHDRAW)
    user = _user(user_id)
    if not end_factors(user):
        raise NotFound
    user.revision += 1
    user.save(update_fields=["revision"])
    append(actor=actor, action=TemporaryFactorAction.WITHDRAW, subject=_ref(user))


def use_temporary_code(*, actor: Actor, user: User, code: str) -> bool:
    """Tell whether ``code`` is the account's temporary factor now, and record its use. The caller counts attempts."""
    actor.require(PeopleAction.SIGN_IN)
    moment = clock.now()
    factor = user.temporary_factors.filter(withdrawn_at=None, expires_at__gt=moment).first()
    if factor is None or not check_password(code.strip(), factor.code_hash):
        return False
    with transaction.atomic():
        TemporaryFactor.objects.filter(pk=factor.pk).update(used_at=moment)
        append(actor=actor, action=TemporaryFactorAction.USE, subject=_ref(user))
    return True


def somebody_else(account_id: str, user_id: UUID) -> User:
    """Return the account ``user_id``, locked, unless it belongs to the owner of ``account_id``.

    Raises NotFound, OwnFactor.
    """
    user, own = _user(user_id), account(account_id)
    if str(user.pk) == account_id or (own is not None and own.staff_id == user.staff_id):
        raise OwnFactor
    return user


def _user(user_id: UUID) -> User:
    user = User.objects.select_related("staff").select_for_update(of=("self",)).filter(pk=user_id).first()
    if user is None:
        raise NotFound
    return user


def end_factors(user: User) -> int:
    """End the temporary factor of an account inside the caller's transaction; return how many there were."""
    moment = clock.now()
    return user.temporary_factors.filter(withdrawn_at=None, expires_at__gt=moment).update(withdrawn_at=moment)


def _ref(user: User) -> SubjectRef:
    return SubjectRef("account", str(user.pk), user.login)
