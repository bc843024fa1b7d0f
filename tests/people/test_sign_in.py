"""Signing in: what holds guessing back, and what is written about it."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connections

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import anonymous, platform
from sekisho.people.errors.sign_in import CodeRefused, HeldBack, PasswordWrong, SignInRefused
from sekisho.people.models import Session, Softlock, TotpSecret, User
from sekisho.people.queries import actor_of
from sekisho.people.rules.passwords import LoginInvalid, PasswordTooWeak, check_password, normalize_login
from sekisho.people.rules.softlocks import (
    CODE_SOFTLOCK,
    LOGIN_SOFTLOCK,
    NETWORK_SOFTLOCK,
    PASSWORD_SOFTLOCK,
    failures_after,
    locked_until,
)
from sekisho.people.services import sign_in
from sekisho.people.services.softlocks import charge_attempt, network_group, network_key, password_key
from sekisho.register.models import Body, Event
from sekisho.trust.sealing import SealBroken
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
    assert not Softlock.objects.filter(key=password_key("suzuki", VISITOR.network)).exists()


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
        ("password12345678", False),
        ("Hospital-2026-1", False),
        ("P@ssw0rd-P@ssw0rd1", False),
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
    assert sign_in.purge_sessions(actor=platform("worker")) == 0
    Session.objects.create(session_key="a" * 40, session_data="", expire_date=MORNING - timedelta(seconds=1))
    Session.objects.create(session_key="b" * 40, session_data="", expire_date=MORNING + timedelta(seconds=1))
    assert sign_in.purge_sessions(actor=platform("worker")) == 1
    assert list(Event.objects.values_list("action", flat=True)) == ["session.purge"]


@pytest.mark.django_db
def test_a_stranger_elsewhere_cannot_keep_the_owner_out(
    make_person: Callable[..., User], at_nine: clock.FixedClock
) -> None:
    """Failures are counted per address; only a swarm holds the login back for everybody, and not for long."""
    make_person("suzuki", Role.STAFF)
    stranger = anonymous("10.9.9.9")
    for _ in range(6):
        with pytest.raises((SignInRefused, HeldBack)):
            sign_in.verify_password(actor=stranger, login="suzuki", password="wrong")
    assert try_password(password=PASSWORD).login == "suzuki"
    for number in range(LOGIN_SOFTLOCK.free):
        with pytest.raises((SignInRefused, HeldBack)):
            sign_in.verify_password(actor=anonymous(f"10.8.0.{number}"), login="suzuki", password="wrong")
    with pytest.raises(HeldBack):
        try_password(password=PASSWORD)
    at_nine.moment += timedelta(minutes=20)
    assert try_password(password=PASSWORD).login == "suzuki"


@pytest.mark.django_db
def test_a_success_gives_back_only_its_own_charges(make_person: Callable[..., User], at_nine: clock.FixedClock) -> None:
    """An insider's own sign-in does not wipe out what was tried from the same address."""
    user = make_person("suzuki", Role.STAFF)
    for number in range(10):
        with pytest.raises(SignInRefused):
            try_password(login=f"name{number}")
    try_password(password=PASSWORD)
    sign_in.verify_code(actor=VISITOR, user_id=str(user.pk), code=code_now())
    assert Softlock.objects.get(key=network_key(VISITOR.network)).failures == 10


@pytest.mark.django_db
def test_both_factors_are_charged_to_the_address(make_person: Callable[..., User], at_nine: clock.FixedClock) -> None:
    """Spraying many names or codes from one address ends too."""
    user = make_person("suzuki", Role.STAFF)
    with pytest.raises(SignInRefused):
        try_password(login="other")
    with pytest.raises(CodeRefused):
        sign_in.verify_code(actor=VISITOR, user_id=str(user.pk), code="000000")
    lock = Softlock.objects.get(key=network_key(VISITOR.network))
    assert lock.failures == 2
    Softlock.objects.filter(pk=lock.pk).update(failures=NETWORK_SOFTLOCK.free)
    with pytest.raises(HeldBack):
        try_password(password=PASSWORD)
    with pytest.raises(HeldBack):
        sign_in.verify_code(actor=VISITOR, user_id=str(user.pk), code=code_now())


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("nonsense", "nonsense"),
        (None, ""),
    ],
)
def test_what_counts_as_one_address(address: str | None, group: str) -> None:
    """An IPv6 subscriber has 2^64 addresses; they count as one."""
    assert network_group(address) == group


@pytest.mark.django_db
def test_an_unknown_name_costs_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer must not come sooner for a name that does not exist."""
    seen = []
    monkeypatch.setattr(sign_in, "check_password", lambda password, encoded: seen.append(encoded) or False)
    with pytest.raises(SignInRefused):
        try_password(login="nobody")
    assert seen[0].startswith("argon2")


@pytest.mark.django_db
def test_changing_a_password_is_held_back_too(make_person: Callable[..., User], at_nine: clock.FixedClock) -> None:
    """Whoever finds an unlocked screen cannot guess the present password."""
    actor = actor_of(make_person("suzuki", Role.STAFF), session="s", network="10.1.2.3", assurance=2)
    for _ in range(PASSWORD_SOFTLOCK.free):
        with pytest.raises(PasswordWrong):
            sign_in.change_password(actor=actor, present="x", new="kaze tachinu 2026 aki", about=())
    with pytest.raises(HeldBack):
        sign_in.change_password(actor=actor, present=PASSWORD, new="kaze tachinu 2026 aki", about=())
    failed = Event.objects.filter(action="account.change_password", outcome="failure")
    assert failed.count() == PASSWORD_SOFTLOCK.free


@pytest.mark.django_db
def test_a_seed_copied_to_another_account_opens_nothing(make_person: Callable[..., User]) -> None:
    """Sealed for one account: with write access to the database nobody becomes somebody else."""
    mine, theirs = make_person("mine", Role.STAFF), make_person("theirs", Role.STAFF)
    sealed = TotpSecret.objects.get(user=mine).sealed_seed
    TotpSecret.objects.filter(user=theirs).update(sealed_seed=sealed)
    with pytest.raises(SealBroken):
        sign_in.verify_code(actor=VISITOR, user_id=str(theirs.pk), code=code_now())


@pytest.mark.django_db
def test_old_failures_are_forgotten_and_fresh_ones_kept(at_nine: clock.FixedClock) -> None:
    """The purge deletes what counts no more."""
    charge_attempt(actor=VISITOR, key="network:old", policy=NETWORK_SOFTLOCK)
    at_nine.moment += timedelta(hours=25)
    charge_attempt(actor=VISITOR, key="network:fresh", policy=NETWORK_SOFTLOCK)
    sign_in.purge_sessions(actor=platform("worker"))
    assert list(Softlock.objects.values_list("key", flat=True)) == ["network:fresh"]


@pytest.mark.django_db
def test_who_starts_later_does_not_get_in_yet(make_person: Callable[..., User], at_nine: clock.FixedClock) -> None:
    """On the first day it works."""
    user = make_person("suzuki", Role.STAFF)
    user.staff.employed_from = date(2026, 11, 22)
    user.staff.save()
    with pytest.raises(SignInRefused):
        try_password(password=PASSWORD)
    at_nine.moment += timedelta(days=1)
    assert try_password(password=PASSWORD) == user
