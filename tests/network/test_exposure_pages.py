"""The pages of exposure: what they show, to whom, and what their forms refuse."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.kernel import clock
from sekisho.kernel.access import GRANTABLE, REVIEWERS, Role
from sekisho.network.models import Probe, RegisteredRange, RequestedSweep, SweepPermit, SweepState, Zone
from sekisho.network.rules.exposure_profile import Vantage
from sekisho.network.rules.looks import OpenPort
from sekisho.network.rules.swept import Answering, SweepLook, write_sweep
from sekisho.network.services.ranges import close_range, give_permit
from sekisho.network.services.sightings import Seen, keep_sightings
from sekisho.network.services.sweeps import request_sweep, run_requested_sweeps
from sekisho.register.models import Event
from tests.conftest import actor_with
from tests.network import exposure as here
from tests.network.exposure import JOB, MANAGER, OPERATOR, TELNET

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
SignedIn = Callable[..., Client]


def page(client: Client, route: str, *args: object, **query: str) -> str:
    """Return a page's text."""
    answer = client.get(reverse(f"network:{route}", args=args), query)
    assert answer.status_code == 200, route
    return answer.content.decode()


def finished(found: RegisteredRange, *answering: Answering) -> RequestedSweep:
    """Return a sweep that has ended, with what it saw."""
    row = request_sweep(actor=OPERATOR, range_id=found.pk)
    now = clock.now()
    RequestedSweep.objects.filter(pk=row.pk).update(state=SweepState.DONE, asked=row.planned, started_at=now)
    look = SweepLook(found.network, Vantage.INTERNAL, (23, 443), row.planned, row.planned, "done", answering)
    keep_sightings(actor=JOB, probe=Probe.SWEEP, seen=[Seen(str(row.pk), str(found), now, write_sweep(look))])
    return row


# The overview


def test_with_nothing_there_the_pages_say_what_to_do(signed_in: SignedIn) -> None:
    text = page(signed_in(Role.SYSTEM_OPERATOR), "exposure")
    assert reverse("estate:endpoints-new") in text
    assert reverse("network:new-range") in text
    reader = page(signed_in(Role.AUDITOR), "exposure")
    assert reverse("network:new-range") not in reader
    assert 'class="empty"' in reader


def test_open_ports_with_service_judgement_and_since_when(signed_in: SignedIn) -> None:
    entry = here.endpoint(here.system("電子カルテ"), "192.168.1.10", 443)
    here.see(here.look("192.168.1.10", (443, TELNET)))
    text = page(signed_in(Role.SYSTEM_OPERATOR), "exposure")
    assert "Telnet" in text
    assert reverse("estate:endpoints-entry", args=[entry.pk]) in text
    assert text.index("Telnet") < text.index("HTTPS"), "what breaks a rule comes first"
    assert "badge ng" in text
    assert "2026" in text or "令和8年" in text


def test_search_and_paging_of_ports(signed_in: SignedIn) -> None:
    """More than fifty rows: a second page, which goes on with the same search."""
    of = here.system("電子カルテ")
    for number in range(1, 19):
        host = f"192.168.1.{number}"
        here.endpoint(of, host, 443)
        here.see(here.look(host, (443, 445, TELNET)))
    client = signed_in(Role.SYSTEM_OPERATOR)
    first, second = page(client, "exposure"), page(client, "exposure", page="2")
    rows = re.compile(r"<tr><th scope=\"row\"")
    assert (len(rows.findall(first)), len(rows.findall(second))) == (50, 4)
    found = page(client, "exposure", q="192.168.1.7 telnet")
    assert len(rows.findall(found)) == 1
    assert "No open port matches" in page(client, "exposure", q="nothing")


def test_what_a_stranger_sent_is_shown_as_text(signed_in: SignedIn) -> None:
    """A banner is not markup."""
    found = here.address_range("192.168.1.0/24")
    here.permit(found)
    evil = OpenPort(23, "192.168.1.7", "<script>alert(1)</script>", names=("<b>x</b>",))
    row = finished(found, Answering("192.168.1.7", (evil,)))
    text = page(signed_in(Role.SYSTEM_OPERATOR), "sweep", row.pk)
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
    assert "<b>x</b>" not in text


# Ranges and permits


def test_a_range_is_registered_with_its_line(signed_in: SignedIn) -> None:
    line = here.line("院内LAN")
    client = signed_in(Role.SYSTEM_OPERATOR)
    values = {"network": "192.168.1.0/24", "label": "受付", "zone": "general", "line": str(line.pk), "note": ""}
    answer = client.post(reverse("network:new-range"), values)
    found = RegisteredRange.objects.get()
    assert answer.headers["Location"] == reverse("network:range", args=[found.pk])
    text = page(client, "range", found.pk)
    assert "院内LAN" in text
    assert "256" in text
    again = client.post(reverse("network:new-range"), values)
    assert again.status_code == 409
    assert "is registered already" in again.content.decode()


