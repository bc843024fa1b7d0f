"""A change of the host name: who loses which keys, prepared, done, bridged, finished, and undone. No key is deleted."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.config.processes.prepare import announce_host
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.people.models import HostChange, Passkey
from sekisho.people.queries.host_names import open_change
from sekisho.people.rules.host_names import Standing, WaysIn, bridge_fault, count, may_be_named
from sekisho.people.services.host_names import note_host
from tests.people.soft_authenticator import SoftKey
from tests.people.test_passkeys import add, events, sign_in

UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NEW = "shin.clinic.example"
ORIGIN = f"https://{NEW}"


@UNTIMED
@given(st.lists(st.builds(WaysIn, st.just(("k",)), st.integers(0, 2), st.booleans(), st.integers(0, 3))))
def test_everybody_stands_somewhere(ways: list[WaysIn]) -> None:
    """Nobody is counted twice or left out, and only who has neither key, app nor code is locked out."""
    counted = count(ways)
    assert sum(counted.values()) == len(ways)
    assert counted[Standing.LOCKED_OUT] == sum(not (one.kept or one.has_app or one.codes) for one in ways)


def test_where_browsers_bridge() -> None:
    """Only at port 443 and only to a name of two parts; as Chromium does it, see tests/browser/test_host_name.py."""
    assert bridge_fault("old", NEW, 443) is None
    for former, host, port in (("", NEW, 443), ("old", "sekisho", 443), ("old", NEW, 8443), ("10.0.0.1", NEW, 443)):
        assert bridge_fault(former, host, port) is not None
    assert [may_be_named(host) for host in (NEW, "sekisho", "10.0.0.1", "A.example", "a.example:443", "")] == [
        True, True, False, False, False, False,
    ]  # fmt: skip


@pytest.fixture
def starts(settings: Any) -> Callable[..., Any]:
    """Return a function that starts the platform under a name, as far as the database and the settings go."""

    def start(host: str, former: str = "") -> Any:
        settings.ALLOWED_HOSTS, settings.FORMER_HOST = [host], former
        settings.ORIGIN, settings.PUBLIC_PORT = f"https://{host}", 443
        return note_host(actor=platform("prepare"), host=host)

    return start


def at(client: Client, host: str) -> Client:
    """Let a browser speak to another name."""
    client.defaults["HTTP_HOST"] = host
    return client


def said(answer: Any) -> str:
    """Return a page as text."""
    return str(answer.content.decode())


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_from_the_announcement_to_the_record(
    signed_in: Callable[..., Client], browser_client: Callable[[], Client], starts: Callable[..., Any]
) -> None:
    """Announced, asked at sign-in, changed, signed in with the former key and with the app, new key, finished."""
    assert starts("localhost") is None
    assert starts("localhost") is None, "nothing is said twice"
    old = {"origin": "https://localhost"}
    (suzuki, key), (sato, other) = (
        (signed_in(Role.STAFF, login=login), SoftKey(credential_id=login.encode(), **old))
        for login in ("suzuki", "sato")
    )
    assert [add(client, it).status_code for client, it in ((suzuki, key), (sato, other))] == [302, 302]
    sato.user.totp.delete()  # type: ignore[attr-defined]
    operator = signed_in(Role.SYSTEM_OPERATOR)
    page = reverse("people:host-name")
    assert "has no other way in" in said(operator.get(page))
    day = (clock.now().astimezone(FACILITY_ZONE) + timedelta(days=7)).date().isoformat()
    for wrong in ({"host": "localhost"}, {"host": "10.0.0.1"}, {"due_on": "2020-01-01"}, {"due_on": "soon"}):
        assert operator.post(page, {"host": NEW, "due_on": day, **wrong}).status_code == 422
    assert operator.post(page, {"host": NEW, "due_on": day}).status_code == 302
    assert operator.post(page, {"host": "third.example", "due_on": day}).status_code == 422, "one at a time"
    assert operator.post(reverse("people:finish-host-change")).status_code == 409
    client = browser_client()
    assert sign_in(client, other).status_code == 302
    assert "your keys stop working" in said(client.get("/"))
    client = browser_client()
    assert sign_in(client, key).status_code == 302
    assert "your keys stop working" not in said(client.get("/")), "the app is a second way"

    news = starts(NEW, former="localhost")
    assert (news.was_prepared, news.concerned, news.locked_out) == (True, 2, 1)
    former = SoftKey(credential_id=b"sato", private=other.private, count=other.count, origin=ORIGIN)
    client = at(browser_client(), NEW)
    assert "Use a key of the former name localhost" in said(client.get(reverse("people:sign-in")))
    assert sign_in(client, former).status_code == 401, "at the present name the former key opens nothing"
    asked = client.post(reverse("people:sign-in-key-options"), {"purpose": "alone former"}).json()
    assert asked["publicKey"]["rpId"] == "localhost"
    answer = client.post(reverse("people:sign-in-key"), {"answer": json.dumps(former.show(asked))})
    assert answer.status_code == 302
    assert "Add a new key" in said(client.get("/"))
    own = said(client.get(reverse("people:own-sign-in")))
    assert "of the former name localhost" in own
    assert add(client, SoftKey(credential_id=b"new", origin=ORIGIN, host=NEW), "new key").status_code == 302
    assert "Add a new key" not in said(client.get("/"))

    shown = said(at(operator, NEW).get(page))
    assert "has a key of the new name" in shown
    assert "has no other way in" in shown  # the row of the count: nobody
    assert operator.post(reverse("people:drop-host-change")).status_code == 404, "what has happened is not taken back"
    assert operator.post(reverse("people:finish-host-change")).status_code == 302
    (finished,) = events("host_name.finish")
    assert finished["details"] == {"former": "localhost", "moved": 1, "other_way": 1, "locked_out": 0}
    assert "1 of 2 have moved" in said(operator.get(page))
    asked_too_late = at(browser_client(), NEW).post(reverse("people:sign-in-key-options"), {"purpose": "alone former"})
    assert asked_too_late.status_code == 404
    assert Passkey.objects.count() == 3, "none was deleted"
    assert [len(events(f"host_name.{verb}")) for verb in ("prepare", "change", "finish")] == [1, 1, 1]


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_a_slip_in_the_settings_is_undone(
    signed_in: Callable[..., Client],
    browser_client: Callable[[], Client],
    starts: Callable[..., Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An unprepared change is said and recorded, the platform goes on, and the former name brings every key back."""
    starts("localhost")
    key = SoftKey(origin="https://localhost")
    add(signed_in(Role.STAFF, login="suzuki"), key)
    news = starts(NEW)
    assert (news.former, news.was_prepared, news.concerned) == ("localhost", False, 1)
    announce_host(news)
    told = capsys.readouterr().out
    assert all(words in told for words in (f"from localhost to {NEW}", "was not prepared", "1 people", "0 of them"))
    operator = at(signed_in(Role.SYSTEM_OPERATOR), NEW)
    shown = said(operator.get(reverse("people:host-name")))
    assert "was not prepared" in shown
    assert "SEKISHO_FORMER_HOST is not set" in shown
    assert "former name" not in said(at(browser_client(), NEW).get(reverse("people:sign-in")))
    back = starts("localhost")
    assert (back.former, back.concerned) == (NEW, 0)
    assert sign_in(browser_client(), key).status_code == 302
    assert [event["details"]["prepared"] for event in events("host_name.change")] == [False, False]
    assert HostChange.objects.filter(dropped_at=None, finished_at=None).exclude(former="").count() == 1


@pytest.mark.django_db
def test_a_prepared_change_is_taken_back(
    signed_in: Callable[..., Client], starts: Callable[..., Any], platform_actor: Actor
) -> None:
    """Before it has happened; afterwards another one may be prepared. Starting as before closes nothing."""
    starts("localhost")
    operator = signed_in(Role.SYSTEM_OPERATOR)
    day = (clock.now().astimezone(FACILITY_ZONE) + timedelta(days=1)).date().isoformat()
    operator.post(reverse("people:host-name"), {"host": NEW, "due_on": day})
    assert note_host(actor=platform_actor, host="localhost") is None
    assert open_change() is not None
    assert operator.post(reverse("people:drop-host-change")).status_code == 302
    assert open_change() is None
    assert operator.post(reverse("people:drop-host-change")).status_code == 404
