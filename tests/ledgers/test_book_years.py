"""Fiscal years: what was in use in one, on the page and on paper; and what this year has not looked at yet."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.dates import Calendar
from sekisho.ledgers.queries.book_conditions import Attention
from sekisho.ledgers.queries.books import Look, Shelf, entries, years_of
from sekisho.ledgers.rules.book_years import read_year, year_name
from sekisho.ledgers.services import books
from sekisho.ledgers.views.book_export import _frame
from sekisho.ui.display import Display
from tests.ledgers.trial_book import KEYS, LIST, declared, enter, page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _declared(db: None, settings: Any) -> Iterator[None]:
    with declared(settings):
        yield


def names(**look: Any) -> list[str]:
    return [entry.name for entry in entries(KEYS, Look(**look))]


@pytest.fixture
def three_years(operator: Actor, at_nine: clock.FixedClock) -> None:
    """One closed on the last day of FY2025 in Tokyo, one on the first of FY2026, one struck out, one of FY2026."""
    at_nine.moment = datetime(2025, 3, 31, 14, 59, tzinfo=UTC)  # 23:59 on 31 March 2025: FY2024
    closed, carried, struck = (enter(operator, name=name) for name in ("期末終了", "期首終了", "抹消"))
    at_nine.moment = datetime(2026, 3, 31, 14, 59, 59, tzinfo=UTC)
    books.close_entry(actor=operator, ledger=KEYS, entry_id=closed.pk, version=1, reason="廃止")
    at_nine.moment = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)  # midnight: 1 April
    books.close_entry(actor=operator, ledger=KEYS, entry_id=carried.pk, version=1, reason="廃止")
    books.strike_entry(actor=operator, ledger=KEYS, entry_id=struck.pk, version=1, reason="誤記")
    enter(operator, name="新")
    at_nine.moment = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)


@pytest.mark.usefixtures("three_years")
def test_a_fiscal_year_holds_what_was_in_use_on_some_day_of_it(signed_in: Callable[..., Client]) -> None:
    assert names(year=2023) == []
    assert names(year=2024) == names(year=2025) == ["期末終了", "期首終了"]
    assert names(year=2026) == ["期首終了", "新"]
    assert names(year=2025, shelf=Shelf.CLOSED) == ["期末終了"]
    assert names(year=2026, shelf=Shelf.CLOSED) == ["期首終了"]
    assert names(year=2026, shelf=Shelf.STRUCK) == ["抹消"]
    assert len(names(year=2025, shelf=Shelf.ALL)) == 3
    assert years_of(KEYS) == [2026, 2025, 2024]
    keeper = signed_in(Role.SYSTEM_OPERATOR)
    shown = page(keeper, f"{LIST}?fy=2025")
    assert '<option value="2025" selected>令和7年度</option>' in shown
    assert shown.count('<th scope="row"') == 2
    assert 'name="bulk-entry"' not in shown, "what has ended is not changed any more"
    answer = keeper.get(f"{LIST}export.csv?fy=2025")
    assert "鍵台帳_令和7年度_20261121.csv" in unquote(answer.headers["Content-Disposition"])
    assert "期首終了" in answer.content.decode()
    assert "新" not in answer.content.decode()


def test_paper_is_named_after_the_year_that_was_asked_for(at_nine: clock.FixedClock) -> None:
    display = Display("ja", Calendar.WAREKI)
    assert _frame(KEYS, Look(year=2025), display).title == "鍵台帳　令和7年度"
    assert _frame(KEYS, Look(), display).title == "鍵台帳"


def test_the_yearly_look_names_what_nobody_has_looked_at_since_april(
    operator: Actor, at_nine: clock.FixedClock, signed_in: Callable[..., Client]
) -> None:
    at_nine.moment = datetime(2026, 3, 31, 14, 0, tzinfo=UTC)
    old = enter(operator, name="旧")
    at_nine.moment = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
    enter(operator, name="新")
    assert names(attention=Attention.CARRY) == ["旧"]
    assert names(attention=Attention.STALE) == []
    assert "旧" in page(signed_in(Role.SYSTEM_OPERATOR), f"{LIST}?attention=carry")
    books.confirm_entry(actor=operator, ledger=KEYS, entry_id=old.pk, version=1)
    assert names(attention=Attention.CARRY) == []


def test_years_are_named_as_offices_name_them_and_rubbish_is_none() -> None:
    assert year_name(2019, Calendar.WAREKI, "ja") == "平成31年度"
    assert year_name(2026, Calendar.SEIREKI, "ja") == "2026年度"
    assert year_name(2026, Calendar.WAREKI, "en") == "FY2026"
    assert [read_year(text) for text in ("2026", "", "x", "２０２６", "0001", "9999")] == [2026, *[None] * 5]
