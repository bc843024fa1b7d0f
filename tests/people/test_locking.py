"""Locked sessions and shared terminals, recovery codes, the list of sessions, and browsers not seen before."""

import base64
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.people.models import RecoveryCode, Session, Terminal, TotpSecret, User
from sekisho.people.rules.passkeys import (
    CODE_LENGTH,
    CODE_LETTERS,
    may_be_a_copy,
    names_a_host,
    read,
    written,
)
from sekisho.people.rules.sessions import UNLOCK_WITHIN, SessionState, state_of
from tests.conftest import MORNING, PASSWORD, code_now
from tests.people.soft_authenticator import SoftKey
from tests.people.test_passkeys import add, asked, events

pytestmark = pytest.mark.django_db
Visit = Callable[[], Client]
_MINUTES = st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=24))


def enter(client: Client, login: str = "suzuki") -> Any:
    """Sign in with password and code."""
    client.post(reverse("people:sign-in"), {"login": login, "password": PASSWORD})
    return client.post(reverse("people:sign-in-code"), {"code": code_now()})


@pytest.fixture
def at_terminal(
    at_nine: clock.FixedClock, signed_in: Callable[..., Client], make_person: Callable[..., User], english: None
) -> Client:
    """The browser of a ward's terminal that locks after five minutes, where suzuki is signed in."""
    client = signed_in(Role.SYSTEM_OPERATOR, login="chief")
    client.post(reverse("people:terminals"), {"name": "3 East", "idle_minutes": "5"})
    client.post(reverse("people:sign-out"))
    make_person("suzuki", Role.STAFF, name="鈴木 一郎")
    assert enter(client).status_code == 302
    return client


def test_a_terminal_locks_by_itself_and_one_factor_opens_it(at_terminal: Client, at_nine: clock.FixedClock) -> None:
    """Five minutes without use: every page, form and API call is refused until the password or the key is shown."""
    page = at_terminal.get("/my/sign-in/")
    assert page.headers["Refresh"] == "331; url=/unlock/?next=%2Fmy%2Fsign-in%2F"
    key = SoftKey(verifies=False)
    assert add(at_terminal, key).status_code == 302
    at_nine.moment += timedelta(minutes=5, seconds=31)
    for address in ("/", "/my/sign-in/", "/people/", "/api/v1/people/me"):
        answer = at_terminal.get(address)
        assert answer.status_code in {302, 401}, address
        assert answer.headers.get("Location", "/sign-in/").startswith("/sign-in/")
    assert at_terminal.get("/sign-in/").headers["Location"] == reverse("people:unlock")
    (locked,) = events("session.lock")
    assert (locked["details"], locked["actor"]["name"]) == ({"idle": True}, "鈴木 一郎")
    page = at_terminal.get(reverse("people:unlock"))
    assert "鈴木 一郎" in page.content.decode()
    assert page.headers["Cache-Control"].startswith("max-age=0") or "no-store" in page.headers["Cache-Control"]
    assert at_terminal.post(reverse("people:unlock"), {"password": "wrong"}).status_code == 401
    told = asked(at_terminal, "unlock-options")
    after = f"{reverse('people:unlock')}?next=/my/sign-in/"
    assert at_terminal.post(after, {"answer": json.dumps(key.show(told))}).headers["Location"] == "/my/sign-in/"
    assert at_terminal.get("/").status_code == 200
    at_terminal.post(reverse("people:lock"))
    assert at_terminal.get("/").status_code == 302
    at_terminal.post(reverse("people:unlock"), {"password": PASSWORD})
    assert at_terminal.get("/").status_code == 200
    assert [event["details"]["factors"] for event in events("session.unlock")] == [["passkey"], ["password"]]


def test_five_wrong_tries_end_a_locked_session(at_terminal: Client) -> None:
    """Then both factors are needed again, and nobody waits at a terminal; the account itself waits as ever."""
    at_terminal.post(reverse("people:lock"))
    session = Session.objects.get(user__login="suzuki")
    for _each in range(5):
        assert at_terminal.post(reverse("people:unlock"), {"password": "wrong"}).status_code in {401, 429}
    assert at_terminal.post(reverse("people:unlock"), {"password": PASSWORD}).headers["Location"] == "/sign-in/"
    assert not Session.objects.filter(pk=session.pk).exists()
    assert "session.end" in {event["action"] for event in events("session.end")}


