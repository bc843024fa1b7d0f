"""Where signing in to applications could come to a dead end, and who hears of what has ended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.people.models import (
    RelyingSignIn,
    RoleGrant,
    Session,
    SigningKey,
    Staff,
    TemporaryFactor,
    TotpSecret,
    User,
)
from sekisho.people.queries.oidc import sign_ins_to_tell, somebody_is_to_be_told
from sekisho.people.rules.oidc import Fault, Shown, Step, next_step, read_wish
from sekisho.people.services import emergency, emergency_use, oidc, oidc_notices
from sekisho.people.services.emergency import SealPlan
from sekisho.people.services.oidc_parties import close_party
from sekisho.register.errors import HeadNotKept
from tests.conftest import PASSWORD, code_now
from tests.people.relying import (
    Application,
    House,
    address_of,
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
Browser = Callable[[], Client]


@pytest.fixture
def house(make_person: Make, operator: Actor, at_nine: clock.FixedClock) -> House:
    """The operator enters, the planning manager releases."""
    return make_house(make_person, operator)


@pytest.fixture
def nurse(signed_in: Callable[..., Client]) -> Client:
    """The browser of somebody with the role of a user, who signed in just now."""
    return signed_in(Role.STAFF, login="nurse")


def hearing(house: House, visitor: Client, name: str, algorithm: str = "ES256") -> Application:
    """Return an application that wants to hear of the end of sessions."""
    data = replace(house.data, name=name, logout_notice=f"https://{name}.example.jp/out", algorithm=algorithm)
    return let_in(house, data, visitor)


def test_whatever_ends_a_sign_in_is_told(
    house: House, nurse: Client, browser_client: Browser, at_nine: clock.FixedClock
) -> None:
    """Role, employment, application, a code that came again; a token that has only run out ends nothing there."""
    application = hearing(house, browser_client(), "ehr")
    user: User = nurse.user  # type: ignore[attr-defined]
    staff = Staff.objects.filter(pk=user.staff_id)
    code = code_for(application, nurse)
    token = redeem(application, code).json()["access_token"]

    def is_told() -> bool:
        return bool(sign_ins_to_tell(9))

    assert not is_told()
    RoleGrant.objects.filter(staff=user.staff).update(revoked_at=clock.now())
    assert is_told()
    RoleGrant.objects.filter(staff=user.staff).update(revoked_at=None)
    staff.update(employed_until=clock.now().date() - timedelta(days=1))
    assert is_told()
    staff.update(employed_until=None)
    later(at_nine, minutes=16)
    headers = {"Authorization": f"Bearer {token}"}
    assert application.visitor.get("/oidc/userinfo", headers=headers).status_code == 401
    assert not is_told() and not somebody_is_to_be_told()
    again = code_for(application, nurse)
    redeem(application, again)
    redeem(application, again)
    assert [str(row.code_hash) for row in sign_ins_to_tell(9)] == [
        str(RelyingSignIn.objects.latest("begun_at").code_hash)
    ]
    assert somebody_is_to_be_told()
    close_party(actor=house.operator, party_id=application.party.pk, reason="使わなくなった")
    assert len(sign_ins_to_tell(9)) == 2


def test_who_does_not_answer_holds_up_nobody(
    house: House, nurse: Client, browser_client: Browser, at_nine: clock.FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One wait for each dead application in a run; a key that cannot be opened keeps only its own from being told."""
    dead, fine = hearing(house, browser_client(), "dead"), hearing(house, browser_client(), "fine")
    broken = hearing(house, browser_client(), "broken", "RS256")
    for application in (dead, dead, dead, broken, fine, fine):
        assert redeem(application, code_for(application, nurse)).status_code == 200
    nurse.post("/sign-out/")
    SigningKey.objects.filter(algorithm="RS256").update(sealed_key=b"broken")
    calls: list[str] = []

    def post(url: str, _body: bytes, _kind: str) -> object:
        calls.append(url)
        if "dead" in url:
            raise HeadNotKept(place=url, reason="slow")
        return SimpleNamespace(status=200)

    monkeypatch.setattr(oidc_notices, "post", post)
    assert oidc_notices.tell_applications(actor=platform("test")) == 2
    assert sorted(calls) == ["https://dead.example.jp/out", *["https://fine.example.jp/out"] * 2]
    assert not somebody_is_to_be_told(), "the others of the dead one wait on"
    later(at_nine, minutes=1)
    assert somebody_is_to_be_told()
    shown = browser_client().get("/oidc/keys")
    assert (shown.status_code, [key["alg"] for key in shown.json()["keys"]]) == (200, ["ES256"])
    RelyingSignIn.objects.filter(party=broken.party).update(notices=oidc_notices.MOST_TRIES - 1)
    oidc_notices.tell_applications(actor=platform("test"))
    assert [event["details"]["answer"] for event in events("relying_party.notify", "failure")] == ["unsigned"]


