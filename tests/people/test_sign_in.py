"""Signing in: what holds guessing back, and what is written about it."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connections

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import anonymous
from sekisho.people.errors import CodeRefused, HeldBack, PasswordWrong, SignInRefused
from sekisho.people.models import Session, Softlock, TotpSecret, User
from sekisho.people.queries import actor_of
from sekisho.people.rules import (
    CODE_SOFTLOCK,
    NETWORK_SOFTLOCK,
    PASSWORD_SOFTLOCK,
    LoginInvalid,
    PasswordTooWeak,
    check_password,
    failures_after,
    locked_until,
    normalize_login,
)
from sekisho.people.services import sign_in
from sekisho.people.services.softlocks import charge_attempt, password_key
from sekisho.register.models import Body, Event
from tests.conftest import MORNING, PASSWORD, code_now

VISITOR = anonymous("10.1.2.3")


def try_password(login: str = "suzuki", password: str = "wrong") -> User:
    """Try the first factor."""
    return sign_in.verify_password(actor=VISITOR, login=login, password=password)


@pytest.mark.django_db
def test_after_five_failures_even_the_right_password_waits(
    make_person: Callable[..., User], at_nine: clock.FixedClock
) -> None:
    """The wait ends by itself, and a success forgets the failures."""
    make_person("suzuki", Role.STAFF)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            try_password()
    with pytest.raises(HeldBack):
        try_password(password=PASSWORD)
    at_nine.moment += timedelta(minutes=1, seconds=1)
    assert try_password(password=PASSWORD).login == "suzuki"
    assert not Softlock.objects.filter(key=password_key("suzuki")).exists()


@pytest.mark.django_db
def test_each_wait_is_recorded_once(at_nine: clock.FixedClock) -> None:
    """A guessing machine leaves its trace without filling the register; what it typed is kept apart."""
    for _ in range(5):
        with pytest.raises(SignInRefused):
            try_password(login="himitsu-na-kotoba")
    for _ in range(20):
        with pytest.raises(HeldBack):
            try_password(login="himitsu-na-kotoba")
    held = Event.objects.filter(outcome="denied")
    assert held.count() == 1
    assert "himitsu" not in held.get().entry
    assert json.loads(held.get().entry)["details"] == {"code": "people.held_back", "failures": 5}
    at_nine.moment += timedelta(minutes=2)
    with pytest.raises(SignInRefused):
        try_password(login="himitsu-na-kotoba")
    with pytest.raises(HeldBack):
        try_password(login="himitsu-na-kotoba")
    assert held.count() == 2


@pytest.mark.django_db
def test_an_unknown_name_is_held_back_alike(at_nine: clock.FixedClock) -> None:
    """Nobody learns from the answers whether an account exists."""
    for _ in range(5):
        with pytest.raises(SignInRefused):
            try_password(login="nobody")
    with pytest.raises(HeldBack):
        try_password(login="nobody")


@pytest.mark.django_db
def test_codes_are_held_back_too(make_person: Callable[..., User], at_nine: clock.FixedClock) -> None:
    """Six digits would be guessed in a day otherwise."""
    user = make_person("suzuki", Role.STAFF)
    for _ in range(5):
        with pytest.raises(CodeRefused):
            sign_in.verify_code(actor=VISITOR, user_id=str(user.pk), code="000000")
    with pytest.raises(HeldBack):
        sign_in.verify_code(actor=VISITOR, user_id=str(user.pk), code=code_now())


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_gain_nothing() -> None:
    """An attempt is counted before it is judged: of twenty at once, five get through."""
    with clock.use(clock.FixedClock(MORNING)):

        def charge(_: int) -> bool:
            try:
                charge_attempt(actor=VISITOR, key="password:race", policy=PASSWORD_SOFTLOCK)
            except HeldBack:
                return False
            finally:
                connections.close_all()
            return True

        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(charge, range(20)))
    assert sum(results) == PASSWORD_SOFTLOCK.free


@pytest.mark.django_db
def test_one_address_gets_many_attempts_but_not_endless(at_nine: clock.FixedClock) -> None:
    """A ward behind one address is not locked out by one mistyping colleague; a guessing machine is."""
    for number in range(NETWORK_SOFTLOCK.free):
        charge_attempt(actor=VISITOR, key="network:10.1.2.3", policy=NETWORK_SOFTLOCK)
    with pytest.raises(HeldBack):
        charge_attempt(actor=VISITOR, key="network:10.1.2.3", policy=NETWORK_SOFTLOCK)


@pytest.mark.django_db
def test_failures_are_recorded_without_what_was_typed(make_person: Callable[..., User]) -> None:
    """People type their password into the wrong box; the entry only commits to it."""
    make_person("suzuki", Role.STAFF)
    with pytest.raises(SignInRefused):
        try_password(login="hoshi-no-furu-yoru-1", password="x")
    entry = json.loads(Event.objects.get().entry)
    assert "hoshi" not in json.dumps(entry)
    assert (entry["outcome"], entry["details"], entry["network"]) == ("failure", {"factor": "password"}, "10.1.2.3")
    assert b"hoshi" in bytes(Body.objects.get().body)
    with pytest.raises(SignInRefused):
        try_password()
    assert json.loads(Event.objects.latest("source_seq").entry)["subject"]["label"] == "suzuki"


@pytest.mark.django_db
def test_leavers_and_disabled_accounts_do_not_get_in(
    make_person: Callable[..., User], at_nine: clock.FixedClock
) -> None:
    """The last day still works; the day after does not. The answer is the same as for a wrong password."""
    user = make_person("suzuki", Role.STAFF)
    user.staff.employed_until = date(2026, 11, 21)
    user.staff.save()
    assert try_password(password=PASSWORD) == user
    at_nine.moment += timedelta(days=1)
    with pytest.raises(SignInRefused):
        try_password(password=PASSWORD)


@pytest.mark.django_db
def test_a_disabled_account_ends_at_the_second_factor_too(make_person: Callable[..., User]) -> None:
    """Disabled between password and code."""
    user = make_person("suzuki", Role.STAFF)
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(SignInRefused):
        sign_in.verify_code(actor=VISITOR, user_id=str(user.pk), code=code_now())


@pytest.mark.django_db
def test_a_new_password_ends_other_sessions(make_person: Callable[..., User]) -> None:
    """The present one is asked for, the rules hold, the revision grows."""
    user = make_person("suzuki", Role.STAFF)
    actor = actor_of(user, session="s", network=None, assurance=2)
    with pytest.raises(PasswordWrong):
        sign_in.change_password(actor=actor, present="x", new="kaze tachinu 2026 aki", about=())
    with pytest.raises(PasswordTooWeak):
        sign_in.change_password(actor=actor, present=PASSWORD, new="short1", about=())
    changed = sign_in.change_password(actor=actor, present=PASSWORD, new="kaze tachinu 2026 aki", about=())
    assert changed.revision == user.revision + 1
    assert try_password(password="ｋａｚｅ ｔａｃｈｉｎｕ ２０２６ ａｋｉ") == user, (
        "full-width typing is the same password"
    )


@pytest.mark.django_db
def test_the_seed_does_not_lie_open(make_person: Callable[..., User]) -> None:
    """A copy of the database makes no codes."""
    from tests.conftest import SEED

    make_person("suzuki", Role.STAFF)
    assert SEED not in bytes(TotpSecret.objects.get().sealed_seed)


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("asa no hikari 2026 mado", True),
        ("さくらさくやよいのそらは９", True),
        ("さくらさくやよいのそらはれた", False),  # no digit
        ("short123", False),
        ("twelvechars1", False),
        ("123456789012345", False),
        ("abcdefghijklm1", False),
        ("aaaaaaaaaaaaaaa1", False),
        ("qwertyuiop1234", False),
        ("suzuki-no-himitsu-9", False),
        ("x1" * 101, False),
    ],
)
def test_passwords_that_can_be_guessed_are_refused(password: str, good: bool) -> None:
    """Length, letters and digits, no rows of keys, no own name."""
    if good:
        check_password(password, about=("suzuki",))
        return
    with pytest.raises(PasswordTooWeak):
        check_password(password, about=("suzuki",))


@pytest.mark.parametrize("login", ["", "a", "-a", "山田", "a b", "a" * 65, "a\n", "a'or'1"])
def test_strange_login_names_are_refused(login: str) -> None:
    """A small alphabet leaves nothing to confuse."""
    with pytest.raises(LoginInvalid):
        normalize_login(login)


def test_the_wait_doubles_up_to_its_end_and_old_failures_fade() -> None:
    """The table of the softlock."""
    waits = [locked_until(CODE_SOFTLOCK, failures, MORNING) for failures in (4, 5, 6, 7, 30, 5000)]
    minutes = [None if until is None else (until - MORNING).total_seconds() / 60 for until in waits]
    assert minutes == [None, 1, 2, 4, 60, 60]
    assert failures_after(CODE_SOFTLOCK, 9, MORNING, MORNING + timedelta(hours=23)) == 10
    assert failures_after(CODE_SOFTLOCK, 9, MORNING, MORNING + timedelta(hours=25)) == 1
    assert failures_after(CODE_SOFTLOCK, 0, None, MORNING) == 1


@pytest.mark.django_db
def test_expired_sessions_are_purged_and_it_is_recorded(platform_actor: object, at_nine: clock.FixedClock) -> None:
    """Nothing to purge writes nothing."""
    from sekisho.kernel.actor import platform

    assert sign_in.purge_sessions(actor=platform("worker")) == 0
    Session.objects.create(session_key="a" * 40, session_data="", expire_date=MORNING - timedelta(seconds=1))
    Session.objects.create(session_key="b" * 40, session_data="", expire_date=MORNING + timedelta(seconds=1))
    assert sign_in.purge_sessions(actor=platform("worker")) == 1
    assert list(Event.objects.values_list("action", flat=True)) == ["session.purge"]