def test_a_locked_session_is_over_after_four_hours(at_terminal: Client, at_nine: clock.FixedClock) -> None:
    """One factor was enough for a while only."""
    at_terminal.post(reverse("people:lock"))
    at_nine.moment += UNLOCK_WITHIN + timedelta(seconds=1)
    assert at_terminal.get(reverse("people:unlock")).headers["Location"] == "/"
    assert not Session.objects.filter(user__login="suzuki").exists()


def test_the_next_person_signs_in_at_a_locked_terminal(at_terminal: Client, make_person: Callable[..., User]) -> None:
    """One press ends the other's session, which is recorded in their name."""
    make_person("tanaka", Role.STAFF)
    at_terminal.post(reverse("people:lock"))
    assert at_terminal.post(reverse("people:sign-out")).headers["Location"] == "/sign-in/"
    assert events("session.sign_out")[-1]["actor"]["name"] == "鈴木 一郎"
    assert enter(at_terminal, "tanaka").status_code == 302
    row = Session.objects.get(user__login="tanaka")
    assert row.terminal == "3 East"


def test_a_lock_cannot_be_undone_by_a_late_save(at_terminal: Client) -> None:
    """A request that began before the lock stores its session's data afterwards."""
    late = at_terminal.session
    at_terminal.post(reverse("people:lock"))
    late["touched"] = True
    late.save()
    assert at_terminal.get("/").status_code == 302


def test_a_terminal_is_one_only_by_an_operators_cookie(at_terminal: Client, signed_in: Callable[..., Client]) -> None:
    """A forged or ended one counts for nothing: an hour, as everywhere."""
    row = Terminal.objects.get()
    operator = signed_in(Role.SYSTEM_OPERATOR, login="other")
    assert "3 East" in operator.get(reverse("people:terminals")).content.decode()
    operator.post(reverse("people:end-terminal", args=[row.pk]))
    at_terminal.post(reverse("people:sign-out"))
    at_terminal.cookies["__Host-sekisho-terminal"] = f"{row.pk}:forged"
    User.objects.filter(login="suzuki").update(last_login=None)
    client = at_terminal
    client.post(reverse("people:sign-in"), {"login": "suzuki", "password": PASSWORD})
    assert (
        client.post(reverse("people:sign-in-code"), {"code": code_now(ahead=timedelta(seconds=30))}).status_code == 302
    )
    assert (Session.objects.get(user__login="suzuki").terminal, client.session["idle_minutes"]) == ("", 60)


def test_recovery_codes_work_once_and_are_told(
    signed_in: Callable[..., Client], browser_client: Visit, english: None
) -> None:
    """Ten, shown once, stored hashed; using one is recorded and said at once and at the next sign-in elsewhere."""
    client = signed_in(Role.STAFF, login="suzuki")
    known = browser_client()
    assert enter(known).status_code == 302
    client.post(reverse("people:renew-codes"))
    page = client.get("/my/sign-in/").content.decode()
    codes = re.findall(r"<li><code>([0-9A-Z-]+)</code>", page)
    assert (len(set(codes)), codes[0] in client.get("/my/sign-in/").content.decode()) == (10, False)
    assert not RecoveryCode.objects.filter(code_hash__in=codes).exists()
    elsewhere = browser_client()
    elsewhere.post(reverse("people:sign-in"), {"login": "suzuki", "password": PASSWORD})
    typed = {"code": codes[0].lower().replace("-", " ")}
    answer = elsewhere.post(reverse("people:sign-in-recovery-code"), typed)
    assert answer.headers["Location"] == "/"
    page = elsewhere.get("/").content.decode()
    assert "9 are left" in page
    assert "for the first time" in page
    assert events("recovery_code.use")[0]["details"] == {"left": 9}
    assert events("session.sign_in")[-1]["details"] == {
        "factors": ["password", "recovery_code"],
        "assurance": 2,
        "new_browser": True,
    }
    again = browser_client()
    again.post(reverse("people:sign-in"), {"login": "suzuki", "password": PASSWORD})
    assert again.post(reverse("people:sign-in-recovery-code"), typed).status_code == 401
    known.post(reverse("people:sign-out"))
    known.post(reverse("people:sign-in"), {"login": "suzuki", "password": PASSWORD})
    known.post(reverse("people:sign-in-code"), {"code": code_now(ahead=timedelta(seconds=30))})
    page = known.get("/").content.decode()
    assert "1 new browser(s) signed in" in page
    assert "1 recovery code(s) of yours were used" in page
    client.post(reverse("people:renew-codes"))
    assert RecoveryCode.objects.filter(user__login="suzuki", used_at=None).count() == 10


