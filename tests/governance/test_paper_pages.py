"""The Fit&Gap to take away: the same numbers in page, API, workbook and PDF, and nothing typed becomes a command."""

import hashlib
import io
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.catalog import Catalog

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.governance.errors import VerdictsOld
from sekisho.governance.jobs import judge as judge_job
from sekisho.governance.models import JudgedEdition, StoredVerdict
from sekisho.governance.queries.editions import edition
from sekisho.governance.queries.fit_gap import fit_gap
from sekisho.governance.queries.world import subjects_of
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.checks import check_control
from sekisho.governance.services.currency import are_old, require_current
from sekisho.governance.services.exceptions import ExceptionDraft, open_exception
from sekisho.governance.services.overview import make_overview
from sekisho.governance.views.fit_gap import MOST_GAPS, lines
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.dates import Calendar
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.services import approve
from sekisho.ui.display import Display
from tests.conftest import MORNING
from tests.governance.pages import judge, page
from tests.governance.working import OPERATOR, PLANNER

pytestmark = pytest.mark.django_db
JAPANESE = Display("ja", Calendar.WAREKI)
HOSTILE = '=HYPERLINK("x") #panic() $x$ <b>*患者*</b> \\ 〜髙﨑'


@pytest.fixture
def client(at_nine: clock.FixedClock, signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture
def estate(operator: Actor) -> None:
    """A small clinic, with a system whose name tries everything."""
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所内科クリニック", "kind": "clinic"})
    for name in (HOSTILE, "電子カルテ"):
        add_entry(actor=operator, ledger=ledgers.SYSTEMS, values={"name": name, "kind": "emr", "form": "on_premises"})
    judge()


def workbook(client: Client) -> openpyxl.Workbook:
    answer = client.get(reverse("governance:fit-gap-workbook"))
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def pdf(client: Client) -> pypdf.PdfReader:
    answer = client.get(reverse("governance:fit-gap-pdf"))
    assert answer.status_code == 200, answer.content
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    return pypdf.PdfReader(io.BytesIO(answer.content))


def compact(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_page_api_workbook_and_pdf_say_the_same(client: Client, estate: None) -> None:
    """Row by row: verdict and n of N; and the counts above."""
    said = client.get("/api/v1/governance/requirements").json()["requirements"]
    with override("ja"):
        expected = {row["id"]: (str(Verdict(row["verdict"]).label), row["n"], row["N"]) for row in said}
    sheet = workbook(client).worksheets[0]
    rows = [row for row in sheet.iter_rows(values_only=True) if str(row[0]).startswith("SO-")]
    assert {row[0]: (row[5], row[6], row[7]) for row in rows} == expected
    assert [row[0] for row in rows] == [row.id for row in edition().rows]
    text = compact("".join(found.extract_text() for found in pdf(client).pages))
    state = fit_gap()
    with override("ja"):
        for line in lines(state, JAPANESE):
            numbers = "" if line.is_parent and not line.total else f"{line.conforming}/{line.total}"
            assert compact(f"{line.title}{line.verdict.label}{numbers}") in text, line.id
    leaves = {leaf.id for leaf in edition().leaves}
    counted = Counter(row["verdict"] for row in said if row["id"] in leaves)
    html = page(client, "requirements")
    shown = dict(re.findall(r'href="/requirements/(SO-[^/"]+)/">.*?</span>([^<]+</span> \d+/\d+)', html, re.DOTALL))
    for name, (label, conforming, total) in expected.items():
        assert shown[name] == f"{label}</span> {conforming}/{total}", name
    for verdict, number in counted.items():
        assert state.leaves_by_verdict()[Verdict(verdict)] == number
        assert re.search(rf"verdict={verdict}[^>]*>[^<]*(<[^>]*>[^<]*)*?{number}", html), verdict


def test_what_is_missing_is_named_with_its_subjects(client: Client, estate: None) -> None:
    """And more than a handful is counted, not hidden."""
    with override("ja"):
        by_id = {line.id: line for line in lines(fit_gap(), JAPANESE)}
    gaps = by_id["SO-2-1"].gaps
    assert gaps and all(gap.endswith("（2/2）") for gap in gaps)
    assert all(len(line.gaps) <= MOST_GAPS + 1 for line in by_id.values())
    sheet = workbook(client).worksheets[0]
    missing = {row[0]: row[8] for row in sheet.iter_rows(values_only=True) if str(row[0]).startswith("SO-")}
    assert missing["SO-2-1"] == "\n".join(gaps)


def test_what_somebody_typed_is_text_everywhere(client: Client, estate: None) -> None:
    """No formula in the workbook; no command of the typesetter, which would fail or vanish."""
    sheet = workbook(client).worksheets[1]
    found = [row for row in sheet.iter_rows() if row[3].value == HOSTILE]
    assert found
    assert all(row[3].data_type == "s" for row in found)


def test_the_workbook_is_ready_to_print(client: Client, estate: None) -> None:
    """Headings frozen and repeated, a filter, A4, one page wide."""
    for sheet in workbook(client).worksheets:
        assert sheet.freeze_panes
        assert sheet.auto_filter.ref
        assert sheet.print_title_rows
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 0)


def test_the_pdf_is_a4_with_number_edition_seals_and_page_numbers(client: Client, estate: None) -> None:
    """Every page; fonts come along, none is left to the reader's machine."""
    pages = pdf(client).pages
    assert len(pages) > 3
    for number, found in enumerate(pages, start=1):
        assert [round(float(side)) for side in found.mediabox[2:]] == [595, 842]
        text = compact(found.extract_text())
        assert "SK-FG-" in text
        assert f"{number}/{len(pages)}" in text
        fonts = [font.get_object() for font in found["/Resources"]["/Font"].values()]
        for font in fonts:
            descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)
    first = compact(pages[0].extract_text())
    assert all(word in first for word in ("関所内科クリニック", "作成", "確認", "承認"))


