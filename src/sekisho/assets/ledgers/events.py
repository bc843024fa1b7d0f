"""Members of what a ledger of events covers: a closed entry counts like any other, for closing undoes nothing."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sekisho.estate.queries import subjects
from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Content, Ledger, Member
from sekisho.kernel.ports import SubjectKind, SubjectProvider
from sekisho.kernel.reading import once
from sekisho.kernel.text import _
from sekisho.kernel.wording import says_something
from sekisho.ledgers.queries.applications import approved_in_time
from sekisho.ledgers.queries.books import Look, Shelf, every_entry, get_entry, number_of
from sekisho.ledgers.queries.keeping import Wanted, missing_numbers
from sekisho.ledgers.queries.no_cases import statement

_VANISHED = _("The entry itself: its number was given, and it is not there")


def today() -> date:
    """Return the present day in the facility."""
    return in_facility(clock.now()).date()


def not_struck(ledger: Ledger) -> list[Any]:
    """Return every entry that was not struck out, in use or closed; read once in one reading."""
    every = Look(shelf=Shelf.ALL)
    return once(("not struck", ledger.id), lambda: [row for row in every_entry(ledger, every) if row.struck_at is None])


def event_members(
    ledger: Ledger,
    wanted: Wanted,
    *,
    belongs_to: Sequence[str],
    only: Callable[[Any], bool],
    groups: Callable[[Any], frozenset[str]] = lambda _row: frozenset(),
) -> Iterator[Member]:
    """Yield every entry, closed ones too, for which ``only`` holds, with what it lacks; and every one that vanished.

    What is long done is not looked at again: each is as fresh as the newest word in the ledger. ``groups`` returns the
    ids of the groups of devices that an entry speaks of, and for None those of which one that vanished may have spoken.
    """
    rows = not_struck(ledger)
    fresh = kept_up(ledger, rows)
    for row in filter(only, rows):
        missing = tuple(title for value, title in wanted(row) if not _is_said(value))
        ids = {str(found) for name in belongs_to if (found := getattr(row, f"{name}_id"))}
        yield Member(groups(row) | ids, f"{number_of(ledger, row.number)} {row}", missing, fresh)
    for number in missing_numbers(ledger):
        yield Member(groups(None), number_of(ledger, number), (_VANISHED,))


def noting_first_approval(ledger: Ledger) -> Callable[[Actor, UUID, Content], None]:
    """Return what a workflow runs on the last approval: what was done already is allowed, and what follows is done.

    What was done in an emergency, applied for and approved within the time for each, was allowed when it was done.
    """

    def note(actor: Actor, application_id: UUID, content: Content) -> None:
        entry: Any = get_entry(ledger, UUID(str(content["entry"])))
        done = entry.began_on
        if done is not None and entry.allowed_on is None and approved_in_time(application_id, done):
            _allow(entry, done)
        if ledger.follows is not None:
            ledger.follows(actor, entry)

    return note


def keep_allowance(entry: Any) -> None:
    """Keep under which approval something was done: the one that stands when it is noted, or the first afterwards.

    A later change asks for another approval and takes this day not away. What has not been done is allowed by nothing
    but the approval it has now: that of another thing, or one that was revoked, stands for nothing.
    """
    if entry.began_on is None:
        if entry.allowed_on is not None:
            _allow(entry, None)
    elif entry.allowed_on is None and entry.is_approved:
        _allow(entry, in_facility(entry.approved_at).date())


def _allow(entry: Any, day: date | None) -> None:
    entry.allowed_on = day
    type(entry)._default_manager.filter(pk=entry.pk).update(allowed_on=day)


def no_case(ledger: Ledger, subjects: frozenset[str]) -> Iterator[Member]:
    """Yield what somebody stated, if it holds: that nothing happened, at none of ``subjects``."""
    if stated := statement(ledger):
        label = _("No case, as %(name)s stated", name=stated.stated_by_name)
        yield Member(subjects, str(label), (), stated.stated_at)


def kept_up(ledger: Ledger, rows: Sequence[Any]) -> datetime | None:
    """Return when somebody last wrote or confirmed anything in a ledger, or stated that there was nothing else."""
    stated = statement(ledger)
    said = [row.confirmed_at for row in rows] + ([stated.stated_at] if stated else [])
    return max(said, default=None)


def _is_said(value: object) -> bool:
    return says_something(value) if isinstance(value, str) else bool(value)


def subject_ids(kind: SubjectKind) -> frozenset[str]:
    """Return the ids of everything of a kind that the estate knows."""
    provider = subjects.implementation
    if not isinstance(provider, SubjectProvider):
        return frozenset()
    return frozenset(row.id for row in once(("subjects", kind), lambda: list(provider.subjects(kind))))
