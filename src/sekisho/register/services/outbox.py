"""Appending an event: in the transaction of the change it records."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from sekisho.kernel import clock
from sekisho.kernel.access import Action
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.ids import new_id
from sekisho.kernel.wording import require_visible
from sekisho.register.errors import OutsideTransaction
from sekisho.register.log.layout import require_size
from sekisho.register.models import Body, Event, Head
from sekisho.register.queries import OUTBOX
from sekisho.register.rules import NONCE_BYTES, Entry, EventOutcome, SubjectRef, commit_to, read_timestamp, search_key


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
    Raises OutsideTransaction, NotCanonical, InvisibleCharacters, EntryTooLarge.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction
    require_visible(reason)
    nonce, body = secrets.token_bytes(NONCE_BYTES), canonical_json(private) if private else b""
    number = _next(OUTBOX)
    recorded_at = clock.now()  # only now: whoever waited for the head must not be dated before who came first
    entry = Entry(
        id=str(new_id()),
        occurred_at=occurred_at or recorded_at,
        recorded_at=recorded_at,
        source=OUTBOX,
        source_seq=number,
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
    event_row(entry.document(), require_size(entry.canonical()), None).save(force_insert=True)
    if private:
        Body.objects.create(event_id=entry.id, nonce=nonce, body=body)
    return entry.id


def event_row(document: Mapping[str, Any], entry: bytes, log_index: int | None) -> Event:
    """Return the row of an entry: its bytes, and what it is found by."""
    subject = document["subject"]
    return Event(
        id=document["id"],
        source=document["source"],
        source_seq=document["source_seq"],
        log_index=log_index,
        occurred_at=read_timestamp(document["occurred_at"]),
        actor_kind=document["actor"]["kind"],
        actor_id=document["actor"]["id"],
        action=document["action"],
        outcome=document["outcome"],
        subject_kind=subject["kind"] if subject else "",
        subject_id=subject["id"] if subject else "",
        patient=document["patient"],
        search_key=search_key(document),
        entry=entry.decode(),
    )


def _next(name: str) -> int:
    head = locked_head(name)
    head.last += 1
    head.save(update_fields=["last"])
    return head.last


def locked_head(name: str) -> Head:
    """Return the head ``name``, made if need be, and locked until the transaction ends."""
    heads = Head.objects.select_for_update()
    if head := heads.filter(name=name).first():
        return head
    Head.objects.bulk_create([Head(name=name)], ignore_conflicts=True)
    return heads.get(name=name)


@transaction.atomic
def record_refusal(*, actor: Actor, action: Action, code: str) -> str:
    """Write that ``actor`` was refused ``action`` with error ``code``; the refused transaction is gone by now."""
    return append(actor=actor, action=action, outcome=EventOutcome.DENIED, details={"code": code})
