"""Programs at the API: entered by one, released by another; from their networks, for what was granted, for a time."""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sekisho.assets.models import Medium
from sekisho.config.redaction import redact_text
from sekisho.estate.ledgers import DEPARTMENTS, SYSTEMS
from sekisho.estate.services import add_entry
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, anonymous, platform
from sekisho.people.errors.sign_in import HeldBack, ProofNeeded
from sekisho.people.models import AccountKind, ServiceClient, ServiceSecret, ServiceToken, User
from sekisho.people.queries import actor_of
from sekisho.people.queries.service_clients import attention_to, grantable_actions, secrets_of, state_of_client
from sekisho.people.rules.service_clients import ClientState
from sekisho.people.rules.service_errors import (
    AloneWithoutReason,
    BeyondOwnRights,
    ClientInvalid,
    ClientNotReady,
    ClientRefused,
    EmergencyGrants,
    OwnClient,
    TokenRefused,
)
from sekisho.people.services import service_tokens
from sekisho.people.services.service_clients import (
    ClientData,
    close_client,
    end_secret,
    enter_client,
    make_secret,
    release_client,
)
from sekisho.people.services.service_tokens import Presented, accept_token, issue_token, purge_tokens
from sekisho.register.models import Body, Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
Make = Callable[..., User]
MEDIA, TOKEN, REVOKE = "/api/v1/assets/media", "/api/v1/token", "/api/v1/revoke"
HOME = "192.168.10.5"
HERE, ELSEWHERE = anonymous(HOME), anonymous("203.0.113.9")
NEW = {"label": "外付け１", "kind": "disk", "portable": True, "use_until": "2027-03-31"}


@dataclass
class House:
    """Two people who may let programs in, and what a program needs around it."""

    operator: Actor
    manager: Actor
    data: ClientData


@pytest.fixture
def house(make_person: Make, operator: Actor, at_nine: clock.FixedClock) -> House:
    """The operator enters, the planning manager releases."""
    system = add_entry(actor=operator, ledger=SYSTEMS, values={"name": "検査", "kind": "emr", "form": "on_premises"})
    department = add_entry(actor=operator, ledger=DEPARTMENTS, values={"name": "検査部"})
    enters, releases = make_person("sato", Role.SYSTEM_OPERATOR), make_person("suzuki", Role.PLANNING_MANAGER)
    data = ClientData(
        name="検査連携",
        purpose="媒体台帳に検査機器の媒体を書く。",
        responsible=releases.staff_id,
        department=department.pk,
        system=system.pk,
        actions=("medium.view", "medium.add"),
        networks="192.168.10.0/24, 2001:db8:1::/48",
        starts_on=date(2026, 11, 21),
        ends_on=date(2027, 3, 31),
    )
    return House(person_acting(enters), person_acting(releases), data)


def person_acting(user: User) -> Actor:
    return actor_of(user, session=None, network=HOME, assurance=2)


def let_in(house: House, **changes: Any) -> tuple[ServiceClient, str]:
    """Return a program that is let in, and its secret."""
    client = enter_client(actor=house.operator, data=replace(house.data, **changes))
    release_client(actor=house.manager, client_id=client.pk)
    return client, secret_for(house, client)


def secret_for(house: House, client: ServiceClient, overlap: int = 24) -> str:
    return make_secret(actor=house.operator, client_id=client.pk, overlap_hours=overlap, proved_at=clock.now())[1]


def basic(client: ServiceClient | str, secret: str, network: str = HOME) -> dict[str, str]:
    name = client if isinstance(client, str) else str(client.pk)
    encoded = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {encoded}", "X-Forwarded-For": network}


def bearer(token: str, network: str = HOME) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "X-Forwarded-For": network}


def ask(visitor: Client, headers: dict[str, str], **values: str) -> Any:
    return visitor.post(TOKEN, {"grant_type": "client_credentials", **values}, headers=headers)


def events(action: str, outcome: str = "success") -> list[dict[str, Any]]:
    rows = Event.objects.filter(action=action, outcome=outcome).order_by("source_seq")
    return [json.loads(row.entry) for row in rows]


