"""The security chart from year to year and the trend of the dashboard, as they are opened and printed."""

import io
import json
import re
from collections.abc import Callable
from datetime import date, timedelta

import pypdf
import pytest
from django.test import Client

from sekisho.governance.models import DailyOverview
from sekisho.governance.services.overview import make_overview
from sekisho.governance.services.rounds import lock_round, open_round
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from tests.conftest import MORNING, actor_with
from tests.governance.pages import judge, page
from tests.governance.working import system

pytestmark = pytest.mark.django_db
PLANNER = actor_with(Role.PLANNING_MANAGER)
TODAY = date(2026, 11, 21)


@pytest.fixture
def client(at_nine: clock.FixedClock, signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.AUDITOR)


@pytest.fixture
def judged(at_nine: clock.FixedClock) -> DailyOverview:
    """One system, judged; the overview of today."""
    system("電子カルテ")
    judge()
    make_overview(actor=platform("test"))
    return DailyOverview.objects.get()


def kept(newest: DailyOverview, day: date, *, yardstick: str = "", **counts: int) -> DailyOverview:
    """Keep an overview of another day like the newest one."""
    return DailyOverview.objects.create(
        edition=newest.edition,
        day=day,
        made_at=newest.made_at,
        counts=json.dumps({**json.loads(newest.counts), **counts}),
        yardstick=yardstick or newest.yardstick,
        document=newest.document,
    )


def home(client: Client, query: str = "") -> str:
    answer = client.get(f"/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def words_of(pdf: bytes) -> str:
    return re.sub(r"\s", "", "".join(found.extract_text() for found in pypdf.PdfReader(io.BytesIO(pdf)).pages))


def test_the_trend_begins_on_the_second_day(client: Client, judged: DailyOverview) -> None:
    assert 'class="chart-drawing chart-trend"' not in home(client)
    kept(judged, TODAY - timedelta(days=1))
    assert 'class="chart-drawing chart-trend"' in home(client)


def test_days_without_figures_are_a_gap_in_drawing_and_table(client: Client, judged: DailyOverview) -> None:
    for back in (1, 2, 9, 10):
        kept(judged, TODAY - timedelta(days=back))
    html = home(client)
    drawing = html[html.index("chart-trend") : html.index("</svg>", html.index("chart-trend"))]
    assert len(re.findall(r'class="chart-gap"', drawing)) == 2, "between, and before the first"
    assert re.search(r'<time datetime="2026-11-13">[^<]*</time> – <time datetime="2026-11-18">', html)


def test_a_change_of_what_is_measured_is_marked(client: Client, judged: DailyOverview) -> None:
    for back in (1, 2, 3):
        kept(judged, TODAY - timedelta(days=back), yardstick="of before" if back > 1 else "")
    html = home(client)
    assert "chart-flag" in html
    row = html[html.index('datetime="2026-11-20"') :]
    assert "What is measured changed" in row[: row.index("</tr>")] or "測るもの" in row[: row.index("</tr>")]


@pytest.mark.parametrize(("query", "rows"), [("", 28), ("?trend=months", 29), ("?trend=year", 55), ("?trend=x", 28)])
def test_every_period_opens_and_the_table_stays_short(
    client: Client, judged: DailyOverview, query: str, rows: int
) -> None:
    for back in range(1, 370):
        kept(judged, TODAY - timedelta(days=back))
    html = home(client, query)
    table = html[html.index("chart-numbers") : html.index("</table>", html.index("chart-numbers"))]
    assert rows - 3 <= len(re.findall(r"<tr><th scope=\"row\"", table)) <= rows
    assert table.count('datetime="2026-11-21"') == 1


def test_the_chart_shows_unknowns_apart_and_says_how_it_counts(client: Client, judged: DailyOverview) -> None:
    html = page(client, "chart")
    assert len(re.findall(r'class="score-good"', html)) >= 15
    assert len(re.findall(r'class="score-untold"', html)) >= 15
    client.cookies["sekisho_language"] = "en"
    english = page(client, "chart")
    assert "37 points; cannot be told: 50 points" in english
    assert "There is no other year yet" in english


def test_years_are_put_beside_each_other(client: Client, judged: DailyOverview) -> None:
    """The last day of a year by itself; any two by choice; rubbish in the address shows the usual ones."""
    client.cookies["sekisho_language"] = "en"
    kept(judged, date(2026, 3, 29), conforming=1)
    kept(judged, date(2026, 3, 31), conforming=2)
    kept(judged, date(2026, 4, 1), conforming=3)
    html = page(client, "chart")
    assert "FY 2026 so far (2026-11-21)" in html
    assert "FY 2025, last figures (2026-03-31)" in html
    assert "±0" in html
    assert "2026-04-01" not in html
    alone = page(client, "chart", query="?year=2025&beside=none")
    assert "FY 2025, last figures" in alone
    assert "±0" not in alone
    assert "±0" in page(client, "chart", query="?year=%00&beside=2025")


def test_a_locked_round_is_offered_and_counts_before_the_last_day(
    client: Client, judged: DailyOverview, at_nine: clock.FixedClock
) -> None:
    """Its scores are computed from what it kept, and come to the same."""
    client.cookies["sekisho_language"] = "en"
    opened = open_round(actor=PLANNER, year=2025)
    lock_round(actor=PLANNER, round_id=opened.pk, version=opened.version)
    kept(judged, date(2026, 3, 31))
    html = page(client, "chart")
    assert "FY 2025, locked round" in html
    differences = re.findall(r'<td class="number code">([^<]*)</td>', html)
    assert {one for one in differences if one} == {"±0 ？"} | {one for one in differences if one == "±0"}
    assert "what is measured has changed" not in html


def test_years_that_were_not_measured_alike_are_said_so(client: Client, judged: DailyOverview) -> None:
    client.cookies["sekisho_language"] = "en"
    kept(judged, date(2026, 3, 31), yardstick="another")
    assert "what is measured has changed" in page(client, "chart")
    assert "whatismeasuredhaschanged" in words_of(client.get("/papers/chart.pdf").content)


def test_the_chart_as_pdf_says_what_the_page_says(client: Client, judged: DailyOverview) -> None:
    """In both languages, for the chosen years, with seals and the formula."""
    kept(judged, date(2026, 3, 31))
    answer = client.get("/papers/chart.pdf?year=2026&beside=2025")
    assert answer.status_code == 200, answer.content
    text = words_of(answer.content)
    assert all(word in text for word in ("作成", "確認", "承認", "SK-SC-2026-20261121", "1/"))
    chapters = json.loads(judged.document)["chapters"]
    client.cookies["sekisho_language"] = "en"
    english = words_of(client.get("/papers/chart.pdf").content)
    assert "37points" in english
    for one in chapters:
        if one["score"] is not None:
            assert f"{one['score']}{one['untold']}{one['n']}/{one['N']}" in english, one


def test_without_figures_there_is_no_chart_to_take_away(client: Client) -> None:
    assert 'class="empty' in page(client, "chart")
    assert client.get("/papers/chart.pdf").status_code == 409


def test_figures_of_today_that_are_old_make_no_paper(
    client: Client, judged: DailyOverview, at_nine: clock.FixedClock
) -> None:
    """Those of a year that is over are what they were."""
    kept(judged, date(2026, 3, 31))
    system("予約")
    at_nine.moment = MORNING + timedelta(minutes=61)
    client.user.save()  # type: ignore[attr-defined]
    assert client.get("/papers/chart.pdf").status_code in {302, 409}
