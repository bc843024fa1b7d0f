"""Events of hot writers have no rows: pages and controls find them in the index, and beyond it at the log's end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from sekisho.estate.actions import EstateAction
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.register.errors import IndexAway
from sekisho.register.exports.archive import Format
from sekisho.register.index.store import FILE
from sekisho.register.models import Event
from sekisho.register.queries import Search, all_events, events, latest_of_people, newest, searching
from sekisho.register.queries.newest import about, count_after, recorded_between
from sekisho.register.queries.newest import newest as newest_of
from sekisho.register.rules import SubjectRef, timestamp
from sekisho.register.services import append, integrate
from sekisho.register.services.exporting import export_events
from sekisho.register.services.indexing import follow_log
from tests.register.test_sequencing import entry, spool

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
BEGIN = datetime(2026, 11, 21, tzinfo=UTC)
ABOUT = about("log_source", "s-1")


def arrive(folder: Any, numbers: range) -> None:
    """Merge events of a source, one a minute, with one of the platform's own between every two of them."""
    for number in numbers:
        at = BEGIN + timedelta(minutes=number)
        subject = {"kind": "log_source", "id": "s-1", "label": ""}
        spooled = entry(number, occurred_at=timestamp(at), subject=subject, action="imported.read")
        spool(folder, {number: [(number, spooled)], number + 1: []})
        with transaction.atomic():
            append(
                actor=platform("test"),
                action=EstateAction.CHANGE,
                subject=SubjectRef("log_source", "s-1", ""),
                occurred_at=at + timedelta(seconds=30),
            )
        integrate()


def minutes(found: Any) -> list[float]:
    return [(event.occurred_at - BEGIN) / timedelta(minutes=1) for event in found]


@pytest.mark.parametrize("indexed", [0, 3, 6])
def test_the_newest_are_found_wherever_they_lie(settings: Any, indexed: int) -> None:
    arrive(settings.INBOX_FOLDER, range(1, indexed + 1))
    follow_log()
    arrive(settings.INBOX_FOLDER, range(indexed + 1, 7))
    assert not Event.objects.exclude(source="outbox").exists()
    assert minutes(newest_of(ABOUT, 5)) == [6.5, 6, 5.5, 5, 4.5]
    assert minutes(newest_of(ABOUT, 2, BEGIN + timedelta(minutes=3))) == [3, 2.5]
    brought = about("log_source", "s-1", ["imported.read", "imported.sign_in"])
    assert minutes(newest_of(brought, 9)) == [6, 5, 4, 3, 2, 1]
    assert minutes(newest_of(about("log_source", "s-2"), 9)) == []
    assert [count_after(one, BEGIN + timedelta(minutes=2)) for one in (ABOUT, brought)] == [9, 4]
    assert minutes(latest_of_people(2)) == [6, 5]  # what the platform does by itself is left out
    assert recorded_between(BEGIN + timedelta(minutes=1, seconds=-1), BEGIN + timedelta(minutes=1, seconds=1))
    assert not recorded_between(BEGIN, BEGIN + timedelta(minutes=1))
    assert not recorded_between(BEGIN + timedelta(minutes=9), BEGIN)
    assert minutes(events(Search(subject="s-1")).events)[:3] == [6.5, 6, 5.5]
    assert len(all_events(Search(action="imported.read"), 9)) == 6


def test_while_the_index_is_made_what_is_not_seen_is_said(
    signed_in: Callable[..., Client], settings: Any, monkeypatch: pytest.MonkeyPatch, operator: Actor
) -> None:
    for module in (searching, newest):
        monkeypatch.setattr(module, "MOST_UNINDEXED", 2)
    arrive(settings.INBOX_FOLDER, range(1, 5))
    client = signed_in(Role.AUDITOR)
    assert minutes(events(Search(action="imported.read")).events) == [4]
    assert events(Search()).unseen > 0
    assert "are not searched yet" in client.get("/register/").content.decode()
    assert minutes(latest_of_people(1)) != []  # the newest are never far
    for ask in (lambda: all_events(Search(), 1), lambda: newest_of(ABOUT, 1), lambda: count_after(ABOUT, BEGIN)):
        with pytest.raises(IndexAway):
            ask()
    with pytest.raises(IndexAway):
        export_events(actor=operator, search=Search(), form=Format.CSV, file=BytesIO())
    while follow_log():
        pass
    assert events(Search()).unseen == 0
    assert "are not searched yet" not in client.get("/register/").content.decode()
    assert minutes(newest_of(ABOUT, 1)) == [4.5]


def test_a_damaged_index_is_not_taken_for_silence(settings: Any) -> None:
    arrive(settings.INBOX_FOLDER, range(1, 3))
    follow_log()
    (settings.REGISTER_INDEX / FILE).write_bytes(b"no database at all" * 1000)
    with pytest.raises(IndexAway):
        newest_of(ABOUT, 1)
    assert minutes(newest_of(ABOUT, 1)) == [2.5]  # it was thrown away, and the log says all
