"""Looking into the register: in the index and beside it, page after page, and never unnoticed."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import transaction
from django.test import Client

from sekisho.estate.actions import EstateAction
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.register import queries
from sekisho.register.actions import RegisterAction
from sekisho.register.commands import register
from sekisho.register.errors import LogDamaged
from sekisho.register.index.store import FILE
from sekisho.register.models import Event
from sekisho.register.queries import Search, searching
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append, integrate
from sekisho.register.services.indexing import check_index, follow_log

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
PATIENT = "0001234"


def write(actor: Actor, count: int, **more: Any) -> None:
    with transaction.atomic():
        for number in range(count):
            append(actor=actor, action=EstateAction.CHANGE, details={"n": number}, **more)


def numbers(found: queries.Found) -> list[Any]:
    return [event.document["details"].get("n") for event in found.events]


@pytest.mark.parametrize("indexed", [0, 60, 130])
def test_every_event_is_on_one_page_wherever_it_lies(operator: Actor, indexed: int) -> None:
    """In the index, in the log only, and still waiting."""
    write(operator, indexed)
    integrate()
    follow_log()
    write(operator, 130 - indexed)
    integrate(limit=20)
    seen: list[str] = []
    found = queries.events(Search())
    assert (found.total, found.is_more) == (130, False)
    while True:
        seen += [event.document["id"] for event in found.events]
        if found.older is None:
            break
        assert len(found.events) == queries.PAGE_SIZE
        found = queries.events(Search(), found.older)
        assert found.total is None
    assert len(seen) == len(set(seen)) == 130
    times = [event.document["source_seq"] for event in queries.events(Search()).events]
    assert times == list(range(130, 80, -1))


def test_a_page_turn_loses_nothing_while_events_get_their_places(operator: Actor, at_nine: clock.FixedClock) -> None:
    write(operator, 120)
    found = queries.events(Search())
    first = {event.document["id"] for event in found.events}
    integrate()
    follow_log()
    rest: set[str] = set()
    while found.older is not None:
        found = queries.events(Search(), found.older)
        rest |= {event.document["id"] for event in found.events}
    assert len(first | rest) == 120


def test_many_are_not_counted(operator: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_COUNTED", 100)
    write(operator, 130)
    integrate()
    follow_log()
    found = queries.events(Search())
    assert (found.total, found.is_more) == (100, True)


def test_a_long_look_stops_and_goes_on_where_the_reader_wants(
    operator: Actor, monkeypatch: pytest.MonkeyPatch, signed_in: Callable[..., Client]
) -> None:
    write(operator, 5, reason="救急")
    write(operator, 200)
    integrate()
    follow_log()
    monkeypatch.setattr(searching, "MOST_LOOKED_AT", 100)
    found = queries.events(Search(text="救急"))
    assert (list(found.events), found.total) == ([], None)
    assert found.looked_to is not None
    page = signed_in(Role.AUDITOR).get("/register/", {"q": "救急"}).content.decode()
    assert "so far looked through back to" in page
    while found.older is not None and not found.events:
        found = queries.events(Search(text="救急"), found.older)
    assert len(found.events) == 5


def test_what_is_shown_was_checked_against_the_log(operator: Actor, log_folder: Path) -> None:
    write(operator, 3, reason="緊急の閲覧")
    integrate()
    follow_log()
    (bundle,) = [path for path in (log_folder / "tile/entries").rglob("*") if path.is_file()]
    bundle.write_bytes(bundle.read_bytes().replace("緊急".encode(), "通常".encode(), 1))
    with pytest.raises(LogDamaged):
        queries.events(Search())


def test_a_damaged_index_does_not_stop_the_search_and_is_made_anew(operator: Actor, settings: Any) -> None:
    write(operator, 300)
    integrate()
    follow_log()
    path = settings.REGISTER_INDEX / FILE
    path.write_bytes(b"rubbish" * 1000)
    assert queries.events(Search()).total == 300
    assert not path.exists()
    assert follow_log() is False
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM event").fetchone() == (300,)


def test_rows_that_somebody_took_out_are_noticed(operator: Actor, settings: Any) -> None:
    """Whoever hides an event from the searches is found within the hour, and everything is searchable again."""
    write(operator, 10)
    integrate()
    follow_log()
    assert check_index(actor=platform("worker"))
    with closing(sqlite3.connect(settings.REGISTER_INDEX / FILE)) as database:
        database.execute("DELETE FROM event WHERE place = 4")
        database.commit()
    assert not check_index(actor=platform("worker"))
    event = Event.objects.get(action=RegisterAction.NOTE_INDEX)
    assert event.outcome == "failure"
    follow_log()
    assert check_index(actor=platform("worker"))
    assert queries.events(Search(action=EstateAction.CHANGE)).total == 10


def test_the_command_makes_it_anew(operator: Actor) -> None:
    write(operator, 30)
    integrate()
    answer = CliRunner().invoke(register, ["reindex"], standalone_mode=False)
    assert answer.exception is None
    assert "The search index is made: 30 events." in answer.output


def test_without_a_log_there_is_nothing_to_make() -> None:
    answer = CliRunner().invoke(register, ["reindex"], standalone_mode=False)
    assert answer.exception is None
    assert "0 events" in answer.output


def searches() -> list[Event]:
    return list(Event.objects.filter(action=RegisterAction.VIEW, outcome="success").order_by("source_seq"))


def test_searching_is_an_event_but_turning_pages_is_none(operator: Actor, signed_in: Callable[..., Client]) -> None:
    write(operator, 120, patient=PATIENT)
    auditor = signed_in(Role.AUDITOR)
    page = auditor.get("/register/", {"patient": PATIENT}).content.decode()
    assert "120" in page.split('class="pager-total"')[1][:60]
    older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert auditor.get(f"/register/{older}").status_code == 200
    assert auditor.get("/register/", {"patient": PATIENT}).status_code == 200
    (event,) = searches()
    assert event.patient == PATIENT
    assert '"patient":"0001234"' in event.entry
    auditor.get("/register/", {"patient": PATIENT, "outcome": "denied"})
    signed_in(Role.INSPECTOR).get("/register/", {"patient": PATIENT})
    assert len(searches()) == 3


def test_a_page_number_typed_by_hand_is_recorded_too(operator: Actor, signed_in: Callable[..., Client]) -> None:
    write(operator, 1)
    signed_in(Role.AUDITOR).get("/register/", {"before": "99999999999999999.7"})
    assert len(searches()) == 1


@pytest.mark.parametrize(
    "before", ["x", "1", "1.", ".1", "-1.1", "99999999999999999999.1", "253402300800000000.0", "１.１"]
)
def test_rubbish_is_the_newest_page(operator: Actor, signed_in: Callable[..., Client], before: str) -> None:
    write(operator, 1)
    auditor = signed_in(Role.AUDITOR)
    page = auditor.get("/register/", {"before": before})
    assert page.context["newest"]
    assert page.context["found"].events
    assert 'class="pager-total"' in page.content.decode()


def test_filters_of_the_page(operator: Actor, signed_in: Callable[..., Client]) -> None:
    write(operator, 1, patient=PATIENT, subject=SubjectRef("patient", PATIENT, "患者 一"))
    write(operator, 1, patient="0009999", subject=SubjectRef("patient", "0009999", "患者 二"))
    integrate()
    follow_log()
    auditor = signed_in(Role.AUDITOR)

    def shown(**filters: str) -> tuple[bool, bool]:
        page = auditor.get("/register/", filters).content.decode()
        return "患者 一" in page, "患者 二" in page

    assert shown(patient="０００１２３４") == (True, False)
    assert shown(q="患者 二") == (False, True)
    assert shown(person="試験") == (True, True)
    assert shown(kind="console") == (False, False)
    assert shown(outcome="denied") == (False, False)
    assert shown(until="2001/01/01") == (False, False)


def test_the_api_turns_pages_as_the_page_does(operator: Actor, signed_in: Callable[..., Client]) -> None:
    write(operator, 70)
    client = signed_in(Role.AUDITOR)
    first = client.get("/api/v1/register/events", {"action": "estate.change"}).json()
    assert (len(first["events"]), first["total"], first["is_more"]) == (50, 70, False)
    second = client.get("/api/v1/register/events", {"action": "estate.change", "before": first["older"]}).json()
    assert (len(second["events"]), second["older"], second["total"]) == (20, None, None)
