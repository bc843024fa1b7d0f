"""The API of the work on requirements: the list by conditions, who looks after what, comments, exceptions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.config.api import api
from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.governance.models import Comment
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.models import Application
from sekisho.ledgers.services import approve
from tests.governance.pages import ids_of, judge
from tests.governance.test_conformance import status
from tests.governance.working import PLANNER, today

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/governance/requirements"
ITEM = "SO-2-3"


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture
def facility(operator: Actor) -> str:
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所内科クリニック", "kind": "clinic"})
    judge()
    return ids_of(SubjectKind.FACILITY)[0]


def send(client: Client, method: str, path: str, body: object = None, expect: int = 200, **headers: str) -> Any:
    """Send JSON and return the answer's."""
    options = {"data": body, "content_type": "application/json"} if body is not None else {}
    answer = getattr(client, method)(f"/api/v1/governance{path}", **options, headers=headers)
    assert answer.status_code == expect, answer.content
    return answer.json()


def test_the_list_is_narrowed_as_on_the_page(client: Client, facility: str) -> None:
    person = str(client.user.staff_id)  # type: ignore[attr-defined]
    send(client, "put", f"/requirements/{ITEM}/work", {"assignee": person, "version": 1})

    def ids(query: str) -> list[str]:
        return [row["id"] for row in send(client, "get", f"/requirements{query}")["requirements"]]

    assert len(ids("")) == 130
    assert ids("?person=me") == ids(f"?person={person}") == [ITEM]
    assert {name.split("-")[1] for name in ids("?group=client")} == {"7", "8"}
    assert "SO-14-6-4" in ids("?q=14-6-4")
    assert ids("?verdict=conforming,partial") == []


def test_who_looks_after_it_is_settled_over_a_version(client: Client, facility: str) -> None:
    person = str(client.user.staff_id)  # type: ignore[attr-defined]
    day = (today() + timedelta(days=5)).isoformat()
    path = f"/requirements/{ITEM}/work"
    assert send(client, "get", path)["version"] == 1
    work = send(client, "put", path, {"assignee": person, "due_on": day, "version": 1})
    assert (work["assignee"], work["assignee_name"], work["due_on"], work["version"]) == (
        person, "system_operator", day, 2,
    )  # fmt: skip
    refused = send(client, "put", path, {"assignee": None, "version": 1}, expect=409)
    assert refused["code"] == "governance.work_settled_meanwhile"
    assert "system_operator" in refused["detail"]
    assert send(client, "get", f"/requirements/{ITEM}")["work"]["version"] == 2
    assert send(client, "put", path, {"due_on": "2020-01-01", "version": 2}, expect=422)["code"] == (
        "governance.due_day_wrong"
    )
    assert send(client, "get", "/requirements/SO-13-13/work", expect=404)


def test_comments_are_added_and_struck_out(client: Client, facility: str, signed_in: Callable[..., Client]) -> None:
    path = f"/requirements/{ITEM}/comments"
    comment = send(client, "post", path, {"text": "業者に聞いた"})
    assert (comment["text"], comment["name"], comment["struck"]) == ("業者に聞いた", "system_operator", None)
    strike = f"{path}/{comment['id']}/strike"
    other = signed_in(Role.PLANNING_MANAGER)
    assert send(other, "post", strike, {"reason": "いらない"}, expect=403)["code"] == "governance.not_your_comment"
    assert send(client, "post", strike, {"reason": "誤り"})["struck"]["reason"] == "誤り"
    found = send(other, "get", path)
    assert (found["page"], found["pages"], len(found["comments"])) == (1, 1, 1)
    assert found["comments"][0]["struck"]["name"] == "system_operator"
    assert send(client, "post", path, {"text": "。"}, expect=422)["code"] == "governance.comment_empty"
    assert send(client, "post", path, {"text": ""}, expect=422)


def test_an_exception_is_applied_for_and_stands_beside_the_verdict(client: Client, facility: str) -> None:
    day = (today() + timedelta(days=60)).isoformat()
    body = {"subjects": [facility], "reason": "対応待ち", "substitute": "紙で控える", "valid_until": day}
    path = f"/requirements/{ITEM}/exceptions"
    applied = send(client, "post", path, body, expect=201)
    assert send(client, "get", path) == []
    approve(actor=PLANNER, application_id=applied["application"], version=1)
    (found,) = send(client, "get", "/exceptions")
    assert (found["ref"], found["requirements"], found["valid_until"], found["state"]) == (
        applied["application"], [ITEM], day, "in_force",
    )  # fmt: skip
    assert found["subjects"] == [{"kind": "facility", "id": facility, "label": "関所内科クリニック"}]
    judge()
    row = send(client, "get", f"/requirements/{ITEM}")
    assert (row["verdict"], row["exceptions"]) == ("not_assessed", [found])
    assert send(client, "post", path, {**body, "substitute": "。"}, expect=422)["code"] == "governance.grounds_missing"
    (listed,) = [line for line in status()["requirements"] if line["exceptions"]]  # type: ignore[attr-defined]
    assert listed["id"] == ITEM
    assert listed["verdict"] == "not_assessed"
    assert listed["exceptions"][0]["substitute"] == "紙で控える"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.INSPECTOR, Role.STAFF])
def test_who_only_reads_writes_nothing(signed_in: Callable[..., Client], facility: str, role: Role) -> None:
    client = signed_in(role)
    base = f"/requirements/{ITEM}"
    send(client, "put", f"{base}/work", {"version": 1}, expect=403)
    send(client, "post", f"{base}/comments", {"text": "x"}, expect=403)
    body = {"subjects": [facility], "reason": "x", "substitute": "x", "valid_until": today().isoformat()}
    send(client, "post", f"{base}/exceptions", body, expect=403)
    assert not Comment.objects.exists()


def test_a_write_from_another_site_is_refused(client: Client, facility: str) -> None:
    """The browser sends the session by itself; the token of our own pages it does not have."""
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost", "x-forwarded-proto": "https"})
    strict.cookies = client.cookies
    page = strict.get(reverse("governance:requirement", args=[ITEM])).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    path, body = f"/requirements/{ITEM}/comments", {"text": "よその頁から"}
    for headers in (
        {},
        {"Referer": "https://evil.example/"},
        {"X-CSRFToken": "x" * 64, "Referer": "https://localhost/"},
    ):
        refused = send(strict, "post", path, body, expect=403, **headers)
        assert refused["code"] == "ledgers.not_from_our_pages"
    assert not Comment.objects.exists()
    send(strict, "post", path, body, **{"X-CSRFToken": token, "Referer": "https://localhost/"})
    assert Comment.objects.count() == 1
    for method, other in (("put", "work"), ("post", "exceptions")):
        day = today().isoformat()
        values = {"version": 1, "subjects": [], "reason": "x", "substitute": "x", "valid_until": day}
        send(strict, method, f"/requirements/{ITEM}/{other}", values, expect=403)
    assert not Application.objects.exists()


def test_every_answer_is_described() -> None:
    schema: Any = api.get_openapi_schema()
    parts = schema["components"]["schemas"]
    for name in ("WorkRow", "CommentRow", "Comments", "ExceptionRow", "Applied", "Settling", "Applying"):
        for field, described in parts[name]["properties"].items():
            assert described.keys() & {"type", "$ref", "anyOf", "allOf", "items"}, (name, field)
