"""Every write of applications: submit, mend, withdraw, approve, send back, revoke."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.kernel.search import fold
from sekisho.kernel.text import _
from sekisho.kernel.wording import require_visible
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.errors import (
    CommentMissing,
    ContentTooLong,
    DecidedAlready,
    FilesRefused,
    NotTheApplicant,
    NotYourPart,
    OwnApplication,
)
from sekisho.ledgers.models import Application, Decision, FileData, Submission, SubmissionFile
from sekisho.ledgers.queries.applications import other_approvers, same_person, workflow_of
from sekisho.ledgers.rules.applications import NEEDS_COMMENT, State, Step, content_digest, next_state
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

MOST_FILES = 10
LARGEST_FILE = 10 * 2**20
LARGEST_TOGETHER = 20 * 2**20  # the front lets a little more through, for the rest of the form
LONGEST_CONTENT = 64 * 2**10
LONGEST_COMMENT = 2000


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that is handed in with an application."""

    name: str
    data: bytes


@transaction.atomic
def submit(
    *,
    actor: Actor,
    workflow: Workflow,
    key: str,
    subject: SubjectRef,
    title: str,
    content: Mapping[str, Json],
    files: Sequence[NewFile] = (),
    comment: str = "",
) -> Application:
    """Apply for something. Raises Forbidden, NotYourPart, FilesRefused, ContentTooLong, InvisibleCharacters."""
    actor.require(LedgersAction.SUBMIT)
    _require_part(actor, workflow, workflow.submitters)
    require_visible(title, comment)
    now = clock.now()
    application = Application.objects.create(
        workflow=workflow.id,
        state=State.SUBMITTED,
        key=key,
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_label=subject.label[:300],
        title=title[:300],
        applicant_id=actor.id,
        applicant_name=actor.name,
        applied_at=now,
        changed_at=now,
        search_key=fold(f"{title} {key} {subject.label} {actor.name}"),
    )
    submission = _store_submission(application, 1, content, files, comment)
    _record(actor, LedgersAction.SUBMIT, application, submission, comment)
    return application


@transaction.atomic
def amend(
    *,
    actor: Actor,
    application_id: UUID,
    version: int,
    content: Mapping[str, Json],
    files: Sequence[NewFile] = (),
    keep: Sequence[int] = (),
    comment: str = "",
) -> Application:
    """Submit a mended version of an application that was sent back; the older version stays as it was.

    ``keep`` holds the places of the files of the version before that belong to the new one too. Raises Forbidden,
    NotTheApplicant, DecidedAlready, FilesRefused, ContentTooLong, NotFound.
    """
    actor.require(LedgersAction.AMEND)
    application = _locked(application_id)
    before = _newest(application)
    workflow = workflow_of(application)
    _require_part(actor, workflow, workflow.submitters)
    _require_applicant(actor, application)
    _advance(application, version, Step.AMEND, before)
    kept = _kept(before, keep)
    submission = _store_submission(application, before.number + 1, content, [*kept, *files], comment)
    _record(actor, LedgersAction.AMEND, application, submission, comment)
    return application


@transaction.atomic
def withdraw(*, actor: Actor, application_id: UUID, version: int, comment: str = "") -> Application:
    """Take one's own application back. Raises Forbidden, NotTheApplicant, DecidedAlready."""
    actor.require(LedgersAction.WITHDRAW)
    application = _locked(application_id)
    _require_applicant(actor, application)
    return _decide(actor, LedgersAction.WITHDRAW, Step.WITHDRAW, application, version, comment)


@transaction.atomic
def approve(*, actor: Actor, application_id: UUID, version: int, comment: str = "") -> Application:
    """Approve an application. Nobody approves their own, except where nobody else could, with a comment; it is marked.

    Raises Forbidden, NotYourPart, OwnApplication, CommentMissing, DecidedAlready.
    """
    actor.require(LedgersAction.APPROVE)
    application = _locked(application_id)
    workflow = workflow_of(application)
    _require_part(actor, workflow, workflow.approvers)
    own = same_person(actor.id, application.applicant_id)
    if own and (others := other_approvers(workflow, actor.id)):
        raise OwnApplication(names=", ".join(others[:5]))
    if workflow.fits is not None and application.state == State.SUBMITTED:
        workflow.fits(json.loads(_newest(application).content))
    return _decide(actor, LedgersAction.APPROVE, Step.APPROVE, application, version, comment, own=own)


@transaction.atomic
def send_back(*, actor: Actor, application_id: UUID, version: int, comment: str) -> Application:
    """Send an application back to be mended. Raises Forbidden, NotYourPart, CommentMissing, DecidedAlready."""
    actor.require(LedgersAction.SEND_BACK)
    application = _locked(application_id)
    workflow = workflow_of(application)
    _require_part(actor, workflow, workflow.approvers)
    return _decide(actor, LedgersAction.SEND_BACK, Step.SEND_BACK, application, version, comment)


@transaction.atomic
def revoke(*, actor: Actor, application_id: UUID, version: int, comment: str) -> Application:
    """Take an approval back: from now on it counts no more. Raises Forbidden, NotYourPart, CommentMissing."""
    actor.require(LedgersAction.REVOKE)
    application = _locked(application_id)
    workflow = workflow_of(application)
    _require_part(actor, workflow, workflow.approvers)
    return _decide(actor, LedgersAction.REVOKE, Step.REVOKE, application, version, comment)


