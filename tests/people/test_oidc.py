"""Applications that take our sign-in: let in by two people, entered with two factors, told no more than was granted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from authlib.oauth2 import OAuth2Error
from authlib.oidc.discovery import OpenIDProviderMetadata
from django.conf import settings
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey

from sekisho.estate.models import System
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, anonymous
from sekisho.ledgers.services.books import add_entry
from sekisho.people.errors.sign_in import HeldBack
from sekisho.people.ledgers import ACCOUNTS
from sekisho.people.models import (
    Owner,
    RelyingParty,
    RelyingSecret,
    RelyingSignIn,
    RoleGrant,
    Session,
    User,
)
from sekisho.people.rules.oidc import ACR
from sekisho.people.rules.service_errors import TokenRefused
from sekisho.people.services import oidc
from sekisho.people.services.oidc_parties import (
    enter_party,
)
from sekisho.people.sessions import SessionStore
from tests.conftest import PASSWORD, code_now
from tests.people.relying import (
    AFTER,
    BACK,
    CHALLENGE,
    Application,
    House,
    address_of,
    application_claims,
    code_for,
    events,
    faults,
    later,
    let_in,
    make_house,
    redeem,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
Make = Callable[..., User]


@pytest.fixture
def house(make_person: Make, operator: Actor, at_nine: clock.FixedClock) -> House:
    """The operator enters, the planning manager releases."""
    return make_house(make_person, operator)


@pytest.fixture
def application(house: House, browser_client: Callable[[], Client]) -> Application:
    """An application that is let in for everybody with the role of a user."""
    return let_in(house, house.data, browser_client())


@pytest.fixture
def nurse(signed_in: Callable[..., Client]) -> Client:
    """The browser of somebody with the role of a user, who signed in just now."""
    return signed_in(Role.STAFF, login="nurse")


def test_the_way_of_an_application(
    house: House, signed_in: Callable[..., Client], make_person: Make, browser_client: Callable[[], Client]
) -> None:
    """Entered on a page, released by another; a person signs in there with two factors, is known, and signs out."""
    enters, releases = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.PLANNING_MANAGER)
    assert b"No application uses this sign-in." in enters.get("/relying-parties/").content
    assert enters.get("/relying-parties/new/").status_code == 200
    values = {name: value for name, value in vars_of(house.data).items() if value not in ("", False)}
    wrong = {**values, "redirects": "http://ehr.example.jp/*"}
    assert b"cannot be used" in enters.post("/relying-parties/new/", wrong).content
    page = enters.post("/relying-parties/new/", values).headers["Location"]
    party = RelyingParty.objects.get()
    assert enters.post(f"{page}release/", {"reason": "x"}).status_code == 409
    assert releases.post(f"{page}release/", {"reason": ""}).status_code == 302
    assert enters.post(f"{page}secret/", {"overlap_hours": "999"}).status_code == 422
    assert enters.post(f"{page}secret/", {"overlap_hours": "0"}).headers["Location"] == f"{page}secret/shown/"
    secret = enters.get(f"{page}secret/shown/").context["secret"]
    assert enters.get(f"{page}secret/shown/").context["secret"] == ""
    assert not RelyingSecret.objects.filter(secret_hash__contains=secret).exists()
    shown = enters.get(page).content.decode()
    assert f"{settings.ORIGIN}/.well-known/openid-configuration" in shown and secret not in shown

    party.refresh_from_db()
    application, browser = Application(party, secret, browser_client()), browser_client()
    nurse = make_person("nurse", Role.STAFF, name="看護 花子")
    start = application.begin(max_age="3600")
    OpenIDProviderMetadata(application.places).validate()
    sign_in = browser.get(start).headers["Location"]
    assert sign_in.startswith("/sign-in/?next=%2Foidc%2Fgo-on%2F")
    assert browser.post(sign_in, {"login": "nurse", "password": PASSWORD}).headers["Location"] == "/sign-in/code/"
    between = browser.post("/sign-in/code/", {"code": code_now()}).headers["Location"]
    leads = browser.get(between)  # a page, so that leading on is no answer to a form
    assert leads.status_code == 200
    location = browser.get(leads.headers["Refresh"].removeprefix("0; url=")).headers["Location"]
    assert location.startswith(f"{BACK}?") and told(location)["iss"] == settings.ORIGIN
    claims = application.finish(location)
    assert (claims["sub"], claims["name"], claims["roles"]) == (str(nurse.pk), "看護 花子", ["staff"])
    assert (claims["acr"], claims["amr"]) == (f"{ACR}2", ["pwd", "otp", "mfa"])
    assert claims["auth_time"] == int(clock.now().timestamp())
    assert application.ask().json() == {
        "sub": str(nurse.pk),
        "name": "看護 花子",
        "preferred_username": "nurse",
        "roles": ["staff"],
    }
    assert application.visitor.get("/oidc/userinfo").headers["WWW-Authenticate"].startswith("Bearer")
    (entry,) = events("relying_party.sign_in")
    assert (entry["actor"]["id"], entry["subject"]["id"]) == (str(nurse.pk), str(party.pk))
    assert entry["details"]["assurance"] == 2
    assert [event["actor"]["id"] for event in events("relying_party.redeem")] == [str(party.pk)]
    assert "看護 花子" in enters.get(page).content.decode()

    end = f"/oidc/end-session?id_token_hint={application.token['id_token']}&state=x&post_logout_redirect_uri="
    assert browser.get(f"{end}{quote(AFTER)}").headers["Location"] == f"{AFTER}?state=x"
    assert events("session.sign_out")
    assert application.ask().status_code == 401
    assert browser.get(start).headers["Location"].startswith("/sign-in/")
    assert releases.post(f"{page}close/", {"reason": "使わなくなった"}).status_code == 302
    assert browser.get(start).status_code == 400


def vars_of(data: Any) -> dict[str, Any]:
    """Return what was entered as a browser sends it."""
    return {name: getattr(data, name) for name in data.__dataclass_fields__}


def test_what_is_refused_before_anybody_is_led_on(application: Application, nurse: Client, house: House) -> None:
    """An application or an address that is not known gets nothing; a known one is told what is wrong, and by whom."""
    waiting = enter_party(actor=house.operator, data=replace(house.data, name="ほか"))
    nowhere: list[dict[str, str | None]] = [
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": f"{BACK}/"},
        {"redirect_uri": f"{BACK}?a=b"},
        {"redirect_uri": BACK.upper()},
        {"redirect_uri": None},
        {"redirect_uri": "https://ehr.example.jp@evil.example/"},
        {"redirect_uri": 'https://"悪'},
        {"client_id": "nobody"},
        {"client_id": None},
        {"client_id": str(waiting.pk)},
        {"state": "a\nb"},
        {"state": "x" * 3000},
    ]
    for changes in nowhere:
        answer = nurse.get(address_of(application, **changes))
        assert (answer.status_code, answer.headers.get("Location")) == (400, None), changes
    assert nurse.get(f"{address_of(application)}&client_id=x").status_code == 400
    told_so: list[tuple[dict[str, str | None], str]] = [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"nonce": "n" * 501}, "invalid_request"),
    ]
    for changes, word in told_so:
        location = nurse.get(address_of(application, **changes)).headers["Location"]
        assert location.startswith(f"{BACK}?")
        answer = told(location)
        assert (answer["error"], answer["state"], answer["iss"]) == (word, "st", settings.ORIGIN), changes
    assert not RelyingSignIn.objects.exists()
    posted = nurse.post("/oidc/authorize", told(address_of(application)))
    assert posted.status_code == 303 and "code=" in nurse.get(posted.headers["Location"]).headers["Location"]


def test_a_code_counts_once_here_and_soon(
    application: Application, nurse: Client, house: House, browser_client: Callable[[], Client], at_nine: Any
) -> None:
    """Once, for a minute, for this application, with its secret and the verifier; a second use ends the token too."""
    other = let_in(house, replace(house.data, name="ほか", kind="public"), browser_client())
    code = code_for(application, nurse)
    assert not RelyingSignIn.objects.filter(code_hash=code).exists()
    wrong: list[tuple[Application, dict[str, str | None], str]] = [
        (application, {"code_verifier": "x" * 43}, "invalid_grant"),
        (application, {"code_verifier": None}, "invalid_request"),
        (application, {"redirect_uri": AFTER}, "invalid_grant"),
        (application, {"client_secret": "sks_wrong"}, "invalid_client"),
        (application, {"client_secret": None}, "invalid_client"),
        (application, {"grant_type": "password"}, "unsupported_grant_type"),
        (application, {"grant_type": "client_credentials"}, "unsupported_grant_type"),
        (other, {}, "invalid_grant"),
        (other, {"client_secret": application.secret}, "invalid_client"),
    ]
    for asks, changes, word in wrong:
        answer = redeem(asks, code, **changes)
        assert answer.json()["error"] == word, changes
        assert answer.headers["Cache-Control"] == "no-store"
    given = redeem(application, code)
    assert given.status_code == 200 and "refresh_token" not in given.json()
    token = given.json()["access_token"]
    assert not RelyingSignIn.objects.filter(token_hash=token).exists()
    assert oidc.read_claims(actor=anonymous(None), text=token)["preferred_username"] == "nurse"
    assert redeem(application, code).json()["error"] == "invalid_grant"
    with pytest.raises(TokenRefused):
        oidc.read_claims(actor=anonymous(None), text=token)
    late = code_for(application, nurse)
    later(at_nine, seconds=61)
    assert redeem(application, late).json()["error"] == "invalid_grant"
    assert {"replay", "expired", "foreign_code", "invalid_client"} <= set(faults("relying_party.redeem"))
    assert faults("relying_party.read") == []  # the replay had ended it already


def test_guessing_a_secret_is_held_back_and_bogus_codes_keep_nobody_out(
    application: Application, nurse: Client
) -> None:
    """Secrets are charged before they are judged; a visitor's bogus codes do not lock the application out."""
    for _try in range(8):
        assert redeem(application, "bogus").json()["error"] == "invalid_grant"
    assert redeem(application, code_for(application, nurse)).status_code == 200
    answers = [redeem(application, "x", client_secret="sks_guess").status_code for _try in range(7)]
    assert (answers[0], answers[-1]) == (401, HeldBack.status)