def test_before_anything_was_judged_the_papers_say_so(client: Client) -> None:
    """Every row stands there as not assessed; an empty list would look like nothing to do."""
    rows = [row for row in workbook(client).worksheets[0].iter_rows(values_only=True) if str(row[0]).startswith("SO-")]
    assert len(rows) == 130
    assert {row[5] for row in rows} == {"未評価"}
    assert "まだ" in "".join(found.extract_text() for found in pdf(client).pages[:1])


def test_in_english(client: Client, estate: None) -> None:
    client.cookies["sekisho_language"] = "en"
    assert workbook(client).worksheets[0].title == "Fit&Gap"
    text = pdf(client).pages[0].extract_text()
    assert "Approved by" in text
    assert not re.search("[ぁ-ん]{4,}", text.replace("関所内科クリニック", ""))


def test_oscal_is_valid_and_says_the_same(client: Client, estate: None) -> None:
    """As the reference implementation reads it; satisfied is what conforms, and nothing else."""
    book = Catalog.parse_obj(client.get(reverse("governance:oscal-catalog")).json()["catalog"])
    controls = [control for group in book.groups for top in group.controls for control in _with_children(top)]
    assert [control.id for control in controls] == [row.id for row in edition().rows]
    answer = client.get(reverse("governance:oscal-results"))
    results = AssessmentResults.parse_obj(answer.json()["assessment-results"])
    said = {row["id"]: row for row in client.get("/api/v1/governance/requirements").json()["requirements"]}
    leaves = {leaf.id: said[leaf.id] for leaf in edition().leaves}
    (result,) = results.results
    found = {finding.target.target_id.removesuffix("_smt"): finding for finding in result.findings}
    applying = {name for name, row in leaves.items() if row["verdict"] != "not_applicable"}
    assert set(found) == applying
    for name, finding in found.items():
        facts = {prop.name: prop.value for prop in finding.props}
        assert (facts["verdict"], facts["n"], facts["N"]) == (
            leaves[name]["verdict"], str(leaves[name]["n"]), str(leaves[name]["N"]),
        )  # fmt: skip
        satisfied = finding.target.status.state.value == "satisfied"
        assert satisfied == (leaves[name]["verdict"] == "conforming")
    (selection,) = result.reviewed_controls.control_selections
    assert {one.control_id for one in selection.exclude_controls} == set(leaves) - applying
    assert result.observations
    assert client.get(reverse("governance:oscal-results")).content == answer.content, "the same state, the same bytes"


def _with_children(control: Any) -> Iterator[Any]:
    yield control
    for child in control.controls or ():
        yield from _with_children(child)


def test_without_a_judgement_there_are_no_results(client: Client) -> None:
    """An empty document would look like an assessment."""
    answer = client.get(reverse("governance:oscal-results"))
    assert answer.status_code == 409


