"""Trainings: who was taught what when, and who of those that work here was not taught within a year."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.db.models import Q

from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import _
from sekisho.kernel.wording import says_something
from sekisho.people.actions import TRAININGS_TITLE, TrainingAction
from sekisho.people.models import AccountKind, Owner, Training, TrainingKind
from sekisho.people.queries.people import today

_YEAR = timedelta(days=365)
_NOT_TAUGHT = _("A training within a year, with what was taught")
_NOT_BEGUN = _("The training of somebody new")

TRAININGS = Ledger(
    id="people.trainings",
    title=TRAININGS_TITLE,
    model=Training,
    columns=(
        Column("held_on", _("Held on"), listed=True),
        Column("title", _("Training"), listed=True),
        Column("kind", _("Kind"), listed=True, filtered=True),
        Column("staff", _("Taught"), _("One entry a person. Read the list of attendance in as a file."), listed=True),
        Column("material", _("Material"), _("What was taught from, and where it is kept."), listed=True),
        Column("teacher", _("Teacher")),
        Column("result", _("Understanding"), _("Marks of a test, or how it was made sure of."), listed=True),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.PLANNING_MANAGER,
    review_every=_YEAR,
    actions=TrainingAction,
    prefix="TR",
    group=Group.SECURITY,
    happens_on="held_on",
)


def taught() -> Iterator[Member]:
    """Yield everybody who works here, with the training they lack; an emergency account is nobody.

    Who began within the year needs a training for newcomers, on or after the day they began or in the month before.
    """
    day = today()
    held = _held(day)
    for person in _staff(day):
        mine = held.get(person.pk, ())
        missing = [] if any(_says_what(one) for one in mine) else [_NOT_TAUGHT]
        if not _has_begun(person, mine, day):
            missing.append(_NOT_BEGUN)
        confirmed = max((one.confirmed_at for one in mine), default=None)
        yield Member(frozenset(), str(person), tuple(missing), confirmed)


def _staff(day: date) -> Iterable[Owner]:
    begun = Q(employed_from=None) | Q(employed_from__lte=day)
    not_over = Q(employed_until=None) | Q(employed_until__gte=day)
    rows = Owner.objects.filter(begun, not_over).exclude(accounts__kind=AccountKind.EMERGENCY)
    return rows.order_by("kana", "name", "id")


def _held(day: date) -> dict[object, list[Training]]:
    """Return the trainings of the year up to ``day`` by person; a training of tomorrow taught nobody."""
    found: dict[object, list[Training]] = {}
    rows = Training.objects.filter(closed_at=None, struck_at=None, held_on__range=(day - _YEAR, day))
    for row in rows.order_by("held_on", "number"):
        found.setdefault(row.staff_id, []).append(row)
    return found


def _says_what(row: Training) -> bool:
    return says_something(row.title) and says_something(row.material)


def _has_begun(person: Owner, mine: Iterable[Training], day: date) -> bool:
    first = person.employed_from
    if first is None or day - first > _YEAR:
        return True
    early = first - timedelta(days=31)
    return any(one.kind == TrainingKind.NEWCOMER and one.held_on >= early and _says_what(one) for one in mine)


TRAINING_COVERAGE = Coverage(
    id="people.trainings",
    title=_("Training of everybody within a year, and of whoever is new"),
    population=_("Everybody who works here"),
    measure=taught,
    route="people:trainings",
)
