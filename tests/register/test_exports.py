"""Taking events out: each form says what the log says, each event can be checked without us."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from django.db import transaction
from django.test import Client
from fhir.resources.R4B.bundle import Bundle
from openpyxl import load_workbook

from sekisho.estate.actions import EstateAction
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.register.exports.dicom import audit_message
from sekisho.register.exports.fhir import audit_event
from sekisho.register.exports.tables import HEADINGS, csv_line, row
from sekisho.register.models import Event
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append, exporting, integrate
from sekisho.register.services.indexing import follow_log
from sekisho_verify.cli import main
from tests.register.index_log import document

PATIENT = "0001234"
FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture
def logged(db: None, operator: Actor) -> int:
    """300 events about one patient in the log, half of them in the index, and one that waits."""
    actor = replace(operator, session="01978f6e-3a00-7000-8000-00000000beef", network="192.0.2.9", device="PC-7")
    with transaction.atomic():
        for number in range(300):
            reason = FORMULA if number == 7 else ""
            subject = SubjectRef("patient", PATIENT, "患者 一")
            append(actor=actor, action=EstateAction.CHANGE, subject=subject, patient=PATIENT, reason=reason)
    integrate(limit=150)
    follow_log()
    integrate()
    with transaction.atomic():
        append(actor=actor, action=EstateAction.CHANGE, patient=PATIENT)
    return 300


def taken(client: Client, form: str, **filters: str) -> zipfile.ZipFile:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    answer = client.post(f"/register/export/?{query}", {"format": form})
    assert answer.status_code == 200, answer.content
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a streaming answer
    event = Event.objects.get(action="register.export", subject_id=hashlib.sha256(data).hexdigest())
    assert json.loads(event.entry)["details"]["sha256"] == event.subject_id
    return zipfile.ZipFile(io.BytesIO(data))


def proven(archive: zipfile.ZipFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Check a few of the proofs with the verifier and return all of their names."""
    names = sorted(name for name in archive.namelist() if name.startswith("proofs/"))
    archive.extractall(tmp_path)
    for name in [*names[:3], *names[-3:]]:
        assert main(["--proof", str(tmp_path / name), "--key", str(tmp_path / "log.vkey"), "--json"]) in {0, 2}
        said = json.loads(capsys.readouterr().out)
        assert said["facts"]["index"] == int(Path(name).stem)
        assert "proof.differs" not in json.dumps(said)
    return set(names)