def test_the_app_moves_to_another_telephone(
    at_nine: clock.FixedClock, signed_in: Callable[..., Client], english: None
) -> None:
    """A new seed counts with its first code and ends the old one; the app goes only when a key is left."""
    client = signed_in(Role.STAFF, login="suzuki")
    client.post(reverse("people:remove-app"))
    assert TotpSecret.objects.count() == 1, "never the last second factor"
    page = client.get(reverse("people:own-app")).content.decode()
    found = re.search(r'id="totp-secret">([A-Z2-7]+)<', page)
    assert found is not None
    seed = base64.b32decode(found[1])
    assert client.post(reverse("people:own-app"), {"code": "000000"}).status_code == 401
    assert client.post(reverse("people:own-app"), {"code": code_now(seed)}).status_code == 302
    at_nine.moment += timedelta(minutes=2)
    assert client.post(reverse("people:prove"), {"code": code_now()}).status_code == 401
    assert client.post(reverse("people:prove"), {"code": code_now(seed)}).status_code == 302
    add(client, SoftKey())
    assert client.get(reverse("people:remove-app")).status_code == 200
    client.post(reverse("people:remove-app"))
    assert TotpSecret.objects.count() == 0
    assert [len(events(f"authenticator_app.{what}")) for what in ("set", "remove")] == [1, 1]
    at_nine.moment += timedelta(hours=1)
    for name in ("own-app", "remove-app"):
        assert client.get(reverse(f"people:{name}")).headers["Location"].startswith(reverse("people:prove"))


def test_sessions_are_listed_and_ended(signed_in: Callable[..., Client], browser_client: Visit, english: None) -> None:
    """One, all others, and by the operator everybody's; nobody ends another person's."""
    here, other = signed_in(Role.STAFF, login="suzuki"), browser_client()
    other.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 ward"
    assert enter(other).status_code == 302
    assert "Mozilla/5.0 ward" in here.get("/my/sign-in/").content.decode()
    stranger = signed_in(Role.STAFF, login="tanaka")
    row = Session.objects.get(user__login="suzuki", browser="Mozilla/5.0 ward")
    assert stranger.post(reverse("people:end-session", args=[row.public_id])).status_code == 404
    here.post(reverse("people:end-session", args=[row.public_id]))
    assert (other.get("/").status_code, here.get("/").status_code) == (302, 200)
    assert events("session.end")[0]["subject"]["id"] == str(row.public_id)
    third = signed_in(Role.STAFF, login="third")
    user = third.user  # type: ignore[attr-defined]
    operator = signed_in(Role.SYSTEM_OPERATOR, login="chief")
    operator.post(reverse("people:end-sessions", args=[user.staff_id, user.pk]))
    assert (third.get("/").status_code, len(events("session.end_of_person"))) == (302, 1)


@settings(deadline=None)
@given(seen=_MINUTES, locked=st.none() | _MINUTES, idle=st.none() | _MINUTES)
def test_a_session_is_open_only_when_nothing_speaks_against_it(
    seen: timedelta, locked: timedelta | None, idle: timedelta | None
) -> None:
    """Locked stays locked whatever else; the longer it rests the less it opens."""
    state = state_of(MORNING, MORNING - seen, MORNING - locked if locked is not None else None, idle)
    if locked is not None:
        assert state is (SessionState.LOCKED if locked <= UNLOCK_WITHIN else SessionState.OVER)
    else:
        assert (state is SessionState.OPEN) == (idle is None or seen <= idle)


@settings(deadline=None)
@given(stored=st.integers(0, 2**32 - 1), answered=st.integers(0, 2**32 - 1))
def test_only_a_counter_that_grows_or_stays_out_of_use_is_right(stored: int, answered: int) -> None:
    """WebAuthn Level 3, 7.2, step 22."""
    assert may_be_a_copy(stored, answered) == (not (answered > stored or stored == answered == 0))


@settings(deadline=None)
@given(st.text(CODE_LETTERS, min_size=CODE_LENGTH, max_size=CODE_LENGTH))
def test_codes_are_read_as_they_were_written(code: str) -> None:
    """Small letters, full-width digits and missing hyphens do not matter."""
    full = written(code).translate({ord(sign): ord(sign) + 0xFEE0 for sign in CODE_LETTERS})
    assert read(written(code)) == read(written(code).lower()) == read(full) == code


@pytest.mark.parametrize(
    ("host", "named"), [("localhost", True), ("10.0.0.1", False), ("[::1]", False), ("a.example", True)]
)
def test_addresses_are_no_names(host: str, named: bool) -> None:
    """A passkey belongs to a name."""
    assert names_a_host(host) is named
