"""Sources of logs: their pages, files by mouse, and whether each system's log arrives."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.register.controls.log_collection import check
from sekisho.register.errors import LogSourceInvalid
from sekisho.register.models import ImportState, LogImport, LogSource
from sekisho.register.queries.sources import sources_entered
from sekisho.register.rules.sources.mapping import ColumnMapping
from sekisho.register.services import integrate
from sekisho.register.services.log_sources import SourceData, add_log_source
from tests.register.log_files import OPERATOR, add_system, csv_file, csv_source, row, take_in
from tests.register.log_reading import logged_entries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]
COLUMNS = {
    "time": "日時",
    "person": "職員番号",
    "person_name": "氏名",
    "patient": "患者ID",
    "action": "操作",
    "terminal": "端末",
    "outcome": "結果",
    "delimiter": ",",
}


@pytest.fixture(autouse=True)
def _morning(at_nine: clock.FixedClock) -> None:
    """The files are of the day before."""


def entered(system: str, **more: Any) -> dict[str, Any]:
    """Return what the form of a source sends."""
    return {"name": "カルテのログ", "system": system, "kind": "csv", "interval_hours": 48, **COLUMNS, **more}


def upload(data: bytes) -> dict[str, Any]:
    """Return what the form of a file sends."""
    return {"file": SimpleUploadedFile("log.csv", data)}


def test_a_source_is_entered_and_its_file_imported_by_mouse(signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.SYSTEM_OPERATOR)
    assert "No source has been entered yet." in client.get("/register/sources/").content.decode()
    answer = client.post("/register/sources/new/", entered(add_system()))
    source = LogSource.objects.get()
    page = f"/register/sources/{source.pk}/"
    assert answer.headers["Location"] == page
    assert "No file has been handed in yet." in client.get(page).content.decode()
    answer = client.post(f"{page}hand-in/", upload(csv_file([row(1), row(2)])))
    found = LogImport.objects.get()
    assert answer.headers["Location"] == f"{page}{found.pk}/"
    shown = client.get(f"{page}{found.pk}/").content.decode()
    assert "Import the new rows" in shown
    client.post(f"{page}{found.pk}/start/")
    found.refresh_from_db()
    assert found.state == ImportState.DONE
    integrate()
    assert len(logged_entries(source.spool)) == 2
    assert "Import the new rows" not in client.get(f"{page}{found.pk}/").content.decode()
    assert "髙橋 﨑子" in client.get(page).content.decode()
    assert "髙橋 﨑子" in client.get("/register/").content.decode()
    again = client.post(f"{page}hand-in/", upload(csv_file([row(1), row(2)])), follow=True).content.decode()
    assert "Every row of this file is in the register already." in again


def test_wrong_rows_are_shown_with_what_to_do_and_cannot_be_imported(signed_in: Callable[..., Client]) -> None:
    client, source = signed_in(Role.SYSTEM_OPERATOR), csv_source()
    page = f"/register/sources/{source.pk}/"
    wrong = row(1).replace("2026/11/20", "=1+1")
    shown = client.post(f"{page}hand-in/", upload(csv_file([wrong])), follow=True).content.decode()
    for words in ("This is no time", "Times are read like", "=1+1 09:01", "日時"):
        assert words in shown
    found = LogImport.objects.get()
    refused = client.post(f"{page}{found.pk}/start/", follow=True).content.decode()
    assert "nothing was imported" in refused
    assert "The file was thrown away" in client.post(f"{page}{found.pk}/drop/", follow=True).content.decode()
    while integrate():
        pass
    assert logged_entries(source.spool) == []


def test_rubbish_is_refused_at_its_field(signed_in: Callable[..., Client]) -> None:
    client, source = signed_in(Role.SYSTEM_OPERATOR), csv_source()
    answer = client.post(f"/register/sources/{source.pk}/hand-in/", upload(b"\x89PNG\x00"))
    assert answer.status_code == 422
    assert "no text in UTF-8 or Shift_JIS" in answer.content.decode()
    assert not LogImport.objects.exists()


def test_somebody_elses_change_is_not_overwritten(signed_in: Callable[..., Client]) -> None:
    client, source = signed_in(Role.SYSTEM_OPERATOR), csv_source()
    page = f"/register/sources/{source.pk}/change/"
    assert 'value="日時"' in client.get(page).content.decode()
    sent = entered(source.system, name="改名", version=source.version)
    assert client.post(page, sent).status_code == 302
    assert client.post(page, {**sent, "name": "また"}).status_code == 409
    assert client.post(page, {**sent, "name": "また", "version": source.version + 1}).status_code == 302
    close = f"/register/sources/{source.pk}/close/"
    assert client.post(close, {"reason": "更新", "version": source.version + 2}).status_code == 302
    assert "また" in client.get("/register/sources/?closed").content.decode()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"system": "nowhere"}, "system"),
        ({"interval_hours": 0}, "interval_hours"),
        ({"mapping": ColumnMapping("", "a", "b")}, "time"),
        ({"kind": "syslog"}, "peer"),
        ({"peer": "x"}, "peer"),
        ({"kind": "rumour"}, "kind"),
    ],
)
def test_a_source_that_makes_no_sense_is_refused(more: dict[str, Any], field: str) -> None:
    values = {"name": "a", "system": add_system(), "kind": "csv", "interval_hours": 24}
    values["mapping"] = ColumnMapping("a", "b", "c")
    with pytest.raises(LogSourceInvalid) as caught:
        add_log_source(actor=OPERATOR, data=SourceData(**{**values, **more}))
    assert caught.value.field == field


def finding() -> Finding:
    """Return what the control says of the only system."""
    (one,) = check()
    return one


@pytest.mark.failing_fixture("register.log_collection")
def test_a_log_that_stops_fails(at_nine: clock.FixedClock) -> None:
    """Within the interval it passes, a moment after it no more."""
    source = csv_source(interval_hours=24)
    take_in(source, csv_file([row(1)]))
    integrate()
    at_nine.moment -= timedelta(minutes=30)  # 09:00; the event is of 09:01 of the day before
    assert finding().outcome is Outcome.PASS
    at_nine.moment += timedelta(minutes=1, seconds=1)
    found = finding()
    assert found.outcome is Outcome.FAIL
    facts: Any = found.facts[source.name]
    assert facts["last_event"] == "2026-11-20T00:01:00+00:00"


def test_what_never_came_is_unknown_at_first_and_then_fails(at_nine: clock.FixedClock) -> None:
    csv_source(interval_hours=24)
    assert finding().outcome is Outcome.UNKNOWN
    at_nine.moment += timedelta(hours=25)
    assert finding().outcome is Outcome.FAIL


def test_a_system_without_a_source_is_not_known_to_be_recorded() -> None:
    add_system()
    assert finding().outcome is Outcome.UNKNOWN


def test_events_of_the_future_hide_no_silence(at_nine: clock.FixedClock) -> None:
    """The clock of the source ran ahead by half a day, which the import still takes."""
    source = csv_source(interval_hours=24)
    take_in(source, csv_file([row(1).replace("11/20", "11/21").replace("09:01", "21:01")]))
    integrate()
    found = finding()
    assert found.outcome is Outcome.FAIL
    assert found.facts[source.name]["dated_in_the_future"] == 1  # type: ignore[index,call-overload]


def test_the_worst_of_several_sources_counts() -> None:
    first = csv_source("一")
    csv_source("二", system=first.system)
    take_in(first, csv_file([row(1)]))
    integrate()
    assert finding().outcome is Outcome.UNKNOWN


@pytest.mark.failing_fixture("register.log_sources")
def test_a_system_whose_log_nobody_describes_is_not_covered() -> None:
    source = csv_source()
    add_system("検査機器")
    found = {member.label: len(member.missing) for member in sources_entered()}
    assert sorted(found.values()) == [1, 2]
    LogSource.objects.filter(pk=source.pk).update(contents="操作と時刻", protection="事業者のみ")
    assert sorted(len(member.missing) for member in sources_entered()) == [0, 1]
