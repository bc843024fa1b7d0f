"""Claims by HTTP: attested, excluded, handed in, and refused with what was typed kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.governance.forms import files
from sekisho.governance.forms.claims import ClaimForm
from sekisho.governance.queries.editions import CURRENT, edition, mapping, papers
from sekisho.governance.services import claims
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.models import Application
from tests.governance.pages import (
    UNTIL,
    a_file,
    application_of,
    chosen,
    claim,
    content_of,
    field_error,
    files_of,
    ids_of,
    judge,
    page,
    post,
    row_of,
    step,
    words,
)
from tests.governance.working import OPERATOR, draft, system, today

pytestmark = pytest.mark.django_db
ATTESTED, DOCUMENT = "SO-2-3", "documents.operating_procedures"


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    """The operator, who applies."""
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture
def planner(signed_in: Callable[..., Client]) -> Client:
    """The planning manager, who approves."""
    return signed_in(Role.PLANNING_MANAGER)


@pytest.fixture
def facility(operator: Actor) -> str:
    """The facility, and its id as a subject."""
    add_entry(actor=operator, ledger=ledgers.FACILITY, values={"name": "関所内科クリニック", "kind": "clinic"})
    judge()
    return ids_of(SubjectKind.FACILITY)[0]


# Journeys


def test_an_attestation_counts_once_it_is_approved(client: Client, planner: Client, facility: str) -> None:
    form = page(client, "attest", ATTESTED)
    assert chosen(form, "subjects") == [facility], "a single subject is chosen beforehand"
    what = next(proof.what.ja for proof in mapping().leaves[ATTESTED].proofs if proof.kind.value == "attestation")
    assert what in form
    assert f'value="{today() + timedelta(days=365):%Y/%m/%d}"' in form, "the latest day that is allowed"

    application = application_of(post(client, "attest", ATTESTED, subjects=[facility], **claim(files=[a_file()])))
    judge()
    html = page(client, "requirement", ATTESTED)
    assert application.title in html
    assert words("Waiting for approval") in html
    assert f"</span>{words('Proven')}</span>" not in row_of(html, "関所内科クリニック"), "asked for is not approved"

    step(planner, "approve", application)
    judge()
    row = row_of(page(client, "requirement", ATTESTED), "関所内科クリニック")
    assert f"</span>{words('Proven')}</span>" in row
    assert "令和9年6月30日" in row
    assert words("Partly conforming") in row
    step(planner, "revoke", application, "手順書が古かった")
    judge()
    assert f"</span>{words('Proven')}</span>" not in page(client, "requirement", ATTESTED).split("<h2>")[3]


def test_a_reason_why_an_item_does_not_apply(client: Client, planner: Client, facility: str) -> None:
    reason = "紙文書の電子化は行わず、スキャナもない。\n年に一度見直す。"
    form = page(client, "exclude", "SO-16-1")
    assert f'value="{today() + timedelta(days=365):%Y/%m/%d}"' in form
    application = application_of(
        post(client, "exclude", "SO-16-1", subjects=[facility], **claim(statement=reason, kept_at=""))
    )
    step(planner, "approve", application)
    judge()
    row = row_of(page(client, "requirement", "SO-16-1"), "関所内科クリニック")
    assert words("Not applicable") in row
    assert "スキャナもない。<br>年に一度見直す。" in row
    assert "SO-16-1" in page(client, "requirements", query="?verdict=not_applicable")


def test_a_document_for_the_whole_facility(client: Client, planner: Client, facility: str) -> None:
    html = page(client, "documents")
    assert all(paper.title.ja in html for paper in papers().values())
    assert words("No approved version") in row_of(html, papers()[DOCUMENT].title.ja)
    address = f"?requirement={ATTESTED}"
    form = page(client, "hand-in", DOCUMENT, query=address)
    assert papers()[DOCUMENT].hint.ja in form
    assert chosen(form, "requirements") == [ATTESTED]
    assert 'name="subjects"' not in form

    values = claim(requirements=[ATTESTED], statement="", kept_at="", document_version="2026年版", files=[a_file()])
    application = application_of(post(client, "hand-in", DOCUMENT, query=address, **values))
    assert content_of(application)["document_version"] == "2026年版"
    row = row_of(page(client, "documents"), papers()[DOCUMENT].title.ja)
    assert words("Waiting for approval") in row
    assert reverse("ledgers:application", args=[application.pk]) in row
    step(planner, "approve", application)
    judge()
    row = row_of(page(client, "documents"), papers()[DOCUMENT].title.ja)
    assert words("Approved") in row
    assert "1/1" in row
    assert "令和9年6月30日" in row
    assert f"</span>{words('Proven')}</span>" in row_of(page(client, "requirement", ATTESTED), "関所内科クリニック")


def test_a_document_for_each_subject(client: Client, planner: Client, facility: str, operator: Actor) -> None:
    """One paper is asked for per vendor and per system; each is handed in for its own kind, and n/N says how far."""
    name, title = "documents.vendor_disclosures", papers()["documents.vendor_disclosures"].title.ja
    one, other = str(system("電子カルテ").pk), str(system("レセプト", form="cloud").pk)
    vendor = add_entry(actor=operator, ledger=ledgers.VENDORS, values={"name": "甲社"})
    by_vendor, by_system = (page(client, "hand-in", name, query=f"?per={kind}") for kind in ("vendor", "system"))
    assert (str(vendor.pk) in by_vendor, one in by_vendor) == (True, False)
    assert (str(vendor.pk) in by_system, one in by_system) == (False, True)
    assert "SO-3-1" in by_vendor
    assert "SO-3-1" not in by_system
    wanted = page(client, "hand-in", name, query="?requirement=SO-14-6-3")
    assert chosen(wanted, "requirements") == ["SO-14-6-3"]

    values = claim(requirements=["SO-14-6-3"], subjects=[one])
    step(planner, "approve", application_of(post(client, "hand-in", name, query="?per=system", **values)))
    judge()
    row = row_of(page(client, "documents"), title)
    # Two items for the vendor, one for both systems, one for the system in the cloud.
    assert words("Approved in part") in row
    assert "1/5" in row
    proven = f"</span>{words('Proven')}</span>"
    html = page(client, "requirement", "SO-14-6-3")
    assert (proven in row_of(html, "電子カルテ"), proven in row_of(html, "レセプト")) == (True, False)
    assert other


# Refusals


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"kept_at": ""}, "kept_at"),
        ({"statement": ""}, "statement"),
        ({"statement": " \n "}, "statement"),
        ({"statement": "a\u202eb"}, "statement"),
        ({"subjects": []}, "subjects"),
        ({"subjects": ["nobody"]}, "subjects"),
        ({"valid_until": "2020/1/1"}, "valid_until"),
        ({"valid_until": "R99.1.1"}, "valid_until"),
        ({"valid_until": "someday"}, "valid_until"),
        ({"comment": "x" * 2001}, "comment"),
    ],
)
def test_a_claim_without_grounds_is_refused_and_kept_as_typed(
    client: Client, facility: str, fault: dict[str, Any], field: str
) -> None:
    values = {"subjects": [facility], **claim(statement="棚で <現物> を見た", comment="急ぎ"), **fault}
    answer = post(client, "attest", ATTESTED, **values)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert field_error(html, field)
    assert Application.objects.count() == 0
    if field != "statement":
        assert "棚で &lt;現物&gt; を見た</textarea>" in html
    if field != "kept_at":
        assert 'value="事務室の棚"' in html
    if field != "subjects":
        assert chosen(html, "subjects") == [facility]
    assert f'value="{values["valid_until"]}"' in html


def test_an_exclusion_needs_a_reason_and_no_evidence(client: Client, facility: str) -> None:
    answer = post(client, "exclude", ATTESTED, subjects=[facility], **claim(statement=""))
    assert answer.status_code == 422
    assert field_error(answer.content.decode(), "statement")
    assert Application.objects.count() == 0


def test_a_document_names_its_items_and_needs_evidence(client: Client, facility: str) -> None:
    answer = post(client, "hand-in", DOCUMENT, **claim(requirements=[], statement=""))
    assert field_error(answer.content.decode(), "requirements")
    answer = post(client, "hand-in", DOCUMENT, **claim(requirements=["SO-1-1"], statement=""))
    assert field_error(answer.content.decode(), "requirements"), "another document's item"
    answer = post(client, "hand-in", DOCUMENT, **claim(requirements=[ATTESTED], statement="", kept_at=""))
    assert field_error(answer.content.decode(), "kept_at")
    assert answer.status_code == 422
    assert Application.objects.count() == 0


def test_what_is_not_shown_by_an_attestation_cannot_be_attested(client: Client, facility: str) -> None:
    name = next(
        leaf.id
        for leaf in edition().leaves
        if not any(proof.kind.value == "attestation" for proof in mapping().leaves[leaf.id].proofs)
    )
    for answer in (client.get(reverse("governance:attest", args=[name])), post(client, "attest", name, **claim())):
        assert answer.status_code == 422
        assert "governance.not_shown_this_way" in answer.content.decode()
    for name in ("attest", "exclude"):
        assert client.get(reverse(f"governance:{name}", args=["SO-13-13"])).status_code == 404, "a parent"
        assert client.get(reverse(f"governance:{name}", args=["SO-99-1"])).status_code == 404
    for name in ("documents.nothing", "documents", "SO-1-1"):
        assert client.get(reverse("governance:hand-in", args=[name])).status_code == 404


def test_without_a_subject_there_is_nothing_to_claim(client: Client) -> None:
    for name, item in (("attest", "SO-2-1"), ("exclude", "SO-13-1"), ("hand-in", "documents.specifications")):
        html = page(client, name, item)
        assert words("There is nothing yet that this could be judged for.") in html
        assert 'enctype="multipart' not in html
        assert post(client, name, item, **claim(requirements=["SO-2-1"])).status_code == 422


def test_the_subject_of_the_link_is_chosen(client: Client) -> None:
    one, other = str(system("一").pk), str(system("二").pk)
    assert chosen(page(client, "attest", "SO-2-1"), "subjects") == []
    assert chosen(page(client, "attest", "SO-2-1", query=f"?subject={other}"), "subjects") == [other]
    judge()
    assert f"?subject={one}" in page(client, "requirement", "SO-2-1")


# Files


@pytest.mark.parametrize("name", ["attest", "hand-in"])
def test_files_that_are_too_many_or_too_large_are_refused_unread(
    client: Client, facility: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def read(_form: object) -> None:
        raise AssertionError("a refused file must not be read")

    monkeypatch.setattr(ClaimForm, "new_files", read)
    monkeypatch.setattr(files, "LARGEST_FILE", 1000)
    item = ATTESTED if name == "attest" else DOCUMENT
    about = {"subjects": [facility]} if name == "attest" else {"requirements": [ATTESTED]}
    too_large = [a_file("小.pdf"), a_file("<大>.pdf", b"x" * 1001)]
    monkeypatch.setattr(files, "LARGEST_TOGETHER", 1500)
    together = [a_file("一.pdf", b"x" * 900), a_file("二.pdf", b"x" * 900)]
    too_many = [a_file(f"{number}.pdf") for number in range(11)]
    for sent, named in ((too_large, "&lt;大&gt;.pdf"), (too_many, "10.pdf"), (together, "二.pdf")):
        answer = post(client, name, item, **about, **claim(files=sent))
        html = answer.content.decode()
        assert answer.status_code == 422
        assert field_error(html, "files")
        assert named in html
        assert words("Choose the files again: a browser does not keep them.") in html
        assert "棚で現物を見た</textarea>" in html
    assert Application.objects.count() == 0


def test_a_file_is_kept_under_its_bare_name(client: Client, facility: str) -> None:
    files = [a_file("..\\..\\構成図 <新>.pdf"), a_file("二.txt", b"\x00\xff")]
    application = application_of(
        post(client, "attest", ATTESTED, subjects=[facility], **claim(kept_at="", files=files))
    )
    assert files_of(application) == ["構成図 <新>.pdf", "二.txt"]


def test_an_empty_file_is_no_evidence(client: Client, facility: str) -> None:
    values = claim(kept_at="", files=[a_file("空.pdf", b"")])
    answer = post(client, "attest", ATTESTED, subjects=[facility], **values)
    assert answer.status_code == 422
    assert field_error(answer.content.decode(), "files")
    assert Application.objects.count() == 0


def test_looking_changes_nothing(client: Client, facility: str) -> None:
    claims.attest(actor=OPERATOR, draft=draft(ATTESTED, facility, edition_id=CURRENT))
    for name, item in (("attest", ATTESTED), ("exclude", ATTESTED), ("hand-in", DOCUMENT)):
        address = reverse(f"governance:{name}", args=[item])
        assert client.get(f"{address}?statement=x&kept_at=x&valid_until={UNTIL}").status_code == 200
        assert client.head(address).status_code == 200
    assert Application.objects.count() == 1