@pytest.mark.parametrize(
    "wrong", [{"network": "192.168.1.1/24"}, {"network": ""}, {"zone": ""}, {"line": "x"}, {"label": "\u200b"}]
)
def test_what_is_wrong_stands_at_its_field(signed_in: SignedIn, wrong: dict[str, str]) -> None:
    values = {"network": "192.168.1.0/24", "label": "受付", "zone": "general", "line": "", "note": "", **wrong}
    answer = signed_in(Role.SYSTEM_OPERATOR).post(reverse("network:new-range"), values)
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert not RegisteredRange.objects.exists()


def test_a_manager_allows_and_revokes(signed_in: SignedIn) -> None:
    """The last day counts to its end at the facility."""
    found = here.address_range("192.168.1.0/24")
    client = signed_in(Role.PLANNING_MANAGER)
    address = reverse("network:new-permit", args=[found.pk])
    assert "31" in client.get(address).content.decode()
    assert client.post(address, {"reason": "点検", "until": "2026/11/20"}).status_code == 422
    assert client.post(address, {"reason": "", "until": "2026/11/22"}).status_code == 422
    assert client.post(address, {"reason": "点検", "until": "R8.11.22"}).status_code == 302
    given = SweepPermit.objects.get()
    assert given.until.isoformat() == "2026-11-22T15:00:00+00:00"
    revoke = reverse("network:revoke-permit", args=[given.pk])
    assert revoke in page(client, "range", found.pk)
    assert client.post(revoke, {"reason": "中止"}).status_code == 302
    assert client.post(revoke, {"reason": "中止"}).status_code == 409
    assert "Revoked by" in page(client, "range", found.pk)


def test_a_medical_zone_offers_neither_leave_nor_sweep(signed_in: SignedIn) -> None:
    """And refuses both when they are sent all the same."""
    found = here.address_range("192.168.9.0/24", Zone.MEDICAL)
    manager, operator = signed_in(Role.PLANNING_MANAGER), signed_in(Role.SYSTEM_OPERATOR)
    permit, sweep = reverse("network:new-permit", args=[found.pk]), reverse("network:start-sweep", args=[found.pk])
    for client in (manager, operator):
        text = page(client, "range", found.pk)
        assert permit not in text
        assert sweep not in text
    assert manager.post(permit, {"reason": "点検", "until": "2026/11/22"}).status_code == 403
    assert operator.post(sweep).headers["Location"] == reverse("network:range", args=[found.pk])
    assert not SweepPermit.objects.exists()
    assert not RequestedSweep.objects.exists()
    denied = Event.objects.filter(outcome="denied").values_list("action", flat=True)
    assert list(denied) == ["sweep_permit.give", "sweep.request"]


def test_closing_asks_for_a_reason(signed_in: SignedIn) -> None:
    found = here.address_range("192.168.1.0/24")
    client = signed_in(Role.SYSTEM_OPERATOR)
    address = reverse("network:close-range", args=[found.pk])
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "移転"}).status_code == 302
    assert client.post(address, {"reason": "移転"}).status_code == 409
    assert "移転" in page(client, "range", found.pk)
    assert "192.168.1.0/24" not in page(client, "exposure")


# Sweeps


def test_a_sweep_says_what_it_does_before_it_starts(signed_in: SignedIn) -> None:
    """How many addresses and connections, and by whose leave; nothing starts by looking."""
    found = here.address_range("192.168.1.0/29")
    here.permit(found)
    client = signed_in(Role.SYSTEM_OPERATOR)
    text = page(client, "start-sweep", found.pk)
    assert "<strong>6</strong>" in text
    assert "年次点検" in text
    assert not RequestedSweep.objects.exists()
    answer = client.post(reverse("network:start-sweep", args=[found.pk]))
    row = RequestedSweep.objects.get()
    assert answer.headers["Location"] == reverse("network:sweep", args=[row.pk])
    assert reverse("network:stop-sweep", args=[row.pk]) in page(client, "sweep", row.pk)


def test_whoever_allowed_it_is_refused(signed_in: SignedIn) -> None:
    """The refusal stands in the register."""
    found = here.address_range("192.168.1.0/29")
    client = signed_in(Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER)
    actor = actor_with(Role.PLANNING_MANAGER, actor_id=str(client.user.pk))  # type: ignore[attr-defined]
    give_permit(actor=actor, range_ids=[found.pk], reason="点検", until=clock.now() + timedelta(days=1))
    client.post(reverse("network:start-sweep", args=[found.pk]))
    assert not RequestedSweep.objects.exists()
    assert Event.objects.filter(action="sweep.request", outcome="denied").count() == 1


