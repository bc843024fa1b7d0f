"""The ledger of documents: what was handed in and approved stands in it, the rest is entered and approved there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sekisho.governance.ledgers import DOCUMENT_COVERAGE, DOCUMENTS
from sekisho.governance.models import KeptDocument
from sekisho.governance.queries.editions import CURRENT, papers
from sekisho.governance.services.claims import Draft, hand_in
from sekisho.kernel.access import Role
from sekisho.ledgers.services import approve, revoke
from sekisho.ledgers.services.books import add_entry, change_entry
from sekisho.ledgers.services.entry_approval import apply_for_entry
from tests.governance.working import OPERATOR, PLANNER, today

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "at_nine")]
PAPER = "documents.account_procedure"


def handed_in(version: str) -> Any:
    """Hand the procedure for accounts in and let the planning manager approve it."""
    draft = Draft(
        requirements=("SO-14-1",),
        subjects=(),
        statement="",
        valid_until=today() + timedelta(days=300),
        kept_at="事務室の棚",
        document=PAPER,
        document_version=version,
    )
    application = hand_in(actor=OPERATOR, draft=draft)
    approve(actor=PLANNER, application_id=application, version=1)
    return application


def lacking(name: str) -> list[str]:
    (found,) = [one for one in DOCUMENT_COVERAGE.measure() if name in one.label]
    return [str(title) for title in found.missing]


def test_an_approved_paper_stands_in_the_ledger_in_its_present_version() -> None:
    """One hand-in is the proof and the entry: nobody types it twice, and the newer version takes its place."""
    title = papers(CURRENT)[PAPER].title.ja
    assert lacking(title) == ["An approved version"]
    handed_in("第1版")
    entry = KeptDocument.objects.get()
    assert (entry.title, entry.edition, entry.kept_at, entry.approved_by) == (
        title,
        "第1版",
        "事務室の棚",
        PLANNER.name,
    )
    assert lacking(title) == ["Person in charge"]
    entry = change_entry(
        actor=OPERATOR, ledger=DOCUMENTS, entry_id=entry.pk, version=entry.version, values={"owner": "試験 太郎"}
    )
    assert entry.is_approved, "who looks after it is no part of what was approved"
    assert lacking(title) == []
    application = handed_in("第2版")
    entry = KeptDocument.objects.get()
    assert (entry.edition, entry.owner, entry.application) == ("第2版", "試験 太郎", str(application))
    revoke(actor=PLANNER, application_id=application, version=2, comment="誤った版")
    assert lacking(title) == ["Approval"]


@pytest.mark.failing_fixture("governance.kept_documents")
def test_another_document_is_approved_as_an_entry(signed_in: Callable[..., Client]) -> None:
    values = {
        "title": "個人情報保護方針",
        "kind": "privacy",
        "edition": "2026年版",
        "owner": "院長",
        "kept_at": "受付の掲示、事務室",
        "review_on": today() + timedelta(days=200),
    }
    entry = add_entry(actor=OPERATOR, ledger=DOCUMENTS, values=values)
    assert lacking("個人情報保護方針") == ["Approval"], "written is not approved"
    application = apply_for_entry(actor=OPERATOR, ledger=DOCUMENTS, entry_id=entry.pk, version=1)
    approve(actor=PLANNER, application_id=application.pk, version=1)
    assert lacking("個人情報保護方針") == []
    entry = KeptDocument.objects.get()
    change_entry(
        actor=OPERATOR, ledger=DOCUMENTS, entry_id=entry.pk, version=entry.version, values={"edition": "2027年版"}
    )
    assert lacking("個人情報保護方針") == ["Approval"], "another version is another document"
    page = signed_in(Role.PLANNING_MANAGER).get("/governance/kept_documents/").content.decode()
    assert "個人情報保護方針" in page
