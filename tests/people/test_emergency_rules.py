"""The life of a sealed credential, for any times there are."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel.declarations import Outcome
from sekisho.people.rules.emergency import (
    ALPHABET,
    FINDING_STAYS,
    GROUP,
    GROUPS,
    RENEWED_WITHIN,
    WAITING,
    SealFacts,
    SealState,
    as_typed,
    is_somebody_else,
    judge_rotation,
    judge_use,
    may_open,
    review_until,
    state_of,
    written,
)

NOON = datetime(2026, 11, 20, 3, tzinfo=UTC)  # a Friday, 12:00 in Tokyo
moments = st.integers(-10_000, 10_000).map(lambda hours: NOON + timedelta(hours=hours))
maybe = st.none() | moments
seals = st.builds(
    SealFacts,
    number=st.sampled_from(["EA-001", "EA-002"]),
    made_at=moments,
    check_days=st.integers(1, 92),
    checked_at=maybe,
    opened_at=maybe,
    limit_at=maybe,
    returned_at=maybe,
    reviewed_at=maybe,
    was_justified=st.none() | st.booleans(),
    withdrawn_at=maybe,
    late_at=maybe,
    declared=st.none() | st.booleans(),
)


@given(st.text(ALPHABET, min_size=GROUP * GROUPS, max_size=GROUP * GROUPS))
def test_a_secret_is_read_however_it_is_typed(secret: str) -> None:
    """Small letters, full width, no dashes, look-alikes."""
    printed = written(secret)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in secret)
    for typed in (printed, printed.lower(), secret, wide, printed.replace("-", "　"), printed.replace("0", "O")):
        assert as_typed(typed) == printed


@given(seals, moments)
def test_what_ended_opens_nothing(seal: SealFacts, now: datetime) -> None:
    """Returned, withdrawn before its use, or past its limit: whatever else is known."""
    opens = may_open(seal, now)
    if seal.opened_at is not None and (seal.returned_at is not None or seal.limit_at is None or seal.limit_at <= now):
        assert not opens
    if seal.opened_at is None:
        assert opens == (seal.withdrawn_at is None) == (state_of(seal, now) in WAITING)


@given(seals, moments)
def test_a_use_never_reads_as_nothing(seal: SealFacts, now: datetime) -> None:
    """Something is said of every use that no review closed, and a pass only in a declared emergency."""
    said = [outcome for outcome, _number, _words in judge_use([seal], now)]
    if seal.opened_at is not None and seal.reviewed_at is None:
        assert said
        assert Outcome.PASS not in said or seal.declared
    if seal.opened_at is None and seal.late_at is None:
        assert said == []


@given(seals, moments, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_waiting_makes_an_open_use_no_better(seal: SealFacts, now: datetime, later: timedelta) -> None:
    """Time alone never turns a use that nobody returned from into a pass."""
    if seal.opened_at is None or seal.opened_at > now or seal.returned_at or seal.reviewed_at or seal.late_at:
        return
    before, after = ({outcome for outcome, *_rest in judge_use([seal], at)} for at in (now, now + later))
    assert Outcome.FAIL not in before or Outcome.FAIL in after


@pytest.mark.parametrize(
    ("opened", "until"),
    [
        (NOON, date(2026, 11, 24)),  # Friday: neither the weekend nor Labour Thanksgiving Day is a working day
        (NOON + timedelta(days=2), date(2026, 11, 24)),
        (NOON + timedelta(days=4), date(2026, 11, 25)),
        (datetime(2026, 11, 23, 16, tzinfo=UTC), date(2026, 11, 25)),  # Tuesday, 01:00 in Tokyo
    ],
)
def test_the_review_is_due_the_next_working_day(opened: datetime, until: date) -> None:
    """As the facility counts days."""
    assert review_until(opened) == until


def used(**more: object) -> SealFacts:
    limit = NOON + timedelta(hours=8)
    return SealFacts("EA-001", NOON - timedelta(days=3), 31, opened_at=NOON, limit_at=limit, **more)  # type: ignore[arg-type]


def worst(seal: SealFacts, now: datetime) -> Outcome | None:
    said = [outcome for outcome, *_rest in judge_use([seal], now)]
    return next((one for one in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS) if one in said), None)


def test_what_is_said_of_a_use() -> None:
    """In its time nobody can tell; past it, unreviewed, needless or tried again it fails; reviewed it is over."""
    hour, day = timedelta(hours=1), timedelta(days=1)
    back = {"returned_at": NOON + hour}
    seen = {**back, "reviewed_at": NOON + day}
    assert worst(used(), NOON + hour) is Outcome.UNKNOWN
    assert worst(used(declared=True), NOON + hour) is Outcome.PASS
    assert worst(used(declared=False), NOON + hour) is Outcome.FAIL
    assert worst(used(), NOON + 9 * hour) is Outcome.FAIL
    assert worst(used(**back), NOON + 2 * hour) is Outcome.UNKNOWN
    assert worst(used(**back), NOON + 5 * day) is Outcome.FAIL
    assert worst(used(**seen, was_justified=True), NOON + 4 * day) is None
    assert worst(used(**seen, was_justified=False), NOON + 4 * day) is Outcome.FAIL
    assert worst(used(**seen, was_justified=False), NOON + 2 * day + FINDING_STAYS) is None
    assert worst(used(**seen, was_justified=True, late_at=NOON + 2 * day), NOON + 3 * day) is Outcome.FAIL


def test_what_is_said_of_the_end() -> None:
    """Nothing made, in use, past its time, not replaced, replaced."""
    returned = used(returned_at=NOON + timedelta(hours=1))
    fresh = SealFacts("EA-002", NOON + timedelta(days=1), 31)
    late = NOON + timedelta(hours=2) + RENEWED_WITHIN
    assert judge_rotation([], NOON)[0] is Outcome.UNKNOWN
    assert judge_rotation([used()], NOON + timedelta(hours=1))[0] is Outcome.UNKNOWN
    assert judge_rotation([used()], NOON + timedelta(hours=8))[0] is Outcome.FAIL
    assert judge_rotation([returned], NOON + timedelta(hours=2))[0] is Outcome.PASS
    assert judge_rotation([returned], late)[0] is Outcome.FAIL
    assert judge_rotation([returned, fresh], late)[0] is Outcome.PASS


def test_nobody_reviews_themselves() -> None:
    """Neither by the person that was recognised nor by the name that was written."""
    used_by = [(None, "佐藤　花子"), ("7", "S-0007")]
    assert not is_somebody_else(used_by, ("9", "佐藤 花子"))
    assert not is_somebody_else(used_by, ("7", "鈴木 一郎"))
    assert is_somebody_else(used_by, ("9", "鈴木 一郎"))


def test_every_state_has_words() -> None:
    """None is shown as its code."""
    assert all(str(state.label) for state in SealState)
