"""The reports to the planning manager: what happened in every ledger, the logs of the month; both acknowledged."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sekisho.assets.ledgers import MEDIA
from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_platform
from sekisho.governance.errors import GroundsMissing, ReportPeriodWrong
from sekisho.governance.ledgers import LOG_REVIEWS
from sekisho.governance.queries.reports import book_report
from sekisho.governance.rules.reports import (
    STANDING,
    Happening,
    Period,
    happenings,
    month_before,
    month_of,
)
from sekisho.governance.services.reports import send_log_review
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.ledgers.models import Application
from sekisho.ledgers.services import NewFile, approve, send_back
from sekisho.ledgers.services.books import add_entry, change_entry, close_entry, reopen_entry, strike_entry
from tests.conftest import actor_with
from tests.governance.working import OPERATOR, PLANNER, system

TAPE = {"label": "日次バックアップ", "kind": "tape"}
PERIOD = Period(date(2026, 11, 1), date(2026, 11, 30))


@given(done=st.sets(st.sampled_from(Happening)), lacks=st.sets(st.sampled_from(STANDING)))
def test_what_is_told_of_an_entry(done: set[Happening], lacks: set[Happening]) -> None:
    """Everything that was done or lacks, nothing twice; who entered it in the period has not corrected it as well."""
    found = list(happenings(done, lacks))
    assert len(found) == len(set(found))
    assert (
        set(found)
        == {one for one in done if one not in STANDING} - ({Happening.CHANGED} if Happening.ADDED in done else set())
        | lacks
    )


@pytest.mark.django_db
def test_a_report_tells_what_happened_then_whatever_happened_since(at_nine: clock.FixedClock) -> None:
    """A correction, an approval or a closing is told in its own month, though the entry remembers only the newest."""
    entry = add_entry(actor=PLANNER, ledger=MEDIA, values=TAPE)
    for month in (12, 1):
        at_nine.moment = datetime(2026 if month == 12 else 2027, month, 10, tzinfo=UTC)
        changed = {**TAPE, "note": f"{month}月に見直し"}
        entry = change_entry(actor=PLANNER, ledger=MEDIA, entry_id=entry.pk, version=entry.version, values=changed)
    at_nine.moment = datetime(2027, 1, 20, tzinfo=UTC)
    entry = close_entry(actor=PLANNER, ledger=MEDIA, entry_id=entry.pk, version=entry.version, reason="中止")
    at_nine.moment = datetime(2027, 2, 3, tzinfo=UTC)
    reopen_entry(actor=PLANNER, ledger=MEDIA, entry_id=entry.pk, version=entry.version, reason="再開")
    months = [Period(date(2026, 11, 1), date(2026, 11, 30)), Period(date(2026, 12, 1), date(2026, 12, 31))]
    months.append(Period(date(2027, 1, 1), date(2027, 1, 31)))
    told = [next(part for part in book_report(PLANNER, month).parts if part.ledger is MEDIA).counts for month in months]
    doing = [{one: count for one, count in counts.items() if one not in STANDING} for counts in told]
    assert doing == [{Happening.ADDED: 1}, {Happening.CHANGED: 1}, {Happening.CHANGED: 1, Happening.CLOSED: 1}]


def test_the_days_of_a_month_and_of_what_can_be_told() -> None:
    assert month_of(date(2028, 2, 9)) == Period(date(2028, 2, 1), date(2028, 2, 29))
    assert month_before(date(2026, 1, 31)) == Period(date(2025, 12, 1), date(2025, 12, 31))
    assert PERIOD.fault(date(2026, 12, 1)) is None
    assert PERIOD.holds(PERIOD.start)
    assert not PERIOD.holds(PERIOD.end)
    wrong = (
        (date(2026, 12, 2), date(2026, 12, 1)),
        (date(2026, 12, 1), date(2027, 1, 1)),
        (date(2025, 1, 1), date(2026, 9, 1)),
    )
    for first, last in wrong:
        assert Period(first, last).fault(date(2026, 12, 31)) is not None


def put(label: str, **more: Any) -> Any:
    return add_entry(actor=OPERATOR, ledger=MEDIA, values={"label": label, "kind": "usb", **more})


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_the_report_of_a_month_is_sent_and_acknowledged(
    signed_in: Callable[..., Client], at_nine: clock.FixedClock
) -> None:
    """Every ledger by itself, each entry once, what ran out named; what is approved is the paper that was sent."""
    at_nine.moment = datetime(2026, 9, 30, 1, tzinfo=UTC)
    old, gone = put("古い媒体", use_until=date(2026, 10, 20)), put("捨てた媒体")
    at_nine.moment = datetime(2026, 10, 5, 1, tzinfo=UTC)
    put("新しい媒体")
    wrong = put("誤記")
    strike_entry(actor=OPERATOR, ledger=MEDIA, entry_id=wrong.pk, version=1, reason="二重に登録")
    close_entry(actor=OPERATOR, ledger=MEDIA, entry_id=gone.pk, version=1, reason="物理破壊した")
    at_nine.moment = datetime(2026, 11, 3, 1, tzinfo=UTC)
    report = book_report(OPERATOR, month_before(date(2026, 11, 3)))
    (media,) = [part for part in report.parts if part.ledger is MEDIA]
    assert dict(media.counts) == {
        Happening.ADDED: 2, Happening.STRUCK: 1, Happening.CLOSED: 1, Happening.RUN_OUT: 1,
    }  # fmt: skip
    assert {line.name: line.reason for line in media.lines} == {
        "古い媒体": "", "捨てた媒体": "物理破壊した", "新しい媒体": "", "誤記": "二重に登録",
    }  # fmt: skip
    assert all(not part.lines for part in report.parts if part.ledger is not MEDIA)

    client = signed_in(Role.SYSTEM_OPERATOR)
    page = client.get("/reports/").content.decode()
    assert "Ledger of media" in page
    assert "Ledger of audits" in page
    assert client.get("/reports/books.pdf").content.startswith(b"%PDF-")
    book = openpyxl.load_workbook(io.BytesIO(client.get("/reports/books.xlsx").content))
    cells = [cell for row in book["Entries told of"].values for cell in row]
    assert "物理破壊した" in cells
    days = {"first": "2026/10/01", "last": "R8.10.31"}
    assert client.post("/reports/books/send/", {**days, "last": "2026/12/31"}).status_code == 422
    answer = client.post("/reports/books/send/", {**days, "comment": "10月分"})
    assert answer.status_code == 302
    (application,) = Application.objects.all()
    shown = signed_in(Role.PLANNING_MANAGER).get(answer.headers["Location"]).content.decode()
    assert "Newly entered 2" in shown
    assert application.submissions.get().files.get().name.endswith(".pdf")

    send_back(actor=PLANNER, application_id=application.pk, version=1, comment="理由を追記してください")
    change_entry(actor=OPERATOR, ledger=MEDIA, entry_id=old.pk, version=1, values={"use_until": None})
    assert "made anew" in client.get(f"/reports/{application.pk}/amend/").content.decode()
    stale = client.post(f"/reports/{application.pk}/amend/", {"version": "1"})
    assert stale.status_code == 422
    assert client.post(f"/reports/{application.pk}/amend/", {"version": "2", "comment": "直した"}).status_code == 302
    approve(actor=PLANNER, application_id=application.pk, version=3)
    assert "Approved" in client.get("/reports/").content.decode()


# The logs of the month

PAPER = NewFile("月次.pdf", b"%PDF-1.7 our own")


def lacking() -> dict[str, list[str]]:
    return {one.label: [str(title) for title in one.missing] for one in LOG_REVIEWS.measure()}


def reviewed(period: Period, said: str = "挙がった項目を全て確かめた。不適切なものはない") -> Any:
    application = send_log_review(actor=OPERATOR, period=period, said=said, paper=PAPER)
    approve(actor=PLANNER, application_id=application, version=1)
    return application


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
@pytest.mark.failing_fixture("register.log_reviews")
def test_logs_are_reviewed_by_somebody_every_month(at_nine: clock.FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledged by the planning manager, about a month that is not long over, and every item settled."""
    add_platform(actor=platform("test"), ledger=SYSTEMS)
    emr = system("電子カルテ")
    month, unseen = "A month's review that the planning manager acknowledged", "Events of this system among those"
    own = next(label for label in lacking() if label != "電子カルテ")
    assert lacking()[own] == [month]
    assert [words[: len(unseen)] for words in lacking()["電子カルテ"]] == [month[: len(unseen)], unseen]
    for period, said, error in (
        (PERIOD, "全て確かめた", ReportPeriodWrong),
        (month_before(date(2026, 11, 21)), "。", GroundsMissing),
    ):
        with pytest.raises(error):
            send_log_review(actor=OPERATOR, period=period, said=said, paper=PAPER)
    reviewed(month_of(date(2026, 8, 1)))
    assert month in lacking()[own], "long over"
    waiting = send_log_review(actor=OPERATOR, period=month_before(date(2026, 11, 21)), said="全て確かめた", paper=PAPER)
    assert month in lacking()[own], "sent is not acknowledged"
    approve(actor=PLANNER, application_id=waiting, version=1)
    assert lacking()[own] == []
    monkeypatch.setattr("sekisho.governance.queries.reports.systems_seen", lambda _since: frozenset({str(emr.pk)}))
    assert lacking()["電子カルテ"] == []
    at_nine.moment += timedelta(days=30)
    assert month in lacking()[own], "the next month has to be reported too"


@pytest.mark.django_db
def test_a_report_holds_only_what_its_reader_may_see() -> None:
    auditor: Actor = actor_with(Role.DEVICE_SAFETY_MANAGER)
    report = book_report(auditor, PERIOD)
    assert "governance.audits" in {ledger.id for ledger in report.withheld}
    assert "governance.audits" not in {part.ledger.id for part in report.parts}
