"""What the ledgers of the estate cover, n of N: each finds what lacks, counts everything open and nothing closed."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from sekisho.estate import ledgers, services
from sekisho.estate.ledgers import lists
from sekisho.estate.models import Entry, Layer, LineKind, Link, System, SystemForm, Vendor
from sekisho.estate.queries import EstateSubjects
from sekisho.kernel import clock, registry
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Coverage, Member
from sekisho.kernel.ports import SubjectKind

pytestmark = pytest.mark.django_db
EMR = {"name": "電子カルテ", "kind": "emr", "form": "on_premises"}
VPN = {"name": "保守回線", "line": "ipsec_ikev2"}
KINDS = {
    ledgers.SYSTEM_OWNERS: {SubjectKind.SYSTEM},
    ledgers.SYSTEM_PROFILES: {SubjectKind.SYSTEM},
    ledgers.LAYER_PRODUCTS: {SubjectKind.SYSTEM, SubjectKind.LAYER},
    ledgers.VENDOR_CONTACTS: {SubjectKind.VENDOR},
    ledgers.VENDOR_CONTRACTS: {SubjectKind.VENDOR},
    ledgers.LINK_PARTICULARS: {SubjectKind.LINK},
}
every_coverage = pytest.mark.parametrize("coverage", KINDS, ids=lambda coverage: coverage.id)


@pytest.fixture
def enter(operator: Actor) -> Callable[..., Any]:
    """Return a function that enters something into a ledger."""

    def add(ledger: Any, **values: Any) -> Entry:
        return services.add_entry(actor=operator, ledger=ledger, values=values)

    return add


@pytest.fixture
def close(operator: Actor) -> Callable[..., Entry]:
    """Return a function that closes an entry."""

    def end(ledger: Any, entry: Entry) -> Entry:
        version = type(entry)._default_manager.get(pk=entry.pk).version
        return services.close_entry(
            actor=operator, ledger=ledger, entry_id=entry.pk, version=version, reason="使用終了"
        )

    return end


@pytest.fixture
def estate(enter: Callable[..., Any]) -> Mapping[Any, Entry]:
    """One system with its layers, one vendor and one link, as bare as they can be entered."""
    return {
        ledgers.SYSTEMS: enter(ledgers.SYSTEMS, **EMR),
        ledgers.VENDORS: enter(ledgers.VENDORS, name="甲社"),
        ledgers.LINKS: enter(ledgers.LINKS, **VPN),
    }


def lacking(coverage: Coverage) -> dict[str, list[str]]:
    """Return what each member lacks, by its name."""
    return {member.label: [text.msgid for text in member.missing] for member in coverage.measure()}


def members(coverage: Coverage) -> list[Member]:
    return list(coverage.measure())


def test_all_of_them_are_declared() -> None:
    of_lists = [thing for thing in vars(lists).values() if isinstance(thing, Coverage)]
    assert {coverage for coverage in registry.current().coverages if coverage in of_lists} == set(KINDS)


@pytest.mark.failing_fixture("estate.system_owners")
def test_a_system_without_department_or_vendor_is_not_covered(enter: Callable[..., Any]) -> None:
    enter(ledgers.SYSTEMS, **EMR)
    enter(ledgers.SYSTEMS, **{**EMR, "name": "会計", "vendor": enter(ledgers.VENDORS, name="甲社")})
    enter(ledgers.SYSTEMS, **{**EMR, "name": "画像", "department": enter(ledgers.DEPARTMENTS, name="放射線科")})
    enter(ledgers.SYSTEMS, **{**EMR, "name": "関所", "kind": "platform"})
    assert lacking(ledgers.SYSTEM_OWNERS) == {
        "電子カルテ": ["Department in charge", "Vendor"],
        "会計": ["Department in charge"],
        "画像": ["Vendor"],
        "関所": ["Department in charge"],
    }


def test_a_system_with_department_and_vendor_is_covered_and_the_platform_without_a_vendor(
    enter: Callable[..., Any],
) -> None:
    department = enter(ledgers.DEPARTMENTS, name="事務部")
    enter(ledgers.SYSTEMS, **EMR, department=department, vendor=enter(ledgers.VENDORS, name="甲社"))
    enter(ledgers.SYSTEMS, **{**EMR, "name": "関所", "kind": "platform"}, department=department)
    assert lacking(ledgers.SYSTEM_OWNERS) == {"電子カルテ": [], "関所": []}


@pytest.mark.failing_fixture("estate.system_profiles")
@pytest.mark.parametrize("form", ["on_premises", "hybrid"])
def test_a_system_of_no_stated_kind_or_place_is_not_covered(enter: Callable[..., Any], form: str) -> None:
    enter(ledgers.SYSTEMS, name="装置", kind="other", form=form)
    assert lacking(ledgers.SYSTEM_PROFILES) == {"装置": ["Remarks that say what the system is", "Site"]}
    System.objects.update(note="\u3000\n ", site=enter(ledgers.SITES, name="本館"))
    assert lacking(ledgers.SYSTEM_PROFILES) == {"装置": ["Remarks that say what the system is"]}


def test_a_system_of_stated_kind_and_place_is_covered(enter: Callable[..., Any]) -> None:
    site = enter(ledgers.SITES, name="本館")
    enter(ledgers.SYSTEMS, **EMR, site=site)
    enter(ledgers.SYSTEMS, name="装置", kind="other", form="hybrid", site=site, note="心電図の管理")
    enter(ledgers.SYSTEMS, name="予約", kind="reservation", form="cloud")
    assert lacking(ledgers.SYSTEM_PROFILES) == {"電子カルテ": [], "装置": [], "予約": []}


@pytest.mark.failing_fixture("estate.layer_products")
def test_a_layer_without_product_or_version_is_not_covered(enter: Callable[..., Any]) -> None:
    enter(ledgers.SYSTEMS, **EMR)
    Layer.objects.filter(kind="server_os").update(product="Windows Server")
    Layer.objects.filter(kind="middleware").update(product_version="16")
    lacks = sorted(tuple(names) for names in lacking(ledgers.LAYER_PRODUCTS).values())
    assert lacks == [("Product",), ("Product", "Version"), ("Product", "Version"), ("Version",)]


def test_layers_with_product_and_version_are_covered_for_their_system_and_themselves(
    enter: Callable[..., Any],
) -> None:
    systems = [enter(ledgers.SYSTEMS, **{**EMR, "name": name}) for name in ("電子カルテ", "会計")]
    Layer.objects.filter(system=systems[0]).update(product="甲", product_version="1")
    found = {member.belongs_to: member.missing for member in ledgers.LAYER_PRODUCTS.measure()}
    assert len(found) == 8
    for layer in Layer.objects.all():
        missing = found[frozenset({str(layer.pk), str(layer.system_id)})]
        assert bool(missing) == (layer.system_id == systems[1].pk)


@pytest.mark.failing_fixture("estate.vendor_contacts")
def test_a_vendor_without_contact_or_emergency_number_is_not_covered(enter: Callable[..., Any]) -> None:
    enter(ledgers.VENDORS, name="甲社", telephone="03-0000-0000", email="a@example.jp")
    enter(ledgers.VENDORS, name="乙社", contact="乙山")
    enter(ledgers.VENDORS, name="丙社", emergency_telephone="090-0000-0000")
    assert lacking(ledgers.VENDOR_CONTACTS) == {
        "甲社": ["Contact person", "Emergency telephone"],
        "乙社": ["Emergency telephone"],
        "丙社": ["Contact person"],
    }


def test_a_vendor_with_contact_and_emergency_number_is_covered(enter: Callable[..., Any]) -> None:
    enter(ledgers.VENDORS, name="甲社", contact="甲田", emergency_telephone="090-0000-0000")
    assert lacking(ledgers.VENDOR_CONTACTS) == {"甲社": []}


@pytest.mark.failing_fixture("estate.vendor_contracts")
def test_a_vendor_whose_contract_is_nowhere_is_not_covered(enter: Callable[..., Any]) -> None:
    enter(ledgers.VENDORS, name="甲社", contract_until="2027-03-31")
    assert lacking(ledgers.VENDOR_CONTRACTS) == {"甲社": ["Contract"]}
    Vendor.objects.update(contract=" \u3000")
    assert lacking(ledgers.VENDOR_CONTRACTS) == {"甲社": ["Contract"]}


def test_a_contract_that_has_run_out_covers_nothing(enter: Callable[..., Any], at_nine: clock.FixedClock) -> None:
    """Its last day still counts, in the facility's time."""
    enter(ledgers.VENDORS, name="甲社", contract="保守契約第3号", contract_until="2026-11-21")
    assert lacking(ledgers.VENDOR_CONTRACTS) == {"甲社": []}
    at_nine.moment += timedelta(hours=15)
    assert lacking(ledgers.VENDOR_CONTRACTS) == {"甲社": ["Contract in force"]}


