"""Pages about what was seen elsewhere: a ticket as a file, bundles, reports that are looked at before they count."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry
from sekisho.governance.models import EvidenceRun, RequestedRun
from sekisho.kernel import clock, text
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.network.models import CollectionTicket, Sighting
from sekisho.network.rules.bundle import read_ticket
from sekisho.register.models import Event
from tests.network.test_bundles import file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
SAMPLES = Path(__file__).with_name("results")


@pytest.fixture(autouse=True)
def _message_ids(_same_translator: None) -> None:
    text.set_translator(lambda msgid: msgid)


@pytest.fixture
def endpoint(operator: Actor) -> Entry:
    values = {"name": "電子カルテ", "kind": "emr", "form": "on_premises"}
    system = add_entry(actor=operator, ledger=ledgers.SYSTEMS, values=values)
    values = {"system": system, "host": "ehr.example.jp", "port": 443, "protocol": "https", "exposure": "open"}
    return add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values=values)


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    found = signed_in(Role.SYSTEM_OPERATOR)
    found.cookies["sekisho_language"] = "en"
    return found


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="application/octet-stream")


def sample(name: str) -> SimpleUploadedFile:
    return upload(name, (SAMPLES / name).read_bytes())


def report(client: Client, endpoint: Entry, given: SimpleUploadedFile, **more: Any) -> Any:
    data = {"file": given, "system": str(endpoint.system.pk), **more}  # type: ignore[attr-defined]
    return client.post("/elsewhere/results/", data)


def test_the_first_page_says_what_to_do(client: Client, signed_in: Callable[..., Client]) -> None:
    """Whoever may only look sees no buttons."""
    assert "Issue a ticket" in client.get("/elsewhere/").text
    assert "No results were taken over yet." in client.get("/elsewhere/").text
    assert "/elsewhere/ticket/" not in signed_in(Role.AUDITOR).get("/elsewhere/").text


def test_a_ticket_comes_as_a_file_and_what_was_seen_goes_back(client: Client, endpoint: Entry) -> None:
    """The key is in the answer alone; the checks are asked for."""
    answer = client.post("/elsewhere/ticket/", {"vantage": "open", "days": "3"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sekisho-ticket-20261121.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    ticket = read_ticket("t", answer.content)
    assert ticket.addresses == ("ehr.example.jp:443",)

    bundle = file(ticket)
    sent = client.post("/elsewhere/bundles/", {"seen": [upload("a.json", bundle.data)]})
    assert (sent.status_code, sent.headers["Location"]) == (302, "/elsewhere/")
    assert Sighting.objects.get().subject_id == str(endpoint.pk)
    assert RequestedRun.objects.filter(control="network.tls").exists()
    again = client.post("/elsewhere/bundles/", {"seen": [upload("b.json", bundle.data)]})
    assert again.status_code == 409
    assert "b.json was taken over already." in again.text


def test_bundles_are_bounded_together(client: Client, endpoint: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    """And in number: nothing is read into memory before."""
    monkeypatch.setattr("sekisho.governance.forms.files.LARGEST_TOGETHER", 100)
    together = client.post("/elsewhere/bundles/", {"seen": [upload("a.json", b"a" * 60), upload("b.json", b"b" * 60)]})
    assert together.status_code == 422
    assert "too large together" in together.text
    many = client.post("/elsewhere/bundles/", {"seen": [upload(f"{place}.json", b"a") for place in range(11)]})
    assert many.status_code == 422
    assert "too many files" in many.text


def test_what_is_refused_is_said_at_the_form(client: Client, endpoint: Entry) -> None:
    assert client.post("/elsewhere/ticket/", {"vantage": "open", "days": "32"}).status_code == 422
    assert client.post("/elsewhere/bundles/", {}).status_code == 422
    broken = client.post("/elsewhere/bundles/", {"seen": [upload("a.json", b"{}")]})
    assert (broken.status_code, "a.json is no bundle" in broken.text) == (422, True)
    undated = report(client, endpoint, sample("testssl.flat.json"))
    assert (undated.status_code, "does not say when the tool ran" in undated.text) == (422, True)
    assert not CollectionTicket.objects.exists()
    assert not EvidenceRun.objects.exists()


def test_a_report_is_looked_at_first_and_stored_then(client: Client, endpoint: Entry) -> None:
    """And stands in the list, and on the page of its run, with its rows."""
    looked = report(client, endpoint, sample("xccdf.xml"), only_look="on")
    assert (looked.status_code, "Nothing has been stored yet." in looked.text) == (200, True)
    assert not EvidenceRun.objects.exists()
    stored = report(client, endpoint, sample("xccdf.xml"))
    run = EvidenceRun.objects.get()
    assert stored.headers["Location"] == f"/checks/runs/{run.pk}/"
    listed = client.get("/elsewhere/").text
    assert "openscap 1.3.7" in listed
    assert "電子カルテ" in listed
    assert client.get(f"/checks/runs/{run.pk}/").status_code == 200


def test_a_report_by_which_nothing_was_looked_at_says_so(client: Client, endpoint: Entry) -> None:
    given = json.dumps([{"id": "scanTime", "severity": "INFO", "finding": "1"}]).encode()
    looked = report(client, endpoint, upload("t.json", given), ran_on="2026/11/20", only_look="on")
    assert "this proves nothing" in looked.text
    report(client, endpoint, upload("t.json", given), ran_on="2026/11/20")
    run = EvidenceRun.objects.get()
    assert (run.state, run.ended_at.isoformat()) == ("empty", "2026-11-19T15:00:00+00:00")
    assert "Spoke of nobody" in client.get("/elsewhere/").text


def test_what_another_tool_found_has_a_title_people_can_read(client: Client, endpoint: Entry) -> None:
    """The tool and the system, wherever its runs are named."""
    report(client, endpoint, sample("xccdf.xml"))
    run = EvidenceRun.objects.get()
    system = endpoint.system.pk  # type: ignore[attr-defined]
    title = "openscap 1.3.7: 電子カルテ"
    for address in (f"/checks/{run.control}/", f"/checks/runs/{run.pk}/", f"/checks/about/system/{system}/"):
        shown = client.get(address).text
        assert title in shown, address
    assert f"<h1>{title}</h1>" in client.get(f"/checks/{run.control}/").text
    assert "no longer part of Sekisho" not in client.get(f"/checks/{run.control}/").text


def test_a_ticket_is_withdrawn_with_a_reason(client: Client, endpoint: Entry, signed_in: Callable[..., Client]) -> None:
    """It is asked once more before; then nothing made with it comes in any more, and the register knows why."""
    assert "No ticket was issued yet." in client.get("/elsewhere/").text
    ticket = read_ticket("t", client.post("/elsewhere/ticket/", {"vantage": "open", "days": "3"}).content)
    first, second = file(ticket), file(ticket, ago=timedelta(minutes=1))
    client.post("/elsewhere/bundles/", {"seen": [upload("a.json", first.data)]})
    row = CollectionTicket.objects.get()
    address = f"/elsewhere/tickets/{row.pk}/withdraw/"
    assert address in client.get("/elsewhere/").text
    reader = signed_in(Role.AUDITOR)
    assert address not in reader.get("/elsewhere/").text
    assert reader.post(address, {"reason": "x"}).status_code == 403
    assert "Withdraw this ticket?" in client.get(address).text
    for empty in ("", "  ", "\u200b"):
        assert client.post(address, {"reason": empty}).status_code == 422
    row.refresh_from_db()
    assert row.withdrawn_at is None

    sent = client.post(address, {"reason": "ノートパソコンの紛失"})
    assert (sent.status_code, sent.headers["Location"]) == (302, "/elsewhere/")
    refused = client.post("/elsewhere/bundles/", {"seen": [upload("b.json", second.data)]})
    assert (refused.status_code, "has withdrawn" in refused.text) == (422, True)
    assert Sighting.objects.count() == 1, "what came before stays"
    shown = client.get("/elsewhere/").text
    assert "Withdrawn by" in shown
    assert address not in shown
    assert client.post(address, {"reason": "x"}).status_code == 409
    done = [one for one in map(_entry, Event.objects.filter(action="collection.withdraw"))
            if one["outcome"] == "success"]  # fmt: skip
    assert [(one["subject"]["id"], one["reason"]) for one in done] == [(str(row.pk), "ノートパソコンの紛失")]
    assert client.get("/elsewhere/tickets/00000000-0000-7000-8000-000000000009/withdraw/").status_code == 404


def _entry(event: Event) -> Any:
    return json.loads(event.entry)


def test_a_ticket_that_ran_out_is_not_withdrawn(client: Client, endpoint: Entry) -> None:
    client.post("/elsewhere/ticket/", {"vantage": "open", "days": "1"})
    CollectionTicket.objects.update(valid_until=clock.now() - timedelta(seconds=1))
    address = f"/elsewhere/tickets/{CollectionTicket.objects.get().pk}/withdraw/"
    assert "Run out" in client.get("/elsewhere/").text
    assert address not in client.get("/elsewhere/").text
    assert client.post(address, {"reason": "x"}).status_code == 409
