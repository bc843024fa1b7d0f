"""Every write of the register: appending an event, and giving waiting events their place in the log."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from sekisho.kernel import clock
from sekisho.kernel.access import Action
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.ids import new_id
from sekisho.kernel.wording import require_visible
from sekisho.register.errors import OutsideTransaction
from sekisho.register.models import Body, Event, Head
from sekisho.register.rules import NONCE_BYTES, Entry, EventOutcome, SubjectRef, commit_to, search_key

OUTBOX = "outbox"
LOG = "log"


def append(
    *,
    actor: Actor,
    action: Action,
    subject: SubjectRef | None = None,
    outcome: EventOutcome = EventOutcome.SUCCESS,
    reason: str = "",
    details: Mapping[str, Json] | None = None,
    private: Mapping[str, Json] | None = None,
    patient: str | None = None,
    system: str | None = None,
    occurred_at: datetime | None = None,
) -> str:
    """Write one event in the present transaction and return its id.

    Call it last in a service: it locks the head of the outbox until the transaction ends, which
    makes the source's numbers gapless and, being the last lock taken, cannot deadlock.
    ``private`` is stored apart, so that it can be destroyed; the entry only commits to it.
    Raises OutsideTransaction, NotCanonical, InvisibleCharacters.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction
    require_visible(reason)
    nonce, body = secrets.token_bytes(NONCE_BYTES), canonical_json(private) if private else b""
    recorded_at = clock.now()
    entry = Entry(
        id=str(new_id()),
        occurred_at=occurred_at or recorded_at,
        recorded_at=recorded_at,
        source=OUTBOX,
        source_seq=_next(OUTBOX),
        actor=actor,
        action=str(action),
        subject=subject,
        outcome=outcome,
        reason=reason,
        patient=patient,
        system=system,
        details=details or {},
        commitment=commit_to(nonce, body) if private else None,
    )
    _store(entry)
    if private:
        Body.objects.create(event_id=entry.id, nonce=nonce, body=body)
    return entry.id


def _store(entry: Entry) -> None:
    Event.objects.create(
        id=entry.id,
        source=entry.source,
        source_seq=entry.source_seq,
        occurred_at=entry.occurred_at,
        actor_id=entry.actor.id,
        action=entry.action,
        outcome=entry.outcome,
        subject_kind=entry.subject.kind if entry.subject else "",
        subject_id=entry.subject.id if entry.subject else "",
        patient=entry.patient,
        search_key=search_key(entry),
        entry=entry.canonical().decode(),
    )


def _next(name: str) -> int:
    head = _locked_head(name)
    head.last += 1
    head.save(update_fields=["last"])
    return head.last


def _locked_head(name: str) -> Head:
    heads = Head.objects.select_for_update()
    if head := heads.filter(name=name).first():
        return head
    Head.objects.bulk_create([Head(name=name)], ignore_conflicts=True)
    return heads.get(name=name)


@transaction.atomic
def record_refusal(*, actor: Actor, action: Action, code: str) -> str:
    """Write that ``actor`` was refused ``action`` with error ``code``; the refused transaction is gone by now."""
    return append(actor=actor, action=action, outcome=EventOutcome.DENIED, details={"code": code})


@transaction.atomic
def integrate(*, limit: int = 1000) -> int:
    """Give up to ``limit`` waiting events the next places in the log, exactly once; return how many."""
    queue = Event.objects.filter(log_index=None).order_by("source", "source_seq").only("id")
    if not queue.exists():
        return 0  # an idle platform takes no lock and writes nothing
    head = _locked_head(LOG)
    waiting = list(queue.all()[:limit])
    for place, event in enumerate(waiting, start=head.last):
        event.log_index = place
    Event.objects.bulk_update(waiting, ["log_index"], batch_size=500)
    head.last += len(waiting)
    head.save(update_fields=["last"])
    return len(waiting)
