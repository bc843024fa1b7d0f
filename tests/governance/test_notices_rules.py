"""The rule of the notices: nothing twice, nothing on quiet days, and nothing worse is ever hidden."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.governance.rules.delivery import (
    AddressRefused,
    Channel,
    DeliveryState,
    MailAddressWrong,
    Sent,
    Trouble,
    WebhookAddressWrong,
    next_try,
    plain_answer,
    require_reachable,
    signature,
    state_after,
    tidy_mail_address,
    tidy_webhook,
)
from sekisho.governance.rules.notice_causes import (
    CheckSeen,
    Ending,
    Turn,
    ending,
    failing,
    still_fallen,
    worsened,
)
from sekisho.governance.rules.notices import (
    Cause,
    Known,
    NoticeKind,
    Telling,
    Urgency,
    by_day,
    concerns,
    is_snoozed,
    is_to_be_told,
    is_worse,
    merged,
    reconcile,
)
from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Outcome, Severity

NOW = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
TODAY = date(2026, 11, 21)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
CAUSES = st.builds(
    Cause,
    kind=st.sampled_from(NoticeKind),
    key=st.sampled_from(["a", "b", "c"]),
    urgency=st.sampled_from(Urgency),
    subject=st.just("x"),
    ref=st.just("x"),
    since=st.just(NOW),
    members=st.frozensets(st.sampled_from(["1:fail", "2:fail", "2:error"])),
    overdue=st.booleans(),
)


def known(causes: dict[tuple[NoticeKind, str], Cause]) -> dict[tuple[NoticeKind, str], Known]:
    """Return what notices would hold that were opened for ``causes``."""
    return {place: Known(cause.urgency, cause.members) for place, cause in causes.items()}


@given(st.lists(CAUSES))
def test_the_same_state_is_never_news_twice(causes: list[Cause]) -> None:
    first = reconcile({}, causes)
    assert {cause.place for cause in first.opened} == {cause.place for cause in causes}
    again = reconcile(known(merged(causes)), reversed(causes))
    assert (again.opened, again.worse, again.ended) == ((), frozenset(), frozenset())


@given(st.lists(CAUSES), st.lists(CAUSES))
def test_every_cause_has_one_notice_and_what_is_over_ends(before: list[Cause], after: list[Cause]) -> None:
    held = known(merged(before))
    found = reconcile(held, after)
    places = [cause.place for cause in (*found.opened, *found.kept)]
    assert sorted(places) == sorted({cause.place for cause in after})
    assert found.ended == held.keys() - set(places)
    assert found.worse <= {cause.place for cause in found.kept}


@given(CAUSES, st.sampled_from(Urgency), st.frozensets(st.sampled_from(["1:fail", "3:fail"])))
def test_worse_is_more_urgent_or_one_more(cause: Cause, urgency: Urgency, more: frozenset[str]) -> None:
    before = Known(cause.urgency, cause.members)
    assert not is_worse(before, cause)
    assert is_worse(Known(urgency, cause.members), cause) == (cause.urgency > urgency)
    assert is_worse(Known(cause.urgency, cause.members - more), cause) == bool(cause.members & more)


@given(DAYS, DAYS)
def test_what_ends_sooner_is_never_less_urgent(until: date, today: date) -> None:
    near, far = by_day(until, today), by_day(until + timedelta(days=1), today)
    assert (near if near is not None else -1) >= (far if far is not None else -1)
    assert (near is Urgency.TODAY) == (until < today)


@given(st.dates(TODAY, TODAY + timedelta(days=40)), st.booleans())
def test_quiet_days_say_nothing_and_overdue_once_a_week(day: date, overdue: bool) -> None:
    """What was told in its present state is silent, but for what is overdue, each seventh day."""
    told = Telling(NOW, overdue, snoozed=False, told_state=NOW, told_on=TODAY)
    assert is_to_be_told(told, day) == (overdue and (day - TODAY).days >= 7)


@given(st.booleans(), st.integers(1, 10**6))
def test_new_and_worse_is_told_at_once(overdue: bool, later: int) -> None:
    worse = NOW + timedelta(seconds=later)
    assert is_to_be_told(Telling(NOW, overdue, snoozed=False), TODAY)
    assert is_to_be_told(Telling(worse, overdue, snoozed=False, told_state=NOW, told_on=TODAY), TODAY)


@given(DAYS, st.integers(-100, 100), st.integers(-100, 100))
def test_what_turned_worse_is_not_put_off(until: date, snoozed: int, worsened: int) -> None:
    """Putting off holds for the state that was put off, and to its day."""
    at, turned = NOW + timedelta(minutes=snoozed), NOW + timedelta(minutes=worsened)
    assert is_snoozed(until, at, turned, TODAY) == (until > TODAY and turned <= at)
    assert not is_snoozed(None, None, turned, TODAY)


@given(st.lists(CAUSES, min_size=1))
def test_putting_one_off_hides_no_other(causes: list[Cause]) -> None:
    """Each notice has a snooze of its own: with one put off, every other is told all the same."""
    places = sorted(merged(causes))
    told = {place: is_to_be_told(Telling(NOW, False, snoozed=place == places[0]), TODAY) for place in places}
    assert [place for place, is_told in told.items() if not is_told] == [places[0]]


def test_managing_roles_hear_of_all_and_others_of_their_own() -> None:
    assert concerns(Role.SYSTEM_OPERATOR, ())
    assert concerns(Role.DEPARTMENT_MANAGER, (Role.DEPARTMENT_MANAGER,))
    assert not concerns(Role.DEPARTMENT_MANAGER, (Role.SYSTEM_OPERATOR,))


# From what is known to causes


def check(outcomes: dict[str, Outcome], *, severity: Severity = Severity.HIGH, broken: bool = False) -> CheckSeen:
    """Return a check with these outcomes."""
    return CheckSeen("people.length", severity, broken, NOW, outcomes, {name: f"PC {name}" for name in outcomes})


def test_a_check_is_one_notice_however_many_subjects_fail() -> None:
    outcomes = {str(number): Outcome.FAIL for number in range(500)}
    (cause,) = failing([check(outcomes)])
    assert (cause.urgency, len(cause.members), cause.facts["number"]) == (Urgency.TODAY, 500, 500)
    assert list(failing([check({})])) == []
    (broken,) = failing([check({}, broken=True)])
    assert broken.urgency is Urgency.WEEK
    (error,) = failing([check({"1": Outcome.ERROR})])
    assert error.urgency is Urgency.WEEK
    (low,) = failing([check({"1": Outcome.FAIL}, severity=Severity.LOW)])
    assert low.urgency is Urgency.KNOW


VERDICTS = st.sampled_from(Verdict)


def turns(*verdicts: Verdict | None) -> list[Turn]:
    """Return the history of one place through these verdicts."""
    pairs = pairwise(verdicts)
    return [
        Turn("SO-1-1", "s", "EMR", before, after, NOW + timedelta(minutes=number))
        for number, (before, after) in enumerate(pairs)
    ]


@given(st.lists(VERDICTS, min_size=1))
def test_conforming_again_ends_every_fall(verdicts: list[Verdict]) -> None:
    assert still_fallen(turns(*verdicts, Verdict.CONFORMING)) == []
    assert still_fallen(turns(*verdicts, None)) == []


@given(st.lists(VERDICTS))
def test_not_conforming_after_conforming_is_always_a_fall(verdicts: list[Verdict]) -> None:
    (fall,) = still_fallen(turns(*verdicts, Verdict.CONFORMING, Verdict.NONCONFORMING))
    assert fall.stood is Verdict.CONFORMING


def test_a_fall_lasts_until_it_stands_as_before() -> None:
    falling = turns(Verdict.PARTIAL, Verdict.NONCONFORMING, Verdict.EXPIRED)
    (fall,) = still_fallen(falling)
    assert (fall.stood, fall.turn.after) == (Verdict.PARTIAL, Verdict.EXPIRED)
    assert still_fallen(turns(Verdict.NOT_ASSESSED, Verdict.NONCONFORMING)) == [], "a check that newly fails says it"
    (cause,) = worsened([fall], {"SO-1-1": Role.PLANNING_MANAGER})
    assert (cause.urgency, cause.roles) == (Urgency.KNOW, {Role.PLANNING_MANAGER})
    assert list(worsened([fall], {})) == [], "an item that the edition no longer has"


def test_what_ends_is_said_in_time() -> None:
    def cause(days: int) -> list[Cause]:
        until = TODAY + timedelta(days=days)
        one = Ending(NoticeKind.ENDS, "k", "SO-1-1", "EMR", until, NOW, frozenset({Role.STAFF}))
        return list(ending([one], TODAY))

    assert cause(31) == []
    assert [found.urgency for found in cause(30) + cause(7) + cause(0) + cause(-1)] == [0, 1, 1, 2]
    assert [found.overdue for found in cause(0) + cause(-1)] == [False, True]


# The ways out


@given(st.text())
def test_a_mail_address_that_passes_can_stand_in_a_header(text: str) -> None:
    for given_text in (text, f"{text}@example.jp", f"a@{text}"):
        try:
            found = tidy_mail_address(given_text)
        except MailAddressWrong:
            continue
        assert found.isascii()
        assert found.isprintable()
        assert not set(found) & set(' ,;:<>()[]\\"\r\n\0')


@pytest.mark.parametrize(
    "text", ["a@b.jp\r\nBcc: c@d.jp", "a b@c.jp", "a@", "@b.jp", "a@b..jp", "a@-b.jp", "あ@b.jp", f"{'a' * 65}@b.jp"]
)
def test_what_is_no_mail_address(text: str) -> None:
    with pytest.raises(MailAddressWrong):
        tidy_mail_address(text)
    assert tidy_mail_address(" clerk.1+x@clinic.example.jp ") == "clerk.1+x@clinic.example.jp"


@pytest.mark.parametrize(
    "text",
    [
        "http://example.jp/", "ftp://localhost/", "https://", "https://user:pw@example.jp/", "https://example.jp/#a",
        "https://example.jp:99999/", "https://exa mple.jp/", "http://localhost.example.jp/", "https://例.jp/",
        "https://example.jp/\r\nX: y", "http://127.0.0.1.example.jp/", "https://example.jp:0/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_webhook(text: str) -> None:
    with pytest.raises(WebhookAddressWrong):
        tidy_webhook(text)


@pytest.mark.parametrize("text", ["https://hooks.example.jp/a?b=c", "http://localhost:8000/", "https://[::1]:1/x"])
def test_what_is_an_address_of_a_webhook(text: str) -> None:
    assert tidy_webhook(text) == text


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "fe80::1%eth0", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255",
        "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "fd00:ec2::254", "100.100.100.200",
        "168.63.129.16", "::ffff:0:0",
    ],
)  # fmt: skip
def test_no_address_of_clouds_inner_doors_is_reached(address: str) -> None:
    with pytest.raises(AddressRefused):
        require_reachable(["93.184.215.14", address], loopback_only=False)


def test_addresses_of_the_house_are_reached_and_plain_text_stays_on_this_computer() -> None:
    inner = ["192.168.1.20", "10.0.0.5", "fd12::1", "127.0.0.1", "::1"]
    assert require_reachable(inner, loopback_only=False) == inner
    assert require_reachable(["127.0.0.1", "::1"], loopback_only=True) == ["127.0.0.1", "::1"]
    for found in ([], ["127.0.0.1", "10.0.0.5"]):
        with pytest.raises(AddressRefused):
            require_reachable(found, loopback_only=True)


def test_the_signature_is_that_of_the_manual() -> None:
    """The example of docs/ja/notices.md, computed with openssl."""
    moment = datetime(2026, 11, 21, tzinfo=UTC)
    wanted = "50a4af352593b17b3b6fb6a8dfb7f51a59a3c9f0fa54909fc61117ed5b313dbb"
    assert signature("00" * 32, moment, b"{}") == f"t=1795219200,v1={wanted}"


@given(st.text(), st.text(min_size=4))
def test_an_answer_is_one_short_line_without_the_password(said: str, secret: str) -> None:
    shown = plain_answer(f"535 {said} {secret} {said}", (secret,))
    assert len(shown) <= 200
    assert shown.isprintable()
    hidden = plain_answer(f"535 wrong: {secret}", (secret,))
    assert "".join(secret.split()) not in hidden or "".join(secret.split()) in "535 wrong: …"


@given(st.integers(1, 10), st.integers(0, 86400))
def test_tries_end_with_the_day(attempts: int, second: int) -> None:
    end = NOW + timedelta(days=1)
    wanted = next_try(attempts, NOW + timedelta(seconds=second), end)
    assert wanted is None or wanted < end
    assert attempts <= 4 or wanted is None


def test_a_mail_that_may_have_arrived_is_not_sent_again() -> None:
    silent = Sent(Trouble.AFTERWARDS, unclear=True)
    assert state_after(silent, Channel.MAIL) is DeliveryState.UNCLEAR
    assert state_after(silent, Channel.WEBHOOK) is DeliveryState.WAITING, "its receiver knows the id"
    assert state_after(Sent(), Channel.MAIL) is DeliveryState.SENT
    assert state_after(Sent(Trouble.LOGIN), Channel.MAIL) is DeliveryState.FAILED
    assert state_after(Sent(Trouble.CONNECT, again=True), Channel.MAIL) is DeliveryState.WAITING
