"""Every read of applications: for their pages, and what was approved for the rooms above."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet

from sekisho.kernel import registry
from sekisho.kernel.access import REVIEWERS, Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import NotCanonical
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Directory, Person
from sekisho.kernel.search import search_words
from sekisho.ledgers.errors import FileDamaged
from sekisho.ledgers.models import Application, Decision, FileData, Submission, SubmissionFile
from sekisho.ledgers.rules.applications import State, Step, content_digest

PAGE_SIZE = 50
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Approved:
    """An approval in force: what was applied for, by whom, and who approved it when.

    ``digest`` is the SHA-256 of exactly the version that was approved; ``own`` tells that the applicant approved it.
    """

    workflow: str
    application_id: str
    key: str
    subject_kind: str
    subject_id: str
    subject_label: str
    content: Mapping[str, Any]
    digest: str
    applicant: str
    approved_by: str
    approved_at: datetime
    own: bool


def approved(*workflow_ids: str) -> list[Approved]:
    """Return what is approved in these workflows and not revoked, the newest last."""
    rows = Decision.objects.filter(
        step=Step.APPROVE,
        submission__application__workflow__in=workflow_ids,
        submission__application__state=State.APPROVED,
    )
    # Decisions are written once, the state is not: what was revoked stays so whatever the state says.
    revoked = Decision.objects.filter(step=Step.REVOKE, submission__application=OuterRef("submission__application"))
    rows = rows.exclude(Exists(revoked))
    return [_approved(row) for row in rows.select_related("submission__application").order_by("decided_at", "id")]


def _approved(decision: Decision) -> Approved:
    application = decision.submission.application
    return Approved(
        workflow=application.workflow,
        application_id=str(application.pk),
        key=application.key,
        subject_kind=application.subject_kind,
        subject_id=application.subject_id,
        subject_label=application.subject_label,
        content=json.loads(decision.submission.content),
        digest=decision.submission.digest,
        applicant=application.applicant_name,
        approved_by=decision.decided_by_name,
        approved_at=decision.decided_at,
        own=decision.own,
    )


def visible_to(actor: Actor) -> "QuerySet[Application]":
    """Return the applications the actor may see: reviewers all, others their own and what they may decide."""
    if not actor.roles.isdisjoint(REVIEWERS):
        return Application.objects.all()
    decidable = [workflow.id for workflow in _decidable_by(actor)]
    return Application.objects.filter(Q(applicant_id__in=own_accounts(actor)) | Q(workflow__in=decidable))


def _decidable_by(actor: Actor) -> list[Workflow]:
    workflows = registry.current().workflows
    return [workflow for workflow in workflows if not actor.roles.isdisjoint(workflow.approvers)]


def own_accounts(actor: Actor) -> frozenset[str]:
    """Return the ids of all accounts of the person who acts; what one applied for, the person applied for."""
    directories = registry.current().offers(Directory)  # type: ignore[type-abstract]  # asked for by its protocol
    people = [person for directory in directories if (person := directory.person_of(actor.id))]
    return frozenset({actor.id}).union(*(person.accounts for person in people))


def waiting_for(actor: Actor) -> "QuerySet[Application]":
    """Return what waits for the actor: to be decided by them, or sent back to them.

    Their own application waits for them only where nobody else could decide it.
    """
    own, decidable = own_accounts(actor), _decidable_by(actor)
    alone = [workflow.id for workflow in decidable if not other_approvers(workflow, actor.id)]
    to_decide = Q(state=State.SUBMITTED, workflow__in=[workflow.id for workflow in decidable])
    by_others = Q(applicant_id__in=own) & ~Q(workflow__in=alone)
    to_mend = Q(state=State.SENT_BACK, applicant_id__in=own)
    return Application.objects.filter((to_decide & ~by_others) | to_mend)


def open_applications() -> "QuerySet[Application]":
    """Return every application that waits for somebody: for a decision, or to be mended. For the platform's notices."""
    return Application.objects.filter(state__in=[State.SUBMITTED, State.SENT_BACK]).order_by("changed_at", "id")


