"""Keeping applications that take our sign-in: two pairs of eyes, secrets, changing keys, sessions that ended."""

import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.errors import JoseError

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, anonymous, platform
from sekisho.people.errors.oidc import EmergencyLetsIn, OwnParty, PartyAloneWithoutReason, PartyInvalid, PartyNotReady
from sekisho.people.errors.sign_in import ProofNeeded
from sekisho.people.models import (
    AccountKind,
    RelyingParty,
    RelyingSignIn,
    SigningKey,
    User,
)
from sekisho.people.queries.oidc import somebody_is_to_be_told
from sekisho.people.rules.service_errors import TokenRefused
from sekisho.people.services import oidc, oidc_keys, oidc_notices
from sekisho.people.services.oidc_parties import (
    close_party,
    end_party_secret,
    enter_party,
    make_party_secret,
    release_party,
)
from tests.network.servers import LOOPBACK, identity
from tests.people.relying import (
    Application,
    House,
    application_claims,
    code_for,
    events,
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


def test_keys_change_without_a_gap(
    house: House,
    nurse: Client,
    browser_client: Callable[[], Client],
    at_nine: clock.FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A new key is shown before it signs, the old one after; the private half lies sealed; no other signer counts."""
    monkeypatch.setattr(oidc_keys, "_RSA_BITS", 2048)  # for the test's sake: a longer one takes seconds to find
    application = let_in(house, replace(house.data, algorithm="RS256"), browser_client())
    application.begin()
    worker = platform("test")

    def signed() -> tuple[str, str]:
        answer = redeem(application, code_for(application, nurse, nonce=application.nonce)).json()
        application.token = answer
        text: str = answer["id_token"]
        assert application.check(text)["sub"]
        return text, str(jwt.decode(text, oidc_keys.checking_keys(), algorithms=["RS256"]).header["kid"])

    first_text, first = signed()
    assert b'"d"' not in bytes(SigningKey.objects.get().sealed_key)
    assert all("d" not in key for key in oidc_keys.public_keys()["keys"])
    assert oidc_keys.renew_keys(actor=worker) == 0
    SigningKey.objects.update(made_at=clock.now() - timedelta(days=90))
    assert oidc_keys.renew_keys(actor=worker) == 1
    assert signed()[1] == first and len(oidc_keys.public_keys()["keys"]) == 2
    SigningKey.objects.exclude(pk=first).update(made_at=clock.now() - timedelta(days=3))
    second_text, second = signed()
    assert second != first and application.check(second_text)
    SigningKey.objects.exclude(pk=first).update(made_at=clock.now() - timedelta(days=9, minutes=1))
    assert oidc_keys.renew_keys(actor=worker) == 1
    assert [key["kid"] for key in oidc_keys.public_keys()["keys"]] == [second]
    with pytest.raises(JoseError):
        application.check(first_text)
    application.places["issuer"] = "https://evil.example"
    with pytest.raises(JoseError):
        application.check(second_text)
    assert len(events("signing_key.renew")) == 2


def test_two_pairs_of_eyes_and_secrets(house: House, application: Application, nurse: Client) -> None:
    """Whoever enters does not release while somebody else could; a leaked secret ends with what it fetched."""
    for changes in ({"redirects": ""}, {"roles": ()}, {"roles": ("console",)}, {"name": "　"}, {"kind": "x"}):
        with pytest.raises(PartyInvalid):
            enter_party(actor=house.operator, data=replace(house.data, **{"name": "別", **changes}))
    with pytest.raises(PartyInvalid):
        enter_party(actor=house.operator, data=house.data)
    waiting = enter_party(actor=house.operator, data=replace(house.data, name="別", kind="public"))
    with pytest.raises(OwnParty):
        release_party(actor=house.operator, party_id=waiting.pk, reason="急ぐ")
    User.objects.filter(pk=house.manager.id).update(is_active=False)
    with pytest.raises(PartyAloneWithoutReason):
        release_party(actor=house.operator, party_id=waiting.pk)
    release_party(actor=house.operator, party_id=waiting.pk, reason="ほかに人がいない。設定書と照合した。")
    assert events("relying_party.release")[-1]["details"]["alone"] is True
    User.objects.filter(pk=house.manager.id).update(is_active=True, kind=AccountKind.EMERGENCY)
    with pytest.raises(EmergencyLetsIn):
        enter_party(actor=house.manager, data=replace(house.data, name="非常"))
    with pytest.raises(PartyNotReady):  # it could keep none
        make_party_secret(actor=house.operator, party_id=waiting.pk, overlap_hours=0, proved_at=clock.now())
    with pytest.raises(ProofNeeded):
        make_party_secret(actor=house.operator, party_id=application.party.pk, overlap_hours=0, proved_at=None)
    text = redeem(application, code_for(application, nurse)).json()["access_token"]
    secret = application.party.secrets.get(ends_at=None)
    end_party_secret(actor=house.operator, party_id=application.party.pk, secret_id=secret.pk)
    with pytest.raises(TokenRefused):
        oidc.read_claims(actor=anonymous(None), text=text)
    assert redeem(application, code_for(application, nurse)).json()["error"] == "invalid_client"
    close_party(actor=house.operator, party_id=application.party.pk, reason="漏えい")
    with pytest.raises(PartyNotReady):
        close_party(actor=house.operator, party_id=application.party.pk, reason="もう一度")


def test_old_sign_ins_are_thrown_away(application: Application, nurse: Client, at_nine: clock.FixedClock) -> None:
    """What is a week old goes; the register keeps what happened."""
    code_for(application, nurse)
    assert oidc.purge_sign_ins(actor=platform("test")) == 0
    later(at_nine, days=8)
    assert oidc.purge_sign_ins(actor=platform("test")) == 1
    assert events("relying_party.sign_in")


class Listener(BaseHTTPRequestHandler):
    """The application's own server, which hears that sessions are over."""

    heard: list[str]
    status = 200

    def do_POST(self) -> None:
        self.heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[type[Listener], str]]:
    """A server on loopback with a certificate that this computer trusts, what it heard, and its address."""
    made = identity("localhost")
    certificate, key = made.write(tmp_path, "listener")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    hears = type("Hears", (Listener,), {"heard": []})
    server = ThreadingHTTPServer((LOOPBACK, 0), hears)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield hears, f"https://localhost:{server.server_port}/told"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_application_hears_that_a_session_is_over(
    house: House,
    nurse: Client,
    browser_client: Callable[[], Client],
    listener: tuple[type[Listener], str],
    at_nine: clock.FixedClock,
) -> None:
    """Told by a job, signed, with the sid of its sign-in; tried again for a while where nobody takes it."""
    hears, address = listener
    worker = platform("test")
    application = let_in(house, replace(house.data, logout_notice=address), browser_client())
    sid = application_claims(redeem(application, code_for(application, nurse)).json()["id_token"])["sid"]
    assert not somebody_is_to_be_told() and oidc_notices.tell_applications(actor=worker) == 0
    nurse.post("/sign-out/")
    assert hears.heard == []
    hears.status = 503
    assert somebody_is_to_be_told() and oidc_notices.tell_applications(actor=worker) == 0
    assert not somebody_is_to_be_told()
    hears.status = 204
    later(at_nine, minutes=1)
    assert oidc_notices.tell_applications(actor=worker) == 1
    token = told(f"https://x/?{hears.heard[1]}")["logout_token"]
    found = jwt.decode(token, oidc_keys.checking_keys(), algorithms=["ES256"])
    assert found.header["typ"] == "logout+jwt"
    assert (found.claims["sid"], found.claims["aud"]) == (sid, str(application.party.pk))
    assert found.claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert "nonce" not in found.claims
    assert events("relying_party.notify")[0]["details"]["tries"] == 2
    RelyingSignIn.objects.update(notify_at=clock.now(), notices=oidc_notices.MOST_TRIES - 1)
    RelyingParty.objects.update(logout_notice="https://localhost:1/")
    assert oidc_notices.tell_applications(actor=worker) == 0
    assert faults_of_notices() == ["unreachable"] and not somebody_is_to_be_told()


def faults_of_notices() -> list[str]:
    return [event["details"]["answer"] for event in events("relying_party.notify", "failure")]
