"""Passkeys and security keys over HTTP, with an authenticator in software: enrolment, sign-in, second keys, misuse."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, anonymous
from sekisho.people.errors.sign_in import NotDeviceBound, ProofNeeded
from sekisho.people.models import Passkey, RolePolicy, Session, TotpSecret, User
from sekisho.people.services import passkeys
from sekisho.people.services.links import invite_person, offer_recovery
from sekisho.people.services.passkeys import Spoken
from sekisho.people.services.staff import PersonData
from sekisho.register.models import Event
from sekisho.trust.webauthn import PasskeyRefused
from tests.conftest import PASSWORD, actor_with, code_now
from tests.people.soft_authenticator import SoftKey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
STRONG = "haru no umi 2026 hinemosu"
Answer = dict[str, Any]


def asked(client: Client, name: str, **data: str) -> Answer:
    """Return what the browser is asked at an address."""
    answer = client.post(reverse(f"people:{name}"), data)
    assert answer.status_code == 200, answer.content
    found: Answer = answer.json()
    return found


def enrol(client: Client, token: str, key: SoftKey, **data: str) -> Any:
    """Open a one-time link and set up the account with a key."""
    client.get(reverse("people:open-link", args=[token]))
    answer = json.dumps(key.make(asked(client, "enrol-options")))
    typed = {"login": "suzuki", "password": STRONG, "again": STRONG, "answer": answer}
    return client.post(reverse("people:enrol"), typed | data)


def sign_in(client: Client, key: SoftKey, **lies: Any) -> Any:
    """Sign in with a key and nothing else."""
    answer = key.show(asked(client, "sign-in-key-options", purpose="alone"), **lies)
    return client.post(reverse("people:sign-in-key"), {"answer": json.dumps(answer), "next": "/my/sign-in/"})


def add(client: Client, key: SoftKey, name: str = "blue key") -> Any:
    """Add a key on the page My sign-in."""
    answer = json.dumps(key.make(asked(client, "new-key-options")))
    return client.post(reverse("people:add-key"), {"name": name, "answer": answer})


def events(action: str) -> list[dict[str, Any]]:
    """Return the events of an action, the oldest first."""
    return [json.loads(event.entry) for event in Event.objects.filter(action=action).order_by("source_seq")]


@pytest.fixture
def invitation(operator: Actor) -> str:
    """The token of an invitation."""
    return invite_person(actor=operator, data=PersonData(name="鈴木 一郎"), roles=[Role.STAFF])[1]


@pytest.fixture
def with_key(signed_in: Callable[..., Client]) -> tuple[Client, SoftKey]:
    """Somebody signed in, who has an authenticator app and a key."""
    client, key = signed_in(Role.STAFF, login="suzuki"), SoftKey()
    assert add(client, key).status_code == 302
    return client, key


def test_a_key_from_the_first_link_to_the_second_key(browser_client: Callable[[], Client], invitation: str) -> None:
    """Enrolled with a key in place of the app, signed in with it alone, a second key added, the first removed."""
    client, key = browser_client(), SoftKey()
    assert enrol(client, invitation, key).status_code == 302
    stored = Passkey.objects.get()
    assert (stored.sign_count, stored.backup_eligible, stored.transports) == (0, False, ["nfc", "usb"])
    assert stored.user.pk.bytes  # the handle the key was made for is the account's id
    assert not TotpSecret.objects.exists()
    assert events("account.enrol")[0]["details"]["factors"] == ["password", "passkey"]
    client.post(reverse("people:sign-out"))
    answer = sign_in(client, key)
    assert answer.headers["Location"] == "/my/sign-in/"
    session = Session.objects.get(user__login="suzuki")
    assert (session.assurance, events("session.sign_in")[-1]["details"]["factors"]) == (2, ["passkey"])
    page = client.get("/my/sign-in/").content.decode()
    assert "AAL 2" in page
    remove = reverse("people:remove-key", args=[stored.pk])
    client.post(remove)
    assert Passkey.objects.count() == 1, "never the last factor"
    assert add(client, SoftKey(credential_id=b"second"), "red key").status_code == 302
    client.post(remove)
    second = Passkey.objects.get()
    assert (second.name, len(events("passkey.remove"))) == ("red key", 1)
    client.post(reverse("people:rename-key", args=[second.pk]), {"name": "赤い鍵"})
    assert Passkey.objects.get().name == "赤い鍵"
    client.post(reverse("people:sign-out"))
    assert sign_in(client, key).status_code == 401


def test_beside_the_password_the_touch_is_enough(
    with_key: tuple[Client, SoftKey], browser_client: Callable[[], Client]
) -> None:
    """A security key without a PIN is a second factor after the password, and never the only one."""
    _client, key = with_key
    key.verifies = False
    client = browser_client()
    assert sign_in(client, key).status_code == 401
    client.post(reverse("people:sign-in"), {"login": "suzuki", "password": PASSWORD})
    told = asked(client, "sign-in-key-options", purpose="second")
    assert len(told["publicKey"]["allowCredentials"]) == 1
    stranger = SoftKey(credential_id=b"stranger")
    assert client.post(reverse("people:sign-in-code"), {"answer": json.dumps(stranger.show(told))}).status_code == 401
    told = asked(client, "sign-in-key-options", purpose="second")
    answer = client.post(reverse("people:sign-in-code"), {"answer": json.dumps(key.show(told))})
    assert answer.headers["Location"] == "/"
    assert events("session.sign_in")[-1]["details"]["factors"] == ["password", "passkey"]


def test_a_counter_that_goes_back_holds_the_key(
    with_key: tuple[Client, SoftKey], browser_client: Callable[[], Client], signed_in: Callable[..., Client]
) -> None:
    """There may be a copy: refused, held, recorded, shown to the owner and the operator; the app still works."""
    owner, key = with_key
    assert sign_in(browser_client(), key).status_code == 302
    key.count = 0
    assert sign_in(browser_client(), key).status_code == 401
    assert Passkey.objects.get().held_at is not None
    (held,) = events("passkey.hold")
    assert (held["outcome"], held["details"]["stored_count"], held["details"]["answered_count"]) == ("denied", 1, 1)
    key.count = 50
    assert sign_in(browser_client(), key).status_code == 401, "a higher counter does not clear it"
    assert "may have been copied" in owner.get("/my/sign-in/").content.decode()
    person = reverse("people:person", args=[User.objects.get(login="suzuki").staff_id])
    assert "may have been copied" in signed_in(Role.SYSTEM_OPERATOR).get(person).content.decode()


def test_keys_that_do_not_count_are_taken(
    signed_in: Callable[..., Client], browser_client: Callable[[], Client]
) -> None:
    """Passkeys that are copied between devices answer 0 every time."""
    key = SoftKey(counts=False, synced=True)
    add(signed_in(Role.STAFF, login="suzuki"), key)
    assert [sign_in(browser_client(), key).status_code for _each in range(2)] == [302, 302]


def test_an_answer_counts_once_soon_and_here(
    at_nine: clock.FixedClock, with_key: tuple[Client, SoftKey], browser_client: Callable[[], Client]
) -> None:
    """Sent again, in another browser, too late, for another purpose, from another place: refused and recorded."""
    _owner, key = with_key
    client = browser_client()
    told = asked(client, "sign-in-key-options", purpose="alone")
    cookie = client.cookies["__Host-sekisho"].value
    right = {"answer": json.dumps(key.show(told))}
    state = client.session["ceremony"]["state"]
    assert browser_client().post(reverse("people:sign-in-key"), right).status_code == 401
    assert client.post(reverse("people:sign-in-key"), right).status_code == 302
    again = browser_client()
    again.cookies["__Host-sekisho"] = cookie
    assert again.post(reverse("people:sign-in-key"), right).status_code == 401
    with pytest.raises(PasskeyRefused):  # two at a time could both have read the challenge before it was taken
        passkeys.sign_in_with_passkey(actor=anonymous(), spoken=Spoken(state, json.loads(right["answer"])))
    late = browser_client()
    told = asked(late, "sign-in-key-options", purpose="alone")
    at_nine.moment += timedelta(minutes=5, seconds=1)
    assert late.post(reverse("people:sign-in-key"), {"answer": json.dumps(key.show(told))}).status_code == 401
    for lie in ({"origin": "https://evil.example"}, {"host": "evil.example"}):
        assert sign_in(browser_client(), SoftKey(private=key.private, count=key.count, **lie)).status_code == 401
    for junk in ("", "[]", "{", "[" * 5000):
        client = browser_client()
        asked(client, "sign-in-key-options")
        assert client.post(reverse("people:sign-in-key"), {"answer": junk}).status_code == 401
    failures = [event for event in events("session.sign_in") if event["outcome"] == "failure"]
    assert {event["details"]["factor"] for event in failures} == {"passkey"}


def test_a_role_may_ask_for_keys_that_stay_in_one_device(
    signed_in: Callable[..., Client], browser_client: Callable[[], Client]
) -> None:
    """The operator's rule counts for keys there are and for keys to come; other roles are not touched."""
    staff, synced = signed_in(Role.STAFF, login="suzuki"), SoftKey(synced=True, counts=False)
    assert add(staff, synced).status_code == 302
    operator = signed_in(Role.SYSTEM_OPERATOR, login="chief")
    operator.post(reverse("people:sign-in-policy"), {"roles": [Role.STAFF.value]})
    assert RolePolicy.objects.get(device_bound_only=True).role == Role.STAFF
    assert events("sign_in.change_policy")[0]["details"] == {"device_bound_only": ["staff"]}
    assert sign_in(browser_client(), synced).status_code == NotDeviceBound().status
    assert add(staff, SoftKey(credential_id=b"other", synced=True)).status_code == NotDeviceBound().status
    assert add(staff, SoftKey(credential_id=b"bound")).status_code == 302
    assert add(operator, SoftKey(credential_id=b"theirs", synced=True)).status_code == 302


