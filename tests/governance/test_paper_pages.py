"""The Fit&Gap to take away: the same numbers in page, API, workbook and PDF, and nothing typed becomes a command."""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
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
from sekisho.governance.queries.editions import edition
from sekisho.governance.queries.fit_gap import fit_gap
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.views.fit_gap import MOST_GAPS, lines
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from tests.governance.pages import judge, page

pytestmark = pytest.mark.django_db
HOSTILE = '=HYPERLINK("x") #panic() $x$ <b>*患者*</b> \\ 〜髙﨑'


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
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
        for line in lines(state, "ja"):
            numbers = "" if line.is_parent and not line.total else f"{line.conforming}/{line.total}"
            assert compact(f"{line.title}{line.verdict.label}{numbers}") in text, line.id
    leaves = {leaf.id for leaf in edition().leaves}
    counted = Counter(row["verdict"] for row in said if row["id"] in leaves)
    html = page(client, "requirements")
    for verdict, number in counted.items():
        assert state.leaves_by_verdict()[Verdict(verdict)] == number
        assert re.search(rf"verdict={verdict}[^>]*>[^<]*(<[^>]*>[^<]*)*?{number}", html), verdict


def test_what_is_missing_is_named_with_its_subjects(client: Client, estate: None) -> None:
    """And more than a handful is counted, not hidden."""
    with override("ja"):
        by_id = {line.id: line for line in lines(fit_gap(), "ja")}
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
    html = page(client, "papers")
    addresses = re.findall(r'<th scope="row"><a href="(/papers/[^"]+)"', html)
    assert len(addresses) == 4
    assert all(client.get(address).status_code == 200 for address in addresses)
