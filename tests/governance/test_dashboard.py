"""The first page after the verdicts: figures that add up, next pieces of work that lead somewhere, nothing hidden."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.governance.jobs import judge as judge_job
from sekisho.governance.models import DailyOverview
from sekisho.governance.queries.overview import newest_overview, trend
from sekisho.governance.services import currency as currency_module
from sekisho.governance.services.overview import make_overview
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.dates import FACILITY_ZONE
from tests.conftest import MORNING
from tests.governance.pages import judge

pytestmark = pytest.mark.django_db
QUERIES = 18


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture
def clinic(operator: Actor) -> None:
    """A clinic with one system that has no vendor yet."""
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所内科クリニック", "kind": "clinic"})
    add_entry(
        actor=operator, ledger=ledgers.SYSTEMS, values={"name": "電子カルテ", "kind": "emr", "form": "on_premises"}
    )


def made() -> bool:
    return make_overview(actor=platform("test"))


def home(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_the_first_judgement_there_are_no_figures(client: Client, clinic: None) -> None:
    """And none is made up."""
    assert not made()
    assert "two-factors" not in home(client)
    for name in ("next", "chart"):
        answer = client.get(reverse(f"governance:{name}"))
        assert answer.status_code == 200
        assert 'class="empty' in answer.content.decode()


def test_the_job_makes_it_once_for_each_change_and_day(clinic: None, operator: Actor) -> None:
    judge_job.run()
    first = newest_overview()
    assert first is not None
    assert not made(), "nothing changed"
    add_entry(actor=operator, ledger=ledgers.VENDORS, values={"name": "関所システムズ"})
    judge_job.run()
    second = newest_overview()
    assert second is not None
    assert second.made_at > first.made_at
    assert DailyOverview.objects.count() == 1, "one a day"
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=1))):
        assert made(), "another day"
    assert DailyOverview.objects.count() == 2
    assert [sum(one.counts.values()) for one in trend(first.day)] == [121, 121]


def test_the_day_is_the_facility_s(clinic: None) -> None:
    """At half past midnight in Tokyo it is still yesterday in UTC."""
    with clock.use(clock.FixedClock(MORNING.replace(hour=15, minute=30))):
        judge()
        assert made()
    row = DailyOverview.objects.get()
    assert row.day == row.made_at.astimezone(FACILITY_ZONE).date()
    assert row.day != row.made_at.date()


def test_the_first_page_says_how_far_and_leads_on(client: Client, clinic: None) -> None:
    """Every link of it opens."""
    judge()
    made()
    html = home(client)
    counted = [int(number) for number in re.findall(r"\?verdict=\w+\"[^>]*>.*?</span>\s*(\d+)</a>", html)]
    assert sum(counted) == 121
    assert "何があるかを書き出す" in html
    assert (
        html.index("何があるかを書き出す") < html.index("戻せるかを確かめる") < html.index("紙で続けられるようにする")
    )
    section = html[html.index('id="how-far"') : html.index("</main>")]
    for address in set(re.findall(r'href="(/[^"#]*)"', section)):
        assert client.get(address).status_code == 200, address


def test_it_is_read_in_few_queries(
    client: Client, clinic: None, operator: Actor, django_assert_max_num_queries: Callable[..., object]
) -> None:
    """However many systems there are."""
    for number in range(12):
        values = {"name": f"部門システム{number}", "kind": "laboratory", "form": "on_premises"}
        add_entry(actor=operator, ledger=ledgers.SYSTEMS, values=values)
    judge()
    made()
    with django_assert_max_num_queries(QUERIES):  # type: ignore[attr-defined]
        home(client)


def test_figures_that_nobody_looked_after_are_called_old(client: Client, clinic: None, operator: Actor) -> None:
    """The worker's look keeps them young through a quiet night; where it stands still, the page says so."""
    judge_job.run()
    with clock.use(clock.FixedClock(clock.now() + timedelta(hours=3))):
        forgotten = home(client)
        judge_job.run()
        quiet = home(client)
    assert ("sekisho doctor" in forgotten, "sekisho doctor" in quiet) == (True, False)


def test_a_page_never_compares_everything_that_verdicts_rest_on(
    client: Client, clinic: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is the worker's work, however old the last judgement is."""
    judge_job.run()

    def slow(*_arguments: object) -> bool:
        raise AssertionError("the page looked itself")

    monkeypatch.setattr(currency_module, "is_due", slow)
    with clock.use(clock.FixedClock(clock.now() + timedelta(hours=3))):
        assert "sekisho doctor" in home(client)
        assert client.get(reverse("governance:requirements")).status_code == 200


def test_who_may_not_see_verdicts_sees_none(signed_in: Callable[..., Client], clinic: None) -> None:
    judge()
    made()
    assert "two-factors" not in home(signed_in(Role.STAFF))


def test_the_next_pieces_of_work(client: Client, clinic: None) -> None:
    judge()
    made()
    html = client.get(reverse("governance:next")).content.decode()
    assert len(re.findall(r"<tr><th scope=\"row\">", html)) == 30
