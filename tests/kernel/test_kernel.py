"""Clock, ids, dates, search form, actors and texts."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel import clock, text
from sekisho.kernel.access import GRANTABLE, Action, Role
from sekisho.kernel.actor import anonymous, console, platform
from sekisho.kernel.dates import (
    Calendar,
    NotADate,
    era_year,
    fiscal_year,
    format_date,
    format_moment,
    parse_date,
)
from sekisho.kernel.errors import Conflict, Forbidden, SekishoError, Unauthenticated
from sekisho.kernel.ids import new_id, uuid7
from sekisho.kernel.search import fold
from sekisho.kernel.text import Text
from tests.conftest import actor_with

DAYS = st.dates(date(1873, 1, 1), date(2100, 12, 31))


def test_the_uuid_vector_of_the_rfc() -> None:
    """RFC 9562 appendix A.6: 2022-02-22T19:22:22Z; our rand_a holds the fraction of the millisecond, here none."""
    moment = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)
    made = uuid7(moment, 0x18C4DC0C0C07398F)
    assert str(made) == "017f22e2-79b0-7000-98c4-dc0c0c07398f"
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


@given(st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1)), st.integers(1, 10**9))  # noqa: DTZ001
def test_ids_sort_by_time_to_the_microsecond(naive: datetime, microseconds: int) -> None:
    """A later id is greater, whatever the randomness."""
    moment = naive.replace(tzinfo=UTC)
    later = moment + timedelta(microseconds=microseconds)
    assert uuid7(moment, 2**62 - 1).int >> 64 <= uuid7(later, 0).int >> 64


def test_ids_do_not_repeat(at_nine: clock.FixedClock) -> None:
    """Even while the clock stands still."""
    assert len({new_id() for _ in range(2000)}) == 2000


@given(DAYS, st.sampled_from(Calendar), st.sampled_from(["ja", "en"]))
def test_every_date_that_we_write_we_read(day: date, calendar: Calendar, language: str) -> None:
    """和暦, 西暦 and ISO round-trip."""
    assert parse_date(format_date(day, calendar, language)) == day


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("R8.11.21", date(2026, 11, 21)),
        ("Ｒ８．１１．２１", date(2026, 11, 21)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("平成31年4月30日", date(2019, 4, 30)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("S1.12.25", date(1926, 12, 25)),
        ("大正元/7/30", date(1912, 7, 30)),
        ("明治6年1月1日", date(1873, 1, 1)),
        (" 2026 / 11 / 21 ", date(2026, 11, 21)),
        ("２０２６年１１月２１日", date(2026, 11, 21)),
    ],
)
def test_dates_as_people_type_them(typed: str, day: date) -> None:
    """Full width, letters, 元."""
    assert parse_date(typed) == day


@pytest.mark.parametrize(
    "typed",
    ["", "R1.4.30", "平成31年5月1日", "2026/2/29", "R8.13.1", "H0.1.1", "21.11.2026", "明日", "2026/11", "R999.1.1"],
)
def test_what_is_no_date_is_refused(typed: str) -> None:
    """Days outside their era too."""
    with pytest.raises(NotADate):
        parse_date(typed)


@given(st.text(max_size=20))
def test_no_text_breaks_the_reader_of_dates(typed: str) -> None:
    """A date or a clear error, nothing else."""
    try:
        parse_date(typed)
    except NotADate:
        pass


def test_eras_fiscal_years_and_moments() -> None:
    """The turns of the years."""
    assert (era_year(date(2019, 4, 30)), era_year(date(2019, 5, 1))) == (("平成", 31), ("令和", 1))
    assert (fiscal_year(date(2027, 3, 31)), fiscal_year(date(2027, 4, 1))) == (2026, 2027)
    moment = datetime(2026, 12, 31, 15, 0, 5, tzinfo=UTC)
    assert format_moment(moment, Calendar.WAREKI) == "令和9年1月1日 00:00"
    assert format_moment(moment, Calendar.SEIREKI, seconds=True) == "2027/01/01 00:00:05"
    assert format_moment(moment, Calendar.WAREKI, "en") == "2027-01-01 00:00"
    with pytest.raises(ValueError, match="Gregorian"):
        era_year(date(1872, 12, 31))


@given(st.text(max_size=30))
def test_folding_is_stable(typed: str) -> None:
    """Folding twice changes nothing more."""
    assert fold(fold(typed)) == fold(typed)


def test_folding_brings_widths_cases_and_kana_together() -> None:
    """ＡＢＣ, ｱｲｳ, あいう."""
    assert fold("ＡＢＣ　ｶﾞｰｾﾞ") == fold("abc がーぜ") == "abc ガーゼ"


class Deed(Action):
    """Actions of this test."""

    LOOK = ("thing.look", Text("look"), {Role.STAFF, Role.AUDITOR})


@given(st.sets(st.sampled_from(GRANTABLE)))
def test_an_actor_may_what_one_of_their_roles_may(held: set[Role]) -> None:
    """More roles never take anything away; no role, no right."""
    actor = actor_with(*held)
    assert actor.may(Deed.LOOK) == bool(held & {Role.STAFF, Role.AUDITOR})
    assert actor_with(*held, Role.STAFF).may(Deed.LOOK)


def test_refusals_differ_for_visitors_and_people() -> None:
    """A visitor is asked to sign in; a person is told who may."""
    with pytest.raises(Unauthenticated):
        anonymous().require(Deed.LOOK)
    with pytest.raises(Forbidden) as caught:
        actor_with(Role.INSPECTOR).require(Deed.LOOK)
    assert caught.value.params["action"] == "thing.look"
    assert not console().may(Deed.LOOK)
    assert not platform("web").may(Deed.LOOK)


def test_texts_are_translated_when_shown() -> None:
    """Parameters are filled after the translation; errors carry code, status and exit code."""
    before = text._translator
    try:
        text.set_translator(lambda msgid: {"Hello %(name)s": "%(name)sさん、こんにちは"}.get(msgid, msgid))
        assert str(Text("Hello %(name)s", name="花子")) == "花子さん、こんにちは"
        assert str(Text("100%")) == "100%"
    finally:
        text.set_translator(before)
    assert Text("a", x=1) == Text("a").with_params(x=1)
    assert (Conflict.status, Conflict.exit_code) == (409, 75)


def all_errors(base: type[SekishoError] = SekishoError) -> list[type[SekishoError]]:
    """Return every error class of the house."""
    return [base, *(found for below in base.__subclasses__() for found in all_errors(below))]


def test_every_error_has_a_code_of_its_own() -> None:
    """A code names one error; both texts are marked for translation."""
    ours = [error for error in all_errors() if error.__module__.startswith("sekisho.")]
    codes = [error.code for error in ours if "code" in vars(error)]
    assert len(codes) == len(set(codes))
    for error in ours:
        assert isinstance(error.message, Text)
        assert 400 <= error.status < 600
        assert 0 < error.exit_code < 80


def test_a_certificate_without_an_end_has_a_date() -> None:
    """RFC 5280 4.1.2.5: 9999-12-31T23:59:59Z; in Tokyo that is a year that no calendar here knows."""
    assert format_moment(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), Calendar.SEIREKI) == "9999/12/31 23:59"
    assert format_moment(datetime(9999, 12, 31, 14, 59, tzinfo=UTC), Calendar.SEIREKI) == "9999/12/31 23:59"
