"""Public holidays against the Cabinet Office's list (内閣府「国民の祝日」), and what holds in every year."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.kernel.holidays import is_holiday, is_working_day, next_working_day

UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# As announced: month and day, substitutes and the day between two holidays among them.
ANNOUNCED = {
    2024: "1/1 1/8 2/11 2/12 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/15 8/11 8/12 9/16 9/22 9/23 10/14 11/3 11/4 11/23",
    2025: "1/1 1/13 2/11 2/23 2/24 3/20 4/29 5/3 5/4 5/5 5/6 7/21 8/11 9/15 9/23 10/13 11/3 11/23 11/24",
    2026: "1/1 1/12 2/11 2/23 3/20 4/29 5/3 5/4 5/5 5/6 7/20 8/11 9/21 9/22 9/23 10/12 11/3 11/23",
    2027: "1/1 1/11 2/11 2/23 3/21 3/22 4/29 5/3 5/4 5/5 7/19 8/11 9/20 9/23 10/11 11/3 11/23",
}
days = st.dates(date(2022, 1, 1), date(2099, 12, 31))


def test_the_announced_years() -> None:
    """Day by day: no holiday too many, none too few."""
    for year, words in ANNOUNCED.items():
        announced = {date(year, *map(int, word.split("/"))) for word in words.split()}
        every = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
        assert {day for day in every if day.year == year and is_holiday(day)} == announced


@UNTIMED
@given(days)
def test_the_next_working_day(day: date) -> None:
    """It lies ahead, is worked on, and every day before it is not; nobody waits longer than Golden Week."""
    after = next_working_day(day)
    assert timedelta(0) < after - day <= timedelta(days=7)
    assert is_working_day(after)
    assert not any(is_working_day(day + timedelta(days=number)) for number in range(1, (after - day).days))


@UNTIMED
@given(st.integers(2022, 2099))
def test_every_year(year: int) -> None:
    """Sixteen holidays by law, the equinoxes where the sun can be, and after a Sunday's holiday a day off."""
    every = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    holidays = [day for day in every if is_holiday(day)]
    assert 16 <= len(holidays) <= 22
    assert any((day.month, day.day) in {(3, 19), (3, 20), (3, 21)} for day in holidays)
    for day in holidays:
        if day.weekday() == 6:
            assert not is_working_day(day + timedelta(days=1))
