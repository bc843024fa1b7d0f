"""Drafts of applications: kept, thrown away, forgotten. What is typed there is nobody's business: no event says it."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.wording import require_visible
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.errors import ContentTooLong, TooManyDrafts
from sekisho.ledgers.models import ApplicationDraft
from sekisho.ledgers.services.applications import LONGEST_CONTENT
from sekisho.register.services import append

MOST_DRAFTS = 50
KEPT_FOR = timedelta(days=180)
Fields = Mapping[str, Sequence[str]]


@transaction.atomic
def keep_application_draft(
    *, actor: Actor, workflow: str, address: str, title: str, fields: Fields, draft_id: UUID | None = None
) -> UUID:
    """Keep what was typed into a form so far, over the draft it was opened from while that is there.

    Raises Forbidden, InvisibleCharacters, ContentTooLong, TooManyDrafts.
    """
    actor.require(LedgersAction.KEEP_DRAFT)
    require_visible(title, *(value for values in fields.values() for value in values))
    if len(address) > 1000 or len(json.dumps(fields, ensure_ascii=False).encode()) > LONGEST_CONTENT:
        raise ContentTooLong
    mine = ApplicationDraft.objects.filter(account=actor.id)
    draft = mine.select_for_update().filter(pk=draft_id, address=address).first() if draft_id else None
    if draft is None:
        if mine.count() >= MOST_DRAFTS:
            raise TooManyDrafts(most=MOST_DRAFTS)
        draft = ApplicationDraft(account=actor.id, workflow=workflow, address=address)
    draft.title, draft.changed_at = title[:300], clock.now()
    draft.fields = {name: list(values) for name, values in fields.items()}
    draft.save()
    return draft.pk


def drop_application_draft(*, actor: Actor, draft_id: UUID) -> bool:
    """Throw a draft of one's own away, and tell whether it was there. Raises Forbidden."""
    actor.require(LedgersAction.KEEP_DRAFT)
    gone, _tables = ApplicationDraft.objects.filter(pk=draft_id, account=actor.id).delete()
    return bool(gone)


@transaction.atomic
def forget_drafts(*, actor: Actor) -> int:
    """Throw away what nobody has touched for half a year, and return how many there were. Raises Forbidden."""
    actor.require(LedgersAction.FORGET_DRAFTS)
    number, _tables = ApplicationDraft.objects.filter(changed_at__lt=clock.now() - KEPT_FOR).delete()
    if number:
        append(actor=actor, action=LedgersAction.FORGET_DRAFTS, details={"drafts": number})
    return number