def test_the_page_of_papers_leads_to_each_of_them(client: Client, estate: None) -> None:
    make_overview(actor=platform("test"))
    html = page(client, "papers")
    addresses = re.findall(r'<th scope="row"><a href="(/papers/[^"]+)"', html)
    assert len(addresses) == 11
    assert all(client.get(address).status_code == 200 for address in addresses)


PAPERS = ("fit-gap-workbook", "fit-gap-pdf", "oscal-results")


@pytest.mark.parametrize("name", PAPERS)
def test_no_paper_is_made_of_proofs_that_have_run_out(
    client: Client, estate: None, at_nine: clock.FixedClock, name: str
) -> None:
    """The worker stood still for sixty days: what was proven then is not printed as proven now; then it runs again."""
    assert client.get(reverse(f"governance:{name}")).status_code == 200
    assert StoredVerdict.objects.update(look_again_at=MORNING + timedelta(minutes=1))
    at_nine.moment = MORNING + timedelta(minutes=2)
    refused = client.get(reverse(f"governance:{name}"))
    assert refused.status_code == 409, "within the hour too"
    assert "governance.verdicts_old" in refused.content.decode()
    assert "Content-Disposition" not in refused.headers
    judge()
    assert client.get(reverse(f"governance:{name}")).status_code == 200


@pytest.mark.parametrize("name", PAPERS)
def test_what_changed_within_the_hour_is_still_printed_and_later_not(
    client: Client, operator: Actor, at_nine: clock.FixedClock, signed_in: Callable[..., Client], name: str
) -> None:
    """They are computed each minute; an hour on, nobody computes them."""
    judge()
    at_nine.moment = MORNING + timedelta(minutes=2)
    add_entry(actor=operator, ledger=ledgers.SYSTEMS, values={"name": "予約", "kind": "reservation", "form": "cloud"})
    assert client.get(reverse(f"governance:{name}")).status_code == 200
    at_nine.moment = MORNING + timedelta(minutes=61)
    assert signed_in(Role.AUDITOR).get(reverse(f"governance:{name}")).status_code == 409


def test_papers_are_made_of_verdicts_that_nothing_changed_for(client: Client, at_nine: clock.FixedClock) -> None:
    """However long ago they were computed: where the worker stands still, the paper looks itself. Pages warn."""
    judge()
    StoredVerdict.objects.update(look_again_at=None)
    at_nine.moment = MORNING + timedelta(minutes=50)
    assert not are_old()
    at_nine.moment = MORNING + timedelta(hours=5)
    assert are_old()
    require_current()
    at_nine.moment = MORNING - timedelta(hours=5)
    assert are_old(), "a judgement dated in the future"
    with pytest.raises(VerdictsOld):
        require_current()


def test_a_look_from_a_clock_that_ran_ahead_is_none(at_nine: clock.FixedClock) -> None:
    judge()
    StoredVerdict.objects.update(look_again_at=None)
    with clock.use(clock.FixedClock(MORNING + timedelta(days=2))):
        judge_job.run()
    JudgedEdition.objects.update(judged_at=MORNING, whole_at=MORNING)
    assert are_old()
    judge_job.run()
    assert not are_old()


def test_list_and_overview_say_that_the_verdicts_are_old(client: Client, estate: None) -> None:
    """In words; the catalog of the edition rests on no verdict and is made all the same."""
    client.cookies["sekisho_language"] = "en"
    make_overview(actor=platform("test"))
    said = "Something may have changed since the verdicts were computed"
    assert said not in page(client, "requirements")
    assert said not in client.get("/").content.decode()
    assert StoredVerdict.objects.update(look_again_at=MORNING - timedelta(minutes=1))
    assert said in page(client, "requirements")
    assert said in client.get("/").content.decode()
    assert client.get(reverse("governance:oscal-catalog")).status_code == 200


def test_the_papers_for_an_inspection_are_one_file_that_names_what_is_not_in_it(
    client: Client, estate: None, operator: Actor
) -> None:
    """Every file with its SHA-256; a vendor's checklist for each vendor."""
    add_entry(actor=operator, ledger=ledgers.VENDORS, values={"name": HOSTILE, "emergency_telephone": "090-0000-0000"})
    answer = client.get(reverse("governance:inspection-pack"))
    assert answer.status_code == 200, answer.content
    pack = zipfile.ZipFile(io.BytesIO(answer.content))
    names = pack.namelist()
    assert len(names) == 7
    assert all("/" not in name and ".." not in name for name in names)
    listed = pack.read(names[0]).decode("utf-8-sig")
    for name in names[1:]:
        assert f"{name}\r\n  SHA-256 {hashlib.sha256(pack.read(name)).hexdigest()}" in listed
    assert "MDS/SDS" in listed
    assert listed.count("\r\n- ") > 20, "no document was approved yet"
    overview = next(name for name in names if "連絡先" in name)
    text = compact("".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(pack.read(overview))).pages))
    assert "090-0000-0000" in text
    assert "電子カルテ" in text


