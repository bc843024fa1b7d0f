"""What the writes of applications share: the locked row, the bounds, moving on, the register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Content, Workflow
from sekisho.kernel.errors import Conflict, NotFound
from sekisho.kernel.text import _
from sekisho.kernel.wording import require_visible
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.errors import CommentMissing, ContentTooLong, DecidedAlready, FilesRefused, NotTheApplicant
from sekisho.ledgers.models import Application, Decision, Submission
from sekisho.ledgers.queries.deciders import Deciders, same_person
from sekisho.ledgers.queries.routes import Right, newest_submission, open_parts_text, progress_of, workflow_of
from sekisho.ledgers.rules.applications import NEEDS_COMMENT, Aside, State, Step, next_state
from sekisho.ledgers.rules.routes import route_of
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


def locked(application_id: UUID) -> Application:
    """Return the application with its row locked: of two who decide at once one waits and then sees why.

    Raises NotFound.
    """
    found = Application.objects.select_for_update().filter(pk=application_id).first()
    if found is None:
        raise NotFound
    return found


def require_applicant(by: Actor, application: Application) -> None:
    """Let only the person go on who applied, by whatever account. Raises NotTheApplicant."""
    if not same_person(by.id, application.applicant_id):
        raise NotTheApplicant(name=application.applicant_name)


def said(comment: str, *, needed: bool) -> str:
    """Return the words on a step. Raises CommentMissing, ContentTooLong, InvisibleCharacters."""
    words = comment.strip()
    require_visible(words)
    if needed and not words:
        raise CommentMissing(field="comment")
    if len(words) > LONGEST_COMMENT:
        raise ContentTooLong(field="comment")
    return words


def require_open(application: Application, version: int, step: Step, newest: Submission) -> State:
    """Return where ``step`` leads. Raises DecidedAlready where it leads nowhere, Conflict for another version."""
    state = State(application.state)
    after = next_state(state, step)
    if after is None:
        last = newest.decisions.filter(step__in=list(Step)).order_by("-decided_at").first()
        raise DecidedAlready(state=state.label, name=last.decided_by_name if last else application.applicant_name)
    if application.version != version:
        raise Conflict
    return after


def advance(application: Application, version: int, step: Step, newest: Submission) -> None:
    """Move the application on, unless somebody was faster or the step is not possible in its state."""
    application.state = require_open(application, version, step, newest)
    application.version += 1
    application.changed_at = clock.now()
    application.stage, application.open_parts = 0, ""
    application.save(update_fields=["state", "version", "changed_at", "stage", "open_parts"])


def begin_route(application: Application, workflow: Workflow, content: Content) -> None:
    """Put a version that was just submitted at the first step of its route."""
    application.stage = 0
    application.open_parts = open_parts_text(progress_of(route_of(workflow, content), (), Deciders()))
    application.save(update_fields=["stage", "open_parts"])


def store_decision(
    by: Actor,
    action: LedgersAction,
    step: Step,
    application: Application,
    version: int,
    comment: str,
    right: Right | None = None,
) -> Application:
    """Store a step that moves the application on; ``right`` is what who decides has beyond their own role."""
    words = said(comment, needed=step in NEEDS_COMMENT or (right is not None and (right.own or right.again)))
    submission = newest_submission(application)
    advance(application, version, step, submission)
    write_decision(by, step, submission, words, application.changed_at, right)
    record(by, action, application, submission, words, told(workflow_of(application), right))
    after = workflow_of(application).after
    if after is not None:
        transaction.on_commit(after, robust=True)
    return application


def write_decision(
    by: Actor, step: Step | Aside, submission: Submission, words: str, moment: datetime, right: Right | None
) -> None:
    """Store who decided what about which version, and by what right."""
    Decision(
        submission=submission,
        step=step,
        decided_at=moment,
        decided_by=by.id,
        decided_by_name=by.name,
        comment=words,
        own=right is not None and right.own,
        again=right is not None and right.again,
        part=right.part if right else "",
        for_id=right.for_id if right else "",
        for_name=right.for_name if right else "",
    ).save()


def told(workflow: Workflow, right: Right | None) -> dict[str, Json]:
    """Return what the register says of the right by which somebody decided: nothing where it is their plain role."""
    if right is None:
        return {}
    details: dict[str, Json] = {}
    if right.own:
        details["own"] = True
    if right.again:
        details["again"] = True
    if right.for_name:
        details["stands_in_for"] = right.for_name
    if workflow.route and right.part:
        details["part"] = right.part
    return details


def record(
    by: Actor,
    action: LedgersAction,
    application: Application,
    submission: Submission,
    reason: str,
    more: dict[str, Json] | None = None,
) -> None:
    """Write into the register what was done about which version."""
    details: dict[str, Json] = {
        "workflow": application.workflow,
        "about": application.key,
        "number": submission.number,
        "digest": submission.digest,
    }
    subject = SubjectRef("application", str(application.pk), application.title)
    append(actor=by, action=action, subject=subject, reason=reason, details=details | (more or {}))


def checked_name(file: NewFile, files: Sequence[NewFile]) -> str:
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
