"""What the page of a requirement shows of the work on it: who looks after it, by when, and the comments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.forms.work import CommentForm
from sekisho.governance.models import Comment
from sekisho.governance.queries.work import comments_page, work_on
from sekisho.governance.rules.catalogue import Requirement
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.views.wording import due_badge
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.ledgers.queries import own_accounts
from sekisho.register.actions import RegisterAction
from sekisho.register.queries import history
from sekisho.register.views.events import event_table
from sekisho.ui.display import Display
from sekisho.ui.pager import PagePosition, page_number
from sekisho.ui.request import Request

_SETTLING = {GovernanceAction.ASSIGN.value, GovernanceAction.SET_DUE.value}


@dataclass(frozen=True, slots=True)
class StruckLine:
    """How a comment was struck out."""

    reason: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One comment; ``strike_url`` is empty for readers who did not write it."""

    text: str
    name: str
    at: datetime
    struck: StruckLine | None
    strike_url: str


def work_context(request: Request, leaf: Requirement, verdict: Verdict, comment: CommentForm | None) -> dict[str, Any]:
    """Return what the page shows of the work on a requirement; ``comment`` is one that was refused."""
    actor, work = request.actor, work_on(leaf.id)
    found = comments_page(leaf.id, page_number(request.GET, "comments"))
    may_comment = actor.may(GovernanceAction.COMMENT)
    return {
        "work": work,
        "overdue": due_badge(work.due_on, verdict, clock.now().astimezone(FACILITY_ZONE).date()),
        "settle_url": reverse("governance:settle", args=[leaf.id]) if actor.may(GovernanceAction.ASSIGN) else "",
        "work_history": _work_history(actor, leaf, request.display),
        "comments": _lines(actor, list(found.object_list), leaf),
        "comments_page": PagePosition(found.number, found.paginator.num_pages, found.paginator.count),
        "comment_form": (comment or CommentForm()) if may_comment else None,
        "comment_url": reverse("governance:comment", args=[leaf.id]),
    }


def _work_history(actor: Actor, leaf: Requirement, display: Display) -> dict[str, Any] | None:
    """Return the table of who settled what when, None for a reader who may not see the register or for nothing."""
    if not actor.may(RegisterAction.VIEW):
        return None
    events = [event for event in history("requirement", leaf.id) if event.document["action"] in _SETTLING]
    return event_table(events, display) if events else None


def _lines(actor: Actor, comments: Sequence[Comment], leaf: Requirement) -> list[CommentLine]:
    own = own_accounts(actor) if comments and actor.may(GovernanceAction.STRIKE_COMMENT) else frozenset()
    return [_line(comment, leaf, is_own=comment.written_by in own) for comment in comments]


def _line(comment: Comment, leaf: Requirement, *, is_own: bool) -> CommentLine:
    struck = getattr(comment, "struck", None)
    return CommentLine(
        text=comment.text,
        name=comment.written_by_name,
        at=comment.written_at,
        struck=StruckLine(struck.reason, struck.struck_by_name, struck.struck_at) if struck else None,
        strike_url=reverse("governance:strike", args=[leaf.id, comment.pk]) if is_own and not struck else "",
    )