def test_csv_with_proofs(
    logged: int, signed_in: Callable[..., Client], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = taken(signed_in(Role.AUDITOR), "csv", patient=PATIENT)
    data = archive.read("events.csv")
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert [int(line[0]) for line in rows[1:]] == list(range(299, -1, -1))
    assert rows[-8][17] == "'" + FORMULA
    assert rows[1][HEADINGS.index(HEADINGS[11])] == PATIENT
    assert len(proven(archive, tmp_path, capsys)) == logged


def test_a_proof_of_another_event_is_refused(
    logged: int, signed_in: Callable[..., Client], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = taken(signed_in(Role.AUDITOR), "csv", patient=PATIENT)
    archive.extractall(tmp_path)
    proof = tmp_path / "proofs/7.tlog-proof"
    proof.write_bytes(proof.read_bytes().replace(b"index 7\n", b"index 8\n"))
    assert main(["--proof", str(proof), "--key", str(tmp_path / "log.vkey")]) == 1
    capsys.readouterr()


def test_excel(logged: int, signed_in: Callable[..., Client]) -> None:
    archive = taken(signed_in(Role.AUDITOR), "xlsx", patient=PATIENT)
    sheet = load_workbook(io.BytesIO(archive.read("events.xlsx"))).active
    assert sheet is not None
    cells = [line for line in sheet.iter_rows(values_only=True) if isinstance(line[0], int)]
    assert len(cells) == logged
    assert FORMULA in cells[-8]
    assert not any(cell.data_type == "f" for line in sheet.iter_rows() for cell in line)


def test_fhir(logged: int, signed_in: Callable[..., Client]) -> None:
    archive = taken(signed_in(Role.AUDITOR), "fhir", patient=PATIENT)
    bundle = Bundle.model_validate_json(archive.read("events.fhir.json"))
    assert len(bundle.entry) == logged
    assert {entry.resource.entity[0].what.identifier.value for entry in bundle.entry} == {PATIENT}


def test_dicom(logged: int, signed_in: Callable[..., Client]) -> None:
    archive = taken(signed_in(Role.AUDITOR), "dicom", patient=PATIENT)
    messages = [name for name in archive.namelist() if name.startswith("messages/")]
    assert len(messages) == logged
    assert all(ElementTree.fromstring(archive.read(name)).tag == "AuditMessage" for name in messages)


@pytest.mark.parametrize("form", ["csv", "xlsx", "fhir", "dicom"])
def test_nothing_found_is_an_archive_too(logged: int, signed_in: Callable[..., Client], form: str) -> None:
    archive = taken(signed_in(Role.AUDITOR), form, patient="none")
    assert archive.testzip() is None
    if form == "fhir":
        assert json.loads(archive.read("events.fhir.json")) == {"resourceType": "Bundle", "type": "collection"}


def test_too_many_are_refused(logged: int, signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(exporting.MOST, exporting.Format.CSV, 299)
    answer = signed_in(Role.AUDITOR).post(f"/register/export/?patient={PATIENT}", {"format": "csv"})
    assert answer.status_code == 422
    assert not Event.objects.filter(action="register.export", outcome="success").exists()


def test_who_may_not_and_what_there_is_not(logged: int, signed_in: Callable[..., Client]) -> None:
    assert signed_in(Role.STAFF).post("/register/export/", {"format": "csv"}).status_code == 403
    auditor = signed_in(Role.AUDITOR)
    assert auditor.post("/register/export/", {"format": "exe"}).status_code == 422
    assert auditor.get("/register/export/").status_code == 405


def test_a_damaged_log_gives_no_file(logged: int, signed_in: Callable[..., Client], log_folder: Path) -> None:
    bundle = log_folder / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes().replace("患者".encode(), "患人".encode(), 1))
    auditor = signed_in(Role.AUDITOR)
    answer = auditor.post(f"/register/export/?patient={PATIENT}", {"format": "csv"})
    assert answer.status_code == 500
    assert not Event.objects.filter(action="register.export", outcome="success").exists()


READ = document(5, device="PC-7", reason="救急")


def test_the_shape_of_a_read_is_that_of_balp() -> None:
    """BALP 1.1, PatientRead: type, subtype, action, client and server with their roles, user, patient."""
    resource = audit_event(READ, 41, "sekisho-register/x")
    assert resource["meta"]["profile"] == [
        "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"
    ]
    assert (resource["type"]["code"], resource["subtype"][0]["code"], resource["action"]) == ("rest", "read", "R")
    assert (resource["outcome"], resource["outcomeDesc"]) == ("0", "救急")
    client, server, user = resource["agent"]
    assert client["type"]["coding"][0]["code"] == "110152"
    assert (client["who"], client["requestor"]) == ({"display": "PC-7"}, False)
    assert client["network"] == {"address": "192.0.2.17", "type": "2"}
    assert (server["type"]["coding"][0]["code"], server["who"]) == ("110153", {"display": "emr"})
    assert user["type"]["coding"][0]["code"] == "IRCP"
    assert (user["requestor"], user["who"]["identifier"]["value"]) == (True, "p1")
    patient, subject, place = resource["entity"]
    assert (patient["type"]["code"], patient["role"]["code"]) == ("1", "1")
    assert patient["what"]["identifier"]["value"] == "0000005"
    assert (subject["name"], place["what"]["identifier"]["value"]) == ("患者 5", "41")


@pytest.mark.parametrize(
    ("more", "code", "action", "outcome"),
    [
        ({"action": "session.sign_in", "patient": None, "system": None}, "110114", "E", "0"),
        ({"action": "session.sign_in", "patient": None, "system": None, "outcome": "denied"}, "110114", "E", "8"),
        ({"action": "imported.export"}, "110106", "E", "0"),
        ({"action": "imported.search", "outcome": "failure"}, "110112", "E", "4"),
        ({"action": "gate.allow"}, "110110", "E", "0"),
        ({"action": "gate.allow", "patient": None, "subject": None}, "110100", "E", "0"),
        ({"action": "patient.read", "outcome": "denied"}, "110110", "R", "8"),
    ],
)
def test_no_profile_is_claimed_for_what_is_none(more: dict[str, Any], code: str, action: str, outcome: str) -> None:
    resource = audit_event(document(1, **more), 1, "x")
    assert "meta" not in resource
    assert (resource["type"]["code"], resource["action"], resource["outcome"]) == (code, action, outcome)
    assert Bundle.model_validate({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource}]})


def test_fields_of_a_dicom_message() -> None:
    message = ElementTree.fromstring(audit_message(READ, 41, "sekisho-register/x"))
    event = message.find("EventIdentification")
    assert event is not None
    assert event.attrib == {
        "EventActionCode": "R",
        "EventDateTime": "2026-11-21T00:00:05.000000Z",
        "EventOutcomeIndicator": "0",
    }
    assert message.find("EventIdentification/EventID").attrib["csd-code"] == "110110"
    assert message.find("EventIdentification/EventTypeCode").attrib["csd-code"] == "patient.read"
    user, device, system = message.findall("ActiveParticipant")
    assert (user.attrib["UserID"], user.attrib["UserName"], user.attrib["UserIsRequestor"]) == (
        "p1",
        "佐藤 一郎",
        "true",
    )
    assert (user.attrib["NetworkAccessPointID"], user.attrib["NetworkAccessPointTypeCode"]) == ("192.0.2.17", "2")
    assert (device.attrib["UserID"], system.attrib["UserID"]) == ("PC-7", "emr")
    assert message.find("AuditSourceIdentification").attrib["AuditSourceID"] == "sekisho-register/x"
    patient, *_others = message.findall("ParticipantObjectIdentification")
    assert patient.attrib == {
        "ParticipantObjectID": "0000005",
        "ParticipantObjectTypeCode": "1",
        "ParticipantObjectTypeCodeRole": "1",
    }
    order = [child.tag for child in message]
    assert order == sorted(order, key=["EventIdentification", "ActiveParticipant", "AuditSourceIdentification",
                                       "ParticipantObjectIdentification"].index)  # fmt: skip


def test_what_xml_cannot_hold_is_left_out() -> None:
    message = ElementTree.fromstring(audit_message(document(1, reason="a\x00b\x0bc<&>"), 1, "x"))
    assert message.find("EventIdentification/EventOutcomeDescription").text == "abc<&>"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A1", "\t=1", "\r=1", "＝1", "＠"])
def test_no_cell_of_a_csv_file_is_calculated(text: str) -> None:
    line = csv_line(row(document(1, reason=text), 1))
    (cells,) = csv.reader(io.StringIO(line, newline=""))
    assert cells[17] == f"'{text}"