def test_a_vendor_with_a_contract_is_covered(enter: Callable[..., Any]) -> None:
    enter(ledgers.VENDORS, name="甲社", contract="保守契約第3号（事務室の金庫）")
    assert lacking(ledgers.VENDOR_CONTRACTS) == {"甲社": []}


@pytest.mark.failing_fixture("estate.link_particulars")
def test_a_line_without_other_end_or_carrier_and_a_lan_without_site_are_not_covered(
    enter: Callable[..., Any],
) -> None:
    enter(ledgers.LINKS, **VPN, site=enter(ledgers.SITES, name="本館"))
    enter(ledgers.LINKS, **{**VPN, "name": "専用線", "line": "leased", "peer": "分院"})
    enter(ledgers.LINKS, name="院内LAN", line="lan", peer="分院", carrier=enter(ledgers.VENDORS, name="甲社"))
    enter(ledgers.LINKS, name="院内無線", line="wireless_lan")
    assert lacking(ledgers.LINK_PARTICULARS) == {
        "保守回線": ["Connected to", "Carrier"],
        "専用線": ["Carrier"],
        "院内LAN": ["Site"],
        "院内無線": ["Site"],
    }


def test_every_kind_of_line_with_its_particulars_is_covered(enter: Callable[..., Any]) -> None:
    carrier, site = enter(ledgers.VENDORS, name="甲社"), enter(ledgers.SITES, name="本館")
    for kind in LineKind.values:
        inside = kind in {"lan", "wireless_lan"}
        more = {"site": site} if inside else {"peer": "分院", "carrier": carrier}
        enter(ledgers.LINKS, name=kind, line=kind, **more)
    assert lacking(ledgers.LINK_PARTICULARS) == {kind: [] for kind in LineKind.values}


