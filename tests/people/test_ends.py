"""Where a session ends or does less: a cookie that was taken elsewhere, and an emergency account's least rights."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.kernel import clock, registry
from sekisho.kernel.access import GRANTABLE, Role
from sekisho.kernel.errors import Withheld
from sekisho.people.models import EmergencySeal, Session
from sekisho.people.queries import actor_of
from sekisho.people.rules.emergency_rights import ALLOWED, WITHHELD
from sekisho.people.services.emergency import SealPlan, make_seal
from tests.conftest import actor_with
from tests.people.soft_authenticator import SoftKey
from tests.people.test_passkeys import add, events, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
SESSION, BROWSER = "__Host-sekisho", "__Host-sekisho-browser"


def taken(thief: Client, victim: Client, *names: str) -> Client:
    """Give a browser cookies of another one."""
    for name in names:
        thief.cookies[name] = victim.cookies[name].value
    return thief


def test_the_cookie_of_a_session_alone_signs_nobody_in(
    signed_in: Callable[..., Client], browser_client: Callable[[], Client]
) -> None:
    """Shown from another browser, or with another browser's token, it ends the session and is recorded."""
    key, other = SoftKey(), SoftKey(credential_id=b"another")
    add(signed_in(Role.STAFF, login="suzuki"), key)
    add(signed_in(Role.STAFF, login="sato"), other)
    stranger = browser_client()
    assert sign_in(stranger, other).status_code == 302
    for thief, names in ((browser_client(), (SESSION,)), (stranger, (SESSION,))):
        owner = browser_client()
        assert sign_in(owner, key).status_code == 302
        assert owner.get("/").status_code == 200
        answer = taken(thief, owner, *names).get("/", headers={"x-forwarded-for": "192.0.2.66"})
        assert answer.headers["Location"].startswith("/sign-in/")
        assert owner.get("/").headers["Location"].startswith("/sign-in/"), "ended for everybody"
    first, second = events("session.elsewhere")
    assert (first["outcome"], first["network"], first["subject"]["kind"]) == ("denied", "192.0.2.66", "session")
    assert first["subject"]["id"] != second["subject"]["id"]
    assert Session.objects.filter(user__login="suzuki").count() == 1, "the one that the test made by hand"


def test_the_same_browser_goes_on(signed_in: Callable[..., Client], browser_client: Callable[[], Client]) -> None:
    """Its token stays through sign-outs; a whole set of cookies that was copied is beyond what cookies can tell."""
    key, owner = SoftKey(), browser_client()
    add(signed_in(Role.STAFF, login="suzuki"), key)
    sign_in(owner, key)
    token = owner.cookies[BROWSER].value
    owner.post(reverse("people:sign-out"))
    assert sign_in(owner, key).status_code == 302
    assert (owner.get("/").status_code, owner.cookies[BROWSER].value) == (200, token)
    assert events("session.elsewhere") == []


def envelope(client: Client, *roles: Role) -> EmergencySeal:
    """Open an envelope with these roles."""
    plan = SealPlan("Safe", frozenset(roles))
    seal, secret = make_seal(actor=actor_with(Role.SYSTEM_OPERATOR), proved_at=clock.now(), plan=plan)
    said = {"number": seal.number, "secret": secret, "name": "佐藤 花子", "reason": "Fire."}
    assert client.post(reverse("people:emergency-sign-in"), said).status_code == 302
    return EmergencySeal.objects.get()


def test_an_emergency_account_does_nothing_that_outlasts_the_emergency(browser_client: Callable[[], Client]) -> None:
    """Each action that is withheld is one we know, is refused whatever the roles, and the rest stays open."""
    client = browser_client()
    seal = envelope(client, *GRANTABLE)
    actor = actor_of(seal.user, session=None, network=None, assurance=1)
    known = {action.value: action for action in registry.current().actions}
    for name in WITHHELD:
        assert actor_with(*GRANTABLE).may(known[name]), name
        with pytest.raises(Withheld):
            actor.require(known[name])
    assert actor.may(known["session.end_of_person"])
    assert actor.may(known["account.disable"])
    person = reverse("people:person", args=[seal.user.staff_id])
    for address in (reverse("people:invite"), reverse("people:sign-in-policy"), reverse("people:terminals")):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "An emergency account does not do this" in answer.content.decode()
    assert client.post(f"{person}roles/grant/", {"role": "auditor"}).status_code == 403
    assert client.get(person).status_code == 200
    assert [event["details"]["code"] for event in events("person.invite")] == ["kernel.withheld"]


def test_each_action_is_decided_for_emergencies(browser_client: Callable[[], Client]) -> None:
    """A new action open to people is allowed or withheld by name; what nobody decided is withheld."""
    people = {action.value for action in registry.current().actions if not action.roles.isdisjoint(GRANTABLE)}
    assert people - ALLOWED - WITHHELD == set(), "decide these in rules/emergency_rights.py"
    assert ALLOWED.isdisjoint(WITHHELD)
    assert (ALLOWED | WITHHELD) - people == set(), "no action any more"
    actor = actor_of(envelope(browser_client(), *GRANTABLE).user, session=None, network=None, assurance=1)
    assert actor.withheld.isdisjoint(ALLOWED)
    assert actor.withheld >= WITHHELD | {"signing_key.renew"}  # not even what only the platform does
    lasting = "delivery.configure plaintext_secret.confirm ledger.approve_entry account_review.decide verdict.judge"
    assert not any(actor.may(action) for action in registry.current().actions if action.value in lasting.split())


def test_the_banner_leads_to_the_account(
    browser_client: Callable[[], Client], signed_in: Callable[..., Client]
) -> None:
    """Whoever may look at it gets there by the banner; dates are written in the reader's calendar."""
    seal = envelope(browser_client(), Role.STAFF)
    page = reverse("people:emergency", args=[seal.pk])
    operator, nurse = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.STAFF)
    assert f'<a href="{page}">The emergency account' in operator.get("/").content.decode()
    shown = nurse.get("/").content.decode()
    assert "The emergency account EA-001 is in use" in shown
    assert page not in shown
    nurse.cookies["sekisho_language"] = "ja"
    assert "令和" in nurse.get("/").content.decode().split('role="alert"')[1].split("</div>")[0]


def test_a_taken_cookie_of_an_emergency_session(browser_client: Callable[[], Client]) -> None:
    """It is bound as well."""
    owner = browser_client()
    envelope(owner, Role.STAFF)
    assert owner.get("/").status_code == 200
    assert taken(browser_client(), owner, SESSION).get("/").status_code == 302
    assert len(events("session.elsewhere")) == 1
