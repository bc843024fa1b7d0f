"""The books about vendors: each vendor with each of its systems is covered by itself, never by one good paper."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sekisho.estate import ledgers, services
from sekisho.estate.errors import InUse
from sekisho.estate.ledgers import CONTRACTS, DISCLOSURES, RESPONSIBILITIES
from sekisho.estate.ledgers.vendor_coverage import _EMERGENCY, _NORMAL
from sekisho.estate.models import Contract, Duty, Layer, System
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from tests.estate.conftest import CARRIER, CLOUD, EMR, SPRING, Lacking

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
Clinic = Mapping[str, Any]
NO_CONTRACT = ["A contract in force, confirmed in time"]
NO_PAPER = ["A paper of the vendor about this product, confirmed in time"]
MAINTENANCE: dict[str, Any] = {"title": "保守契約 2026-04-01", "kind": "maintenance", "valid_until": date(2027, 3, 31)}
MDS: dict[str, Any] = {
    "kind": "mds",
    "product": "電子カルテA",
    "product_version": "5.2",
    "form_version": "Ver.5.0",
    "written_on": SPRING,
    "received_on": SPRING,
    "kept_at": "事務室の棚",
    "supporting_papers": "設定の写し",
    "version_checked_on": SPRING,
    "correct_on": SPRING,
    "open_questions": 0,
    "compared_on": SPRING,
    "gaps": "なし",
    "settled_on": SPRING,
    "own_settings": "利用者の登録（事務長）",
    "reported_on": SPRING,
}


@pytest.mark.failing_fixture("estate.take_out_clauses")
@pytest.mark.failing_fixture("estate.erasure_clauses")
@pytest.mark.failing_fixture("estate.secrecy_clauses")
@pytest.mark.parametrize(
    ("name", "clauses"),
    [
        ("take_out_clauses", {"take_out_clause": "第5条"}),
        ("erasure_clauses", {"erasure_clause": "第6条"}),
        ("secrecy_clauses", {"secrecy_clause": "第7条", "subcontracting": "no"}),
    ],
)
def test_a_clause_holds_for_the_systems_of_its_contract_alone(
    clinic: Clinic, keep: Callable[..., Any], lacking: Lacking, name: str, clauses: dict[str, Any]
) -> None:
    assert lacking(name) == {EMR: NO_CONTRACT, CLOUD: NO_CONTRACT, CARRIER: NO_CONTRACT}
    keep(CONTRACTS, **MAINTENANCE, vendor=clinic["maker"], system=clinic["emr"])
    assert lacking(name)[EMR] not in ([], NO_CONTRACT), "a contract without the clause is none of what is asked for"
    memorandum = {"title": "覚書", "kind": "secrecy", "vendor": clinic["maker"], "system": clinic["emr"]}
    keep(CONTRACTS, **memorandum, **clauses)
    assert lacking(name) == {EMR: [], CLOUD: NO_CONTRACT, CARRIER: NO_CONTRACT}
    apart = {"personal_data": "none", "personal_data_ground": "約款第2条"}
    keep(CONTRACTS, title="回線契約", kind="line", vendor=clinic["carrier"], **apart)
    keep(CONTRACTS, title="予約の約款", kind="service", vendor=clinic["maker"], system=clinic["cloud"], **apart)
    found = lacking(name)
    assert found[CARRIER] == [], "who does not come near personal data, and says where, needs no such clause"
    assert found[CLOUD] not in ([], NO_CONTRACT), "whoever runs a system that holds them comes near them"


def test_a_contract_that_ran_out_or_that_nobody_confirmed_holds_nothing(
    clinic: Clinic, keep: Callable[..., Any], lacking: Lacking, at_nine: clock.FixedClock
) -> None:
    whole = keep(CONTRACTS, **MAINTENANCE, vendor=clinic["maker"], take_out_clause="第5条")
    assert lacking("take_out_clauses") == {EMR: [], CLOUD: [], CARRIER: NO_CONTRACT}
    Contract.objects.update(confirmed_at=clock.now() - timedelta(days=366))
    assert lacking("take_out_clauses")[EMR] == NO_CONTRACT
    Contract.objects.update(confirmed_at=clock.now(), valid_until=date(2026, 11, 20))
    assert lacking("take_out_clauses")[EMR] == NO_CONTRACT
    Contract.objects.filter(pk=whole.pk).delete()
    assert "CT-00001" in lacking("take_out_clauses"), "an entry that vanished stays in the number of all"


@pytest.mark.failing_fixture("estate.storage_clauses")
@pytest.mark.failing_fixture("estate.remote_clauses")
@pytest.mark.failing_fixture("estate.format_undertakings")
def test_systems_are_covered_by_the_contracts_of_their_vendors(
    clinic: Clinic, keep: Callable[..., Any], lacking: Lacking
) -> None:
    System.objects.filter(pk=clinic["emr"].pk).update(remote_maintenance=True)
    assert lacking("storage_clauses") == {CLOUD: NO_CONTRACT}, "what stands here is stored with nobody"
    assert lacking("remote_clauses") == {EMR: NO_CONTRACT}
    clauses = {"access_clause": "第3条", "format_clause": "第4条", "remote_clause": "別紙2", "personal_data": "handles"}
    entry = keep(CONTRACTS, **MAINTENANCE, vendor=clinic["maker"], **clauses)
    assert lacking("format_undertakings") == {EMR: [], CLOUD: []}
    assert lacking("remote_clauses") == {EMR: []}
    assert lacking("storage_clauses") == {
        CLOUD: ["Where the contract says so about personal data", "Supervision by the facility: clause"]
    }
    Contract.objects.filter(pk=entry.pk).update(personal_data="stores", personal_data_ground="第1条")
    assert lacking("storage_clauses") == {CLOUD: []}, "who stores only needs no supervision, yet must not look inside"
    System.objects.filter(pk=clinic["emr"].pk).update(vendor=None)
    assert lacking("format_undertakings")["電子カルテ"] == ["Vendor"]
    Layer.objects.filter(system=clinic["emr"], kind="network").update(vendor=clinic["carrier"])
    assert lacking("remote_clauses") == {"乙通信 / 電子カルテ": NO_CONTRACT}, "whoever looks after a layer counts"


@pytest.mark.failing_fixture("estate.vendor_information")
@pytest.mark.failing_fixture("estate.vendor_fit")
@pytest.mark.failing_fixture("estate.vendor_disclosures")
@pytest.mark.parametrize(
    ("name", "wrong", "lacks"),
    [
        ("vendor_information", {"correct_on": None}, "Vendor confirmed it is correct on"),
        ("vendor_information", {"version_checked_on": date(2027, 1, 1)}, "Version compared with the one in use on"),
        ("vendor_fit", {"gaps": "、"}, "Gaps left"),
        ("vendor_fit", {"own_settings": ""}, "Settings on our side, and by whom"),
        ("vendor_disclosures", {"open_questions": 3}, "Questions without an answer"),
        ("vendor_disclosures", {"open_questions": None}, "Questions without an answer"),
    ],
)
def test_every_paper_about_every_product_must_be_good(
    clinic: Clinic, keep: Callable[..., Any], lacking: Lacking, name: str, wrong: dict[str, Any], lacks: str
) -> None:
    assert lacking(name) == {EMR: NO_PAPER, CLOUD: NO_PAPER, CARRIER: NO_PAPER}
    keep(DISCLOSURES, vendor=clinic["carrier"], kind="sla", product="回線")
    keep(DISCLOSURES, **MDS, vendor=clinic["maker"], system=clinic["emr"])
    assert lacking(name) == {EMR: [], CLOUD: NO_PAPER, CARRIER: NO_PAPER}, "an SLA alone shows no measures"
    keep(DISCLOSURES, **{**MDS, "kind": "sds", "product": "予約", **wrong}, vendor=clinic["maker"])
    found = lacking(name)
    assert found[CLOUD] == [lacks]
    assert found[EMR] == ([] if "own_settings" in wrong else [lacks]), "one good paper makes up for no bad one"


@pytest.mark.failing_fixture("estate.normal_duties")
@pytest.mark.failing_fixture("estate.emergency_duties")
@pytest.mark.parametrize(("name", "duties"), [("normal_duties", _NORMAL), ("emergency_duties", _EMERGENCY)])
def test_every_duty_is_somebodys_and_was_agreed_and_reported(
    clinic: Clinic, keep: Callable[..., Any], lacking: Lacking, name: str, duties: Mapping[Duty, Any]
) -> None:
    line = {"vendor": clinic["maker"], "agreed_on": SPRING, "reported_on": SPRING}
    rest = Duty.NORMAL_REST if name == "normal_duties" else Duty.EMERGENCY_REST
    whole = {"bearer": "vendor", "clause": "約款第9条"}
    keep(RESPONSIBILITIES, **{**line, **whole, "vendor": clinic["carrier"]}, duty=rest)
    keep(RESPONSIBILITIES, **line, **whole, duty=rest)
    first, second, *others = duties
    for duty in others:
        keep(RESPONSIBILITIES, **line, duty=duty, bearer="facility")
    keep(RESPONSIBILITIES, **line, duty=first, bearer="shared", clause="第2条", description=" ")
    keep(RESPONSIBILITIES, **{**line, "reported_on": None}, duty=second, bearer="facility", system=clinic["emr"])
    found = lacking(name)
    both = [str(Duty(duty).label) for duty in (first, second)]
    assert found == {EMR: both, CLOUD: both, CARRIER: []}, "all in one line is enough for who has no system here"
    keep(RESPONSIBILITIES, **line, duty=second, bearer="vendor", clause="第4条", system=clinic["cloud"])
    assert lacking(name)[CLOUD] == both[:1]


def test_every_duty_has_a_title_and_belongs_to_one_time() -> None:
    rest = {Duty.NORMAL_REST, Duty.EMERGENCY_REST, Duty.OTHER}
    assert set(_NORMAL) | set(_EMERGENCY) | rest == set(Duty)
    assert {duty: title.msgid for duty, title in (_NORMAL | _EMERGENCY).items()} == {
        duty: str(duty.label) for duty in (_NORMAL | _EMERGENCY)
    }


def test_a_vendor_or_system_that_a_book_speaks_of_is_not_closed(
    clinic: Clinic, keep: Callable[..., Any], operator: Actor
) -> None:
    keep(CONTRACTS, **MAINTENANCE, vendor=clinic["carrier"])
    with pytest.raises(InUse, match="保守契約"):
        services.close_entry(
            actor=operator, ledger=ledgers.VENDORS, entry_id=clinic["carrier"].pk, version=1, reason="解約"
        )


def test_a_contract_is_entered_found_taken_away_and_read_back(clinic: Clinic, signed_in: Callable[..., Client]) -> None:
    client, address = signed_in(Role.SYSTEM_OPERATOR), "/estate/contracts/"
    values = {"title": "保守契約", "kind": "maintenance", "vendor": clinic["maker"].pk, "valid_until": "R9.3.31"}
    answer = client.post(f"{address}new/", values)
    assert answer.status_code == 302
    assert "甲社" in client.get(answer.headers["Location"]).content.decode()
    taken = client.get(f"{address}export.csv").content
    answer = client.post(f"{address}import/", {"file": SimpleUploadedFile("x.csv", taken)})
    assert (answer.status_code, Contract.objects.get().version) == (200, 1)
    assert client.get("/api/v1/estate/contracts").json()["entries"][0]["valid_until"] == "2027-03-31"
    assert client.get("/api/v1/estate/vendors").json()["count"] == 2, "the estate's own lists are still found"