def test_what_ends_a_sign_in_ends_it_at_once(
    application: Application, nurse: Client, house: House, at_nine: clock.FixedClock
) -> None:
    """Account, session, role, application: whatever ends is asked at the exchange and each time somebody asks."""
    user: User = nurse.user  # type: ignore[attr-defined]

    def token() -> str:
        text: str = redeem(application, code_for(application, nurse)).json()["access_token"]
        assert oidc.read_claims(actor=anonymous(None), text=text)
        return text

    def refused(text: str, code: str) -> None:
        with pytest.raises(TokenRefused):
            oidc.read_claims(actor=anonymous(None), text=text)
        assert redeem(application, code).json()["error"] == "invalid_grant"

    for change, back in (
        ({"is_active": False}, {"is_active": True}),
        ({"revision": user.revision + 1}, {"revision": user.revision}),
    ):
        text, code = token(), code_for(application, nurse)
        User.objects.filter(pk=user.pk).update(**change)
        refused(text, code)
        User.objects.filter(pk=user.pk).update(**back)
        refused(text, "x")  # what was refused once stays so
    text, code = token(), code_for(application, nurse)
    RoleGrant.objects.filter(staff=user.staff).update(revoked_at=clock.now())
    refused(text, code)
    RoleGrant.objects.filter(staff=user.staff).update(revoked_at=None)
    text = token()
    later(at_nine, minutes=16)
    refused(text, "x")
    text, code = token(), code_for(application, nurse)
    Session.objects.filter(user=user).delete()
    refused(text, code)
    assert faults("relying_party.read") == ["account", "account", "role", "expired", "session"]


