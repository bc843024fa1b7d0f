"""Settling who looks after a requirement and by when, and remarking on it."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.errors import (
    CannotLookAfter,
    CommentEmpty,
    CommentStruck,
    DueDayWrong,
    NotYourComment,
    WorkSettledMeanwhile,
)
from sekisho.governance.models import Assignment, Comment, StruckComment
from sekisho.governance.queries.editions import CURRENT, edition
from sekisho.governance.queries.work import worker
from sekisho.governance.rules.catalogue import Requirement
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.errors import NotFound
from sekisho.kernel.wording import require_visible, says_something
from sekisho.ledgers.queries import same_person
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append

FURTHEST_DUE = timedelta(days=10 * 366)
LONGEST_COMMENT = 2000
LONGEST_STRIKE_REASON = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is to look after a requirement (the person's id, empty for nobody), and by which day, None for no day."""

    assignee_id: str = ""
    due_on: date | None = None


@transaction.atomic
def settle_work(*, actor: Actor, requirement_id: str, version: int, plan: Plan, edition_id: str = CURRENT) -> int:
    """Store ``plan`` over version ``version`` and return the version that is stored now.

    The person and the day have an event each; what stays as it was has none. Raises Forbidden, NotFound,
    WorkSettledMeanwhile, CannotLookAfter, DueDayWrong.
    """
    actor.require(GovernanceAction.ASSIGN)
    actor.require(GovernanceAction.SET_DUE)
    leaf = _leaf(edition_id, requirement_id)
    row = _locked(edition_id, leaf.id)
    if row.version != version:
        raise WorkSettledMeanwhile(name=_newest_hand(row))
    now = clock.now()
    changed = _assign(actor, row, plan.assignee_id, now) | _set_due(actor, row, plan.due_on, now)
    if not changed:
        return row.version
    row.version += 1
    row.save()
    subject = SubjectRef("requirement", leaf.id, leaf.title.ja)
    for action, changes in changed.items():
        append(actor=actor, action=action, subject=subject, details={"changes": changes})
    return row.version


Changed = dict[GovernanceAction, dict[str, Json]]  # by the field: before and after


def _assign(actor: Actor, row: Assignment, person_id: str, now: datetime) -> Changed:
    """Put the person into the row. Who looks after it already may stay, even where they could not be chosen today."""
    if person_id == row.assignee_id:
        return {}
    person = worker(person_id) if person_id else None
    if person_id and person is None:
        raise CannotLookAfter(field="assignee")
    before = row.assignee_name
    row.assignee_id, row.assignee_name = person_id, person.name if person else ""
    row.assigned_by, row.assigned_at = actor.name, now
    return {GovernanceAction.ASSIGN: {"assignee": [before or None, row.assignee_name or None]}}


def _set_due(actor: Actor, row: Assignment, day: date | None, now: datetime) -> Changed:
    if day == row.due_on:
        return {}
    today = now.astimezone(FACILITY_ZONE).date()
    if day is not None and not today <= day <= today + FURTHEST_DUE:
        raise DueDayWrong(field="due_on", earliest=today.isoformat(), latest=(today + FURTHEST_DUE).isoformat())
    before = row.due_on
    row.due_on, row.due_set_by, row.due_set_at = day, actor.name, now
    change: list[Json] = [found.isoformat() if found else None for found in (before, day)]
    return {GovernanceAction.SET_DUE: {"due_on": change}}


def _newest_hand(row: Assignment) -> str:
    """Return who settled something last."""
    hands = [(row.assigned_at, row.assigned_by), (row.due_set_at, row.due_set_by)]
    return max(((at, name) for at, name in hands if at is not None), default=(None, ""))[1]


def _leaf(edition_id: str, requirement_id: str) -> Requirement:
    """Return a requirement that is judged. Raises NotFound, for a parent too."""
    row = edition(edition_id).by_id.get(requirement_id)
    if not isinstance(row, Requirement):
        raise NotFound
    return row


def _locked(edition_id: str, requirement_id: str) -> Assignment:
    """Return the row, locked: of two who settle at once the second sees what the first stored."""
    row = Assignment(edition=edition_id, requirement=requirement_id)
    Assignment.objects.bulk_create([row], ignore_conflicts=True)
    return Assignment.objects.select_for_update().get(edition=edition_id, requirement=requirement_id)


@transaction.atomic
def add_comment(*, actor: Actor, requirement_id: str, text: str, edition_id: str = CURRENT) -> Comment:
    """Keep a remark on a requirement; the register holds its SHA-256.

    Raises Forbidden, NotFound, CommentEmpty, InvisibleCharacters.
    """
    actor.require(GovernanceAction.COMMENT)
    require_visible(text)
    leaf = _leaf(edition_id, requirement_id)
    if not says_something(text) or len(text) > LONGEST_COMMENT:
        raise CommentEmpty(field="text", longest=LONGEST_COMMENT)
    comment = Comment(
        edition=edition_id,
        requirement=leaf.id,
        text=text.strip(),
        written_by=actor.id,
        written_by_name=actor.name,
        written_at=clock.now(),
    )
    comment.save()
    append(actor=actor, action=GovernanceAction.COMMENT, subject=_about(comment), details=_digest(comment))
    return comment


@transaction.atomic
def strike_comment(*, actor: Actor, requirement_id: str, comment_id: UUID, reason: str) -> StruckComment:
    """Strike out one's own comment; it stays, struck through, with the reason.

    Raises Forbidden, NotFound, NotYourComment, CommentStruck, CommentEmpty, InvisibleCharacters.
    """
    actor.require(GovernanceAction.STRIKE_COMMENT)
    require_visible(reason)
    comment = Comment.objects.select_for_update().filter(pk=comment_id, requirement=requirement_id).first()
    if comment is None:
        raise NotFound
    if not same_person(actor.id, comment.written_by):
        raise NotYourComment(
            action=str(GovernanceAction.STRIKE_COMMENT),
            action_title=GovernanceAction.STRIKE_COMMENT.label,
            name=comment.written_by_name,
        )
    if StruckComment.objects.filter(comment=comment).exists():
        raise CommentStruck
    if not says_something(reason) or len(reason) > LONGEST_STRIKE_REASON:
        raise CommentEmpty(field="reason", longest=LONGEST_STRIKE_REASON)
    struck = StruckComment(comment=comment, reason=reason.strip(), struck_by_name=actor.name, struck_at=clock.now())
    struck.save()
    action, about = GovernanceAction.STRIKE_COMMENT, _about(comment)
    append(actor=actor, action=action, subject=about, reason=struck.reason, details=_digest(comment))
    return struck


def _digest(comment: Comment) -> dict[str, Json]:
    """What is remarked may name people; the register says which comment it was, not what it said."""
    return {"sha256": hashlib.sha256(comment.text.encode()).hexdigest()}


def _about(comment: Comment) -> SubjectRef:
    """The subject is the requirement, so that its history shows the comment."""
    row = edition(comment.edition).by_id[comment.requirement]
    return SubjectRef("requirement", row.id, row.title.ja)