def _locked(application_id: UUID) -> Application:
    """Return the application with its row locked, so that of two who decide at once one waits and then sees why."""
    found = Application.objects.select_for_update().filter(pk=application_id).first()
    if found is None:
        raise NotFound
    return found


def _newest(application: Application) -> Submission:
    submission: Submission = application.submissions.order_by("-number")[:1].get()
    return submission


def _kept(before: Submission, places: Sequence[int]) -> list[NewFile]:
    """Return the files of a version at ``places``. Raises NotFound for a place that has none."""
    files = before.files.filter(place__in=places).select_related("data").order_by("place")
    kept = [NewFile(file.name, bytes(file.data.data)) for file in files]
    if len(kept) != len(set(places)):
        raise NotFound
    return kept


def _require_part(actor: Actor, workflow: Workflow, roles: frozenset[Role]) -> None:
    if actor.roles.isdisjoint(roles):
        names = ", ".join(str(role.label) for role in Role if role in roles)
        raise NotYourPart(workflow=workflow.title, roles=names)


def _require_applicant(actor: Actor, application: Application) -> None:
    if not same_person(actor.id, application.applicant_id):
        raise NotTheApplicant(name=application.applicant_name)


def _advance(application: Application, version: int, step: Step, newest: Submission) -> None:
    """Move the application on, unless somebody was faster or the step is not possible in its state."""
    state = State(application.state)
    after = next_state(state, step)
    if after is None:
        last = newest.decisions.order_by("-decided_at").first()
        raise DecidedAlready(state=state.label, name=last.decided_by_name if last else application.applicant_name)
    if application.version != version:
        raise Conflict
    application.state = after
    application.version += 1
    application.changed_at = clock.now()
    application.save(update_fields=["state", "version", "changed_at"])


def _decide(
    actor: Actor,
    action: LedgersAction,
    step: Step,
    application: Application,
    version: int,
    comment: str,
    *,
    own: bool = False,
) -> Application:
    words = comment.strip()
    require_visible(words)
    if not words and (own or step in NEEDS_COMMENT):
        raise CommentMissing(field="comment")
    if len(words) > LONGEST_COMMENT:
        raise ContentTooLong(field="comment")
    submission = _newest(application)
    _advance(application, version, step, submission)
    Decision(
        submission=submission,
        step=step,
        decided_at=application.changed_at,
        decided_by=actor.id,
        decided_by_name=actor.name,
        comment=words,
        own=own,
    ).save()
    _record(actor, action, application, submission, words, own=own)
    after = workflow_of(application).after
    if after is not None:
        transaction.on_commit(after, robust=True)
    return application


def _store_submission(
    application: Application, number: int, content: Mapping[str, Json], files: Sequence[NewFile], comment: str
) -> Submission:
    written = canonical_json(content)
    if len(written) > LONGEST_CONTENT or len(comment) > LONGEST_COMMENT:
        raise ContentTooLong
    named = [(_checked_name(file, files), file.data) for file in files]
    hashed = [(name, hashlib.sha256(data).hexdigest(), data) for name, data in named]
    now = clock.now()
    submission = Submission(
        application=application,
        number=number,
        content=written.decode(),
        digest=content_digest(content, [(name, sha256) for name, sha256, _data in hashed]),
        comment=comment,
        submitted_at=now,
    )
    submission.save()
    kept = {sha256: FileData(sha256=sha256, data=data, received_at=now) for _name, sha256, data in hashed}
    FileData.objects.bulk_create(kept.values(), ignore_conflicts=True)
    SubmissionFile.objects.bulk_create(
        SubmissionFile(submission=submission, place=place, name=name, size=len(data), data=kept[sha256])
        for place, (name, sha256, data) in enumerate(hashed, start=1)
    )
    return submission


def _checked_name(file: NewFile, files: Sequence[NewFile]) -> str:
    """Return the file's bare name. A name is shown and stored, never used as a path."""
    name = PurePosixPath(file.name.replace("\\", "/")).name.strip()
    require_visible(name)
    reason = None
    if len(files) > MOST_FILES:
        reason = _("there are too many files.")
    elif not name or len(name) > 255:
        reason = _("its name is empty or too long.")
    elif not file.data:
        reason = _("it is empty.")
    elif len(file.data) > LARGEST_FILE:
        reason = _("it is too large.")
    elif sum(len(each.data) for each in files) > LARGEST_TOGETHER:
        reason = _("the files are too large together.")
    if reason is not None:
        bounds = {"most": MOST_FILES, "size": LARGEST_FILE // 2**20, "together": LARGEST_TOGETHER // 2**20}
        raise FilesRefused(field="files", name=name[:100], reason=reason, **bounds)
    return name


def _record(
    actor: Actor,
    action: LedgersAction,
    application: Application,
    submission: Submission,
    reason: str,
    *,
    own: bool = False,
) -> None:
    details: dict[str, Json] = {
        "workflow": application.workflow,
        "about": application.key,
        "number": submission.number,
        "digest": submission.digest,
    }
    if own:
        details["own"] = True
    subject = SubjectRef("application", str(application.pk), application.title)
    append(actor=actor, action=action, subject=subject, reason=reason, details=details)
