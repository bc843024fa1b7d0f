"""Who opened a patient's record, and what was done in a session."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sekisho.estate.actions import EstateAction
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.people.actions import PeopleAction
from sekisho.register.models import Event
from sekisho.register.rules.visits import LONGEST_PAUSE, session_of, visits
from sekisho.register.services import append, integrate
from sekisho.register.services.indexing import follow_log
from tests.register.index_log import BEGIN, document

pytestmark = pytest.mark.usefixtures("english")

PATIENT = "0001234"
SESSION = "01978f6e-3a00-7000-8000-00000000beef"


@pytest.fixture
def opened(db: None, operator: Actor) -> datetime:
    """A session of 40 minutes in which two records were opened, the first one for 10 minutes."""
    begin = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    actor = replace(operator, session=SESSION, network="192.0.2.9", device="PC-7")
    what: list[tuple[int, Any, str | None]] = [
        (0, PeopleAction.SIGN_IN, None),
        (5, EstateAction.CHANGE, PATIENT),
        (15, EstateAction.CHANGE, PATIENT),
        (20, EstateAction.CHANGE, "0009999"),
        (40, PeopleAction.SIGN_OUT, None),
    ]
    with transaction.atomic():
        for minute, action, patient in what:
            append(actor=actor, action=action, patient=patient, occurred_at=begin + timedelta(minutes=minute))
    return begin


@pytest.mark.parametrize("indexed", [False, True])
def test_a_patient_s_history(opened: datetime, signed_in: Callable[..., Client], indexed: bool) -> None:
    if indexed:
        integrate()
        follow_log()
    page = signed_in(Role.AUDITOR).get("/register/patients/", {"patient": PATIENT, "since": "2026/11/01"})
    text = page.content.decode()
    assert "10 minutes" in text
    assert ("192.0.2.9" in text, "PC-7" in text) == (True, True)
    assert f"/register/sessions/{SESSION}/" in text
    assert "2 events" in text
    assert "0009999" not in text
    event = Event.objects.get(action="register.read_patient")
    assert (event.patient, event.outcome) == (PATIENT, "success")


def test_no_patient_asked_for_reads_nothing(opened: datetime, signed_in: Callable[..., Client]) -> None:
    assert "Enter the patient" in signed_in(Role.AUDITOR).get("/register/patients/").content.decode()
    assert not Event.objects.filter(action="register.read_patient").exists()


def test_a_patient_that_nobody_opened(opened: datetime, signed_in: Callable[..., Client]) -> None:
    page = signed_in(Role.AUDITOR).get("/register/patients/", {"patient": "none"}).content.decode()
    assert "No event about this patient is in the register." in page


def test_a_session_from_sign_in_to_sign_out(opened: datetime, signed_in: Callable[..., Client]) -> None:
    text = signed_in(Role.AUDITOR).get(f"/register/sessions/{SESSION}/").content.decode()
    assert "40 minutes" in text
    assert "Not in the register" not in text
    assert (PATIENT in text, "0009999" in text) == (True, True)
    assert Event.objects.filter(action="register.read_session").count() == 1


@pytest.mark.parametrize("indexed", [False, True])
def test_long_histories_and_sessions_are_paged(
    opened: datetime, signed_in: Callable[..., Client], operator: Actor, monkeypatch: pytest.MonkeyPatch, indexed: bool
) -> None:
    """Nothing is left out and nothing comes twice, also of one moment, in the index or not yet in it."""
    actor = replace(operator, session=SESSION, network="192.0.2.9")
    with transaction.atomic():
        for _each in range(7):
            append(actor=actor, action=EstateAction.CHANGE, patient=PATIENT, occurred_at=opened)
    if indexed:
        integrate(limit=9)
        follow_log()
        integrate()
    monkeypatch.setattr("sekisho.register.services.searching.MOST_READ", 2)
    monkeypatch.setattr("sekisho.register.views.history.MOST_READ", 2)
    client = signed_in(Role.AUDITOR)
    history, session = f"/register/patients/?patient={PATIENT}&until=2026/11/20", f"/register/sessions/{SESSION}/"
    assert sum(page.context["count"] for page in pages(client, history)) == 2 + 7
    assert sum(len(page.context["table"]["rows"]) for page in pages(client, session)) == 5 + 7


def pages(client: Client, address: str) -> Iterator[Any]:
    """Turn the pages to the last one."""
    page = client.get(address)
    while page.context["older_url"]:
        assert 'rel="next"' in page.content.decode()
        yield page
        page = client.get(f"{address.partition('?')[0]}{page.context['older_url']}")
    assert "Newest" in page.content.decode()
    yield page


def test_a_session_that_is_not_there(opened: datetime, signed_in: Callable[..., Client]) -> None:
    other = "00000000-0000-7000-8000-000000000000"
    assert signed_in(Role.AUDITOR).get(f"/register/sessions/{other}/").status_code == 404


def test_who_may_not_learns_nothing(opened: datetime, signed_in: Callable[..., Client]) -> None:
    staff = signed_in(Role.STAFF)
    assert staff.get("/register/patients/", {"patient": PATIENT}).status_code == 403
    assert staff.get(f"/register/sessions/{SESSION}/").status_code == 403


def test_no_sign_out_is_said() -> None:
    told = session_of([(BEGIN, document(1)), (BEGIN + timedelta(hours=1), document(2))])
    assert told is not None
    assert (told.signed_in, told.signed_out, told.duration) == (None, None, timedelta(hours=1))
    assert session_of([]) is None


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3))))
def test_every_event_is_in_one_visit_and_no_visit_has_a_long_pause(events: list[tuple[int, int]]) -> None:
    moments = [(BEGIN + timedelta(minutes=at), document(0, person=person)) for at, person in events]
    found = visits(moments)
    assert sum(visit.actions.total() for visit in found) == len(events)
    for person in range(4):
        own = sorted(visit.first for visit in found if visit.document["actor"]["id"] == f"p{person}")
        ends = sorted(visit.last for visit in found if visit.document["actor"]["id"] == f"p{person}")
        assert all(later - end > LONGEST_PAUSE for end, later in zip(ends, own[1:], strict=False))
    assert [visit.first for visit in found] == sorted((visit.first for visit in found), reverse=True)
