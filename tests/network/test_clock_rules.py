"""What readings of clocks come to: agreement of sources, uncertainty, and drift over time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sekisho.kernel.declarations import Outcome
from sekisho.network.rules.clocks import Bound, Bounds, agree, judge, level_of
from sekisho.network.rules.drift_history import Point, drift
from sekisho.network.rules.judged import Judged, Level, outcome_of
from sekisho.network.rules.readings import Answer, ClockObservations, HostReading, Method, SourceReading


def source(name: str, offset: float, uncertainty: float = 0.01) -> SourceReading:
    return SourceReading(name, Answer.TIME, offset, uncertainty)


def failed(name: str, answer: Answer = Answer.NO_ANSWER) -> SourceReading:
    return SourceReading(name, answer)


def host(offset: float | None, uncertainty: float | None = 0.01, answer: Answer = Answer.TIME) -> HostReading:
    return HostReading("emr", Method.HTTP_DATE, answer, offset, uncertainty)


def codes(*sources: SourceReading, hosts: tuple[HostReading, ...] = ()) -> list[tuple[str, Level]]:
    return [(remark.code, remark.level) for remark in judge(ClockObservations(sources, hosts))]


GOOD = (source("a", 0.01), source("b", -0.02), source("c", 0.03))
PLATFORM_OK = ("clock.platform", Level.OK)
UNKNOWN = ("clock.platform", Level.UNKNOWN)


# The platform against its sources


def test_sources_that_agree() -> None:
    assert codes(*GOOD) == [PLATFORM_OK]


def test_one_false_source_is_named_and_outvoted() -> None:
    remarks = judge(ClockObservations((*GOOD, source("liar", 3600))))
    assert [(remark.code, remark.level) for remark in remarks] == [PLATFORM_OK, ("clock.source_false", Level.WARN)]
    assert remarks[1].message.params["name"] == "liar"


def test_two_that_lie_alike_are_outvoted_by_three() -> None:
    found = agree([*GOOD, source("x", 60), source("y", 60)])
    assert found is not None and [one.name for one in found.false] == ["x", "y"]
    assert abs(found.offset) < 0.1


def test_the_platform_is_off_when_its_sources_say_so() -> None:
    remark = judge(ClockObservations((source("a", -4.0), source("b", -4.01))))[0]
    assert (remark.level, remark.message.params["offset"]) == (Level.NG, "+4.005")  # ahead of standard time
    assert remark.message.params["bound"] == "1"


@pytest.mark.parametrize(
    "sources",
    [
        (),
        (source("a", 0),),
        (source("a", 0), failed("b"), failed("c", Answer.UNSYNCHRONISED)),
        (source("a", 0), source("b", 3600)),
        (source("a", 0), source("b", 0), source("c", 60), source("d", 60)),
        (source("a", 0), source("b", 60), source("c", 120)),
        (failed("a"), failed("b")),
    ],
)
def test_without_two_that_agree_nothing_is_known(sources: tuple[SourceReading, ...]) -> None:
    """One alone, none, two that differ, two against two, each its own."""
    found = codes(*sources)
    assert found[0] == UNKNOWN and agree(sources) is None
    assert outcome_of(judge(ClockObservations(sources))) is Outcome.UNKNOWN


def test_a_source_without_a_time_is_worth_a_word_and_no_vote() -> None:
    found = codes(*GOOD, failed("x", Answer.KISS), failed("y", Answer.WRONG_ORIGIN))
    assert found == [PLATFORM_OK, ("clock.source_kiss", Level.WARN), ("clock.source_wrong_origin", Level.WARN)]


def test_uncertain_sources_prove_nothing() -> None:
    """Their common ground is wider than the bound."""
    assert codes(source("a", 0, 5), source("b", 0, 5)) == [UNKNOWN]
    assert codes(source("a", 0, 0.9), source("b", 0, 0.9)) == [PLATFORM_OK]


def test_a_chain_of_sources_counts_as_wide_as_it_is() -> None:
    """The first agrees with the second and the second with the third: either pair may be right."""
    found = agree([source("a", -1.0, 0.6), source("b", 0.0, 0.6), source("c", 1.0, 0.6)])
    assert found is not None and not found.false
    assert (found.offset, found.uncertainty) == (pytest.approx(0), pytest.approx(0.6))


claims = st.lists(st.tuples(st.floats(-100, 100), st.floats(1e-6, 5)), min_size=2, max_size=7)


@settings(deadline=None)
@given(st.floats(-1000, 1000), claims, st.lists(st.floats(-5000, 5000), max_size=6))
def test_the_truth_is_found_while_most_are_right(
    truth: float, honest: list[tuple[float, float]], lies: list[float]
) -> None:
    """Honest sources are off by no more than they say; fewer liars than honest ones say anything."""
    lies = lies[: len(honest) - 1]
    sources = [source(f"h{n}", truth + error, abs(error) + slack) for n, (error, slack) in enumerate(honest)]
    found = agree([*sources, *(source(f"l{n}", lie, 0.1) for n, lie in enumerate(lies))])
    assert found is not None
    assert abs(found.offset - truth) <= found.uncertainty + 1e-6
    assert not [one.name for one in found.false if one.name.startswith("h")]


@settings(deadline=None)
@given(st.permutations([*GOOD, source("liar", 50), failed("x")]))
def test_the_order_of_sources_does_not_matter(sources: list[SourceReading]) -> None:
    assert sorted(codes(*sources)) == sorted(codes(*GOOD, source("liar", 50), failed("x")))


# Hosts against the platform


@pytest.mark.parametrize(
    ("offset", "uncertainty", "level"),
    [
        (0.0, 0.01, Level.OK),
        (0.9, 0.5, Level.OK),
        (1.2, 0.5, Level.OK),  # may be within a second
        (-5.0, 0.6, Level.WARN),  # allowed, but nobody sets it
        (29.0, 0.5, Level.WARN),
        (29.8, 0.5, Level.UNKNOWN),
        (30.2, 0.5, Level.UNKNOWN),
        (-30.6, 0.5, Level.NG),
        (0.0, 31.0, Level.UNKNOWN),  # too coarse, however good it looks
        (60.0, 40.0, Level.UNKNOWN),
        (86_400.0, 0.5, Level.NG),
    ],
)
def test_a_host(offset: float, uncertainty: float, level: Level) -> None:
    assert codes(*GOOD, hosts=(host(offset, uncertainty),))[1] == ("clock.host", level)


def test_a_host_that_cannot_be_read_is_unknown() -> None:
    remarks = judge(ClockObservations(GOOD, (host(None, None, Answer.REFUSED),)))
    assert [(remark.code, remark.level) for remark in remarks][1] == ("clock.host_unread", Level.UNKNOWN)
    assert outcome_of(remarks) is Outcome.UNKNOWN


def test_the_bound_is_the_facilitys() -> None:
    strict = Bounds(host=Bound(0.4, GOOD_REASON, "facility", "own"))
    remark = judge(ClockObservations(GOOD, (host(0.0, 0.5),)), strict)[1]
    assert (remark.level, remark.expected) == (Level.UNKNOWN, {"within_seconds": 0.4})
    assert remark.certainty == "own" and "17③" in remark.source


GOOD_REASON = Bounds().host.reason


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(0.001, 1e5))
def test_never_fine_beyond_what_was_measured(offset: float, uncertainty: float, bound: float) -> None:
    level = level_of(offset, uncertainty, bound)
    if uncertainty > bound:
        assert level is not Level.OK
    if level is Level.OK:
        assert abs(offset) + uncertainty <= bound
    if level is Level.NG:
        assert abs(offset) - uncertainty > bound


RANK = {Outcome.PASS: 0, Outcome.UNKNOWN: 1, Outcome.FAIL: 2}


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(0, 40)), max_size=4), st.floats(0, 40))
def test_a_coarser_measurement_never_improves(readings: list[tuple[float, float]], more: float) -> None:
    def outcome(extra: float) -> Outcome:
        hosts = tuple(host(offset, uncertainty + extra) for offset, uncertainty in readings)
        return outcome_of(judge(ClockObservations(GOOD, hosts)))

    if outcome(0) is not Outcome.FAIL:  # what was certainly wrong may become uncertain
        assert RANK[outcome(more)] >= RANK[outcome(0)]
    assert outcome(more) is not Outcome.PASS or outcome(0) is Outcome.PASS


def test_a_remark_is_json_with_its_observation() -> None:
    remark: Judged = judge(ClockObservations(GOOD, (host(1.5),)))[1]
    document = remark.document()
    assert document["observed"] == {
        "host": "emr", "method": "http_date", "answer": "time", "offset_seconds": 1.5, "uncertainty_seconds": 0.01,
        "detail": "",
    }  # fmt: skip
    assert document["message"] == {"msgid": remark.message.msgid, "params": {
        "host": "emr", "offset": "+1.500", "uncertainty": "0.010", "bound": "30",
    }}  # fmt: skip


# Drift

START = datetime(2026, 11, 1, tzinfo=UTC)


def line(count: int, every: timedelta, slope_ms_per_day: float, start: float = 0.0) -> list[Point]:
    rate = slope_ms_per_day / 1000 / 86_400
    return [Point(START + n * every, start + n * every.total_seconds() * rate) for n in range(count)]


@pytest.mark.parametrize("slope", [0.0, 350.0, -1200.0, 0.5])
def test_a_straight_drift(slope: float) -> None:
    found = drift(line(60, timedelta(hours=1), slope))
    assert found.slope_ms_per_day == pytest.approx(slope, abs=1e-6)
    assert (found.gaps, found.steps) == ((), ())


def test_too_few_points_have_no_slope() -> None:
    assert drift([]).slope_ms_per_day is None
    assert drift(line(7, timedelta(hours=12), 100)).slope_ms_per_day is None
    assert drift(line(200, timedelta(seconds=10), 100)).slope_ms_per_day is None  # half an hour
    assert drift(line(8, timedelta(hours=1), 100)).slope_ms_per_day == pytest.approx(100)


def test_wild_points_do_not_move_the_slope() -> None:
    points = line(40, timedelta(hours=1), 200)
    for index in (3, 17, 18, 30):
        points[index] = Point(points[index].moment, points[index].offset + (-1) ** index * 500)
    assert drift(points).slope_ms_per_day == pytest.approx(200, rel=0.05)


def test_a_clock_that_is_set_every_day_drifts_all_the_same() -> None:
    """Runs away by 2 s a day and is set back each midnight."""
    points = [point for day in range(7) for point in _day(day)]
    found = drift(points)
    assert found.slope_ms_per_day == pytest.approx(2000, rel=0.02)
    assert found.steps == tuple(START + timedelta(days=day) for day in range(1, 7))


def _day(day: int) -> list[Point]:
    return [Point(START + timedelta(days=day, hours=hour), hour * 2 / 24) for hour in range(24)]


def test_pauses_are_gaps() -> None:
    points = line(24, timedelta(hours=1), 100)
    later = [Point(point.moment + timedelta(days=2), point.offset + 0.2) for point in points]
    found = drift([*later, *points])  # in any order
    assert found.gaps == ((points[-1].moment, later[0].moment),)
    assert found.slope_ms_per_day == pytest.approx(100, rel=0.01) and found.steps == ()
    assert [point.moment for point in found.points] == sorted(point.moment for point in found.points)


def test_what_gathers_in_a_pause_is_no_step() -> None:
    """The longer nobody looked, the more a clock may have changed; the same jump within an hour is one."""
    points = line(24, timedelta(hours=1), 100)
    behind = [
        Point(point.moment + timedelta(days=3), point.offset + 0.36) for point in points
    ]  # 60 ms more than the line
    assert drift([*points, *behind]).steps == ()
    at_once = [Point(point.moment + timedelta(days=1), point.offset + 0.16) for point in points]
    assert drift([*points, *at_once]).steps == (at_once[0].moment,)


@settings(deadline=None)
@given(
    st.floats(-5000, 5000),
    st.lists(st.floats(-0.002, 0.002), min_size=30, max_size=60),
    st.floats(-1000, 1000),
)
def test_noise_of_milliseconds_leaves_the_slope(slope: float, noise: list[float], start: float) -> None:
    points = line(len(noise), timedelta(hours=2), slope, start)
    found = drift([Point(point.moment, point.offset + wrong) for point, wrong in zip(points, noise, strict=True)])
    assert found.slope_ms_per_day is not None
    assert abs(found.slope_ms_per_day - slope) < 5


def test_a_long_history_is_thinned_for_the_fit_only() -> None:
    found = drift(line(5000, timedelta(minutes=10), 75))
    assert found.slope_ms_per_day == pytest.approx(75) and len(found.points) == 5000


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.floats(-1e6, 1e6)), max_size=30))
def test_no_history_brings_it_down(rows: list[tuple[int, float]]) -> None:
    assume(rows)
    found = drift([Point(START + timedelta(seconds=second), offset) for second, offset in rows])
    assert len(found.points) == len(rows)