@every_coverage
def test_nothing_entered_is_no_member_and_no_coverage(coverage: Coverage) -> None:
    assert members(coverage) == []


@every_coverage
def test_what_is_closed_is_no_member(
    coverage: Coverage, estate: Mapping[Any, Entry], close: Callable[..., Entry]
) -> None:
    assert members(coverage)
    for ledger, entry in estate.items():
        close(ledger, entry)
    assert members(coverage) == []


@every_coverage
def test_members_belong_to_subjects_that_are_judged(coverage: Coverage, estate: Mapping[Any, Entry]) -> None:
    assert estate
    judged = [{subject.id for subject in EstateSubjects().subjects(kind)} for kind in KINDS[coverage]]
    for member in members(coverage):
        assert len(member.belongs_to) == len(judged)
        assert all(member.belongs_to & ids for ids in judged)
    named = set().union(*(member.belongs_to for member in members(coverage)))
    assert named == set().union(*judged), "every subject is told of"


@every_coverage
def test_the_number_of_queries_does_not_grow(
    coverage: Coverage, enter: Callable[..., Any], django_assert_num_queries: Any
) -> None:
    vendor, site = enter(ledgers.VENDORS, name="甲社"), enter(ledgers.SITES, name="本館")
    department = enter(ledgers.DEPARTMENTS, name="事務部")
    for number in range(5):
        enter(ledgers.VENDORS, name=f"乙社{number}")
        owned = {"vendor": vendor, "department": department, "site": site}
        enter(ledgers.SYSTEMS, **{**EMR, "name": f"系{number}", "form": SystemForm.ON_PREMISES, **owned})
        enter(ledgers.LINKS, **{**VPN, "name": f"回線{number}", "carrier": vendor, "site": site})
    assert Link.objects.count() == 5
    with django_assert_num_queries(1):
        assert len(members(coverage)) >= 5
