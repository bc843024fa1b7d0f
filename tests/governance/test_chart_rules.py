"""The scores of the security chart, and the trend: nothing unknown is good, and years compare honestly."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sekisho.governance.queries.chart import present_yardstick
from sekisho.governance.queries.editions import CURRENT, edition, mapping
from sekisho.governance.rules.chart import UNTOLD, ChapterScore, chapter_scores, compare, yardstick
from sekisho.governance.rules.trend import Period, TrendDay, changed_days, listed_days
from sekisho.governance.rules.verdicts import Verdict

GOOD, BAD, AWAY = Verdict.CONFORMING, Verdict.NONCONFORMING, Verdict.NOT_APPLICABLE
DAY = date(2026, 11, 22)
counts = st.dictionaries(st.sampled_from(list(Verdict)), st.integers(1, 50), max_size=7)
leaves = st.dictionaries(st.sampled_from([f"SO-17-{number}" for number in range(1, 9)]), counts, min_size=1)


def score(found: dict[str, dict[Verdict, int]]) -> ChapterScore:
    (one,) = chapter_scores(found)
    return one


def test_the_example_on_the_page_is_right() -> None:
    """One item conforms for 3 of 4 systems, the other cannot be told."""
    found = {"SO-17-1": {GOOD: 3, BAD: 1}, "SO-17-2": {Verdict.CANNOT_TELL: 1}}
    assert score(found) == ChapterScore(17, 0, 2, 37, 50)


@given(leaves)
def test_score_and_what_cannot_be_told_never_pass_100(found: dict[str, dict[Verdict, int]]) -> None:
    one = score(found)
    if one.score is None or one.untold is None:
        assert all(set(each) == {AWAY} for each in found.values())
    else:
        assert 0 <= one.score <= one.score + one.untold <= 100
        assert (one.score == 100) == (one.n == one.N)


@given(leaves, st.sampled_from(sorted(UNTOLD)))
def test_one_more_subject_that_cannot_be_told_never_raises_a_score(
    found: dict[str, dict[Verdict, int]], unknown: Verdict
) -> None:
    """And what could be added on top never falls below what it is."""
    before = score(found)
    name = next(iter(found))
    after = score({**found, name: {**found[name], unknown: found[name].get(unknown, 0) + 1}})
    if before.score is not None and any(verdict is not AWAY for verdict in found[name]):
        assert after.score is not None
        assert after.score <= before.score


def test_99_of_100_is_never_rounded_up() -> None:
    assert score({"SO-17-1": {GOOD: 999, BAD: 1}}).score == 99


def test_what_was_never_judged_cannot_be_told_and_what_does_not_apply_stands_aside() -> None:
    assert score({"SO-17-1": {}}) == ChapterScore(17, 0, 1, 0, 100)
    assert score({"SO-17-1": {AWAY: 4}}) == ChapterScore(17, 0, 0, None, None)


def test_a_difference_that_unknowns_could_turn_round_is_marked() -> None:
    def of(value: int | None, untold: int | None) -> ChapterScore:
        return ChapterScore(17, 0, 1, value, untold)

    def said(now: ChapterScore, before: ChapterScore | None) -> tuple[int | None, bool]:
        (found,) = compare([now], [before] if before else [])
        return found.difference, found.is_certain

    assert said(of(60, 0), of(40, 0)) == (20, True)
    assert said(of(60, 0), of(40, 30)) == (20, False), "last year may have been better"
    assert said(of(40, 30), of(60, 0)) == (-20, False), "this year may be better"
    assert said(of(40, 10), of(60, 0)) == (-20, True)
    assert said(of(40, 10), None) == (None, False)
    assert said(of(None, None), of(60, 0)) == (None, False)


def test_other_words_are_the_same_yardstick_and_another_proof_is_another() -> None:
    proofs = mapping(CURRENT).leaves
    documents = [
        {**leaf.model_dump(mode="json", by_alias=True), "mapping": proofs[leaf.id].model_dump(mode="json")}
        for leaf in edition(CURRENT).leaves
    ]
    assert yardstick(documents) == present_yardstick(CURRENT)
    reworded = [{**one, "title": {"ja": "x", "en": "x"}} for one in documents]
    assert yardstick(reworded) == yardstick(documents)
    stricter = [{**documents[0], "parameters": [{"name": "length", "at_least": 99}]}, *documents[1:]]
    fewer = documents[1:]
    assert len({yardstick(documents), yardstick(stricter), yardstick(fewer)}) == 3


def days(*yardsticks: str, every: int = 1) -> list[TrendDay]:
    return [TrendDay(DAY + timedelta(days=every * place), {}, name) for place, name in enumerate(yardsticks)]


def test_a_change_of_what_is_measured_is_marked_on_its_first_day() -> None:
    assert changed_days(days("a", "a", "b", "b", "a")) == [DAY + timedelta(days=2), DAY + timedelta(days=4)]
    assert changed_days(days("a")) == []


def test_a_long_period_is_listed_by_weeks_and_keeps_marked_days() -> None:
    many = days(*["a"] * 100, *["b"] * 265)
    listed = list(listed_days(many, Period.YEAR))
    assert listed[-1] is many[-1]
    assert many[100] in listed
    assert 52 <= len(listed) <= 55
    assert list(listed_days(many[:28], Period.WEEKS)) == many[:28]
