"""A program keeps a ledger through the API: the same rules, rights and events as on the pages."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sekisho.assets.models import Medium
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.ledgers.views.book_api import api_rights_of
from sekisho.register.models import Event
from tests.ledgers.trial_book import KEYS

pytestmark = pytest.mark.django_db
MEDIA = "/api/v1/assets/media"
NEW = {"label": "外付け１", "kind": "disk", "portable": True, "use_until": "令和9年3月31日"}


@pytest.fixture
def keeper(signed_in: Callable[..., Client]) -> Client:
    """Somebody who keeps the ledger."""
    return signed_in(Role.SYSTEM_OPERATOR)


def send(client: Client, method: str, address: str, body: object, expect: int = 200, **headers: str) -> Any:
    answer = getattr(client, method)(address, data=body, content_type="application/json", headers=headers)
    assert answer.status_code == expect, answer.content.decode()
    if expect >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.json()


def test_a_program_keeps_a_ledger_by_the_rules_of_its_form(keeper: Client) -> None:
    made = send(keeper, "post", MEDIA, NEW, 201)
    assert (made["number"], made["use_until"], made["version"]) == ("MD-00001", "2027-03-31", 1)
    address = f"{MEDIA}/{made['id']}"
    assert keeper.get(address).json() == made
    for wrong, word in (
        ({**NEW, "kind": "barrel"}, "kind"),
        ({**NEW, "encrypted": "yes"}, "encrypted"),
        ({**NEW, "label": True}, "label"),
        ({**NEW, "use_until": "2027-02-30"}, "use_until"),
        ({"kind": "disk"}, ""),
        ({**NEW, "number": 9}, "number"),
        ({**NEW, "label": ["x"]}, "label"),
    ):
        assert word in send(keeper, "post", MEDIA, wrong, 422)["detail"]
    before = Medium.objects.get().confirmed_at
    changed = send(keeper, "patch", address, {"version": 1, "values": {"place": "金庫", "use_until": None}})
    assert (changed["place"], changed["use_until"], changed["label"], changed["version"]) == (
        "金庫",
        None,
        "外付け１",
        2,
    )
    assert Medium.objects.get().confirmed_at == before, "who changes one column has not looked at the others"
    problem = send(keeper, "patch", address, {"version": 1, "values": {"place": "机"}}, 409)
    assert problem["code"] == "kernel.conflict"
    send(keeper, "post", f"{address}/confirm", {"version": 2})
    send(keeper, "post", f"{address}/close", {"version": 3, "reason": "　"}, 422)
    closed = send(keeper, "post", f"{address}/close", {"version": 3, "reason": "廃棄"})
    assert closed["ended_at"]
    send(keeper, "patch", address, {"version": 4, "values": {"place": "机"}}, 409)
    assert keeper.get(MEDIA).json()["count"] == 0
    assert keeper.get(f"{MEDIA}?shelf=closed").json()["entries"] == [closed]
    actions = list(Event.objects.order_by("source_seq").values_list("action", flat=True))
    assert actions == ["medium.add", "medium.change", "medium.confirm", "medium.close"]
    event = json.loads(Event.objects.get(action="medium.change").entry)
    assert event["details"]["changes"]["place"] == [None, "金庫"]


def test_who_only_looks_writes_nothing(keeper: Client, signed_in: Callable[..., Client]) -> None:
    made = send(keeper, "post", MEDIA, NEW, 201)
    auditor, address = signed_in(Role.AUDITOR), f"{MEDIA}/{made['id']}"
    assert auditor.get(address).status_code == 200
    send(auditor, "post", MEDIA, NEW, 403)
    send(auditor, "patch", address, {"version": 1, "values": {}}, 403)
    send(auditor, "post", f"{address}/confirm", {"version": 1}, 403)
    send(auditor, "post", f"{address}/close", {"version": 1, "reason": "x"}, 403)
    assert signed_in(Role.STAFF).get(address).status_code == 403
    assert Medium.objects.get().version == 1


def test_a_write_from_another_site_is_refused(keeper: Client) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost", "x-forwarded-proto": "https"})
    strict.cookies = keeper.cookies
    problem = send(strict, "post", MEDIA, NEW, 403, Origin="https://elsewhere.example")
    assert problem["code"] == "ledgers.not_from_our_pages"
    assert not Medium.objects.exists()


def test_the_document_names_every_operation_and_every_column(keeper: Client) -> None:
    document = keeper.get("/api/v1/openapi.json").json()
    for method, address, _verb in api_rights_of(KEYS):
        path = address.replace("trial/keys", "assets/media").replace("uuid:", "")
        assert method.lower() in document["paths"][path], path
    columns = document["components"]["schemas"]["MediumValues"]["properties"]
    assert columns["use_until"]["description"] == "Use planned until"


def test_an_event_of_the_api_names_who_it_was(keeper: Client, operator: Actor) -> None:
    send(keeper, "post", MEDIA, NEW, 201)
    assert Event.objects.get().actor_id == str(keeper.user.pk)  # type: ignore[attr-defined]