def enter_account(house: House, user: User, login: str) -> None:
    """Enter an account of the application's system in the ID ledger."""
    values = {
        "system": System.objects.get(pk=house.data.system),
        "login": login,
        "owner": Owner.objects.get(pk=user.staff_id),
    }
    add_entry(actor=house.operator, ledger=ACCOUNTS, values=values)


def weaken(browser: Client) -> None:
    """Let a browser's session be one of a single factor, as that of an opened envelope is."""
    store = SessionStore(browser.cookies["__Host-sekisho"].value)
    store["assurance"] = 1
    store.save()


def test_who_may_sign_in_where(
    application: Application,
    house: House,
    signed_in: Callable[..., Client],
    nurse: Client,
    browser_client: Callable[[], Client],
) -> None:
    """Deny first: the role, the account in the ID ledger, the level; refusals are recorded, and told without why."""
    clerk = signed_in(Role.AUDITOR, login="clerk")
    assert told(clerk.get(address_of(application)).headers["Location"])["error"] == "access_denied"
    ledger = let_in(house, replace(house.data, name="台帳", by_ledger=True), browser_client())
    assert told(nurse.get(address_of(ledger)).headers["Location"])["error"] == "access_denied"
    user: User = nurse.user  # type: ignore[attr-defined]
    enter_account(house, user, "k1")
    answer = redeem(ledger, code_for(ledger, nurse, scope="openid profile")).json()
    assert oidc.read_claims(actor=anonymous(None), text=answer["access_token"])["preferred_username"] == "k1"
    enter_account(house, user, "k2")  # two accounts: nobody can say as which one
    assert told(nurse.get(address_of(ledger)).headers["Location"])["error"] == "access_denied"
    sealed = signed_in(Role.STAFF, login="sealed")
    weaken(sealed)
    assert told(sealed.get(address_of(application)).headers["Location"])["error"] == "access_denied"
    weak = let_in(house, replace(house.data, name="弱い", assurance=1), browser_client())
    assert "code" in told(sealed.get(address_of(weak)).headers["Location"])
    wish = told(sealed.get(address_of(weak, acr_values=f"{ACR}2")).headers["Location"])
    assert wish["error"] == "unmet_authentication_requirements"
    assert faults("relying_party.sign_in") == ["role", "ledger", "ledger", "assurance", "assurance"]


