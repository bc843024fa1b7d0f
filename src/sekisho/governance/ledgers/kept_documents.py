"""The ledger of documents: every policy, rule, procedure, manual and diagram in its present version.

A paper that answers requirements is handed in and approved once, with its file: that approval is the proof, and it puts
the paper into this ledger. Other documents are entered here.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from sekisho.governance.actions import APPROVERS, DOCUMENTS_TITLE, KeptDocumentAction
from sekisho.governance.models import DocumentKind, KeptDocument
from sekisho.governance.queries.editions import CURRENT, edition_ids, papers
from sekisho.governance.rules.claims import ClaimKind
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.errors import NotFound
from sekisho.kernel.text import Text, _
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.queries import approved
from sekisho.ledgers.queries.books import subject_ref
from sekisho.ledgers.queries.keeping import members
from sekisho.ledgers.services.books import add_entry, change_entry
from sekisho.ledgers.services.entry_approval import entry_workflow
from sekisho.register.services import append

_KINDS = {
    "documents.diagrams": DocumentKind.DIAGRAM,
    "documents.user_manuals": DocumentKind.MANUAL,
    "documents.specifications": DocumentKind.MANUAL,
    "documents.acceptance_tests": DocumentKind.RECORD,
    "documents.record_system_tests": DocumentKind.RECORD,
    "documents.contacts": DocumentKind.RECORD,
}
_APPROVED = _("The paper was approved.")
_REVOKED = _("The approval of the paper was revoked.")
_ATTACHED = _("Attached to its application")
_LONGEST_TITLE = 300

DOCUMENTS = Ledger(
    id="governance.kept_documents",
    title=DOCUMENTS_TITLE,
    model=KeptDocument,
    columns=(
        Column("title", _("Title of the document"), listed=True),
        Column("kind", _("Kind"), listed=True, filtered=True),
        Column("code", _("Document number")),
        Column("edition", _("Version of the document"), listed=True),
        Column("in_force_from", _("In force from"), listed=True),
        Column("kept_at", _("Where it is kept"), _("Folder, shelf or address; attach the file itself too.")),
        Column(
            "review_on",
            _("To be looked through by"),
            _("Once that day has passed, the entry counts as run out."),
            listed=True,
            expires=True,
        ),
        Column("owner", _("Person in charge"), listed=True, after_approval=True),
        Column("department", _("Department in charge"), filtered=True, after_approval=True),
        Column("handed_out_on", _("Made known on"), _("When the staff concerned received it."), after_approval=True),
        Column("note", _("Remarks"), after_approval=True),
    ),
    owner_role=Role.PLANNING_MANAGER,
    review_every=timedelta(days=365),
    requirements=("SO-2-1", "SO-2-2", "SO-2-3", "SO-2-4", "SO-2-5"),
    actions=KeptDocumentAction,
    prefix="DM",
    group=Group.WORK,
    workflow="governance.document_entry",
)
document_entry = entry_workflow(DOCUMENTS, approvers=APPROVERS)


def documents_kept() -> Iterator[Member]:
    """Yield every document in use with what it lacks, and every paper of the edition that nobody has handed in."""
    in_force = {one.application_id for one in approved(ClaimKind.DOCUMENT)}

    def wanted(row: KeptDocument) -> Iterable[tuple[object, Text]]:
        yield row.edition, _("Version of the document")
        yield row.owner or row.department_id, _("Person in charge")
        yield row.kept_at, _("Where it is kept")
        yield row.review_on, _("To be looked through by")
        yield row.is_approved and (not row.application or row.application in in_force), _("Approval")

    yield from members(DOCUMENTS, wanted)
    rows = KeptDocument.objects.filter(closed_at=None, struck_at=None).exclude(answers="")
    there = {answers.split(" ")[0] for answers in rows.values_list("answers", flat=True)}
    for paper in papers(CURRENT).values() if CURRENT in edition_ids() else ():
        if paper.id not in there:
            yield Member(frozenset(), paper.title.ja, (_("An approved version"),))


DOCUMENT_COVERAGE = Coverage(
    id="governance.kept_documents",
    title=_("Documents with their version, their keeper and their approval"),
    population=_("Documents in the ledger, and papers that the guideline asks for"),
    measure=documents_kept,
    route="governance:kept_documents",
)


@transaction.atomic
def keep_document(*, actor: Actor, application_id: UUID, content: Mapping[str, Any]) -> None:
    """Put a paper that ``actor`` just approved into the ledger, or its new version over the old one.

    Raises Forbidden, and NotFound for a paper that its edition does not know.
    """
    actor.require(LedgersAction.APPROVE)
    answers = _answers(content)
    before = KeptDocument.objects.filter(answers=answers, closed_at=None, struck_at=None).order_by("number").first()
    values, reason = _values(content), str(_APPROVED)
    if before is None:
        entry = add_entry(actor=actor, ledger=DOCUMENTS, values=values, reason=reason)
    else:
        entry = change_entry(
            actor=actor, ledger=DOCUMENTS, entry_id=before.pk, version=before.version, values=values, reason=reason
        )
    standing = {"approved_at": clock.now(), "approved_by": actor.name}
    KeptDocument.objects.filter(pk=entry.pk).update(answers=answers, application=str(application_id), **standing)


@transaction.atomic
def revoke_document(*, actor: Actor, application_id: UUID) -> None:
    """Let the entry of a paper whose approval was revoked stand as not approved. Raises Forbidden."""
    actor.require(LedgersAction.REVOKE)
    for entry in KeptDocument.objects.filter(application=str(application_id), struck_at=None):
        KeptDocument.objects.filter(pk=entry.pk).update(approved_at=None, approved_by="")
        changed = {"approved_by": [entry.approved_by, None]}
        append(
            actor=actor,
            action=KeptDocumentAction.CHANGE,  # type: ignore[attr-defined]  # made by book_actions
            subject=subject_ref(DOCUMENTS, entry),
            details={"changes": changed},
            reason=str(_REVOKED),
        )


def _answers(content: Mapping[str, Any]) -> str:
    """Return what tells a paper from others: its id, and for one that speaks of some subjects a digest of those."""
    subjects = sorted(subject["id"] for subject in content["subjects"])
    told = f" {hashlib.sha256(' '.join(subjects).encode()).hexdigest()[:16]}" if subjects else ""
    return f"{content['document']}{told}"


def _values(content: Mapping[str, Any]) -> dict[str, Any]:
    paper = papers(content["edition"]).get(content["document"])
    if paper is None:
        raise NotFound
    about = "、".join(subject["label"] for subject in content["subjects"])
    title = f"{paper.title.ja}（{about}）" if about else paper.title.ja
    return {
        "title": title[:_LONGEST_TITLE],
        "kind": _KINDS.get(paper.id, DocumentKind.PROCEDURE),
        "edition": content["document_version"],
        "kept_at": content["kept_at"] or str(_ATTACHED),
        "review_on": date.fromisoformat(content["valid_until"]),
    }
