"""Keeping emergency accounts: making a sealed credential, looking at its envelope, returning to normal, reviewing."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.access import GRANTABLE, Role
from sekisho.kernel.actor import Actor
from sekisho.people.actions import EmergencyAction
from sekisho.people.errors.emergency import EmergencyActs, OwnUse, SealStands
from sekisho.people.errors.staff import RoleNotGrantable
from sekisho.people.models import AccountKind, EmergencySeal, SealCheck, Session, User
from sekisho.people.queries import account
from sekisho.people.queries.emergency import (
    SEPARATOR,
    every_seal,
    find_seal,
    is_emergency,
    seal_state,
    successor_of,
    uses_of,
)
from sekisho.people.rules.emergency import (
    ALPHABET,
    GROUP,
    GROUPS,
    OPENED,
    WAITING,
    SealState,
    is_somebody_else,
    written,
)
from sekisho.people.services.proof import require_proof
from sekisho.people.services.staff import PersonData, add_staff
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append


@dataclass(frozen=True, slots=True)
class SealPlan:
    """What an envelope is to be: where it lies, which roles it opens, for how many hours, checked how often (days)."""

    place: str
    roles: frozenset[Role]
    hours: int = 8
    check_days: int = 31
    replaces: UUID | None = None


def seal_ref(seal: EmergencySeal) -> SubjectRef:
    """Return how the register names a sealed credential."""
    return SubjectRef("emergency_account", str(seal.pk), seal.number)


@transaction.atomic
def make_seal(*, actor: Actor, proved_at: datetime | None, plan: SealPlan) -> tuple[EmergencySeal, str]:
    """Make a sealed credential; return it with its secret, which is nowhere else and never shown again.

    Raises Forbidden, EmergencyActs, ProofNeeded, RoleNotGrantable, SealStands, NotFound.
    """
    actor.require(EmergencyAction.MAKE)
    refuse_emergency(actor.id)
    require_proof(proved_at)
    if not plan.roles <= set(GRANTABLE) or not plan.roles:
        raise RoleNotGrantable(field="roles", role=", ".join(str(role.label) for role in plan.roles))
    before = find_seal(plan.replaces) if plan.replaces else None
    if before is not None and (seal_state(before) in {*WAITING, *OPENED} or successor_of(before) is not None):
        raise SealStands(number=before.number)
    secret = written("".join(secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP)))
    seal = store_seal(plan, secret, actor.name, before)
    append(
        actor=actor,
        action=EmergencyAction.MAKE,
        subject=seal_ref(seal),
        details={
            "place": seal.place,
            "roles": seal.roles,
            "hours": seal.hours,
            "replaces": before.number if before else None,
        },
    )
    return seal, secret


def store_seal(plan: SealPlan, secret: str, made_by: str, before: EmergencySeal | None = None) -> EmergencySeal:
    """Store a credential with its account inside the caller's transaction. The account has no password of its own."""
    moment, number = clock.now(), f"EA-{len(every_seal()) + 1:03}"
    user = User(
        staff=add_staff(PersonData(name=number)),
        login=number.lower(),
        kind=AccountKind.EMERGENCY,
        created_at=moment,
    )
    user.set_unusable_password()
    user.save()
    return EmergencySeal.objects.create(
        number=number,
        user=user,
        secret_hash=make_password(secret),
        place=plan.place,
        roles=SEPARATOR.join(role.value for role in Role if role in plan.roles),
        hours=plan.hours,
        check_days=plan.check_days,
        made_at=moment,
        made_by=made_by,
        replaces=before,
    )


@transaction.atomic
def check_seal(*, actor: Actor, seal_id: UUID, is_intact: bool, note: str = "") -> EmergencySeal:
    """State that the envelope lies in its place, intact; one that is not is withdrawn at once.

    Raises Forbidden, EmergencyActs, NotFound, SealStands.
    """
    actor.require(EmergencyAction.CHECK)
    refuse_emergency(actor.id)
    seal = _locked(seal_id)
    _require_state(seal, WAITING)
    SealCheck.objects.create(seal=seal, checked_at=clock.now(), checked_by=actor.name, is_intact=is_intact, note=note)
    seal.checked_at = clock.now()
    if not is_intact:
        seal.withdrawn_at, seal.withdrawn_reason = clock.now(), note
    seal.save(update_fields=["checked_at", "withdrawn_at", "withdrawn_reason"])
    append(
        actor=actor,
        action=EmergencyAction.CHECK,
        subject=seal_ref(seal),
        details={"intact": is_intact},
        reason=note,
    )
    return seal