def test_the_index_of_evidence_names_every_run_with_its_hash(client: Client, estate: None) -> None:
    run = check_control(actor=platform("test"), control_id="people.platform_lockout")
    answer = client.get(reverse("governance:evidence-workbook"))
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert [row[5] for row in rows if row[1] == "people.platform_lockout"] == [run.digest]


@pytest.fixture
def excepted(estate: None) -> str:
    """An exception for one of two systems, approved; return the system's id."""
    subject = next(one for one in subjects_of(SubjectKind.SYSTEM) if one.label == "電子カルテ")
    draft = ExceptionDraft("SO-2-1", (subject.id,), "更新まで待つ #panic()", "立会いで行う", date(2027, 3, 31))
    application = open_exception(actor=OPERATOR, draft=draft)
    approve(actor=PLANNER, application_id=application, version=1)
    return subject.id


def test_exceptions_stand_beside_the_verdicts_on_every_paper(client: Client, excepted: str) -> None:
    """They turn none; the register of exceptions is in the pack."""
    book = workbook(client)
    rows = {row[0]: row for row in book.worksheets[0].iter_rows(values_only=True) if str(row[0]).startswith("SO-")}
    assert "立会いで行う" in rows["SO-2-1"][10]
    assert rows["SO-2-1"][5] != "適合"
    assert [name for name, row in rows.items() if row[10]] == ["SO-2-1"]
    by_subject = [row for row in book.worksheets[1].iter_rows(values_only=True) if row[8] and "立会い" in row[8]]
    assert [(row[0], row[3]) for row in by_subject] == [("SO-2-1", "電子カルテ")]
    assert "立会いで行う" in compact("".join(found.extract_text() for found in pdf(client).pages))
    pack = zipfile.ZipFile(io.BytesIO(client.get(reverse("governance:inspection-pack")).content))
    texts = [
        compact("".join(found.extract_text() for found in pypdf.PdfReader(io.BytesIO(pack.read(name))).pages))
        for name in pack.namelist()
        if name.endswith(".pdf")
    ]
    assert sum("更新まで待つ#panic()" in text and "立会いで行う" in text for text in texts) == 1


def test_the_register_of_exceptions_says_that_there_is_none_and_which_have_ended(
    client: Client, excepted: str, at_nine: clock.FixedClock, signed_in: Callable[..., Client]
) -> None:
    def said(reader: Client) -> str:
        reader.cookies["sekisho_language"] = "en"
        answer = reader.get(reverse("governance:exceptions-pdf"))
        assert answer.status_code == 200, answer.content
        return compact(pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text())

    assert "2027-03-31" in said(client)
    assert "Ended" not in said(client)
    at_nine.moment = MORNING + timedelta(days=200)
    assert "Ended" in said(signed_in(Role.AUDITOR))


def test_without_exceptions_the_list_has_no_column_for_them(client: Client, estate: None) -> None:
    client.cookies["sekisho_language"] = "en"
    assert "Exceptionsinforce" not in compact(pdf(client).pages[0].extract_text())
    answer = client.get(reverse("governance:exceptions-pdf"))
    assert "Thereisnoapprovedexception" in compact(pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text())


@pytest.mark.full
def test_libreoffice_opens_the_workbooks_and_shows_every_line(client: Client, estate: None, tmp_path: Path) -> None:
    """As a clinic without Excel does; skipped loudly where it is not installed."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: nobody looked whether it opens the workbooks")
    (tmp_path / "list.xlsx").write_bytes(client.get(reverse("governance:fit-gap-workbook")).content)
    command = [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(tmp_path / "list.xlsx")], check=True, timeout=180)
    text = compact("".join(found.extract_text() for found in pypdf.PdfReader(tmp_path / "list.pdf").pages))
    with override("ja"):
        for line in lines(fit_gap(), JAPANESE):
            assert compact(line.title) in text, line.id
            assert all(compact(gap) in text for gap in line.gaps), line.id
