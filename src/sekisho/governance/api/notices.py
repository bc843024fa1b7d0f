"""API operations of the notices."""

from datetime import date, datetime
from uuid import UUID

from ninja import Schema

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.api.router import router
from sekisho.governance.queries.notice_words import number_of, roles_of, title_of, url_of
from sekisho.governance.queries.notices import Seen, seen_by
from sekisho.governance.rules.notices import NoticeKind
from sekisho.kernel.access import Role, allow
from sekisho.ui.request import Request


class NoticeRow(Schema):
    """An open notice as the reader sees it; ``urgency`` is today, week or know, ``url`` the page to act on.

    ``number`` counts the subjects it is about, 0 where that says nothing; ``until`` is the day it is about.
    """

    id: UUID
    kind: NoticeKind
    urgency: str
    title: str
    subject: str
    number: int
    since: datetime
    until: date | None
    overdue: bool
    roles: list[Role]
    person: str
    mine: bool
    read: bool
    put_off_until: date | None
    url: str


@router.get("/notices", response=list[NoticeRow], operation_id="governance_notices")
@allow(GovernanceAction.VIEW)
def notices(request: Request) -> list[NoticeRow]:
    """List the open notices that the reader may see, the most urgent first."""
    return [_row(seen, request.display.language) for seen in seen_by(request.actor)]


def _row(seen: Seen, language: str) -> NoticeRow:
    notice = seen.notice
    return NoticeRow(
        id=notice.pk,
        kind=NoticeKind(notice.kind),
        urgency=seen.urgency.name.lower(),
        title=title_of(notice, language),
        subject=notice.subject,
        number=number_of(notice),
        since=notice.since,
        until=notice.until,
        overdue=notice.overdue,
        roles=roles_of(notice),
        person=notice.person_name,
        mine=seen.mine,
        read=seen.read,
        put_off_until=notice.snoozed_until if seen.snoozed else None,
        url=url_of(notice),
    )
