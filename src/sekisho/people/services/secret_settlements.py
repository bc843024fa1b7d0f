"""Saying that something that was found is no plain-text secret: alone for a short time, by two people for longer."""

from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import NotFound
from sekisho.people.actions import PlaintextSecretAction
from sekisho.people.errors.plaintext_secrets import FindingGone, SecondPersonWanted, SettlementOver
from sekisho.people.models import SecretSettlement
from sekisho.people.queries import plaintext_secrets as queries
from sekisho.people.queries.id_review import system as open_system
from sekisho.people.rules.plaintext_secrets import ALONE_FOR, CONFIRMED_FOR
from sekisho.people.services.id_review import system_ref
from sekisho.people.services.plaintext_secrets import require_reason
from sekisho.register.services import append


@transaction.atomic
def settle_finding(*, actor: Actor, system_id: UUID, fingerprint: str, reason: str) -> SecretSettlement:
    """Say that a finding is a false alarm; alone, that counts for ``ALONE_FOR``, and only once.

    Whoever says it again, after it ran out, was taken back or while it counts, waits for a second person. Raises
    Forbidden, NotFound, ReasonWanted, FindingGone.
    """
    actor.require(PlaintextSecretAction.SETTLE)
    system = open_system(system_id)
    require_reason(reason)
    try:
        found = queries.finding(system_id, fingerprint)
    except NotFound as error:
        raise FindingGone from error
    now, seen = clock.now(), found.sighting
    earlier = SecretSettlement.objects.filter(system_id=system_id, fingerprint=fingerprint)
    until = now if earlier.exists() else now + ALONE_FOR
    earlier.filter(ended_at=None).update(ended_at=now)
    row = SecretSettlement(
        system_id=system_id,
        fingerprint=fingerprint,
        file=seen.file,
        line=seen.line,
        rule=seen.rule[:100],
        reason=reason.strip(),
        settled_at=now,
        settled_by=actor.id,
        settled_by_name=actor.name,
        until=until,
    )
    row.save(force_insert=True)
    details: dict[str, Json] = {**seen.document(), "until": row.until.isoformat()}
    subject = system_ref(system_id, system.label)
    append(actor=actor, action=PlaintextSecretAction.SETTLE, subject=subject, details=details, reason=row.reason)
    return row


def _counting(settlement_id: UUID) -> SecretSettlement:
    rows = SecretSettlement.objects.select_for_update().filter(pk=settlement_id, ended_at=None)
    row = rows.first()
    if row is None or not (row.waits or row.until >= clock.now()):
        raise SettlementOver
    return row


def _found(row: SecretSettlement) -> queries.Finding:
    try:
        return queries.finding(row.system_id, row.fingerprint)
    except NotFound as error:
        raise FindingGone from error


@transaction.atomic
def confirm_settlement(*, actor: Actor, settlement_id: UUID) -> SecretSettlement:
    """Confirm as a second person that a finding is a false alarm, which then counts for ``CONFIRMED_FOR``.

    Where only its place is known, and not its value, another value may come there: then for ``ALONE_FOR``. Raises
    Forbidden, SettlementOver, SecondPersonWanted, FindingGone.
    """
    actor.require(PlaintextSecretAction.CONFIRM)
    row = _counting(settlement_id)
    if row.confirmed_at is not None:
        raise SettlementOver
    if queries.same_person(actor.id, row.settled_by):
        raise SecondPersonWanted
    row.confirmed_at, row.confirmed_by_name = clock.now(), actor.name
    row.until = row.confirmed_at + (CONFIRMED_FOR if _found(row).sighting.by_value else ALONE_FOR)
    row.save(update_fields=["confirmed_at", "confirmed_by_name", "until"])
    _tell_of(actor, PlaintextSecretAction.CONFIRM, row)
    return row


@transaction.atomic
def reopen_finding(*, actor: Actor, settlement_id: UUID) -> SecretSettlement:
    """Take back that a finding is a false alarm: it counts again. Raises Forbidden, SettlementOver."""
    actor.require(PlaintextSecretAction.REOPEN)
    row = _counting(settlement_id)
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    _tell_of(actor, PlaintextSecretAction.REOPEN, row)
    return row


def _tell_of(actor: Actor, action: PlaintextSecretAction, row: SecretSettlement) -> None:
    details: dict[str, Json] = {
        "file": row.file,
        "line": row.line,
        "rule": row.rule,
        "fingerprint": row.fingerprint,
        "until": row.until.isoformat(),
        "settled_by": row.settled_by_name,
    }
    subject = system_ref(row.system_id, open_system(row.system_id).label)
    append(actor=actor, action=action, subject=subject, details=details)