@transaction.atomic
def withdraw_seal(*, actor: Actor, seal_id: UUID, reason: str) -> EmergencySeal:
    """Make a credential that was never used void, for example when its envelope is lost.

    Raises Forbidden, NotFound, SealStands.
    """
    actor.require(EmergencyAction.WITHDRAW)
    seal = _locked(seal_id)
    _require_state(seal, WAITING)
    seal.withdrawn_at, seal.withdrawn_reason = clock.now(), reason
    seal.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    append(actor=actor, action=EmergencyAction.WITHDRAW, subject=seal_ref(seal), reason=reason)
    return seal


@transaction.atomic
def return_to_normal(*, actor: Actor, seal_id: UUID, reason: str) -> EmergencySeal:
    """End the use of a credential for good: its sessions end now, its secret never opens anything again.

    Raises Forbidden, NotFound, SealStands.
    """
    actor.require(EmergencyAction.RETURN)
    seal = _locked(seal_id)
    _require_state(seal, OPENED)
    ended = close_seal(seal, actor.name, reason)
    append(
        actor=actor, action=EmergencyAction.RETURN, subject=seal_ref(seal), details={"sessions": ended}, reason=reason
    )
    return seal


def close_seal(seal: EmergencySeal, by: str, note: str) -> int:
    """Void a used credential inside the caller's transaction; return how many sessions ended."""
    seal.returned_at, seal.returned_by, seal.return_note = clock.now(), by, note
    seal.save(update_fields=["returned_at", "returned_by", "return_note"])
    user = seal.user
    user.is_active = False
    user.revision += 1
    user.save(update_fields=["is_active", "revision"])
    return Session.objects.filter(user=user).delete()[0]


@transaction.atomic
def review_use(*, actor: Actor, seal_id: UUID, was_justified: bool, result: str) -> EmergencySeal:
    """Write down what was found about a use that has ended. Not by whoever used it, and not in an emergency session.

    Raises Forbidden, EmergencyActs, NotFound, SealStands, OwnUse.
    """
    actor.require(EmergencyAction.REVIEW)
    refuse_emergency(actor.id)
    seal = _locked(seal_id)
    _require_state(seal, {SealState.TO_REVIEW})
    if not is_somebody_else(_users(seal), _reviewer(actor)):
        raise OwnUse
    seal.reviewed_at, seal.reviewed_by = clock.now(), actor.name
    seal.was_justified, seal.review_result = was_justified, result
    seal.save(update_fields=["reviewed_at", "reviewed_by", "was_justified", "review_result"])
    append(
        actor=actor,
        action=EmergencyAction.REVIEW,
        subject=seal_ref(seal),
        details={"justified": was_justified},
        reason=result,
    )
    return seal


def _users(seal: EmergencySeal) -> Iterable[tuple[str | None, str]]:
    return [(str(use.staff_id) if use.staff_id else None, use.name) for use in uses_of(seal)]


def _reviewer(actor: Actor) -> tuple[str, str]:
    user = account(actor.id)
    return str(user.staff_id) if user else "", actor.name


def refuse_emergency(account_id: str) -> None:
    """Raise EmergencyActs for a session of an emergency account: it makes, confirms and reviews none."""
    user = account(account_id)
    if user is not None and is_emergency(user):
        raise EmergencyActs


def _locked(seal_id: UUID) -> EmergencySeal:
    find_seal(seal_id)
    return EmergencySeal.objects.select_related("user").select_for_update(of=("self",)).get(pk=seal_id)


def _require_state(seal: EmergencySeal, wanted: Iterable[SealState]) -> None:
    if seal_state(seal) not in set(wanted):
        raise SealStands(number=seal.number)


def time_limit(seal: EmergencySeal) -> timedelta:
    """Return how long a use may last."""
    return timedelta(hours=seal.hours)
