"""The API of checks: every check with its newest run, one with its runs, one run with its findings, and the schemas."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sekisho.config.api import api
from sekisho.governance.actions import GovernanceAction
from sekisho.governance.services.checks import request_run
from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.network.actions import DeviceAction, NetworkAction
from tests.conftest import MORNING
from tests.governance.checking import FAIL, PASS, control, found, many, only, ran
from tests.governance.working import OPERATOR

__all__ = ["only"]
pytestmark = pytest.mark.django_db
Only = Callable[..., None]
ADDRESS = "/api/v1/governance/checks"
TLS = "network.tls"


@pytest.fixture
def client(at_nine: clock.FixedClock, signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.AUDITOR)


def ask(client: Client, path: str = "") -> Any:
    answer = client.get(f"{ADDRESS}{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_every_check_with_its_newest_run(client: Client, only: Only) -> None:
    only(control(TLS, title="TLS-SETTING", minimum=1.3), control("people.rules"))
    run = ran(TLS, found("A", PASS), found("B", FAIL))
    request_run(actor=OPERATOR, control_id=TLS)
    one, other = ask(client)
    assert one == {
        "id": TLS,
        "title": "TLS-SETTING",
        "subject_kind": "system",
        "severity": "high",
        "every": 21600,
        "timeout": 300,
        "parameters": {"minimum": 1.3},
        "remedy": "Ask the vendor.",
        "requirements": one["requirements"],
        "newest": {
            "id": str(run.pk),
            "control": TLS,
            "state": "finished",
            "started_at": "2026-11-21T00:30:00Z",
            "ended_at": "2026-11-21T00:30:00Z",
            "received_at": "2026-11-21T00:30:00Z",
            "digest": run.digest,
            "counts": {"pass": 1, "fail": 1},
        },
        "due": "fresh",
        "due_at": "2026-11-21T06:30:00Z",
        "requested_at": "2026-11-21T00:30:00Z",
    }
    assert "SO-13-6" in one["requirements"]
    assert (other["newest"], other["due"], other["due_at"], other["requested_at"]) == (None, "never", None, None)


def test_one_check_with_its_runs(client: Client, only: Only) -> None:
    only(control(TLS))
    runs = [ran(TLS, *many(number), at=MORNING - timedelta(hours=9 - number)) for number in (1, 2, 3)]
    shown = ask(client, f"/{TLS}")
    assert [row["id"] for row in shown["runs"]] == [str(run.pk) for run in reversed(runs)]
    assert [row["counts"] for row in shown["runs"]] == [{"pass": 3}, {"pass": 2}, {"pass": 1}]


def test_one_run_with_its_findings(client: Client) -> None:
    run = ran(TLS, found("A", PASS, raw=None), found("B", FAIL, facts={"ports": [22]}), parameters={"minimum": 13})
    shown = ask(client, f"/runs/{run.pk}")
    assert (shown["matches"], shown["parameters"], shown["page"], shown["pages"]) == (True, {"minimum": 13}, 1, 1)
    worst, fine = shown["findings"]
    assert worst == {
        "place": 1,
        "kind": "system",
        "id": "id-B",
        "label": "B",
        "outcome": "fail",
        "message": "seen",
        "msgid": "seen",
        "facts": {"ports": [22]},
        "facts_closed": False,
        "observed_at": "2026-11-21T00:30:00Z",
        "raw": worst["raw"],
    }
    assert len(worst["raw"]) == 64
    assert fine["raw"] is None


def test_facts_of_a_check_are_given_to_whom_it_names(only: Only, signed_in: Callable[..., Client]) -> None:
    only(replace(control(TLS), facts_for=GovernanceAction.READ_RAW))
    run = ran(TLS, found("A", FAIL, facts={"ports": [22]}))
    (closed,) = ask(signed_in(Role.DEVICE_SAFETY_MANAGER), f"/runs/{run.pk}")["findings"]
    assert (closed["outcome"], closed["message"]) == ("fail", "seen")
    assert (closed["facts"], closed["facts_closed"]) == (None, True)
    (open_one,) = ask(signed_in(Role.INSPECTOR), f"/runs/{run.pk}")["findings"]
    assert (open_one["facts"], open_one["facts_closed"]) == ({"ports": [22]}, False)


def test_what_is_closed_on_the_pages_of_a_room_is_closed_here(signed_in: Callable[..., Client]) -> None:
    """Checks of open ports and of configurations name the permission of their own pages."""
    wanted = {
        "network.exposure": NetworkAction.VIEW_EXPOSURE,
        "network.unregistered_devices": NetworkAction.VIEW_EXPOSURE,
        "network.vpn_configuration": DeviceAction.VIEW,
        "network.device_configuration": DeviceAction.VIEW,
        "network.wireless_configuration": DeviceAction.VIEW,
    }
    declared = {control.id: control.facts_for for control in registry.current().controls}
    assert {name: declared[name] for name in wanted} == wanted
    manager = signed_in(Role.DEPARTMENT_MANAGER)
    for name in wanted:
        run = ran(name, found("A", FAIL, facts={"ports": [23]}))
        (row,) = ask(manager, f"/runs/{run.pk}")["findings"]
        assert row["facts_closed"], name


def test_many_findings_come_in_pages(client: Client) -> None:
    run = ran(TLS, *many(501))
    first, second = ask(client, f"/runs/{run.pk}"), ask(client, f"/runs/{run.pk}?page=2")
    assert (len(first["findings"]), len(second["findings"]), first["pages"]) == (500, 1, 2)
    assert ask(client, f"/runs/{run.pk}?page=-9")["page"] in {1, 2}


def test_the_trace_is_for_who_may_run_checks(client: Client, signed_in: Callable[..., Client]) -> None:
    run = ran(TLS, state="crashed", trace="Traceback")
    assert ask(client, f"/runs/{run.pk}")["trace"] == ""
    assert ask(signed_in(Role.SYSTEM_OPERATOR), f"/runs/{run.pk}")["trace"] == "Traceback"


@pytest.mark.parametrize("path", ["/network.nothing", "/%00", "/runs/00000000-0000-7000-8000-000000000000"])
def test_what_does_not_exist_is_a_problem(client: Client, path: str) -> None:
    answer = client.get(f"{ADDRESS}{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "kernel.not_found")


def test_who_may_not_read_is_refused(signed_in: Callable[..., Client]) -> None:
    assert signed_in(Role.STAFF).get(ADDRESS).status_code == 403


def test_the_answers_are_described() -> None:
    """Every field has a type, and the paths answer with the named schemas."""
    schema: Any = api.get_openapi_schema()
    parts = schema["components"]["schemas"]
    for name in ("CheckRow", "CheckDetail", "RunRow", "RunDetail", "FindingRow"):
        for field, described in parts[name]["properties"].items():
            if field != "facts":  # whatever the check saw
                assert described.keys() & {"type", "$ref", "anyOf", "allOf", "items"}, (name, field)
    answers = {
        path: operations["get"]["responses"][200]["content"]["application/json"]["schema"]
        for path, operations in schema["paths"].items()
        if "/checks" in path
    }
    assert answers[ADDRESS]["items"]["$ref"].endswith("/CheckRow")
    assert answers[f"{ADDRESS}/{{control_id}}"]["$ref"].endswith("/CheckDetail")
    assert answers[f"{ADDRESS}/runs/{{run_id}}"]["$ref"].endswith("/RunDetail")


def test_many_checks_cost_no_more_queries(client: Client, only: Only) -> None:
    def cost(number: int) -> int:
        controls = [control(f"network.c{place}") for place in range(number)]
        only(*controls)
        for one in controls:
            ran(one.id, *many(2))
        with CaptureQueriesContext(connection) as seen:
            ask(client)
        return len(seen)

    cost(1)
    assert cost(2) == cost(20)