def test_factors_change_only_after_a_second_factor_shown_lately(
    at_nine: clock.FixedClock, with_key: tuple[Client, SoftKey]
) -> None:
    """Ten minutes after the last proof the page asks for it again: a key, or a code, once each."""
    client, key = with_key
    at_nine.moment += timedelta(hours=1)
    assert client.post(reverse("people:new-key-options")).status_code == ProofNeeded().status
    remove = reverse("people:remove-key", args=[Passkey.objects.get().pk])
    assert client.get(remove).headers["Location"].startswith(reverse("people:prove"))
    assert client.post(reverse("people:renew-codes")).headers["Location"].startswith(reverse("people:prove"))
    wrong = client.post(reverse("people:prove"), {"code": "000000"})
    assert (wrong.status_code, events("session.prove")[-1]["outcome"]) == (401, "failure")
    told = asked(client, "proof-options")
    answer = client.post(f"{reverse('people:prove')}?next={remove}", {"answer": json.dumps(key.show(told))})
    assert answer.headers["Location"] == remove
    assert client.get(remove).status_code == 200
    at_nine.moment += timedelta(hours=1)
    answer = client.post(f"{reverse('people:prove')}?next=https://evil.example/", {"code": code_now()})
    assert answer.headers["Location"] == reverse("people:own-sign-in")
    assert client.post(reverse("people:new-key-options")).status_code == 200
    session = client.session
    session["assurance"] = 1  # opened with a sealed emergency secret: no second factor was ever shown
    session.save()
    assert client.post(reverse("people:new-key-options")).status_code == ProofNeeded().status


