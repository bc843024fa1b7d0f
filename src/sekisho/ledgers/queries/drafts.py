"""Drafts of applications: each for its author alone."""

from uuid import UUID

from django.db.models import QuerySet

from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import NotFound
from sekisho.ledgers.models import ApplicationDraft


def drafts_of(actor: Actor) -> "QuerySet[ApplicationDraft]":
    """Return what the actor has begun to write, the newest first."""
    return ApplicationDraft.objects.filter(account=actor.id).order_by("-changed_at", "-id")


def get_draft(actor: Actor, draft_id: UUID) -> ApplicationDraft:
    """Return a draft of the actor's own. Raises NotFound, for those of others too."""
    found = drafts_of(actor).filter(pk=draft_id).first()
    if found is None:
        raise NotFound
    return found
