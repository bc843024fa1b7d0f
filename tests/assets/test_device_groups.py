"""Groups of devices: what items about devices are judged per, computed from the ledger of devices."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import translation
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from sekisho.assets.ledgers import DEVICES, PATCHES, TAKE_OUT
from sekisho.assets.models import Equipment, EquipmentKind
from sekisho.assets.queries.groups import DeviceGroups
from sekisho.assets.rules.groups import bare_id, group_id
from sekisho.governance.queries.conformance import conformity
from sekisho.governance.queries.editions import CURRENT, edition, mapping
from sekisho.governance.queries.world import World, subjects_of
from sekisho.governance.rules.assessment import assess_leaf
from sekisho.governance.rules.catalogue import Requirement
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.ports import Subject, SubjectKind
from sekisho.ledgers.services.books import add_entry, close_entry
from tests.assets.approving import NURSE_HEAD, OPERATOR, apply_for, approve_by, note, state_nothing
from tests.assets.covering import add_system, coverage
from tests.assets.test_patches import APPLIED
from tests.assets.test_take_out import GOOD, LEFT
from tests.governance.working import WORKER, approved, draft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
ANALYSED = {"security_information_on": date(2026, 4, 1), "risk_analysed_on": date(2026, 4, 2)}
NONE, PARTIAL, GREEN, ASIDE = (
    Verdict.NOT_ASSESSED,
    Verdict.PARTIAL,
    Verdict.CONFORMING,
    Verdict.NOT_APPLICABLE,
)


def device(name: str, kind: str, system: Any = None, **values: Any) -> Any:
    """Enter a device."""
    return add_entry(actor=OPERATOR, ledger=DEVICES, values={"name": name, "kind": kind, "system": system, **values})


def groups() -> dict[str, Subject]:
    """Return what is judged, by id."""
    return {subject.id: subject for subject in subjects_of(SubjectKind.DEVICE_GROUP)}


def label(name: str) -> str:
    """Return the name of a group in English."""
    with translation.override("en"):
        return next(one.label for one in DeviceGroups().subjects(SubjectKind.DEVICE_GROUP) if one.id == name)


def judged(name: str) -> tuple[Verdict, dict[str, Verdict]]:
    """Return the verdict of a leaf, and of each group."""
    leaf, mapped = edition(CURRENT).by_id[name], mapping(CURRENT).leaves[name]
    assert isinstance(leaf, Requirement)
    found = assess_leaf(leaf, mapped, list(groups().values()), World(CURRENT).facts({name}), clock.now())
    return found.summary.verdict, {one.subject.id: one.verdict for one in found.judgements}


@given(st.sets(st.tuples(st.none() | st.uuids(), st.sampled_from([*EquipmentKind, "unknown"])), max_size=20))
def test_an_id_names_one_system_and_one_kind_and_fits(pairs: set[tuple[UUID | None, str]]) -> None:
    found = {group_id(system, kind) for system, kind in pairs}
    assert len(found) == len(pairs)
    assert all(len(one) <= 64 for one in found)


def test_a_group_stays_while_devices_come_and_goes_with_the_last(operator: Actor) -> None:
    system = add_system(operator)
    server = device("サーバ", "server", system, remote_maintenance=True, holds_medical_information=True)
    first = device("診察室1", "terminal", system, connected=True)
    terminals, server_group = first.group_id, server.group_id
    assert list(groups()) == sorted([server_group, terminals])
    assert label(terminals) == "電子カルテ / Terminal (PC, tablet, smartphone) (1 device)"
    device("診察室2", "terminal", system, portable=True)
    alone = device("どこにも属さないNAS", "other")
    assert set(groups()) == {server_group, terminals, alone.group_id}
    assert label(terminals) == "電子カルテ / Terminal (PC, tablet, smartphone) (2 devices)"
    assert label(alone.group_id) == "No system / Other device (1 device)"
    assert groups()[terminals].facts == {
        "kind": "terminal",
        "count": 2,
        "holds_medical_information": False,
        "portable": True,
        "wireless": False,
        "remote_maintenance": False,
        "connected": True,
        "may_leave": True,
    }
    facts = groups()[server_group].facts
    assert (facts["remote_maintenance"], facts["may_leave"]) == (True, False)
    note(DEVICES, alone, state="disposed", connected=True)
    assert alone.group_id in groups(), "it is said to be gone, and is connected"
    note(DEVICES, alone, state="disposed", connected=False)
    assert set(groups()) == {server_group, terminals}
    close_entry(actor=operator, ledger=DEVICES, entry_id=server.pk, version=1, reason="廃棄")
    assert set(groups()) == {terminals}


def test_what_nobody_entered_is_no_group_and_no_proof(operator: Actor) -> None:
    """Nothing is conforming without a device, and one system's devices say nothing of the next one's."""
    first, second = add_system(operator), add_system(operator, "医事会計")
    add_system(operator, "予約", form="cloud")
    assert groups() == {}
    assert [judged(name) for name in ("SO-8-5", "SO-8-6-1", "SO-7-3")] == [(NONE, {})] * 3
    bare = {row for member in coverage("assets.factory_passwords").measure() for row in member.belongs_to}
    assert {str(first.pk), str(second.pk)} <= bare
    device("サーバ", "server", first)
    assert set(groups()) == {f"{first.pk}.server", bare_id(second.pk)}
    assert label(bare_id(second.pk)) == "医事会計 / no device in the ledger"
    assert judged("SO-8-6-3") == (NONE, {f"{first.pk}.server": ASIDE, bare_id(second.pk): NONE})


def test_an_iot_item_is_judged_for_iot_devices_alone(operator: Actor) -> None:
    system = add_system(operator)
    terminal = device("端末", "terminal", system)
    ecg = device("心電計", "iot_medical", system)
    iot, terminals = ecg.group_id, terminal.group_id
    assert judged("SO-8-6-1") == (NONE, {iot: NONE, terminals: ASIDE})
    note(DEVICES, ecg, **ANALYSED)
    assert judged("SO-8-6-1") == (PARTIAL, {iot: PARTIAL, terminals: ASIDE}), "the papers are missing still"
    for paper, about in (("documents.risk_assessment", [iot]), ("documents.iot_rules", [])):
        approved(ClaimKind.DOCUMENT, draft("SO-8-6-1", *about, document=paper, edition_id=CURRENT))
    assert judged("SO-8-6-1") == (GREEN, {iot: GREEN, terminals: ASIDE})
    echo = device("超音波", "iot_medical", system)
    assert judged("SO-8-6-1")[0] is PARTIAL, "one good device proves nothing for the next"
    note(DEVICES, echo, **ANALYSED)
    assert judged("SO-8-6-1")[0] is GREEN
    Equipment.objects.filter(pk=terminal.pk).delete()
    assert judged("SO-8-6-1") == (PARTIAL, {iot: PARTIAL}), "what vanished may have been a device of any group"


def test_what_left_counts_for_the_group_of_its_device_and_information_for_each(operator: Actor) -> None:
    system = add_system(operator)
    server = device("サーバ", "server", system).group_id
    assert judged("SO-7-3") == (NONE, {server: NONE}), "that no device may leave does not say that nothing leaves"
    state_nothing(TAKE_OUT)
    assert judged("SO-7-3") == (PARTIAL, {server: PARTIAL}), "the check of encryption is still to be built"
    laptop = device("訪問用PC", "terminal", system, portable=True)
    terminals = laptop.group_id
    assert judged("SO-7-3") == (PARTIAL, {server: ASIDE, terminals: PARTIAL})
    assert judged("SO-7-4") == judged("SO-7-6") == (NONE, {server: ASIDE, terminals: NONE})
    entry = add_entry(actor=OPERATOR, ledger=TAKE_OUT, values={**GOOD, "what": "", "device": laptop})
    assert judged("SO-7-3")[1][terminals] is PARTIAL, "nothing has left yet"
    note(TAKE_OUT, entry, out_on=LEFT)
    assert judged("SO-7-3") == (NONE, {server: ASIDE, terminals: NONE}), "it left without approval"
    tablet = device("訪問用タブレット", "terminal", system, portable=True)
    allowed = add_entry(actor=OPERATOR, ledger=TAKE_OUT, values={**GOOD, "what": "", "device": tablet})
    approve_by(apply_for(TAKE_OUT, allowed), NURSE_HEAD, OPERATOR)
    note(TAKE_OUT, allowed, out_on=LEFT)
    assert judged("SO-7-3") == (PARTIAL, {server: ASIDE, terminals: PARTIAL})
    add_entry(actor=OPERATOR, ledger=TAKE_OUT, values={**GOOD, "out_on": LEFT})
    found = {member.label[:8]: member.belongs_to for member in coverage("assets.take_out").measure()}
    assert found == {"TO-00001": {terminals}, "TO-00002": {terminals}, "TO-00003": {server, terminals}}


def test_a_device_that_left_makes_its_group_one_whose_devices_leave(operator: Actor) -> None:
    nas = device("NAS", "other")
    device("訪問用PC", "terminal", portable=True)
    assert groups()[nas.group_id].facts["may_leave"] is False
    add_entry(actor=OPERATOR, ledger=TAKE_OUT, values={**GOOD, "what": "", "device": nas})
    assert groups()[nas.group_id].facts["may_leave"] is True


def test_a_decision_for_a_system_counts_for_its_groups_and_for_a_device_for_its_own(operator: Actor) -> None:
    system, other = add_system(operator), add_system(operator, "画像")
    server, ecg = device("サーバ", "server", system), device("心電計", "iot_medical", system)
    away = device("画像サーバ", "server", other)
    add_entry(actor=OPERATOR, ledger=PATCHES, values={**APPLIED, "system": system})
    assert judged("SO-8-3")[1] == {server.group_id: PARTIAL, ecg.group_id: PARTIAL, away.group_id: NONE}
    approved(ClaimKind.DOCUMENT, draft("SO-8-6-2", document="documents.iot_rules", edition_id=CURRENT))
    assert judged("SO-8-6-2")[1][ecg.group_id] is PARTIAL, "a medical device needs a decision of its own"
    add_entry(actor=OPERATOR, ledger=PATCHES, values={**APPLIED, "device": ecg})
    assert judged("SO-8-6-2") == (GREEN, {server.group_id: ASIDE, ecg.group_id: GREEN, away.group_id: ASIDE})


def test_a_group_is_shown_by_its_name_and_a_look_costs_the_same_for_many(
    operator: Actor, signed_in: Callable[..., Client], django_assert_num_queries: Any
) -> None:
    system = add_system(operator)
    ecg = device("心電計", "iot_medical", system, **ANALYSED)
    with django_assert_num_queries(2):
        list(groups())
    Equipment.objects.bulk_create(
        Equipment(**_values(ecg), pk=uuid4(), number=number, system=system, kind=kind)
        for number, kind in zip(range(2, 202), ["iot_medical", "terminal"] * 100, strict=True)
    )
    with django_assert_num_queries(2):
        assert groups()[ecg.group_id].facts["count"] == 101
    update_verdicts(actor=WORKER)
    assert conformity(CURRENT).summaries["SO-8-6-1"].counts == {PARTIAL: 1, ASIDE: 1}
    client = signed_in(Role.SYSTEM_OPERATOR)
    answer = client.get("/requirements/SO-8-6-1/", follow=True).content.decode()
    for group in groups().values():
        assert escape(group.label) in answer
    leaf = edition(CURRENT).by_id["SO-8-6-1"]
    assert isinstance(leaf, Requirement) and leaf.applies_when
    assert leaf.applies_when.otherwise.ja in answer, "why the terminals stand aside"
    sheets = load_workbook(io.BytesIO(client.get("/papers/fit-gap.xlsx").content), read_only=True)
    cells = {value for sheet in sheets for row in sheet.iter_rows(values_only=True) for value in row}
    assert {group.label for group in groups().values()} <= cells


def _values(row: Any) -> dict[str, Any]:
    skipped = {"id", "number", "kind", "system"}
    return {one.name: getattr(row, one.name) for one in row._meta.concrete_fields if one.name not in skipped}