def test_progress_and_stopping(signed_in: SignedIn) -> None:
    found = here.address_range("192.168.1.0/29")
    here.permit(found)
    row = request_sweep(actor=OPERATOR, range_id=found.pk)
    RequestedSweep.objects.update(state=SweepState.RUNNING, asked=row.planned // 2)
    client = signed_in(Role.SAFETY_MANAGER)
    text = page(client, "sweep", row.pk)
    assert f"{row.planned // 2} of {row.planned}" in text
    assert 'value="50"' in text or 'value="49"' in text
    stop = reverse("network:stop-sweep", args=[row.pk])
    assert client.get(stop).status_code == 200
    assert client.post(stop).status_code == 302
    assert "It is being stopped" in page(client, "sweep", row.pk)
    RequestedSweep.objects.update(state=SweepState.STOPPED)
    client.post(stop)
    assert "has ended already" in page(client, "sweep", row.pk)


def test_why_a_sweep_was_not_carried_out(signed_in: SignedIn) -> None:
    """In words, and in the reader's language."""
    found = here.address_range("192.168.1.0/29")
    here.permit(found)
    row = request_sweep(actor=OPERATOR, range_id=found.pk)
    here.address_range("192.168.1.4/30", Zone.MEDICAL)
    run_requested_sweeps(actor=JOB)
    text = page(signed_in(Role.SYSTEM_OPERATOR), "sweep", row.pk)
    assert "192.168.1.4/30" in text
    assert "msgid" not in text
    event = Event.objects.get(action="sweep.run")
    assert "network.medical_zone" in event.entry


def test_strangers_are_listed_with_a_link_that_fills_the_form(signed_in: SignedIn) -> None:
    """What was seen of them, searchable above fifty; once registered they are gone."""
    found = here.address_range("192.168.1.0/24")
    here.permit(found)
    many = [Answering(f"192.168.1.{number}", (OpenPort(443),)) for number in range(1, 61)]
    named = Answering("192.168.1.77", (OpenPort(23, banner="login: ", names=("nas.example.jp",)),))
    row = finished(found, named, *many)
    client = signed_in(Role.SYSTEM_OPERATOR)
    text = page(client, "sweep", row.pk)
    link = f"{reverse('estate:endpoints-new')}?host=192.168.1.77&amp;port=23"
    assert link in text
    assert "login: " in text
    assert "nas.example.jp" in text
    form = client.get(link.replace("&amp;", "&")).content.decode()
    assert 'value="192.168.1.77"' in form
    assert 'value="23"' in form
    narrowed = page(client, "sweep", row.pk, q="nas.example")
    assert link in narrowed
    assert "192.168.1.5:" not in narrowed
    assert "port=443" not in narrowed
    assert "port=443" in page(client, "sweep", row.pk, page="2")
    assert link not in page(signed_in(Role.AUDITOR), "sweep", row.pk)
    here.endpoint(here.system("保管庫"), "192.168.1.77", 23)
    assert link not in page(client, "sweep", row.pk)


# Ranges by roles


@pytest.mark.parametrize("role", GRANTABLE)
def test_what_each_role_is_offered(signed_in: SignedIn, role: Role) -> None:
    """A button only for who may press it; the pages only for who may read them."""
    found = here.address_range("192.168.1.0/29")
    here.permit(found)
    row = request_sweep(actor=OPERATOR, range_id=found.pk)
    client = signed_in(role)
    answer = client.get(reverse("network:range", args=[found.pk]))
    if role not in REVIEWERS:
        assert answer.status_code == 403
        return
    givers, keepers = {Role.MANAGEMENT, Role.SAFETY_MANAGER, Role.PLANNING_MANAGER}, {
        Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER, Role.SAFETY_MANAGER}  # fmt: skip
    expected = {
        "start-sweep": ({Role.SYSTEM_OPERATOR}, found.pk),
        "new-permit": (givers, found.pk),
        "revoke-permit": (givers, SweepPermit.objects.get().pk),
        "close-range": (keepers, found.pk),
        "stop-sweep": (givers | {Role.SYSTEM_OPERATOR}, row.pk),
    }
    text = answer.content.decode() + page(client, "sweep", row.pk)
    for route, (roles, key) in expected.items():
        address = reverse(f"network:{route}", args=[key])
        assert (address in text) == (role in roles), route
        assert (client.get(address).status_code != 403) == (role in roles), route


def test_ranges_are_searchable_and_paged(signed_in: SignedIn) -> None:
    for number in range(55):
        here.address_range(f"10.0.{number}.0/24")
    client = signed_in(Role.SYSTEM_OPERATOR)
    second = page(client, "exposure", range_page="2")
    assert "10.0.9.0/24" in second  # by name
    assert "10.0.7.0/24" in page(client, "exposure", ranges="10.0.7.")
    assert "10.0.8.0/24" not in page(client, "exposure", ranges="10.0.7.")
    assert "No range matches" in page(client, "exposure", ranges=quote("nothing"))


def test_a_closed_range_offers_nothing(signed_in: SignedIn) -> None:
    found = here.address_range("192.168.1.0/29")
    here.permit(found)
    close_range(actor=OPERATOR, range_id=found.pk, reason="移転")
    for role in (Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER):
        text = page(signed_in(role), "range", found.pk)
        assert all(reverse(f"network:{route}", args=[found.pk]) not in text for route in (
            "start-sweep", "new-permit", "close-range"))  # fmt: skip
    assert MANAGER.name in text
