"""Which applications are not decided in time: what the control of the approvals looks at."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q

from sekisho.kernel import clock, registry
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Subject, SubjectKind, SubjectProvider
from sekisho.kernel.text import _
from sekisho.ledgers.models import Application
from sekisho.ledgers.rules.applications import State
from sekisho.ledgers.rules.in_time import Course, Late, lateness

_MOST_NAMED = 20
_AT_ONCE = 500


def late_applications() -> Iterator[tuple[Late, str]]:
    """Yield every application that is late, and what it is about."""
    now = clock.now()
    later = Application.objects.filter(
        workflow=OuterRef("workflow"),
        key=OuterRef("key"),
        subject_id=OuterRef("subject_id"),
        state=State.APPROVED,
        changed_at__gte=OuterRef("applied_at"),
    )
    rows = Application.objects.filter(
        Q(state__in=[State.SUBMITTED, State.SENT_BACK]) | Q(state=State.WITHDRAWN, decide_by__lt=now)
    )
    rows = rows.annotate(approved_since=Exists(later)).order_by("changed_at", "id")
    wanted = rows.values_list("state", "changed_at", "decide_by", "approved_since", "title")
    for state, moved_at, decide_by, approved_since, title in wanted.iterator(_AT_ONCE):
        why = lateness(Course(State(state), moved_at, decide_by, approved_since), now)
        if why is not None:
            yield why, title


def findings() -> Iterator[Finding]:
    """Yield one finding about the facility: whether its applications are decided in time. None at all show nothing."""
    for provider in registry.current().offers(SubjectProvider):  # type: ignore[type-abstract]  # asked by protocol
        if SubjectKind.FACILITY in provider.kinds():
            for subject in provider.subjects(SubjectKind.FACILITY):
                yield _finding(subject)


def _finding(subject: Subject) -> Finding:
    found: dict[Late, list[str]] = {why: [] for why in Late}
    for why, title in late_applications():
        found[why].append(title)
    number = Application.objects.count()
    if found[Late.OVERDUE] or found[Late.NEVER]:
        outcome, message = Outcome.FAIL, _("What was done in an emergency was not approved within its time.")
    elif found[Late.WAITING]:
        outcome, message = Outcome.FAIL, _("Applications have waited for a decision for more than two weeks.")
    elif not number:
        outcome, message = Outcome.UNKNOWN, _("Nobody has applied for anything, so nothing shows how it is decided.")
    else:
        outcome, message = Outcome.PASS, _("No application waits longer than it may.")
    late: dict[str, Json] = {str(why): list(titles[:_MOST_NAMED]) for why, titles in found.items()}
    facts: dict[str, Json] = {"applications": number, "late": sum(map(len, found.values()))} | late
    return Finding(subject, outcome, message, clock.now(), facts)