def test_recovery_leaves_nothing_of_the_lost_key(
    with_key: tuple[Client, SoftKey], browser_client: Callable[[], Client]
) -> None:
    """Whoever found it signs in with it no more; the person sets up another."""
    client, lost = with_key
    client.post(reverse("people:renew-codes"))
    _user, token = offer_recovery(actor=actor_with(Role.CONSOLE), login="suzuki")
    found = SoftKey(credential_id=b"new")
    assert enrol(browser_client(), token, found).status_code == 302
    assert (Passkey.objects.count(), TotpSecret.objects.count()) == (1, 0)
    assert User.objects.get(login="suzuki").recovery_codes.count() == 0
    assert sign_in(browser_client(), lost).status_code == 401
    assert sign_in(browser_client(), found).status_code == 302


def test_a_key_is_registered_once(with_key: tuple[Client, SoftKey], signed_in: Callable[..., Client]) -> None:
    """By the same person or another."""
    _client, key = with_key
    assert add(signed_in(Role.STAFF, login="tanaka"), key).status_code == 409


def test_an_ip_address_says_that_it_has_no_passkeys(signed_in: Callable[..., Client], settings: Any) -> None:
    """Browsers refuse; the pages say so and name the way that works."""
    client = signed_in(Role.STAFF)
    settings.ALLOWED_HOSTS = ["192.0.2.7"]
    client.defaults["HTTP_HOST"] = "192.0.2.7"
    answer = client.get("/my/sign-in/", headers={"host": "192.0.2.7"})
    assert "opened by an IP address" in answer.content.decode()
