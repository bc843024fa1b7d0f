"""One error, four entrances: page, htmx fragment, problem+json and exit code say the same."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.test import Client

from sekisho.config.api import OperationUnmarked, build_api
from sekisho.config.errors import MethodRefused
from sekisho.kernel.access import Role
from sekisho.kernel.errors import Unavailable
from sekisho.register.models import Event

pytestmark = pytest.mark.django_db


def test_a_page_shows_code_message_and_advice(signed_in: Callable[..., Client]) -> None:
    """In the reader's language."""
    answer = signed_in(Role.STAFF).get("/register/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "kernel.forbidden" in page
    assert "この操作の権限がありません：記録簿の閲覧" in page
    assert "監査者" in page


def test_an_htmx_request_gets_a_fragment(signed_in: Callable[..., Client]) -> None:
    """No page inside a page."""
    answer = signed_in(Role.STAFF).get("/register/", headers={"HX-Request": "true"})
    assert answer.status_code == 403
    assert "<html" not in answer.content.decode()
    assert "kernel.forbidden" in answer.content.decode()


def test_an_htmx_request_of_an_ended_session_goes_to_the_sign_in(browser_client: Callable[[], Client]) -> None:
    """The whole page changes, not a corner of it."""
    answer = browser_client().get("/register/?page=2", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in/?next=/register/%3Fpage%3D2")


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/v1/register/events", 403, "kernel.forbidden"),
        ("/api/v1/estate/nothing", 404, "kernel.not_found"),
        ("/api/v1/nothing", 404, "kernel.not_found"),
        ("/api/v1/estate/systems?page=x", 422, "config.parameters_invalid"),
    ],
)
def test_the_api_answers_problem_json(signed_in: Callable[..., Client], address: str, status: int, code: str) -> None:
    """RFC 9457, also for addresses that do not exist."""
    answer = signed_in(Role.DEPARTMENT_MANAGER).get(address)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:sekisho:error:{code}")
    assert body["title"]
    assert body["detail"]


def test_a_visitor_of_the_api_is_told_to_sign_in(browser_client: Callable[[], Client]) -> None:
    """401, not a redirect to a page."""
    answer = browser_client().get("/api/v1/people/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "kernel.unauthenticated")


def test_the_api_lists_what_the_pages_list(signed_in: Callable[..., Client]) -> None:
    """Systems and events, with their documents."""
    client = signed_in(Role.SYSTEM_OPERATOR)
    client.post("/estate/systems/new/", {"name": "電子カルテ", "kind": "emr", "form": "cloud"})
    systems = client.get("/api/v1/estate/systems").json()
    assert systems["count"] == 1
    assert systems["entries"][0]["kind"] == "emr"
    events = client.get("/api/v1/register/events", {"text": "電子カルテ"}).json()
    assert events["events"][0]["action"] == "estate.add"
    assert events["events"][0]["log_index"] is None
    me = client.get("/api/v1/people/me").json()
    assert (me["roles"], me["assurance"]) == (["system_operator"], 2)


def test_an_unexpected_fault_shows_nothing_of_the_inside(
    signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader gets a code, the log gets the rest."""
    client = signed_in(Role.AUDITOR)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("inside-detail")

    monkeypatch.setattr("sekisho.register.queries.events", broken)
    for address in ("/register/", "/api/v1/register/events"):
        answer = client.get(address)
        assert answer.status_code == 500
        assert b"config.internal_error" in answer.content
        assert b"inside-detail" not in answer.content


def test_a_database_that_is_away_is_said_so(signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    """Page, API and even the middleware that needs the database: 503 and what to do, never a blank page."""
    client = signed_in(Role.AUDITOR)

    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("sekisho.register.queries.events", away)
    answer = client.get("/register/")
    assert answer.status_code == 503
    assert Unavailable.code in answer.content.decode()
    assert client.get("/api/v1/register/events").json()["code"] == Unavailable.code
    monkeypatch.setattr("sekisho.people.middleware.account", away)
    client.raise_request_exception = False
    answer = client.get("/register/")
    assert answer.status_code == 503
    assert "ディスクの空き容量" in answer.content.decode()


def test_a_wrong_method_is_refused(signed_in: Callable[..., Client]) -> None:
    """A GET never changes anything, and the answer is a page of ours, in the reader's language."""
    client = signed_in(Role.SYSTEM_OPERATOR)
    answer = client.get("/sign-out/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    page = answer.content.decode()
    assert "config.method_refused" in page
    assert '<html lang="ja">' in page
    assert str(MethodRefused.message) in page
    assert client.delete("/register/").status_code == 405
    assert client.head("/register/").status_code == 200


def test_a_wrong_method_is_refused_in_the_form_of_the_reader(signed_in: Callable[..., Client]) -> None:
    """A fragment for htmx, problem+json for the API, each with the methods there are."""
    client = signed_in(Role.SYSTEM_OPERATOR)
    fragment = client.get("/sign-out/", headers={"HX-Request": "true"})
    assert fragment.status_code == 405
    assert "config.method_refused" in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    answer = client.post("/api/v1/people/me")
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/problem+json")
    assert (answer.json()["code"], answer.headers["Allow"]) == ("config.method_refused", "GET")


def test_a_refusal_of_the_api_is_recorded(signed_in: Callable[..., Client]) -> None:
    """As one of a page is: who tried what they may not do stands in the register."""
    client = signed_in(Role.STAFF)
    assert client.get("/api/v1/register/events").status_code == 403
    event = Event.objects.get(outcome="denied")
    assert (event.action, event.actor_id) == ("register.view", str(client.user.pk))  # type: ignore[attr-defined]
    assert json.loads(event.entry)["details"] == {"code": "kernel.forbidden"}


def test_the_api_is_not_built_with_an_operation_that_anybody_may_use(settings: Any) -> None:
    """A forgotten mark stops the start; it does not open the operation."""
    settings.SEKISHO_APPS = ("tests.config.unmarked",)
    with pytest.raises(OperationUnmarked) as caught:
        build_api()
    assert "/unmarked/forgotten" in str(caught.value.text)


def test_openapi_is_complete_and_offline(browser_client: Callable[[], Client]) -> None:
    """Every operation has an id and a summary; there is no documentation page that loads from elsewhere."""
    schema = browser_client().get("/api/v1/openapi.json").json()
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert {"me", "register_events", "estate_entries", "governance_requirements", "governance_run"} <= set(ids)
    assert len(set(ids)) == len(ids)
    assert all(operation["summary"] for operation in operations)
    assert browser_client().get("/api/v1/docs").status_code == 404


def test_a_lost_race_is_a_conflict(signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    """Two enter the same name at once: the database lets the first in, the second is told, nothing is overwritten."""
    client = signed_in(Role.AUDITOR)

    def lost(*_: Any, **__: Any) -> None:
        raise IntegrityError("duplicate key value violates unique constraint")

    monkeypatch.setattr("sekisho.register.queries.events", lost)
    answer = client.get("/register/")
    assert answer.status_code == 409
    assert b"duplicate key" not in answer.content
