"""The work diary: written by who worked, corrected by new entries, and counted as the log of its system."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Outcome
from sekisho.register.controls.log_collection import check
from sekisho.register.models import Event, LogSource
from sekisho.register.services.log_sources import SourceData, add_log_source
from tests.register.log_files import OPERATOR, add_system, csv_source

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]
WORK = {
    "person": "山田 花子",
    "begun_at": "R8.11.21 8:30",
    "ended_at": "2026/11/21 午前9時",
    "done": "紙カルテの登録",
    "patient": "P1",
}


@pytest.fixture(autouse=True)
def _morning(at_nine: clock.FixedClock) -> None:
    """Work of this morning."""


@pytest.fixture
def diary() -> LogSource:
    """A diary."""
    return add_log_source(actor=OPERATOR, data=SourceData("検査機器の日誌", add_system("検査機器"), "diary", 24))


def test_staff_write_and_it_counts_as_the_log(diary: LogSource, signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.STAFF)
    assert "検査機器の日誌" in client.get("/register/diaries/").content.decode()
    assert [one.outcome for one in check()] == [Outcome.UNKNOWN]
    assert client.post(f"/register/sources/{diary.pk}/diary/new/", WORK).status_code == 302
    event = Event.objects.get(action="work_diary.write")
    assert (event.patient, event.subject_id) == ("P1", str(diary.pk))
    assert '"seconds":1800' in event.entry
    assert [one.outcome for one in check()] == [Outcome.PASS]


def test_a_correction_is_an_entry_of_its_own(diary: LogSource, signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.SYSTEM_OPERATOR)
    page = f"/register/sources/{diary.pk}/diary/"
    client.post(f"{page}new/", WORK)
    event = Event.objects.get(action="work_diary.write")
    form = client.get(f"{page}{event.pk}/").content.decode()
    assert "紙カルテの登録" in form
    assert "2026/11/21 08:30" in form
    again = {**WORK, "done": "検査結果の登録", "reason": "書き間違い"}
    assert client.post(f"{page}{event.pk}/", again).status_code == 302
    shown = client.get(page).content.decode()
    assert "紙カルテの登録" in shown
    assert "検査結果の登録" in shown
    assert "書き間違い" in shown
    assert Event.objects.filter(action="work_diary.correct").count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"person": " "},
        {"begun_at": "いつか"},
        {"ended_at": "2026/11/21 8:00"},
        {"ended_at": "2026/11/22 8:00"},
        {"begun_at": "2026/11/1 8:00"},
        {"done": ""},
        {"done": "a\u202eb"},
        {"patient": "9" * 65},
    ],
)
def test_what_cannot_be_is_refused(diary: LogSource, signed_in: Callable[..., Client], change: dict[str, Any]) -> None:
    answer = signed_in(Role.STAFF).post(f"/register/sources/{diary.pk}/diary/new/", {**WORK, **change})
    assert answer.status_code == 422
    assert not Event.objects.filter(action="work_diary.write").exists()


def test_nothing_is_written_into_another_kind(signed_in: Callable[..., Client]) -> None:
    source = csv_source()
    answer = signed_in(Role.STAFF).post(f"/register/sources/{source.pk}/diary/new/", WORK)
    assert answer.status_code == 422
    assert "does not take this" in answer.content.decode()
