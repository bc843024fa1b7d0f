"""API operations about the work on a requirement: who looks after it, comments, exceptions."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.api.requirements import ExceptionRow, WorkRow, exception_row, work_row
from sekisho.governance.api.router import router
from sekisho.governance.models import Comment
from sekisho.governance.queries.editions import CURRENT, edition
from sekisho.governance.queries.exceptions import exceptions, exceptions_by_requirement
from sekisho.governance.queries.work import comment_on, comments_page, work_on
from sekisho.governance.rules.catalogue import Requirement
from sekisho.governance.services.exceptions import ExceptionDraft, open_exception
from sekisho.governance.services.work import (
    LONGEST_COMMENT,
    LONGEST_STRIKE_REASON,
    Plan,
    add_comment,
    settle_work,
    strike_comment,
)
from sekisho.kernel.access import allow
from sekisho.kernel.errors import NotFound
from sekisho.ledgers.views.book_api import writes
from sekisho.ui.request import Request

LONGEST_TEXT = 5000


class Settling(Schema):
    """Who is to look after a requirement (a person's id; null for nobody) and by when, over version ``version``."""

    assignee: str | None = None
    due_on: date | None = None
    version: int


class Remark(Schema):
    """A comment to be kept."""

    text: str = Field(min_length=1, max_length=LONGEST_COMMENT)


class Striking(Schema):
    """Why a comment is struck out."""

    reason: str = Field(min_length=1, max_length=LONGEST_STRIKE_REASON)


class StruckRow(Schema):
    """How a comment was struck out."""

    reason: str
    name: str
    at: datetime


class CommentRow(Schema):
    """One comment; ``struck`` is null unless its writer struck it out."""

    id: UUID
    text: str
    name: str
    at: datetime
    struck: StruckRow | None


class Comments(Schema):
    """One page of the comments on a requirement, the newest first."""

    page: int
    pages: int
    comments: list[CommentRow]


class Applying(Schema):
    """An exception to be applied for; ``subjects`` are ids of what the requirement is judged per."""

    subjects: list[str]
    reason: str = Field(min_length=1, max_length=LONGEST_TEXT)
    substitute: str = Field(min_length=1, max_length=LONGEST_TEXT)
    valid_until: date
    comment: str = Field(default="", max_length=LONGEST_COMMENT)


class Applied(Schema):
    """The id of an application that was made; it counts once it is approved."""

    application: UUID


@router.get("/requirements/{requirement_id}/work", response=WorkRow, operation_id="governance_work")
@allow(GovernanceAction.VIEW)
def work(request: Request, requirement_id: str) -> WorkRow:
    """Show who looks after a requirement and by when."""
    return work_row(work_on(_leaf(requirement_id).id))


@router.put(
    "/requirements/{requirement_id}/work",
    response=WorkRow,
    operation_id="governance_settle_work",
    auth=writes(GovernanceAction.ASSIGN),
)
@allow(GovernanceAction.ASSIGN)
def settle(request: Request, requirement_id: str, settling: Settling) -> WorkRow:
    """Say who looks after a requirement and by when; 409 when somebody else did since ``version``."""
    plan = Plan(settling.assignee or "", settling.due_on)
    settle_work(actor=request.actor, requirement_id=requirement_id, version=settling.version, plan=plan)
    return work_row(work_on(requirement_id))


@router.get("/requirements/{requirement_id}/comments", response=Comments, operation_id="governance_comments")
@allow(GovernanceAction.VIEW)
def comments(request: Request, requirement_id: str, page: int = 1) -> Comments:
    """List the comments on a requirement, those that were struck out too."""
    found = comments_page(_leaf(requirement_id).id, page)
    rows = [_comment_row(comment) for comment in found.object_list]
    return Comments(page=found.number, pages=found.paginator.num_pages, comments=rows)


@router.post(
    "/requirements/{requirement_id}/comments",
    response=CommentRow,
    operation_id="governance_add_comment",
    auth=writes(GovernanceAction.COMMENT),
)
@allow(GovernanceAction.COMMENT)
def add(request: Request, requirement_id: str, remark: Remark) -> CommentRow:
    """Keep a comment on a requirement."""
    return _comment_row(add_comment(actor=request.actor, requirement_id=requirement_id, text=remark.text))


@router.post(
    "/requirements/{requirement_id}/comments/{comment_id}/strike",
    response=CommentRow,
    operation_id="governance_strike_comment",
    auth=writes(GovernanceAction.STRIKE_COMMENT),
)
@allow(GovernanceAction.STRIKE_COMMENT)
def strike(request: Request, requirement_id: str, comment_id: UUID, striking: Striking) -> CommentRow:
    """Strike out one's own comment."""
    reason = striking.reason
    strike_comment(actor=request.actor, requirement_id=requirement_id, comment_id=comment_id, reason=reason)
    return _comment_row(comment_on(requirement_id, comment_id))


def _comment_row(comment: Comment) -> CommentRow:
    struck: Any = getattr(comment, "struck", None)
    how = StruckRow(reason=struck.reason, name=struck.struck_by_name, at=struck.struck_at) if struck else None
    return CommentRow(id=comment.pk, text=comment.text, name=comment.written_by_name, at=comment.written_at, struck=how)


@router.get("/exceptions", response=list[ExceptionRow], operation_id="governance_exceptions")
@allow(GovernanceAction.VIEW)
def all_exceptions(request: Request) -> list[ExceptionRow]:
    """List every approved exception by the day it ends, those that ended too."""
    return [exception_row(entry) for entry in exceptions()]


@router.get(
    "/requirements/{requirement_id}/exceptions",
    response=list[ExceptionRow],
    operation_id="governance_requirement_exceptions",
)
@allow(GovernanceAction.VIEW)
def exceptions_of(request: Request, requirement_id: str) -> list[ExceptionRow]:
    """List the approved exceptions of one requirement."""
    found = exceptions_by_requirement().get(_leaf(requirement_id).id, ())
    return [exception_row(entry) for entry in found]


@router.post(
    "/requirements/{requirement_id}/exceptions",
    response={201: Applied},
    operation_id="governance_apply_for_exception",
    auth=writes(GovernanceAction.EXCEPT),
)
@allow(GovernanceAction.EXCEPT)
def apply(request: Request, requirement_id: str, applying: Applying) -> Status[Applied]:
    """Apply for an exception; it counts once a manager approved it."""
    draft = ExceptionDraft(
        requirement=requirement_id,
        subjects=tuple(applying.subjects),
        reason=applying.reason,
        substitute=applying.substitute,
        valid_until=applying.valid_until,
    )
    application_id = open_exception(actor=request.actor, draft=draft, comment=applying.comment)
    return Status(201, Applied(application=application_id))


def _leaf(requirement_id: str) -> Requirement:
    row = edition(CURRENT).by_id.get(requirement_id)
    if not isinstance(row, Requirement):
        raise NotFound
    return row
