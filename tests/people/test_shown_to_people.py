"""What people are led to by the pages: the door for the day nothing works, the lock and back, who is no person."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.people.models import User
from sekisho.people.queries import head_count
from sekisho.people.rules.browsers import browser_name
from sekisho.people.services import emergency
from sekisho.people.services.emergency import SealPlan
from tests.conftest import PASSWORD

PLAN = SealPlan("safe", frozenset({Role.STAFF}))


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_an_emergency_account_is_reached_and_is_no_person(
    operator: Actor, signed_in: Callable[..., Client], browser_client: Callable[[], Client]
) -> None:
    """The paper says “choose it on the page of the sign-in”: there it is. No list counts it among the people."""
    client = signed_in(Role.SYSTEM_OPERATOR)
    before = head_count()
    seal, secret = emergency.make_seal(actor=operator, proved_at=clock.now(), plan=PLAN)
    assert head_count() == before
    assert "Emergency account" in client.get(reverse("people:list")).content.decode()
    page = client.get(reverse("people:person", args=[seal.user.staff_id])).content.decode()
    assert "no person" in page
    assert reverse("people:grant", args=[seal.user.staff_id]) not in page
    night = browser_client()
    door = reverse("people:emergency-sign-in")
    assert door in night.get(reverse("people:sign-in")).content.decode()
    night.post(door, {"number": seal.number, "secret": secret, "name": "佐藤 花子", "reason": "down"})
    assert night.post(reverse("people:lock")).headers["Location"] == reverse("people:unlock")
    locked = night.get(reverse("people:unlock")).content.decode()
    assert "sign in with the paper" in locked
    assert 'name="password"' not in locked


@pytest.mark.django_db
def test_the_lock_in_the_header_leads_back(signed_in: Callable[..., Client], make_person: Callable[..., User]) -> None:
    """Where somebody locked, they are again after unlocking; never at an address elsewhere."""
    client = signed_in(Role.STAFF)
    assert f'action="{reverse("people:lock")}"' in client.get(reverse("people:password")).content.decode()
    answer = client.post(reverse("people:lock"), {"next": "/password/"})
    assert answer.headers["Location"] == "/unlock/?next=%2Fpassword%2F"
    assert client.post(answer.headers["Location"], {"password": PASSWORD}).headers["Location"] == "/password/"
    answer = client.post(reverse("people:lock"), {"next": "https://elsewhere.example/"})
    assert client.post(answer.headers["Location"], {"password": PASSWORD}).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 CriOS/140.0 Safari/604.1", "Chrome"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_browser_is_called_as_its_owner_calls_it(agent: str, name: str) -> None:
    """The first word; behind it, where it is known, the computer."""
    assert browser_name(agent).startswith(name)
    assert "Mozilla" not in browser_name(agent)