def test_an_answer_that_refuses_one_notice_holds_up_no_other(
    house: House, nurse: Client, browser_client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An application that has forgotten a session says 400 to it, and hears of the next ones at once."""
    fine = hearing(house, browser_client(), "fine")
    for _sign_in in range(3):
        assert redeem(fine, code_for(fine, nurse)).status_code == 200
    nurse.post("/sign-out/")
    answers = iter([400, 200, 204])
    monkeypatch.setattr(oidc_notices, "post", lambda *_asked: SimpleNamespace(status=next(answers)))
    assert oidc_notices.tell_applications(actor=platform("test")) == 2


def test_a_long_request_comes_through_the_sign_in(house: House, browser_client: Browser, make_person: Make) -> None:
    """As long as what is taken at all; one that is too long as a whole is told so at once."""
    application, browser = let_in(house, house.data, browser_client()), browser_client()
    make_person("nurse", Role.STAFF)
    page = browser.get(address_of(application, state="s" * 1900, nonce="n" * 500)).headers["Location"]
    browser.post(page, {"login": "nurse", "password": PASSWORD})
    between = browser.post("/sign-in/code/", {"code": code_now()}).headers["Location"]
    assert between.startswith("/oidc/go-on/?")
    location = browser.get(browser.get(between).headers["Refresh"].removeprefix("0; url=")).headers["Location"]
    assert told(location)["state"] == "s" * 1900 and "code" in told(location)
    refused = browser_client().get(address_of(application, state="%" * 1900)).headers["Location"]
    assert told(refused)["error"] == "invalid_request"


def test_a_session_of_one_factor_is_not_led_to_a_proof(at_nine: clock.FixedClock) -> None:
    """What an emergency opened has no second factor to show: the application is told that a sign-in is needed."""
    now = clock.now()
    for values in ({"prompt": "login"}, {"max_age": "60"}):
        wish = read_wish(values, now)
        assert not isinstance(wish, str)
        older = now - timedelta(minutes=5)
        assert next_step(wish, Shown(older, 1), 1, now) is Fault.LOGIN
        assert next_step(wish, Shown(older, 2), 1, now) is Step.PROVE


def test_a_temporary_code_proves_too(
    house: House, browser_client: Browser, make_person: Make, at_nine: clock.FixedClock
) -> None:
    """The page says what it is for, takes the code of the day, and leads on to the application."""
    user = make_person("nurse", Role.STAFF)
    TotpSecret.objects.filter(user=user).delete()
    code = "20261121"
    TemporaryFactor.objects.create(
        user=user,
        code_hash=make_password(code),
        issued_at=clock.now(),
        expires_at=clock.now() + timedelta(hours=8),
    )
    application, browser = let_in(house, house.data, browser_client()), browser_client()
    browser.post("/sign-in/", {"login": "nurse", "password": PASSWORD})
    assert browser.post("/sign-in/code/", {"code": code}).headers["Location"] == "/"
    later(at_nine, minutes=5)
    proof = browser.get(address_of(application, prompt="login")).headers["Location"]
    assert proof.startswith("/my/sign-in/proof/")
    page = browser.get(proof).content.decode()
    assert "The application wants to be sure" in page and "changes how people sign in" not in page
    assert "Temporary code" in page
    assert browser.post(proof, {"code": "00000000"}).status_code == 401
    assert browser.post(proof, {"code": code}).headers["Location"].startswith("/oidc/go-on/")
    assert "changes how people sign in" in browser.get("/my/sign-in/proof/").content.decode()


def test_what_is_wrong_keeps_out_nobody_who_is_right(house: House, nurse: Client, browser_client: Browser) -> None:
    """Bogus codes and guessed secrets are held back, and recorded no more, while whoever shares the address gets in."""
    public = let_in(house, replace(house.data, name="pub", kind="public"), browser_client())
    kept = let_in(house, house.data, browser_client())
    first, second, third = code_for(public, nurse), code_for(kept, nurse), code_for(public, nurse)
    answers = [redeem(public, f"bogus{number}").status_code for number in range(62)]
    assert (answers[0], answers[-1]) == (400, 429)
    assert redeem(kept, "x", client_secret="sks_guess").status_code == 401, "secrets are counted apart"
    for number in range(6):
        held = redeem(kept, f"x{number}", client_secret="sks_guess").status_code
    assert held == 429
    count = len(faults("relying_party.redeem"))
    assert redeem(public, "bogus").status_code == 429
    assert len(faults("relying_party.redeem")) == count
    assert (redeem(public, first).status_code, redeem(kept, second).status_code) == (200, 200)
    assert redeem(public, third).status_code == 200
    assert redeem(public, third).status_code == 400, "a code that came again is recorded also then"
    assert faults("relying_party.redeem")[-1] == "replay"
    assert oidc.purge_sign_ins(actor=platform("test")) == 0 and Session.objects.exists()


def test_an_emergency_session_is_locked_and_led_into_no_dead_end(
    house: House,
    operator: Actor,
    browser_client: Browser,
    at_nine: clock.FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It reaches an application that takes one factor, is refused where a proof is asked, and locks like others."""
    monkeypatch.setattr(emergency, "make_password", lambda secret: f"hash of {secret}")
    monkeypatch.setattr(emergency_use, "check_password", lambda typed, stored: stored == f"hash of {typed}")
    seal, secret = emergency.make_seal(
        actor=operator, proved_at=clock.now(), plan=SealPlan("safe", frozenset({Role.STAFF}))
    )
    application, browser = let_in(house, replace(house.data, assurance=1), browser_client()), browser_client()
    opening = {"number": seal.number, "secret": secret, "name": "佐藤", "reason": "down"}
    assert browser.post("/sign-in/emergency/", opening).status_code == 302
    assert "code" in told(browser.get(address_of(application)).headers["Location"])
    later(at_nine, minutes=5)
    for asked in ({"prompt": "login"}, {"max_age": "60"}):
        assert told(browser.get(address_of(application, **asked)).headers["Location"])["error"] == "login_required"
    later(at_nine, minutes=61)
    assert browser.get("/sign-in/").headers["Location"] == "/unlock/"
    assert "sign in with the paper" in browser.get("/unlock/").content.decode()
    browser.post("/sign-out/")
    assert browser.post("/sign-in/emergency/", opening).status_code == 302
    assert browser.get("/").status_code == 200