def test_the_way_of_a_program(
    house: House, signed_in: Callable[..., Client], browser_client: Callable[[], Client], at_nine: clock.FixedClock
) -> None:
    """Entered on a page, released by another, given a secret once; it gets a token, reads, writes, is ended."""
    enters, releases = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.PLANNING_MANAGER)
    assert b"No program uses the API." in enters.get("/programs/").content
    form = enters.get("/programs/new/").content.decode()
    assert 'value="medium.add"' in form
    assert 'value="media_trust' not in form
    values = {**vars_of(house.data), "networks": "0.0.0.0/0"}
    assert b"None wider than".lower() in enters.post("/programs/new/", values).content.lower()
    assert enters.post("/programs/new/", {**values, "actions": "emergency.make"}).status_code == 422
    page = enters.post("/programs/new/", {**values, "networks": house.data.networks}).headers["Location"]
    client = ServiceClient.objects.get()
    assert page == f"/programs/{client.pk}/"
    assert enters.get(f"{page}release/").status_code == 200
    assert enters.post(f"{page}release/", {"reason": "x"}).status_code == 409
    assert releases.post(f"{page}release/", {"reason": ""}).status_code == 302
    assert enters.post(f"{page}secret/", {"overlap_hours": "999"}).status_code == 422
    assert enters.post(f"{page}secret/", {"overlap_hours": "24"}).headers["Location"] == f"{page}secret/shown/"
    secret = enters.get(f"{page}secret/shown/").context["secret"]
    assert enters.get(f"{page}secret/shown/").context["secret"] == ""
    assert ServiceSecret.objects.filter(secret_hash__contains=secret).count() == 0

    visitor = browser_client()
    answer = ask(visitor, basic(client, secret))
    given_token = answer.json()
    assert (given_token["token_type"], given_token["expires_in"], given_token["scope"]) == (
        "Bearer",
        900,
        "medium.add medium.view",
    )
    assert answer.headers["Cache-Control"] == "no-store"
    token = given_token["access_token"]
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost", "x-forwarded-proto": "https"})
    made = strict.post(MEDIA, data=NEW, content_type="application/json", headers=bearer(token))
    assert made.status_code == 201, made.json()["detail"]
    assert not made.cookies
    address = f"{MEDIA}/{made.json()['id']}"
    read = strict.get(address, headers=bearer(token))
    assert (read.status_code, read.headers["Cache-Control"]) == (200, "no-store")
    wrong = strict.post(
        f"{address}/close", data={"version": 1, "reason": "x"}, content_type="application/json", headers=bearer(token)
    )
    assert (wrong.status_code, "insufficient_scope" in wrong.headers["WWW-Authenticate"]) == (403, True)
    assert Medium.objects.get().ended_at is None
    entry = events("medium.add")[0]
    assert (entry["actor"]["kind"], entry["actor"]["id"], entry["network"]) == ("service", str(client.pk), HOME)
    assert events("medium.close", "denied")[0]["actor"]["name"] == "検査連携"
    assert [len(events(f"service_token.{deed}")) for deed in ("issue", "use")] == [1, 1]
    assert events("service_token.issue")[0]["details"]["actions"] == ["medium.add", "medium.view"]

    shown = enters.get(page)
    assert HOME in shown.content.decode()
    assert client.name in enters.get("/programs/").content.decode()
    kept = "".join(Event.objects.values_list("entry", flat=True)) + shown.content.decode()
    assert secret not in kept
    assert token not in kept
    assert releases.post(f"{page}close/", {"reason": "機器を廃棄した"}).status_code == 302
    refused = strict.get(MEDIA, headers=bearer(token))
    assert (refused.status_code, refused.json()["code"]) == (401, "people.token_refused")
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
    assert ask(visitor, basic(client, secret)).json()["error"] == "invalid_client"
    assert "Close it" not in enters.get(page).content.decode()
    assert enters.get(f"/programs/new/?like={client.pk}").context["form"]["name"].value() == "検査連携"


