"""Signing in with a sealed emergency credential: one secret, a name, a reason. No mail and no network is needed."""

from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.people.actions import EmergencyAction
from sekisho.people.errors.emergency import SealRefused, SealVoid
from sekisho.people.models import EmergencySeal, EmergencyUse, Staff, User
from sekisho.people.queries import actor_of
from sekisho.people.queries.emergency import declared_emergency, facts_of
from sekisho.people.rules.emergency import as_typed, may_open
from sekisho.people.rules.softlocks import LOGIN_SOFTLOCK, NETWORK_SOFTLOCK, PASSWORD_SOFTLOCK
from sekisho.people.services.emergency import seal_ref, time_limit
from sekisho.people.services.softlocks import charge_attempt, clear, login_key, network_key, password_key, refund
from sekisho.register.rules import EventOutcome
from sekisho.register.services import append

AAL1 = 1


@dataclass(frozen=True, slots=True)
class Opening:
    """What somebody who opens an envelope enters; ``session`` is the public id of the session that begins."""

    number: str
    secret: str
    name: str
    reason: str
    session: UUID


def open_seal(*, actor: Actor, opening: Opening) -> tuple[User, Actor]:
    """Begin, or go on with, the use of a credential; return the account and the actor of the session.

    An unknown number costs the same time as a known one. Raises SealRefused, SealVoid, HeldBack; all are recorded.
    """
    actor.require(EmergencyAction.USE)
    number = opening.number.strip().upper()
    everywhere, here = login_key(f"emergency:{number}"), password_key(f"emergency:{number}", actor.network)
    charge_attempt(actor=actor, key=network_key(actor.network), policy=NETWORK_SOFTLOCK)
    charge_attempt(actor=actor, key=here, policy=PASSWORD_SOFTLOCK)
    charge_attempt(actor=actor, key=everywhere, policy=LOGIN_SOFTLOCK)
    seal = EmergencySeal.objects.filter(number=number).first()
    right = check_password(as_typed(opening.secret), seal.secret_hash if seal else _dummy_hash())
    if seal is None or not right:
        _record_failure(actor, seal)
        raise SealRefused
    clear(here)
    refund(everywhere, 1)
    refund(network_key(actor.network), 1)
    found = _open(actor, seal.pk, opening)
    if found is None:
        raise SealVoid(number=seal.number)
    return found


@cache
def _dummy_hash() -> str:
    return make_password("no envelope holds this")


@transaction.atomic
def _record_failure(actor: Actor, seal: EmergencySeal | None) -> None:
    append(
        actor=actor,
        action=EmergencyAction.USE,
        subject=seal_ref(seal) if seal else None,
        outcome=EventOutcome.FAILURE,
    )


@transaction.atomic
def _open(actor: Actor, seal_id: UUID, opening: Opening) -> tuple[User, Actor] | None:
    """Store the use, or that the right secret came when it opens nothing any more; then return None."""
    seal = EmergencySeal.objects.select_related("user__staff").select_for_update(of=("self",)).get(pk=seal_id)
    if not may_open(facts_of(seal), clock.now()):
        _record_late(actor, seal)
        return None
    use = store_use(seal, opening, actor.network)
    begun = actor_of(seal.user, session=str(use.session), network=actor.network, assurance=AAL1)
    append(
        actor=begun,
        action=EmergencyAction.USE,
        subject=seal_ref(seal),
        reason=use.reason,
        details={
            "name": use.name,
            "known": use.staff_id is not None,
            "declared": use.declared,
            "limit": seal.limit_at.isoformat() if seal.limit_at else None,
            "roles": seal.roles,
        },
    )
    return seal.user, begun


def store_use(seal: EmergencySeal, opening: Opening, network: str | None) -> EmergencyUse:
    """Store one sign-in inside the caller's transaction; the first one sets the time limit."""
    moment = clock.now()
    if seal.opened_at is None:
        seal.opened_at, seal.limit_at = moment, moment + time_limit(seal)
        seal.save(update_fields=["opened_at", "limit_at"])
    return EmergencyUse.objects.create(
        seal=seal,
        session=opening.session,
        name=opening.name,
        staff=_matching(opening.name),
        reason=opening.reason,
        declared=declared_emergency(),
        network=network or "",
        started_at=moment,
    )


def _matching(name: str) -> Staff | None:
    """Return the one person whose staff number or whole name was written."""
    by_number = Staff.objects.filter(staff_number=name)
    found = list(by_number[:2]) or list(Staff.objects.filter(name=name)[:2])
    return found[0] if len(found) == 1 else None


def _record_late(actor: Actor, seal: EmergencySeal) -> None:
    seal.late_at = clock.now()
    seal.save(update_fields=["late_at"])
    append(
        actor=actor,
        action=EmergencyAction.USE,
        subject=seal_ref(seal),
        outcome=EventOutcome.DENIED,
        details={"code": SealVoid.code},
    )
