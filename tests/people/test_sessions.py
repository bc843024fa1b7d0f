"""Sessions: server-side, hashed, ended by time and by change."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.people.models import Session, Softlock, User
from sekisho.people.services.links import invite_person, offer_first_link
from sekisho.people.services.staff import PersonData
from tests.conftest import PASSWORD, actor_with, code_now

pytestmark = pytest.mark.django_db


def sign_in(client: Client) -> None:
    """Sign in as suzuki."""
    client.post(reverse("people:sign-in"), {"login": "suzuki", "password": PASSWORD})
    assert client.post(reverse("people:sign-in-code"), {"code": code_now()}).status_code == 302


def test_a_session_ends_after_twelve_hours_however_busy(
    make_person: Callable[..., User], browser_client: Callable[[], Client], at_nine: clock.FixedClock
) -> None:
    """Saving it meanwhile does not prolong it."""
    make_person("suzuki", Role.STAFF)
    client = browser_client()
    sign_in(client)
    row = Session.objects.get(user__login="suzuki")
    assert (row.assurance, row.created_at) == (2, at_nine.moment)
    ends = row.expire_date
    for _half_hour in range(22):
        at_nine.moment += timedelta(minutes=30)
        assert client.get("/people/unknown/").status_code == 404
    client.post(reverse("people:display"), {"language": "en"})
    session = client.session
    session["touched"] = True
    session.save()
    assert Session.objects.get(pk=row.pk).expire_date == ends
    assert client.get("/").status_code == 200
    at_nine.moment += timedelta(minutes=45)
    assert client.get("/").status_code == 200
    at_nine.moment += timedelta(minutes=15, seconds=1)
    assert client.get("/").status_code == 302
    assert not Session.objects.filter(pk=row.pk, expire_date__gt=at_nine.moment).exists(), "over, not only locked"


def test_the_key_changes_at_sign_in(make_person: Callable[..., User], browser_client: Callable[[], Client]) -> None:
    """A key planted before the sign-in is worth nothing after it."""
    make_person("suzuki", Role.STAFF)
    client = browser_client()
    client.post(reverse("people:sign-in"), {"login": "suzuki", "password": PASSWORD})
    before = client.cookies["__Host-sekisho"].value
    client.post(reverse("people:sign-in-code"), {"code": code_now()})
    assert client.cookies["__Host-sekisho"].value != before
    stranger = browser_client()
    stranger.cookies["__Host-sekisho"] = before
    assert stranger.get("/").status_code == 302


def test_the_waiting_time_between_the_factors_is_short(
    make_person: Callable[..., User], browser_client: Callable[[], Client], at_nine: clock.FixedClock
) -> None:
    """Five minutes after the password it must be typed again."""
    make_person("suzuki", Role.STAFF)
    client = browser_client()
    client.post(reverse("people:sign-in"), {"login": "suzuki", "password": PASSWORD})
    at_nine.moment += timedelta(minutes=5, seconds=1)
    assert client.get(reverse("people:sign-in-code")).headers["Location"] == reverse("people:sign-in")


@pytest.mark.parametrize("change", [{"is_active": False}, {"revision": 99}])
def test_a_changed_account_loses_its_sessions(signed_in: Callable[..., Client], change: dict[str, object]) -> None:
    """Disabled or given a new password: the next request is a visitor's."""
    client = signed_in(Role.STAFF)
    assert client.get("/").status_code == 200
    User.objects.update(**change)
    assert client.get("/").status_code == 302


def test_a_revoked_role_counts_at_the_next_request(signed_in: Callable[..., Client]) -> None:
    """No waiting for the session to end."""
    client = signed_in(Role.AUDITOR)
    assert client.get("/register/").status_code == 200
    client.user.staff.grants.update(revoked_at=clock.now())  # type: ignore[attr-defined]
    assert client.get("/register/").status_code == 403


def test_signing_in_does_not_lead_elsewhere(
    make_person: Callable[..., User], browser_client: Callable[[], Client]
) -> None:
    """The address to return to stays on this host."""
    make_person("suzuki", Role.STAFF)
    client = browser_client()
    client.post(f"{reverse('people:sign-in')}?next=https://evil.example/", {"login": "suzuki", "password": PASSWORD})
    answer = client.post(reverse("people:sign-in-code"), {"code": code_now()})
    assert answer.headers["Location"] == "/"


def test_signing_out_ends_the_session_on_the_server(signed_in: Callable[..., Client]) -> None:
    """A copied cookie is dead too."""
    client = signed_in(Role.STAFF)
    cookie = client.cookies["__Host-sekisho"].value
    assert client.post(reverse("people:sign-out")).status_code == 302
    client.cookies["__Host-sekisho"] = cookie
    assert client.get("/").status_code == 302


def test_what_a_session_holds_lies_sealed(browser_client: Callable[[], Client], platform_actor: Actor) -> None:
    """While an account is being set up, a copy of the database holds neither the link's token nor the seed."""
    token = offer_first_link(actor=platform_actor)
    assert token is not None
    client = browser_client()
    client.get(reverse("people:open-link", args=[token]))
    assert client.session["link"] == token
    data = Session.objects.get().session_data
    opened = base64.b64decode(data)
    for secret in (token, client.session["seed"]):
        assert secret not in data
        assert secret.encode() not in opened


def test_a_session_sealed_with_another_key_is_none(signed_in: Callable[..., Client], settings: Any) -> None:
    """Restored without its keys, nobody is signed in by accident."""
    client = signed_in(Role.STAFF)
    settings.SEAL_KEY = bytes(32)
    assert client.get("/").status_code == 302


def test_data_copied_into_another_session_open_nothing(signed_in: Callable[..., Client]) -> None:
    """With write access to the table alone nobody becomes somebody else."""
    mine, theirs = signed_in(Role.STAFF, login="mine"), signed_in(Role.SYSTEM_OPERATOR, login="theirs")
    data = Session.objects.get(user__login="theirs").session_data
    Session.objects.filter(user__login="mine").update(session_data=data)
    assert mine.get("/").status_code == 302
    assert theirs.get("/").status_code == 200


def test_the_address_is_what_caddy_saw_last(
    make_person: Callable[..., User], browser_client: Callable[[], Client]
) -> None:
    """Whatever a client writes in front of it does not choose who is held back or what is recorded."""
    make_person("suzuki", Role.STAFF)
    forged = {"X-Forwarded-For": "203.0.113.9, 10.1.2.3"}
    browser_client().post(reverse("people:sign-in"), {"login": "suzuki", "password": "x"}, headers=forged)
    assert Softlock.objects.filter(key="network:10.1.2.3").exists()
    assert not Softlock.objects.filter(key__contains="203.0.113.9").exists()


def test_opening_a_link_does_not_sign_anybody_out(signed_in: Callable[..., Client], platform_actor: Actor) -> None:
    """A link that somebody sent changes nothing in a session that is open."""
    client = signed_in(Role.STAFF)
    staff, token = invite_person(actor=actor_with(Role.SYSTEM_OPERATOR), data=PersonData(name="鈴木"), roles=[])
    answer = client.get(reverse("people:open-link", args=[token]))
    assert answer.headers["Location"] == "/"
    assert "サインアウト" in client.get("/").content.decode()
    assert "link" not in client.session
    assert staff.links.filter(used_at=None, revoked_at=None).count() == 1
