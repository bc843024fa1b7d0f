"""An application that takes our sign-in: Authlib's client over the test client, as a maker of software would use it."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from django.conf import settings
from django.test import Client
from joserfc import jwt
from joserfc.jwk import KeySet
from requests.adapters import BaseAdapter

from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_entry
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.people.models import RelyingParty, User
from sekisho.people.queries import actor_of
from sekisho.people.services import oidc_keys
from sekisho.people.services.oidc_parties import PartyData, enter_party, make_party_secret, release_party
from sekisho.register.models import Event

BACK = "https://ehr.example.jp/oidc/back"
AFTER = "https://ehr.example.jp/bye"


class Wire(BaseAdapter):
    """Carries what the application's library sends to the test client instead of the network."""

    def __init__(self, visitor: Client) -> None:
        super().__init__()
        self.visitor = visitor

    def send(self, request: Any, **_kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url)
        headers = {name: value for name, value in request.headers.items() if name != "Content-Length"}
        kind = headers.pop("Content-Type", "application/octet-stream")
        body = request.body or b""
        address = f"{parts.path}?{parts.query}"
        given = self.visitor.generic(request.method, address, body, kind, secure=True, headers=headers)
        answer = requests.Response()
        answer.status_code, answer.raw, answer.url, answer.request = (
            given.status_code,
            BytesIO(given.content),
            "",
            request,
        )
        answer.headers.update(given.headers)
        return answer

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Application:
    """The application, with what its maker's library was set up with; ``keys`` and places it learns from discovery."""

    party: RelyingParty
    secret: str
    visitor: Client
    back: str = BACK
    verifier: str = ""
    state: str = ""
    nonce: str = ""
    places: dict[str, Any] = field(default_factory=dict)

    def session(self) -> OAuth2Session:
        session = OAuth2Session(
            str(self.party.pk),
            self.secret or None,
            scope="openid profile roles",
            redirect_uri=self.back,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self.secret else "none",
        )
        session.mount("https://", Wire(self.visitor))
        return session

    def begin(self, **extra: str) -> str:
        """Return the address that the person's browser is sent to."""
        with self.session() as session:
            self.places = session.get(f"{settings.ORIGIN}/.well-known/openid-configuration", withhold_token=True).json()
            self.verifier, self.nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(12)
            address, self.state = session.create_authorization_url(
                self.places["authorization_endpoint"], code_verifier=self.verifier, nonce=self.nonce, **extra
            )
        return str(address)

    def finish(self, location: str) -> dict[str, Any]:
        """Take the code that came back, get the tokens for it, check the ID token, and return its claims."""
        with self.session() as session:
            self.token = session.fetch_token(
                self.places["token_endpoint"],
                authorization_response=location,
                code_verifier=self.verifier,
                state=self.state,
            )
        return self.check(self.token["id_token"])

    def check(self, text: str) -> dict[str, Any]:
        """Return the claims of an ID token, held against what an application must hold them against."""
        with self.session() as session:
            keys = session.get(self.places["jwks_uri"], withhold_token=True).json()
        found = jwt.decode(text, KeySet.import_key_set(keys), algorithms=[self.party.algorithm])
        wanted = {
            "iss": {"essential": True, "value": self.places["issuer"]},
            "aud": {"essential": True, "value": str(self.party.pk)},
        }
        context = {"nonce": self.nonce, "client_id": str(self.party.pk), "access_token": self.token["access_token"]}
        claims = CodeIDToken(found.claims, found.header, wanted, context)
        claims.validate(now=int(clock.now().timestamp()))
        return dict(found.claims)

    def ask(self) -> Any:
        """Return the answer of the place that says who it was."""
        headers = {"Authorization": f"Bearer {self.token['access_token']}"}
        return self.visitor.get("/oidc/userinfo", headers=headers)


def person_acting(user: User) -> Actor:
    return actor_of(user, session=None, network="192.168.10.5", assurance=2)


@dataclass
class House:
    """Two people who may let applications in, and the system that one belongs to."""

    operator: Actor
    manager: Actor
    data: PartyData


def make_house(make_person: Callable[..., User], operator: Actor) -> House:
    system = add_entry(
        actor=operator, ledger=SYSTEMS, values={"name": "電子カルテ", "kind": "emr", "form": "on_premises"}
    )
    enters, releases = make_person("sato", Role.SYSTEM_OPERATOR), make_person("suzuki", Role.PLANNING_MANAGER)
    data = PartyData(
        name="カルテ閲覧",
        purpose="病棟で電子カルテを開く。",
        responsible=releases.staff_id,
        system=system.pk,
        kind="confidential",
        redirects=BACK,
        logout_redirects=AFTER,
        roles=("staff",),
        by_ledger=False,
        algorithm="ES256",
        scopes=("profile", "roles"),
    )
    return House(person_acting(enters), person_acting(releases), data)


def let_in(house: House, data: PartyData, visitor: Client) -> Application:
    """Return an application that is let in, with its secret if it keeps one."""
    party = enter_party(actor=house.operator, data=data)
    release_party(actor=house.manager, party_id=party.pk)
    secret = ""
    if data.kind == "confidential":
        secret = make_party_secret(actor=house.operator, party_id=party.pk, overlap_hours=0, proved_at=clock.now())[1]
    party.refresh_from_db()
    return Application(party, secret, visitor, back=data.redirects.splitlines()[0])


def address_of(application: Application, **changes: str | None) -> str:
    """Return a request for a sign-in written by hand: with RFC 7636's own challenge, and whatever is changed in it."""
    values: Mapping[str, str | None] = {
        "response_type": "code",
        "client_id": str(application.party.pk),
        "redirect_uri": application.back,
        "scope": "openid profile",
        "state": "st",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return f"/oidc/authorize?{urlencode({name: value for name, value in values.items() if value is not None})}"


# RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def told(location: str) -> dict[str, str]:
    """Return what an address that the browser is led to says."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def events(action: str, outcome: str = "success") -> list[dict[str, Any]]:
    rows = Event.objects.filter(action=action, outcome=outcome).order_by("source_seq")
    return [json.loads(row.entry) for row in rows]


def faults(action: str) -> list[str]:
    """Return why things were refused, in their order."""
    rows = Event.objects.filter(action=action).exclude(outcome="success").order_by("source_seq")
    return [json.loads(row.entry)["details"]["fault"] for row in rows]


def redeem(application: Application, code: str, **changes: str | None) -> Any:
    """Return what the application is answered for a code, by a request written by hand."""
    values = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": application.back,
        "client_id": str(application.party.pk),
        "client_secret": application.secret or None,
        "code_verifier": VERIFIER,
        **changes,
    }
    return application.visitor.post("/oidc/token", {name: value for name, value in values.items() if value is not None})


def code_for(application: Application, browser: Client, **changes: str | None) -> str:
    return told(browser.get(address_of(application, **changes)).headers["Location"])["code"]


def later(at_nine: clock.FixedClock, **by: int) -> None:
    at_nine.moment += timedelta(**by)


def application_claims(id_token: str) -> dict[str, Any]:
    """Return what an ID token says, signed by one of our keys."""
    return dict(jwt.decode(id_token, oidc_keys.checking_keys(), algorithms=["ES256", "RS256"]).claims)
