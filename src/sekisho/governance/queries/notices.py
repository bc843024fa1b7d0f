"""Reading notices: those that a person may see, how many wait for them, and everything that ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, QuerySet

from sekisho.governance.models import Notice, NoticeRead
from sekisho.governance.rules.notices import NoticeKind, Urgency, is_snoozed
from sekisho.kernel import clock, registry
from sekisho.kernel.access import REVIEWERS, Role
from sekisho.kernel.actor import Actor, ActorKind
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import Directory
from sekisho.ledgers.queries import own_accounts, visible_to, waiting_for

NOTICES_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Seen:
    """A notice as one person sees it. ``mine``: they, or one of their roles, are responsible."""

    notice: Notice
    mine: bool
    read: bool
    snoozed: bool

    @property
    def urgency(self) -> Urgency:
        """How soon somebody has to move."""
        return Urgency(self.notice.urgency)


def today() -> date:
    """Return the present day at the facility."""
    return clock.now().astimezone(FACILITY_ZONE).date()


def open_notices() -> "QuerySet[Notice]":
    """Return the notices whose cause is still there, the most urgent first; among these what is due first."""
    rows = Notice.objects.filter(ended_at=None)
    return rows.order_by("-urgency", F("until").asc(nulls_last=True), "-worsened_at", "id")


def seen_by(actor: Actor) -> list[Seen]:
    """Return the open notices that a person may see, the most urgent first."""
    rows = list(open_notices().annotate(read=Exists(_reads(actor))))
    return _seen(actor, rows)


def _reads(actor: Actor) -> "QuerySet[NoticeRead]":
    """What was read before it turned worse has not been read."""
    return NoticeRead.objects.filter(notice=OuterRef("pk"), account=actor.id, read_at__gte=OuterRef("worsened_at"))


def _seen(actor: Actor, rows: Sequence[Notice]) -> list[Seen]:
    applications = {row.ref for row in rows if row.kind == NoticeKind.DECIDE}
    visible, waiting = _ids(visible_to(actor), applications), _ids(waiting_for(actor), applications)
    own, day = _own_ids(actor), today()
    return [
        Seen(
            notice=row,
            mine=row.ref in waiting if row.kind == NoticeKind.DECIDE else _is_mine(row, own, actor.roles),
            read=bool(getattr(row, "read", False)),
            snoozed=is_snoozed(row.snoozed_until, row.snoozed_at, row.worsened_at, day),
        )
        for row in rows
        if row.kind != NoticeKind.DECIDE or row.ref in visible
    ]


def _ids(rows: "QuerySet[Any]", wanted: Iterable[str]) -> set[str]:
    ids = [UUID(one) for one in wanted]
    return {str(pk) for pk in rows.filter(pk__in=ids).values_list("pk", flat=True)} if ids else set()


def _own_ids(actor: Actor) -> frozenset[str]:
    """Return the ids by which the person who acts may be named: every account, and the person."""
    if actor.kind is not ActorKind.PERSON:
        return frozenset()
    directories = registry.current().offers(Directory)  # type: ignore[type-abstract]  # asked for by its protocol
    people = {person.id for directory in directories if (person := directory.person_of(actor.id))}
    return own_accounts(actor) | people


def _is_mine(row: Notice, own: frozenset[str], roles: frozenset[Role]) -> bool:
    return row.person in own if row.person else any(f",{role.value}," in row.roles for role in roles)


def waiting_number(actor: Actor) -> int:
    """Return how many notices wait for the person: open, theirs, not read, not put off. Shown beside the menu entry."""
    rows = list(open_notices().annotate(read=Exists(_reads(actor))).filter(read=False).defer("members", "facts"))
    return sum(seen.mine and not seen.snoozed for seen in _seen(actor, rows)) if rows else 0


def ended_notices(actor: Actor, kind: NoticeKind | None, page: int = 1) -> "Page[Notice]":
    """Return one page of the notices that ended, the newest end first; of applications for reviewers only."""
    rows = Notice.objects.exclude(ended_at=None)
    rows = rows.filter(kind=kind.value) if kind else rows
    if actor.roles.isdisjoint(REVIEWERS):
        rows = rows.exclude(kind=NoticeKind.DECIDE)
    return Paginator(rows.order_by("-ended_at", "-id"), NOTICES_A_PAGE).get_page(page)


def get_notice(actor: Actor, notice_id: UUID) -> Seen:
    """Return an open notice that the person may see. Raises NotFound."""
    found = _seen(actor, list(open_notices().annotate(read=Exists(_reads(actor))).filter(pk=notice_id)))
    if not found:
        raise NotFound
    return found[0]