def test_how_fresh_a_sign_in_is(
    application: Application, nurse: Client, browser_client: Callable[[], Client], at_nine: clock.FixedClock
) -> None:
    """prompt and max_age: nobody is asked silently, nobody in circles, and a second factor once more is enough."""
    visitor = browser_client()

    def error(browser: Client, **asks: str) -> str:
        return told(browser.get(address_of(application, **asks)).headers["Location"])["error"]

    assert error(visitor, prompt="none") == "login_required"
    assert "code" in told(nurse.get(address_of(application, prompt="none")).headers["Location"])
    later(at_nine, minutes=5)
    assert error(nurse, prompt="none", max_age="60") == "login_required"
    for asks in ({"max_age": "60"}, {"prompt": "login"}, {"max_age": "0"}):
        start = address_of(application, **asks)
        proof = nurse.get(start).headers["Location"]
        assert proof.startswith("/my/sign-in/proof/?next=%2Foidc%2Fgo-on%2F")
        later(at_nine, seconds=30)
        go_on = nurse.post(proof, {"code": code_now()}).headers["Location"]
        location = nurse.get(nurse.get(go_on).context["address"]).headers["Location"]
        answer = redeem(application, told(location)["code"]).json()
        claims = application_claims(answer["id_token"])
        assert claims["auth_time"] == int(clock.now().timestamp())
        later(at_nine, minutes=5)
        assert nurse.get(start).headers["Location"].startswith("/my/sign-in/proof/")
    forged = f"{address_of(application, prompt='login')}&asked=forged"
    assert nurse.get(forged).headers["Location"].startswith("/my/sign-in/proof/")
    nurse.post("/lock/")
    assert nurse.get(address_of(application)).headers["Location"].startswith("/unlock/?next=%2Foidc%2Fgo-on%2F")
    assert error(nurse, prompt="none") == "login_required"


def test_signing_out_needs_a_proof_or_the_person(
    application: Application, nurse: Client, signed_in: Callable[..., Client]
) -> None:
    """An ID token of this session ends it; none, a forged one, or another's asks the person, and leads nowhere else."""
    hint = redeem(application, code_for(application, nurse)).json()["id_token"]
    other = signed_in(Role.STAFF, login="other")
    key = ECKey.generate_key("P-256", {"kid": "x"})
    claims = application_claims(hint)
    forged = [
        jwt.encode({"alg": "ES256", "kid": "x"}, claims, key, ["ES256"]),
        "eyJhbGciOiJub25lIn0." + hint.split(".")[1] + ".",
        hint[:-4] + "AAAA",
        "garbage",
        "あ.い.う",
        "",
    ]
    for browser, text in [(nurse, text) for text in forged] + [(other, hint)]:
        given = {"id_token_hint": text, "post_logout_redirect_uri": AFTER, "client_id": str(application.party.pk)}
        page = browser.get("/oidc/end-session", given)
        assert page.status_code == 200 and "people/oidc_sign_out.html" in {t.name for t in page.templates}, text
    evil = nurse.get("/oidc/end-session", {"id_token_hint": hint, "post_logout_redirect_uri": "https://evil.example/"})
    assert evil.headers["Location"] == "/sign-in/"
    assert nurse.get("/my/sign-in/").headers["Location"].startswith("/sign-in/")
    posted = other.post("/oidc/end-session", {"id_token_hint": hint})
    assert posted.status_code == 303 and posted.headers["Location"].startswith("/oidc/end-session?")
    assert other.get("/my/sign-in/").status_code == 200


def test_an_application_refuses_an_answer_that_is_not_its_own(application: Application, nurse: Client) -> None:
    """The state that comes back is the one that was sent: what somebody else began is not finished here."""
    location = nurse.get(application.begin()).headers["Location"]
    application.state = "another"
    with pytest.raises(OAuth2Error):
        application.finish(location)
    assert told(location)["state"] != "another"
    assert CHALLENGE not in location
