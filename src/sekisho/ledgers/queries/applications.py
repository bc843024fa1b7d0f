"""Every read of applications: for their pages, and what was approved for the rooms above."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, QuerySet

from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import NotCanonical
from sekisho.kernel.dates import in_facility
from sekisho.kernel.errors import NotFound
from sekisho.kernel.search import search_words
from sekisho.ledgers.errors import FileDamaged
from sekisho.ledgers.models import Application, Decision, FileData, Submission, SubmissionFile
from sekisho.ledgers.queries.inbox import visible_to
from sekisho.ledgers.rules.applications import Aside, State, Step, content_digest

PAGE_SIZE = 50
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Approved:
    """An approval in force: what was applied for, by whom, and who approved it when.

    ``digest`` is the SHA-256 of exactly the version that was approved; ``own`` tells that the applicant approved it, or
    a part of it. ``approved_by`` names everybody on the route.
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
    rows = rows.exclude(Exists(revoked)).select_related("submission__application")
    return [_approved(row) for row in rows.prefetch_related("submission__decisions").order_by("decided_at", "id")]


def _approved(decision: Decision) -> Approved:
    application = decision.submission.application
    given = sorted(decision.submission.decisions.all(), key=lambda row: (row.decided_at, row.pk))
    given = [row for row in given if row.step in (Step.APPROVE, Aside.PART)]
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
        approved_by=", ".join(dict.fromkeys(row.decided_by_name for row in given)),
        approved_at=decision.decided_at,
        own=any(row.own for row in given),
    )


def open_applications() -> "QuerySet[Application]":
    """Return every application that waits for somebody: for a decision, or to be mended. For the platform's notices."""
    return Application.objects.filter(state__in=[State.SUBMITTED, State.SENT_BACK]).order_by("changed_at", "id")


def approved_in_time(application_id: UUID, done: date) -> bool:
    """Tell whether what an emergency had forced somebody to do on the day ``done`` was approved within its time.

    No more time than there is from the application to its approval may have passed from the day to the application.
    """
    rows = Application.objects.filter(pk=application_id, state=State.APPROVED, changed_at__lte=F("decide_by"))
    one = rows.exclude(done_reason="").first()
    if one is None or one.decide_by is None:
        return False
    return in_facility(one.applied_at).date() - done <= one.decide_by - one.applied_at


def applications(
    rows: "QuerySet[Application]", text: str = "", *, page: int = 1, due_first: bool = False
) -> "Page[Application]":
    """Return one page of ``rows`` that hold every word of ``text``, the latest change first.

    ``due_first`` puts before them what has a deadline, the nearest first.
    """
    for word in search_words(text):
        rows = rows.filter(search_key__contains=word)
    due = [F("decide_by").asc(nulls_last=True)] if due_first else []
    return Paginator(rows.order_by(*due, "-changed_at", "-id"), PAGE_SIZE).get_page(page)


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
