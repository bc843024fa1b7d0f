"""Several lines over days: nothing is drawn over days without figures, names never lie upon each other."""

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from itertools import pairwise

from django.template.loader import render_to_string
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.ui.trend_chart import (
    LABEL_ROOM,
    RIGHT,
    Series,
    TrendChart,
    TrendFrame,
    TrendLabels,
    TrendRow,
    gaps,
    trend_chart,
)

LAST = date(2026, 11, 22)
LABELS = TrendLabels("trend", "Items <by> verdict", 'from "1"', "items", "changed", "no figures")
STYLES = ("ok", "ng", "warn", "late", "unknown", "neutral", "outside")


def ago(days: int) -> date:
    return LAST - timedelta(days=days)


FRAME = TrendFrame(ago(27), LAST)


def line(name: str, style: str, values: dict[int, int]) -> Series:
    """Return a line from values by how many days ago."""
    return Series(name, style, {ago(days): value for days, value in values.items()})


def shown(chart: TrendChart) -> ET.Element:
    """Return the rendered component, parsed; what is not well-formed does not parse."""
    rows = [TrendRow(LAST, None, (1,)), TrendRow(ago(9), ago(5), ())]
    context = {"chart": chart, "rows": rows, "heads": ["a"], "note": ""}
    page = render_to_string("ui/components/trend_chart.html", context, RequestFactory().get("/"))
    return ET.fromstring(f"<page>{page}</page>")


days = st.sets(st.integers(0, 400), max_size=40)
counts = st.lists(st.lists(st.integers(0, 121), min_size=7, max_size=7), min_size=41, max_size=41)


@settings(deadline=None, max_examples=40)
@given(days, counts, st.integers(0, 400), st.lists(st.integers(-5, 500), max_size=4))
def test_any_days_give_a_sound_drawing(known: set[int], values: list[list[int]], width: int, marks: list[int]) -> None:
    """Inside its frame, every name inside the drawing and apart from the others, whatever is missing."""
    series = [
        line(style, style, {day: values[place][number] for place, day in enumerate(sorted(known))})
        for number, style in enumerate(STYLES)
    ]
    chart = trend_chart(series, TrendFrame(ago(width), LAST, [ago(day) for day in marks]), LABELS)
    page = shown(chart)
    numbers = re.findall(r"-?\d+(?:\.\d+)?", " ".join(path for one in chart.lines for path in one.paths))
    assert all(0 <= float(number) <= RIGHT for number in numbers)
    places = sorted(one.name_y for one in chart.lines)
    assert all(after - before >= LABEL_ROOM - 0.2 for before, after in pairwise(places))
    assert all(0 <= place <= chart.height for place in places)
    assert len(page.findall(".//tbody/tr")) == 2


def test_a_day_without_figures_breaks_the_line_and_is_shaded() -> None:
    (one,) = trend_chart([line("a", "ok", {9: 3, 8: 3, 5: 4, 4: 5, 1: 5})], FRAME, LABELS).lines
    assert (len(one.paths), len(one.dots)) == (2, 1)
    chart = trend_chart([line("a", "ok", {9: 3, 8: 3, 5: 4, 4: 5, 1: 5})], FRAME, LABELS)
    assert len(chart.gaps) == 4, "before the first, two between, after the last"
    assert shown(chart).findall(".//rect[@class='chart-gap']")


def test_stretches_without_figures_are_named_by_their_first_and_last_day() -> None:
    assert list(gaps({ago(9), ago(8), ago(3)}, ago(9), LAST)) == [(ago(7), ago(4)), (ago(2), LAST)]
    assert list(gaps(set(), ago(2), LAST)) == [(ago(2), LAST)]
    assert list(gaps({ago(1), LAST}, ago(1), LAST)) == []


def test_days_on_which_nothing_changed_need_no_point() -> None:
    """A year of the same figure is two points; every change keeps its corners."""
    (flat,) = trend_chart([line("a", "ok", dict.fromkeys(range(28), 7))], FRAME, LABELS).lines
    assert flat.paths[0].count("L") == 1
    (step,) = trend_chart(
        [line("a", "ok", {**dict.fromkeys(range(14), 9), **dict.fromkeys(range(14, 28), 7)})], FRAME, LABELS
    ).lines
    assert step.paths[0].count("L") == 3


def test_a_line_of_nothing_but_zeros_is_left_out() -> None:
    chart = trend_chart([line("a", "ok", {1: 0, 0: 0}), line("b", "ng", {1: 0, 0: 1})], FRAME, LABELS)
    assert [one.name for one in chart.lines] == ["b"]
    assert (chart.lines[0].last, chart.lines[0].style) == (1, "ng")


def test_a_mark_is_drawn_only_inside() -> None:
    frame = TrendFrame(ago(27), LAST, [ago(10), ago(40)])
    chart = trend_chart([line("a", "ok", {1: 1, 0: 2})], frame, LABELS)
    assert len(chart.marks) == 1
    assert len(shown(chart).findall(".//path[@class='chart-flag']")) == 2, "in the drawing and in the legend"
