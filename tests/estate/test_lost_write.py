"""The estate's entries: nobody's change is lost, nothing is deleted, every write is recorded."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers, queries, services
from sekisho.estate.errors import Closed, EntryInvalid, Fixed, InUse
from sekisho.estate.models import Department, Layer, System, Vendor
from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from sekisho.kernel.ports import SubjectKind, SubjectProvider
from sekisho.register.models import Event
from tests.conftest import actor_with

EMR = {"name": "電子カルテ", "kind": "emr", "form": "on_premises"}


def add_system(actor: Actor, **more: Any) -> System:
    """Enter a system."""
    system = services.add_entry(actor=actor, ledger=ledgers.SYSTEMS, values={**EMR, **more})
    assert isinstance(system, System)
    return system


@pytest.mark.django_db(transaction=True)
def test_of_parallel_changes_to_one_version_exactly_one_wins(operator: Actor) -> None:
    """The others are told; nothing of the winner is overwritten."""
    system = add_system(operator)
    barrier = threading.Barrier(6, timeout=20)

    def change(number: int) -> int | None:
        barrier.wait()
        values = {**EMR, "note": f"writer {number}"}
        try:
            services.change_entry(actor=operator, ledger=ledgers.SYSTEMS, entry_id=system.pk, version=1, values=values)
        except Conflict:
            return None
        finally:
            connections.close_all()
        return number

    with ThreadPoolExecutor(6) as pool:
        winners = [number for number in pool.map(change, range(6)) if number is not None]
    stored = System.objects.get(pk=system.pk)
    assert len(winners) == 1
    assert (stored.note, stored.version) == (f"writer {winners[0]}", 2)
    assert Event.objects.filter(action="estate.change").count() == 1


@pytest.mark.django_db
def test_a_change_is_recorded_before_and_after(operator: Actor) -> None:
    """The register shows what it was; untouched fields are not named."""
    vendor = services.add_entry(actor=operator, ledger=ledgers.VENDORS, values={"name": "甲社"})
    system = add_system(operator)
    services.change_entry(
        actor=operator, ledger=ledgers.SYSTEMS, entry_id=system.pk, version=1, values={**EMR, "vendor": vendor}
    )
    entry = json.loads(Event.objects.latest("source_seq").entry)
    assert entry["details"] == {"changes": {"vendor": [None, "甲社"]}}
    assert entry["subject"] == {"kind": "system", "id": str(system.pk), "label": "電子カルテ"}


@pytest.mark.django_db
def test_a_system_brings_its_four_layers_and_takes_them_along(operator: Actor) -> None:
    """Layers open and close with their system and are not entered by hand."""
    system = add_system(operator)
    assert [layer.kind for layer in queries.layers_of(system)] == [
        "client_application",
        "server_os",
        "middleware",
        "network",
    ]
    with pytest.raises(Fixed):
        services.add_entry(actor=operator, ledger=ledgers.LAYERS, values={"product": "x"})
    closed = services.close_entry(
        actor=operator, ledger=ledgers.SYSTEMS, entry_id=system.pk, version=1, reason="更新により廃止"
    )
    assert Layer.objects.filter(closed_at=None).count() == 0
    services.reopen_entry(actor=operator, ledger=ledgers.SYSTEMS, entry_id=system.pk, version=closed.version, reason="")
    assert Layer.objects.filter(closed_at=None).count() == 4


@pytest.mark.django_db
def test_what_is_used_is_not_closed(operator: Actor) -> None:
    """The users are named; afterwards it closes, and its name is free again."""
    vendor = services.add_entry(actor=operator, ledger=ledgers.VENDORS, values={"name": "甲社"})
    add_system(operator, vendor=vendor)
    close = {"actor": operator, "ledger": ledgers.VENDORS, "entry_id": vendor.pk, "version": 1, "reason": "x"}
    with pytest.raises(InUse, match="電子カルテ"):
        services.close_entry(**close)
    System.objects.update(vendor=None)
    services.close_entry(**close)
    with pytest.raises(Conflict):
        services.close_entry(**{**close, "version": 2})
    services.add_entry(actor=operator, ledger=ledgers.VENDORS, values={"name": "甲社"})
    with pytest.raises(EntryInvalid):
        services.reopen_entry(actor=operator, ledger=ledgers.VENDORS, entry_id=vendor.pk, version=2, reason="")
    assert Vendor.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ledger", "values", "field"),
    [
        (ledgers.SYSTEMS, {**EMR, "kind": "spaceship"}, "kind"),
        (ledgers.SYSTEMS, {**EMR, "name": ""}, "name"),
        (ledgers.SYSTEMS, {**EMR, "name": "x" * 201}, "name"),
        (ledgers.VENDORS, {"name": "甲", "email": "no address"}, "email"),
        (ledgers.VENDORS, {"name": "甲\x00"}, "name"),
    ],
)
def test_bad_values_store_nothing(operator: Actor, ledger: Any, values: dict[str, Any], field: str) -> None:
    """The field is named, no event is written."""
    with pytest.raises(EntryInvalid) as caught:
        services.add_entry(actor=operator, ledger=ledger, values=values)
    assert field in caught.value.faults
    assert Event.objects.count() == 0
    assert ledger.model.objects.count() == 0


@pytest.mark.django_db
def test_there_is_one_facility(operator: Actor) -> None:
    """The second is refused."""
    values = {"name": "関所診療所", "kind": "clinic"}
    services.add_entry(actor=operator, ledger=ledgers.FACILITY, values=values)
    with pytest.raises(Fixed):
        services.add_entry(actor=operator, ledger=ledgers.FACILITY, values=values)
    subject = next(iter(_subjects(SubjectKind.FACILITY)))
    assert subject.facts["kind"] == "clinic"


def _subjects(kind: SubjectKind) -> Any:
    (provider,) = [one for one in registry.current().offers(SubjectProvider) if SubjectKind.SYSTEM in one.kinds()]
    return provider.subjects(kind)


@pytest.mark.django_db
def test_the_subjects_carry_their_facts_and_leave_out_the_closed(operator: Actor) -> None:
    """What governance will judge, per kind."""
    system = add_system(operator)
    endpoint = {"system": system, "host": "emr.local", "port": 443, "protocol": "https", "exposure": "internal"}
    services.add_entry(actor=operator, ledger=ledgers.ENDPOINTS, values=endpoint)
    services.add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": "保守回線", "line": "ssl_vpn_client"})
    counts = {kind: len(list(_subjects(kind))) for kind in SubjectKind}
    assert counts == {
        SubjectKind.FACILITY: 0,
        SubjectKind.SYSTEM: 1,
        SubjectKind.LAYER: 4,
        SubjectKind.ENDPOINT: 1,
        SubjectKind.LINK: 1,
        SubjectKind.VENDOR: 0,
        SubjectKind.DEVICE_GROUP: 0,
    }
    assert next(iter(_subjects(SubjectKind.LINK))).facts["line"] == "ssl_vpn_client"
    with pytest.raises(InUse):
        services.close_entry(actor=operator, ledger=ledgers.SYSTEMS, entry_id=system.pk, version=1, reason="x")
    row = queries.endpoints_of(system)[0]
    services.close_entry(actor=operator, ledger=ledgers.ENDPOINTS, entry_id=row.pk, version=1, reason="x")
    assert list(_subjects(SubjectKind.ENDPOINT)) == []


@pytest.mark.django_db
def test_the_service_checks_the_role_and_the_entry() -> None:
    """Not only the page."""
    with pytest.raises(Forbidden):
        add_system(actor_with(Role.STAFF))
    with pytest.raises(NotFound):
        services.close_entry(
            actor=actor_with(Role.SYSTEM_OPERATOR), ledger=ledgers.SITES, entry_id=uuid4(), version=1, reason="x"
        )


@pytest.mark.django_db
def test_lists_are_searched_sorted_by_reading_and_paged(signed_in: Callable[..., Client], operator: Actor) -> None:
    """Kana in any width finds; fifty to a page."""
    for number in range(55):
        values = {"name": f"病棟{number:02}", "kana": f"ビョウトウ{number:02}"}
        services.add_entry(actor=operator, ledger=ledgers.DEPARTMENTS, values=values)
    assert Department.objects.count() == 55
    page = queries.entries(ledgers.DEPARTMENTS, "びょうとう ０７")
    assert [row.name for row in page.object_list] == ["病棟07"]
    client = signed_in(Role.AUDITOR)
    first = client.get(reverse("estate:departments")).content.decode()
    second = client.get(reverse("estate:departments"), {"page": "2"}).content.decode()
    assert "病棟49" in first
    assert "病棟50" not in first
    assert "病棟54" in second
    for rubbish in ("0", "-1", "abc", "99999999999999999999", "１"):
        assert client.get(reverse("estate:departments"), {"page": rubbish}).status_code == 200


@pytest.mark.django_db
def test_nothing_new_points_to_a_closed_entry(operator: Actor) -> None:
    """Neither a new entry nor a change nor a reopening; what pointed there before may stay as it is."""
    vendor = services.add_entry(actor=operator, ledger=ledgers.VENDORS, values={"name": "甲社"})
    system = add_system(operator, vendor=vendor)
    close = {"actor": operator, "ledger": ledgers.SYSTEMS, "entry_id": system.pk, "version": 1, "reason": "x"}
    services.close_entry(**close)
    services.close_entry(actor=operator, ledger=ledgers.VENDORS, entry_id=vendor.pk, version=1, reason="x")
    vendor.refresh_from_db()
    with pytest.raises(EntryInvalid) as caught:
        add_system(operator, name="別", vendor=vendor)
    assert "vendor" in caught.value.faults
    with pytest.raises(EntryInvalid):
        services.reopen_entry(**{**close, "version": 2})
    with pytest.raises(Closed):
        services.change_entry(actor=operator, ledger=ledgers.SYSTEMS, entry_id=system.pk, version=2, values={**EMR})
    other = add_system(operator, name="残る")
    System.objects.filter(pk=other.pk).update(vendor=vendor)
    values = {**EMR, "name": "残る", "vendor": vendor, "note": "変更"}
    services.change_entry(actor=operator, ledger=ledgers.SYSTEMS, entry_id=other.pk, version=1, values=values)


@pytest.mark.django_db
def test_a_department_with_staff_is_not_closed(operator: Actor, make_person: Callable[..., Any]) -> None:
    """The estate asks the room above through a port; leavers do not count."""
    department = services.add_entry(actor=operator, ledger=ledgers.DEPARTMENTS, values={"name": "放射線科"})
    staff = make_person("suzuki", name="鈴木 一郎").staff
    type(staff).objects.filter(pk=staff.pk).update(department=department.pk)
    close = {"actor": operator, "ledger": ledgers.DEPARTMENTS, "entry_id": department.pk, "version": 1, "reason": "x"}
    with pytest.raises(InUse, match="鈴木 一郎"):
        services.close_entry(**close)
    type(staff).objects.filter(pk=staff.pk).update(employed_until=date(2020, 1, 1))
    services.close_entry(**close)


@pytest.mark.django_db
def test_what_is_fixed_is_not_closed(operator: Actor) -> None:
    """The facility and the layers."""
    facility = services.add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所", "kind": "clinic"})
    with pytest.raises(Fixed):
        services.close_entry(actor=operator, ledger=ledgers.FACILITY, entry_id=facility.pk, version=1, reason="x")


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["院\u202e病", "a\u200bb", "x\u0000", "y\u2028z", "z\u0085"])
def test_invisible_characters_are_refused_everywhere(operator: Actor, text: str) -> None:
    """A name that reads differently than it is stored; also as a reason."""
    with pytest.raises(EntryInvalid):
        services.add_entry(actor=operator, ledger=ledgers.SITES, values={"name": text})
    site = services.add_entry(actor=operator, ledger=ledgers.SITES, values={"name": "髙﨑分院 葛\U000e0100"})
    with pytest.raises(InvalidInput):
        services.close_entry(actor=operator, ledger=ledgers.SITES, entry_id=site.pk, version=1, reason=text)
    assert type(site).objects.get().closed_at is None


@pytest.mark.django_db
def test_any_search_text_is_answered(signed_in: Callable[..., Client]) -> None:
    """NUL, a thousand words, a megabyte."""
    client = signed_in(Role.AUDITOR)
    for text in ("\x00", "a " * 1500, "x" * 100_000, "%" * 50, "\u202e"):
        for address in ("/estate/systems/", "/people/", "/register/"):
            assert client.get(address, {"q": text}).status_code == 200, address
        assert client.get("/api/v1/register/events", {"text": text, "action": "x"}).status_code == 200
