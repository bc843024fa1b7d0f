"""The weekly report: made on Monday or when it can be, honest about what nobody watched, kept for a year."""

import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from hashlib import sha256
from html import unescape

import openpyxl
import pypdf
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sekisho.governance.models import Notice
from sekisho.governance.services.digests import line_of
from sekisho.governance.services.notices import look_for_notices
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.clock import FixedClock
from sekisho.kernel.dates import FACILITY_ZONE, Calendar
from sekisho.network import jobs
from sekisho.network.models import EndpointState, Outage, ResponseSample, WatchSetting, WeeklyReport
from sekisho.network.queries.availability.weekly_paper import weekly_paper
from sekisho.network.rules.weeks import KEPT_WEEKS, Week, due_weeks, newest_week, unwatched
from sekisho.register.models import Event
from sekisho.ui.display import Display
from tests.network import exposure as here

pytestmark = pytest.mark.usefixtures("english")  # what people read is compared in the language of the ids

SignedIn = Callable[..., Client]
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=FACILITY_ZONE)
WEEK = Week(date(2026, 11, 16))
LIST = "/network/availability/reports/"


def text_of(content: bytes) -> str:
    """Return the words of a PDF without white space, which the layout puts anywhere."""
    return "".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages).split())


def page(client: Client, address: str) -> str:
    """Return the words of a page, white space single."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def samples(state: EndpointState, since: datetime, until: datetime, span: int = 5) -> None:
    """Keep as if somebody had asked every minute; one in each stretch failed."""
    first, last = (int(one.timestamp()) // 60 for one in (since, until))
    ResponseSample.objects.bulk_create(
        ResponseSample(
            state=state, span=span, minute=minute, asked=span, failed=1, lowest=9, median=10 + minute % 7, highest=99
        )
        for minute in range(first, last, span)
    )


def watched(host: str = "emr.example.jp") -> EndpointState:
    """Enter an endpoint that was asked before."""
    entry, now = here.endpoint(here.system(f"電子カルテ {host}"), host, 443), clock.now()
    return EndpointState.objects.create(endpoint_id=entry.pk, state="up", since=now, asked_at=now, bucket_minute=0)


def actions() -> list[str]:
    """Return what of the reports is in the register, in its order."""
    rows = Event.objects.filter(action__startswith="availability.").order_by("id")
    return [row.action for row in rows]


@pytest.mark.django_db
def test_a_week_from_monday_morning_to_the_notice(signed_in: SignedIn, at_nine: FixedClock) -> None:
    """Not before six, once, with the workbook's figures; gaps, what is not watched and outages are named."""
    row, now = watched(), clock.now()
    left_out = here.endpoint(here.system("古い検査"), "old.example.jp", 443)
    WatchSetting.objects.create(pk=left_out.pk, changed_at=now, watched=False, reason="来月やめる")
    here.endpoint(here.system("部門"), "new.example.jp", 443)
    gap = WEEK.since + timedelta(days=2, hours=22)
    samples(row, WEEK.since, gap)
    samples(row, gap + timedelta(minutes=95), WEEK.until + timedelta(hours=3))
    began = WEEK.until - timedelta(minutes=30)
    Outage.objects.create(endpoint_id=row.endpoint_id, began_at=began, ended_at=began + timedelta(hours=1), fault="tls")

    at_nine.moment = WEEK.until
    manager = signed_in(Role.PLANNING_MANAGER)
    answer = manager.get("/network/availability/week.xlsx")
    assert "No weekly report was made yet." in page(manager, "/network/availability/")
    at_nine.moment = MONDAY - timedelta(seconds=1)
    jobs.report.run()
    assert not WeeklyReport.objects.exists()
    at_nine.moment = MONDAY
    jobs.report.run()
    jobs.report.run()
    assert actions() == ["availability.report"], "once a week"

    auditor = signed_in(Role.AUDITOR)
    assert "2026-11-16 – 2026-11-22 (PDF)" in page(auditor, LIST)
    assert "2026-11-16 – 2026-11-22 (PDF)" in page(auditor, "/network/availability/")
    paper = auditor.get(f"{LIST}2026-11-16.pdf")
    assert paper["Content-Type"] == "application/pdf"
    stored = WeeklyReport.objects.get(language="en")
    assert sha256(paper.content).hexdigest() == stored.sha256 and bytes(stored.data) == paper.content
    assert stored.sha256 in Event.objects.get(action="availability.report").entry

    words = text_of(paper.content)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    lines = {line[1]: line for line in sheet.iter_rows(values_only=True) if line[1]}
    figures = lines["emr.example.jp:443"]
    asked = (7 * 24 * 60 - 95) // 5 * 5
    assert figures[2:5] == (asked, asked // 5, 80) and figures[7:10] == (1, 30, 0)
    shown = [str(figures[2]), str(figures[3]), "80.00", f"{figures[5]:.1f}", "99.0", "1", "30", "0"]
    assert f"emr.example.jp:443{''.join(shown)}" in words, "the figures of the workbook"
    assert "Askedin99.05%" not in words
    assert lines["new.example.jp:443"][2:10] == (None,) * 8 and "new.example.jp:443Notasked" in words
    assert "Notwatched:来月やめる" in words and "Notasked:nothingisknown" in words
    assert "For95minutesofthisweek(0.94%)nobodywaswatching" in words
    assert "2026-11-1822:002026-11-1823:3595" in words, "the gap by its times"
    assert "TheTLShandshakefails." in words and "2026-11-2223:30Lasts" in words
    for address in (f"{LIST}2026-11-09.pdf", f"{LIST}monday.pdf"):
        assert auditor.get(address).status_code == 404

    look_for_notices(actor=platform("job"))
    notice = Notice.objects.get(kind="weekly_report", ended_at=None)
    line = line_of(notice, "en")
    assert (notice.urgency, line.title) == (0, "The weekly report of the availability was made.")
    assert line.url.endswith(LIST)
    at_nine.moment = MONDAY + timedelta(days=7)
    look_for_notices(actor=platform("job"))
    assert not Notice.objects.filter(kind="weekly_report", ended_at=None).exists()


@pytest.mark.django_db
def test_missed_mondays_and_the_end_of_a_year(
    at_nine: FixedClock, monkeypatch: pytest.MonkeyPatch, signed_in: SignedIn
) -> None:
    """The computer was off for three weeks: each gets its report, the empty ones say so; after a year they go."""
    row = watched()
    samples(row, WEEK.since + timedelta(days=3), WEEK.until, span=60)
    at_nine.moment = MONDAY + timedelta(days=2)
    jobs.report.run()
    first = WeeklyReport.objects.get(language="ja")
    assert (first.first_day, first.made_at) == (WEEK.first_day, clock.now())
    at_nine.moment = MONDAY + timedelta(days=24)
    jobs.report.run()
    days = [WEEK.first_day + timedelta(days=7 * number) for number in range(4)]
    assert (
        list(WeeklyReport.objects.filter(language="en").order_by("first_day").values_list("first_day", flat=True))
        == days
    )
    words = text_of(signed_in(Role.MANAGEMENT).get(f"{LIST}2026-11-23.pdf").content)
    assert "Inthisweeknothingwaswatched" in words and "Notasked:nothingisknown" in words
    assert "2026-11-2300:002026-11-3000:0010080" in words
    late = text_of(bytes(WeeklyReport.objects.get(language="en", first_day=WEEK.first_day).data))
    assert "madelate" in late and "For4320minutesofthisweek" in late and "Askedin57.14%" in late

    monkeypatch.setattr("sekisho.network.services.weekly_reports.weekly_paper", lambda *_arguments: b"%PDF-")
    at_nine.moment = MONDAY + timedelta(days=7 * KEPT_WEEKS)
    jobs.report.run()
    kept = WeeklyReport.objects.filter(language="ja").order_by("first_day")
    assert kept.count() == KEPT_WEEKS and kept[0].first_day == WEEK.first_day + timedelta(days=7)
    assert actions().count("availability.destroy_report") == 1
    gone = Event.objects.get(action="availability.destroy_report").entry
    assert first.sha256 in gone and "2026-11-16" in gone
    assert "All weekly reports" in page(signed_in(Role.SYSTEM_OPERATOR), "/network/availability/")


@pytest.mark.django_db
def test_nothing_was_ever_asked(at_nine: FixedClock) -> None:
    """There is nothing to report before anybody asked; with no endpoint left the paper says so in Japanese too."""
    at_nine.moment = MONDAY
    jobs.report.run()
    assert not WeeklyReport.objects.exists()
    content = weekly_paper(WEEK, clock.now(), Display("ja", Calendar.WAREKI))
    assert "令和8年11月16日–令和8年11月22日" in text_of(content)


MOMENTS = st.timedeltas(timedelta(0), timedelta(days=1500)).map(lambda one: MONDAY + one)


@given(MOMENTS, st.sets(st.integers(-60, 60)))
def test_due_weeks_are_over_and_missing(now: datetime, made: set[int]) -> None:
    """What is due is in order, ended before today's six o'clock, is not there yet, and then nothing is due."""
    newest = newest_week(now)
    assert newest.first_day.weekday() == 0 and newest.until + timedelta(hours=6) <= now < newest.until + timedelta(
        days=7, hours=6
    )
    days = {newest.first_day + timedelta(days=7 * number) for number in made}
    due = due_weeks(now, days, newest.since)
    assert list(due) == sorted(due) and len(due) <= KEPT_WEEKS
    assert all(one <= newest and one.first_day not in days for one in due)
    assert newest in due or newest.first_day in days
    assert not due_weeks(now, days | {one.first_day for one in due}, newest.since)


@given(st.lists(st.tuples(st.integers(-5, 70), st.sampled_from([5, 60]))))
def test_gaps_and_stretches_fill_the_period(found: list[tuple[int, int]]) -> None:
    """Every five minutes lie in a gap or in a stretch, never in both."""
    base = int(WEEK.since.timestamp()) // 60
    until = WEEK.since + timedelta(minutes=300)
    stretches = [(base + 5 * first, length) for first, length in found]
    gaps = unwatched(stretches, WEEK.since, until)
    for number in range(60):
        moment = WEEK.since + timedelta(minutes=5 * number)
        minute = base + 5 * number
        covered = any(first <= minute < first + length for first, length in stretches)
        assert covered != any(since <= moment < end for since, end in gaps)