def vars_of(data: ClientData) -> dict[str, Any]:
    plain = {name: str(getattr(data, name)) for name in ("name", "purpose", "responsible", "department", "system")}
    dates = {"starts_on": data.starts_on.isoformat(), "ends_on": data.ends_on.isoformat()}
    return {**plain, **dates, "networks": data.networks, "actions": list(data.actions)}


def test_what_the_token_endpoint_refuses(house: House, browser_client: Callable[[], Client]) -> None:
    """In the words of RFC 6749, and never more than that it was refused."""
    client, secret = let_in(house)
    visitor = browser_client()
    for status, error, headers, values in (
        (400, "unsupported_grant_type", basic(client, secret), {"grant_type": "password"}),
        (400, "invalid_request", basic(client, secret), {}),
        (400, "invalid_scope", basic(client, secret), {"grant_type": "client_credentials", "scope": "medium.close"}),
        (401, "invalid_client", {}, {"grant_type": "client_credentials"}),
        (401, "invalid_client", {"Authorization": "Basic !!"}, {"grant_type": "client_credentials"}),
        (401, "invalid_client", basic(client, f"{secret}x"), {"grant_type": "client_credentials"}),
        (401, "invalid_client", basic(client, secret, "203.0.113.9"), {"grant_type": "client_credentials"}),
        (401, "invalid_client", basic("nobody", secret), {"grant_type": "client_credentials"}),
        # Neither the id and secret in the form, nor in the address, count.
        (
            401,
            "invalid_client",
            {},
            {"grant_type": "client_credentials", "client_id": str(client.pk), "client_secret": secret},
        ),
    ):
        answer = visitor.post(TOKEN, values, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert visitor.get(TOKEN).status_code == 405
    narrow = ask(visitor, basic(client, secret), scope="medium.view").json()
    assert narrow["scope"] == "medium.view"
    denied = visitor.post(MEDIA, data=NEW, content_type="application/json", headers=bearer(narrow["access_token"]))
    assert denied.status_code == 403
    faults = [event["details"]["fault"] for event in events("service_token.issue", "failure")]
    assert faults == ["scope", "secret", "network", "secret"]
    assert b"nobody" in bytes(Body.objects.get().body)
    visitor.cookies["__Host-sekisho"] = "x"
    assert ask(visitor, basic(client, secret)).json()["error"] == "invalid_request"


def test_a_token_counts_here_and_now_only(
    house: House,
    signed_in: Callable[..., Client],
    browser_client: Callable[[], Client],
    at_nine: clock.FixedClock,
) -> None:
    """From another network, beside a cookie, on a page, after its time, given back: it opens nothing."""
    client, secret = let_in(house)
    visitor = browser_client()
    token = ask(visitor, basic(client, secret)).json()["access_token"]
    assert visitor.get(MEDIA, headers=bearer(token)).status_code == 200
    assert visitor.get(MEDIA, headers=bearer(token, f"{HOME}, 203.0.113.9")).status_code == 401
    assert visitor.get(MEDIA, headers=bearer(token, f"203.0.113.9, {HOME}")).status_code == 200
    assert visitor.get(MEDIA, headers=bearer(token, "not an address")).status_code == 401
    for page in ("/", "/programs/", "/register/"):
        answer = visitor.get(page, headers=bearer(token))
        assert (answer.status_code, answer.headers["Location"][:9]) == (302, "/sign-in/")
    assert visitor.get(f"{MEDIA}?access_token={token}", headers={"X-Forwarded-For": HOME}).status_code == 401
    for malformed in ("Bearer", "Bearer ", "Bearer a b", f"bearer {token}x", f"Bearer {token},Bearer {token}"):
        headers = {"Authorization": malformed, "X-Forwarded-For": HOME}
        assert visitor.get(MEDIA, headers=headers).json()["code"] == "people.token_refused"
    both = signed_in(Role.SYSTEM_OPERATOR).get(MEDIA, headers=bearer(token))
    assert (both.status_code, both.json()["code"]) == (400, "people.bearer_with_cookie")
    assert visitor.get("/api/v1/people/me", headers=bearer(token)).status_code == 403

    other, its_secret = let_in(house, name="別の連携")
    assert visitor.post(REVOKE, {"token": token}, headers=basic(other, its_secret)).status_code == 200
    assert visitor.get(MEDIA, headers=bearer(token)).status_code == 200, "another program's token is not touched"
    assert visitor.post(REVOKE, {"token": token}, headers=basic(client, "wrong")).status_code == 401
    assert visitor.post(REVOKE, {}, headers=basic(client, secret)).status_code == 400
    for _turn in range(2):
        assert visitor.post(REVOKE, {"token": token}, headers=basic(client, secret)).status_code == 200
    assert visitor.get(MEDIA, headers=bearer(token)).status_code == 401
    assert len(events("service_token.revoke")) == 1
    token = ask(visitor, basic(client, secret)).json()["access_token"]
    at_nine.moment += timedelta(minutes=15)
    assert visitor.get(MEDIA, headers=bearer(token)).status_code == 401
    refused = [event["details"]["fault"] for event in events("service_token.use", "denied")]
    assert refused == ["network", "expired"], "once an hour for each token"
    at_nine.moment += timedelta(days=8)
    assert purge_tokens(actor=platform("worker")) == 2


def test_two_pairs_of_eyes(house: House, make_person: Make) -> None:
    """Nobody releases what they entered while somebody else could, nor grants what they may not do themselves."""
    with pytest.raises(BeyondOwnRights):
        enter_client(actor=house.manager, data=replace(house.data, actions=("sign_in.change_policy",)))
    with pytest.raises(BeyondOwnRights):
        enter_client(actor=house.manager, data=replace(house.data, actions=("no.such",)))
    client = enter_client(actor=house.operator, data=house.data)
    with pytest.raises(OwnClient, match="suzuki"):
        release_client(actor=house.operator, client_id=client.pk, reason="in a hurry")
    with pytest.raises(ClientNotReady):
        secret_for(house, client)
    second = User.objects.create(
        staff=User.objects.get(pk=house.operator.id).staff, login="sato-2", created_at=clock.now()
    )
    with pytest.raises(OwnClient):
        release_client(actor=replace(house.operator, id=str(second.pk)), client_id=client.pk, reason="another account")
    User.objects.filter(login="sato-2").update(kind=AccountKind.EMERGENCY)
    with pytest.raises(EmergencyGrants):
        release_client(actor=replace(house.operator, id=str(second.pk)), client_id=client.pk, reason="emergency")
    User.objects.filter(login="suzuki").update(is_active=False)
    with pytest.raises(AloneWithoutReason):
        release_client(actor=house.operator, client_id=client.pk, reason="　")
    release_client(actor=house.operator, client_id=client.pk, reason="一人の診療所です。")
    assert events("service_client.release")[0]["details"]["alone"] is True
    with pytest.raises(ProofNeeded):
        make_secret(actor=house.operator, client_id=client.pk, overlap_hours=0, proved_at=None)
    with pytest.raises(ClientInvalid):
        enter_client(actor=house.operator, data=house.data)
    for wrong in ({"ends_on": date(2028, 1, 1)}, {"ends_on": date(2026, 11, 20)}, {"actions": ()}, {"purpose": "　"}):
        with pytest.raises(ClientInvalid):
            enter_client(actor=house.operator, data=replace(house.data, name="x", **wrong))


def test_a_secret_is_exchanged_without_a_gap(house: House, at_nine: clock.FixedClock) -> None:
    """The old one works on for the stated time, two at once at most; one that leaked ends now, with every token."""
    client, first = let_in(house)

    def works(secret: str) -> bool:
        try:
            issue_token(actor=HERE, presented=Presented(str(client.pk), secret))
        except ClientRefused:
            return False
        return True

    at_nine.moment += timedelta(minutes=1)
    second = secret_for(house, client)
    assert (works(first), works(second)) == (True, True)
    at_nine.moment += timedelta(minutes=1)
    third = secret_for(house, client)
    assert (works(first), works(second), works(third)) == (False, True, True)
    at_nine.moment += timedelta(hours=24)
    assert (works(second), works(third)) == (False, True)
    _token, text = issue_token(actor=HERE, presented=Presented(str(client.pk), third))
    end_secret(actor=house.manager, client_id=client.pk, secret_id=secrets_of(client)[0].pk)
    assert not works(third)
    with pytest.raises(TokenRefused):
        accept_token(actor=HERE, text=text)


def test_a_period_and_who_answers_for_it(house: House, at_nine: clock.FixedClock) -> None:
    """Before its first day and after its last it is not let in; what needs a look is said on the list."""
    client, secret = let_in(house, starts_on=date(2026, 11, 22), ends_on=date(2027, 11, 20))
    presented = Presented(str(client.pk), secret)
    client.refresh_from_db()
    assert state_of_client(client) is ClientState.PLANNED
    with pytest.raises(ClientRefused):
        issue_token(actor=HERE, presented=presented)
    at_nine.moment += timedelta(days=1)
    _token, text = issue_token(actor=HERE, presented=presented)
    accept_token(actor=HERE, text=text)
    client.refresh_from_db()
    assert attention_to(client) is None
    client.responsible.employed_until = date(2026, 11, 1)
    assert "left" in str(attention_to(client))
    client.responsible.employed_until = None
    at_nine.moment += timedelta(days=90)
    assert "90" in str(attention_to(client))
    at_nine.moment += timedelta(days=250)
    assert "soon" in str(attention_to(client))
    at_nine.moment += timedelta(days=40)
    assert (state_of_client(client), attention_to(client)) == (ClientState.OVER, None)
    close_client(actor=house.manager, client_id=client.pk, reason="over")
    with pytest.raises(ClientNotReady):
        close_client(actor=house.manager, client_id=client.pk, reason="again")


def test_guessing_is_held_back_before_it_is_judged(house: House, at_nine: clock.FixedClock) -> None:
    """The right secret waits too, for those who guess; the program itself, elsewhere in its network, does not."""
    client, secret = let_in(house)
    for _turn in range(5):
        with pytest.raises(ClientRefused):
            issue_token(actor=HERE, presented=Presented(str(client.pk), "guess"))
    with pytest.raises(HeldBack):
        issue_token(actor=HERE, presented=Presented(str(client.pk), secret))
    issue_token(actor=anonymous("192.168.10.6"), presented=Presented(str(client.pk), secret))
    assert len(events("session.sign_in", "denied")) == 1


def test_an_unknown_program_costs_what_a_known_one_costs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same reads and writes, the same number of compares: nothing tells whether a program exists."""
    client, _secret = let_in(house)
    compared: list[int] = []
    compare = hmac.compare_digest

    def counting(one: str, other: str) -> bool:
        compared.append(len(other))
        return compare(one, other)

    monkeypatch.setattr(service_tokens, "compare_digest", counting)
    cost = []
    for name in (str(client.pk), "00000000-0000-7000-8000-000000000009", "no id at all"):
        compared.clear()
        with (
            CaptureQueriesContext(
                connection,
            ) as asked,
            pytest.raises(ClientRefused),
        ):
            issue_token(actor=HERE, presented=Presented(name, "guess"))
        cost.append((len(compared), len([q for q in asked if "register_body" not in q["sql"]])))
    assert cost[0] == cost[1] == cost[2]


def test_the_api_says_what_it_offers_and_logs_hide_what_opens_it() -> None:
    """Every operation's action can be granted, by room; a secret or token is masked wherever it stands in a line."""
    offered = grantable_actions()
    assert {"assets", "estate", "governance", "network", "people", "register"} <= offered.keys()
    assert "medium.add" in {str(action) for action in offered["assets"]}
    for text in ("sks_" + "a" * 43, "skt_" + "B-_9" * 10):
        assert redact_text(f"tried {text}, twice") == "tried ***, twice"
    assert ServiceToken._meta.get_field("token_hash").unique
