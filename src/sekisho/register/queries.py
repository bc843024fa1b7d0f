"""Every read of the register that pages and other apps need."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from sekisho.kernel.search import search_words
from sekisho.register.models import Event

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Search:
    """What the reader looks for; empty fields do not narrow."""

    text: str = ""
    action: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event for reading: its document as logged, and its place in the log, None while it waits."""

    log_index: int | None
    occurred_at: datetime
    document: dict[str, Any]


def events(search: Search, page: int) -> tuple[Sequence[StoredEvent], "Page[Event]"]:
    """Return the events on one page of those that match, newest first, and the page."""
    found = Paginator(_matching(search), PAGE_SIZE).get_page(page)
    return [_stored(event) for event in found.object_list], found


def history(subject_kind: str, subject_id: str, limit: int = 50) -> Sequence[StoredEvent]:
    """Return the newest events about one subject."""
    rows = Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    return [_stored(event) for event in rows.order_by("-occurred_at", "-source_seq")[:limit]]


def latest(limit: int) -> Sequence[StoredEvent]:
    """Return the newest events of all."""
    return [_stored(event) for event in Event.objects.order_by("-occurred_at", "-source_seq")[:limit]]


def _matching(search: Search) -> "QuerySet[Event]":
    rows = Event.objects.order_by("-occurred_at", "-source_seq")
    for word in search_words(search.text):
        rows = rows.filter(search_key__contains=word)
    if search.action:
        rows = rows.filter(action=search.action)
    if search.outcome:
        rows = rows.filter(outcome=search.outcome)
    if search.since:
        rows = rows.filter(occurred_at__gte=search.since)
    if search.until:
        rows = rows.filter(occurred_at__lt=search.until)
    return rows


def _stored(event: Event) -> StoredEvent:
    return StoredEvent(event.log_index, event.occurred_at, json.loads(event.entry))
