"""Template tags: dates, cells, badges, the pager."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.http import HttpRequest

from sekisho.kernel.dates import Calendar
from sekisho.kernel.text import Text
from sekisho.ui.pager import GAP, PagePosition, page_numbers
from sekisho.ui.parts import Badge, Change, Kind, Link, kind_of

DAY = date(2026, 11, 21)
MOMENT = datetime(2026, 11, 20, 21, 30, 5, tzinfo=UTC)
MakeRequest = Callable[..., HttpRequest]
Render = Callable[..., str]


@pytest.mark.parametrize(
    ("language", "calendar", "day"),
    [
        ("ja", Calendar.WAREKI, "令和8年11月21日"),
        ("ja", Calendar.SEIREKI, "2026/11/21"),
        ("en", Calendar.WAREKI, "2026-11-21"),
    ],
)
def test_dates_follow_the_reader(
    render: Render, request_in: MakeRequest, language: str, calendar: Calendar, day: str
) -> None:
    request = request_in(language, calendar)
    text = "{% date day %}|{% moment at %}|{% cell day %}|{% cell at %}"
    shown = re.sub("<[^>]+>", "", render(text, request, day=DAY, at=MOMENT))
    assert shown == f"{day}|{day} 06:30|{day}|{day} 06:30"


def test_dates_carry_the_machine_form_in_the_time_of_the_facility(render: Render) -> None:
    assert 'datetime="2026-11-21"' in render("{% date day %}", day=DAY)
    assert 'datetime="2026-11-21T06:30:05+09:00"' in render("{% moment at seconds=True %}", at=MOMENT)
    assert "06:30:05" in render("{% moment at seconds=True %}", at=MOMENT)
    assert "11月21日" in render("{% date at %}", at=MOMENT)


def test_dates_know_the_reader_inside_an_isolated_include(render: Render, request_in: MakeRequest) -> None:
    text = '{% include "ui/components/definitions.html" with items=items only %}'
    assert "2026/11/21" in render(text, request_in("ja", Calendar.SEIREKI), items=[("day", DAY)])


@pytest.mark.parametrize(
    ("value", "shown"), [(12450, "12,450"), ("<b>", "&lt;b&gt;"), (0, "0"), (Text("a %(x)s", x="<i>"), "a &lt;i&gt;")]
)
def test_cells_are_readable_and_escaped(render: Render, value: object, shown: str) -> None:
    assert render("{% cell value %}", value=value) == shown


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_is_shown_as_a_dash_and_read_aloud_as_a_word(render: Render, value: object) -> None:
    shown = render("{% cell value %}", value=value)
    assert '<span aria-hidden="true">―</span>' in shown
    assert "visually-hidden" in shown


def test_badges_and_links_are_cells_and_escape_their_text(render: Render) -> None:
    badge = render("{% cell value %}", value=Badge("ng", "<over>due"))
    assert "&lt;over&gt;due" in badge
    assert '<span class="symbol" aria-hidden="true">×</span>' in badge
    assert render("{% cell value %}", value=Link("a&b", "/x?a=1&b=2")) == '<a href="/x?a=1&amp;b=2">a&amp;b</a>'


def test_every_kind_has_a_symbol_of_its_own(render: Render) -> None:
    symbols = {render("{{ kind|kind_symbol }}", kind=kind.value) for kind in Kind}
    assert len(symbols) == len(Kind)


def test_levels_of_messages_are_kinds_and_unknown_words_are_refused() -> None:
    assert [kind_of(word) for word in ("success", "error", "ok")] == [Kind.OK, Kind.NG, Kind.OK]
    with pytest.raises(ValueError, match="brilliant"):
        kind_of("brilliant")


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [(None, "a", "added"), ("a", None, "removed"), ("a", "b", "changed"), ("a", "a", "same")],
)
def test_changes_name_what_happened(before: object, after: object, state: str) -> None:
    assert Change("x", before, after).state == state


@pytest.mark.parametrize(
    ("number", "num_pages", "expected"),
    [
        (1, 1, [1]),
        (4, 12, [1, 2, 3, 4, 5, GAP, 12]),
        (6, 12, [1, GAP, 5, 6, 7, GAP, 12]),
        (12, 12, [1, GAP, 11, 12]),
        (2, 4, [1, 2, 3, 4]),
    ],
)
def test_page_numbers_leave_out_only_what_saves_space(number: int, num_pages: int, expected: list[int | None]) -> None:
    assert page_numbers(number, num_pages) == expected


def test_the_pager_keeps_the_query_string(render: Render, request_in: MakeRequest) -> None:
    request = request_in(path="/devices?q=%E4%BD%90%E8%97%A4&state=out&state=late&page=2")
    shown = render("{% pager page %}", request, page=PagePosition(2, 3, total=41))
    links = [unescape(link) for link in re.findall(r'href="([^"]+)"', shown)]
    assert links
    assert all("q=%E4%BD%90%E8%97%A4&state=out&state=late&page=" in link for link in links)
    assert {link[-1] for link in links} == {"1", "3"}
    assert 'aria-current="page">2<' in shown
    assert "hx-" not in shown


def test_the_pager_of_one_page_is_not_there_and_a_target_adds_htmx(render: Render) -> None:
    assert render("{% pager page %}", page=PagePosition(1, 1)).strip() == ""
    assert 'hx-target="#rows"' in render('{% pager page target="#rows" %}', page=PagePosition(1, 2))