def applications(rows: "QuerySet[Application]", text: str = "", *, page: int = 1) -> "Page[Application]":
    """Return one page of ``rows`` that hold every word of ``text``, the latest change first."""
    for word in search_words(text):
        rows = rows.filter(search_key__contains=word)
    return Paginator(rows.order_by("-changed_at", "-id"), PAGE_SIZE).get_page(page)


def get_application(actor: Actor, application_id: UUID) -> Application:
    """Return an application that the actor may see. Raises NotFound."""
    found = visible_to(actor).filter(pk=application_id).first()
    if found is None:
        raise NotFound
    return found


def submissions_of(application: Application) -> Sequence[Submission]:
    """Return every version, the newest first, each with its files and decisions."""
    return list(application.submissions.order_by("-number").prefetch_related("files", "decisions"))


def get_file(actor: Actor, application_id: UUID, place: int, number: int) -> SubmissionFile:
    """Return a file of version ``number`` of an application that the actor may see. Raises NotFound."""
    application = get_application(actor, application_id)
    files = SubmissionFile.objects.filter(submission__application=application, submission__number=number, place=place)
    found: SubmissionFile | None = files.select_related("data").first()
    if found is None:
        raise NotFound
    return found


def file_bytes(file: SubmissionFile) -> bytes:
    """Return the bytes of a file. Raises FileDamaged when they are not those that were handed in."""
    data = bytes(file.data.data)
    if hashlib.sha256(data).hexdigest() != file.data.sha256:
        raise FileDamaged(name=file.name)
    return data


def stored_submissions() -> Iterator[tuple[str, str, str]]:
    """Yield the id of every submission with its digest as stored and as computed anew, empty if that cannot be done."""
    rows = Submission.objects.order_by("id").prefetch_related("files")
    for row in rows.iterator(chunk_size=_AT_ONCE):
        files = [(file.name, file.data_id) for file in sorted(row.files.all(), key=lambda file: file.place)]
        try:
            found = content_digest(json.loads(row.content), files)
        except (ValueError, NotCanonical):
            found = ""
        yield str(row.pk), row.digest, found


def stored_files() -> Iterator[tuple[str, str]]:
    """Yield the hash under which the bytes of every file are kept, and the hash of those bytes."""
    for row in FileData.objects.order_by("sha256").iterator(_AT_ONCE):
        yield row.sha256, hashlib.sha256(bytes(row.data)).hexdigest()


def workflow_of(application: Application) -> Workflow:
    """Return the workflow of an application. Raises NotFound when no app declares it any more."""
    found = registry.current().workflow(application.workflow)
    if found is None:
        raise NotFound
    return found


def other_approvers(workflow: Workflow, account_id: str) -> list[str]:
    """Return the names of those who could approve in a workflow today, the person behind ``account_id`` left out.

    Who holds the role but cannot sign in (only invited, account disabled) could not.
    """
    directories = registry.current().offers(Directory)  # type: ignore[type-abstract]  # asked for by its protocol
    names: dict[str, str] = {}
    for directory in directories:
        own = directory.person_of(account_id)
        for person in _holders(directory, workflow.approvers):
            if own is None or person.id != own.id:
                names[person.id] = person.name
    return list(names.values())


def same_person(one_account: str, other_account: str) -> bool:
    """Tell whether two accounts belong to one person."""
    if one_account == other_account:
        return True
    directories = registry.current().offers(Directory)  # type: ignore[type-abstract]  # asked for by its protocol
    for directory in directories:
        one, other = directory.person_of(one_account), directory.person_of(other_account)
        if one is not None and other is not None and one.id == other.id:
            return True
    return False


def _holders(directory: Directory, roles: frozenset[Role]) -> list[Person]:
    return [person for role in Role if role in roles for person in directory.holders(role) if person.can_sign_in]
