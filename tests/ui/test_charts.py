"""The line chart: whatever the figures, a drawing that is well-formed, finite and inside its frame."""

import math
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.ui.charts import MOST_POINTS, Frame, Labels, LineChart, Sample, line_chart, scale_of, thin

NOW = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
WEEK = Frame(NOW - timedelta(days=7), NOW)
LABELS = Labels("drift", "Offset <of> ntp", 'lowest "1" & highest', "ms", "Offset", "The clock was set", "Allowed")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def hourly(*values: float) -> list[Sample]:
    """Return one value an hour, the last one now."""
    return [Sample(NOW - timedelta(hours=len(values) - 1 - number), value) for number, value in enumerate(values)]


def shown(chart: LineChart) -> ET.Element:
    """Return the rendered component, parsed; what is not well-formed does not parse."""
    page = render_to_string("ui/components/line_chart.html", {"chart": chart}, RequestFactory().get("/"))
    return ET.fromstring(f"<page>{page}</page>")


def attributes(page: ET.Element, *names: str) -> str:
    return " ".join(element.get(name, "") for element in page.iter() for name in names)


moments = st.integers(0, 36_500 * 24).map(lambda hours: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
values = st.floats() | st.floats(-5, 5) | st.sampled_from([0.0, 1e-300, -1e308, 5e-324])
near = st.integers(-10_000, 500_000).map(lambda seconds: NOW - timedelta(seconds=seconds))
bands = st.none() | st.tuples(st.floats(-1e6, 0), st.floats(0, 1e6))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.builds(Sample, moments | near, values), max_size=60),
    st.tuples(moments | near, moments | near).map(sorted),
    st.lists(st.tuples(near, near), max_size=3),
    st.lists(near, max_size=3),
    bands,
)
def test_any_points_give_a_sound_drawing(
    samples: list[Sample],
    ends: list[datetime],
    gaps: list[tuple[datetime, datetime]],
    marks: list[datetime],
    band: tuple[float, float] | None,
) -> None:
    """No NaN, no infinity, nothing outside the frame, and every number that is drawn stands in the table."""
    chart = line_chart(samples, Frame(ends[0], ends[1], gaps, marks, band), LABELS)
    page = shown(chart)
    drawn = attributes(page, "d", "x", "y", "cx", "cy", "width", "height")
    assert not re.search(r"nan|inf|e[+-]?\d", drawn, re.IGNORECASE)
    coordinates = [float(number) for path in [*chart.lines] for number in NUMBER.findall(path)]
    assert all(-0.05 <= number <= chart.width for number in coordinates)
    kept = [one for one in samples if math.isfinite(one.value) and ends[0] <= one.moment <= ends[1]]
    assert chart.total == len(kept) and len(page.findall(".//tbody/tr")) == len(chart.rows)
    assert [row[0] for row in chart.rows] == sorted(row[0] for row in chart.rows)


@settings(deadline=None)
@given(st.lists(st.floats(-1e12, 1e12), max_size=20))
def test_the_scale_holds_every_value_and_zero(found: list[float]) -> None:
    step, low, high = scale_of(found)
    room = step * 1e-6
    assert step > 0 and low <= room and high >= -room and low < high
    assert all(low - room <= value <= high + room for value in found)
    assert 1 <= round((high - low) / step) <= 7


@settings(deadline=None)
@given(st.lists(st.floats(-9, 9), min_size=1, max_size=900), st.integers(0, 100))
def test_thinning_keeps_both_ends_and_both_extremes(found: list[float], most: int) -> None:
    part = hourly(*found)
    kept = thin(part, most)
    assert kept[0] == part[0] and kept[-1] == part[-1]
    assert {min(found), max(found)} <= {one.value for one in kept}
    assert len(kept) <= max(most, 4) + 4


def test_no_line_over_a_gap() -> None:
    """Two stretches are two paths, a lonely point is a dot."""
    samples = hourly(*[1.0] * 10)
    gaps = [(samples[3].moment, samples[4].moment), (samples[4].moment, samples[5].moment)]
    chart = line_chart(samples, Frame(WEEK.first, WEEK.last, gaps), LABELS)
    assert [len(NUMBER.findall(path)) // 2 for path in chart.lines] == [4, 5]
    assert len(chart.dots) == 1


def test_months_of_values_are_few_points() -> None:
    chart = line_chart(hourly(*[float(number % 17) for number in range(160)] * 14), WEEK, LABELS)
    assert chart.total == 169 and len(chart.rows) == 169
    quarter = Frame(NOW - timedelta(days=90), NOW)
    chart = line_chart(hourly(*[float(number % 17) for number in range(2160)]), quarter, LABELS)
    assert chart.total == 2160 and len(chart.rows) <= MOST_POINTS + 4
    assert "2160" in "".join(shown(chart).itertext())


def test_what_a_reader_without_eyes_gets() -> None:
    """Title, description and the numbers; marks and the band in words."""
    samples = hourly(1.0, 2.0, 3.0)
    page = shown(line_chart(samples, Frame(WEEK.first, NOW, (), [samples[1].moment], (-1, 1)), LABELS))
    svg = page.find(".//svg")
    assert svg is not None and svg.get("role") == "img"
    named = {element.get("id"): element.text for element in svg if element.get("id")}
    assert [named[name] for name in (svg.get("aria-labelledby") or "").split()] == [LABELS.title, LABELS.description]
    text = "".join(page.itertext())
    assert all(str(words) in text for words in (LABELS.value, LABELS.mark, LABELS.band))
    assert [cell.text for cell in page.findall(".//tbody/tr/td[@class='number']")] == ["+1.0", "+2.0", "+3.0"]


@pytest.mark.parametrize(
    ("days", "labels"),
    [
        (7, ["11/15", "11/16", "11/17", "11/18", "11/19", "11/20", "11/21"]),
        (30, ["10/27", "11/1", "11/6", "11/11", "11/16", "11/21"]),
        (1, ["12:00", "18:00", "0:00", "6:00"]),
    ],
)
def test_the_days_are_those_of_the_facility(days: int, labels: list[str]) -> None:
    """Midnight in Tokyo, not in Greenwich."""
    chart = line_chart([], Frame(NOW - timedelta(days=days), NOW), LABELS)
    found = [tick.label for tick in chart.x_ticks][::-1]
    assert found == labels


def test_values_keep_their_sign_and_their_places() -> None:
    chart = line_chart(hourly(-0.4, 0.25), WEEK, LABELS)
    assert [row[1] for row in chart.rows] == ["-0.40", "+0.25"]
    assert [tick.label for tick in chart.y_ticks] == ["-0.4", "-0.2", "0", "0.2", "0.4"]
