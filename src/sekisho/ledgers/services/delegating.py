"""Letting somebody stand in for one's approvals, and ending that."""

from datetime import date
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import in_facility
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.kernel.text import Text, _
from sekisho.kernel.wording import require_visible, says_something
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.errors import CommentMissing, DelegationRefused
from sekisho.ledgers.models import Delegation
from sekisho.ledgers.queries.delegations import get_delegation, possible_receivers
from sekisho.ledgers.rules.delegations import why_refused
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

LONGEST_REASON = 500
_NOBODY = _("Choose somebody who may approve and can sign in, other than yourself.")
_TOO_LONG = _("The reason is too long.")


@transaction.atomic
def delegate(*, actor: Actor, receiver_id: str, starts_on: date, ends_on: date, reason: str) -> Delegation:
    """Let the person of an account decide for the actor from one day to another, both included.

    Raises Forbidden, DelegationRefused, CommentMissing, InvisibleCharacters.
    """
    actor.require(LedgersAction.DELEGATE)
    require_visible(reason)
    if not says_something(reason):
        raise CommentMissing(field="reason")
    receivers = possible_receivers(actor)
    refusal = why_refused(starts_on, ends_on, in_facility(clock.now()).date())
    if len(reason) > LONGEST_REASON:
        raise _refused("reason", _TOO_LONG)
    if receiver_id not in receivers:
        raise _refused("receiver_id", _NOBODY)
    if refusal is not None:
        raise _refused("ends_on", refusal)
    made = Delegation.objects.create(
        giver_id=actor.id,
        giver_name=actor.name,
        receiver_id=receiver_id,
        receiver_name=receivers[receiver_id],
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason.strip(),
        made_at=clock.now(),
    )
    _record(actor, LedgersAction.DELEGATE, made, made.reason)
    return made


def _refused(field: str, reason: Text) -> DelegationRefused:
    return DelegationRefused(field=field, reason=reason)


@transaction.atomic
def end_delegation(*, actor: Actor, delegation_id: UUID) -> Delegation:
    """End a delegation before its time; who gave it and who was given it may. Raises Forbidden, NotFound, Conflict."""
    actor.require(LedgersAction.END_DELEGATION)
    found = Delegation.objects.select_for_update().filter(pk=get_delegation(actor, delegation_id).pk).first()
    if found is None:
        raise NotFound
    if found.ended_at is not None:
        raise Conflict
    found.ended_at, found.ended_by_name = clock.now(), actor.name
    found.save(update_fields=["ended_at", "ended_by_name"])
    _record(actor, LedgersAction.END_DELEGATION, found, "")
    return found


def _record(by: Actor, action: LedgersAction, delegation: Delegation, reason: str) -> None:
    details: dict[str, Json] = {
        "giver": delegation.giver_name,
        "receiver": delegation.receiver_name,
        "from": delegation.starts_on.isoformat(),
        "until": delegation.ends_on.isoformat(),
    }
    subject = SubjectRef("delegation", str(delegation.pk), str(delegation))
    append(actor=by, action=action, subject=subject, reason=reason, details=details)
